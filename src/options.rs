//! What the caller chooses: plain data with chainable setters.

use std::path::Path;
use std::str::FromStr;

use crate::decode::Charset;
use crate::error::Error;
use crate::script::{Dictionary, External};

/// Everything that can be chosen.
///
/// ```
/// use hanfold::{Normalizer, Options, Script, StageName};
///
/// let options = Options::default()
///     .encoding("big5".parse()?)
///     .script(Script::Keep)
///     .skip([StageName::Canon]);
/// let mut stream = Normalizer::new(options).stream(String::new());
/// stream.feed(b"\xba\x7e\xa6r, ok");
/// assert_eq!(stream.finish(), "漢字, ok");
/// # Ok::<(), hanfold::Error>(())
/// ```
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
#[non_exhaustive]
#[must_use]
pub struct Options {
    /// How bytes become text.
    pub encoding: Encoding,
    /// The encoding that the text is said to be in.
    pub declared: Encoding,
    /// Whether lines may be in different encodings.
    pub regions: Regions,
    /// What becomes of malformed bytes.
    pub malformed: Malformed,
    /// Whether mojibake is repaired.
    pub repair: Repair,
    /// Which annotations are removed.
    pub annotations: Annotations,
    /// What becomes of Traditional characters.
    pub script: Script,
    /// Whether OpenCC's conversions use its tofu-risk dictionaries.
    pub tofu_risk: TofuRisk,
    /// What becomes of the user's own words, before anything else is
    /// converted. As data, keys with their values.
    pub dictionary: Dictionary,
    /// Which stages run. As data, a list without `decode` means that the input
    /// is UTF-8; [`Options::only`] always decodes.
    pub stages: Stages,
    /// What one document is.
    pub unit: Unit,
}

impl Options {
    /// Sets how bytes become text.
    pub fn encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// Sets the encoding that the text is said to be in, by a header or a file
    /// name. It counts for much and gives way to clear evidence. A byte order
    /// mark or [`Options::encoding`] wins over it; it wins over what the text
    /// says of itself.
    ///
    /// ```
    /// use hanfold::{Normalizer, Options};
    ///
    /// let options = Options::default().declared("big5".parse()?);
    /// let mut stream = Normalizer::new(options).stream(String::new());
    /// stream.feed(b"\xa4\xa4"); // 中 in Big5, い in EUC-JP
    /// assert_eq!(stream.finish(), "中");
    /// # Ok::<(), hanfold::Error>(())
    /// ```
    pub fn declared(mut self, declared: Encoding) -> Self {
        self.declared = declared;
        self
    }

    /// Sets whether lines may be in different encodings.
    pub fn regions(mut self, regions: Regions) -> Self {
        self.regions = regions;
        self
    }

    /// Sets what becomes of malformed bytes.
    pub fn malformed(mut self, malformed: Malformed) -> Self {
        self.malformed = malformed;
        self
    }

    /// Sets whether mojibake is repaired.
    pub fn repair(mut self, repair: Repair) -> Self {
        self.repair = repair;
        self
    }

    /// Sets which annotations are removed.
    pub fn annotations(mut self, annotations: Annotations) -> Self {
        self.annotations = annotations;
        self
    }

    /// Sets what becomes of Traditional characters.
    pub fn script(mut self, script: Script) -> Self {
        self.script = script;
        self
    }

    /// Sets whether OpenCC's conversions use its tofu-risk dictionaries.
    pub fn tofu_risk(mut self, tofu_risk: TofuRisk) -> Self {
        self.tofu_risk = tofu_risk;
        self
    }

