//! A decoder whose encoding is settled, and what becomes of malformed bytes.

use std::fmt::Write;
use std::ops::Range;

use encoding_rs::DecoderResult;

use super::charset::{Charset, Decoder};
use crate::edit::Rule;
use crate::options::Malformed;
use crate::text::{Logs, Text};

/// How much was malformed, and where it began.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Damage {
    pub(crate) sequences: u64,
    pub(crate) bytes: u64,
    pub(crate) first: Option<u64>,
}

/// Text and edits on their way out.
pub(crate) struct Output<'a> {
    pub(crate) out: &'a mut Text,
    pub(crate) logs: &'a mut Logs,
    pub(crate) damage: &'a mut Damage,
    pub(crate) malformed: Malformed,
}

impl Output<'_> {
    pub(crate) fn edit(
        &mut self,
        rule: Rule,
        at: Range<u64>,
        before: &str,
        after: &str,
    ) {
        if let Some(log) = self.logs.log() {
            log.push(rule, at, before, after, "");
        }
    }

    fn count(&mut self, at: &Range<u64>) {
        self.damage.sequences += 1;
        self.damage.bytes += at.end - at.start;
        self.damage.first.get_or_insert(at.start);
    }

    /// A malformed sequence of a traced text: what the options make of it,
    /// and an edit.
    pub(crate) fn malformed(
        &mut self,
        rule: Rule,
        bytes: &[u8],
        at: Range<u64>,
    ) {
        self.count(&at);
        let mut with = String::new();
        stand_in(self.malformed, bytes, &mut with);
        let mut before = String::new();
        stand_in(Malformed::Keep, bytes, &mut before);
        self.edit(rule, at.clone(), &before, &with);
        if !with.is_empty() {
            if self.malformed == Malformed::Replace {
                self.out.make();
            }
            self.out.push(&with, at, false);
        }
    }

    /// The same where nothing is traced.
    pub(crate) fn malformed_plain(&mut self, bytes: &[u8], at: Range<u64>) {
        self.count(&at);
        if self.malformed == Malformed::Replace {
            self.out.make();
        }
        stand_in(self.malformed, bytes, self.out.untraced_buffer());
    }
}

/// What stands for malformed bytes in the text.
fn stand_in(malformed: Malformed, bytes: &[u8], out: &mut String) {
    match malformed {
        Malformed::Replace => out.push(char::REPLACEMENT_CHARACTER),
        Malformed::Keep => {
            for byte in bytes {
                // Writing to a String does not fail.
                let _ = write!(out, "\\x{byte:02X}");
            }
        }
        Malformed::Drop => {}
    }
}

/// A decoder whose encoding is settled.
pub(crate) struct Settled {
    decoder: Decoder,
    /// First byte of input that is in no text yet.
    pub(crate) from: u64,
    /// The bytes from `from` on that the decoder has already seen, where the
    /// text is traced.
    seen: Vec<u8>,
    /// And where it is not, some of those before it.
    recent: Vec<u8>,
    /// Where text is decoded before it is known where it came from.
    text: String,
    /// The decoder stands at the start of a line, in no character.
    at_line: bool,
}

impl Settled {
    pub(crate) fn new(charset: Charset, from: u64) -> Self {
        Settled {
            decoder: charset.new_decoder(),
            from,
            seen: Vec::new(),
            recent: Vec::new(),
            text: String::new(),
            at_line: true,
        }
    }

    pub(crate) fn charset(&self) -> Charset {
        self.decoder.charset()
    }

    /// Raw bytes held, as far as they are traced.
    pub(crate) fn pending(&self) -> usize {
        self.seen.len()
    }

