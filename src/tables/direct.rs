//! The rows of a script table laid out for speed, by the compiler.
//!
//! One word for each character from U+2000 to U+9FFF, which are nearly all
//! that Chinese text consists of; UTF-8 writes them in three bytes. Bits 0–23: the bytes of the
//! character XOR those of what it becomes, first byte lowest, so that most
//! words are 0. Bits 24–26 and 27–29: its colours as the first and as the
//! second character of phrases. Bit 31: this word is not enough, see the row.

/// See the module.
pub(crate) struct Direct([u32; (END - START) as usize]);

const START: u32 = 0x2000;
const END: u32 = 0xA000;

/// The word of one character.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word(u32);

impl Word {
    /// A word that nothing follows from.
    pub(crate) const NONE: Word = Word(0);
    const NEEDS_ROW: Word = Word(1 << 31);

    /// The three bytes, lowest first, that these three become. The highest
    /// byte of the result means nothing.
    #[inline]
    pub(crate) fn apply(self, bytes: u32) -> u32 {
        bytes ^ self.0
    }

    /// A phrase may start with the character.
    #[inline]
    pub(crate) fn may_start(self) -> bool {
        self.0 & 7 << 24 != 0
    }

    /// The row has to be seen, or, with the character before, the phrases.
    #[inline]
    pub(crate) fn stops(self, before: Word) -> bool {
        (before.0 << 3 & 7 << 27 | 1 << 31) & self.0 != 0
    }

    /// The row has to be seen whatever stands before.
    #[inline]
    pub(crate) fn needs_row(self) -> bool {
        self.0 >> 31 != 0
    }
}

impl Direct {
    /// Lays out the rows of a file.
    #[allow(
        clippy::indexing_slicing,
        long_running_const_eval,
        reason = "evaluated by the compiler"
    )]
    pub(super) const fn new(file: &[u8]) -> Self {
        let table = 20 + u32_at(file, 12) as usize;
        let numbers = u32_at(file, table) as usize;
        let rows = u32_at(file, table + 8) as usize;
        let mut words = [0; (END - START) as usize];
        let mut c = 0x800;
        while c < 0x1_0000 {
            let at = numbers + 2 * (c >> super::BLOCK_BITS);
            let block = file[at] as usize | (file[at + 1] as usize) << 8;
            let inside = c & ((1 << super::BLOCK_BITS) - 1);
            let row = (block << super::BLOCK_BITS) | inside;
            let word = word(c as u32, u32_at(file, rows + 4 * row));
            if c >= START as usize && c < END as usize {
                words[c - START as usize] = word;
            } else {
                assert!(word == 0 || is_compat(c as u32), "no room");
            }
            c += 1;
        }
        Direct(words)
    }

    /// The word of the character with these three bytes, lowest first.
    #[inline]
    pub(crate) fn word(&self, bytes: u32) -> Word {
        let code = code_of(bytes);
        match self.0.get(code.wrapping_sub(START) as usize) {
            Some(word) => Word(*word),
            None if is_compat(code) => Word::NEEDS_ROW,
            None => Word::NONE,
        }
    }
}

/// The block of the compatibility ideographs.
const fn is_compat(code: u32) -> bool {
    code >= 0xF900 && code < 0xFB00
}

/// The character that three bytes of UTF-8, lowest first, stand for.
#[inline]
pub(crate) fn code_of(bytes: u32) -> u32 {
    (bytes & 0xF) << 12 | bytes >> 2 & 0xFC0 | bytes >> 16 & 0x3F
}

const fn word(code: u32, row: u32) -> u32 {
    let becomes = row & ((1 << 21) - 1);
    let colours = row & 0x3F << 24;
    let needs_row = row & (3 << 22 | 1 << 30) != 0;
    let other_length = becomes != 0 && (becomes < 0x800 || becomes > 0xFFFF);
    if needs_row || other_length {
        colours | 1 << 31
    } else if becomes != 0 {
        colours | utf8(code) ^ utf8(becomes)
    } else {
        colours
    }
}

const fn utf8(code: u32) -> u32 {
    0x80_80E0 | code >> 12 | (code >> 6 & 0x3F) << 8 | (code & 0x3F) << 16
}

#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn u32_at(file: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([file[at], file[at + 1], file[at + 2], file[at + 3]])
}
