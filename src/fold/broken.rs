//! Notes that something has broken: the vowel with the tone lost (國(gu?)), the
//! note's own mojibake (tu谩n), references and escapes (`ch&#462;n`), and
//! characters that nobody sees.
//!
//! What such a note may have been is spelled out here. It folds only where
//! that is a reading of the character, tone and all.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, IBM866, ISO_8859_2, ISO_8859_15,
    KOI8_R, MACINTOSH, SHIFT_JIS, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252,
    WINDOWS_1254,
};
use oem_cp::code_table::{DECODING_TABLE_CP437, DECODING_TABLE_CP850};

use super::note::is_blank;
use super::reading::{self, Verdict};
use super::syllable;
use crate::chars::narrow;
use crate::tables::SIMPLIFIED;

/// Letters that notes are written with beside ASCII, and the marks of
/// decomposed ones.
const LETTERS: &str = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüêńňǹḿɑɡ\
                       ĀÁǍÀĒÉĚÈŌÓǑÒ\
                       \u{304}\u{301}\u{30C}\u{300}\u{308}";
/// Those that windows-1252 has.
const WESTERN: &str = "áàéèíìóòúùüê";

/// Decoders that take bytes of these letters for something else.
static READERS: [&Encoding; 14] = [
    WINDOWS_1252,
    WINDOWS_1250,
    WINDOWS_1251,
    WINDOWS_1254,
    ISO_8859_2,
    ISO_8859_15,
    MACINTOSH,
    KOI8_R,
    IBM866,
    GB18030,
    BIG5,
    SHIFT_JIS,
    EUC_KR,
    EUC_JP,
];

/// What a garbled stretch may have been.
type Garbled = BTreeMap<String, Vec<String>>;

static GARBLED: LazyLock<(Garbled, Vec<char>)> = LazyLock::new(|| {
    let mut garbled = Garbled::new();
    let mut add = |bytes: &[u8], was: &str| {
        for form in readings(bytes) {
            // Controls and blanks do not last.
            let bare = form.replace(|c| c <= '\u{A0}' && c > '~', "");
            let bare = bare.replace('\u{AD}', "");
            let blank = form.replace('\u{A0}', " ");
            for form in [form, bare, blank] {
                // ASCII by itself is what it is.
                if form.trim().is_ascii() || form == was {
                    continue;
                }
                let all = garbled.entry(form).or_default();
                if !all.iter().any(|other| other == was) {
                    all.push(was.to_string());
                }
            }
        }
    };
    for c in LETTERS.chars() {
        let was = c.to_string();
        add(was.as_bytes(), &was);
        // UTF-8 read as windows-1252, twice.
        for once in readings(was.as_bytes()) {
            add(once.as_bytes(), &was);
        }
        let (gbk, _, lost) = GB18030.encode(&was);
        if !lost && gbk.len() == 2 {
            add(&gbk, &was);
        }
    }
    // A byte of windows-1252 pairs with the letter behind it.
    for c in WESTERN.chars() {
        for next in 'a'..='z' {
            let was = format!("{c}{next}");
            let (bytes, _, _) = WINDOWS_1252.encode(&was);
            let read = GB18030
                .decode_without_bom_handling_and_without_replacement(&bytes);
            if let Some(read) = read {
                let all = garbled.entry(simple(&read)).or_default();
                all.push(was);
            }
        }
    }
    let mut chars: Vec<char> =
        garbled.keys().flat_map(|key| key.chars()).collect();
    chars.sort_unstable();
    chars.dedup();
    (garbled, chars)
});

/// What wrong decoders make of the bytes.
fn readings(bytes: &[u8]) -> Vec<String> {
    let mut all: Vec<String> = READERS
        .iter()
        .filter_map(|encoding| {
            encoding.decode_without_bom_handling_and_without_replacement(bytes)
        })
        .map(|read| simple(&read))
        .collect();
    for table in [&DECODING_TABLE_CP437, &DECODING_TABLE_CP850] {
        let of = |b: &u8| match b.checked_sub(0x80) {
            Some(high) => table.get(usize::from(high)).copied(),
            None => Some(char::from(*b)),
        };
        all.extend(bytes.iter().map(of).collect::<Option<String>>());
    }
    // ISO-8859-1, where windows-1252 has marks.
    all.push(bytes.iter().map(|b| char::from(*b)).collect());
    all
}

/// The text as it will be when it has been converted, so that a note is the
/// same before and after.
fn simple(text: &str) -> String {
    text.chars().map(simple_char).collect()
}

fn simple_char(c: char) -> char {
    let row = SIMPLIFIED.row(c as u32);
    row.becomes().unwrap_or(narrow(c).unwrap_or(c))
}

/// A character that stands for one that was lost.
fn is_lost(c: char) -> bool {
    matches!(c, '?' | '？' | char::REPLACEMENT_CHARACTER | '□')
}

/// A character that nobody sees.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}'
        | '\u{34F}'
        | '\u{180E}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{2069}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}')
}

