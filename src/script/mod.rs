//! Script conversion over the tables: Traditional characters to Simplified,
//! and OpenCC's other conversions.
//!
//! A conversion is one to three passes, each a stage. At each place the
//! longest phrase that starts there is taken, or else the character alone;
//! the phrase or character passes on as its value, and the pass does not look
//! at it again. A compatibility ideograph counts as the character it is
//! compatible with. This is exactly what OpenCC does on a whole text. Nothing
//! that is not in the tables is changed here, and vocabulary only by those of
//! OpenCC's conversions that ask for regional terms.

mod describe;
mod external;
mod lines;
mod user;

use std::borrow::Cow;
use std::ptr;

use crate::chars::{Common, is_foreign};
use crate::edit::Rule;
use crate::options::{self, Options, StageName, TofuRisk};
use crate::simd::{self, Found, Seen};
use crate::stage::Stage;
use crate::tables::{
    self, FROM_HK, FROM_HKP, FROM_JP, FROM_TW, FROM_TWP, MAX_KEY_CHARS, Pair,
    Phrase, S2T, SIMPLIFIED, ScriptTable, T2S, T2S_SEGMENTS, TO_HK, TO_HKP,
    TO_JP, TO_TW, TO_TWP, code_of,
};
use crate::text::Cursor;
use describe::Operands;
pub(crate) use external::Converter;
pub use external::External;
pub(crate) use lines::Lines;
pub use user::Dictionary;
pub(crate) use user::User;

/// What a pass has to do with marks: the borders of segments, which no unit
/// may cross.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Marks {
    /// Each phrase is a segment of its own: put marks around it, and pass on
    /// those that are there already.
    Set,
    /// Obey them and pass them on.
    Pass,
    /// Obey them, if there are any; nobody behind needs them.
    Obey,
}

/// What a pass does about kana and hangul.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Foreign {
    /// What stands there is to be converted like all else.
    Convert,
    /// It stops before the first: whether that line is to be left alone, and
    /// the next one, is for [`Lines`] to say.
    Refuse,
}

/// The most passes that a conversion takes.
pub(crate) const MAX_PASSES: usize = 3;

/// One pass of a conversion.
pub(crate) struct Pass {
    table: &'static ScriptTable,
    /// Of [`T2S`] only: whether its rows from these dictionaries count.
    tofu_risk: TofuRisk,
    operands: Operands,
    foreign: Foreign,
    marks: Marks,
    /// Behind a mark that says so: text passes as it is.
    keeping: bool,
    /// Room for marks, used again and again.
    ahead: Vec<usize>,
    set: Vec<usize>,
    room: Room,
}

/// Room for a stretch of text and what is known of it, used again and again.
#[derive(Default)]
struct Room {
    stretch: String,
    seen: Seen,
    starts: Vec<Start>,
}

/// Marks of a text, in order.
#[derive(Clone, Copy)]
struct Ahead<'a>(&'a [usize]);

impl Ahead<'_> {
    /// The first one behind a place. Those before are forgotten.
    #[inline]
    fn behind(&mut self, place: usize) -> Option<usize> {
        loop {
            match self.0 {
                [first, rest @ ..] if *first <= place => self.0 = rest,
                [first, ..] => return Some(*first),
                [] => return None,
            }
        }
    }

    /// Takes those up to a place.
    fn up_to(&mut self, place: usize, mut each: impl FnMut(usize)) {
        while let [first, rest @ ..] = self.0
            && *first <= place
        {
            each(*first);
            self.0 = rest;
        }
    }
}

/// A table by its number, for whom a reference is too large.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct TableId(pub(crate) u8);

static TABLES: [&ScriptTable; 14] = [
    &T2S,
    &SIMPLIFIED,
    &S2T,
    &T2S_SEGMENTS,
    &TO_TW,
    &TO_TWP,
    &FROM_TW,
    &FROM_TWP,
    &TO_HK,
    &TO_HKP,
    &FROM_HK,
    &FROM_HKP,
    &TO_JP,
    &FROM_JP,
];

impl TableId {
    pub(crate) fn of(table: &ScriptTable) -> Self {
        let found = TABLES.iter().position(|other| ptr::eq(*other, table));
        debug_assert!(found.is_some(), "a table without a number");
        TableId(found.unwrap_or(0) as u8)
    }

    #[inline]
    fn get(self) -> &'static ScriptTable {
        TABLES.get(usize::from(self.0)).copied().unwrap_or(&T2S)
    }

    /// What the table makes of a character that it makes another such one of.
    #[inline]
    pub(crate) fn becomes(self, c: Common) -> &'static str {
        let word = self.get().direct.word_of(c.get());
        let [a, b, d, _] = word.0.to_le_bytes();
        c.xor([a, b, d]).as_str()
    }

    /// The values between which the table chose one for the character, with
    /// blanks between.
    pub(crate) fn candidates(self, c: char) -> &'static str {
        self.get().candidates(c)
    }
}

