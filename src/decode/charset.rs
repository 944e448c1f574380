//! The encodings that are decoded: those of browsers, by `encoding_rs`, and
//! those that browsers do not read or read no more.
//!
//! A [`Charset`] is made of a label, or by detection; a [`Decoder`] keeps the
//! contract of [`encoding_rs::Decoder`] for all of them. Nothing here detects
//! anything, and nothing encodes.
//!
//! GB18030 is that of 2022: since 0.8.35 `encoding_rs` has its changes. The
//! eighteen two-byte characters that once were for private use are what they
//! stand for (A6 D9 is U+FE10), and where they changed places with a
//! four-byte character (FE 59 and 82 35 90 37, both U+9FB4) two ways lead to
//! the character and none to the private one.
//!
//! The others are small enough for one loop, which asks again and again what
//! the next bytes are, four at most. What the end of a piece leaves undecided
//! waits in a queue. So all state is the queue and a few flags, any cut gives
//! the same, and what stood behind a malformed byte is still there to be read
//! as what it is.

use encoding_rs::X_MAC_CYRILLIC;
use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK};
use encoding_rs::{DecoderResult, ISO_2022_JP, MACINTOSH, SHIFT_JIS, UTF_8};
use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_874, WINDOWS_1252};

use crate::tables::{cns, uao};

/// A character encoding that is decoded.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Charset {
    /// One of the WHATWG Encoding Standard.
    Standard(&'static Encoding),
    /// HZ, RFC 1843: GB 2312 in seven bits.
    Hz,
    /// ISO-2022-CN and ISO-2022-CN-EXT, RFC 1922: GB 2312 and CNS 11643 in
    /// seven bits. The sets that it names beyond those are unknown to it.
    Iso2022Cn,
    /// CNS 11643 in eight bits, two bytes or four.
    EucTw,
    /// Unicode-At-On: Big5 as bulletin boards in Taiwan extended it.
    Big5Uao,
    Utf32Le,
    Utf32Be,
}

impl Charset {
    pub(crate) const UTF_8: Charset = Charset::Standard(UTF_8);

    pub(crate) fn name(self) -> &'static str {
        match self {
            Charset::Standard(encoding) => encoding.name(),
            Charset::Hz => "HZ-GB-2312",
            Charset::Iso2022Cn => "ISO-2022-CN",
            Charset::EucTw => "EUC-TW",
            Charset::Big5Uao => "Big5-UAO",
            Charset::Utf32Le => "UTF-32LE",
            Charset::Utf32Be => "UTF-32BE",
        }
    }

    /// By a label of the WHATWG Encoding Standard, or a name that Python or
    /// iconv have for the same. Case does not matter, and `_` is `-`.
    pub(crate) fn for_label(label: &str) -> Option<Charset> {
        let standard = |label: &str| {
            Encoding::for_label_no_replacement(label.as_bytes())
                .map(Charset::standard)
        };
        let plain = label.trim_ascii().to_ascii_lowercase().replace('_', "-");
        standard(label).or_else(|| standard(&plain)).or_else(|| {
            let (_, charset) =
                LABELS.iter().find(|(names, _)| names.contains(&&*plain))?;
            Some(*charset)
        })
    }

    /// The same; GB2312 and GBK text is decoded as GB18030, which contains
    /// both.
    pub(crate) fn standard(encoding: &'static Encoding) -> Charset {
        let narrow = encoding == GBK;
        Charset::Standard(if narrow { GB18030 } else { encoding })
    }

    /// Whether each byte below 0x80 that belongs to no longer character is
    /// ASCII, whatever came before it.
    pub(crate) fn is_ascii_compatible(self) -> bool {
        match self {
            Charset::Standard(encoding) => encoding.is_ascii_compatible(),
            Charset::EucTw | Charset::Big5Uao => true,
            _ => false,
        }
    }

    /// Whether each byte is a character.
    pub(crate) fn is_single_byte(self) -> bool {
        match self {
            Charset::Standard(encoding) => encoding.is_single_byte(),
            _ => false,
        }
    }

    pub(crate) fn new_decoder(self) -> Decoder {
        let of = |scheme| Kind::Own(Queue::default(), scheme);
        let kind = match self {
            // Marks are dealt with by others.
            Charset::Standard(encoding) => Kind::Standard(Box::new(
                encoding.new_decoder_without_bom_handling(),
            )),
            Charset::Hz => of(Scheme::Hz { gb: false }),
            Charset::Iso2022Cn => of(Scheme::Iso2022Cn(Iso2022Cn::default())),
            Charset::EucTw => of(Scheme::EucTw),
            Charset::Big5Uao => of(Scheme::Big5Uao),
            Charset::Utf32Le => of(Scheme::Utf32(u32::from_le_bytes)),
            Charset::Utf32Be => of(Scheme::Utf32(u32::from_be_bytes)),
        };
        Decoder { charset: self, kind }
    }
}

