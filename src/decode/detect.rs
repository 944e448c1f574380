//! Which encoding bytes are in: every candidate reads them, and the one whose
//! text explains them best is taken.
//!
//! What a reading costs is told by character statistics, see
//! `tables/stats.rs`. All readings are of the same bytes, so their costs
//! compare: the difference of two is how much more likely one is. A byte that
//! fits nowhere costs a reading something, and does not rule it out.

use std::sync::OnceLock;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};

use super::cells::{Cells, ascii_cost, utf16_cost};
use super::charset::Charset;
use super::choose::STAY;
use super::seven;
use crate::tables::class::LATINS;
use crate::tables::stats::{Model, NAT, ascii_pair};

/// The most that one line says against an encoding: there may be others in
/// the same file.
const LINE: u32 = 40 * NAT;
/// What a declaration is worth.
const DECLARED: u32 = 12 * NAT;
/// What the word of `chardetng` is worth, among single-byte encodings.
pub(super) const SECOND_OPINION: u32 = 3 * NAT;

/// So many bytes of a line tell what it may be.
const PROBE: usize = 160;
/// What a byte above ASCII costs at most, on the average of this many, where
/// they are clearly pairs; no single-byte encoding need be tried.
const CLEAR: u32 = 4 * NAT;
const MANY: u32 = 24;
/// And what a line may cost besides.
const MARGIN: u32 = 4 * NAT;
/// So much more than the best is far behind.
const FAR: u32 = 2 * LINE + LINE / 2;
/// The most that the ASCII among them says against letters with marks.
const STRANGE: u32 = 6 * NAT;

const CHINESE: &[Model] = &[Model::Simplified, Model::Traditional];

const WEST: &[Model] = &[
    Model::English,
    Model::French,
    Model::Southern,
    Model::German,
    Model::Northern,
];
const CENTRE: &[Model] =
    &[Model::Polish, Model::Slavic, Model::Hungarian, Model::Romanian];
const BALTIC: &[Model] = &[Model::Baltic];
const TURKISH: &[Model] = &[Model::Turkish];
const VIETNAMESE: &[Model] = &[Model::Vietnamese];
const CYRILLIC: &[Model] = &[Model::Cyrillic];
const GREEK: &[Model] = &[Model::Greek];
const HEBREW: &[Model] = &[Model::Hebrew];
const ARABIC: &[Model] = &[Model::Arabic];
const THAI: &[Model] = &[Model::Thai];

/// An encoding that contains ASCII, and what may be written in it.
pub(super) struct Candidate {
    pub(super) charset: Charset,
    pub(super) models: &'static [Model],
    /// How unlikely it is before a byte was seen, in nats.
    pub(super) rare: u32,
}

const fn candidate(
    encoding: &'static encoding_rs::Encoding,
    models: &'static [Model],
    rare: u32,
) -> Candidate {
    Candidate { charset: Charset::Standard(encoding), models, rare }
}

/// How many of the first candidates are not single-byte.
pub(super) const MULTI: usize = 7;

