//! What the bytes of an encoding are to the detector: which of them make a
//! character, and what that costs.
//!
//! The tables are filled on first use, row by row, by asking the decoders:
//! nothing here knows an encoding's characters by itself.

use std::sync::OnceLock;

use encoding_rs::DecoderResult;

use super::charset::Charset;
use crate::tables::class::Class;
use crate::tables::stats::{Cell, Model, NAT, Place, transition};

/// The cost of a byte that is left out because it fits nowhere: about that of
/// two improbable characters.
pub(crate) const SLIP: u32 = 14 * NAT;
/// The cost of the end of the input where it cuts off a character.
const CUT: u32 = 3 * NAT;
/// The cost of being any of the rare characters of three or four bytes.
const LONG: u32 = 6 * NAT;
/// The cost of a damaged character of UTF-8, besides that of the damage.
const LOST: u32 = 5 * NAT;
const NEVER: u32 = u32::MAX;

/// How bytes above ASCII make characters.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Scheme {
    /// One byte, or two.
    Pairs,
    /// And four: two pairs of a byte above ASCII and a digit.
    Gb18030,
    /// And three: 8F before a pair.
    EucJp,
    /// And four: 8E and the number of a plane before a pair.
    EucTw,
    /// Two to four bytes, UTF-8.
    Utf8,
}

/// The characters of an encoding that contains ASCII.
pub(crate) struct Cells {
    scheme: Scheme,
    charset: Charset,
    /// By the byte, less 0x80.
    single: Vec<Option<Cell>>,
    /// By the first byte, less 0x80; empty if there are none.
    pairs: Vec<OnceLock<Row>>,
}

/// By the second byte.
type Row = Box<[Option<Cell>; 0x100]>;

/// A way through the bytes up to some place.
#[derive(Clone, Copy)]
struct Way {
    cost: u32,
    /// The character before.
    behind: Place,
}

const NOWHERE: Way = Way { cost: NEVER, behind: Place::START };

/// The ways to the places in front, of which no character spans more than
/// four.
struct Ways([Way; 8]);

impl Ways {
    fn take(&mut self, at: usize) -> Way {
        match self.0.get_mut(at % 8) {
            Some(way) => std::mem::replace(way, NOWHERE),
            None => NOWHERE,
        }
    }

    #[inline]
    fn reach(&mut self, at: usize, cost: u32, behind: Place) {
        if let Some(way) = self.0.get_mut(at % 8)
            && cost < way.cost
        {
            *way = Way { cost, behind };
        }
    }
}

impl Cells {
    pub(crate) fn new(charset: Charset) -> Self {
        let scheme = match charset.name() {
            "UTF-8" => Scheme::Utf8,
            "gb18030" => Scheme::Gb18030,
            "EUC-JP" => Scheme::EucJp,
            "EUC-TW" => Scheme::EucTw,
            _ => Scheme::Pairs,
        };
        let mut cells = Cells {
            scheme,
            charset,
            single: vec![None; 128],
            pairs: Vec::new(),
        };
        if scheme == Scheme::Utf8 {
            return cells;
        }
        let bytes: Vec<u8> =
            (0x80..=0xFF).flat_map(|b: u8| [b, b'\n']).collect();
        for (cell, text) in
            cells.single.iter_mut().zip(decoded(charset, &bytes).split('\n'))
        {
            *cell = only(text);
        }
        if cells.single.iter().all(Option::is_some) {
            return cells;
        }
        if !charset.is_single_byte() {
            cells.pairs = vec![OnceLock::new(); 0x80];
        }
        cells
    }

    /// The pairs that start with a byte.
    fn row(&self, first: u8) -> Row {
        let mut row = Box::new([None; 0x100]);
        if self.single(first).is_none() {
            // Two line ends show that the pair has taken none.
            let bytes: Vec<u8> = (0x40..=0xFF)
                .flat_map(|second: u8| [first, second, b'\n'])
                .collect();
            let text = decoded(self.charset, &bytes);
            for (cell, text) in row.iter_mut().skip(0x40).zip(text.split('\n'))
            {
                *cell = only(text);
            }
        }
        row
    }

    /// The cost of the end of the input behind the first byte of a pair: that
    /// of all characters that it may have been.
    fn cut_pair(&self, model: Model, way: Way, first: u8) -> u32 {
        let cells =
            (0x30..=0xFF).filter_map(|second| self.pair(first, second));
        let costs = cells.map(|cell| cell.cost(model, way.behind) as f32);
        let sum: f32 = costs.map(|cost| (-cost / NAT as f32).exp()).sum();
        let cost = -sum.max(1e-9).ln() * NAT as f32;
        way.cost + CUT + cost as u32
    }

    pub(crate) fn single(&self, byte: u8) -> Option<Cell> {
        *self.single.get(usize::from(byte & 0x7F))?
    }

    pub(crate) fn pair(&self, first: u8, second: u8) -> Option<Cell> {
        let row = self.pairs.get(usize::from(first & 0x7F))?;
        let row = row.get_or_init(|| self.row(first | 0x80));
        *row.get(usize::from(second))?
    }

