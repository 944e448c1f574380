//! Script conversion: Traditional characters to Simplified, over the tables.
//!
//! At each place the longest phrase that starts there is taken, or else the
//! character alone; the phrase or character passes on as its value and is not
//! looked at again. A compatibility ideograph counts as the character it is
//! compatible with. This is exactly what OpenCC does on a whole text. Vocabulary
//! is never changed here, nor anything that is not in the tables.

mod describe;

use crate::edit::Rule;
use crate::options;
use crate::stage::Stage;
use crate::tables::{MAX_KEY_CHARS, SIMPLIFIED, ScriptTable, T2S, Word};
use crate::text::Cursor;
use describe::Operands;

pub(crate) struct Script {
    table: &'static ScriptTable,
    operands: Operands,
    /// Where text is written before it is known to be UTF-8.
    scratch: Vec<u8>,
}

impl Script {
    /// `None` where no character is to be converted.
    pub(crate) fn new(script: options::Script) -> Option<Self> {
        let (table, operands) = match script {
            options::Script::Simplified => (&*SIMPLIFIED, Operands::Visible),
            options::Script::OpenCc(options::Config::T2s) => {
                (&*T2S, Operands::Any)
            }
            options::Script::Keep => return None,
        };
        Some(Script { table, operands, scratch: Vec::new() })
    }

    /// What to do with the start of `rest`, a character whose row is not
    /// plain; `None` if that depends on text that has not come yet.
    fn unit(&self, rest: &str, last: bool) -> Option<Unit> {
        let mut chars = rest.chars();
        let Some(first) = chars.next() else { return Some(Unit::Keep(0)) };
        let row = self.table.row(first as u32);
        if row.is_operator() {
            return describe::sequence(rest, self.operands, last)
                .map(|len| Unit::Keep(len.unwrap_or(first.len_utf8())));
        }
        if row.starts_phrase() {
            match chars.next() {
                None if last => {}
                None => return None,
                Some(second) => {
                    let (a, b) =
                        (self.table.plain(first), self.table.plain(second));
                    for (key, value) in self.table.phrases(a, b) {
                        match self.matches(rest, key) {
                            Match::Yes(len) => {
                                return Some(Unit::Phrase(len, value));
                            }
                            Match::Open if !last => return None,
                            Match::Open | Match::No => {}
                        }
                    }
                }
            }
        }
        Some(match row.becomes() {
            Some(value) => Unit::Char(first.len_utf8(), value),
            None => Unit::Keep(first.len_utf8()),
        })
    }

    /// The same as the loop over units, for when nobody asks for edits:
    /// appends what is certain to `out` and returns how much of `text` that
    /// was.
    ///
    /// Characters of three bytes are looked up and written without a branch
    /// that depends on which they are; the units are asked only where a
    /// phrase may start, and for the few that the words do not cover.
    fn convert(&mut self, text: &str, out: &mut String, last: bool) -> usize {
        let mut scratch = std::mem::take(&mut self.scratch);
        // Room for every three bytes to become four, and for writing a word
        // where three bytes are meant.
        let room = text.len() + text.len() / 3 + 64;
        if scratch.len() < room {
            scratch.resize(room, 0);
        }
        let (read, written) = self.convert_into(text, &mut scratch, last);
        let written = scratch.get(..written).unwrap_or_default();
        match simdutf8::basic::from_utf8(written) {
            Ok(converted) => out.push_str(converted),
            Err(_) => {
                debug_assert!(false, "characters become characters");
                out.push_str(&String::from_utf8_lossy(written));
            }
        }
        self.scratch = scratch;
        read
    }

