//! Kernels, and the only `unsafe` code.
//!
//! A kernel does for many characters at once what the words of a script table
//! say of each, see `tables/direct.rs`. Where a phrase may start it asks, and
//! stops if the answer is not simple; it stops too before a character whose
//! row has to be seen. All kernels stop at the same places and write the same
//! bytes; the portable one is the twin of the others, and tests compare them.
//!
//! Where phrases are many, to ask and to stop costs more than the conversion
//! itself. There a kernel goes through a stretch of text without a stop and
//! notes what its caller has to look at, see [`scan`].
//!
//! Which one runs is found out at the first call: the widest that the
//! processor has, or the one that the environment variable `HANFOLD_KERNEL`
//! names (`scalar`, `avx2`, `avx512`), if the processor has it.

#![allow(unsafe_code)]

use std::sync::OnceLock;

use crate::tables::{Direct, LEADS, LEAST, Loud, Word, code_of};

/// Tests and fuzzers work on short texts and shall meet all borders.
pub(crate) const SMALL: bool = cfg!(any(test, fuzzing));

/// The ways to do it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kernel {
    Scalar,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Kernel {
    /// Those that this processor has, the widest last.
    pub(crate) fn available() -> Vec<Kernel> {
        #[allow(unused_mut, reason = "on other processors")]
        let mut all = vec![Kernel::Scalar];
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") {
                all.push(Kernel::Avx2);
            }
            if is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vbmi")
                && is_x86_feature_detected!("avx512vbmi2")
                && is_x86_feature_detected!("bmi1")
                && is_x86_feature_detected!("bmi2")
                && is_x86_feature_detected!("lzcnt")
                && is_x86_feature_detected!("popcnt")
            {
                all.push(Kernel::Avx512);
            }
        }
        all
    }

    fn name(self) -> &'static str {
        match self {
            Kernel::Scalar => "scalar",
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx512 => "avx512",
        }
    }

    #[inline]
    fn chosen() -> Kernel {
        static CHOSEN: OnceLock<Kernel> = OnceLock::new();
        *CHOSEN.get_or_init(|| {
            let all = Kernel::available();
            let asked = std::env::var("HANFOLD_KERNEL").ok();
            let asked = asked.and_then(|name| {
                all.iter().find(|kernel| kernel.name() == name)
            });
            asked.or(all.last()).copied().unwrap_or(Kernel::Scalar)
        })
    }
}

/// What starts at a place where two characters may be those of a phrase.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Found {
    /// No phrase.
    Nothing,
    /// A phrase that becomes this, of as many bytes.
    Phrase(&'static str),
    /// Something else, or it depends on text that has not come yet.
    Other,
}

/// Converts the start of `text` to the end of `out`, and returns how many
/// bytes of it that was. With `near`, the next stop is expected to come soon,
/// see [`unchanged`]. What follows there is the end, a character that may
/// start a phrase, or one whose row has to be seen. `find` says what starts at
/// an offset in the text.
#[inline]
pub(crate) fn convert(
    direct: &Direct,
    text: &str,
    out: &mut String,
    near: bool,
    find: impl FnMut(usize) -> Found,
) -> usize {
    convert_with(Kernel::chosen(), direct, text, out, near, find)
}

/// The same by a kernel of [`Kernel::available`].
#[inline]
pub(crate) fn convert_with(
    kernel: Kernel,
    direct: &Direct,
    text: &str,
    out: &mut String,
    near: bool,
    mut find: impl FnMut(usize) -> Found,
) -> usize {
    out.reserve(text.len() + SLACK);
    // SAFETY: up to the end of this function the string is UTF-8 but for what
    // was not initialised, which its length does not count.
    let out = unsafe { out.as_mut_vec() };
    let room = out.spare_capacity_mut().as_mut_ptr().cast();
    let text = text.as_bytes();
    // SAFETY: there is room for the text and the slack, and it is not part of
    // the text, which is borrowed. The kernel is one that the processor has.
    let n =
        unsafe { run::<true>(kernel, direct, text, room, near, &mut find) };
    // SAFETY: the kernel initialised as many bytes as it says that it read.
    // They are UTF-8: it stops only between characters, and each of the text
    // became itself or, by its word, another (see `Words`), or several became
    // a string of as many bytes.
    unsafe { out.set_len(out.len() + n) };
    n
}

/// How many bytes at the start of `text` a conversion would leave as they
/// are. What follows is the end, or something that becomes something else, or
/// that the words do not decide. A phrase that is found has to be one that
/// stays.
///
/// With `near`, the end is expected to come soon: the first characters are
/// taken one by one, because a wide kernel would look up more than is needed.
/// A text with a stop every dozen characters would take ten times as long.
#[inline]
pub(crate) fn unchanged(
    direct: &Direct,
    text: &str,
    near: bool,
    find: impl FnMut(usize) -> Found,
) -> usize {
    unchanged_with(Kernel::chosen(), direct, text, near, find)
}

/// The same by a kernel of [`Kernel::available`].
#[inline]
pub(crate) fn unchanged_with(
    kernel: Kernel,
    direct: &Direct,
    text: &str,
    near: bool,
    mut find: impl FnMut(usize) -> Found,
) -> usize {
    let nowhere = std::ptr::null_mut();
    let text = text.as_bytes();
    // SAFETY: nothing is written. The kernel is one that the processor has.
    unsafe { run::<false>(kernel, direct, text, nowhere, near, &mut find) }
}

/// How many bytes [`scan`] reads at most, and up to [`SLACK`] more.
pub(crate) const STRETCH: usize = if SMALL { 96 } else { 4096 };

/// Where in a stretch of text something has to be decided that words do not
/// say.
#[derive(Default)]
pub(crate) struct Seen {
    /// Where two characters of three bytes start that may be those of a
    /// phrase.
    pub(crate) pairs: Vec<u32>,
    /// Which two: the first in the low half of a number, then the second.
    pub(crate) codes: Vec<u32>,
    /// Where more has to be looked at than that, a bit three behind the place.
    /// Not at all of them a character starts.
    rows: Vec<u64>,
    any_row: bool,
}

impl Seen {
    /// The first place of that kind from `from` on, or beyond all.
    pub(crate) fn next_row(&self, from: usize) -> usize {
        if !self.any_row {
            return usize::MAX;
        }
        let bit = from + 3;
        let rows = self.rows.get(bit / 64..).unwrap_or_default();
        let mut from = 64 * (bit / 64);
        let mut low = !0 << (bit % 64);
        for bits in rows {
            if bits & low != 0 {
                return from + (bits & low).trailing_zeros() as usize - 3;
            }
            (from, low) = (from + 64, !0);
        }
        usize::MAX
    }

    /// Whether there is any in the 64 bytes from `from` on.
    #[inline]
    pub(crate) fn row_near(&self, from: usize) -> bool {
        let (number, shift) = ((from + 3) / 64, (from + 3) % 64);
        self.any_row
            && match self.rows.get(number..) {
                Some([low, high, ..]) => {
                    low >> shift | high << 1 << (63 - shift) != 0
                }
                _ => true,
            }
    }

    /// Makes ready for so many bytes.
    fn start(&mut self, len: usize) {
        for list in [&mut self.pairs, &mut self.codes] {
            list.clear();
            list.reserve(len / 3 + SLACK);
        }
        if self.any_row || self.rows.is_empty() {
            self.rows.clear();
            self.rows.resize(STRETCH / 64 + 4, 0);
            self.any_row = false;
        }
    }

    /// Characters that start at `at` plus the place of a bit, and those before
    /// them, which may start a phrase that goes on with one of these.
    #[cold]
    fn add_rows(&mut self, at: usize, bits: u64) {
        self.any_row = true;
        for at in [at, at + 3] {
            let shift = at % 64;
            if let Some([low, high, ..]) = self.rows.get_mut(at / 64..) {
                *low |= bits << shift;
                *high |= bits >> 1 >> (63 - shift);
            }
        }
    }
}

/// Converts each character at the start of `text` by its word alone, writes
/// them into `out`, of as many bytes, and says where more has to be decided.
/// What was in both before is lost. Returns how many of the bytes are decided
/// by that: with the last character that was read a phrase may start.
///
/// Other than [`convert`] it does not stop, which is better where phrases are
/// many. `loud` tells characters of one and two bytes that have a row.
pub(crate) fn scan(
    direct: &Direct,
    loud: &Loud,
    text: &str,
    out: &mut String,
    seen: &mut Seen,
) -> usize {
    scan_with(Kernel::chosen(), direct, loud, text, out, seen)
}

