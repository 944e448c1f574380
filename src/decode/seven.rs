//! Text in seven bits that shifts between ASCII and pairs: HZ, ISO-2022-CN,
//! ISO-2022-JP.
//!
//! Whole escape sequences name the encoding. One of them may be damaged; then
//! what else is there has to bear it out.

use super::cells::{Cells, SLIP, ascii};
use super::charset::Charset;
use super::detect::{gb_cells, jis_cells};
use crate::tables::stats::{Model, NAT, Place};

/// How much better than ASCII pairs have to read.
const BETTER: u32 = 6 * NAT;
/// What a character costs at most, on the average, in usual text.
const USUAL: u32 = 9 * NAT;
/// The cost of a shift.
const SHIFT: u32 = 2 * NAT;

/// The encoding that shifts and escape sequences name.
pub(crate) fn designated(bytes: &[u8]) -> Option<Charset> {
    let high = bytes.iter().filter(|b| !b.is_ascii()).count();
    // They are damage here.
    if high > 1 + bytes.len() / 64 {
        return None;
    }
    if let Some(charset) = iso2022(bytes) {
        return Some(charset);
    }
    let tilde = |pair: &[u8]| matches!(pair, b"~{" | b"~}");
    (bytes.windows(2).any(tilde) && is_hz(bytes)).then_some(Charset::Hz)
}

fn iso2022(bytes: &[u8]) -> Option<Charset> {
    memchr::memchr3(0x1B, 0x0E, 0x0F, bytes)?;
    let japanese = Charset::Standard(encoding_rs::ISO_2022_JP);
    for four in bytes.windows(4) {
        match four {
            [0x1B, b'$', b')', b'A' | b'G' | b'E']
            | [0x1B, b'$', b'*', b'H']
            | [0x1B, b'$', b'+', b'I'..=b'M'] => {
                return Some(Charset::Iso2022Cn);
            }
            [0x1B, b'$', b'@' | b'B', _] | [0x1B, b'(', b'J' | b'I', _] => {
                return Some(japanese);
            }
            _ => {}
        }
    }
    // One byte of an escape sequence is damaged.
    let shifts = memchr::memchr2(0x0E, 0x0F, bytes).is_some();
    let nearly = |four: &[u8]| {
        let [a, b, c, d] = four else { return false };
        // That is whole, and Korean.
        if four == b"\x1B$)C" {
            return false;
        }
        let set = matches!((c, d), (b')', b'A' | b'G' | b'E') | (b'*', b'H'));
        let escape = (*a, *b) == (0x1B, b'$');
        set && (*a == 0x1B || *b == b'$')
            || escape && (matches!(c, b')' | b'*') || b"AGEH".contains(d))
    };
    if shifts && bytes.windows(4).any(nearly) {
        return Some(Charset::Iso2022Cn);
    }
    // A program that writes to a terminal goes back to ASCII like that too.
    let back = |three: &[u8]| matches!(three, [0x1B, b'(', b'B' | b'J']);
    let end = bytes.windows(3).position(back)?;
    let (before, _) = bytes.split_at(end);
    let start = before.windows(3).rposition(|three| {
        matches!(
            three,
            [_, b'$', b'@' | b'B'] | [0x1B, _, b'@' | b'B'] | [0x1B, b'$', _]
        )
    })?;
    let run = before.get(start + 3..)?;
    let cost = pairs(jis_cells()?, Model::Japanese, run);
    (cost + BETTER < plain(before.get(start..)?)).then_some(japanese)
}

