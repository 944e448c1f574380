//! Mojibake: text that somebody decoded with the wrong encoding and saved.
//!
//! 浣犲ソ was 你好 in UTF-8 and read as GBK. Encoded by the reading that was
//! wrong and decoded by the one that is right, it comes back: that is all
//! there is to it, and knowing when to do it is all the rest. Lines are
//! decided one by one (`search.rs`); a line in which nothing is suspicious,
//! nearly every one, passes at once.
//!
//! CR ends a line as well, because canon makes LF of it.
//!
//! A line longer than [`WINDOW`] is decided in windows, each counted from
//! where the last one left off.

mod lost;
mod readers;
mod search;
mod unrecoverable;

use crate::edit::Rule;
use crate::options;
use crate::stage::Stage;
use crate::text::Cursor;
use readers::{Set, may_start};
pub(crate) use unrecoverable::Unrecoverable;

/// The most bytes of a line that are looked at together.
const WINDOW: usize = if cfg!(test) { 256 } else { 2048 };
/// Where a line goes on past its window, a stretch that starts in this last
/// part of it is left to the next one.
const TAIL: usize = WINDOW / 8;

#[derive(Default)]
pub(crate) struct Repair {
    /// So many bytes of what is in front have nothing suspicious.
    clean: usize,
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

/// Offset of the first character that may start what is garbled, or the
/// length of the text.
fn next_suspicious(text: &str) -> usize {
    let bytes = text.as_bytes();
    let set = Set::suspicious();
    let mut at = 0;
    while let Some(&a) = bytes.get(at) {
        let second = || bytes.get(at + 1).map_or(0, |b| usize::from(b & 0x3F));
        let (code, len) = match a {
            ..0x80 => {
                at += ascii(bytes.get(at..).unwrap_or_default());
                continue;
            }
            0xE0..0xF0 => {
                let third = bytes.get(at + 2).map_or(0, |c| c & 0x3F);
                let first = usize::from(a & 0x0F) << 12;
                (first | second() << 6 | usize::from(third), 3)
            }
            0xF0.. => (usize::MAX, 4),
            _ => (usize::from(a & 0x1F) << 6 | second(), 2),
        };
        if set.has(code) && may_start(text.get(at..).unwrap_or_default()) {
            return at;
        }
        at += len;
    }
    bytes.len()
}

/// How many bytes of ASCII are in front.
fn ascii(bytes: &[u8]) -> usize {
    let blocks = bytes.chunks_exact(16);
    let whole = blocks.take_while(|block| block.is_ascii()).count() * 16;
    let rest = bytes.get(whole..).unwrap_or_default();
    whole + rest.iter().take_while(|byte| byte.is_ascii()).count()
}

impl Stage for Repair {
    const LOOKAHEAD: usize = WINDOW;

    fn run(&mut self, cur: &mut Cursor<'_>, last: bool) {
        loop {
            let rest = cur.rest();
            // All lines before the first that has something suspicious.
            let unseen = rest.get(self.clean..).unwrap_or_default();
            let first = self.clean + next_suspicious(unseen);
            let (before, _) = rest.split_at_checked(first).unwrap_or_default();
            let line = memchr::memrchr2(b'\n', b'\r', before.as_bytes());
            let line = line.map_or(0, |at| at + 1);
            if first == rest.len() && last {
                cur.keep(first);
                self.clean = 0;
                return;
            }
            cur.keep(line);
            self.clean = first - line;
            let rest = cur.rest();
            let mut end = match memchr::memchr2(b'\n', b'\r', rest.as_bytes())
            {
                Some(end) => end,
                None => rest.len(),
            };
            let whole = end < rest.len() || last;
            let cut = end > WINDOW;
            if cut {
                let at = (0..=WINDOW).rfind(|at| rest.is_char_boundary(*at));
                end = at.unwrap_or(0);
            } else if !whole {
                return;
            }
            let line = rest.get(..end).unwrap_or_default();
            if self.clean >= end {
                self.clean -= end;
                cur.keep(end);
                continue;
            }
            let most = if cut { WINDOW - TAIL } else { end };
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
            self.clean = 0;
        }
    }

    fn reset(&mut self) {
        let Repair { guess, lost, guessed, .. } = *self;
        *self = Repair { guess, lost, guessed, ..Repair::default() };
    }
}
