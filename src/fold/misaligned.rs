//! Notes that a machine put on half a character.
//!
//! What strews notes over a page replaces bytes of GBK, and is blind to where
//! characters start: in 們試圖, 82 83 | D4 87 | 88 44, it finds 83 D4, which
//! is 冊, and writes 冊(cè). D4 makes no character with the bracket, so both
//! are lost, and what follows is out of step up to the next letter:
//! 們?cè)噲D.
//!
//! The byte before the lost one and the reading say which bytes it may have
//! been. With one of them the bytes that follow are read again, up to where
//! the borders of characters meet. What comes out counts only if the machine
//! makes of it exactly what stands there, and if it is plausible, and more so
//! than what else it may have been.

use encoding_rs::GB18030;

use super::reading::{self, Verdict};
use super::syllable::{self, Form, Syllable};
use crate::chars::is_han;
use crate::tables::SIMPLIFIED;
use crate::tables::stats::{Cell, Model, NAT};

/// Bytes that are looked at. A stretch that goes on for longer stays.
const MAX_STRETCH: usize = 256;
/// The longest note, brackets included: `(zhuàng)`.
const MAX_NOTE: usize = 16;
/// Ways to read a stretch that are looked at.
const MAX_WAYS: usize = 64;
/// A character of repaired text costs no more than this on average.
const PLAUSIBLE: u32 = 9 * NAT;
/// By how much the second best way has to be worse.
const MARGIN: u32 = 4 * NAT;

/// What stands at a place where a byte may have been lost.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Found {
    /// It was this, in so many bytes. With the characters that had the notes.
    Repair(usize, String, Vec<char>),
    /// A note that cannot be undone.
    Stuck,
    /// No note.
    Other,
    /// The text ended first.
    Open,
}

/// The characters that notes were seen on, of those in the first block of Han.
#[derive(Debug, Default)]
pub(super) struct Noted(Vec<u64>);

impl Noted {
    const FIRST: u32 = 0x4E00;
    const WORDS: usize = 0x5200 / 64;

    fn place(c: char) -> Option<(usize, u32)> {
        let number = (c as u32).checked_sub(Noted::FIRST)?;
        let word = (number / 64) as usize;
        (word < Noted::WORDS).then_some((word, number % 64))
    }

    pub(super) fn note(&mut self, c: char) {
        self.0.resize(Noted::WORDS, 0);
        if let Some((word, bit)) = Noted::place(c)
            && let Some(word) = self.0.get_mut(word)
        {
            *word |= 1 << bit;
        }
    }

    fn has(&self, c: char) -> bool {
        Noted::place(c)
            .and_then(|(word, bit)| Some(self.0.get(word)? >> bit & 1 == 1))
            .unwrap_or(false)
    }
}

/// The bytes of a character of GBK.
fn bytes_of(c: char) -> Option<(u8, Option<u8>)> {
    let mut text = [0; 4];
    let (bytes, _, lost) = GB18030.encode(c.encode_utf8(&mut text));
    match (&*bytes, lost) {
        ([byte], false) => Some((*byte, None)),
        ([lead, trail], false) => Some((*lead, Some(*trail))),
        _ => None,
    }
}

/// The character that two bytes are.
fn pair(lead: u8, trail: u8) -> Option<char> {
    if lead < 0x81 || !(0x40..0xFF).contains(&trail) || trail == 0x7F {
        return None;
    }
    let pair = [lead, trail];
    let text =
        GB18030.decode_without_bom_handling_and_without_replacement(&pair)?;
    let mut chars = text.chars();
    chars.next().filter(|_| chars.next().is_none())
}

