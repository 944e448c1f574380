//! Words of Simplified Chinese and how often they occur, from jieba.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;
use std::path::Path;

use anyhow::{Result, ensure};

const SHA256: &str =
    "055ca12f62674fafed09427f176506079bc135638a14e23e25be909131928db2";

pub struct Words {
    /// Word → occurrences and part of speech.
    words: BTreeMap<String, (u64, String)>,
    chars: HashMap<char, u64>,
}

impl Words {
    pub fn open(path: &Path) -> Result<Self> {
        let bytes = crate::pinned(path, SHA256)?;
        let mut archive =
            tar::Archive::new(flate2::read::GzDecoder::new(bytes.as_slice()));
        let mut text = String::new();
        for entry in archive.entries()? {
            let mut entry = entry?;
            if entry.path()?.ends_with("jieba/dict.txt") {
                entry.read_to_string(&mut text)?;
            }
        }
        let mut words = BTreeMap::new();
        let mut chars = HashMap::new();
        for line in text.lines() {
            // The word, which may hold a blank, the number, the part.
            let mut fields = line.rsplitn(3, ' ');
            let part = fields.next().unwrap_or_default();
            let number = fields.next().unwrap_or_default();
            let word = fields.next().unwrap_or_default();
            let Ok(number) = number.parse::<u64>() else { continue };
            for c in word.chars() {
                *chars.entry(c).or_default() += number;
            }
            words.insert(word.to_string(), (number, part.to_string()));
        }
        ensure!(words.len() > 300_000, "{} words", words.len());
        Ok(Words { words, chars })
    }

    /// Each word, how often it occurs, and its part of speech; sorted.
    pub fn all(&self) -> impl Iterator<Item = (&str, u64, &str)> {
        self.words.iter().map(|(word, (number, part))| {
            (word.as_str(), *number, part.as_str())
        })
    }

    /// How often a word occurs.
    pub fn count(&self, word: &str) -> u64 {
        self.words.get(word).map_or(0, |(number, _)| *number)
    }

    /// The part of speech of a word; empty if it is none.
    pub fn part(&self, word: &str) -> &str {
        self.words.get(word).map_or("", |(_, part)| part)
    }

    /// How often a character occurs, in words.
    pub fn char_count(&self, c: char) -> u64 {
        self.chars.get(&c).copied().unwrap_or(0)
    }

    /// Words that are written with `other` where `usual` might be expected,
    /// the shortest only: none is a part of another.
    pub fn written_with(&self, other: char, usual: char) -> Vec<String> {
        let picked: Vec<&String> = self
            .words
            .iter()
            .filter(|(word, (number, part))| {
                let len = word.chars().count();
                let with_usual = word.replace(other, &usual.to_string());
                let stem = word.strip_suffix(other).unwrap_or_default();
                word.contains(other)
                    && (2..=4).contains(&len)
                    // Names of authors with 著 behind them.
                    && !part.starts_with("nr")
                    && *number
                        >= if part == "i" { 1 } else { 3 }
                            * self.count(&with_usual)
                    // A word, and then a particle.
                    && !(len > 2 && self.words.contains_key(stem))
                    // Rare ones are noise, but for set phrases.
                    && (*number >= if part == "n" { 8 } else { 10 }
                        || len == 4 && ["i", "l", "n"].contains(&part.as_str()))
            })
            .map(|(word, _)| word)
            .collect();
        let mut shortest: Vec<String> = picked
            .iter()
            .filter(|word| {
                !picked
                    .iter()
                    .any(|part| part != *word && word.contains(*part))
            })
            .map(|word| word.to_string())
            .collect();
        shortest.sort();
        shortest
    }
}
