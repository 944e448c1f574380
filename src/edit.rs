//! What was changed, why, and where in the raw input.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::iter::FusedIterator;
use std::ops::Range;
use std::slice;

use crate::chars::Common;
use crate::script::TableId;

/// Why a change was made; or why a place was reported and left as it is, see
/// [`Notice`](crate::Notice). Each rule has a stable kebab-case name.
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
    /// The same for a byte that would make a character with the next, but has
    /// put the rest of the line out of step: the one before it or behind it
    /// was lost.
    Resync,
    /// A byte order mark at the start of the text was removed.
    Bom,
    /// Text that had been decoded with the wrong encoding was decoded with the
    /// right one.
    Mojibake,
    /// What is left of a character of such text became U+FFFD: the wrong
    /// decoder had lost bytes of it. Characters that shared a garbled one with
    /// it are part of the edit.
    Lost,
    /// The same, and the character was guessed, see
    /// [`Repair::Guess`](crate::Repair::Guess).
    Guessed,
    /// A reading in pinyin after the character, or the word, that it annotates
    /// was removed.
    AnnotationPinyin,
    /// The same for one in zhuyin.
    AnnotationZhuyin,
    /// The same for one that was broken: its vowel lost, or mojibake itself.
    AnnotationBroken,
    /// A reading that a machine had put on half a character was removed, and
    /// what it had put out of step was read again.
    AnnotationMisaligned,
    /// Markup that put readings above characters was removed, with them.
    AnnotationRuby,
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
    /// No change but a notice: what stood here is lost and can never come
    /// back.
    Unrecoverable,
    /// No change but a notice: what looks like an annotation was kept.
    AnnotationKept,
}

impl Rule {
    /// Every rule there is.
    pub const ALL: &'static [Rule] = &[
        Rule::Malformed,
        Rule::Resync,
        Rule::Bom,
        Rule::Mojibake,
        Rule::Lost,
        Rule::Guessed,
        Rule::AnnotationPinyin,
        Rule::AnnotationZhuyin,
        Rule::AnnotationBroken,
        Rule::AnnotationMisaligned,
        Rule::AnnotationRuby,
        Rule::Script,
        Rule::Dictionary,
        Rule::LineEnd,
        Rule::EdgeBlank,
        Rule::Control,
        Rule::WidthAlphanumeric,
        Rule::WidthPunctuation,
        Rule::WidthBracket,
        Rule::Unrecoverable,
        Rule::AnnotationKept,
    ];

    /// Whether its edits say how text had become garbled.
    fn is_repair(self) -> bool {
        matches!(self, Rule::Mojibake | Rule::Lost | Rule::Guessed)
    }

    /// The stable name of the rule.
    pub fn name(self) -> &'static str {
        match self {
            Rule::Malformed => "malformed",
            Rule::Resync => "resync",
            Rule::Bom => "bom",
            Rule::Mojibake => "mojibake",
            Rule::Lost => "lost",
            Rule::Guessed => "guessed",
            Rule::AnnotationPinyin => "annotation-pinyin",
            Rule::AnnotationZhuyin => "annotation-zhuyin",
            Rule::AnnotationBroken => "annotation-broken",
            Rule::AnnotationMisaligned => "annotation-misaligned",
            Rule::AnnotationRuby => "annotation-ruby",
            Rule::Script => "script",
            Rule::Dictionary => "dictionary",
            Rule::LineEnd => "line-end",
            Rule::EdgeBlank => "edge-blank",
            Rule::Control => "control",
            Rule::WidthAlphanumeric => "width-alphanumeric",
            Rule::WidthPunctuation => "width-punctuation",
            Rule::WidthBracket => "width-bracket",
            Rule::Unrecoverable => "unrecoverable",
            Rule::AnnotationKept => "annotation-kept",
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
#[derive(Clone, Copy)]
pub struct Edit<'a> {
    start: u64,
    change: Change<'a>,
}

#[derive(Clone, Copy)]
enum Change<'a> {
    /// A table made another character of this one.
    Char(Common, TableId),
    /// What is before and after, one behind the other.
    Other(&'a Other, &'a str),
}

