//! Ruby: `<ruby>國<rt>guó</rt></ruby>`, and interlinear annotation, which is
//! U+FFF9 國 U+FFFA guó U+FFFB.
//!
//! It folds as a whole, to the text that carries the readings, if every
//! reading is right. What is nested, crosses a line end or is very long is
//! not looked at.

use super::note::{self, Class, is_blank};
use crate::chars::{is_han, is_variation_selector, narrow};

/// What is longer, in bytes, is kept.
pub(super) const MAX_RUBY: usize = 512;

const ANCHOR: char = '\u{FFF9}';
const SEPARATOR: char = '\u{FFFA}';
const TERMINATOR: char = '\u{FFFB}';

/// What stands at a `<` or an anchor.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Ruby {
    /// So many bytes become this text.
    Fold(usize, String),
    /// So many bytes of ruby that stay as they are, with all that is in them.
    Keep(usize),
    /// Ruby starts here and where it ends cannot be told.
    Endless,
    /// Something else.
    Other,
    /// The text ended first.
    Open,
}

/// What stands at the start of the text.
pub(super) fn find(rest: &str, last: bool) -> Ruby {
    let anchored = rest.starts_with(ANCHOR);
    if !anchored {
        match tag(rest) {
            Tag::Named(name, _) if name == "ruby" => {}
            Tag::Open if !last && rest.len() < MAX_RUBY => {
                return if may_be_ruby(rest) {
                    Ruby::Open
                } else {
                    Ruby::Other
                };
            }
            _ => return Ruby::Other,
        }
    }
    let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
    let cut = end < rest.len() || rest.len() > MAX_RUBY || last;
    let line = rest.get(..end).unwrap_or_default();
    let found = if anchored { anchored_end(line) } else { ruby_end(line) };
    match found {
        Some(len) if len <= MAX_RUBY => {
            let whole = line.get(..len).unwrap_or_default();
            let folded =
                if anchored { anchored_base(whole) } else { base(whole) };
            folded.map_or(Ruby::Keep(len), |text| Ruby::Fold(len, text))
        }
        None if !cut => Ruby::Open,
        _ => Ruby::Endless,
    }
}

/// Whether more letters could make it `<ruby`.
fn may_be_ruby(rest: &str) -> bool {
    let mut wanted = "<ruby".chars();
    rest.chars().take(5).all(|c| wanted.next() == Some(plain(c)))
}

fn plain(c: char) -> char {
    narrow(c).unwrap_or(c).to_ascii_lowercase()
}

enum Tag {
    /// Its name, in lower case, with the slash of a closing one; its length.
    Named(String, usize),
    /// No tag.
    None,
    /// The text ended first.
    Open,
}

/// The tag at the start of the text.
fn tag(text: &str) -> Tag {
    let Some(body) = text.strip_prefix('<') else { return Tag::None };
    let mut name = String::new();
    let mut rest = body.chars();
    loop {
        let before = rest.clone();
        match rest.next().map(plain) {
            Some('/') if name.is_empty() => name.push('/'),
            Some(c) if c.is_ascii_alphanumeric() && name.len() < 8 => {
                name.push(c);
            }
            Some('>' | '/') => {
                rest = before;
                break;
            }
            Some(c) if is_blank(c) || c == '\t' => break,
            Some(_) => return Tag::None,
            None => return Tag::Open,
        }
    }
    if name.is_empty() {
        return Tag::None;
    }
    match rest.as_str().find(['>', '<', '\n', '\r']) {
        Some(at) if rest.as_str().get(at..at + 1) == Some(">") => {
            let behind = rest.as_str().len() - at - 1;
            Tag::Named(name, text.len() - behind)
        }
        Some(_) => Tag::None,
        None => Tag::Open,
    }
}

/// The length of a ruby element, if it ends in this line and none starts in
/// it.
fn ruby_end(line: &str) -> Option<usize> {
    let mut at = 1;
    loop {
        at += line.get(at..)?.find('<')?;
        match tag(line.get(at..)?) {
            Tag::Named(name, len) if name == "/ruby" => return Some(at + len),
            Tag::Named(name, _) if name == "ruby" => return None,
            _ => at += 1,
        }
    }
}

fn anchored_end(line: &str) -> Option<usize> {
    let inside = line.get(ANCHOR.len_utf8()..)?;
    let at = inside.find([ANCHOR, TERMINATOR])?;
    let end = ANCHOR.len_utf8() + at + TERMINATOR.len_utf8();
    inside.get(at..)?.starts_with(TERMINATOR).then_some(end)
}

/// The text that carries the readings of interlinear annotation, if they are
/// right.
fn anchored_base(whole: &str) -> Option<String> {
    let inside = whole.strip_prefix(ANCHOR)?.strip_suffix(TERMINATOR)?;
    let (base, reading) = inside.split_once(SEPARATOR)?;
    read(base, &[reading])?;
    Some(base.to_string())
}

/// What the text inside an element is.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Part {
    Base,
    Reading,
    /// Brackets for those who do not know ruby.
    Bracket,
}

