//! `hanfold detect`: the encoding of each file, and how sound the file is.
//!
//! Files are read to their ends and decoded. One after the other is reported
//! as soon as that is done, in the order in which they were named.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, StdoutLock, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use hanfold::{
    Detection, Error, Normalizer, Options, Region, Sink, StageName, Summary,
};
use serde::Serialize;

use super::args::Detect;
use super::{message, open};

/// Reports on all files. `good` becomes false where one could not be read.
pub(super) fn detect(args: &Detect, good: &mut bool) -> Result<()> {
    let list = args.files_from.as_deref();
    let options =
        Options::default().declared(args.declared).only([StageName::Decode]);
    let mut report = Report {
        normalizer: Normalizer::new(options),
        form: Form::of(args),
        stdin_is_list: list == Some(Path::new("-")),
        out: io::stdout().lock(),
        good,
    };
    for path in &args.paths {
        report.file(path)?;
    }
    if let Some(list) = list {
        let end = if args.null { b'\0' } else { b'\n' };
        names(list, end, |path| report.file(&path))?;
    }
    Ok(())
}

/// How a file is reported.
#[derive(Clone, Copy)]
enum Form {
    /// Fields with tabs between them.
    Lines,
    /// Columns, for people.
    Table {
        /// There is a heading already.
        headed: bool,
    },
    /// The encoding by itself.
    Brief,
    /// All that is known.
    Json,
}

impl Form {
    fn of(args: &Detect) -> Form {
        if args.json {
            Form::Json
        } else if args.brief {
            Form::Brief
        } else if io::stdout().is_terminal() {
            Form::Table { headed: false }
        } else {
            Form::Lines
        }
    }
}

struct Report<'a> {
    normalizer: Normalizer,
    form: Form,
    /// Names of files come from there, so text cannot.
    stdin_is_list: bool,
    out: StdoutLock<'static>,
    good: &'a mut bool,
}

impl Report<'_> {
    /// An error is one that ends the run.
    fn file(&mut self, path: &Path) -> Result<()> {
        let written = match self.look(path) {
            Ok(found) => found.write(path, &mut self.form, &mut self.out),
            Err(error) => {
                *self.good = false;
                message(format_args!("{}: {error:#}", path.display()));
                match self.form {
                    // The lines are counted.
                    Form::Brief => writeln!(self.out, "-"),
                    _ => Ok(()),
                }
            }
        };
        Ok(written.and_then(|()| self.out.flush()).map_err(Error::write)?)
    }

    fn look(&self, path: &Path) -> Result<Found> {
        if path.as_os_str().is_empty() {
            bail!("a file without a name");
        }
        if self.stdin_is_list && path == Path::new("-") {
            bail!("stdin is the list of files");
        }
        let found = Found {
            lists: matches!(self.form, Form::Json),
            ..Found::default()
        };
        let mut stream = self.normalizer.stream(found);
        hanfold::io::feed(&mut stream, open(path)?)?;
        Ok(stream.finish())
    }
}

/// What is known of a file.
#[derive(Default)]
struct Found {
    /// Whether changes of encoding are wanted, and not only their number.
    lists: bool,
    regions: Vec<Region>,
    summary: Summary,
}

impl Sink for Found {
    fn text(&mut self, _text: &str) {}

    fn region(&mut self, region: Region) {
        if self.lists {
            self.regions.push(region);
        }
    }

    fn end(&mut self, summary: &Summary) {
        self.summary = summary.clone();
    }
}

#[derive(Serialize)]
struct Record<'a> {
    path: String,
    #[serde(flatten)]
    detection: &'a Detection,
    malformed: u64,
    malformed_bytes: u64,
    first_malformed: Option<u64>,
    regions: &'a [Region],
    bytes: u64,
}

impl Found {
    fn write(
        &self,
        path: &Path,
        form: &mut Form,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let Summary { detection, malformed, regions, .. } = &self.summary;
        let Detection { encoding, score, source, .. } = detection;
        let source = source.name();
        match form {
            Form::Lines => {
                // The name as it is, whatever its bytes: it leads to the file.
                out.write_all(path.as_os_str().as_encoded_bytes())?;
                writeln!(
                    out,
                    "\t{score:.3}\t{source}\t{malformed}\t{regions}\t\
                     {encoding}"
                )
            }
            // The one column whose width nobody knows is the last.
            Form::Table { headed } => {
                if !*headed {
                    *headed = true;
                    writeln!(
                        out,
                        "{:14}  {:>5}  {:8}  {:>9}  {:>7}  PATH",
                        "ENCODING", "SCORE", "SOURCE", "MALFORMED", "REGIONS"
                    )?;
                }
                writeln!(
                    out,
                    "{encoding:14}  {score:.3}  {source:8}  {malformed:>9}  \
                     {regions:>7}  {}",
                    path.display()
                )
            }
            Form::Brief => writeln!(out, "{encoding}"),
            Form::Json => {
                let record = Record {
                    path: path.display().to_string(),
                    detection,
                    malformed: *malformed,
                    malformed_bytes: self.summary.malformed_bytes,
                    first_malformed: self.summary.first_malformed,
                    regions: &self.regions,
                    bytes: self.summary.bytes_in,
                };
                serde_json::to_writer(&mut *out, &record)?;
                out.write_all(b"\n")
            }
        }
    }
}

/// Calls `each` with the names in a list, while that is being written.
fn names(
    list: &Path,
    end: u8,
    mut each: impl FnMut(PathBuf) -> Result<()>,
) -> Result<()> {
    let mut reader: Box<dyn BufRead> = if list == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        let file = File::open(list)
            .with_context(|| format!("{}: cannot open", list.display()))?;
        Box::new(BufReader::new(file))
    };
    loop {
        let mut name = Vec::new();
        let n = reader
            .read_until(end, &mut name)
            .with_context(|| format!("{}: cannot read", list.display()))?;
        if n == 0 {
            return Ok(());
        }
        if name.last() == Some(&end) {
            name.pop();
            if end == b'\n' && name.last() == Some(&b'\r') {
                name.pop();
            }
        }
        each(os_string(name).into())?;
    }
}

#[cfg(unix)]
fn os_string(name: Vec<u8>) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(name)
}

#[cfg(not(unix))]
fn os_string(name: Vec<u8>) -> OsString {
    String::from_utf8_lossy(&name).into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_one_heading() {
        let mut form = Form::Table { headed: false };
        let mut out = Vec::new();
        for path in ["名.txt", "b"] {
            Found::default()
                .write(Path::new(path), &mut form, &mut out)
                .unwrap_or_default();
        }
        let wanted = "\
ENCODING        SCORE  SOURCE    MALFORMED  REGIONS  PATH
US-ASCII        1.000  default           0        0  名.txt
US-ASCII        1.000  default           0        0  b
";
        assert_eq!(String::from_utf8_lossy(&out), wanted);
    }
}
