//! What a line was before it was read wrongly, if it was.
//!
//! For each pair of a wrong reading and a right one the line is read by
//! dynamic programming: each character stands for itself or is part of a
//! stretch whose bytes are read again, and to begin and to end a stretch has
//! its cost. What comes out has to prove itself: the bytes must be exactly
//! those of the stretch, the line must be much less of a surprise than
//! before, and what was a stretch must read as text in its own right. Where
//! pairs of bytes were read as other pairs, exactness proves nothing, and words
//! that are known do ([`proof`]).
//!
//! A line goes in, edits come out; it is for `spot.rs` to say which lines are
//! worth it, and for `lost.rs` what becomes of characters that lost bytes.

use std::ops::Range;
use std::rc::Rc;
use std::sync::OnceLock;

use super::lost::{self, Gap};
use super::readers::{Reader, is_single};
use crate::decode::cells::{Cells, ascii};
use crate::decode::detect;
use crate::edit::Rule;
use crate::tables::class::Class;
use crate::tables::stats::{Cell, Model, NAT, Place};

/// What the text was encoded in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Truth {
    Utf8,
    Gbk,
    Big5,
    Utf16Le,
    Utf16Be,
}

impl Truth {
    /// Whether ASCII is not what it looks like.
    pub(super) fn is_wide(self) -> bool {
        matches!(self, Truth::Utf16Le | Truth::Utf16Be)
    }
}

/// A way that text takes to become garbled.
pub(super) struct Path {
    pub(super) truth: Truth,
    pub(super) reader: Reader,
    /// What speaks against it from the start, in nats.
    pub(super) prior: u32,
    name: &'static str,
}

impl Path {
    /// Whether pairs of bytes were read as other pairs: any two are some
    /// character, so that the bytes prove nothing.
    pub(super) fn is_double(&self) -> bool {
        let wide = self.truth.is_wide() || self.reader.is_wide();
        wide || self.truth != Truth::Utf8 && !self.reader.is_single()
    }
}

macro_rules! paths {
    ($($truth:ident $reader:ident $prior:literal $name:literal)*) => {
        pub(super) static PATHS: &[Path] = &[$(Path {
            truth: Truth::$truth,
            reader: Reader::$reader,
            prior: $prior,
            name: $name,
        }),*];
    };
}

paths! {
    Utf8 Windows1252 8 "utf-8 read as windows-1252"
    Gbk Windows1252 8 "gbk read as windows-1252"
    Big5 Windows1252 9 "big5 read as windows-1252"
    Utf8 Gbk 8 "utf-8 read as gbk"
    Utf8 Windows1250 10 "utf-8 read as windows-1250"
    Gbk Windows1250 10 "gbk read as windows-1250"
    Big5 Windows1250 11 "big5 read as windows-1250"
    Utf8 Windows1251 10 "utf-8 read as windows-1251"
    Gbk Windows1251 10 "gbk read as windows-1251"
    Big5 Windows1251 11 "big5 read as windows-1251"
    Utf8 Windows1254 10 "utf-8 read as windows-1254"
    Gbk Windows1254 10 "gbk read as windows-1254"
    Big5 Windows1254 11 "big5 read as windows-1254"
    Utf8 Iso8859_15 10 "utf-8 read as iso-8859-15"
    Gbk Iso8859_15 10 "gbk read as iso-8859-15"
    Big5 Iso8859_15 11 "big5 read as iso-8859-15"
    Utf8 Cp437 10 "utf-8 read as cp437"
    Gbk Cp437 10 "gbk read as cp437"
    Big5 Cp437 11 "big5 read as cp437"
    Utf8 Cp850 10 "utf-8 read as cp850"
    Gbk Cp850 10 "gbk read as cp850"
    Big5 Cp850 11 "big5 read as cp850"
    Utf8 Macintosh 10 "utf-8 read as macintosh"
    Gbk Macintosh 10 "gbk read as macintosh"
    Big5 Macintosh 11 "big5 read as macintosh"
    Utf8 Koi8R 10 "utf-8 read as koi8-r"
    Gbk Koi8R 10 "gbk read as koi8-r"
    Big5 Koi8R 11 "big5 read as koi8-r"
    Utf8 Ibm866 10 "utf-8 read as ibm866"
    Gbk Ibm866 10 "gbk read as ibm866"
    Big5 Ibm866 11 "big5 read as ibm866"
    Utf8 ShiftJis 9 "utf-8 read as shift_jis"
    Utf8 EucKr 9 "utf-8 read as euc-kr"
    Utf8 Big5 9 "utf-8 read as big5"
    Utf8 Cp950 9 "utf-8 read as cp950"
    Gbk Big5 9 "gbk read as big5"
    Gbk Cp950 9 "gbk read as cp950"
    Gbk ShiftJis 10 "gbk read as shift_jis"
    Big5 ShiftJis 11 "big5 read as shift_jis"
    Gbk EucKr 10 "gbk read as euc-kr"
    Big5 EucKr 11 "big5 read as euc-kr"
    Gbk EucJp 10 "gbk read as euc-jp"
    Big5 EucJp 11 "big5 read as euc-jp"
    Big5 Gbk 9 "big5 read as gbk"
    Utf16Le Utf16Be 10 "utf-16 with swapped bytes"
    Gbk Utf16Le 11 "gbk read as utf-16le"
    Utf16Le Windows1252 11 "utf-16le read as windows-1252"
    Utf16Be Windows1252 11 "utf-16be read as windows-1252"
}

/// What it costs that a stretch begins, and that it ends inside the line.
const BEGIN: u32 = 3 * NAT;
const END: u32 = 2 * NAT;
/// The same where other text ends and begins.
const EDGE: u32 = NAT / 2;
/// And what it costs besides in the middle of a word.
const INNER: u32 = 4 * NAT;
/// What a character of a stretch that was repaired costs at most, on the
/// average, and how much more if there is one alone.
pub(super) const CLEAR: u32 = 19 * NAT / 2;
const CHANCE: u32 = 2 * NAT;
/// How many characters of a line have to be clear before others are judged by
/// them; and what it costs then that a character stands for itself which the
/// wrong reading may have made.
const STRONG: u32 = 4;
const STAY: u32 = 3 * NAT;
/// How much better the best way has to be than the next one that leads
/// somewhere else.
const CERTAIN: u32 = 3 * NAT;
/// What speaks against a second path, in nats, besides what speaks against it
/// alone.
const FURTHER: u32 = 4;
/// Of pairs that were read as other pairs: what a pair of characters that is
/// known speaks for it, what one costs in usual text, and what one that costs
/// more speaks against it, all in nats.
const KNOWN: f64 = 5.0;
const USUAL: f64 = 7.5;
const RARE: f64 = 3.0;
/// How many times a line is read again.
const TIMES: usize = 6;

/// What was clear in a document so far: how many characters were repaired, by
/// the path.
#[derive(Clone, Copy)]
pub(super) struct Seen([u16; PATHS.len()]);

