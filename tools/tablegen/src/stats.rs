//! Character statistics: how likely each character is within its class, and
//! each class behind another.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};

use crate::class::{
    ALPHABETS, CLASSES, Class, ENDING, LATIN_ASCII, LATIN_LETTERS,
    LATIN_MARKS, LATIN_OWN, LATINS, Lexicon, alphabet, latin, letter,
};
use crate::format;
use crate::opencc::Conversion;
use crate::pairs::{self, Behind};
use crate::texts::{self, Texts};
use crate::words::Words;

/// The costs of a character: Simplified, Traditional, Japanese, all others.
const COLUMNS: usize = 4;
const HANS: usize = 0;
const HANT: usize = 1;
const JA: usize = 2;
const OTHER: usize = 3;

/// Languages by the names that packages give them, and how much each counts.
const LANGUAGES: &[(&[&str], f64)] = &[
    (&["en"], 3.0),
    (&["fr"], 2.0),
    (&["de"], 2.0),
    (&["es"], 2.0),
    (&["it"], 1.0),
    (&["pt", "pt-br"], 1.0),
    (&["nl"], 1.0),
    (&["sv"], 0.6),
    (&["da"], 0.6),
    (&["nb", "no"], 0.6),
    (&["fi"], 0.6),
    (&["pl"], 1.0),
    (&["cs"], 1.0),
    (&["hu"], 0.8),
    (&["ro"], 0.8),
    (&["hr"], 0.5),
    (&["sk"], 0.5),
    (&["sl"], 0.5),
    (&["tr"], 1.0),
    (&["et"], 0.3),
    (&["lv"], 0.3),
    (&["lt"], 0.3),
    (&["vi"], 0.8),
    (&["ru"], 3.0),
    (&["uk"], 1.0),
    (&["bg"], 1.0),
    (&["sr"], 0.4),
    (&["be"], 0.3),
    (&["el"], 1.0),
    (&["he"], 1.0),
    (&["ar"], 1.0),
    (&["fa"], 0.5),
    (&["th"], 1.0),
    (&["ko"], 3.0),
];
/// What else has a model, in their order, behind the four of the columns.
const SCRIPTS: [&[&str]; 6] = [
    &["ko"],
    &["ru", "uk", "bg", "sr", "be"],
    &["el"],
    &["he"],
    &["ar", "fa"],
    &["th"],
];
const LATIN: [&[&str]; LATINS] = [
    &["en"],
    &["fr"],
    &["es", "pt", "pt-br", "it"],
    &["de"],
    &["nl", "sv", "da", "nb", "no", "fi"],
    &["pl"],
    &["cs", "sk", "hr", "sl"],
    &["hu"],
    &["ro"],
    &["et", "lv", "lt"],
    &["tr"],
    &["vi"],
];
const SIMPLIFIED: &[&str] = &["zh-hans", "zh-cn", "zh"];
const TRADITIONAL: &[&str] = &["zh-hant", "zh-tw", "zh-hk", "zh-hant-hk"];

/// Counts of characters and of classes behind classes.
#[derive(Default)]
struct Counts {
    chars: BTreeMap<char, f64>,
    classes: Vec<f64>,
    /// Letters behind letters, by alphabet.
    letters: Vec<Vec<f64>>,
    /// The same in Latin letters.
    latin: Vec<f64>,
}

impl Counts {
    fn new() -> Self {
        let letters = ALPHABETS.map(|n| vec![0.0; n * n]);
        Counts {
            chars: BTreeMap::new(),
            classes: vec![0.0; CLASSES * CLASSES],
            letters: letters.into(),
            latin: vec![0.0; LATIN_LETTERS * LATIN_LETTERS],
        }
    }