pub(super) static CANDIDATES: [Candidate; 31] = [
    candidate(encoding_rs::UTF_8, &Model::ALL, 2),
    candidate(encoding_rs::GB18030, CHINESE, 1),
    candidate(encoding_rs::BIG5, &[Model::Traditional], 1),
    candidate(encoding_rs::SHIFT_JIS, &[Model::Japanese], 2),
    candidate(encoding_rs::EUC_JP, &[Model::Japanese], 2),
    candidate(encoding_rs::EUC_KR, &[Model::Korean], 2),
    Candidate {
        charset: Charset::EucTw,
        models: &[Model::Traditional],
        rare: 6,
    },
    candidate(encoding_rs::WINDOWS_1252, WEST, 1),
    candidate(encoding_rs::WINDOWS_1251, CYRILLIC, 2),
    candidate(encoding_rs::KOI8_R, CYRILLIC, 3),
    candidate(encoding_rs::WINDOWS_1250, CENTRE, 6),
    candidate(encoding_rs::WINDOWS_1253, GREEK, 5),
    candidate(encoding_rs::WINDOWS_1254, TURKISH, 5),
    candidate(encoding_rs::WINDOWS_1255, HEBREW, 6),
    candidate(encoding_rs::WINDOWS_1256, ARABIC, 7),
    candidate(encoding_rs::WINDOWS_874, THAI, 5),
    candidate(encoding_rs::ISO_8859_2, CENTRE, 7),
    candidate(encoding_rs::ISO_8859_7, GREEK, 6),
    candidate(encoding_rs::IBM866, CYRILLIC, 5),
    candidate(encoding_rs::KOI8_U, CYRILLIC, 5),
    candidate(encoding_rs::WINDOWS_1257, BALTIC, 8),
    candidate(encoding_rs::WINDOWS_1258, VIETNAMESE, 7),
    candidate(encoding_rs::ISO_8859_15, WEST, 5),
    candidate(encoding_rs::ISO_8859_5, CYRILLIC, 7),
    candidate(encoding_rs::ISO_8859_6, ARABIC, 8),
    candidate(encoding_rs::ISO_8859_8, HEBREW, 8),
    candidate(encoding_rs::ISO_8859_4, BALTIC, 9),
    candidate(encoding_rs::ISO_8859_13, BALTIC, 9),
    candidate(encoding_rs::ISO_8859_16, CENTRE, 8),
    candidate(encoding_rs::MACINTOSH, WEST, 8),
    candidate(encoding_rs::X_MAC_CYRILLIC, CYRILLIC, 8),
];

/// Those of GB18030 and of EUC-JP, whose pairs other encodings have in seven
/// bits.
pub(crate) fn gb_cells() -> Option<&'static Cells> {
    cells(1)
}
pub(super) fn jis_cells() -> Option<&'static Cells> {
    cells(4)
}
pub(crate) fn big5_cells() -> Option<&'static Cells> {
    cells(2)
}

/// The cells of a candidate, by its number.
pub(super) fn cells(number: usize) -> Option<&'static Cells> {
    static CELLS: [OnceLock<Cells>; CANDIDATES.len()] =
        [const { OnceLock::new() }; CANDIDATES.len()];
    let of = CANDIDATES.get(number)?;
    let cells = CELLS.get(number)?;
    Some(cells.get_or_init(|| Cells::new(of.charset)))
}

/// What a line costs in each encoding.
type Costs = [u32; CANDIDATES.len()];

/// At most [`LINE`] more than the least; what its start shows to cost more
/// than that is not read to the end. Those to `skip` cost as much if another
/// one is clear.
fn line_costs(line: &[u8], skip: u32) -> Costs {
    let start = line.get(..line.len().min(PROBE)).unwrap_or_default();
    let high = start.iter().filter(|b| !b.is_ascii()).count() as u32;
    let mut costs = [u32::MAX; CANDIDATES.len()];
    let mut least = u32::MAX;
    for (number, cost) in costs.iter_mut().enumerate() {
        if number == MULTI && high >= MANY && least < CLEAR * high {
            break;
        }
        if skip >> number & 1 == 0 {
            *cost = line_cost(number, start);
            least = least.min(*cost);
        }
    }
    if skip != 0 && least > CLEAR * high + MARGIN {
        return line_costs(line, 0);
    }
    if start.len() < line.len() {
        let most = least.saturating_add(LINE + LINE / 2);
        least = u32::MAX;
        for (number, cost) in costs.iter_mut().enumerate() {
            *cost =
                if *cost <= most { line_cost(number, line) } else { u32::MAX };
            least = least.min(*cost);
        }
    }
    costs.map(|cost| cost.min(least.saturating_add(LINE)))
}

/// What a line costs in the encoding of one candidate.
pub(super) fn line_cost(number: usize, line: &[u8]) -> u32 {
    let least = || {
        let models = CANDIDATES.get(number)?.models.iter();
        let cells = cells(number)?;
        models.map(|model| cells.cost(*model, line)).min()
    };
    least().unwrap_or(u32::MAX)
}