/// A syllable with a bracket behind it, and its length. `None`: the text ends
/// first.
fn note(text: &str) -> Option<Option<(Syllable, usize)>> {
    let end = text
        .char_indices()
        .take_while(|(at, _)| *at < MAX_NOTE)
        .find(|(_, c)| !c.is_alphabetic() || is_han(*c));
    let Some((end, c)) = end else {
        return (text.len() >= MAX_NOTE).then_some(None);
    };
    let syllable = text.get(..end).and_then(syllable::parse);
    Some(
        syllable
            .filter(|syllable| {
                c == ')'
                    && syllable.form == Form::Marked
                    && !syllable.capital
                    && (1..=4).contains(&syllable.tone)
            })
            .map(|syllable| (syllable, end + 1)),
    )
}

/// Whether the machine writes this note on the character.
fn takes(c: char, syllable: &Syllable) -> bool {
    is_han(c)
        && SIMPLIFIED.row(c as u32).becomes().is_some()
        && reading::verdict(c, syllable) == Verdict::Exact
}

/// The bytes that make with this one a character that takes the note.
fn lost(lead: u8, syllable: &Syllable) -> Vec<(u8, char)> {
    (0x81..=0xFE)
        .filter_map(|trail| Some((trail, pair(lead, trail)?)))
        .filter(|(_, c)| takes(*c, syllable))
        .collect()
}

/// A byte that became `?`, or U+FFFD, and the bracket behind it.
fn hole(text: &str) -> Option<usize> {
    if let Some(rest) = text.strip_prefix(char::REPLACEMENT_CHARACTER) {
        return rest.starts_with('(').then_some(text.len() - rest.len() + 1);
    }
    // Fullwidth it is when the line has been converted, and stays.
    if let Some(rest) = text.strip_prefix('？') {
        return Some(text.len() - rest.len());
    }
    let rest = text.strip_prefix('?')?;
    Some(1 + usize::from(rest.starts_with('(')))
}

/// A note on a pair of which the second half is a letter: 宏P(guān)LC, where
/// EA 50 is 關. How long it is.
pub(super) fn letter(before: &str, text: &str, last: bool) -> Option<usize> {
    let mut chars = before.chars().rev();
    let trail = chars.next().filter(char::is_ascii)?;
    let (_, lead) = bytes_of(chars.next()?)?;
    let c = pair(lead?, trail as u8)?;
    let rest = text.strip_prefix('(')?;
    match note(rest) {
        Some(Some((syllable, len))) if takes(c, &syllable) => Some(1 + len),
        None if !last => Some(0),
        _ => None,
    }
}

/// One way to read a stretch.
#[derive(Clone, Debug)]
struct Way {
    /// What has been read again, and the byte before that.
    text: String,
    /// The first half of a character.
    half: Option<u8>,
    /// Where it stands.
    at: usize,
    /// The characters that had the notes.
    noted: Vec<char>,
}

/// What stands at a `?` or U+FFFD behind the text.
pub(super) fn find(
    before: &str,
    text: &str,
    seen: &Noted,
    last: bool,
) -> Found {
    let whole = last && text.len() <= MAX_STRETCH;
    let cut = (0..=text.len().min(MAX_STRETCH))
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0);
    let near = text.get(..cut).unwrap_or_default();
    let more = !last && text.len() <= MAX_STRETCH;
    let Some(base) = before.chars().next_back() else { return Found::Other };
    let Some((_, Some(trail))) = bytes_of(base) else { return Found::Other };
    let start = match hole(near) {
        Some(start) => start,
        None if more && near.chars().nth(1).is_none() => return Found::Open,
        None => return Found::Other,
    };
    if start == near.len() && more {
        return Found::Open;
    }
    // 吗?(ma): the bracket that a machine's note has lost is there.
    let sure = !near.starts_with("?(");
    let stuck = if sure { Found::Stuck } else { Found::Other };
    let first = near.get(start..).unwrap_or_default();
    let (syllable, len) = match note(first) {
        Some(Some(found)) => found,
        None if more => return Found::Open,
        _ => return Found::Other,
    };
    if near.starts_with('？') {
        return Found::Stuck;
    }
    let mut ways: Vec<Way> = lost(trail, &syllable)
        .into_iter()
        .map(|(byte, c)| Way {
            text: String::new(),
            half: Some(byte),
            at: start + len,
            noted: vec![c],
        })
        .collect();
    let mut done: Vec<Way> = Vec::new();
    while let Some(way) = ways.pop() {
        if way.half.is_none() {
            done.push(way);
            continue;
        }
        if ways.len() + done.len() > MAX_WAYS {
            return stuck;
        }
        match go_on(near, way, more) {
            Some(next) => ways.extend(next),
            None => return Found::Open,
        }
    }
    // One character more is looked at.
    let end = done.iter().map(|way| way.at).max().unwrap_or(0);
    if end == near.len() && !whole && more && !done.is_empty() {
        return Found::Open;
    }
    let observed = |way: &Way| near.get(..way.at).unwrap_or_default();
    done.retain(|way| same(base, way, observed(way)));
    choose(before, near, end, done, seen)
        .map_or(stuck, |way| Found::Repair(way.at, way.text, way.noted))
}