/// The passes of a conversion, in order; none where characters stay.
///
/// OpenCC converts in one pass, or divides the text into segments by the
/// phrases of one dictionary first and then converts each segment in two
/// passes. Where that dictionary is the one of the first pass, dividing and
/// converting are the same walk.
pub(crate) fn passes(
    script: options::Script,
    tofu_risk: TofuRisk,
) -> [Option<Pass>; MAX_PASSES] {
    use Marks::{Obey, Pass as Hand, Set};
    use options::Config as C;
    let config = match script {
        options::Script::Keep | options::Script::External(_) => {
            return [None, None, None];
        }
        options::Script::Simplified => {
            let mut pass = Pass::new(&SIMPLIFIED, Obey);
            pass.operands = Operands::Visible;
            return [Some(pass), None, None];
        }
        options::Script::OpenCc(config) => config,
    };
    let one = |table| [Some(Pass::new(table, Obey)), None, None];
    let t2s = || {
        let mut pass = Pass::new(&T2S, Obey);
        pass.tofu_risk = tofu_risk;
        Some(pass)
    };
    // From Simplified: segments by the phrases of s2t.
    let from_simplified = |then| {
        let first = Pass::new(&S2T, Set);
        [Some(first), Some(Pass::new(then, Obey)), None]
    };
    // To Simplified: segments by the phrases of t2s, before anything else.
    let to_simplified = |first| {
        [
            Some(Pass::new(&T2S_SEGMENTS, Set)),
            Some(Pass::new(first, Hand)),
            t2s(),
        ]
    };
    match config {
        C::S2t => one(&S2T),
        C::T2s => [t2s(), None, None],
        C::S2tw => from_simplified(&TO_TW),
        C::S2twp => from_simplified(&TO_TWP),
        C::S2hk => from_simplified(&TO_HK),
        C::S2hkp => from_simplified(&TO_HKP),
        C::Tw2s => to_simplified(&FROM_TW),
        C::Tw2sp => to_simplified(&FROM_TWP),
        C::Hk2s => to_simplified(&FROM_HK),
        C::Hk2sp => to_simplified(&FROM_HKP),
        C::T2tw => one(&TO_TW),
        C::Tw2t => one(&FROM_TW),
        C::T2hk => one(&TO_HK),
        C::Hk2t => one(&FROM_HK),
        C::T2jp => one(&TO_JP),
        C::Jp2t => one(&FROM_JP),
    }
}

/// The passes that do all that the options ask for, where there are some: they
/// name no other stage. A text with lines that have to be left alone they
/// refuse.
pub(crate) fn alone(options: &Options) -> Option<Alone> {
    // `Decode` has nothing to do with what is text already.
    let only_script = StageName::ALL.iter().all(|stage| {
        *stage == StageName::Decode
            || options.stages.contains(*stage) == (*stage == StageName::Script)
    });
    if !only_script
        || options.unit == options::Unit::Line
        || !options.dictionary.is_empty()
    {
        return None;
    }
    let [first, second, third] =
        passes(options.script.clone(), options.tofu_risk);
    let mut first = first?;
    if options.script == options::Script::Simplified {
        // There is no `Lines` before it.
        debug_assert!(first.table.direct.stops_at_foreign());
        first.foreign = Foreign::Refuse;
    }
    Some(Alone { first, more: [second, third] })
}

/// One pass over a whole text, or several, without a stream.
pub(crate) struct Alone {
    first: Pass,
    more: [Option<Pass>; MAX_PASSES - 1],
}

/// Text between two passes.
#[derive(Default)]
struct Between {
    text: String,
    marks: Vec<usize>,
}

impl Between {
    /// Sends what is here through a pass, as far as that is certain.
    fn through(
        &mut self,
        pass: &Pass,
        out: &mut String,
        set: &mut Vec<usize>,
        room: &mut Room,
        last: bool,
    ) {
        let ahead = Ahead(&self.marks);
        let read = pass.convert(&self.text, ahead, out, set, room, last);
        self.text.drain(..read);
        self.marks.retain_mut(|mark| {
            let left = *mark > read;
            *mark = mark.wrapping_sub(read);
            left
        });
    }
}

impl Alone {
    /// How much of a text goes through all passes at a time, which stays in a
    /// core's cache.
    const BLOCK: usize = if simd::SMALL { 331 } else { 16 * 1024 };

