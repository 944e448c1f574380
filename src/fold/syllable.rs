//! One syllable as people write it, in the form of the table of readings.

use unicode_normalization::UnicodeNormalization;

use crate::chars::narrow;

/// Letters as the table has them: lower case, ü as `v`, ê as `E`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Letters {
    bytes: [u8; Letters::MOST],
    len: u8,
}

impl Letters {
    /// `zhuangr` has seven.
    pub(super) const MOST: usize = 7;

    pub(super) fn push(&mut self, letter: u8) -> Option<()> {
        *self.bytes.get_mut(usize::from(self.len))? = letter;
        self.len += 1;
        Some(())
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    fn replace_last(&mut self, from: u8, to: u8) -> Option<()> {
        let last = usize::from(self.len).checked_sub(1)?;
        let last = self.bytes.get_mut(last)?;
        (*last == from).then(|| *last = to)
    }

    pub(super) fn is_one(&self) -> bool {
        self.len == 1
    }

    /// Of some letters.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let mut letters = Letters::default();
        bytes.iter().try_for_each(|b| letters.push(*b))?;
        Some(letters)
    }
}

/// How a syllable is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Form {
    /// No tone is given.
    Plain,
    /// By a mark.
    Marked,
    /// By a number.
    Numbered,
    Zhuyin,
}

/// A syllable that was read; the table says whether there is such a one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Syllable {
    pub(super) letters: Letters,
    /// From 1 to 4, 5 for a neutral tone that is written, 0 for none.
    pub(super) tone: u8,
    pub(super) form: Form,
    /// Some letter is a capital.
    pub(super) capital: bool,
}

/// The tone that a combining mark stands for. A breve is typed for a caron.
/// A tilde is not, or Sino-Vietnamese 馬(mã) would read as Mandarin.
pub(super) fn tone_of(mark: char) -> Option<u8> {
    match mark {
        '\u{304}' => Some(1),
        '\u{301}' => Some(2),
        '\u{30C}' | '\u{306}' => Some(3),
        '\u{300}' => Some(4),
        _ => None,
    }
}

/// The tone that a digit stands for: plain, fullwidth or raised.
pub(super) fn digit(c: char) -> Option<u8> {
    let c = narrow(c).unwrap_or(c);
    match c {
        '0' | '⁰' => Some(5),
        '1'..='5' => Some(c as u8 - b'0'),
        '¹' => Some(1),
        '²' => Some(2),
        '³' => Some(3),
        '⁴' => Some(4),
        '⁵' => Some(5),
        _ => None,
    }
}

/// A letter of pinyin, and whether it is a capital.
pub(super) fn letter(c: char) -> Option<(u8, bool)> {
    let c = narrow(c).unwrap_or(c);
    match c {
        'a'..='z' => Some((c as u8, false)),
        'A'..='Z' => Some((c.to_ascii_lowercase() as u8, true)),
        // IPA letters and alpha, which look like the printed ones.
        'ɑ' | 'α' => Some((b'a', false)),
        'ɡ' => Some((b'g', false)),
        _ => None,
    }
}

/// Dots that mark the neutral tone, before a syllable.
pub(super) fn is_neutral_dot(c: char) -> bool {
    matches!(c, '·' | '˙' | '•' | '‧' | '・')
}

/// Whether the character can be part of a syllable or a word of them.
pub(super) fn may_contain(c: char) -> bool {
    letter(c).is_some()
        || digit(c).is_some()
        || is_neutral_dot(c)
        || matches!(c, ':' | '：')
        || matches!(c, '\u{C0}'..='\u{1DC}' | '\u{1F8}' | '\u{1F9}')
        || matches!(c, '\u{300}'..='\u{30C}' | '\u{3AC}' | '\u{1F70}')
        || matches!(c, '\u{1E3E}'..='\u{1E3F}' | '\u{1EBC}'..='\u{1EC1}')
        // Private characters of GBK for ḿ and ǹ.
        || matches!(c, '\u{E7C7}' | '\u{E7C8}')
}