    fn text(&mut self, text: &str) {
        for line in text.split('\n') {
            let mut behind = Class::LineEnd;
            let mut before = 0;
            let mut before_latin = 0;
            for c in line.chars() {
                *self.chars.entry(c).or_default() += 1.0;
                let class = Class::of(c);
                self.classes[behind as usize * CLASSES + class as usize] +=
                    1.0;
                let number = usize::from(letter(c));
                if let Some(own) = alphabet(class)
                    && number > 0
                {
                    if alphabet(behind) != Some(own) {
                        before = 0;
                    }
                    self.letters[own][before * ALPHABETS[own] + number] += 1.0;
                }
                if let Some(last) = alphabet(behind)
                    && alphabet(class) != Some(last)
                {
                    self.letters[last][before * ALPHABETS[last]] += 1.0;
                }
                let number_latin = usize::from(latin(c));
                let row = before_latin * LATIN_LETTERS;
                self.latin[row + number_latin] += 1.0;
                before_latin = number_latin;
                before = number;
                behind = class;
            }
            let at = behind as usize * CLASSES + Class::LineEnd as usize;
            self.classes[at] += 1.0;
        }
    }

    fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut counts = Counts::new();
        texts.for_each(|text| counts.text(text));
        counts
    }

    /// Adds others, so weighted that together they count `weight`.
    fn mix(&mut self, other: &Counts, weight: f64) {
        let total: f64 = other.chars.values().sum();
        let factor = weight / total.max(1.0);
        for (c, n) in &other.chars {
            *self.chars.entry(*c).or_default() += n * factor;
        }
        for (to, from) in self.classes.iter_mut().zip(&other.classes) {
            *to += from * factor;
        }
        for (to, from) in self.latin.iter_mut().zip(&other.latin) {
            *to += from * factor;
        }
        for (to, from) in self
            .letters
            .iter_mut()
            .flatten()
            .zip(other.letters.iter().flatten())
        {
            *to += from * factor;
        }
    }
}

impl Counts {
    /// Adds what kana stands behind what in words: half as much as there is.
    fn kana(&mut self, words: &[(String, f64)]) {
        let mut own = ALPHABETS.map(|n| vec![0.0; n * n]);
        for (word, weight) in words {
            let (mut behind, mut before) = (Class::LineEnd, 0);
            for c in word.chars() {
                let class = Class::of(c);
                let number = usize::from(letter(c));
                if let Some(kana) = alphabet(class) {
                    let same = alphabet(behind) == Some(kana);
                    let first = if same { before } else { 0 };
                    own[kana][first * ALPHABETS[kana] + number] += weight;
                }
                (behind, before) = (class, number);
            }
        }
        for (to, from) in self.letters.iter_mut().zip(&own).skip(5) {
            let (all, new): (f64, f64) = (to.iter().sum(), from.iter().sum());
            for (to, from) in to.iter_mut().zip(from) {
                *to += 0.5 * all * from / new.max(1e-9);
            }
        }
    }
}

/// What a class's characters weigh, their sum being 1.
fn shares(
    class: Class,
    parts: &[(&BTreeMap<char, f64>, f64)],
) -> BTreeMap<char, f64> {
    let mut all = BTreeMap::new();
    for (chars, weight) in parts {
        let own = chars.iter().filter(|(c, _)| Class::of(**c) == class);
        let total: f64 = own.clone().map(|(_, n)| n).sum();
        if total > 0.0 {
            for (c, n) in own {
                *all.entry(*c).or_default() += weight * n / total;
            }
        }
    }
    all
}

/// Every character of GB2312, Big5, JIS X 0208 or KS X 1001 in these rows.
fn rows(
    encoding: &'static encoding_rs::Encoding,
    first: std::ops::RangeInclusive<u8>,
) -> Vec<char> {
    let mut all = Vec::new();
    for lead in first {
        for trail in 0x40..=0xFE_u8 {
            if encoding != encoding_rs::BIG5 && trail < 0xA1 {
                continue;
            }
            let pair = [lead, trail];
            let (text, _, bad) = encoding.decode(&pair);
            let mut chars = text.chars();
            if let (false, Some(c), None) = (bad, chars.next(), chars.next()) {
                all.push(c);
            }
        }
    }
    all
}

/// -ln in eighths, as far as a byte holds it.
fn cost(share: f64, most: f64) -> u8 {
    (-share.ln() * 8.0).round().clamp(1.0, most) as u8
}

