//! Text on its way through the pipeline, and the only owner of offsets.
//!
//! A [`Text`] is what one stage has been given and has not read yet. Text
//! enters by [`Text::push`] with the range of raw input it was decoded from,
//! and leaves through a [`Cursor`], which either keeps it or replaces it. A
//! stage never handles an offset, so it cannot get one wrong. Between passes
//! of script conversion a text may carry marks as well, places that no unit
//! crosses. Nothing here looks at what the text says.

use std::collections::VecDeque;
use std::ops::Range;

use crate::edit::{Log, Rule};
use crate::script::TableId;
use crate::sink::{Notice, Sink};

/// A stretch of text and the raw input it came from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Run {
    /// Bytes of text.
    pub(crate) len: usize,
    /// Bytes of raw input, counted from its start.
    pub(crate) source: Range<u64>,
    /// Byte `i` of the text came from byte `i` of the source range, whole
    /// characters from whole characters. Where this does not hold, the text as
    /// a whole came from the range as a whole.
    pub(crate) linear: bool,
}

impl Run {
    fn extend(&mut self, next: &Run) -> bool {
        let joins = if self.linear {
            next.linear && self.source.end == next.source.start
        } else {
            !next.linear && self.source == next.source
        };
        if joins {
            self.len += next.len;
            self.source.end = next.source.end;
        }
        joins
    }

    /// Both, as one that came from all of it.
    fn with(self, next: &Run) -> Run {
        let start = self.source.start.min(next.source.start);
        let end = self.source.end.max(next.source.end);
        let len = self.len + next.len;
        Run { len, source: start..end, linear: false }
    }

    /// Cuts off the first `n` bytes of text.
    fn split(&mut self, n: usize) -> Run {
        let mut first = self.clone();
        first.len = n;
        self.len -= n;
        if self.linear {
            first.source.end = first.source.start + n as u64;
            self.source.start = first.source.end;
        }
        first
    }
}

/// Cuts off the first `n` bytes.
fn cut<'a>(text: &mut &'a str, n: usize) -> &'a str {
    let (first, rest) = text.split_at_checked(n).unwrap_or_default();
    *text = rest;
    first
}

fn is_one_char(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some() && chars.as_str().is_empty()
}

/// Where each byte of a text came from.
#[derive(Debug, Default)]
struct Runs(VecDeque<Run>);

impl Runs {
    fn push(&mut self, run: Run) {
        if run.len == 0 {
            return;
        }
        if let Some(last) = self.0.back_mut()
            && last.extend(&run)
        {
            return;
        }
        self.0.push_back(run);
    }

    /// Takes the runs of the first `n` bytes of text, in order.
    fn take(&mut self, mut n: usize, mut each: impl FnMut(Run)) {
        while n > 0 {
            let Some(front) = self.0.front_mut() else {
                debug_assert!(false, "runs shorter than the text");
                return;
            };
            if front.len <= n {
                n -= front.len;
                if let Some(run) = self.0.pop_front() {
                    each(run);
                }
            } else {
                each(front.split(n));
                n = 0;
            }
        }
    }
}

/// Text that waits to be read, with its runs where the stream is traced.
#[derive(Debug)]
pub(crate) struct Text {
    buf: String,
    /// Bytes of `buf` that have been read.
    head: usize,
    runs: Option<Runs>,
    /// Places in `buf`, in order, that no unit may cross, and whether the text
    /// behind is to be kept, up to the next. They are put there by one pass of
    /// script conversion for the next.
    marks: VecDeque<(usize, bool)>,
    /// Places in `buf`, in order, of each U+FFFD that the decoder has put
    /// there, where somebody wants to know.
    made: Option<VecDeque<usize>>,
}

impl Text {
    pub(crate) fn new(traced: bool) -> Self {
        Text {
            buf: String::new(),
            head: 0,
            runs: traced.then(Runs::default),
            marks: VecDeque::new(),
            made: None,
        }
    }

    /// The same, for a stage that has to know what the decoder has made.
    pub(crate) fn telling_made(mut self) -> Self {
        self.made = Some(VecDeque::new());
        self
    }

    /// The decoder pushes U+FFFD next.
    pub(crate) fn make(&mut self) {
        if let Some(made) = &mut self.made {
            made.push_back(self.buf.len());
        }
    }

    /// The text in front, all of it unread.
    pub(crate) fn rest(&self) -> &str {
        self.buf.get(self.head..).unwrap_or_default()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.head == self.buf.len()
    }

