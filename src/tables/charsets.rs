//! The character sets that `encoding_rs` does not have.
//!
//! **CNS 11643** (`cns.bin`), sections:
//! 0. `u8` numbers of the planes that there are.
//! 1. `u16` for each cell: plane by plane, in each 94 rows of 94 columns; the
//!    low 16 bits of the code point.
//! 2. a bit for each of these cells, the lowest first: set if the code point
//!    is 0x20000 higher. A cell without a character has zeros in both.
//!
//! **Big5-UAO** (`uao.bin`), section:
//! 0. `u16` code points, or 0 for none: for each first byte from 81 to FE the
//!    157 second bytes 40 to 7E and A1 to FE.

use super::{section, u16_at};

static CNS: &[u8] = include_bytes!("cns.bin");
const PLANES: &[u8] = section(CNS, 0);
const CELLS: &[u8] = section(CNS, 1);
const HIGH: &[u8] = section(CNS, 2);

static UAO: &[u8] = section(include_bytes!("uao.bin"), 0);

/// A character of CNS 11643, by the two bytes that it has in seven bits.
pub(crate) fn cns(plane: u8, row: u8, column: u8) -> Option<char> {
    let side = |byte: u8| byte.checked_sub(0x21).filter(|n| *n < 94);
    let (row, column) = (side(row)?, side(column)?);
    let plane = PLANES.iter().position(|p| *p == plane)?;
    let cell = (plane * 94 + usize::from(row)) * 94 + usize::from(column);
    let high = HIGH.get(cell / 8)? >> (cell % 8) & 1;
    let code = u32::from(u16_at(CELLS, cell)?) | u32::from(high) << 17;
    char::from_u32(code).filter(|c| *c != '\0')
}

/// A character of Big5-UAO, by its two bytes.
pub(crate) fn uao(lead: u8, trail: u8) -> Option<char> {
    let lead = lead.checked_sub(0x81).filter(|n| *n < 126)?;
    let trail = match trail {
        0x40..=0x7E => trail - 0x40,
        0xA1..=0xFE => trail - 0xA1 + 63,
        _ => return None,
    };
    let cell = usize::from(lead) * 157 + usize::from(trail);
    char::from_u32(u16_at(UAO, cell).filter(|c| *c != 0)?.into())
}
