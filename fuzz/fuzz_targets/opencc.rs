//! Script conversion is libopencc's. The first byte chooses the conversion
//! and whether it uses the tofu-risk dictionaries; the rest is the text.

#![no_main]

#[path = "../../tests/oracle/mod.rs"]
mod oracle;

use std::sync::LazyLock;

use hanfold::{Config, TofuRisk};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use oracle::Rng;
use oracle::keys::Keys;

fn chosen(first: u8) -> (Config, TofuRisk) {
    let config = Config::ALL[usize::from(first) % Config::ALL.len()];
    let skip = usize::from(first) / Config::ALL.len() % 2 == 0;
    (config, if skip { TofuRisk::Skip } else { TofuRisk::Include })
}

fuzz_target!(|data: &[u8]| {
    let Some((first, data)) = data.split_first() else { return };
    let (config, tofu_risk) = chosen(*first);
    oracle::opencc_with(config, tofu_risk, data);
});

// Bytes by chance are hardly ever a character, and characters by chance are
// hardly ever a phrase.
fuzz_mutator!(|data: &mut [u8], size: usize, max: usize, seed: u32| {
    let mut rng = Rng(seed.into());
    if rng.below(6) == 0 {
        return fuzzer_mutate(data, size, max);
    }
    let (first, text) = match data[..size].split_first() {
        Some((first, text)) => (*first, String::from_utf8_lossy(text)),
        None => (rng.number() as u8, "".into()),
    };
    let (first, text) = mutate(first, &text, &mut rng);
    let end = text.floor_char_boundary(max - 1);
    data[0] = first;
    data[1..=end].copy_from_slice(&text.as_bytes()[..end]);
    end + 1
});

fn mutate(mut first: u8, text: &str, rng: &mut Rng) -> (u8, String) {
    static KEYS: LazyLock<Keys> = LazyLock::new(Keys::read);
    let mut text: Vec<char> = text.chars().collect();
    for _ in 0..1 + rng.below(4) {
        let at = rng.below(text.len() + 1);
        let end = text.len().min(at + rng.below(4));
        let (config, _) = chosen(first);
        match rng.below(16) {
            0 | 1 => first = rng.number() as u8,
            2 => {
                let pieces = 1 + rng.below(24);
                text = KEYS.text(config, pieces, rng).chars().collect();
            }
            3 | 4 => drop(text.drain(at..end)),
            5 => {
                let copy = text[at..end].to_vec();
                let to = rng.below(text.len() + 1);
                text.splice(to..to, copy);
            }
            6 | 7 => {
                for c in &mut text[at..end] {
                    *c = KEYS.form(*c, rng);
                }
            }
            n => {
                let end = if n % 2 == 0 { at } else { end };
                let piece = KEYS.any_piece(config, rng);
                text.splice(at..end, piece.chars());
            }
        }
    }
    (first, text.into_iter().collect())
}
