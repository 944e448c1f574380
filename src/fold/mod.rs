//! Annotations: 團(tuán)結(jié) → 團結.
//!
//! A note stands in brackets behind a Han character and holds a reading of it.
//! `docs/annotations.md` says which fold and which stay, and why. Only the
//! note is removed, with the blanks that came with it; the character before it
//! passes as it is.
//!
//! Text is read twice. A scout goes ahead and lists the notes that it meets,
//! each with what stands before it. A note is *settled* when the scout has
//! seen enough of the line behind it to tell whether something speaks against
//! removing it, and *decided* when it is known what becomes of it. Most are
//! decided as soon as they are settled. The others wait until the scout has
//! seen as many notes as their decision takes, or [`REACH`] bytes.
//!
//! What decides is what no folding changes: the text around, without its
//! notes, and notes that would fold in any case ([`Sums::free`]). Once these
//! are gone nothing more folds.

mod bare;
mod broken;
mod context;
mod evidence;
mod misaligned;
mod note;
mod reading;
mod ruby;
mod syllable;
mod word;
mod zhuyin;

use std::collections::VecDeque;

use crate::chars::{is_han, is_variation_selector};
use crate::edit::Rule;
use crate::options::Annotations;
use crate::simd;
use crate::stage::Stage;
use crate::tables::SIMPLIFIED;
use crate::text::Cursor;
use context::{Facts, Guard, NOTE, Side};
use evidence::{AHEAD, BEHIND, Counts, NEAR, REACH, Stretch, Sums};
use misaligned::{Found, Noted};
use note::{Class, MAX_BLANKS, MAX_NOTE, Note, Unit, is_blank};
use ruby::{MAX_RUBY, Ruby};
use syllable::Form;

/// Notes in a row behind one character, at most. A longer row is no
/// annotation, and stays as a whole: to fold a part of it now would be to fold
/// more the next time.
const MAX_NOTES: usize = 3;

/// Bytes of the line before a note that are remembered.
const MAX_BEFORE: usize = context::CHARS * 4;

/// Bytes of the line behind a note in which another that cannot be undone
/// keeps it.
const FAR: usize = if cfg!(test) { 1024 } else { 4096 };

/// A note on its way through.
#[derive(Debug)]
struct Entry {
    note: Note,
    /// Where it starts, in bytes from the start of the document, and how long
    /// it is.
    at: u64,
    len: usize,
    /// What it becomes: what ruby stands on, what was out of step.
    text: String,
    base: char,
    /// Script conversion changes the character.
    differs: bool,
    /// Han characters up to the one that it is on.
    han: u32,
    /// It stands right behind another note of the same character.
    joined: bool,
    before: Side,
    /// Another reading of the character is close by; the number of the first
    /// such note, if there is one before.
    two: bool,
    partner: Option<u64>,
    /// A syllable of another language is close by.
    foreign: bool,
    /// Behind one in the same line that cannot be undone.
    stuck: bool,
    /// What speaks against removing it, once it is settled.
    guard: Option<Guard>,
    /// Sums over all notes up to this one, once it is settled.
    sums: Sums,
    /// Whether it folds, once it is decided.
    folds: Option<bool>,
}

impl Entry {
    fn end(&self) -> u64 {
        self.at + self.len as u64
    }

    /// It becomes something, and asks for nothing but that.
    fn is_ruby(&self) -> bool {
        matches!(
            self.note.rule,
            Rule::AnnotationRuby | Rule::AnnotationMisaligned
        )
    }

    /// Why it stays, if anybody would have taken it for an annotation.
    fn reason(&self) -> Option<&'static str> {
        let guard = match self.guard {
            Some(Guard::Capital) => Some("a name"),
            Some(Guard::Cue) => Some("a word about readings is close"),
            Some(Guard::Quoted) => Some("the character is quoted"),
            Some(Guard::Headword(_)) => Some("the character is a headword"),
            Some(Guard::TwoReadings(_)) => {
                Some("another reading of the character is close")
            }
            Some(Guard::List) => Some("the character stands in a list"),
            Some(Guard::Exam) => Some("one of several options"),
            Some(Guard::Foreign) => Some("text in another language"),
            Some(Guard::Stuck) => {
                Some("half a character beside it has a note")
            }
            None => None,
        };
        match self.note.class {
            // A word of English, a unit.
            Class::Mismatch if self.note.tone == 0 => None,
            Class::Mismatch => Some("no reading of the character"),
            Class::Foreign => Some("a syllable of another language"),
            Class::OtherTone => Some(guard.unwrap_or("another tone")),
            Class::Toneless => Some(guard.unwrap_or("without a tone")),
            Class::Word(_) => Some(guard.unwrap_or("it reads a word")),
            Class::Exact => guard,
        }
    }
}

