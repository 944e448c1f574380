//! The cases in `tests/cases/*.toml`, each fed whole, one byte at a time and
//! cut in two at every place.
//!
//! A file holds `[[case]]` tables: `name`; `input`, or `hex` where the input
//! is not UTF-8; `expected`; optionally `options`, `rules` (the names of all
//! edits, in order), `candidates` (of all edits, in order), `notices` (of each,
//! in order, the name of its rule, its text, its detail and its candidates) and
//! `note`. Those in `known-failures.toml` say what we would want and must fail:
//! one that passes has to move.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test panics"
)]

mod oracle;

use std::path::Path;

use hanfold::{Encoding, Explanation, Normalizer, Options};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    input: Option<String>,
    hex: Option<String>,
    expected: String,
    #[serde(default)]
    options: Options,
    rules: Option<Vec<String>>,
    candidates: Option<Vec<Vec<String>>>,
    notices: Option<Vec<Vec<String>>>,
    #[allow(dead_code, reason = "for the reader of the file")]
    note: Option<String>,
}

impl Case {
    fn data(&self) -> Vec<u8> {
        match (&self.input, &self.hex) {
            (Some(text), None) => text.clone().into_bytes(),
            (None, Some(hex)) => {
                let digits: String = hex.split_whitespace().collect();
                (0..digits.len())
                    .step_by(2)
                    .map(|i| u8::from_str_radix(&digits[i..i + 2], 16))
                    .collect::<Result<_, _>>()
                    .unwrap()
            }
            _ => panic!("{}: needs either input or hex", self.name),
        }
    }

    /// What is wrong with the outcome, if anything.
    fn failure(&self) -> Option<String> {
        let mut stream = Normalizer::new(self.options.clone())
            .stream(Explanation::default());
        stream.feed(self.data());
        let found = stream.finish();
        let rules: Vec<_> = found.edits().map(|e| e.rule().name()).collect();
        let candidates: Vec<Vec<_>> =
            found.edits().map(|e| e.candidates().collect()).collect();
        let notices: Vec<Vec<_>> = found
            .notices()
            .iter()
            .map(|n| {
                let told = [n.rule.name(), &n.text, n.detail];
                let candidates = n.candidates.iter().map(String::as_str);
                told.into_iter().chain(candidates).collect()
            })
            .collect();
        if found.text() != self.expected {
            Some(format!("{:?}, not {:?}", found.text(), self.expected))
        } else if self.rules.as_ref().is_some_and(|wanted| *wanted != rules) {
            Some(format!("{rules:?}, not {:?}", self.rules))
        } else if self.candidates.as_ref().is_some_and(|c| *c != candidates) {
            Some(format!("{candidates:?}, not {:?}", self.candidates))
        } else if self.notices.as_ref().is_some_and(|n| *n != notices) {
            Some(format!("{notices:?}, not {:?}", self.notices))
        } else {
            None
        }
    }
}

fn run(name: &str, must_pass: bool) {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(name);
    let text = std::fs::read_to_string(&path).unwrap();
    let file: File = toml::from_str(&text).unwrap();
    assert!(!file.case.is_empty(), "{name} holds no case");
    let mut failures = Vec::new();
    for case in &file.case {
        match (case.failure(), must_pass) {
            (None, true) => {}
            (Some(why), true) => {
                failures.push(format!("{}: {why}", case.name))
            }
            (Some(_), false) => {}
            (None, false) => {
                failures.push(format!("{} passes now: move it", case.name))
            }
        }
        let data = case.data();
        oracle::every_cut(&case.options, &data);
        oracle::explained_with(&case.options, &data);
        if case.options.encoding == Encoding::AUTO
            && std::str::from_utf8(&data).is_ok()
        {
            // Detection holds text back and so hides what the stages do.
            let given = case.options.clone().encoding(Encoding::UTF_8);
            oracle::every_cut(&given, &data);
        }
    }
    assert!(failures.is_empty(), "{name}:\n{}", failures.join("\n"));
}

macro_rules! files {
    ($($test:ident $file:literal $must_pass:literal)*) => {
        $(#[test]
        fn $test() {
            run($file, $must_pass);
        })*

        #[test]
        fn no_file_is_forgotten() {
            let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");
            for file in std::fs::read_dir(dir).unwrap() {
                let name = file.unwrap().file_name();
                assert!([$($file),*].iter().any(|f| name == *f), "{name:?}");
            }
        }
    };
}

files! {
    decode "decode.toml" true
    detect "detect.toml" true
    regions "regions.toml" true
    charsets "charsets.toml" true
    repair "repair.toml" true
    lost "lost.toml" true
    unrecoverable "unrecoverable.toml" true
    fold "fold.toml" true
    script "script.toml" true
    dictionary "dictionary.toml" true
    script_contexts "script-contexts.toml" true
    script_lines "script-lines.toml" true
    canon "canon.toml" true
    whole "whole.toml" true
    known_failures "known-failures.toml" false
}
