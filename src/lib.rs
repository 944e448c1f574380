//! Chinese text of any encoding, however damaged, into one canonical
//! Simplified form, so that what reads it afterwards sees uniform input.
//!
//! ```
//! use hanfold::{Normalizer, Options};
//!
//! let n = Normalizer::new(Options::default());
//! assert_eq!(n.normalize("團(tuán)結(jié)街道,無(wú)"), "团结街道，无");
//! ```
//!
//! # The promise
//!
//! Any bytes in, in pieces cut anywhere, and one text out: the same whatever
//! the cuts, in bounded memory, with every change accounted for by an
//! [`Edit`] that names its [`Rule`] and the byte range of the raw input that
//! it came from. Normalising the result again changes nothing.
//!
//! # How it works
//!
//! ```text
//! bytes ─► Decode ─► Repair ─► Fold ─► Script ─► Canon ─► Sink
//! ```
//!
//! * **Decode**: byte order mark, label, or detection by character statistics,
//!   line by line where they differ; malformed bytes become U+FFFD.
//! * **Repair**: lines of pairs that one lost byte has put out of step; and
//!   mojibake, text that was decoded with the wrong encoding before (浣犲ソ,
//!   ä½\u{a0}å¥½, ÄãºÃ), unless [`Options::repair`] says no; what can never
//!   come back (锟斤拷) is a [`Notice`].
//! * **Fold**: removes readings that stand in brackets behind their character,
//!   and ruby. [`Annotations`] says which.
//! * **Script**: Traditional to Simplified, by a [`Dictionary`] of the user's
//!   and those of OpenCC.
//! * **Canon**: line ends, blanks at line edges, widths.
//!
//! [`Options`] says what is wanted, a [`Normalizer`] holds it for any number
//! of documents, a [`Stream`] is one document, a [`Sink`] takes the output.
//! [`Explanation`] is a sink that keeps everything. [`io::copy`] and
//! [`io::Reader`] connect it to files.
//!
//! # What it does not do
//!
//! It changes no vocabulary (軟體 becomes 软体, not 软件), does not bring back
//! what mojibake has lost unless by [guessing](Repair::Guess), knows Japanese only by kana, in the line or in one
//! before it, and does not apply NFC. All sizes and offsets are in bytes.

mod canon;
mod chars;
mod decode;
mod edit;
mod error;
mod fold;
pub mod io;
mod normalizer;
mod options;
mod repair;
mod script;
mod simd;
mod sink;
mod stage;
mod stream;
mod tables;
mod text;

pub use decode::{Alternative, Detection, Source};
pub use edit::{Edit, Edits, Rule};
pub use error::Error;
pub use normalizer::Normalizer;
pub use options::{
    Annotations, Config, Encoding, Malformed, Options, Regions, Repair,
    Script, StageName, Stages, TofuRisk, Unit,
};
pub use script::{Dictionary, External};
pub use sink::{Explanation, Notice, Region, Sink, Span, Summary};
pub use stream::Stream;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

// The oracles once more, from inside: here the sniff window and the blocks
// are a few bytes, so that ordinary texts cross their borders.
#[cfg(test)]
extern crate self as hanfold;
#[cfg(test)]
#[path = "../tests/properties.rs"]
mod properties;
// Each clever loop against its obvious twin.
#[cfg(test)]
mod twins;