    /// Decodes all of `bytes`.
    pub(crate) fn decode(
        &mut self,
        bytes: &[u8],
        output: &mut Output<'_>,
        last: bool,
    ) {
        if self.charset() != Charset::UTF_8 {
            self.decode_part(bytes, output, last);
            return;
        }
        // Whole lines that are valid need no decoder.
        let (part, bytes) = if self.at_line {
            (&[][..], bytes)
        } else {
            let end = memchr::memchr(b'\n', bytes).map(|at| at + 1);
            bytes.split_at(end.unwrap_or(bytes.len()))
        };
        if bytes.is_empty() {
            self.decode_part(part, output, last);
            return;
        }
        self.decode_part(part, output, false);
        let end = memchr::memrchr(b'\n', bytes).map(|at| at + 1);
        let (lines, part) = bytes.split_at(end.unwrap_or(0));
        match simdutf8::basic::from_utf8(lines) {
            Ok(text) => self.valid(text, output),
            Err(_) => self.decode_part(lines, output, false),
        }
        if !part.is_empty() || last {
            self.decode_part(part, output, last);
        }
    }

    /// Whole lines of UTF-8, between which and the decoder nothing stands.
    pub(crate) fn valid(&mut self, text: &str, output: &mut Output<'_>) {
        let to = self.from + text.len() as u64;
        output.out.push(text, self.from..to, true);
        self.from = to;
    }

    /// Whole lines, which others have decoded from so many bytes.
    pub(crate) fn whole_lines(
        &mut self,
        text: &str,
        bytes: usize,
        output: &mut Output<'_>,
    ) {
        output.out.untraced_buffer().push_str(text);
        self.from += bytes as u64;
    }

    fn decode_part(
        &mut self,
        bytes: &[u8],
        output: &mut Output<'_>,
        last: bool,
    ) {
        if let Some(last) = bytes.last() {
            self.at_line = *last == b'\n';
        }
        if !output.out.traced() {
            self.decode_plain(bytes, output, last);
        } else if self.charset() == Charset::UTF_8 {
            // Text and input agree byte by byte, whole stretches at a time.
            self.decode_traced(bytes, output, last);
        } else {
            // The decoder does not say which bytes a character came from; fed
            // one byte at a time it has no choice.
            let mut rest = bytes;
            while let Some((&first, tail)) = rest.split_first() {
                let n = self.ascii_prefix(rest);
                if n > 0 {
                    let (plain, tail) = rest.split_at(n);
                    let end = last && tail.is_empty();
                    self.decode_traced(plain, output, end);
                    rest = tail;
                } else {
                    let end = last && tail.is_empty();
                    self.decode_traced(&[first], output, end);
                    rest = tail;
                }
            }
            if bytes.is_empty() && last {
                self.decode_traced(&[], output, true);
            }
        }
    }

    /// Bytes that are certain to decode to as many bytes of ASCII.
    fn ascii_prefix(&self, bytes: &[u8]) -> usize {
        let stateless = self.charset().is_ascii_compatible();
        if stateless && self.seen.is_empty() {
            bytes.iter().position(|b| !b.is_ascii()).unwrap_or(bytes.len())
        } else {
            0
        }
    }