/// The same by a kernel of [`Kernel::available`].
pub(crate) fn scan_with(
    kernel: Kernel,
    direct: &Direct,
    loud: &Loud,
    text: &str,
    out: &mut String,
    seen: &mut Seen,
) -> usize {
    let len = text.len().min(STRETCH);
    seen.start(len);
    out.clear();
    out.reserve(len + 2 * SLACK);
    // SAFETY: up to the end of this function the string is UTF-8 but for what
    // was not initialised, which its length does not count.
    let out = unsafe { out.as_mut_vec() };
    let room = out.spare_capacity_mut().as_mut_ptr().cast();
    let text = text.as_bytes();
    let place = match kernel {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: there is room for a stretch and the slack, and it is not
        // part of the text. The kernel is one that the processor has.
        Kernel::Avx512 => unsafe {
            x86::scan_avx512(direct, loud, text, room, seen)
        },
        // SAFETY: the same.
        _ => unsafe { scan_scalar(direct, loud, text, room, seen) },
    };
    // SAFETY: the kernel initialised as many bytes as it says that it read.
    // They are UTF-8: it stops only between characters, and each of the text
    // became itself or, by its word, another (see `Words`).
    unsafe { out.set_len(place.at) };
    place.decided()
}

/// The portable kernel: one character at a time.
///
/// # Safety
///
/// `text` is UTF-8, and there is room for `SLACK` bytes more than a stretch or
/// the text, whichever is less. What is seen was made ready for as many bytes.
unsafe fn scan_scalar(
    direct: &Direct,
    loud: &Loud,
    text: &[u8],
    out: *mut u8,
    seen: &mut Seen,
) -> Place {
    let until = text.len().min(STRETCH);
    let mut place = Place { at: 0, before: Word::NONE };
    // The last character of three bytes.
    let mut last = [0; 3];
    while place.at < until {
        let Place { at, before } = place;
        let four = match text.get(at..).and_then(<[u8]>::first_chunk) {
            Some(four) => *four,
            None => {
                let mut four = [0; 4];
                let tail = text.get(at..).unwrap_or_default();
                four.iter_mut().zip(tail).for_each(|(to, from)| *to = *from);
                four
            }
        };
        let [a, b, c, _] = four;
        let (len, word) = if a & 0xF0 == 0xE0 {
            let bytes = u64::from(u32::from_le_bytes(four));
            // SAFETY: a character of three bytes starts there.
            let word = unsafe { word_of(direct, bytes) };
            if word.stops(before) {
                if word.needs_row() {
                    seen.add_rows(at, 1);
                } else {
                    let [d, e, f] = last;
                    let first = code_of(u32::from_le_bytes([d, e, f, 0]));
                    let second = code_of(u32::from_le_bytes([a, b, c, 0]));
                    if direct.may_be_pair(first, second) {
                        seen.pairs.push(at as u32 - 3);
                        seen.codes.push(first | second << 16);
                    }
                }
            }
            last = [a, b, c];
            (3, word)
        } else {
            let (len, is_loud) = match a {
                0..0x80 => (1, loud.is_loud(a)),
                0x80..0xE0 => (2, loud.two),
                _ => (4, true),
            };
            if is_loud {
                seen.add_rows(at, 1);
            }
            (len, Word::NONE)
        };
        let four = word.apply(u32::from_le_bytes(four)).to_le_bytes();
        // SAFETY: less than SLACK beyond the stretch or the text. What is
        // behind the character is written again, or not counted.
        unsafe { out.add(at).cast::<[u8; 4]>().write(four) };
        place = Place { at: at + len, before: word };
    }
    place
}

/// Writes `value` over as many bytes of a string, if that is between two
/// characters; false if it is not.
#[inline]
pub(crate) fn put(out: &mut str, at: usize, value: &str) -> bool {
    let end = at + value.len();
    if !out.is_char_boundary(at) || !out.is_char_boundary(end) {
        return false;
    }
    // SAFETY: whole characters take the place of whole characters.
    let bytes = unsafe { out.as_bytes_mut() };
    let place = bytes.get_mut(at..end);
    place.map(|place| place.copy_from_slice(value.as_bytes())).is_some()
}

/// Whether `found` holds for some byte and the one behind it. It should have
/// no branches.
pub(crate) fn any_pair(
    bytes: &[u8],
    found: impl Fn(u8, u8) -> bool + Copy,
) -> bool {
    match Kernel::chosen() {
        Kernel::Scalar => any_pair_here(bytes, found),
        #[cfg(target_arch = "x86_64")]
        // SAFETY: a kernel that is chosen is one that the processor has.
        Kernel::Avx2 | Kernel::Avx512 => unsafe {
            x86::any_pair(bytes, found)
        },
    }
}

/// The loop, for the compiler to make as wide as it may.
#[inline(always)]
fn any_pair_here(bytes: &[u8], found: impl Fn(u8, u8) -> bool) -> bool {
    let (Some(behind), mut rest) = (bytes.get(1..), bytes) else {
        return false;
    };
    for behind in behind.chunks(4096) {
        let any = |any: u8, (a, b): (&u8, &u8)| any | u8::from(found(*a, *b));
        if rest.iter().zip(behind).fold(0, any) != 0 {
            return true;
        }
        rest = rest.get(behind.len()..).unwrap_or_default();
    }
    false
}

/// Triples of bytes to look for.
///
/// Each has a bit; several may share one. A table says, of each half of each
/// of three bytes, which triples have it. So what is found may be a mixture of
/// two triples, and never less than all of them.
#[derive(Clone, Copy)]
pub(crate) struct Triples {
    /// For each place, the lower halves and the higher.
    halves: [[[u8; 16]; 2]; 3],
}

impl Triples {
    #[allow(clippy::indexing_slicing, reason = "at compile time")]
    pub(crate) const fn new(triples: &[([u8; 3], u32)]) -> Self {
        let mut halves = [[[0; 16]; 2]; 3];
        let mut i = 0;
        while i < triples.len() {
            let (bytes, bit) = triples[i];
            let mut place = 0;
            while place < 3 {
                let byte = bytes[place] as usize;
                halves[place][0][byte & 15] |= 1 << bit;
                halves[place][1][byte >> 4] |= 1 << bit;
                place += 1;
            }
            i += 1;
        }
        Triples { halves }
    }

    #[inline]
    fn holds(&self, three: &[u8]) -> bool {
        let places = self.halves.iter().zip(three);
        let bits = places.fold(0xFF, |bits, ([low, high], byte)| {
            let half = |halves: &[u8; 16], n: u8| {
                halves.get(usize::from(n & 15)).copied().unwrap_or(0)
            };
            bits & half(low, *byte) & half(high, byte >> 4)
        });
        bits != 0
    }

    /// Where, at or behind a place, one of them may be.
    pub(crate) fn find(&self, bytes: &[u8], from: usize) -> Option<usize> {
        self.find_with(Kernel::chosen(), bytes, from)
    }

    /// The same by a kernel of the caller's choice.
    pub(crate) fn find_with(
        &self,
        kernel: Kernel,
        bytes: &[u8],
        from: usize,
    ) -> Option<usize> {
        let from = match kernel {
            Kernel::Scalar => from,
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a kernel that is chosen is one that the processor has.
            Kernel::Avx2 | Kernel::Avx512 => unsafe {
                x86::find_triple(&self.halves, bytes, from)
            },
        };
        let rest = bytes.get(from..)?.windows(3);
        rest.into_iter().position(|w| self.holds(w)).map(|at| from + at)
    }
}

/// How many bytes beyond the length of the text kernels may write to.
pub(crate) const SLACK: usize = 64;

/// Texts with fewer bytes are too short for a call of a wide kernel to pay,
/// but for [`convert_short`].
const SHORT: usize = if SMALL { 70 } else { 128 };

/// Converts a whole text, if it is short, nothing in it needs more than words,
/// and there is a kernel for such. Returns whether that changed it; what it
/// became is at the end of `out`, but, with `only_changes`, not if it is what
/// it was.
#[inline]
pub(crate) fn convert_short(
    direct: &Direct,
    text: &str,
    out: &mut String,
    only_changes: bool,
) -> Option<bool> {
    convert_short_with(Kernel::chosen(), direct, text, out, only_changes)
}

/// The same by a kernel of [`Kernel::available`].
#[inline]
pub(crate) fn convert_short_with(
    kernel: Kernel,
    direct: &Direct,
    text: &str,
    out: &mut String,
    only_changes: bool,
) -> Option<bool> {
    match kernel {
        #[cfg(target_arch = "x86_64")]
        Kernel::Avx512 if text.len() <= SHORT && !direct.mixed() => {
            // SAFETY: the processor has the kernel, which appends UTF-8.
            unsafe {
                let out = out.as_mut_vec();
                x86::short(direct, text.as_bytes(), out, only_changes)
            }
        }
        _ => None,
    }
}