/// Reads the next character again. `None`: the text ends first.
fn go_on(text: &str, way: Way, more: bool) -> Option<Vec<Way>> {
    let Some(half) = way.half else { return Some(Vec::new()) };
    let rest = text.get(way.at..).unwrap_or_default();
    let Some(c) = rest.chars().next() else {
        return (!more).then(Vec::new);
    };
    if matches!(c, '?' | char::REPLACEMENT_CHARACTER) {
        let Some(start) = hole(rest) else {
            let open = more && rest.chars().nth(1).is_none();
            return (!open).then(Vec::new);
        };
        let found = match note(rest.get(start..).unwrap_or_default()) {
            Some(found) => found,
            None if more => return None,
            None => return Some(Vec::new()),
        };
        let Some((syllable, len)) = found else { return Some(Vec::new()) };
        let next = lost(half, &syllable).into_iter().map(|(_, c)| {
            let mut way = way.clone();
            way.text.push(c);
            way.noted.push(c);
            way.half = None;
            way.at += start + len;
            way
        });
        return Some(next.collect());
    }
    if c == '(' {
        // On a pair that is out of step as well.
        let (_, rest) = rest.split_at_checked(1).unwrap_or_default();
        let (syllable, len) = match note(rest) {
            Some(Some(found)) => found,
            None if more => return None,
            _ => return Some(Vec::new()),
        };
        let base = text.get(..way.at).and_then(|t| t.chars().next_back());
        let Some(base) = base.filter(|c| takes(*c, &syllable)) else {
            return Some(Vec::new());
        };
        let mut way = way;
        way.noted.push(base);
        way.at += 1 + len;
        return Some(vec![way]);
    }
    let mut way = way;
    way.at += c.len_utf8();
    let (first, second) = match bytes_of(c) {
        Some(bytes) => bytes,
        None => return Some(Vec::new()),
    };
    let Some(read) = pair(half, first) else { return Some(Vec::new()) };
    way.text.push(read);
    way.half = second.filter(|byte| *byte >= 0x80);
    if let Some(byte) = second.filter(|byte| *byte < 0x80) {
        way.text.push(char::from(byte));
    }
    Some(vec![way])
}

/// Whether the machine makes of the text what stands there: it goes over the
/// bytes from the left and writes a note on each pair that has one.
fn same(base: char, way: &Way, observed: &str) -> bool {
    let text = format!("{base}{}", way.text);
    let (bytes, _, lost) = GB18030.encode(&text);
    if lost {
        return false;
    }
    // The pairs in the order in which they had their notes.
    let mut wanted = way.noted.iter();
    let mut at = 0;
    while let Some([lead, trail]) = bytes.get(at..at + 2) {
        match pair(*lead, *trail).filter(|c| way.noted.contains(c)) {
            // A note on the character before would stand there.
            Some(c) if wanted.next() != Some(&c) => return false,
            Some(_) => at += 2,
            None => at += 1,
        }
    }
    wanted.next().is_none() && !observed.is_empty()
}