pub fn table(
    texts: &Texts,
    words: &Words,
    s2t: &Conversion,
) -> Result<Vec<u8>> {
    let hans = Counts::of(texts.of(SIMPLIFIED));
    let hant = Counts::of(texts.of(TRADITIONAL));
    let mut yue = Counts::of(texts.of(&["yue"]));
    texts.cantonese.iter().for_each(|said| yue.text(said));
    let ja = Counts::of(texts.of(&["ja"]));
    let ko = Counts::of(texts.of(&["ko"]));
    for (name, counts) in [
        ("hans", &hans),
        ("hant", &hant),
        ("yue", &yue),
        ("ja", &ja),
        ("ko", &ko),
    ] {
        let total: f64 = counts.chars.values().sum();
        ensure!(total > 1e5, "{total} characters of {name}");
    }

    // Words by what they count.
    let (mut in_hans, mut in_hant) = (BTreeMap::new(), BTreeMap::new());
    for (word, number, _) in words.all() {
        let chars: Vec<char> = word.chars().collect();
        for (c, t) in chars.iter().zip(s2t.convert(&chars)) {
            *in_hans.entry(*c).or_default() += number as f64;
            *in_hant.entry(t).or_default() += number as f64;
        }
    }
    let mut in_ja = BTreeMap::new();
    for (word, weight) in &texts.japanese {
        for c in word.chars() {
            *in_ja.entry(c).or_default() += weight;
        }
    }
    let mut in_ko = BTreeMap::new();
    for word in &texts.korean {
        for c in word.chars() {
            *in_ko.entry(c).or_default() += 1.0;
        }
    }

    // Everything but Chinese and Japanese.
    let mut other = Counts::new();
    for (names, weight) in LANGUAGES {
        let counts = Counts::of(texts.of(names));
        let total: f64 = counts.chars.values().sum();
        ensure!(total > 2e4, "{total} characters of {names:?}");
        other.mix(&counts, *weight);
    }
    let mut simplified = Counts::new();
    simplified.mix(&hans, 1.0);
    let mut traditional = Counts::new();
    traditional.mix(&hant, 0.8);
    traditional.mix(&yue, 0.2);
    let mut japanese = Counts::new();
    japanese.mix(&ja, 1.0);
    japanese.kana(&texts.japanese);
    let models = [&simplified, &traditional, &japanese, &other];
    let scripts = SCRIPTS.map(|names| together(texts, names));
    let latins = LATIN.map(|names| together(texts, names));

    // The characters of each class.
    let even = |chars: Vec<char>| -> BTreeMap<char, f64> {
        chars.into_iter().map(|c| (c, 1.0)).collect()
    };
    let every = |from: u32, to: u32| -> BTreeMap<char, f64> {
        even((from..=to).filter_map(char::from_u32).collect())
    };
    let all_han = every(0x4E00, 0x9FFF);
    let gb = [
        even(rows(encoding_rs::GBK, 0xB0..=0xD7)),
        even(rows(encoding_rs::GBK, 0xD8..=0xF7)),
    ];
    let big = [
        even(rows(encoding_rs::BIG5, 0xA4..=0xC6)),
        even(rows(encoding_rs::BIG5, 0xC9..=0xF9)),
    ];
    let jis = [
        even(rows(encoding_rs::EUC_JP, 0xB0..=0xCF)),
        even(rows(encoding_rs::EUC_JP, 0xD0..=0xF4)),
    ];
    let ks = even(rows(encoding_rs::EUC_KR, 0xB0..=0xC8));
    let hanja = even(rows(encoding_rs::EUC_KR, 0xCA..=0xFD));
    let syllables = every(0xAC00, 0xD7A3);
    let dot = even(vec!['·']);

    let mut pooled: BTreeMap<char, f64> = BTreeMap::new();
    let mut costs: BTreeMap<char, [u8; COLUMNS]> = BTreeMap::new();
    let classes: BTreeMap<Class, BTreeMap<char, f64>> = {
        let mut classes: BTreeMap<Class, BTreeMap<char, f64>> =
            BTreeMap::new();
        for c in (0..format::END).filter_map(char::from_u32) {
            classes.entry(Class::of(c)).or_default().insert(c, 1.0);
        }
        classes
    };
    for counts in models {
        for (c, n) in &counts.chars {
            *pooled.entry(*c).or_default() += n;
        }
    }
    for (class, members) in &classes {
        for (model, counts) in models.iter().enumerate() {
            let parts: Vec<(&BTreeMap<char, f64>, f64)> = match (class, model)
            {
                (Class::Han, HANS) => vec![
                    (&in_hans, 0.86),
                    (&simplified.chars, 0.1),
                    (&gb[0], 0.02),
                    (&gb[1], 0.012),
                    (&all_han, 0.008),
                ],
                (Class::Han, HANT) => vec![
                    (&in_hant, 0.72),
                    (&hant.chars, 0.08),
                    (&yue.chars, 0.12),
                    (&big[0], 0.05),
                    (&big[1], 0.02),
                    (&all_han, 0.01),
                ],
                (Class::Han, JA) => vec![
                    (&in_ja, 0.55),
                    (&in_hant, 0.13),
                    (&ja.chars, 0.25),
                    (&jis[0], 0.04),
                    (&jis[1], 0.02),
                    (&all_han, 0.01),
                ],
                // Korean writes the old forms.
                (Class::Han, _) => vec![
                    (&in_hant, 0.4),
                    (&in_ja, 0.3),
                    (&hanja, 0.2),
                    (&all_han, 0.1),
                ],
                (Class::Hangul, _) => vec![
                    (&ko.chars, 0.68),
                    (&in_ko, 0.28),
                    (&ks, 0.03),
                    (&syllables, 0.01),
                ],
                (Class::Hiragana | Class::Katakana, _) => vec![
                    (&japanese.chars, 0.9),
                    (&in_ja, 0.09),
                    (members, 0.01),
                ],
                // Foreign names, which the texts do not have, have a dot
                // between their parts: about every hundredth mark.
                (Class::WideMark, HANS | HANT) => vec![
                    (&counts.chars, 0.84),
                    (&dot, 0.01),
                    (&pooled, 0.14),
                    (members, 0.01),
                ],
                (
                    Class::WideMark | Class::Dash | Class::Blank,
                    HANS | HANT | JA | OTHER,
                ) => vec![
                    (&counts.chars, 0.85),
                    (&pooled, 0.14),
                    (members, 0.01),
                ],
                (
                    Class::AsciiLower
                    | Class::AsciiUpper
                    | Class::AsciiMark
                    | Class::Digit
                    | Class::LineEnd,
                    _,
                ) => vec![(&other.chars, 0.98), (members, 0.02)],
                _ => vec![(&pooled, 0.97), (members, 0.03)],
            };
            for (c, share) in shares(*class, &parts) {
                costs.entry(c).or_default()[model] = cost(share, 200.0);
            }
        }
    }
    costs.retain(|_, costs| costs.iter().all(|cost| *cost > 0));

    // The classes.
    let ascii = |class: usize| {
        [
            Class::Blank,
            Class::LineEnd,
            Class::Digit,
            Class::AsciiUpper,
            Class::AsciiLower,
            Class::AsciiMark,
        ]
        .iter()
        .any(|c| *c as usize == class)
    };
    let mut by_model: Vec<Vec<f64>> =
        models.iter().map(|counts| counts.classes.clone()).collect();
    let mut korean = scripts[0].classes.clone();
    with_hanja(&mut korean);
    by_model.push(korean);
    by_model.extend(scripts[1..].iter().map(|of| of.classes.clone()));
    // Languages in Latin letters have most of their habits in common.
    let mut all_latin = Counts::new();
    latins.iter().for_each(|counts| all_latin.mix(counts, 1.0));
    for counts in &latins {
        let mut mixed = Counts::new();
        mixed.mix(counts, 0.9);
        mixed.mix(&all_latin, 0.1);
        by_model.push(mixed.classes);
    }
    let mut transitions = Vec::new();
    for (model, classes) in by_model.iter().enumerate() {
        let total: f64 = classes.iter().sum();
        // What is not in the texts: in Chinese anything may be; a word in one
        // alphabet has no letters of another.
        let (few, fewer) =
            if model <= OTHER { (0.002, 1e-4) } else { (5e-4, 1e-5) };
        let overall: Vec<f64> = (0..CLASSES)
            .map(|to| {
                let column =
                    (0..CLASSES).map(|from| classes[from * CLASSES + to]);
                column.sum::<f64>() / total
            })
            .collect();
        let open = 1.0 - overall[Class::LineEnd as usize];
        for from in 0..CLASSES {
            let row = &classes[from * CLASSES..][..CLASSES];
            let sum: f64 = row.iter().sum();
            // So much of what could have been seen was not.
            let unseen = few * sum + fewer * total.max(1.0);
            for to in 0..CLASSES {
                let back = 0.7 * overall[to] + 0.3 / CLASSES as f64;
                let mut share = (row[to] + unseen * back) / (sum + unseen);
                // The texts are titles and sentences: elsewhere a line may
                // start anywhere in one.
                if from == Class::LineEnd as usize && to != from {
                    share = 0.5 * share + 0.5 * overall[to] / open;
                }
                transitions.push(cost(share, 96.0));
            }
        }
    }
    // Nor is what of ASCII stands beside Han: the texts that are counted are
    // those of programs, and each language has its own habits there.
    for from in 0..CLASSES {
        for to in 0..CLASSES {
            if ascii(from) == ascii(to)
                || ![from, to].contains(&(Class::Han as usize))
            {
                continue;
            }
            let at = from * CLASSES + to;
            let of = |model: usize| model * CLASSES * CLASSES + at;
            let three = [HANS, HANT, JA]
                .map(|model| (-f64::from(transitions[of(model)]) / 8.0).exp());
            let mean = three.into_iter().fold(0.0, f64::max);
            for model in [HANS, HANT, JA] {
                transitions[of(model)] = cost(mean, 96.0);
            }
        }
    }
    // ASCII among ASCII is no evidence for any language.
    for model in (0..by_model.len()).filter(|model| *model != OTHER) {
        for from in (0..CLASSES).filter(|from| ascii(*from)) {
            for to in (0..CLASSES).filter(|to| ascii(*to)) {
                let at = from * CLASSES + to;
                transitions[model * CLASSES * CLASSES + at] =
                    transitions[OTHER * CLASSES * CLASSES + at];
            }
        }
    }
    // Letters behind letters: as often as they were met, or else as often as
    // they are met at all.
    let mut letters = Vec::new();
    for (number, wide) in ALPHABETS.iter().enumerate() {
        // The last two are kana.
        let of = if number < 5 { &other } else { &japanese };
        let counts = &of.letters[number];
        let ends = (0..*wide).map(|first| counts[first * wide]);
        let ends: f64 = ends.sum::<f64>() - counts[0];
        let total: f64 = counts.iter().sum::<f64>() - ends;
        let overall: Vec<f64> = (0..*wide)
            .map(|second| {
                let column =
                    (0..*wide).map(|first| counts[first * wide + second]);
                (column.sum::<f64>() / total + 1e-4)
                    / (1.0 + 1e-4 * *wide as f64)
            })
            .collect();
        for first in 0..*wide {
            let row = &counts[first * wide..][..*wide];
            let end = if first == 0 { 0.0 } else { row[0] };
            let sum: f64 = row.iter().sum::<f64>() - end;
            // What is read may start in the middle of a word.
            let open = if first == 0 { 0.1 } else { 0.02 };
            let unseen = open * sum + total / 1e5;
            for second in 0..*wide {
                if second == 0 {
                    letters.push(ending(end, sum, ends, total));
                    continue;
                }
                let share =
                    (row[second] + unseen * overall[second]) / (sum + unseen);
                letters.push(cost(share, 120.0));
            }
        }
    }
    let latin: Vec<u8> = latins
        .iter()
        .flat_map(|counts| latin_table(counts, &pooled))
        .collect();
    // Pairs.
    let of_texts = |names: &[&str]| {
        let mut behind = Behind::default();
        texts.of(names).for_each(|text| behind.text(text, 1.0));
        behind
    };
    let (mut of_hans, mut of_hant) = (Behind::default(), Behind::default());
    for (word, number, _) in words.all() {
        let chars: Vec<char> = word.chars().collect();
        let next = [(Class::Han, 0.75)];
        of_hans.word(&chars, number as f64, &next);
        of_hant.word(&s2t.convert(&chars), number as f64, &next);
    }
    let mut of_yue = of_texts(&["yue"]);
    texts.cantonese.iter().for_each(|said| of_yue.text(said, 1.0));
    let mut of_ja = Behind::default();
    for (word, weight) in &texts.japanese {
        let chars: Vec<char> = word.chars().collect();
        let next = [(Class::Han, 0.2), (Class::Hiragana, 0.5)];
        of_ja.word(&chars, *weight, &next);
    }
    let mut of_ko = Behind::default();
    for word in &texts.korean {
        let chars: Vec<char> = word.chars().collect();
        of_ko.word(&chars, 1.0, &[(Class::Hangul, 0.5)]);
    }
    let mixed = |parts: &[(&Behind, f64)]| {
        let mut all = Behind::default();
        parts.iter().for_each(|(part, weight)| all.mix(part, *weight));
        all
    };
    let hans = mixed(&[(&of_hans, 0.9), (&of_texts(SIMPLIFIED), 0.1)]);
    let hant = mixed(&[
        (&of_hant, 0.8),
        (&of_texts(TRADITIONAL), 0.08),
        (&of_yue, 0.12),
    ]);
    let ja = mixed(&[(&of_ja, 0.55), (&of_texts(&["ja"]), 0.45)]);
    let ko = mixed(&[(&of_ko, 0.3), (&of_texts(&["ko"]), 0.7)]);
    let alone = |model: usize| {
        let (costs, letters) = (&costs, &letters);
        move |c: char| {
            let own = match alphabet(Class::of(c)) {
                // The first row of its alphabet: behind no letter.
                Some(number) if letter(c) > 0 => {
                    let before = ALPHABETS.iter().take(number);
                    let at: usize = before.map(|n| n * n).sum();
                    letters[at + usize::from(letter(c))]
                }
                _ => costs.get(&c).map_or(128, |row| row[model]),
            };
            f64::from(own) / 8.0
        }
    };
    let pairs = pairs::table(&[
        (&hans, Lexicon::Chinese, 1.0, &alone(HANS)),
        (&hant, Lexicon::Chinese, 1.0, &alone(HANT)),
        (&ja, Lexicon::Japanese, 0.7, &alone(JA)),
        (&ko, Lexicon::Chinese, 0.5, &alone(OTHER)),
    ]);
    let (numbers, rows) = format::by_char(&costs)?;
    let sections = [numbers, rows, transitions, letters, latin, pairs];
    Ok(format::file(texts::SOURCE, &sections))
}

