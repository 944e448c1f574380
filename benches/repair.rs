//! The stage repair beside what it is built on, in one process.
//!
//! `cargo bench --bench repair` takes the texts of `common`, or those of UTF-8
//! files that are named behind `--`. What is printed are ratios of speed,
//! each the median of rounds that take turns: of validating and copying the
//! text to the pipeline with nothing but decoding and repair, and of the whole
//! pipeline without repair to that with it: 1 is as fast. With `--test` output
//! is compared and nothing timed.

#![allow(clippy::panic, reason = "a bench of wrong output has to fail")]

#[allow(dead_code, reason = "not every bench needs it all")]
mod common;

use std::env;
use std::hint::black_box;
use std::time::Instant;

use common::ALL;
use hanfold::{Encoding, Normalizer, Options, Repair, Sink, StageName};

/// Bytes of each text, at least.
const SIZE: usize = 8_000_000;
const ROUNDS: usize = 15;
/// What a program reads at a time.
const PIECE: usize = 64 * 1024;

/// Takes the text and looks at its length.
#[derive(Default)]
struct Length(usize);

impl Sink for Length {
    fn text(&mut self, text: &str) {
        self.0 += black_box(text).len();
    }
}

fn ours(normalizer: &Normalizer, text: &str) -> usize {
    let mut stream = normalizer.stream(Length::default());
    for piece in text.as_bytes().chunks(PIECE) {
        stream.feed(piece);
    }
    stream.finish().0
}

/// Whole lines, as many as a piece holds, validated and copied.
fn validated(text: &str) -> usize {
    let mut bytes = text.as_bytes();
    let mut out = String::with_capacity(PIECE);
    let mut length = 0;
    while !bytes.is_empty() {
        let piece = bytes.get(..PIECE).unwrap_or(bytes);
        let end = memchr::memrchr(b'\n', piece).map_or(piece.len(), |e| e + 1);
        let (lines, rest) = bytes.split_at(end);
        out.clear();
        out.push_str(simdutf8::basic::from_utf8(lines).unwrap_or_default());
        length += black_box(&out).len();
        bytes = rest;
    }
    length
}

fn row(name: &str, text: &str, test: bool) {
    let options = || Options::default().encoding(Encoding::UTF_8);
    let only = |repair| {
        let stages = [StageName::Decode, StageName::Repair];
        Normalizer::new(options().only(stages).repair(repair))
    };
    let whole = |repair| Normalizer::new(options().repair(repair));
    let stages = [only(Repair::Off), only(Repair::Auto)];
    let wholes = [whole(Repair::Off), whole(Repair::Auto)];
    let mut stream = only(Repair::Auto).stream(String::new());
    stream.feed(text.as_bytes());
    assert!(stream.finish() == text, "{name}: other text");
    if test {
        return;
    }
    let mut times = [const { Vec::new() }; 5];
    let [off, auto] = &stages;
    let [without, with] = &wholes;
    for _ in 0..ROUNDS {
        let runs: [&dyn Fn() -> usize; 5] = [
            &|| validated(text),
            &|| ours(off, text),
            &|| ours(auto, text),
            &|| ours(without, text),
            &|| ours(with, text),
        ];
        for (run, times) in runs.iter().zip(&mut times) {
            let start = Instant::now();
            black_box(run());
            times.push(start.elapsed().as_secs_f64());
        }
    }
    let median = |mut all: Vec<f64>| {
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).copied().unwrap_or(0.0)
    };
    let ratio = |a: &[f64], b: &[f64]| {
        median(a.iter().zip(b).map(|(a, b)| a / b).collect())
    };
    let [copy, off, auto, without, with] = times;
    let own: Vec<f64> = auto.iter().zip(&off).map(|(a, b)| a - b).collect();
    println!(
        "{name:20} {:.2} of a copy (decoding alone {:.2}), the stage itself \
         {:.2}; whole pipeline {:.3} of that without",
        ratio(&copy, &auto),
        ratio(&copy, &off),
        ratio(&copy, &own),
        ratio(&without, &with),
    );
}

fn main() {
    let words: Vec<String> = env::args().skip(1).collect();
    let test = words.iter().any(|word| word == "--test");
    let files: Vec<&String> =
        words.iter().filter(|word| !word.starts_with("--")).collect();
    let mut texts = Vec::new();
    for file in files {
        match std::fs::read_to_string(file) {
            Ok(text) => texts.push((file.clone(), text)),
            Err(error) => panic!("{file}: {error}"),
        }
    }
    if texts.is_empty() {
        for text in ALL {
            texts.push((text.name.to_string(), text.raw.to_string()));
        }
    }
    let size = if test { 40_000 } else { SIZE };
    for (name, text) in texts {
        let name = name.rsplit('/').next().unwrap_or_default();
        let mut text = text.repeat(size / text.len().max(1) + 1);
        let end = (0..=size).rfind(|at| text.is_char_boundary(*at));
        text.truncate(end.unwrap_or(0));
        row(name, &text, test);
    }
}
