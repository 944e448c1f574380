//! hanfold's script conversion beside its peers: every row of the table of
//! speeds that hanfold is held to, in one run.
//!
//! Every converter is called once before anything is timed, and what it
//! gives is compared. Then all of them work on the same text, one after the
//! other, in rounds; each round starts with another one. One thread. What
//! counts is the ratio within a round: both had the same machine in the same
//! second. At the end stands a verdict for each row. A missed target is no
//! error; wrong output is.
//!
//! `benches/NOTES.md` says how to run it.

mod allocations;
#[path = "../../common/mod.rs"]
#[allow(dead_code, reason = "not every bench needs it all")]
mod common;
mod converters;
mod texts;
mod times;

use std::env;
use std::error::Error;
use std::process::{Command, Stdio};

use converters::{Converter, LIBOPENCC, MEMCPY, NORMALIZE, SAME_BUFFER};
use hanfold::{
    Config, Encoding, Normalizer, Options, Script, StageName, TofuRisk,
};
use texts::{Kind, Text};
use times::Times;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Bytes of each text, at least.
const SIZE: usize = 8_000_000;
const ROUNDS: usize = 9;
/// Calls in each round where one call is too short to be timed.
const CALLS: usize = 20_000;
/// What tells hanfold how to convert, and the plainest way.
const KERNEL: (&str, &str) = ("HANFOLD_KERNEL", "scalar");
/// The line above the verdicts.
const VERDICTS: &str = "== verdicts\n";

/// A conversion of long text, and how fast it has to be.
struct Row {
    name: &'static str,
    text: Kind,
    script: Script,
    /// What the peers do. Where there are two, one is as good as the other.
    peers: &'static [Config],
    targets: &'static [(Against, f64)],
}

enum Against {
    FastestPeer,
    Named(&'static str),
}
use Against::{FastestPeer, Named};

const ROWS: [Row; 11] = [
    t2s("t2s", Kind::Traditional, &[(FastestPeer, 10.0)]),
    t2s(SCALAR, Kind::Traditional, &[(FastestPeer, 5.0)]),
    t2s("simplified", Kind::Simplified, &[(FastestPeer, 5.0)]),
    t2s("html", Kind::Html, &[(FastestPeer, 8.0)]),
    t2s("markdown", Kind::Markdown, &[(FastestPeer, 8.0)]),
    t2s("mixed", Kind::Mixed, &[(FastestPeer, 8.0)]),
    t2s("ascii", Kind::Ascii, &[(Named(MEMCPY), 0.5)]),
    Row {
        name: "default",
        text: Kind::Traditional,
        script: Script::Simplified,
        peers: &[Config::T2s, Config::Tw2s],
        targets: &[(FastestPeer, 5.0)],
    },
    other("s2t", Kind::Simplified, Config::S2t, &[Config::S2t]),
    other("s2twp", Kind::Simplified, Config::S2twp, &[Config::S2twp]),
    other("tw2sp", Kind::Traditional, Config::Tw2sp, &[Config::Tw2sp]),
];
/// The row that a process of its own measures.
const SCALAR: &str = "t2s-scalar";
/// The rows that are not a conversion of long text.
const SHORT: &str = "short";
const TRACED: &str = "traced";
const NEW: &str = "new";

const T2S: Script = Script::OpenCc(Config::T2s);

const fn t2s(
    name: &'static str,
    text: Kind,
    targets: &'static [(Against, f64)],
) -> Row {
    Row { name, text, script: T2S, peers: &[Config::T2s], targets }
}

const fn other(
    name: &'static str,
    text: Kind,
    config: Config,
    peers: &'static [Config],
) -> Row {
    let targets = &[(Named(LIBOPENCC), 5.0), (FastestPeer, 1.0)];
    Row { name, text, script: Script::OpenCc(config), peers, targets }
}

struct Args {
    rounds: usize,
    size: usize,
    /// The only row to measure.
    only: Option<String>,
    texts: Vec<Text>,
}

impl Args {
    fn parse() -> Result<Self> {
        let (mut rounds, mut size, mut only) = (ROUNDS, SIZE, None);
        let mut texts = texts::built_in();
        let mut words = env::args().skip(1);
        while let Some(word) = words.next() {
            let value = words.next().ok_or(format!("{word}: no value"))?;
            match word.as_str() {
                "--rounds" => rounds = value.parse::<usize>()?.max(1),
                "--size" => size = value.parse()?,
                "--only" => only = Some(value),
                "--traditional" => {
                    texts.push(Text::file(Kind::Traditional, &value)?);
                }
                "--simplified" => {
                    texts.push(Text::file(Kind::Simplified, &value)?);
                }
                _ => return Err(format!("{word}: unknown option").into()),
            }
        }
        Ok(Args { rounds, size, only, texts })
    }

    fn wants(&self, row: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only == row)
    }

    fn texts(&self, kind: Kind) -> impl Iterator<Item = &Text> {
        self.texts.iter().filter(move |text| text.kind == kind)
    }
}

