//! Text whose lines may be in different encodings.
//!
//! In every encoding that contains ASCII and is looked for here, 0x0A is a
//! line end and never a part of something else. So a line can be decided by
//! itself: it stays in the encoding of the line before it, unless another
//! explains it clearly better. What does not look amiss at a glance is not
//! looked at twice, and goes through the decoder many lines at a time.

use super::SNIFF;
use super::charset::Charset;
use super::choose;
use super::detect;
use super::fast::{Fast, WORTH};
use super::settled::{Output, Settled};
use crate::edit::Rule;

/// Where in a line the next byte stands.
enum At {
    /// Nothing of the line but ASCII has been seen.
    Ascii,
    /// Bytes from the first above ASCII on are held.
    Held,
    /// The line is decided; its rest follows.
    Rest,
}

/// What a byte order mark counts as, in bytes of lines.
const MARKED: u64 = 1 << 30;

/// A change of encoding.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Change {
    pub(crate) start: u64,
    pub(crate) charset: Charset,
}

pub(crate) struct Regions {
    settled: Settled,
    /// Where lines in its encoding began.
    start: u64,
    /// Where the first byte above ASCII stands.
    first: u64,
    /// Bytes that count as lines in its encoding before there are any.
    credit: u64,
    /// The candidates that lines were in so far, as bits.
    met: u32,
    at: At,
    held: Vec<u8>,
    /// The byte of ASCII in front of what is held.
    context: Option<u8>,
    /// Decodes most lines of an encoding of pairs.
    fast: Option<&'static Fast>,
    /// Where it does.
    buffer: Vec<u8>,
    /// Bytes of lines that it could have decoded.
    worth: usize,
    /// Whether lines that are out of step are put back.
    resync: bool,
    pub(crate) changes: Vec<Change>,
    /// The encoding of the first line that tells one, if it is another than
    /// that of the whole window.
    pub(crate) settles: Option<Charset>,
}

impl Regions {
    /// `from`: where it starts; `first`: where the first byte above ASCII
    /// stands; `marked`: a byte order mark has told the encoding.
    pub(crate) fn new(
        charset: Charset,
        from: u64,
        first: u64,
        marked: bool,
    ) -> Self {
        Regions {
            settled: Settled::new(charset, from),
            start: from,
            first,
            credit: if marked { MARKED } else { 0 },
            met: choose::bit(charset),
            at: At::Ascii,
            held: Vec::new(),
            context: None,
            fast: None,
            buffer: Vec::new(),
            worth: 0,
            resync: false,
            changes: Vec::new(),
            settles: None,
        }
    }

    /// With the byte of ASCII before it.
    pub(crate) fn behind(mut self, context: Option<u8>) -> Self {
        self.context = context;
        self
    }

    /// Puts lines that are out of step back in step, if wanted.
    pub(crate) fn resync(mut self, wanted: bool) -> Self {
        self.resync = wanted;
        self
    }

    pub(crate) fn charset(&self) -> Charset {
        self.settled.charset()
    }

    pub(crate) fn pending(&self) -> usize {
        self.held.len() + self.settled.pending()
    }

    pub(crate) fn held_from(&self) -> u64 {
        self.settled.from
    }

    pub(crate) fn decode(
        &mut self,
        mut bytes: &[u8],
        output: &mut Output<'_>,
        last: bool,
    ) {
        while !bytes.is_empty() {
            let end = memchr::memchr(b'\n', bytes).map(|at| at + 1);
            match self.at {
                At::Ascii => {
                    let done = self.lines(bytes, output);
                    bytes = bytes.split_at(done).1;
                    let (plain, rest) =
                        bytes.split_at(detect::ascii_len(bytes));
                    self.settled.decode(plain, output, false);
                    self.context = plain.last().copied().or(self.context);
                    if !rest.is_empty() {
                        self.at = At::Held;
                    }
                    bytes = rest;
                }
                At::Held => {
                    let n = end.unwrap_or(bytes.len());
                    let n = n.min(SNIFF - self.held.len());
                    let (now, rest) = bytes.split_at(n);
                    self.held.extend_from_slice(now);
                    let ended = self.held.last() == Some(&b'\n');
                    if ended || self.held.len() == SNIFF {
                        let line = std::mem::take(&mut self.held);
                        self.line(&line, output, false);
                        self.held = line;
                        self.held.clear();
                        self.at = if ended { At::Ascii } else { At::Rest };
                    }
                    bytes = rest;
                }
                At::Rest => {
                    let (now, rest) =
                        bytes.split_at(end.unwrap_or(bytes.len()));
                    self.settled.decode(now, output, false);
                    if end.is_some() {
                        self.at = At::Ascii;
                        self.context = None;
                    }
                    bytes = rest;
                }
            }
        }
        if last {
            if let At::Held = self.at {
                let line = std::mem::take(&mut self.held);
                self.line(&line, output, true);
            } else {
                self.settled.decode(&[], output, true);
            }
        }
    }

