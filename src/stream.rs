//! One document on its way through the stages.
//!
//! A feed is one call of `Decode` and one forward call a stage; nothing flows
//! back. Input may be cut anywhere: text and edits are the same whatever the
//! cuts, and between feeds at most [`Stream::PENDING`] bytes are held.

use crate::canon::Canon;
use crate::decode::{self, Decode, Detection};
use crate::fold::Fold;
use crate::options::{self, Options, StageName, Unit};
use crate::repair::{Repair, Unrecoverable};
use crate::script::{self, Converter, Lines, Pass, User};
use crate::sink::{Region, Sink, Span, Summary};
use crate::stage::{Link, Stage};
use crate::text::{Logs, Text};

/// How much of a chunk goes through all stages at a time. It bounds the
/// buffers whatever the caller feeds, and keeps them in a core's cache.
const BLOCK: usize = if cfg!(test) { 61 } else { 32 * 1024 };

/// How many stages make edits, passes of script conversion counted.
const STAGES: usize = 8;

/// The state of one document; made by
/// [`Normalizer::stream`](crate::Normalizer::stream).
///
/// ```
/// use hanfold::{Normalizer, Options};
///
/// let n = Normalizer::new(Options::default());
/// let mut s = n.stream(String::new());
/// for byte in "團(tuán)結(jié)\r\n".as_bytes() {
///     s.feed([*byte]);
/// }
/// assert_eq!(s.finish(), "团结\n");
/// ```
pub struct Stream<S> {
    decode: Decode,
    /// What `Decode` has delivered and the stages have not been given.
    decoded: Text,
    chain: Chain,
    unit: Unit,
    sink: S,
    bytes_out: u64,
    /// Changes of encoding so far.
    regions: u64,
}

/// The stages behind `Decode`, in their order, and what leaves the last one.
struct Chain {
    repair: Link<Repair>,
    lost: Link<Unrecoverable>,
    fold: Link<Fold>,
    lines: Link<Lines>,
    // Few streams have these two, and the others do not carry them along.
    user: Option<Box<Link<User>>>,
    external: Option<Box<Link<Converter>>>,
    script: [Link<Pass>; script::MAX_PASSES],
    canon: Link<Canon>,
    out: Text,
    logs: Logs,
}

impl Chain {
    fn new(options: &Options, traced: bool) -> Self {
        let on = |stage| options.stages.contains(stage);
        let script = if on(StageName::Script) {
            options.script.clone()
        } else {
            options::Script::Keep
        };
        let simplified = script == options::Script::Simplified;
        let converts = script != options::Script::Keep;
        let user = options.dictionary.table();
        let user = user.filter(|_| on(StageName::Script)).map(|table| {
            let user = User::new(table, converts);
            Box::new(Link::new(Some(user), traced))
        });
        let external = match &script {
            options::Script::External(external) => {
                let converter = Converter::new(external.clone());
                Some(Box::new(Link::new(Some(converter), traced)))
            }
            _ => None,
        };
        let passes = script::passes(script, options.tofu_risk);
        let repairs = Chain::repairs(options);
        let mut chain = Chain {
            repair: Link::new(
                Repair::new(options.repair).filter(|_| repairs),
                traced,
            ),
            lost: Link::new(repairs.then(Unrecoverable::new), traced),
            fold: Link::new(
                (on(StageName::Fold)
                    && options.annotations != options::Annotations::Keep)
                    .then(|| Fold::new(options.annotations)),
                traced,
            ),
            lines: Link::new(simplified.then(Lines::new), traced),
            user,
            external,
            script: passes.map(|pass| Link::new(pass, traced)),
            canon: Link::new(
                on(StageName::Canon).then(|| Canon::new(options.unit)),
                traced,
            ),
            out: Text::new(traced),
            logs: Logs::new(traced, STAGES),
        };
        if repairs {
            for text in [&mut chain.repair.text, &mut chain.lost.text] {
                *text = Text::new(traced).telling_made();
            }
        }
        chain
    }

    /// Whether there is a stage that has to know what the decoder has made.
    fn repairs(options: &Options) -> bool {
        options.stages.contains(StageName::Repair)
            && options.repair != options::Repair::Off
    }

    fn forward(&mut self, last: bool) {
        let Chain {
            repair,
            lost,
            fold,
            lines,
            user,
            external,
            script: [first, second, third],
            canon,
            out,
            logs,
        } = self;
        // The numbers put edits of several stages at one place in order.
        repair.forward(&mut lost.text, logs.of(1), last);
        lost.forward(&mut fold.text, logs.of(1), last);
        fold.forward(&mut lines.text, logs.of(2), last);
        let script = match external {
            Some(external) => &mut external.text,
            None => &mut first.text,
        };
        match user {
            Some(user) => {
                lines.forward(&mut user.text, logs, last);
                user.forward(script, logs.of(3), last);
            }
            None => lines.forward(script, logs, last),
        }
        if let Some(external) = external {
            external.forward(&mut first.text, logs.of(4), last);
        }
        first.forward(&mut second.text, logs.of(4), last);
        second.forward(&mut third.text, logs.of(5), last);
        third.forward(&mut canon.text, logs.of(6), last);
        canon.forward(out, logs.of(7), last);
        logs.of(0);
    }

    fn waiting(&self) -> impl Iterator<Item = &Text> {
        let Chain { repair, lost, fold, lines, .. } = self;
        [&repair.text, &lost.text, &fold.text, &lines.text]
            .into_iter()
            .chain(self.user.iter().map(|link| &link.text))
            .chain(self.external.iter().map(|link| &link.text))
            .chain(self.script.iter().map(|link| &link.text))
            .chain([&self.canon.text])
    }
}

