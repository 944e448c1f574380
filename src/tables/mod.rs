//! The generated tables, their formats, and the only code that reads them, but
//! for `japanese.txt`, which is described and read in `script/lines.rs`. Those
//! of character sets are described in `charsets.rs`.
//!
//! `tools/tablegen` writes `*.bin` out of published data packages, all but
//! `spot.bin`, which follows from the statistics: a test writes that. All
//! numbers are little-endian.
//!
//! **File.** The bytes `HANFOLD\n`; `u32` format version (2); `u32` length of
//! a note that names the sources; the note, padded to four bytes; `u32`
//! number of sections; for each section `u32` offset in the file and `u32`
//! length; the sections, each padded to four bytes.
//!
//! **Rows by character** take two sections. The first has a `u16` for each
//! block of 64 characters from U+0000 to U+33FFF, the number of a block of
//! rows in the second. Block 0 is all zeros. Characters beyond have no row.
//!
//! **Script** (one file for each pass of a conversion), sections:
//! 0, 1. rows by character, `u32` each: bits 0–19 the code point that the
//!    character becomes, or 0 where it stays; bit 20: only if tofu-risk
//!    dictionaries are used, and then beyond U+FFFF; bit 21: a phrase can
//!    start with it; bit 22: a compatibility ideograph, which counts as
//!    another character (section 4) wherever phrases are looked for; bit 23:
//!    an ideographic description operator; bits 24–26: the colour it has as
//!    the first character of phrases; bits 27–29: the colours it has as the
//!    second; bit 30: alone it becomes more than one character, see the
//!    phrases; bit 31: it has candidates. Two characters that share no colour
//!    start no phrase; few common ones share one by chance.
//! 2. `u64` buckets, one for each pair of characters that phrases start with,
//!    and some more, which are 0. See `ScriptTable::place` for where it
//!    stands. Bits 0–15 the first character; bits 16–31 the second, or 0 for
//!    a phrase of one character, both as `short` has them; bits 32–51 the
//!    place in section 3 of the first such phrase; bit 52: one has a third
//!    character that is not three bytes long, and the bits of these mean
//!    nothing; bit 53: the first of them is two characters long, and is tried
//!    last; bit 54: and it becomes what the words of its characters make of
//!    it, see `direct.rs`; bits 55–63 the third characters of the others: if
//!    bit 55 is set, the hash of the only one, see `Pair::may_go_on`, and
//!    else a bit for the three highest bits of each hash.
//! 3. phrases, those of a pair together and in the order in which they are
//!    tried, but for the first, see above: `u8` length of the key, `u8` length
//!    of the value, `u16` bits 0–13 place in section 7 of its candidates, bit
//!    14: it becomes what words make of it, bit 15: the last of the pair; key
//!    and value in UTF-8. No value: the key.
//! 4. sorted: `u32` compatibility ideograph, `u32` what it counts as.
//! 5. `u32`: 1 if among the first two characters of keys are some that are not
//!    three or four bytes long.
//! 6. sorted: `u32` character that has candidates, `u32` place in section 7.
//! 7. lists of candidates, the values of a key that has several: `u8` length,
//!    the values with blanks between, first the one taken. At 0 stands the
//!    empty list.
//! 8. `u8` seeds, a power of two of them, see `ScriptTable::place`.
//! 9. a bit for each hash of the first three characters of phrases, see
//!    `ScriptTable::goes_on`; a power of two of bytes.
//!
//! **Readings** (`readings.bin`), sections:
//! 0, 1. rows by character, `u16` each: where the list of its readings stands
//!    in section 2, counted in numbers; 0: no readings.
//! 2. `u16` numbers; a list is its length and then syllable numbers, sorted.
//! 3. `u16` offset in section 4 of each syllable, and of the end.
//! 4. the syllables, sorted: letters with ü as `v` and ê as `E`, then the
//!    tone, 5 for the neutral one: `tuan2`, `nv3`, `de5`.
//!
//! **Looking for mojibake** (`spot.bin`), sections:
//! 0. `u16` for each block of 64 characters of the first plane, its place in
//!    section 1.
//! 1. blocks of 64 `u8`, what the meter counts, see `Scan` in
//!    `repair/spot.rs`.
//! 2. `u16` for each block the same in section 3.
//! 3. blocks of 64 `u16`, the place in section 4 of each character.
//! 4. `u32`: bits 0–7 by which readings of UTF-8 as pairs it stands for the
//!    first two bytes of a character, and for others; bits 8–23 on which
//!    paths from pairs to pairs it may have been made of a commoner one.
//! 5. `u8` for each first byte from 80 on and each second from 40 on: what
//!    the character costs at least that GB18030 or Big5 have there, or 255.
//! 6. `u8` for each two characters of U+0400 to U+045F: what the second costs
//!    at least behind the first.

