//! The rows of a script table laid out for speed, by the compiler.
//!
//! One word for each character of three bytes in UTF-8, but for those from
//! U+A000 to U+F7FF, which no conversion knows. Bits 0–23:
//! the bytes of the character XOR those of what it becomes, first byte lowest,
//! so that most words are 0. Bits 24–26 and 27–29: its colours as the first
//! and as the second character of phrases. Bit 31: this word is not enough,
//! see the row; or, in a table where kernels stop at kana and hangul, the
//! character may be such a one.

use crate::chars::is_foreign;

/// The words of a table, and a filter of the pairs that start phrases.
pub(crate) struct Direct {
    words: &'static Words,
    /// A bit for each hash of a pair; a power of two of them.
    filter: &'static [u32],
    /// How far a hash is shifted to be the number of a bit.
    shift: u32,
    /// Phrases may start with ASCII, or go on with two bytes of UTF-8, so
    /// that only three-byte characters can be decided by words.
    mixed: bool,
}

/// The words. They make characters of characters: the bytes of a character
/// from the range, XOR its word, are those of a character of three bytes.
/// Nothing but the compiler can make them, and it checks that.
pub(crate) struct Words([u32; LEN]);

/// From here on characters have the first words; as the numbers of characters
/// have 16 bits here, U+0000 follows on U+FFFF.
pub(crate) const FROM: u16 = 0xF800;
/// The number of the last word, which all others share.
pub(crate) const LAST: u16 = 0xA000_u16.wrapping_sub(FROM);
/// That word is there once for each character that two bytes lead to.
const LEN: usize = LAST as usize + 64;

/// The word of one character.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word(pub(crate) u32);

impl Word {
    /// A word that nothing follows from.
    pub(crate) const NONE: Word = Word(0);
    /// The bits of the bytes that change.
    pub(crate) const BYTES: u32 = 0xFF_FFFF;
    /// The colours as the first character of phrases.
    pub(crate) const FIRST: u32 = 7 << 24;
    /// The colours as the second, so many bits above those as the first.
    pub(crate) const SECOND: u32 = Word::FIRST << Word::APART;
    pub(crate) const APART: u32 = 3;
    pub(crate) const NEEDS_ROW: u32 = 1 << 31;

    /// The three bytes, lowest first, that these three become. The highest
    /// byte of the result means nothing.
    #[inline]
    pub(crate) fn apply(self, bytes: u32) -> u32 {
        bytes ^ self.0
    }

    /// A phrase may start with the character.
    #[inline]
    pub(crate) fn may_start(self) -> bool {
        self.0 & Word::FIRST != 0
    }

    /// A phrase may start with the character before and this one.
    #[inline]
    pub(crate) fn is_second(self, before: Word) -> bool {
        before.0 << Word::APART & Word::SECOND & self.0 != 0
    }

    /// The row has to be seen, or, with the character before, the phrases.
    #[inline]
    pub(crate) fn stops(self, before: Word) -> bool {
        let colours = before.0 << Word::APART & Word::SECOND;
        (colours | Word::NEEDS_ROW) & self.0 != 0
    }

    /// The row has to be seen whatever stands before.
    #[inline]
    pub(crate) fn needs_row(self) -> bool {
        self.0 & Word::NEEDS_ROW != 0
    }
}

/// What kernels do at kana and hangul.
#[derive(Clone, Copy)]
pub(super) enum Foreign {
    /// They stop, and before the others that have no word of their own.
    Stops,
    Passes,
}

impl Words {
    /// Lays out the rows of a file.
    #[allow(
        clippy::indexing_slicing,
        long_running_const_eval,
        reason = "evaluated by the compiler"
    )]
    pub(super) const fn new(file: &[u8], foreign: Foreign) -> Self {
        let numbers = super::section(file, 0);
        let rows = super::section(file, 1);
        let mut words = [0; LEN];
        let inside = (1 << super::BLOCK_BITS) - 1;
        let mut c = 0x800;
        while c < 0x1_0000 {
            let at = 2 * (c >> super::BLOCK_BITS) as usize;
            let block = numbers[at] as usize | (numbers[at + 1] as usize) << 8;
            if block == 0 {
                // Nothing but zeros, as the words are already.
                c = (c | inside) + 1;
                continue;
            }
            let at =
                4 * ((block << super::BLOCK_BITS) | (c & inside) as usize);
            let [a, b, d, e] =
                [rows[at], rows[at + 1], rows[at + 2], rows[at + 3]];
            let row = u32::from_le_bytes([a, b, d, e]);
            if row != 0 {
                let word = word(c, row);
                let number = index(c);
                if number < LAST {
                    let becomes = utf8(c) ^ word & Word::BYTES;
                    assert!(is_three_byte_character(becomes));
                    words[number as usize] = word;
                } else {
                    assert!(word == 0, "no room");
                }
            }
            c += 1;
        }
        if let Foreign::Stops = foreign {
            let mut last = LAST as usize;
            while last < LEN {
                words[last] = Word::NEEDS_ROW;
                last += 1;
            }
            let mut c = 0x1100;
            while c < 0x1_0000 {
                if let Some(c) = char::from_u32(c)
                    && is_foreign(c)
                {
                    let c = c as u32;
                    words[index(c) as usize] |= Word::NEEDS_ROW;
                }
                c += 1;
            }
        }
        Words(words)
    }

    /// All of them, for kernels.
    #[inline]
    pub(crate) fn all(&self) -> &[u32; LEN] {
        &self.0
    }
}

