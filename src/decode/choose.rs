//! What a line tells: at a glance, whether it is what the lines before it
//! were; at a second look, what it is; and where it is out of step.

use std::sync::OnceLock;

use encoding_rs::DecoderResult;

use super::SNIFF;
use super::cells::{Cells, SLIP, ascii};
use super::charset::Charset;
use super::detect::{CANDIDATES, MULTI, cells, line_cost, shortened};
use crate::tables::stats::{Cell, Model, NAT, Place};

/// How many bytes are looked at from the first above ASCII on.
pub(super) const GLANCE: usize = if cfg!(test) { 40 } else { 512 };
/// What a character costs there at most, on the average, where text is usual.
pub(super) const USUAL: u32 = 9 * NAT;
/// The fewer there are, the more may be by chance.
pub(super) const CHANCE: u32 = 2 * NAT;
/// What a character costs at least that is rare. Several of them one behind
/// the other are amiss: where a byte was lost, pairs are out of step.
pub(super) const RARE: u32 = 10 * NAT;
/// What speaks for the encoding of the lines before, besides that there were
/// so many of them; and for one that was met before.
pub(super) const STAY: u32 = 8 * NAT;
/// Bytes of a line, by and large.
const LINE: u64 = 64;
const MET: u32 = 3 * NAT;
/// What a character costs at most in text that is clearly something, above
/// ASCII and in it.
const CLEAR: u32 = 11 * NAT;
const CLEAR_ASCII: u32 = 5 * NAT;
/// How much better text has to read in step than out of it.
const IN_STEP: u32 = 10 * NAT;

/// The number of the candidate.
pub(super) fn number(charset: Charset) -> Option<usize> {
    CANDIDATES.iter().position(|c| c.charset == charset)
}

/// The same as a bit; none for what is no candidate.
pub(super) fn bit(charset: Charset) -> u32 {
    number(charset).map_or(0, |number| 1 << number)
}

/// What a character costs at a glance, by its bytes: 255 for what is none.
pub(super) struct Glance {
    /// By the byte, less 0x80.
    single: [u8; 128],
    /// By the first byte, less 0x80, and the second; empty if there are none.
    pairs: Vec<u8>,
    four: bool,
    /// How many rare characters in a row are amiss. In an encoding where the
    /// second byte is above ASCII too, text that is out of step stays so up to
    /// ASCII or the end of the line, and then there is a byte too many.
    pub(super) row: u32,
}

const NONE: u8 = 255;

impl Glance {
    /// That of a candidate other than UTF-8.
    pub(super) fn of(charset: Charset) -> Option<&'static Glance> {
        static ALL: [OnceLock<Glance>; CANDIDATES.len()] =
            [const { OnceLock::new() }; CANDIDATES.len()];
        let number = number(charset).filter(|number| *number > 0)?;
        let cells = cells(number)?;
        let models = CANDIDATES.get(number)?.models;
        // In running text, most stands behind a common character.
        let least = |cell: Option<Cell>| {
            let cost = |m: &Model| {
                let usual = if *m == Model::Korean { '다' } else { '的' };
                cell.map(|cell| cell.cost(*m, Cell::of(usual).place.alone()))
            };
            let least = models.iter().filter_map(cost).min();
            least.map_or(NONE, |cost| cost.min(254) as u8)
        };
        Some(ALL.get(number)?.get_or_init(|| {
            let mut glance = Glance {
                single: [NONE; 128],
                pairs: Vec::new(),
                four: charset.name() == "gb18030",
                row: match charset.name() {
                    "Big5" | "Shift_JIS" => 3,
                    _ => 6,
                },
            };
            for (byte, cost) in (0x80..=0xFF).zip(&mut glance.single) {
                *cost = least(cells.single(byte));
            }
            if number < MULTI {
                glance.pairs = (0x80..=0xFF_u8)
                    .flat_map(|a| (0..=0xFF_u8).map(move |b| (a, b)))
                    .map(|(a, b)| least(cells.pair(a, b)))
                    .collect();
            }
            glance
        }))
    }

    /// Whether the first characters of a line are unusual in the encoding.
    pub(super) fn looks_amiss(&self, line: &[u8]) -> bool {
        let Some(high) = line.iter().position(|b| !b.is_ascii()) else {
            return false;
        };
        let mut rest = line.get(high..).unwrap_or_default();
        let to = rest.len().saturating_sub(GLANCE);
        let (mut sum, mut count, mut row) = (0, 0, 0);
        while rest.len() > to {
            let (cost, len) = match *rest {
                [] => break,
                [0..=0x7F, ref behind @ ..] => {
                    rest = behind;
                    continue;
                }
                [first, second, ..] => self.front(first, second),
                // It may be the first byte of a pair.
                [first] => match self.single_cost(first) {
                    NONE if !self.pairs.is_empty() => break,
                    cost => (cost, 1),
                },
            };
            row = if u32::from(cost) < RARE { 0 } else { row + 1 };
            if cost == NONE || row == self.row {
                return true;
            }
            sum += u32::from(cost);
            count += 1;
            rest = rest.get(len..).unwrap_or_default();
        }
        count > 0 && sum > USUAL * count + CHANCE
    }

    pub(super) fn has_pairs(&self) -> bool {
        !self.pairs.is_empty()
    }

    /// Whether the byte is a character by itself.
    pub(super) fn is_single(&self, byte: u8) -> bool {
        self.single_cost(byte) != NONE
    }

    pub(super) fn is_pair(&self, first: u8, second: u8) -> bool {
        self.pair_cost(first, second) != NONE
    }

    #[inline]
    pub(super) fn pair_cost(&self, first: u8, second: u8) -> u8 {
        let at = usize::from(first & 0x7F) << 8 | usize::from(second);
        self.pairs.get(at).copied().unwrap_or(NONE)
    }

    #[inline]
    fn single_cost(&self, byte: u8) -> u8 {
        let at = usize::from(byte & 0x7F);
        self.single.get(at).copied().unwrap_or(NONE)
    }

    /// What the character costs that starts with these bytes, and how many it
    /// has.
    #[inline]
    fn front(&self, first: u8, second: u8) -> (u8, usize) {
        match self.pair_cost(first, second) {
            NONE if self.four && second.is_ascii_digit() => (FOUR, 4),
            NONE => (self.single_cost(first), 1),
            cost => (cost, 2),
        }
    }
}