    /// Converts a whole text; borrowed where nothing changes, and `None` where
    /// the pass refuses it.
    pub(crate) fn whole<'a>(&self, text: &'a str) -> Option<Cow<'a, str>> {
        if let [None, None] = &self.more {
            return self.first.whole(text);
        }
        let mut out = String::with_capacity(text.len() + simd::SLACK);
        self.convert_to_end(text, &mut out);
        Some(if out == text { Cow::Borrowed(text) } else { Cow::Owned(out) })
    }

    /// Converts a whole text to the end of `out`; false, and `out` as it was,
    /// where the pass refuses it.
    pub(crate) fn convert_to_end(&self, text: &str, out: &mut String) -> bool {
        if let [None, None] = &self.more {
            return self.first.convert_to_end(text, out);
        }
        out.reserve(text.len() + simd::SLACK);
        let mut room = Room::default();
        let [mut second, mut third] = [(); 2].map(|()| Between::default());
        let mut none = Vec::new();
        let mut rest = text;
        loop {
            let mut end = rest.len().min(Alone::BLOCK);
            while !rest.is_char_boundary(end) {
                end -= 1;
            }
            let block = rest.get(..end).unwrap_or_default();
            let last = block.len() == rest.len();
            let Between { text, marks } = &mut second;
            let ahead = Ahead(&[]);
            let read =
                self.first.convert(block, ahead, text, marks, &mut room, last);
            rest = rest.get(read..).unwrap_or_default();
            let Between { text, marks } = &mut third;
            match &self.more {
                [Some(pass), Some(then)] => {
                    second.through(pass, text, marks, &mut room, last);
                    third.through(then, out, &mut none, &mut room, last);
                }
                [Some(pass), None] => {
                    second.through(pass, out, &mut none, &mut room, last);
                }
                _ => {}
            }
            if last {
                return true;
            }
        }
    }
}

