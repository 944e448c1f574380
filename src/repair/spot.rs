//! Where a line may be garbled, found at the speed of reading.
//!
//! The search costs some thousand times as much as a copy, so that nearly no
//! clean line may come to it. Three looks, each at what the one before let
//! through:
//!
//! * A **meter** runs over the text: for each character by how much it costs
//!   more, in whatever language, than the best that it can have been made of.
//!   A common character counts against, a rare one that may have been a
//!   common one counts for it; below 0 the meter starts anew. Beside it go
//!   the bytes that characters of UTF-8 leave in pairs, and the letters that
//!   readings of single bytes make ([`Chain`]).
//! * Where it strikes, the few characters around it are read again, by all
//!   readings that may have made them, with what is known of neighbours.
//!
//! The answer is one of a line, whatever its first lines are: no look goes
//! beyond a line end.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::OnceLock;

use super::WINDOW;
use super::readers::{Reader, SINGLE as READERS, is_of_byte, is_single};
use super::search::{CLEAR, PATHS, Path, Seen, Truth, cells, least, models};
use crate::decode::cells::ascii as ascii_cell;
use crate::tables::class::{CLASSES, Class};
use crate::tables::spot as table;
use crate::tables::stats::{
    COLUMNS, Cell, Model, NAT, Place, costs, transition,
};

/// Units of the meter to a nat.
pub(super) const STEPS: i32 = 2;
/// Where the meter strikes.
const STRIKE: i32 = 4 * STEPS;
/// What a mark of no gain has in its six bits.
pub(super) const ZERO: i32 = 32;
/// The six bits of a character that readings of single bytes make.
pub(super) const SINGLE: u8 = 63;
pub(super) const LEVEL: u8 = 63;
/// Two bytes that start and go on with a character of UTF-8; two that end one
/// and start the next.
const FIRST: u8 = 0x80;
const SECOND: u8 = 0x40;
/// What is left of a character.
const LOST: u16 = 0xFFFD;

/// Where a chain of letters strikes, in eighths of nats.
const PAIRED: i32 = 2 * NAT as i32;
const TRIPLED: i32 = 5 * NAT as i32;
/// What two bytes must cost that are left of three.
const LEFT: i32 = 10 * NAT as i32;
/// What a character of UTF-8 costs at least, about.
const CHEAP: i32 = 11 * NAT as i32 / 2;
/// By how much less than what speaks against a path one stretch may gain, for
/// a line may have several; and by how much it may be less clear.
const SHARE: i32 = 2 * NAT as i32;
const BLUR: i32 = 4 * NAT as i32;
/// How much neighbours save, on the average, where a pair is a character.
const SAVED: i32 = 3 * NAT as i32 / 2;
/// What a letter counts at least that no pair explains.
const UNEXPLAINED: i32 = NAT as i32;
/// How many characters of UTF-8 in a row may have been read wrongly twice.
const AGAIN: u32 = 3;
/// How many characters a second look takes before and behind.
const BACK: usize = 16;
const AHEAD: usize = 12;

/// Offset of a place in the first line that may be garbled, or that is longer
/// than a window, so that windows decide; nothing if there is none. The text
/// ends where a line does, or a window.
pub(super) fn find(text: &str, seen: &Seen) -> Option<usize> {
    let favour = (seen.most() * NAT) as i32;

    let bytes = text.as_bytes();
    let marks = table::marks();
    // What was clear before lets less be enough.
    let strike = if favour > 0 { STRIKE / 2 } else { STRIKE };
    let mut scan = Scan {
        text,
        favour,
        strike,
        level: 0,
        start: 0,
        before: 0,
        thorough: None,
    };

    let mut chain = Chain::default();
    let (mut at, mut line) = (0, 0);
    while let Some(&first) = bytes.get(at) {
        if at - line > WINDOW {
            return Some(line);
        }
        match first {
            0..0x80 => {
                if first == b'?' && scan.before & FIRST != 0 {
                    // What is left of a character that lost a byte.
                    return Some(at);
                }
                if chain.len > 0
                    && chain.ascii(first)
                    && scan.has_single(&mut chain, at)
                {
                    return Some(chain.start);
                }
                let n = if chain.len > 0 {
                    1
                } else {
                    ascii(bytes.get(at..).unwrap_or_default())
                };
                let run = bytes.get(at..at + n).unwrap_or_default();
                scan.before = 0;
                scan.level -= STEPS * n.min(32) as i32;
                if scan.level < 0 {
                    scan.level = 0;
                }
                if let Some(end) = memchr::memrchr2(b'\n', b'\r', run) {
                    scan.level = 0;
                    line = at + end + 1;
                }
                at += n;
            }
            0xE0..0xF0 => {
                if chain.len == 0 {
                    at = scan.dense(marks, at);
                }
                let Some((code, mark)) = mark_at(marks, bytes, at) else {
                    continue;
                };
                if code == LOST && scan.has_lost(at) {
                    return Some(at);
                }
                if mark & LEVEL == SINGLE || chain.len > 0 {
                    let number = number(code);
                    if chain.step(text, at, number)
                        && scan.has_single(&mut chain, at)
                    {
                        return Some(chain.start);
                    }
                }
                if scan.strikes(mark, at) {
                    return Some(at);
                }
                at += 3;
            }
            0xF0.. => {
                chain = Chain::default();
                let rest = text.get(at..).unwrap_or_default();
                let role = rest.chars().next().map_or(0, role_of);
                if scan.strikes(ZERO as u8 | mark_of_role(role), at) {
                    return Some(at);
                }
                at += 4;
            }
            _ => {
                let second = bytes.get(at + 1).copied().unwrap_or(0);
                let second = u16::from(second & 0x3F);
                let code = u16::from(first & 0x1F) << 6 | second;
                let mark = marks.get(usize::from(code));
                if code < 0xA0 && scan.has_wide(at) {
                    return Some(at);
                }
                if scan.strikes(mark.copied().unwrap_or(0), at) {
                    return Some(at);
                }
                if chain.step(text, at, number(code))
                    && scan.has_single(&mut chain, at)
                {
                    return Some(chain.start);
                }
                at += 2;
            }
        }
    }
    (at - line > WINDOW).then_some(line)
}