impl Default for Seen {
    fn default() -> Self {
        Seen([0; PATHS.len()])
    }
}

impl Seen {
    fn add(&mut self, found: &Found) {
        let count = found.stretches.iter().map(|s| s.count).sum::<u32>();
        let at = PATHS.iter().position(|path| path.name == found.name);
        if let Some(seen) = at.and_then(|at| self.0.get_mut(at))
            && count >= STRONG
        {
            *seen = seen.saturating_add(count.try_into().unwrap_or(u16::MAX));
        }
    }

    /// What speaks for any path, in nats.
    pub(super) fn most(&self) -> u32 {
        PATHS.iter().map(|path| self.favour(path)).max().unwrap_or(0)
    }

    /// What speaks for a path, in nats.
    fn favour(&self, path: &Path) -> u32 {
        let at = PATHS.iter().position(|other| other.name == path.name);
        let seen = at.and_then(|at| self.0.get(at)).copied().unwrap_or(0);
        match seen {
            0 => 0,
            1..16 => 2,
            16..64 => 4,
            _ => 6,
        }
    }
}

/// One change in a line.
pub(super) struct Edit {
    pub(super) range: Range<usize>,
    pub(super) text: String,
    pub(super) rule: Rule,
    pub(super) path: &'static str,
}

/// A character of the line as it has become.
#[derive(Clone)]
pub(super) struct Item {
    pub(super) c: char,
    /// The bytes of the line that it came from: its own, or, behind a
    /// repair, those of the stretch.
    pub(super) from: Range<usize>,
    /// The path of the repair, or nothing.
    pub(super) path: Option<&'static str>,
    /// What is left of it, if it is lost.
    pub(super) gap: Option<Rc<Gap>>,
    pub(super) guessed: bool,
}

impl Item {
    fn new(c: char, from: Range<usize>, path: Option<&'static str>) -> Item {
        Item { c, from, path, gap: None, guessed: false }
    }
}

/// Repairs a line, or as much of it as is decided by `most` bytes. Gives the
/// edits, and how many bytes are done.
///
/// What is clear here counts for the lines that follow, and what was clear
/// before for this one.
pub(super) fn repair(
    line: &str,
    most: usize,
    guess: bool,
    seen: &mut Seen,
) -> (Vec<Edit>, usize) {
    let mut items: Vec<Item> = line
        .char_indices()
        .map(|(at, c)| Item::new(c, at..at + c.len_utf8(), None))
        .collect();
    let mut settled = false;
    let before = *seen;
    for _ in 0..TIMES {
        // Blanks at the end are removed later, and may be of a garbled
        // character: the line is to be settled with them and without.
        let blank = |item: &Item| Class::of(item.c) == Class::Blank;
        let end = items.iter().rposition(|item| !blank(item));
        let trimmed = items.get(..end.map_or(0, |end| end + 1));
        let trimmed = trimmed.filter(|some| some.len() < items.len());
        let found = best(&items, &before).or_else(|| best(trimmed?, &before));
        let Some(found) = found else {
            settled = true;
            break;
        };
        seen.add(&found);
        found.apply(&mut items);
    }
    if !settled {
        // There is no end to it: it is something else.
        *seen = before;
        return (Vec::new(), line.len());
    }
    lost::fill(&mut items, guess);
    let mut edits: Vec<Edit> = Vec::new();
    let mut done = line.len();
    for unit in items.chunk_by(|a, b| a.from == b.from) {
        let Some(first) = unit.first() else { continue };
        let Some(path) = first.path else { continue };
        edits.push(Edit {
            range: first.from.clone(),
            text: unit.iter().map(|item| item.c).collect(),
            rule: lost::rule(unit),
            path,
        });
    }
    if most < line.len() {
        // The line goes on.
        let first = edits.iter().find(|edit| edit.range.end > most);
        let first = first.map(|edit| edit.range.clone());
        done = (0..=most)
            .rfind(|at| line.is_char_boundary(*at))
            .unwrap_or(line.len());
        if let Some(range) = first {
            done = if range.start > 0 { range.start } else { range.end };
        }
        edits.retain(|edit| edit.range.end <= done);
    }
    (edits, done)
}

/// A stretch of a line read again.
#[derive(Debug)]
struct Stretch {
    items: Range<usize>,
    text: String,
    before: u32,
    after: u32,
    /// How many characters it has become that are not ASCII, and what those
    /// cost.
    count: u32,
    cost: u32,
    /// How many pairs of them are known to stand together.
    known: u32,
    /// Those of them of which something is lost.
    holes: Vec<Hole>,
}

/// Part of a stretch that is one edit, because something of it is lost.
#[derive(Debug)]
struct Hole {
    items: Range<usize>,
    /// Its bytes in the text of the stretch.
    text: Range<usize>,
    /// What is left of each U+FFFD, by its place in that text.
    gaps: Vec<(Range<usize>, Rc<Gap>)>,
}

impl Stretch {
    /// Its parts, each of which is one edit: the items of each, and its text.
    fn parts(&self) -> Vec<(Range<usize>, Range<usize>)> {
        let mut parts = Vec::new();
        let (mut item, mut text) = (self.items.start, 0);
        let end = (self.items.end..self.items.end, self.text.len()..0);
        let holes = self.holes.iter().map(|h| (&h.items, &h.text));
        for (items, own) in holes.chain([(&end.0, &end.1)]) {
            if item < items.start {
                parts.push((item..items.start, text..own.start));
            }
            if !items.is_empty() {
                parts.push((items.clone(), own.clone()));
            }
            (item, text) = (items.end, own.end);
        }
        parts
    }

    /// The characters of a part, with what is left of those that are lost.
    fn chars(
        &self,
        text: Range<usize>,
    ) -> impl Iterator<Item = (char, Option<Rc<Gap>>)> {
        let start = text.start;
        let own = self.text.get(text).unwrap_or_default();
        own.char_indices().map(move |(at, c)| {
            let mut gaps = self.holes.iter().flat_map(|hole| &hole.gaps);
            let gap = gaps.find(|(own, _)| own.contains(&(start + at)));
            (c, gap.map(|(_, gap)| gap.clone()))
        })
    }
}

/// What one path makes of a line.
struct Found {
    name: &'static str,
    stretches: Vec<Stretch>,
    gain: u32,
}

impl Found {
    /// Whether the other takes a table that differs in a few characters.
    fn is_variant(&self, other: &Found) -> bool {
        let same = |a: &str, b: &str| {
            a.strip_suffix("big5").is_some_and(|a| {
                b.strip_suffix("cp950").is_some_and(|b| a == b)
            })
        };
        same(self.name, other.name) || same(other.name, self.name)
    }

    /// Whether both change the same place, and not in the same way.
    fn conflicts(&self, other: &Found) -> bool {
        self.stretches.iter().any(|a| {
            other.stretches.iter().any(|b| {
                let overlap =
                    a.items.start < b.items.end && b.items.start < a.items.end;
                let (more, less) = if a.items.len() < b.items.len() {
                    (b, a)
                } else {
                    (a, b)
                };
                // One may only go further than the other.
                let further = more.items.start <= less.items.start
                    && less.items.end <= more.items.end
                    && more.text.contains(&less.text);
                overlap && !further
            })
        })
    }

