//! Bytes that a wrong reading has lost.
//!
//! A reader that can make nothing of a byte writes U+FFFD or `?` for it, or
//! leaves it out. What is left of the character still says which ones it may
//! have been, and so does the reader: what it could read it would have read.
//! A no-break space that became a plain one, or was cut off at the end of a
//! line, is lost in the same way, and is known.

use std::rc::Rc;
use std::sync::OnceLock;

use super::readers::Reader;
use super::search::{Item, Slot, utf8};
use crate::edit::Rule;
use crate::tables::class::Class;
use crate::tables::stats::{Cell, Model, NAT, Place};

/// What a hole costs, in place of its character: about as much as the garbled
/// characters that it takes the place of, so that it proves nothing.
pub(super) const HOLE: u32 = 12 * NAT;
/// How much less, where others of the line are clear.
pub(super) const FEWER: u32 = 4 * NAT;
/// What it costs that two bytes of a character are lost, and that nothing
/// marks the place.
const TWO: u32 = 3 * NAT;
const UNMARKED: u32 = NAT;
/// What it costs that a plain blank was a no-break one, or was cut off.
const BLANK: u32 = 2 * NAT;
/// What speaks against all but a bracket that closes one.
const BRACKET: u32 = 3 * NAT;
/// What speaks against a character of ASCII that is not the one to expect.
const UNLIKELY: u32 = 8 * NAT;
/// How much less likely than the best any other filling has to be for the best
/// to be certain.
const CERTAIN: u32 = 8 * NAT;

/// A way to read what is in front as characters of which something is lost.
pub(super) struct Step {
    pub(super) len: usize,
    pub(super) cost: u32,
    /// How many characters it is.
    pub(super) chars: usize,
    /// Where there is no doubt, the character.
    pub(super) sure: Option<char>,
}

/// What is left of such characters.
#[derive(Clone, Debug)]
pub(super) struct Gap {
    slots: Vec<Slot>,
    next: Option<Slot>,
    reader: Reader,
    chars: usize,
}

fn is_inner(slot: Option<&Slot>) -> bool {
    slot.is_some_and(|s| !s.wall && matches!(s.byte, 0x80..=0xBF))
}

/// The ways to read what is in front, as UTF-8, if something is lost of it.
/// Nothing is in front of the end of the line.
pub(super) fn steps(
    rest: &[Slot],
    reader: Reader,
) -> impl Iterator<Item = Step> {
    [one(rest, reader), two(rest, reader)].into_iter().flatten()
}

/// One character.
fn one(rest: &[Slot], reader: Reader) -> Option<Step> {
    let first = rest.first()?;
    let pairs = !reader.is_single();
    let total = match first.byte {
        _ if first.is_lost() && pairs => 3,
        _ if first.wall => return None,
        0xE2..=0xEF => 3,
        0xF0 => 4,
        _ => return None,
    };
    let (mut at, mut got) = (1, 1);
    let mut lost = usize::from(first.is_lost());
    let (mut blanks, mut unmarked) = (0, 0);
    while got < total {
        let slot = rest.get(at);
        let mark = match slot {
            Some(slot) if slot.wall => slot.is_lost(),
            // Between pairs a mark stands for the last byte as well as for
            // the character behind it.
            Some(slot) if slot.byte == b'?' && slot.first => {
                !pairs || got + 1 == total
            }
            _ => false,
        };
        let blank = slot.is_none_or(|slot| slot.byte == b' ' && !slot.wall);
        if is_inner(slot) {
            at += 1;
        } else if mark {
            lost += 1;
            at += 1;
        } else if blank && no_break(reader).is_some() && got > 1 {
            if slot.is_none() && got + 1 < total {
                return None;
            }
            blanks += 1;
            at += usize::from(slot.is_some());
        } else if (1..=at).any(|at| rest.get(at).is_none_or(|slot| slot.first))
        {
            // A mark may stand for two bytes.
            let marked = rest.get(at - 1).is_some_and(Slot::is_lost);
            lost += total - got;
            if !marked || total - got > 1 {
                unmarked = 1;
            }
            got = total;
            continue;
        } else {
            return None;
        }
        got += 1;
    }
    let (own, next) = rest.split_at_checked(at)?;
    if lost == 0 {
        // No character has all its bytes and is not valid, blanks aside.
        let c = if blanks > 0 { with_blanks(own, reader) } else { None };
        let cost = BLANK * blanks;
        return c.map(|c| Step { len: at, cost, chars: 1, sure: Some(c) });
    }
    if total - lost < 1
        || total == 4 && lost > 1
        || unmarked > 0 && reader != Reader::Gbk
    {
        return None;
    }
    let cost = HOLE + unmarked * UNMARKED + if lost > 1 { TWO } else { 0 };
    let step = Step { len: at, cost, chars: 1, sure: None };
    let gap = Gap::new(own, next.first(), reader, 1);
    gap.is_possible().then_some(step)
}