/// What is to be done with text at the cursor.
enum Action {
    Keep(usize),
    /// Kept, and reported: why.
    Report(usize, &'static str),
    Replace(usize, String, Rule),
    /// More has to be seen.
    Wait,
}

#[derive(Debug)]
pub(crate) struct Fold {
    mode: Annotations,
    /// Notes: some that are decided, some that are settled, others.
    entries: VecDeque<Entry>,
    decided: usize,
    settled: usize,
    /// How far the scout was when the next could not be settled, and how far it
    /// has to be.
    tried: u64,
    enough: u64,
    /// The number of the first, counted from the start of the document.
    first: u64,
    /// Sums over all before the first.
    before: Sums,
    /// Bytes of the document that have left, and that the scout has seen of
    /// the rest.
    left: u64,
    seen: usize,
    /// The end of the line that the scout has seen, notes aside, and whether
    /// that is all of it.
    line: String,
    whole: bool,
    /// Han characters that the scout has seen; in long stretches without notes
    /// they are not counted.
    han: u32,
    counts: Counts,
    /// Ruby of which the end could not be told stands in this line.
    endless: bool,
    /// Characters that notes were on.
    noted: Noted,
    /// A note that cannot be undone stands in this line.
    stuck: bool,
    /// Where there are such notes, from the first that is not settled on.
    stuck_at: VecDeque<u64>,
}

impl Fold {
    pub(crate) fn new(mode: Annotations) -> Self {
        Fold {
            mode,
            entries: VecDeque::new(),
            decided: 0,
            settled: 0,
            tried: 0,
            enough: 0,
            first: 0,
            before: Sums::default(),
            left: 0,
            seen: 0,
            line: String::new(),
            whole: true,
            han: 0,
            counts: Counts::default(),
            endless: false,
            noted: Noted::default(),
            stuck: false,
            stuck_at: VecDeque::new(),
        }
    }

    fn all(&self) -> bool {
        self.mode == Annotations::All
    }

    /// What comes next.
    fn action(&mut self, rest: &str, last: bool) -> Action {
        loop {
            while self.settle(rest, last).is_some() {}
            if let Some(front) = self.entries.get(self.decided) {
                let before = (front.at - self.left) as usize;
                if before > 0 {
                    return Action::Keep(before);
                }
                if let Some(folds) = self.decide(rest, last) {
                    return self.decided(folds);
                }
            } else if self.seen > 0 {
                return Action::Keep(self.seen);
            }
            if !self.step(rest, last) {
                return Action::Wait;
            }
        }
    }

    fn decided(&mut self, folds: bool) -> Action {
        let Some(front) = self.entries.get_mut(self.decided) else {
            return Action::Wait;
        };
        front.folds = Some(folds);
        self.decided += 1;
        let (len, rule) = (front.len, front.note.rule);
        if folds {
            return Action::Replace(
                len,
                std::mem::take(&mut front.text),
                rule,
            );
        }
        match front.reason() {
            Some(why) => Action::Report(len, why),
            None => Action::Keep(len),
        }
    }

    /// The scout takes a step. Whether there was anything to see.
    fn step(&mut self, rest: &str, last: bool) -> bool {
        let text = rest.get(self.seen..).unwrap_or_default();
        if text.is_empty() {
            return false;
        }
        let before = self.seen;
        let at = if self.all() {
            next_of_all(text, self.line.ends_with(is_han))
        } else {
            next_marker(text)
        };
        let plain = text.get(..at).unwrap_or_default();
        let blanks = self.blanks_behind_han(plain);
        if at == text.len() {
            // A note may follow the blanks.
            let n = if last { at } else { at - blanks };
            self.pass(text.get(..n).unwrap_or_default());
            return n > 0;
        }
        self.pass(text.get(..at - blanks).unwrap_or_default());
        let text = text.get(at - blanks..).unwrap_or_default();
        let marker = text.get(blanks..).and_then(|m| m.chars().next());
        let _ = match marker {
            Some('<' | '\u{FFF9}') => self.ruby(text, blanks, last),
            Some('?' | '？' | char::REPLACEMENT_CHARACTER) => {
                self.hole(text, blanks, last)
            }
            _ => self.row(text, blanks, last),
        };
        self.seen > before
    }