/// Whether the character can be part of a note that is broken, beside what
/// sound ones have.
pub(super) fn may_contain(c: char) -> bool {
    is_lost(c)
        || is_invisible(c)
        || "&#;\\{}%=^`\"'".contains(c)
        || GARBLED.1.binary_search(&simple_char(c)).is_ok()
}

/// How many ways to read a note are tried.
const MAX_WAYS: usize = 16;

/// Whether the note may have been a reading of the character.
pub(super) fn reads(c: char, text: &str) -> bool {
    let seen: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    let plain = unescape(&seen);
    // A soft hyphen may be half of a letter.
    fits(c, &plain)
        || ungarble(&simple(&plain)).iter().any(|way| fits(c, way))
        || seen != text
            && ungarble(&simple(text)).iter().any(|way| fits(c, way))
}

/// Whether this is a reading of the character, but for what was lost.
fn fits(c: char, text: &str) -> bool {
    let text = text.trim_matches(is_blank);
    if text.contains(is_lost) {
        return skeleton_fits(c, text);
    }
    syllable::parse(text).is_some_and(|syllable| {
        syllable.tone != 0
            && !syllable.capital
            && reading::verdict(c, &syllable) == Verdict::Exact
    })
}

/// `gu?` is guó: one vowel is lost, the one with the mark. Each of its bytes
/// may have left something.
fn skeleton_fits(c: char, text: &str) -> bool {
    let Some(start) = text.find(is_lost) else { return false };
    let (before, rest) = text.split_at(start);
    let after = rest.trim_start_matches(is_lost);
    let lost = rest.len() - after.len();
    let lost = rest.get(..lost).unwrap_or_default().chars().count();
    let letters = |text: &str| {
        text.chars()
            .map(|c| match narrow(c).unwrap_or(c) {
                c @ 'a'..='z' => Some(c as u8),
                'ɡ' => Some(b'g'),
                'ü' => Some(b'v'),
                _ => None,
            })
            .collect::<Option<Vec<u8>>>()
    };
    let (Some(before), Some(after)) = (letters(before), letters(after)) else {
        return false;
    };
    if lost > 3 || before.is_empty() && after.is_empty() {
        return false;
    }
    reading::of(c).any(|(listed, tone)| {
        tone != 5
            && listed.len() == before.len() + 1 + after.len()
            && listed.starts_with(&before)
            && listed.ends_with(&after)
            && reading::marked(listed) == Some(before.len())
    })
}

/// Every way to undo what a wrong decoder did to some letters.
fn ungarble(text: &str) -> Vec<String> {
    let mut ways = vec![(0, String::new())];
    let mut done = Vec::new();
    while let Some((at, so_far)) = ways.pop() {
        let Some(c) = text.get(at..).and_then(|rest| rest.chars().next())
        else {
            done.push(so_far);
            continue;
        };
        if done.len() + ways.len() < MAX_WAYS {
            for (end, _) in text.char_indices().filter(|(i, _)| *i > at) {
                ways.extend(undone(text, at, end, &so_far));
            }
            ways.extend(undone(text, at, text.len(), &so_far));
        }
        // The character as it is, which is the way tried first.
        let mut plain = so_far;
        plain.push(c);
        ways.push((at + c.len_utf8(), plain));
    }
    done
}

/// With this stretch read as what it may have been.
fn undone(
    text: &str,
    from: usize,
    to: usize,
    so_far: &str,
) -> Vec<(usize, String)> {
    let stretch = text.get(from..to).unwrap_or_default();
    let found = GARBLED.0.get(stretch).into_iter().flatten();
    found.map(|was| (to, format!("{so_far}{was}"))).collect()
}

/// `&#462;`, `&oacute;`, `\u00f3`, `%C3%B3`, `\'o` and their like, as what they
/// stand for.
fn unescape(text: &str) -> String {
    let narrowed: String =
        text.chars().map(|c| narrow(c).unwrap_or(c)).collect();
    let mut text = narrowed.replace("&amp;", "&");
    for sign in ['%', '='] {
        if text.contains(sign) {
            text = bytes_of(&text, sign);
        }
    }
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        let found = match c {
            '&' => reference(rest),
            '\\' | '%' => escape(rest),
            _ => None,
        };
        let (c, len) = found.unwrap_or((c, c.len_utf8()));
        out.push(c);
        rest = rest.get(len..).unwrap_or_default();
    }
    out
}