/// How many bytes of ASCII are in front.
fn ascii(bytes: &[u8]) -> usize {
    let blocks = bytes.chunks_exact(16);
    let whole = blocks.take_while(|block| block.is_ascii()).count() * 16;
    let rest = bytes.get(whole..).unwrap_or_default();
    whole + rest.iter().take_while(|byte| byte.is_ascii()).count()
}

/// The character of three bytes there, and its mark.
#[inline]
fn mark_at(
    marks: &[u8; 0x10000],
    bytes: &[u8],
    at: usize,
) -> Option<(u16, u8)> {
    let code = code_of(*bytes.get(at..)?.first_chunk()?)?;
    Some((code, marks.get(usize::from(code)).copied().unwrap_or(0)))
}

/// The character of three bytes.
#[inline]
fn code_of([a, b, c]: [u8; 3]) -> Option<u16> {
    if a >> 4 != 0xE {
        return None;
    }
    let [a, b, c] = [a & 0xF, b & 0x3F, c & 0x3F].map(u16::from);
    Some(a << 12 | b << 6 | c)
}

/// The meter.
struct Scan<'a> {
    text: &'a str,
    /// What speaks for a path at most.
    favour: i32,
    strike: i32,

    level: i32,
    /// Where it was 0 last.
    start: usize,
    /// The mark of the character before.
    before: u8,
    /// Whether pairs may explain a line: its start, whether it is about
    /// Cyrillic, and the answer.
    thorough: Option<(usize, bool, bool)>,
}