    /// The length of the few blanks at the end of the text, if they follow a
    /// Han character.
    fn blanks_behind_han(&self, text: &str) -> usize {
        let before = text.trim_end_matches(is_blank);
        let blanks = text.get(before.len()..).unwrap_or_default();
        let base = |text: &str| {
            text.chars().rev().find(|c| !is_variation_selector(*c))
        };
        let base = match base(before) {
            Some(c) => Some(c),
            None => base(&self.line),
        };
        let few = blanks.chars().count() <= MAX_BLANKS;
        if few && base.is_some_and(is_han) { blanks.len() } else { 0 }
    }

    /// The scout has seen text that is no note.
    fn pass(&mut self, text: &str) {
        let end = self.left + (self.seen + text.len()) as u64;
        if self.han < BEHIND || !self.entries.is_empty() {
            let mut rest = text;
            while !rest.is_empty() {
                let at = end - rest.len() as u64;
                let n = usize::try_from(self.counts.next() - at);
                let n = n.unwrap_or(rest.len()).min(rest.len());
                let n = (n..=rest.len())
                    .find(|n| *n > 0 && rest.is_char_boundary(*n))
                    .unwrap_or(rest.len());
                let (piece, behind) =
                    rest.split_at_checked(n).unwrap_or((rest, ""));
                self.han = self.han.saturating_add(count_han(piece));
                rest = behind;
                self.counts.note(end - rest.len() as u64, self.han);
            }
            self.forget();
        } else {
            self.counts.forget(Counts::place(end));
        }
        self.seen += text.len();
        // The end of the line.
        let bytes = text.as_bytes();
        let from = text.len().saturating_sub(MAX_BEFORE);
        let from = (from..=text.len())
            .find(|at| text.is_char_boundary(*at))
            .unwrap_or(text.len());
        let near = text.get(from..).unwrap_or_default();
        match memchr::memrchr2(b'\n', b'\r', near.as_bytes()) {
            Some(at) => {
                self.line.clear();
                self.whole = true;
                self.endless = false;
                self.stuck = false;
                self.line.push_str(near.get(at + 1..).unwrap_or_default());
            }
            None => {
                if from > 0 {
                    self.line.clear();
                    self.whole = false;
                    if self.endless || self.stuck {
                        let front = bytes.get(..from).unwrap_or_default();
                        let end = memchr::memchr2(b'\n', b'\r', front);
                        self.endless &= end.is_none();
                        self.stuck &= end.is_none();
                    }
                }
                self.line.push_str(near);
            }
        }
        self.shorten();
    }

    /// Keeps no more of the line than is looked at.
    fn shorten(&mut self) {
        if self.line.len() > 2 * MAX_BEFORE {
            let near = context::last_chars(&self.line, context::CHARS);
            let cut = self.line.len() - near.len();
            self.line.drain(..cut);
            self.whole = false;
        }
    }

    /// Forgets notes that nothing will ask for any more.
    fn forget(&mut self) {
        let old = self.han.saturating_sub(BEHIND + NEAR);
        while self.decided > 0
            && self.entries.front().is_some_and(|entry| entry.han < old)
            && let Some(entry) = self.entries.pop_front()
        {
            self.before = entry.sums;
            self.first += 1;
            self.decided -= 1;
            self.settled -= 1;
        }
        let from = self.entries.get(self.decided);
        let from = from.map_or(self.left + self.seen as u64, |e| e.at);
        self.counts.forget(from);
    }