    /// The character of three or four bytes that stands in front, and its
    /// length.
    pub(crate) fn long(&self, bytes: &[u8]) -> Option<(Cell, usize)> {
        let len = match (self.scheme, bytes) {
            (
                Scheme::Gb18030,
                [0x81..=0xFE, b'0'..=b'9', 0x81..=0xFE, b'0'..=b'9', ..],
            ) => 4,
            (Scheme::EucJp, [0x8F, 0xA1..=0xFE, 0xA1..=0xFE, ..]) => 3,
            (
                Scheme::EucTw,
                [0x8E, 0xA1..=0xB0, 0xA1..=0xFE, 0xA1..=0xFE, ..],
            ) => 4,
            _ => return None,
        };
        let text = decoded(self.charset, bytes.get(..len)?);
        Some((only(&text)?, len))
    }

    /// The least that it costs to read a line, a line end in front of it, as
    /// text of this encoding in the model's language.
    pub(crate) fn cost(&self, model: Model, line: &[u8]) -> u32 {
        if self.scheme == Scheme::Pairs && self.pairs.is_empty() {
            return self.single_cost(model, line);
        }
        let mut ways = Ways([NOWHERE; 8]);
        ways.reach(0, 0, Place::START);
        let mut cut = NEVER;
        for (at, &byte) in line.iter().enumerate() {
            let way = ways.take(at);
            if way.cost == NEVER {
                continue;
            }
            if self.scheme == Scheme::Utf8 {
                // Of the bytes of a character, one is damaged.
                let lost = match line.get(at + 1..) {
                    Some([0x80..=0xBF, 0x80..=0xBF, ..]) => 3,
                    Some([0x80..=0xBF, _, ..]) if byte >= 0xE0 => 3,
                    Some([_, 0x80..=0xBF, ..]) if byte >= 0xE0 => 3,
                    Some([0x80..=0xBF, ..]) => 2,
                    Some([_, ..]) if (0xC2..0xE0).contains(&byte) => 2,
                    _ => 1,
                };
                if lost > 1 {
                    // Two bytes are hardly anything of a character.
                    let lost_cost = if lost == 3 { LOST } else { 2 * LOST };
                    let cost = way.cost + SLIP + lost_cost;
                    ways.reach(at + lost, cost, way.behind);
                }
            }
            let mut reach = |len: usize, cell: Cell| {
                let cost = way.cost + cell.cost(model, way.behind);
                ways.reach(at + len, cost, cell.place);
            };
            if byte < 0x80 {
                reach(1, ascii(byte));
                continue;
            }
            let rest = line.get(at..).unwrap_or_default();
            let to = |class| transition(model, way.behind.class, class);
            if let Some(cell) = self.single(byte) {
                reach(1, cell);
            }
            let known = match (self.scheme, rest) {
                (Scheme::Utf8, _) => match utf8(rest) {
                    Utf8::Char(c, len) => {
                        reach(len, Cell::of(c));
                        true
                    }
                    Utf8::Cut(len) => {
                        if len == rest.len() {
                            let class = utf8_class(byte);
                            let cost = CUT + 2 * NAT;
                            cut = cut.min(way.cost + cost + to(class));
                        }
                        let cost = way.cost + SLIP;
                        ways.reach(at + len, cost, way.behind);
                        true
                    }
                    Utf8::No => false,
                },
                (Scheme::Gb18030, [_, b'0'..=b'9', more @ ..]) => {
                    match more {
                        [0x81..=0xFE, b'0'..=b'9', ..] => {
                            let four = rest.get(..4).unwrap_or_default();
                            let text = decoded(self.charset, four);
                            if let Some(cell) = only(&text) {
                                reach(4, cell);
                            }
                        }
                        [] | [0x81..=0xFE] => {
                            let cost = CUT + LONG + to(Class::HanRare);
                            cut = cut.min(way.cost + cost);
                        }
                        _ => {}
                    }
                    false
                }
                (Scheme::EucJp, [0x8F, more @ ..])
                | (Scheme::EucTw, [0x8E, 0xA1..=0xB0, more @ ..]) => {
                    let before = rest.len() - more.len();
                    match more {
                        [0xA1..=0xFE, 0xA1..=0xFE, ..] => {
                            let all = rest.get(..before + 2);
                            let text =
                                decoded(self.charset, all.unwrap_or_default());
                            if let Some(cell) = only(&text) {
                                reach(before + 2, cell);
                            }
                        }
                        [] | [0xA1..=0xFE] => {
                            let cost = CUT + LONG + to(Class::Han);
                            cut = cut.min(way.cost + cost);
                        }
                        _ => {}
                    }
                    false
                }
                (_, [first, second, ..]) => {
                    if let Some(cell) = self.pair(*first, *second) {
                        reach(2, cell);
                    }
                    false
                }
                (_, _) => {
                    // What could be the first byte of a pair, at the end.
                    if !self.pairs.is_empty() && self.single(byte).is_none() {
                        cut = cut.min(self.cut_pair(model, way, byte));
                    }
                    false
                }
            };
            if !known {
                ways.reach(at + 1, way.cost + SLIP, way.behind);
            }
        }
        ways.take(line.len()).cost.min(cut)
    }
}