impl Pass {
    /// Converts a whole text; borrowed where nothing changes, and `None` where
    /// the pass refuses it.
    pub(crate) fn whole<'a>(&self, text: &'a str) -> Option<Cow<'a, str>> {
        let direct = &self.table.direct;
        let mut out = String::new();
        match simd::convert_short(direct, text, &mut out, true) {
            Some(true) => return Some(Cow::Owned(out)),
            Some(false) => return Some(Cow::Borrowed(text)),
            None => {}
        }
        let mut rest = text;
        loop {
            // Behind a stop the next one may be close.
            let n = self.plain_prefix(rest, rest.len() < text.len());
            rest = rest.get(n..).unwrap_or_default();
            if rest.is_empty() {
                return Some(Cow::Borrowed(text));
            }
            let Some(n) = self.unit(rest, true)?.stays(rest) else { break };
            rest = rest.get(n..).unwrap_or_default();
        }
        let mut out = String::with_capacity(text.len() + simd::SLACK);
        let kept = text.len() - rest.len();
        out.push_str(text.get(..kept).unwrap_or_default());
        self.convert_to_end(rest, &mut out).then_some(Cow::Owned(out))
    }

    /// Converts a whole text to the end of `out`; false, and `out` as it was,
    /// where the pass refuses it.
    pub(crate) fn convert_to_end(&self, text: &str, out: &mut String) -> bool {
        let direct = &self.table.direct;
        if simd::convert_short(direct, text, out, false).is_some() {
            return true;
        }
        let before = out.len();
        let (mut set, mut room) = (Vec::new(), Room::default());
        let ahead = Ahead(&[]);
        let n = self.convert(text, ahead, out, &mut set, &mut room, true);
        let done = n == text.len();
        if !done {
            out.truncate(before);
        }
        done
    }

    fn new(table: &'static ScriptTable, marks: Marks) -> Self {
        Pass {
            table,
            tofu_risk: TofuRisk::Skip,
            operands: Operands::Any,
            foreign: Foreign::Convert,
            marks,
            keeping: false,
            ahead: Vec::new(),
            set: Vec::new(),
            room: Room::default(),
        }
    }

    /// What to do with the start of `rest`, a character whose row is not
    /// plain; `None` if that depends on text that has not come yet, or the
    /// pass refuses it.
    fn unit(&self, rest: &str, last: bool) -> Option<Unit> {
        let mut chars = rest.chars();
        let first = chars.next()?;
        let row = self.table.row(first as u32);
        if self.foreign == Foreign::Refuse {
            // A description sequence may have kana in it.
            if is_foreign(first) || row.is_operator() {
                return None;
            }
        }
        if row.is_operator() {
            return describe::sequence(rest, self.operands, last)
                .map(|len| Unit::Keep(len.unwrap_or(first.len_utf8())));
        }
        let plain = self.table.plain(first);
        if row.starts_phrase() {
            match chars.next() {
                None if last => {}
                None => return None,
                Some(second) => {
                    let second = self.table.plain(second);
                    for phrase in self.table.phrases(plain, second) {
                        match self.matches(rest, phrase.key) {
                            Match::Yes(len) => {
                                return Some(Unit::phrase(len, phrase));
                            }
                            Match::Open if !last => return None,
                            Match::Open | Match::No => {}
                        }
                    }
                }
            }
        }
        if row.is_long()
            && let Some(phrase) = self.table.phrases(plain, '\0').next()
        {
            return Some(Unit::phrase(first.len_utf8(), phrase));
        }
        let skip = row.is_tofu_risk() && self.tofu_risk == TofuRisk::Skip;
        let value = if skip { plain } else { row.becomes().unwrap_or(first) };
        Some(if value == first {
            Unit::Keep(first.len_utf8())
        } else {
            Unit::Char(first.len_utf8(), value)
        })
    }

    /// What starts at `at`, where two characters of three bytes stand that
    /// have words. No phrase goes beyond the limit, if there is one.
    #[inline]
    fn find(&self, text: &str, at: usize, limit: Option<usize>) -> Found {
        let end = limit.unwrap_or(text.len());
        let Some(rest) = text.as_bytes().get(at..end) else {
            return Found::Other;
        };
        let Some(&[a, b, c, d, e, f]) = rest.first_chunk() else {
            return Found::Nothing;
        };
        let first = code_of(u32::from_le_bytes([a, b, c, 0]));
        let second = code_of(u32::from_le_bytes([d, e, f, 0]));
        let mut third = None;
        for phrase in self.table.phrases_of(self.table.pair(first, second)) {
            let same = same_prefix(rest, phrase.key);
            if same == phrase.key.len() {
                if phrase.value.len() != same {
                    return Found::Other;
                }
                return Found::Phrase(tables::text(phrase.value));
            }
            // Perhaps with another form of a character, or not yet all here.
            // Mostly it is the third character that differs.
            let ends = limit.is_some() && same == rest.len();
            let differs = if same < 9 {
                *third.get_or_insert_with(|| self.differs(rest, 6))
            } else {
                self.differs(rest, same)
            };
            if !ends && !differs {
                return Found::Other;
            }
        }
        Found::Nothing
    }

    /// Whether a text that has the first `same` bytes of a key, and not the
    /// next one, is known not to have the key in another form either.
    fn differs(&self, text: &[u8], same: usize) -> bool {
        let head = text.get(..=same).unwrap_or_default();
        let Some(start) = head.iter().rposition(|b| b & 0xC0 != 0x80) else {
            return false;
        };
        match text.get(start..) {
            Some(&[a, b, c, ..]) if a & 0xF0 == 0xE0 => {
                let three = u32::from_le_bytes([a, b, c, 0]);
                !self.table.direct.word(three).needs_row()
            }
            Some([a, ..]) => a.is_ascii(),
            _ => false,
        }
    }

    /// The same as the loop over units, for when nobody asks for edits:
    /// writes what is certain to the end of `out` and returns how many bytes
    /// of `text` that was. No unit crosses the marks, places in `text`. What
    /// marks the next pass needs are added to `set`, as places in `out`.
    fn convert(
        &self,
        text: &str,
        marks: Ahead<'_>,
        out: &mut String,
        set: &mut Vec<usize>,
        room: &mut Room,
        last: bool,
    ) -> usize {
        if self.table.direct.mixed() {
            self.convert_often(text, marks, out, set, room, last)
        } else {
            self.convert_seldom(text, marks, out, set, last)
        }
    }

    /// Where phrases are many. A kernel converts a stretch by words alone and
    /// says where phrases may start; what they become is put over that.
    fn convert_often(
        &self,
        text: &str,
        mut marks: Ahead<'_>,
        out: &mut String,
        set: &mut Vec<usize>,
        room: &mut Room,
        last: bool,
    ) -> usize {
        let (direct, loud) = (&self.table.direct, &self.table.loud);
        let mut done = Done {
            marks: self.marks,
            at: 0,
            flushed: 0,
            hand: marks,
            out,
            set,
        };
        let Room { stretch, seen, starts } = room;
        while let Some(rest) = text.get(done.at..)
            && !rest.is_empty()
        {
            let at = done.at;
            let mut end = simd::scan(direct, loud, rest, stretch, seen);
            let all = last && stretch.len() == rest.len();
            if all {
                end = rest.len();
            }
            let n = self.sift(rest, stretch.len(), seen, starts);
            let mut starts = starts.iter().take(n);
            let mut start = starts.next();
            let mut row = seen.next_row(0);
            let mut settled = 0;
            let mut open = false;
            loop {
                // What comes first. Where a row has to be seen a phrase may
                // start as well.
                let (place, pair) = match start {
                    Some(pair) if (pair.place as usize) < row => {
                        start = starts.next();
                        (pair.place as usize, Some(pair))
                    }
                    _ => {
                        let place = row;
                        if place < end {
                            row = seen.next_row(row + 1);
                        }
                        (place, None)
                    }
                };
                if place < settled {
                    continue;
                }
                if place >= end {
                    break;
                }
                let limit = marks.behind(at + place).map(|mark| mark - at);
                let look = pair.map_or(Look::Other, |pair| {
                    self.look(rest, pair, limit, last)
                });
                let len = match look {
                    Look::Nothing => continue,
                    // It goes on in the next stretch.
                    Look::AsWords(len) if place + len > stretch.len() => {
                        end = place;
                        break;
                    }
                    Look::AsWords(len) => {
                        done.mark(place, len);
                        len
                    }
                    Look::Phrase(len, value) => {
                        if value.len() == len
                            && simd::put(stretch, place, value)
                        {
                            done.mark(place, len);
                        } else {
                            done.put(stretch, place, len, value, true);
                        }
                        len
                    }
                    Look::Other => {
                        let until = limit.unwrap_or(rest.len());
                        let Some(rest) = rest.get(place..until) else {
                            continue;
                        };
                        let last = last || limit.is_some();
                        let Some(unit) = self.unit(rest, last) else {
                            (end, open) = (place, true);
                            break;
                        };
                        done.unit(stretch, place, rest, &unit)
                    }
                };
                settled = place + len;
            }
            let mut end = end.max(settled);
            done.flush(stretch, end);
            if end == 0 && !open {
                // A last character, which something else may follow.
                let limit = marks.behind(at).map(|mark| mark - at);
                let rest = rest.get(..limit.unwrap_or(rest.len()));
                let rest = rest.unwrap_or_default();
                match self.unit(rest, last || limit.is_some()) {
                    Some(unit) => end = done.unit("", 0, rest, &unit),
                    None => open = true,
                }
            }
            done.at += end;
            done.flushed = 0;
            if open {
                break;
            }
        }
        done.at
    }

    /// Of the pairs that were seen in the first `read` bytes, those that start
    /// a phrase, as far as the third character can tell. No branch depends on
    /// that, and memory is asked for several at once.
    #[inline(never)] // What is around it would take the registers.
    fn sift(
        &self,
        text: &str,
        read: usize,
        seen: &Seen,
        starts: &mut Vec<Start>,
    ) -> usize {
        let text = text.as_bytes();
        starts.clear();
        let pairs = seen.pairs.iter().zip(&seen.codes);
        starts.extend(pairs.map(|(place, codes)| Start {
            place: *place,
            careful: true,
            goes_on: true,
            pair: self.table.pair_of(*codes),
        }));
        // All rows are known before this place, but for the end of the text.
        let known =
            if read < text.len() { read.saturating_sub(KEY) } else { read };
        let mut n = 0;
        for (i, codes) in seen.codes.iter().enumerate() {
            let Some(mut start) = starts.get(i).copied() else { break };
            let at = start.place as usize;
            let mut keep = true;
            if let Some(&[a, b, c]) =
                text.get(at + 6..).and_then(<[u8]>::first_chunk)
            {
                let third = u32::from_le_bytes([a, b, c, 0]);
                start.careful = at > known || seen.row_near(at);
                start.goes_on = self.table.goes_on(*codes, start.pair, third);
                keep = start.pair.has_two()
                    | start.goes_on
                    | start.careful & start.pair.exists();
            }
            if let Some(next) = starts.get_mut(n) {
                *next = start;
            }
            n += usize::from(keep);
        }
        n
    }

    /// What starts at a place where two characters of three bytes stand that
    /// may start a phrase. None goes beyond the limit, if there is one.
    #[inline]
    fn look(
        &self,
        text: &str,
        start: &Start,
        limit: Option<usize>,
        last: bool,
    ) -> Look {
        /// In bytes, of two characters.
        const TWO: usize = 6;
        let Start { place, careful, goes_on, pair } = *start;
        let place = place as usize;
        let end = limit.unwrap_or(text.len());
        let Some(rest) = text.as_bytes().get(place..end) else {
            return Look::Other;
        };
        if rest.len() < KEY {
            if !last && limit.is_none() {
                return Look::Other;
            }
            if rest.len() < TWO + 3 {
                // Too short to tell what stands third.
                return Look::Other;
            }
        }
        if careful && !self.differs(rest, TWO) {
            return Look::Other;
        }
        if goes_on {
            for phrase in self.table.phrases_of(pair) {
                if same(rest, phrase.key) {
                    let len = phrase.key.len();
                    if phrase.as_words {
                        return Look::AsWords(len);
                    }
                    return Look::Phrase(len, tables::text(phrase.value));
                }
                if careful {
                    let same = same_prefix(rest, phrase.key);
                    if same < rest.len() && !self.differs(rest, same) {
                        return Look::Other;
                    }
                }
            }
            return Look::Nothing;
        }
        if !pair.has_two() {
            return Look::Nothing;
        }
        if pair.two_as_words() {
            return Look::AsWords(TWO);
        }
        match self.table.two_of(pair) {
            Some(two) => Look::Phrase(TWO, tables::text(two.value)),
            None => Look::Other,
        }
    }

    /// Where they are few. A kernel goes as far as words and simple phrases
    /// decide. Units are asked only for the rest.
    fn convert_seldom(
        &self,
        text: &str,
        mut marks: Ahead<'_>,
        out: &mut String,
        set: &mut Vec<usize>,
        last: bool,
    ) -> usize {
        let mut at = 0;
        let mut hand = marks;
        while let Some(rest) = text.get(at..) {
            let start = out.len();
            let n =
                simd::convert(&self.table.direct, rest, out, at > 0, |from| {
                    let limit = marks.behind(at + from).map(|mark| mark - at);
                    let found = self.find(rest, from, limit);
                    if let Found::Phrase(value) = found
                        && self.marks == Marks::Set
                    {
                        set.extend([start + from, start + from + value.len()]);
                    }
                    found
                });
            if self.marks == Marks::Pass {
                // As many bytes were written as read.
                hand.up_to(at + n, |mark| set.push(mark - at + start));
            }
            at += n;
            let rest = text.get(at..).unwrap_or_default();
            let limit = marks.behind(at).map(|mark| mark - at);
            let last = last || limit.is_some();
            let rest = rest.get(..limit.unwrap_or(rest.len()));
            let rest = rest.unwrap_or_default();
            if self.table.direct.mixed()
                && rest.as_bytes().first().is_some_and(u8::is_ascii)
            {
                let ascii = rest.get(..ascii_prefix(rest.as_bytes()));
                let n = self.no_starters(ascii.unwrap_or_default());
                if n > 0 {
                    out.push_str(rest.get(..n).unwrap_or_default());
                    at += n;
                    continue;
                }
            }
            let Some(unit) = self.unit(rest, last) else { break };
            let start = out.len();
            at += match unit {
                Unit::Keep(n) => {
                    out.push_str(rest.get(..n).unwrap_or_default());
                    n
                }
                Unit::Char(n, value) => {
                    out.push(value);
                    n
                }
                Unit::Phrase(n, value, _) => {
                    out.push_str(tables::text(value));
                    if self.marks == Marks::Set {
                        set.extend([start, out.len()]);
                    }
                    n
                }
            };
            if self.marks == Marks::Pass {
                hand.up_to(at, |_| set.push(out.len()));
            }
        }
        at
    }

    /// Bytes at the start that stay as they are, whatever follows; maybe not
    /// all of them.
    fn plain_prefix(&self, text: &str, near: bool) -> usize {
        let n =
            simd::unchanged(&self.table.direct, text, near, |at| {
                match self.find(text, at, None) {
                    Found::Phrase(value)
                        if text.get(at..at + value.len()) != Some(value) =>
                    {
                        Found::Other
                    }
                    found => found,
                }
            });
        if n > 0 || !self.table.direct.mixed() {
            return n;
        }
        let ascii = text.get(..ascii_prefix(text.as_bytes()));
        self.no_starters(ascii.unwrap_or_default())
    }

    /// How many of these bytes of ASCII start no phrase.
    fn no_starters(&self, ascii: &str) -> usize {
        let starts = |b: u8| !self.table.row(u32::from(b)).is_plain();
        ascii.bytes().position(starts).unwrap_or(ascii.len())
    }

    /// Where nothing is traced.
    fn run_bulk(&mut self, cur: &mut Cursor<'_>, last: bool) {
        let mut marks = std::mem::take(&mut self.ahead);
        let mut set = std::mem::take(&mut self.set);
        let mut room = std::mem::take(&mut self.room);
        loop {
            // Marks between which all is converted are looked at where they
            // are; at others the text is cut.
            let together = !self.keeping
                && self.marks != Marks::Set
                && cur.marks_to_convert(&mut marks);
            let limit = if together { None } else { cur.limit() };
            if self.keeping {
                cur.keep(limit.unwrap_or(cur.rest().len()));
                if limit.is_none() {
                    break;
                }
                self.cross(cur);
                continue;
            }
            let Some((text, out)) = cur.bulk() else { break };
            let text = text.get(..limit.unwrap_or(text.len()));
            let text = text.unwrap_or_default();
            let last = last || limit.is_some();
            let ahead = Ahead(if together { &marks } else { &[] });
            let read =
                self.convert(text, ahead, out, &mut set, &mut room, last);
            let end = out.len();
            cur.skip(read);
            for mark in set.drain(..) {
                cur.mark(end - mark, false);
            }
            if together {
                cur.drop_marks();
            }
            if limit.is_none() {
                break;
            }
            self.cross(cur);
        }
        (self.ahead, self.set, self.room) = (marks, set, room);
    }

    /// As far as the kernel goes, up to the next mark, with edits: the phrases
    /// that it set, and the characters that differ. Returns the bytes read.
    fn run_traced(
        &mut self,
        cur: &mut Cursor<'_>,
        limit: Option<usize>,
        near: bool,
    ) -> usize {
        let table = TableId::of(self.table);
        let mut places = std::mem::take(&mut self.set);
        let (text, out) = cur.write();
        let text = text.get(..limit.unwrap_or(text.len()));
        let text = text.unwrap_or_default();
        let limit = limit.map(|_| text.len());
        let n = simd::convert(&self.table.direct, text, out, near, |at| {
            let found = self.find(text, at, limit);
            if let Found::Phrase(_) = found {
                places.push(at);
            }
            found
        });
        let mut at = 0;
        for place in places.drain(..) {
            debug_assert!(at <= place && place < n, "phrases in order");
            cur.compared(place - at, n - at, table);
            at = place;
            let rest = cur.rest();
            let rest = rest.get(..limit.map_or(rest.len(), |l| l - at));
            let phrase = self.unit(rest.unwrap_or_default(), true);
            let Some(Unit::Phrase(len, _, list)) = phrase else {
                debug_assert!(false, "the phrase is found again");
                break;
            };
            let candidates = self.table.phrase_candidates(list);
            if self.marks == Marks::Set {
                cur.mark(n - at, false);
            }
            cur.chosen(len, n - at, Rule::Script, candidates);
            at += len;
            if self.marks == Marks::Set {
                cur.mark(n - at, false);
            }
        }
        cur.compared(n - at, n - at, table);
        self.set = places;
        n
    }

    fn cross(&mut self, cur: &mut Cursor<'_>) {
        self.keeping = cur.cross();
        if self.marks != Marks::Obey {
            cur.mark(0, self.keeping);
        }
    }

    fn matches(&self, text: &str, key: &'static [u8]) -> Match {
        if text.as_bytes().starts_with(key) {
            return Match::Yes(key.len());
        }
        // Not letter for letter: with a compatibility ideograph, perhaps, or
        // as far as the text goes.
        let mut chars = text.chars();
        let mut len = 0;
        for wanted in tables::text(key).chars() {
            match chars.next() {
                None => return Match::Open,
                Some(c) if c == wanted || self.table.plain(c) == wanted => {
                    len += c.len_utf8();
                }
                Some(_) => return Match::No,
            }
        }
        Match::Yes(len)
    }
}

