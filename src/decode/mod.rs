//! Bytes to text: byte order marks, labels, detection, malformed bytes.
//!
//! Raw bytes enter by [`Decode::feed`], in pieces cut anywhere; text leaves
//! into a [`Text`], with the range of bytes that each stretch came from where
//! the stream is traced. Nothing here looks for text that was decoded wrongly
//! before it reached us: that is the business of `repair`.
//!
//! The encoding is settled once, by the first of these that says something:
//! a byte order mark, the label that the caller gave, detection over the
//! sniff window. The window opens at the first byte that plain ASCII does not
//! have, or where an escape sequence or HZ may begin, and is [`SNIFF`] bytes
//! long; ASCII before it means the same in every candidate and passes at
//! once, however long. (Only of the first [`FIRST`] bytes that is not so: in
//! UTF-16 without a mark they may look like ASCII.)
//!
//! After that, lines in another encoding are looked for, see `regions.rs`.

pub(crate) mod cells;
pub(crate) mod charset;
mod choose;
mod declared;
pub(crate) mod detect;
mod fast;
mod regions;
mod settled;
mod seven;

use crate::edit::Rule;
use crate::options::{self, Options, StageName};
use crate::text::{Logs, Text};

pub(crate) use charset::Charset;
use declared::Head;
use detect::Verdict;
pub use detect::{Alternative, Detection, Source};
pub(crate) use regions::Change;
use regions::Regions;
pub(crate) use settled::Damage;
use settled::{Output, Settled};

/// The most bytes held before the encoding is settled, or a line's.
pub(crate) const SNIFF: usize = if cfg!(test) { 48 } else { 4096 };
/// How many of the first bytes are held even if they look like ASCII.
const FIRST: usize = if cfg!(test) { 8 } else { 32 };
/// The most bytes held besides: an unfinished character, with room for
/// an escape sequence before it.
const UNFINISHED: usize = 16;
/// The most raw bytes that are held between two feeds.
pub(crate) const PENDING: usize = FIRST + SNIFF + UNFINISHED;

/// The name reported where no byte told the ASCII-compatible ones apart.
pub(crate) const ASCII: &str = "US-ASCII";

/// The byte order mark, decoded.
pub(crate) const MARK: char = '\u{FEFF}';
const BOM: &str = "\u{FEFF}";

enum State {
    /// The start of the input, which may be a byte order mark or UTF-16.
    Start(Vec<u8>),
    /// To be detected. The window is empty as long as all is plain ASCII;
    /// `whole`: it starts where the input does.
    Open { window: Vec<u8>, whole: bool },
    /// Settled, for all that follows.
    Pinned(Settled),
    /// Settled, and lines may be in other encodings.
    Lines(Box<Regions>),
}

pub(crate) struct Decode {
    choice: Option<Charset>,
    declared: Option<Charset>,
    regions: options::Regions,
    malformed: options::Malformed,
    /// Whether text that is out of step is put back.
    resync: bool,
    state: State,
    /// Bytes taken from the caller, those of `State::Start` aside.
    taken: u64,
    /// The byte of ASCII that was passed last.
    context: Option<u8>,
    /// What may declare an encoding.
    head: Head,
    damage: Damage,
    verdict: Option<Verdict>,
}

impl Decode {
    pub(crate) fn new(options: &Options) -> Self {
        let on = |stage| options.stages.contains(stage);
        let choice = if on(StageName::Decode) {
            options.encoding.0
        } else {
            Some(Charset::UTF_8)
        };
        Decode {
            choice,
            declared: options.declared.0,
            regions: options.regions,
            malformed: options.malformed,
            resync: on(StageName::Repair),
            state: State::Start(Vec::new()),
            taken: 0,
            context: None,
            head: Head::default(),
            damage: Damage::default(),
            verdict: None,
        }
    }