    /// Adds words that script conversion replaces before anything else: at
    /// each place the longest key that starts there becomes its value. The
    /// tables do not look at that value again, nor does anything match across
    /// it. Of entries with the same key, the one that was added last counts.
    ///
    /// A dictionary is part of the stage `script`. It works with
    /// [`Script::Keep`] too, and not on the lines that [`Script::Simplified`]
    /// leaves alone. A second pass applies it again: with `a` → `aa` nothing
    /// is stable.
    ///
    /// ```
    /// use hanfold::{Dictionary, Normalizer, Options, Rule};
    ///
    /// let words = Dictionary::new([("軟體", "软件"), ("軟體園", "软件园")])?;
    /// let n = Normalizer::new(Options::default().dictionary(words));
    /// let e = n.explain("軟體園");
    /// assert_eq!(e.text(), "软件园");
    /// assert!(e.edits().all(|edit| edit.rule() == Rule::Dictionary));
    /// # Ok::<(), hanfold::Error>(())
    /// ```
    pub fn dictionary(mut self, dictionary: Dictionary) -> Self {
        self.dictionary = self.dictionary.and(dictionary);
        self
    }

    /// Adds words that script conversion leaves as they are: the same as a
    /// dictionary in which each is its own value. Other stages change them
    /// as ever. Fails where [`Dictionary::new`] does.
    ///
    /// ```
    /// use hanfold::{Normalizer, Options};
    ///
    /// let n = Normalizer::new(Options::default().protect(["龍馬", "後藤"])?);
    /// assert_eq!(n.normalize("後藤在龍馬之後"), "後藤在龍馬之后");
    /// # Ok::<(), hanfold::Error>(())
    /// ```
    pub fn protect<W: AsRef<str>>(
        self,
        words: impl IntoIterator<Item = W>,
    ) -> Result<Self, Error> {
        let words: Vec<W> = words.into_iter().collect();
        let same = words.iter().map(|word| (word, word));
        Ok(self.dictionary(Dictionary::new(same)?))
    }

    /// Sets what one document is.
    pub fn unit(mut self, unit: Unit) -> Self {
        self.unit = unit;
        self
    }

    /// Runs these stages and no others. Bytes are decoded in any case.
    pub fn only(
        mut self,
        stages: impl IntoIterator<Item = StageName>,
    ) -> Self {
        self.stages = Stages(0);
        for stage in stages {
            self.stages.0 |= stage.bit();
        }
        // Every stage needs text: bytes are decoded as chosen.
        self.stages.0 |= StageName::Decode.bit();
        self
    }

    /// Leaves these stages out. Without [`StageName::Decode`] the input is
    /// taken as UTF-8, whatever it looks like.
    pub fn skip(
        mut self,
        stages: impl IntoIterator<Item = StageName>,
    ) -> Self {
        for stage in stages {
            self.stages.0 &= !stage.bit();
        }
        self
    }
}

/// How bytes become text: detected, or by a label.
///
/// The labels are those of the WHATWG Encoding Standard, the names that Python
/// and iconv have for the same, and `hz`, `iso-2022-cn` (with `-ext`),
/// `euc-tw`, `big5-uao`, `utf-32le` and `utf-32be`. `gb2312` and `gbk` mean GB18030, which contains
/// both. A byte order mark wins over a label.
///
/// ```
/// use hanfold::Encoding;
///
/// assert_eq!("GB2312".parse::<Encoding>()?.name(), Some("gb18030"));
/// assert_eq!("auto".parse::<Encoding>()?, Encoding::AUTO);
/// let error = "gkb".parse::<Encoding>().unwrap_err();
/// assert!(error.to_string().starts_with("unknown encoding \"gkb\""));
/// # Ok::<(), hanfold::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct Encoding(pub(crate) Option<Charset>);

impl Encoding {
    /// Detected from the text.
    pub const AUTO: Encoding = Encoding(None);
    /// UTF-8.
    pub const UTF_8: Encoding = Encoding(Some(Charset::UTF_8));

    /// The name of the encoding; `None` if it is to be detected.
    pub fn name(self) -> Option<&'static str> {
        self.0.map(|e| e.name())
    }
}

impl FromStr for Encoding {
    type Err = Error;

