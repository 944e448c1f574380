//! Kernels, and the only `unsafe` code.
//!
//! A kernel does for many characters at once what the words of a script table
//! say of each, see `tables/direct.rs`. Where a phrase may start it asks, and
//! stops if the answer is not simple; it stops too before a character whose
//! row has to be seen. All kernels stop at the same places and write the same
//! bytes; the portable one is the twin of the others, and tests compare them.
//!
//! Which one runs is found out at the first call: the widest that the
//! processor has, or the one that the environment variable `HANFOLD_KERNEL`
//! names (`scalar`, `avx2`, `avx512`), if the processor has it.

#![allow(unsafe_code)]

use std::sync::OnceLock;

use crate::tables::{Direct, Word, code_of, index_of};

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
/// bytes of it that was. What follows there is the end, a character that may
/// start a phrase, or one whose row has to be seen. `find` says what starts at
/// an offset in the text.
#[inline]
pub(crate) fn convert(
    direct: &Direct,
    text: &str,
    out: &mut String,
    find: impl FnMut(usize) -> Found,
) -> usize {
    convert_with(Kernel::chosen(), direct, text, out, find)
}

/// The same by a kernel of [`Kernel::available`].
#[inline]
pub(crate) fn convert_with(
    kernel: Kernel,
    direct: &Direct,
    text: &str,
    out: &mut String,
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
        unsafe { run::<true>(kernel, direct, text, room, false, &mut find) };
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

/// How many bytes beyond the length of the text kernels may write to.
pub(crate) const SLACK: usize = 64;

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
    /// Texts that are too short for the widest kernel.
    #[cfg(target_arch = "x86_64")]
    const SHORT: usize = 128;
    let mut place = Place { at: 0, before: Word::NONE };
    if near && kernel != Kernel::Scalar {
        // SAFETY: as here.
        let done = unsafe {
            scalar::<WRITE, _>(direct, text, out, &mut place, NEAR, find)
        };
        if !done {
            return place.decided();
        }
    }
    match kernel {
        Kernel::Scalar => {
            // SAFETY: as here.
            unsafe {
                scalar::<WRITE, _>(direct, text, out, &mut place, !0, find)
            };
        }
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as here.
        Kernel::Avx2 => unsafe {
            x86::avx2::<WRITE, _>(direct, text, out, &mut place, find);
        },
        // A processor that has the one has the other.
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as here.
        Kernel::Avx512 if text.len() < SHORT => unsafe {
            x86::avx2::<WRITE, _>(direct, text, out, &mut place, find);
        },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as here.
        Kernel::Avx512 => unsafe {
            x86::avx512::<WRITE, _>(direct, text, out, &mut place, find);
        },
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
    let words = direct.words().all();
    let len = text.len();
    let from = text.as_ptr();
    let Place { mut at, mut before } = *place;
    let done = loop {
        // As long as words alone decide.
        while at + 4 <= len.min(until) {
            // SAFETY: four bytes are left.
            let four = unsafe { from.add(at).cast::<[u8; 4]>().read() };
            let [a, b, c, _] = four;
            if a & 0xF0 != 0xE0 {
                break;
            }
            // SAFETY: they are a character of three bytes, which has the
            // number of a word.
            let word =
                unsafe { *words.get_unchecked(index_of([a, b, c]) as usize) };
            let word = Word(word);
            if word.stops(before) || !WRITE && word.0 & Word::BYTES != 0 {
                break;
            }
            if WRITE {
                let four = word.apply(u32::from_le_bytes(four)).to_le_bytes();
                // SAFETY: less than SLACK beyond the length of the text. The
                // fourth byte means nothing and is written again, or not
                // counted.
                unsafe { out.add(at).cast::<[u8; 4]>().write(four) };
            }
            before = word;
            at += 3;
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
            let [a, b, c, _] = four.to_le_bytes();
            let word = words.get(index_of([a, b, c]) as usize);
            let word = Word(word.copied().unwrap_or(Word::NEEDS_ROW));
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

/// Characters of three bytes that a wide kernel looked up together, and
/// converted by their words. Where a phrase starts, that is set right here.
#[cfg(target_arch = "x86_64")]
struct Block<'a> {
    /// Where it stands in the text.
    at: usize,
    /// Bytes, some of them perhaps of other characters.
    len: usize,
    /// Where the characters start: a bit a byte.
    chosen: u64,
    /// Those that cannot be passed, a bit a character.
    stops: u32,
    /// Those that may be the second of a phrase.
    pairs: u32,
    /// For each the word of the character before it.
    before: &'a [u32],
}

/// How far a block went.
#[cfg(target_arch = "x86_64")]
enum Went {
    /// To its end, and the last character may start a phrase.
    Through,
    /// To this place, at its end or beyond, where a phrase ended.
    Beyond(usize),
    /// Not to its end.
    UpTo(Place),
}

#[cfg(target_arch = "x86_64")]
impl Block<'_> {
    /// Looks for phrases. With `filtered`, pairs that start none were taken
    /// out before.
    ///
    /// # Safety
    ///
    /// As for `scalar`; the block is one of the text.
    #[inline]
    unsafe fn finish<const WRITE: bool, F: FnMut(usize) -> Found>(
        mut self,
        direct: &Direct,
        text: &[u8],
        out: *mut u8,
        filtered: bool,
        find: &mut F,
    ) -> Went {
        // Where the last phrase ended.
        let mut ended = None;
        while self.stops | self.pairs != 0 {
            let lane = (self.stops | self.pairs).trailing_zeros();
            let start = self.at + nth(self.chosen, lane);
            let before = self.before.get(lane as usize).copied();
            let stop = Went::UpTo(Place {
                at: start,
                before: match ended {
                    Some(end) if end == start => Word::NONE,
                    _ => Word(before.unwrap_or(0)),
                },
            });
            if self.pairs >> lane & 1 == 0 {
                return stop;
            }
            // SAFETY: a pair is two characters of three bytes.
            let may_be =
                filtered || unsafe { may_be_pair(direct, text, start) };
            let found = if may_be { find(start - 3) } else { Found::Nothing };
            let value = match found {
                Found::Nothing => {
                    self.pairs &= !(1 << lane);
                    if self.stops >> lane & 1 != 0 {
                        return stop;
                    }
                    continue;
                }
                Found::Phrase(value) => value,
                Found::Other => return stop,
            };
            let Some(end) = end_of(text, start - 3, value) else {
                return stop;
            };
            if WRITE {
                // SAFETY: there is as much room as text.
                unsafe { write(value, out.add(start - 3)) };
            }
            if end >= self.at + self.len {
                return Went::Beyond(end);
            }
            ended = Some(end);
            let inside = self.chosen & ((1 << (end - self.at)) - 1);
            let inside: u32 = (1 << inside.count_ones()) - 1;
            self.stops &= !inside;
            // Nor can one start with the last character of it.
            self.pairs &= !(inside << 1 | 1);
        }
        Went::Through
    }
}

/// The place of a bit that is set, with `n` set below it.
#[cfg(target_arch = "x86_64")]
#[inline]
fn nth(mut bits: u64, n: u32) -> usize {
    for _ in 0..n {
        bits &= bits.wrapping_sub(1);
    }
    bits.trailing_zeros() as usize
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::{Block, Found, Place, Went, any_pair_here, scalar};
    use crate::tables::{COVERED, Direct, HASH, START, Word, code_of};

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
            let at_word =
                _mm256_sub_epi32(code, _mm256_set1_epi32(START as i32));
            // All numbers are small enough to be compared as signed ones, and
            // those below the start are negative.
            let covered = _mm256_andnot_si256(
                _mm256_cmpgt_epi32(zero, at_word),
                _mm256_cmpgt_epi32(_mm256_set1_epi32(COVERED as i32), at_word),
            );
            // SAFETY: where the mask is set, the number is one of a word.
            let word = unsafe {
                _mm256_mask_i32gather_epi32::<4>(zero, words, at_word, covered)
            };
            let compat = _mm256_and_si256(
                _mm256_cmpgt_epi32(code, _mm256_set1_epi32(0xF8FF)),
                _mm256_cmpgt_epi32(_mm256_set1_epi32(0xFB00), code),
            );
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
            let mut stops = lanes(_mm256_or_si256(word, compat));
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
            if stops | pairs != 0 {
                let before: [u32; 8] =
                    // SAFETY: both are 32 bytes without more meaning.
                    unsafe { std::mem::transmute(before) };
                let block = Block {
                    at,
                    len: 24,
                    chosen: u64::from(STARTS),
                    stops,
                    pairs,
                    before: &before,
                };
                // SAFETY: as for this.
                let went = unsafe {
                    block.finish::<WRITE, F>(direct, text, out, false, find)
                };
                match went {
                    Went::Through => {}
                    Went::Beyond(end) => {
                        *place = Place { at: end, before: Word::NONE };
                        continue;
                    }
                    Went::UpTo(stop) => {
                        *place = stop;
                        return;
                    }
                }
            }
            let last = _mm256_extract_epi32::<7>(word) as u32;
            *place = Place { at: at + 24, before: Word(last) };
        }
    }

    /// The same as anywhere, 32 bytes at a time.
    #[target_feature(enable = "avx2")]
    pub(super) fn any_pair(
        bytes: &[u8],
        found: impl Fn(u8, u8) -> bool,
    ) -> bool {
        any_pair_here(bytes, found)
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

    /// The bytes of each of 16 characters, the last one lowest.
    static UNPACK: [u8; 64] = unpack_64();
    /// The three low bytes of each of 16 numbers.
    static PACK: [u8; 64] = pack_64();

    /// 64 bytes at a time: up to 16 characters of three bytes among them are
    /// looked up at once, those of one and two bytes stay where they are.
    ///
    /// # Safety
    ///
    /// As for `scalar`, and the processor has the features.
    #[target_feature(
        enable = "avx512f,avx512bw,avx512vbmi,avx512vbmi2,bmi1,bmi2,lzcnt,popcnt"
    )]
    pub(super) unsafe fn avx512<
        const WRITE: bool,
        F: FnMut(usize) -> Found,
    >(
        direct: &Direct,
        text: &[u8],
        out: *mut u8,
        place: &mut Place,
        find: &mut F,
    ) {
        /// Where 16 characters of three bytes start.
        const STARTS: u64 = 0x2492_4924_9249;
        // SAFETY: both are 64 bytes.
        let (unpack, pack) = unsafe {
            (
                _mm512_loadu_si512(UNPACK.as_ptr().cast()),
                _mm512_loadu_si512(PACK.as_ptr().cast()),
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
        let from = text.as_ptr();
        // What was looked up last. The highest lane is the character that
        // ends where the next bytes start, or 0.
        let mut before_word = zero;
        let mut before_code = zero;
        let mut at = place.at;
        if place.before.may_start() {
            before_word = _mm512_set1_epi32(place.before.0 as i32);
            before_code = _mm512_set1_epi32(code_before(text, at) as i32);
        }
        loop {
            let left = text.len() - at;
            let bytes = if left >= 64 {
                // SAFETY: 64 bytes are left.
                unsafe { _mm512_loadu_si512(from.add(at).cast()) }
            } else if left >= 48 {
                // SAFETY: no byte behind the end is read.
                unsafe {
                    _mm512_maskz_loadu_epi8(
                        (1 << left) - 1,
                        from.add(at).cast(),
                    )
                }
            } else {
                // For so few the tables of this kernel cost more than they
                // are worth.
                *place = Place { at, before: highest(before_word) };
                // SAFETY: as for this.
                unsafe {
                    scalar::<WRITE, F>(direct, text, out, place, !0, find);
                }
                return;
            };
            let not_ascii = _mm512_movepi8_mask(bytes);
            if not_ascii == 0 && !direct.mixed() {
                if WRITE {
                    // SAFETY: at most SLACK beyond the length of the text.
                    unsafe {
                        _mm512_storeu_si512(out.add(at).cast(), bytes);
                    }
                }
                at += left.min(64);
                before_word = zero;
                continue;
            }
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
                let cut = starts & 3 << 62 | two & 1 << 63;
                let end = four | cut | _pdep_u64(1 << 16, starts);
                let mut len = _tzcnt_u64(end).min(left as u64) as u32;
                if direct.mixed() {
                    let row = _tzcnt_u64(!_pext_u64(starts, STARTS)) as u32;
                    len = len.min(3 * row);
                }
                if len == 0 {
                    *place = Place { at, before: highest(before_word) };
                    return;
                }
                let chosen = _bzhi_u64(starts, len);
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
            let at_word =
                _mm512_sub_epi32(code, _mm512_set1_epi32(START as i32));
            let covered = _mm512_mask_cmplt_epu32_mask(
                lanes,
                at_word,
                _mm512_set1_epi32(COVERED as i32),
            );
            // SAFETY: where the mask is set, the number is one of a word.
            let word = unsafe {
                _mm512_mask_i32gather_epi32::<4>(zero, covered, at_word, words)
            };
            let compat = _mm512_mask_cmplt_epu32_mask(
                lanes,
                _mm512_sub_epi32(code, _mm512_set1_epi32(0xF900)),
                _mm512_set1_epi32(0x200),
            );
            let before =
                _mm512_maskz_alignr_epi32::<15>(follows, word, before_word);
            let colours = _mm512_slli_epi32::<{ Word::APART }>(before);
            let mut pairs = _mm512_test_epi32_mask(
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
                let bit =
                    _mm512_srl_epi32(hash, _mm_cvtsi32_si128(shift as i32));
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
                pairs = _mm512_mask_test_epi32_mask(
                    pairs,
                    bits,
                    _mm512_sllv_epi32(_mm512_set1_epi32(1), bit),
                );
            }
            let row =
                _mm512_test_epi32_mask(word, _mm512_set1_epi32(i32::MIN));
            let mut stops = row | compat;
            let change = _mm512_permutexvar_epi8(pack, word);
            if WRITE {
                let changed = if dense {
                    _mm512_xor_si512(bytes, change)
                } else {
                    let all = chosen | chosen << 1 | chosen << 2;
                    let change = _mm512_maskz_expand_epi8(all, change);
                    _mm512_xor_si512(bytes, change)
                };
                // SAFETY: at most SLACK beyond the length of the text. What
                // is behind `len` is written again, or not counted.
                unsafe {
                    _mm512_storeu_si512(out.add(at).cast(), changed);
                }
            } else {
                stops |= _mm512_test_epi32_mask(
                    word,
                    _mm512_set1_epi32(Word::BYTES as i32),
                );
            }
            if stops | pairs != 0 {
                let before: [u32; 16] =
                    // SAFETY: both are 64 bytes without more meaning.
                    unsafe { std::mem::transmute(before) };
                let block = Block {
                    at,
                    len: len as usize,
                    chosen,
                    stops: u32::from(stops),
                    pairs: u32::from(pairs),
                    before: &before,
                };
                // SAFETY: as for this.
                let went = unsafe {
                    block.finish::<WRITE, F>(direct, text, out, true, find)
                };
                match went {
                    Went::Through => {}
                    Went::Beyond(end) => {
                        (at, before_word) = (end, zero);
                        continue;
                    }
                    Went::UpTo(stop) => {
                        *place = stop;
                        return;
                    }
                }
            }
            at += len as usize;
            if dense {
                (before_word, before_code) = (word, code);
            } else if chosen != 0 && 63 - chosen.leading_zeros() + 3 == len {
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
    }

    /// The character of three bytes that ends at `at`, if there is one.
    fn code_before(text: &[u8], at: usize) -> u32 {
        let three = at.checked_sub(3).and_then(|from| text.get(from..at));
        match three {
            Some(&[a, b, c]) => code_of(u32::from_le_bytes([a, b, c, 0])),
            _ => 0,
        }
    }

    /// The word in the highest lane.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn highest(words: __m512i) -> Word {
        let four = _mm512_extracti32x4_epi32::<3>(words);
        Word(_mm_extract_epi32::<3>(four) as u32)
    }
}
