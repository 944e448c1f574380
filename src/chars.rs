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

    /// All of them in UTF-8, so that one can be had as a string.
    const ALL: &str = {
        const UTF8: [u8; 3 * Common::COUNT as usize] = Common::utf8();
        match std::str::from_utf8(&UTF8) {
            Ok(text) => text,
            Err(_) => "",
        }
    };

    #[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
    const fn utf8() -> [u8; 3 * Common::COUNT as usize] {
        let mut utf8 = [0; 3 * Common::COUNT as usize];
        let mut n = 0;
        while n < Common::COUNT {
            let c = Common::FIRST + n;
            let at = 3 * n as usize;
            utf8[at] = 0xE0 | (c >> 12) as u8;
            utf8[at + 1] = 0x80 | (c >> 6 & 0x3F) as u8;
            utf8[at + 2] = 0x80 | (c & 0x3F) as u8;
            n += 1;
        }
        utf8
    }

    /// The one that stands at a place of a text, if it is such a one.
    #[inline]
    pub(crate) fn at(text: &str, at: usize) -> Option<Self> {
        let three = text.as_bytes().get(at..)?.first_chunk()?;
        let [a @ 0xE2..=0xE9, b, c] = three.map(u32::from) else {
            return None;
        };
        let code = (a & 0xF) << 12 | (b & 0x3F) << 6 | c & 0x3F;
        Some(Common((code - Common::FIRST) as u16))
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
        let at = 3 * usize::from(self.0);
        Common::ALL.get(at..at + 3).unwrap_or_default()
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
            let mut text = String::from("x");
            text.push(c);
            let common = Common::at(&text, 1);
            assert_eq!(common, Common::try_from(c).ok());
            assert_eq!(
                common.is_some(),
                ('\u{2000}'..'\u{A000}').contains(&c)
            );
            if let Some(common) = common {
                assert_eq!((common.get(), common.as_str()), (c, &text[1..]));
                assert_eq!(Common::nth(common.number()), common);
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