/// # Safety
///
/// The processor has the kernel. `text` is UTF-8. With `WRITE` there is room
/// for `text.len() + SLACK` bytes at `out`.
#[inline]
unsafe fn run<const WRITE: bool>(
    kernel: Kernel,
    direct: &Direct,
    text: &[u8],
    out: *mut u8,
    near: bool,
    find: &mut impl FnMut(usize) -> Found,
) -> usize {
    /// Bytes that are taken one by one.
    const NEAR: usize = 72;
    let mut place = Place { at: 0, before: Word::NONE };
    if kernel == Kernel::Scalar || text.len() < SHORT {
        // SAFETY: as here.
        unsafe { scalar::<WRITE, _>(direct, text, out, &mut place, !0, find) };
        return place.decided();
    }
    if near {
        // SAFETY: as here.
        let done = unsafe {
            scalar::<WRITE, _>(direct, text, out, &mut place, NEAR, find)
        };
        if !done {
            return place.decided();
        }
    }
    #[cfg(target_arch = "x86_64")]
    // SAFETY: as here. A processor that has the widest kernel has the other,
    // which takes what is left and the tables that are mixed.
    unsafe {
        let place = &mut place;
        let done = kernel != Kernel::Avx512
            || direct.mixed()
            || x86::with_chunk(|chunk| {
                x86::avx512::<WRITE, _>(chunk, direct, text, out, place, find)
            });
        if done {
            x86::avx2::<WRITE, _>(direct, text, out, place, find);
        }
    }
    place.decided()
}

/// How far a kernel has come.
#[derive(Clone, Copy)]
struct Place {
    /// Bytes read, and as many written.
    at: usize,
    /// The word of the character of three bytes that ends here, if there is
    /// one.
    before: Word,
}

impl Place {
    /// Bytes that nothing behind them can change any more: a phrase may start
    /// with the last character.
    #[inline]
    fn decided(self) -> usize {
        if self.before.may_start() { self.at - 3 } else { self.at }
    }
}

/// The word of a character of three bytes, the first one lowest. The others
/// mean nothing.
///
/// # Safety
///
/// They start with such a character.
#[inline]
unsafe fn word_of(direct: &Direct, bytes: u64) -> Word {
    let lead = usize::from((bytes as u16).wrapping_sub(LEAST));
    let last = bytes >> 16 & 0x3F;
    // SAFETY: the leads have all that two such bytes may be, and lead to the
    // first of 64 words.
    unsafe {
        let number = usize::from(*LEADS.get_unchecked(lead)) + last as usize;
        Word(*direct.words().all().get_unchecked(number))
    }
}

/// Whether phrases may start with the character of three bytes that ends at
/// `at` and the one that starts there.
///
/// # Safety
///
/// There are such characters.
#[inline]
unsafe fn may_be_pair(direct: &Direct, text: &[u8], at: usize) -> bool {
    // SAFETY: three bytes on each side.
    let six = unsafe { text.as_ptr().add(at - 3).cast::<[u8; 6]>().read() };
    let [a, b, c, d, e, f] = six;
    let first = u32::from_le_bytes([a, b, c, 0]);
    let second = u32::from_le_bytes([d, e, f, 0]);
    direct.may_be_pair(code_of(first), code_of(second))
}

/// Where a phrase ends that starts at `at` and becomes `value`: behind as many
/// bytes of text, if that is between two characters.
#[inline]
fn end_of(text: &[u8], at: usize, value: &str) -> Option<usize> {
    let end = at + value.len();
    let behind = text.get(end..)?.first();
    behind.is_none_or(|byte| byte & 0xC0 != 0x80).then_some(end)
}

/// Writes what a phrase becomes.
///
/// # Safety
///
/// There is room for it at `out`.
#[inline]
unsafe fn write(value: &str, out: *mut u8) {
    // SAFETY: a table does not overlap the room.
    unsafe {
        std::ptr::copy_nonoverlapping(value.as_ptr(), out, value.len());
    }
}

/// The portable kernel: one character at a time, ASCII eight at a time. Goes
/// on until `until` or a little further; false if it stopped before because
/// something else has to decide.
///
/// # Safety
///
/// `text` is UTF-8 and `place` is a place in it. With `WRITE` there is room
/// for `text.len() + SLACK` bytes at `out`.
#[inline]
unsafe fn scalar<const WRITE: bool, F: FnMut(usize) -> Found>(
    direct: &Direct,
    text: &[u8],
    out: *mut u8,
    place: &mut Place,
    until: usize,
    find: &mut F,
) -> bool {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let len = text.len();
    let from = text.as_ptr();
    let Place { mut at, mut before } = *place;
    let done = loop {
        // As long as words alone decide, two at a time.
        while at + 8 <= len.min(until) {
            // SAFETY: eight bytes are left.
            let eight = u64::from_le_bytes(unsafe {
                from.add(at).cast::<[u8; 8]>().read()
            });
            if eight & 0xF000_00F0 != 0xE000_00E0 {
                break;
            }
            // SAFETY: two characters of three bytes start there.
            let [first, second] = unsafe {
                [word_of(direct, eight), word_of(direct, eight >> 24)]
            };
            let changes = (first.0 | second.0) & Word::BYTES != 0;
            if first.stops(before) | second.stops(first) | (!WRITE & changes) {
                break;
            }
            if WRITE {
                let changes = u64::from(first.0 & Word::BYTES)
                    | u64::from(second.0) << 24;
                // SAFETY: less than SLACK beyond the length of the text. The
                // last two bytes mean nothing and are written again, or not
                // counted.
                unsafe {
                    let to = out.add(at).cast::<[u8; 8]>();
                    to.write((eight ^ changes).to_le_bytes());
                }
            }
            before = second;
            at += 6;
        }
        if at >= len.min(until) {
            break true;
        }
        let four = if at + 4 <= len {
            // SAFETY: four bytes are left.
            u32::from_le_bytes(unsafe {
                from.add(at).cast::<[u8; 4]>().read()
            })
        } else {
            let mut four = [0; 4];
            let tail = text.get(at..).unwrap_or_default();
            four.iter_mut().zip(tail).for_each(|(to, from)| *to = *from);
            u32::from_le_bytes(four)
        };
        if four & 0xF0 == 0xE0 {
            // SAFETY: a character of three bytes starts there.
            let word = unsafe { word_of(direct, four.into()) };
            if word.stops(before) {
                if word.needs_row() {
                    break false;
                }
                // SAFETY: `before` has colours, so it is the word of the
                // character before this one.
                if unsafe { may_be_pair(direct, text, at) } {
                    match find(at - 3) {
                        Found::Nothing => {}
                        Found::Phrase(value) => {
                            let Some(end) = end_of(text, at - 3, value) else {
                                break false;
                            };
                            if WRITE {
                                // SAFETY: there is as much room as text.
                                unsafe { write(value, out.add(at - 3)) };
                            }
                            (at, before) = (end, Word::NONE);
                            continue;
                        }
                        Found::Other => break false,
                    }
                }
            }
            if !WRITE && word.0 & Word::BYTES != 0 {
                break false;
            }
            if WRITE {
                let four = word.apply(four).to_le_bytes();
                // SAFETY: as above.
                unsafe { out.add(at).cast::<[u8; 4]>().write(four) };
            }
            before = word;
            at += 3;
            continue;
        }
        let two = four & 0xE0 == 0xC0;
        if direct.mixed() || four & 0x80 != 0 && !two {
            break false;
        }
        before = Word::NONE;
        if two {
            if WRITE {
                let [a, b, ..] = four.to_le_bytes();
                // SAFETY: as above.
                unsafe { out.add(at).cast::<[u8; 2]>().write([a, b]) };
            }
            at += 2;
            continue;
        }
        while at + 8 <= len {
            // SAFETY: eight bytes are left.
            let eight = unsafe { from.add(at).cast::<[u8; 8]>().read() };
            if WRITE {
                // SAFETY: as above.
                unsafe { out.add(at).cast::<[u8; 8]>().write(eight) };
            }
            let high = u64::from_le_bytes(eight) & HIGH;
            if high != 0 {
                at += high.trailing_zeros() as usize / 8;
                break;
            }
            at += 8;
        }
        // Fewer than eight bytes are left, or this one is not ASCII.
        if let Some(byte) = text.get(at).filter(|byte| byte.is_ascii()) {
            if WRITE {
                // SAFETY: as above.
                unsafe { out.add(at).write(*byte) };
            }
            at += 1;
        }
    };
    *place = Place { at, before };
    done
}

