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

/// The brackets of the line: those ahead that are decided, and those behind
/// that are open.
#[derive(Clone, Debug, Default)]
pub(super) struct Brackets {
    /// The innermost in the lowest bit: set if it was opened by a fullwidth
    /// bracket. More than 64 are forgotten, and the line end forgets all.
    open: u64,
    /// By distance from the end of the text in front, the furthest last: what
    /// becomes of each `(` in it; `None` if its end has not come yet.
    ahead: Vec<(usize, Option<bool>)>,
}

impl Brackets {
    /// What to do with the bracket that `rest` starts with; `None` if that
    /// depends on text that has not come yet.
    pub(super) fn decide(
        &mut self,
        rest: &str,
        in_url: bool,
        last: bool,
    ) -> Option<Action> {
        Some(match rest.chars().next()? {
            // In a URL it is a part of the address.
            '(' if in_url => Action::Open(1, false),
            '(' => Action::Open(1, self.holds_han(rest, last)?),
            '（' => Action::Open('（'.len_utf8(), true),
            c => Action::Close(c.len_utf8()),
        })
    }

    /// Opens a pair; returns the bracket to write.
    pub(super) fn open(&mut self, bracket: &str, full: bool) -> &'static str {
        let full = full || bracket != "(";
        self.open = self.open << 1 | u64::from(full);
        if full { "（" } else { "(" }
    }

    /// Closes the innermost pair; returns the bracket to write.
    pub(super) fn close(&mut self, bracket: &str) -> &'static str {
        let full = self.open & 1 == 1 || bracket != ")";
        self.open >>= 1;
        if full { "）" } else { ")" }
    }

    /// The line ended.
    pub(super) fn end_line(&mut self) {
        self.open = 0;
    }

    /// More text has come: what was undecided is looked at again.
    pub(super) fn look_again(&mut self) {
        self.ahead.clear();
    }

    fn holds_han(&mut self, rest: &str, last: bool) -> Option<bool> {
        while self.ahead.last().is_some_and(|(left, _)| *left > rest.len()) {
            self.ahead.pop();
        }
        if self.ahead.last().is_none_or(|(left, _)| *left != rest.len()) {
            self.ahead = pairs(rest, last);
        }
        self.ahead.last()?.1
    }
}

/// Each `(` of the text, the last one first, with its distance from the end
/// and whether its pair holds Han; `None` if its end has not come yet.
///
/// One walk decides all of them, so that a million brackets in a row cost no
/// more than other text.
fn pairs(text: &str, last: bool) -> Vec<(usize, Option<bool>)> {
    // By opener: distance from the end, number of its character, Han before.
    let mut open: Vec<(usize, usize, usize, usize)> = Vec::new();
    let mut found = Vec::new();
    let (mut han, mut number) = (0, 0);
    let mut chars = text.chars();
    loop {
        let left = chars.as_str().len();
        let Some(c) = chars.next() else { break };
        let next = chars.as_str().chars().next();
        if matches!(c, '(' | '（' | ')' | '）') {
            match next {
                // Whether it carries a mark is not known.
                None if !last => break,
                Some(next) if extends(next) => {
                    number += 1;
                    continue;
                }
                _ => {}
            }
        }
        match c {
            '(' | '（' => {
                open.push((found.len(), left, number, han));
                found.push((left, c, Some(false)));
            }
            ')' | '）' => {
                if let Some((i, left, start, before)) = open.pop() {
                    let inside = text.get(text.len() - left + 1..);
                    let holds = number - start <= MAX_CHARS + 1
                        && han > before
                        && !inside.is_some_and(starts_with_scheme);
                    if let Some(pair) = found.get_mut(i) {
                        pair.2 = Some(holds);
                    }
                }
            }
            '\n' | '\r' => open.clear(),
            c => han += usize::from(is_han(c)),
        }
        number += 1;
    }
    for (i, _, start, _) in open {
        // Not closed in the text, but there may be more of it.
        if !last
            && number - start <= MAX_CHARS + 1
            && let Some(pair) = found.get_mut(i)
        {
            pair.2 = None;
        }
    }
    let halfwidth = found.into_iter().rev().filter(|(_, c, _)| *c == '(');
    halfwidth.map(|(left, _, holds)| (left, holds)).collect()
}

/// `http://` and the like: in `[甲](http://a.cn/乙)` the brackets belong to
/// the link.
fn starts_with_scheme(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
    rest.len() < text.len() && rest.starts_with("://")
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::properties::oracle::texts;

    /// The obvious twin of `pairs`, for one opener.
    fn naive(rest: &str, last: bool) -> Option<bool> {
        let chars: Vec<char> = rest.chars().collect();
        let (mut depth, mut han) = (0, false);
        for i in 0..MAX_CHARS + 2 {
            let Some(&c) = chars.get(i) else {
                return last.then_some(false);
            };
            if matches!(c, '(' | '（' | ')' | '）') {
                match chars.get(i + 1) {
                    None if !last => return None,
                    Some(next) if extends(*next) => continue,
                    _ => {}
                }
            }
            match c {
                '\n' | '\r' => return Some(false),
                '(' | '（' => depth += 1,
                ')' | '）' if depth == 1 => {
                    return Some(han && !starts_with_scheme(&rest[1..]));
                }
                ')' | '）' => depth -= 1,
                c => han |= is_han(c),
            }
        }
        Some(false)
    }

    #[test]
    fn one_walk_finds_what_a_walk_for_each_does() {
        for seed in 20_000..23_000 {
            let text = texts::text(seed);
            let text = String::from_utf8_lossy(&text);
            for last in [false, true] {
                for (left, holds) in pairs(&text, last) {
                    let rest = &text[text.len() - left..];
                    // Behind a bracket whose mark is not known yet nothing
                    // is, and the last bracket may be such a one.
                    assert_eq!(holds, naive(rest, last), "{rest:?}");
                }
            }
        }
    }
}