    fn apply(&self, items: &mut Vec<Item>) {
        for stretch in self.stretches.iter().rev() {
            let Range { mut start, mut end } = stretch.items;
            let path = Some(self.name);
            let chars = |range| items.get(range).into_iter().flatten();
            let hull = |range| {
                chars(range)
                    .map(|item: &Item| item.from.clone())
                    .reduce(|a, b| a.start.min(b.start)..a.end.max(b.end))
            };
            let item = |(c, gap), from: &Range<usize>| Item {
                gap,
                ..Item::new(c, from.clone(), path)
            };
            if chars(start..end).all(|item| item.path.is_none()) {
                let mut new = Vec::new();
                for (own, text) in stretch.parts() {
                    let Some(from) = hull(own) else { continue };
                    new.extend(stretch.chars(text).map(|c| item(c, &from)));
                }
                items.splice(start..end, new);
                continue;
            }
            // What was repaired before stays in one piece.
            let same = |items: &[Item], a: usize, b: usize| {
                let (a, b) = (items.get(a), items.get(b));
                a.zip(b)
                    .is_some_and(|(a, b)| a.path.is_some() && a.from == b.from)
            };
            let (first, last) = (start, end);
            while start > 0 && same(items, start - 1, start) {
                start -= 1;
            }
            while same(items, end - 1, end) {
                end += 1;
            }
            let Some(from) = hull(start..end) else { continue };
            let kept = |item: &Item| (item.c, item.gap.clone());
            let new: Vec<Item> = chars(start..first)
                .map(kept)
                .chain(stretch.chars(0..stretch.text.len()))
                .chain(chars(last..end).map(kept))
                .map(|c| item(c, &from))
                .collect();
            items.splice(start..end, new);
        }
    }
}

/// The line as scoring sees it.
struct Line {
    cells: Vec<Cell>,
    /// What each character costs that stands for itself, at least.
    costs: Vec<u32>,
}

impl Line {
    fn new(items: &[Item]) -> Line {
        let cells: Vec<Cell> =
            items.iter().map(|item| Cell::of(item.c)).collect();
        let mut behind = Place::START;
        let mut costs = Vec::with_capacity(cells.len());
        for (cell, item) in cells.iter().zip(items) {
            // That something is lost is evidence of nothing.
            let lost = item.c == char::REPLACEMENT_CHARACTER;
            costs.push(if lost { 0 } else { least(cell, behind) });
            behind = cell.place;
        }
        Line { cells, costs }
    }
}

/// What a character costs at least, in whatever language.
pub(super) fn least(cell: &Cell, behind: Place) -> u32 {
    let cost = |models: &[Model]| cell.least(models, behind);
    let own = match cell.place.class {
        Class::LatinUpper | Class::LatinLower | Class::LatinMark => {
            cost(Model::of_latin())
        }
        Class::CyrillicUpper | Class::CyrillicLower => {
            cost(&[Model::Cyrillic])
        }
        Class::GreekUpper | Class::GreekLower => cost(&[Model::Greek]),
        _ => None,
    };
    let all = cost(&Model::ALL).unwrap_or(0);
    own.map_or(all, |own| own.min(all))
}

/// A byte of the line by a wrong reading.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) byte: u8,
    /// The reading has no such character.
    pub(super) wall: bool,
    /// The reading has made it of a byte above ASCII.
    pub(super) high: bool,
    /// Which character it is of, and whether it is its first.
    pub(super) item: usize,
    pub(super) first: bool,
}

/// The byte of a slot whose character is U+FFFD.
const LOST: u8 = 0xFF;

impl Slot {
    /// Whether something is lost there.
    pub(super) fn is_lost(&self) -> bool {
        self.wall && self.byte == LOST
    }
}

fn slots(items: &[Item], reader: Reader) -> Vec<Slot> {
    let mut slots = Vec::with_capacity(2 * items.len());
    for (item, Item { c, .. }) in items.iter().enumerate() {
        let bytes = match *c {
            '€' if reader == Reader::Gbk => {
                Some(euro(&slots, items.get(item + 1)))
            }
            c => reader.bytes(c),
        };
        let mut push = |byte, wall: bool, first| {
            let high = !c.is_ascii() && !wall;
            slots.push(Slot { byte, wall, high, item, first });
        };
        if c.is_ascii() && !reader.is_wide() {
            push(*c as u8, false, true);
            continue;
        }
        match bytes {
            Some([0, byte]) if !reader.is_wide() => push(byte, false, true),
            Some([first, second]) => {
                push(first, false, true);
                push(second, false, false);
            }
            None if *c == char::REPLACEMENT_CHARACTER => {
                push(LOST, true, true);
            }
            None => push(0, true, true),
        }
    }
    slots
}

/// The bytes of €, which is 80 as well as A2E3 in GBK: those that may end a
/// character of UTF-8 and start one that the next character goes on with.
fn euro(before: &[Slot], next: Option<&Item>) -> [u8; 2] {
    let inner = |byte: u8| matches!(byte, 0x80..=0xBF);
    let last = before.rchunks(1).take_while(|slot| match slot {
        [slot] => !slot.wall && inner(slot.byte),
        _ => false,
    });
    let last = last.count();
    let goes_on = match next.map(|item| item.c) {
        Some('€') => true,
        Some(c) => Reader::Gbk.bytes(c).is_some_and(|[b, _]| inner(b)),
        None => false,
    };
    if last == 1 && goes_on { [0xA2, 0xE3] } else { [0, 0x80] }
}

/// The character of UTF-8 in front, and its length.
pub(super) fn utf8(slots: &[Slot]) -> Option<(char, usize)> {
    let first = slots.first()?;
    let len = match first.byte {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return None,
    };
    let mut bytes = [0; 4];
    let few = slots.get(..len)?;
    for (byte, slot) in bytes.iter_mut().zip(few) {
        if slot.wall {
            return None;
        }
        *byte = slot.byte;
    }
    let text = std::str::from_utf8(bytes.get(..len)?).ok()?;
    Some((text.chars().next()?, len))
}

/// The character of UTF-16 in front.
fn utf16(slots: &[Slot], truth: Truth) -> Option<char> {
    let [first, second, ..] = slots else { return None };
    if first.wall || second.wall {
        return None;
    }
    let pair = [first.byte, second.byte];
    let code = match truth {
        Truth::Utf16Le => u16::from_le_bytes(pair),
        _ => u16::from_be_bytes(pair),
    };
    char::from_u32(code.into()).filter(|c| Class::of(*c) != Class::Control)
}

