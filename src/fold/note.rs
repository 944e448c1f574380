//! Finds a note: blanks, a bracket, what it holds, the bracket that closes it.

use super::reading::{self, Verdict};
use super::syllable::{self, Form, Letters, Syllable};
use super::word::{self, Word};
use super::{broken, zhuyin};
use crate::chars::{extends, narrow};
use crate::edit::Rule;

/// What is longer, in bytes, is no note.
pub(super) const MAX_CONTENT: usize = 96;
/// Blanks before a bracket that go with the note.
pub(super) const MAX_BLANKS: usize = 2;
const MAX_BRACKET: usize = '（'.len_utf8();
const MAX_BLANK: usize = '\u{3000}'.len_utf8();
/// Bytes of a note, and of the character behind it.
pub(super) const MAX_NOTE: usize = MAX_BLANKS * MAX_BLANK
    + MAX_BRACKET
    + MAX_CONTENT
    + MAX_BRACKET
    + size_of::<char>();

/// What a note is of the character before it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Class {
    /// A listed reading, tone and all.
    Exact,
    /// A listed reading in another tone.
    OtherTone,
    /// A listed reading without its tone.
    Toneless,
    /// Syllables that read the word before.
    Word(Word),
    /// A syllable, but no reading of the character.
    Mismatch,
    /// A syllable of another language, by its number: 國(gwok3).
    Foreign,
}

/// A note, whatever is to become of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Note {
    pub(super) class: Class,
    pub(super) form: Form,
    pub(super) capital: bool,
    pub(super) letters: Letters,
    pub(super) tone: u8,
    /// What to call its removal.
    pub(super) rule: Rule,
}

/// What stands at a bracket.
#[derive(Debug)]
pub(super) enum Unit {
    /// A note, of so many bytes.
    Note(Note, usize),
    /// Something else.
    Other,
    /// The text ended first.
    Open,
}

/// Blanks that come with a note.
pub(super) fn is_blank(c: char) -> bool {
    matches!(
        c,
        ' ' | '\u{A0}' | '\u{2002}'..='\u{200B}' | '\u{202F}' | '\u{3000}'
    )
}

/// What may close this bracket. Square ones only where all is asked for.
pub(super) fn closers(open: char, all: bool) -> Option<[char; 2]> {
    match open {
        '(' | '（' => Some([')', '）']),
        '[' | '［' if all => Some([']', '］']),
        '〔' if all => Some(['〕', '〕']),
        '【' if all => Some(['】', '】']),
        '〖' if all => Some(['〗', '〗']),
        '{' | '｛' if all => Some(['}', '｝']),
        _ => None,
    }
}

/// Whether the character can be part of what a note holds.
pub(super) fn may_contain(c: char) -> bool {
    syllable::may_contain(c)
        || is_blank(c)
        || zhuyin::may_contain(c)
        || word::may_contain(c)
        || broken::may_contain(c)
        // Numbers of other languages, and those of references.
        || narrow(c).unwrap_or(c).is_ascii_digit()
}

/// What stands at the start of the text, which is blanks or a bracket, behind
/// a word of Han characters.
pub(super) fn find(rest: &str, word: &[char], all: bool, last: bool) -> Unit {
    let blanks = rest.len() - rest.trim_start_matches(is_blank).len();
    let (front, inside) = rest.split_at_checked(blanks).unwrap_or_default();
    if front.chars().count() > MAX_BLANKS {
        return Unit::Other;
    }
    let mut chars = inside.chars();
    let Some(open) = chars.next() else {
        return if last { Unit::Other } else { Unit::Open };
    };
    let (Some(closers), Some(base)) = (closers(open, all), word.last()) else {
        return Unit::Other;
    };
    let inside = chars.as_str();
    let closed = inside
        .char_indices()
        .take_while(|(i, _)| *i <= MAX_CONTENT)
        .find(|(_, c)| closers.contains(c) || !may_contain(*c));
    let (len, close) = match closed {
        Some((len, c)) if closers.contains(&c) => (len, c),
        None if inside.len() <= MAX_CONTENT && !last => return Unit::Open,
        _ => return Unit::Other,
    };
    let content = inside.get(..len).unwrap_or_default();
    let Some(note) = read(*base, word, content) else { return Unit::Other };
    let end = blanks + open.len_utf8() + len + close.len_utf8();
    match rest.get(end..).and_then(|rest| rest.chars().next()) {
        // A mark on the bracket would be left without its base.
        Some(c) if extends(c) => Unit::Other,
        None if !last => Unit::Open,
        _ => Unit::Note(note, end),
    }
}

/// What a note says of the character.
pub(super) fn read(base: char, word: &[char], content: &str) -> Option<Note> {
    let text = content.trim_matches(is_blank);
    let zhuyin = zhuyin::parse(text);
    let syllable = zhuyin.or_else(|| syllable::parse(text));
    let note = |class, syllable: &Syllable| Note {
        class,
        form: syllable.form,
        capital: syllable.capital,
        letters: syllable.letters,
        tone: syllable.tone,
        rule: match syllable.form {
            Form::Zhuyin => Rule::AnnotationZhuyin,
            _ => Rule::AnnotationPinyin,
        },
    };
    if let Some(syllable) = &syllable {
        // A letter is a label: (a).
        if syllable.form == Form::Plain && syllable.letters.is_one() {
            return None;
        }
        match reading::verdict(base, syllable) {
            Verdict::Exact => return Some(note(Class::Exact, syllable)),
            Verdict::OtherTone => {
                return Some(note(Class::OtherTone, syllable));
            }
            Verdict::Toneless => return Some(note(Class::Toneless, syllable)),
            Verdict::No => {}
        }
    }
    let none = Syllable {
        letters: Letters::default(),
        tone: 0,
        form: Form::Plain,
        capital: false,
    };
    if let Some(found) = word::read(word, text) {
        let form = if found.zhuyin { Form::Zhuyin } else { Form::Plain };
        let whole = Syllable { form, capital: found.capital, ..none };
        return Some(note(Class::Word(found), &whole));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || c == ' ';
    if syllable.is_none()
        && !content.chars().all(plain)
        && broken::reads(base, content)
    {
        let rule = Rule::AnnotationBroken;
        let marked = Syllable { form: Form::Marked, ..none };
        return Some(Note { rule, ..note(Class::Exact, &marked) });
    }
    if is_foreign(text) {
        return Some(note(Class::Foreign, &none));
    }
    let syllable = syllable?;
    let known = reading::is_syllable(&syllable.letters);
    (known || syllable.tone != 0).then(|| note(Class::Mismatch, &syllable))
}

/// Whether it is syllables with numbers, and one of them is not Mandarin.
fn is_foreign(text: &str) -> bool {
    let mut foreign = false;
    for part in text.split(|c| is_blank(c) || c == '-') {
        let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
        if letters.is_empty()
            || part.len() != letters.len() + 1
            || letters.len() > Letters::MOST
            || !letters.bytes().all(|b| b.is_ascii_lowercase())
        {
            return false;
        }
        foreign |= part.ends_with(['6', '7', '8', '9'])
            || Letters::of(letters.as_bytes())
                .is_none_or(|letters| !reading::is_syllable(&letters));
    }
    foreign
}