    fn decode_plain(
        &mut self,
        bytes: &[u8],
        output: &mut Output<'_>,
        last: bool,
    ) {
        let mut done = 0;
        loop {
            let rest = bytes.get(done..).unwrap_or_default();
            let out = output.out.untraced_buffer();
            let (result, read) = self.step(rest, out, last);
            done += read;
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(damaged, behind) => {
                    // It may have begun in what came before.
                    let kept = self.recent.len();
                    let end = kept + done - usize::from(behind);
                    let start = end.saturating_sub(damaged.into());
                    let lost: Vec<u8> = (start..end)
                        .filter_map(|at| match at.checked_sub(kept) {
                            None => self.recent.get(at).copied(),
                            Some(at) => bytes.get(at).copied(),
                        })
                        .collect();
                    let base = self.from - kept as u64;
                    let at = base + start as u64..base + end as u64;
                    output.malformed_plain(&lost, at);
                }
            }
        }
        self.from += bytes.len() as u64;
        // Of what the decoder has seen the last bytes are kept.
        let few = bytes.len().min(RECENT);
        if few == RECENT {
            self.recent.clear();
        }
        self.recent.extend_from_slice(bytes.split_at(bytes.len() - few).1);
        let over = self.recent.len().saturating_sub(RECENT);
        self.recent.drain(..over);
    }

    /// One call of the decoder, with room for all that may come of it.
    fn step(
        &mut self,
        bytes: &[u8],
        out: &mut String,
        last: bool,
    ) -> (DecoderResult, usize) {
        let room = self
            .decoder
            .max_utf8_buffer_length_without_replacement(bytes.len());
        out.reserve(room.unwrap_or(bytes.len()));
        self.decoder.decode_to_string_without_replacement(bytes, out, last)
    }

    fn decode_traced(
        &mut self,
        mut bytes: &[u8],
        output: &mut Output<'_>,
        last: bool,
    ) {
        let stateless = self.charset().is_ascii_compatible();
        let utf8 = self.charset() == Charset::UTF_8;
        let mut text = std::mem::take(&mut self.text);
        let mut reread = false;
        loop {
            // What was read behind something malformed is text on its own,
            // before anything else is read.
            let (now, last) =
                if reread { (&[][..], false) } else { (bytes, last) };
            let (result, read) = self.step(now, &mut text, last);
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
            let linear = stateless && (utf8 || text.is_ascii());
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
                DecoderResult::InputEmpty if reread => reread = false,
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
                    let end = self.seen.len().saturating_sub(behind);
                    let start = end.saturating_sub(damaged);
                    let at = self.from + start as u64..self.from + end as u64;
                    let lost = self.seen.get(start..end).unwrap_or_default();
                    output.malformed(Rule::Malformed, lost, at.clone());
                    self.seen.drain(..end);
                    self.from = at.end;
                    reread = behind > 0;
                }
            }
        }
        self.text = text;
    }

    /// Whole lines as far as they are well-formed: the number of bytes
    /// decoded. The decoder stands at the start of a line, before and after.
    pub(crate) fn decode_sound(
        &mut self,
        lines: &[u8],
        output: &mut Output<'_>,
    ) -> usize {
        let mut sound = lines.len();
        if output.out.traced() {
            let mut text = std::mem::take(&mut self.text);
            if let (DecoderResult::Malformed(damaged, behind), read) =
                self.step(lines, &mut text, false)
            {
                sound = line_start(lines, read, damaged, behind);
                self.decoder = self.charset().new_decoder();
            }
            text.clear();
            self.text = text;
            let (lines, _) = lines.split_at(sound);
            self.decode_part(lines, output, false);
        } else {
            let out = output.out.untraced_buffer();
            let before = out.len();
            if let (DecoderResult::Malformed(damaged, behind), read) =
                self.step(lines, out, false)
            {
                sound = line_start(lines, read, damaged, behind);
                // A line end is one in the bytes and in the text, so the text
                // of the line is what stands behind the last.
                let text = out.as_bytes().get(before..).unwrap_or_default();
                let ends = memchr::memrchr(b'\n', text);
                out.truncate(before + ends.map_or(0, |at| at + 1));
                self.decoder = self.charset().new_decoder();
            }
            self.from += sound as u64;
            self.recent.clear();
        }
        sound
    }

    /// Bytes that are left out of the text as malformed, between lines or in
    /// one that is decoded piece by piece.
    pub(crate) fn leave_out(
        &mut self,
        rule: Rule,
        lost: &[u8],
        output: &mut Output<'_>,
    ) {
        let at = self.from..self.from + lost.len() as u64;
        if output.out.traced() {
            output.malformed(rule, lost, at.clone());
        } else {
            output.malformed_plain(lost, at.clone());
        }
        self.from = at.end;
        self.recent.clear();
    }
}

/// How many of the last bytes are kept where nothing is traced.
const RECENT: usize = 16;

/// Where the line with the malformed sequence starts.
fn line_start(lines: &[u8], read: usize, damaged: u8, behind: u8) -> usize {
    let end = read.saturating_sub(behind.into());
    let (before, _) = lines.split_at(end.saturating_sub(damaged.into()));
    memchr::memrchr(b'\n', before).map_or(0, |at| at + 1)
}