/// Looks at the character that starts at `start`, which a wide kernel has
/// converted by its word: sets the phrase that starts with the one before, and
/// says where it ended. Returns where to stop if something else has to decide.
/// What starts before the last phrase `ended` is part of it.
///
/// # Safety
///
/// As for `scalar`; the character stands there. `before` is the word of the
/// one before, or of one further up.
#[cfg(target_arch = "x86_64")]
#[inline(never)]
#[allow(clippy::too_many_arguments, reason = "all that a loop has at hand")]
unsafe fn look<const WRITE: bool, F: FnMut(usize) -> Found>(
    direct: &Direct,
    text: &[u8],
    out: *mut u8,
    start: usize,
    [before, word]: [Word; 2],
    ended: &mut usize,
    find: &mut F,
) -> Option<Place> {
    if start < *ended {
        return None;
    }
    let joins = start != *ended && three_end_at(text, start);
    let before = if joins { before } else { Word::NONE };
    let stop = Some(Place { at: start, before });
    // SAFETY: where there are colours, both are of three bytes.
    if word.is_second(before) && unsafe { may_be_pair(direct, text, start) } {
        match find(start - 3) {
            Found::Nothing => {}
            Found::Other => return stop,
            Found::Phrase(value) => {
                let Some(end) = end_of(text, start - 3, value) else {
                    return stop;
                };
                if WRITE {
                    // SAFETY: there is as much room as text.
                    unsafe { write(value, out.add(start - 3)) };
                }
                *ended = end;
                return None;
            }
        }
    }
    let changes = !WRITE && word.0 & Word::BYTES != 0;
    if word.needs_row() || changes { stop } else { None }
}

