//! The wrong readings: which byte or pair of bytes a character was, if a
//! decoder made it of bytes that were not meant for it.
//!
//! Each table is the inverse of a decoder, made by asking it for all its
//! characters when one is looked up first: nothing here knows an encoding by
//! itself.

use std::iter::zip;
use std::sync::OnceLock;

use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, IBM866, ISO_8859_15, KOI8_R,
    MACINTOSH, SHIFT_JIS, UTF_16BE, UTF_16LE, WINDOWS_1250, WINDOWS_1251,
    WINDOWS_1252, WINDOWS_1254,
};
use oem_cp::code_table::{DECODING_TABLE_CP437, DECODING_TABLE_CP850};

/// A decoder that was the wrong one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(usize)]
pub(super) enum Reader {
    /// ISO-8859-1 too, which has controls where windows-1252 has marks.
    Windows1252,
    Windows1250,
    Windows1251,
    Windows1254,
    Iso8859_15,
    Cp437,
    Cp850,
    Macintosh,
    Koi8R,
    Ibm866,
    Gbk,
    Big5,
    /// Big5 as Windows reads it.
    Cp950,
    ShiftJis,
    EucKr,
    EucJp,
    Utf16Le,
    Utf16Be,
}

/// How many have a table.
const READERS: usize = 16;
/// How many of them read each byte by itself.
pub(super) const SINGLE: usize = 10;

impl Reader {
    pub(super) const ALL: [Reader; READERS] = [
        Reader::Windows1252,
        Reader::Windows1250,
        Reader::Windows1251,
        Reader::Windows1254,
        Reader::Iso8859_15,
        Reader::Cp437,
        Reader::Cp850,
        Reader::Macintosh,
        Reader::Koi8R,
        Reader::Ibm866,
        Reader::Gbk,
        Reader::Big5,
        Reader::Cp950,
        Reader::ShiftJis,
        Reader::EucKr,
        Reader::EucJp,
    ];

    /// Whether each byte is a character.
    pub(super) fn is_single(self) -> bool {
        (self as usize) < SINGLE
    }

    /// Whether each character is a pair of bytes, those of ASCII too.
    pub(super) fn is_wide(self) -> bool {
        matches!(self, Reader::Utf16Le | Reader::Utf16Be)
    }

    fn encoding(self) -> &'static Encoding {
        match self {
            // The code pages of DOS have tables instead.
            Reader::Windows1252 | Reader::Cp437 | Reader::Cp850 => {
                WINDOWS_1252
            }
            Reader::Utf16Le => UTF_16LE,
            Reader::Utf16Be => UTF_16BE,
            Reader::Windows1250 => WINDOWS_1250,
            Reader::Windows1251 => WINDOWS_1251,
            Reader::Windows1254 => WINDOWS_1254,
            Reader::Iso8859_15 => ISO_8859_15,
            Reader::Macintosh => MACINTOSH,
            Reader::Koi8R => KOI8_R,
            Reader::Ibm866 => IBM866,
            Reader::Gbk => GB18030,
            Reader::Big5 | Reader::Cp950 => BIG5,
            Reader::ShiftJis => SHIFT_JIS,
            Reader::EucKr => EUC_KR,
            Reader::EucJp => EUC_JP,
        }
    }

    /// What it read as the character: up to two bytes, the first of them in
    /// the high half unless there is none.
    pub(super) fn bytes(self, c: char) -> Option<[u8; 2]> {
        if self.is_wide() {
            let unit = u16::try_from(c as u32).ok()?;
            return Some(match self {
                Reader::Utf16Le => unit.to_le_bytes(),
                _ => unit.to_be_bytes(),
            });
        }
        static TABLES: [OnceLock<Vec<u16>>; READERS] =
            [const { OnceLock::new() }; READERS];
        let table = TABLES.get(self as usize)?.get_or_init(|| self.table());
        let bytes = *table.get(c as usize)?;
        (bytes != 0).then(|| bytes.to_be_bytes())
    }

    /// The characters that a reading of single bytes has made, with their
    /// bytes; some of these have two.
    pub(super) fn singles(self) -> Vec<(char, u8)> {
        let high = (0x80..=0xFF).collect::<Vec<u8>>();
        let text;
        let mut all: Vec<(char, u8)> = match self {
            Reader::Cp437 => zip(DECODING_TABLE_CP437, high).collect(),
            Reader::Cp850 => zip(DECODING_TABLE_CP850, high).collect(),
            _ => {
                text = self.encoding().decode_without_bom_handling(&high).0;
                text.chars().zip(high.iter().copied()).collect()
            }
        };
        if self == Reader::Windows1252 {
            // Of ISO-8859-1.
            all.extend(('\u{80}'..='\u{9F}').zip(0x80..));
        }
        all.retain(|(c, _)| *c != char::REPLACEMENT_CHARACTER);
        all
    }

    /// By the code point: a byte, two bytes, or 0.
    fn table(self) -> Vec<u16> {
        // Big5 has characters beyond the first plane.
        let most = if self == Reader::Big5 { 0x30000 } else { 0x10000 };
        let mut table = vec![0; most];
        let mut set = |c: char, bytes: u16| {
            if let Some(cell) = table.get_mut(c as usize)
                && *cell == 0
                && !c.is_ascii()
                && c != char::REPLACEMENT_CHARACTER
            {
                *cell = bytes;
            }
        };
        if self.is_single() {
            for (c, byte) in self.singles() {
                set(c, byte.into());
            }
            return table;
        }
        if self == Reader::Gbk {
            // And A2E3, which only what is beside it tells apart.
            set('€', 0x80);
        }
        if self == Reader::Cp950 {
            for (c, pair) in cp950() {
                set(c, pair);
            }
        }
        // Big5 has some characters twice: once for Hong Kong, before all else.
        let twice = matches!(self, Reader::Big5 | Reader::Cp950);
        let late = if twice { 0xA1 } else { 0x81 };
        let rows = (late..=0xFE).chain(0x81..late);
        for first in rows {
            let bytes: Vec<u8> = (0x40..=0xFE)
                .filter(|b| *b != 0x7F)
                .flat_map(|second: u8| [first, second, b'\n'])
                .collect();
            let seconds = (0x40..=0xFE_u16).filter(|b| *b != 0x7F);
            let text = self.encoding().decode_without_bom_handling(&bytes).0;
            for (line, second) in text.split('\n').zip(seconds) {
                let mut chars = line.chars();
                if let (Some(c), None) = (chars.next(), chars.next()) {
                    set(c, u16::from(first) << 8 | second);
                }
            }
        }
        if self == Reader::Gbk {
            // Where Windows has kept what was for private use.
            set('\u{E7C8}', 0xA8BF);
            set('\u{E7C7}', 0xA8BC);
            // And what was so before 2022: vertical forms, one behind the
            // other, and Han by their place in the row.
            let forms = (0xA6D9..=0xA6DF).chain(0xA6EC..=0xA6ED);
            for (c, pair) in ('\u{E78D}'..).zip(forms.chain([0xA6F3])) {
                set(c, pair);
            }
            let places = (0xFE51..=0xFEA0).filter(|pair| *pair != 0xFE7F);
            for (c, pair) in ('\u{E816}'..).zip(places) {
                set(c, pair);
            }
        }
        if self == Reader::EucJp {
            // As it is read outside browsers.
            for (c, pair) in [
                ('\u{301C}', 0xA1C1),
                ('\u{2016}', 0xA1C2),
                ('\u{2212}', 0xA1DD),
                ('\u{A2}', 0xA1F1),
                ('\u{A3}', 0xA1F2),
                ('\u{AC}', 0xA2CC),
            ] {
                set(c, pair);
            }
        }
        if self == Reader::ShiftJis {
            for (c, byte) in ('\u{FF61}'..='\u{FF9F}').zip(0xA1..) {
                set(c, byte);
            }
            // As Windows reads what has no meaning.
            set('\u{80}', 0x80);
            set('\u{A0}', 0xA0);
            set('\u{F8F0}', 0xA0);
            for (c, byte) in ('\u{F8F1}'..='\u{F8F3}').zip(0xFD..) {
                set(c, byte);
            }
        }
        table
    }
}

