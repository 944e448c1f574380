//! Canonical form, first rules: line ends, blanks at line edges, the width
//! of letters, digits, punctuation and brackets; a mark at the start and ESC,
//! which would be read as something else the next time. Words are not touched,
//! nor quotation marks, blanks inside a line, or what only the source knows.
//!
//! Every decision looks at what is already written on its left and at the
//! text on its right, and only at properties that no rule here changes. That
//! is why a second pass finds nothing to do. Nothing is decided about a
//! character that carries a combining mark or variation selector: the two
//! make one grapheme cluster, which is not the plain character.

mod bracket;
mod context;

use crate::chars::{extends, narrow};
use crate::edit::Rule;
use crate::options::Unit;
use crate::stage::Stage;
use crate::text::Cursor;
use bracket::Brackets;
use context::Left;
pub(crate) use context::quiet_prefix;

/// Blanks in a row, in bytes, that are looked at together. A longer run stays
/// as it is inside a line and goes altogether at the start of one.
const MAX_BLANKS: usize = 256;

const MARK: char = '\u{FEFF}';

pub(crate) struct Canon {
    unit: Unit,
    left: Left,
    brackets: Brackets,
    /// Nothing was written yet in this document.
    at_start: bool,
    /// In a run of blanks that is longer than `MAX_BLANKS`.
    long_run: bool,
}

impl Canon {
    pub(crate) fn new(unit: Unit) -> Self {
        Canon {
            unit,
            left: Left::default(),
            brackets: Brackets::default(),
            at_start: true,
            long_run: false,
        }
    }

    /// What to do with the start of `rest`, a character that some rule has
    /// something to say about; `None` if that depends on what comes.
    fn decide(&mut self, rest: &str, last: bool) -> Option<Action> {
        let mut chars = rest.chars();
        let first = chars.next()?;
        let keep = Action::Keep(first.len_utf8());
        // Most decisions need to know whether a mark follows.
        let next = chars.next();
        let next_known = next.is_some() || last;
        let plain = !next.is_some_and(extends);
        Some(match first {
            '\n' => keep,
            '\u{1B}' => Action::Replace(1, "\u{FFFD}", Rule::Control),
            _ if self.is_blank(first) => return self.blanks(rest, last),
            '\r' => match next {
                Some('\n') => Action::Replace(2, "\n", Rule::LineEnd),
                None if !last => return None,
                _ => Action::Replace(1, "\n", Rule::LineEnd),
            },
            MARK if self.at_start => {
                Action::Replace(first.len_utf8(), "", Rule::Bom)
            }
            _ if !next_known => return None,
            _ if !plain => keep,
            '(' | '（' | ')' | '）' => {
                let in_url = self.left.in_url();
                return self.brackets.decide(rest, in_url, last);
            }
            ',' | ':' | ';' | '?' | '!' => match wide(first) {
                Some(with) if self.left.widens(first, next) => {
                    Action::Replace(1, with, Rule::WidthPunctuation)
                }
                _ => keep,
            },
            _ => match narrow(first) {
                Some(c) => Action::Narrow(first.len_utf8(), c),
                None => keep,
            },
        })
    }

    /// The blanks that are trimmed. Where each line is a document, CR has no
    /// line end of its own to be and counts as one.
    fn is_blank(&self, c: char) -> bool {
        is_blank(c) || c == '\r' && self.unit == Unit::Line
    }

    /// A run of blanks.
    fn blanks(&self, rest: &str, last: bool) -> Option<Action> {
        let mut len = 0;
        let mut ascii = 0;
        let mut end = None;
        let mut last_blank = None;
        for c in rest.chars() {
            if !self.is_blank(c) {
                end = Some(c);
                break;
            }
            if len + c.len_utf8() > MAX_BLANKS {
                return Some(self.long(len));
            }
            if len == ascii && c.is_ascii() {
                ascii += 1;
            }
            last_blank = Some(c);
            len += c.len_utf8();
        }
        if end.is_none() && !last {
            return None;
        }
        if end.is_some_and(extends) {
            // The last one carries a mark and is no blank.
            let base = last_blank.map_or(0, char::len_utf8);
            len -= base;
            ascii = ascii.min(len);
            if len == 0 {
                return Some(Action::Keep(base));
            }
        }
        Some(match end {
            _ if self.long_run => self.long(len),
            None if rest == "\r" => Action::Replace(1, "", Rule::LineEnd),
            None | Some('\n' | '\r') => {
                Action::Replace(len, "", Rule::EdgeBlank)
            }
            Some(_) => self.inner(rest, len, ascii),
        })
    }