/// The most characters of UTF-8 one behind the other that the line may have
/// been, and how many there may have been in all.
fn sequences(slots: &[Slot]) -> (usize, usize) {
    let (mut most, mut row, mut all) = (0, 0, 0);
    let mut rest = slots;
    while let Some(first) = rest.first() {
        let may = row > 0 || first.first;
        match if may { utf8(rest) } else { None } {
            Some((c, len)) => {
                // Those of two bytes may be by chance.
                row += if c < '\u{800}' { 1 } else { 2 };
                all += 1;
                most = most.max(row);
                rest = rest.get(len..).unwrap_or_default();
            }
            None => {
                row = 0;
                rest = rest.get(1..).unwrap_or_default();
            }
        }
    }
    (most, all)
}

/// Whether it pays to read the line in earnest.
fn is_worth(slots: &[Slot], path: &Path) -> bool {
    let high = |slot: &Slot| !slot.wall && slot.byte >= 0x80;
    if path.truth == Truth::Utf8 {
        let fewest = if path.reader.is_single() { 2 } else { 3 };
        return sequences(slots).0 >= fewest;
    }
    if path.truth.is_wide() || path.reader.is_wide() {
        return slots.iter().filter(|slot| slot.high).count() >= 2;
    }
    if path.truth == Truth::Gbk {
        return slots.windows(2).any(|two| two.iter().all(high));
    }
    // Two pairs one behind the other.
    slots.windows(4).any(|four| match four {
        [a, b, c, d] => {
            high(a)
                && high(c)
                && !b.wall
                && !d.wall
                && b.byte >= 0x40
                && d.byte >= 0x40
        }
        _ => false,
    })
}

/// A way through the line up to some place.
#[derive(Clone, Copy)]
struct Node {
    cost: u32,
    behind: Place,
    /// The place before, and whether it was inside a stretch.
    from: usize,
    inside: bool,
}

const NOWHERE: Node =
    Node { cost: u32::MAX, behind: Place::START, from: 0, inside: false };

fn reach(nodes: &mut [Node], at: usize, node: Node) {
    if let Some(old) = nodes.get_mut(at)
        && node.cost < old.cost
    {
        *old = node;
    }
}

/// The cells of what a text was encoded in; none for UTF-8.
pub(super) fn cells(truth: Truth) -> Option<&'static Cells> {
    match truth {
        Truth::Utf8 => None,
        Truth::Gbk => detect::gb_cells(),
        Truth::Big5 => detect::big5_cells(),
        Truth::Utf16Le | Truth::Utf16Be => None,
    }
}

pub(super) fn models(truth: Truth) -> &'static [Model] {
    match truth {
        Truth::Utf8 | Truth::Utf16Le | Truth::Utf16Be => &[
            Model::Simplified,
            Model::Traditional,
            Model::Japanese,
            Model::Korean,
        ],
        Truth::Gbk => &[Model::Simplified, Model::Traditional],
        Truth::Big5 => &[Model::Traditional],
    }
}

/// The best reading of a line in which stretches are read again by the path.
fn read(
    line: &Line,
    slots: &[Slot],
    path: &Path,
    model: Model,
    stay: u32,
) -> Vec<Stretch> {
    let n = slots.len();
    let cells = cells(path.truth);
    let wide = path.truth.is_wide() || path.reader.is_wide();
    let double = path.is_double()
        && !path.reader.is_single()
        && path.reader != Reader::ShiftJis;
    // Whether what is before or behind is something else anyway.
    let high = |at: Option<usize>| {
        at.and_then(|at| slots.get(at)).is_some_and(|slot| slot.high)
    };
    // Whether it is in the middle of a word, of which all was garbled or
    // nothing.
    let inner = path.reader.is_single() && path.truth != Truth::Utf8;
    let is_inner = |at: usize| {
        let odd = |at: Option<usize>| {
            let slot = at.and_then(|at| slots.get(at));
            let item = slot.filter(|slot| slot.high).map(|slot| slot.item);
            let cell = item.and_then(|item| line.cells.get(item));
            cell.is_some_and(|cell| {
                use Class::{Blank, Dash, WideMark};
                !matches!(cell.place.class, Blank | Dash | WideMark)
            })
        };
        let before = at.checked_sub(1).and_then(|at| slots.get(at));
        let second = path.truth == Truth::Big5
            && before.is_some_and(|slot| !slot.high && slot.byte >= 0x40);
        let before = if second { 2 } else { 1 };
        inner && odd(Some(at)) && odd(at.checked_sub(before))
    };
    let is_edge = |at: usize| {
        // A letter of ASCII may be half of a character.
        let before = at.checked_sub(2).and_then(|at| slots.get(at));
        let letter = |slot: &Slot| {
            let item = line.cells.get(slot.item);
            item.is_some_and(|cell| {
                use Class::{AsciiLower, AsciiUpper};
                matches!(cell.place.class, AsciiLower | AsciiUpper)
            })
        };
        if wide && before.is_some_and(letter) {
            return false;
        }
        !high(at.checked_sub(1)) || !wide && !high(Some(at))
    };
    let mut outside = vec![NOWHERE; n + 1];
    let mut inside = vec![NOWHERE; n + 1];
    reach(&mut outside, 0, Node { cost: 0, ..NOWHERE });
    for at in 0..=n {
        let slot = slots.get(at);
        let out = outside.get(at).copied().unwrap_or(NOWHERE);
        let inn = inside.get(at).copied().unwrap_or(NOWHERE);
        if slot.is_none_or(|slot| slot.first) {
            if inn.cost < u32::MAX {
                let end = if slot.is_none() {
                    0
                } else if double && is_edge(at) {
                    EDGE
                } else if is_inner(at) {
                    END + INNER
                } else {
                    END
                };
                let cost = inn.cost + end;
                let behind = inn.behind;
                let node = Node { cost, behind, from: at, inside: true };
                reach(&mut outside, at, node);
            }
            if out.cost < u32::MAX
                && slot.is_some_and(|slot| slot.high || wide && !slot.wall)
            {
                let begin = if double && is_edge(at) {
                    EDGE
                } else if is_inner(at) {
                    BEGIN + INNER
                } else {
                    BEGIN
                };
                let cost = out.cost + begin;
                let behind = out.behind;
                let node = Node { cost, behind, from: at, inside: false };
                reach(&mut inside, at, node);
            }
        }
        let Some(slot) = slot else { break };
        if let Some(out) = outside.get(at).copied()
            && out.cost < u32::MAX
            && slot.first
        {
            let next = slots.get(at + 1).is_some_and(|next| !next.first);
            let len = 1 + usize::from(next);
            let mut cost = line.costs.get(slot.item).copied().unwrap_or(0);
            if out.inside
                && let Some(cell) = line.cells.get(slot.item)
            {
                // What it is behind has changed.
                cost = least(cell, out.behind);
            }
            if slot.high {
                let class = line.cells.get(slot.item).map(|c| c.place.class);
                cost += match class {
                    // Hardly any of them stands among Chinese.
                    Some(
                        Class::Hiragana
                        | Class::Katakana
                        | Class::GreekLower
                        | Class::GreekUpper
                        | Class::CyrillicLower
                        | Class::CyrillicUpper
                        | Class::LatinLower
                        | Class::LatinUpper
                        | Class::Symbol
                        | Class::Box
                        | Class::Private,
                    ) if path.is_double() => 6 * stay,
                    _ => stay,
                };
            }
            let behind =
                line.cells.get(slot.item).map_or(Place::START, |c| c.place);
            let cost = out.cost + cost;
            let node = Node { cost, behind, from: at, inside: false };
            reach(&mut outside, at + len, node);
        }
        let inn = inside.get(at).copied().unwrap_or(NOWHERE);
        if inn.cost == u32::MAX {
            continue;
        }
        let mut go_at = |len: usize, cost: u32, behind: Place| {
            let cost = inn.cost + cost;
            let node = Node { cost, behind, from: at, inside: true };
            reach(&mut inside, at + len, node);
        };
        let rest = slots.get(at..).unwrap_or_default();
        if path.truth == Truth::Utf8 {
            for step in lost::steps(rest, path.reader) {
                let (cost, behind) = match step.sure.map(Cell::of) {
                    Some(cell) => (cell.cost(model, inn.behind), cell.place),
                    None => (0, lost::unknown()),
                };
                // By the others of the line.
                let less = if stay > 0 { lost::FEWER } else { 0 };
                let own = step.cost.saturating_sub(less);
                go_at(step.len, cost + own, behind);
            }
        }
        if slot.wall {
            continue;
        }
        let mut go = |len: usize, cell: Cell| {
            go_at(len, cell.cost(model, inn.behind), cell.place);
        };
        if path.truth.is_wide() {
            if let Some(c) = utf16(rest, path.truth) {
                go(2, Cell::of(c));
            }
            continue;
        }
        if slot.byte < 0x80 {
            if slot.byte >= b' ' {
                go(1, ascii(slot.byte));
            }
            continue;
        }
        match cells {
            None => {
                // U+FFFD had been lost before it was read wrongly.
                let known = utf8(rest)
                    .filter(|(c, _)| *c != char::REPLACEMENT_CHARACTER);
                if let Some((c, len)) = known {
                    go(len, Cell::of(c));
                }
            }
            Some(cells) => {
                if let [first, second, ..] = rest
                    && !second.wall
                    && let Some(cell) = cells.pair(first.byte, second.byte)
                {
                    go(2, cell);
                }
            }
        }
    }
    // Back from the end.
    let mut steps: Vec<Range<usize>> = Vec::new();
    let (mut at, mut now) = (n, false);
    let mut stretches = Vec::new();
    loop {
        let nodes = if now { &inside } else { &outside };
        let Some(node) = nodes.get(at) else { return Vec::new() };
        if node.cost == u32::MAX {
            return Vec::new();
        }
        if now && node.inside {
            steps.push(node.from..at);
        }
        if now && !node.inside && node.from == at {
            // The stretch begins here.
            steps.reverse();
            let all = std::mem::take(&mut steps);
            split(line, slots, path, model, &all, &mut stretches);
        }
        if at == 0 && !now {
            break;
        }
        (at, now) = (node.from, node.inside);
    }
    stretches.reverse();
    stretches
}