mod charsets;
pub(crate) mod class;
mod direct;
pub(crate) mod spot;
pub(crate) mod stats;

pub(crate) use charsets::{cns, uao};
pub(crate) use direct::{
    Direct, FROM, LAST, LEADS, LEAST, Word, Words, code_of,
};

const BLOCK_BITS: u32 = 6;

/// Section `index` of a file. The compiler takes files apart, so a file
/// without that section does not compile.
#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn section(file: &[u8], index: usize) -> &[u8] {
    const fn number(file: &[u8], at: usize) -> usize {
        let [a, b, c, d] =
            [file[at], file[at + 1], file[at + 2], file[at + 3]];
        u32::from_le_bytes([a, b, c, d]) as usize
    }
    let table = 16 + number(file, 12);
    assert!(index < number(file, table), "a table without this section");
    let offset = number(file, table + 4 + 8 * index);
    let len = number(file, table + 8 + 8 * index);
    file.split_at(offset).1.split_at(len).0
}

#[inline]
fn u32_at(bytes: &[u8], index: usize) -> Option<u32> {
    let number = bytes.get(4 * index..4 * index + 4)?;
    Some(u32::from_le_bytes(number.try_into().ok()?))
}

#[inline]
fn u16_at(bytes: &[u8], index: usize) -> Option<u16> {
    let number = bytes.get(2 * index..2 * index + 2)?;
    Some(u16::from_le_bytes(number.try_into().ok()?))
}

#[inline]
fn u64_at(bytes: &[u8], index: usize) -> Option<u64> {
    let number = bytes.get(8 * index..8 * index + 8)?;
    Some(u64::from_le_bytes(number.try_into().ok()?))
}

/// Which row of the second section belongs to a character.
#[inline]
fn row(numbers: &[u8], c: u32) -> Option<usize> {
    let block = u16_at(numbers, (c >> BLOCK_BITS) as usize)?;
    let mask = (1 << BLOCK_BITS) - 1;
    Some((usize::from(block) << BLOCK_BITS) | (c & mask) as usize)
}

/// What a script conversion does with one character.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Row(u32);

impl Row {
    const CODE: u32 = (1 << 20) - 1;

    /// The character stays and nothing can start with it.
    #[inline]
    pub(crate) fn is_plain(self) -> bool {
        self.0 & (((1 << 24) - 1) | (1 << 30)) == 0
    }

    /// There is none.
    #[cfg(test)]
    pub(crate) fn is_nothing(self) -> bool {
        self.0 == 0
    }

    /// What the character alone becomes, if something else.
    #[inline]
    pub(crate) fn becomes(self) -> Option<char> {
        match self.0 & Row::CODE {
            0 => None,
            code => char::from_u32(code),
        }
    }

    /// Whether it becomes that only if tofu-risk dictionaries are used.
    #[inline]
    pub(crate) fn is_tofu_risk(self) -> bool {
        self.0 & 1 << 20 != 0
    }

    /// Whether a phrase can start with it.
    #[inline]
    pub(crate) fn starts_phrase(self) -> bool {
        self.0 & 1 << 21 != 0
    }

    /// Whether alone it becomes more than one character.
    #[inline]
    pub(crate) fn is_long(self) -> bool {
        self.0 & 1 << 30 != 0
    }

    fn is_compat(self) -> bool {
        self.0 & 1 << 22 != 0
    }

    fn has_candidates(self) -> bool {
        self.0 & 1 << 31 != 0
    }

    /// Whether it is an ideographic description operator.
    #[inline]
    pub(crate) fn is_operator(self) -> bool {
        self.0 & 1 << 23 != 0
    }
}

/// The tables of one pass of a script conversion.
pub(crate) struct ScriptTable {
    /// The rows once more, for the common characters.
    pub(crate) direct: Direct,
    /// And for those of one and two bytes.
    pub(crate) loud: Loud,
    numbers: &'static [u8],
    rows: &'static [u8],
    buckets: &'static [u8],
    phrases: &'static [u8],
    compat: &'static [u8],
    by_char: &'static [u8],
    lists: &'static [u8],
    seeds: &'static [u8],
    triples: &'static [u8],
}

