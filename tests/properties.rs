//! The oracles over seeded texts. `HANFOLD_CASES` sets how many texts each
//! test takes (default 400), `HANFOLD_SEED` the first seed.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test panics"
)]

#[path = "oracle/mod.rs"]
pub mod oracle;

use oracle::texts;

fn over_texts(oracle: fn(&[u8])) {
    let number = |name: &str, default: u64| {
        std::env::var(name)
            .ok()
            .and_then(|n| n.parse().ok())
            .unwrap_or(default)
    };
    let first = number("HANFOLD_SEED", 0);
    for seed in first..first + number("HANFOLD_CASES", 400) {
        let data = texts::text(seed);
        let failed = std::panic::catch_unwind(|| oracle(&data)).is_err();
        assert!(!failed, "seed {seed}: {:?}", String::from_utf8_lossy(&data));
    }
}

#[test]
fn chunks() {
    over_texts(oracle::chunks);
}

#[test]
fn explained() {
    over_texts(oracle::explained);
}

#[test]
fn plain() {
    over_texts(oracle::plain);
}

#[test]
fn decode() {
    over_texts(oracle::decode);
}

#[test]
fn stable() {
    over_texts(oracle::stable);
}

#[test]
fn lines() {
    over_texts(oracle::lines);
}

#[cfg(feature = "opencc")]
#[test]
fn opencc() {
    over_texts(oracle::opencc);
    // Nothing but what its tables are about, far denser than any text.
    let rows: Vec<&str> =
        include_str!("../src/tables/simplified-differences.txt")
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split('\t').next())
            .collect();
    for seed in 0..20_000 {
        let mut rng = oracle::Rng(seed);
        let mut text = String::new();
        for _ in 0..rng.below(30) {
            let row = rows[rng.below(rows.len())];
            let from = rng.below(row.chars().count());
            text.extend(row.chars().skip(from));
        }
        oracle::opencc(text.as_bytes());
    }
    // Every character by itself and between two others.
    for block in (0..=0x10_FFFF_u32).step_by(256) {
        let chars: String = (block..block + 256)
            .filter_map(char::from_u32)
            .flat_map(|c| [c, '乾', c, '隆', '\n'])
            .collect();
        oracle::opencc(chars.as_bytes());
    }
}

/// Inputs on which a fuzzer once found something.
#[test]
fn regressions() {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/regressions");
    // Not part of the published package.
    let Ok(files) = std::fs::read_dir(dir) else { return };
    for file in files.flatten() {
        if let Ok(data) = std::fs::read(file.path()) {
            println!("{}", file.path().display());
            oracle::all(&data);
        }
    }
}