/// The candidates in the order of what they cost, the best first.
fn rank(
    window: &[u8],
    context: Option<u8>,
    declared: Option<Charset>,
) -> Vec<(Charset, u32)> {
    let mut totals: Vec<u32> = CANDIDATES
        .iter()
        .map(|c| match declared {
            Some(charset) if charset != c.charset => c.rare * NAT + DECLARED,
            _ => c.rare * NAT,
        })
        .collect();
    let mut context = context;
    let mut skip = 0;
    for line in window.split_inclusive(|b| *b == b'\n') {
        let context = context.take();
        if line.is_ascii() {
            continue;
        }
        let line: Vec<u8> = context.into_iter().chain(line.to_vec()).collect();
        let costs = line_costs(&shortened(&line), skip);
        for (total, cost) in totals.iter_mut().zip(costs) {
            *total = total.saturating_add(cost);
        }
        // What several lines have spoken against is not tried further, as
        // long as the lines are clear.
        let most = totals.iter().min().map_or(0, |cost| cost + FAR);
        skip = (0..).zip(&totals).fold(0, |skip, (number, total)| {
            skip | u32::from(*total > most) << number
        });
    }
    let best = totals.iter().enumerate().min_by_key(|(_, cost)| *cost);
    // The rest only tells single-byte encodings from each other.
    if best.is_some_and(|(number, _)| number >= MULTI) {
        second_look(window, &mut totals);
    }
    let mut ranked: Vec<(Charset, u32)> =
        CANDIDATES.iter().map(|c| c.charset).zip(totals).collect();
    ranked.sort_by_key(|(_, cost)| *cost);
    ranked
}

/// What the ASCII of the text and `chardetng` have to say against single-byte
/// encodings.
fn second_look(window: &[u8], totals: &mut [u32]) {
    let strange = strangeness(window);
    for (candidate, total) in CANDIDATES.iter().zip(totals.iter_mut()) {
        let models = candidate.models.iter();
        let cost = |model: &Model| strange.get(model.latin()?).copied();
        *total += models.filter_map(cost).min().unwrap_or(0);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(window, false);
    let second = detector.guess(None, Utf8Detection::Deny);
    let second = Charset::Standard(second);
    let mut singles = CANDIDATES.iter().skip(MULTI);
    if singles.any(|candidate| candidate.charset == second) {
        for (candidate, total) in CANDIDATES.iter().zip(totals).skip(MULTI) {
            // KOI8-R is not known to it by that name.
            let same = candidate.charset == second
                || second == Charset::Standard(encoding_rs::KOI8_U)
                    && candidate.charset
                        == Charset::Standard(encoding_rs::KOI8_R);
            if !same {
                *total += SECOND_OPINION;
            }
        }
    }
}

/// How much less the letters of ASCII are like each of the languages in Latin
/// letters than like the one that they are the most like: ASCII tells no
/// encoding from another, but it tells which letters to expect among it.
fn strangeness(window: &[u8]) -> [u32; LATINS] {
    let mut costs = [0; LATINS];
    let window = window.get(..window.len().min(512)).unwrap_or_default();
    let mut behind = 0;
    for byte in window {
        let letter = if byte.is_ascii_alphabetic() { byte & 0x1F } else { 0 };
        if letter > 0 {
            for (number, cost) in costs.iter_mut().enumerate() {
                *cost += ascii_pair(number, behind, letter);
            }
        }
        behind = letter;
    }
    let least = costs.into_iter().min().unwrap_or(0);
    costs.map(|cost| (cost - least).min(STRANGE))
}

/// The line without the insides of long stretches of ASCII, which cost the
/// same in every encoding.
pub(super) fn shortened(line: &[u8]) -> Vec<u8> {
    const FEW: usize = 4;
    let mut short = Vec::with_capacity(line.len());
    for run in line.chunk_by(|a, b| a.is_ascii() == b.is_ascii()) {
        let last = run.last().copied();
        if run.is_ascii() && run.len() > FEW {
            short.extend_from_slice(run.get(..FEW - 1).unwrap_or_default());
            short.extend(last);
        } else {
            short.extend_from_slice(run);
        }
    }
    short
}

/// The cheapest reading as UTF-16, and the cost, if any is worth a look.
pub(crate) fn utf16(window: &[u8]) -> Option<(Charset, u32)> {
    [(encoding_rs::UTF_16LE, false), (encoding_rs::UTF_16BE, true)]
        .into_iter()
        .map(|(encoding, big)| {
            let costs = Model::ALL.map(|model| utf16_cost(model, window, big));
            let least = costs.into_iter().min().unwrap_or(u32::MAX);
            (Charset::Standard(encoding), least + 4 * NAT)
        })
        .min_by_key(|(_, cost)| *cost)
}

/// What the bytes cost where each above ASCII is text of some encoding.
pub(crate) fn plain_cost(window: &[u8]) -> u32 {
    if window.is_ascii() {
        return ascii_cost(Model::Other, window);
    }
    line_costs(window, 0).into_iter().min().unwrap_or(0)
}

/// What is known when an encoding is to be settled.
pub(crate) struct Window<'a> {
    pub(crate) bytes: &'a [u8],
    /// The byte of ASCII before it.
    pub(crate) context: Option<u8>,
    /// Whether it starts where the input does.
    pub(crate) start: bool,
    /// The encoding that the caller has heard of.
    pub(crate) declared: Option<Charset>,
    /// The encoding that the text names.
    pub(crate) head: Option<Charset>,
}