fn main() -> Result<()> {
    let args = Args::parse()?;
    let kernel = env::var(KERNEL.0).ok();
    println!(
        "!! MB/s and ns on a machine that does anything else are worth\n\
         !! nothing and are not to be quoted. Ratios of one run are. A ratio\n\
         !! of 2 means that hanfold is twice as fast as the row it stands in.\n\
         {}: {}\n",
        KERNEL.0,
        kernel.as_deref().unwrap_or("not set")
    );
    let mut verdicts = String::new();
    for row in ROWS.iter().filter(|row| args.wants(row.name)) {
        verdicts +=
            &if row.name == SCALAR && kernel.as_deref() != Some(KERNEL.1) {
                in_child(row)?
            } else {
                convert(row, &args)?
            };
    }
    if args.wants(SHORT) {
        verdicts += &short(&args)?;
    }
    if args.wants(TRACED) {
        verdicts += &traced(&args)?;
    }
    if args.wants(NEW) {
        verdicts += &new(&args);
    }
    if verdicts.is_empty() {
        return Err("there is no such row".into());
    }
    print!("{VERDICTS}{verdicts}");
    Ok(())
}

/// Measures a row in a process that is told to use the plainest kernel, as
/// a process chooses but once. Prints its tables and gives its verdicts.
fn in_child(row: &Row) -> Result<String> {
    let child = Command::new(env::current_exe()?)
        .args(env::args_os().skip(1))
        .args(["--only", row.name])
        .env(KERNEL.0, KERNEL.1)
        .stderr(Stdio::inherit())
        .output()?;
    let out = String::from_utf8(child.stdout)?;
    match out.split_once(VERDICTS) {
        Some((tables, verdicts)) if child.status.success() => {
            print!("{tables}");
            Ok(verdicts.into())
        }
        _ => Err(format!("{}: {}", row.name, child.status).into()),
    }
}

/// One line of the verdicts. What was reached, and whether that will do, is
/// missing where there is nothing to compare with.
fn verdict(
    row: &str,
    what: &str,
    target: &str,
    reached: Option<(bool, String)>,
) -> String {
    let (met, reached) = match reached {
        Some((true, reached)) => ("met", reached),
        Some((false, reached)) => ("missed", reached),
        None => ("-", "not measured".into()),
    };
    format!("{row:<11} {what:<22} {target:<24} {met:<6} {reached}\n")
}

fn script_only(script: Script) -> Normalizer {
    // OpenCC's library, and those made after it, have these rows.
    let options =
        Options::default().script(script).tofu_risk(TofuRisk::Include);
    Normalizer::new(
        options.only([StageName::Script]).encoding(Encoding::UTF_8),
    )
}

/// One conversion on each text that it is for.
fn convert(row: &Row, args: &Args) -> Result<String> {
    let mut converters = converters::own(&script_only(row.script.clone()));
    let first_peer = converters.len();
    for config in row.peers {
        converters.extend(converters::peers(*config)?);
    }
    let first_copy = converters.len();
    converters.push(converters::memcpy());

    let mut verdicts = String::new();
    for text in args.texts(row.text) {
        let repeats = args.size.div_ceil(text.raw.len());
        let long = texts::repeated(&text.raw, repeats);
        let wanted = text.t2s.as_ref().filter(|_| row.script == T2S);
        let wanted = wanted.map(|wanted| texts::repeated(wanted, repeats));
        let lines = text.raw.lines().count();
        let mut differing = compare(&long, wanted, lines, &mut converters)?;
        differing[first_copy] = "-".into();
        let times = Times::measure(&long, 1, args.rounds, &mut converters);
        println!(
            "{}: {}, {} bytes, {} % of them ASCII, {lines} different lines",
            row.name,
            text.name,
            long.len(),
            text.ascii_percent(),
        );
        print_table(&converters, &times, long.len(), "differs", &differing);

        for (against, target) in row.targets {
            let (what, peer) = match against {
                FastestPeer => {
                    ("fastest peer", times.fastest(first_peer..first_copy))
                }
                Named(name) => (
                    *name,
                    converters.iter().position(|c| c.name.starts_with(name)),
                ),
            };
            let reached = peer.map(|peer| {
                let ratio = times.ratio(peer, SAME_BUFFER);
                let (name, normalize) =
                    (&converters[peer].name, times.ratio(peer, NORMALIZE));
                let met = ratio.median >= *target;
                (met, format!("{ratio} x {name}; normalize {normalize}"))
            });
            let target = format!(">= {target} x {what}");
            verdicts += &verdict(row.name, &text.name, &target, reached);
        }
    }
    Ok(verdicts)
}

