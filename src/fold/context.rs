//! Places where a reading is what the text is about: 多音字：行(háng)、行(xíng).
//!
//! All that is looked at here stands in one line, close to the note. Nothing
//! that folding takes away brings such a place into being, and what is kept
//! because of one is kept again, for it stands closer then.

use std::sync::LazyLock;

use crate::chars::{is_han, is_kana, is_variation_selector, narrow};

use super::note::is_blank;

/// Characters of the line that are looked at, before a note and behind.
pub(super) const CHARS: usize = 64;
/// Those among them in which a word about readings counts.
const CUE_CHARS: usize = 14;
/// Stands for a note in the text around another.
pub(super) const NOTE: char = '\u{1}';

/// Words of those who speak of readings, in both scripts.
const CUES: &str = "读作 讀作 读音 讀音 拼音 注音 多音 同音 异读 異讀 声调 聲調 \
    发音 發音 念作 念成 读成 讀成 读为 讀為 声母 聲母 韵母 韻母 部首 笔画 筆畫 \
    字典 词典 辭典 辞典 生字 通假 音同 音近 轻声 輕聲 平声 平聲 去声 去聲 入声 入聲 \
    正音 误读 誤讀 字音 不读 不讀 又读 又讀 亦读 亦讀 旧读 舊讀 今读 今讀 变调 變調 \
    破音 形近字 粤语 粵語 粤音 粵音 粤拼 粵拼 广东话 廣東話 白话字 白話字 闽南 閩南 \
    客语 客語 台语 台語 吴语 吳語 越南语 越南語 日语 日語 韩语 韓語";

/// Sorted by their first characters, and some bits of these, so that few
/// characters are looked for.
static CUE_LIST: LazyLock<(Vec<&str>, [u64; 16])> = LazyLock::new(|| {
    let mut list: Vec<&str> = CUES.split_whitespace().collect();
    list.sort_unstable();
    let mut bits = [0; 16];
    let read = ['读', '讀', 'p', 'P'];
    let first = list.iter().filter_map(|cue| cue.chars().next());
    for c in first.chain(read) {
        let (word, bit) = place(c);
        if let Some(word) = bits.get_mut(word) {
            *word |= 1 << bit;
        }
    }
    (list, bits)
});

fn place(c: char) -> (usize, u32) {
    let low = c as u32 % 1024;
    ((low / 64) as usize, low % 64)
}

/// Whether a word about readings stands in the text.
fn has_cue(text: &str) -> bool {
    let (list, bits) = &*CUE_LIST;
    text.char_indices().any(|(at, c)| {
        let c = narrow(c).unwrap_or(c);
        let (word, bit) = place(c);
        if bits.get(word).is_none_or(|word| word >> bit & 1 == 0) {
            return false;
        }
        if !is_han(c) && !matches!(c, 'p' | 'P') {
            return false;
        }
        let rest = text.get(at..).unwrap_or_default();
        if matches!(c, 'p' | 'P') {
            let start = rest.get(..6).unwrap_or_default();
            return start.eq_ignore_ascii_case("pinyin");
        }
        if matches!(c, '读' | '讀') {
            let next = rest.chars().nth(1).map(|c| narrow(c).unwrap_or(c));
            let spelled = |c| {
                matches!(c, '“' | '"' | '「' | '『' | 'a'..='z')
                    || matches!(c, 'ā' | 'á' | 'ǎ' | 'à')
            };
            if next.is_some_and(spelled) {
                return true;
            }
        }
        let first = |cue: &&str| cue.chars().next();
        let from = list.partition_point(|cue| first(cue) < Some(c));
        list.iter()
            .skip(from)
            .take_while(|cue| cue.starts_with(c))
            .any(|cue| rest.starts_with(cue))
    })
}

/// Letters of options: `A．蔚(wèi)蓝 B．粗犷(guǎng)`.
fn options(text: &str, at_start: bool) -> u8 {
    let mut before = if at_start { '\n' } else { NOTE };
    let mut count = 0u8;
    let letter = |c: char| matches!(narrow(c).unwrap_or(c), 'A'..='D');
    if !text.contains(letter) {
        return 0;
    }
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let free =
            is_blank(before) || matches!(before, '\n' | '\t' | '：' | ':');
        let stop = matches!(chars.peek(), Some('.' | '．' | '、'));
        let c = narrow(c).unwrap_or(c);
        if free && stop && letter(c) {
            count = count.saturating_add(1);
        }
        before = c;
    }
    count
}

/// Kana says Japanese, but for の, which Chinese shops write.
fn has_kana(text: &str) -> bool {
    text.chars().any(|c| is_kana(c) && c != 'の')
}

/// One side of a note.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Side {
    /// The character beside; none at the edge of the line.
    pub(super) beside: Option<char>,
    /// The first that is no blank.
    pub(super) first: Option<char>,
    /// Behind a note: that one has a note too.
    read: bool,
    cue: bool,
    options: u8,
    kana: bool,
}

