//! What is lost for good: seen, reported, and left as it is.
//!
//! U+FFFD stands where a program did not know what a byte meant, and the byte
//! is gone. Its three bytes in UTF-8, read as something else, are the 锟斤拷
//! of GBK, the 嚙踝蕭 of Big5 and the ï¿½ of ISO-8859-1. 烫烫烫 and 屯屯屯 are
//! memory that was never set, and ???? is text in an encoding that had no
//! letters for it. Nothing brings any of that back, but a reader of the text
//! wants to know where it stands and how much of it there is.
//!
//! Text enters behind `repair`, so that what could be repaired is, and leaves
//! as it was. Each stretch is a notice of the rule `unrecoverable`, whose
//! detail names the cause. A U+FFFD that the decoder has put there itself is
//! none, because an edit says so already.
//!
//! Characters that are words as well count only where no text has them: 锟 is
//! in names, 烫 and 屯 are doubled in 滚烫烫 and 屯屯, and "什么????" shouts.
//!
//! A stretch longer than [`MOST`] is reported in parts.

use std::ops::Range;

use encoding_rs::{BIG5, Encoding, GBK};

use crate::chars::is_han;
use crate::edit::Rule;
use crate::simd::Triples;
use crate::stage::Stage;
use crate::text::Cursor;

const GBK_READ: &str = "utf-8 replacement character read as gbk";
const BIG5_READ: &str = "utf-8 replacement character read as big5";
const LATIN_READ: &str = "utf-8 replacement character read as iso-8859-1";
const UNSET: &str = "unset memory read as gbk";
const FREED: &str = "freed memory read as gbk";
const MARKS: &str = "replaced by question marks";
const REPLACED: &str = "replaced by replacement characters";
const GBK_AS_UTF8: &str = "gbk read as utf-8";
const BIG5_AS_UTF8: &str = "big5 read as utf-8";

/// A longer stretch, in bytes, is more than one notice.
const MOST: usize = if cfg!(test) { 36 } else { 192 };
/// What may belong to a stretch in front of what it is found by: 斤拷 or 踝蕭.
const BEFORE: usize = 6;
/// What of the text behind a stretch decides: a character, or a blank and two
/// question marks.
const BEHIND: usize = 5;

/// So many letters between two characters that are lost may have been pairs.
const LETTERS: u8 = 2;
/// The fewest question marks that are a loss.
const FEWEST: usize = 4;

/// What every stretch has, its first three bytes or those behind [`BEFORE`].
static STARTS: Triples = Triples::new(&[
    (*b"???", 0),
    (utf8('\u{FFFD}'), 1),
    (utf8('锟'), 2),
    (utf8('錕'), 2),
    (utf8('嚙'), 3),
    // ï and the first byte of ¿
    (*b"\xC3\xAF\xC2", 0),
    (utf8('烫'), 5),
    (utf8('屯'), 6),
    (utf8('葺'), 7),
    (utf8('铪'), 4),
]);

const fn utf8(c: char) -> [u8; 3] {
    let c = c as u32;
    [
        0xE0 | (c >> 12) as u8,
        0x80 | (c >> 6 & 0x3F) as u8,
        0x80 | (c & 0x3F) as u8,
    ]
}

/// What a stretch goes on with.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// The bytes of U+FFFD, read in pairs.
    Pairs(Reading),
    Latin,
    /// One character again and again.
    Memory(char),
    Marks,
    Replaced {
        /// Letters between belong to it.
        mixed: bool,
    },
}

/// How far the bytes of U+FFFD have been read.
#[derive(Clone, Copy, Debug)]
struct Reading {
    as_big5: bool,
    /// What the next byte has to be.
    next: Next,
    /// Letters since the last U+FFFD.
    letters: u8,
    /// How many U+FFFD were whole.
    whole: u32,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Next {
    /// The first byte of U+FFFD, or of a letter.
    First,
    /// Its second.
    Second,
    /// Its third.
    Third,
    /// The second byte of a letter.
    Letter,
}

impl Reading {
    /// Reads one byte; false if it does not fit.
    fn step(&mut self, byte: u8) -> bool {
        self.next = match (self.next, byte) {
            (Next::First, 0xEF) => Next::Second,
            (Next::Second, 0xBF) => Next::Third,
            (Next::Third, 0xBD) => {
                self.whole += 1;
                self.letters = 0;
                Next::First
            }
            (Next::First, 0xC2..=0xDF) if self.letters < LETTERS => {
                Next::Letter
            }
            (Next::Letter, 0x80..=0xBF) => {
                self.letters += 1;
                Next::First
            }
            _ => return false,
        };
        true
    }

