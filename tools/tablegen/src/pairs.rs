//! Pairs of characters that are more than their parts: those of words, and of
//! running text as far as it goes.

use std::collections::BTreeMap;

use crate::class::{
    Class, Lexicon, SAVING_BITS, SAVING_STEP, SLOTS, bucket, paired,
};

/// How many pairs the table has room for, and how full it gets.
const BUCKETS: usize = 24_000;
const FULL: f64 = 0.9;
/// The least that a pair must save, in nats.
const LEAST: f64 = 0.5;

/// What stands behind characters, within the class of the second.
#[derive(Default)]
pub struct Behind {
    pairs: BTreeMap<(char, char), f64>,
    /// How often something of a class follows.
    totals: BTreeMap<(char, Class), f64>,
    sum: f64,
}

impl Behind {
    fn add(&mut self, first: char, second: char, weight: f64) {
        let first = if first.is_ascii_digit() { '0' } else { first };
        if paired(first) == 0 || second.is_ascii_digit() {
            return;
        }
        let class = Class::of(second);
        *self.totals.entry((first, class)).or_default() += weight;
        self.sum += weight;
        if paired(second) != 0 {
            *self.pairs.entry((first, second)).or_default() += weight;
        }
    }

    /// Running text.
    pub fn text(&mut self, text: &str, weight: f64) {
        for line in text.split('\n') {
            for (first, second) in line.chars().zip(line.chars().skip(1)) {
                self.add(first, second, weight);
            }
        }
    }

    /// A word. What comes after it is not known, but for how often that is a
    /// character of these classes.
    pub fn word(&mut self, word: &[char], weight: f64, next: &[(Class, f64)]) {
        for pair in word.windows(2) {
            self.add(pair[0], pair[1], weight);
        }
        let Some(last) = word.last().filter(|c| paired(**c) != 0) else {
            return;
        };
        for (class, share) in next {
            *self.totals.entry((*last, *class)).or_default() += weight * share;
            self.sum += weight * share;
        }
    }

    /// Adds another so that all of it weighs as much as `weight`.
    pub fn mix(&mut self, other: &Behind, weight: f64) {
        let factor = weight / other.sum.max(1e-9);
        for (pair, n) in &other.pairs {
            *self.pairs.entry(*pair).or_default() += n * factor;
        }
        for (key, n) in &other.totals {
            *self.totals.entry(*key).or_default() += n * factor;
        }
        self.sum += weight;
    }
}

struct Entry {
    first: u16,
    second: u16,
    lexicon: Lexicon,
    /// In nats.
    saving: f64,
    /// What it is worth to know it.
    worth: f64,
}

/// What is known of a language, how much it counts beside the others, and what
/// a character costs in it alone, in nats, within its class.
pub type Language<'a> = (&'a Behind, Lexicon, f64, &'a dyn Fn(char) -> f64);

/// The table.
pub fn table(models: &[Language<'_>]) -> Vec<u8> {
    let room = (BUCKETS * SLOTS) as f64 * FULL;
    // The worth that a pair must have to be among as many as there is room
    // for: what is listed leaves less to the rest, so this is an estimate.
    let mut worths = Vec::new();
    for (behind, _, share, alone) in models {
        for (&(first, second), n) in &behind.pairs {
            let total = behind.total(first, second);
            let own = (-alone(second)).exp();
            let saving = ((n / total + 0.5 * own) / own).ln();
            if saving > LEAST {
                worths.push(share * n / behind.sum * saving);
            }
        }
    }
    worths.sort_by(|a, b| b.total_cmp(a));
    let least = worths.get(room as usize).copied().unwrap_or(0.0);

    let mut entries: BTreeMap<(u16, u16, u8), Entry> = BTreeMap::new();
    let mut put = |entry: Entry| {
        let key = (entry.first, entry.second, entry.lexicon as u8);
        let known = entries.entry(key);
        let known = known.or_insert(Entry { saving: 0.0, ..entry });
        // Simplified and Traditional share what they have in common.
        known.saving = known.saving.max(entry.saving);
        known.worth = known.worth.max(entry.worth);
    };
    let mut strange: BTreeMap<(char, u8), (f64, f64)> = BTreeMap::new();
    for (behind, lexicon, share, alone) in models {
        let mut listed: BTreeMap<(char, Class), Vec<(char, f64)>> =
            BTreeMap::new();
        let mut left: BTreeMap<(char, Class), f64> = BTreeMap::new();
        for (&(first, second), n) in &behind.pairs {
            let total = behind.total(first, second);
            let own = (-alone(second)).exp();
            let saving = ((n / total + 0.5 * own) / own).ln();
            let key = (first, Class::of(second));
            if saving > LEAST && share * n / behind.sum * saving >= least {
                listed.entry(key).or_default().push((second, *n));
                *left.entry(key).or_insert(1.0) -= n / total;
            }
        }
        for ((first, class), seconds) in &listed {
            let left = left.get(&(*first, *class)).copied().unwrap_or(1.0);
            let left = left.max(0.02);
            for (second, n) in seconds {
                let total = behind.total(*first, *second);
                let own = (-alone(*second)).exp();
                let saving = ((n / total + left * own) / own).ln();
                put(Entry {
                    first: paired(*first),
                    second: paired(*second),
                    lexicon: *lexicon,
                    saving,
                    worth: share * n / behind.sum * saving,
                });
            }
            if Class::of(*first) == *class {
                let seen = behind.totals[&(*first, *class)] / behind.sum;
                let known =
                    strange.entry((*first, *lexicon as u8)).or_default();
                if share * seen > known.0 {
                    *known = (share * seen, -left.ln());
                }
            }
        }
    }
    for ((first, lexicon), (seen, cost)) in strange {
        let lexicon = match lexicon {
            0 => Lexicon::Chinese,
            _ => Lexicon::Japanese,
        };
        put(Entry {
            first: paired(first),
            second: 0,
            lexicon,
            saving: cost,
            worth: seen * cost,
        });
    }

    let mut entries: Vec<Entry> = entries.into_values().collect();
    entries.sort_by(|a, b| b.worth.total_cmp(&a.worth));
    let mut buckets = vec![Vec::new(); BUCKETS];
    for entry in entries {
        let steps = (entry.saving * 8.0 / f64::from(SAVING_STEP)).round();
        let steps = steps.min(f64::from((1 << SAVING_BITS) - 1)) as u16;
        let (number, name) =
            bucket(entry.first, entry.second, entry.lexicon, BUCKETS);
        let slots: &mut Vec<u16> = &mut buckets[number];
        // Two of the same name cannot be told apart: the better one stays.
        let taken = slots.iter().any(|slot| slot >> SAVING_BITS == name);
        if steps > 0 && slots.len() < SLOTS && !taken {
            slots.push(name << SAVING_BITS | steps);
        }
    }
    for slots in &mut buckets {
        slots.resize(SLOTS, 0);
    }
    buckets.concat().iter().flat_map(|slot| slot.to_le_bytes()).collect()
}

impl Behind {
    /// How often something of the class of `second` follows, with some more
    /// for what has not been seen.
    fn total(&self, first: char, second: char) -> f64 {
        let seen = self.totals.get(&(first, Class::of(second)));
        seen.copied().unwrap_or(0.0) + 5e-7 * self.sum
    }
}
