//! A configuration file of OpenCC's, run by its own library, line by line.
//!
//! Text is converted in pieces: a line, or of a line of [`MAX_PIECE`] bytes or
//! more as much as ends with a mark of punctuation or a blank before that.
//! Line ends and NUL, where the library's interface would stop, stay, and so
//! does a piece that the library refuses. What it says of a piece as a whole
//! is told as edits of the characters that differ.
//!
//! Without the feature `opencc` no configuration can be opened, and the rest
//! is never reached.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::path::Path;
use std::sync::Arc;

use crate::edit::Rule;
use crate::error::Error;
use crate::stage::Stage;
use crate::text::Cursor;

#[cfg(feature = "opencc")]
use opencc_rust::OpenCC as Library;

/// Nothing of this type exists.
#[cfg(not(feature = "opencc"))]
enum Library {}

/// Bytes of a line after which it is converted in pieces.
const MAX_PIECE: usize = 4096;

/// A configuration file of OpenCC, opened; for
/// [`Script::External`](crate::Script::External).
///
/// A clone is the same configuration. Two are equal if their paths are. As
/// data it is its path, and to read such data opens the file.
#[derive(Clone)]
pub struct External(Arc<Open>);

struct Open {
    path: String,
    library: Library,
}

impl External {
    /// Opens a configuration file with all that it names.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let name = path.display().to_string();
        match open(path) {
            Ok(library) => {
                Ok(External(Arc::new(Open { path: name, library })))
            }
            Err(why) => Err(Error::refused(name, why)),
        }
    }

    /// The path of the file.
    pub fn path(&self) -> &str {
        &self.0.path
    }
}

impl PartialEq for External {
    fn eq(&self, other: &Self) -> bool {
        self.path() == other.path()
    }
}

impl Eq for External {}

impl Hash for External {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.path().hash(state);
    }
}

impl fmt::Debug for External {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("External").field(&self.path()).finish()
    }
}

#[cfg(feature = "opencc")]
fn open(path: &Path) -> Result<Library, String> {
    Library::new(path)
        .map_err(|error| format!("OpenCC: {}", error.to_string().trim_end()))
}

#[cfg(not(feature = "opencc"))]
fn open(_: &Path) -> Result<Library, String> {
    Err("a configuration file of OpenCC needs hanfold with the feature \
         opencc, and this one is built without"
        .into())
}

#[cfg(feature = "opencc")]
fn convert(library: &Library, text: &str) -> Option<String> {
    library.convert(text).ok()
}

#[cfg(not(feature = "opencc"))]
fn convert(library: &Library, _: &str) -> Option<String> {
    match *library {}
}

/// The stage.
pub(crate) struct Converter {
    external: External,
    /// Behind a mark that says so: text passes as it is.
    keeping: bool,
}

impl Converter {
    pub(crate) fn new(external: External) -> Self {
        Converter { external, keeping: false }
    }
}

impl Stage for Converter {
    // Only with the feature does it ever run.
    const LOOKAHEAD: usize =
        if cfg!(feature = "opencc") { MAX_PIECE } else { 0 };

    fn run(&mut self, cur: &mut Cursor<'_>, last: bool) {
        loop {
            let limit = cur.limit();
            if limit == Some(0) {
                self.keeping = cur.cross();
                continue;
            }
            let rest = cur.rest();
            let rest = rest.get(..limit.unwrap_or(rest.len()));
            let rest = rest.unwrap_or_default();
            if rest.is_empty() {
                return;
            }
            if self.keeping {
                cur.keep(rest.len());
                continue;
            }
            let borders = rest.bytes().take_while(|b| is_border(*b)).count();
            if borders > 0 {
                cur.keep(borders);
                continue;
            }
            let Some(n) = piece(rest, last || limit.is_some()) else { return };
            let text = rest.get(..n).unwrap_or_default();
            let converted = convert(&self.external.0.library, text)
                // One line is one line.
                .filter(|text| !text.bytes().any(is_border));
            match converted {
                Some(converted) => tell(cur, n, &converted),
                None => cur.keep(n),
            }
        }
    }

    fn reset(&mut self) {
        self.keeping = false;
    }
}

/// What stands between pieces.
fn is_border(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r' | b'\0')
}

/// Bytes of the piece at the start of a text; `None` if more has to be seen.
fn piece(text: &str, last: bool) -> Option<usize> {
    let bytes = text.as_bytes();
    let window = bytes.get(..MAX_PIECE).unwrap_or(bytes);
    if let Some(end) = window.iter().position(|b| is_border(*b)) {
        return Some(end);
    }
    if bytes.len() < MAX_PIECE {
        return last.then_some(bytes.len());
    }
    let cut = |c: char| {
        c.is_whitespace()
            || matches!(c,
                '!'..='/' | ':'..='?' | '、' | '。' | '》' | '」' | '』'
                | '！' | '，' | '：' | '；' | '？' | '”' | '…')
    };
    let all = (0..=MAX_PIECE).rfind(|at| text.is_char_boundary(*at));
    let text = text.get(..all.unwrap_or(0)).unwrap_or_default();
    Some(text.rfind(cut).map_or(text.len(), |at| {
        let mark = text.get(at..).and_then(|text| text.chars().next());
        at + mark.map_or(0, char::len_utf8)
    }))
}

/// Turns the first `n` bytes into `new`, by edits of what differs: stretches
/// of characters where their number stays, or else all between the first and
/// the last that differ.
fn tell(cur: &mut Cursor<'_>, n: usize, new: &str) {
    let old = cur.rest().get(..n).unwrap_or_default().to_string();
    if old.chars().count() == new.chars().count() {
        let (mut same, mut changed) = (0, 0);
        let mut with = String::new();
        for (a, b) in old.chars().zip(new.chars()) {
            if a != b {
                cur.keep(std::mem::take(&mut same));
                changed += a.len_utf8();
                with.push(b);
                continue;
            }
            if changed > 0 {
                let n = std::mem::take(&mut changed);
                cur.replace(n, &with, Rule::Script);
                with.clear();
            }
            same += a.len_utf8();
        }
        if changed > 0 {
            cur.replace(changed, &with, Rule::Script);
        }
        cur.keep(same);
        return;
    }
    let mut start = common(old.chars().zip(new.chars()));
    let tail = |text: &str| text.get(start..).unwrap_or_default().to_string();
    let (old_tail, new_tail) = (tail(&old), tail(new));
    let mut end = common(old_tail.chars().rev().zip(new_tail.chars().rev()));
    if start + end == n {
        // An edit replaces something: a character beside what is added.
        match old.get(..start).and_then(|text| text.chars().next_back()) {
            Some(before) => start -= before.len_utf8(),
            None => end -= old.chars().next().map_or(0, char::len_utf8),
        }
    }
    let with = new.get(start..new.len() - end).unwrap_or_default();
    cur.keep(start);
    cur.replace(n - start - end, with, Rule::Script);
    cur.keep(end);
}

/// Bytes of the characters that are the same.
fn common(pairs: impl Iterator<Item = (char, char)>) -> usize {
    pairs.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
}