    /// Whether the last byte belongs to a U+FFFD that may be cut short.
    fn is_inside(&self) -> bool {
        matches!(self.next, Next::Second | Next::Third)
    }
}

/// The two bytes of a character in GBK or Big5.
fn pair(as_big5: bool, c: char) -> Option<[u8; 2]> {
    match (as_big5, c) {
        (false, '锟' | '錕') | (true, '嚙') => return Some([0xEF, 0xBF]),
        (false, '斤') | (true, '踝') => return Some([0xBD, 0xEF]),
        (false, '拷') | (true, '蕭') => return Some([0xBF, 0xBD]),
        _ => {}
    }
    let encoding: &Encoding = if as_big5 { BIG5 } else { GBK };
    let mut text = [0; 4];
    let (bytes, _, lossy) = encoding.encode(c.encode_utf8(&mut text));
    if lossy { None } else { bytes.as_ref().try_into().ok() }
}

/// The rest of a stretch, or a stretch.
#[derive(Debug)]
struct Rest {
    /// Bytes of text.
    len: usize,
    detail: &'static str,
    /// What goes on behind it, if it was cut off.
    kind: Option<Kind>,
}

enum Found {
    Stretch(Rest),
    /// None starts here.
    Nothing,
    /// The text ended first.
    Open,
}

/// U+FFFD as pairs, from where the reading stands. Also tells how far the
/// reading has come in what it gives.
fn pairs(text: &str, reading: Reading, last: bool) -> (Found, Reading) {
    let detail = if reading.as_big5 { BIG5_READ } else { GBK_READ };
    let (mut now, mut done, mut len) = (reading, reading, 0);
    let stretch = |len, kind| match len {
        0 => Found::Nothing,
        _ => Found::Stretch(Rest { len, detail, kind }),
    };
    for (at, c) in text.char_indices() {
        if at >= MOST {
            let found = stretch(len, Some(Kind::Pairs(done)));
            return (found, done);
        }
        let whole = now.whole;
        let Some(two) = pair(reading.as_big5, c) else {
            // The last byte of the last one made no pair.
            let cut = c == '?' && done.next == Next::Third && done.whole > 0;
            let more = usize::from(cut && len == at);
            return (stretch(len + more, None), done);
        };
        let fits = two.into_iter().all(|byte| now.step(byte));
        let part = fits && now.is_inside() && now.letters == 0;
        if now.whole > whole || part {
            len = at + c.len_utf8();
            done = now;
        }
        if !fits {
            return (stretch(len, None), done);
        }
    }
    if !last {
        return (Found::Open, done);
    }
    (stretch(len, None), done)
}

/// A stretch of 锟斤拷 or 嚙踝蕭, found at its first 锟 or 嚙. `before`: bytes
/// of 斤拷 or 踝蕭 in front of that.
fn replacement(text: &str, as_big5: bool, before: usize, last: bool) -> Found {
    let next = Next::First;
    let reading = Reading { as_big5, next, letters: 0, whole: 0 };
    let (found, done) = pairs(text, reading, last);
    let Found::Stretch(mut rest) = found else { return found };
    let part = u32::from(done.is_inside());
    // 锟 alone is in names, before a word such as 介绍; 嚙 hardly.
    let fewest = if as_big5 { 1 } else { 2 };
    let enough = done.whole >= fewest
        || done.whole + part >= 2
        || before == BEFORE
        || as_big5 && before > 0;
    if enough {
        rest.len += before;
        Found::Stretch(rest)
    } else {
        Found::Nothing
    }
}

/// A piece of text again and again, at least so many times.
fn repeated(
    text: &str,
    piece: &str,
    fewest: usize,
    detail: &'static str,
    kind: Kind,
    last: bool,
) -> Found {
    let mut rest = text;
    while let Some(more) = rest.strip_prefix(piece) {
        let len = text.len() - more.len();
        if len >= MOST {
            let kind = Some(kind);
            return Found::Stretch(Rest { len, detail, kind });
        }
        rest = more;
    }
    let len = text.len() - rest.len();
    if piece.starts_with(rest) && !last {
        Found::Open
    } else if len >= fewest * piece.len() {
        Found::Stretch(Rest { len, detail, kind: None })
    } else {
        Found::Nothing
    }
}

/// U+FFFD, and with `mixed` what bytes became that happened to be valid:
/// pairs of GBK letters such as ĺ, second bytes of Big5 ASCII. `made`: the
/// decoder has put this one there.
fn replaced(
    text: &str,
    mixed: bool,
    made: impl Fn(usize) -> bool,
    last: bool,
) -> Found {
    let (mut len, mut detail) = (0, REPLACED);
    // Since the last one.
    let (mut letters, mut ascii) = (0, false);
    let mut kind = None;
    let mut open = !last;
    for (at, c) in text.char_indices() {
        if at >= MOST {
            kind = Some(Kind::Replaced { mixed });
            open = false;
            break;
        }
        match c {
            char::REPLACEMENT_CHARACTER if !made(at) => {
                len = at + c.len_utf8();
                if letters > 0 {
                    detail = GBK_AS_UTF8;
                } else if ascii && detail == REPLACED {
                    detail = BIG5_AS_UTF8;
                }
                (letters, ascii) = (0, false);
            }
            '\u{80}'..='\u{7FF}' if mixed && !ascii && letters < LETTERS => {
                letters += 1;
            }
            '@'..='~' if mixed && !ascii && letters == 0 => ascii = true,
            _ => {
                open = false;
                break;
            }
        }
    }
    match len {
        _ if open => Found::Open,
        0 => Found::Nothing,
        _ => Found::Stretch(Rest { len, detail, kind }),
    }
}

/// What stands in front of question marks, other question marks and blanks
/// aside.
#[derive(Clone, Copy, Debug)]
struct Behind {
    what: What,
    /// There are blanks between.
    spaced: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum What {
    /// Nothing that they could be the end of: the line starts, a field does,
    /// or the marks before them are a loss.
    Free,
    /// A quotation mark that may open or close.
    Quote(char),
    Other,
}

impl Behind {
    const START: Behind = Behind { what: What::Free, spaced: false };

