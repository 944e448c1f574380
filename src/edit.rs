//! What was changed, why, and where in the raw input.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::iter::FusedIterator;
use std::ops::Range;
use std::slice;

use crate::chars::Common;
use crate::script::TableId;

/// Why a change was made. Each rule has a stable kebab-case name.
///
/// ```
/// assert_eq!(hanfold::Rule::AnnotationPinyin.name(), "annotation-pinyin");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Rule {
    /// Bytes that are not text in the encoding became U+FFFD.
    Malformed,
    /// A byte order mark at the start of the text was removed.
    Bom,
    /// A bracketed reading after the character that it annotates was removed.
    AnnotationPinyin,
    /// A character or phrase was converted to another script.
    Script,
    /// A word was replaced as the user's dictionary says.
    Dictionary,
    /// CR LF or CR became LF.
    LineEnd,
    /// Blanks at an edge of a line were removed.
    EdgeBlank,
    /// ESC became U+FFFD: in text that is otherwise ASCII it would be read
    /// as the start of an ISO-2022-JP escape sequence the next time.
    Control,
    /// A fullwidth letter or digit became ASCII.
    WidthAlphanumeric,
    /// ASCII punctuation beside Han became fullwidth.
    WidthPunctuation,
    /// ASCII brackets around Han became fullwidth.
    WidthBracket,
}

impl Rule {
    /// Every rule there is.
    pub const ALL: &'static [Rule] = &[
        Rule::Malformed,
        Rule::Bom,
        Rule::AnnotationPinyin,
        Rule::Script,
        Rule::Dictionary,
        Rule::LineEnd,
        Rule::EdgeBlank,
        Rule::Control,
        Rule::WidthAlphanumeric,
        Rule::WidthPunctuation,
        Rule::WidthBracket,
    ];

    /// The stable name of the rule.
    pub fn name(self) -> &'static str {
        match self {
            Rule::Malformed => "malformed",
            Rule::Bom => "bom",
            Rule::AnnotationPinyin => "annotation-pinyin",
            Rule::Script => "script",
            Rule::Dictionary => "dictionary",
            Rule::LineEnd => "line-end",
            Rule::EdgeBlank => "edge-blank",
            Rule::Control => "control",
            Rule::WidthAlphanumeric => "width-alphanumeric",
            Rule::WidthPunctuation => "width-punctuation",
            Rule::WidthBracket => "width-bracket",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One change: a rule turned the text `before`, which came from the source
/// range, into `after`.
///
/// Edits come in the order in which they start in the raw input, and from one
/// place in the order of the stages. Edits of one stage never overlap. Edits
/// of two stages may: of 一目(mù)瞭然 the note is removed, and 一目瞭然, which
/// came from all of it, is converted. `before` is what the stage met, so what
/// an earlier stage had left.
#[derive(Clone)]
pub struct Edit<'a> {
    source: Range<u64>,
    change: Change<'a>,
}

#[derive(Clone)]
enum Change<'a> {
    /// A table made another character of this one.
    Char(Common, TableId),
    Text {
        rule: Rule,
        before: Cow<'a, str>,
        after: Cow<'a, str>,
        /// With blanks between, as in a row of a dictionary.
        candidates: Cow<'a, str>,
    },
}