/// Which characters of one and two bytes have a row: alone they become
/// something else, or they are in phrases.
pub(crate) struct Loud {
    /// ASCII: 0xFF for those that have.
    pub(crate) low: [u8; 64],
    pub(crate) high: [u8; 64],
    /// Some of two bytes have.
    pub(crate) two: bool,
}

impl Loud {
    #[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
    const fn new(file: &[u8]) -> Self {
        let (numbers, rows) = (section(file, 0), section(file, 1));
        let mut loud = Loud { low: [0; 64], high: [0; 64], two: false };
        let mut c = 0;
        while c < 0x800 {
            let at = 2 * (c >> BLOCK_BITS);
            let block = numbers[at] as usize | (numbers[at + 1] as usize) << 8;
            let inside = c & ((1 << BLOCK_BITS) - 1);
            let at = 4 * ((block << BLOCK_BITS) | inside);
            let row = rows[at] | rows[at + 1] | rows[at + 2] | rows[at + 3];
            if row != 0 {
                match c {
                    0..64 => loud.low[c] = 0xFF,
                    64..128 => loud.high[c - 64] = 0xFF,
                    _ => loud.two = true,
                }
            }
            c += 1;
        }
        loud
    }

    /// Whether this character of ASCII has.
    #[inline]
    pub(crate) fn is_loud(&self, ascii: u8) -> bool {
        let half = if ascii < 64 { &self.low } else { &self.high };
        half.get(usize::from(ascii & 63)).is_none_or(|loud| *loud != 0)
    }
}

/// No key of a script table has more characters; a test compares.
pub(crate) const MAX_KEY_CHARS: usize = 15;