/// Calls each converter once. All of hanfold's ways have to give the same,
/// and what is wanted. Of each it says on how many of the first lines it
/// differs; some of that is a choice and not a mistake.
fn compare(
    text: &str,
    wanted: Option<String>,
    lines: usize,
    converters: &mut [Converter],
) -> Result<Vec<String>> {
    let outs: Vec<String> = converters
        .iter_mut()
        .map(|c| (c.convert)(text, &mut String::new()).into_owned())
        .collect();
    let wanted = wanted.as_ref().unwrap_or(&outs[0]);
    for (converter, out) in converters.iter().zip(&outs) {
        if converter.own && out != wanted {
            return Err(format!("{}: wrong output", converter.name).into());
        }
    }
    let differing = outs.iter().map(|out| {
        let mut out = out.lines();
        let first = outs[0].lines().take(lines);
        first.filter(|line| out.next() != Some(line)).count().to_string()
    });
    Ok(differing.collect())
}

/// A line for each converter, with one more column. `bytes` is the size of
/// the text; 0 shows the time of a call and not the speed.
fn print_table(
    converters: &[Converter],
    times: &Times,
    bytes: usize,
    last: &str,
    column: &[String],
) {
    let unit = if bytes == 0 { "(ns)" } else { "(MB/s)" };
    println!(
        "{:<30} {unit:>8} {:>22} {:>22} {last:>12}",
        "", "to same buffer", "to normalize"
    );
    for (i, (converter, last)) in converters.iter().zip(column).enumerate() {
        let seconds = times.seconds(i);
        let figure = match bytes {
            0 => seconds * 1e9,
            bytes => bytes as f64 / seconds / 1e6,
        };
        println!(
            "{:<30} {:>8} {:>22} {:>22} {last:>12}",
            converter.name,
            format!("({figure:.0})"),
            times.ratio(i, SAME_BUFFER).to_string(),
            times.ratio(i, NORMALIZE).to_string(),
        );
    }
    println!();
}

/// A string of 20 characters, again and again.
fn short(args: &Args) -> Result<String> {
    let mut converters = converters::own(&script_only(T2S));
    converters.extend(converters::peers(Config::T2s)?);
    let mut verdicts = String::new();
    let cases = [
        (Kind::Traditional, "something changes"),
        (Kind::Simplified, "nothing changes"),
    ];
    for (kind, case) in cases {
        let text = args.texts(kind).next().ok_or("no text")?;
        let text: String = text.raw.chars().take(20).collect();
        compare(&text, None, 1, &mut converters)?;
        let times = Times::measure(&text, CALLS, args.rounds, &mut converters);
        let mut kept = String::with_capacity(4 * text.len());
        let counts: Vec<usize> = converters
            .iter_mut()
            .map(|c| {
                allocations::during(|| drop((c.convert)(&text, &mut kept)))
            })
            .collect();
        let mut column: Vec<_> = counts.iter().map(usize::to_string).collect();
        for (converter, count) in converters.iter().zip(&mut column) {
            if converter.name.starts_with(LIBOPENCC) {
                // Those of C++ are not counted.
                *count = "-".into();
            }
        }
        println!("{SHORT}: {text}, {case}, {CALLS} calls in each round");
        print_table(&converters, &times, 0, "allocations", &column);

        let (ns, count) = (times.seconds(NORMALIZE) * 1e9, counts[NORMALIZE]);
        let reached = Some((ns <= 45.0, format!("{ns:.0} ns")));
        verdicts += &verdict(SHORT, case, "<= 45 ns", reached);
        if kind == Kind::Simplified {
            let reached = Some((count == 0, format!("{count} allocations")));
            verdicts += &verdict(SHORT, case, "no allocation", reached);
        }
    }
    Ok(verdicts)
}

/// With edits recorded, beside without.
fn traced(args: &Args) -> Result<String> {
    let pipeline = Options::default().encoding(Encoding::UTF_8);
    let normalizers = [
        ("script alone, t2s", script_only(T2S)),
        ("default pipeline", Normalizer::new(pipeline)),
    ];
    let mut verdicts = String::new();
    for (name, normalizer) in &normalizers {
        let mut converters = converters::own(normalizer);
        let explain = converters.len();
        converters.extend(converters::explain(normalizer));
        for text in args.texts(Kind::Traditional) {
            let repeats = args.size.div_ceil(text.raw.len());
            let long = texts::repeated(&text.raw, repeats);
            compare(&long, None, 1, &mut converters)?;
            let times = Times::measure(&long, 1, args.rounds, &mut converters);
            println!("{TRACED}: {name}, {}", text.name);
            let column = vec![String::new(); converters.len()];
            print_table(&converters, &times, long.len(), "", &column);

            let share = times.ratio(SAME_BUFFER, explain);
            let walk = times.ratio(SAME_BUFFER, explain + 1);
            let reached = format!("{share}, {name}; with walk {walk}");
            let reached = Some((share.median >= 0.25, reached));
            let target = ">= 0.25 x untraced";
            verdicts += &verdict(TRACED, &text.name, target, reached);
        }
    }
    Ok(verdicts)
}

/// Making a normalizer.
fn new(args: &Args) -> String {
    let mut maker = [converters::new()];
    let times = Times::measure("", CALLS, args.rounds, &mut maker);
    let ns = times.seconds(0) * 1e9;
    let reached = Some((ns < 1000.0, format!("{ns:.1} ns")));
    verdict(NEW, "", "< 1000 ns", reached)
}
