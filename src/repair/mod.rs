//! Mojibake: text that somebody decoded with the wrong encoding and saved.
//!
//! 浣犲ソ was 你好 in UTF-8 and read as GBK. Encoded by the reading that was
//! wrong and decoded by the one that is right, it comes back: that is all
//! there is to it, and knowing when to do it is all the rest. Lines are
//! decided one by one (`search.rs`); a line in which nothing is suspicious
//! (`spot.rs`), nearly every one, passes at once.
//!
//! CR ends a line as well, because canon makes LF of it.
//!
//! A line longer than [`WINDOW`] is decided in windows, each counted from
//! where the last one left off.

#[cfg(test)]
mod ahead;
mod lost;
mod readers;
mod search;
mod spot;
mod unrecoverable;

use crate::edit::Rule;
use crate::options;
use crate::stage::Stage;
use crate::text::Cursor;
pub(crate) use unrecoverable::Unrecoverable;

/// The most bytes of a line that are looked at together.
const WINDOW: usize = if cfg!(test) { 256 } else { 2048 };
/// Where a line goes on past its window, a stretch that starts in this last
/// part of it is left to the next one.
const TAIL: usize = WINDOW / 8;

#[derive(Default)]
pub(crate) struct Repair {
    /// What was clear in the document so far.
    seen: search::Seen,
    /// Whether what is lost is guessed.
    guess: bool,
    /// Places that are lost, and those that were guessed.
    pub(crate) lost: u64,
    pub(crate) guessed: u64,
}

impl Repair {
    pub(crate) fn new(how: options::Repair) -> Option<Repair> {
        let guess = match how {
            options::Repair::Off => return None,
            options::Repair::Auto => false,
            options::Repair::Guess => true,
        };
        Some(Repair { guess, ..Repair::default() })
    }
}

impl Stage for Repair {
    const LOOKAHEAD: usize = WINDOW;

    fn run(&mut self, cur: &mut Cursor<'_>, last: bool) {
        loop {
            let rest = cur.rest();
            let end = memchr::memrchr2(b'\n', b'\r', rest.as_bytes());
            let len = match end {
                _ if last => rest.len(),
                Some(end) => end + 1,
                None if rest.len() > WINDOW => rest.len(),
                None => return,
            };
            let (lines, _) = rest.split_at_checked(len).unwrap_or_default();
            if lines.is_empty() {
                return;
            }
            let Some(at) = spot::find(lines, &self.seen) else {
                cur.keep(len);
                continue;
            };
            let (before, _) = lines.split_at_checked(at).unwrap_or_default();
            let line = memchr::memrchr2(b'\n', b'\r', before.as_bytes());
            cur.keep(line.map_or(0, |end| end + 1));
            if !self.decide(cur, last) {
                return;
            }
        }
    }

    fn reset(&mut self) {
        let Repair { guess, lost, guessed, .. } = *self;
        *self = Repair { guess, lost, guessed, ..Repair::default() };
    }
}

impl Repair {
    /// Decides the line in front, up to its end. False if the end is still to
    /// come.
    fn decide(&mut self, cur: &mut Cursor<'_>, last: bool) -> bool {
        loop {
            let rest = cur.rest();
            let end = memchr::memchr2(b'\n', b'\r', rest.as_bytes());
            let len = end.unwrap_or(rest.len());
            let cut = len > WINDOW;
            if !cut && end.is_none() && !last {
                return false;
            }
            let floor =
                |most| (0..=most).rfind(|at| rest.is_char_boundary(*at));
            let (len, most) = if cut {
                (floor(WINDOW).unwrap_or(0), WINDOW - TAIL)
            } else {
                (len, len)
            };
            let line = rest.get(..len).unwrap_or_default();
            if spot::find(line, &self.seen).is_none() {
                // What starts near the end of a window is for the next one.
                cur.keep(floor(most).unwrap_or(len));
            } else {
                let (mut edits, done) =
                    search::repair(line, most, self.guess, &mut self.seen);
                if !edits.is_empty() {
                    let lost = unrecoverable::stretches(line);
                    edits.retain(|e| !unrecoverable::takes(&lost, &e.range));
                }
                let mut at = 0;
                for edit in &edits {
                    cur.keep(edit.range.start - at);
                    let len = edit.range.len();
                    match edit.rule {
                        Rule::Lost => self.lost += 1,
                        Rule::Guessed => self.guessed += 1,
                        _ => {}
                    }
                    cur.choose(len, &edit.text, edit.rule, edit.path);
                    at = edit.range.end;
                }
                cur.keep(done - at);
            }
            if !cut {
                return true;
            }
        }
    }
}
