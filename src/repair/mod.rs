//! Mojibake: text that somebody decoded with the wrong encoding and saved.
//!
//! The stage is in its place in the pipeline and changes nothing yet.

use crate::stage::Stage;
use crate::text::Cursor;

pub(crate) struct Repair;

impl Stage for Repair {
    const LOOKAHEAD: usize = 0;

    fn run(&mut self, cur: &mut Cursor<'_>, _last: bool) {
        cur.keep(cur.rest().len());
    }

    fn reset(&mut self) {}
}