/// Labels that the standard does not have, in lower case and with `-`.
const LABELS: &[(&[&str], Charset)] = &[
    (
        &[
            "936",
            "cp936",
            "euc-cn",
            "euccn",
            "gb-2312",
            "gb18030-2000",
            "gb18030-2005",
            "gb18030-2022",
            "gb2312-80",
            "iso-8859-gb",
            "ms936",
            "windows-936",
        ],
        Charset::Standard(GB18030),
    ),
    (
        &[
            "950",
            "big-5",
            "big5-2003",
            "big5-cp950",
            "big5-eten",
            "big5-tw",
            "big5hkscs",
            "cp950",
            "cp951",
            "hkscs",
            "ms950",
            "windows-950",
        ],
        Charset::Standard(BIG5),
    ),
    (
        &[
            "932",
            "cp932",
            "mskanji",
            "s-jis",
            "shift-jis-2004",
            "shift-jisx0213",
            "shiftjis",
            "windows-932",
        ],
        Charset::Standard(SHIFT_JIS),
    ),
    (
        &["euc-jis-2004", "euc-jisx0213", "eucjp", "ujis"],
        Charset::Standard(EUC_JP),
    ),
    (&["iso2022-jp", "iso2022jp"], Charset::Standard(ISO_2022_JP)),
    (
        &["949", "cp949", "euckr", "ks-c-5601", "ms949", "uhc"],
        Charset::Standard(EUC_KR),
    ),
    (&["cp65001", "u8", "utf-8-bom", "utf-8-sig"], Charset::UTF_8),
    (
        &[
            "cp1200",
            "ucs-2le",
            "ucs2",
            "ucs2le",
            "utf-16-le",
            "utf16",
            "utf16le",
        ],
        Charset::Standard(UTF_16LE),
    ),
    (
        &["cp1201", "ucs-2be", "ucs2be", "utf-16-be", "utf16be"],
        Charset::Standard(UTF_16BE),
    ),
    (&["7-bit", "7bit", "latin-1"], Charset::Standard(WINDOWS_1252)),
    (&["cp874"], Charset::Standard(WINDOWS_874)),
    (&["mac-roman", "macroman"], Charset::Standard(MACINTOSH)),
    (&["mac-cyrillic", "maccyrillic"], Charset::Standard(X_MAC_CYRILLIC)),
    (&["hz", "hz-gb-2312", "hz-gb2312", "hzgb", "x-hz"], Charset::Hz),
    (
        &[
            "csiso2022cn",
            "csiso2022cnext",
            "iso-2022-cn",
            "iso-2022-cn-ext",
            "iso2022-cn",
            "iso2022-cn-ext",
            "iso2022cn",
            "x-iso-2022-cn",
        ],
        Charset::Iso2022Cn,
    ),
    (&["cns11643", "euc-tw", "euctw", "x-euc-tw"], Charset::EucTw),
    (&["big5-uao", "big5uao", "uao", "x-big5-uao"], Charset::Big5Uao),
    // As with UTF-16, little-endian where the name does not say it.
    (
        &[
            "cp12000",
            "ucs-4le",
            "ucs4le",
            "utf-32",
            "utf-32-le",
            "utf-32le",
            "utf32",
            "utf32le",
        ],
        Charset::Utf32Le,
    ),
    // iconv's UCS-4 is big-endian.
    (
        &[
            "cp12001",
            "csucs4",
            "iso-10646-ucs-4",
            "ucs-4",
            "ucs-4be",
            "ucs4",
            "ucs4be",
            "utf-32-be",
            "utf-32be",
            "utf32be",
        ],
        Charset::Utf32Be,
    ),
];