impl Edit<'_> {
    /// The rule that asked for the change.
    pub fn rule(&self) -> Rule {
        match &self.change {
            Change::Char(..) => Rule::Script,
            Change::Text { rule, .. } => *rule,
        }
    }

    /// The bytes of raw input that the changed text came from, counted from
    /// the start of the input, whatever a document is.
    pub fn source(&self) -> Range<u64> {
        self.source.clone()
    }

    /// The text as the stage that made the edit met it. For
    /// [`Rule::Malformed`], which met no text, the bytes as `\xNN`.
    pub fn before(&self) -> &str {
        match &self.change {
            Change::Char(c, _) => c.as_str(),
            Change::Text { before, .. } => before,
        }
    }

    /// The text it became; empty where text was removed.
    pub fn after(&self) -> &str {
        match &self.change {
            Change::Char(c, table) => table.becomes(*c),
            Change::Text { after, .. } => after,
        }
    }

    /// Where the dictionary has several values for what was converted, all of
    /// them, first the one taken; nothing where it has one. A second look at
    /// the place may pay.
    ///
    /// OpenCC's `--ambiguities` marks the same entries. Text that stays as it
    /// is makes no edit, though its entry may have other values too: s2t keeps
    /// 只, which may be 只 or 隻. In a conversion of several passes each pass
    /// makes its own edits, with the candidates of its own dictionaries.
    ///
    /// ```
    /// use hanfold::{Config, Normalizer, Options, Script};
    ///
    /// let s2t = Options::default().script(Script::OpenCc(Config::S2t));
    /// let e = Normalizer::new(s2t).explain("发");
    /// for edit in e.edits() {
    ///     assert_eq!(edit.candidates().collect::<Vec<_>>(), ["發", "髮"]);
    /// }
    /// ```
    pub fn candidates(&self) -> impl Iterator<Item = &str> {
        let list = match &self.change {
            Change::Char(c, table) => table.candidates(c.get()),
            Change::Text { candidates, .. } => candidates,
        };
        list.split_ascii_whitespace()
    }

    /// The same, for when what it was taken from is gone.
    pub fn into_owned(self) -> Edit<'static> {
        fn owned(text: Cow<'_, str>) -> Cow<'static, str> {
            Cow::Owned(text.into_owned())
        }
        let change = match self.change {
            Change::Char(c, table) => Change::Char(c, table),
            Change::Text { rule, before, after, candidates } => Change::Text {
                rule,
                before: owned(before),
                after: owned(after),
                candidates: owned(candidates),
            },
        };
        Edit { source: self.source, change }
    }
}

impl PartialEq for Edit<'_> {
    fn eq(&self, other: &Edit<'_>) -> bool {
        self.rule() == other.rule()
            && self.source == other.source
            && self.before() == other.before()
            && self.after() == other.after()
            && self.candidates().eq(other.candidates())
    }
}

impl Eq for Edit<'_> {}

impl Hash for Edit<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.rule().hash(state);
        self.source.hash(state);
        self.before().hash(state);
        self.after().hash(state);
    }
}

impl fmt::Debug for Edit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let candidates: Vec<&str> = self.candidates().collect();
        f.debug_struct("Edit")
            .field("rule", &self.rule())
            .field("source", &self.source)
            .field("before", &self.before())
            .field("after", &self.after())
            .field("candidates", &candidates)
            .finish()
    }
}

/// What an edit is as data.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "Edit")]
struct Data<'a> {
    rule: Rule,
    source: Range<u64>,
    before: Cow<'a, str>,
    after: Cow<'a, str>,
    #[serde(default)]
    candidates: Vec<Cow<'a, str>>,
}

#[cfg(feature = "serde")]
impl serde::Serialize for Edit<'_> {
    fn serialize<S: serde::Serializer>(
        &self,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let data = Data {
            rule: self.rule(),
            source: self.source(),
            before: self.before().into(),
            after: self.after().into(),
            candidates: self.candidates().map(Cow::from).collect(),
        };
        data.serialize(serializer)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Edit<'static> {
    fn deserialize<D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Self, D::Error> {
        let data = Data::deserialize(deserializer)?;
        let edit = Edit {
            source: data.source,
            change: Change::Text {
                rule: data.rule,
                before: data.before,
                after: data.after,
                candidates: data.candidates.join(" ").into(),
            },
        };
        Ok(edit.into_owned())
    }
}

/// Edits, one after the other: an iterator, as [`str::chars`] gives one.
///
/// ```
/// use hanfold::{Normalizer, Options};
///
/// let e = Normalizer::new(Options::default()).explain("漢(hàn)字");
/// assert_eq!(e.edits().len(), 2);
/// let removed: Vec<_> = e
///     .edits()
///     .filter(|edit| edit.after().is_empty())
///     .map(|edit| edit.source())
///     .collect();
/// assert_eq!(removed, [3..9]);
/// ```
#[derive(Clone)]
pub struct Edits<'a> {
    words: slice::Iter<'a, u32>,
    others: slice::Iter<'a, Other>,
    texts: &'a str,
    len: usize,
    /// Where the edit before these starts, and the last of these.
    from: u64,
    to: u64,
}