/// What a character of four bytes costs.
const FOUR: u8 = (9 * NAT) as u8;

/// Whether a line looks unusual in an encoding; one that cannot tell says no.
pub(super) fn looks_amiss(charset: Charset, line: &[u8]) -> bool {
    let Some(own) = Glance::of(charset) else { return false };
    if !own.pairs.is_empty() {
        return own.looks_amiss(line);
    }
    // All bytes are letters in a single-byte encoding: what speaks against it
    // is that they read as something else.
    // No further than a line is held, or it would depend on how it is cut.
    let high = line.iter().position(|b| !b.is_ascii());
    let Some(held) = high.and_then(|high| line.get(high..)) else {
        return false;
    };
    let held = held.get(..SNIFF).unwrap_or(held);
    let utf8 = std::str::from_utf8(held).is_ok();
    let multi = CANDIDATES.iter().take(MULTI).skip(1);
    utf8 || multi
        .filter_map(|candidate| Glance::of(candidate.charset))
        .any(|glance| glance.reads_well(line))
}

impl Glance {
    /// Whether the first bytes above ASCII are several usual characters.
    fn reads_well(&self, line: &[u8]) -> bool {
        let high = |b: &u8| !b.is_ascii();
        let mut runs = line.chunk_by(|a, b| high(a) == high(b));
        let run = runs.find(|run| run.first().is_some_and(high));
        run.is_some_and(|run| run.len() >= 6 && !self.looks_amiss(run))
    }
}

/// The encoding of a line, given as it is from its first byte above ASCII on,
/// with the byte before that, if there is one; the encoding of the lines
/// before, and how many bytes they have; and bits of those met so far.
pub(super) fn line(
    line: &[u8],
    context: Option<u8>,
    before: Charset,
    long: u64,
    met: u32,
) -> Charset {
    let Some(current) = number(before) else { return before };
    let bytes: Vec<u8> =
        context.into_iter().chain(line.iter().copied()).collect();
    let bytes = shortened(&bytes);
    let mut best = (line_cost(current, &bytes), current);
    if best.0 <= most(current, &bytes) * 3 / 4 {
        // It reads well; whatever looked amiss is only unusual.
        return before;
    }
    // Of so many lines none was in another.
    let lines = 1.0 + (long / LINE) as f64;
    let stay = STAY + (lines.ln() * f64::from(NAT)) as u32;
    for (number, candidate) in CANDIDATES.iter().enumerate() {
        let met = met >> number & 1 == 1;
        if number == current || number >= MULTI && !met {
            continue;
        }
        // One in a hundred lines is in another encoding, one in a thousand in
        // one of the rarer.
        let rare = if met { 0 } else { candidate.rare * NAT };
        let cost = line_cost(number, &bytes);
        let clear = cost <= most(number, &bytes);
        let against = stay + rare - if met { MET } else { 0 };
        if clear && cost.saturating_add(against) < best.0 {
            best = (cost + against, number);
        }
    }
    CANDIDATES.get(best.1).map_or(before, |candidate| candidate.charset)
}

/// What a line costs at most if it is clearly in the encoding.
fn most(number: usize, line: &[u8]) -> u32 {
    let Some(cells) = cells(number) else { return 0 };
    let mut rest = line;
    let mut most = CLEAR;
    while let Some((&first, behind)) = rest.split_first() {
        if first < 0x80 {
            most += CLEAR_ASCII;
            rest = behind;
            continue;
        }
        // Of UTF-8, number 0, there are no pairs: a character is its lead.
        let single = cells.single(first).is_some();
        let pair = behind.first().and_then(|b| cells.pair(first, *b));
        let pair = pair.filter(|_| !single);
        let len = match (number, pair) {
            (0, _) if first < 0xC0 => {
                rest = behind;
                continue;
            }
            (_, Some(_)) => 2,
            _ => 1,
        };
        most += CLEAR;
        rest = rest.get(len..).unwrap_or_default();
    }
    most
}

