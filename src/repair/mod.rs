//! Mojibake: text that somebody decoded with the wrong encoding and saved.
//!
//! 浣犲ソ was 你好 in UTF-8 and read as GBK. Encoded by the reading that was
//! wrong and decoded by the one that is right, it comes back: that is all
//! there is to it, and knowing when to do it is all the rest. Lines are
//! decided one by one (`search.rs`); a line in which nothing is suspicious,
//! nearly every one, passes at once.
//!
//! A line longer than [`WINDOW`] is decided in windows, each counted from
//! where the last one left off.

mod readers;
mod search;

use crate::edit::Rule;
use crate::stage::Stage;
use crate::text::Cursor;
use readers::Set;

/// The most bytes of a line that are looked at together.
const WINDOW: usize = if cfg!(test) { 256 } else { 2048 };
/// Where a line goes on past its window, a stretch that starts in this last
/// part of it is left to the next one.
const TAIL: usize = WINDOW / 8;

#[derive(Default)]
pub(crate) struct Repair {
    /// So many bytes of what is in front have nothing suspicious.
    clean: usize,
}

/// Offset of the first character that is suspicious, or the length of the
/// text.
fn next_suspicious(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut set = None;
    while let Some(&[a, b, c]) = bytes.get(at..).and_then(<[u8]>::first_chunk)
    {
        if a < 0x80 {
            at += ascii(bytes.get(at..).unwrap_or_default());
        } else if (0xE0..0xF0).contains(&a) {
            let code = usize::from(a & 0x0F) << 12
                | usize::from(b & 0x3F) << 6
                | usize::from(c & 0x3F);
            let set = *set.get_or_insert_with(Set::suspicious);
            if set.has(code) {
                return at;
            }
            at += 3;
        } else if a >= 0xF0 {
            at += 4;
        } else {
            let code = usize::from(a & 0x1F) << 6 | usize::from(b & 0x3F);
            if Set::suspicious().has(code) {
                return at;
            }
            at += 2;
        }
    }
    if let Some(&[a, b]) = bytes.get(at..).and_then(<[u8]>::first_chunk)
        && a >= 0xC0
    {
        let code = usize::from(a & 0x1F) << 6 | usize::from(b & 0x3F);
        if Set::suspicious().has(code) {
            return at;
        }
    } else if let Some([_, rest @ ..]) = bytes.get(at..)
        && let Some(&[a, b]) = rest.first_chunk()
        && a >= 0xC0
    {
        let code = usize::from(a & 0x1F) << 6 | usize::from(b & 0x3F);
        if Set::suspicious().has(code) {
            return at + 1;
        }
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
            let line = memchr::memrchr(b'\n', before.as_bytes());
            let line = line.map_or(0, |at| at + 1);
            if first == rest.len() && last {
                cur.keep(first);
                self.clean = 0;
                return;
            }
            cur.keep(line);
            self.clean = first - line;
            let rest = cur.rest();
            let mut end = match memchr::memchr(b'\n', rest.as_bytes()) {
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
            let (edits, done) = search::repair(line, most);
            let mut at = 0;
            for edit in &edits {
                cur.keep(edit.range.start - at);
                let len = edit.range.len();
                cur.choose(len, &edit.text, Rule::Mojibake, edit.path);
                at = edit.range.end;
            }
            cur.keep(done - at);
            self.clean = 0;
        }
    }

    fn reset(&mut self) {
        *self = Repair::default();
    }
}