    /// The same behind more text.
    fn after(self, text: &str) -> Behind {
        let mut spaced = false;
        for c in text.chars().rev() {
            let what = match c {
                '?' => continue,
                ' ' | '\u{A0}' | '\u{3000}' => {
                    spaced = true;
                    continue;
                }
                '\n' | '\r' | '\t' | ',' | ':' | ';' | '=' | '|' | '<'
                | '>' | '(' | '[' | '{' | '，' | '、' | '：' | '；' | '｜'
                | '（' | '【' | '「' | '『' | '《' | '〈' | '“' | '‘' => {
                    What::Free
                }
                '"' | '\'' => What::Quote(c),
                _ => What::Other,
            };
            return Behind { what, spaced };
        }
        Behind { what: self.what, spaced: self.spaced || spaced }
    }
}

/// Question marks: a loss where there is nothing that they could ask. Behind
/// a word they ask or shout.
fn marks(text: &str, behind: Behind, last: bool) -> Found {
    let found = repeated(text, "?", FEWEST, MARKS, Kind::Marks, last);
    let Found::Stretch(rest) = &found else { return found };
    let more = text.get(rest.len..).unwrap_or_default();
    let next = more.chars().next();
    // A year that is not known, a pattern, an address, or a shout.
    let four = |c| matches!(c, '年' | '-' | '–' | '—' | '－' | '~' | '～');
    let other = match next {
        Some('.' | '/' | '=' | '!' | '！' | '？') => true,
        Some(c) => rest.len == FEWEST && four(c),
        None => false,
    };
    let lost = match behind.what {
        _ if other => false,
        What::Free => true,
        What::Quote(c) => !behind.spaced && next == Some(c),
        // Several words of them.
        What::Other if behind.spaced && rest.kind.is_none() => {
            let Some(word) = more.strip_prefix([' ', '\u{A0}', '\u{3000}'])
            else {
                return Found::Nothing;
            };
            if !last && word.len() < 2 && "??".starts_with(word) {
                return Found::Open;
            }
            word.starts_with("??")
        }
        What::Other => false,
    };
    if lost { found } else { Found::Nothing }
}

/// How many bytes of the end may belong to a stretch.
fn tail(text: &str) -> usize {
    if let Some(before) = text.strip_suffix('?') {
        return if before.ends_with('?') { 2 } else { 1 };
    }
    let ends = ["斤拷", "踝蕭", "斤", "拷", "踝", "蕭", "ï"];
    let end = ends.iter().find(|end| text.ends_with(**end));
    end.map_or(0, |end| end.len())
}

pub(crate) struct Unrecoverable {
    /// What the text in front goes on with, if a stretch was cut off.
    inside: Option<Kind>,
    behind: Behind,
    /// The last character of what was passed on.
    before: Option<char>,
    /// Line ends so far, up to the first stretch.
    lines: u64,
    /// The line of the first stretch, from 1.
    pub(crate) first: Option<u64>,
    /// Bytes of text so far.
    pub(crate) bytes: u64,
}

impl Unrecoverable {
    pub(crate) fn new() -> Self {
        Unrecoverable {
            inside: None,
            behind: Behind::START,
            before: None,
            lines: 0,
            first: None,
            bytes: 0,
        }
    }