/// Bytes to text, in pieces; see [`encoding_rs::Decoder`].
pub(crate) struct Decoder {
    charset: Charset,
    kind: Kind,
}

enum Kind {
    Standard(Box<encoding_rs::Decoder>),
    Own(Queue, Scheme),
}

impl Decoder {
    pub(crate) fn charset(&self) -> Charset {
        self.charset
    }

    /// How many of the bytes that were read are still undecided, where that
    /// is known. The others are in the text that was given out, or stand for
    /// none.
    pub(crate) fn undecided(&self) -> Option<usize> {
        match &self.kind {
            Kind::Standard(_) => None,
            Kind::Own(queue, _) => Some(queue.bytes().len()),
        }
    }

    pub(crate) fn max_utf8_buffer_length_without_replacement(
        &self,
        n: usize,
    ) -> Option<usize> {
        match &self.kind {
            Kind::Standard(decoder) => {
                decoder.max_utf8_buffer_length_without_replacement(n)
            }
            // No character has more bytes than twice those it is made of. The
            // loop wants room for the longest before it takes a byte.
            Kind::Own(..) => (n + QUEUE).checked_mul(2)?.checked_add(ROOM),
        }
    }

    /// Appends text as far as there is capacity. [`DecoderResult::Malformed`]
    /// has the length of the malformed sequence and how many bytes that are
    /// no part of it were read behind it.
    pub(crate) fn decode_to_string_without_replacement(
        &mut self,
        src: &[u8],
        dst: &mut String,
        last: bool,
    ) -> (DecoderResult, usize) {
        let (queue, scheme) = match &mut self.kind {
            Kind::Standard(decoder) => {
                return decoder
                    .decode_to_string_without_replacement(src, dst, last);
            }
            Kind::Own(queue, scheme) => (queue, scheme),
        };
        let mut rest = src;
        loop {
            let room = dst.capacity() - dst.len();
            if room < ROOM {
                let read = src.len() - rest.len();
                return (DecoderResult::OutputFull, read);
            }
            // The queue is for what the end of a piece leaves undecided.
            let queued = !queue.bytes().is_empty();
            let front = if queued {
                queue.bytes()
            } else {
                let most = rest.split_at_checked(room).map_or(rest, |r| r.0);
                let n = scheme.plain(most);
                if let Some((plain, tail)) = rest.split_at_checked(n) {
                    let text = std::str::from_utf8(plain).unwrap_or_default();
                    debug_assert_eq!(text.len(), n, "ASCII is UTF-8");
                    dst.push_str(text);
                    rest = tail;
                }
                if n > 0 {
                    continue;
                }
                rest.split_at_checked(QUEUE).map_or(rest, |r| r.0)
            };
            let next = scheme.next(front);
            let mut take = |n| {
                if queued {
                    queue.drop(n);
                } else {
                    rest = rest.split_at_checked(n).map_or(&[], |r| r.1);
                }
            };
            let malformed = match next {
                Next::Char(c, n) => {
                    dst.push(c);
                    take(n);
                    continue;
                }
                Next::Nothing(n) => {
                    take(n);
                    continue;
                }
                Next::Malformed(n) => {
                    take(n);
                    n
                }
                Next::More(n) => {
                    if let Some((byte, tail)) = rest.split_first() {
                        queue.push(*byte);
                        rest = tail;
                        continue;
                    }
                    if !last || n == 0 {
                        return (DecoderResult::InputEmpty, src.len());
                    }
                    queue.drop(n);
                    n
                }
            };
            // Both are at most four.
            let behind = queue.bytes().len() as u8;
            let result = DecoderResult::Malformed(malformed as u8, behind);
            return (result, src.len() - rest.len());
        }
    }
}

