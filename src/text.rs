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

use crate::edit::{Edit, Rule};

/// A stretch of text and the raw input it came from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Run {
    /// Bytes of text.
    pub(crate) len: usize,
    /// Bytes of raw input, counted from its start.
    pub(crate) source: Range<u64>,
    /// Byte `i` of the text is byte `i` of the source range. Where this does
    /// not hold, the text as a whole came from the range as a whole.
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

/// Edits on their way out, each with the number of the stage that made it.
///
/// Edits leave in the order of the raw input. One that starts at or after
/// the first byte that some stage still holds has to wait, because a later
/// edit may start before it.
#[derive(Debug, Default)]
pub(crate) struct Edits {
    waiting: Vec<(usize, Edit)>,
    stage: usize,
}

impl Edits {
    /// The same, for the stage with this number, which makes the edits that
    /// follow.
    pub(crate) fn of(&mut self, stage: usize) -> &mut Self {
        self.stage = stage;
        self
    }

    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    pub(crate) fn push(&mut self, edit: Edit) {
        self.waiting.push((self.stage, edit));
    }

    /// Hands over, in order, every edit that starts before `held`, the offset
    /// of the first byte of raw input that is still undecided.
    pub(crate) fn release(&mut self, held: u64, mut each: impl FnMut(Edit)) {
        // Stable: edits of one stage at one place keep their order.
        self.waiting.sort_by_key(|(stage, edit)| (edit.source.start, *stage));
        let n =
            self.waiting.partition_point(|(_, edit)| edit.source.start < held);
        self.waiting.drain(..n).for_each(|(_, edit)| each(edit));
    }
}

/// One stage's view: the unread text in front of it, and the way on.
pub(crate) struct Cursor<'a> {
    input: &'a mut Text,
    out: &'a mut Text,
    edits: &'a mut Edits,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(
        input: &'a mut Text,
        out: &'a mut Text,
        edits: &'a mut Edits,
    ) -> Self {
        Cursor { input, out, edits }
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

    /// Where nothing is traced: all that is in front, and the end of what is
    /// passed on, for a stage that writes in bulk. It has to give the same
    /// text as by `keep` and `replace`, and to call [`Cursor::skip`] next.
    #[inline]
    pub(crate) fn bulk(&mut self) -> Option<(&str, &mut String)> {
        let traced = self.input.traced() || self.out.traced();
        (!traced).then(|| (self.input.rest(), &mut self.out.buf))
    }

    /// The first `n` bytes were written in bulk.
    #[inline]
    pub(crate) fn skip(&mut self, n: usize) {
        debug_assert!(!self.input.traced(), "each byte is accounted for");
        self.input.head += n;
        debug_assert!(self.input.buf.is_char_boundary(self.input.head));
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
        debug_assert!(n > 0, "an edit replaces something");
        if let Some(runs) = &mut self.input.runs {
            let mut hull: Option<Range<u64>> = None;
            runs.take(n, |run| {
                hull = Some(match hull.take() {
                    None => run.source,
                    Some(hull) => {
                        hull.start.min(run.source.start)
                            ..hull.end.max(run.source.end)
                    }
                });
            });
            let source = hull.unwrap_or_default();
            let before = self.input.rest().get(..n).unwrap_or_default();
            let edit = Edit::new(rule, source.clone(), before, with);
            self.edits.push(edit.with_candidates(candidates));
            if let Some(runs) = &mut self.out.runs {
                runs.push(Run { len: with.len(), source, linear: false });
            }
        }
        self.out.buf.push_str(with);
        self.input.head += n;
        debug_assert!(self.input.buf.is_char_boundary(self.input.head));
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
        let mut edits = Edits::default();
        a.push("ab", 0..2, true);
        a.push("漢", 2..4, false);
        a.push("cd", 4..6, true);
        let mut cur = Cursor::new(&mut a, &mut b, &mut edits);
        cur.keep(1);
        cur.replace(4, "X", Rule::Script);
        cur.keep(1);
        assert_eq!(cur.rest(), "d");
        assert_eq!(b.rest(), "aXc");
        assert_eq!(
            runs(&b),
            [(1, 0..1, true), (1, 1..4, false), (1, 4..5, true)]
        );
        let mut out = Vec::new();
        edits.release(u64::MAX, |e| out.push(e));
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
        let edit = |at: u64| Edit::new(Rule::Script, at..at + 1, "x", "y");
        let mut edits = Edits::default();
        edits.of(2).push(edit(7));
        edits.of(1).push(edit(3));
        edits.push(edit(7));
        let mut out = Vec::new();
        edits.release(7, |e| out.push(e.source().start));
        assert_eq!(out, [3]);
        edits.release(8, |e| out.push(e.source().start));
        assert_eq!(out, [3, 7, 7]);
    }
}
