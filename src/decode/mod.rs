//! Bytes to text: byte order marks, labels, detection, malformed bytes.
//!
//! Raw bytes enter by [`Decode::feed`], in pieces cut anywhere; text leaves
//! into a [`Text`], with the range of bytes that each stretch came from where
//! the stream is traced. Nothing here looks for text that was decoded wrongly
//! before it reached us: that is the business of `repair`.
//!
//! The encoding is settled once, by the first of these that says something:
//! a byte order mark, the label that the caller gave, `chardetng` over the
//! sniff window. The window opens at the first byte that is not plain ASCII
//! (ESC, SO and SI count as not plain, because they mean something else in
//! ISO-2022-JP) and is
//! [`SNIFF`] bytes long; ASCII before it means the same in every candidate
//! and passes at once, however long.

mod charset;

use std::fmt::Write;
use std::ops::Range;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::DecoderResult;

use crate::edit::Rule;
use crate::options::Encoding;
use crate::text::{Logs, Text};

pub(crate) use charset::Charset;
use charset::Decoder;

/// The most bytes held before the encoding is settled.
pub(crate) const SNIFF: usize = if cfg!(test) { 48 } else { 4096 };
/// The most bytes held afterwards: an unfinished character, with room for
/// an escape sequence before it.
const UNFINISHED: usize = 16;
/// The most raw bytes that are held between two feeds.
pub(crate) const PENDING: usize = SNIFF + UNFINISHED;

/// The name reported where no byte told the ASCII-compatible ones apart.
pub(crate) const ASCII: &str = "US-ASCII";

/// The byte order mark, decoded.
pub(crate) const MARK: char = '\u{FEFF}';
const BOM: &str = "\u{FEFF}";

enum State {
    /// The start of the input, which may be a byte order mark.
    Start(Vec<u8>),
    /// To be detected. The window is empty as long as all is plain ASCII.
    Open(Box<EncodingDetector>, Vec<u8>),
    /// Settled.
    Settled(Settled),
}

pub(crate) struct Decode {
    choice: Encoding,
    state: State,
    /// Bytes taken from the caller, those of `State::Start` aside.
    taken: u64,
    malformed: u64,
}

impl Decode {
    pub(crate) fn new(choice: Encoding) -> Self {
        Decode {
            choice,
            state: State::Start(Vec::new()),
            taken: 0,
            malformed: 0,
        }
    }