/// A place where a phrase may start.
#[derive(Clone, Copy, Default)]
struct Start {
    place: u32,
    /// One of the next characters may have another form.
    careful: bool,
    /// It may be one that is longer than two characters.
    goes_on: bool,
    pair: Pair,
}

/// No key of a phrase has more bytes.
const KEY: usize = 4 * MAX_KEY_CHARS;

/// What starts at a place where a phrase may start.
enum Look {
    /// No phrase.
    Nothing,
    /// A phrase, of so many bytes, that becomes what words make of it.
    AsWords(usize),
    /// A phrase that becomes something else.
    Phrase(usize, &'static str),
    /// Something else, or it depends on text that has not come yet.
    Other,
}

/// What has been done with a text, stretch by stretch.
struct Done<'a> {
    marks: Marks,
    /// Where in the text the stretch starts.
    at: usize,
    /// How much of the stretch is in `out`.
    flushed: usize,
    /// The marks that are to be passed on.
    hand: Ahead<'a>,
    out: &'a mut String,
    set: &'a mut Vec<usize>,
}

impl Done<'_> {
    /// Writes the stretch up to a place.
    fn flush(&mut self, stretch: &str, to: usize) {
        if self.marks == Marks::Pass {
            // As many bytes are written as were read.
            let (from, start) = (self.at + self.flushed, self.out.len());
            let set = &mut *self.set;
            self.hand.up_to(self.at + to, |mark| {
                set.push(mark - from + start);
            });
        }
        let ready = stretch.get(self.flushed..to);
        self.out.push_str(ready.unwrap_or_default());
        self.flushed = to;
    }

    /// A phrase stands here in the stretch and becomes as many bytes.
    #[inline]
    fn mark(&mut self, place: usize, len: usize) {
        if self.marks == Marks::Set {
            let start = self.out.len() + place - self.flushed;
            self.set.extend([start, start + len]);
        }
    }

    /// So many bytes of the stretch become `value`.
    fn put(
        &mut self,
        stretch: &str,
        place: usize,
        len: usize,
        value: &str,
        phrase: bool,
    ) {
        self.flush(stretch, place);
        if phrase && self.marks == Marks::Set {
            let start = self.out.len();
            self.set.extend([start, start + value.len()]);
        }
        self.out.push_str(value);
        self.flushed = place + len;
    }

    /// The unit at the start of `rest` stands here. Returns its length.
    fn unit(
        &mut self,
        stretch: &str,
        place: usize,
        rest: &str,
        unit: &Unit,
    ) -> usize {
        let mut utf8 = [0; 4];
        let (len, value, phrase) = match *unit {
            Unit::Keep(len) => {
                (len, rest.get(..len).unwrap_or_default(), false)
            }
            Unit::Char(len, value) => {
                (len, &*value.encode_utf8(&mut utf8), false)
            }
            Unit::Phrase(len, value, _) => (len, tables::text(value), true),
        };
        if stretch.get(place..place + len) == Some(value) {
            if phrase {
                self.mark(place, len);
            }
        } else {
            self.put(stretch, place, len, value, phrase);
        }
        len
    }
}