/// Makes stretches of the characters that were read again: ASCII that stands
/// for itself is left out.
fn split(
    line: &Line,
    slots: &[Slot],
    path: &Path,
    model: Model,
    steps: &[Range<usize>],
    stretches: &mut Vec<Stretch>,
) {
    let itself = |step: &Range<usize>| {
        let one = slots.get(step.start);
        let next = slots.get(step.end).is_none_or(|slot| slot.first);
        step.len() == 1
            && one.is_some_and(|slot| slot.byte < 0x80 && slot.first)
            && next
    };
    for part in steps.split(itself).rev() {
        let part =
            if path.truth == Truth::Utf8 { marked(slots, part) } else { part };
        let (Some(first), Some(last)) = (part.first(), part.last()) else {
            continue;
        };
        let Some(own) = slots.get(first.start..last.end) else { continue };
        let bytes =
            || -> Vec<u8> { own.iter().map(|slot| slot.byte).collect() };
        let mut holes = Vec::new();
        let text = match path.truth {
            Truth::Utf8 => holey(slots, path.reader, part, &mut holes),
            Truth::Gbk => exact(&bytes(), encoding_rs::GB18030, Reader::Gbk),
            Truth::Big5 => exact(&bytes(), encoding_rs::BIG5, Reader::Big5),
            Truth::Utf16Le | Truth::Utf16Be => {
                let own = own.as_chunks::<2>().0.iter();
                own.map(|pair| utf16(pair, path.truth)).collect()
            }
        };
        let (Some(text), Some(start)) = (text, own.first()) else { continue };
        let items = start.item
            ..slots.get(last.end).map_or(line.costs.len(), |slot| slot.item);
        let before = line.costs.get(items.clone()).unwrap_or_default();
        let mut stretch = Stretch {
            items,
            text,
            before: before.iter().sum(),
            after: 0,
            count: 0,
            cost: 0,
            known: 0,
            holes,
        };
        let mut behind = match start.item.checked_sub(1) {
            Some(before) => {
                line.cells.get(before).map_or(Place::START, |c| c.place)
            }
            None => Place::START,
        };
        for c in stretch.text.chars() {
            if c == char::REPLACEMENT_CHARACTER {
                stretch.after += lost::HOLE;
                behind = lost::unknown();
                continue;
            }
            let cell = Cell::of(c);
            let cost = cell.cost(model, behind);
            let known = stretch.count > 0 && cell.is_known(model, behind);
            stretch.known += u32::from(known);
            behind = cell.place;
            stretch.after += cost;
            if !c.is_ascii() {
                stretch.count += 1;
                stretch.cost += cost;
            }
        }
        stretches.push(stretch);
    }
}

/// The steps without those at their ends where something is lost and nothing
/// marks it, if other text is there: that is part of that text.
fn marked<'a>(
    slots: &[Slot],
    mut steps: &'a [Range<usize>],
) -> &'a [Range<usize>] {
    let is_first = |at: usize| slots.get(at).is_none_or(|slot| slot.first);
    let other = |at: Option<usize>| {
        let slot = at.and_then(|at| slots.get(at));
        slot.is_some_and(|slot| slot.wall || slot.byte >= 0x80)
    };
    let unmarked = |step: &Range<usize>| {
        let own = slots.get(step.clone()).unwrap_or_default();
        let whole = utf8(own).is_some_and(|(_, len)| len == own.len());
        !whole
            && own.len() > 1
            && own.iter().all(|slot| slot.byte >= 0x80 && !slot.wall)
    };
    while let [rest @ .., last] = steps
        && unmarked(last)
        && other(Some(last.end))
    {
        steps = rest;
        while let [rest @ .., last] = steps
            && !is_first(last.end)
        {
            steps = rest;
        }
    }
    while let [first, rest @ ..] = steps
        && unmarked(first)
        && other(first.start.checked_sub(1))
    {
        steps = rest;
        while let [first, rest @ ..] = steps
            && !is_first(first.start)
        {
            steps = rest;
        }
    }
    steps
}