    fn from_str(label: &str) -> Result<Self, Error> {
        if label.eq_ignore_ascii_case("auto") {
            return Ok(Encoding::AUTO);
        }
        match Charset::for_label(label) {
            Some(charset) => Ok(Encoding(Some(charset))),
            None => Err(Error::name(
                "encoding",
                label,
                "use auto or a label of the WHATWG Encoding Standard, \
                 such as gb18030, big5, utf-8 or utf-16le, or hz, \
                 iso-2022-cn, euc-tw, big5-uao or utf-32",
            )),
        }
    }
}

impl TryFrom<String> for Encoding {
    type Error = Error;

    fn try_from(label: String) -> Result<Self, Error> {
        label.parse()
    }
}

impl From<Encoding> for String {
    fn from(encoding: Encoding) -> String {
        encoding.name().unwrap_or("auto").into()
    }
}

/// Whether the lines of a text may be in different encodings.
///
/// Only encodings that contain ASCII take part, and only where the encoding is
/// neither UTF-16 nor given by [`Options::encoding`].
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum Regions {
    /// A line is in the encoding of the one before, unless it clearly is in
    /// another. Its first 4 KiB from the first byte above ASCII on decide. The
    /// default.
    #[default]
    Follow,
    /// One encoding for the whole text.
    Off,
}

/// Whether text that was decoded with the wrong encoding before is repaired.
///
/// ```
/// use hanfold::{Normalizer, Options, Repair};
///
/// let n = Normalizer::new(Options::default());
/// assert_eq!(n.normalize("浣犲ソ"), "你好");
/// let n = Normalizer::new(Options::default().repair(Repair::Off));
/// assert_eq!(n.normalize("浣犲ソ"), "浣犲ソ");
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum Repair {
    /// Mojibake stays, and what can never come back is not reported.
    Off,
    /// What is certain is repaired; where bytes were lost, U+FFFD takes the
    /// place of what is left of a character. What can never come back is
    /// reported, see [`Rule::Unrecoverable`](crate::Rule::Unrecoverable). The
    /// default.
    #[default]
    Auto,
    /// The same, and such characters are guessed by those beside them. They
    /// are edits of [`Rule::Guessed`](crate::Rule::Guessed), and some of them
    /// are wrong.
    Guess,
}

/// Which annotations, readings beside the characters that they are of, are
/// removed. `docs/annotations.md` says it in full.
///
/// ```
/// use hanfold::{Annotations, Normalizer, Options};
///
/// let text = |annotations, text| {
///     let options = Options::default().annotations(annotations);
///     Normalizer::new(options).normalize(text).into_owned()
/// };
/// assert_eq!(text(Annotations::Auto, "团(tuán)结"), "团结");
/// assert_eq!(text(Annotations::Keep, "团(tuán)结"), "团(tuán)结");
/// assert_eq!(text(Annotations::Fold, "汉字(hànzì)"), "汉字");
/// assert_eq!(text(Annotations::All, "汉字[hànzì]"), "汉字");
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum Annotations {
    /// None.
    Keep,
    /// One syllable in round brackets that is a reading of the character
    /// before, tone and all, where the text is not about readings; and ruby.
    /// On pages strewn with such notes more is taken for one. The default.
    #[default]
    Auto,
    /// The same wherever it stands, without its tone and in the wrong one too,
    /// and words: 汉字(hànzì).
    Fold,
    /// Square brackets too, and no brackets at all: `国[guó]`, `国guó`.
    All,
}

/// What becomes of bytes that are malformed in the encoding. Whatever it is,
/// an edit of [`Rule::Malformed`](crate::Rule::Malformed) says so.
///
/// ```
/// use hanfold::{Malformed, Normalizer, Options};
///
/// let text = |malformed| {
///     let options = Options::default().malformed(malformed);
///     let options = options.encoding("utf-8".parse().unwrap());
///     let mut stream = Normalizer::new(options).stream(String::new());
///     stream.feed(b"a\xFFb");
///     stream.finish()
/// };
/// assert_eq!(text(Malformed::Replace), "a\u{FFFD}b");
/// assert_eq!(text(Malformed::Keep), r"a\xFFb");
/// assert_eq!(text(Malformed::Drop), "ab");
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum Malformed {
    /// Each sequence becomes U+FFFD. The default.
    #[default]
    Replace,
    /// Each byte is written as `\xNN`.
    Keep,
    /// They are left out.
    Drop,
}