impl Edits<'_> {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl<'a> Iterator for Edits<'a> {
    type Item = Edit<'a>;

    #[inline]
    fn next(&mut self) -> Option<Edit<'a>> {
        loop {
            let word = Word(*self.words.next()?);
            self.from = word.start(self.from);
            if word.is_step() {
                continue;
            }
            self.len -= 1;
            if let Some((c, table)) = word.char() {
                let source = self.from..self.from + 3;
                return Some(Edit { source, change: Change::Char(c, table) });
            }
            let other = self.others.next()?;
            let texts = self.texts;
            let (before, texts) = texts.split_at_checked(other.before)?;
            let (after, texts) = texts.split_at_checked(other.after)?;
            self.texts = texts;
            return Some(Edit {
                source: self.from..self.from + other.len,
                change: Change::Text {
                    rule: other.rule,
                    before: before.into(),
                    after: after.into(),
                    candidates: other.candidates.into(),
                },
            });
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len, Some(self.len))
    }
}

impl ExactSizeIterator for Edits<'_> {}

impl FusedIterator for Edits<'_> {}

impl fmt::Debug for Edits<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Edits<'_> {
    fn serialize<S: serde::Serializer>(
        &self,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.clone())
    }
}

/// Edits packed, in the order in which they start: four bytes for what a
/// table made of a common character, so that to record a change costs no more
/// than to make it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    words: Vec<u32>,
    others: Vec<Other>,
    /// `before` and `after` of the others.
    texts: String,
    /// How many of each have been moved on.
    head: Head,
    /// How many edits have not.
    len: usize,
    /// Where the edit before these starts, and the last of these.
    from: u64,
    to: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Head {
    words: usize,
    others: usize,
    texts: usize,
}

/// What a word does not say of an edit.
#[derive(Clone, Debug)]
struct Other {
    rule: Rule,
    /// Bytes of raw input.
    len: u64,
    /// Bytes of text.
    before: usize,
    after: usize,
    candidates: &'static str,
}

/// What one word of a log says. Bits 0-4: [`Word::STEP`], [`Word::OTHER`], or
/// a table. The rest: how far behind the edit before this one starts. Where a
/// table made another character of three bytes of one, that is bits 20-31,
/// and bits 5-19 say which character it was.
#[derive(Clone, Copy)]
struct Word(u32);

impl Word {
    /// No edit, only a distance. One of 0 goes back to the start of the input.
    const STEP: u32 = 0;
    /// An edit that is among the others.
    const OTHER: u32 = 1;
    /// The first table.
    const TABLE: u32 = 2;
    const KIND: u32 = 31;
    /// By which the rest of the word is shifted.
    const AT: u32 = 5;
    const FAR: u32 = 20;

    /// The longest distance of an edit among the others, or a step; and of a
    /// character.
    const MAX: u64 = (1 << (32 - Word::AT)) - 1;
    const MAX_CHAR: u64 = (1 << (32 - Word::FAR)) - 1;

    fn is_step(self) -> bool {
        self.0 & Word::KIND == Word::STEP
    }

    /// Where the edit starts, if the one before starts at `from`.
    #[inline]
    fn start(self, from: u64) -> u64 {
        if self.0 == Word::STEP {
            return 0;
        }
        let is_char = self.0 & Word::KIND >= Word::TABLE;
        let shift = if is_char { Word::FAR } else { Word::AT };
        from + u64::from(self.0 >> shift)
    }

    #[inline]
    fn char(self) -> Option<(Common, TableId)> {
        let table = (self.0 & Word::KIND).checked_sub(Word::TABLE)?;
        let number = self.0 >> Word::AT & (Common::COUNT - 1);
        Some((Common::nth(number as u16), TableId(table as u8)))
    }
}

