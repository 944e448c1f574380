//! Zhuyin: ㄊㄨㄢˊ is `tuan` in tone 2. The spelling follows from rules, so
//! there is no table of syllables.

use super::syllable::{Form, Letters, Syllable};
use crate::chars::narrow;

const INITIALS: [(char, &str); 21] = [
    ('ㄅ', "b"),
    ('ㄆ', "p"),
    ('ㄇ', "m"),
    ('ㄈ', "f"),
    ('ㄉ', "d"),
    ('ㄊ', "t"),
    ('ㄋ', "n"),
    ('ㄌ', "l"),
    ('ㄍ', "g"),
    ('ㄎ', "k"),
    ('ㄏ', "h"),
    ('ㄐ', "j"),
    ('ㄑ', "q"),
    ('ㄒ', "x"),
    ('ㄓ', "zh"),
    ('ㄔ', "ch"),
    ('ㄕ', "sh"),
    ('ㄖ', "r"),
    ('ㄗ', "z"),
    ('ㄘ', "c"),
    ('ㄙ', "s"),
];

/// Medial and final, as pinyin has it behind an initial, and alone.
const FINALS: [(&str, &str, &str); 38] = [
    ("ㄚ", "a", "a"),
    ("ㄛ", "o", "o"),
    ("ㄜ", "e", "e"),
    ("ㄝ", "E", "E"),
    ("ㄞ", "ai", "ai"),
    ("ㄟ", "ei", "ei"),
    ("ㄠ", "ao", "ao"),
    ("ㄡ", "ou", "ou"),
    ("ㄢ", "an", "an"),
    ("ㄣ", "en", "en"),
    ("ㄤ", "ang", "ang"),
    ("ㄥ", "eng", "eng"),
    ("ㄦ", "er", "er"),
    ("ㄧ", "i", "yi"),
    ("ㄧㄚ", "ia", "ya"),
    ("ㄧㄛ", "io", "yo"),
    ("ㄧㄝ", "ie", "ye"),
    ("ㄧㄞ", "iai", "yai"),
    ("ㄧㄠ", "iao", "yao"),
    ("ㄧㄡ", "iu", "you"),
    ("ㄧㄢ", "ian", "yan"),
    ("ㄧㄣ", "in", "yin"),
    ("ㄧㄤ", "iang", "yang"),
    ("ㄧㄥ", "ing", "ying"),
    ("ㄨ", "u", "wu"),
    ("ㄨㄚ", "ua", "wa"),
    ("ㄨㄛ", "uo", "wo"),
    ("ㄨㄞ", "uai", "wai"),
    ("ㄨㄟ", "ui", "wei"),
    ("ㄨㄢ", "uan", "wan"),
    ("ㄨㄣ", "un", "wen"),
    ("ㄨㄤ", "uang", "wang"),
    ("ㄨㄥ", "ong", "weng"),
    ("ㄩ", "v", "yu"),
    ("ㄩㄝ", "ve", "yue"),
    ("ㄩㄢ", "van", "yuan"),
    ("ㄩㄣ", "vn", "yun"),
    ("ㄩㄥ", "iong", "yong"),
];

fn tone_of(c: char) -> Option<u8> {
    match narrow(c).unwrap_or(c) {
        'ˉ' | '1' => Some(1),
        'ˊ' | '´' | '2' => Some(2),
        'ˇ' | '3' => Some(3),
        'ˋ' | '`' | '4' => Some(4),
        '˙' | '·' | '・' | '5' => Some(5),
        _ => None,
    }
}

fn is_letter(c: char) -> bool {
    ('ㄅ'..='ㄩ').contains(&c)
}

/// Whether the character can be part of a syllable.
pub(super) fn may_contain(c: char) -> bool {
    is_letter(c) || tone_of(c).is_some() || matches!(c, '一' | '丨')
}

/// `ㄊㄨㄢˊ`, `˙ㄗ` or `ㄗ˙`, and, for ㄧ, the characters that look like it.
/// No mark is tone 1.
pub(super) fn parse(text: &str) -> Option<Syllable> {
    if !text.chars().any(is_letter) {
        return None;
    }
    let mut tone = None;
    let mut letters = String::new();
    let mut closed = false;
    for c in text.chars() {
        if let Some(new) = tone_of(c) {
            (tone.replace(new).is_none()).then_some(())?;
            // Only the dot may stand before.
            (new == 5 || !letters.is_empty()).then_some(())?;
            closed = !letters.is_empty();
        } else {
            (!closed).then_some(())?;
            letters.push(match c {
                '一' | '丨' => 'ㄧ',
                c if is_letter(c) => c,
                _ => return None,
            });
        }
    }
    let (letters, erhua) = match letters.strip_suffix('ㄦ') {
        Some(front) if !front.is_empty() => (front, "r"),
        _ => (letters.as_str(), ""),
    };
    let initial = INITIALS.iter().find(|(sign, _)| letters.starts_with(*sign));
    let last = initial.and_then(|(sign, _)| letters.strip_prefix(*sign));
    let last = last.unwrap_or(letters);
    let found = FINALS.iter().find(|f| f.0 == last);
    let (initial, last) = match (initial, found) {
        (None, Some((_, _, alone))) => ("", *alone),
        (Some((_, initial)), Some((_, behind, _))) => (*initial, *behind),
        // ㄓ alone is zhi.
        (Some((sign, initial)), None)
            if last.is_empty() && ('ㄓ'..='ㄙ').contains(sign) =>
        {
            (*initial, "i")
        }
        _ => return None,
    };
    let mut spelled = Letters::default();
    for letter in initial.bytes().chain(last.bytes()).chain(erhua.bytes()) {
        // After these ü is written u.
        let plain = letter == b'v' && matches!(initial, "j" | "q" | "x");
        spelled.push(if plain { b'u' } else { letter })?;
    }
    Some(Syllable {
        letters: spelled,
        tone: tone.unwrap_or(1),
        form: Form::Zhuyin,
        capital: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syllables_are_spelled() {
        let cases = [
            ("ㄊㄨㄢˊ", "tuan2"),
            ("ㄩˇ", "yu3"),
            ("ㄇㄚ", "ma1"),
            ("ㄇㄚ˙", "ma5"),
            ("˙ㄗ", "zi5"),
            ("ㄓ", "zhi1"),
            ("ㄕˋ", "shi4"),
            ("ㄌㄩˋ", "lv4"),
            ("ㄐㄩㄝˊ", "jue2"),
            ("ㄒㄩㄥˊ", "xiong2"),
            ("ㄨㄥ", "weng1"),
            ("ㄏㄨㄥˊ", "hong2"),
            ("ㄧㄡˇ", "you3"),
            ("ㄐ一ㄡˇ", "jiu3"),
            ("ㄏㄨㄚㄦ", "huar1"),
            ("ㄦˊ", "er2"),
        ];
        for (text, wanted) in cases {
            let read = parse(text).map(|s| {
                let letters = String::from_utf8_lossy(s.letters.as_bytes());
                format!("{letters}{}", s.tone)
            });
            assert_eq!(read.as_deref(), Some(wanted), "{text}");
            assert!(text.chars().all(may_contain), "{text}");
        }
    }

    #[test]
    fn anything_else_is_none() {
        for text in ["", "ˊ", "ㄅ", "ㄅㄅㄚ", "ㄍㄨㄛˊㄩˇ", "ˊㄚ", "一", "ㄚa"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
