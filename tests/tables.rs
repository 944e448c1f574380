//! The list of differences between `simplified` and OpenCC's t2s, which the
//! generator writes beside the tables.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test panics"
)]

#[path = "oracle/mod.rs"]
mod oracle;

use hanfold::{Config, Normalizer, Options, Script, StageName, TofuRisk};
use oracle::{Rng, texts};

/// Text, what t2s makes of it, what simplified does, why.
fn differences() -> Vec<[&'static str; 4]> {
    let list = include_str!("../src/tables/simplified-differences.txt");
    list.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split('\t').collect::<Vec<_>>().try_into().unwrap())
        .collect()
}

fn script(script: Script) -> Normalizer {
    Normalizer::new(
        Options::default()
            .script(script)
            .tofu_risk(TofuRisk::Include)
            .only([StageName::Script]),
    )
}

#[test]
fn the_list_says_what_happens() {
    let t2s = script(Script::OpenCc(Config::T2s));
    let simplified = script(Script::Simplified);
    let list = differences();
    for [text, theirs, ours, why] in &list {
        assert_eq!(t2s.normalize(text), *theirs, "{text}");
        assert_eq!(simplified.normalize(text), *ours, "{text}");
        assert_eq!(simplified.normalize(ours), *ours, "{text} is stable");
        assert!(!why.is_empty(), "{text}");
    }
    // The one everybody knows.
    assert!(list.iter().any(|row| row[..3] == ["乾图", "干图", "乾图"]));
}

#[test]
fn there_is_no_other_difference() {
    let t2s = script(Script::OpenCc(Config::T2s));
    let simplified = script(Script::Simplified);
    let list = differences();
    let mut alike = 0;
    for seed in 0..6_000 {
        let text = texts::text(seed);
        let text = String::from_utf8_lossy(&text);
        // Compatibility ideographs, description sequences and lines of other
        // languages have rules of their own.
        let special = |c: char| {
            matches!(c,
                '\u{F900}'..='\u{FAFF}' | '\u{2F800}'..='\u{2FA1F}'
                | '\u{2FF0}'..='\u{2FFF}' | '\u{3041}'..='\u{30FF}'
                | '\u{AC00}'..='\u{D7A3}' | '\u{1100}'..='\u{11FF}'
                | '\u{3131}'..='\u{318E}' | '\u{FF66}'..='\u{FF9D}'
                | '\u{31F0}'..='\u{31FF}')
        };
        let text = text.replace(special, "");
        if list.iter().any(|row| text.contains(row[0])) {
            continue;
        }
        assert_eq!(simplified.normalize(&text), t2s.normalize(&text));
        alike += 1;
    }
    assert!(alike > 2_000, "{alike} texts without a listed entry");
}

/// Pieces of the list alone: far denser than any text.
#[test]
fn what_differs_is_stable() {
    let simplified = script(Script::Simplified);
    let list = differences();
    for seed in 0..60_000 {
        let mut rng = Rng(seed);
        let mut text = String::new();
        for _ in 0..1 + rng.below(12) {
            let row = list[rng.below(list.len())][rng.below(3)];
            let len = row.chars().count();
            let from = if rng.below(2) == 0 { 0 } else { rng.below(len) };
            text.extend(row.chars().skip(from));
        }
        let once = simplified.normalize(&text);
        assert_eq!(simplified.normalize(&once), once, "from {text}");
    }
}
