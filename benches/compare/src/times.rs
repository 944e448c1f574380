//! Converters in turn on the same text.

use std::fmt;
use std::hint::black_box;
use std::ops::Range;
use std::time::Instant;

use crate::converters::Converter;

/// Seconds for a call, by converter and round.
pub struct Times(Vec<Vec<f64>>);

impl Times {
    /// Each round starts with another converter. What the last call of a
    /// round gives is freed when the time has been taken.
    pub fn measure(
        text: &str,
        calls: usize,
        rounds: usize,
        converters: &mut [Converter],
    ) -> Self {
        let mut times = vec![Vec::new(); converters.len()];
        let mut kept = String::new();
        for converter in converters.iter_mut() {
            drop((converter.convert)(text, &mut kept));
        }
        for round in 0..rounds {
            for turn in 0..converters.len() {
                let i = (round + turn) % converters.len();
                let convert = &mut converters[i].convert;
                let start = Instant::now();
                for _ in 1..calls {
                    drop(black_box(convert(black_box(text), &mut kept)));
                }
                let last = black_box(convert(black_box(text), &mut kept));
                let time = start.elapsed().as_secs_f64();
                drop(last);
                times[i].push(time / calls as f64);
            }
        }
        Times(times)
    }

    /// The median.
    pub fn seconds(&self, i: usize) -> f64 {
        Ratio::of(self.0[i].clone()).median
    }

    /// How many times as long `i` took as `base`, within a round.
    pub fn ratio(&self, i: usize, base: usize) -> Ratio {
        let pairs = self.0[i].iter().zip(&self.0[base]);
        Ratio::of(pairs.map(|(time, base)| time / base).collect())
    }

    /// Of several, the one that took the shortest time.
    pub fn fastest(&self, among: Range<usize>) -> Option<usize> {
        among.min_by(|&a, &b| self.seconds(a).total_cmp(&self.seconds(b)))
    }
}

/// Over all rounds.
pub struct Ratio {
    pub median: f64,
    low: f64,
    high: f64,
}

impl Ratio {
    fn of(mut all: Vec<f64>) -> Self {
        all.sort_by(f64::total_cmp);
        let (low, high) = (all[0], all[all.len() - 1]);
        let median = (all[(all.len() - 1) / 2] + all[all.len() / 2]) / 2.0;
        Ratio { median, low, high }
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} ({:.2}-{:.2})", self.median, self.low, self.high)
    }
}