/// Two characters, where the last byte of one and the first of the next made
/// a pair that is lost.
fn two(rest: &[Slot], reader: Reader) -> Option<Step> {
    let (first, _) = rest.split_first()?;
    let start = !first.wall && matches!(first.byte, 0xE2..=0xEF);
    if reader.is_single() || !start || !is_inner(rest.get(1)) {
        return None;
    }
    let third = rest.get(2).filter(|slot| slot.first)?;
    let marked = third.is_lost();
    let at = if marked { 3 } else { 2 };
    let end = is_inner(rest.get(at)) && is_inner(rest.get(at + 1));
    if !end || !marked && reader != Reader::Gbk {
        return None;
    }
    let (own, next) = rest.split_at_checked(at + 2)?;
    let gap = Gap::new(own, next.first(), reader, 2);
    let unmarked = if marked { 0 } else { UNMARKED };
    let cost = 2 * HOLE + unmarked;
    let step = Step { len: at + 2, cost, chars: 2, sure: None };
    gap.is_possible().then_some(step)
}

/// U+FFFD of which the last byte is lost itself, and what is left of others,
/// where text was read wrongly twice.
pub(super) fn unknown_again(
    rest: &[Slot],
    reader: Reader,
) -> Option<(char, usize)> {
    let step = one(rest, reader).filter(|step| step.chars == 1)?;
    let marked = rest.get(..step.len)?.iter().any(Slot::is_lost);
    let lost = char::REPLACEMENT_CHARACTER;
    (marked || step.sure.is_some())
        .then_some((step.sure.unwrap_or(lost), step.len))
}

/// The byte of a character of UTF-8 that a reading makes a no-break space.
fn no_break(reader: Reader) -> Option<u8> {
    match reader.bytes('\u{A0}') {
        Some([0, byte @ 0x80..=0xBF]) if reader.is_single() => Some(byte),
        _ => None,
    }
}

/// The character in which blanks are no-break ones, those cut off as well.
fn with_blanks(slots: &[Slot], reader: Reader) -> Option<char> {
    let blank = no_break(reader)?;
    let mut own: Vec<Slot> = slots.to_vec();
    for slot in own.iter_mut().filter(|slot| slot.byte == b' ') {
        slot.byte = blank;
    }
    if let Some((c, len)) = utf8(&own)
        && len == own.len()
    {
        return Some(c);
    }
    let last = *own.last()?;
    own.push(Slot { byte: blank, ..last });
    utf8(&own).filter(|(_, len)| *len == own.len()).map(|(c, _)| c)
}

/// Which pairs of bytes a reader makes characters of.
struct Pairs {
    usual: Vec<u64>,
    /// Those that are for private use, which some readers know and some not.
    private: Vec<u64>,
}

impl Pairs {
    fn of(reader: Reader) -> &'static Pairs {
        static ALL: [OnceLock<Pairs>; Reader::ALL.len()] =
            [const { OnceLock::new() }; Reader::ALL.len()];
        static NONE: Pairs = Pairs { usual: Vec::new(), private: Vec::new() };
        ALL.get(reader as usize).map_or(&NONE, |pairs| {
            pairs.get_or_init(|| {
                let empty = vec![0; 0x10000 / 64];
                let mut pairs = Pairs { usual: empty.clone(), private: empty };
                for c in (0..0x10000).filter_map(char::from_u32) {
                    let Some(bytes) = reader.bytes(c) else { continue };
                    let set = match Class::of(c) {
                        Class::Private => &mut pairs.private,
                        _ => &mut pairs.usual,
                    };
                    let code = usize::from(u16::from_be_bytes(bytes));
                    if let Some(word) = set.get_mut(code / 64) {
                        *word |= 1 << (code % 64);
                    }
                }
                pairs
            })
        })
    }

    fn has(set: &[u64], first: u8, second: u8) -> bool {
        let code = usize::from(u16::from_be_bytes([first, second]));
        let word = set.get(code / 64).copied().unwrap_or(0);
        word >> (code % 64) & 1 != 0
    }
}