    /// A place where there may be notes on one character.
    fn row(&mut self, text: &str, blanks: usize, last: bool) -> bool {
        let word = self.word();
        let mut notes: Vec<(Note, usize)> = Vec::new();
        let mut len = 0;
        while notes.len() <= MAX_NOTES && !self.endless && !word.is_empty() {
            let rest = text.get(len..).unwrap_or_default();
            let mut found = note::find(rest, &word, self.all(), last);
            if self.all() && matches!(found, Unit::Other) {
                found = bare::find(rest, &word, last);
            }
            match found {
                Unit::Note(note, n) => {
                    notes.push((note, n));
                    len += n;
                }
                Unit::Other => break,
                Unit::Open => return false,
            }
        }
        let marker = text.get(blanks..).and_then(|m| m.chars().next());
        if notes.is_empty() && marker == Some('(') && blanks == 0 {
            match misaligned::letter(&self.line, text, last) {
                Some(0) => return false,
                Some(len) => {
                    self.out_of_step(len, String::new());
                    return true;
                }
                None => {}
            }
        }
        if notes.is_empty() {
            // The bracket is text, and what it holds is looked at.
            let n = blanks + marker.map_or(0, char::len_utf8);
            self.pass(text.get(..n).unwrap_or_default());
            return true;
        }
        if notes.len() > MAX_NOTES {
            self.pass(text.get(..len).unwrap_or_default());
            return true;
        }
        let Some(base) = word.last().copied() else { return false };
        let near = context::last_chars(&self.line, context::CHARS);
        let whole = self.whole && near.len() == self.line.len();
        let before = context::before(near, whole);
        let differs = SIMPLIFIED.row(base as u32).becomes().is_some();
        let mut at = self.left + self.seen as u64;
        for (n, (note, len)) in notes.iter().enumerate() {
            let (note, len) = (*note, *len);
            if differs && note.class == Class::Exact {
                self.noted.note(base);
            }
            self.entries.push_back(Entry {
                note,
                at,
                len,
                text: String::new(),
                base,
                differs,
                han: self.han,
                joined: n > 0,
                before,
                two: false,
                partner: None,
                foreign: false,
                stuck: self.stuck,
                guard: None,
                sums: Sums::default(),
                folds: None,
            });
            at += len as u64;
        }
        self.skip(text.get(..len).unwrap_or_default());
        true
    }

    /// The scout goes past a note.
    fn skip(&mut self, text: &str) {
        self.seen += text.len();
        self.counts.note(self.left + self.seen as u64, self.han);
        // Notes count by their lengths, so that nothing comes closer while
        // they are there.
        let chars = text.chars().count();
        self.line.extend(std::iter::repeat_n(NOTE, chars));
        self.shorten();
    }

    /// A place where there may be ruby.
    fn ruby(&mut self, text: &str, blanks: usize, last: bool) -> bool {
        let (front, text) = text.split_at_checked(blanks).unwrap_or_default();
        let found =
            if self.endless { Ruby::Other } else { ruby::find(text, last) };
        if found == Ruby::Open {
            return false;
        }
        self.pass(front);
        match found {
            Ruby::Fold(len, base) => {
                self.becomes(len, base, Rule::AnnotationRuby);
            }
            Ruby::Keep(len) => self.pass(text.get(..len).unwrap_or_default()),
            Ruby::Endless | Ruby::Other => {
                let c = text.chars().next().map_or(0, char::len_utf8);
                self.pass(text.get(..c).unwrap_or_default());
                self.endless |= found == Ruby::Endless;
            }
            Ruby::Open => {}
        }
        true
    }

    /// A place where a byte may have been lost.
    fn hole(&mut self, text: &str, blanks: usize, last: bool) -> bool {
        let marker = text.get(blanks..).and_then(|m| m.chars().next());
        let past = blanks + marker.map_or(0, char::len_utf8);
        let found = if blanks == 0 {
            misaligned::find(&self.line, text, &self.noted, last)
        } else {
            Found::Other
        };
        match found {
            Found::Open => return false,
            Found::Repair(len, was, noted) => {
                for c in noted {
                    self.noted.note(c);
                }
                self.out_of_step(len, was);
            }
            Found::Stuck | Found::Other => {
                if found == Found::Stuck {
                    self.stuck = true;
                    let at = self.left + self.seen as u64;
                    self.stuck_at.push_back(at);
                }
                self.pass(text.get(..past).unwrap_or_default());
            }
        }
        true
    }

    fn out_of_step(&mut self, len: usize, was: String) {
        self.becomes(len, was, Rule::AnnotationMisaligned);
    }

    /// What is so long becomes this, and what follows follows that.
    fn becomes(&mut self, len: usize, text: String, rule: Rule) {
        let at = self.left + self.seen as u64;
        let Some(note) = whole_note(rule) else { return };
        self.han = self.han.saturating_add(count_han(&text));
        self.seen += len;
        self.counts.note(self.left + self.seen as u64, self.han);
        self.line.push_str(&text);
        self.shorten();
        self.entries.push_back(Entry {
            note,
            at,
            len,
            text,
            base: '\0',
            differs: false,
            han: self.han,
            joined: false,
            before: Side::default(),
            two: false,
            partner: None,
            foreign: false,
            stuck: self.stuck,
            guard: None,
            sums: Sums::default(),
            folds: None,
        });
    }

