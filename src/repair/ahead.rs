//! What `spot.rs` knows of characters ahead: how it follows from the
//! statistics and the decoders, and the test that writes it to a table.

use std::collections::HashMap;

use super::readers::is_single;
use super::search::{Truth, cells, least, models};
use super::spot::{
    CYRILLIC, LEVEL, SINGLE, STEPS, ZERO, doubles, is_letter, mark_of_role,
    role_of, usual_cost,
};
use crate::tables::class::Class;
use crate::tables::spot::SECONDS;
use crate::tables::stats::{Cell, Model, NAT, transition};

/// What the meter counts for a character, and by which of [`doubles`]
/// something would be gained.
fn mark_of(c: char, role: u8) -> (u8, u16) {
    if c >= '\u{800}' && is_single(c) || c == char::REPLACEMENT_CHARACTER {
        return (SINGLE, 0);
    }
    let before = usual_cost(c);
    let mut most = -8 * NAT as i32;
    let mut ways = 0;
    for (path, bit) in doubles() {
        let truth = path.truth;
        let Some([first, second]) = path.reader.bytes(c) else { continue };
        let cell = match cells(truth) {
            Some(cells) if first >= 0x80 => cells.pair(first, second),
            None => {
                let code = u16::from_be_bytes([first, second]).swap_bytes();
                let c = char::from_u32(code.into());
                c.filter(|c| Class::of(*c) != Class::Control).map(Cell::of)
            }
            _ => None,
        };
        let Some(cell) = cell else { continue };
        let gain = before - made_cost(&cell, truth);
        if gain > 0 {
            ways |= 1 << bit;
        }
        most = most.max(gain);
    }
    if ('\u{FF61}'..='\u{FF9F}').contains(&c) {
        most = most.max(4 * NAT as i32);
        ways = u16::MAX;
    }
    if is_letter(c) {
        most = most.max(3 * NAT as i32 / 2);
    }
    let steps = (most * STEPS).div_euclid(NAT as i32);
    let mut mark = (steps + ZERO).clamp(0, i32::from(LEVEL) - 1) as u8;
    mark |= mark_of_role(role);
    (mark, ways)
}

/// The same of what it may have been.
fn made_cost(cell: &Cell, truth: Truth) -> i32 {
    let cost = |model: &Model| {
        transition(*model, Class::Han, cell.place.class)
            + u32::from(
                cell.costs.get((*model as usize).min(3)).copied().unwrap_or(0),
            )
    };
    models(truth).iter().map(cost).min().unwrap_or(0) as i32
}

const BLOCK: usize = 64;

/// Blocks of a table, each once, and the number of each block in order.
fn blocks<T: Copy + Eq + std::hash::Hash>(all: &[T]) -> (Vec<u16>, Vec<T>) {
    let (mut seen, mut own) = (HashMap::new(), Vec::new());
    let numbers = all.chunks(BLOCK).map(|block| {
        *seen.entry(block).or_insert_with(|| {
            own.extend(block);
            (own.len() / BLOCK - 1) as u16
        })
    });
    let numbers = numbers.collect();
    (numbers, own)
}

fn file() -> Vec<u8> {
    let (mut kinds, mut seen) = (vec![0], HashMap::from([(0, 0)]));
    let all = (0..=0xFFFF).map(|code| {
        let Some(c) = char::from_u32(code).filter(|c| !c.is_ascii()) else {
            return (0, 0);
        };
        let role = role_of(c);
        let (mark, ways) = mark_of(c, role);
        let kind = u32::from(ways) << 8 | u32::from(role);
        let row = *seen.entry(kind).or_insert_with(|| {
            kinds.push(kind);
            kinds.len() as u16 - 1
        });
        (mark, row)
    });
    let (marks, rows): (Vec<u8>, Vec<u16>) = all.unzip();
    let (mark_blocks, marks) = blocks(&marks);
    let (row_blocks, rows) = blocks(&rows);
    let mut pairs = Vec::new();
    for first in 0x80..=0xFF {
        pairs.extend((0x100 - SECONDS..=0xFF).map(|second| {
            let costs = [Truth::Gbk, Truth::Big5].into_iter().map(|truth| {
                let cell = cells(truth)?.pair(first, second as u8)?;
                Some(made_cost(&cell, truth).min(254) as u8)
            });
            costs.flatten().min().unwrap_or(u8::MAX)
        }));
    }
    let letters = || CYRILLIC.filter_map(char::from_u32);
    let cyrillic = letters().flat_map(|first| {
        let behind = Cell::of(first).place;
        letters().map(move |c| least(&Cell::of(c), behind).min(255) as u8)
    });
    fn two(numbers: &[u16]) -> Vec<u8> {
        numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
    }
    let sections = [
        two(&mark_blocks),
        marks,
        two(&row_blocks),
        two(&rows),
        kinds.iter().flat_map(|kind| kind.to_le_bytes()).collect(),
        pairs,
        cyrillic.collect(),
    ];
    let note = "From statistics.bin and the decoders, by repair/ahead.rs.";
    let mut file = b"HANFOLD\n".to_vec();
    let number = |file: &mut Vec<u8>, number: usize| {
        file.extend((number as u32).to_le_bytes());
    };
    let padded = |len: usize| len.next_multiple_of(4);
    number(&mut file, 2);
    number(&mut file, padded(note.len()));
    file.extend(note.bytes());
    file.resize(padded(file.len()), 0);
    number(&mut file, sections.len());
    let mut at = file.len() + 8 * sections.len();
    for section in &sections {
        number(&mut file, at);
        number(&mut file, section.len());
        at += padded(section.len());
    }
    for section in sections {
        file.extend(section);
        file.resize(padded(file.len()), 0);
    }
    file
}

#[test]
fn spot_table_is_what_follows() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/tables/spot.bin");
    let file = file();
    if std::env::var_os("HANFOLD_BLESS").is_some() {
        let written = std::fs::write(path, &file);
        assert!(written.is_ok(), "{written:?}");
    }
    let same = std::fs::read(path).is_ok_and(|old| old == file);
    assert!(same, "HANFOLD_BLESS=1 cargo test spot_table writes it anew");
}