/// How much likelier a word ends with a letter than with others, of which
/// `ends` are the last ones and `total` are not.
fn ending(end: f64, not: f64, ends: f64, total: f64) -> u8 {
    let usual = ends / (ends + total).max(1e-9);
    let few = 1e-5 * (ends + total) + 1e-9;
    let share = (end + few * usual) / (end + not + few);
    let cost = -(share / usual.max(1e-9)).ln() * 8.0;
    (cost + f64::from(ENDING)).round().clamp(0.0, 255.0) as u8
}

/// The texts in several languages, each counting the same.
fn together(texts: &Texts, names: &[&str]) -> Counts {
    let mut all = Counts::new();
    for name in names {
        all.mix(&Counts::of(texts.of(&[name])), 1.0);
    }
    all
}

/// Hanja, which the texts have not, stand where hangul does, now and then.
fn with_hanja(classes: &mut [f64]) {
    const SHARE: f64 = 0.01;
    let (hangul, han) = (Class::Hangul as usize, Class::Han as usize);
    let among = classes[hangul * CLASSES + hangul];
    for other in (0..CLASSES).filter(|other| *other != hangul) {
        let (from, to) = (other * CLASSES, hangul * CLASSES + other);
        classes[from + han] += SHARE * classes[from + hangul];
        classes[han * CLASSES + other] += SHARE * classes[to];
    }
    classes[han * CLASSES + han] += SHARE * among;
    // Seldom in the middle of a word.
    classes[han * CLASSES + hangul] += SHARE * among / 4.0;
    classes[hangul * CLASSES + han] += SHARE * among / 16.0;
}

