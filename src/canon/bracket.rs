//! Brackets: both of a pair become fullwidth where they hold Han.
//!
//! A bracket that is not closed within [`MAX_CHARS`] characters on its line
//! stays as it is.

use super::Action;
use crate::chars::{extends, is_han};

/// Characters between the brackets of a pair, at most. They are counted as
/// characters because no rule changes their number.
const MAX_CHARS: usize = 255;
/// Bytes that may wait for the closing bracket.
pub(super) const MAX_BYTES: usize = 1 + 4 * (MAX_CHARS + 2);

/// The pairs that are open, the innermost in the lowest bit: set if it was
/// opened by a fullwidth bracket. More than 64 are forgotten, and the line
/// end forgets all.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Brackets(u64);

impl Brackets {
    /// What to do with the bracket that `rest` starts with.
    pub(super) fn decide(&self, rest: &str, last: bool) -> Option<Action> {
        Some(match rest.chars().next()? {
            '(' => Action::Open(1, holds_han(rest, last)?),
            '（' => Action::Open('（'.len_utf8(), true),
            c => Action::Close(c.len_utf8()),
        })
    }

    /// Opens a pair; returns the bracket to write.
    pub(super) fn open(&mut self, bracket: &str, full: bool) -> &'static str {
        let full = full || bracket != "(";
        self.0 = self.0 << 1 | u64::from(full);
        if full { "（" } else { "(" }
    }

    /// Closes the innermost pair; returns the bracket to write.
    pub(super) fn close(&mut self, bracket: &str) -> &'static str {
        let full = self.0 & 1 == 1 || bracket != ")";
        self.0 >>= 1;
        if full { "）" } else { ")" }
    }
}

/// Whether the pair that `rest` opens holds Han; `None` if its end has not
/// come yet.
fn holds_han(rest: &str, last: bool) -> Option<bool> {
    let mut depth = 0;
    let mut han = false;
    let mut chars = rest.chars().peekable();
    for _ in 0..MAX_CHARS + 2 {
        let Some(c) = chars.next() else {
            return last.then_some(false);
        };
        let next = chars.peek();
        if matches!(c, '(' | '（' | ')' | '）') {
            // One that carries a mark is no bracket.
            match next {
                None if !last => return None,
                Some(&next) if extends(next) => continue,
                _ => {}
            }
        }
        match c {
            '\n' | '\r' => return Some(false),
            '(' | '（' => depth += 1,
            ')' | '）' => {
                depth -= 1;
                if depth == 0 {
                    return Some(han);
                }
            }
            c => han |= is_han(c),
        }
    }
    Some(false)
}
