//! Traditional to Simplified: hanfold's script stage beside its peers.
//!
//! Every peer is loaded and called once before anything is timed. Then all
//! of them work on the same buffer, one after the other, in rounds; each
//! round starts with another peer. One thread. What counts is the ratio
//! within a round: both had the same machine in the same second.
//!
//! Arguments are files of UTF-8 text to measure besides the texts that are
//! built in. `--rounds N` and `--size BYTES` change the defaults.

#[path = "../../common/mod.rs"]
mod common;

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use hanfold::{Config, Encoding, Normalizer, Options, Script, StageName};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Bytes of each text, at least.
const SIZE: usize = 8_000_000;
const ROUNDS: usize = 9;

/// Something that makes a text out of a text.
type Convert = Box<dyn FnMut(&str, &mut String)>;

struct Peer {
    name: &'static str,
    convert: Convert,
    /// Whether its output is a conversion at all.
    converts: bool,
    /// Whether it writes into the buffer that it filled the last time. All
    /// others give a new string, as most callers want it.
    keeps_buffer: bool,
}

fn peer(
    name: &'static str,
    convert: impl FnMut(&str, &mut String) + 'static,
) -> Peer {
    Peer {
        name,
        convert: Box::new(convert),
        converts: true,
        keeps_buffer: false,
    }
}

/// The first peer is the one that the others are compared with.
fn peers() -> Result<Vec<Peer>> {
    let t2s = || script_only(Script::OpenCc(Config::T2s));
    let (fresh_t2s, kept_t2s, whole_t2s) = (t2s(), t2s(), t2s());
    let simplified = script_only(Script::Simplified);
    let mut fmmseg = opencc_fmmseg::OpenCC::new();
    fmmseg.set_parallel(false);
    let ferrous = ferrous_opencc::OpenCC::from_config(
        ferrous_opencc::config::BuiltinConfig::T2s,
    )?;
    let mut peers = vec![
        peer("hanfold t2s", move |text, out| {
            *out = fresh(&fresh_t2s, text);
        }),
        Peer {
            keeps_buffer: true,
            ..peer("hanfold t2s, same buffer", move |text, out| {
                out.clear();
                let mut stream = kept_t2s.stream(out);
                stream.feed(text);
                stream.finish();
            })
        },
        peer("hanfold t2s, normalize", move |text, out| {
            *out = whole_t2s.normalize(text).into_owned();
        }),
        peer("hanfold simplified", move |text, out| {
            *out = fresh(&simplified, text);
        }),
        peer(ZHCONV, |text, out| {
            *out = zhconv::zhconv(text, zhconv::Variant::ZhHans);
        }),
        peer("fast2s 0.3.1", |text, out| *out = fast2s::convert(text)),
        peer("opencc-fmmseg 0.13.0", move |text, out| {
            *out = fmmseg.t2s(text, false);
        }),
        peer("ferrous-opencc 0.4.0", move |text, out| {
            *out = ferrous.convert(text);
        }),
    ];
    #[cfg(feature = "opencc")]
    {
        // The configuration; without it the one that the library finds.
        let config = std::env::var("OPENCC_CONFIG");
        let config = config.unwrap_or_else(|_| "t2s.json".into());
        let opencc = opencc_rust::OpenCC::new(config)?;
        peers.push(peer("libopencc", move |text, out| {
            *out = opencc.convert(text).unwrap_or_default();
        }));
    }
    peers.push(Peer {
        name: "memcpy",
        convert: Box::new(|text, out| {
            out.clear();
            out.push_str(text);
        }),
        converts: false,
        keeps_buffer: true,
    });
    Ok(peers)
}

const ZHCONV: &str = match (
    cfg!(feature = "zhconv-opencc"),
    cfg!(feature = "zhconv-mediawiki"),
) {
    (true, true) => "zhconv 0.4.2 both tables",
    (true, false) => "zhconv 0.4.2 opencc",
    (false, true) => "zhconv 0.4.2 mediawiki",
    (false, false) => panic!("zhconv needs tables: choose a feature"),
};

fn script_only(script: Script) -> Normalizer {
    let options = Options::default().script(script);
    Normalizer::new(
        options.only([StageName::Script]).encoding(Encoding::UTF_8),
    )
}