/// The encoding of what is in the window; `None` if it is plain ASCII.
pub(crate) fn window(of: &Window<'_>) -> Option<Verdict> {
    let declared = of.declared.or(of.head);
    let verdict = |charset| {
        let source = Source::of(charset, declared);
        let ranked = vec![(charset, 0)];
        Some(Verdict { ranked, source, declared })
    };
    let bytes = of.bytes;
    if is_utf8(bytes) {
        // A character of three bytes is no accident.
        let long = bytes.iter().any(|b| *b >= 0xE0);
        let utf16 = if of.start && !long { wide(bytes, MUCH) } else { None };
        if utf16.is_none() && is_doubtful(bytes) {
            let ranked = rank(bytes, of.context, declared);
            let cost = |utf8: bool| {
                let mut all = ranked.iter();
                all.find(|(c, _)| utf8 == (*c == Charset::UTF_8))
                    .map_or(u32::MAX, |(_, cost)| *cost)
            };
            if cost(true) > cost(false).saturating_add(DOUBT) {
                return Some(Verdict::of(ranked, declared));
            }
        }
        return verdict(utf16.unwrap_or(Charset::UTF_8));
    }
    if let Some(charset) = seven::designated(bytes) {
        return verdict(charset);
    }
    if of.start
        && let Some(charset) = wide(bytes, 0)
    {
        return verdict(charset);
    }
    if bytes.is_ascii() {
        return None;
    }
    let ranked = rank(bytes, of.context, declared);
    Some(Verdict::of(ranked, declared))
}

/// Valid UTF-8, but so little of it, and all of two bytes each, that pairs of
/// another encoding may look like that by chance: D1 A7 D0 A3 is ѧУ, and is
/// 学校 in GBK.
fn is_doubtful(bytes: &[u8]) -> bool {
    const FEW: usize = 4;
    let leads = bytes.iter().filter(|b| **b >= 0xC0).count();
    leads <= FEW && bytes.iter().all(|b| *b < 0xE0)
}

/// How much better another reading has to be then.
const DOUBT: u32 = 6 * NAT;

/// Valid UTF-8 with more than ASCII in it, perhaps cut off.
fn is_utf8(bytes: &[u8]) -> bool {
    let whole = match simdutf8::compat::from_utf8(bytes) {
        Ok(_) => bytes,
        // More than the start of one character.
        Err(error) if error.error_len().is_none() => {
            bytes.split_at(error.valid_up_to()).0
        }
        Err(_) => return false,
    };
    !whole.is_ascii()
}

