//! What was changed, why, and where in the raw input.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Range;

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
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Edit {
    pub(crate) rule: Rule,
    pub(crate) source: Range<u64>,
    before: Short,
    after: Short,
    #[cfg_attr(feature = "serde", serde(default, with = "blanks"))]
    candidates: Candidates,
}

impl Edit {
    pub(crate) fn new(
        rule: Rule,
        source: Range<u64>,
        before: &str,
        after: &str,
    ) -> Self {
        Edit {
            rule,
            source,
            before: before.into(),
            after: after.into(),
            candidates: None,
        }
    }

    /// Adds the values between which there was a choice, with blanks between.
    pub(crate) fn with_candidates(
        mut self,
        candidates: impl Into<Cow<'static, str>>,
    ) -> Self {
        let candidates = candidates.into();
        if !candidates.is_empty() {
            self.candidates = Some(Box::new(candidates));
        }
        self
    }

    /// The rule that asked for the change.
    pub fn rule(&self) -> Rule {
        self.rule
    }

    /// The bytes of raw input that the changed text came from, counted from
    /// the start of the input, whatever a document is.
    pub fn source(&self) -> Range<u64> {
        self.source.clone()
    }

    /// The text as the stage that made the edit met it. For
    /// [`Rule::Malformed`], which met no text, the bytes as `\xNN`.
    pub fn before(&self) -> &str {
        self.before.as_str()
    }

    /// The text it became; empty where text was removed.
    pub fn after(&self) -> &str {
        self.after.as_str()
    }

    /// Where the dictionary has several values for what was converted, all of
    /// them, first the one taken; nothing where it has one. A second look at
    /// the place may pay.
    ///
    /// OpenCC's `--ambiguities` marks the same entries. Text that stays as it
    /// is makes no edit, though its entry may have other values too: s2t keeps
    /// 只, which may be 只 or 隻. In a conversion of several passes each pass makes its own edits,
    /// with the candidates of its own dictionaries.
    ///
    /// ```
    /// use hanfold::{Config, Normalizer, Options, Script};
    ///
    /// let s2t = Options::default().script(Script::OpenCc(Config::S2t));
    /// let e = Normalizer::new(s2t).explain("发");
    /// let candidates: Vec<_> = e.edits()[0].candidates().collect();
    /// assert_eq!(candidates, ["發", "髮"]);
    /// ```
    pub fn candidates(&self) -> impl Iterator<Item = &str> {
        list(&self.candidates)
    }
}

/// A string that is nearly always a character or a few. Such a one is held in
/// place, because an edit that allocates costs several times as much.
#[derive(Clone)]
#[allow(clippy::box_collection, reason = "a thin pointer: 16 bytes in all")]
enum Short {
    Here { len: u8, bytes: [u8; Short::MAX] },
    Away(Box<String>),
}

impl Short {
    const MAX: usize = 14;

    fn as_str(&self) -> &str {
        match self {
            Short::Here { len, bytes } => {
                let bytes = bytes.get(..usize::from(*len));
                let text = bytes.and_then(|b| std::str::from_utf8(b).ok());
                debug_assert!(text.is_some(), "made of a string");
                text.unwrap_or_default()
            }
            Short::Away(text) => text,
        }
    }
}

impl From<&str> for Short {
    #[inline]
    fn from(text: &str) -> Self {
        let mut bytes = [0; Short::MAX];
        match bytes.get_mut(..text.len()) {
            Some(room) => {
                room.copy_from_slice(text.as_bytes());
                Short::Here { len: text.len() as u8, bytes }
            }
            None => Short::Away(Box::new(text.into())),
        }
    }
}

impl PartialEq for Short {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Short {}

impl Hash for Short {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Debug for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Short {
    fn serialize<S: serde::Serializer>(
        &self,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Short {
    fn deserialize<D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        Ok(Short::from(&*text))
    }
}

/// With blanks between, as in a row of a dictionary. One edit of twenty has
/// some; the others shall not be larger for it.
type Candidates = Option<Box<Cow<'static, str>>>;

fn list(candidates: &Candidates) -> impl Iterator<Item = &str> {
    candidates.iter().flat_map(|list| list.split_ascii_whitespace())
}

/// Candidates as a list.
#[cfg(feature = "serde")]
mod blanks {
    use std::borrow::Cow;

    use serde::{Deserialize, Deserializer, Serializer};

    use super::Candidates;

    pub(super) fn serialize<S: Serializer>(
        candidates: &Candidates,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        // As `Vec`, because some formats want the length first.
        let list: Vec<&str> = super::list(candidates).collect();
        serializer.collect_seq(list)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Candidates, D::Error> {
        let list = Vec::<String>::deserialize(deserializer)?;
        let some = !list.is_empty();
        Ok(some.then(|| Box::new(Cow::Owned(list.join(" ")))))
    }
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
            let edit = Edit::new(Rule::Script, 0..3, "发", "發")
                .with_candidates(candidates);
            let json = serde_json::to_string(&edit).unwrap_or_default();
            let end = format!("\"candidates\":{list}}}");
            assert!(json.ends_with(&end), "{json}");
            assert_eq!(serde_json::from_str::<Edit>(&json).ok(), Some(edit));
        }
    }
}