/// What one model of Latin letters knows: the numbers of the letters, the
/// costs of pairs, the costs of marks.
fn latin_table(counts: &Counts, pooled: &BTreeMap<char, f64>) -> Vec<u8> {
    let count = |first: usize, second: usize| {
        counts.latin[first * LATIN_LETTERS + second]
    };
    let mut last = vec![0.0; LATIN_OWN];
    // The most frequent letters with marks have numbers of their own.
    let mut marked: Vec<(f64, usize)> = (LATIN_ASCII..LATIN_LETTERS)
        .map(|second| {
            let column = (0..LATIN_LETTERS).map(|first| count(first, second));
            (column.sum(), second)
        })
        .collect();
    marked.sort_by(|a, b| b.0.total_cmp(&a.0));
    let all: f64 = marked.iter().map(|(n, _)| n).sum();
    let mut own: Vec<usize> =
        (0..LATIN_LETTERS).map(|number| number.min(LATIN_ASCII)).collect();
    let often = marked.iter().filter(|(n, _)| *n > 2e-4 * all);
    for (number, (_, letter)) in
        (LATIN_ASCII + 1..LATIN_OWN).zip(often.clone())
    {
        own[*letter] = number;
    }
    let rare = LATIN_LETTERS - LATIN_ASCII - often.count();

    let mut pairs = vec![0.0; LATIN_OWN * LATIN_OWN];
    for first in 0..LATIN_LETTERS {
        last[own[first]] += count(first, 0);
        for second in 1..LATIN_LETTERS {
            pairs[own[first] * LATIN_OWN + own[second]] +=
                count(first, second);
        }
    }
    let kind = |number: usize| match number {
        0 => 0,
        1..LATIN_ASCII => 1,
        _ => 2,
    };
    // By the kinds of the letters: what the classes tell already.
    let (mut kinds, mut sums) = ([[0.0; 3]; 3], [0.0; 3]);
    for first in 0..LATIN_OWN {
        for second in 1..LATIN_OWN {
            let n = pairs[first * LATIN_OWN + second];
            kinds[kind(first)][kind(second)] += n;
            sums[kind(first)] += n;
        }
    }
    let mut out: Vec<u8> = own.iter().map(|number| *number as u8).collect();
    let total: f64 = sums.iter().sum();
    let of_kind = |wanted: usize| {
        let all = (0..LATIN_OWN).filter(move |first| kind(*first) == wanted);
        all.map(|first| last[first]).sum::<f64>()
    };
    let ends = [0, 1, 2].map(of_kind);
    for first in 0..LATIN_OWN {
        let row = &pairs[first * LATIN_OWN..][..LATIN_OWN];
        let sum: f64 = row[1..].iter().sum();
        // A word may be cut at the start of what is read.
        let open = if first == 0 { 0.1 } else { 0.02 };
        let unseen = open * sum + 1e-6 * total;
        for second in 0..LATIN_OWN {
            let (from, to) = (kind(first), kind(second));
            if second == 0 {
                out.push(ending(last[first], sum, ends[from], sums[from]));
                continue;
            }
            // As often as behind any letter of the kind.
            let column = (0..LATIN_OWN)
                .filter(|before| first == 0 || kind(*before) == from)
                .map(|before| pairs[before * LATIN_OWN + second]);
            let all = if first == 0 { total } else { sums[from].max(1e-9) };
            let mut back = (column.sum::<f64>() / all)
                .max(1e-3 * kinds[from][to] / sums[from].max(1e-9));
            let mut seen = row[second];
            if second == LATIN_ASCII {
                seen /= rare as f64;
                back /= rare as f64;
            }
            let share = (seen + unseen * back) / (sum + unseen);
            let class = kinds[from][to] / sums[from].max(1e-9);
            out.push(cost(share / class.max(1e-9), 120.0));
        }
    }
    let members: BTreeMap<char, f64> =
        LATIN_MARKS.filter_map(char::from_u32).map(|c| (c, 1.0)).collect();
    let marks = shares(
        Class::LatinMark,
        &[(&counts.chars, 0.7), (pooled, 0.25), (&members, 0.05)],
    );
    for code in LATIN_MARKS {
        let share = char::from_u32(code).and_then(|c| marks.get(&c));
        out.push(cost(share.copied().unwrap_or(1e-4), 120.0));
    }
    out
}
