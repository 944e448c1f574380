//! Classes of characters: which kinds of characters follow each other is the
//! half of the character statistics that no single character tells.
//!
//! `tools/tablegen` includes this file, so that what it counts by class is
//! read by the same classes.

/// How many there are.
pub(crate) const CLASSES: usize = 32;

/// A class of characters, by number.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[repr(u8)]
#[allow(dead_code, reason = "tablegen and tests take their part")]
pub(crate) enum Class {
    /// Controls, noncharacters, U+FFFD.
    Control,
    Blank,
    LineEnd,
    Digit,
    AsciiUpper,
    AsciiLower,
    AsciiMark,
    /// Letters with marks, and the others above ASCII.
    LatinUpper,
    LatinLower,
    /// The marks of ISO-8859-1.
    LatinMark,
    CyrillicUpper,
    CyrillicLower,
    GreekUpper,
    GreekLower,
    Hebrew,
    Arabic,
    Thai,
    Hiragana,
    Katakana,
    HalfKatakana,
    Hangul,
    /// Letters of hangul, and bopomofo.
    Jamo,
    Han,
    /// Han beyond U+4E00 to U+9FFF.
    HanRare,
    /// 、。「」 and the fullwidth marks of ASCII.
    WideMark,
    WideAlphanumeric,
    /// “” — … and what else is in General Punctuation.
    Dash,
    /// Arrows, mathematics, shapes.
    Symbol,
    /// Box drawing and block elements.
    Box,
    Emoji,
    Private,
    Other,
}

impl Class {
    /// The class of a character.
    #[inline]
    pub(crate) fn of(c: char) -> Class {
        match c {
            '\u{4E00}'..='\u{9FFF}' | '〇' => Class::Han,
            '\n' | '\r' => Class::LineEnd,
            ' ' | '\t' | '\u{A0}' | '\u{3000}' => Class::Blank,
            '0'..='9' => Class::Digit,
            'A'..='Z' => Class::AsciiUpper,
            'a'..='z' => Class::AsciiLower,
            '!'..='~' => Class::AsciiMark,
            '\0'..='\u{9F}' => Class::Control,
            _ => Class::beyond_ascii(c),
        }
    }

    fn beyond_ascii(c: char) -> Class {
        match c {
            '\u{AA}' | '\u{BA}' => Class::LatinMark,
            // The dot between the parts of a foreign name in Chinese.
            '·' => Class::WideMark,
            '\u{A1}'..='\u{BF}' | '×' | '÷' => Class::LatinMark,
            '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' => {
                if c.is_uppercase() {
                    Class::LatinUpper
                } else {
                    Class::LatinLower
                }
            }
            '\u{300}'..='\u{36F}' => Class::LatinLower,
            '\u{370}'..='\u{3FF}' | '\u{1F00}'..='\u{1FFF}' => {
                if c.is_uppercase() {
                    Class::GreekUpper
                } else {
                    Class::GreekLower
                }
            }
            '\u{400}'..='\u{52F}' => {
                if c.is_uppercase() {
                    Class::CyrillicUpper
                } else {
                    Class::CyrillicLower
                }
            }
            '\u{590}'..='\u{5FF}' => Class::Hebrew,
            '\u{600}'..='\u{6FF}' => Class::Arabic,
            '\u{E00}'..='\u{E7F}' => Class::Thai,
            '\u{3041}'..='\u{309F}' => Class::Hiragana,
            '\u{30A0}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' => {
                Class::Katakana
            }
            '\u{FF61}'..='\u{FF9F}' => Class::HalfKatakana,
            '\u{AC00}'..='\u{D7A3}' => Class::Hangul,
            '\u{1100}'..='\u{11FF}'
            | '\u{3105}'..='\u{312F}'
            | '\u{3131}'..='\u{318E}' => Class::Jamo,
            '\u{3400}'..='\u{4DBF}'
            | '\u{F900}'..='\u{FAFF}'
            | '\u{20000}'..='\u{3FFFD}' => Class::HanRare,
            '\u{FF10}'..='\u{FF19}'
            | '\u{FF21}'..='\u{FF3A}'
            | '\u{FF41}'..='\u{FF5A}' => Class::WideAlphanumeric,
            '\u{3001}'..='\u{303F}'
            | '\u{FF01}'..='\u{FF60}'
            | '\u{FFE0}'..='\u{FFE6}'
            | '\u{FE30}'..='\u{FE6F}' => Class::WideMark,
            '\u{2000}'..='\u{206F}' => Class::Dash,
            '\u{2500}'..='\u{259F}' => Class::Box,
            '\u{2070}'..='\u{2BFF}' | '\u{3200}'..='\u{33FF}' => Class::Symbol,
            '\u{1F000}'..='\u{1FAFF}' => Class::Emoji,
            '\u{E000}'..='\u{F8FF}' | '\u{F0000}'.. => Class::Private,
            '\u{FFF0}'..='\u{FFFF}' => Class::Control,
            _ => Class::Other,
        }
    }
}

