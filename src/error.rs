//! What can fail: a name that is not known, a dictionary or configuration
//! that is refused, and reading or writing.
//!
//! Normalising itself cannot fail: malformed bytes become U+FFFD, with an
//! edit each.

use std::fmt;
use std::io;

/// An unknown name in the options, a dictionary or a configuration of OpenCC's
/// that is refused, or a failure to read or write.
///
/// The kind is private; `Display` says what failed and what would work.
#[derive(Debug)]
pub struct Error(Kind);

#[derive(Debug)]
enum Kind {
    Name {
        what: &'static str,
        name: String,
        known: &'static str,
    },
    /// Something in a file or an argument, and what is wrong with it.
    Refused {
        place: String,
        why: String,
    },
    File {
        name: String,
        source: io::Error,
    },
    Io {
        what: &'static str,
        source: io::Error,
    },
}

impl Error {
    pub(crate) fn name(
        what: &'static str,
        name: &str,
        known: &'static str,
    ) -> Self {
        Error(Kind::Name { what, name: name.into(), known })
    }

    pub(crate) fn refused(place: String, why: impl Into<String>) -> Self {
        Error(Kind::Refused { place, why: why.into() })
    }

    pub(crate) fn file(name: String, source: io::Error) -> Self {
        Error(Kind::File { name, source })
    }

    pub(crate) fn read(source: io::Error) -> Self {
        Error(Kind::Io { what: "cannot read", source })
    }

    /// A failure to write, for sinks of the caller's own.
    pub fn write(source: io::Error) -> Self {
        Error(Kind::Io { what: "cannot write", source })
    }

    /// The kind of I/O error behind this one, if there is one. A caller that
    /// takes a broken pipe for success asks here.
    pub fn io_kind(&self) -> Option<io::ErrorKind> {
        match &self.0 {
            Kind::Name { .. } | Kind::Refused { .. } => None,
            Kind::File { source, .. } | Kind::Io { source, .. } => {
                Some(source.kind())
            }
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Name { what, name, known } => {
                write!(f, "unknown {what} {name:?}: {known}")
            }
            Kind::Refused { place, why } => write!(f, "{place}: {why}"),
            Kind::File { name, source } => {
                write!(f, "{name}: cannot read: {source}")
            }
            Kind::Io { what, source } => write!(f, "{what}: {source}"),
        }
    }
}

// The message holds its cause, so there is no source to print once more.
impl std::error::Error for Error {}