/// The text of steps of UTF-8, and what is lost of it.
fn holey(
    slots: &[Slot],
    reader: Reader,
    steps: &[Range<usize>],
    holes: &mut Vec<Hole>,
) -> Option<String> {
    let item = |at: usize| {
        let end = slots.last().map_or(0, |slot| slot.item + 1);
        slots.get(at).map_or(end, |slot| slot.item)
    };
    let is_first = |at: usize| slots.get(at).is_none_or(|slot| slot.first);
    let mut text = String::new();
    // Where the step of each character starts, and the character.
    let mut starts: Vec<(usize, usize)> = Vec::new();
    // Whether the last hole ends inside an item.
    let mut open = false;
    for step in steps {
        let start = text.len();
        starts.push((step.start, start));
        let own = slots.get(step.clone())?;
        let rest = slots.get(step.start..)?;
        let mut gaps = Vec::new();
        let whole = utf8(own).filter(|(_, len)| *len == own.len());
        if let [one] = own
            && one.byte < 0x80
        {
            text.push(one.byte.into());
        } else if let Some((c, _)) = whole {
            text.push(c);
        } else {
            let step = lost::steps(rest, reader)
                .find(|step| step.len == own.len())?;
            match step.sure {
                Some(c) => text.push(c),
                None => {
                    let lost = char::REPLACEMENT_CHARACTER;
                    text.extend((0..step.chars).map(|_| lost));
                    let next = rest.get(own.len());
                    let gap = Gap::new(own, next, reader, step.chars);
                    gaps.push((start..text.len(), Rc::new(gap)));
                }
            }
        }
        if gaps.is_empty() && !open {
            continue;
        }
        // Characters that share an item are of one edit.
        let mut first = starts.len() - 1;
        while first > 0 && !is_first(starts.get(first)?.0) {
            first -= 1;
        }
        let (at, mut from) = *starts.get(first)?;
        let mut items = item(at)..item(step.end);
        while let Some(last) = holes.last()
            && (last.items.end > items.start || open)
        {
            let Some(last) = holes.pop() else { break };
            items.start = items.start.min(last.items.start);
            from = from.min(last.text.start);
            gaps.splice(0..0, last.gaps);
            open = false;
        }
        open = !is_first(step.end);
        if open {
            items.end += 1;
        }
        holes.push(Hole { items, text: from..text.len(), gaps });
    }
    Some(text)
}

/// The text of bytes, if it has no other ones.
fn exact(
    bytes: &[u8],
    encoding: &'static encoding_rs::Encoding,
    back: Reader,
) -> Option<String> {
    let text = encoding
        .decode_without_bom_handling_and_without_replacement(bytes)?
        .into_owned();
    let mut again = Vec::with_capacity(bytes.len());
    for c in text.chars() {
        if c.is_ascii() {
            again.push(c as u8);
            continue;
        }
        let rest = bytes.get(again.len()..)?;
        let code = back.bytes(c);
        let code = code.as_ref().map(|code| match code {
            [0, byte] => std::slice::from_ref(byte),
            two => two,
        });
        if let Some(code) = code.filter(|code| rest.starts_with(code)) {
            again.extend(code);
            continue;
        }
        // Of two codes for a character one is meant for encoding; to ask for
        // it takes long.
        let mut buffer = [0; 4];
        let (code, _, lost) = encoding.encode(c.encode_utf8(&mut buffer));
        if lost || !rest.starts_with(&code) {
            return None;
        }
        again.extend(&*code);
    }
    (again == bytes).then_some(text)
}

/// What a stretch has become.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Words,
    /// It may stand among words, and proves nothing.
    Marks,
    /// Nothing that anybody would write.
    Odd,
}

fn kind(stretch: &Stretch) -> Kind {
    let mut good = 0;
    let mut script = 0;
    let mut distinct = stretch.count == 1;
    let mut first = None;
    let own = |c: &char| !c.is_ascii() && *c != char::REPLACEMENT_CHARACTER;
    for c in stretch.text.chars().filter(own) {
        match Class::of(c) {
            Class::Han | Class::Hiragana | Class::Katakana | Class::Hangul => {
                good += 1;
                script += 1;
            }
            Class::WideMark
            | Class::WideAlphanumeric
            | Class::Dash
            | Class::Emoji
            | Class::HanRare => good += 1,
            Class::Private | Class::Control | Class::Box => return Kind::Odd,
            _ => {}
        }
        distinct |= *first.get_or_insert(c) != c;
    }
    if 4 * good < 3 * stretch.count {
        Kind::Odd
    } else if script > 0 && distinct {
        Kind::Words
    } else {
        Kind::Marks
    }
}

/// Whether it reads as text in its own right. The more of a surprise it was,
/// the less usual it may be.
fn is_clear(stretch: &Stretch, more: u32) -> bool {
    let gain = stretch.before.saturating_sub(stretch.after);
    let few = if stretch.count >= 3 { gain / 4 } else { 0 };
    let most = stretch.count * (CLEAR + more) + CHANCE + more + few;
    stretch.cost <= most
}

/// Whether it is usual text, and not what may have to be read again.
fn is_usual_text(stretch: &Stretch) -> bool {
    stretch.cost <= stretch.count * CLEAR
}

/// Whether more of it is there than lost; where nothing marks what is lost and
/// nothing else of the line is clear, much more.
fn is_whole(stretch: &Stretch, more: u32) -> bool {
    let gaps = || stretch.holes.iter().flat_map(|hole| &hole.gaps);
    let unmarked = gaps().filter(|(_, gap)| !gap.is_marked()).count();
    let unmarked = if more == 0 { unmarked } else { 0 };
    gaps().count() + unmarked <= stretch.count as usize
}

/// Whether something of all of it is lost, and marks say so or the reader
/// needs none. It proves nothing.
fn is_hole(stretch: &Stretch, drops: bool) -> bool {
    let mut gaps = stretch.holes.iter().flat_map(|hole| &hole.gaps);
    stretch.count == 0
        && !stretch.holes.is_empty()
        && gaps.all(|(_, gap)| drops || gap.is_marked())
}

/// Whether a stretch was lines and boxes.
fn is_drawn(line: &Line, stretch: &Stretch) -> bool {
    let cells = line.cells.get(stretch.items.clone()).unwrap_or_default();
    cells.iter().all(|cell| cell.place.class == Class::Box)
}

/// Whether a stretch was marks only that usual text has.
fn is_marked(line: &Line, stretch: &Stretch) -> bool {
    let cells = line.cells.get(stretch.items.clone()).unwrap_or_default();
    cells.iter().all(|cell| {
        use Class::{Blank, Dash, WideMark};
        matches!(cell.place.class, Blank | Dash | WideMark)
    })
}