macro_rules! script_tables {
    ($($(#[$doc:meta])* $name:ident $file:literal $foreign:ident)*) => {
        $($(#[$doc])*
        pub(crate) static $name: ScriptTable = {
            const FILE: &[u8] = include_bytes!($file);
            static WORDS: Words = Words::new(FILE, direct::Foreign::$foreign);
            static FILTER: [u32; direct::filter_len(FILE)] =
                direct::filter(FILE);
            ScriptTable::new(FILE, &WORDS, &FILTER)
        };)*

        /// All of them, for tests.
        #[cfg(test)]
        pub(crate) fn script_tables() -> Vec<&'static ScriptTable> {
            vec![$(&$name),*]
        }
    };
}

script_tables! {
    /// OpenCC's t2s.
    T2S "t2s.bin" Passes
    /// The same with more variants, and made stable.
    SIMPLIFIED "simplified.bin" Stops
    /// OpenCC's s2t.
    S2T "s2t.bin" Passes
    /// The phrases of t2s, which stay as they are.
    T2S_SEGMENTS "ts-segments.bin" Passes
    /// OpenCC's standard to the forms of Taiwan; `P`: with regional terms.
    TO_TW "to-tw.bin" Passes
    TO_TWP "to-twp.bin" Passes
    /// And back.
    FROM_TW "from-tw.bin" Passes
    FROM_TWP "from-twp.bin" Passes
    /// The forms of Hong Kong.
    TO_HK "to-hk.bin" Passes
    TO_HKP "to-hkp.bin" Passes
    FROM_HK "from-hk.bin" Passes
    FROM_HKP "from-hkp.bin" Passes
    /// Japanese forms.
    TO_JP "to-jp.bin" Passes
    FROM_JP "from-jp.bin" Passes
}

impl ScriptTable {
    #[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
    const fn new(
        file: &'static [u8],
        words: &'static Words,
        filter: &'static [u32],
    ) -> Self {
        let mixed = section(file, 5)[0] == 1;
        ScriptTable {
            direct: Direct::new(words, filter, mixed),
            loud: Loud::new(file),
            numbers: section(file, 0),
            rows: section(file, 1),
            buckets: section(file, 2),
            phrases: section(file, 3),
            compat: section(file, 4),
            by_char: section(file, 6),
            lists: section(file, 7),
            seeds: section(file, 8),
            triples: section(file, 9),
        }
    }

    /// What the conversion does with the character of this code point.
    #[inline]
    pub(crate) fn row(&self, c: u32) -> Row {
        let row = row(self.numbers, c).and_then(|i| u32_at(self.rows, i));
        Row(row.unwrap_or(0))
    }

    /// What the character counts as where phrases are looked for.
    pub(crate) fn plain(&self, c: char) -> char {
        if !self.row(c as u32).is_compat() {
            return c;
        }
        number_of(self.compat, c).and_then(char::from_u32).unwrap_or(c)
    }

    /// The values between which the row of a character chose, with blanks
    /// between; empty where there was no choice.
    #[inline]
    pub(crate) fn candidates(&self, c: char) -> &'static str {
        if !self.row(c as u32).has_candidates() {
            return "";
        }
        let place = number_of(self.by_char, self.plain(c));
        self.list(place.unwrap_or(0) as usize)
    }

    fn list(&self, place: usize) -> &'static str {
        let list = self.lists.get(place..).and_then(|rest| {
            let (len, rest) = rest.split_first()?;
            rest.get(..usize::from(*len))
        });
        text(list.unwrap_or_default())
    }

    /// The phrases, key and value, that start with two characters, in the
    /// order in which they are tried; with U+0000 for the second, the phrase
    /// of one character. Both are what `plain` made of them.
    #[inline]
    pub(crate) fn phrases(
        &self,
        first: char,
        second: char,
    ) -> impl Iterator<Item = Phrase> {
        self.phrases_of(self.pair(first as u32, second as u32))
    }

    /// What is known of the phrases that start with two characters. No branch
    /// depends on what they are.
    #[inline]
    pub(crate) fn pair(&self, first: u32, second: u32) -> Pair {
        self.pair_of(short(first) | short(second) << 16)
    }

    /// The same of two characters below U+10000, the first in the low half of
    /// the number.
    #[inline]
    pub(crate) fn pair_of(&self, pair: u32) -> Pair {
        let bucket = u64_at(self.buckets, self.place(pair)).unwrap_or(0);
        let same = bucket as u32 == pair;
        Pair(std::hint::select_unpredictable(same, bucket, 0))
    }

    /// Whether a phrase may start with a pair and this third character, given
    /// by its three bytes, lowest first. If not, none does.
    #[inline]
    pub(crate) fn goes_on(&self, codes: u32, pair: Pair, third: u32) -> bool {
        let hash = hash(codes, third);
        let bits = 8 * self.triples.len();
        let bit = scale(hash, bits);
        let bits = self.triples.get(bit / 8).copied().unwrap_or(!0);
        pair.may_go_on(third) & (bits >> (bit % 8) & 1 != 0)
            | (pair.0 & 1 << 52 != 0)
    }

    /// Where the bucket of a pair stands, if it has one. The parts of the
    /// hashes have a seed each, chosen so that no two pairs meet.
    #[inline]
    fn place(&self, pair: u32) -> usize {
        let hash = pair.wrapping_mul(HASH[0]);
        let part = scale(hash, self.seeds.len());
        let seed = self.seeds.get(part).copied().unwrap_or(0);
        let seed = (u32::from(seed) + 1).wrapping_mul(HASH[1]);
        let hash = (hash ^ seed).wrapping_mul(0xC2B2_AE3D);
        scale(hash, self.buckets.len() / 8)
    }

    /// All phrases of a pair, in the order in which they are tried.
    #[inline]
    pub(crate) fn phrases_of(&self, pair: Pair) -> Phrases {
        let mut all = self.phrases_at(pair);
        let last = if pair.has_two() { all.next() } else { None };
        Phrases { last, ..all }
    }

    /// The one of two characters that a pair has.
    #[inline]
    pub(crate) fn two_of(&self, pair: Pair) -> Option<Phrase> {
        self.phrases_at(pair).next()
    }

    /// As they stand in the table.
    #[inline]
    fn phrases_at(&self, pair: Pair) -> Phrases {
        let rest = match pair.exists() {
            true => self.phrases.get(pair.place()..),
            false => None,
        };
        Phrases { rest: rest.unwrap_or_default(), last: None }
    }

    /// The same for a phrase.
    pub(crate) fn phrase_candidates(&self, list: u16) -> &'static str {
        self.list(usize::from(list))
    }

    /// Every phrase, for tests of the dictionary itself.
    #[cfg(test)]
    pub(crate) fn all_phrases(
        &self,
    ) -> impl Iterator<Item = (&'static str, &'static str)> {
        (0..self.buckets.len() / 8)
            .filter_map(|at| u64_at(self.buckets, at))
            .filter(|pair| *pair != 0)
            .flat_map(|pair| self.phrases_of(Pair(pair)))
            .map(|phrase| (text(phrase.key), text(phrase.value)))
    }
}

