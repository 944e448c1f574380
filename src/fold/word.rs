//! Notes of more than one syllable: 汉字(hànzì), 西安(Xī'ān).

use unicode_normalization::UnicodeNormalization;

use super::note::is_blank;
use super::reading::{self, Verdict};
use super::syllable::{self, Form, Letters, Syllable};
use super::zhuyin;

/// A word has no more characters than this.
pub(super) const MAX_CHARS: usize = 8;
/// No syllable has more letters.
const MAX_LETTERS: usize = 6;

/// A note that reads the word before it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Word {
    pub(super) syllables: u8,
    /// Some syllable has a tone.
    pub(super) toned: bool,
    pub(super) capital: bool,
    pub(super) zhuyin: bool,
}

/// A letter with the tone behind it, or a border between syllables.
#[derive(Clone, Copy)]
struct Item {
    letter: Option<u8>,
    tone: u8,
}

/// Whether the syllables are those of the last characters of the word, two at
/// least, one for each.
pub(super) fn read(word: &[char], text: &str) -> Option<Word> {
    if let Some(found) = read_zhuyin(word, text) {
        return Some(found);
    }
    let mut items: Vec<Item> = Vec::new();
    let (mut toned, mut capital) = (false, false);
    for c in text.nfd() {
        if let Some((letter, upper)) = syllable::letter(c) {
            capital |= upper;
            items.push(Item { letter: Some(letter), tone: 0 });
            continue;
        }
        if is_blank(c) || is_border(c) {
            items.push(Item { letter: None, tone: 0 });
            continue;
        }
        let last = items.last_mut()?;
        let letter = last.letter.as_mut()?;
        if let Some(t) = syllable::tone_of(c).or_else(|| syllable::digit(c)) {
            (last.tone == 0).then_some(())?;
            last.tone = t;
            toned = true;
        } else {
            match (c, *letter) {
                ('\u{308}' | ':', b'u') => *letter = b'v',
                ('\u{302}', b'e') => *letter = b'E',
                _ => return None,
            }
        }
    }
    let covered = (2..=word.len().min(MAX_CHARS)).rev().find(|n| {
        let chars = word.get(word.len() - n..).unwrap_or_default();
        covers(chars, &items)
    })?;
    Some(Word { syllables: covered as u8, toned, capital, zhuyin: false })
}

fn is_border(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | 'ʼ' | '-' | '‐' | '·')
}

/// Whether the character can be in a note of a word, beside what can be in
/// one of a syllable.
pub(super) fn may_contain(c: char) -> bool {
    is_border(c)
}

/// Whether all of the items are a syllable for each of the characters.
fn covers(chars: &[char], items: &[Item]) -> bool {
    let border = items.iter().take_while(|i| i.letter.is_none()).count();
    let items = items.get(border..).unwrap_or_default();
    let Some((&c, rest)) = chars.split_first() else {
        return items.is_empty();
    };
    // Erhua: 一会儿(yíhuìr).
    if matches!(c, '儿' | '兒')
        && let Some((Item { letter: Some(b'r'), .. }, behind)) =
            items.split_first()
        && covers(rest, behind)
    {
        return true;
    }
    (1..=MAX_LETTERS.min(items.len())).rev().any(|n| {
        let (Some(now), Some(behind)) = (items.get(..n), items.get(n..))
        else {
            return false;
        };
        let mut letters = Letters::default();
        let mut tone = 0;
        for item in now {
            let Some(letter) = item.letter else { return false };
            if letters.push(letter).is_none() || tone != 0 && item.tone != 0 {
                return false;
            }
            tone = tone.max(item.tone);
        }
        let form = if tone == 0 { Form::Plain } else { Form::Marked };
        let syllable = Syllable { letters, tone, form, capital: false };
        reading::verdict(c, &syllable) != Verdict::No && covers(rest, behind)
    })
}

/// ㄏㄢˋ ㄗˋ, with blanks or marks of tones between.
fn read_zhuyin(word: &[char], text: &str) -> Option<Word> {
    let parts = || {
        text.split(is_blank)
            .flat_map(|part| part.split_inclusive(['ˊ', 'ˇ', 'ˋ']))
            .filter(|part| !part.is_empty())
    };
    let n = parts().count();
    if n < 2 {
        return None;
    }
    let chars = word.get(word.len().checked_sub(n)?..)?;
    for (part, c) in parts().zip(chars) {
        let syllable = zhuyin::parse(part)?;
        (reading::verdict(*c, &syllable) != Verdict::No).then_some(())?;
    }
    let syllables = u8::try_from(n).ok()?;
    Some(Word { syllables, toned: true, capital: false, zhuyin: true })
}
