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
    fn fullwidth_letters_and_digits_are_narrowed_and_nothing_else() {
        let narrowed: String =
            "０９ＡＺａｚ".chars().filter_map(narrow).collect();
        assert_eq!(narrowed, "09AZaz");
        assert!("，：（＠［｀｛".chars().all(|c| narrow(c).is_none()));
    }
}