    /// A run that something follows on the line; the first `ascii` bytes of
    /// it are spaces and tabs.
    fn inner(&self, rest: &str, len: usize, ascii: usize) -> Action {
        if !self.left.at_line_start() {
            return Action::Keep(len);
        }
        // An indent of spaces and tabs stays, ideographic spaces do not.
        if ascii > 0 {
            return Action::Keep(ascii);
        }
        let run = rest.get(..len).unwrap_or_default();
        let wide = run.find(|c: char| c.is_ascii()).unwrap_or(len);
        Action::Replace(wide, "", Rule::EdgeBlank)
    }

    fn long(&self, len: usize) -> Action {
        Action::LongRun(len, self.left.at_line_start())
    }

    /// Takes note of what was written: a line end, or text without one.
    fn wrote(&mut self, text: &str) {
        if text == "\n" {
            self.left.ended_line();
            self.brackets.end_line();
        } else if !text.is_empty() {
            self.left.wrote(text);
        } else {
            return;
        }
        self.at_start = false;
    }
}

/// What happens to the next bytes.
#[derive(Debug)]
enum Action {
    Keep(usize),
    Replace(usize, &'static str, Rule),
    /// A fullwidth letter or digit becomes this one.
    Narrow(usize, char),
    /// An opening bracket, and whether it is fullwidth from now on.
    Open(usize, bool),
    /// A closing bracket.
    Close(usize),
    /// A piece of a very long run of blanks, and whether it goes.
    LongRun(usize, bool),
}

impl Stage for Canon {
    const LOOKAHEAD: usize = if MAX_BLANKS > bracket::MAX_BYTES {
        MAX_BLANKS
    } else {
        bracket::MAX_BYTES
    };

    fn run(&mut self, cur: &mut Cursor<'_>, last: bool) {
        self.brackets.look_again();
        loop {
            let rest = cur.rest();
            let n =
                quiet_prefix(rest, self.at_start, !self.left.at_line_start());
            let Some((kept, rest)) = rest.split_at_checked(n) else {
                debug_assert!(false, "{n} is not a boundary");
                return;
            };
            self.wrote(kept);
            if n > 0 {
                self.long_run = false;
            }
            let action =
                if rest.is_empty() { None } else { self.decide(rest, last) };
            // Taken here because `keep` ends the borrow.
            let head = |n: usize| rest.get(..n).unwrap_or_default();
            let mut long_run = false;
            match action {
                None => {
                    cur.keep(n);
                    return;
                }
                Some(Action::Keep(len)) => {
                    self.wrote(head(len));
                    cur.keep(n + len);
                }
                Some(Action::Replace(len, with, rule)) => {
                    self.wrote(with);
                    cur.keep(n);
                    cur.replace(len, with, rule);
                }
                Some(Action::Narrow(len, c)) => {
                    let mut utf8 = [0; 4];
                    let with = c.encode_utf8(&mut utf8);
                    self.wrote(with);
                    cur.keep(n);
                    cur.replace(len, with, Rule::WidthAlphanumeric);
                }
                Some(Action::Open(len, full)) => {
                    let now = self.brackets.open(head(len), full);
                    self.write_bracket(cur, n, len, now);
                }
                Some(Action::Close(len)) => {
                    let now = self.brackets.close(head(len));
                    self.write_bracket(cur, n, len, now);
                }
                Some(Action::LongRun(len, goes)) => {
                    long_run = true;
                    if goes {
                        cur.keep(n);
                        cur.replace(len, "", Rule::EdgeBlank);
                    } else {
                        self.wrote(head(len));
                        cur.keep(n + len);
                    }
                }
            }
            self.long_run = long_run;
        }
    }

    fn reset(&mut self) {
        *self = Canon::new(self.unit);
    }
}

impl Canon {
    /// Writes a bracket of `len` bytes as `now`.
    fn write_bracket(
        &mut self,
        cur: &mut Cursor<'_>,
        kept: usize,
        len: usize,
        now: &'static str,
    ) {
        cur.keep(kept);
        self.wrote(now);
        if now.len() == len {
            cur.keep(len);
        } else {
            cur.replace(len, now, Rule::WidthBracket);
        }
    }
}

/// Space, tab, no-break space, ideographic space.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\u{A0}' | '\u{3000}')
}

/// Fullwidth punctuation of an ASCII mark.
fn wide(c: char) -> Option<&'static str> {
    Some(match c {
        ',' => "，",
        ':' => "：",
        ';' => "；",
        '?' => "？",
        '!' => "！",
        _ => return None,
    })
}
