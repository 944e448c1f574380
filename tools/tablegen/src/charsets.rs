//! Character sets that encoding_rs does not have: CNS 11643 and Big5-UAO.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

const CNS_SOURCE: &str = "Encode::HanExtra 0.23 (MIT), Debian \
     libencode-hanextra-perl_0.23.orig.tar.gz, sha256 ";
const CNS_SHA256: &str =
    "1fd4b06cada70858003af153f94c863b3b95f2e3d03ba18d0451a81d51db443a";
const UAO_SOURCE: &str =
    "PyPI uao 0.2.0 (MIT), uao-0.2.0-py3-none-any.whl, sha256 ";
const UAO_SHA256: &str =
    "090c7dd9efa46367dda6a9f1e9719639cc12bfbeb46107363f0ee03d142dda80";

/// The planes, and where their characters are. Plane 1 has its symbols in the
/// file of EUC-TW alone.
const PLANES: [(u8, &str); 8] = [
    (1, "euc-tw"),
    (2, "cns11643-2"),
    (3, "cns11643-3"),
    (4, "cns11643-4"),
    (5, "cns11643-5"),
    (6, "cns11643-6"),
    (7, "cns11643-7"),
    (15, "cns11643-f"),
];
const SIDE: usize = 94;

/// `cns.bin`.
pub fn cns(path: &Path) -> Result<Vec<u8>> {
    let bytes = crate::pinned(path, CNS_SHA256)?;
    let mut archive =
        tar::Archive::new(flate2::read::GzDecoder::new(bytes.as_slice()));
    let mut files = BTreeMap::new();
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        if path.extension().is_some_and(|e| e == "ucm") {
            let name = path.file_stem().context("a file without a name")?;
            let name = name.to_string_lossy().into_owned();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes)?;
            files.insert(name, String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    let mut codes = vec![0u32; SIDE * SIDE * PLANES.len()];
    for (index, (plane, name)) in PLANES.into_iter().enumerate() {
        let text = files.get(name).with_context(|| name.to_string())?;
        let mut twice = 0;
        for line in text.lines().filter(|line| line.starts_with("<U")) {
            let (c, bytes) = entry(line).with_context(|| line.to_string())?;
            let [row, column] = match (plane, &bytes[..]) {
                (1, [0x8E, 0xA1, row, column]) => [row & 0x7F, column & 0x7F],
                (2.., [row, column]) => [*row, *column],
                _ => continue,
            };
            let side = |byte: u8| usize::from(byte).wrapping_sub(0x21);
            let (row, column) = (side(row), side(column));
            ensure!(row < SIDE && column < SIDE, "{name}: {line}");
            let at = (index * SIDE + row) * SIDE + column;
            // Where a cell has two, the second belongs elsewhere: 6-4267
            // was mistyped, and is missing.
            if codes[at] != 0 {
                twice += 1;
                continue;
            }
            codes[at] = u32::from(c);
            ensure!(matches!(codes[at] >> 16, 0 | 2), "{name}: {line}");
        }
        ensure!(twice == usize::from(plane == 6), "{name}: {twice} twice");
    }
    let cells = codes.iter().filter(|c| **c != 0).count();
    ensure!(cells == 55_441, "{cells} characters");
    let planes: Vec<u8> = PLANES.iter().map(|(plane, _)| *plane).collect();
    let low = codes.iter().flat_map(|c| (*c as u16).to_le_bytes()).collect();
    let mut high = vec![0u8; codes.len().div_ceil(8)];
    for (at, code) in codes.iter().enumerate() {
        high[at / 8] |= u8::from(code >> 16 != 0) << (at % 8);
    }
    let source = format!("{CNS_SOURCE}{CNS_SHA256}");
    Ok(crate::format::file(&source, &[planes, low, high]))
}

/// `<U4E00> \xC4\xE3 |0`, if bytes become that character.
fn entry(line: &str) -> Result<(char, Vec<u8>)> {
    let mut fields = line.split_ascii_whitespace();
    let mut field = || fields.next().context("too short");
    let code = field()?.strip_prefix("<U").and_then(|f| f.strip_suffix('>'));
    let code = u32::from_str_radix(code.context("no character")?, 16)?;
    let c = char::from_u32(code).context("no character")?;
    let bytes = field()?.split("\\x").skip(1);
    let bytes: Result<_, _> =
        bytes.map(|byte| u8::from_str_radix(byte, 16)).collect();
    ensure!(matches!(field()?, "|0" | "|3"), "one way only");
    Ok((c, bytes?))
}

const LEADS: std::ops::RangeInclusive<u32> = 0x81..=0xFE;
const TRAILS: u32 = 157;

/// `uao.bin`.
pub fn uao(path: &Path) -> Result<Vec<u8>> {
    let bytes = crate::pinned(path, UAO_SHA256)?;
    let mut text = String::new();
    zip::ZipArchive::new(Cursor::new(bytes))?
        .by_name("uao/b2u.py")?
        .read_to_string(&mut text)?;
    let rows = (LEADS.end() - LEADS.start() + 1) * TRAILS;
    let mut numbers = vec![0u16; rows as usize];
    // A dictionary of Python's: {33088:u'丗', …}
    let (_, mut rest) = text.split_once('{').context("no dictionary")?;
    let mut cells = 0;
    while let Some((number, tail)) = rest.split_once(":u'") {
        let code: u32 = number.trim_start_matches(',').parse()?;
        let (value, tail) = tail.split_once('\'').context("no end")?;
        rest = tail;
        // Those for private use are escaped.
        let c = match value.strip_prefix("\\u") {
            Some(hex) => char::from_u32(u32::from_str_radix(hex, 16)?),
            None => value.parse().ok(),
        };
        let c = c.with_context(|| format!("{code}: {value:?}"))?;
        let (lead, trail) = (code >> 8, code & 0xFF);
        let column = match trail {
            0x40..=0x7E => trail - 0x40,
            0xA1..=0xFE => trail - 0xA1 + 63,
            _ => bail!("{code:x} is no cell"),
        };
        ensure!(LEADS.contains(&lead), "{code:x} is no cell");
        let at = (lead - LEADS.start()) * TRAILS + column;
        numbers[at as usize] = u16::try_from(u32::from(c))?;
        cells += 1;
    }
    ensure!(cells == 19_782, "{cells} characters");
    let numbers = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
    let source = format!("{UAO_SOURCE}{UAO_SHA256}");
    Ok(crate::format::file(&source, &[numbers]))
}