    /// The name of the encoding, once it is settled.
    pub(crate) fn encoding(&self) -> Option<&'static str> {
        match &self.state {
            State::Settled(settled) => Some(settled.decoder.charset().name()),
            _ => None,
        }
    }

    /// Malformed sequences so far.
    pub(crate) fn malformed(&self) -> u64 {
        self.malformed
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
            State::Open(_, window) => window.len(),
            State::Settled(settled) => settled.seen.len(),
        }
    }

    /// First byte of input that may still turn into text.
    pub(crate) fn held_from(&self) -> u64 {
        match &self.state {
            State::Start(_) => 0,
            State::Open(_, window) => self.taken - window.len() as u64,
            State::Settled(settled) => settled.from,
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
        let mut output = Output { out, logs };
        let State::Start(held) = &mut self.state else {
            self.pour(bytes, &mut output, last);
            return;
        };
        let (head, tail) =
            bytes.split_at(bytes.len().min(MARK_MAX - held.len()));
        held.extend_from_slice(head);
        let Some(mark) = byte_order_mark(held, last) else { return };
        let held = std::mem::take(held);
        let skip = mark.map_or(0, |(_, len)| len);
        if skip > 0 {
            output.edit(Rule::Bom, 0..skip as u64, BOM, "");
        }
        self.taken = skip as u64;
        self.state = match mark.map(|(encoding, _)| encoding).or(self.choice.0)
        {
            Some(encoding) => {
                State::Settled(Settled::new(encoding, skip as u64))
            }
            None => State::Open(
                Box::new(EncodingDetector::new(Iso2022JpDetection::Allow)),
                Vec::new(),
            ),
        };
        let held = held.get(skip..).unwrap_or_default();
        self.pour(held, &mut output, last && tail.is_empty());
        if !tail.is_empty() {
            self.pour(tail, &mut output, last);
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
                let at = 0..self.taken;
                Output { out, logs }.edit(Rule::Bom, at, BOM, "");
            }
            self.state =
                State::Settled(Settled::new(Charset::UTF_8, self.taken));
        }
        let start = self.taken;
        self.taken += rest.len() as u64;
        if let State::Settled(settled) = &mut self.state {
            settled.from = self.taken;
        }
        out.push(rest, start..self.taken, true);
    }

    /// Bytes behind the byte order mark.
    fn pour(&mut self, mut bytes: &[u8], output: &mut Output<'_>, last: bool) {
        let start = self.taken;
        self.taken += bytes.len() as u64;
        if let State::Open(detector, window) = &mut self.state {
            if window.is_empty() {
                let n = bytes
                    .iter()
                    .position(|&b| {
                        b >= 0x80 || matches!(b, 0x0E | 0x0F | 0x1B)
                    })
                    .unwrap_or(bytes.len());
                let (plain, tail) = bytes.split_at(n);
                detector.feed(plain, false);
                let text = std::str::from_utf8(plain).unwrap_or_default();
                debug_assert_eq!(text.len(), plain.len(), "ASCII is UTF-8");
                output.out.push(text, start..start + n as u64, true);
                bytes = tail;
                if bytes.is_empty() {
                    return;
                }
            }
            let n = bytes.len().min(SNIFF - window.len());
            let (head, tail) = bytes.split_at(n);
            window.extend_from_slice(head);
            let full = window.len() == SNIFF;
            if !full && !last {
                return;
            }
            // The verdict must not depend on how the bytes were cut: a full
            // window was a prefix, whether or not anything follows.
            detector.feed(window, !full);
            let found = detector.guess(None, Utf8Detection::Allow);
            let window = std::mem::take(window);
            let from = self.taken - (window.len() + tail.len()) as u64;
            let mut settled = Settled::new(Charset::standard(found), from);
            self.malformed +=
                settled.decode(&window, output, last && tail.is_empty());
            self.state = State::Settled(settled);
            bytes = tail;
            if bytes.is_empty() {
                return;
            }
        }
        if let State::Settled(settled) = &mut self.state {
            self.malformed += settled.decode(bytes, output, last);
        }
    }
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

/// Text and edits on their way out.
struct Output<'a> {
    out: &'a mut Text,
    logs: &'a mut Logs,
}

impl Output<'_> {
    fn edit(&mut self, rule: Rule, at: Range<u64>, before: &str, after: &str) {
        if let Some(log) = self.logs.log() {
            log.push(rule, at, before, after, "");
        }
    }

    /// A malformed sequence: U+FFFD, and an edit if somebody wants to know.
    fn malformed(&mut self, bytes: &[u8], at: Range<u64>) {
        let mut utf8 = [0; 4];
        let with = char::REPLACEMENT_CHARACTER.encode_utf8(&mut utf8) as &str;
        let mut before = String::new();
        for byte in bytes {
            // Writing to a String does not fail.
            let _ = write!(before, "\\x{byte:02X}");
        }
        self.edit(Rule::Malformed, at.clone(), &before, with);
        self.out.push(with, at, false);
    }
}

/// A decoder whose encoding is settled.
struct Settled {
    decoder: Decoder,
    /// First byte of input that is in no text yet.
    from: u64,
    /// The bytes from `from` on that the decoder has already seen.
    seen: Vec<u8>,
    /// Where text is decoded before it is known where it came from.
    text: String,
}

impl Settled {
    fn new(charset: Charset, from: u64) -> Self {
        let decoder = charset.new_decoder();
        Settled { decoder, from, seen: Vec::new(), text: String::new() }
    }

