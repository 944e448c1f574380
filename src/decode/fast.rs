//! Lines of an encoding of pairs, decoded by one table look-up a pair.
//!
//! The table is filled on first use with what the decoder makes of each pair,
//! and with what that costs at a glance, so that lines that look amiss are
//! found on the way. Whatever the table does not have is left to the decoder.

use std::sync::OnceLock;

use super::cells::decoded;
use super::charset::Charset;
use super::choose::{self, CHANCE, GLANCE, Glance, RARE, USUAL};
use super::detect::MULTI;

/// Text that is worth filling a table for, in bytes.
pub(super) const WORTH: usize = if cfg!(test) { 1 } else { 16 * 1024 };

/// The most bytes of UTF-8 that a byte becomes.
const GROWTH: usize = 3;

const PAIRS: usize = 1 << 15;

/// UTF-8 of two or three bytes, and the cost; 0 for what is not here.
type Entry = [u8; 4];

pub(super) struct Fast {
    pairs: Box<[Entry; PAIRS]>,
    /// See [`Glance`].
    row: u32,
}

/// How far lines were decoded.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Done {
    /// Bytes of whole lines.
    pub(super) read: usize,
    /// Bytes of text.
    pub(super) written: usize,
}

impl Fast {
    /// That of an encoding; `None` where there are no pairs.
    pub(super) fn of(charset: Charset) -> Option<&'static Fast> {
        static ALL: [OnceLock<Option<Fast>>; MULTI] =
            [const { OnceLock::new() }; MULTI];
        let all = ALL.get(choose::number(charset)?)?;
        all.get_or_init(|| Fast::new(charset)).as_ref()
    }

    fn new(charset: Charset) -> Option<Self> {
        let glance = Glance::of(charset).filter(|g| g.has_pairs())?;
        let mut pairs = Box::new([[0; 4]; PAIRS]);
        for first in 0x80..=0xFF_u8 {
            if glance.is_single(first) {
                continue;
            }
            // The line end shows that the pair has taken none.
            let row: Vec<u8> =
                (0x40..=0xFF).flat_map(|b: u8| [first, b, b'\n']).collect();
            let text = decoded(charset, &row);
            for (second, text) in (0x40..=0xFF_u8).zip(text.split('\n')) {
                let cost = glance.pair_cost(first, second);
                let mut entry = [0, 0, 0, cost];
                let (utf8, at) = (text.as_bytes(), Fast::at(first, second));
                let is_one = text.chars().count() == 1;
                if is_one
                    && (2..=3).contains(&utf8.len())
                    && glance.is_pair(first, second)
                    && let Some(place) = pairs.get_mut(at)
                {
                    for (to, from) in entry.iter_mut().zip(utf8) {
                        *to = *from;
                    }
                    *place = entry;
                }
            }
        }
        Some(Fast { pairs, row: glance.row })
    }

    #[inline]
    fn at(first: u8, second: u8) -> usize {
        usize::from(first & 0x7F) << 8 | usize::from(second)
    }

    /// Decodes whole lines up to the first that holds something that is not
    /// here, or looks amiss. `out` is long enough when it returns; what is
    /// behind the text in it means nothing.
    pub(super) fn decode(&self, lines: &[u8], out: &mut Vec<u8>) -> Done {
        // A look-up writes four bytes.
        out.resize(out.len().max(GROWTH * lines.len() + 4), 0);
        let (mut rest, mut at) = (lines, 0);
        let mut done = Done::default();
        while !rest.is_empty() {
            let Some((line, written)) = self.line(rest, out, at) else {
                break;
            };
            at = written;
            rest = rest.get(line..).unwrap_or_default();
            done = Done { read: lines.len() - rest.len(), written };
        }
        done
    }

    /// One line: its length, and the end of its text.
    #[inline]
    fn line(
        &self,
        lines: &[u8],
        out: &mut [u8],
        mut at: usize,
    ) -> Option<(usize, usize)> {
        let mut rest = lines;
        let (mut sum, mut count, mut row, mut rows) = (0, 0, 0, 0);
        // Where the glance ends, as a length of what is left.
        let mut to = None;
        loop {
            match *rest {
                [first @ 0..=0x7F, ref behind @ ..] => {
                    *out.get_mut(at)? = first;
                    at += 1;
                    rest = behind;
                    if first == b'\n' {
                        break;
                    }
                }
                [first, second, ref behind @ ..] => {
                    let pair = Fast::at(first, second);
                    let &[a, b, c, cost] = self.pairs.get(pair)?;
                    if a == 0 {
                        return None;
                    }
                    out.get_mut(at..)?
                        .first_chunk_mut()
                        .map(|four: &mut [u8; 4]| *four = [a, b, c, 0])?;
                    at += 3 - usize::from(a < 0xE0);
                    let to = *to.get_or_insert_with(|| {
                        rest.len().saturating_sub(GLANCE)
                    });
                    // Without branches: most lines end before the glance does,
                    // and most characters are common.
                    let seen = u32::from(rest.len() > to);
                    let cost = u32::from(cost);
                    sum += cost * seen;
                    count += seen;
                    row = (row + seen) * u32::from(cost >= RARE);
                    rows = rows.max(row * seen);
                    rest = behind;
                }
                _ => return None,
            }
        }
        let usual = sum <= USUAL * count + CHANCE && rows < self.row;
        (count == 0 || usual).then_some((lines.len() - rest.len(), at))
    }
}