/// A character reference of HTML, and its length.
fn reference(text: &str) -> Option<(char, usize)> {
    let body = text.strip_prefix('&')?;
    if let Some(number) = body.strip_prefix('#') {
        let hex = number.strip_prefix(['x', 'X']);
        let (digits, radix) = hex.map_or((number, 10), |hex| (hex, 16));
        let len = digits.chars().take_while(|c| c.is_digit(radix)).count();
        let code = u32::from_str_radix(digits.get(..len)?, radix).ok()?;
        let end = text.len() - digits.len() + len;
        let semicolon = text.get(end..)?.starts_with(';');
        return Some((char::from_u32(code)?, end + usize::from(semicolon)));
    }
    let (name, _) = body.split_once(';')?;
    let base = name.chars().next().filter(char::is_ascii_alphabetic)?;
    let mark = match name.get(1..)? {
        "macr" => '\u{304}',
        "acute" => '\u{301}',
        "caron" => '\u{30C}',
        "breve" => '\u{306}',
        "grave" => '\u{300}',
        "uml" => '\u{308}',
        "circ" => '\u{302}',
        _ => return None,
    };
    let c = unicode_normalization::char::compose(base, mark)?;
    Some((c, name.len() + 2))
}

/// `\u00f3`, `\u{f3}`, `\xf3` or `%u00f3`, and its length.
fn escape(text: &str) -> Option<(char, usize)> {
    let number = |from: usize, len: usize| {
        let digits = text.get(from..from + len)?;
        char::from_u32(u32::from_str_radix(digits, 16).ok()?)
    };
    let mut chars = text.chars();
    let (first, kind) = (chars.next()?, chars.next()?);
    match kind {
        'u' if chars.next()? == '{' && first == '\\' => {
            let len = text.get(3..)?.find('}')?;
            Some((number(3, len)?, len + 4))
        }
        'u' => Some((number(2, 4)?, 6)),
        'x' if first == '\\' => Some((number(2, 2)?, 4)),
        _ if first == '\\' => accent(text, kind),
        _ => None,
    }
}

/// `\'o` or `\v{a}`, as TeX has them, and its length.
fn accent(text: &str, sign: char) -> Option<(char, usize)> {
    let mark = match sign {
        '=' => '\u{304}',
        '\'' => '\u{301}',
        'v' => '\u{30C}',
        'u' => '\u{306}',
        '`' => '\u{300}',
        '"' => '\u{308}',
        _ => return None,
    };
    let body = text.get(2..)?;
    let inside = body.strip_prefix('{');
    let base = inside.unwrap_or(body).chars().next()?;
    let c = unicode_normalization::char::compose(base, mark)?;
    match inside {
        Some(inside) => {
            inside.strip_prefix(base)?.strip_prefix('}')?;
            Some((c, 2 + base.len_utf8() + 2))
        }
        None if sign.is_ascii_alphabetic() => None,
        None => Some((c, 2 + base.len_utf8())),
    }
}

/// Bytes of UTF-8 written `%C3%B3` or `=C3=B3`, by their sign.
fn bytes_of(text: &str, sign: char) -> String {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let hex = rest
            .strip_prefix(sign)
            .and_then(|hex| u8::from_str_radix(hex.get(..2)?, 16).ok());
        let len = if let Some(byte) = hex {
            bytes.push(byte);
            3
        } else {
            bytes.extend(rest.bytes().take(c.len_utf8()));
            c.len_utf8()
        };
        rest = rest.get(len..).unwrap_or_default();
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_broken_is_read() {
        let cases = [
            ('團', "tu?n"),
            ('業', "y??"),
            ('網', "w\u{FFFD}ng"),
            ('國', "gu?"),
            ('團', "tu谩n"),
            ('業', "y猫"),
            ('電', "di脿n"),
            ('業', "yÃ¨"),
            ('團', "tuÃ¡n"),
            ('團', "tu¨¢n"),
            ('團', "tuЁўn"),
            ('業', "y豕"),
            ('團', "tu芍n"),
            ('團', "tuÐn"),
            ('結', "jiĲ"),
            ('產', "ch&#462;n"),
            ('產', "ch&#x1ce;n"),
            ('國', "gu&oacute;"),
            ('國', "gu\\u00f3"),
            ('國', "gu%C3%B3"),
            ('國', "gu\u{AD}ó"),
            ('零', "lÃ\u{AD}ng"),
            ('零', "lÃng"),
            ('大', "dÃ\u{A0}"),
            ('大', "dÃ "),
            ('張', "zhÄ\u{81}ng"),
            ('張', "zhÄng"),
            ('國', "gu=C3=B3"),
            ('國', "gu\\'{o}"),
            ('國', "gu\\'o"),
            ('產', "ch\\v{a}n"),
            ('國', "gu\u{200D}ó"),
            ('團', "tu醤"),
        ];
        for (c, text) in cases {
            assert!(reads(c, text), "{c}({text})");
            let all = text.chars().all(crate::fold::note::may_contain);
            assert!(all, "{text}");
        }
    }

    #[test]
    fn what_reads_otherwise_is_not() {
        let cases = [
            ('團', "ji?"),
            ('吗', "?"),
            ('團', "t?n"),
            ('團', "tuan?"),
            ('團', "tu密n"),
            ('國', "gu/"),
            ('國', "guo&"),
            ('國', ""),
        ];
        for (c, text) in cases {
            assert!(!reads(c, text), "{c}({text})");
        }
    }
}