/// Whether a single-byte encoding has no character for a byte, unless a
/// control.
fn is_undefined(reader: Reader, byte: u8) -> bool {
    static ALL: [OnceLock<[bool; 256]>; Reader::ALL.len()] =
        [const { OnceLock::new() }; Reader::ALL.len()];
    let table = ALL.get(reader as usize).map(|table| {
        table.get_or_init(|| {
            let mut none = [true; 256];
            for c in ('\u{A0}'..='\u{FFFF}').filter(|c| !c.is_control()) {
                if let Some([0, byte]) = reader.bytes(c)
                    && let Some(none) = none.get_mut(usize::from(byte))
                {
                    *none = false;
                }
            }
            none
        })
    });
    table.and_then(|table| table.get(usize::from(byte))).is_some_and(|b| *b)
}

impl Gap {
    pub(super) fn new(
        own: &[Slot],
        next: Option<&Slot>,
        reader: Reader,
        chars: usize,
    ) -> Gap {
        Gap { slots: own.to_vec(), next: next.copied(), reader, chars }
    }

    /// Whether something stands for what is lost.
    pub(super) fn is_marked(&self) -> bool {
        let mark = |s: &Slot| s.is_lost() || s.byte == b'?' && !s.wall;
        self.slots.iter().any(mark)
    }

    fn is_possible(&self) -> bool {
        let mut any = false;
        self.fill(&mut Vec::new(), 0, 0, false, &mut |_| {
            any = true;
            false
        });
        any
    }

    /// Whether a character of ASCII is lost with it.
    fn has_eaten(&self) -> bool {
        !self.reader.is_single()
            && self.slots.last().is_some_and(|slot| slot.byte == b'?')
            && self.next.is_some()
    }