impl Scan<'_> {
    /// Goes on over characters of three bytes, up to one at which it strikes.
    #[inline]
    fn dense(&mut self, marks: &[u8; 0x10000], mut at: usize) -> usize {
        let bytes = self.text.as_bytes();
        let strike = self.strike;
        let (mut level, mut start) = (self.level, self.start);
        let mut before = self.before;
        while let Some((_, mark)) = mark_at(marks, bytes, at) {
            let sum = level + i32::from(mark & LEVEL) - ZERO;
            let pair = before >> 1 & mark & SECOND != 0;
            if sum > strike || pair && self.has_utf8(at) {
                break;
            }
            start = if level == 0 { at } else { start };
            level = sum.max(0);
            before = mark;
            at += 3;
        }
        (self.level, self.start) = (level, start);
        self.before = before;
        at
    }

    /// Takes one character. Whether it strikes, and with reason.
    fn strikes(&mut self, mark: u8, at: usize) -> bool {
        let pair = self.before >> 1 & mark & SECOND != 0;
        self.before = mark;
        if pair && self.has_utf8(at) {
            return true;
        }
        if mark & LEVEL == SINGLE {
            return false;
        }
        if self.level == 0 {
            self.start = at;
        }
        let sum = self.level + i32::from(mark & LEVEL) - ZERO;
        self.level = sum.max(0);
        if sum > self.strike {
            self.level = 0;
            return self.has_pairs(self.start, at);
        }
        false
    }

    /// Whether UTF-8 was read as pairs, the second of which is there.
    #[inline]
    fn has_utf8(&self, at: usize) -> bool {
        // Most are of different readings.
        self.may_be_utf8(at) && self.is_utf8(at)
    }

    #[inline]
    fn may_be_utf8(&self, at: usize) -> bool {
        let role = |at: usize| {
            let bytes = self.text.as_bytes().get(at..)?;
            let code = code_of(*bytes.first_chunk()?)?;
            table::role(code)
        };
        let before = at.checked_sub(3).and_then(role);
        let pair = before.zip(role(at));
        pair.is_none_or(|(one, two)| one & two >> 4 & 0xF != 0)
    }

    #[inline(never)]
    fn is_utf8(&self, at: usize) -> bool {
        let (before, from) =
            self.text.split_at_checked(at).unwrap_or_default();
        let (Some(one), Some(two)) =
            (before.chars().next_back(), from.chars().next())
        else {
            return false;
        };
        let role = |c: char| {
            table::kind(c).map_or_else(|| role_of(c), |(role, _)| role)
        };
        let readers = role(one) & role(two) >> 4;
        if readers == 0 {
            return false;
        }
        let start = at - one.len_utf8();
        let from = self.text.get(start..).unwrap_or_default();
        let mut look = None;
        let bits = PAIRED_UTF8.iter().zip([1, 2, 4, 4, 8]);
        let own = bits.filter(|(_, bit)| readers & bit != 0);
        own.into_iter().any(|(reader, _)| {
            let (count, gain) = utf8_run(from, *reader);
            count >= AGAIN as usize && has_more(from, *reader)
                || gain == i32::MAX
                || count > 1
                    && gain > 0
                    && look
                        .get_or_insert_with(|| Look::new(self.text, start, at))
                        .finds(Truth::Utf8, *reader, self.enough(8))
        })
    }

    /// Whether pairs of one encoding were read as those of another.
    fn has_pairs(&self, start: usize, at: usize) -> bool {
        // Single bytes that were read wrongly, and then as pairs.
        let (before, from) =
            self.text.split_at_checked(at).unwrap_or_default();
        let letters = before.chars().rev().take_while(|c| is_letter(*c));
        let back: usize = letters.map(char::len_utf8).sum();
        let run = self.text.get(at - back..).unwrap_or_default();
        let count = run.chars().take_while(|c| is_letter(*c)).count();
        let here = from.chars().next().is_some_and(is_letter);
        if here && count >= AGAIN as usize && has_more(run, Reader::Gbk) {
            return true;
        }
        // Of fewer than two that gain something nothing is sure.
        let from = self.text.get(start..).unwrap_or_default();
        let (mut once, mut twice, mut count) = (0, 0, 0);
        for (i, c) in from.char_indices() {
            if matches!(c, '\n' | '\r') || count > AHEAD {
                break;
            }
            count += u32::from(i > at - start) as usize;
            let (_, ways) = table::kind(c).unwrap_or_default();
            twice |= once & ways;
            once |= ways;
        }
        let mut look = None;
        doubles().any(|(path, bit)| {
            twice >> bit & 1 != 0
                && look
                    .get_or_insert_with(|| Look::new(self.text, start, at))
                    .finds(path.truth, path.reader, self.enough(path.prior))
        })
    }

    /// Whether a character was lost beside what is garbled.
    fn has_lost(&self, at: usize) -> bool {
        let (before, from) =
            self.text.split_at_checked(at).unwrap_or_default();
        let beside = [before.chars().next_back(), from.chars().nth(1)];
        beside.into_iter().flatten().any(|c| {
            let (role, ways) = table::kind(c).unwrap_or_default();
            role & 0xF != 0 || ways != 0 || is_single(c)
        })
    }

    /// Whether UTF-16 was read byte by byte, some of which are controls.
    fn has_wide(&self, at: usize) -> bool {
        let (before, _) = self.text.split_at_checked(at).unwrap_or_default();
        let start = before.char_indices().rev().nth(BACK / 2);
        let look = Look::new(self.text, start.map_or(0, |(i, _)| i), at);
        let paths = PATHS
            .iter()
            .filter(|path| path.truth.is_wide() && path.reader.is_single());
        paths.into_iter().any(|path| {
            look.finds(path.truth, path.reader, self.enough(path.prior))
        })
    }

    /// Whether bytes were read one by one.
    fn has_single(&mut self, chain: &mut Chain, at: usize) -> bool {
        // UTF-8 that was read wrongly and encoded again.
        let again = chain.twos[0].1 >= AGAIN;
        let utf8 = chain.threes[0] > TRIPLED;
        let found = again
            || (utf8 || self.may_be_thorough(at))
                && self.looks_single(chain.start, at, utf8);
        // The look has seen farther than the chain will for a while.
        chain.pairs = [0; 2];
        chain.threes = [0; 3];
        found
    }

    fn looks_single(&self, start: usize, at: usize, utf8: bool) -> bool {
        let c = self.text.get(at..).and_then(|text| text.chars().next());
        let made = |reader: Reader| {
            c.is_some_and(|c| c.is_ascii() || reader.bytes(c).is_some())
        };
        let look = Look::new(self.text, start, at);
        PATHS
            .iter()
            .filter(|path| path.reader.is_single() && made(path.reader))
            .filter(|path| (path.truth == Truth::Utf8) == utf8)
            .any(|path| {
                let enough = self.enough(path.prior);
                look.finds(path.truth, path.reader, enough)
            })
    }

    /// What a stretch has to gain on a path at least.
    fn enough(&self, prior: u32) -> i32 {
        (prior * NAT) as i32 - SHARE - self.favour
    }

    /// Whether pairs may explain nearly all letters of the line, without which
    /// the search believes in none. Known for each line and script.
    fn may_be_thorough(&mut self, at: usize) -> bool {
        let (before, from) =
            self.text.split_at_checked(at).unwrap_or_default();
        let start = memchr::memrchr2(b'\n', b'\r', before.as_bytes());
        let start = start.map_or(0, |end| end + 1);
        let is_cyrillic = |c: char| CYRILLIC.contains(&(c as u32));
        let cyrillic = from.chars().next().is_some_and(is_cyrillic);
        match self.thorough {
            Some((line, script, may))
                if line == start && script == cyrillic =>
            {
                return may;
            }
            _ => {}
        }
        let end = memchr::memchr2(b'\n', b'\r', from.as_bytes());
        let end = at + end.unwrap_or(from.len());
        let mut chain = Chain::default();
        let mut all = 0;
        // The best up to the last two places.
        let (mut one, mut two) = (0, 0);
        let line = self.text.get(start..end).unwrap_or_default();
        for (i, c) in line.char_indices() {
            let mut out = 0;
            if c.is_ascii() {
                if chain.len > 0 {
                    chain.ascii(c as u8);
                }
            } else {
                let number = u16::try_from(c as u32).map_or(0, number);
                chain.step(self.text, start + i, number);
                let counts = is_cyrillic(c) == cyrillic
                    && is_single(c)
                    && !matches!(
                        cell_of(c).place.class,
                        Class::LatinLower | Class::Blank
                    );
                if counts {
                    all += 1;
                    out = UNEXPLAINED;
                }
            }
            let alone = one - out;
            let paired = chain.pair.map(|gain| two + gain + SAVED);
            two = one;
            one = paired.map_or(alone, |paired| paired.max(alone));
        }
        // A fifth of them may stay, and neighbours may save much more.
        let may = one + UNEXPLAINED * (all + 3) / 5 > NAT as i32 - self.favour;
        self.thorough = Some((start, cyrillic, may));
        may
    }
}