/// What becomes of Traditional characters.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
#[non_exhaustive]
pub enum Script {
    /// Simplified, by OpenCC's tables, with more variants and the two uses of
    /// 著, and made stable: converting the result again never changes it. The
    /// default.
    #[default]
    Simplified,
    /// One of OpenCC's conversions, byte for byte as OpenCC 1.4.2 does it on
    /// the whole text.
    OpenCc(Config),
    /// A configuration file of OpenCC's, run by its library; made by
    /// [`Script::external`].
    External(External),
    /// Characters stay as they are.
    Keep,
}

/// A conversion of OpenCC, by its name there. `s`: Simplified; `t`:
/// Traditional, by OpenCC's standard; `tw`, `hk`: the forms of Taiwan and
/// Hong Kong; `p`: with regional terms; `jp`: the forms of Japan.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Config {
    S2t,
    T2s,
    S2tw,
    Tw2s,
    S2twp,
    Tw2sp,
    S2hk,
    Hk2s,
    S2hkp,
    Hk2sp,
    T2tw,
    Tw2t,
    T2hk,
    Hk2t,
    T2jp,
    Jp2t,
}

impl Config {
    /// All of them.
    pub const ALL: [Config; 16] = [
        Config::S2t,
        Config::T2s,
        Config::S2tw,
        Config::Tw2s,
        Config::S2twp,
        Config::Tw2sp,
        Config::S2hk,
        Config::Hk2s,
        Config::S2hkp,
        Config::Hk2sp,
        Config::T2tw,
        Config::Tw2t,
        Config::T2hk,
        Config::Hk2t,
        Config::T2jp,
        Config::Jp2t,
    ];

    /// The name that OpenCC gives it.
    pub fn name(self) -> &'static str {
        match self {
            Config::S2t => "s2t",
            Config::T2s => "t2s",
            Config::S2tw => "s2tw",
            Config::Tw2s => "tw2s",
            Config::S2twp => "s2twp",
            Config::Tw2sp => "tw2sp",
            Config::S2hk => "s2hk",
            Config::Hk2s => "hk2s",
            Config::S2hkp => "s2hkp",
            Config::Hk2sp => "hk2sp",
            Config::T2tw => "t2tw",
            Config::Tw2t => "tw2t",
            Config::T2hk => "t2hk",
            Config::Hk2t => "hk2t",
            Config::T2jp => "t2jp",
            Config::Jp2t => "jp2t",
        }
    }
}

impl Script {
    /// Opens a configuration file of OpenCC's, with the dictionaries and
    /// plugins that it names.
    ///
    /// The library converts line by line, and longer lines in pieces of at
    /// most 4,096 bytes, cut behind punctuation or a blank where there is some.
    /// Edits are of the characters that differ where their number stays the
    /// same, or else of all between the first and the last that differ. A
    /// piece that the library refuses stays as it is. One call converts at a
    /// time, whatever the number of threads.
    ///
    /// Needs the feature `opencc`; without it this always fails. It fails too
    /// where the file, or one that it names, is missing or refused.
    ///
    /// ```
    /// let error = hanfold::Script::external("none.json").unwrap_err();
    /// assert!(error.to_string().starts_with("none.json: "));
    /// ```
    pub fn external(path: impl AsRef<Path>) -> Result<Self, Error> {
        External::open(path.as_ref()).map(Script::External)
    }

    fn name(&self) -> &str {
        match self {
            Script::Simplified => "simplified",
            Script::OpenCc(config) => config.name(),
            Script::External(external) => external.path(),
            Script::Keep => "keep",
        }
    }
}

impl FromStr for Script {
    type Err = Error;