/// The line before a note, which ends with the character that the note is on.
/// `at_start`: it starts where the line does.
pub(super) fn before(text: &str, at_start: bool) -> Side {
    let near = last_chars(text, CUE_CHARS + 1);
    let mut chars = text.chars().rev();
    let base = chars.find(|c| !is_variation_selector(*c));
    debug_assert!(base.is_some_and(is_han));
    let beside = chars.clone().next();
    let first = chars.find(|c| !is_blank(*c) && *c != '\t');
    Side {
        beside,
        first,
        read: false,
        cue: has_cue(near),
        options: options(text, at_start),
        kana: has_kana(text),
    }
}

/// The line behind a note.
pub(super) fn behind(text: &str) -> Side {
    let near = first_chars(text, CUE_CHARS);
    let mut chars = text.chars();
    let first = chars.find(|c| !is_blank(*c) && *c != '\t');
    Side {
        beside: text.chars().next(),
        first,
        read: first.is_some_and(is_han) && chars.next() == Some(NOTE),
        cue: has_cue(near),
        options: options(text, false),
        kana: has_kana(text),
    }
}

pub(super) fn last_chars(text: &str, n: usize) -> &str {
    let at = n.checked_sub(1).and_then(|n| text.char_indices().nth_back(n));
    text.get(at.map_or(0, |(at, _)| at)..).unwrap_or_default()
}

fn first_chars(text: &str, n: usize) -> &str {
    let end = text.char_indices().nth(n).map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or_default()
}

/// Why a right reading may be what the text is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Guard {
    /// A romanised name.
    Capital,
    /// A word about readings is close.
    Cue,
    /// A single character in quotes.
    Quoted,
    /// A character at the start of a line, a blank behind. Whether the next
    /// character has a note too.
    Headword(bool),
    /// Another reading of the same character is close. Whether the note
    /// stands alone between marks.
    TwoReadings(bool),
    /// A character alone between marks.
    List,
    /// One of several options.
    Exam,
    /// Text in another language.
    Foreign,
    /// A note in the line cannot be undone.
    Stuck,
}

/// What is known of a note but its sides.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    pub(super) capital: bool,
    /// Another reading of the character is close.
    pub(super) two: bool,
    /// A syllable of another language with a number is close, and this one has
    /// a number too.
    pub(super) foreign: bool,
    /// Script conversion changes the character.
    pub(super) differs: bool,
}

/// What speaks against removing a right reading; the strongest first.
pub(super) fn guard(
    before: &Side,
    behind: &Side,
    facts: Facts,
) -> Option<Guard> {
    let Facts { capital, two, foreign, differs } = facts;
    if foreign || before.kana || behind.kana {
        return Some(Guard::Foreign);
    }
    if before.options + behind.options >= 2 {
        return Some(Guard::Exam);
    }
    if before.cue || behind.cue {
        return Some(Guard::Cue);
    }
    let (p, q) = (before.beside, behind.beside);
    let opens = |c| "“\"「『‘'`《【〈".contains(c);
    let closes = |c| "”\"」』’'`》】〉，,：:".contains(c);
    if p.is_some_and(opens) && q.is_some_and(closes) {
        return Some(Guard::Quoted);
    }
    if capital {
        return Some(Guard::Capital);
    }
    let blank = |c| is_blank(c) || c == '\t';
    if p.is_none() && q.is_some_and(blank) && !differs {
        return Some(Guard::Headword(behind.read));
    }
    let joined = |c| is_han(c) || c == NOTE;
    let alone =
        !before.first.is_some_and(joined) && !behind.first.is_some_and(is_han);
    if two {
        return Some(Guard::TwoReadings(alone));
    }
    let starts = |c| {
        blank(c)
            || "、，,;；|｜：:.．·•*●■◆▪".contains(c)
            || ('①'..='⑳').contains(&c)
    };
    let ends = |c| blank(c) || "：:，,、；;。.—-=＝|｜/／(（".contains(c);
    let listed =
        alone && !differs && p.is_none_or(starts) && q.is_none_or(ends);
    if listed {
        return Some(Guard::List);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_about_readings_are_seen() {
        for text in ["的读音是", "讀音", "读“行", "读a", "普通话正音"]
        {
            assert!(has_cue(text), "{text}");
        }
        for text in ["", "阅读材料", "音乐", "读书", "发\u{1}音"] {
            assert!(!has_cue(text), "{text}");
        }
    }

    #[test]
    fn options_are_counted() {
        assert_eq!(options("A．蔚蓝 B．粗犷 C.a", true), 3);
        assert_eq!(options("A．蔚蓝 B．粗犷 C.a", false), 2);
        assert_eq!(options("IDA. B队", true), 0);
    }
}