/// The paths on which pairs were read as pairs, by which nothing is certain.
pub(super) fn doubles() -> impl Iterator<Item = (&'static Path, u32)> {
    let own = |path: &&Path| path.is_double() && !path.reader.is_single();
    PATHS.iter().filter(own).zip(0..)
}

/// Whether it may be a letter of Latin in UTF-8 that was read as GBK.
pub(super) fn is_letter(c: char) -> bool {
    matches!(Reader::Gbk.bytes(c), Some([0xC2..=0xC3, 0x80..=0xBF]))
}

/// How many characters of UTF-8, none of them ASCII, are in front, if those
/// were read as pairs, and the first is of three bytes: two or three, or 0
/// for fewer. And by how much two of them cost less, neighbours aside.
fn utf8_run(text: &str, reader: Reader) -> (usize, i32) {
    let mut bytes = [0; 14];
    let mut len = 0;
    let mut few = 0;
    for c in text.chars() {
        let pair = match reader.bytes(c) {
            _ if c.is_ascii() => Some([0, c as u8]),
            pair => pair,
        };
        let Some(pair) = pair else { break };
        let own = if pair[0] == 0 { 1 } else { 0 };
        let room = bytes.iter_mut().skip(len);
        few += usize::from(len < 6);
        for (place, byte) in room.zip(pair.into_iter().skip(own)) {
            *place = byte;
            len += 1;
        }
        // Nearly always the first bytes tell that there are no two.
        let may = match bytes {
            [0xE0..=0xEF, _, 0x80..=0xBF, b, c, ..] => {
                (len < 4 || matches!(b, 0xC2..=0xF4))
                    && (len < 5 || matches!(c, 0x80..=0xBF))
            }
            [0xF0..=0xF4, _, 0x80..=0xBF, ..] => true,
            _ => len < 3,
        };
        if !may {
            return (0, 0);
        }
        if len >= 12 {
            break;
        }
    }
    let mut gain = text.chars().take(few).map(usual_cost).sum::<i32>();
    let bytes = bytes.get(..len).unwrap_or_default();
    let valid = bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let run = || valid.chars().take_while(|c| !c.is_ascii());
    for c in run().take(2) {
        let costs = costs(c);
        gain -= costs.iter().min().copied().map_or(0, i32::from);
    }
    let count = run().take(AGAIN as usize).count();
    if count == 2 && run().all(is_of_byte) {
        // Marks of a reading of single bytes that was the first one.
        gain = i32::MAX;
    }
    match valid.chars().next() {
        Some('\u{800}'..) if count > 1 => (count, gain),
        _ => (0, 0),
    }
}