    pub(crate) fn traced(&self) -> bool {
        self.runs.is_some()
    }

    /// Appends text that was decoded from `source`. With `linear`, byte `i`
    /// of the text is byte `i` of the source.
    pub(crate) fn push(
        &mut self,
        text: &str,
        source: Range<u64>,
        linear: bool,
    ) {
        self.buf.push_str(text);
        if let Some(runs) = &mut self.runs {
            debug_assert!(
                !linear || text.len() as u64 == source.end - source.start
            );
            runs.push(Run { len: text.len(), source, linear });
        }
    }

    /// The buffer itself, for a decoder that appends to it directly. Only an
    /// untraced text may be written in this way.
    pub(crate) fn untraced_buffer(&mut self) -> &mut String {
        debug_assert!(!self.traced());
        &mut self.buf
    }

    /// Offset in the raw input of the first unread byte.
    pub(crate) fn source_start(&self) -> Option<u64> {
        Some(self.runs.as_ref()?.0.front()?.source.start)
    }

    /// The hull of what the first `n` unread bytes came from.
    fn source_of(&self, mut n: usize) -> Option<Range<u64>> {
        let mut hull: Option<Range<u64>> = None;
        for run in &self.runs.as_ref()?.0 {
            if n == 0 {
                break;
            }
            let mut source = run.source.clone();
            if run.linear && n < run.len {
                source.end = source.start + n as u64;
            }
            n = n.saturating_sub(run.len);
            hull = Some(match hull {
                None => source,
                Some(h) => h.start.min(source.start)..h.end.max(source.end),
            });
        }
        hull
    }

    /// The runs of the unread text, in order.
    pub(crate) fn runs(&self) -> impl Iterator<Item = &Run> {
        self.runs.iter().flat_map(|runs| &runs.0)
    }

    /// Moves the first `n` unread bytes to the end of `out`.
    pub(crate) fn move_to(&mut self, n: usize, out: &mut Text) {
        let no_marks = self.marks.is_empty() && out.marks.is_empty();
        if n == self.rest().len() && out.is_empty() && no_marks {
            // The whole text changes hands: no byte is copied.
            self.trade(out);
            return;
        }
        let Some(moved) = self.rest().get(..n) else {
            debug_assert!(false, "{n} is not a boundary in the rest");
            return;
        };
        out.buf.push_str(moved);
        if let (Some(from), Some(to)) = (&mut self.runs, &mut out.runs) {
            from.take(n, |run| to.push(run));
        }
        let to = out.buf.len() - n;
        let from = self.head;
        self.head += n;
        while let Some(at) = self.next_made() {
            if let Some(made) = &mut out.made {
                made.push_back(to + at - from);
            }
        }
    }

    /// Takes out the first place up to the head.
    fn next_made(&mut self) -> Option<usize> {
        let made = self.made.as_mut()?;
        let first = *made.front()?;
        if first < self.head { made.pop_front() } else { None }
    }

    /// Changes hands with an empty text. What only one of them wants to know
    /// stays out of the other.
    pub(crate) fn trade(&mut self, other: &mut Text) {
        debug_assert!(other.is_empty());
        other.clear();
        std::mem::swap(self, other);
        if self.made.is_some() != other.made.is_some() {
            std::mem::swap(&mut self.made, &mut other.made);
            for made in [&mut self.made, &mut other.made] {
                made.iter_mut().for_each(VecDeque::clear);
            }
        }
    }

    /// Reads the first `n` bytes, which became `with`: tells where that came
    /// from and what was changed, if anything was.
    #[inline]
    fn replace(
        &mut self,
        n: usize,
        with: &str,
        to: Option<&mut Runs>,
        log: Option<&mut Log>,
        rule: Rule,
        candidates: &'static str,
    ) {
        debug_assert!(n > 0, "an edit replaces something");
        if let (Some(runs), Some(to), Some(log)) = (&mut self.runs, to, log) {
            let before = self.buf.get(self.head..self.head + n);
            let before = before.unwrap_or_default();
            if before == with {
                runs.take(n, |run| to.push(run));
            } else {
                let mut hull: Option<Run> = None;
                runs.take(n, |run| {
                    hull = Some(match hull.take() {
                        None => run,
                        Some(hull) => hull.with(&run),
                    });
                });
                if let Some(mut run) = hull {
                    log.push(
                        rule,
                        run.source.clone(),
                        before,
                        with,
                        candidates,
                    );
                    run.linear &= with.len() == n
                        && is_one_char(before)
                        && is_one_char(with);
                    run.len = with.len();
                    to.push(run);
                }
            }
        }
        self.head += n;
        debug_assert!(self.buf.is_char_boundary(self.head));
        while self.next_made().is_some() {}
    }