/// The one way that is plausible.
fn choose(
    before: &str,
    text: &str,
    end: usize,
    ways: Vec<Way>,
    seen: &Noted,
) -> Option<Way> {
    let mut rated: Vec<(u32, bool, Way)> = ways
        .into_iter()
        .filter_map(|way| {
            let behind = text.get(way.at..end)?;
            let next = text.get(end..)?.chars().next();
            let (cost, chars) = cost(before, &way.text, behind, next);
            let noted = way.noted.iter().all(|c| seen.has(*c));
            (cost <= PLAUSIBLE * chars).then_some((cost, noted, way))
        })
        .collect();
    rated.sort_by_key(|(cost, ..)| *cost);
    // What the document shows goes first; without it the same ways have to be
    // clear, because the notes that show it fold.
    let mut shown = rated.iter().filter(|(_, noted, _)| *noted);
    if let (Some((cost, _, way)), None) = (shown.next(), shown.next())
        && rated.first().is_some_and(|(best, ..)| *cost <= best + MARGIN)
    {
        return Some(way.clone());
    }
    let clear = match (rated.first(), rated.get(1)) {
        (Some((best, ..)), Some((next, ..))) => best + MARGIN <= *next,
        _ => true,
    };
    rated.into_iter().next().filter(|_| clear).map(|(_, _, way)| way)
}