impl Direct {
    pub(super) const fn new(
        words: &'static Words,
        filter: &'static [u32],
        mixed: bool,
    ) -> Self {
        assert!(filter.len().is_power_of_two());
        let shift = 32 - (filter.len() * 32).trailing_zeros();
        Direct { words, filter, shift, mixed }
    }

    #[inline]
    pub(crate) fn words(&self) -> &'static Words {
        self.words
    }

    /// The bits of the filter, and how far a hash is shifted to be the number
    /// of one.
    #[inline]
    pub(crate) fn filter(&self) -> (&'static [u32], u32) {
        (self.filter, self.shift)
    }

    /// Whether kernels stop before kana and hangul.
    pub(crate) fn stops_at_foreign(&self) -> bool {
        ['の', 'ノ', 'ᄀ', '가'].iter().all(|c| self.word_of(*c).needs_row())
    }

    #[inline]
    pub(crate) fn mixed(&self) -> bool {
        self.mixed
    }

    /// The word of the character with these three bytes, lowest first.
    #[inline]
    pub(crate) fn word(&self, bytes: u32) -> Word {
        self.word_at(code_of(bytes))
    }

    /// The word of a character of three bytes.
    #[inline]
    pub(crate) fn word_of(&self, c: char) -> Word {
        self.word_at(c as u32)
    }

    #[inline]
    fn word_at(&self, code: u32) -> Word {
        let word = self.words.0.get(index(code) as usize);
        Word(word.copied().unwrap_or(Word::NEEDS_ROW))
    }

    /// The same as `may_be_pair` by the numbers of two words.
    #[inline]
    pub(crate) fn numbers_may_be_pair(&self, first: u16, second: u16) -> bool {
        self.may_be_pair(code_at(first), code_at(second))
    }

    /// Whether a phrase may start with these two characters. If not, none
    /// does.
    #[inline]
    pub(crate) fn may_be_pair(&self, first: u32, second: u32) -> bool {
        let bit = super::hash(first, second) >> self.shift;
        let word = self.filter.get((bit >> 5) as usize);
        word.is_none_or(|word| word >> (bit & 31) & 1 != 0)
    }
}

/// The character with a word of its own that has this number.
#[inline]
fn code_at(number: u16) -> u32 {
    u32::from(number.wrapping_add(FROM))
}

/// The number of the word of a character of three bytes.
#[inline]
const fn index(code: u32) -> u16 {
    let at = (code as u16).wrapping_sub(FROM);
    if at < LAST { at } else { LAST }
}

/// What the first two bytes of a character of three lead to: the number of the
/// word of the first of 64 characters. As numbers, the first byte lowest, they
/// are counted from [`LEAST`] on.
pub(crate) static LEADS: [u16; MOST as usize - LEAST as usize + 1] = leads();
pub(crate) const LEAST: u16 = u16::from_le_bytes([0xE0, 0x80]);
const MOST: u16 = u16::from_le_bytes([0xEF, 0xBF]);

#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn leads() -> [u16; MOST as usize - LEAST as usize + 1] {
    let mut leads = [LAST; _];
    let mut code = 0x800;
    while code < 0x1_0000 {
        leads[(utf8(code) as u16 - LEAST) as usize] = index(code);
        code += 64;
    }
    leads
}

/// The filter of the pairs of a file; `N` is what [`filter_len`] says.
#[allow(
    clippy::indexing_slicing,
    long_running_const_eval,
    reason = "evaluated by the compiler"
)]
pub(super) const fn filter<const N: usize>(file: &[u8]) -> [u32; N] {
    let buckets = super::section(file, 2);
    let shift = 32 - (N * 32).trailing_zeros();
    let mut bits = [0; N];
    let (buckets, _) = buckets.as_chunks();
    let mut at = 0;
    while at < buckets.len() {
        let entry = u64::from_le_bytes(buckets[at]);
        at += 1;
        if entry == 0 {
            continue;
        }
        // Only characters of three bytes are looked for here.
        let (first, second) = (entry as u16, (entry >> 16) as u16);
        let bit = super::hash(first as u32, second as u32) >> shift;
        bits[(bit >> 5) as usize] |= 1 << (bit & 31);
    }
    bits
}

/// Numbers of 32 bits in the filter: eight to sixteen bits for each bucket, of
/// which there are four for three pairs.
pub(super) const fn filter_len(file: &[u8]) -> usize {
    (super::section(file, 2).len() / 32).next_power_of_two()
}

/// The character that three bytes of UTF-8, lowest first, stand for.
#[inline]
pub(crate) const fn code_of(bytes: u32) -> u32 {
    (bytes & 0xF) << 12 | bytes >> 2 & 0xFC0 | bytes >> 16 & 0x3F
}

const fn word(code: u32, row: u32) -> u32 {
    let becomes = row & ((1 << 21) - 1);
    let colours = row & 0x3F << 24;
    let needs_row = row & (3 << 22 | 1 << 30) != 0;
    let other_length = becomes != 0 && (becomes < 0x800 || becomes > 0xFFFF);
    if needs_row || other_length {
        colours | Word::NEEDS_ROW
    } else if becomes != 0 {
        colours | utf8(code) ^ utf8(becomes)
    } else {
        colours
    }
}

/// The UTF-8 of a character of three bytes, first byte lowest.
const fn utf8(code: u32) -> u32 {
    0x80_80E0 | code >> 12 | (code >> 6 & 0x3F) << 8 | (code & 0x3F) << 16
}

/// Whether three bytes, the first one lowest, are the UTF-8 of a character.
const fn is_three_byte_character(bytes: u32) -> bool {
    let code = code_of(bytes);
    let surrogate = code >= 0xD800 && code < 0xE000;
    code >= 0x800 && !surrogate && utf8(code) == bytes
}
