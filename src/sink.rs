//! Where output goes.

use std::fmt;
use std::ops::Range;

use crate::decode::Detection;
use crate::edit::{Edits, Log, Rule};

/// A stretch of output text and the raw input that it came from.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Span {
    /// Bytes of output text.
    pub len: usize,
    /// Bytes of raw input, counted from its start.
    pub source: Range<u64>,
    /// Byte `i` of the text came from byte `i` of the source range, whole
    /// characters from whole characters, each of as many bytes; where no edit
    /// says otherwise, it is the same byte. Where this is false, the text as a
    /// whole came from the range as a whole.
    pub linear: bool,
}

/// From here on the input is in another encoding than before.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Region {
    /// A byte of raw input, counted from its start: the first above ASCII of
    /// the line that shows it.
    pub start: u64,
    /// The name of the encoding.
    pub encoding: &'static str,
}

/// A place that was seen and left as it is.
///
/// ```
/// use hanfold::{Normalizer, Options, Repair, Rule};
///
/// let n = Normalizer::new(Options::default().repair(Repair::Auto));
/// let e = n.explain("漢字：锟斤拷锟斤拷");
/// assert_eq!(e.text(), "汉字：锟斤拷锟斤拷");
/// for notice in e.notices() {
///     assert_eq!(notice.rule, Rule::Unrecoverable);
///     assert_eq!((notice.text.as_str(), &notice.source), ("锟斤拷锟斤拷", &(9..27)));
///     let cause = "utf-8 replacement character read as gbk";
///     assert_eq!(notice.detail, cause);
/// }
/// assert_eq!(e.summary().unrecoverable, 1);
/// ```
///
/// Notices come in the order in which they start in the raw input, and from
/// one place in the order of the stages, behind the edits from there. What a
/// notice is about may still be changed by a later stage, by an edit of its
/// own.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Notice {
    /// What was found: [`Rule::Unrecoverable`] or [`Rule::AnnotationKept`].
    pub rule: Rule,
    /// The bytes of raw input that the text came from, counted from the start
    /// of the input.
    pub source: Range<u64>,
    /// The text as the stage that gives the notice met it.
    pub text: String,
    /// More about it, in words that are as stable as the name of the rule;
    /// may be empty.
    pub detail: &'static str,
    /// What it could be or become instead, the likeliest first; may be empty.
    pub candidates: Vec<String>,
}

/// What is known when a document has ended.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Summary {
    /// The encoding that the input was decoded from, the first if there were
    /// several: a WHATWG name, or `US-ASCII` where no byte told
    /// ASCII-compatible ones apart.
    pub detection: Detection,
    /// How many times a line was in another encoding than the one before, see
    /// [`Regions::Follow`](crate::Regions::Follow).
    pub regions: u64,
    /// Malformed sequences, of which
    /// [`Options::malformed`](crate::Options::malformed) says what they became.
    pub malformed: u64,
    /// The bytes that they had.
    pub malformed_bytes: u64,
    /// Where the first of them starts.
    pub first_malformed: Option<u64>,
    /// Lines that the default script conversion left alone because they are
    /// Japanese or Korean.
    pub foreign_lines: u64,
    /// Places where mojibake had lost bytes and U+FFFD stands for what nobody
    /// can know: the edits of [`Rule::Lost`](crate::Rule::Lost).
    pub lost: u64,
    /// Such places where it was guessed, see
    /// [`Repair::Guess`](crate::Repair::Guess).
    pub guessed: u64,
    /// How many notices of [`Rule::Unrecoverable`] there are.
    pub unrecoverable: u64,
    /// The bytes of text, as UTF-8, that they are about.
    pub unrecoverable_bytes: u64,
    /// The line where the first of them starts, counted from 1. A line ends
    /// with a line feed.
    pub first_unrecoverable: Option<u64>,
    /// Bytes of text that were searched for them: all of it, decoded and
    /// repaired, where the stage `repair` is on and
    /// [`Options::repair`](crate::Options::repair) asks for it, or else none.
    pub text_bytes: u64,
    /// How many notices of [`Rule::AnnotationKept`] there are.
    pub annotations_kept: u64,
    /// Bytes read.
    pub bytes_in: u64,
    /// Bytes of text written.
    pub bytes_out: u64,
}

// A score is a share of something, and never NaN.
impl Eq for Summary {}

impl Default for Summary {
    fn default() -> Self {
        Summary {
            detection: Detection::ascii(),
            regions: 0,
            malformed: 0,
            malformed_bytes: 0,
            first_malformed: None,
            foreign_lines: 0,
            lost: 0,
            guessed: 0,
            unrecoverable: 0,
            unrecoverable_bytes: 0,
            first_unrecoverable: None,
            text_bytes: 0,
            annotations_kept: 0,
            bytes_in: 0,
            bytes_out: 0,
        }
    }
}

/// A place for output. Only [`Sink::text`] has to be written.
///
/// `String` and `Vec<u8>` are sinks that collect the text;
/// [`Explanation`] collects everything.
pub trait Sink {
    /// Whether edits, spans and notices are wanted. The answer is fixed by the type,
    /// and a stream into a sink that wants none spends no time on them.
    const EDITS: bool = false;

    /// Takes the next piece of output.
    fn text(&mut self, text: &str);