    /// The whole lines in front, if nothing of the first has been seen:
    /// returns how many bytes they are.
    fn lines(&mut self, bytes: &[u8], output: &mut Output<'_>) -> usize {
        let end = memchr::memrchr(b'\n', bytes).map(|at| at + 1);
        let (lines, _) = bytes.split_at(end.unwrap_or(0));
        let mut rest = lines;
        // So many bytes in front are known to look usual. Asked again behind
        // each malformed line, short ones would take quadratic time.
        let mut usual = 0_usize;
        let mut all_valid = true;
        while !rest.is_empty() {
            let before = self.charset();
            let sound = if before == Charset::UTF_8 {
                // What finds all bytes valid is not what finds the first that
                // is not, and faster.
                let text = all_valid
                    .then(|| simdutf8::basic::from_utf8(rest).ok())
                    .flatten();
                if let Some(text) = text {
                    self.settled.valid(text, output);
                    rest.len()
                } else {
                    all_valid = false;
                    self.valid_lines(rest, output)
                }
            } else {
                let mut sound = self.fast_lines(rest, output);
                if sound == 0 {
                    if usual == 0 {
                        usual = self.usual(rest);
                    }
                    let (lines, _) = rest.split_at(usual);
                    sound = self.settled.decode_sound(lines, output);
                }
                sound
            };
            usual = usual.saturating_sub(sound);
            if sound > 0 {
                self.context = None;
                rest = rest.split_at(sound).1;
                continue;
            }
            // A line that looks amiss.
            let end = memchr::memchr(b'\n', rest).map(|at| at + 1);
            let (line, more) = rest.split_at(end.unwrap_or(rest.len()));
            self.amiss(line, output);
            usual = usual.saturating_sub(line.len());
            if self.charset() != before {
                usual = 0;
            }
            rest = more;
        }
        lines.len()
    }

    /// Lines that a table decodes, as many as there are.
    fn fast_lines(&mut self, lines: &[u8], output: &mut Output<'_>) -> usize {
        if output.out.traced() {
            return 0;
        }
        if self.fast.is_none() {
            self.worth = self.worth.saturating_add(lines.len());
            if self.worth < WORTH {
                return 0;
            }
            // What has no pairs is asked again after as many bytes.
            self.worth = 0;
            self.fast = Fast::of(self.charset());
        }
        let Some(fast) = self.fast else { return 0 };
        let done = fast.decode(lines, &mut self.buffer);
        let text = self.buffer.get(..done.written).unwrap_or_default();
        match simdutf8::basic::from_utf8(text) {
            Ok(text) => self.settled.whole_lines(text, done.read, output),
            Err(_) => return 0,
        }
        done.read
    }

    /// UTF-8 up to the line that is none.
    fn valid_lines(&mut self, lines: &[u8], output: &mut Output<'_>) -> usize {
        let valid = match simdutf8::compat::from_utf8(lines) {
            Ok(_) => lines,
            Err(error) => lines.split_at(error.valid_up_to()).0,
        };
        let end = memchr::memrchr(b'\n', valid).map_or(0, |at| at + 1);
        let (valid, _) = valid.split_at(end);
        // It is valid as far as that.
        let text = std::str::from_utf8(valid).unwrap_or_default();
        self.settled.valid(text, output);
        end
    }

    /// How many bytes there are of lines that look like the encoding's; of one
    /// line, where others are decoded by a table.
    fn usual(&self, lines: &[u8]) -> usize {
        let mut at = 0;
        for end in memchr::memchr_iter(b'\n', lines) {
            let line = lines.get(at..=end).unwrap_or_default();
            if choose::looks_amiss(self.charset(), line) {
                return at;
            }
            at = end + 1;
            if self.fast.is_some() {
                return at;
            }
        }
        lines.len()
    }

    /// A whole line that is to be looked at.
    fn amiss(&mut self, line: &[u8], output: &mut Output<'_>) {
        let (plain, rest) = line.split_at(detect::ascii_len(line));
        self.settled.decode(plain, output, false);
        self.context = plain.last().copied().or(self.context);
        let (first, more) = rest.split_at(rest.len().min(SNIFF));
        self.line(first, output, false);
        self.settled.decode(more, output, false);
        self.context = None;
    }

    /// Decides a line by its bytes from the first above ASCII on, and decodes
    /// them.
    fn line(&mut self, line: &[u8], output: &mut Output<'_>, last: bool) {
        let context = self.context.take();
        let charset = self.charset();
        let usual = if charset == Charset::UTF_8 {
            is_utf8(line)
        } else {
            !choose::looks_amiss(charset, line)
                && choose::is_sound(charset, line)
        };
        if !usual {
            let long = self.settled.from - self.start + self.credit;
            let found = choose::line(line, context, charset, long, self.met);
            if found != charset {
                self.met |= choose::bit(found);
                let start = self.settled.from;
                (self.start, self.credit) = (start, 0);
                self.settled = Settled::new(found, start);
                (self.fast, self.worth) = (None, 0);
                if start == self.first {
                    // No line was in the encoding of the whole window.
                    self.met = choose::bit(found);
                    self.settles = Some(found);
                } else {
                    self.changes.push(Change { start, charset: found });
                }
            }
            if self.resync
                && let Some(skips) = choose::out_of_step(found, line)
            {
                self.in_step(line, &skips, output, last);
                return;
            }
        }
        self.settled.decode(line, output, last);
    }

    /// Decodes a line without the bytes at these places, each of which had
    /// put what follows out of step.
    fn in_step(
        &mut self,
        line: &[u8],
        skips: &[usize],
        output: &mut Output<'_>,
        last: bool,
    ) {
        let mut at = 0;
        for &skip in skips {
            let piece = line.get(at..skip).unwrap_or_default();
            self.settled.decode(piece, output, false);
            let lost = line.get(skip..skip + 1).unwrap_or_default();
            let next = line.get(skip + 1);
            let pair = choose::is_pair(self.charset(), lost, next);
            let rule = if pair { Rule::Resync } else { Rule::Malformed };
            self.settled.leave_out(rule, lost, output);
            at = skip + 1;
        }
        let rest = line.get(at..).unwrap_or_default();
        self.settled.decode(rest, output, last);
    }
}

/// Valid UTF-8, but for a character that the end cuts off.
fn is_utf8(bytes: &[u8]) -> bool {
    match simdutf8::compat::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    }
}