impl Cells {
    /// The same where each byte is a character. One that is damaged may be
    /// one yet.
    fn single_cost(&self, model: Model, line: &[u8]) -> u32 {
        let mut behind = Place::START;
        let mut all = 0;
        for &byte in line {
            let cell = if byte < 0x80 {
                Some(ascii(byte))
            } else {
                self.single(byte)
            };
            match cell.map(|cell| (cell, cell.cost(model, behind))) {
                Some((cell, cost)) if byte < 0x80 || cost < SLIP => {
                    all += cost;
                    behind = cell.place;
                }
                _ => all += SLIP,
            }
        }
        all
    }
}

/// What UTF-8 makes of the first bytes.
enum Utf8 {
    Char(char, usize),
    /// So many bytes that could start a character, and then something else.
    Cut(usize),
    No,
}

fn utf8(bytes: &[u8]) -> Utf8 {
    let few = bytes.get(..bytes.len().min(4)).unwrap_or_default();
    let valid = match std::str::from_utf8(few) {
        Ok(text) => text,
        Err(error) if error.valid_up_to() == 0 => {
            return match (error.error_len(), few) {
                (None, _) => Utf8::Cut(few.len()),
                (Some(_), [0xC2..=0xF4, ..]) => {
                    Utf8::Cut(error.error_len().unwrap_or(1))
                }
                _ => Utf8::No,
            };
        }
        Err(error) => few
            .get(..error.valid_up_to())
            .and_then(|valid| std::str::from_utf8(valid).ok())
            .unwrap_or_default(),
    };
    match valid.chars().next() {
        Some(c) => Utf8::Char(c, c.len_utf8()),
        None => Utf8::No,
    }
}

/// What a first byte of UTF-8 starts, for the most part.
fn utf8_class(first: u8) -> Class {
    match first {
        ..=0xCD => Class::LatinLower,
        0xCE | 0xCF => Class::GreekLower,
        0xD0..=0xD4 => Class::CyrillicLower,
        0xD5..=0xD7 => Class::Hebrew,
        0xD8..=0xDF => Class::Arabic,
        0xE0 => Class::Thai,
        0xE1 => Class::LatinLower,
        0xE2 => Class::Dash,
        0xE3 => Class::Hiragana,
        0xE4..=0xE9 => Class::Han,
        0xEA..=0xED => Class::Hangul,
        0xEE => Class::Private,
        0xEF => Class::WideMark,
        0xF0.. => Class::Emoji,
    }
}

/// The cell of an ASCII byte.
#[inline]
pub(crate) fn ascii(byte: u8) -> Cell {
    static ASCII: OnceLock<Vec<Cell>> = OnceLock::new();
    let all = ASCII
        .get_or_init(|| (0..0x80_u8).map(|b| Cell::of(b.into())).collect());
    all.get(usize::from(byte)).copied().unwrap_or_else(|| Cell::of('\0'))
}

/// The cell of the only character there is.
fn only(text: &str) -> Option<Cell> {
    let mut chars = text.chars();
    // The controls above ASCII are what decoders make of bytes that have no
    // meaning.
    let first = chars.next().filter(|c| {
        !matches!(*c, '\u{80}'..='\u{9F}' | char::REPLACEMENT_CHARACTER)
    })?;
    match chars.next() {
        // One code of Big5 is a letter and its mark.
        Some('\u{300}'..'\u{370}') if chars.next().is_none() => {}
        Some(_) => return None,
        None => {}
    }
    Some(Cell::of(first))
}

/// The text of bytes, with U+FFFD for what is malformed.
pub(super) fn decoded(charset: Charset, mut bytes: &[u8]) -> String {
    let mut decoder = charset.new_decoder();
    let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len());
    let mut text = String::with_capacity(room.unwrap_or(0));
    loop {
        let (result, read) = decoder
            .decode_to_string_without_replacement(bytes, &mut text, true);
        bytes = bytes.get(read..).unwrap_or_default();
        match result {
            DecoderResult::InputEmpty => return text,
            DecoderResult::OutputFull => text.reserve(4 * bytes.len() + 16),
            DecoderResult::Malformed(..) => text.push('\u{FFFD}'),
        }
    }
}

/// What it costs to read bytes as UTF-16; bytes that are no text are slips.
pub(crate) fn utf16_cost(model: Model, bytes: &[u8], big: bool) -> u32 {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| {
        if big { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) }
    });
    let mut cost = if odd.is_empty() { 0 } else { CUT + LONG };
    let mut behind = Place::START;
    for c in char::decode_utf16(units) {
        match c {
            Ok(c) => {
                let cell = Cell::of(c);
                cost += cell.cost(model, behind);
                behind = cell.place;
            }
            Err(_) => cost += 2 * SLIP,
        }
    }
    cost
}

/// The same for ASCII.
pub(crate) fn ascii_cost(model: Model, bytes: &[u8]) -> u32 {
    let mut behind = Place::START;
    let mut cost = 0;
    for &byte in bytes {
        let cell = ascii(byte);
        cost += cell.cost(model, behind);
        behind = cell.place;
    }
    cost
}