/// `tuán` → `tuan` in tone 2. `None` if it is not one stretch of letters with
/// at most one tone.
///
/// Fullwidth letters count because the form that they are given later must
/// not make a note out of what was none before.
pub(super) fn parse(text: &str) -> Option<Syllable> {
    let (neutral, text) = match text.strip_prefix(is_neutral_dot) {
        Some(text) => (true, text),
        None => (false, text),
    };
    let mut letters = Letters::default();
    let mut tone = neutral.then_some(5);
    let mut capital = false;
    // What may follow the number of a tone: the r of erhua, once.
    let mut numbered = false;
    let mut ended = false;
    // A mark goes on a letter that can be hummed.
    let mut sounds = false;
    let private = |c| match c {
        '\u{E7C7}' => 'ḿ',
        '\u{E7C8}' => 'ǹ',
        c => c,
    };
    for c in text.chars().map(private).nfd() {
        if ended {
            return None;
        }
        if let Some((byte, upper)) = letter(c) {
            if numbered {
                ended = true;
                (byte == b'r').then_some(())?;
            }
            capital |= upper;
            sounds = b"aeiouvnmg".contains(&byte);
            letters.push(byte)?;
        } else if let Some(mark) = tone_of(c) {
            (sounds && tone.replace(mark).is_none()).then_some(())?;
        } else if let Some(number) = digit(c) {
            let first = tone.replace(number).is_none();
            (first && !letters.as_bytes().is_empty()).then_some(())?;
            numbered = true;
        } else {
            match c {
                '\u{308}' | ':' | '：' if !numbered => {
                    letters.replace_last(b'u', b'v')?;
                }
                '\u{302}' if !numbered => letters.replace_last(b'e', b'E')?,
                _ => return None,
            }
        }
    }
    (!letters.as_bytes().is_empty()).then_some(())?;
    let form = match tone {
        None => Form::Plain,
        Some(_) if numbered => Form::Numbered,
        Some(_) => Form::Marked,
    };
    Some(Syllable { letters, tone: tone.unwrap_or(0), form, capital })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, wanted: &str) {
        let syllable = parse(text).map(|s| {
            let letters = String::from_utf8_lossy(s.letters.as_bytes());
            format!("{letters}{}", s.tone)
        });
        assert_eq!(syllable.as_deref(), Some(wanted), "{text}");
        assert!(text.chars().all(may_contain), "{text}");
    }

    #[test]
    fn composed_decomposed_and_fullwidth() {
        let cases = [
            ("tuán", "tuan2"),
            ("tua\u{301}n", "tuan2"),
            ("lǜ", "lv4"),
            ("nu\u{308}\u{30C}", "nv3"),
            ("nu\u{30C}\u{308}", "nv3"),
            ("nu:3", "nv3"),
            ("lv4", "lv4"),
            ("ｔｕán", "tuan2"),
            ("ḿ", "m2"),
            ("ế", "E2"),
            ("ā", "a1"),
            ("Tuán", "tuan2"),
            ("wǎnɡ", "wang3"),
            ("tuɑ\u{301}n", "tuan2"),
            ("diăn", "dian3"),
            ("guo2", "guo2"),
            ("de0", "de5"),
            ("huār", "huar1"),
            ("hua1r", "huar1"),
            ("·zi", "zi5"),
            ("tuan", "tuan0"),
        ];
        for (text, wanted) in cases {
            reads(text, wanted);
        }
    }

    #[test]
    fn anything_else_is_no_syllable() {
        // Two syllables have two marks.
        let others = [
            "",
            "tuán2",
            "tuánjié",
            "\u{301}a",
            "密",
            "gwok6",
            "mã",
            "ć",
            "guo2a",
            "zhuangzhuang",
        ];
        for text in others {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