/// Whether nothing in the bytes is malformed, but for what the end cuts off.
pub(super) fn is_sound(charset: Charset, bytes: &[u8]) -> bool {
    let mut decoder = charset.new_decoder();
    let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len());
    let mut text = String::with_capacity(room.unwrap_or(4 * bytes.len()));
    let (result, _) =
        decoder.decode_to_string_without_replacement(bytes, &mut text, false);
    !matches!(result, DecoderResult::Malformed(..))
}

/// The places of bytes without which the line reads far better: one that was
/// lost has put pairs out of step. `None` where nothing is out of step.
pub(super) fn out_of_step(
    charset: Charset,
    line: &[u8],
) -> Option<Vec<usize>> {
    let number = number(charset).filter(|n| (1..MULTI).contains(n))?;
    let cells = cells(number)?;
    let models = CANDIDATES.get(number)?.models;
    models
        .iter()
        .filter_map(|model| {
            let (cost, skips) = steps(cells, *model, line, true)?;
            let (greedy, lost) = steps(cells, *model, line, false)?;
            let gain = greedy.checked_sub(cost)?;
            (gain > IN_STEP && skips != lost).then_some((cost, skips))
        })
        .min_by_key(|(cost, _)| *cost)
        .map(|(_, skips)| skips)
}

/// Whether a byte that is left out would make a character with the next.
pub(super) fn is_pair(
    charset: Charset,
    byte: &[u8],
    next: Option<&u8>,
) -> bool {
    let (Some(glance), [byte], Some(next)) = (Glance::of(charset), byte, next)
    else {
        return false;
    };
    glance.is_pair(*byte, *next)
}

/// The cost of reading a line and the bytes left out: as cheaply as possible,
/// or as a decoder does it, which leaves out nothing that makes a pair.
fn steps(
    cells: &Cells,
    model: Model,
    line: &[u8],
    any: bool,
) -> Option<(u32, Vec<usize>)> {
    #[derive(Clone, Copy)]
    struct Way {
        cost: u32,
        place: Place,
        /// Bytes of the last step; 0 for one left out.
        len: u8,
    }
    let never = Way { cost: u32::MAX, place: Place::START, len: 0 };
    let mut ways = vec![never; line.len() + 1];
    ways.first_mut()?.cost = 0;
    for (at, &byte) in line.iter().enumerate() {
        let way = *ways.get(at)?;
        if way.cost == u32::MAX {
            continue;
        }
        let rest = line.get(at..)?;
        let cell = if byte < 0x80 {
            Some((ascii(byte), 1))
        } else if let Some(single) = cells.single(byte) {
            Some((single, 1))
        } else {
            let second = rest.get(1).copied();
            let pair = second.and_then(|b| cells.pair(byte, b));
            pair.map(|cell| (cell, 2)).or_else(|| cells.long(rest))
        };
        if let Some((cell, len)) = cell {
            let cost = way.cost + cell.cost(model, way.place);
            let to = ways.get_mut(at + len)?;
            if cost < to.cost {
                let len = len as u8;
                *to = Way { cost, place: cell.place, len };
            }
            if byte < 0x80 || !any {
                continue;
            }
        }
        let cost = way.cost + SLIP;
        let to = ways.get_mut(at + 1)?;
        if cost < to.cost {
            *to = Way { cost, place: way.place, len: 0 };
        }
    }
    let (mut at, cost) = (line.len(), ways.last()?.cost);
    let mut skips = Vec::new();
    while at > 0 {
        match usize::from(ways.get(at)?.len) {
            0 => {
                at -= 1;
                skips.push(at);
            }
            len => at -= len,
        }
    }
    skips.reverse();
    // A character that the end cuts off is left to the decoder: what follows
    // may end it.
    if skips.last().is_some_and(|last| last + 1 == line.len()) {
        skips.pop();
    }
    Some((cost, skips))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_end_cuts_off_is_not_left_out() {
        let gbk = Charset::Standard(encoding_rs::GB18030);
        let text = "有关部门负责检查工作的落实情况并将结果向社会公布";
        let (bytes, _, _) = encoding_rs::GB18030.encode(text);
        // The second byte is lost, and what is looked at ends in a character.
        let mut line = bytes.to_vec();
        line.remove(1);
        assert_eq!(out_of_step(gbk, &line), Some(vec![0]));
        line.pop();
        assert_eq!(out_of_step(gbk, &line), Some(vec![0]));
    }

    #[test]
    fn no_more_than_is_held_tells_whether_a_line_looks_amiss() {
        let greek = Charset::Standard(encoding_rs::WINDOWS_1253);
        let mut line = "δε  ".repeat(SNIFF).into_bytes();
        let held = line.split_at(SNIFF).0.to_vec();
        line.push(0xFF);
        line.push(b'\n');
        assert!(looks_amiss(greek, &held) && looks_amiss(greek, &line));
    }
}
