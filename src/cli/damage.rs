//! `--bad fail` and `--max-damage`: input that is too damaged is a bad input.
//!
//! Damage is what is malformed and, where the stage `repair` has looked for it,
//! what can never come back. The first is a share of the bytes of the input,
//! the second one of its text, and together they are the sum of these shares.

use anyhow::{Result, bail};
use hanfold::Summary;

/// How much may be damaged.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Limit {
    /// Nothing at all may be malformed.
    pub(super) sound: bool,
    /// So many bytes of a hundred.
    pub(super) percent: Option<f64>,
}

impl Limit {
    /// Fails where there is more, and says how much and where.
    pub(super) fn check(self, of: &Summary) -> Result<()> {
        let (raw, text) = (of.bytes_in, of.text_bytes);
        let (malformed, lost) = (of.malformed_bytes, of.unrecoverable_bytes);
        // A decimal fraction and this quotient are rounded in the same way,
        // so that exactly as much as allowed is not too much.
        let share = |part: u64, of: u64| match part {
            0 => 0.0,
            _ => 100.0 * part as f64 / of as f64,
        };
        let percent = if raw == text {
            share(malformed + lost, raw)
        } else {
            share(malformed, raw) + share(lost, text)
        };
        let allowed = match self.percent {
            _ if self.sound && of.malformed > 0 => String::new(),
            Some(most) if percent > most => {
                format!(", where --max-damage allows {most} %")
            }
            _ => return Ok(()),
        };
        let s = |number| if number == 1 { "" } else { "s" };
        let mut told = Vec::new();
        if let Some(first) = of.first_malformed {
            told.push(format!(
                "{} malformed sequence{}, the first at byte {first}: \
                 {malformed} of {raw} bytes",
                of.malformed,
                s(of.malformed),
            ));
        }
        if let Some(line) = of.first_unrecoverable {
            told.push(format!(
                "{} unrecoverable part{}, the first in line {line}: \
                 {lost} of {text} bytes of text",
                of.unrecoverable,
                s(of.unrecoverable),
            ));
        }
        bail!("{}, {percent:.3} %{allowed}", told.join("; "));
    }
}

/// The value of `--max-damage`.
pub(super) fn percent(text: &str) -> Result<f64, String> {
    let number = text.parse().ok();
    number
        .filter(|percent| (0.0..=100.0).contains(percent))
        .ok_or_else(|| "use a number from 0 to 100".into())
}