/// Whether it has become what would have to be read again, as GBK that was
/// UTF-8.
fn is_utf8_in_gbk(stretch: &Stretch) -> bool {
    let item = |c| Item::new(c, 0..0, None);
    let items: Vec<Item> = stretch.text.chars().map(item).collect();
    sequences(&slots(&items, Reader::Gbk)).0 > STRONG as usize
}

/// Whether hardly anything is left of what the wrong reading has made. Text
/// that is all letters of its alphabet is in that alphabet, if only some of
/// its words could be something else.
fn is_thorough(
    line: &Line,
    slots: &[Slot],
    path: &Path,
    stretches: &[Stretch],
) -> bool {
    // Notes of readings may stand beside it, and blanks at the end, which are
    // removed later: what is certain without them must be so with them.
    let counts = |slot: &Slot| {
        let class = line.cells.get(slot.item).map(|cell| cell.place.class);
        !matches!(class, Some(Class::LatinLower | Class::Blank))
    };
    if path.truth == Truth::Utf8
        || !path.reader.is_single()
        || path.truth.is_wide()
    {
        return true;
    }
    let (mut inside, mut outside) = (0, 0);
    let mut next = stretches.iter().peekable();
    for slot in slots.iter().filter(|s| !s.wall && s.byte >= 0x80) {
        while next.next_if(|s| s.items.end <= slot.item).is_some() {}
        if next.peek().is_some_and(|s| s.items.contains(&slot.item)) {
            inside += 1;
        } else if counts(slot) {
            outside += 1;
        }
    }
    4 * outside <= inside + 3
}

/// What the path makes of a line in a language, if it makes sense.
fn found(
    line: &Line,
    slots: &[Slot],
    path: &'static Path,
    model: Model,
    seen: &Seen,
) -> Option<Found> {
    let favour = seen.favour(path);
    let mut stretches = read(line, slots, path, model, 0);
    let text = |s: &Stretch, more| {
        s.before + s.items.len() as u32 * more > s.after + BEGIN
            && kind(s) != Kind::Odd
            && is_whole(s, more)
            && is_clear(s, more)
            && !(more == 0 && is_drawn(line, s))
            && (path.is_double() || !is_marked(line, s))
    };
    let words = |stretches: &[Stretch]| -> u32 {
        let words = stretches.iter().filter(|s| kind(s) == Kind::Words);
        words.filter(|s| text(s, 0)).map(|s| s.count).sum()
    };
    let fewest = match (favour, path.is_double()) {
        (1.., _) => 1,
        // More has to be proved there anyway.
        (0, true) => STRONG / 2,
        (0, false) => STRONG,
    };
    if words(&stretches) >= fewest {
        // All the rest of the same kind, too.
        let few = path.is_double() && path.reader != Reader::ShiftJis;
        let stay = if few { STAY / 3 } else { STAY };
        stretches = read(line, slots, path, model, stay);
    }
    let strong = words(&stretches);
    if strong >= fewest {
        let clear = |s: &Stretch| text(s, STAY);
        // Whether the reader leaves bytes out.
        let drops = stretches.iter().any(|s| {
            let mut gaps = s.holes.iter().flat_map(|hole| &hole.gaps);
            gaps.any(|(_, gap)| !gap.is_marked()) && clear(s)
        });
        stretches.retain(|s| is_hole(s, drops) || clear(s));
    } else {
        stretches.retain(|s| text(s, 0) && kind(s) == Kind::Words);
    }
    if strong == 0
        || !is_thorough(line, slots, path, &stretches)
        || path.truth == Truth::Gbk && stretches.iter().any(is_utf8_in_gbk)
    {
        return None;
    }
    let before: u32 = stretches.iter().map(|s| s.before).sum();
    let after: u32 = stretches.iter().map(|s| s.after).sum();
    let prior = path.prior.saturating_sub(favour);
    // Words that are known are hardly by chance.
    let known: u32 = stretches.iter().map(|s| s.known).sum();
    let before = before + known.min(2) * 2 * NAT;
    let mut gain = before.saturating_sub(after + prior * NAT);
    if path.is_double() {
        gain = proof(line, slots, &stretches, path, favour)?;
    }
    (gain > 0).then_some(Found { name: path.name, stretches, gain })
}

/// How much speaks for pairs that were read as other pairs. Not only must the
/// line be less of a surprise: two characters that are known to stand together
/// speak for it, and those that are rare, or so few that they may be by
/// chance, against it.
fn proof(
    line: &Line,
    slots: &[Slot],
    stretches: &[Stretch],
    path: &Path,
    favour: u32,
) -> Option<u32> {
    // Single characters here and there prove nothing, nor do two stretches
    // more than one if there is no word in them.
    let mut solid: Vec<&Stretch> =
        stretches.iter().filter(|s| s.count >= 2).collect();
    if solid.iter().all(|s| s.known == 0) {
        let most = solid.iter().max_by_key(|s| s.count).copied();
        solid = most.into_iter().collect();
    }
    let sum =
        |of: fn(&Stretch) -> u32| solid.iter().map(|s| of(s)).sum::<u32>();
    let (count, known) = (sum(|s| s.count), sum(|s| s.known));
    let is_in = |item| solid.iter().any(|s| s.items.contains(&item));
    let mut rest = false;
    for slot in slots.iter().filter(|slot| slot.first && slot.high) {
        if is_in(slot.item) {
            continue;
        }
        rest = true;
        let class = line.cells.get(slot.item).map(|cell| cell.place.class);
        let alone = !stretches.iter().any(|s| s.items.contains(&slot.item));
        if alone && class == Some(Class::HalfKatakana) {
            // That would have been of the same kind.
            return None;
        }
    }
    if count < 2 || known == 0 && count >= 5 && sum(|s| s.cost) > count * CLEAR
    {
        return None;
    }
    let items = solid.iter().flat_map(|s| s.items.clone());
    let plain = items.filter(|at| {
        let class = line.cells.get(*at).map(|cell| cell.place.class);
        class.is_some_and(|class| class > Class::AsciiMark)
            && !matches!(
                class,
                Some(
                    Class::Han
                        | Class::HanRare
                        | Class::Hangul
                        | Class::HalfKatakana
                        | Class::Private
                )
            )
    });
    if known == 0
        && !path.reader.is_single()
        && !path.reader.is_wide()
        && 2 * plain.count() > count as usize
    {
        // Marks that are not usual are likely where there is one of them.
        return None;
    }
    let n = f64::from(count);
    let nats = |cost: u32| f64::from(cost) / f64::from(NAT);
    let few = match (count, rest) {
        _ if favour > 0 => 0.0,
        (2, true) if known > 0 => 6.0,
        (2, true) => 12.0,
        (3, true) => 3.0,
        _ => 0.0,
    };
    let rare = (nats(sum(|s| s.cost)) / n - USUAL).max(0.0);
    let score = nats(sum(|s| s.before)) - nats(sum(|s| s.after))
        + KNOWN * f64::from(known.min(3))
        - f64::from(path.prior)
        + f64::from(favour)
        - RARE * rare * n.sqrt()
        - few;
    (score > 0.0).then_some((score * f64::from(NAT)) as u32)
}

