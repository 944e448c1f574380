//! Readings without brackets: 国guó, 国 guó 家 jiā, 汉字 hànzì. They are looked
//! for only where all is asked for.

use super::note::{self, Class, MAX_BLANKS, MAX_CONTENT, Unit, is_blank};
use super::syllable::{self, Form};
use super::{word, zhuyin};
use crate::chars::extends;

/// Whether the character may start a reading.
pub(super) fn starts(c: char) -> bool {
    syllable::letter(c).is_some()
        || matches!(c, '\u{C0}'..='\u{1DC}' | '\u{1F8}' | '\u{1F9}')
        || matches!(c, '\u{1E3E}'..='\u{1E3F}' | '\u{1EBC}'..='\u{1EC1}')
        || ('ㄅ'..='ㄩ').contains(&c)
        || c == '˙'
}

fn may_contain(c: char) -> bool {
    syllable::may_contain(c)
        || zhuyin::may_contain(c) && !matches!(c, '一' | '丨')
        || word::may_contain(c)
        || is_blank(c)
}

/// The reading at the start of the text, behind a word of Han characters. It
/// has to have a tone.
pub(super) fn find(rest: &str, han: &[char], last: bool) -> Unit {
    let blanks = rest.len() - rest.trim_start_matches(is_blank).len();
    let (front, text) = rest.split_at_checked(blanks).unwrap_or_default();
    if front.chars().count() > MAX_BLANKS {
        return Unit::Other;
    }
    let Some(base) = han.last() else { return Unit::Other };
    let end = text
        .char_indices()
        .take_while(|(i, _)| *i <= MAX_CONTENT)
        .find(|(_, c)| !may_contain(*c));
    let run = match end {
        Some((end, _)) => end,
        None if text.len() <= MAX_CONTENT && !last => return Unit::Open,
        None if text.len() <= MAX_CONTENT => text.len(),
        None => return Unit::Other,
    };
    let (run, behind) = text.split_at_checked(run).unwrap_or_default();
    if behind.chars().next().is_some_and(extends) {
        // The mark would be left without its base.
        return Unit::Other;
    }
    if !run.starts_with(starts) {
        return Unit::Other;
    }
    // The most tokens that are a reading together.
    let mut run = run.trim_end_matches(is_blank);
    while !run.is_empty() {
        if let Some(note) = note::read(*base, han, run) {
            let toned = match note.class {
                Class::Exact => note.form != Form::Plain,
                Class::Word(word) => word.toned,
                _ => false,
            };
            if toned {
                return Unit::Note(note, blanks + run.len());
            }
        }
        let at = run.rfind(is_blank).unwrap_or(0);
        run = run.get(..at).unwrap_or_default().trim_end_matches(is_blank);
    }
    Unit::Other
}