    /// The Han characters that the text in front follows.
    fn word(&self) -> Vec<char> {
        let mut word: Vec<char> = self
            .line
            .chars()
            .rev()
            .filter(|c| !is_variation_selector(*c))
            .take_while(|c| is_han(*c))
            .take(word::MAX_CHARS)
            .collect();
        word.reverse();
        word
    }

    /// Settles the next note that is not, if enough of the line has been seen.
    fn settle(&mut self, rest: &str, last: bool) -> Option<()> {
        let number = self.settled;
        let entry = self.entries.get(number)?;
        let mut at = (entry.end() - self.left) as usize;
        let ended = last && self.seen == rest.len();
        let seen = rest.as_bytes().get(at..self.seen).unwrap_or_default();
        if !ended
            && seen.len() < context::CHARS
            && memchr::memchr2(b'\n', b'\r', seen).is_none()
        {
            return None;
        }
        let line = memchr::memchr2(b'\n', b'\r', seen);
        if !ended && seen.len() < FAR && line.is_none() {
            return None;
        }
        let near = line.unwrap_or(seen.len()).min(FAR) as u64;
        let end = entry.end();
        while self.stuck_at.front().is_some_and(|at| *at < end) {
            self.stuck_at.pop_front();
        }
        let stuck = entry.stuck
            || self.stuck_at.front().is_some_and(|at| *at < end + near);
        // Where it was not enough before, it takes so many bytes more.
        let here = self.left + self.seen as u64;
        let tried = self.tried.saturating_sub(self.left) as usize;
        let new = rest.as_bytes().get(tried..self.seen).unwrap_or_default();
        if !ended
            && here < self.enough
            && memchr::memchr2(b'\n', b'\r', new).is_none()
        {
            return None;
        }
        let mut behind = String::new();
        let mut chars = 0;
        let mut next = number + 1;
        while chars < context::CHARS {
            if let Some(other) = self.entries.get(next)
                && other.at - self.left == at as u64
            {
                let len = other.len;
                if other.is_ruby() {
                    behind.push_str(&other.text);
                    chars += other.text.chars().count();
                } else {
                    let text = rest.get(at..at + len).unwrap_or_default();
                    let n = text.chars().count();
                    behind.extend(std::iter::repeat_n(NOTE, n));
                    chars += n;
                    self.meet(number, next);
                }
                at += len;
                next += 1;
                continue;
            }
            if at >= self.seen {
                if !ended {
                    self.tried = here;
                    self.enough = here + (context::CHARS - chars) as u64;
                    return None;
                }
                break;
            }
            let c = rest.get(at..)?.chars().next()?;
            if matches!(c, '\n' | '\r') {
                break;
            }
            behind.push(c);
            chars += 1;
            at += c.len_utf8();
        }
        let before = match number.checked_sub(1) {
            Some(n) => self.entries.get(n).map(|e| e.sums)?,
            None => self.before,
        };
        let entry = self.entries.get_mut(number)?;
        if stuck && entry.note.rule != Rule::AnnotationRuby {
            entry.guard = Some(Guard::Stuck);
        } else if !entry.is_ruby() {
            let facts = Facts {
                capital: entry.note.capital,
                two: entry.two,
                foreign: entry.foreign,
                differs: entry.differs,
            };
            let behind = context::behind(&behind);
            entry.guard = context::guard(&entry.before, &behind, facts);
        }
        entry.sums = entry.counted(before);
        self.settled += 1;
        (self.tried, self.enough) = (0, 0);
        Some(())
    }

    /// Two notes of one line that are close.
    fn meet(&mut self, one: usize, other: usize) {
        let number = self.first + one as u64;
        let (Some(a), Some(b)) =
            (self.entries.get(one), self.entries.get(other))
        else {
            return;
        };
        let two = a.reads_otherwise(b);
        let numbered = |e: &Entry| e.note.form == Form::Numbered;
        // A number that is no reading is a sign of another language too.
        let foreign = |e: &Entry| {
            e.note.class == Class::Foreign
                || e.note.class == Class::Mismatch && numbered(e)
        };
        let (a_foreign, b_foreign) =
            (numbered(a) && foreign(b), numbered(b) && foreign(a));
        if let Some(a) = self.entries.get_mut(one) {
            a.two |= two;
            a.foreign |= a_foreign;
        }
        if let Some(b) = self.entries.get_mut(other) {
            b.two |= two;
            b.foreign |= b_foreign;
            if two {
                b.partner.get_or_insert(number);
            }
        }
    }

