//! What the search for mojibake knows of characters ahead (`spot.bin`), so
//! that none of it has to be found out at the start.
//!
//! It follows from the statistics and the decoders: `repair/ahead.rs` says
//! how, and its test writes the file and compares it.

use std::sync::OnceLock;

use super::{row, section, u16_at, u32_at};

const FILE: &[u8] = include_bytes!("spot.bin");
const MARK_BLOCKS: &[u8] = section(FILE, 0);
const MARKS: &[[u8; 1 << super::BLOCK_BITS]] = section(FILE, 1).as_chunks().0;
const NUMBERS: &[u8] = section(FILE, 2);
const ROWS: &[u8] = section(FILE, 3);
const KINDS: &[u8] = section(FILE, 4);
const PAIRS: &[[u8; SECONDS]] = section(FILE, 5).as_chunks().0;
const CYRILLIC: &[u8] = section(FILE, 6);

/// How many bytes may be the second of a pair: from 0x40 on.
pub(crate) const SECONDS: usize = 0xC0;

/// The marks of all characters of the first plane.
pub(crate) fn marks() -> &'static [u8; 0x10000] {
    static ALL: OnceLock<Box<[u8; 0x10000]>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut all = Box::new([0; 0x10000]);
        let blocks = MARK_BLOCKS.as_chunks::<2>().0.iter();
        let own = all.as_chunks_mut().0.iter_mut();
        for (to, number) in own.zip(blocks) {
            let number = u16::from_le_bytes(*number);
            if let Some(from) = MARKS.get(usize::from(number)) {
                *to = *from;
            }
        }
        all
    })
}

/// As which bytes of UTF-8 a character may stand, and on which paths it may
/// have been made of another; nothing beyond the first plane.
pub(crate) fn kind(c: char) -> Option<(u8, u16)> {
    let kind = kind_of(u16::try_from(c as u32).ok()?)?;
    Some((kind as u8, (kind >> 8) as u16))
}

/// The first of these.
#[inline]
pub(crate) fn role(code: u16) -> Option<u8> {
    kind_of(code).map(|kind| kind as u8)
}

#[inline]
fn kind_of(code: u16) -> Option<u32> {
    let at = row(NUMBERS, code.into())?;
    u32_at(KINDS, u16_at(ROWS, at)?.into())
}

/// What a pair of bytes costs at least as a character of Chinese, by the
/// first byte and the second; 255 if it is none.
pub(crate) fn pairs(first: u8) -> &'static [u8; SECONDS] {
    let own = PAIRS.get(usize::from(first & 0x7F));
    own.unwrap_or(&[u8::MAX; SECONDS])
}

/// What a letter of Cyrillic costs at least behind another, by the numbers of
/// both of `wide` letters.
pub(crate) fn cyrillic(first: usize, second: usize, wide: usize) -> u8 {
    CYRILLIC.get(first * wide + second).copied().unwrap_or(0)
}