/// Whether text that was read as pairs is UTF-8 that was read wrongly before.
fn has_more(text: &str, reader: Reader) -> bool {
    let mut bytes = Vec::new();
    for c in text.chars().take(4 * AHEAD) {
        let pair = match reader.bytes(c) {
            _ if c.is_ascii() => Some([0, c as u8]),
            pair => pair,
        };
        let Some([first, second]) = pair else { break };
        bytes.extend((first != 0).then_some(first));
        bytes.push(second);
    }
    let valid = bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let line = valid.split(['\n', '\r']).next();
    line.is_some_and(|line| find(line, &Seen::default()).is_some())
}

/// A few characters of a line, to be read again.
struct Look {
    chars: Vec<(char, i32, Place)>,
    behind: Place,
    /// How many of the characters are in front of the place.
    strike: usize,
}

impl Look {
    fn new(text: &str, start: usize, at: usize) -> Look {
        let in_line = |c: &char| !matches!(c, '\n' | '\r');
        let (before, from) = text.split_at_checked(at).unwrap_or_default();
        let back = before.get(start..).unwrap_or_default();
        let back = back.chars().rev().take(BACK).take_while(in_line);
        let back: usize = back.map(char::len_utf8).sum();
        let (before, _) = text.split_at_checked(at - back).unwrap_or_default();
        let own = text.get(at - back..at).unwrap_or_default();
        let ahead = from.chars().take(AHEAD).take_while(in_line);
        let last = before.chars().next_back().filter(in_line);
        let mut behind = last.map_or(Place::START, |c| cell_of(c).place);
        let first = behind;
        let mut last = last;
        let mut chars = Vec::with_capacity(BACK + AHEAD);
        for c in own.chars().chain(ahead) {
            let cell = cell_of(c);
            let known = last.and_then(|last| cyrillic(last, c));
            let cost = match known {
                Some(cost @ ..=254) => i32::from(cost),
                _ => least(&cell, behind) as i32,
            };
            chars.push((c, cost, cell.place));
            (last, behind) = (Some(c), cell.place);
        }
        let strike = own.chars().count();
        Look { chars, behind: first, strike }
    }

    /// Whether some stretch, read again, is so much less of a surprise as the
    /// search wants it, and clear. Neighbours and all languages are taken at
    /// their best, so that hardly anything is lost.
    fn finds(&self, truth: Truth, reader: Reader, enough: i32) -> bool {
        let wide = reader.is_wide() || truth.is_wide();

        // The bytes, each with what its character costs if it is the first.
        let mut bytes = [Byte::default(); ROOM];
        let mut room = bytes.iter_mut();
        let mut len = 0;
        for (c, cost, place) in &self.chars {
            let pair = match reader.bytes(*c) {
                _ if c.is_ascii() && !reader.is_wide() => Some([0, *c as u8]),
                pair => pair,
            };
            let wall = pair.is_none();
            let two = pair.unwrap_or_default();
            let one = two[0] == 0 && !reader.is_wide();
            let own = two.iter().skip(usize::from(one));

            let mut cost = Some((*cost, *place));
            for (byte, slot) in own.zip(room.by_ref()) {
                *slot = Byte { byte: *byte, wall, first: cost.take() };
                len += 1;
            }
        }
        let bytes = bytes.get(..len).unwrap_or_default();
        let table = cells(truth);
        let mut nodes = [None; ROOM + 4];
        let mut behind = self.behind;
        let mut items = 0;
        for at in 0..=len {
            let mut node: Option<Node> = nodes.get(at).copied().flatten();
            let byte = bytes.get(at);
            if byte.is_none_or(|byte| byte.first.is_some())
                && let Some(node) = node
                && node.gain > enough
                && node.clear >= -BLUR
            {
                return true;
            }
            let Some(byte) = byte else { break };
            if let Some((_, place)) = byte.first {
                if node.is_none_or(|node| node.gain < 0) {
                    // A stretch that starts behind the place is for later.
                    let may =
                        (byte.byte >= 0x80 || wide) && items <= self.strike;
                    let start = Node { gain: 0, clear: 0, behind };
                    node = may.then_some(start);
                }
                items += 1;
                behind = place;
            }
            let Some(node) = node.filter(|_| !byte.wall) else {
                // No step is longer than four bytes.
                let ahead = nodes.get(at + 1..at + 4).unwrap_or_default();
                if items > self.strike && ahead.iter().all(Option::is_none) {
                    return false;
                }
                continue;
            };
            let rest = bytes.get(at..).unwrap_or_default();
            let next = match (rest, table) {
                ([first, second, ..], _) if truth.is_wide() => {
                    let pair = [first.byte, second.byte];
                    let code = match truth {
                        Truth::Utf16Le => u16::from_le_bytes(pair),
                        _ => u16::from_be_bytes(pair),
                    };
                    let c = char::from_u32(code.into());
                    let c = c.filter(|c| Class::of(*c) != Class::Control);
                    c.filter(|_| !second.wall).map(|c| (Cell::of(c), 2))
                }
                _ if byte.byte < 0x80 => Some((ascii_cell(byte.byte), 1)),

                (_, None) => utf8(rest).map(|(c, len)| (Cell::of(c), len)),
                ([first, second, ..], Some(table)) if !second.wall => {
                    let cell = table.pair(first.byte, second.byte);
                    cell.map(|cell| (cell, 2))
                }
                _ => None,
            };
            let Some((cell, step)) = next else { continue };
            let own = rest.iter().take(step).filter_map(|b| b.first);
            let before: i32 = own.map(|(cost, _)| cost).sum();
            let after = cell.least(models(truth), node.behind);
            let after = after.unwrap_or(0) as i32;
            let clear = if step == 1 { 0 } else { CLEAR as i32 - after };
            let next = Node {
                gain: node.gain + before - after,
                clear: node.clear + clear,
                behind: cell.place,
            };
            if let Some(place) = nodes.get_mut(at + step)
                && place.is_none_or(|old| old.gain < next.gain)
            {
                *place = Some(next);
            }
        }
        false
    }
}