    /// Whether the first note that is not decided folds, if that can be told.
    fn decide(&self, rest: &str, last: bool) -> Option<bool> {
        if self.decided >= self.settled {
            return None;
        }
        let entry = self.entries.get(self.decided)?;
        if entry.guard == Some(Guard::Stuck) {
            return Some(false);
        }
        if entry.is_ruby() {
            return Some(true);
        }
        if entry.joined
            && let Some(before) = self.decided.checked_sub(1)
            && self.entries.get(before)?.folds == Some(false)
        {
            return Some(false);
        }
        let capital = entry.note.capital;
        let guard = entry.guard;
        if guard == Some(Guard::Foreign) {
            return Some(false);
        }
        if self.mode != Annotations::Auto {
            return Some(match entry.note.class {
                Class::Exact | Class::OtherTone => true,
                Class::Toneless => !capital,
                Class::Word(word) => word.toned,
                Class::Mismatch | Class::Foreign => false,
            });
        }
        let partner = self.partner(entry);
        if partner == Some(false) {
            return Some(false);
        }
        let stretches = || self.stretches(rest, last);
        match entry.note.class {
            Class::Mismatch | Class::Foreign => Some(false),
            Class::Exact => match guard {
                None => Some(true),
                Some(Guard::Exam) => Some(false),
                Some(Guard::TwoReadings(_)) if partner.is_some() => partner,
                Some(guard) => {
                    let (wide, near) = stretches()?;
                    let learner = matches!(
                        guard,
                        Guard::Capital
                            | Guard::Headword(true)
                            | Guard::TwoReadings(false)
                    );
                    Some(wide.strewn() || learner && near.full())
                }
            },
            _ if guard == Some(Guard::Exam) => Some(false),
            Class::Toneless if capital => Some(false),
            Class::Word(word) if capital || !word.toned => Some(false),
            class => {
                let (wide, near) = stretches()?;
                let spoken = matches!(guard, Some(Guard::Cue | Guard::Quoted));
                if spoken && !wide.strewn() {
                    return Some(false);
                }
                Some(match class {
                    Class::Word(_) => wide.reader(),
                    Class::Toneless => wide.toneless() || near.full(),
                    _ => {
                        near.full()
                            || !capital && (wide.dense() || near.dense())
                    }
                })
            }
        }
    }

    /// What became of other readings of the character before this one: all
    /// fold or none does.
    fn partner(&self, entry: &Entry) -> Option<bool> {
        let first = entry.partner?.saturating_sub(self.first);
        let first = usize::try_from(first).ok()?;
        let before = self.entries.iter().take(self.decided).skip(first);
        before
            .filter(|other| other.reads_otherwise(entry))
            .filter_map(|other| other.folds)
            .reduce(|all, folds| all && folds)
    }

    /// The notes around the first that is not decided, and those very close
    /// to it, if the scout has seen them all.
    fn stretches(&self, rest: &str, last: bool) -> Option<(Stretch, Stretch)> {
        let entry = self.entries.get(self.decided)?;
        let place = Counts::place(entry.at + REACH);
        let here = self.left + self.seen as u64;
        let ended = last && self.seen == rest.len();
        if !ended && here < place && self.han <= entry.han + AHEAD {
            return None;
        }
        let end = if here >= place { self.counts.at(place) } else { None };
        let end = end.unwrap_or(self.han);
        let stretch = |behind: u32, ahead: u32| {
            let from = entry.han.saturating_sub(behind);
            let to = entry.han.saturating_add(ahead);
            let low = self.entries.partition_point(|e| e.han <= from);
            let high =
                self.entries.partition_point(|e| e.han <= to && e.at < place);
            if high > self.settled {
                return None;
            }
            let sums = |n: usize| match n.checked_sub(1) {
                Some(n) => self.entries.get(n).map(|e| e.sums),
                None => Some(self.before),
            };
            let sums = sums(high)? - sums(low)?;
            Some(Stretch { sums, han: to.min(end).saturating_sub(from) })
        };
        Some((stretch(BEHIND, AHEAD)?, stretch(NEAR, NEAR)?))
    }
}

impl Entry {
    /// Whether both are readings of the same character, and not the same one.
    fn reads_otherwise(&self, other: &Entry) -> bool {
        // Any syllable may be neutral: 妈(mā)妈(ma).
        let exact = |e: &Entry| {
            e.note.class == Class::Exact && (1..=4).contains(&e.note.tone)
        };
        let reading = |e: &Entry| (e.note.letters, e.note.tone);
        exact(self)
            && exact(other)
            && self.base == other.base
            && reading(self) != reading(other)
    }