    /// All that it may have been.
    fn candidates(&self) -> Vec<String> {
        let mut all = Vec::new();
        self.fill(&mut Vec::new(), 0, 0, false, &mut |bytes| {
            if let Ok(text) = std::str::from_utf8(bytes) {
                all.push(text.to_owned());
            }
            all.len() < 5000
        });
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Goes through all fillings behind the bytes so far, which are those of
    /// the slots up to a place; `done` of them are of whole characters. Of
    /// the last of them, if it is `lost`, the next one has to show why. Stops
    /// where it is told so.
    fn fill(
        &self,
        bytes: &mut Vec<u8>,
        at: usize,
        done: usize,
        lost: bool,
        each: &mut impl FnMut(&[u8]) -> bool,
    ) -> bool {
        let inside = bytes.get(done..).unwrap_or_default();
        if !inside.is_empty() && inside.len() >= length(bytes, done) {
            if std::str::from_utf8(inside).is_err() {
                return true;
            }
            let done = bytes.len();
            if bytes.iter().filter(|byte| **byte >= 0xC0).count() < self.chars
            {
                return self.fill(bytes, at, done, lost, each);
            }
            return at < self.slots.len()
                || lost && !self.is_lost_at_end(bytes)
                || each(bytes);
        }
        let allowed =
            if inside.is_empty() { 0xE2..=0xF0 } else { 0x80..=0xBF };
        let last = bytes.last().copied().filter(|_| lost);
        let fits = |byte| {
            last.is_none_or(|last| is_unreadable(self.reader, last, byte))
        };
        let slot = self.slots.get(at);
        if let Some(slot) = slot
            && !slot.wall
            && allowed.contains(&slot.byte)
            && fits(slot.byte)
        {
            bytes.push(slot.byte);
            let goes_on = self.fill(bytes, at + 1, done, false, each);
            bytes.pop();
            if !goes_on {
                return false;
            }
        }
        let mark = match slot {
            Some(slot) if slot.is_lost() => true,
            Some(slot) if slot.wall => false,
            Some(slot) => matches!(slot.byte, b' ' | b'?'),
            None => false,
        };
        // Where nothing marks it, only whole characters are left out.
        let start = slot.or(self.next.as_ref());
        let start = start.is_none_or(|slot| slot.first) && at > 0;
        let silent = start && self.reader == Reader::Gbk;
        if !(mark || silent) {
            return true;
        }
        let blank = slot.is_some_and(|slot| slot.byte == b' ');
        let question = slot.is_some_and(|slot| slot.byte == b'?');
        let behind = at + usize::from(mark);
        for byte in allowed {
            if !fits(byte) || !self.may_lose(byte, blank, question) {
                continue;
            }
            bytes.push(byte);
            // What `?` has swallowed shows nothing.
            let open = !self.reader.is_single() && !question;
            let goes_on = self.fill(bytes, behind, done, open, each)
                && (!open || self.fill_pair(bytes, behind, done, mark, each));
            bytes.pop();
            if !goes_on {
                return false;
            }
        }
        true
    }

    /// Whether the reader may lose a byte, whatever follows it.
    fn may_lose(&self, byte: u8, blank: bool, question: bool) -> bool {
        if self.reader.is_single() {
            return match no_break(self.reader) {
                Some(known) if blank => known == byte,
                _ => !blank && is_undefined(self.reader, byte),
            };
        }
        // Some readers of GBK know 80, which is €, and some not.
        let euro = self.reader == Reader::Gbk && !question;
        euro || !Pairs::has(&Pairs::of(self.reader).usual, 0, byte)
    }

    /// The same behind the first byte of a pair that is lost.
    fn fill_pair(
        &self,
        bytes: &mut Vec<u8>,
        at: usize,
        done: usize,
        marked: bool,
        each: &mut impl FnMut(&[u8]) -> bool,
    ) -> bool {
        let first = bytes.last().copied().unwrap_or(0);
        let whole = bytes.len() - done == length(bytes, done);
        let started = bytes.iter().filter(|byte| **byte >= 0xC0).count();
        if whole && started == self.chars {
            return true;
        }
        let pairs = Pairs::of(self.reader);
        let seconds = if whole { 0xE2..=0xEF } else { 0x80..=0xBF };
        let done = if whole { bytes.len() } else { done };
        for second in seconds {
            let lost = if marked {
                !Pairs::has(&pairs.usual, first, second)
            } else {
                Pairs::has(&pairs.private, first, second)
            };
            if !lost {
                continue;
            }
            bytes.push(second);
            let goes_on = self.fill(bytes, at, done, false, each);
            bytes.pop();
            if !goes_on {
                return false;
            }
        }
        true
    }

    /// Whether what is behind shows why the last byte is lost.
    fn is_lost_at_end(&self, bytes: &[u8]) -> bool {
        let last = bytes.last().copied().unwrap_or(0);
        self.next.is_none_or(|next| {
            next.wall || is_unreadable(self.reader, last, next.byte)
        })
    }
}

/// How many bytes a character has that starts there.
fn length(bytes: &[u8], start: usize) -> usize {
    match bytes.get(start) {
        Some(0xF0..) => 4,
        _ => 3,
    }
}

/// Whether a reader of pairs loses a byte with this one behind it.
fn is_unreadable(reader: Reader, byte: u8, next: u8) -> bool {
    let pairs = Pairs::of(reader);
    Pairs::has(&pairs.usual, 0, byte) || !Pairs::has(&pairs.usual, byte, next)
}

/// A filling of a hole.
struct Filling {
    text: String,
    cells: Vec<Cell>,
    /// What speaks against it besides its characters.
    cost: u32,
    /// The cost of the best ways to here, and of those from here on.
    to: u32,
    from: u32,
}

/// Fills the holes: those for which there is only one filling, or with
/// `guess` all of them, by what is likely beside what.
pub(super) fn fill(items: &mut Vec<Item>, guess: bool) {
    if items.iter().all(|item| item.gap.is_none()) {
        return;
    }
    let model = language(items);
    let mut at = 0;
    while let Some(start) = items
        .get(at..)
        .and_then(|rest| rest.iter().position(|item| item.gap.is_some()))
        .map(|first| at + first)
    {
        let rest = items.get(start..).unwrap_or_default();
        let len = rest.iter().take_while(|item| item.gap.is_some()).count();
        let new = filled(items, start, len, model, guess);
        at = start + new.len();
        items.splice(start..start + len, new);
    }
}

/// What the line is in: what its script says, or else the one of the two ways
/// to write Chinese that makes it likelier.
fn language(items: &[Item]) -> Model {
    let own = || items.iter().filter(|item| item.path.is_some());
    for item in own() {
        match Class::of(item.c) {
            Class::Hiragana | Class::Katakana => return Model::Japanese,
            Class::Hangul => return Model::Korean,
            _ => {}
        }
    }
    let cost = |model: &Model| -> u32 {
        let mut behind = Place::START;
        let costs = own().map(|item| {
            let cell = Cell::of(item.c);
            let cost = cell.cost(*model, behind);
            behind = cell.place;
            cost
        });
        costs.sum()
    };
    let models = [Model::Simplified, Model::Traditional];
    models.into_iter().min_by_key(cost).unwrap_or(Model::Simplified)
}

/// Where an unknown character of text stands.
pub(super) fn unknown() -> Place {
    Cell::of('\u{4E00}').place.alone()
}

fn place(item: Option<&Item>) -> Place {
    match item {
        None => Place::START,
        Some(item) if item.c == char::REPLACEMENT_CHARACTER => unknown(),
        Some(item) => Cell::of(item.c).place,
    }
}

/// What becomes of holes one behind the other.
fn filled(
    items: &[Item],
    start: usize,
    len: usize,
    model: Model,
    guess: bool,
) -> Vec<Item> {
    let own = items.get(start..start + len).unwrap_or_default();
    // Each with the places of its characters.
    let mut gaps: Vec<(&Rc<Gap>, &Item, usize)> = Vec::new();
    for item in own {
        let Some(gap) = &item.gap else { continue };
        match gaps.last_mut() {
            Some((last, _, n)) if Rc::ptr_eq(last, gap) => *n += 1,
            _ => gaps.push((gap, item, 1)),
        }
    }
    let before = start.checked_sub(1).and_then(|at| items.get(at));
    let behind = items.get(start + len);
    let next = Cell::of(behind.map_or('\n', |item| item.c));
    let next = behind
        .is_none_or(|i| i.c != char::REPLACEMENT_CHARACTER)
        .then_some(next);
    let mut rows: Vec<Vec<Filling>> = Vec::new();
    for (gap, _, _) in &gaps {
        let mut row = Vec::new();
        for text in gap.candidates() {
            let pairs = bracket(items, start, behind.is_none(), &text);
            let mut push = |text: String, cost| {
                let cells = text.chars().map(Cell::of).collect();
                row.push(Filling { text, cells, cost, to: 0, from: 0 });
            };
            if gap.has_eaten() {
                if guess {
                    for (c, cost) in eaten(items, start + len) {
                        push(format!("{text}{c}"), pairs + cost);
                    }
                }
            } else {
                push(text, pairs);
            }
        }
        rows.push(row);
    }
    through(&mut rows, model, place(before), next);
    let mut new = Vec::new();
    for ((gap, item, n), row) in gaps.iter().zip(&rows) {
        let cost = |filling: &&Filling| filling.to + filling.from;
        let best = row.iter().min_by_key(cost);
        let other = row
            .iter()
            .filter(|filling| best.is_none_or(|b| b.text != filling.text))
            .map(|filling| cost(&filling))
            .min();
        let certain = best
            .zip(other)
            .is_none_or(|(best, other)| cost(&best) + CERTAIN <= other)
            && !gap.has_eaten();
        match best {
            Some(best) if certain || guess => {
                new.extend(best.text.chars().map(|c| Item {
                    c,
                    gap: None,
                    guessed: !certain,
                    ..(*item).clone()
                }));
            }
            _ => new.extend((0..*n).map(|_| (*item).clone())),
        }
    }
    new
}

/// What speaks against a mark where no bracket is open that it closes, or
/// another one is; and against one at the end of a line that ends none.
fn bracket(items: &[Item], start: usize, at_end: bool, text: &str) -> u32 {
    const BRACKETS: [(char, char); 8] = [
        ('「', '」'),
        ('『', '』'),
        ('（', '）'),
        ('《', '》'),
        ('〈', '〉'),
        ('【', '】'),
        ('“', '”'),
        ('‘', '’'),
    ];
    let before = || items.iter().take(start);
    let count = |c: char| before().filter(|item| item.c == c).count();
    let Some(c) = text.chars().next() else { return 0 };
    if Class::of(c) == Class::WideMark || Class::of(c) == Class::Dash {
        for (open, close) in BRACKETS {
            if close == c {
                let is_open = count(open) > count(close);
                return if is_open { 0 } else { 2 * BRACKET };
            }
        }
    }
    let odd = at_end && matches!(c, '，' | '、');
    if odd { 2 * BRACKET } else { BRACKET }
}

/// The costs of the best ways through fillings, from either side.
fn through(
    rows: &mut [Vec<Filling>],
    model: Model,
    before: Place,
    next: Option<Cell>,
) {
    let end =
        |row: &Filling| row.cells.last().map_or(before, |cell| cell.place);
    let mut last: Vec<(u32, Place)> = vec![(0, before)];
    for row in rows.iter_mut() {
        for filling in row.iter_mut() {
            let Some((first, rest)) = filling.cells.split_first() else {
                continue;
            };
            let to = last
                .iter()
                .map(|(cost, behind)| cost + first.cost(model, *behind));
            let mut cost = to.min().unwrap_or(0) + filling.cost;
            let mut behind = first.place;
            for cell in rest {
                cost += cell.cost(model, behind);
                behind = cell.place;
            }
            filling.to = cost;
        }
        if !row.is_empty() {
            last = row.iter().map(|f| (f.to, end(f))).collect();
        }
    }
    // Of the next filling: what is behind its first character, that one
    // included, as it costs behind each place.
    let mut ahead: Option<Vec<(u32, Cell)>> = next.map(|next| vec![(0, next)]);
    for row in rows.iter_mut().rev() {
        for filling in row.iter_mut() {
            let place = end(filling);
            filling.from = ahead.as_ref().map_or(0, |ahead| {
                let costs = ahead
                    .iter()
                    .map(|(cost, cell)| cost + cell.cost(model, place));
                costs.min().unwrap_or(0)
            });
        }
        if row.is_empty() {
            continue;
        }
        ahead = Some(
            row.iter()
                .filter_map(|filling| {
                    let (first, rest) = filling.cells.split_first()?;
                    let mut behind = first.place;
                    let mut cost = filling.from + filling.cost;
                    for cell in rest {
                        cost += cell.cost(model, behind);
                        behind = cell.place;
                    }
                    Some((cost, *first))
                })
                .collect(),
        );
    }
}

/// What of ASCII a `?` may have swallowed, with what speaks against each
/// besides the characters beside it: what is in front of it may be open, and
/// what is behind it says what is missing.
fn eaten(items: &[Item], behind: usize) -> Vec<(char, u32)> {
    let (before, rest) = items.split_at_checked(behind).unwrap_or_default();
    let count = |c: char| before.iter().filter(|i| i.c == c).count();
    let at = |n: usize| rest.get(n).map_or('\n', |item| item.c);
    let digits = rest.iter().take_while(|item| item.c.is_ascii_digit());
    let digits = digits.count();
    let closes =
        matches!(at(0), ')' | ']' | '}' | ',' | ';' | ':' | '.' | '>')
            || at(0) == ' ' && !at(1).is_ascii_alphanumeric();
    let likely = match at(0) {
        '/' if count('<') > 0 && at(1).is_ascii_alphabetic() => '<',
        '*' if at(1) != '*' => '*',
        _ if closes && count('"') % 2 == 1 => '"',
        _ if closes && count('\'') % 2 == 1 => '\'',
        _ if closes && count('(') > count(')') => ')',
        // The first digit of a year, and other first digits.
        '0' | '1' if digits == 3 => '2',
        '0'..='2' if digits == 1 && at(1) == '月' => '1',
        '1' | '2' if digits == 4 => ' ',
        '0'..='9' => '1',
        c if c.is_ascii_alphabetic() => ' ',
        // A number.
        c if Class::of(c) == Class::Han => '1',
        _ => '\0',
    };
    " \"\')(,.:;-/<*1234567890!?"
        .chars()
        .map(|c| (c, if c == likely { 0 } else { UNLIKELY }))
        .collect()
}

/// The rule of an edit.
pub(super) fn rule(items: &[Item]) -> Rule {
    if items.iter().any(|item| item.c == char::REPLACEMENT_CHARACTER) {
        Rule::Lost
    } else if items.iter().any(|item| item.guessed) {
        Rule::Guessed
    } else {
        Rule::Mojibake
    }
}