/// What UTF-16 has to gain where the bytes are valid UTF-8.
const MUCH: u32 = 6 * NAT;

/// UTF-16 without a mark, if the start of the input reads better so, by more
/// than a margin.
fn wide(bytes: &[u8], margin: u32) -> Option<Charset> {
    /// Fewer bytes tell nothing.
    const FEWEST: usize = 4;
    const GLANCE: usize = 64;
    const START: usize = 512;
    if bytes.len() < FEWEST {
        return None;
    }
    let start = bytes.get(..bytes.len().min(START)).unwrap_or_default();
    let plain_cost = |bytes| {
        // Valid UTF-8 is nothing else.
        if margin > 0 { line_cost(0, bytes) } else { plain_cost(bytes) }
    };
    // Most of what is not is far from it.
    let (first, rest) = start.split_at_checked(GLANCE).unwrap_or((start, b""));
    let (mut charset, mut cost) = utf16(first)?;
    let mut plain = plain_cost(first);
    if !rest.is_empty() {
        if cost > plain + LINE {
            return None;
        }
        (charset, cost) = utf16(start)?;
        plain = plain_cost(start);
    }
    // ASCII is UTF-16 only where that reads as text in its own right. What
    // was made at random rarely does, but it does.
    let control =
        |b: &u8| b.is_ascii_control() && !b"\t\n\r\x0C\x1B".contains(b);
    let clear = !start.is_ascii()
        || start.iter().any(control)
        || cost / (start.len() as u32 / 2).max(1) < 9 * NAT + NAT / 2
            && cost + 12 * NAT < plain;
    (clear && cost + margin < plain).then_some(charset)
}

/// Whether a whole document that looks like ASCII is UTF-16.
pub(crate) fn is_utf16(bytes: &[u8]) -> bool {
    wide(bytes, 0).is_some()
}

/// Bytes that mean the same in every encoding that is looked for.
pub(crate) fn plain(bytes: &[u8]) -> usize {
    let end = memchr::memchr3(0x1B, SHIFT_OUT, b'~', bytes);
    let (before, _) = bytes.split_at(end.unwrap_or(bytes.len()));
    ascii_len(before)
}

const SHIFT_OUT: u8 = 0x0E;

/// Bytes up to the first above ASCII.
pub(crate) fn ascii_len(bytes: &[u8]) -> usize {
    const PART: usize = 256;
    let mut at = 0;
    for part in bytes.chunks(PART) {
        if !part.is_ascii() {
            let high = part.iter().position(|b| !b.is_ascii());
            return at + high.unwrap_or(0);
        }
        at += part.len();
    }
    at
}

/// How many bytes tell whether a window opens.
pub(crate) const OPENING: usize = 2;

/// Whether what these bytes start is no plain ASCII; `None`: not enough.
pub(crate) fn opens(bytes: &[u8]) -> Option<bool> {
    match bytes {
        [] | [0x1B | b'~'] => None,
        [0x80..=0xFF | SHIFT_OUT, ..]
        | [0x1B, b'$' | b'(', ..]
        | [b'~', b'{' | b'}', ..] => Some(true),
        _ => Some(false),
    }
}

/// What tells the encoding.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum Source {
    /// A byte order mark.
    Bom,
    /// [`Options::encoding`](crate::Options::encoding), or text that was text
    /// already.
    Label,
    /// It was declared, and nothing speaks against that.
    Declared,
    /// The bytes themselves.
    Detected,
    /// Nothing: all bytes are plain ASCII.
    Default,
}

impl Source {
    /// That of an encoding that the bytes bear out.
    fn of(charset: Charset, declared: Option<Charset>) -> Source {
        if declared == Some(charset) {
            Source::Declared
        } else {
            Source::Detected
        }
    }

    /// The name of it.
    pub fn name(self) -> &'static str {
        match self {
            Source::Bom => "bom",
            Source::Label => "label",
            Source::Declared => "declared",
            Source::Detected => "detected",
            Source::Default => "default",
        }
    }
}

