//! Each clever loop against its obvious twin, over the texts of the oracles.

#![allow(clippy::indexing_slicing, clippy::unwrap_used)]

use std::collections::HashMap;

use crate::properties::oracle::texts;
use crate::tables::{MAX_KEY_CHARS, SIMPLIFIED, ScriptTable, T2S};
use crate::{Config, Normalizer, Options, Script, StageName};

fn over_texts(each: impl Fn(&str)) {
    for seed in 10_000..12_000 {
        each(&String::from_utf8_lossy(&texts::text(seed)));
    }
}

/// Phrases in a hash map, characters one by one.
fn naive_script(table: &ScriptTable, text: &str) -> String {
    let phrases: HashMap<&str, &str> = table.all_phrases().collect();
    let plain: Vec<char> = text.chars().map(|c| table.plain(c)).collect();
    let mut out = String::new();
    let mut at = 0;
    while at < plain.len() {
        let longest = MAX_KEY_CHARS.min(plain.len() - at);
        let found = (2..=longest).rev().find_map(|n| {
            let key: String = plain[at..at + n].iter().collect();
            phrases.get(key.as_str()).map(|value| (n, *value))
        });
        if let Some((n, value)) = found {
            out.push_str(value);
            at += n;
        } else {
            let becomes = table.row(plain[at] as u32).becomes();
            out.push(becomes.unwrap_or(plain[at]));
            at += 1;
        }
    }
    out
}

#[test]
fn script() {
    let tables = [
        (&T2S, Script::OpenCc(Config::T2s)),
        (&SIMPLIFIED, Script::Simplified),
    ];
    for (table, script) in tables {
        let options =
            Options::default().script(script).only([StageName::Script]);
        let n = Normalizer::new(options);
        over_texts(|text| {
            // Description sequences have their own test, and a mark at the
            // start is the decoder's.
            let text = text
                .trim_start_matches('\u{FEFF}')
                .replace(|c| ('\u{2FF0}'..='\u{2FFF}').contains(&c), "");
            assert_eq!(n.normalize(&text), naive_script(table, &text));
        });
    }
}

#[test]
fn script_skips_what_has_no_row() {
    over_texts(|text| {
        let naive = text
            .char_indices()
            .find(|(_, c)| !T2S.row(*c as u32).is_plain())
            .map_or(text.len(), |(i, _)| i);
        assert_eq!(crate::script::plain_prefix(&T2S, text), naive);
    });
}

#[test]
fn fold_skips_to_the_next_bracket() {
    over_texts(|text| {
        let naive = text.find(['(', '（']).unwrap_or(text.len());
        assert_eq!(crate::fold::next_bracket(text), naive);
    });
}

#[test]
fn canon_skips_to_the_next_loud_character() {
    let loud = |c: char| {
        ",:;?!()（）\r\n\t \u{A0}\u{3000}\u{1B}".contains(c)
            || crate::chars::narrow(c).is_some()
    };
    over_texts(|text| {
        for at_start in [false, true] {
            let naive = text
                .find(|c| loud(c) || at_start && c == '\u{FEFF}')
                .unwrap_or(text.len());
            assert_eq!(crate::canon::quiet_prefix(text, at_start), naive);
        }
    });
}