    /// Passes text on. What stands behind its first `known` bytes is known.
    fn pass(&mut self, cur: &mut Cursor<'_>, n: usize, known: usize) {
        let text = cur.rest().get(..n).unwrap_or_default();
        if self.first.is_none() {
            let ends = memchr::memchr_iter(b'\n', text.as_bytes());
            self.lines += ends.count() as u64;
        }
        self.bytes += n as u64;
        self.before = text.chars().next_back().or(self.before);
        let more = text.get(known..).unwrap_or_default();
        self.behind = self.behind.after(more);
        cur.keep(n);
    }

    /// Reports what is in front, and passes it on.
    fn report(&mut self, cur: &mut Cursor<'_>, rest: Rest) {
        self.first.get_or_insert(self.lines + 1);
        cur.notice(rest.len, Rule::Unrecoverable, rest.detail, Vec::new);
        self.pass(cur, rest.len, 0);
        self.inside = rest.kind;
        if rest.detail == MARKS {
            self.behind = Behind::START;
        }
    }

    /// The rest of a stretch that was cut off.
    fn go_on(&self, cur: &Cursor<'_>, kind: Kind, last: bool) -> Found {
        let text = cur.rest();
        let mut utf8 = [0; 4];
        match kind {
            Kind::Pairs(reading) => pairs(text, reading, last).0,
            Kind::Latin => repeated(text, LATIN, 1, LATIN_READ, kind, last),
            Kind::Memory(c) => {
                let piece = c.encode_utf8(&mut utf8);
                repeated(text, piece, 1, memory(c), kind, last)
            }
            Kind::Marks => repeated(text, "?", 1, MARKS, kind, last),
            Kind::Replaced { mixed } => {
                replaced(text, mixed, |at| cur.is_made(at), last)
            }
        }
    }
}

const LATIN: &str = "ï¿½";

/// What is found by 锟, 嚙 or a character that stands for memory, and how many
/// bytes of it are in front of that.
fn pairs_or_memory(
    front: &str,
    text: &str,
    first: char,
    last: bool,
) -> (usize, Found) {
    match first {
        '锟' | '錕' | '嚙' => {
            let as_big5 = first == '嚙';
            let cut = if as_big5 { "踝蕭" } else { "斤拷" };
            let half = cut.chars().next_back();
            let before = if front.ends_with(cut) {
                cut.len()
            } else if half.is_some_and(|c| front.ends_with(c)) {
                cut.len() / 2
            } else {
                0
            };
            (before, replacement(text, as_big5, before, last))
        }
        '烫' | '屯' | '葺' | '铪' => {
            let mut utf8 = [0; 4];
            let piece = first.encode_utf8(&mut utf8);
            let kind = Kind::Memory(first);
            (0, repeated(text, piece, 3, memory(first), kind, last))
        }
        _ => (0, Found::Nothing),
    }
}

/// The stretches of a line that whoever takes them, or a part of them, for
/// something else is wrong about: those whose characters could be any text, in
/// the first list; and in the second ï¿½, of which only a part is none.
pub(super) fn stretches(line: &str) -> [Vec<Range<usize>>; 2] {
    let mut whole: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while let Some(start) = STARTS.find(line.as_bytes(), at) {
        let (front, text) = line.split_at_checked(start).unwrap_or_default();
        let Some(first) = text.chars().next() else { break };
        at = start + first.len_utf8();
        let (before, found) = pairs_or_memory(front, text, first, true);
        if let Found::Stretch(rest) = found {
            at = at.max(start - before + rest.len);
            whole.push(start - before..at);
        }
    }
    let latin = memchr::memmem::find_iter(line.as_bytes(), LATIN);
    [whole, latin.map(|at| at..at + LATIN.len()).collect()]
}

/// Whether an edit of a range takes something of these for something else.
pub(super) fn takes(
    [whole, latin]: &[Vec<Range<usize>>; 2],
    range: &Range<usize>,
) -> bool {
    let meets =
        |lost: &Range<usize>| range.start < lost.end && lost.start < range.end;
    let cuts = |lost: &Range<usize>| {
        lost.start < range.start && range.start < lost.end
            || lost.start < range.end && range.end < lost.end
    };
    whole.iter().any(meets) || latin.iter().any(cuts)
}

/// What memory it was.
fn memory(c: char) -> &'static str {
    if matches!(c, '烫' | '屯') { UNSET } else { FREED }
}

impl Stage for Unrecoverable {
    const LOOKAHEAD: usize = BEFORE + MOST + BEHIND;