/// The longest character or escape sequence.
const QUEUE: usize = 4;
/// The longest character in UTF-8.
const ROOM: usize = 4;

/// Bytes that were read and not yet understood.
#[derive(Default)]
struct Queue {
    bytes: [u8; QUEUE],
    len: usize,
}

impl Queue {
    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    fn push(&mut self, byte: u8) {
        debug_assert!(self.len < QUEUE, "four bytes are always enough");
        if let Some(place) = self.bytes.get_mut(self.len) {
            *place = byte;
            self.len += 1;
        }
    }

    fn drop(&mut self, n: usize) {
        let n = n.min(self.len);
        self.bytes.rotate_left(n);
        self.len -= n;
    }
}

/// What the next bytes are. The first that decide it decide it, however many
/// follow.
enum Next {
    /// A character of so many bytes.
    Char(char, usize),
    /// So many bytes that stand for no text.
    Nothing(usize),
    /// So many bytes that mean nothing.
    Malformed(usize),
    /// It depends on what follows. At the end of the input the first so many
    /// bytes are malformed.
    More(usize),
}

impl Next {
    /// The cell of a character set, if there is something in it.
    fn cell(c: Option<char>, n: usize) -> Next {
        c.map_or(Next::Malformed(n), |c| Next::Char(c, n))
    }
}

enum Scheme {
    Hz { gb: bool },
    Iso2022Cn(Iso2022Cn),
    EucTw,
    Big5Uao,
    Utf32(fn([u8; 4]) -> u32),
}

impl Scheme {
    fn next(&mut self, queue: &[u8]) -> Next {
        match self {
            Scheme::Hz { gb } => hz(gb, queue),
            Scheme::Iso2022Cn(state) => state.next(queue),
            Scheme::EucTw => euc_tw(queue),
            Scheme::Big5Uao => big5_uao(queue),
            Scheme::Utf32(number) => match *queue {
                [a, b, c, d] => {
                    Next::cell(char::from_u32(number([a, b, c, d])), 4)
                }
                _ => Next::More(queue.len()),
            },
        }
    }

    /// How many of the first bytes are ASCII and nothing else.
    fn plain(&self, bytes: &[u8]) -> usize {
        let until = |stop: fn(&u8) -> bool| {
            bytes.iter().position(stop).unwrap_or(bytes.len())
        };
        match self {
            Scheme::EucTw | Scheme::Big5Uao => until(|b| !b.is_ascii()),
            Scheme::Hz { gb: false } => until(|b| !b.is_ascii() || *b == b'~'),
            Scheme::Iso2022Cn(state) if !state.shifted => until(|b| {
                let sign = matches!(b, 0x0E | 0x0F | 0x1B | b'\n' | b'\r');
                !b.is_ascii() || sign
            }),
            _ => 0,
        }
    }
}

/// HZ. `~{` and `~}` switch to GB 2312 and back, `~~` is a tilde and a tilde
/// at the end of a line joins it with the next. A line ends in ASCII, whether
/// it says so or not: what a lost `~}` spoils is one line. A second `~{` is
/// no harm; a `~}` that ends nothing is malformed.
fn hz(gb: &mut bool, queue: &[u8]) -> Next {
    match (*gb, queue) {
        (_, [] | [b'~']) => Next::More(queue.len()),
        (_, [b'~', b'{', ..]) => {
            *gb = true;
            Next::Nothing(2)
        }
        (true, [b'~', b'}', ..]) => {
            *gb = false;
            Next::Nothing(2)
        }
        (false, [b'~', b'~', ..]) => Next::Char('~', 2),
        (false, [b'~', b'\n', ..]) => Next::Nothing(2),
        (_, [b'~', ..]) => Next::Malformed(1),
        (true, [row @ GL_FIRST..=GL_LAST, tail @ ..]) => {
            pair(tail, 1, |column| gb2312(*row, column))
        }
        (_, [byte, ..]) => {
            *gb &= !matches!(byte, b'\n' | b'\r');
            ascii(*byte)
        }
    }
}

