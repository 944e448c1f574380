//! The stage decode beside what it is built on, in one process: bytes whose
//! encoding nobody has named, lines watched for other encodings, against
//! `encoding_rs` that was told, and for UTF-8 `simdutf8` and a copy.
//!
//! `cargo bench --bench decode` takes the texts of `common`, or those of UTF-8
//! files that are named behind `--`. What is printed are ratios of speed,
//! each the median of rounds that take turns: 1 is as fast as the peer. With
//! `--test` output is compared and nothing timed.

#![allow(clippy::panic, reason = "a bench of wrong output has to fail")]

#[allow(dead_code, reason = "not every bench needs it all")]
mod common;

use std::env;
use std::hint::black_box;
use std::time::Instant;

use common::{SIMPLIFIED, TRADITIONAL};
use hanfold::{Normalizer, Options, Regions, Sink, StageName};

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

fn ours(normalizer: &Normalizer, bytes: &[u8]) -> usize {
    let mut stream = normalizer.stream(Length::default());
    for piece in bytes.chunks(PIECE) {
        stream.feed(piece);
    }
    stream.finish().0
}

/// `encoding_rs` alone, as its documentation has it for a stream.
fn peer(encoding: &'static encoding_rs::Encoding, bytes: &[u8]) -> usize {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let room = decoder.max_utf8_buffer_length(PIECE).unwrap_or(4 * PIECE);
    let mut out = String::with_capacity(room);
    let mut length = 0;
    for piece in bytes.chunks(PIECE) {
        out.clear();
        let _ = decoder.decode_to_string(piece, &mut out, false);
        length += black_box(&out).len();
    }
    length
}

/// Whole lines, as many as a piece holds, validated and copied.
fn validated(mut bytes: &[u8]) -> usize {
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

fn row(
    name: &str,
    encoding: &'static encoding_rs::Encoding,
    text: &str,
    test: bool,
) {
    let (bytes, _, lossy) = encoding.encode(text);
    if lossy {
        println!("{name:28} not every character of the text is in it");
        return;
    }
    let options = Options::default().only([StageName::Decode]);
    let pinned = Normalizer::new(options.clone().regions(Regions::Off));
    let follow = Normalizer::new(options);
    let mut stream = follow.stream(String::new());
    stream.feed(&bytes);
    let found = stream.encoding();
    if found != Some(encoding.name()) {
        println!("{name:28} taken for {}", found.unwrap_or("ASCII"));
        return;
    }
    assert!(stream.finish() == text, "{name}: other text");
    if test {
        return;
    }
    let utf8 = encoding == encoding_rs::UTF_8;
    let mut times = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        let runs: [&dyn Fn() -> usize; 3] = [
            &|| if utf8 { validated(&bytes) } else { peer(encoding, &bytes) },
            &|| ours(&follow, &bytes),
            &|| ours(&pinned, &bytes),
        ];
        for (run, times) in runs.iter().zip(&mut times) {
            let start = Instant::now();
            black_box(run());
            times.push(start.elapsed().as_secs_f64());
        }
    }
    let [peer, follow, pinned] = times;
    let ratio = |times: &[f64]| {
        let mut all: Vec<f64> =
            peer.iter().zip(times).map(|(peer, own)| peer / own).collect();
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).copied().unwrap_or(0.0)
    };
    println!(
        "{name:28} lines watched {:.2}, one encoding {:.2}",
        ratio(&follow),
        ratio(&pinned)
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
        for text in [SIMPLIFIED, TRADITIONAL] {
            texts.push((text.name.to_string(), text.raw.to_string()));
        }
    }
    let size = if test { 40_000 } else { SIZE };
    for (name, text) in texts {
        let name = name.rsplit('/').next().unwrap_or_default();
        let text = text.repeat(size / text.len().max(1) + 1);
        for encoding in [
            encoding_rs::UTF_8,
            encoding_rs::GB18030,
            encoding_rs::BIG5,
            encoding_rs::SHIFT_JIS,
            encoding_rs::EUC_KR,
        ] {
            let row_name = format!("{name} {}", encoding.name());
            row(&row_name, encoding, &text, test);
        }
    }
}