/// Whether a text starts with a key.
enum Match {
    /// It does, with so many bytes.
    Yes(usize),
    No,
    /// The text ended first.
    Open,
}

/// The smallest stretch decided at once, with its length in bytes.
enum Unit {
    Keep(usize),
    Char(usize, char),
    /// Last, where its candidates are.
    Phrase(usize, &'static [u8], u16),
}

impl Unit {
    fn phrase(len: usize, phrase: Phrase) -> Self {
        Unit::Phrase(len, phrase.value, phrase.list)
    }

    /// Its length, if it stays as it is. Phrases may, such as 乾隆.
    fn stays(&self, rest: &str) -> Option<usize> {
        match *self {
            Unit::Keep(len) => Some(len),
            Unit::Char(..) => None,
            Unit::Phrase(len, value, _) => {
                (rest.as_bytes().get(..len) == Some(value)).then_some(len)
            }
        }
    }
}

impl Stage for Pass {
    const LOOKAHEAD: usize = {
        let phrase = 4 * MAX_KEY_CHARS;
        if phrase > describe::MAX_BYTES { phrase } else { describe::MAX_BYTES }
    };

    fn run(&mut self, cur: &mut Cursor<'_>, last: bool) {
        if !cur.traced() {
            return self.run_bulk(cur, last);
        }
        // Whether something stopped it before.
        let mut near = false;
        loop {
            let limit = cur.limit();
            if limit == Some(0) {
                self.cross(cur);
                continue;
            }
            if self.keeping {
                cur.keep(limit.unwrap_or(cur.rest().len()));
                if limit.is_none() {
                    return;
                }
                continue;
            }
            let read = self.run_traced(cur, limit, near);
            near = true;
            let limit = limit.map(|limit| limit - read);
            let rest = cur.rest();
            let rest = rest.get(..limit.unwrap_or(rest.len()));
            let rest = rest.unwrap_or_default();
            if self.table.direct.mixed() {
                let ascii = rest.get(..ascii_prefix(rest.as_bytes()));
                let n = self.no_starters(ascii.unwrap_or_default());
                if n > 0 {
                    cur.keep(n);
                    continue;
                }
            }
            let unit = self.unit(rest, last || limit.is_some());
            let stays = unit.as_ref().and_then(|unit| unit.stays(rest));
            let set = self.marks == Marks::Set
                && matches!(unit, Some(Unit::Phrase(..)));
            if set {
                cur.mark(0, false);
            }
            match unit {
                None if limit.is_some() => {}
                None => return,
                Some(Unit::Keep(len)) => cur.keep(len),
                Some(Unit::Phrase(len, ..)) if stays.is_some() => {
                    cur.keep(len);
                }
                Some(Unit::Phrase(len, value, list)) => {
                    let candidates = self.table.phrase_candidates(list);
                    let value = tables::text(value);
                    cur.choose(len, value, Rule::Script, candidates);
                }
                Some(Unit::Char(len, value)) => {
                    let mut utf8 = [0; 4];
                    let value = value.encode_utf8(&mut utf8);
                    let first = cur.rest().chars().next().unwrap_or_default();
                    let candidates = self.table.candidates(first);
                    cur.choose(len, value, Rule::Script, candidates);
                }
            }
            if set {
                cur.mark(0, false);
            }
        }
    }

    fn reset(&mut self) {
        self.keeping = false;
    }
}

/// Whether a text starts with a key, of which it has the first six bytes.
#[inline]
fn same(text: &[u8], key: &[u8]) -> bool {
    let Some(text) = text.get(..key.len()) else { return false };
    match (text.last_chunk::<8>(), key.last_chunk::<8>()) {
        (Some(a), Some(b)) if key.len() <= 14 => a == b,
        _ => text == key,
    }
}

/// Bytes that a text and a key have in common at the start, of the first two
/// characters of which that is known.
#[inline]
fn same_prefix(text: &[u8], key: &[u8]) -> usize {
    let (Some(text), Some(key)) = (text.get(6..), key.get(6..)) else {
        return 0;
    };
    let pairs = text.iter().zip(key);
    6 + pairs.take_while(|(a, b)| a == b).count()
}

/// Bytes of ASCII at the start.
fn ascii_prefix(bytes: &[u8]) -> usize {
    let blocks = bytes.chunks_exact(64).take_while(|b| b.is_ascii());
    let n = 64 * blocks.count();
    let rest = bytes.get(n..).unwrap_or_default();
    n + rest.iter().position(|b| !b.is_ascii()).unwrap_or(rest.len())
}
