//! What characters are, as far as several stages need to know.

use unicode_segmentation::UnicodeSegmentation;

/// Han: the unified and compatibility ideographs of every plane, and 〇.
pub(crate) fn is_han(c: char) -> bool {
    matches!(c,
        '〇'
        | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{2FFFD}'
        | '\u{30000}'..='\u{3FFFD}')
}

/// Kana. The middle dot and the length mark are used elsewhere too.
pub(crate) const fn is_kana(c: char) -> bool {
    matches!(c,
        '\u{3041}'..='\u{3096}'
        | '\u{309D}'..='\u{309F}'
        | '\u{30A1}'..='\u{30FA}'
        | '\u{30FD}'..='\u{30FF}'
        | '\u{31F0}'..='\u{31FF}'
        | '\u{FF66}'..='\u{FF6F}'
        | '\u{FF71}'..='\u{FF9D}')
}

/// Hangul: syllables and letters.
pub(crate) const fn is_hangul(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{11FF}'
        | '\u{3131}'..='\u{318E}'
        | '\u{AC00}'..='\u{D7A3}')
}

/// What Chinese text does not have.
pub(crate) const fn is_foreign(c: char) -> bool {
    is_kana(c) || is_hangul(c)
}

/// A variation selector, which chooses a glyph and changes no reading.
pub(crate) fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

/// Whether the character belongs to the grapheme cluster of the one before:
/// a combining mark, a variation selector, a joiner.
pub(crate) fn extends(c: char) -> bool {
    // The common ones that do not, to save the search.
    let never = c < '\u{300}'
        || matches!(c,
            '\u{2010}'..='\u{201F}'
            | '\u{3000}'..='\u{3029}'
            | '\u{FF01}'..='\u{FF9D}')
        || is_han(c);
    !never && joins(c)
}

fn joins(c: char) -> bool {
    let mut pair = [0; 8];
    let Some((first, second)) = pair.split_first_mut() else { return false };
    *first = b'a';
    let len = 1 + c.encode_utf8(second).len();
    let pair = pair.get(..len).unwrap_or_default();
    let pair = std::str::from_utf8(pair).unwrap_or_default();
    pair.graphemes(true).count() == 1
}

/// The ASCII letter or digit of a fullwidth one.
pub(crate) fn narrow(c: char) -> Option<char> {
    match c {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => {
            char::from_u32(c as u32 - '０' as u32 + '0' as u32)
        }
        _ => None,
    }
}

/// A character from U+2000 to U+9FFF, where nearly all are that script
/// conversion changes. UTF-8 writes them in three bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Common(u16);

impl Common {
    pub(crate) const COUNT: u32 = 0xA000 - Common::FIRST;
    const FIRST: u32 = 0x2000;
    /// Bytes of each.
    pub(crate) const LEN: usize = 3;
    /// How many first bytes there are.
    pub(crate) const LEADS: u8 = 8;

    /// All of them in UTF-8, so that one can be had as a string.
    const ALL: &str = {
        static UTF8: [u8; 3 * Common::COUNT as usize] = Common::every();
        match std::str::from_utf8(&UTF8) {
            Ok(text) => text,
            Err(_) => "",
        }
    };

    #[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
    const fn every() -> [u8; 3 * Common::COUNT as usize] {
        let mut utf8 = [0; 3 * Common::COUNT as usize];
        let mut n = 0;
        while n < Common::COUNT {
            let at = Common::LEN * n as usize;
            let [a, b, c] = Common(n as u16).utf8();
            utf8[at] = a;
            utf8[at + 1] = b;
            utf8[at + 2] = c;
            n += 1;
        }
        utf8
    }

    /// By its bytes, and how far the first one is above the lowest there is.
    /// It is such a one if that is less than [`Common::LEADS`].
    #[inline]
    pub(crate) fn of([a, b, c]: [u8; Common::LEN]) -> (Self, u8) {
        let above = a.wrapping_sub(0xE2);
        let [high, b, c] = [above, b & 0x3F, c & 0x3F].map(u16::from);
        let number = high << 12 | b << 6 | c;
        (Common(number % Common::COUNT as u16), above)
    }

