//! `hanfold [PATH|-]...` and `hanfold detect [PATH|-]...`.
//!
//! Text goes to stdout and nothing else does; messages go to stderr, each
//! behind `hanfold: `. Exit status 0: done, a closed stdout included; 2: some
//! file or argument was bad. One bad file does not stop the rest.

mod args;
mod damage;
mod detect;
mod explain;
mod output;

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use hanfold::{Error, Normalizer, Summary};

use args::{Cli, Command};
use explain::Explainer;
use output::Output;

/// All that the program does.
pub(crate) fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => {
            let text = error.render().to_string();
            let text = text.strip_prefix("error: ").unwrap_or(&text);
            message(format_args!("{}", text.trim_end()));
            return ExitCode::from(2);
        }
        Err(help) => {
            // Help and version are what was asked for.
            return finish(help.print().map_err(anyhow::Error::from), true);
        }
    };
    let mut good = true;
    let result = match &cli.command {
        Some(Command::Detect(args)) => detect::detect(args, &mut good),
        None => normalize(&cli, &mut good),
    };
    finish(result, good)
}

/// `good`: no input was bad. An error in `result` is one that ends the run.
fn finish(result: Result<()>, good: bool) -> ExitCode {
    match result {
        Err(error) if !is_broken_pipe(&error) => {
            message(format_args!("{error:#}"));
            ExitCode::from(2)
        }
        _ if !good => ExitCode::from(2),
        _ => ExitCode::SUCCESS,
    }
}

/// To stderr. Where that is closed or full there is nobody to tell.
fn message(text: std::fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr(), "hanfold: {text}");
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let kind = error
        .downcast_ref::<Error>()
        .and_then(Error::io_kind)
        .or_else(|| error.downcast_ref::<io::Error>().map(|e| e.kind()));
    kind == Some(io::ErrorKind::BrokenPipe)
}

fn normalize(cli: &Cli, good: &mut bool) -> Result<()> {
    let stdin = [PathBuf::from("-")];
    let paths = if !cli.paths.is_empty() {
        cli.paths.as_slice()
    } else if io::stdin().is_terminal() {
        anyhow::bail!(
            "nothing to read: name a file, pipe text in, or see \
             hanfold --help"
        );
    } else {
        &stdin
    };
    let normalizer = Normalizer::new(cli.options()?);
    let limit = cli.limit();
    let mut output = Output::new(cli.output.as_deref())?;
    for path in paths {
        let result = match open(path) {
            Ok(reader) if cli.explain => {
                explain(&normalizer, path, reader, &mut output)
            }
            Ok(reader) => hanfold::io::copy(&normalizer, reader, &mut output)
                .map_err(anyhow::Error::from),
            Err(error) => Err(error),
        };
        let result = result.and_then(|summary| limit.check(&summary));
        if let Err(error) = result {
            if output.failed() {
                // No other input will do better.
                return Err(error);
            }
            *good = false;
            message(format_args!("{}: {error:#}", path.display()));
        }
    }
    output.close(*good)
}

fn explain(
    normalizer: &Normalizer,
    path: &Path,
    reader: impl Read,
    output: &mut Output,
) -> Result<Summary> {
    let sink = Explainer::new(path, output);
    let mut stream = normalizer.stream(sink);
    hanfold::io::feed(&mut stream, reader)?;
    stream.finish().into_result().map_err(|e| Error::write(e).into())
}

fn open(path: &Path) -> Result<Box<dyn Read>> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    let file = File::open(path).with_context(|| {
        if path == Path::new("detect") {
            "cannot open (as a command, detect comes first)"
        } else {
            "cannot open"
        }
    })?;
    if file.metadata().is_ok_and(|m| m.is_dir()) {
        anyhow::bail!("is a directory; name the files in it");
    }
    Ok(Box::new(file))
}