/// Whether a character of three bytes ends there.
#[cfg(target_arch = "x86_64")]
#[inline]
fn three_end_at(text: &[u8], at: usize) -> bool {
    let lead = at.checked_sub(3).and_then(|lead| text.get(lead));
    lead.is_some_and(|lead| lead & 0xF0 == 0xE0)
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;
    use std::cell::RefCell;

    use super::{
        Found, Place, SHORT, SMALL, STRETCH, Seen, any_pair_here, look,
        scalar, three_end_at,
    };
    use crate::tables::{Direct, FROM, HASH, LAST, Loud, Word};

    /// Eight characters of three bytes at a time, ASCII 32 at a time, the rest
    /// as the portable kernel does it.
    ///
    /// # Safety
    ///
    /// As for `scalar`, and the processor has the features.
    #[target_feature(enable = "avx2")]
    pub(super) unsafe fn avx2<const WRITE: bool, F: FnMut(usize) -> Found>(
        direct: &Direct,
        text: &[u8],
        out: *mut u8,
        place: &mut Place,
        find: &mut F,
    ) {
        // The bytes of each of four characters, the last one lowest.
        let unpack = _mm256_setr_epi8(
            2, 1, 0, -1, 5, 4, 3, -1, 8, 7, 6, -1, 11, 10, 9, -1, 2, 1, 0, -1,
            5, 4, 3, -1, 8, 7, 6, -1, 11, 10, 9, -1,
        );
        // The three low bytes of each of four numbers.
        let pack = _mm256_setr_epi8(
            0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1, 0, 1, 2,
            4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1,
        );
        let payload = _mm256_set1_epi32(0x000F_3F3F);
        let by_64 = _mm256_set1_epi32(0x0001_4001);
        let by_4096 = _mm256_set1_epi32(0x1000_0001);
        let rotate = _mm256_setr_epi32(7, 0, 1, 2, 3, 4, 5, 6);
        let zero = _mm256_setzero_si256();
        let high_nibble = _mm256_set1_epi8(0xF0_u8 as i8);
        let three = _mm256_set1_epi8(0xE0_u8 as i8);
        /// Where eight characters of three bytes start.
        const STARTS: u32 = 0x24_9249;
        let words = direct.words().all().as_ptr().cast::<i32>();
        let from = text.as_ptr();
        loop {
            let at = place.at;
            if at + 32 > text.len() {
                // SAFETY: as for this.
                unsafe {
                    scalar::<WRITE, F>(direct, text, out, place, !0, find)
                };
                return;
            }
            // SAFETY: 32 bytes are left.
            let bytes = unsafe { _mm256_loadu_si256(from.add(at).cast()) };
            if _mm256_movemask_epi8(bytes) == 0 && !direct.mixed() {
                if WRITE {
                    // SAFETY: there is as much room as text.
                    unsafe {
                        _mm256_storeu_si256(out.add(at).cast(), bytes);
                    }
                }
                *place = Place { at: at + 32, before: Word::NONE };
                continue;
            }
            let high = _mm256_and_si256(bytes, high_nibble);
            let starts =
                _mm256_movemask_epi8(_mm256_cmpeq_epi8(high, three)) as u32;
            if starts & STARTS != STARTS {
                // SAFETY: as for this.
                let done = unsafe {
                    scalar::<WRITE, F>(direct, text, out, place, at + 24, find)
                };
                if !done {
                    return;
                }
                continue;
            }
            // SAFETY: 32 bytes are left.
            let second = unsafe { _mm_loadu_si128(from.add(at + 12).cast()) };
            let both = _mm256_inserti128_si256::<1>(bytes, second);
            let parts =
                _mm256_and_si256(_mm256_shuffle_epi8(both, unpack), payload);
            let code =
                _mm256_madd_epi16(_mm256_maddubs_epi16(parts, by_64), by_4096);
            // As `word_of` has them, but for copies of the last.
            let number = _mm256_min_epu32(
                _mm256_and_si256(
                    _mm256_sub_epi32(code, _mm256_set1_epi32(FROM.into())),
                    _mm256_set1_epi32(0xFFFF),
                ),
                _mm256_set1_epi32(LAST.into()),
            );
            // SAFETY: each is the number of a word.
            let word = unsafe { _mm256_i32gather_epi32::<4>(words, number) };
            let before = _mm256_blend_epi32::<1>(
                _mm256_permutevar8x32_epi32(word, rotate),
                _mm256_set1_epi32(place.before.0 as i32),
            );
            let colours = _mm256_and_si256(
                _mm256_and_si256(
                    _mm256_slli_epi32::<{ Word::APART as i32 }>(before),
                    word,
                ),
                _mm256_set1_epi32(Word::SECOND as i32),
            );
            let lanes = |mask: __m256i| {
                _mm256_movemask_ps(_mm256_castsi256_ps(mask)) as u32
            };
            // The highest bit of a word says that the row has to be seen.
            let mut stops = lanes(word);
            let pairs = 0xFF ^ lanes(_mm256_cmpeq_epi32(colours, zero));
            if WRITE {
                let changes = _mm256_shuffle_epi8(word, pack);
                let [low, high] = [
                    _mm256_castsi256_si128(changes),
                    _mm256_extracti128_si256::<1>(changes),
                ];
                let low = _mm_xor_si128(_mm256_castsi256_si128(bytes), low);
                let high = _mm_xor_si128(second, high);
                // SAFETY: there is as much room as text, and 32 bytes of
                // text are left. The second overwrites the end of the first.
                unsafe {
                    _mm_storeu_si128(out.add(at).cast(), low);
                    _mm_storeu_si128(out.add(at + 12).cast(), high);
                }
            } else {
                let changes = _mm256_and_si256(
                    word,
                    _mm256_set1_epi32(Word::BYTES as i32),
                );
                stops |= 0xFF ^ lanes(_mm256_cmpeq_epi32(changes, zero));
            }
            let mut ended = 0;
            let mut looks = stops | pairs;
            if looks != 0 {
                let [before, words]: [[u32; 8]; 2] =
                    // SAFETY: all are 32 bytes without more meaning.
                    unsafe { std::mem::transmute([before, word]) };
                while looks != 0 {
                    let lane = looks.trailing_zeros() as usize;
                    looks &= looks - 1;
                    let start = at + 3 * lane;
                    let words = [&before, &words]
                        .map(|w| Word(w.get(lane).copied().unwrap_or(0)));
                    // SAFETY: it stands there, and was converted.
                    let stop = unsafe {
                        look::<WRITE, F>(
                            direct, text, out, start, words, &mut ended, find,
                        )
                    };
                    if let Some(stop) = stop {
                        *place = stop;
                        return;
                    }
                }
            }
            let last = _mm256_extract_epi32::<7>(word) as u32;
            *place = if ended >= at + 24 {
                Place { at: ended, before: Word::NONE }
            } else {
                Place { at: at + 24, before: Word(last) }
            };
        }
    }

    /// `any_pair_here`, 32 bytes at a time.
    #[target_feature(enable = "avx2")]
    pub(super) fn any_pair(
        bytes: &[u8],
        found: impl Fn(u8, u8) -> bool,
    ) -> bool {
        any_pair_here(bytes, found)
    }

    /// How far from a place on no triple is, looked at in whole blocks: the
    /// first that is, or where less than a block is left.
    #[target_feature(enable = "avx2")]
    pub(super) fn find_triple(
        halves: &[[[u8; 16]; 2]; 3],
        bytes: &[u8],
        mut from: usize,
    ) -> usize {
        let table = |half: &[u8; 16]| {
            // SAFETY: it has as many bytes as are loaded.
            let half = unsafe { _mm_loadu_si128(half.as_ptr().cast()) };
            _mm256_broadcastsi128_si256(half)
        };
        let tables = [
            halves[0].each_ref().map(table),
            halves[1].each_ref().map(table),
            halves[2].each_ref().map(table),
        ];
        let four = _mm256_set1_epi8(15);
        // The triples that start at each of 32 places.
        let look = |block: &[u8; 34]| {
            let mut bits = _mm256_set1_epi8(-1);
            for (i, [low, high]) in tables.iter().enumerate() {
                // SAFETY: `i` is at most 2, and 2 + 32 bytes are there.
                let now = unsafe {
                    _mm256_loadu_si256(block.as_ptr().add(i).cast())
                };
                let lower = _mm256_and_si256(now, four);
                let higher =
                    _mm256_and_si256(_mm256_srli_epi16::<4>(now), four);
                let lower = _mm256_shuffle_epi8(*low, lower);
                let higher = _mm256_shuffle_epi8(*high, higher);
                bits = _mm256_and_si256(bits, lower);
                bits = _mm256_and_si256(bits, higher);
            }
            bits
        };
        while let Some(block) =
            bytes.get(from..).and_then(<[u8]>::first_chunk::<34>)
        {
            let zero = _mm256_setzero_si256();
            let none = _mm256_cmpeq_epi8(look(block), zero);
            let found = !(_mm256_movemask_epi8(none) as u32);
            if found != 0 {
                return from + found.trailing_zeros() as usize;
            }
            from += 32;
        }
        from
    }

    /// Blocks of 64 bytes in a chunk.
    const BLOCKS: usize = if SMALL { 2 } else { 24 };
    /// Characters of three bytes that may start in a block.
    const MOST: usize = 22;
    /// How many numbers and words are written and read at once.
    const BEYOND: usize = 32;
    const ROOM: usize = BLOCKS * MOST + BEYOND;

    /// What is known of the characters of three bytes in a few blocks.
    ///
    /// Their words are looked up one by one, because that takes half the time
    /// of a gather; everything before and after is done for a block at once,
    /// and no block waits for another.
    pub(super) struct Chunk {
        /// The numbers of their words.
        numbers: [u16; ROOM],
        /// The word of the character before them, then theirs.
        words: [u32; 1 + ROOM],
        /// Where they start in each block, a bit a byte,
        starts: [u64; BLOCKS],
        /// and how many start in the blocks before it.
        counts: [usize; BLOCKS],
        /// Which of them need a second look.
        looks: [u32; ROOM],
    }

    /// Calls with a chunk that was used before: to clear one takes as long as
    /// to convert a hundred bytes.
    pub(super) fn with_chunk<T>(call: impl FnOnce(&mut Chunk) -> T) -> T {
        thread_local! {
            static CHUNK: RefCell<Chunk> =
                const { RefCell::new(Chunk::new()) };
        }
        CHUNK.with(|chunk| match chunk.try_borrow_mut() {
            Ok(mut chunk) => call(&mut chunk),
            // Never: no `find` converts anything.
            Err(_) => call(&mut Chunk::new()),
        })
    }

    /// What a chunk consists of.
    #[derive(Clone, Copy)]
    struct Extent {
        bytes: usize,
        blocks: usize,
        /// Characters of three bytes.
        count: usize,
    }

    /// Which bytes of words, the first of which is that of the character
    /// before, stand in a row where all characters have three bytes. With `n`
    /// the last `n` bytes of that one come first.
    #[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
    const fn bytes_of_words(n: usize) -> [u8; 64] {
        let mut bytes = [0; 64];
        let mut i = 0;
        while i < 64 {
            let at = i + 3 - n;
            bytes[i] = (4 * (at / 3) + at % 3) as u8;
            i += 1;
        }
        bytes
    }

    /// The same by the two bits that say where in the last two bytes of the
    /// block before a character started.
    static BYTES_OF_WORDS: [[u8; 64]; 4] = [
        bytes_of_words(0),
        bytes_of_words(1),
        bytes_of_words(2),
        // Never.
        bytes_of_words(0),
    ];

    impl Chunk {
        const fn new() -> Self {
            Chunk {
                numbers: [0; ROOM],
                words: [0; 1 + ROOM],
                starts: [0; BLOCKS],
                counts: [0; BLOCKS],
                looks: [0; ROOM],
            }
        }

        /// Finds the characters in the first blocks of `text`, and the
        /// numbers of their words. The chunk ends with a character, and before
        /// one of four bytes.
        ///
        /// # Safety
        ///
        /// `text` is UTF-8, and has two bytes more than the blocks, of which
        /// there are 1 to [`BLOCKS`].
        #[inline]
        #[target_feature(
            enable = "avx512f,avx512bw,avx512vbmi,avx512vbmi2,bmi1,bmi2,lzcnt,popcnt"
        )]
        unsafe fn find(&mut self, text: *const u8, blocks: usize) -> Extent {
            let high_nibble = _mm512_set1_epi8(0xF0_u8 as i8);
            let mut all = _mm512_setzero_si512();
            let mut count = 0;
            for block in 0..blocks {
                let [a, b, c] = [0, 1, 2].map(|offset| {
                    // SAFETY: two bytes more than the blocks.
                    unsafe {
                        let from = text.add(64 * block + offset);
                        _mm512_loadu_si512(from.cast())
                    }
                });
                all = _mm512_max_epu8(all, a);
                ahead::<_MM_HINT_T0>(text, block);
                let (starts, number) = numbers_of([a, b, c]);
                // SAFETY: no more characters than may start in the blocks,
                // and `BEYOND` more.
                unsafe {
                    let to = self.numbers.as_mut_ptr().add(count);
                    _mm512_storeu_si512(to.cast(), number);
                    *self.starts.get_unchecked_mut(block) = starts;
                    *self.counts.get_unchecked_mut(block) = count;
                }
                count += starts.count_ones() as usize;
            }
            let four = _mm512_cmpge_epu8_mask(all, high_nibble) != 0;
            // SAFETY: as many bytes are there.
            let end = unsafe { end_of_chunk(text, 64 * blocks, four) };
            self.cut(Extent { bytes: 64 * blocks, blocks, count }, end)
        }

        /// Takes what is behind `end` out of the last blocks.
        #[inline]
        #[target_feature(enable = "bmi2,popcnt")]
        fn cut(&mut self, mut extent: Extent, end: usize) -> Extent {
            extent.bytes = end;
            let blocks = end.div_ceil(64).max(1);
            while extent.blocks > 0 {
                let block = extent.blocks - 1;
                let Some(starts) = self.starts.get_mut(block) else { break };
                let inside = end.saturating_sub(64 * block) as u32;
                let kept = _bzhi_u64(*starts, inside);
                extent.count -= (*starts ^ kept).count_ones() as usize;
                *starts = kept;
                if extent.blocks == blocks {
                    break;
                }
                extent.blocks -= 1;
            }
            extent
        }

        /// Looks their words up.
        ///
        /// # Safety
        ///
        /// The count is that of the extent that `find` gave.
        #[inline]
        #[target_feature(enable = "avx2")]
        unsafe fn look_up(&mut self, direct: &Direct, count: usize) {
            let numbers = self.numbers.as_ptr();
            // SAFETY: there is room for `BEYOND` more. What stands there was
            // made by `find` or is 0, and so is the number of a word.
            unsafe {
                let words = self.words.as_mut_ptr().add(1);
                let four = |at| {
                    let four = numbers.add(at).cast::<u64>();
                    four_words(direct, four.read_unaligned())
                };
                let mut at = 0;
                while at < count {
                    let eight = _mm256_set_m128i(four(at + 4), four(at));
                    _mm256_storeu_si256(words.add(at).cast(), eight);
                    at += 8;
                }
            }
        }

        /// Converts the characters by their words.
        ///
        /// # Safety
        ///
        /// `find` and `look_up` were called for this text, and there is room
        /// for all blocks at `out`.
        #[inline]
        #[target_feature(
            enable = "avx512f,avx512bw,avx512vbmi,avx512vbmi2,bmi1,bmi2,lzcnt,popcnt"
        )]
        unsafe fn apply(&self, text: *const u8, out: *mut u8, blocks: usize) {
            let mut before = 0_u64;
            for block in 0..blocks {
                // SAFETY: as for this; there are `BEYOND` words more.
                unsafe {
                    let starts = *self.starts.get_unchecked(block);
                    let count = *self.counts.get_unchecked(block);
                    let words = self.words.as_ptr().add(count);
                    let low = _mm512_loadu_si512(words.cast());
                    let high = _mm512_loadu_si512(words.add(16).cast());
                    let bytes =
                        _mm512_loadu_si512(text.add(64 * block).cast());
                    let bytes = converted(bytes, [low, high], starts, before);
                    _mm512_storeu_si512(out.add(64 * block).cast(), bytes);
                    ahead::<_MM_HINT_ET0>(out, block);
                    before = starts >> 62;
                }
            }
        }

        /// Lists the characters that need a second look, and returns how many
        /// there are: those that may be the second of a phrase, that have a
        /// row to be seen, or, without `WRITE`, that would change. There are
        /// no branches that depend on the text, because no processor could
        /// foretell them.
        ///
        /// # Safety
        ///
        /// As for `look_up`, which was called.
        #[inline]
        #[target_feature(enable = "avx512f,popcnt")]
        unsafe fn list_looks<const WRITE: bool>(
            &mut self,
            direct: &Direct,
            count: usize,
        ) -> usize {
            let always = Word::NEEDS_ROW | if WRITE { 0 } else { Word::BYTES };
            let mut lanes = _mm512_setr_epi32(
                0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
            );
            let (mut len, mut at) = (0, 0);
            while at < count {
                // SAFETY: there are `BEYOND` words more, and so many numbers.
                unsafe {
                    let words = self.words.as_ptr().add(at);
                    let before = _mm512_loadu_si512(words.cast());
                    let word = _mm512_loadu_si512(words.add(1).cast());
                    let looks = looks_of(before, word, always);
                    let found = _mm512_maskz_compress_epi32(looks, lanes);
                    let to = self.looks.as_mut_ptr().add(len);
                    _mm512_storeu_si512(to.cast(), found);
                    len += looks.count_ones() as usize;
                }
                lanes = _mm512_add_epi32(lanes, _mm512_set1_epi32(16));
                at += 16;
            }
            // Most pairs that share a colour start no phrase.
            let mut kept = 0;
            for i in 0..len {
                // SAFETY: it was listed, so it is less than `ROOM`; its number
                // is that of a word.
                unsafe {
                    let number = *self.looks.get_unchecked(i) as usize;
                    let word = *self.words.get_unchecked(number + 1);
                    let before =
                        *self.numbers.get_unchecked(number.max(1) - 1);
                    let second = *self.numbers.get_unchecked(number);
                    let pair = direct.numbers_may_be_pair(before, second);
                    let keep = (number == 0) | pair | (word & always != 0);
                    *self.looks.get_unchecked_mut(kept) = number as u32;
                    kept += usize::from(keep & (number < count));
                }
            }
            kept
        }

        /// Takes a second look where there has to be one. Returns where the
        /// last phrase ended, or where something else has to decide.
        ///
        /// # Safety
        ///
        /// As for `look`, of all characters of the chunk, which starts at
        /// `at`.
        #[inline]
        #[target_feature(enable = "avx512f,bmi1,bmi2,popcnt")]
        unsafe fn finish<const WRITE: bool, F: FnMut(usize) -> Found>(
            &mut self,
            direct: &Direct,
            text: &[u8],
            out: *mut u8,
            at: usize,
            extent: Extent,
            find: &mut F,
        ) -> Result<usize, Place> {
            let mut ended = 0;
            // SAFETY: as for this.
            let looks =
                unsafe { self.list_looks::<WRITE>(direct, extent.count) };
            for i in 0..looks {
                let number = self.looks.get(i).map_or(0, |n| *n as usize);
                let start = at + self.place(extent.blocks, number);
                let words = [number, number + 1]
                    .map(|i| Word(self.words.get(i).copied().unwrap_or(0)));
                // SAFETY: as for this.
                let stop = unsafe {
                    look::<WRITE, F>(
                        direct, text, out, start, words, &mut ended, find,
                    )
                };
                if let Some(stop) = stop {
                    return Err(stop);
                }
            }
            Ok(ended)
        }

        /// Where a character starts in the chunk, by its number.
        #[target_feature(enable = "bmi1,bmi2")]
        fn place(&self, blocks: usize, number: usize) -> usize {
            let counts = self.counts.get(..blocks).unwrap_or_default();
            let block = counts.partition_point(|count| *count <= number);
            let block = block.saturating_sub(1);
            let before = counts.get(block).copied().unwrap_or(0);
            let starts = self.starts.get(block).copied().unwrap_or(0);
            let bit = _pdep_u64(1 << (number - before), starts);
            64 * block + _tzcnt_u64(bit) as usize
        }
    }

    /// Asks for what the next chunk has where this one has a block. Between
    /// two chunks the processor sees no reads in a row from which to tell.
    #[inline]
    #[target_feature(enable = "sse")]
    fn ahead<const HINT: i32>(chunk: *const u8, block: usize) {
        let there = chunk.wrapping_add(64 * (block + BLOCKS));
        // SAFETY: a hint may be about any address.
        #[allow(unused_unsafe, reason = "safe in newer compilers")]
        unsafe {
            _mm_prefetch::<HINT>(there.cast())
        };
    }

    /// Where a chunk of so many bytes has to end: behind a character, and, if
    /// there is one, before the first of four bytes.
    ///
    /// # Safety
    ///
    /// The bytes are there.
    unsafe fn end_of_chunk(
        text: *const u8,
        bytes: usize,
        four: bool,
    ) -> usize {
        // SAFETY: as for this.
        let text = unsafe { std::slice::from_raw_parts(text, bytes) };
        if four {
            let first = text.iter().position(|byte| *byte >= 0xF0);
            return first.unwrap_or(bytes);
        }
        match text {
            [.., 0xC0..=0xFF] => bytes - 1,
            [.., 0xE0..=0xFF, _] => bytes - 2,
            _ => bytes,
        }
    }

    /// Where characters of three bytes start in a block, and the numbers of
    /// their words. The three are the bytes from the block on, from the next
    /// byte on, and from the one behind that on.
    #[inline]
    #[target_feature(
        enable = "avx512f,avx512bw,avx512vbmi,avx512vbmi2,bmi1,bmi2,lzcnt,popcnt"
    )]
    fn numbers_of([a, b, c]: [__m512i; 3]) -> (u64, __m512i) {
        let high_nibble = _mm512_set1_epi8(0xF0_u8 as i8);
        let three = _mm512_set1_epi8(0xE0_u8 as i8);
        let payload = _mm512_set1_epi16(0x3F);
        let starts =
            _mm512_cmpeq_epi8_mask(_mm512_and_si512(a, high_nibble), three);
        let [a, b, c] = [a, b, c].map(|bytes| {
            let bytes = _mm512_maskz_compress_epi8(starts, bytes);
            _mm512_cvtepu8_epi16(_mm512_castsi512_si256(bytes))
        });
        let code = _mm512_or_si512(
            _mm512_slli_epi16::<12>(a),
            _mm512_or_si512(
                _mm512_slli_epi16::<6>(_mm512_and_si512(b, payload)),
                _mm512_and_si512(c, payload),
            ),
        );
        // As `word_of` has them, but for copies of the last.
        let from = _mm512_set1_epi16(FROM as i16);
        let last = _mm512_set1_epi16(LAST as i16);
        (starts, _mm512_min_epu16(_mm512_sub_epi16(code, from), last))
    }

    /// The words that have these four numbers, the first one lowest.
    ///
    /// # Safety
    ///
    /// They are numbers of words.
    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn four_words(direct: &Direct, numbers: u64) -> __m128i {
        let words = direct.words().all();
        let [a, b, c, d] = [0, 16, 32, 48].map(|shift| {
            let number = usize::from((numbers >> shift) as u16);
            // SAFETY: as for this.
            let word = unsafe { *words.get_unchecked(number) };
            _mm_cvtsi32_si128(word as i32)
        });
        _mm_unpacklo_epi64(_mm_unpacklo_epi32(a, b), _mm_unpacklo_epi32(c, d))
    }

    /// Which characters need a second look, a bit each: those that may be the
    /// second of a phrase with the one before, and those whose words have a
    /// bit of `always`.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn looks_of(before: __m512i, word: __m512i, always: u32) -> u16 {
        let second = _mm512_slli_epi32::<{ Word::APART }>(before);
        let colours = _mm512_set1_epi32(Word::SECOND as i32);
        let second = _mm512_and_si512(second, colours);
        let always = _mm512_set1_epi32(always as i32);
        _mm512_test_epi32_mask(_mm512_or_si512(second, always), word)
    }

    /// A block, converted by the words of the characters that start in it;
    /// before those stands that of the character before. `before` says where
    /// in the last two bytes of the block before one started.
    #[inline]
    #[target_feature(
        enable = "avx512f,avx512bw,avx512vbmi,avx512vbmi2,bmi1,bmi2,lzcnt,popcnt"
    )]
    fn converted(
        block: __m512i,
        [low, high]: [__m512i; 2],
        starts: u64,
        before: u64,
    ) -> __m512i {
        let which = BYTES_OF_WORDS.get(before as usize);
        let which = which.unwrap_or(&BYTES_OF_WORDS[0]);
        // SAFETY: 64 bytes.
        let which = unsafe { _mm512_loadu_si512(which.as_ptr().cast()) };
        let changes = _mm512_permutex2var_epi8(low, which, high);
        // Where the last of the block before goes on: one byte, or two.
        let places = starts | starts << 1 | starts << 2;
        let places = places | before | before >> 1;
        let changes = _mm512_maskz_expand_epi8(places, changes);
        _mm512_xor_si512(block, changes)
    }

    /// A whole text that is short, block by block, with all that is looked up
    /// in registers: whether it changes. `None`, and nothing written, if
    /// something else has to decide.
    ///
    /// # Safety
    ///
    /// The processor has the features. The text is UTF-8 of at most `SHORT`
    /// bytes; the table is not mixed.
    #[target_feature(
        enable = "avx512f,avx512bw,avx512vbmi,avx512vbmi2,bmi1,bmi2,lzcnt,popcnt"
    )]
    pub(super) unsafe fn short(
        direct: &Direct,
        text: &[u8],
        out: &mut Vec<u8>,
        only_changes: bool,
    ) -> Option<bool> {
        let four = _mm512_set1_epi8(0xF0_u8 as i8);
        let mut last = _mm512_setzero_si512();
        let mut before = 0_u64;
        let mut changes = false;
        let mut afters = [_mm512_setzero_si512(); SHORT.div_ceil(64)];
        let places = (0..text.len()).step_by(64);
        for (at, to) in places.zip(&mut afters) {
            let bytes = [at, at + 1, at + 2].map(|at| {
                let left = text.len().saturating_sub(at).min(64);
                let mask = _bzhi_u64(!0, left as u32);
                let from = text.as_ptr().wrapping_add(at).cast();
                // SAFETY: no byte behind the end is read.
                unsafe { _mm512_maskz_loadu_epi8(mask, from) }
            });
            let [block, ..] = bytes;
            let (starts, numbers) = numbers_of(bytes);
            let count = starts.count_ones();
            // SAFETY: 64 bytes without more meaning.
            let numbers: [u64; 8] = unsafe { std::mem::transmute(numbers) };
            let [a, b, c, d, e, f, ..] = numbers;
            let [low, middle, high] =
                [[a, b], [c, d], [e, f]].map(|[a, b]| {
                    // SAFETY: `numbers_of` gives no others.
                    unsafe {
                        let [a, b] =
                            [four_words(direct, a), four_words(direct, b)];
                        _mm256_set_m128i(b, a)
                    }
                });
            let low = _mm512_castsi256_si512(low);
            let low = _mm512_inserti64x4::<1>(low, middle);
            let high = _mm512_zextsi256_si512(high);
            let [before_low, before_high] = [
                _mm512_alignr_epi32::<15>(low, last),
                _mm512_alignr_epi32::<15>(high, low),
            ];
            let looks = [(before_low, low), (before_high, high)]
                .map(|(b, w)| u32::from(looks_of(b, w, Word::NEEDS_ROW)));
            let looks = _bzhi_u32(looks[0] | looks[1] << 16, count);
            if looks != 0 || _mm512_cmpge_epu8_mask(block, four) != 0 {
                return None;
            }
            let words = [before_low, before_high];
            let after = converted(block, words, starts, before);
            changes |= _mm512_cmpneq_epi8_mask(after, block) != 0;
            *to = after;
            before = starts >> 62;
            // To the highest lane.
            let which = _mm512_set1_epi32(count as i32);
            last = _mm512_permutex2var_epi32(before_low, which, before_high);
        }
        if changes || !only_changes {
            let room = text.len().next_multiple_of(64);
            if out.capacity() == 0 {
                // A call less than to let it grow.
                *out = Vec::with_capacity(room);
            }
            out.reserve(room);
            for (block, after) in afters.iter().enumerate() {
                if 64 * block < text.len() {
                    // SAFETY: there is room for all blocks.
                    unsafe {
                        let end = out.as_mut_ptr().add(out.len());
                        let to = end.add(64 * block).cast();
                        _mm512_storeu_si512(to, *after);
                    }
                }
            }
            // SAFETY: so many are initialised.
            unsafe { out.set_len(out.len() + text.len()) };
        }
        Some(changes)
    }

    /// Many blocks of 64 bytes at a time, as long as there are some. False if
    /// it stopped before, because something else has to decide.
    ///
    /// # Safety
    ///
    /// As for `scalar`, and the processor has the features. The table is not
    /// mixed.
    #[target_feature(
        enable = "avx512f,avx512bw,avx512vbmi,avx512vbmi2,bmi1,bmi2,lzcnt,popcnt"
    )]
    pub(super) unsafe fn avx512<
        const WRITE: bool,
        F: FnMut(usize) -> Found,
    >(
        chunk: &mut Chunk,
        direct: &Direct,
        text: &[u8],
        out: *mut u8,
        place: &mut Place,
        find: &mut F,
    ) -> bool {
        // What stops it may be close, and the rest of the chunk was in vain.
        let mut most = 2.min(BLOCKS);
        loop {
            let Place { at, before } = *place;
            let left = text.len() - at;
            let blocks = (left.saturating_sub(2) / 64).min(most);
            if blocks == 0 {
                return true;
            }
            // SAFETY: there are as many bytes, and as much room.
            let from = unsafe { text.as_ptr().add(at) };
            let to = if WRITE { unsafe { out.add(at) } } else { out };
            // SAFETY: 64 bytes are left.
            unsafe {
                let bytes = _mm512_loadu_si512(from.cast());
                if _mm512_movepi8_mask(bytes) == 0 {
                    if WRITE {
                        _mm512_storeu_si512(to.cast(), bytes);
                    }
                    *place = Place { at: at + 64, before: Word::NONE };
                    continue;
                }
            }
            let [word, ..] = &mut chunk.words;
            *word = before.0;
            // SAFETY: two bytes more than the blocks are left, and as much
            // room.
            let extent = unsafe {
                let extent = chunk.find(from, blocks);
                chunk.look_up(direct, extent.count);
                if WRITE {
                    chunk.apply(from, to, extent.blocks);
                }
                extent
            };
            let end = at + extent.bytes;
            if end == at {
                // A character of four bytes.
                return false;
            }
            // SAFETY: they stand there, and were converted.
            let ended = match unsafe {
                chunk.finish::<WRITE, F>(direct, text, out, at, extent, find)
            } {
                Ok(ended) => ended,
                Err(stop) => {
                    *place = stop;
                    return false;
                }
            };
            *place = if ended >= end {
                Place { at: ended, before: Word::NONE }
            } else {
                let last = chunk.words.get(extent.count).copied();
                let last = last.filter(|_| three_end_at(text, end));
                Place { at: end, before: Word(last.unwrap_or(0)) }
            };
            most = (2 * most).min(BLOCKS);
        }
    }

    #[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
    const fn unpack_64() -> [u8; 64] {
        let mut bytes = [63; 64];
        let mut i = 0;
        while i < 16 {
            bytes[4 * i] = 3 * i as u8 + 2;
            bytes[4 * i + 1] = 3 * i as u8 + 1;
            bytes[4 * i + 2] = 3 * i as u8;
            i += 1;
        }
        bytes
    }

    #[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
    const fn pack_64() -> [u8; 64] {
        let mut bytes = [63; 64];
        let mut i = 0;
        while i < 48 {
            bytes[i] = (4 * (i / 3) + i % 3) as u8;
            i += 1;
        }
        bytes
    }

    #[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
    const fn each_64() -> [u8; 64] {
        let mut bytes = [0; 64];
        let mut i = 0;
        while i < 64 {
            bytes[i] = i as u8;
            i += 1;
        }
        bytes
    }

    /// The number of each byte.
    static EACH: [u8; 64] = each_64();
    /// The bytes of each of 16 characters, the last one lowest.
    static UNPACK: [u8; 64] = unpack_64();
    /// The three low bytes of each of 16 numbers.
    static PACK: [u8; 64] = pack_64();

    /// A stretch, 64 bytes at a time: up to 16 characters of three bytes among
    /// them are looked up at once, those of one and two bytes stay where they
    /// are.
    ///
    /// # Safety
    ///
    /// As for `scan_scalar`, and the processor has the features.
    #[target_feature(
        enable = "avx512f,avx512bw,avx512vbmi,avx512vbmi2,bmi1,bmi2,lzcnt,popcnt"
    )]
    pub(super) unsafe fn scan_avx512(
        direct: &Direct,
        loud: &Loud,
        text: &[u8],
        out: *mut u8,
        seen: &mut Seen,
    ) -> Place {
        /// Where 16 characters of three bytes start.
        const STARTS: u64 = 0x2492_4924_9249;
        // SAFETY: all are 64 bytes.
        let (unpack, pack, loud_low, loud_high) = unsafe {
            (
                _mm512_loadu_si512(UNPACK.as_ptr().cast()),
                _mm512_loadu_si512(PACK.as_ptr().cast()),
                _mm512_loadu_si512(loud.low.as_ptr().cast()),
                _mm512_loadu_si512(loud.high.as_ptr().cast()),
            )
        };
        let payload = _mm512_set1_epi32(0x000F_3F3F);
        let by_64 = _mm512_set1_epi32(0x0001_4001);
        let by_4096 = _mm512_set1_epi32(0x1000_0001);
        let high_nibble = _mm512_set1_epi8(0xF0_u8 as i8);
        let three = _mm512_set1_epi8(0xE0_u8 as i8);
        let second_colours = _mm512_set1_epi32(Word::SECOND as i32);
        let zero = _mm512_setzero_si512();
        let words = direct.words().all().as_ptr().cast::<i32>();
        let (filter, shift) = direct.filter();
        let filter = filter.as_ptr().cast::<i32>();
        let shift = _mm_cvtsi32_si128(shift as i32);
        let two_is_loud = if loud.two { !0 } else { 0 };
        // SAFETY: all are 64 bytes.
        let each = unsafe { _mm512_loadu_si512(EACH.as_ptr().cast()) };
        let (places, codes) =
            (seen.pairs.as_mut_ptr(), seen.codes.as_mut_ptr());
        let mut pairs_seen = 0;
        let from = text.as_ptr();
        let until = text.len().min(STRETCH);
        // What was looked up last. The highest lane is the character that
        // ends where the next bytes start, or 0.
        let mut before_word = zero;
        let mut before_code = zero;
        let mut at = 0;
        while at < until {
            let left = text.len() - at;
            let bytes = if left >= 64 {
                // SAFETY: 64 bytes are left.
                unsafe { _mm512_loadu_si512(from.add(at).cast()) }
            } else {
                // SAFETY: no byte behind the end is read.
                unsafe {
                    _mm512_maskz_loadu_epi8(
                        (1 << left) - 1,
                        from.add(at).cast(),
                    )
                }
            };
            let high = _mm512_and_si512(bytes, high_nibble);
            let starts = _mm512_cmpeq_epi8_mask(high, three);
            // The characters of three bytes that are looked up, one a lane;
            // those that follow the one of the lane before at once; how many
            // bytes are decided with them.
            let dense = starts & STARTS == STARTS;
            let (chosen, len, unpacked, lanes, follows) = if dense {
                let unpacked = _mm512_permutexvar_epi8(unpack, bytes);
                (STARTS, 48, unpacked, 0xFFFF, 0xFFFF)
            } else {
                let four = _mm512_cmpeq_epi8_mask(high, high_nibble);
                let lead = _mm512_and_si512(bytes, three);
                let two = _mm512_cmpeq_epi8_mask(
                    lead,
                    _mm512_set1_epi8(0xC0_u8 as i8),
                );
                // Not beyond 16 characters, nor into one that is not all
                // here. The end of the text is the end of a character.
                let cut = starts & 3 << 62 | two & 1 << 63 | four & 7 << 61;
                let end = cut | _pdep_u64(1 << 16, starts);
                let len = _tzcnt_u64(end).min(left as u64) as u32;
                // Bytes that are not ASCII are looked up as if they were.
                let is_loud = _mm512_movepi8_mask(_mm512_permutex2var_epi8(
                    loud_low, bytes, loud_high,
                )) & !_mm512_movepi8_mask(bytes);
                let rows = _bzhi_u64(is_loud | two & two_is_loud | four, len);
                if rows != 0 {
                    seen.add_rows(at, rows);
                }
                let chosen = _bzhi_u64(starts, len);
                if chosen == 0 {
                    // SAFETY: at most SLACK beyond the stretch or the text.
                    unsafe {
                        _mm512_storeu_si512(out.add(at).cast(), bytes);
                    }
                    at += len as usize;
                    before_word = zero;
                    continue;
                }
                let lanes = _bzhi_u32(0xFFFF, chosen.count_ones());
                let follows = _pext_u64(chosen << 3 | 1, chosen);
                let all = chosen | chosen << 1 | chosen << 2;
                let unpacked = _mm512_permutexvar_epi8(
                    unpack,
                    _mm512_maskz_compress_epi8(all, bytes),
                );
                (chosen, len, unpacked, lanes as u16, follows as u16)
            };
            let parts = _mm512_and_si512(unpacked, payload);
            let code =
                _mm512_madd_epi16(_mm512_maddubs_epi16(parts, by_64), by_4096);
            // As `word_of` has them, but for copies of the last.
            let number = _mm512_min_epu32(
                _mm512_and_si512(
                    _mm512_sub_epi32(code, _mm512_set1_epi32(FROM.into())),
                    _mm512_set1_epi32(0xFFFF),
                ),
                _mm512_set1_epi32(LAST.into()),
            );
            // SAFETY: each is the number of a word.
            let word = unsafe {
                _mm512_mask_i32gather_epi32::<4>(zero, lanes, number, words)
            };
            let row =
                _mm512_test_epi32_mask(word, _mm512_set1_epi32(i32::MIN));
            if row != 0 {
                let rows = _pdep_u64(u64::from(row), chosen);
                seen.add_rows(at, rows);
            }
            let change = _mm512_permutexvar_epi8(pack, word);
            let changed = if dense {
                _mm512_xor_si512(bytes, change)
            } else {
                let all = chosen | chosen << 1 | chosen << 2;
                let change = _mm512_maskz_expand_epi8(all, change);
                _mm512_xor_si512(bytes, change)
            };
            // SAFETY: at most SLACK beyond the stretch or the text. What is
            // behind `len` is written again, or not counted.
            unsafe {
                _mm512_storeu_si512(out.add(at).cast(), changed);
            }
            let before =
                _mm512_maskz_alignr_epi32::<15>(follows, word, before_word);
            let colours = _mm512_slli_epi32::<{ Word::APART }>(before);
            let pairs = _mm512_test_epi32_mask(
                _mm512_and_si512(colours, second_colours),
                word,
            );
            if pairs != 0 {
                // The filter of pairs, see `Direct::may_be_pair`.
                let first = _mm512_alignr_epi32::<15>(code, before_code);
                let hash = _mm512_mullo_epi32(
                    _mm512_xor_si512(
                        _mm512_mullo_epi32(
                            first,
                            _mm512_set1_epi32(HASH[0] as i32),
                        ),
                        code,
                    ),
                    _mm512_set1_epi32(HASH[1] as i32),
                );
                let bit = _mm512_srl_epi32(hash, shift);
                // SAFETY: a hash that is shifted so far is the number of a
                // bit of the filter.
                let bits = unsafe {
                    _mm512_mask_i32gather_epi32::<4>(
                        zero,
                        pairs,
                        _mm512_srli_epi32::<5>(bit),
                        filter,
                    )
                };
                // Shifts count by the five lowest bits.
                let bit = _mm512_and_si512(bit, _mm512_set1_epi32(31));
                let pairs = _mm512_mask_test_epi32_mask(
                    pairs,
                    bits,
                    _mm512_sllv_epi32(_mm512_set1_epi32(1), bit),
                );
                // Where the second of each starts.
                let seconds = _mm512_cvtepu8_epi32(_mm512_castsi512_si128(
                    _mm512_maskz_compress_epi8(
                        _pdep_u64(u64::from(pairs), chosen),
                        each,
                    ),
                ));
                let firsts = _mm512_add_epi32(
                    seconds,
                    _mm512_set1_epi32(at as i32 - 3),
                );
                // SAFETY: there is room for one for each character and a
                // vector more.
                unsafe {
                    _mm512_storeu_si512(places.add(pairs_seen).cast(), firsts);
                    _mm512_storeu_si512(
                        codes.add(pairs_seen).cast(),
                        _mm512_maskz_compress_epi32(
                            pairs,
                            _mm512_or_si512(
                                first,
                                _mm512_slli_epi32::<16>(code),
                            ),
                        ),
                    );
                }
                pairs_seen += pairs.count_ones() as usize;
            }
            at += len as usize;
            if dense {
                (before_word, before_code) = (word, code);
            } else if 63 - chosen.leading_zeros() + 3 == len {
                // To the highest lane.
                let last = lanes ^ lanes >> 1;
                before_word = _mm512_broadcastd_epi32(_mm512_castsi512_si128(
                    _mm512_maskz_compress_epi32(last, word),
                ));
                before_code = _mm512_broadcastd_epi32(_mm512_castsi512_si128(
                    _mm512_maskz_compress_epi32(last, code),
                ));
            } else {
                before_word = zero;
            }
        }
        // SAFETY: so many were written.
        unsafe {
            seen.pairs.set_len(pairs_seen);
            seen.codes.set_len(pairs_seen);
        }
        Place { at, before: highest(before_word) }
    }

    /// The word in the highest lane.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn highest(words: __m512i) -> Word {
        let four = _mm512_extracti32x4_epi32::<3>(words);
        Word(_mm_extract_epi32::<3>(four) as u32)
    }
}