fn fresh(normalizer: &Normalizer, text: &str) -> String {
    let mut stream = normalizer.stream(String::with_capacity(text.len()));
    stream.feed(text);
    stream.finish()
}

fn main() -> Result<()> {
    let (mut rounds, mut size) = (ROUNDS, SIZE);
    let mut texts: Vec<(String, String)> = common::ALL
        .iter()
        .map(|text| (text.name.to_owned(), text.raw.to_owned()))
        .collect();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut number = || {
            let value = args.next().ok_or("a number is missing")?;
            Ok::<usize, Box<dyn Error>>(value.parse()?)
        };
        match arg.as_str() {
            "--rounds" => rounds = number()?.max(1),
            "--size" => size = number()?,
            path => {
                let text = std::fs::read_to_string(path)?;
                if text.is_empty() {
                    return Err(format!("{path} is empty").into());
                }
                let name = std::path::Path::new(path).file_name();
                let name = name.unwrap_or_default().to_string_lossy();
                texts.push((name.into_owned(), text));
            }
        }
    }
    println!(
        "!! MB/s on a machine that does anything else are worth nothing and\n\
         !! are not to be quoted. Ratios of one run are. A ratio of 2 means\n\
         !! that the first row is twice as fast as the row it stands in.\n"
    );
    let mut peers = peers()?;
    for (name, text) in &texts {
        measure(name, text, size, rounds, &mut peers);
    }
    Ok(())
}

fn measure(
    name: &str,
    text: &str,
    size: usize,
    rounds: usize,
    peers: &mut [Peer],
) {
    let differing = differing_lines(text, peers);
    let long = text.repeat(size.div_ceil(text.len()));
    // Seconds, by peer and round.
    let mut times = vec![Vec::new(); peers.len()];
    let mut kept = String::new();
    for peer in peers.iter_mut() {
        (peer.convert)(&long, &mut kept);
    }
    for round in 0..rounds {
        for turn in 0..peers.len() {
            let i = (round + turn) % peers.len();
            let mut given = String::new();
            let out =
                if peers[i].keeps_buffer { &mut kept } else { &mut given };
            let start = Instant::now();
            (peers[i].convert)(black_box(&long), out);
            let time = start.elapsed().as_secs_f64();
            black_box(out);
            times[i].push(time);
        }
    }
    let lines = text.lines().count();
    println!(
        "{name}: {} bytes, {rounds} rounds, {lines} different lines",
        long.len()
    );
    println!(
        "{:<26} {:>9} {:>7} {:>15} {:>8}",
        "peer", "(MB/s)", "ratio", "(min-max)", "differs"
    );
    for (i, peer) in peers.iter().enumerate() {
        let ratios: Vec<f64> =
            times[i].iter().zip(&times[0]).map(|(t, own)| t / own).collect();
        let ratios = sorted(&ratios);
        let speed = long.len() as f64 / median(&sorted(&times[i])) / 1e6;
        let differs = match peer.converts {
            true => differing[i].to_string(),
            false => "-".into(),
        };
        println!(
            "{:<26} {:>9} {:>7.2} {:>15} {:>8}",
            peer.name,
            format!("({speed:.0})"),
            median(&ratios),
            format!("({:.2}-{:.2})", ratios[0], ratios[rounds - 1]),
            differs
        );
    }
    println!();
}

/// For each peer, on how many lines it differs from the first. For
/// information: some of it is a choice and not a mistake.
fn differing_lines(text: &str, peers: &mut [Peer]) -> Vec<usize> {
    let outs: Vec<String> = peers
        .iter_mut()
        .map(|peer| {
            let mut out = String::new();
            (peer.convert)(text, &mut out);
            out
        })
        .collect();
    outs.iter()
        .map(|out| {
            let pairs = out.lines().zip(outs[0].lines());
            let extra = out.lines().count().abs_diff(outs[0].lines().count());
            pairs.filter(|(a, b)| a != b).count() + extra
        })
        .collect()
}

fn sorted(numbers: &[f64]) -> Vec<f64> {
    let mut numbers = numbers.to_vec();
    numbers.sort_by(f64::total_cmp);
    numbers
}

fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        sorted[middle]
    } else {
        (sorted[middle - 1] + sorted[middle]) / 2.0
    }
}