    /// Returns bytes read and bytes written.
    fn convert_into(
        &self,
        text: &str,
        out: &mut [u8],
        last: bool,
    ) -> (usize, usize) {
        let bytes = text.as_bytes();
        let direct = self.table.direct;
        let (mut read, mut written) = (0, 0);
        // The word of the character just written.
        let mut before = Word::NONE;
        while let Some(rest) = bytes.get(read..) {
            // Enough for one step, or what the units make of the last bytes.
            if let (Some(eight), Some(room)) =
                (rest.first_chunk(), out.get_mut(written..))
                && let Some(room) = room.first_chunk_mut::<8>()
            {
                let step = u64::from_le_bytes(*eight);
                let word = direct.word(step as u32);
                if step & 0xF0 == 0xE0 && !word.stops(before) {
                    let to = word.apply(step as u32).to_le_bytes();
                    if let Some(room) = room.first_chunk_mut() {
                        *room = to;
                    }
                    (read, written) = (read + 3, written + 3);
                    before = word;
                    continue;
                }
                let high = step & 0x8080_8080_8080_8080;
                if high & 0x80 == 0 {
                    *room = *eight;
                    let n = high.trailing_zeros() as usize / 8;
                    (read, written) = (read + n, written + n);
                    before = Word::NONE;
                    continue;
                }
                if step & 0xE0 == 0xC0 {
                    *room = *eight;
                    (read, written) = (read + 2, written + 2);
                    before = Word::NONE;
                    continue;
                }
            } else if rest.is_empty() && (last || !before.may_start()) {
                break;
            }
            // A phrase starts with the character before, or does not; only
            // then is there something to say about this one.
            if before.may_start() {
                (read, written) = (read - 3, written - 3);
            }
            before = Word::NONE;
            let rest = text.get(read..).unwrap_or_default();
            let Some(unit) = self.unit(rest, last) else { break };
            let mut utf8 = [0; 4];
            let (n, to) = match unit {
                Unit::Keep(n) => (n, rest.get(..n).unwrap_or_default()),
                Unit::Char(n, value) => (n, &*value.encode_utf8(&mut utf8)),
                Unit::Phrase(n, value) => (n, value),
            };
            let Some(room) = out.get_mut(written..written + to.len()) else {
                debug_assert!(false, "no room for {to:?}");
                break;
            };
            room.copy_from_slice(to.as_bytes());
            (read, written) = (read + n, written + to.len());
        }
        (read, written)
    }

    fn matches(&self, text: &str, key: &str) -> Match {
        let mut chars = text.chars();
        let mut len = 0;
        for wanted in key.chars() {
            match chars.next() {
                None => return Match::Open,
                Some(c) if c == wanted || self.table.plain(c) == wanted => {
                    len += c.len_utf8();
                }
                Some(_) => return Match::No,
            }
        }
        Match::Yes(len)
    }
}

/// Whether a text starts with a key.
enum Match {
    /// It does, with so many bytes.
    Yes(usize),
    No,
    /// The text ended first.
    Open,
}

/// The smallest stretch decided at once, with its length in bytes.
enum Unit {
    Keep(usize),
    Char(usize, char),
    Phrase(usize, &'static str),
}

impl Stage for Script {
    const LOOKAHEAD: usize = {
        let phrase = 4 * MAX_KEY_CHARS;
        if phrase > describe::MAX_BYTES { phrase } else { describe::MAX_BYTES }
    };

    fn run(&mut self, cur: &mut Cursor<'_>, last: bool) {
        if let Some((text, out)) = cur.bulk() {
            let read = self.convert(text, out, last);
            cur.skip(read);
            return;
        }
        loop {
            let rest = cur.rest();
            let plain = plain_prefix(self.table, rest);
            let Some((kept, rest)) = rest.split_at_checked(plain) else {
                debug_assert!(false, "{plain} is not a boundary");
                return;
            };
            let done = rest.is_empty();
            let unit = self.unit(rest, last);
            // Phrases that stay as they are, such as 乾隆, are no edits.
            let same = matches!(&unit, Some(Unit::Phrase(len, value))
                if rest.get(..*len) == Some(value));
            cur.keep(kept.len());
            match unit {
                _ if done => return,
                None => return,
                Some(Unit::Keep(len)) => cur.keep(len),
                Some(Unit::Phrase(len, _)) if same => cur.keep(len),
                Some(Unit::Phrase(len, value)) => {
                    cur.replace(len, value, Rule::Script);
                }
                Some(Unit::Char(len, value)) => {
                    let mut utf8 = [0; 4];
                    cur.replace(
                        len,
                        value.encode_utf8(&mut utf8),
                        Rule::Script,
                    );
                }
            }
        }
    }

    fn reset(&mut self) {}
}

/// Bytes at the start that no row has anything to say about.
fn plain_prefix(table: &ScriptTable, text: &str) -> usize {
    let mut chars = text.chars();
    loop {
        let at = text.len() - chars.as_str().len();
        match chars.next() {
            Some(c) if table.row(c as u32).is_plain() => {}
            _ => return at,
        }
    }
}
