//! The arguments, and the options they stand for.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Parser, Subcommand, ValueEnum};
use hanfold::{
    Annotations, Dictionary, Encoding, Malformed, Options, Regions, Repair,
    Script, StageName, TofuRisk, Unit,
};

use super::damage::{self, Limit};

// The text of --help is written out below: it is a snapshot in tests.
#[derive(Debug, Parser)]
#[command(
    version,
    about = "Turns Chinese text of any encoding into one canonical Simplified \
             form.\n\nEach PATH is one document, - is stdin; without a PATH \
             stdin is read. The\ntext of all of them goes to stdout as UTF-8.",
    max_term_width = 80,
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    after_help = "Exit status: 0 done, 2 some file or argument was bad.\n\n\
                  hanfold detect tells the encoding of files; see hanfold \
                  detect --help.\nA file called detect is ./detect."
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Option<Command>,

    /// Files to normalise; - is stdin
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,

    /// Encoding of the input: auto (the default), or a label such as gb18030,
    /// big5 or hz
    #[arg(
        short,
        long,
        value_name = "LABEL",
        default_value = "auto",
        hide_default_value = true
    )]
    encoding: Encoding,

    /// Encoding that the input is said to be in, by a header say: it is taken
    /// unless the bytes are clearly in another
    #[arg(
        long,
        value_name = "LABEL",
        default_value = "auto",
        hide_default_value = true
    )]
    declared: Encoding,

    /// Follow lines in other encodings: on (the default) or off
    #[arg(
        long,
        value_name = "on|off",
        default_value = "on",
        hide_default_value = true,
        hide_possible_values = true
    )]
    regions: Follow,

    /// Malformed bytes: replace them by U+FFFD (the default), keep them as
    /// \xNN, drop them, or fail: replace them and take the input for bad
    #[arg(
        long,
        value_name = "WHAT",
        default_value = "replace",
        hide_default_value = true,
        hide_possible_values = true
    )]
    bad: Bad,

    /// Take an input for bad if more than PCT percent of it is malformed or,
    /// with --repair auto, can never come back
    #[arg(long, value_name = "PCT", value_parser = damage::percent)]
    max_damage: Option<f64>,

    /// Write to FILE, which is replaced once all is written
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,

    /// Script conversion: simplified (the default), keep, or one of OpenCC's,
    /// exactly: s2t t2s s2tw tw2s s2twp tw2sp s2hk hk2s s2hkp hk2sp t2tw tw2t
    /// t2hk hk2t t2jp jp2t; or FILE.json, a configuration of OpenCC's own (with
    /// the feature opencc)
    #[arg(
        long,
        value_name = "NAME",
        default_value = "simplified",
        hide_default_value = true
    )]
    script: Script,

    /// Let OpenCC's conversions use its tofu-risk dictionaries: characters
    /// that few fonts have
    #[arg(long, alias = "include-tofu-risk-dictionaries")]
    tofu_risk: bool,

    /// Convert the words of FILE first, in OpenCC's text format: key, tab,
    /// value. Of several files the last one counts
    #[arg(long, value_name = "FILE")]
    dict: Vec<PathBuf>,

    /// Leave WORD as it is in script conversion, whatever a dictionary says
    #[arg(long, value_name = "WORD")]
    protect: Vec<String>,

    /// The same for each line of FILE
    #[arg(long, value_name = "FILE")]
    protect_file: Vec<PathBuf>,

    /// Repair mojibake, text that was decoded wrongly before: auto (the
    /// default), guess for what was lost as well, or off
    #[arg(
        long,
        value_name = "HOW",
        default_value = "auto",
        hide_default_value = true,
        hide_possible_values = true
    )]
    repair: Mojibake,

    /// Readings in notes, 團(tuán)結: keep them, auto (the default): remove what
    /// is surely one, fold: wherever it stands, and of words, all: in any
    /// brackets and in none
    #[arg(
        long,
        value_name = "WHAT",
        default_value = "auto",
        hide_default_value = true,
        hide_possible_values = true
    )]
    annotations: Notes,

    /// Run only these stages: decode, repair, fold, script, canon
    #[arg(long, value_name = "STAGE,..", value_delimiter = ',')]
    only: Option<Vec<StageName>>,

    /// Leave these stages out; without decode, input is taken as UTF-8
    #[arg(long, value_name = "STAGE,..", value_delimiter = ',')]
    skip: Vec<StageName>,

    /// Take each line for a document; the number of lines never changes
    #[arg(long)]
    lines: bool,

    /// Print edits and encodings as JSON Lines; the text goes to the --output FILE, if
    /// there is one
    #[arg(long)]
    pub(super) explain: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Tell the encoding of each file
    Detect(Detect),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Files are read to their ends. In a pipe each is a line, with \
                  tabs between\nits fields: path, score from 0 to 1, source, \
                  malformed sequences, changes of\nencoding, encoding. The \
                  source is bom, declared, detected, or default: plain\n\
                  ASCII. On a terminal each is a row of a table.\n\n\
                  Exit status: 0 done, 2 some file or argument was bad."
)]
pub(super) struct Detect {
    /// Files to look at; - is stdin
    #[arg(value_name = "PATH", required_unless_present = "files_from")]
    pub(super) paths: Vec<PathBuf>,

