//! Whether a syllable is how a character reads.

use super::syllable::{Form, Letters, Syllable};
use crate::tables::READINGS;

/// What the table says of a syllable behind a character.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Verdict {
    /// A listed reading, tone and all.
    Exact,
    /// A listed reading in another tone.
    OtherTone,
    /// A listed reading, written without its tone.
    Toneless,
    /// No reading of this character.
    No,
}

/// The readings of the character: those of the table, and the tones that some
/// have before others.
pub(super) fn of(c: char) -> impl Iterator<Item = (&'static [u8], u8)> {
    let (letters, tones): (&[u8], &[u8]) = match c {
        '一' => (b"yi", &[2, 4]),
        '不' => (b"bu", &[2]),
        '七' => (b"qi", &[2]),
        '八' => (b"ba", &[2]),
        _ => (b"", &[]),
    };
    READINGS.of(c).chain(tones.iter().map(move |tone| (letters, *tone)))
}

/// Whether what is written may stand for the letters of a reading.
fn stands_for(written: &[u8], listed: &[u8]) -> bool {
    // ü with its dots lost, or typed as v where pinyin has u.
    let same = |(w, l): (&u8, &u8)| {
        w == l || matches!((*w, *l), (b'u', b'v') | (b'v', b'u'))
    };
    written.len() == listed.len() && written.iter().zip(listed).all(same)
}

/// What is to be said of the syllable behind the character.
pub(super) fn verdict(c: char, syllable: &Syllable) -> Verdict {
    let written = syllable.letters.as_bytes();
    let verdict = compare(c, written, syllable);
    if verdict != Verdict::No {
        return verdict;
    }
    // Erhua: 花(huār).
    match written.strip_suffix(b"r") {
        Some(stem) if stem.len() > 1 => compare(c, stem, syllable),
        _ => Verdict::No,
    }
}

fn compare(c: char, written: &[u8], syllable: &Syllable) -> Verdict {
    let mut verdict = Verdict::No;
    for (letters, tone) in of(c) {
        if !stands_for(written, letters) {
            continue;
        }
        // Any syllable may lose its tone in speech.
        if syllable.tone == 5 || syllable.tone == tone {
            return Verdict::Exact;
        }
        verdict = match syllable.form {
            Form::Plain => Verdict::Toneless,
            _ => Verdict::OtherTone,
        };
    }
    verdict
}

/// Whether some character reads so, in whatever tone.
pub(super) fn is_syllable(letters: &Letters) -> bool {
    let letters = letters.as_bytes();
    let stem = letters.strip_suffix(b"r").unwrap_or(letters);
    READINGS.knows(letters) || stem.len() > 1 && READINGS.knows(stem)
}

/// Where the tone mark of a syllable stands.
pub(super) fn marked(letters: &[u8]) -> Option<usize> {
    let find = |wanted: &[u8]| letters.iter().position(|b| wanted.contains(b));
    find(b"a")
        .or_else(|| find(b"eE"))
        .or_else(|| find(b"o"))
        .or_else(|| letters.iter().rposition(|b| b"iuv".contains(b)))
        .or_else(|| find(b"mn"))
}