/// The text that carries the readings of a ruby element, if they are right.
fn base(whole: &str) -> Option<String> {
    let mut out = String::new();
    let mut group = String::new();
    let mut readings: Vec<String> = Vec::new();
    let mut any = false;
    let mut part = Part::Base;
    let mut rest = whole;
    while !rest.is_empty() {
        let Tag::Named(name, len) = tag(rest) else { return None };
        part = match name.as_str() {
            "ruby" | "rb" | "/rb" | "/rt" | "/rp" | "/ruby" => Part::Base,
            "rt" => {
                readings.push(String::new());
                Part::Reading
            }
            "rp" => Part::Bracket,
            _ => return None,
        };
        rest = rest.get(len..)?;
        let len = rest.find('<').unwrap_or(rest.len());
        let (text, behind) = rest.split_at_checked(len)?;
        rest = behind;
        let filled = !text.trim_matches(is_blank).is_empty();
        match part {
            Part::Bracket => {
                let bracket = |c| "()（）[]〔〕【】 ".contains(c);
                text.chars().all(bracket).then_some(())?;
            }
            Part::Reading => readings.last_mut()?.push_str(text),
            Part::Base if filled || rest.is_empty() => {
                if !readings.is_empty() {
                    read(&group, &readings)?;
                    any = true;
                    out.push_str(&group);
                    group.clear();
                    readings.clear();
                }
                group.push_str(text);
            }
            Part::Base => {}
        }
    }
    let _ = part;
    // Text behind the last reading: marks, say.
    let sound = |c: char| {
        !is_blank(c) && !"()（）[]〔〕【】<>&".contains(c) && c >= ' '
    };
    (any && group.chars().all(sound)).then_some(())?;
    out.push_str(&group);
    Some(out)
}

/// Whether the readings are those of the text.
fn read<S: AsRef<str>>(base: &str, readings: &[S]) -> Option<()> {
    let base = base.trim_matches(is_blank);
    let chars: Vec<char> =
        base.chars().filter(|c| !is_variation_selector(*c)).collect();
    let right = |chars: &[char], reading: &str| {
        let base = chars.last()?;
        chars.iter().all(|c| is_han(*c)).then_some(())?;
        let read = note::read(*base, chars, reading)?;
        let right = match read.class {
            Class::Exact | Class::Toneless => chars.len() == 1,
            Class::Word(word) => usize::from(word.syllables) == chars.len(),
            _ => false,
        };
        right.then_some(())
    };
    if readings.len() == chars.len() {
        let mut pairs = chars.chunks(1).zip(readings);
        return pairs.try_for_each(|(c, reading)| right(c, reading.as_ref()));
    }
    let all: Vec<&str> = readings.iter().map(AsRef::as_ref).collect();
    right(&chars, &all.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn folds(text: &str, wanted: &str) {
        assert_eq!(find(text, true), Ruby::Fold(text.len(), wanted.into()));
        let behind = format!("{text}.");
        assert_eq!(find(&behind, false), find(text, true));
    }

    #[test]
    fn right_readings_fold() {
        let cases = [
            ("<ruby>國<rt>guó</rt></ruby>", "國"),
            ("<ruby>中<rt>zhōng</rt>国<rt>guó</rt></ruby>", "中国"),
            (
                "<ruby><rb>中国</rb><rp>（</rp><rt>zhōngguó</rt><rp>）</rp></ruby>",
                "中国",
            ),
            ("<RUBY class=a>國<rt>ㄍㄨㄛˊ</RUBY>", "國"),
            ("<ruby><rb>漢<rb>字<rt>hàn<rt>zì</ruby>", "漢字"),
            ("<ruby>漢<rt>hàn</rt>。</ruby>", "漢。"),
            ("\u{FFF9}國\u{FFFA}guó\u{FFFB}", "國"),
        ];
        for (text, wanted) in cases {
            folds(text, wanted);
        }
    }

    #[test]
    fn others_stay() {
        for text in [
            "<ruby>漢字<rt>かんじ</rt></ruby>",
            "<ruby>國<rt>jié</rt></ruby>",
            "<ruby>國</ruby>",
            "<ruby>a<rt>guó</rt></ruby>",
            "<ruby><b>國</b><rt>guó</rt></ruby>",
            "<ruby>中国<rt>zhōng</rt></ruby>",
        ] {
            assert_eq!(find(text, true), Ruby::Keep(text.len()), "{text}");
        }
        for text in ["<ruby>國<rt>guó</rt>", "<ruby>\n</ruby>", "<ruby><ruby>"]
        {
            assert_eq!(find(text, true), Ruby::Endless, "{text}");
        }
        for text in ["<rubyx>", "<b>", "< ruby>", "<", "<ru"] {
            assert_eq!(find(text, true), Ruby::Other, "{text}");
        }
        for text in ["<", "<ru", "<ruby", "<ruby>國<rt>guó</rt>"] {
            assert_eq!(find(text, false), Ruby::Open, "{text}");
        }
    }
}