/// ISO-2022-CN: escape sequences say what SO, SS2 (ESC N) and SS3 (ESC O)
/// call, until the end of the line.
#[derive(Default)]
struct Iso2022Cn {
    so: Option<Set>,
    ss2: Option<Set>,
    ss3: Option<Set>,
    shifted: bool,
}

/// A set of 94 × 94 characters.
#[derive(Clone, Copy)]
enum Set {
    Gb2312,
    /// A plane of CNS 11643.
    Cns(u8),
}

impl Set {
    fn char(self, row: u8, column: u8) -> Option<char> {
        match self {
            Set::Gb2312 => gb2312(row, column),
            Set::Cns(plane) => cns(plane, row, column),
        }
    }
}

impl Iso2022Cn {
    fn next(&mut self, queue: &[u8]) -> Next {
        match queue {
            [] => Next::More(0),
            [0x1B] | [0x1B, b'$'] | [0x1B, b'$', b')' | b'*' | b'+'] => {
                Next::More(1)
            }
            [0x1B, b'$', group, last, ..] => self.designate(*group, *last),
            [0x1B, b'N', tail @ ..] => single(self.ss2, tail),
            [0x1B, b'O', tail @ ..] => single(self.ss3, tail),
            [0x1B, ..] => Next::Malformed(1),
            [0x0E, ..] => {
                self.shifted = true;
                Next::Nothing(1)
            }
            [0x0F, ..] => {
                self.shifted = false;
                Next::Nothing(1)
            }
            [b'\n' | b'\r', ..] => {
                *self = Iso2022Cn::default();
                queue.first().map_or(Next::More(0), |byte| ascii(*byte))
            }
            [row, tail @ ..] => match self.so {
                Some(set)
                    if self.shifted && (GL_FIRST..=GL_LAST).contains(row) =>
                {
                    pair(tail, 1, |column| set.char(*row, column))
                }
                _ => ascii(*row),
            },
        }
    }

    /// ESC $, a sign for what calls the set, and the set.
    fn designate(&mut self, group: u8, last: u8) -> Next {
        let (place, set) = match (group, last) {
            (b')', b'A') => (&mut self.so, Set::Gb2312),
            (b')', b'G') => (&mut self.so, Set::Cns(1)),
            (b'*', b'H') => (&mut self.ss2, Set::Cns(2)),
            (b'+', b'I'..=b'M') => (&mut self.ss3, Set::Cns(last - b'I' + 3)),
            _ => return Next::Malformed(1),
        };
        *place = Some(set);
        Next::Nothing(4)
    }
}

/// A character behind ESC N or ESC O. Where nothing is designated, those are
/// a stray ESC and a letter.
fn single(set: Option<Set>, tail: &[u8]) -> Next {
    match (set, tail) {
        (None, _) => Next::Malformed(1),
        (_, []) => Next::More(2),
        (Some(set), [row @ GL_FIRST..=GL_LAST, tail @ ..]) => {
            pair(tail, 3, |column| set.char(*row, column))
        }
        _ => Next::Malformed(2),
    }
}

/// EUC-TW: plane 1 in two bytes, any plane in four, which SS2 (8E) begins.
fn euc_tw(queue: &[u8]) -> Next {
    let cell = |plane, row, column, n| {
        Next::cell(cns(plane, row & 0x7F, column & 0x7F), n)
    };
    // What cannot be part of a character is read anew.
    match *queue {
        [] => Next::More(0),
        [0x8E, plane @ 0xA1..=0xB0, ref tail @ ..] => match *tail {
            [] => Next::More(2),
            [0xA1..=0xFE] => Next::More(3),
            [row @ 0xA1..=0xFE, column @ 0xA1..=0xFE, ..] => {
                cell(plane - 0xA0, row, column, 4)
            }
            [0xA1..=0xFE, ..] => Next::Malformed(3),
            _ => Next::Malformed(2),
        },
        [0x8E | 0xA1..=0xFE] => Next::More(1),
        [row @ 0xA1..=0xFE, column @ 0xA1..=0xFE, ..] => {
            cell(1, row, column, 2)
        }
        [byte, ..] => ascii(byte),
    }
}