/// What is known of the phrases that start with two characters.
#[derive(Clone, Copy, Default)]
pub(crate) struct Pair(u64);

impl Pair {
    /// Whether there are any.
    #[inline]
    pub(crate) fn exists(self) -> bool {
        self.0 != 0
    }

    /// Whether one is two characters long. It is tried last.
    #[inline]
    pub(crate) fn has_two(self) -> bool {
        self.0 & 1 << 53 != 0
    }

    /// And becomes what the words of its characters make of it.
    #[inline]
    pub(crate) fn two_as_words(self) -> bool {
        self.0 & 1 << 54 != 0
    }

    /// Whether another may have this third character, given by its three
    /// bytes, lowest first. If not, none has.
    #[inline]
    fn may_go_on(self, third: u32) -> bool {
        let hash = third.wrapping_mul(HASH[0]) >> 24;
        let only = (self.0 >> 56) as u32 == hash;
        let some = self.0 >> (56 + (hash >> 5)) & 1 != 0;
        let one = self.0 & 1 << 55 != 0;
        std::hint::select_unpredictable(one, only, some)
    }

    fn place(self) -> usize {
        (self.0 >> 32) as usize & ((1 << 20) - 1)
    }
}

/// Key and value of a phrase, both UTF-8. They are text in the table already
/// and not looked at again where bytes will do.
#[derive(Clone, Copy)]
pub(crate) struct Phrase {
    pub(crate) key: &'static [u8],
    pub(crate) value: &'static [u8],
    /// For [`ScriptTable::phrase_candidates`].
    pub(crate) list: u16,
    /// It becomes what the words of its characters make of it.
    pub(crate) as_words: bool,
}

/// The phrases that start with a pair.
#[derive(Clone, Copy, Default)]
pub(crate) struct Phrases {
    rest: &'static [u8],
    last: Option<Phrase>,
}

impl Iterator for Phrases {
    type Item = Phrase;

    #[inline]
    fn next(&mut self) -> Option<Phrase> {
        const LAST: u16 = 1 << 15;
        const AS_WORDS: u16 = 1 << 14;
        let Some((&[key, value, a, b], rest)) = self.rest.split_first_chunk()
        else {
            return self.last.take();
        };
        let (key, rest) = rest.split_at_checked(usize::from(key))?;
        let (value, rest) = rest.split_at_checked(usize::from(value))?;
        let value = if value.is_empty() { key } else { value };
        let list = u16::from_le_bytes([a, b]);
        self.rest = if list & LAST == 0 { rest } else { &[] };
        Some(Phrase {
            key,
            value,
            list: list & (AS_WORDS - 1),
            as_words: list & AS_WORDS != 0,
        })
    }
}

/// A key or a value as text.
pub(crate) fn text(bytes: &'static [u8]) -> &'static str {
    let text = std::str::from_utf8(bytes);
    debug_assert!(text.is_ok(), "tables hold UTF-8");
    text.unwrap_or_default()
}

/// A character in 16 bits. Those beyond are taken for surrogates, of which
/// there are fewer: two characters may be the same here, though not two that
/// phrases of one table start with.
#[inline]
const fn short(c: u32) -> u32 {
    if c < 0x1_0000 { c } else { 0xD800 | c & 0x7FF }
}

/// A hash of two characters. Kernels compute the same, of several at once.
#[inline]
const fn hash(first: u32, second: u32) -> u32 {
    (first.wrapping_mul(HASH[0]) ^ second).wrapping_mul(HASH[1])
}

/// One of `len` numbers for each hash.
#[inline]
const fn scale(hash: u32, len: usize) -> usize {
    ((hash as u64 * len as u64) >> 32) as usize
}

/// What a hash multiplies by.
pub(crate) const HASH: [u32; 2] = [0x9E37_79B1, 0x85EB_CA77];

/// The number behind a character in a section of such pairs.
fn number_of(pairs: &[u8], c: char) -> Option<u32> {
    let found = search(pairs.len() / 8, |i| {
        Some(u32_at(pairs, 2 * i)?.cmp(&(c as u32)))
    });
    found.and_then(|i| u32_at(pairs, 2 * i + 1))
}

/// Binary search over `len` sorted things.
fn search(
    len: usize,
    compare: impl Fn(usize) -> Option<std::cmp::Ordering>,
) -> Option<usize> {
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = low + (high - low) / 2;
        match compare(middle)? {
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
            std::cmp::Ordering::Equal => return Some(middle),
        }
    }
    None
}

