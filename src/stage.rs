//! A stage of the pipeline, and the link that feeds it.

use crate::text::{Cursor, Logs, Text};

/// One pass over text. It reads from the cursor until it must see more.
///
/// Four rules hold for every stage. (1) It leaves text unread only because
/// the next byte could change the decision, never to be on the safe side.
/// (2) It leaves at most `LOOKAHEAD` bytes unread, and none with `last`.
/// (3) `\n` settles every decision: a unit may end with it and never
/// continues past it. The one exception is OpenCC's own conversions, whose
/// ideographic description sequences take a line end for an operand.
/// (4) A unit longer than `LOOKAHEAD` is decided by counting from the unit's
/// own start, so the answer does not depend on where the input was cut.
pub(crate) trait Stage {
    /// The most bytes it may leave unread before the end of input.
    const LOOKAHEAD: usize;

    /// Reads what it can decide. With `last` no text follows.
    fn run(&mut self, cur: &mut Cursor<'_>, last: bool);

    /// Forgets the document, so that the next one starts afresh.
    fn reset(&mut self);
}

/// A stage and the text that waits for it.
pub(crate) struct Link<S> {
    /// `None`: the stage is off and text passes by.
    stage: Option<S>,
    pub(crate) text: Text,
}

impl<S: Stage> Link<S> {
    pub(crate) fn new(stage: Option<S>, traced: bool) -> Self {
        Link { stage, text: Text::new(traced) }
    }

    pub(crate) fn stage(&self) -> Option<&S> {
        self.stage.as_ref()
    }

    /// Runs the stage over the text that waits, into `out`.
    pub(crate) fn forward(
        &mut self,
        out: &mut Text,
        logs: &mut Logs,
        last: bool,
    ) {
        let Some(stage) = &mut self.stage else {
            self.text.move_to(self.text.rest().len(), out);
            self.text.compact();
            return;
        };
        if !self.text.is_empty() || last {
            stage.run(&mut Cursor::new(&mut self.text, out, logs), last);
        }
        let unread = self.text.rest().len();
        debug_assert!(unread <= S::LOOKAHEAD, "{unread} bytes left unread");
        debug_assert!(!last || unread == 0, "{unread} bytes left at the end");
        self.text.compact();
        if last {
            stage.reset();
        }
    }
}