/// How many letters the alphabets have that are told apart by pairs of
/// letters, one for none included: Cyrillic, Greek, Hebrew, Arabic, Thai,
/// hiragana, katakana.
pub(crate) const ALPHABETS: [usize; 7] = [50, 36, 28, 49, 92, 97, 96];

/// What is written for a letter that ends a word as often as others do, where
/// the pairs of an alphabet have letters behind letters.
pub(crate) const ENDING: u8 = 128;

/// Which of them a class belongs to.
#[inline]
pub(crate) fn alphabet(class: Class) -> Option<usize> {
    match class {
        Class::CyrillicUpper | Class::CyrillicLower => Some(0),
        Class::GreekUpper | Class::GreekLower => Some(1),
        Class::Hebrew => Some(2),
        Class::Arabic => Some(3),
        Class::Thai => Some(4),
        Class::Hiragana => Some(5),
        Class::Katakana => Some(6),
        _ => None,
    }
}

/// The number of a letter in its alphabet, whatever its case; 0 for what is
/// no letter of one.
pub(crate) fn letter(c: char) -> u8 {
    let lower = match c {
        '\u{370}'..='\u{52F}' => c.to_lowercase().next().unwrap_or(c),
        _ => c,
    } as u32;
    let number = match lower {
        0x430..=0x45F => lower - 0x430 + 1,
        0x491 => 49,
        0x3AC..=0x3CE => lower - 0x3AC + 1,
        0x5D0..=0x5EA => lower - 0x5D0 + 1,
        0x621..=0x64A => lower - 0x621 + 1,
        0x67E => 43,
        0x686 => 44,
        0x698 => 45,
        0x6A9 => 46,
        0x6AF => 47,
        0x6CC => 48,
        0xE01..=0xE5B => lower - 0xE01 + 1,
        0x3041..=0x309F => lower - 0x3041 + 1,
        0x30A1..=0x30FF => lower - 0x30A1 + 1,
        _ => 0,
    };
    number as u8
}

/// How many models of text in Latin letters there are, one for each language
/// or for several that are written much alike.
pub(crate) const LATINS: usize = 12;
/// How many letters are told apart, counting one that stands for no letter:
/// those of ASCII, and then those with marks.
pub(crate) const LATIN_LETTERS: usize = 133;
/// How many a model tells apart: those of ASCII, the ones with marks that are
/// rare in it as one, and up to 31 others.
pub(crate) const LATIN_OWN: usize = 59;
pub(crate) const LATIN_ASCII: usize = 27;
/// The marks whose cost each of them knows.
pub(crate) const LATIN_MARKS: std::ops::Range<u32> = 0xA0..0xC0;

/// The number of a Latin letter, whatever its case, or 0.
pub(crate) fn latin(c: char) -> u8 {
    let lower = match c {
        'A'..='Z' | '\u{C0}'..='\u{24F}' => {
            c.to_lowercase().next().unwrap_or(c)
        }
        _ => c,
    };
    let number = match lower as u32 {
        code @ 0x61..=0x7A => code - 0x60,
        0xF7 => 0,
        code @ 0xDF..=0xFF => code - 0xDF + 27,
        // Upper and lower case take turns here.
        code @ 0x100..=0x17F => (code - 0x100) / 2 + 60,
        0x219 => 124,
        0x21B => 125,
        0x1A1 => 126,
        0x1B0 => 127,
        // The marks of Vietnamese, which stand behind the letter.
        0x300 => 128,
        0x301 => 129,
        0x303 => 130,
        0x309 => 131,
        0x323 => 132,
        _ => 0,
    };
    number as u8
}

/// What a character is called where pairs of characters are counted: itself,
/// or the digit 0 for each digit; 0 for those that are not counted.
#[inline]
pub(crate) fn paired(c: char) -> u16 {
    match Class::of(c) {
        Class::Digit => '0' as u16,
        Class::Han | Class::Hangul | Class::Hiragana | Class::Katakana => {
            u16::try_from(c as u32).unwrap_or(0)
        }
        _ => 0,
    }
}

/// Which languages' pairs are meant: a pair may be a word in one and an
/// accident in another.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub(crate) enum Lexicon {
    /// Chinese, and Korean, which have no characters in common there.
    Chinese,
    Japanese,
}

/// How many pairs share a bucket of their table.
pub(crate) const SLOTS: usize = 8;
/// How many of the low bits of a slot are the saving, which is counted in
/// steps of so many eighths of a nat. The others tell the pairs of a bucket
/// apart.
pub(crate) const SAVING_BITS: u32 = 4;
pub(crate) const SAVING_STEP: u32 = 5;

/// The bucket of a pair, and what it is known by there. A `second` of 0
/// stands for all that are not in the table.
#[inline]
pub(crate) fn bucket(
    first: u16,
    second: u16,
    lexicon: Lexicon,
    buckets: usize,
) -> (usize, u16) {
    let key = u64::from(first) << 32
        | u64::from(second) << 8
        | u64::from(lexicon as u8);
    // Fibonacci hashing, twice: the high bits of a product are the good ones.
    let mixed = (key + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let number = ((mixed >> 32) * buckets as u64) >> 32;
    (number as usize, (mixed as u32 >> (16 + SAVING_BITS)) as u16)
}
