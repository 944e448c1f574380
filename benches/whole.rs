//! The whole pipeline, on four texts.
//!
//! `stream` goes into a string without edits, `normalize` takes and gives
//! text, `explain` keeps every edit and span. What each delivers is compared
//! with what it must deliver before anything is timed.

mod common;

use std::borrow::Cow;

use common::ALL;
use criterion::{
    BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
};
use hanfold::{Normalizer, Options};

/// Bytes of each text.
const SIZE: usize = 256 * 1024;

fn stream(normalizer: &Normalizer, text: &str) -> String {
    let mut stream = normalizer.stream(String::with_capacity(text.len()));
    stream.feed(text);
    stream.finish()
}

fn whole(c: &mut Criterion) {
    let normalizer = Normalizer::new(Options::default());
    for text in ALL {
        let raw = text.raw(SIZE);
        let wanted = text.canonical(SIZE);
        let changed = raw != wanted;

        assert!(stream(&normalizer, &raw) == wanted, "{}", text.name);
        let normal = normalizer.normalize(&raw);
        assert!(normal == wanted, "{}", text.name);
        assert_eq!(matches!(normal, Cow::Owned(_)), changed, "{}", text.name);
        let explanation = normalizer.explain(&raw);
        assert!(explanation.text() == wanted, "{}", text.name);
        assert_eq!(!explanation.edits().is_empty(), changed, "{}", text.name);

        let mut group = c.benchmark_group(text.name);
        group.throughput(Throughput::Bytes(raw.len() as u64));
        group.bench_with_input(id("stream"), raw.as_str(), |b, raw| {
            b.iter(|| stream(&normalizer, raw));
        });
        group.bench_with_input(id("normalize"), raw.as_str(), |b, raw| {
            b.iter(|| normalizer.normalize(raw).len());
        });
        group.bench_with_input(id("explain"), raw.as_str(), |b, raw| {
            b.iter(|| normalizer.explain(raw));
        });
    }
}

fn id(name: &str) -> BenchmarkId {
    BenchmarkId::from_parameter(name)
}

criterion_group!(benches, whole);
criterion_main!(benches);
