//! The arguments, and the options they stand for.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Parser, Subcommand};
use hanfold::{
    Dictionary, Encoding, Options, Script, StageName, TofuRisk, Unit,
};

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
                  hanfold detect prints a line for each file: path, tab, \
                  encoding.\nA file called detect is ./detect."
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Option<Command>,

    /// Files to normalise; - is stdin
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,

    /// Encoding of the input: auto (the default), or a WHATWG label such as
    /// gb18030
    #[arg(
        short,
        long,
        value_name = "LABEL",
        default_value = "auto",
        hide_default_value = true
    )]
    encoding: Encoding,

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

    /// Run only these stages: decode, repair, fold, script, canon
    #[arg(long, value_name = "STAGE,..", value_delimiter = ',')]
    only: Option<Vec<StageName>>,

    /// Leave these stages out; without decode, input is taken as UTF-8
    #[arg(long, value_name = "STAGE,..", value_delimiter = ',')]
    skip: Vec<StageName>,

    /// Take each line for a document; the number of lines never changes
    #[arg(long)]
    lines: bool,

    /// Print the edits as JSON Lines; the text goes to the --output FILE, if
    /// there is one
    #[arg(long)]
    pub(super) explain: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print the encoding of each file
    Detect {
        /// Files to look at; - is stdin
        #[arg(value_name = "PATH", required = true)]
        paths: Vec<PathBuf>,
    },
}

impl Cli {
    pub(super) fn options(&self) -> anyhow::Result<Options> {
        let mut options = Options::default()
            .encoding(self.encoding)
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
