//! What stands on the left of a decision, as a few fixed-size facts.

use super::is_blank;
use crate::chars::{extends, is_han, is_variation_selector, narrow};

/// What a character is to its neighbours. No rule of the stage changes the
/// class of a character.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Class {
    /// The start of the line.
    #[default]
    Start,
    Han,
    /// Fullwidth punctuation, which only Chinese text has.
    Wide,
    Digit,
    /// Letters of any other script, marks, symbols, blanks.
    Other,
}

fn class(c: char) -> Class {
    match c {
        '，' | '：' | '；' | '？' | '！' | '。' | '、' => Class::Wide,
        _ if narrow(c).unwrap_or(c).is_ascii_digit() => Class::Digit,
        _ if is_han(c) => Class::Han,
        _ => Class::Other,
    }
}

/// Closing quotes and brackets, and what closes a number: the neighbour of a
/// punctuation mark is the character before them.
fn closes(c: char) -> bool {
    matches!(
        c,
        '”' | '’'
            | '」'
            | '』'
            | '》'
            | '〉'
            | '】'
            | '〕'
            | ')'
            | '）'
            | '%'
            | '％'
    )
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Left {
    /// Of the last character that does not close something.
    class: Class,
    /// Whether anything but blanks stands on the line.
    inside_line: bool,
    /// How much of `://` was written last: 1, 2 or 3 characters of it.
    scheme: u8,
    /// In a URL.
    url: bool,
    /// The last bytes that were written, to tell what a `;` ends.
    recent: [u8; 10],
}

impl Left {
    pub(super) fn in_url(&self) -> bool {
        self.url
    }

    pub(super) fn at_line_start(&self) -> bool {
        !self.inside_line
    }

    /// Whether the mark on the right becomes fullwidth, with this character
    /// behind it.
    pub(super) fn widens(&self, mark: char, next: Option<char>) -> bool {
        // a:=b, a!=b, ://, and what is in a URL.
        if matches!(next, Some('=' | '/')) && matches!(mark, ':' | '!') {
            return false;
        }
        if self.url && next.is_some_and(continues_url) {
            return false;
        }
        if mark == ';' && self.in_reference() {
            return false;
        }
        match self.class {
            Class::Han | Class::Wide => true,
            // 60.92;信函 but 9:30 and 1,000.
            Class::Digit => {
                next.is_some_and(|c| is_han(c) || matches!(c, '“' | '《'))
            }
            Class::Start | Class::Other => false,
        }
    }

    /// Takes note of text that was written, which holds no line end.
    pub(super) fn wrote(&mut self, text: &str) {
        let mut chars = text.chars();
        let last = chars.rfind(|c| !closes(*c) && !is_variation_selector(*c));
        if let Some(c) = last {
            self.class = class(c);
        }
        if !self.inside_line {
            self.inside_line = text.chars().any(|c| !is_blank(c) && c != '\r');
        }
        self.note_url(text);
        self.note_recent(text.as_bytes());
    }

    fn note_recent(&mut self, text: &[u8]) {
        let n = text.len().min(self.recent.len());
        self.recent.rotate_left(n);
        let keep = self.recent.len() - n;
        let last = text.get(text.len() - n..).unwrap_or_default();
        if let Some(end) = self.recent.get_mut(keep..) {
            end.copy_from_slice(last);
        }
    }

    /// Whether a numeric character reference, such as `&#8220;`, wants its
    /// semicolon.
    fn in_reference(&self) -> bool {
        let Some(start) = memchr::memrchr(b'&', &self.recent) else {
            return false;
        };
        match self.recent.get(start + 1..) {
            Some([b'#', digits @ ..]) => {
                digits.iter().all(|b| b.is_ascii_hexdigit() || *b == b'x')
            }
            _ => false,
        }
    }

    /// A line ended.
    pub(super) fn ended_line(&mut self) {
        *self = Left::default();
    }

    fn note_url(&mut self, text: &str) {
        if self.scheme == 0 && !self.url && text != ":" {
            // The mark `:` always comes alone, so a scheme starts with it.
            return;
        }
        for c in text.chars() {
            self.scheme = match (self.scheme, c) {
                (_, ':') => 1,
                (1, '/') => 2,
                (2, '/') => 3,
                _ => 0,
            };
            if self.scheme == 3 {
                self.url = true;
            } else if self.url && ends_url(c) {
                self.url = false;
            }
        }
    }
}

/// What a mark in a URL may be followed by for it to belong there.
fn continues_url(c: char) -> bool {
    let c = narrow(c).unwrap_or(c);
    c.is_ascii_alphanumeric()
        || matches!(
            c,
            '/' | '%' | '&' | '=' | '#' | '.' | '~' | '+' | '-' | '_'
        )
}

fn ends_url(c: char) -> bool {
    match c {
        '"' | '<' | '>' | '`' => true,
        _ => {
            !c.is_ascii_graphic()
                && !is_han(c)
                && !c.is_alphanumeric()
                && !extends(c)
        }
    }
}

/// Bytes at the start that no rule has anything to say about: `at_start`, in a
/// document of which nothing was written; `inside_line`, behind something
/// else than blanks.
pub(crate) fn quiet_prefix(
    text: &str,
    at_start: bool,
    inside_line: bool,
) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&b) = bytes.get(at) {
        let loud = match LOUD.get(usize::from(b)) {
            Some(0) => false,
            Some(1) => true,
            // The first byte of something; the character decides.
            Some(2) => loud_char(bytes.get(at + 1..), b, at_start),
            // One space between two words is no run of blanks. Printable
            // ASCII and common Han are no marks either.
            _ => {
                let next = bytes.get(at + 1).copied().unwrap_or(0);
                !(at > 0 || inside_line)
                    || !matches!(next, b'!'..=b'~' | 0xE4..=0xE9)
            }
        };
        if loud {
            return at;
        }
        at += 1;
    }
    at
}

/// By byte: 0 nothing to say, 1 a character by itself, 2 the first byte of
/// one, 3 a space.
#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
static LOUD: [u8; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    let alone = b",:;?!()\r\n\t\x1B";
    while i < alone.len() {
        table[alone[i] as usize] = 1;
        i += 1;
    }
    table[b' ' as usize] = 3;
    table[0xC2] = 2;
    table[0xE3] = 2;
    table[0xEF] = 2;
    table
};

fn loud_char(rest: Option<&[u8]>, lead: u8, at_start: bool) -> bool {
    match (lead, rest) {
        // U+00A0, U+3000, U+FEFF.
        (0xC2, Some([0xA0, ..])) => true,
        (0xE3, Some([0x80, 0x80, ..])) => true,
        (0xEF, Some([0xBB, 0xBF, ..])) => at_start,
        // （ ） ０–９ Ａ–Ｚ ａ–ｚ
        (0xEF, Some([0xBC, b, ..])) => matches!(
            b,
            0x88 | 0x89 | 0x90..=0x99 | 0xA1..=0xBA
        ),
        (0xEF, Some([0xBD, b, ..])) => matches!(b, 0x81..=0x9A),
        _ => false,
    }
}