    /// The name of the encoding, once it is settled.
    pub(crate) fn encoding(&self) -> Option<&'static str> {
        self.verdict.as_ref().map(|verdict| verdict.charset().name())
    }

    /// What is known of the encoding, once it is settled.
    pub(crate) fn detection(&self) -> Option<Detection> {
        let mut detection = self.verdict.as_ref()?.detection();
        if detection.declared.is_none() {
            let declared = self.declared.or_else(|| self.head.declared());
            detection.declared = declared.map(Charset::name);
        }
        Some(detection)
    }

    /// What was malformed so far.
    pub(crate) fn damage(&self) -> Damage {
        self.damage
    }

    /// Changes of encoding since this was asked last.
    pub(crate) fn changes(&mut self) -> Vec<Change> {
        let State::Lines(regions) = &mut self.state else {
            return Vec::new();
        };
        if let (Some(charset), Some(verdict)) =
            (regions.settles.take(), &mut self.verdict)
        {
            verdict.prefer(charset);
        }
        std::mem::take(&mut regions.changes)
    }

    /// Bytes of input so far.
    pub(crate) fn bytes_in(&self) -> u64 {
        match &self.state {
            State::Start(held) => held.len() as u64,
            _ => self.taken,
        }
    }

    /// Raw bytes held at this moment.
    pub(crate) fn pending(&self) -> usize {
        match &self.state {
            State::Start(held) => held.len(),
            State::Open { window, .. } => window.len(),
            State::Pinned(settled) => settled.pending(),
            State::Lines(regions) => regions.pending(),
        }
    }

    /// First byte of input that may still turn into text.
    pub(crate) fn held_from(&self) -> u64 {
        match &self.state {
            State::Start(_) => 0,
            State::Open { window, .. } => self.taken - window.len() as u64,
            State::Pinned(settled) => settled.from,
            State::Lines(regions) => regions.held_from(),
        }
    }

    /// Takes all of `bytes`, appends the text that is certain.
    pub(crate) fn feed(
        &mut self,
        bytes: &[u8],
        out: &mut Text,
        logs: &mut Logs,
        last: bool,
    ) {
        let mut damage = self.damage;
        let malformed = self.malformed;
        let damage_too = &mut damage;
        let mut output = Output { out, logs, damage: damage_too, malformed };
        self.feed_to(bytes, &mut output, last);
        self.damage = damage;
    }

    fn feed_to(&mut self, bytes: &[u8], output: &mut Output<'_>, last: bool) {
        let State::Start(held) = &mut self.state else {
            self.pour(bytes, output, last);
            return;
        };
        let first = if self.choice.is_some() { MARK_MAX } else { FIRST };
        let (head, tail) =
            bytes.split_at(bytes.len().min(first.saturating_sub(held.len())));
        held.extend_from_slice(head);
        let Some(mark) = byte_order_mark(held, last) else { return };
        let settled = mark.is_some() || self.choice.is_some();
        let plain = !held.contains(&0) && detect::plain(held) == held.len();
        if !settled && plain && held.len() < FIRST && !last {
            return;
        }
        let held = std::mem::take(held);
        let skip = mark.map_or(0, |(_, len)| len);
        if skip > 0 {
            output.edit(Rule::Bom, 0..skip as u64, BOM, "");
        }
        self.taken = skip as u64;
        let held = held.get(skip..).unwrap_or_default();
        let end = last && tail.is_empty();
        if let Some((charset, _)) = mark {
            // A line may still be in another encoding.
            let verdict = Verdict::sure(charset, Source::Bom);
            self.settle(verdict, self.taken, u64::MAX);
        } else if let Some(charset) = self.choice {
            let verdict = Verdict::sure(charset, Source::Label);
            self.settle(verdict, self.taken, u64::MAX);
        } else if plain && (!end || !detect::is_utf16(held)) {
            self.state = State::Open { window: Vec::new(), whole: false };
        } else {
            self.state = State::Open { window: Vec::new(), whole: true };
        }
        self.pour(held, output, end);
        if !tail.is_empty() {
            self.pour(tail, output, last);
        }
    }

    /// The next piece of a document that is text already, and given as UTF-8:
    /// there is nothing to decode but a mark.
    pub(crate) fn feed_text(
        &mut self,
        text: &str,
        out: &mut Text,
        logs: &mut Logs,
    ) {
        let mut rest = text;
        if let State::Start(_) = self.state {
            if let Some(marked) = text.strip_prefix(MARK) {
                rest = marked;
                self.taken = BOM.len() as u64;
                if let Some(log) = logs.log() {
                    log.push(Rule::Bom, 0..self.taken, BOM, "", "");
                }
            }
            let verdict = Verdict::sure(Charset::UTF_8, Source::Label);
            self.verdict = Some(verdict);
            let settled = Settled::new(Charset::UTF_8, self.taken);
            self.state = State::Pinned(settled);
        }
        let start = self.taken;
        self.taken += rest.len() as u64;
        if let State::Pinned(settled) = &mut self.state {
            settled.from = self.taken;
        }
        out.push(rest, start..self.taken, true);
    }

    /// Settles the encoding of what starts at `from`, with the first byte
    /// above ASCII at `first`.
    fn settle(&mut self, verdict: Verdict, from: u64, first: u64) {
        let charset = verdict.charset();
        let follows = self.regions == options::Regions::Follow
            && self.choice.is_none()
            && charset.is_ascii_compatible();
        self.state = if follows {
            let marked = verdict.source() == Source::Bom;
            let regions = Regions::new(charset, from, first, marked)
                .behind(self.context.take())
                .resync(self.resync);
            State::Lines(Box::new(regions))
        } else {
            State::Pinned(Settled::new(charset, from))
        };
        self.verdict = Some(verdict);
    }

    /// Bytes behind the byte order mark.
    fn pour(&mut self, bytes: &[u8], output: &mut Output<'_>, last: bool) {
        self.taken += bytes.len() as u64;
        match self.state {
            State::Open { .. } => self.open(bytes, output, last),
            _ => self.settled(bytes, output, last),
        }
    }

    /// Bytes before the encoding is settled.
    fn open(&mut self, mut bytes: &[u8], output: &mut Output<'_>, last: bool) {
        self.head.add(bytes);
        loop {
            let State::Open { window, whole } = &mut self.state else {
                return;
            };
            let held = (window.len() + bytes.len()) as u64;
            let mut from = self.taken - held;
            let mut passed = |plain: &[u8], context: &mut Option<u8>| {
                let text = std::str::from_utf8(plain).unwrap_or_default();
                debug_assert_eq!(text.len(), plain.len(), "ASCII is UTF-8");
                let to = from + text.len() as u64;
                output.out.push(text, from..to, true);
                from = to;
                if let Some(last) = plain.last() {
                    *context = Some(*last).filter(|b| *b != b'\n');
                }
            };
            let end = |bytes: &[u8]| last && bytes.is_empty();
            if !*whole {
                if window.is_empty() {
                    let n = detect::plain(bytes);
                    passed(bytes.split_at(n).0, &mut self.context);
                    bytes = bytes.split_at(n).1;
                } else {
                    let n = detect::plain(window);
                    passed(window.split_at(n).0, &mut self.context);
                    window.drain(..n);
                }
                fill(window, &mut bytes, detect::OPENING);
                match detect::opens(window) {
                    Some(true) => {}
                    None if !end(bytes) => return,
                    _ if window.is_empty() && bytes.is_empty() => return,
                    _ => {
                        let n = window.len().min(1);
                        passed(window.split_at(n).0, &mut self.context);
                        window.drain(..n);
                        continue;
                    }
                }
            }
            fill(window, &mut bytes, SNIFF);
            if window.len() < SNIFF && !end(bytes) {
                return;
            }
            let found = detect::window(&detect::Window {
                bytes: window,
                context: self.context,
                start: *whole,
                declared: self.declared,
                head: self.head.declared(),
            });
            let Some(verdict) = found else {
                // Plain ASCII after all.
                passed(window, &mut self.context);
                window.clear();
                *whole = false;
                continue;
            };
            let window = std::mem::take(window);
            let first = from + detect::ascii_len(&window) as u64;
            self.settle(verdict, from, first);
            let end = end(bytes);
            self.settled(&window, output, end);
            if !bytes.is_empty() {
                self.settled(bytes, output, last);
            }
            return;
        }
    }

    /// Bytes once the encoding is settled.
    fn settled(&mut self, bytes: &[u8], output: &mut Output<'_>, last: bool) {
        match &mut self.state {
            State::Pinned(settled) => settled.decode(bytes, output, last),
            State::Lines(regions) => regions.decode(bytes, output, last),
            State::Start(_) | State::Open { .. } => {}
        }
    }
}

/// Moves bytes to a window, until it has so many.
fn fill(window: &mut Vec<u8>, bytes: &mut &[u8], most: usize) {
    let n = bytes.len().min(most.saturating_sub(window.len()));
    let (head, rest) = bytes.split_at(n);
    window.extend_from_slice(head);
    *bytes = rest;
}

type Mark = (Charset, usize);

/// Those that begin as another does come before it.
const MARKS: [(&[u8], Charset); 5] = [
    (b"\xFF\xFE\0\0", Charset::Utf32Le),
    (b"\0\0\xFE\xFF", Charset::Utf32Be),
    (b"\xEF\xBB\xBF", Charset::UTF_8),
    (b"\xFF\xFE", Charset::Standard(encoding_rs::UTF_16LE)),
    (b"\xFE\xFF", Charset::Standard(encoding_rs::UTF_16BE)),
];
const MARK_MAX: usize = 4;

/// `None` if more bytes are needed, else the mark, if there is one.
fn byte_order_mark(held: &[u8], last: bool) -> Option<Option<Mark>> {
    for (mark, charset) in MARKS {
        if held.starts_with(mark) {
            return Some(Some((charset, mark.len())));
        }
        if !last && mark.starts_with(held) {
            return None;
        }
    }
    Some(None)
}