/// Bytes that a second look sees at most.
const ROOM: usize = 2 * (BACK + AHEAD);

#[derive(Clone, Copy, Default)]
struct Byte {
    byte: u8,
    /// The reading has no such character.
    wall: bool,
    /// What the character costs that stands for itself, and is to the next,
    /// if this is its first byte.
    first: Option<(i32, Place)>,
}

/// The best stretch up to some place.
#[derive(Clone, Copy)]
struct Node {
    gain: i32,
    /// By how much it is clearer than it has to be.
    clear: i32,
    behind: Place,
}

/// The character of UTF-8 in front, and its length.
fn utf8(bytes: &[Byte]) -> Option<(char, usize)> {
    let mut four = [0; 4];
    let own = bytes.iter().take_while(|byte| !byte.wall);
    let len = four.iter_mut().zip(own).map(|(to, from)| *to = from.byte);
    let len = len.count();
    let chunk = four.get(..len)?.utf8_chunks().next()?;
    let c = chunk.valid().chars().next()?;
    Some((c, c.len_utf8()))
}

/// The readings of UTF-8 as pairs.
const PAIRED_UTF8: [Reader; 5] = [
    Reader::Gbk,
    Reader::ShiftJis,
    Reader::Big5,
    Reader::Cp950,
    Reader::EucKr,
];

pub(super) fn role_of(c: char) -> u8 {
    let bits = PAIRED_UTF8.iter().zip([1, 2, 4, 4, 8]);
    let bits = bits.map(|(reader, bit)| match reader.bytes(c) {
        Some([0xE2..=0xF0, 0x80..=0xBF]) => bit,
        Some([0 | 0x80..=0xBF, 0xC2..=0xF4]) => bit << 4,
        Some([0x80..=0xBF | 0, 0x80..=0xBF]) => bit << 4,
        _ => 0,
    });
    bits.fold(0, |all, bits| all | bits)
}

/// The cost of a character in a text of its like, in whatever language.
pub(super) fn usual_cost(c: char) -> i32 {
    let class = Class::of(c);
    let costs = costs(c);
    let own = |model: &Model| {
        let own = costs.get((*model as usize).min(COLUMNS - 1));
        transition(*model, class, class) + own.copied().map_or(0, u32::from)
    };
    Model::ALL.iter().map(own).min().unwrap_or(0) as i32
}

pub(super) fn mark_of_role(role: u8) -> u8 {
    let first = if role & 0xF != 0 { FIRST } else { 0 };
    let second = if role >> 4 != 0 { SECOND } else { 0 };
    first | second
}

/// The numbers of the characters that readings of single bytes have made;
/// behind those, ASCII from 40 on.
struct Singles {
    numbers: Vec<u16>,
    count: usize,
    kinds: Vec<Kind>,
    /// For each two the cost of what the pair was, at least, by the first.
    after: Vec<OnceLock<Box<[u8]>>>,
    /// For each two classes the cost of one behind the other, at least, in the
    /// languages of each column of costs.
    classes: Vec<[u8; COLUMNS]>,
}

#[derive(Clone, Copy)]
struct Kind {
    cell: Cell,
    /// Which readers read a first byte of UTF-8 as it, and which one of the
    /// others.
    lead: u16,
    trail: u16,
    /// The first of two.
    short: u16,
    /// By the reader.
    bytes: [u8; READERS],
    c: char,
}

pub(super) const CYRILLIC: RangeInclusive<u32> = 0x400..=0x45F;

/// What a character of Cyrillic costs at least behind another, up to 255.
#[inline]
fn cyrillic(first: char, second: char) -> Option<u8> {
    let wide = CYRILLIC.count();
    let number = |c: char| {
        let number = (c as u32).checked_sub(*CYRILLIC.start())? as usize;
        (number < wide).then_some(number)
    };
    Some(table::cyrillic(number(first)?, number(second)?, wide))
}