/// The readings of characters.
pub(crate) struct Readings {
    numbers: &'static [u8],
    rows: &'static [u8],
    lists: &'static [u8],
    offsets: &'static [u8],
    syllables: &'static [u8],
}

/// Readings in Mandarin, all that are listed for a character.
pub(crate) static READINGS: Readings = {
    const FILE: &[u8] = include_bytes!("readings.bin");
    Readings {
        numbers: section(FILE, 0),
        rows: section(FILE, 1),
        lists: section(FILE, 2),
        offsets: section(FILE, 3),
        syllables: section(FILE, 4),
    }
};

impl Readings {
    /// The listed readings of the character, and of what script conversion may
    /// make of it: letters and tone.
    pub(crate) fn of(
        &self,
        c: char,
    ) -> impl Iterator<Item = (&'static [u8], u8)> {
        let list = row(self.numbers, c as u32)
            .and_then(|i| u16_at(self.rows, i))
            .map_or(0, usize::from);
        let len = u16_at(self.lists, list).map_or(0, usize::from);
        (list + 1..=list + len).filter_map(|at| {
            let number = u16_at(self.lists, at)?;
            let (tone, letters) =
                self.syllable(usize::from(number))?.split_last()?;
            Some((letters, tone.wrapping_sub(b'0')))
        })
    }

    /// Whether some character reads so, in whatever tone.
    pub(crate) fn knows(&self, letters: &[u8]) -> bool {
        search(self.offsets.len() / 2 - 1, |i| {
            let (_, other) = self.syllable(i)?.split_last()?;
            Some(other.cmp(letters))
        })
        .is_some()
    }

    fn syllable(&self, i: usize) -> Option<&'static [u8]> {
        let start = usize::from(u16_at(self.offsets, i)?);
        let end = usize::from(u16_at(self.offsets, i + 1)?);
        self.syllables.get(start..end)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_no_longer_than_said_and_no_key_has_a_line_end() {
        let mut longest = 0;
        for table in script_tables() {
            for (key, _) in table.all_phrases() {
                assert!(!key.contains('\n'), "{key:?}");
                longest = longest.max(key.chars().count());
            }
            assert!(table.row('\n' as u32).is_plain());
        }
        assert_eq!(longest, MAX_KEY_CHARS);
    }

    #[test]
    fn each_phrase_is_found_by_its_first_two_characters() {
        let mut seen = 0;
        for table in script_tables() {
            for (key, value) in table.all_phrases() {
                let mut chars = key.chars();
                let first = chars.next().unwrap();
                let second = chars.next().unwrap_or('\0');
                let row = table.row(first as u32);
                if second == '\0' {
                    assert!(row.is_long(), "{key}");
                } else {
                    assert!(row.starts_phrase(), "{key}");
                }
                assert!(
                    table
                        .phrases(first, second)
                        .any(|p| (text(p.key), text(p.value)) == (key, value)),
                    "{key}"
                );
                seen += 1;
            }
        }
        assert!(seen > 50_000, "{seen} phrases");
    }

    #[test]
    fn characters_beyond_the_table_have_no_row() {
        for c in [0x33FFF, 0x34000, 0x10FFFF] {
            assert!(T2S.row(c).is_plain());
        }
        assert_eq!(READINGS.of('\u{10FFFF}').count(), 0);
    }

    #[test]
    fn readings_are_listed_ones() {
        let has = |c, syllable: &str| {
            let (letters, tone) = syllable.split_at(syllable.len() - 1);
            let wanted = (letters.as_bytes(), tone.parse().unwrap());
            READINGS.of(c).any(|reading| reading == wanted)
        };
        for (c, syllable) in [
            ('團', "tuan2"),
            ('女', "nv3"),
            ('的', "de5"),
            ('行', "hang2"),
            ('識', "shi4"),
            // 績 alone reads jī in the data; what it becomes, 绩, reads jì
            // too.
            ('績', "ji1"),
            ('績', "ji4"),
            // 干 is 乾 as well.
            ('干', "qian2"),
            ('幹', "qian2"),
        ] {
            assert!(has(c, syllable), "{c} {syllable}");
        }
        for (c, syllable) in [('團', "tuan3"), ('x', "xi1")] {
            assert!(!has(c, syllable), "{c} {syllable}");
        }
        assert!(READINGS.knows(b"tuan"));
        for letters in ["", "tua", "gwok", "tuan2"] {
            assert!(!READINGS.knows(letters.as_bytes()), "{letters}");
        }
    }
}