    /// Takes the next edits, in the order of the raw input. They may come
    /// later than their text, when nothing before them can change any more.
    fn edits(&mut self, _edits: Edits<'_>) {}

    /// Says where text came from that was handed over just before, stretch by
    /// stretch. The lengths of all spans add up to the text.
    fn span(&mut self, _span: Span) {}

    /// Takes the next notice, in the order of the raw input, like an edit:
    /// between the edits that start at its place or before and those behind.
    fn notice(&mut self, _notice: Notice) {}

    /// The encoding changes. What is handed over later may come from before
    /// that, as far as stages hold it back.
    fn region(&mut self, _region: Region) {}

    /// The document has ended.
    fn end(&mut self, _summary: &Summary) {}

    /// Whether nothing more can be taken, so that reading on is pointless.
    fn closed(&self) -> bool {
        false
    }
}

impl Sink for String {
    fn text(&mut self, text: &str) {
        self.push_str(text);
    }
}

impl Sink for Vec<u8> {
    fn text(&mut self, text: &str) {
        self.extend_from_slice(text.as_bytes());
    }
}

impl<S: Sink> Sink for &mut S {
    const EDITS: bool = S::EDITS;

    fn text(&mut self, text: &str) {
        (**self).text(text);
    }

    fn edits(&mut self, edits: Edits<'_>) {
        (**self).edits(edits);
    }

    fn span(&mut self, span: Span) {
        (**self).span(span);
    }

    fn notice(&mut self, notice: Notice) {
        (**self).notice(notice);
    }

    fn region(&mut self, region: Region) {
        (**self).region(region);
    }

    fn end(&mut self, summary: &Summary) {
        (**self).end(summary);
    }

    fn closed(&self) -> bool {
        (**self).closed()
    }
}

/// The output of one document with everything that explains it.
///
/// ```
/// use hanfold::{Normalizer, Options, Rule};
///
/// let n = Normalizer::new(Options::default());
/// let e = n.explain("漢(hàn)字");
/// assert_eq!(e.text(), "汉字");
/// let edits: Vec<_> = e.edits().map(|e| (e.rule(), e.source())).collect();
/// // The note stood in bytes 3 to 9 of the input.
/// let wanted = [(Rule::Script, 0..3), (Rule::AnnotationPinyin, 3..9)];
/// assert_eq!(edits, wanted);
/// // 字, bytes 3 to 6 of the output, came from bytes 9 to 12.
/// assert_eq!(e.source_of(3..6), 9..12);
/// ```
#[derive(Clone, Default)]
pub struct Explanation {
    text: String,
    log: Log,
    spans: Vec<Span>,
    notices: Vec<Notice>,
    regions: Vec<Region>,
    summary: Summary,
}

impl Explanation {
    /// With room for so many bytes of text.
    pub(crate) fn with_capacity(len: usize) -> Self {
        let text = String::with_capacity(len);
        Explanation { text, ..Explanation::default() }
    }

    /// The normalised text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Every change, in the order of the raw input.
    pub fn edits(&self) -> Edits<'_> {
        self.log.edits()
    }

    /// Where the text came from, stretch by stretch.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// What was seen and left as it is, in the order of the raw input.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// The changes of encoding.
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// Encoding, damage and sizes.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// The normalised text by itself.
    pub fn into_text(self) -> String {
        self.text
    }

    /// The smallest range of raw input known to hold all that the bytes `out`
    /// of the text came from, of each character all bytes. An empty range gives
    /// the place where it stands. It takes a walk over the spans; to map a
    /// whole text, walk them once.
    pub fn source_of(&self, out: Range<usize>) -> Range<u64> {
        let inside = |at: &usize| {
            *at < self.text.len() && !self.text.is_char_boundary(*at)
        };
        let (mut out, end) = (out.clone(), out.end.max(out.start));
        out.end = end;
        if !out.is_empty() {
            while inside(&out.start) {
                out.start -= 1;
            }
            while inside(&out.end) {
                out.end += 1;
            }
        }
        let mut at = 0;
        let mut hull: Option<Range<u64>> = None;
        let mut place = 0;
        for span in &self.spans {
            let (start, end) = (at, at + span.len);
            at = end;
            if end <= out.start {
                place = span.source.end;
                continue;
            }
            if start >= out.end {
                break;
            }
            let source = if span.linear {
                let from = out.start.max(start) - start;
                let to = out.end.min(end) - start;
                span.source.start + from as u64..span.source.start + to as u64
            } else {
                span.source.clone()
            };
            hull = Some(match hull {
                None => source,
                Some(h) => h.start.min(source.start)..h.end.max(source.end),
            });
        }
        hull.unwrap_or(place..place)
    }
}

impl PartialEq for Explanation {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
            && self.edits().eq(other.edits())
            && self.spans == other.spans
            && self.notices == other.notices
            && self.regions == other.regions
            && self.summary == other.summary
    }
}

impl Eq for Explanation {}

impl fmt::Debug for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Explanation")
            .field("text", &self.text)
            .field("edits", &self.edits())
            .field("spans", &self.spans)
            .field("notices", &self.notices)
            .field("regions", &self.regions)
            .field("summary", &self.summary)
            .finish()
    }
}

impl Sink for Explanation {
    const EDITS: bool = true;

    fn text(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn edits(&mut self, edits: Edits<'_>) {
        self.log.extend(edits);
    }

    fn span(&mut self, span: Span) {
        // Stretches are cut where the input was; joined again here, the
        // explanation does not depend on it.
        if let Some(last) = self.spans.last_mut() {
            let joins = if span.linear {
                last.linear && last.source.end == span.source.start
            } else {
                !last.linear && last.source == span.source
            };
            if joins {
                last.len += span.len;
                last.source.end = span.source.end;
                return;
            }
        }
        self.spans.push(span);
    }

    fn notice(&mut self, notice: Notice) {
        self.notices.push(notice);
    }

    fn region(&mut self, region: Region) {
        self.regions.push(region);
    }

    fn end(&mut self, summary: &Summary) {
        self.summary = summary.clone();
    }
}
