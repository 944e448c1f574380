//! `--bad fail` and `--max-damage`: input that is too damaged is a bad input.

use anyhow::{Result, bail};
use hanfold::Summary;

/// How much may be malformed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Limit {
    /// Nothing at all.
    pub(super) sound: bool,
    /// So many bytes of a hundred.
    pub(super) percent: Option<f64>,
}

impl Limit {
    /// Fails where there is more, and says how much and where.
    pub(super) fn check(self, of: &Summary) -> Result<()> {
        let Some(first) = of.first_malformed else { return Ok(()) };
        // A decimal fraction and this quotient are rounded in the same way,
        // so that exactly as much as allowed is not too much.
        let percent = 100.0 * of.malformed_bytes as f64 / of.bytes_in as f64;
        let allowed = match self.percent {
            _ if self.sound => String::new(),
            Some(most) if percent > most => {
                format!(", where --max-damage allows {most} %")
            }
            _ => return Ok(()),
        };
        bail!(
            "{} malformed sequence{}, the first at byte {first}: \
             {} of {} bytes, {percent:.3} %{allowed}",
            of.malformed,
            if of.malformed == 1 { "" } else { "s" },
            of.malformed_bytes,
            of.bytes_in,
        );
    }
}

/// The value of `--max-damage`.
pub(super) fn percent(text: &str) -> Result<f64, String> {
    let number = text.parse().ok();
    number
        .filter(|percent| (0.0..=100.0).contains(percent))
        .ok_or_else(|| "use a number from 0 to 100".into())
}