    /// The sums with this note.
    fn counted(&self, mut sums: Sums) -> Sums {
        let small = !self.note.capital;
        match self.note.class {
            // One that follows another stays if that one does.
            _ if self.is_ruby() || self.joined => {}
            Class::Exact => {
                sums.exact += 1;
                sums.free += u32::from(self.guard.is_none());
                sums.traditional += u32::from(self.differs);
                sums.other += u32::from(self.two);
                sums.read += 1;
            }
            Class::Toneless if small => {
                sums.toneless += 1;
                sums.plain += 1;
                sums.read += 1;
            }
            Class::Mismatch if small && self.note.form == Form::Plain => {
                sums.plain += 1;
            }
            Class::Word(word) if small && word.toned => {
                sums.words += u32::from(word.syllables);
            }
            _ => {}
        }
        sums
    }
}

/// What an annotation is called that is more than a note.
fn whole_note(rule: Rule) -> Option<Note> {
    let letters = syllable::Letters::of(b"")?;
    Some(Note {
        class: Class::Exact,
        form: Form::Marked,
        capital: false,
        letters,
        tone: 0,
        rule,
    })
}

/// How many Han characters the text has.
fn count_han(text: &str) -> u32 {
    let bytes = text.as_bytes();
    let behind = bytes.get(1..).unwrap_or_default();
    let han = |(a, b): (&u8, &u8)| {
        u32::from(
            (a.wrapping_sub(0xE4) < 6)
                | (*a == 0xE3) & (*b >= 0x90)
                | (*a == 0xEF) & (b.wrapping_sub(0xA4) < 8)
                | (*a == 0xF0) & (*b >= 0xA0),
        )
    };
    bytes.iter().zip(behind).map(han).sum()
}

/// Offset of the next place where a note or ruby may start, or the length of
/// the text. Brackets behind ASCII are passed over.
pub(crate) fn next_marker(text: &str) -> usize {
    const WINDOW: usize = if simd::SMALL { 64 } else { 1024 };
    let bytes = text.as_bytes();
    // By two bytes the compiler can look at many at once.
    let may = |a: u8, b: u8| {
        (a == b'(')
            | (a == b'<')
            | (a == 0xBC) & (b == 0x88)
            | (a == 0xBF) & (b == 0xB9)
            | (a == 0xBF) & (b == 0xBD)
            | (a == 0xBC) & (b == 0x9F)
            | (a == b'?') & is_hole_edge(b)
    };
    let mut from = 0;
    while from < bytes.len() {
        let to = bytes.len().min(from + WINDOW);
        let seen = bytes.len().min(to + 2);
        let window = bytes.get(from..seen).unwrap_or_default();
        // The last byte of the text is in no pair.
        if seen == bytes.len() || simd::any_pair(window, may) {
            let found = memchr::memchr3_iter(b'(', b'<', 0xEF, window)
                .map(|i| from + i)
                .find(|i| *i < to && is_marker(bytes, *i));
            let before = found.map_or(to, |at| at) - from;
            let hole = memchr::memchr_iter(b'?', window)
                .map(|i| from + i)
                .take_while(|i| *i < from + before)
                .find(|i| is_hole(bytes, *i));
            if let Some(at) = hole.or(found) {
                return at;
            }
        }
        from = to;
    }
    bytes.len()
}

/// Whether the place of a `(`, a `<` or a byte of 0xEF is a marker.
fn is_marker(bytes: &[u8], at: usize) -> bool {
    let rest = bytes.get(at..).unwrap_or_default();
    match rest {
        [b'<', next, ..] => matches!(next, b'r' | b'R' | 0xEF),
        [b'<'] => true,
        [0xEF, 0xBC, 0x88, ..] | [b'(', ..] => {
            let before = bytes.get(..at).unwrap_or_default();
            if let [.., 0x80..=0xFF, b'@'..=b'~'] | [b'@'..=b'~'] = before {
                // Half a character may look like a letter.
                return rest.first() == Some(&b'(');
            }
            let mut before = before.iter().rev().skip_while(|b| **b == b' ');
            before.next().is_none_or(|b| *b >= 0x80)
        }
        // A lost byte has its bracket behind it.
        [0xEF, 0xBF, 0xBD, next, ..] => *next == b'(',
        [0xEF, 0xBC, 0x9F, next, ..] => is_hole_edge(*next) && *next != b'(',
        [0xEF, 0xBF, 0xBD] | [0xEF, 0xBC, 0x9F] => true,
        _ => rest.starts_with(&[0xEF, 0xBF, 0xB9]),
    }
}

/// Whether a `?` stands where a byte may have been lost, between Han and a
/// note.
fn is_hole(bytes: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| bytes.get(at));
    let next = bytes.get(at + 1);
    before.is_none_or(|b| *b >= 0x80) && next.is_none_or(|b| is_hole_edge(*b))
}

