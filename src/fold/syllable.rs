//! One syllable of pinyin, as people write it, in the form of the table.

use unicode_normalization::UnicodeNormalization;

use crate::chars::narrow;

/// Whether the character can be part of a syllable.
pub(super) fn may_contain(c: char) -> bool {
    c.is_ascii_lowercase()
        || matches!(c, 'ａ'..='ｚ')
        || matches!(c, '\u{DF}'..='\u{1DC}' | '\u{1F8}' | '\u{1F9}')
        || matches!(c, '\u{300}'..='\u{30C}')
        || matches!(c, '\u{1E3E}'..='\u{1E3F}' | '\u{1EBE}'..='\u{1EC1}')
}

/// `tuán` → `tuan2`: lower-case letters with exactly one tone mark, composed
/// or not, half- or fullwidth. `None` if the text is anything else.
///
/// Fullwidth letters count because the form that they are given later must
/// not make a note out of what was none before.
pub(super) fn parse(text: &str) -> Option<String> {
    let mut letters = String::with_capacity(8);
    let mut tone = None;
    for c in text.nfd() {
        let mark = match c {
            'a'..='z' => {
                letters.push(c);
                continue;
            }
            'ａ'..='ｚ' => {
                letters.push(narrow(c)?);
                continue;
            }
            '\u{308}' => {
                replace_last(&mut letters, 'u', 'v')?;
                continue;
            }
            '\u{302}' => {
                replace_last(&mut letters, 'e', 'E')?;
                continue;
            }
            '\u{304}' => '1',
            '\u{301}' => '2',
            '\u{30C}' => '3',
            '\u{300}' => '4',
            _ => return None,
        };
        if tone.replace(mark).is_some() || letters.is_empty() {
            return None;
        }
    }
    letters.push(tone?);
    Some(letters)
}

fn replace_last(letters: &mut String, from: char, to: char) -> Option<()> {
    if letters.pop()? == from {
        letters.push(to);
        Some(())
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn composed_decomposed_and_fullwidth() {
        let cases = [
            ("tuán", "tuan2"),
            ("tua\u{301}n", "tuan2"),
            ("lǜ", "lv4"),
            ("nu\u{308}\u{30C}", "nv3"),
            ("ｔｕán", "tuan2"),
            ("ḿ", "m2"),
            ("ế", "E2"),
            ("ā", "a1"),
        ];
        for (text, wanted) in cases {
            assert_eq!(parse(text).as_deref(), Some(wanted), "{text}");
            assert!(text.chars().all(may_contain), "{text}");
        }
    }

    #[test]
    fn anything_else_is_no_syllable() {
        // Two syllables have two marks.
        let others =
            ["", "tuan", "Tuán", "tuán2", "tuánjié", "\u{301}a", "密"];
        for text in others {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
