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
use crate::tables::{MAX_KEY_CHARS, SIMPLIFIED, ScriptTable, T2S};
use crate::text::Cursor;
use describe::Operands;

pub(crate) struct Script {
    table: &'static ScriptTable,
    operands: Operands,
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
        Some(Script { table, operands })
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
pub(crate) fn plain_prefix(table: &ScriptTable, text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    // No character below U+0800 has a row, so only the longer forms of UTF-8
    // are decoded; that the bytes are valid is what `str` promises.
    while let Some(&first) = bytes.get(at) {
        let low = |i: usize| {
            u32::from(bytes.get(at + i).copied().unwrap_or(0)) & 0x3F
        };
        let (len, code) = match first {
            0..=0x7F => {
                at += 1;
                continue;
            }
            0x80..=0xDF => {
                at += 2;
                continue;
            }
            0xE0..=0xEF => {
                (3, (u32::from(first) & 0xF) << 12 | low(1) << 6 | low(2))
            }
            _ => (
                4,
                (u32::from(first) & 7) << 18
                    | low(1) << 12
                    | low(2) << 6
                    | low(3),
            ),
        };
        if !table.row(code).is_plain() {
            return at;
        }
        at += len;
    }
    at.min(bytes.len())
}
