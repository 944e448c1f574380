//! Documents from a reader to a writer: [`copy`], and [`Reader`] for callers
//! that want to read the normalised text themselves.
//!
//! Both hold a buffer or two, whatever the size of the document.

use std::io::{self, Read, Write};

use crate::decode::{Detection, SNIFF};
use crate::error::Error;
use crate::normalizer::Normalizer;
use crate::options::{Options, StageName};
use crate::sink::{Sink, Summary};
use crate::stream::Stream;

const CHUNK: usize = 64 * 1024;

/// Normalises all that `reader` gives into `writer`.
///
/// Fails where reading or writing does; what was written before stays
/// written. Interrupted reads are tried again.
///
/// ```
/// use hanfold::{Normalizer, Options, io};
///
/// let big5: &[u8] = b"\xba\x7e\xa6r"; // 漢字
/// let options = Options::default().encoding("big5".parse()?);
/// let mut out = Vec::new();
/// let summary = io::copy(&Normalizer::new(options), big5, &mut out)?;
/// assert_eq!(out, "汉字".as_bytes());
/// assert_eq!((summary.detection.encoding, summary.bytes_in), ("Big5", 4));
/// # Ok::<(), hanfold::Error>(())
/// ```
pub fn copy<R: Read, W: Write>(
    normalizer: &Normalizer,
    reader: R,
    writer: W,
) -> Result<Summary, Error> {
    let sink =
        WriteSink { writer, result: Ok(()), summary: Summary::default() };
    let mut stream = normalizer.stream(sink);
    feed(&mut stream, reader)?;
    let mut sink = stream.finish();
    sink.result.and_then(|()| sink.writer.flush()).map_err(Error::write)?;
    Ok(sink.summary)
}

/// Feeds all that `reader` gives to a stream, or until its sink is closed.
///
/// The document is not ended; [`Stream::finish`] does that.
pub fn feed<R: Read, S: Sink>(
    stream: &mut Stream<S>,
    mut reader: R,
) -> Result<(), Error> {
    let mut chunk = vec![0; CHUNK];
    while !stream.sink().closed() {
        let n = read(&mut reader, &mut chunk).map_err(Error::read)?;
        if n == 0 {
            break;
        }
        stream.feed(chunk.get(..n).unwrap_or_default());
    }
    Ok(())
}

/// The encoding that a reader's text would be decoded from, and how that is
/// known.
///
/// Reads no more than it takes to settle that: plain ASCII, then at most
/// 4 KiB from the first byte that is not. What is behind may be in another
/// encoding; [`copy`] tells.
///
/// ```
/// use hanfold::{Source, io};
///
/// let found = io::detect(std::fs::File::open("samples/report.gbk.txt")?)?;
/// assert_eq!((found.encoding, found.source), ("gb18030", Source::Detected));
/// assert!(found.score > 0.99);
/// assert_eq!(io::detect(&b"ok"[..])?.encoding, "US-ASCII");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn detect<R: Read>(mut reader: R) -> Result<Detection, Error> {
    let options = Options::default().only([StageName::Decode]);
    let mut stream = Normalizer::new(options).stream(Ended::default());
    let mut chunk = vec![0; SNIFF];
    loop {
        if let Some(detection) = stream.detection() {
            return Ok(detection);
        }
        let n = read(&mut reader, &mut chunk).map_err(Error::read)?;
        if n == 0 {
            return Ok(stream.finish().0.detection);
        }
        stream.feed(chunk.get(..n).unwrap_or_default());
    }
}

/// Drops the text and waits for the end.
#[derive(Default)]
struct Ended(Summary);

impl Sink for Ended {
    fn text(&mut self, _text: &str) {}

    fn end(&mut self, summary: &Summary) {
        self.0 = summary.clone();
    }
}

fn read(reader: &mut impl Read, chunk: &mut [u8]) -> io::Result<usize> {
    loop {
        match reader.read(chunk) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// Text to a writer. A sink cannot fail, so the first error waits here.
struct WriteSink<W> {
    writer: W,
    result: io::Result<()>,
    summary: Summary,
}

impl<W: Write> Sink for WriteSink<W> {
    fn text(&mut self, text: &str) {
        if self.result.is_ok() {
            self.result = self.writer.write_all(text.as_bytes());
        }
    }

    fn end(&mut self, summary: &Summary) {
        self.summary = summary.clone();
    }

    fn closed(&self) -> bool {
        self.result.is_err()
    }
}

/// The normalised text of another reader, as UTF-8.
///
/// ```
/// use std::io::Read;
/// use hanfold::{Normalizer, Options, io::Reader};
///
/// let raw = "團(tuán)結(jié)".as_bytes();
/// let mut text = String::new();
/// Reader::new(&Normalizer::new(Options::default()), raw)
///     .read_to_string(&mut text)?;
/// assert_eq!(text, "团结");
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Reader<R> {
    reader: R,
    chunk: Vec<u8>,
    /// `None` once the document has ended.
    stream: Option<Stream<Vec<u8>>>,
    /// Text that is ready, of which `at` bytes have been handed out.
    ready: Vec<u8>,
    at: usize,
}

impl<R: Read> Reader<R> {
    /// Wraps a reader.
    pub fn new(normalizer: &Normalizer, reader: R) -> Self {
        Reader {
            reader,
            chunk: vec![0; CHUNK],
            stream: Some(normalizer.stream(Vec::new())),
            ready: Vec::new(),
            at: 0,
        }
    }
}

impl<R: Read> Read for Reader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at == self.ready.len() && !out.is_empty() {
            let Some(stream) = &mut self.stream else { return Ok(0) };
            self.at = 0;
            self.ready.clear();
            let n = read(&mut self.reader, &mut self.chunk)?;
            if n > 0 {
                stream.feed(self.chunk.get(..n).unwrap_or_default());
                std::mem::swap(stream.sink_mut(), &mut self.ready);
            } else if let Some(stream) = self.stream.take() {
                self.ready = stream.finish();
            }
        }
        let ready = self.ready.get(self.at..).unwrap_or_default();
        let n = ready.len().min(out.len());
        let (now, _) = ready.split_at(n);
        if let Some(out) = out.get_mut(..n) {
            out.copy_from_slice(now);
        }
        self.at += n;
        Ok(n)
    }
}