    fn run(&mut self, cur: &mut Cursor<'_>, last: bool) {
        // So many bytes in front are decided, and what is behind so many.
        let (mut at, mut known) = (0, 0);
        loop {
            if let Some(kind) = self.inside {
                match self.go_on(cur, kind, last) {
                    Found::Stretch(rest) => {
                        self.report(cur, rest);
                        continue;
                    }
                    Found::Open => return,
                    Found::Nothing => self.inside = None,
                }
            }
            let rest = cur.rest();
            let Some(start) = STARTS.find(rest.as_bytes(), at) else {
                let more = rest.get(at..).unwrap_or_default();
                let hold = if last { 0 } else { tail(more) };
                self.pass(cur, rest.len() - hold, known);
                return;
            };
            let (front, text) =
                rest.split_at_checked(start).unwrap_or_default();
            let Some(first) = text.chars().next() else {
                debug_assert!(false, "{start} is not a boundary");
                self.pass(cur, rest.len(), known);
                return;
            };
            let (before, found) = match first {
                '?' => {
                    let more = front.get(known..).unwrap_or_default();
                    self.behind = self.behind.after(more);
                    known = start;
                    (0, marks(text, self.behind, last))
                }
                'ï' => {
                    let kind = Kind::Latin;
                    (0, repeated(text, LATIN, 1, LATIN_READ, kind, last))
                }
                char::REPLACEMENT_CHARACTER => {
                    let c = front.chars().next_back().or(self.before);
                    // Beside a letter others are what they seem to be.
                    let mixed =
                        c.is_none_or(|c| !c.is_alphabetic() || is_han(c));
                    let made = |at| cur.is_made(start + at);
                    (0, replaced(text, mixed, made, last))
                }
                _ => pairs_or_memory(front, text, first, last),
            };
            match found {
                Found::Stretch(rest) => {
                    self.pass(cur, start - before, known.min(start - before));
                    self.report(cur, rest);
                    (at, known) = (0, 0);
                }
                Found::Open => {
                    self.pass(cur, start - before, known.min(start - before));
                    return;
                }
                Found::Nothing if first == '?' => {
                    // Fewer of them are no loss for want of those in front.
                    let more = text.trim_start_matches('?');
                    at = rest.len() - more.len();
                }
                Found::Nothing => at = start + first.len_utf8(),
            }
        }
    }

    fn reset(&mut self) {
        *self = Unrecoverable {
            // Where lines are documents, this was one.
            lines: self.lines + 1,
            first: self.first,
            bytes: self.bytes,
            ..Unrecoverable::new()
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Logs, Text};

    /// What is left unread of a text when more may come.
    fn unread(text: &str) -> String {
        let (mut input, mut out) = (Text::new(false), Text::new(false));
        input.push(text, 0..text.len() as u64, true);
        let mut logs = Logs::default();
        Unrecoverable::new()
            .run(&mut Cursor::new(&mut input, &mut out, &mut logs), false);
        input.rest().into()
    }

    #[test]
    fn only_what_may_be_lost_is_held() {
        for (text, rest) in [
            ("甲乙", ""),
            ("甲斤", "斤"),
            ("甲斤拷", "斤拷"),
            ("甲斤两", ""),
            ("甲锟", "锟"),
            ("甲斤拷锟", "斤拷锟"),
            ("甲锟叫", "锟叫"), // 癸 could follow
            ("甲锟介", ""),
            ("锟斤拷锟", "锟斤拷锟"),
            ("锟斤拷。", ""),
            ("蕭嚙", "蕭嚙"),
            ("嚙賭\n", ""),
            ("烫烫", "烫烫"),
            ("烫烫的", ""),
            ("烫烫烫的", ""),
            ("甲ï", "ï"),
            ("甲ïv", ""),
            ("甲??", "??"),
            ("????", "????"),
            ("????.", ""),
            ("a ????", "????"),
            ("a ???? ", "???? "), // another word of them could follow
            ("a ???? b", ""),
            ("?? ", ""),
            ("甲\u{FFFD}", "\u{FFFD}"),
            ("甲\u{FFFD}乙", ""),
        ] {
            assert_eq!(unread(text), rest, "{text}");
        }
    }
}
