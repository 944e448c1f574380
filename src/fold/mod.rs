//! Annotations: 團(tuán)結(jié) → 團結.
//!
//! A note folds where it stands right after a Han character, in half- or
//! fullwidth brackets (mixed ones too), and holds exactly one syllable with a
//! tone mark that is a listed reading of the character. Up to three such notes
//! in a row fold together. Everything else in
//! brackets stays: 秘(密), (三), (a), 国（境）外, 王(Wáng), 國(gwok3). Only
//! the note is removed; the character before it passes as it is.

mod syllable;

use crate::chars::{extends, is_han, is_variation_selector};
use crate::edit::Rule;
use crate::stage::Stage;
use crate::tables::READINGS;
use crate::text::Cursor;

/// Longer contents, in bytes, are no syllable: the longest are six letters
/// with two marks, three bytes each in fullwidth.
const MAX_SYLLABLE: usize = 6 * 3 + 2 * 2;
const MAX_BRACKET: usize = '（'.len_utf8();

#[derive(Debug)]
pub(crate) struct Fold {
    /// The Han character that the text in front follows, variation selectors
    /// aside.
    after: Option<char>,
}

impl Fold {
    pub(crate) fn new() -> Self {
        Fold { after: None }
    }

    /// Takes note of text that is passed on.
    fn passed(&mut self, text: &str) {
        let base = text.chars().rev().find(|c| !is_variation_selector(*c));
        if let Some(c) = base {
            self.after = is_han(c).then_some(c);
        }
    }
}

/// Notes in a row behind one character, at most. A longer row is no
/// annotation, and stays as a whole: to fold a part of it now would be to fold
/// more the next time.
const MAX_NOTES: usize = 3;

/// What stands at a bracket.
enum Found {
    /// One note or more that fold, of so many bytes.
    Note(usize),
    /// Something else; the bracket has so many bytes.
    Other(usize),
    /// The text ended first.
    Open,
}

/// A row of notes.
fn notes(rest: &str, after: Option<char>, last: bool) -> Found {
    let mut len = 0;
    for n in 0..=MAX_NOTES {
        let next = rest.get(len..).unwrap_or_default();
        if next.is_empty() || !next.starts_with(['(', '（']) {
            return Found::Note(len);
        }
        match note(next, after, last) {
            Found::Note(_) if n == MAX_NOTES => break,
            Found::Note(more) => len += more,
            Found::Other(_) if n > 0 => return Found::Note(len),
            found => return found,
        }
    }
    Found::Other(rest.chars().next().map_or(0, char::len_utf8))
}

/// One note.
fn note(rest: &str, after: Option<char>, last: bool) -> Found {
    let bracket = if rest.starts_with('(') { 1 } else { MAX_BRACKET };
    let (Some(han), Some(inside)) = (after, rest.get(bracket..)) else {
        return Found::Other(bracket);
    };
    let close = inside
        .char_indices()
        .take_while(|(i, _)| *i <= MAX_SYLLABLE)
        .find(|(_, c)| !syllable::may_contain(*c));
    match close {
        Some((len, c @ (')' | '）'))) => {
            let end = bracket + len + c.len_utf8();
            let Some(next) = rest.get(end..) else {
                return Found::Other(bracket);
            };
            match next.chars().next() {
                // A mark on the bracket would be left without its base.
                Some(c) if extends(c) => return Found::Other(bracket),
                None if !last => return Found::Open,
                _ => {}
            }
            let reads = inside
                .get(..len)
                .and_then(syllable::parse)
                .is_some_and(|syllable| READINGS.has(han, &syllable));
            if reads { Found::Note(end) } else { Found::Other(bracket) }
        }
        Some(_) => Found::Other(bracket),
        None if inside.len() <= MAX_SYLLABLE && !last => Found::Open,
        None => Found::Other(bracket),
    }
}

/// Offset of the next opening bracket, or the length of the text.
pub(crate) fn next_bracket(text: &str) -> usize {
    let bytes = text.as_bytes();
    memchr::memchr2_iter(b'(', 0xEF, bytes)
        .find(|&i| {
            bytes.get(i) == Some(&b'(')
                || bytes.get(i + 1..i + 3) == Some(&[0xBC, 0x88])
        })
        .unwrap_or(bytes.len())
}

impl Stage for Fold {
    const LOOKAHEAD: usize =
        (MAX_NOTES + 1) * (MAX_BRACKET + MAX_SYLLABLE + MAX_BRACKET);

    fn run(&mut self, cur: &mut Cursor<'_>, last: bool) {
        loop {
            let rest = cur.rest();
            let n = next_bracket(rest);
            let Some((kept, rest)) = rest.split_at_checked(n) else {
                debug_assert!(false, "{n} is not a boundary");
                return;
            };
            self.passed(kept);
            let found =
                (!rest.is_empty()).then(|| notes(rest, self.after, last));
            cur.keep(n);
            match found {
                None | Some(Found::Open) => return,
                Some(Found::Note(n)) => {
                    cur.replace(n, "", Rule::AnnotationPinyin);
                }
                Some(Found::Other(n)) => {
                    cur.keep(n);
                    self.after = None;
                }
            }
        }
    }

    fn reset(&mut self) {
        self.after = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Logs, Text};

    /// What is left unread of a text when more may come.
    fn unread(text: &str) -> String {
        let (mut input, mut out) = (Text::new(false), Text::new(false));
        input.push(text, 0..text.len() as u64, true);
        let mut logs = Logs::default();
        Fold::new()
            .run(&mut Cursor::new(&mut input, &mut out, &mut logs), false);
        input.rest().into()
    }

    #[test]
    fn only_what_may_be_a_note_is_held() {
        assert_eq!(unread("團結"), "");
        assert_eq!(unread("團("), "(");
        assert_eq!(unread("團(tuá"), "(tuá");
        assert_eq!(unread("團(tuán)"), "(tuán)");
        assert_eq!(unread("團(tuán)結"), "");
        assert_eq!(unread("團(密"), "");
        assert_eq!(unread("a(tuá"), "");
        assert_eq!(unread("團(zhuangzhuangzhuangzhuang"), "");
    }
}