    /// Puts a mark at a place behind all others.
    fn mark(&mut self, at: usize, keep: bool) {
        if self.marks.back().is_some_and(|(last, _)| *last == at) {
            self.marks.pop_back();
        }
        self.marks.push_back((at, keep));
    }

    pub(crate) fn clear(&mut self) {
        self.buf.clear();
        self.head = 0;
        self.marks.clear();
        self.made.iter_mut().for_each(VecDeque::clear);
        if let Some(runs) = &mut self.runs {
            runs.0.clear();
        }
    }

    /// Gives back the room that read text takes.
    pub(crate) fn compact(&mut self) {
        self.buf.drain(..self.head);
        for (mark, _) in &mut self.marks {
            *mark -= self.head;
        }
        for at in self.made.iter_mut().flatten() {
            *at -= self.head;
        }
        self.head = 0;
    }
}

/// The edits and notices of all stages on their way out, where the stream is
/// traced; and how many notices there were, where it is not too.
///
/// They leave in the order of the raw input. One that starts at or after the
/// first byte that some stage still holds has to wait, because a later one
/// may start before it.
#[derive(Debug, Default)]
pub(crate) struct Logs {
    /// One for each stage; none where nothing is traced.
    by_stage: Vec<Log>,
    /// What the stages made, put in order.
    merged: Log,
    /// Notices, for each stage in order.
    notices: Vec<VecDeque<Notice>>,
    noticed: Noticed,
    /// The stage that makes the edits that follow.
    stage: usize,
}

impl Logs {
    pub(crate) fn new(traced: bool, stages: usize) -> Self {
        let stages = if traced { stages } else { 0 };
        let by_stage = vec![Log::default(); stages];
        let notices = vec![VecDeque::new(); stages];
        Logs { by_stage, notices, ..Logs::default() }
    }

    /// The same, for the stage with this number, which makes the edits that
    /// follow.
    pub(crate) fn of(&mut self, stage: usize) -> &mut Self {
        self.stage = stage;
        self
    }

    /// How many edits and notices wait.
    pub(crate) fn waiting(&self) -> usize {
        let edits: usize = self.by_stage.iter().map(Log::len).sum();
        edits + self.notices.iter().map(VecDeque::len).sum::<usize>()
    }

    pub(crate) fn noticed(&self) -> Noticed {
        self.noticed
    }

    /// Where the stage puts its edits.
    pub(crate) fn log(&mut self) -> Option<&mut Log> {
        self.by_stage.get_mut(self.stage)
    }

    /// Hands over, in order, every edit and every notice that starts before
    /// `held`, the offset of the first byte of raw input that is still
    /// undecided.
    pub(crate) fn release<S: Sink>(&mut self, held: u64, sink: &mut S) {
        while let Some((start, stage)) = self.next_notice()
            && start < held
        {
            self.merge(start + 1);
            sink.edits(self.merged.edits());
            self.merged.clear();
            let queue = self.notices.get_mut(stage);
            if let Some(notice) = queue.and_then(VecDeque::pop_front) {
                sink.notice(notice);
            }
        }
        let mut full = self.by_stage.iter_mut().filter(|log| log.len() > 0);
        if let (Some(only), None) = (full.next(), full.next())
            && only.last_start() < Some(held)
        {
            sink.edits(only.edits());
            only.clear();
            return;
        }
        self.merge(held);
        self.by_stage.iter_mut().for_each(Log::compact);
        sink.edits(self.merged.edits());
        self.merged.clear();
    }

    /// Moves every edit that starts before `held` to those in order.
    fn merge(&mut self, held: u64) {
        while let Some((first, stage)) = self.next(None)
            && first < held
        {
            // The others have nothing to say before they start.
            let until = self.next(Some(stage));
            let Some(log) = self.by_stage.get_mut(stage) else { break };
            while let Some(start) = log.next_start()
                && start < held
                && until.is_none_or(|until| (start, stage) < until)
            {
                log.move_to(&mut self.merged);
            }
        }
    }

    /// Where the first notice starts and which stage gave it.
    fn next_notice(&self) -> Option<(u64, usize)> {
        let queues = self.notices.iter().enumerate();
        queues.filter_map(|(i, q)| Some((q.front()?.source.start, i))).min()
    }