/// The cell of a character, which mostly is at hand.
fn cell_of(c: char) -> Cell {
    if c.is_ascii() {
        return ascii_cell(c as u8);
    }
    let number = u16::try_from(c as u32).map_or(0, number);
    match Singles::get().kinds.get(usize::from(number)) {
        Some(kind) if number != 0 => kind.cell,
        _ => Cell::of(c),
    }
}

impl Singles {
    fn get() -> &'static Singles {
        static SINGLES: OnceLock<Singles> = OnceLock::new();
        SINGLES.get_or_init(Singles::new)
    }

    fn new() -> Singles {
        let mut numbers = vec![0; 0x10000];
        let mut kinds = vec![Kind {
            cell: Cell::of('\0'),
            lead: 0,
            trail: 0,
            short: 0,
            bytes: [0; READERS],
            c: '\0',
        }];
        let readers = Reader::ALL.iter().filter(|r| r.is_single());
        let mut bytes: BTreeMap<char, [u8; READERS]> = BTreeMap::new();
        for (number, reader) in readers.enumerate() {
            let mut singles = reader.singles();
            singles.retain(|(c, _)| is_of_byte(*c));
            for (c, byte) in singles {
                let own = bytes.entry(c).or_default().get_mut(number);
                if let Some(own) = own.filter(|own| **own == 0) {
                    *own = byte;
                }
            }
        }
        for (c, bytes) in bytes {
            let cell = Cell::of(c);
            let readers = |range: RangeInclusive<u8>| {
                let bits = (0..).zip(bytes);
                let bits = bits.filter(|(_, byte)| range.contains(byte));
                bits.fold(0, |all, (bit, _)| all | 1 << bit)
            };
            if let Some(number) = numbers.get_mut(c as usize) {
                *number = kinds.len() as u16;
            }
            kinds.push(Kind {
                cell,
                lead: readers(0xE2..=0xF0),
                trail: readers(0x80..=0xBF),
                short: readers(0xC2..=0xDF),
                bytes,
                c,
            });
        }
        let count = kinds.len();
        let after = vec![OnceLock::new(); count];
        let mut classes = vec![[u8::MAX; COLUMNS]; CLASSES * CLASSES];
        let mut samples: Vec<Class> =
            kinds.iter().map(|k| k.cell.place.class).collect();
        samples.extend((0..0x80_u8).map(|b| Class::of(b.into())));
        samples.extend([
            Class::Han,
            Class::Hiragana,
            Class::Katakana,
            Class::Hangul,
            Class::WideMark,
            Class::LineEnd,
            Class::Dash,
        ]);
        samples.sort_unstable();
        samples.dedup();
        for from in &samples {
            for to in &samples {
                let at = *from as usize * CLASSES + *to as usize;
                let Some(costs) = classes.get_mut(at) else { continue };
                for model in Model::EVERY {
                    let cost = transition(model, *from, *to).min(255) as u8;
                    let column = (model as usize).min(COLUMNS - 1);
                    if let Some(old) = costs.get_mut(column) {
                        *old = cost.min(*old);
                    }
                }
            }
        }
        Singles { numbers, count, kinds, after, classes }
    }

    /// The costs behind a number of all that may be the second of a pair.
    fn after(&self, first: u16) -> Option<&[u8]> {
        let of = self.after.get(usize::from(first))?;
        Some(of.get_or_init(|| {
            let wide = self.count + 0x40;
            let mut costs = vec![u8::MAX; wide].into_boxed_slice();
            let kind = self.kinds.get(usize::from(first));
            let bytes = kind.map_or([0; READERS], |kind| kind.bytes);
            for (reader, byte) in bytes.into_iter().enumerate() {
                if byte == 0 {
                    continue;
                }
                let pairs = table::pairs(byte);
                let own = |kind: &Kind| kind.bytes.get(reader).copied();
                let high = self.kinds.iter().map(own);
                let high = high.map(|byte| byte.filter(|byte| *byte != 0));
                let low = (0x40..0x7F).map(Some);
                for (cost, byte) in costs.iter_mut().zip(high.chain(low)) {
                    let at = byte.map(|byte| usize::from(byte - 0x40));
                    let pair = at.and_then(|at| pairs.get(at));
                    *cost = pair.copied().unwrap_or(u8::MAX).min(*cost);
                }
            }
            costs
        }))
    }
}

fn number(code: u16) -> u16 {
    let numbers = &Singles::get().numbers;
    numbers.get(usize::from(code)).copied().unwrap_or(0)
}

/// Characters one behind the other that readings of single bytes have made,
/// each with what it costs, and what the bytes may have been in pairs or, for
/// UTF-8, in threes.
#[derive(Default)]
struct Chain {
    len: usize,
    start: usize,
    /// The last two, the latest first: number, cost.
    last: [(u16, i32); 2],
    /// Gains up to the last places.
    pairs: [i32; 2],
    threes: [i32; 3],
    /// What the last two alone would gain as a pair.
    pair: Option<i32>,
    /// How many characters of two bytes of UTF-8 there may be up to the last
    /// two places, and by which readers.
    twos: [(u16, u32); 2],
}

