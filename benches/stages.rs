//! Each stage alone, on four texts.
//!
//! What a stage delivers is compared with what it must deliver before
//! anything is timed. A stage alone still pays for decoding UTF-8, for the
//! buffers and for the sink; `decode/utf-8` is that price.

#![allow(clippy::panic, reason = "a bench of wrong output has to fail")]

mod common;

use common::{ALL, ASCII, MIXED, NOTES, SIMPLIFIED, TRADITIONAL, Text};
use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group,
    criterion_main, measurement::WallTime,
};
use hanfold::{Encoding, Normalizer, Options, StageName};

/// Bytes of each text.
const SIZE: usize = 256 * 1024;

fn only(stage: StageName, encoding: Encoding) -> Normalizer {
    Normalizer::new(Options::default().only([stage]).encoding(encoding))
}

fn run(normalizer: &Normalizer, bytes: &[u8], room: usize) -> String {
    let mut stream = normalizer.stream(String::with_capacity(room));
    stream.feed(bytes);
    stream.finish()
}

/// Compares without printing a quarter of a megabyte.
fn check(what: &str, got: &str, wanted: &str) {
    let same = got.bytes().zip(wanted.bytes()).take_while(|(a, b)| a == b);
    let at = same.count();
    assert!(got == wanted, "{what}: other output from byte {at} on");
}

fn bench(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    normalizer: &Normalizer,
    bytes: &[u8],
    wanted: &str,
) {
    check(name, &run(normalizer, bytes, wanted.len()), wanted);
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_with_input(
        BenchmarkId::from_parameter(name),
        bytes,
        |b, x| {
            b.iter(|| run(normalizer, x, wanted.len()));
        },
    );
}

fn decode(c: &mut Criterion) {
    let cases = [
        ("utf-8", encoding_rs::UTF_8, Encoding::UTF_8),
        ("gb18030", encoding_rs::GB18030, label("gb18030")),
    ];
    for (name, encoder, encoding) in cases {
        let normalizer = only(StageName::Decode, encoding);
        let mut group = c.benchmark_group(format!("decode/{name}"));
        for text in ALL {
            let wanted = text.raw(SIZE);
            let (bytes, _, lossy) = encoder.encode(&wanted);
            assert!(!lossy, "{name} has every character");
            bench(&mut group, text.name, &normalizer, &bytes, &wanted);
        }
    }
}

fn label(name: &str) -> Encoding {
    match name.parse() {
        Ok(encoding) => encoding,
        Err(error) => panic!("{error}"),
    }
}

/// One stage on each text, with what it has to make of it.
fn stage(
    c: &mut Criterion,
    stage: StageName,
    wanted: impl Fn(&Text) -> String,
) {
    let normalizer = only(stage, Encoding::UTF_8);
    let mut group = c.benchmark_group(stage.name());
    for text in ALL {
        let raw = text.raw(SIZE);
        let wanted = wanted(text).repeat(raw.len() / text.raw.len());
        bench(&mut group, text.name, &normalizer, raw.as_bytes(), &wanted);
    }
}

fn repair(c: &mut Criterion) {
    stage(c, StageName::Repair, |text| text.raw.to_owned());
}

fn fold(c: &mut Criterion) {
    stage(c, StageName::Fold, folded);
}

/// The text without its annotations.
fn folded(text: &Text) -> String {
    NOTES.iter().fold(text.raw.to_owned(), |t, note| t.replace(note, ""))
}

fn script(c: &mut Criterion) {
    let normalizer = only(StageName::Script, Encoding::UTF_8);
    stage(c, StageName::Script, |text| {
        if text.name != MIXED.name {
            return text.canonical.to_owned();
        }
        // Converted line by line, which must give the same.
        let lines = text.raw.split_inclusive('\n');
        lines.map(|line| run(&normalizer, line.as_bytes(), 0)).collect()
    });
}

fn canon(c: &mut Criterion) {
    let normalizer = only(StageName::Canon, Encoding::UTF_8);
    let convert = only(StageName::Script, Encoding::UTF_8);
    // Two texts are canonical but for their script, two altogether.
    for text in [&TRADITIONAL, &SIMPLIFIED, &ASCII] {
        let out = run(&normalizer, text.raw.as_bytes(), 0);
        check(text.name, &out, text.raw);
    }
    // The stages in turn are the pipeline.
    let out = run(&convert, folded(&MIXED).as_bytes(), 0);
    let out = run(&normalizer, out.as_bytes(), 0);
    check(MIXED.name, &out, MIXED.canonical);

    stage(c, StageName::Canon, |text| {
        let lines = text.raw.split_inclusive('\n');
        lines.map(|line| run(&normalizer, line.as_bytes(), 0)).collect()
    });
}

criterion_group!(stages, decode, repair, fold, script, canon);
criterion_main!(stages);