    /// Decodes all of `bytes`; returns the number of malformed sequences.
    fn decode(
        &mut self,
        bytes: &[u8],
        output: &mut Output<'_>,
        last: bool,
    ) -> u64 {
        if !output.out.traced() {
            self.decode_plain(bytes, output.out.untraced_buffer(), last)
        } else if self.decoder.charset() == Charset::UTF_8 {
            // Text and input agree byte by byte, whole stretches at a time.
            self.decode_traced(bytes, output, last)
        } else {
            // The decoder does not say which bytes a character came from; fed
            // one byte at a time it has no choice.
            let mut malformed = 0;
            let mut rest = bytes;
            while let Some((&first, tail)) = rest.split_first() {
                let n = self.ascii_prefix(rest);
                if n > 0 {
                    let (plain, tail) = rest.split_at(n);
                    malformed += self.decode_traced(
                        plain,
                        output,
                        last && tail.is_empty(),
                    );
                    rest = tail;
                } else {
                    malformed += self.decode_traced(
                        &[first],
                        output,
                        last && tail.is_empty(),
                    );
                    rest = tail;
                }
            }
            if bytes.is_empty() && last {
                malformed += self.decode_traced(&[], output, true);
            }
            malformed
        }
    }

    /// Bytes that are certain to decode to as many bytes of ASCII.
    fn ascii_prefix(&self, bytes: &[u8]) -> usize {
        let stateless = self.decoder.charset().is_ascii_compatible();
        if stateless && self.seen.is_empty() {
            bytes.iter().position(|b| !b.is_ascii()).unwrap_or(bytes.len())
        } else {
            0
        }
    }

    fn decode_plain(
        &mut self,
        mut bytes: &[u8],
        out: &mut String,
        last: bool,
    ) -> u64 {
        let mut malformed = 0;
        let end = self.from + self.seen.len() as u64 + bytes.len() as u64;
        loop {
            let room = self
                .decoder
                .max_utf8_buffer_length_without_replacement(bytes.len());
            out.reserve(room.unwrap_or(bytes.len()));
            let (result, read) = self
                .decoder
                .decode_to_string_without_replacement(bytes, out, last);
            bytes = bytes.get(read..).unwrap_or_default();
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => {
                    malformed += 1;
                    out.push(char::REPLACEMENT_CHARACTER);
                }
            }
        }
        self.from = end;
        malformed
    }

    fn decode_traced(
        &mut self,
        mut bytes: &[u8],
        output: &mut Output<'_>,
        last: bool,
    ) -> u64 {
        let mut malformed = 0;
        let stateless = self.decoder.charset().is_ascii_compatible();
        let mut text = std::mem::take(&mut self.text);
        loop {
            let room = self
                .decoder
                .max_utf8_buffer_length_without_replacement(bytes.len());
            text.reserve(room.unwrap_or(bytes.len()));
            let (result, read) = self
                .decoder
                .decode_to_string_without_replacement(bytes, &mut text, last);
            let (now, rest) = bytes.split_at(read.min(bytes.len()));
            self.seen.extend_from_slice(now);
            bytes = rest;
            let (damaged, behind) = match result {
                DecoderResult::Malformed(damaged, behind) => {
                    (usize::from(damaged), usize::from(behind))
                }
                _ => (0, 0),
            };
            // Text that was there before the damage, and before what is
            // undecided.
            let open = self.decoder.undecided().unwrap_or(behind);
            let whole = self.seen.len().saturating_sub(damaged + open);
            let linear = stateless
                && (self.decoder.charset() == Charset::UTF_8
                    || text.is_ascii());
            if !text.is_empty() {
                let n = if linear { text.len().min(whole) } else { whole };
                let to = self.from + n as u64;
                output.out.push(
                    &text,
                    self.from..to,
                    linear && n == text.len(),
                );
                self.seen.drain(..n);
                self.from = to;
                text.clear();
            }
            match result {
                DecoderResult::InputEmpty => {
                    // Shifts and escape sequences, however many.
                    if let Some(n) = self.decoder.undecided() {
                        let n = self.seen.len().saturating_sub(n);
                        self.seen.drain(..n);
                        self.from += n as u64;
                    }
                    break;
                }
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => {
                    malformed += 1;
                    let end = self.seen.len().saturating_sub(behind);
                    let start = end.saturating_sub(damaged);
                    let at = self.from + start as u64..self.from + end as u64;
                    let lost = self.seen.get(start..end).unwrap_or_default();
                    output.malformed(lost, at.clone());
                    self.seen.drain(..end);
                    self.from = at.end;
                }
            }
        }
        self.text = text;
        malformed
    }
}