    /// Its bytes.
    #[inline]
    pub(crate) const fn utf8(self) -> [u8; Common::LEN] {
        let n = self.0;
        let (second, third) = (n >> 6 & 0x3F, n & 0x3F);
        [0xE2 + (n >> 12) as u8, 0x80 | second as u8, 0x80 | third as u8]
    }

    /// The one of which these bits of the bytes are others.
    #[inline]
    pub(crate) fn xor(self, [a, b, c]: [u8; Common::LEN]) -> Self {
        let [a, b, c] = [a & 0xF, b & 0x3F, c & 0x3F].map(u16::from);
        let first = Common::FIRST as u16;
        let code = (self.0 + first) ^ (a << 12 | b << 6 | c);
        Common(code.wrapping_sub(first) % Common::COUNT as u16)
    }

    /// By its number, from 0 on.
    #[inline]
    pub(crate) fn nth(n: u16) -> Self {
        Common(n)
    }

    #[inline]
    pub(crate) fn number(self) -> u16 {
        self.0
    }

    #[inline]
    pub(crate) fn get(self) -> char {
        let code = Common::FIRST + u32::from(self.0);
        char::from_u32(code).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn as_str(self) -> &'static str {
        let at = Common::LEN * usize::from(self.0);
        Common::ALL.get(at..at + Common::LEN).unwrap_or_default()
    }
}

impl TryFrom<char> for Common {
    type Error = ();

    #[inline]
    fn try_from(c: char) -> Result<Self, ()> {
        match (c as u32).checked_sub(Common::FIRST) {
            Some(n) if n < Common::COUNT => Ok(Common(n as u16)),
            _ => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_selectors_and_joiners_extend() {
        for c in ['\u{301}', '\u{FE00}', '\u{E0100}', '\u{200D}', '\u{20E3}'] {
            assert!(extends(c), "{c:?}");
        }
        let all = (0..=0x10_FFFF).filter_map(char::from_u32);
        let wrong: Vec<_> = all.filter(|c| extends(*c) != joins(*c)).collect();
        assert_eq!(wrong, []);
        for c in ['a', '漢', '，', '\n', '\u{3000}', 'ǎ', '\u{FEFF}'] {
            assert!(!extends(c), "{c:?}");
        }
    }

    #[test]
    fn common_ones_are_those_of_their_range() {
        for c in (0..=0x10_FFFF).filter_map(char::from_u32) {
            let text = c.to_string();
            let utf8 = text.as_bytes();
            let common = Common::try_from(c).ok();
            if let [a, b, d] = *utf8 {
                let (same, above) = Common::of([a, b, d]);
                assert_eq!(common.is_some(), above < Common::LEADS);
                assert!(common.is_none_or(|common| common == same));
            }
            assert_eq!(
                common.is_some(),
                ('\u{2000}'..'\u{A000}').contains(&c)
            );
            if let Some(common) = common {
                assert_eq!((common.get(), common.as_str()), (c, &*text));
                assert_eq!(Common::nth(common.number()), common);
                let other = Common::nth(common.number() ^ 0x5A5A);
                let (a, b) = (common.utf8(), other.utf8());
                let bits = [a[0] ^ b[0], a[1] ^ b[1], a[2] ^ b[2]];
                assert_eq!(common.xor(bits), other);
            }
        }
    }

    #[test]
    fn fullwidth_letters_and_digits_are_narrowed_and_nothing_else() {
        let narrowed: String =
            "０９ＡＺａｚ".chars().filter_map(narrow).collect();
        assert_eq!(narrowed, "09AZaz");
        assert!("，：（＠［｀｛".chars().all(|c| narrow(c).is_none()));
    }
}