impl<'a> Edit<'a> {
    /// The rule that asked for the change.
    pub fn rule(&self) -> Rule {
        match self.change {
            Change::Char(..) => Rule::Script,
            Change::Other(other, _) => other.rule,
        }
    }

    /// The bytes of raw input that the changed text came from, counted from
    /// the start of the input, whatever a document is.
    pub fn source(&self) -> Range<u64> {
        let len = match self.change {
            Change::Char(..) => Common::LEN as u64,
            Change::Other(other, _) => other.len,
        };
        self.start..self.start + len
    }

    /// The text as the stage that made the edit met it. For
    /// [`Rule::Malformed`], which met no text, the bytes as `\xNN`.
    pub fn before(&self) -> &'a str {
        match self.change {
            Change::Char(c, _) => c.as_str(),
            Change::Other(other, texts) => {
                texts.get(..other.before).unwrap_or_default()
            }
        }
    }

    /// The text it became; empty where text was removed.
    pub fn after(&self) -> &'a str {
        match self.change {
            Change::Char(c, table) => table.becomes(c),
            Change::Other(other, texts) => {
                texts.get(other.before..).unwrap_or_default()
            }
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
    pub fn candidates(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let list = match self.change {
            Change::Char(c, table) => table.candidates(c.get()),
            Change::Other(other, _) => match other.rule {
                rule if rule.is_repair() => "",
                _ => other.candidates,
            },
        };
        list.split_ascii_whitespace()
    }

    /// For [`Rule::Mojibake`], [`Rule::Lost`] and [`Rule::Guessed`], how the
    /// text had become garbled.
    ///
    /// ```
    /// use hanfold::{Normalizer, Options, Repair};
    ///
    /// let e = Normalizer::new(Options::default().repair(Repair::Auto)).explain("浣犲ソ");
    /// assert_eq!(e.text(), "你好");
    /// for edit in e.edits() {
    ///     assert_eq!(edit.garbled(), Some("utf-8 read as gbk"));
    /// }
    /// ```
    pub fn garbled(&self) -> Option<&'static str> {
        match self.change {
            Change::Other(other, _) if other.rule.is_repair() => {
                Some(other.candidates)
            }
            _ => None,
        }
    }
}

impl PartialEq for Edit<'_> {
    fn eq(&self, other: &Edit<'_>) -> bool {
        self.rule() == other.rule()
            && self.source() == other.source()
            && self.before() == other.before()
            && self.after() == other.after()
            && self.candidates().eq(other.candidates())
            && self.garbled() == other.garbled()
    }
}

impl Eq for Edit<'_> {}

impl Hash for Edit<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.rule().hash(state);
        self.source().hash(state);
        self.before().hash(state);
        self.after().hash(state);
    }
}