    /// Print JSON Lines with all that is known, alternatives and places too
    #[arg(long, conflicts_with = "brief")]
    pub(super) json: bool,

    /// Print the encoding alone, and - where a file cannot be read: line N is
    /// for file N
    #[arg(long)]
    pub(super) brief: bool,

    /// Encoding that the files are said to be in: it is taken unless the bytes
    /// are clearly in another
    #[arg(
        long,
        value_name = "LABEL",
        default_value = "auto",
        hide_default_value = true
    )]
    pub(super) declared: Encoding,

    /// Look at the files named in FILE as well, one a line; - is stdin
    #[arg(long, value_name = "FILE")]
    pub(super) files_from: Option<PathBuf>,

    /// In that list a name ends with NUL, as find -print0 has it
    #[arg(short = '0', long, requires = "files_from")]
    pub(super) null: bool,
}

/// `--repair`.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Mojibake {
    Auto,
    Guess,
    Off,
}

/// `--annotations`.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Notes {
    Keep,
    Auto,
    Fold,
    All,
}

/// `--regions`.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Follow {
    On,
    Off,
}

/// `--bad`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Bad {
    Replace,
    Keep,
    Drop,
    Fail,
}

impl Cli {
    pub(super) fn limit(&self) -> Limit {
        Limit { sound: self.bad == Bad::Fail, percent: self.max_damage }
    }

    pub(super) fn options(&self) -> anyhow::Result<Options> {
        let mut options = Options::default()
            .encoding(self.encoding)
            .declared(self.declared)
            .regions(match self.regions {
                Follow::On => Regions::Follow,
                Follow::Off => Regions::Off,
            })
            .malformed(match self.bad {
                Bad::Replace | Bad::Fail => Malformed::Replace,
                Bad::Keep => Malformed::Keep,
                Bad::Drop => Malformed::Drop,
            })
            .repair(match self.repair {
                Mojibake::Auto => Repair::Auto,
                Mojibake::Guess => Repair::Guess,
                Mojibake::Off => Repair::Off,
            })
            .annotations(match self.annotations {
                Notes::Keep => Annotations::Keep,
                Notes::Auto => Annotations::Auto,
                Notes::Fold => Annotations::Fold,
                Notes::All => Annotations::All,
            })
            .script(self.script.clone())
            .tofu_risk(if self.tofu_risk {
                TofuRisk::Include
            } else {
                TofuRisk::Skip
            })
            .unit(if self.lines { Unit::Line } else { Unit::Text });
        for file in &self.dict {
            options = options.dictionary(Dictionary::read(file)?);
        }
        for file in &self.protect_file {
            options = options.dictionary(Dictionary::read_words(file)?);
        }
        options = options.protect(&self.protect).context("--protect")?;
        if let Some(only) = &self.only {
            options = options.only(only.iter().copied());
        }
        Ok(options.skip(self.skip.iter().copied()))
    }
}