/// All that paths make of a line.
#[derive(Default)]
struct Best(Vec<Found>);

impl Best {
    fn add(&mut self, found: Found) {
        self.0.push(found);
    }

    /// The best of those that are certain: nothing that leads elsewhere from
    /// the same place gains nearly as much.
    fn certain(mut self) -> Option<Found> {
        self.0.sort_by_key(|found| std::cmp::Reverse(found.gain));
        let certain = self.0.iter().position(|found| {
            let others = self.0.iter().filter(|other| {
                let close = if found.is_variant(other) { 0 } else { CERTAIN };
                other.gain + close > found.gain && other.conflicts(found)
            });
            others.count() == 0
        });
        certain.map(|at| self.0.swap_remove(at))
    }
}

/// The best that any path makes of the line, or any two one behind the other,
/// if it is certain.
fn best(items: &[Item], seen: &Seen) -> Option<Found> {
    if items.iter().all(|item| item.c.is_ascii()) {
        return None;
    }
    let mut twice = Vec::new();
    let mut best = once(items, &mut twice, seen);
    let mut line = None;
    for outer in twice {
        let (within, places) = read_again(items, outer);
        let Some(found) = once(&within, &mut Vec::new(), seen).certain()
        else {
            continue;
        };
        let line = line.get_or_insert_with(|| Line::new(items));
        if let Some(found) = placed(line, found, &within, &places, outer) {
            best.add(found);
        }
    }
    best.certain()
}

/// The best that one path makes of the line. Those that make text of it, but
/// none that is clear, may be the later one of two.
fn once(items: &[Item], twice: &mut Vec<&'static Path>, seen: &Seen) -> Best {
    let mut line = None;
    let mut best = Best::default();
    let mut known: Option<(Reader, Vec<Slot>)> = None;
    let has_single = items.iter().any(|item| is_single(item.c));
    // U+FFFD in UTF-8, read as GBK: what it was is gone.
    let gone = items.windows(2).any(|two| match two {
        [a, b] => a.c == '锟' && b.c == '斤',
        _ => false,
    });
    let has_wide = items.iter().any(|item| item.c >= '\u{2E80}');
    for path in PATHS {
        let single = path.reader.is_single();
        if single && !has_single
            || !single && !has_wide
            || path.is_double() && gone
        {
            continue;
        }
        if known.as_ref().is_none_or(|(reader, _)| *reader != path.reader) {
            known = Some((path.reader, slots(items, path.reader)));
        }
        let Some((_, slots)) = &known else { continue };
        if !is_worth(slots, path) {
            continue;
        }
        let line = line.get_or_insert_with(|| Line::new(items));
        let all = models(path.truth).iter();
        let found = all
            .filter_map(|model| found(line, slots, path, *model, seen))
            .max_by_key(|found| found.gain);
        let all = found.iter().flat_map(|found| &found.stretches);
        let clear = found.is_some() && all.clone().all(is_usual_text);
        best.0.extend(found);
        if !clear && path.truth == Truth::Utf8 && sequences(slots).1 >= 3 {
            twice.push(path);
        }
    }
    best
}

/// All of a line that may have been UTF-8 read as it again; for each
/// character, those of the line that it came from.
fn read_again(items: &[Item], path: &Path) -> (Vec<Item>, Vec<Range<usize>>) {
    let slots = slots(items, path.reader);
    let (mut again, mut places) = (Vec::new(), Vec::new());
    let mut push = |c, place: Range<usize>| {
        again.push(Item::new(c, 0..0, None));
        places.push(place);
    };
    let mut rest = slots.as_slice();
    // Whether the slot in front is the first that is not read yet.
    let mut inside = false;
    while let Some((first, behind)) = rest.split_first() {
        let may = (first.first || inside) && !first.wall;
        if may
            && first.byte >= 0x80
            && let Some((c, len)) =
                utf8(rest).or_else(|| lost::unknown_again(rest, path.reader))
            && let Some(last) = rest.get(len - 1)
        {
            push(c, first.item..last.item + 1);
            rest = rest.get(len..).unwrap_or_default();
            inside = true;
            continue;
        }
        let c = items.get(first.item).map_or('\0', |item| item.c);
        if first.first {
            push(c, first.item..first.item + 1);
            inside = false;
        } else if inside && first.byte < 0x80 {
            push(first.byte.into(), first.item..first.item + 1);
        }
        rest = behind;
        if first.first && rest.first().is_some_and(|slot| !slot.first) {
            rest = rest.get(1..).unwrap_or_default();
        }
    }
    (again, places)
}

/// What was found in a line that was read again, in the line itself.
fn placed(
    line: &Line,
    found: Found,
    within: &[Item],
    places: &[Range<usize>],
    outer: &'static Path,
) -> Option<Found> {
    let mut stretches = Vec::new();
    for mut stretch in found.stretches {
        let range = stretch.items.clone();
        let own = places.get(range.clone())?;
        let start = own.first()?.start;
        let end = own.last()?.end;
        let before = range.start.checked_sub(1).and_then(|i| places.get(i));
        let behind = places.get(range.end);
        let changed = |at: &usize| {
            let new = within.get(*at).map(|item| item.c);
            let place = places.get(*at);
            let old = place.and_then(|place| line.cells.get(place.start));
            new.zip(old).is_none_or(|(new, old)| Cell::of(new) != *old)
        };
        if before.is_some_and(|place| place.end > start)
            || behind.is_some_and(|place| place.start < end)
            || !range.clone().any(|at| changed(&at))
        {
            continue;
        }
        stretch.items = start..end;
        // Which of these characters are of which hole is not known.
        let gaps: Vec<_> =
            stretch.holes.drain(..).flat_map(|hole| hole.gaps).collect();
        if !gaps.is_empty() {
            let text = 0..stretch.text.len();
            stretch.holes.push(Hole { items: start..end, text, gaps });
        }
        let costs = line.costs.get(start..end).unwrap_or_default();
        stretch.before = costs.iter().sum();
        stretches.push(stretch);
    }
    let before: u32 = stretches.iter().map(|s| s.before).sum();
    let after: u32 = stretches.iter().map(|s| s.after).sum();
    let prior = (outer.prior + FURTHER) * NAT;
    let gain = before.saturating_sub(after + prior);
    let name = twice(found.name, outer.name);
    (gain > 0).then_some(Found { name, stretches, gain })
}

/// The name of two paths, one behind the other.
fn twice(first: &'static str, second: &'static str) -> &'static str {
    static NAMES: OnceLock<Vec<String>> = OnceLock::new();
    let names = NAMES.get_or_init(|| {
        let all = || PATHS.iter().map(|path| path.name);
        all()
            .flat_map(|a| all().map(move |b| format!("{a}, then {b}")))
            .collect()
    });
    let number = |name| PATHS.iter().position(|path| path.name == name);
    let at = number(first).zip(number(second));
    at.and_then(|(a, b)| names.get(a * PATHS.len() + b))
        .map_or(second, String::as_str)
}
