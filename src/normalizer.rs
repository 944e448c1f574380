//! The shared, unchanging part: options and tables.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::decode::MARK;
use crate::options::Options;
use crate::script::{self, Alone};
use crate::sink::{Explanation, Sink};
use crate::stream::Stream;

/// Options, ready for any number of documents on any number of threads.
///
/// It is a few words and refers to tables that are part of the program.
#[derive(Clone)]
pub struct Normalizer {
    options: Options,
    /// What does all that they ask for without a stream, where it can.
    alone: Option<Arc<Alone>>,
}

impl fmt::Debug for Normalizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Normalizer").field(&self.options).finish()
    }
}

impl Default for Normalizer {
    fn default() -> Self {
        Normalizer::new(Options::default())
    }
}

impl Normalizer {
    /// Freezes the options.
    pub fn new(options: Options) -> Self {
        let alone = script::alone(&options).map(Arc::new);
        Normalizer { options, alone }
    }

    /// The options.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Normalises text that is text already. Borrowed where nothing changed.
    ///
    /// ```
    /// use std::borrow::Cow;
    /// use hanfold::{Normalizer, Options};
    ///
    /// let n = Normalizer::new(Options::default());
    /// assert_eq!(n.normalize("業(yè)務(wù)"), "业务");
    /// assert!(matches!(n.normalize("业务"), Cow::Borrowed(_)));
    /// ```
    pub fn normalize<'a>(&self, text: &'a str) -> Cow<'a, str> {
        // Of a text with a mark at the start the rest could be borrowed, though
        // something is removed.
        if let Some(alone) = &self.alone
            && !text.starts_with(MARK)
            && let Some(converted) = alone.whole(text)
        {
            return converted;
        }
        let normal = self.whole(text, String::with_capacity(text.len()));
        if normal == text { Cow::Borrowed(text) } else { Cow::Owned(normal) }
    }

    /// The same, appended to a string that the caller uses again and again.
    ///
    /// ```
    /// use hanfold::{Normalizer, Options};
    ///
    /// let n = Normalizer::new(Options::default());
    /// let mut all = String::from("> ");
    /// n.normalize_into("業(yè)務(wù)", &mut all);
    /// assert_eq!(all, "> 业务");
    /// ```
    pub fn normalize_into(&self, text: &str, out: &mut String) {
        if let Some(alone) = &self.alone
            && let text = text.strip_prefix(MARK).unwrap_or(text)
            && alone.convert_to_end(text, out)
        {
            return;
        }
        out.reserve(text.len());
        self.whole(text, out);
    }

    /// Normalises text and tells what was changed, why, and where.
    pub fn explain(&self, text: &str) -> Explanation {
        self.whole(text, Explanation::with_capacity(text.len()))
    }

    /// Starts a document of bytes that arrive in pieces.
    pub fn stream<S: Sink>(&self, sink: S) -> Stream<S> {
        Stream::new(&self.options, sink)
    }

    /// A document that is text already.
    fn whole<S: Sink>(&self, text: &str, sink: S) -> S {
        let options = self.options.clone().encoding(crate::Encoding::UTF_8);
        let mut stream = Stream::new(&options, sink);
        stream.feed_text(text);
        stream.finish()
    }
}