/// Whether what stands between shifts reads as Chinese, and better than as
/// ASCII.
fn is_hz(bytes: &[u8]) -> bool {
    let Some(cells) = gb_cells() else { return false };
    let (mut as_hz, mut as_plain) = (0, 0);
    for line in bytes.split(|b| *b == b'\n') {
        let mut rest = line;
        // Behind the last there is none to look for again and again.
        let mut more_open = true;
        loop {
            let find = |what: &[u8]| rest.windows(2).position(|w| w == what);
            let open = if more_open { find(b"~{") } else { None };
            let open = open.map(|at| at + 2);
            more_open = open.is_some();
            let close = if more_open { None } else { find(b"~}") };
            if open.is_none() && close.is_some() {
                // The shift that was to be there is damaged.
                as_hz += 2 * SLIP;
            }
            let (start, end) = match (open, close) {
                (Some(open), _) => {
                    let (_, run) = rest.split_at(open);
                    let end = run.windows(2).position(|w| w == b"~}");
                    (open, open + end.unwrap_or(run.len()))
                }
                // The shift in front is damaged.
                (None, Some(end)) => {
                    let (before, _) = rest.split_at(end);
                    let half = |w: &[u8]| matches!(w, [b'~', _] | [_, b'{']);
                    let open = before.windows(2).position(half);
                    (open.map_or(0, |at| at + 2), end)
                }
                (None, None) => break,
            };
            let (whole, behind) =
                rest.split_at_checked(end + 2).unwrap_or((rest, b""));
            let before = rest.get(..start.saturating_sub(2));
            let run = rest.get(start..end).unwrap_or_default();
            let cost = pairs(cells, Model::Simplified, run);
            as_plain += plain(whole);
            as_hz += plain(before.unwrap_or_default()) + cost + 2 * SHIFT;
            // What nothing ends may be anything.
            if open.is_some() && start + run.len() == rest.len() {
                as_hz += cost.saturating_sub(USUAL * run.len() as u32 / 2);
            }
            rest = behind;
        }
    }
    as_hz + BETTER < as_plain
}

/// What seven-bit bytes cost as pairs.
fn pairs(cells: &Cells, model: Model, run: &[u8]) -> u32 {
    let high = |b: &u8| match b {
        0x21..=0x7E => b | 0x80,
        // In no pair.
        _ => 0xFF,
    };
    cells.cost(model, &run.iter().map(high).collect::<Vec<u8>>())
}

/// What bytes cost as ASCII.
fn plain(bytes: &[u8]) -> u32 {
    let mut behind = Place::START;
    let mut cost = 0;
    for &byte in bytes {
        if byte < 0x80 {
            let cell = ascii(byte);
            cost += cell.cost(Model::Other, behind);
            behind = cell.place;
        } else {
            cost += SLIP;
        }
    }
    cost
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(bytes: &[u8]) -> Option<&'static str> {
        designated(bytes).map(Charset::name)
    }

    #[test]
    fn shifts_name_the_encoding() {
        let hz = Charset::Hz.name();
        for bytes in [
            &b"~{VPND~}"[..],
            b"see ~{VPND~} and ~{R;~}",
            // Damaged: the shift in front, a byte of a pair, the one behind.
            b"~?VPNDP!KU~}",
            b"~{VP\xFFD5D~}",
            b"~{VPND5D~ ",
        ] {
            assert_eq!(name(bytes), Some(hz), "{}", bytes.escape_ascii());
        }
        for (bytes, wanted) in [
            (&b"\x1B$)A\x0EVP\x0F"[..], Charset::Iso2022Cn.name()),
            (b"\x1B$\x80A\x0EVP\x0F", Charset::Iso2022Cn.name()),
            (b"\x1B$B$N\x1B(B", "ISO-2022-JP"),
            (b"?$B$3$l$O\x1B(B", "ISO-2022-JP"),
        ] {
            assert_eq!(name(bytes), Some(wanted), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn ascii_with_tildes_and_escapes_stays_ascii() {
        for bytes in [
            &b"\\def\\x{\\char`\\~}"[..],
            b"see Fig.~{\\ref}~and",
            b"if [[ $a =~ ~{b,c} ]]",
            b"~~~{.python}\nx = 1\n~~~",
            b"\x1B[1mbold\x1B(B\x1B[m $BASH $B",
            b"~/{a,b}",
        ] {
            assert_eq!(name(bytes), None, "{}", bytes.escape_ascii());
        }
    }
}