impl fmt::Debug for Edit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let candidates: Vec<&str> = self.candidates().collect();
        f.debug_struct("Edit")
            .field("rule", &self.rule())
            .field("source", &self.source())
            .field("before", &self.before())
            .field("after", &self.after())
            .field("candidates", &candidates)
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Edit<'_> {
    fn serialize<S: serde::Serializer>(
        &self,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let fields = 5 + usize::from(self.garbled().is_some());
        // As `Vec`, because some formats want the length first.
        let candidates: Vec<&str> = self.candidates().collect();
        let mut edit = serializer.serialize_struct("Edit", fields)?;
        edit.serialize_field("rule", &self.rule())?;
        edit.serialize_field("source", &self.source())?;
        edit.serialize_field("before", self.before())?;
        edit.serialize_field("after", self.after())?;
        edit.serialize_field("candidates", &candidates)?;
        if let Some(path) = self.garbled() {
            edit.serialize_field("garbled", path)?;
        }
        edit.end()
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
            let change = if let Some((c, table)) = word.char() {
                Change::Char(c, table)
            } else {
                let other = self.others.next()?;
                let n = other.before + other.after;
                let (now, rest) = self.texts.split_at_checked(n)?;
                self.texts = rest;
                Change::Other(other, now)
            };
            return Some(Edit { start: self.from, change });
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
    /// For mojibake, the path.
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
    #[cold]
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

    /// Adds an edit, behind all others.
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
        let mut distance = start.wrapping_sub(self.to);
        if distance > Word::MAX_CHAR {
            distance = self.step_to(start, Word::MAX_CHAR).into();
        }
        let kind = u32::from(table.0) + Word::TABLE;
        let number = u32::from(c.number());
        let word = (distance as u32) << Word::FAR | number << Word::AT | kind;
        self.words.push(word);
        self.to = start;
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
        let kind = Word::TABLE + u32::from(table.0);
        let both = [before, after];
        // Words of several blocks, to move them together.
        let (mut words, mut n) = ([0; WORDS], 0);
        each_block(both.map(str::as_bytes), |at, [old, new], changed| {
            let base = source.start + at as u64;
            let (mut left, mut from, kept) = (changed, self.to, n);
            // Together: the distances, and how far behind the first of the
            // common ones they start.
            let (mut far, mut above) = (0, 0);
            while left != 0 {
                let i = left.trailing_zeros() as usize;
                left &= left - 1;
                let start = base + i as u64;
                let distance = start.wrapping_sub(from);
                from = start;
                let [(c, a), (_, b)] =
                    [old, new].map(|block| common(block, i));
                far |= distance;
                above |= a | b;
                let number = u32::from(c.number());
                let distance = (distance as u32) << Word::FAR;
                if let Some(word) = words.get_mut(n) {
                    *word = distance | number << Word::AT | kind;
                }
                n += 1;
            }
            if linear && far <= Word::MAX_CHAR && above < Common::LEADS {
                self.to = from;
            } else {
                self.push_words(&words, kept);
                n = 0;
                self.compare_chars(table, &source, linear, both, at, changed);
            }
            if n > WORDS - BLOCK {
                self.push_words(&words, n);
                n = 0;
            }
        });
        self.push_words(&words, n);
    }

    fn push_words(&mut self, words: &[u32; WORDS], n: usize) {
        self.words.extend_from_slice(words.get(..n).unwrap_or_default());
        self.len += n;
    }

    /// The same for some of them: a bit for each byte from a place on.
    #[cold]
    fn compare_chars(
        &mut self,
        table: TableId,
        source: &Range<u64>,
        linear: bool,
        both: [&str; 2],
        at: usize,
        mut changed: u64,
    ) {
        while changed != 0 {
            let at = at + changed.trailing_zeros() as usize;
            changed &= changed - 1;
            let rest = both.map(|text| text.get(at..).unwrap_or_default());
            let first = rest.map(|text| text.chars().next());
            let [Some(old), Some(new)] = first else {
                debug_assert!(false, "{at} is a boundary in both");
                continue;
            };
            let mut source = source.clone();
            if linear {
                source.start += at as u64;
                source.end = source.start + old.len_utf8() as u64;
                if let Ok(c) = Common::try_from(old)
                    && Common::try_from(new).is_ok()
                {
                    self.push_char(source.start, c, table);
                    continue;
                }
            }
            let [before, after] = [(old, rest[0]), (new, rest[1])]
                .map(|(c, text)| text.get(..c.len_utf8()).unwrap_or_default());
            let candidates = table.candidates(old);
            self.push(Rule::Script, source, before, after, candidates);
        }
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

/// Places where characters are compared at once.
const BLOCK: usize = 64;

/// The bytes of all characters that start in a block.
type Block = [u8; BLOCK + Common::LEN - 1];

/// Words that are moved at once, those of one block and more.
const WORDS: usize = 4 * BLOCK;

/// Calls for each block of two texts, in whose place no character but those of
/// three bytes differs: with its place, and a bit for each that does, at its
/// first byte.
#[inline]
fn each_block(
    both: [&[u8]; 2],
    mut each: impl FnMut(usize, [&Block; 2], u64),
) {
    let mut ends = [[0; BLOCK + Common::LEN - 1]; 2];
    let mut at = 0;
    while both.iter().all(|text| at < text.len()) {
        let [old, new] = both.map(|text| text.get(at..).unwrap_or_default());
        let blocks = match (old.first_chunk(), new.first_chunk()) {
            (Some(old), Some(new)) => [old, new],
            _ => {
                for (end, rest) in ends.iter_mut().zip([old, new]) {
                    *end = [0; BLOCK + Common::LEN - 1];
                    end.iter_mut()
                        .zip(rest)
                        .for_each(|(to, from)| *to = *from);
                }
                let [old, new] = &ends;
                [old, new]
            }
        };
        each(at, blocks, changed(blocks));
        at += BLOCK;
    }
}

/// A bit for each place of a block: whether a character of three bytes starts
/// there that is not the same.
#[inline]
#[allow(clippy::indexing_slicing, reason = "never outside")]
fn changed(both: [&Block; 2]) -> u64 {
    // Its bytes, each at the place of the first.
    let [first, second, third] = [0, 1, 2].map(|i| {
        both.map(|block| -> [u8; BLOCK] {
            *block[i..].first_chunk().unwrap_or(&[0; BLOCK])
        })
    });
    let mut bits = [0; BLOCK];
    // No branches, so that the compiler makes it wide.
    for i in 0..BLOCK {
        let same = |[old, new]: &[[u8; BLOCK]; 2]| old[i] == new[i];
        let same = same(&first) & same(&second) & same(&third);
        let bit = 1 << (i % 8);
        bits[i] = if (first[0][i] >= 0xE0) & !same { bit } else { 0 };
    }
    let eights = bits.as_chunks().0.iter().enumerate();
    eights.fold(0, |all, (i, eight)| {
        // Their sum is in the highest byte of the product.
        let eight = u64::from_le_bytes(*eight);
        all | eight.wrapping_mul(0x0101_0101_0101_0101) >> 56 << (8 * i)
    })
}

/// What would be the common character at a place, and how far its first byte
/// is above the lowest, see [`Common::of`].
#[inline]
#[allow(clippy::indexing_slicing, reason = "never outside")]
fn common(block: &Block, at: usize) -> (Common, u8) {
    let at = at.min(BLOCK - 1);
    Common::of([block[at], block[at + 1], block[at + 2]])
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::properties::oracle::texts;

    #[test]
    fn each_character_that_differs_is_found() {
        for seed in 30_000..31_000 {
            let old = texts::text(seed);
            let old = String::from_utf8_lossy(&old);
            let other = |(i, c): (usize, char)| {
                let other = char::from_u32(c as u32 ^ 1).unwrap_or(c);
                let changes = c.len_utf8() == 3 && i as u64 % 7 < seed % 7;
                if changes { other } else { c }
            };
            let new: String = old.chars().enumerate().map(other).collect();
            let mut found = Vec::new();
            let both = [old.as_bytes(), new.as_bytes()];
            each_block(both, |at, _, changed| {
                let set = (0..64).filter(|i| changed >> i & 1 != 0);
                found.extend(set.map(|i| at + i));
            });
            let pairs = old.char_indices().zip(new.chars());
            let differs = pairs.filter(|((_, a), b)| a != b);
            let wanted: Vec<_> = differs.map(|((at, _), _)| at).collect();
            assert_eq!(found, wanted, "{old:?}");
        }
    }

    #[test]
    fn edits_may_be_far_apart_and_start_again() {
        let places = [7, 7, 4_096 + 7, 1 << 27, 1 << 40, (1 << 40) + 9];
        let mut log = Log::default();
        for (i, at) in places.iter().enumerate() {
            if i % 2 == 0 {
                let t2s = TableId::of(&crate::tables::T2S);
                log.compare(t2s, *at..*at + 6, true, "漢字", "汉字");
            } else {
                log.push(Rule::EdgeBlank, *at..*at + 2, "  ", "", "");
            }
        }
        let starts = |log: &Log| -> Vec<u64> {
            log.edits().map(|edit| edit.source().start).collect()
        };
        assert_eq!(starts(&log), places);
        let twice = [places, places].concat();
        let mut copied = log.clone();
        copied.extend(log.edits());
        assert_eq!(starts(&copied), twice);
        assert!(copied.edits().skip(6).eq(log.edits()));
        let mut moved = log.clone();
        while let Some(next) = log.next_start() {
            log.move_to(&mut moved);
            assert_eq!(moved.last_start(), Some(next));
        }
        assert_eq!((starts(&moved), log.len()), (twice.to_vec(), 0));
        assert_eq!(moved.edits().len(), 12);
    }

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
        }
    }
}