    /// By name; one that ends in `.json` is the path of a configuration file,
    /// which is opened.
    fn from_str(name: &str) -> Result<Self, Error> {
        if name.ends_with(".json") {
            return Script::external(name);
        }
        Config::ALL
            .into_iter()
            .map(Script::OpenCc)
            .chain([Script::Simplified, Script::Keep])
            .find(|script| script.name() == name)
            .ok_or_else(|| {
                Error::name(
                    "script",
                    name,
                    "use simplified, keep, or a conversion of OpenCC, such \
                     as t2s, s2t, tw2sp or s2twp, or FILE.json, a \
                     configuration of its own",
                )
            })
    }
}

impl TryFrom<String> for Script {
    type Error = Error;

    fn try_from(name: String) -> Result<Self, Error> {
        name.parse()
    }
}

impl From<Script> for String {
    fn from(script: Script) -> String {
        script.name().into()
    }
}

/// Whether [`Script::OpenCc`] uses the dictionaries that OpenCC marks
/// `may_output_tofu`: rows for rare characters that become even rarer ones,
/// for which few fonts have a glyph. Only the conversions to Simplified have
/// such rows. OpenCC's library includes them, its command line skips them.
///
/// ```
/// use hanfold::{Config, Normalizer, Options, Script, TofuRisk};
///
/// let t2s = Options::default().script(Script::OpenCc(Config::T2s));
/// let n = Normalizer::new(t2s.clone());
/// assert_eq!(n.normalize("㑮漢"), "㑮汉");
/// let n = Normalizer::new(t2s.tofu_risk(TofuRisk::Include));
/// assert_eq!(n.normalize("㑮漢"), "𫝈汉");
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum TofuRisk {
    /// Those characters stay.
    #[default]
    Skip,
    /// They are converted.
    Include,
}

/// What one document is. Decisions that need evidence never look beyond it.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum Unit {
    /// The whole input.
    #[default]
    Text,
    /// Each line. The number of lines never changes. The encoding, which
    /// belongs to the file, is still decided once.
    Line,
}

/// A stage of the pipeline, by name.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum StageName {
    /// Bytes to text.
    Decode,
    /// Lines of GBK or Big5 that are out of step, and mojibake.
    Repair,
    /// Annotations.
    Fold,
    /// Traditional to Simplified.
    Script,
    /// Widths, punctuation, blanks, line ends.
    Canon,
}

impl StageName {
    /// The stages in the order in which they run.
    pub const ALL: &'static [StageName] = &[
        StageName::Decode,
        StageName::Repair,
        StageName::Fold,
        StageName::Script,
        StageName::Canon,
    ];

    /// The name used on the command line.
    pub fn name(self) -> &'static str {
        match self {
            StageName::Decode => "decode",
            StageName::Repair => "repair",
            StageName::Fold => "fold",
            StageName::Script => "script",
            StageName::Canon => "canon",
        }
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl FromStr for StageName {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        StageName::ALL.iter().copied().find(|s| s.name() == name).ok_or_else(
            || {
                Error::name(
                    "stage",
                    name,
                    "use decode, repair, fold, script or canon",
                )
            },
        )
    }
}

/// A set of stages; all of them unless said otherwise.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "Vec<String>", into = "Vec<String>")
)]
pub struct Stages(u8);

impl Stages {
    /// Whether the stage is in the set.
    pub fn contains(self, stage: StageName) -> bool {
        self.0 & stage.bit() != 0
    }
}

impl Default for Stages {
    fn default() -> Self {
        Stages(StageName::ALL.iter().map(|stage| stage.bit()).sum())
    }
}

impl TryFrom<Vec<String>> for Stages {
    type Error = Error;

    fn try_from(names: Vec<String>) -> Result<Self, Error> {
        names.iter().try_fold(Stages(0), |set, name| {
            Ok(Stages(set.0 | name.parse::<StageName>()?.bit()))
        })
    }
}

impl From<Stages> for Vec<String> {
    fn from(stages: Stages) -> Vec<String> {
        let names = StageName::ALL.iter().filter(|s| stages.contains(**s));
        names.map(|stage| stage.name().into()).collect()
    }
}