impl Chain {
    /// Takes a character, by its number. Whether it strikes.
    fn step(&mut self, text: &str, at: usize, number: u16) -> bool {
        self.pair = None;
        if number == 0 {
            *self = Chain::default();
            return false;
        }
        let all = Singles::get();
        let Some(kind) = all.kinds.get(usize::from(number)) else {
            return false;
        };
        if self.len == 0 {
            let (before, _) = text.split_at_checked(at).unwrap_or_default();
            let mut behind = before.chars().rev();
            let mut next = || behind.next().unwrap_or('\n');
            let (one, two) = (next(), next());
            // A usual mark starts nothing, but may be the first of a pair.
            let usual = u16::try_from(one as u32).map_or(0, self::number);
            let first = all.kinds.get(usize::from(usual));
            if let Some(first) = first.filter(|_| usual != 0) {
                let cost = all.cost(Class::of(two), first);
                self.last[0] = (usual, cost);
                self.start = at - one.len_utf8();
                self.len = 1;
            } else {
                let cost = all.cost(Class::of(one), kind);
                self.last[0] = (number, cost);
                self.start = at;
                self.len = 1;
                return false;
            }
        }
        let before = usize::from(self.last[0].0);
        let cost = match all.kinds.get(before) {
            Some(first)
                if CYRILLIC.contains(&(first.c as u32))
                    && CYRILLIC.contains(&(kind.c as u32)) =>
            {
                let number =
                    |kind: &Kind| (kind.c as u32 - CYRILLIC.start()) as usize;
                let (first, second) = (number(first), number(kind));
                table::cyrillic(first, second, CYRILLIC.count()).into()
            }
            Some(first) => all.cost(first.cell.place.class, kind),
            None => {
                let byte = (before - all.count + 0x40) as u8;
                all.cost(Class::of(byte.into()), kind)
            }
        };
        self.add(all, number, cost)
    }

    /// Takes one of ASCII, which may be a second byte.
    fn ascii(&mut self, byte: u8) -> bool {
        let all = Singles::get();
        let before = usize::from(self.last[0].0);
        let kind = |number: u16| all.kinds.get(usize::from(number));
        if byte == b'?'
            && self.len > 1
            && let Some((first, second)) =
                kind(self.last[1].0).zip(kind(self.last[0].0))
            && first.lead & second.trail != 0
            && self.last[0].1 + self.last[1].1 > LEFT
        {
            // Two bytes of three are left.
            self.twos[0].1 = AGAIN;
            return true;
        }
        let Some(kind) = all.kinds.get(before).filter(|_| byte >= 0x40) else {
            *self = Chain::default();
            return false;
        };
        let cell = ascii_cell(byte);
        let own = Kind { cell, lead: 0, trail: 0, short: 0, ..*kind };
        let cost = all.cost(kind.cell.place.class, &own);
        let number = all.count + usize::from(byte - 0x40);
        self.add(all, number as u16, cost)
    }

    fn add(&mut self, all: &Singles, number: u16, cost: i32) -> bool {
        let [(first, one), (second, two)] = self.last;
        let after = all.after(first);
        let after = after.and_then(|row| row.get(usize::from(number)));
        self.pair = match after {
            Some(after @ 0..=254) => Some(one + cost - i32::from(*after)),
            _ => None,
        };
        let pair = self.pair.map_or(0, |own| self.pairs[1].max(0) + own);
        let kind = |number: u16| all.kinds.get(usize::from(number));
        let mut three = 0;
        if let (Some(a), Some(b), Some(c)) =
            (kind(second), kind(first), kind(number))
            && self.len >= 2
            && a.lead & b.trail & c.trail != 0
        {
            three = self.threes[2].max(0) + two + one + cost - CHEAP;
        }
        let mut short = (0, 0);
        if let (Some(a), Some(b)) = (kind(first), kind(number)) {
            let (readers, count) = self.twos[1];
            let own = a.short & b.trail;
            short = match own & readers {
                0 if own == 0 => (0, 0),
                0 => (own, 1),
                same => (same, count + 1),
            };
        }
        self.twos = [short, self.twos[0]];
        self.last = [(number, cost), self.last[0]];
        self.pairs = [pair, self.pairs[0]];
        self.threes = [three, self.threes[0], self.threes[1]];
        self.len += 1;
        pair > PAIRED || three > TRIPLED || short.1 >= AGAIN
    }
}

impl Singles {
    fn cost(&self, behind: Class, kind: &Kind) -> i32 {
        let at = behind as usize * CLASSES + kind.cell.place.class as usize;
        let classes = self.classes.get(at).copied().unwrap_or_default();
        let both = classes.iter().zip(kind.cell.costs);
        both.map(|(a, b)| i32::from(*a) + i32::from(b)).min().unwrap_or(0)
    }
}
