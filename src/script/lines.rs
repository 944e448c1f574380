//! Lines that are not Chinese are left alone: those with kana or hangul, and
//! short Japanese ones without kana behind a Japanese line.
//!
//! Text passes as it is; around such lines marks are put, which tell the
//! conversion behind to keep what is between them. A line is judged by its
//! first [`WINDOW`] characters, and by one bit that says whether the last line
//! with Han before it was Japanese.
//!
//! A line without kana is Japanese if that bit is set, it has no more than
//! [`WINDOW`] characters, all its Han are kanji of today, and one of them has
//! a form that Traditional Chinese does not use (元広島県議会議員). A Chinese
//! page that quotes Japanese goes on in Chinese: its next line has characters
//! that are no kanji of today (這 們 說 國), or nothing that says Japanese.
//!
//! How many lines were left alone is counted, for the summary of the document.
//!
//! Nothing that later stages do moves a character further from the start of
//! its line, and a converted line is never less Japanese than it was, so a
//! second pass judges alike or has nothing left to convert.

use std::sync::LazyLock;

use crate::chars::{is_hangul, is_kana};
use crate::simd;
use crate::stage::Stage;
use crate::text::Cursor;

/// Characters, sorted, three bytes each.
type Sorted = &'static [[u8; 3]];

/// Kanji of today, and those of them that Japanese has simplified: the second
/// and the third line of the file.
static KANJI: LazyLock<(Sorted, Sorted)> = LazyLock::new(|| {
    let mut lines = include_str!("../tables/japanese.txt").lines().skip(1);
    let mut next = || {
        let line = lines.next().unwrap_or_default();
        line.as_bytes().as_chunks().0
    };
    (next(), next())
});

/// Characters of a line that are looked at.
const WINDOW: usize = 64;

pub(crate) struct Lines {
    /// At the start of a line, not judged yet.
    at_start: bool,
    /// What is passed on is to be kept.
    keeping: bool,
    /// The last line with Han was Japanese.
    japanese: bool,
    /// Lines left alone so far, of all documents.
    pub(crate) left_alone: u64,
}

impl Lines {
    pub(crate) fn new() -> Self {
        Lines {
            at_start: true,
            keeping: false,
            japanese: false,
            left_alone: 0,
        }
    }
}

fn is_han(c: char) -> bool {
    matches!(c,
        '\u{3400}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}')
}

fn listed(list: Sorted, c: char) -> bool {
    let mut utf8 = [0; 4];
    let utf8 = c.encode_utf8(&mut utf8).as_bytes();
    list.binary_search_by(|other| other.as_slice().cmp(utf8)).is_ok()
}

/// What a line is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Japanese,
    Korean,
    Chinese,
    /// No Han in it, or none among the first characters.
    Other,
}

/// What the line is; `None` if more of it has to be seen.
fn judge(line: &str, japanese_before: bool, last: bool) -> Option<Kind> {
    let (mut han, mut kanji, mut simplified) = (false, true, false);
    let mut whole = last;
    let mut long = false;
    for (n, c) in line.chars().enumerate() {
        // CR may become a line end later on.
        if c == '\n' || c == '\r' {
            whole = true;
            break;
        }
        if n == WINDOW {
            long = true;
            break;
        }
        if is_kana(c) {
            return Some(Kind::Japanese);
        }
        if is_hangul(c) {
            return Some(Kind::Korean);
        }
        if is_han(c) {
            han = true;
            if japanese_before {
                kanji &= listed(KANJI.0, c);
                simplified |= listed(KANJI.1, c);
            }
        }
    }
    if !whole && !long {
        return None;
    }
    Some(if !han {
        Kind::Other
    } else if japanese_before && !long && kanji && simplified {
        Kind::Japanese
    } else {
        Kind::Chinese
    })
}

/// Whether the text may hold something foreign, by the first two bytes of
/// each character. Without branches, so that the compiler makes it wide.
fn may_be_foreign(text: &str) -> bool {
    simd::any_pair(text.as_bytes(), |a, b| {
        // Hangul; kana and hangul letters; old hangul; halfwidth kana.
        (a.wrapping_sub(0xEA) < 4)
            | (a == 0xE3) & (b.wrapping_sub(0x81) < 7)
            | (a == 0xE1) & (b < 0x88)
            | (a == 0xEF) & (b.wrapping_sub(0xBD) < 2)
    })
}

impl Stage for Lines {
    const LOOKAHEAD: usize = 4 * WINDOW;

    fn run(&mut self, cur: &mut Cursor<'_>, last: bool) {
        if !self.keeping && !self.japanese && !may_be_foreign(cur.rest()) {
            // Only the last line may be undecided.
            let rest = cur.rest();
            let line = memchr::memrchr2(b'\n', b'\r', rest.as_bytes());
            let (open, start) = match line {
                Some(end) => (true, end + 1),
                None => (self.at_start, 0),
            };
            let tail = rest.get(start..).unwrap_or_default();
            let hold = open && judge(tail, false, last).is_none();
            self.at_start = open && (hold || tail.is_empty());
            cur.keep(if hold { start } else { rest.len() });
            return;
        }
        while !cur.rest().is_empty() {
            let rest = cur.rest();
            if self.at_start {
                let Some(kind) = judge(rest, self.japanese, last) else {
                    return;
                };
                if kind != Kind::Other {
                    self.japanese = kind == Kind::Japanese;
                }
                let foreign = matches!(kind, Kind::Japanese | Kind::Korean);
                self.left_alone += u64::from(foreign);
                if foreign != self.keeping {
                    self.keeping = foreign;
                    cur.mark(0, foreign);
                }
                self.at_start = false;
                continue;
            }
            let end = memchr::memchr2(b'\n', b'\r', rest.as_bytes());
            self.at_start = end.is_some();
            cur.keep(end.map_or(rest.len(), |end| end + 1));
        }
    }

    fn reset(&mut self) {
        *self = Lines { left_alone: self.left_alone, ..Lines::new() };
    }
}
