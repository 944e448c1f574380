//! Where the text goes: stdout, or a file that is replaced at the end.

use std::fs::{self, File};
use std::io::{self, StdoutLock, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use hanfold::Error;
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

    /// All inputs were read. A file is put in its place only if they were
    /// `good`, each to its end: half a text must not replace a whole one.
    pub(super) fn close(self, good: bool) -> Result<()> {
        match self.to {
            To::Stdout(mut out) => out.flush().map_err(Error::write)?,
            To::Special(mut file) => file.flush().map_err(Error::write)?,
            To::File(file, path) if good => {
                file.as_file().sync_all().map_err(Error::write)?;
                file.persist(&path).map_err(|e| e.error).with_context(
                    || format!("{}: cannot replace", path.display()),
                )?;
            }
            To::File(_, path) => {
                anyhow::bail!(
                    "{}: left as it was, because an input was bad",
                    path.display()
                );
            }
        }
        Ok(())
    }
}

fn to_path(path: &Path) -> Result<To> {
    if path == Path::new("-") {
        return Ok(To::Stdout(io::stdout().lock()));
    }
    // Names of something that is open already, such as /dev/stdout.
    if ["/dev", "/proc"].iter().any(|d| path.starts_with(d)) {
        return Ok(To::Special(File::options().append(true).open(path)?));
    }
    // Behind a link it is the file that is replaced, not the link, even if
    // the file is not there yet.
    let path = fs::canonicalize(path)
        .or_else(|_| {
            let link = fs::read_link(path)?;
            Ok(path.parent().unwrap_or(Path::new("")).join(link))
        })
        .unwrap_or_else(|_: io::Error| path.into());
    let there = fs::metadata(&path).ok();
    if there.as_ref().is_some_and(|m| m.is_dir()) {
        anyhow::bail!("is a directory");
    }
    if there.as_ref().is_some_and(|m| !m.is_file()) {
        return Ok(To::Special(File::options().append(true).open(path)?));
    }
    if there.as_ref().is_some_and(|m| m.permissions().readonly()) {
        anyhow::bail!("is read-only");
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