/// Big5-UAO. A second byte that is ASCII and makes no character is read anew.
fn big5_uao(queue: &[u8]) -> Next {
    match *queue {
        [] => Next::More(0),
        [0x81..=0xFE] => Next::More(1),
        [lead @ 0x81..=0xFE, trail, ..] => match uao(lead, trail) {
            Some(c) => Next::Char(c, 2),
            None if trail.is_ascii() => Next::Malformed(1),
            None => Next::Malformed(2),
        },
        [byte, ..] => ascii(byte),
    }
}

/// The rows and columns of a set in seven bits.
const GL_FIRST: u8 = 0x21;
const GL_LAST: u8 = 0x7E;

/// The second byte of two, after `before` others that are lost if it is no
/// such byte.
fn pair(
    tail: &[u8],
    before: usize,
    char: impl FnOnce(u8) -> Option<char>,
) -> Next {
    match tail {
        [] => Next::More(before),
        [column @ GL_FIRST..=GL_LAST, ..] => {
            Next::cell(char(*column), before + 1)
        }
        _ => Next::Malformed(before),
    }
}

fn ascii(byte: u8) -> Next {
    if byte.is_ascii() {
        Next::Char(char::from(byte), 1)
    } else {
        Next::Malformed(1)
    }
}

/// A cell of GB 2312, as GB18030 has it, with what that has added; without
/// its cells for private use.
fn gb2312(row: u8, column: u8) -> Option<char> {
    let mut utf8 = [0; 8];
    let (result, _, n) = GB18030
        .new_decoder_without_bom_handling()
        .decode_to_utf8_without_replacement(
            &[row | 0x80, column | 0x80],
            &mut utf8,
            true,
        );
    if result != DecoderResult::InputEmpty {
        return None;
    }
    let text = std::str::from_utf8(utf8.get(..n)?).ok()?;
    text.chars().next().filter(|c| !('\u{E000}'..='\u{F8FF}').contains(c))
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test panics"
)]
mod tests {
    use super::*;

    /// What a decoder makes of pieces: text with U+FFFD, and the range of
    /// each malformed sequence.
    fn decode(
        charset: Charset,
        pieces: &[&[u8]],
        room: usize,
    ) -> (String, Vec<std::ops::Range<usize>>) {
        let mut decoder = charset.new_decoder();
        let (mut text, mut malformed, mut read) =
            (String::new(), Vec::new(), 0);
        for (i, mut piece) in pieces.iter().copied().enumerate() {
            loop {
                let mut out = String::with_capacity(room);
                let last = i + 1 == pieces.len();
                let (result, n) = decoder
                    .decode_to_string_without_replacement(
                        piece, &mut out, last,
                    );
                assert!(out.capacity() < room + 16, "it never grows");
                text.push_str(&out);
                piece = &piece[n..];
                read += n;
                match result {
                    DecoderResult::InputEmpty => break,
                    DecoderResult::OutputFull => assert!(room < 16),
                    DecoderResult::Malformed(len, behind) => {
                        let end = read - usize::from(behind);
                        malformed.push(end - usize::from(len)..end);
                        text.push(char::REPLACEMENT_CHARACTER);
                    }
                }
            }
            assert!(piece.is_empty(), "all is taken");
        }
        (text, malformed)
    }

    const OURS: [&str; 6] = [
        "HZ-GB-2312",
        "ISO-2022-CN",
        "EUC-TW",
        "Big5-UAO",
        "UTF-32LE",
        "UTF-32BE",
    ];

