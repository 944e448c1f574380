//! How dense a document is with notes, where a decision needs to know.
//!
//! A note that cannot be decided by itself is decided by the notes around it:
//! those within [`BEHIND`] Han characters before it and [`AHEAD`] after it, but
//! no further than [`REACH`] bytes after it. Counters run over all notes, so
//! that those of any stretch are a difference of two.

use std::collections::VecDeque;
use std::ops::Sub;

/// Han characters before a note, and after it.
pub(super) const BEHIND: u32 = 512;
pub(super) const AHEAD: u32 = 512;
/// Han characters on each side that say whether each character is annotated.
pub(super) const NEAR: u32 = 48;
/// Bytes after a note, notes counted.
pub(super) const REACH: u64 = if cfg!(test) { 640 } else { 8 * 1024 };
/// Where the counters of Han are kept, in bytes.
const STEP: u64 = if cfg!(test) { 32 } else { 256 };

/// Sums over notes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Sums {
    /// Right readings with their tone.
    pub(super) exact: u32,
    /// Of these, those that nothing speaks against. They fold in any case, so
    /// a text in which none is left is one that folds no further.
    pub(super) free: u32,
    /// Of the exact ones, on characters that script conversion changes.
    pub(super) traditional: u32,
    /// And those on characters that have another reading close by.
    pub(super) other: u32,
    /// Right readings without a tone, in small letters.
    pub(super) toneless: u32,
    /// Anything without a tone in small letters that is a syllable.
    pub(super) plain: u32,
    /// Characters that notes of words read.
    pub(super) words: u32,
    /// Characters with a right reading.
    pub(super) read: u32,
}

impl Sub for Sums {
    type Output = Sums;

    fn sub(self, before: Sums) -> Sums {
        Sums {
            exact: self.exact.wrapping_sub(before.exact),
            free: self.free.wrapping_sub(before.free),
            traditional: self.traditional.wrapping_sub(before.traditional),
            other: self.other.wrapping_sub(before.other),
            toneless: self.toneless.wrapping_sub(before.toneless),
            plain: self.plain.wrapping_sub(before.plain),
            words: self.words.wrapping_sub(before.words),
            read: self.read.wrapping_sub(before.read),
        }
    }
}

/// The notes of a stretch and its Han characters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    pub(super) sums: Sums,
    pub(super) han: u32,
}

impl Stretch {
    /// At least so many percent of the characters.
    fn share(&self, count: u32, percent: u32) -> bool {
        u64::from(count) * 100 >= u64::from(percent) * u64::from(self.han)
    }

    /// Mostly characters that conversion changes, each with one reading: a
    /// machine put the notes there.
    fn mechanical(&self) -> bool {
        let Sums { exact, free, traditional, other, .. } = self.sums;
        free > 0 && traditional * 5 >= exact * 4 && other <= exact / 20
    }

    /// A page that a machine has strewn notes over.
    pub(super) fn strewn(&self) -> bool {
        let exact = self.sums.exact;
        self.mechanical()
            && (exact >= 2 && self.share(exact, 8)
                || exact >= 6 && self.share(exact, 2))
    }

    /// Dense enough for a tone to be a slip of the pen, or Taiwan's.
    pub(super) fn dense(&self) -> bool {
        let Sums { exact, free, .. } = self.sums;
        self.strewn()
            || self.mechanical() && self.share(exact, 8)
            || free > 0 && exact >= 12 && self.share(exact, 5)
    }

    /// Dense with notes that lost their tones.
    pub(super) fn toneless(&self) -> bool {
        let Sums { exact, free, toneless, plain, .. } = self.sums;
        free > 0 && exact >= 5 && toneless >= 5 && toneless * 10 >= plain * 9
            || toneless >= 10
                && toneless * 20 >= plain * 19
                && self.share(toneless + exact, 10)
    }

    /// Nearly each character is annotated.
    pub(super) fn full(&self) -> bool {
        let Sums { exact, read, .. } = self.sums;
        exact >= 2 && self.share(read, 60)
            || exact >= 3 && self.share(read, 50)
    }

    /// A text for those who learn to read, word by word.
    pub(super) fn reader(&self) -> bool {
        let Sums { exact, free, read, words, .. } = self.sums;
        free > 0 && exact >= 3 && self.share(read + words, 50)
    }
}

/// How many Han characters stand before places that are a step apart.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// Before the place `first + i` steps from the start.
    steps: VecDeque<u32>,
    first: u64,
}

impl Counts {
    /// The first place at or behind this one.
    pub(super) fn place(at: u64) -> u64 {
        at.div_ceil(STEP) * STEP
    }

    /// The next place that is to be noted, if all before `at` were.
    pub(super) fn next(&self) -> u64 {
        (self.first + self.steps.len() as u64) * STEP
    }

    /// Before all places up to this one stand so many.
    pub(super) fn note(&mut self, up_to: u64, han: u32) {
        while self.next() <= up_to {
            self.steps.push_back(han);
        }
    }

    /// Before this place, which was noted.
    pub(super) fn at(&self, place: u64) -> Option<u32> {
        let step = (place / STEP).checked_sub(self.first)?;
        self.steps.get(usize::try_from(step).ok()?).copied()
    }

    /// Nothing before this will be asked for.
    pub(super) fn forget(&mut self, before: u64) {
        let keep = before / STEP;
        while self.first < keep && self.steps.pop_front().is_some() {
            self.first += 1;
        }
        self.first = self.first.max(keep);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_noted_once() {
        let mut counts = Counts::default();
        counts.note(0, 0);
        counts.note(STEP - 1, 3);
        counts.note(2 * STEP, 5);
        assert_eq!(counts.at(STEP), Some(5));
        assert_eq!(counts.at(2 * STEP), Some(5));
        assert_eq!(counts.at(3 * STEP), None);
        counts.forget(2 * STEP);
        assert_eq!(counts.at(STEP), None);
        assert_eq!(counts.next(), 3 * STEP);
        counts.forget(9 * STEP);
        assert_eq!(counts.next(), 9 * STEP);
    }
}
