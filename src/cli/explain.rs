//! `--explain`: edits as JSON Lines on stdout.
//!
//! One object an edit or, of type `notice`, a place that was left as it is, in
//! the order of the input; one of type `region` where the encoding changes; and a last one of type `end` for each document that
//! was read to its end.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, StdoutLock, Write};
use std::path::Path;

use hanfold::{Edits, Notice, Region, Rule, Sink, Source, Summary};
use serde::Serialize;

use super::output::Output;

pub(super) struct Explainer<'a> {
    path: String,
    json: BufWriter<StdoutLock<'static>>,
    /// Where the text goes, if it goes to a file.
    text: &'a mut Output,
    edits: BTreeMap<Rule, u64>,
    notices: BTreeMap<Rule, u64>,
    summary: Summary,
    result: io::Result<()>,
    /// Stdout was closed on the other side.
    deaf: bool,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Record<'a> {
    Edit {
        path: &'a str,
        rule: Rule,
        source: [u64; 2],
        before: &'a str,
        after: &'a str,
        /// Only where there are several.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        candidates: Vec<&'a str>,
        /// How mojibake came about.
        #[serde(skip_serializing_if = "Option::is_none")]
        garbled: Option<&'static str>,
    },
    Notice {
        path: &'a str,
        rule: Rule,
        source: [u64; 2],
        text: &'a str,
        #[serde(skip_serializing_if = "str::is_empty")]
        detail: &'a str,
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        candidates: &'a [String],
    },
    Region {
        path: &'a str,
        start: u64,
        encoding: &'a str,
    },
    End {
        path: &'a str,
        encoding: &'a str,
        source: Source,
        score: f64,
        #[serde(skip_serializing_if = "Option::is_none")]
        declared: Option<&'a str>,
        regions: u64,
        malformed: u64,
        malformed_bytes: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        first_malformed: Option<u64>,
        unrecoverable_bytes: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        first_unrecoverable: Option<u64>,
        foreign_lines: u64,
        edits: u64,
        rules: &'a BTreeMap<Rule, u64>,
        notices: &'a BTreeMap<Rule, u64>,
        bytes_in: u64,
        bytes_out: u64,
    },
}

impl<'a> Explainer<'a> {
    pub(super) fn new(path: &Path, text: &'a mut Output) -> Self {
        Explainer {
            path: path.display().to_string(),
            json: BufWriter::new(io::stdout().lock()),
            text,
            edits: BTreeMap::new(),
            notices: BTreeMap::new(),
            summary: Summary::default(),
            result: Ok(()),
            deaf: false,
        }
    }

    /// What is known of the document, or the first failure to write.
    pub(super) fn into_result(self) -> io::Result<Summary> {
        self.result.map(|()| self.summary)
    }

    fn write(
        &mut self,
        record: impl FnOnce(&mut BufWriter<StdoutLock<'static>>) -> io::Result<()>,
    ) {
        if self.result.is_err() || self.deaf {
            return;
        }
        match record(&mut self.json) {
            // Nobody reads the edits any more, but there is a file to write.
            Err(e)
                if e.kind() == io::ErrorKind::BrokenPipe
                    && self.text.is_file() =>
            {
                self.deaf = true;
            }
            Err(e) => {
                self.result = Err(e);
                self.text.fail();
            }
            Ok(()) => {}
        }
    }
}

impl Sink for Explainer<'_> {
    const EDITS: bool = true;

    fn text(&mut self, text: &str) {
        if self.text.is_file() && self.result.is_ok() {
            self.result = self.text.write_all(text.as_bytes());
        }
    }

    fn edits(&mut self, edits: Edits<'_>) {
        let path = std::mem::take(&mut self.path);
        for edit in edits {
            *self.edits.entry(edit.rule()).or_default() += 1;
            let source = edit.source();
            self.write(|out| {
                let record = Record::Edit {
                    path: &path,
                    rule: edit.rule(),
                    source: [source.start, source.end],
                    before: edit.before(),
                    after: edit.after(),
                    candidates: edit.candidates().collect(),
                    garbled: edit.garbled(),
                };
                line(out, &record)
            });
        }
        self.path = path;
    }

    fn notice(&mut self, notice: Notice) {
        *self.notices.entry(notice.rule).or_default() += 1;
        let path = std::mem::take(&mut self.path);
        self.write(|out| {
            let record = Record::Notice {
                path: &path,
                rule: notice.rule,
                source: [notice.source.start, notice.source.end],
                text: &notice.text,
                detail: notice.detail,
                candidates: &notice.candidates,
            };
            line(out, &record)
        });
        self.path = path;
    }

    fn region(&mut self, region: Region) {
        let path = std::mem::take(&mut self.path);
        self.write(|out| {
            let record = Record::Region {
                path: &path,
                start: region.start,
                encoding: region.encoding,
            };
            line(out, &record)
        });
        self.path = path;
    }

    fn end(&mut self, summary: &Summary) {
        self.summary = summary.clone();
        let path = std::mem::take(&mut self.path);
        let edits = std::mem::take(&mut self.edits);
        let notices = std::mem::take(&mut self.notices);
        self.write(|out| {
            let record = Record::End {
                path: &path,
                encoding: summary.detection.encoding,
                source: summary.detection.source,
                score: summary.detection.score,
                declared: summary.detection.declared,
                regions: summary.regions,
                malformed: summary.malformed,
                malformed_bytes: summary.malformed_bytes,
                first_malformed: summary.first_malformed,
                unrecoverable_bytes: summary.unrecoverable_bytes,
                first_unrecoverable: summary.first_unrecoverable,
                foreign_lines: summary.foreign_lines,
                edits: edits.values().sum(),
                rules: &edits,
                notices: &notices,
                bytes_in: summary.bytes_in,
                bytes_out: summary.bytes_out,
            };
            line(out, &record)?;
            out.flush()
        });
    }

    fn closed(&self) -> bool {
        self.result.is_err()
    }
}

fn line(out: &mut impl Write, record: &Record<'_>) -> io::Result<()> {
    serde_json::to_writer(&mut *out, record)?;
    out.write_all(b"\n")
}