    #[test]
    fn cuts_and_room_change_nothing() {
        const PIECES: [&[u8]; 20] = [
            b"~{",
            b"~}",
            b"~",
            b"\x0E",
            b"\x0F",
            b"\x1B$)A",
            b"\x1B$)G",
            b"\x1B$*H",
            b"\x1B$+I",
            b"\x1B$",
            b"\x1BN",
            b"\x1BO",
            b"VW",
            b"a",
            b"\n",
            b"\x8E\xA2",
            b"\x8E",
            b"\xC4\xA1",
            b"\xC4",
            b"a\0\0\0",
        ];
        let mut seed = 1u32;
        for round in 0..3000 {
            let mut data = Vec::new();
            for _ in 0..round % 24 {
                seed =
                    seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                data.extend(PIECES[(seed >> 24) as usize % PIECES.len()]);
            }
            for label in OURS {
                let charset = Charset::for_label(label).unwrap();
                let enough = charset
                    .new_decoder()
                    .max_utf8_buffer_length_without_replacement(data.len())
                    .unwrap()
                    .max(16);
                let whole = decode(charset, &[&data], enough);
                let bytes: Vec<&[u8]> = data.chunks(1).collect();
                let single = decode(charset, &bytes, enough);
                let tight = decode(charset, &[&data], ROOM);
                if data.is_empty() {
                    continue;
                }
                assert_eq!(single, whole, "{label}: {data:?}");
                assert_eq!(tight, whole, "{label}: {data:?}");
                for range in &whole.1 {
                    assert!(range.start < range.end, "{label}: {data:?}");
                }
                if charset.is_ascii_compatible() && label != "Big5-UAO" {
                    let ascii = |bytes: &[u8]| {
                        bytes.iter().filter(|b| b.is_ascii()).count()
                    };
                    assert_eq!(ascii(whole.0.as_bytes()), ascii(&data));
                }
            }
        }
    }

    #[test]
    fn labels() {
        let name = |label| Charset::for_label(label).map(Charset::name);
        for label in OURS {
            assert_eq!(name(label), Some(label));
        }
        for (label, expected) in [
            ("gb2312", "gb18030"),
            (" GBK\n", "gb18030"),
            ("CP936", "gb18030"),
            ("euc_jis_2004", "EUC-JP"),
            ("Shift_JIS", "Shift_JIS"),
            ("iso2022_jp", "ISO-2022-JP"),
            ("utf_16_le", "UTF-16LE"),
            ("UTF-32", "UTF-32LE"),
            ("utf_32_be", "UTF-32BE"),
            ("UCS-4", "UTF-32BE"),
            ("big5_uao", "Big5-UAO"),
            ("x-euc-tw", "EUC-TW"),
            ("ISO-2022-CN-EXT", "ISO-2022-CN"),
        ] {
            assert_eq!(name(label), Some(expected), "{label}");
        }
        for label in ["", "iso-2022-kr", "replacement", "utf-7", "hz-gb"] {
            assert_eq!(name(label), None, "{label}");
        }
        for (labels, charset) in LABELS {
            for label in *labels {
                assert_eq!(Charset::for_label(label), Some(*charset));
                assert!(
                    Encoding::for_label_no_replacement(label.as_bytes())
                        .is_none(),
                    "the standard has {label}"
                );
            }
        }
    }

    /// What the standard says of GB18030 since 2022.
    #[test]
    fn gb18030_of_2022() {
        let old: Vec<u16> = (0xA6D9..=0xA6DF)
            .chain([0xA6EC, 0xA6ED, 0xA6F3, 0xFE59, 0xFE61, 0xFE66, 0xFE67])
            .chain([0xFE6D, 0xFE7E, 0xFE90, 0xFEA0])
            .collect();
        assert_eq!(old.len(), 18);
        for pair in old {
            let bytes = pair.to_be_bytes();
            let (text, _, _) = GB18030.decode(&bytes);
            let c = text.chars().next().unwrap();
            assert!(!('\u{E000}'..='\u{F8FF}').contains(&c), "{pair:X}");
        }
    }
}