    /// Where the first edit starts and which stage made it, one stage aside.
    fn next(&self, aside: Option<usize>) -> Option<(u64, usize)> {
        let logs = self.by_stage.iter().enumerate();
        let others = logs.filter(|(stage, _)| Some(*stage) != aside);
        others.filter_map(|(i, log)| Some((log.next_start()?, i))).min()
    }
}

/// How many notices of each rule there were.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Noticed {
    pub(crate) unrecoverable: u64,
    /// Bytes of text.
    pub(crate) unrecoverable_bytes: u64,
    pub(crate) annotations_kept: u64,
}

impl Noticed {
    fn count(&mut self, rule: Rule, bytes: usize) {
        match rule {
            Rule::Unrecoverable => {
                self.unrecoverable += 1;
                self.unrecoverable_bytes += bytes as u64;
            }
            Rule::AnnotationKept => self.annotations_kept += 1,
            _ => debug_assert!(false, "{rule} makes edits"),
        }
    }
}

/// One stage's view: the unread text in front of it, and the way on.
pub(crate) struct Cursor<'a> {
    input: &'a mut Text,
    out: &'a mut Text,
    logs: &'a mut Logs,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(
        input: &'a mut Text,
        out: &'a mut Text,
        logs: &'a mut Logs,
    ) -> Self {
        Cursor { input, out, logs }
    }

    /// What is in front.
    #[inline]
    pub(crate) fn rest(&self) -> &str {
        self.input.rest()
    }

    /// Whether edits are recorded.
    #[inline]
    pub(crate) fn traced(&self) -> bool {
        self.input.traced()
    }

    /// Bytes to the next place that no unit may cross, if there is one.
    #[inline]
    pub(crate) fn limit(&self) -> Option<usize> {
        Some(self.input.marks.front()?.0 - self.input.head)
    }

    /// All marks, as places in what is in front; false if behind one of them
    /// text is to be kept.
    pub(crate) fn marks_to_convert(&self, marks: &mut Vec<usize>) -> bool {
        marks.clear();
        let head = self.input.head;
        marks.extend(self.input.marks.iter().map(|(at, _)| at - head));
        !self.input.marks.iter().any(|(_, keep)| *keep)
    }

    /// Forgets the marks up to the place in front.
    pub(crate) fn drop_marks(&mut self) {
        let head = self.input.head;
        while self.input.marks.front().is_some_and(|(at, _)| *at <= head) {
            self.input.marks.pop_front();
        }
    }

    /// Steps over the mark that stands in front. True if the text behind it
    /// is to be kept.
    #[inline]
    pub(crate) fn cross(&mut self) -> bool {
        debug_assert_eq!(self.limit(), Some(0), "not at a mark");
        self.input.marks.pop_front().is_some_and(|(_, keep)| keep)
    }

    /// Puts a mark, `back` bytes before the end of what was passed on. With
    /// `keep` the text behind it is to be kept, up to the next mark.
    #[inline]
    pub(crate) fn mark(&mut self, back: usize, keep: bool) {
        self.out.mark(self.out.buf.len() - back, keep);
    }

    /// Whether the decoder has put the U+FFFD there that stands at a place in
    /// what is in front.
    pub(crate) fn is_made(&self, at: usize) -> bool {
        let made = self.input.made.as_ref();
        let at = self.input.head + at;
        made.is_some_and(|made| made.binary_search(&at).is_ok())
    }

    /// Passes the first `n` bytes on as they are.
    #[inline]
    pub(crate) fn keep(&mut self, n: usize) {
        if n > 0 {
            self.input.move_to(n, self.out);
        }
    }

    /// Reports the first `n` bytes, by `rule`. They stay in front: a stage
    /// keeps them next, and gives a notice of no byte twice.
    ///
    /// Notices are counted here, traced or not; `candidates` is asked only
    /// where somebody wants to know.
    pub(crate) fn notice(
        &mut self,
        n: usize,
        rule: Rule,
        detail: &'static str,
        candidates: impl FnOnce() -> Vec<String>,
    ) {
        self.logs.noticed.count(rule, n);
        let stage = self.logs.stage;
        if let Some(source) = self.input.source_of(n)
            && let Some(text) = self.input.rest().get(..n)
            && let Some(queue) = self.logs.notices.get_mut(stage)
        {
            let (text, candidates) = (text.into(), candidates());
            let notice = Notice { rule, source, text, detail, candidates };
            queue.push_back(notice);
        }
    }

    /// All that is in front, and the end of what is passed on, for a stage
    /// that writes in bulk. It has to give the same text as by `keep` and
    /// `replace`, and to account for it next: by [`Cursor::skip`], where
    /// nothing is traced, or by [`Cursor::compared`] and [`Cursor::chosen`].
    #[inline]
    pub(crate) fn write(&mut self) -> (&str, &mut String) {
        (self.input.rest(), &mut self.out.buf)
    }

    /// The same where nothing is traced.
    #[inline]
    pub(crate) fn bulk(&mut self) -> Option<(&str, &mut String)> {
        let traced = self.input.traced() || self.out.traced();
        (!traced).then(|| self.write())
    }

    /// The first `n` bytes were written in bulk.
    #[inline]
    pub(crate) fn skip(&mut self, n: usize) {
        debug_assert!(!self.input.traced(), "each byte is accounted for");
        self.input.head += n;
        debug_assert!(self.input.buf.is_char_boundary(self.input.head));
    }

    /// The first `n` bytes were written in bulk, `back` bytes before the end
    /// of what is passed on: by the table each character became one of as many
    /// bytes. Those that differ are edits.
    pub(crate) fn compared(&mut self, n: usize, back: usize, table: TableId) {
        let Cursor { input, out, logs } = self;
        let start = out.buf.len() - back;
        let before = input.buf.get(input.head..input.head + n);
        let after = out.buf.get(start..start + n);
        let mut before = before.unwrap_or_default();
        let mut after = after.unwrap_or_default();
        if let Some(from) = &mut input.runs
            && let Some(to) = &mut out.runs
            && let Some(log) = logs.log()
        {
            from.take(n, |run| {
                let old = cut(&mut before, run.len);
                let new = cut(&mut after, run.len);
                log.compare(table, run.source.clone(), run.linear, old, new);
                to.push(run);
            });
        }
        input.head += n;
    }

    /// The first `n` bytes were written in bulk as as many others, `back`
    /// bytes before the end of what is passed on. As a whole they are an edit,
    /// if they differ.
    pub(crate) fn chosen(
        &mut self,
        n: usize,
        back: usize,
        rule: Rule,
        candidates: &'static str,
    ) {
        let Cursor { input, out, logs } = self;
        let start = out.buf.len() - back;
        let after = out.buf.get(start..start + n).unwrap_or_default();
        let to = out.runs.as_mut();
        input.replace(n, after, to, logs.log(), rule, candidates);
    }

    /// The first `n` bytes become `with`, by `rule`.
    #[inline]
    pub(crate) fn replace(&mut self, n: usize, with: &str, rule: Rule) {
        self.choose(n, with, rule, "");
    }

    /// The same, where there were other candidates.
    #[inline]
    pub(crate) fn choose(
        &mut self,
        n: usize,
        with: &str,
        rule: Rule,
        candidates: &'static str,
    ) {
        let Cursor { input, out, logs } = self;
        let to = out.runs.as_mut();
        input.replace(n, with, to, logs.log(), rule, candidates);
        out.buf.push_str(with);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::edit::Edits;
    use crate::sink::Explanation;

    fn runs(text: &Text) -> Vec<(usize, Range<u64>, bool)> {
        text.runs().map(|r| (r.len, r.source.clone(), r.linear)).collect()
    }

    #[test]
    fn keep_moves_runs_and_replace_takes_their_hull() {
        let (mut a, mut b) = (Text::new(true), Text::new(true));
        let mut logs = Logs::new(true, 1);
        a.push("ab", 0..2, true);
        a.push("漢", 2..4, false);
        a.push("cd", 4..6, true);
        let mut cur = Cursor::new(&mut a, &mut b, &mut logs);
        cur.keep(1);
        cur.replace(4, "X", Rule::Script);
        cur.keep(1);
        assert_eq!(cur.rest(), "d");
        assert_eq!(b.rest(), "aXc");
        assert_eq!(
            runs(&b),
            [(1, 0..1, true), (1, 1..4, false), (1, 4..5, true)]
        );
        let mut told = Explanation::default();
        logs.release(u64::MAX, &mut told);
        let out: Vec<_> = told.edits().collect();
        assert_eq!(out.len(), 1);
        assert_eq!((out[0].before(), out[0].after()), ("b漢", "X"));
        assert_eq!(out[0].source(), 1..4);
    }

    #[test]
    fn linear_neighbours_join_and_split_again() {
        let mut a = Text::new(true);
        a.push("ab", 0..2, true);
        a.push("cd", 2..4, true);
        assert_eq!(runs(&a), [(4, 0..4, true)]);
        a.push("e", 9..10, true);
        assert_eq!(runs(&a), [(4, 0..4, true), (1, 9..10, true)]);
        let mut b = Text::new(true);
        b.push("-", 0..0, false);
        a.move_to(3, &mut b);
        assert_eq!(runs(&a), [(1, 3..4, true), (1, 9..10, true)]);
    }

    #[test]
    fn edits_wait_until_nothing_can_come_before_them() {
        let mut logs = Logs::new(true, 3);
        let mut edit = |stage: usize, at: u64| {
            let log = logs.of(stage).log().unwrap();
            log.push(Rule::Script, at..at + 1, "x", "y", "");
        };
        edit(2, 7);
        edit(1, 3);
        edit(1, 7);
        let released = |logs: &mut Logs, held: u64| {
            let mut told = Explanation::default();
            logs.release(held, &mut told);
            told.edits().map(|e| e.source().start).collect::<Vec<_>>()
        };
        assert_eq!(released(&mut logs, 7), [3]);
        assert_eq!(logs.waiting(), 2);
        assert_eq!(released(&mut logs, 8), [7, 7]);
        assert_eq!(logs.waiting(), 0);
    }

    /// Where edits and notices start, in the order in which they come.
    #[derive(Default)]
    struct Order(Vec<(u64, &'static str)>);

    impl Sink for Order {
        const EDITS: bool = true;

        fn text(&mut self, _text: &str) {}

        fn edits(&mut self, edits: Edits<'_>) {
            self.0.extend(edits.map(|e| (e.source().start, "edit")));
        }

        fn notice(&mut self, notice: Notice) {
            self.0.push((notice.source.start, "notice"));
        }
    }

    #[test]
    fn notices_know_their_source_and_stand_among_the_edits() {
        let mut input = Text::new(true);
        // Three characters of two bytes each, one of one, and one of two
        // that became one of three.
        for (i, c) in ["汉", "字", "文"].iter().enumerate() {
            let at = 2 * i as u64;
            input.push(c, at..at + 2, false);
        }
        input.push("abcde", 6..11, true);
        let mut out = Text::new(true);
        let mut logs = Logs::new(true, 3);
        let mut cur = Cursor::new(&mut input, &mut out, logs.of(2));
        cur.keep("汉".len());
        let more = || vec!["x".to_string()];
        cur.notice("字文".len(), Rule::Unrecoverable, "why", more);
        cur.keep("字".len());
        cur.replace("文".len(), "-", Rule::Script);
        cur.keep(1);
        cur.notice(2, Rule::AnnotationKept, "", Vec::new);
        cur.keep(4);
        // A stage before it has something to say later on.
        let mut out = Text::new(true);
        let mut input = Text::new(true);
        input.push("汉字文abcde", 0..11, false);
        input.push("f", 11..12, true);
        let mut cur = Cursor::new(&mut input, &mut out, logs.of(1));
        cur.replace("汉字文abcde".len(), "-", Rule::Script);
        cur.notice(1, Rule::AnnotationKept, "", Vec::new);
        let noticed = logs.noticed();
        assert_eq!((noticed.unrecoverable, noticed.annotations_kept), (1, 2));
        assert_eq!(logs.waiting(), 5);

        let mut order = Order::default();
        logs.release(7, &mut order);
        let first = [(0, "edit"), (2, "notice"), (4, "edit")];
        assert_eq!(order.0, first);
        let mut told = Explanation::default();
        logs.release(u64::MAX, &mut told);
        let places: Vec<_> =
            told.notices().iter().map(|n| n.source.clone()).collect();
        assert_eq!(places, [7..9, 11..12]);
        assert_eq!(told.notices()[0].text, "bc");
        assert_eq!(logs.waiting(), 0);
    }

    #[test]
    fn notices_are_counted_where_nothing_is_traced() {
        let (mut input, mut out) = (Text::new(false), Text::new(false));
        input.push("abc", 0..3, true);
        let mut logs = Logs::new(false, 3);
        let mut cur = Cursor::new(&mut input, &mut out, logs.of(1));
        cur.notice(3, Rule::Unrecoverable, "why", || unreachable!());
        assert_eq!(cur.rest(), "abc");
        assert_eq!(logs.noticed().unrecoverable, 1);
        assert_eq!(logs.waiting(), 0);
    }
}
