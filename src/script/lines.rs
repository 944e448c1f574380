//! Lines that are not Chinese: those with kana or hangul are left alone.
//!
//! Text passes as it is; around such lines marks are put, which tell the
//! conversion behind to keep what is between them. A line is judged by its
//! first [`WINDOW`] characters. Nothing that later stages do moves a character
//! further from the start of its line, so a second pass judges alike or has
//! nothing left to convert.

use crate::stage::Stage;
use crate::text::Cursor;

/// Characters of a line that are looked at.
const WINDOW: usize = 64;

pub(crate) struct Lines {
    /// At the start of a line, not judged yet.
    at_start: bool,
    /// What is passed on is to be kept.
    keeping: bool,
}

impl Lines {
    pub(crate) fn new() -> Self {
        Lines { at_start: true, keeping: false }
    }
}

/// Kana or hangul. The middle dot and the length mark are used elsewhere too.
fn is_foreign(c: char) -> bool {
    matches!(c,
        '\u{3041}'..='\u{3096}'
        | '\u{309D}'..='\u{309F}'
        | '\u{30A1}'..='\u{30FA}'
        | '\u{30FD}'..='\u{30FF}'
        | '\u{31F0}'..='\u{31FF}'
        | '\u{FF66}'..='\u{FF6F}'
        | '\u{FF71}'..='\u{FF9D}'
        | '\u{1100}'..='\u{11FF}'
        | '\u{3131}'..='\u{318E}'
        | '\u{AC00}'..='\u{D7A3}')
}

/// Whether the line is foreign; `None` if more of it has to be seen.
fn judge(line: &str, last: bool) -> Option<bool> {
    for (n, c) in line.chars().enumerate() {
        // CR may become a line end later on.
        if n == WINDOW || c == '\n' || c == '\r' {
            return Some(false);
        }
        if is_foreign(c) {
            return Some(true);
        }
    }
    last.then_some(false)
}

/// Whether the text may hold something foreign, by the first two bytes of
/// each character. Without branches, so that the compiler makes it wide.
pub(super) fn may_be_foreign(text: &str) -> bool {
    let found = |pair: &[u8]| {
        let &[a, b] = pair else { return false };
        // Hangul; kana and hangul letters; old hangul; halfwidth kana.
        (a.wrapping_sub(0xEA) < 4)
            | (a == 0xE3) & (b.wrapping_sub(0x81) < 7)
            | (a == 0xE1) & (b < 0x88)
            | (a == 0xEF) & (b.wrapping_sub(0xBD) < 2)
    };
    let block =
        |block: &[u8]| block.windows(2).fold(false, |f, w| f | found(w));
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(rest) = bytes.get(from..)
        && rest.len() > 1
    {
        // One byte further, for the pair across the border.
        if block(rest.get(..4097).unwrap_or(rest)) {
            return true;
        }
        from += 4096;
    }
    false
}

impl Stage for Lines {
    const LOOKAHEAD: usize = 4 * WINDOW;

    fn run(&mut self, cur: &mut Cursor<'_>, last: bool) {
        if !self.keeping && !may_be_foreign(cur.rest()) {
            // Only the last line may be undecided.
            let rest = cur.rest();
            let line = memchr::memrchr2(b'\n', b'\r', rest.as_bytes());
            let (open, start) = match line {
                Some(end) => (true, end + 1),
                None => (self.at_start, 0),
            };
            let tail = rest.get(start..).unwrap_or_default();
            let hold = open && judge(tail, last).is_none();
            self.at_start = open && (hold || tail.is_empty());
            cur.keep(if hold { start } else { rest.len() });
            return;
        }
        while !cur.rest().is_empty() {
            let rest = cur.rest();
            if self.at_start {
                let Some(foreign) = judge(rest, last) else { return };
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
        *self = Lines::new();
    }
}