/// What Windows and other old tables read in Big5 otherwise than the web does:
/// kana and other letters, and private use for all that has no character.
fn cp950() -> impl Iterator<Item = (char, u16)> {
    fn pairs(rows: impl Iterator<Item = u16>) -> impl Iterator<Item = u16> {
        let seconds = || (0x40..=0x7E).chain(0xA1..=0xFE);
        rows.flat_map(move |first| {
            let late = move |second: &u16| first != 0xC6 || *second >= 0xA1;
            seconds().filter(late).map(move |second| first << 8 | second)
        })
    }
    let letters = ['ヾ', 'ゝ', 'ゞ', '々']
        .into_iter()
        .chain('ぁ'..='ん')
        .chain('ァ'..='ヶ')
        .chain(['Д', 'Е', 'Ё'])
        .chain('Ж'..='М')
        .chain('У'..='Х')
        .chain('Ц'..='е')
        .chain(['ё'])
        .chain('ж'..='я')
        .chain('①'..='⑩')
        .chain('⑴'..='⑽');
    let rows = (0xFA..=0xFE).chain(0x8E..=0xA0).chain(0x81..=0x8D);
    let private =
        ('\u{E000}'..='\u{F848}').zip(pairs(rows.chain(0xC6..=0xC8)));
    letters.zip(pairs(0xC6..=0xC7)).chain(private)
}

/// Whether some reading has made it of a byte, usual marks aside.
pub(super) fn is_single(c: char) -> bool {
    is_of_byte(c) && !is_usual(c)
}

/// Whether some reading has made it of a byte.
pub(super) fn is_of_byte(c: char) -> bool {
    static SET: OnceLock<Vec<u64>> = OnceLock::new();
    let set = SET.get_or_init(|| {
        let mut set = vec![0; 0x10000 / 64];
        // Beyond the symbols there are an apple and two ligatures.
        let may = |c: &char| !('\u{2600}'..='\u{F000}').contains(c);
        let singles = Reader::ALL.into_iter().filter(|r| r.is_single());
        let chars = singles.flat_map(Reader::singles).map(|(c, _)| c);
        for c in chars.filter(may) {
            if let Some(word) = set.get_mut(c as usize / 64) {
                *word |= 1_u64 << (c as usize % 64);
            }
        }
        set
    });
    let word = set.get(c as usize / 64).copied().unwrap_or(0);
    word >> (c as usize % 64) & 1 != 0
}

/// Marks that single-byte encodings have and clean Chinese has too. No
/// garbled stretch has these alone.
fn is_usual(c: char) -> bool {
    matches!(
        c,
        '·' | '°' | '×' | '\u{A0}' | '\u{2010}'..='\u{2027}' | '※' | '→'
    )
}