impl<S: Sink> Stream<S> {
    /// The most bytes held between two feeds: the sniff window and what each
    /// stage may leave unread.
    pub const PENDING: usize = decode::PENDING
        + Repair::LOOKAHEAD
        + Unrecoverable::LOOKAHEAD
        + Fold::LOOKAHEAD
        + Lines::LOOKAHEAD
        + User::LOOKAHEAD
        + Converter::LOOKAHEAD
        + script::MAX_PASSES * Pass::LOOKAHEAD
        + Canon::LOOKAHEAD;

    pub(crate) fn new(options: &Options, sink: S) -> Self {
        let mut decoded = Text::new(S::EDITS);
        if Chain::repairs(options) {
            decoded = decoded.telling_made();
        }
        Stream {
            decode: Decode::new(options),
            decoded,
            chain: Chain::new(options, S::EDITS),
            unit: options.unit,
            sink,
            bytes_out: 0,
            regions: 0,
        }
    }

    /// Takes the next piece of the document: any number of bytes, cut
    /// anywhere. What is certain goes to the sink at once.
    pub fn feed(&mut self, chunk: impl AsRef<[u8]>) {
        for block in chunk.as_ref().chunks(BLOCK) {
            self.decode.feed(
                block,
                &mut self.decoded,
                &mut self.chain.logs,
                false,
            );
            self.advance(false);
        }
    }

    /// The same for a document that is text already, and given as UTF-8.
    pub(crate) fn feed_text(&mut self, mut text: &str) {
        while !text.is_empty() {
            let most = text.len().min(BLOCK);
            let end = (0..=most).rfind(|end| text.is_char_boundary(*end));
            let (block, rest) =
                text.split_at_checked(end.unwrap_or(0)).unwrap_or_default();
            self.decode.feed_text(
                block,
                &mut self.decoded,
                &mut self.chain.logs,
            );
            self.advance(false);
            text = rest;
        }
    }

    /// Ends the document and gives the sink back.
    pub fn finish(mut self) -> S {
        self.decode.feed(&[], &mut self.decoded, &mut self.chain.logs, true);
        self.advance(true);
        let damage = self.decode.damage();
        let repair = self.chain.repair.stage();
        let noticed = self.chain.logs.noticed();
        let lost = self.chain.lost.stage();
        let summary = Summary {
            detection: self.detection().unwrap_or_else(Detection::ascii),
            regions: self.regions,
            malformed: damage.sequences,
            malformed_bytes: damage.bytes,
            first_malformed: damage.first,
            foreign_lines: self
                .chain
                .lines
                .stage()
                .map_or(0, |lines| lines.left_alone),
            lost: repair.map_or(0, |repair| repair.lost),
            guessed: repair.map_or(0, |repair| repair.guessed),
            unrecoverable: noticed.unrecoverable,
            unrecoverable_bytes: noticed.unrecoverable_bytes,
            first_unrecoverable: lost.and_then(|lost| lost.first),
            text_bytes: lost.map_or(0, |lost| lost.bytes),
            annotations_kept: noticed.annotations_kept,
            bytes_in: self.decode.bytes_in(),
            bytes_out: self.bytes_out,
        };
        self.sink.end(&summary);
        self.sink
    }

    /// The sink, to look at what it has so far.
    pub fn sink(&self) -> &S {
        &self.sink
    }

    /// The sink, to take out what it has so far.
    pub fn sink_mut(&mut self) -> &mut S {
        &mut self.sink
    }

    /// The name of the encoding, once it is settled. Input that is all ASCII
    /// never settles it.
    pub fn encoding(&self) -> Option<&'static str> {
        self.decode.encoding()
    }

    /// What is known of the encoding, once it is settled.
    pub fn detection(&self) -> Option<Detection> {
        self.decode.detection()
    }

    /// Bytes held at this moment, raw and as text.
    pub fn pending(&self) -> usize {
        let text: usize =
            self.chain.waiting().map(|text| text.rest().len()).sum();
        self.decode.pending() + self.decoded.rest().len() + text
    }

    /// Edits and notices that wait because a later one may start before them.
    pub fn pending_edits(&self) -> usize {
        self.chain.logs.waiting()
    }

    /// Sends what was decoded through the stages.
    fn advance(&mut self, last: bool) {
        for change in self.decode.changes() {
            self.regions += 1;
            let encoding = change.charset.name();
            self.sink.region(Region { start: change.start, encoding });
        }
        match self.unit {
            Unit::Text => self.pass(self.decoded.rest().len(), last),
            Unit::Line => {
                while let Some(n) =
                    memchr::memchr(b'\n', self.decoded.rest().as_bytes())
                {
                    self.pass(n, true);
                    // The line end belongs to no document.
                    self.decoded.move_to(1, &mut self.chain.out);
                }
                self.pass(self.decoded.rest().len(), last);
            }
        }
        self.decoded.compact();
        self.deliver();
    }

    fn pass(&mut self, n: usize, last: bool) {
        self.decoded.move_to(n, &mut self.chain.repair.text);
        self.chain.forward(last);
    }

    fn deliver(&mut self) {
        let Stream { chain, sink, .. } = self;
        if !chain.out.is_empty() {
            self.bytes_out += chain.out.rest().len() as u64;
            sink.text(chain.out.rest());
            for run in chain.out.runs() {
                sink.span(Span {
                    len: run.len,
                    source: run.source.clone(),
                    linear: run.linear,
                });
            }
            chain.out.clear();
            // The buffer that the text came through is warm; the one that the
            // decoder has now is not.
            if self.decoded.is_empty() {
                self.decoded.trade(&mut chain.out);
            }
        }
        if S::EDITS {
            let held = chain
                .waiting()
                .filter_map(|text| text.source_start())
                .fold(self.decode.held_from(), u64::min);
            chain.logs.release(held, sink);
        }
    }
}