/// What the text costs between others, and how many characters that are.
fn cost(
    before: &str,
    text: &str,
    behind: &str,
    next: Option<char>,
) -> (u32, u32) {
    let near = super::context::last_chars(before, 1);
    let Some(first) = near.chars().next() else { return (0, 0) };
    let mut place = Cell::of(first).place;
    let (mut sum, mut chars) = (0, 0);
    for c in text.chars().chain(behind.chars()).chain(next) {
        let cell = Cell::of(c);
        sum += cell.cost(Model::Traditional, place);
        place = cell.place;
        chars += 1;
    }
    (sum, chars)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test panics")]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::tables::READINGS;
    use crate::tables::stats::costs;
    use crate::{Normalizer, Options, StageName};

    /// How the machine's text was read after it.
    #[derive(Clone, Copy, Debug)]
    enum Reader {
        /// What is no character became `?`, with the byte behind it.
        Question,
        /// The first byte of it became U+FFFD.
        Replacement,
    }

    /// A generator of numbers.
    struct Random(u64);

    impl Random {
        fn below(&mut self, n: u64) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0 % n
        }
    }

    /// The reading that the machine writes.
    fn written(c: char) -> Option<String> {
        let (letters, tone) = READINGS.of(c).find(|(_, tone)| *tone < 5)?;
        let mark = match tone {
            1 => '\u{304}',
            2 => '\u{301}',
            3 => '\u{30C}',
            _ => '\u{300}',
        };
        let at = reading::marked(letters)?;
        let mut text = String::new();
        for (n, letter) in letters.iter().enumerate() {
            match *letter {
                b'v' => text.push('ü'),
                b'E' => text.push('ê'),
                letter => text.push(char::from(letter)),
            }
            if n == at {
                text.push(mark);
            }
        }
        use unicode_normalization::UnicodeNormalization;
        Some(text.nfc().collect())
    }

    /// Some of the common characters that differ, so many in a hundred.
    fn table(random: &mut Random, percent: u64) -> BTreeMap<[u8; 2], Vec<u8>> {
        ('\u{4E00}'..='\u{9FA5}')
            .filter(|c| SIMPLIFIED.row(*c as u32).becomes().is_some())
            .filter(|c| costs(*c).get(1).is_some_and(|cost| *cost < 80))
            .filter(|_| random.below(100) < percent)
            .filter_map(|c| {
                let (lead, trail) = bytes_of(c)?;
                let note = format!("({})", written(c)?);
                let (bytes, _, lost) = GB18030.encode(&note);
                (!lost).then(|| ([lead, trail.unwrap()], bytes.into_owned()))
            })
            .collect()
    }

    /// What the machine makes of a text, and whether a note is on half a
    /// character.
    fn annotate(
        text: &str,
        table: &BTreeMap<[u8; 2], Vec<u8>>,
        reader: Reader,
    ) -> Option<(String, bool)> {
        let mut starts = Vec::new();
        let mut bytes = Vec::new();
        for c in text.chars() {
            starts.push(bytes.len());
            let (first, second) = bytes_of(c)?;
            bytes.push(first);
            bytes.extend(second);
        }
        let (mut out, mut at, mut half) = (Vec::new(), 0, false);
        while let Some(first) = bytes.get(at) {
            out.push(*first);
            at += 1;
            let pair = bytes.get(at).map(|second| [*first, *second]);
            if let Some(pair) = pair
                && let Some(note) = table.get(&pair)
            {
                half |= starts.binary_search(&(at - 1)).is_err();
                out.push(pair[1]);
                out.extend(note);
                at += 1;
            }
        }
        let mut text = String::new();
        let mut rest = out.as_slice();
        while let Some((first, behind)) = rest.split_first() {
            rest = behind;
            if *first < 0x80 {
                text.push(char::from(*first));
            } else if let Some(second) = behind.first()
                && let Some(c) = super::pair(*first, *second)
            {
                text.push(c);
                rest = behind.get(1..).unwrap();
            } else if let Reader::Replacement = reader {
                text.push(char::REPLACEMENT_CHARACTER);
            } else {
                text.push('?');
                if behind.first().is_some_and(|b| *b > b' ') {
                    rest = behind.get(1..).unwrap();
                }
            }
        }
        Some((text, half))
    }

    const LINES: [&str; 12] = [
        "我們應該繼續關心鄉間學校的發展，幫助孩子們讀書。",
        "這個問題還沒有結論，專家們認為需要進一步調查。",
        "他們試圖設計新的測量儀器，並對結果進行統計。",
        "會議決定將經費用於環境保護與農業技術的實驗。",
        "圖書館長說，開放時間將從週一延長到週五晚間九點。",
        "從歷史經驗來看，國際貿易對經濟的影響難以預測。",
        "醫院為病人準備了營養餐，護士們輪流值班。",
        "請您確認訂單後付款，貨物將於三個工作日內發出。",
        "該項目總投資達兩億元，預計明年動工。",
        "老師問同學們：誰願意為大家講這個故事？",
        "新聞記者報導了這場選舉的經過與各黨的態度。",
        "網絡連線不穩時，請檢查設備的電源與訊號線。",
    ];

    #[test]
    fn lines_are_restored_or_stay() {
        let only = [StageName::Decode, StageName::Fold];
        let normalizer = Normalizer::new(Options::default().only(only));
        let (mut right, mut plain, mut halves) = (0, 0, 0);
        for seed in 1..=25 {
            let mut random = Random(seed * 0x9E37_79B9);
            let percent = 15 + random.below(86);
            let table = table(&mut random, percent);
            for line in LINES {
                for reader in [Reader::Question, Reader::Replacement] {
                    let (seen, half) = annotate(line, &table, reader).unwrap();
                    let got = normalizer.normalize(&seen);
                    let same = got == line;
                    assert!(same || got == seen, "{seen}: {got}");
                    assert!(same || half, "{seen}");
                    plain += u32::from(!half);
                    halves += u32::from(half);
                    right += u32::from(half && same);
                }
            }
        }
        assert!(plain > 100 && halves > 50, "{plain} {halves}");
        assert!(right * 4 >= halves * 3, "{right} of {halves}");
    }
}