impl Log {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn edits(&self) -> Edits<'_> {
        let Head { words, others, texts } = self.head;
        Edits {
            words: self.words.get(words..).unwrap_or_default().iter(),
            others: self.others.get(others..).unwrap_or_default().iter(),
            texts: self.texts.get(texts..).unwrap_or_default(),
            len: self.len,
            from: self.from,
            to: self.to,
        }
    }

    /// Where the last edit starts, if there is one.
    pub(crate) fn last_start(&self) -> Option<u64> {
        (self.len > 0).then_some(self.to)
    }

    /// Where the next edit starts.
    #[inline]
    pub(crate) fn next_start(&self) -> Option<u64> {
        let mut from = self.from;
        for word in self.words.get(self.head.words..)? {
            let word = Word(*word);
            from = word.start(from);
            if !word.is_step() {
                return Some(from);
            }
        }
        None
    }

    /// Goes on to where the next edit starts: as far as its word cannot say,
    /// which is what it gives back.
    #[inline]
    fn step_to(&mut self, start: u64, most: u64) -> u32 {
        if start < self.to {
            self.words.push(Word::STEP);
            self.to = 0;
        }
        let mut distance = start - self.to;
        while distance > most {
            let step = distance.min(Word::MAX);
            self.words.push((step as u32) << Word::AT | Word::STEP);
            distance -= step;
        }
        self.to = start;
        distance as u32
    }

    pub(crate) fn push(
        &mut self,
        rule: Rule,
        source: Range<u64>,
        before: &str,
        after: &str,
        candidates: &'static str,
    ) {
        let distance = self.step_to(source.start, Word::MAX);
        self.words.push(distance << Word::AT | Word::OTHER);
        self.others.push(Other {
            rule,
            len: source.end - source.start,
            before: before.len(),
            after: after.len(),
            candidates,
        });
        self.texts.push_str(before);
        self.texts.push_str(after);
        self.len += 1;
    }

    #[inline]
    fn push_char(&mut self, start: u64, c: Common, table: TableId) {
        let distance = self.step_to(start, Word::MAX_CHAR);
        let kind = u32::from(table.0) + Word::TABLE;
        let number = u32::from(c.number());
        self.words.push(distance << Word::FAR | number << Word::AT | kind);
        self.len += 1;
    }

    /// Adds what a table made of characters, each of which kept its length:
    /// an edit of each that differs. With `linear`, byte `i` of them is byte
    /// `i` of the source range, or else all came from all of it.
    pub(crate) fn compare(
        &mut self,
        table: TableId,
        source: Range<u64>,
        linear: bool,
        before: &str,
        after: &str,
    ) {
        each_change(before.as_bytes(), after.as_bytes(), |at| {
            let old = Common::at(before, at).filter(|_| linear);
            match (old, Common::at(after, at)) {
                (Some(c), Some(_)) => {
                    self.push_char(source.start + at as u64, c, table);
                }
                _ => self.compare_char(
                    table,
                    &source,
                    linear,
                    [before, after],
                    at,
                ),
            }
        });
    }

    #[cold]
    fn compare_char(
        &mut self,
        table: TableId,
        source: &Range<u64>,
        linear: bool,
        both: [&str; 2],
        at: usize,
    ) {
        let first = |text: &str| text.get(at..)?.chars().next();
        let [Some(old), Some(new)] = both.map(first) else {
            debug_assert!(false, "{at} is a boundary in both");
            return;
        };
        let mut source = source.clone();
        if linear {
            source.start += at as u64;
            source.end = source.start + old.len_utf8() as u64;
        }
        let (mut a, mut b) = ([0; 4], [0; 4]);
        self.push(
            Rule::Script,
            source,
            old.encode_utf8(&mut a),
            new.encode_utf8(&mut b),
            table.candidates(old),
        );
    }

    /// Moves the next edit to the end of another log.
    pub(crate) fn move_to(&mut self, out: &mut Log) {
        while let Some(word) = self.words.get(self.head.words) {
            let word = Word(*word);
            self.head.words += 1;
            self.from = word.start(self.from);
            if word.is_step() {
                continue;
            }
            self.len -= 1;
            if let Some((c, table)) = word.char() {
                out.push_char(self.from, c, table);
                return;
            }
            let Some(other) = self.others.get(self.head.others) else {
                debug_assert!(false, "a word without its edit");
                return;
            };
            let texts = self.head.texts;
            let end = texts + other.before + other.after;
            let distance = out.step_to(self.from, Word::MAX);
            out.words.push(distance << Word::AT | Word::OTHER);
            out.len += 1;
            out.others.push(other.clone());
            out.texts.push_str(self.texts.get(texts..end).unwrap_or_default());
            self.head.others += 1;
            self.head.texts = end;
            return;
        }
    }

    /// Gives back the room of what has been moved on.
    pub(crate) fn compact(&mut self) {
        let Head { words, others, texts } = std::mem::take(&mut self.head);
        self.words.drain(..words);
        self.others.drain(..others);
        self.texts.drain(..texts);
    }

    /// Copies edits to the end, all of them.
    pub(crate) fn extend(&mut self, edits: Edits<'_>) {
        if edits.is_empty() {
            return;
        }
        if edits.from != self.to {
            self.step_to(edits.from, 0);
        }
        self.words.extend_from_slice(edits.words.as_slice());
        self.others.extend_from_slice(edits.others.as_slice());
        self.texts.push_str(edits.texts);
        self.len += edits.len;
        self.to = edits.to;
    }

    pub(crate) fn clear(&mut self) {
        self.words.clear();
        self.others.clear();
        self.texts.clear();
        self.head = Head::default();
        (self.len, self.from) = (0, self.to);
    }
}

