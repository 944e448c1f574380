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

use crate::edit::{Edits, Log, Rule};
use crate::script::TableId;

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
}

impl Text {
    pub(crate) fn new(traced: bool) -> Self {
        Text {
            buf: String::new(),
            head: 0,
            runs: traced.then(Runs::default),
            marks: VecDeque::new(),
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

    /// The runs of the unread text, in order.
    pub(crate) fn runs(&self) -> impl Iterator<Item = &Run> {
        self.runs.iter().flat_map(|runs| &runs.0)
    }

    /// Moves the first `n` unread bytes to the end of `out`.
    pub(crate) fn move_to(&mut self, n: usize, out: &mut Text) {
        let no_marks = self.marks.is_empty() && out.marks.is_empty();
        if n == self.rest().len() && out.is_empty() && no_marks {
            // The whole text changes hands: no byte is copied.
            out.clear();
            std::mem::swap(self, out);
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
        self.head += n;
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
        self.head = 0;
    }
}

/// The edits of all stages on their way out, where the stream is traced.
///
/// Edits leave in the order of the raw input. One that starts at or after
/// the first byte that some stage still holds has to wait, because a later
/// edit may start before it.
#[derive(Debug, Default)]
pub(crate) struct Logs {
    /// One for each stage; none where nothing is traced.
    by_stage: Vec<Log>,
    /// What the stages made, put in order.
    merged: Log,
    /// The stage that makes the edits that follow.
    stage: usize,
}

impl Logs {
    pub(crate) fn new(traced: bool, stages: usize) -> Self {
        let stages = if traced { stages } else { 0 };
        let by_stage = vec![Log::default(); stages];
        Logs { by_stage, ..Logs::default() }
    }

    /// The same, for the stage with this number, which makes the edits that
    /// follow.
    pub(crate) fn of(&mut self, stage: usize) -> &mut Self {
        self.stage = stage;
        self
    }

    pub(crate) fn waiting(&self) -> usize {
        self.by_stage.iter().map(Log::len).sum()
    }

    /// Where the stage puts its edits.
    pub(crate) fn log(&mut self) -> Option<&mut Log> {
        self.by_stage.get_mut(self.stage)
    }

    /// Hands over, in order, every edit that starts before `held`, the offset
    /// of the first byte of raw input that is still undecided.
    pub(crate) fn release(&mut self, held: u64, to: impl FnOnce(Edits<'_>)) {
        let mut full = self.by_stage.iter_mut().filter(|log| log.len() > 0);
        if let (Some(only), None) = (full.next(), full.next())
            && only.last_start() < Some(held)
        {
            to(only.edits());
            only.clear();
            return;
        }
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
        self.by_stage.iter_mut().for_each(Log::compact);
        to(self.merged.edits());
        self.merged.clear();
    }

    /// Where the first edit starts and which stage made it, one stage aside.
    fn next(&self, aside: Option<usize>) -> Option<(u64, usize)> {
        let logs = self.by_stage.iter().enumerate();
        let others = logs.filter(|(stage, _)| Some(*stage) != aside);
        others.filter_map(|(i, log)| Some((log.next_start()?, i))).min()
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

    /// Passes the first `n` bytes on as they are.
    #[inline]
    pub(crate) fn keep(&mut self, n: usize) {
        if n > 0 {
            self.input.move_to(n, self.out);
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
        logs.release(u64::MAX, |edits| {
            let out: Vec<_> = edits.collect();
            assert_eq!(out.len(), 1);
            assert_eq!((out[0].before(), out[0].after()), ("b漢", "X"));
            assert_eq!(out[0].source(), 1..4);
        });
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
            let mut out = Vec::new();
            logs.release(held, |edits| {
                out.extend(edits.map(|e| e.source().start));
            });
            out
        };
        assert_eq!(released(&mut logs, 7), [3]);
        assert_eq!(logs.waiting(), 2);
        assert_eq!(released(&mut logs, 8), [7, 7]);
        assert_eq!(logs.waiting(), 0);
    }
}