/// The encoding of a document, and how that is known.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Detection {
    /// The name of the encoding.
    pub encoding: &'static str,
    /// How likely it is, from 0 to 1, given that it is one that is looked
    /// for and that text is as the character statistics have it.
    pub score: f64,
    /// What tells it.
    pub source: Source,
    /// The encoding that was declared, if one was, right or not.
    pub declared: Option<&'static str>,
    /// Others, the likelier ones first.
    pub alternatives: Vec<Alternative>,
}

/// An encoding that the text might be in as well.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Alternative {
    /// The name of the encoding.
    pub encoding: &'static str,
    /// How likely it is, from 0 to 1.
    pub score: f64,
}

impl Detection {
    pub(crate) fn ascii() -> Self {
        Detection {
            encoding: super::ASCII,
            score: 1.0,
            source: Source::Default,
            declared: None,
            alternatives: Vec::new(),
        }
    }
}

/// The candidates, the best first, with what their readings cost.
#[derive(Debug)]
pub(crate) struct Verdict {
    ranked: Vec<(Charset, u32)>,
    source: Source,
    declared: Option<Charset>,
}

impl Verdict {
    pub(crate) fn sure(charset: Charset, source: Source) -> Self {
        Verdict { ranked: vec![(charset, 0)], source, declared: None }
    }

    fn of(ranked: Vec<(Charset, u32)>, declared: Option<Charset>) -> Self {
        let first = ranked.first().map_or(Charset::UTF_8, |(first, _)| *first);
        let source = Source::of(first, declared);
        Verdict { ranked, source, declared }
    }

    pub(crate) fn charset(&self) -> Charset {
        self.ranked.first().map_or(Charset::UTF_8, |(first, _)| *first)
    }

    pub(crate) fn source(&self) -> Source {
        self.source
    }

    /// Puts one first, whatever the others cost: the first line is clearly in
    /// it, see `choose.rs`.
    pub(crate) fn prefer(&mut self, charset: Charset) {
        if let Some(at) = self.ranked.iter().position(|(c, _)| *c == charset) {
            let least = self.ranked.first().map_or(0, |(_, cost)| *cost);
            self.ranked.remove(at);
            for (_, cost) in &mut self.ranked {
                *cost = cost.saturating_add(STAY);
            }
            self.ranked.insert(0, (charset, least));
            self.source = Source::of(charset, self.declared);
        }
    }

    pub(crate) fn detection(&self) -> Detection {
        /// How many others are worth naming.
        const OTHERS: usize = 4;
        let least = self.ranked.first().map_or(0, |(_, cost)| *cost);
        // Costs are logarithms.
        let weight =
            |cost: u32| (-f64::from(cost - least) / f64::from(NAT)).exp();
        let all: f64 = self.ranked.iter().map(|(_, c)| weight(*c)).sum();
        let score = |cost: u32| {
            let share = weight(cost) / all.max(1.0);
            (share * 1e4).round() / 1e4
        };
        let others = self.ranked.iter().skip(1).take(OTHERS);
        Detection {
            encoding: self.charset().name(),
            score: score(least),
            source: self.source,
            declared: self.declared.map(Charset::name),
            alternatives: others
                .map(|(charset, cost)| Alternative {
                    encoding: charset.name(),
                    score: score(*cost),
                })
                .filter(|other| other.score > 0.0)
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_first_line_tells_was_not_declared() {
        let gbk = Charset::Standard(encoding_rs::GB18030);
        let ranked = vec![(gbk, 0), (Charset::UTF_8, 99)];
        let mut verdict = Verdict::of(ranked, Some(gbk));
        assert_eq!(verdict.source(), Source::Declared);
        verdict.prefer(Charset::UTF_8);
        assert_eq!(verdict.source(), Source::Detected);
        verdict.prefer(gbk);
        assert_eq!(verdict.source(), Source::Declared);
    }
}
