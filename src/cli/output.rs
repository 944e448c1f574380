//! Where the text goes: stdout, or a file that is replaced at the end.

use std::fs::{self, File};
use std::io::{self, StdoutLock, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::NamedTempFile;

/// A writer that remembers whether writing failed.
pub(super) struct Output {
    to: To,
    failed: bool,
}

enum To {
    Stdout(StdoutLock<'static>),
    /// A device or a pipe by name.
    Special(File),
    /// Written beside the file and put in its place once it is whole, so that
    /// the old text is there until the new one is, and an input may be the
    /// output too.
    File(NamedTempFile, PathBuf),
}

impl Output {
    pub(super) fn new(path: Option<&Path>) -> Result<Self> {
        let to = match path {
            None => To::Stdout(io::stdout().lock()),
            Some(path) => to_path(path).with_context(|| {
                format!("{}: cannot create", path.display())
            })?,
        };
        Ok(Output { to, failed: false })
    }

    /// Whether a write failed, for which no input is to blame.
    pub(super) fn failed(&self) -> bool {
        self.failed
    }

    /// Something else that was to be written could not be.
    pub(super) fn fail(&mut self) {
        self.failed = true;
    }

    /// Whether text goes to a file, so that stdout is free for other things.
    pub(super) fn is_file(&self) -> bool {
        !matches!(self.to, To::Stdout(_))
    }

    /// Everything was written.
    pub(super) fn close(self) -> Result<()> {
        match self.to {
            To::Stdout(mut out) => out.flush()?,
            To::Special(mut file) => file.flush()?,
            To::File(file, path) => {
                file.as_file().sync_all()?;
                file.persist(&path).map_err(|e| e.error).with_context(
                    || format!("{}: cannot replace", path.display()),
                )?;
            }
        }
        Ok(())
    }
}

fn to_path(path: &Path) -> Result<To> {
    // Behind a link it is the file that is replaced, not the link.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.into());
    let there = fs::metadata(&path).ok();
    if there.as_ref().is_some_and(|m| m.is_dir()) {
        anyhow::bail!("is a directory");
    }
    if there.as_ref().is_some_and(|m| !m.is_file()) {
        return Ok(To::Special(File::options().write(true).open(path)?));
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".hanfold-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // What the umask leaves of these, as for any new file.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let file = builder.tempfile_in(folder)?;
    if let Some(there) = there {
        file.as_file().set_permissions(there.permissions())?;
    }
    Ok(To::File(file, path))
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let result = match &mut self.to {
            To::Stdout(out) => out.write(bytes),
            To::Special(file) => file.write(bytes),
            To::File(file, _) => file.write(bytes),
        };
        self.failed |= result
            .as_ref()
            .is_err_and(|e| e.kind() != io::ErrorKind::Interrupted);
        result
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = match &mut self.to {
            To::Stdout(out) => out.flush(),
            To::Special(file) => file.flush(),
            To::File(file, _) => file.flush(),
        };
        self.failed |= result.is_err();
        result
    }
}