/// Calls with the place of each character that is not the same. Characters
/// keep their places.
#[inline]
fn each_change(before: &[u8], after: &[u8], mut each: impl FnMut(usize)) {
    const N: usize = 64;
    let mut at = 0;
    while at < before.len().min(after.len()) {
        let (mut a, mut b) = ([0; N], [0; N]);
        let (old, new) = (before.get(at..), after.get(at..));
        let old = old.unwrap_or_default();
        let new = new.unwrap_or_default();
        let (a, b) = match (old.first_chunk(), new.first_chunk()) {
            (Some(a), Some(b)) => (a, b),
            _ => {
                a.iter_mut().zip(old).for_each(|(to, from)| *to = *from);
                b.iter_mut().zip(new).for_each(|(to, from)| *to = *from);
                (&a, &b)
            }
        };
        let (differs, inside) = masks(a, b);
        // Of each character by itself, whatever the byte that differs.
        let second = differs & inside;
        let third = second & inside << 1;
        let fourth = third & inside << 2;
        let any = differs | second >> 1 | third >> 2 | fourth >> 3;
        let mut starts = any & !inside;
        // The last one may go on behind these bytes.
        let last = N - 1 - (!inside).leading_zeros() as usize;
        let n = if last > N - 4 { last } else { N };
        starts &= !0 >> (N - n);
        while starts != 0 {
            each(at + starts.trailing_zeros() as usize);
            starts &= starts - 1;
        }
        at += n;
    }
}

/// A bit for each byte: whether it differs, and whether it is not the first
/// of its character.
#[inline]
fn masks(a: &[u8; 64], b: &[u8; 64]) -> (u64, u64) {
    const LOW: u64 = 0x7F7F_7F7F_7F7F_7F7F;
    let (mut differs, mut inside) = (0, 0);
    let eights = a.as_chunks().0.iter().zip(b.as_chunks().0);
    for (i, (a, b)) in eights.enumerate() {
        let (a, b) = (u64::from_le_bytes(*a), u64::from_le_bytes(*b));
        let x = a ^ b;
        differs |= high_bits(((x & LOW) + LOW) | x) << (8 * i);
        inside |= high_bits(a & !(a << 1)) << (8 * i);
    }
    (differs, inside)
}

/// The highest bit of each byte.
#[inline]
fn high_bits(eight: u64) -> u64 {
    (eight >> 7 & 0x0101_0101_0101_0101).wrapping_mul(0x0102_0408_1020_4080)
        >> 56
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_kebab_case() {
        let mut names: Vec<_> = Rule::ALL.iter().map(|r| r.name()).collect();
        for name in &names {
            assert!(
                name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'),
                "{name}"
            );
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Rule::ALL.len());
    }

    #[cfg(feature = "serde")]
    #[test]
    fn candidates_are_a_list_as_data() {
        for (candidates, list) in [("", "[]"), ("發 髮", r#"["發","髮"]"#)]
        {
            let mut log = Log::default();
            log.push(Rule::Script, 0..3, "发", "發", candidates);
            let edit = log.edits().next();
            let json = serde_json::to_string(&edit).unwrap_or_default();
            let end = format!("\"candidates\":{list}}}");
            assert!(json.ends_with(&end), "{json}");
            assert_eq!(serde_json::from_str::<Edit>(&json).ok(), edit);
        }
    }
}