/// What a note behind a `?` starts with: its bracket, or a letter of it.
fn is_hole_edge(b: u8) -> bool {
    (b == b'(')
        | (b.wrapping_sub(b'a') < 26)
        | (b.wrapping_sub(0xC3) <= 0xC7 - 0xC3)
}

/// The same where brackets of any kind count, and letters behind Han
/// characters; `han`: the text stands behind one.
fn next_of_all(text: &str, mut han: bool) -> usize {
    let mut blanks = 0;
    for (at, c) in text.char_indices() {
        let open = note::closers(c, true).is_some();
        let bare = han && blanks <= MAX_BLANKS && bare::starts(c);
        let hole = matches!(c, '?' | '？' | char::REPLACEMENT_CHARACTER);
        if open || bare || hole || c == '<' || c == '\u{FFF9}' {
            return at;
        }
        if han && is_blank(c) {
            blanks += 1;
        } else if !is_variation_selector(c) {
            han = is_han(c);
            blanks = 0;
        }
    }
    text.len()
}

impl Stage for Fold {
    const LOOKAHEAD: usize =
        REACH as usize + FAR + 1024 + 8 * MAX_NOTE + 2 * MAX_RUBY;

    fn run(&mut self, cur: &mut Cursor<'_>, last: bool) {
        loop {
            match self.action(cur.rest(), last) {
                Action::Keep(n) => {
                    cur.keep(n);
                    self.leave(n);
                }
                Action::Report(n, why) => {
                    cur.notice(n, Rule::AnnotationKept, why, Vec::new);
                    cur.keep(n);
                    self.leave(n);
                }
                Action::Replace(n, with, rule) => {
                    cur.replace(n, &with, rule);
                    self.leave(n);
                }
                Action::Wait => return,
            }
        }
    }

    fn reset(&mut self) {
        *self = Fold::new(self.mode);
    }
}

impl Fold {
    /// Text has left.
    fn leave(&mut self, n: usize) {
        self.left += n as u64;
        self.seen = self.seen.saturating_sub(n);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Logs, Text};

    /// What is left unread of a text when more may come.
    fn unread(text: &str) -> String {
        let (mut input, mut out) = (Text::new(false), Text::new(false));
        input.push(text, 0..text.len() as u64, true);
        let mut logs = Logs::default();
        Fold::new(Annotations::Auto)
            .run(&mut Cursor::new(&mut input, &mut out, &mut logs), false);
        input.rest().into()
    }

    #[test]
    fn only_what_may_be_a_note_is_held() {
        assert_eq!(unread("團結"), "");
        assert_eq!(unread("團 "), " ");
        assert_eq!(unread("團   "), "");
        assert_eq!(unread("團("), "(");
        assert_eq!(unread("團(tuá"), "(tuá");
        // The line may show that it is about readings, until it ends.
        assert_eq!(unread("團(tuán)結"), "(tuán)結");
        assert_eq!(unread("團(tuán)結\n"), "");
        assert_eq!(unread("團(密"), "");
        assert_eq!(unread("a(tuá"), "");
        let long = "zhuang".repeat(20);
        assert_eq!(unread(&format!("團({long}")), "");
    }

    #[test]
    fn evidence_is_awaited_so_far_and_no_further() {
        let waits = "拼音：團(tuán)\n";
        assert_eq!(unread(waits), "(tuán)\n");
        let behind = "a".repeat(2 * REACH as usize);
        assert_eq!(unread(&format!("{waits}{behind}")), "");
        let behind = "字".repeat(AHEAD as usize + 1);
        assert_eq!(unread(&format!("{waits}{behind}")), "");
    }

    #[test]
    fn han_characters_are_counted() {
        assert_eq!(count_han("漢㐀𠀀\u{F900}aé，。あ"), 4);
    }
}
