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
//! The others are small enough for one loop. It takes byte by byte into a
//! queue of at most four, asks what the front of the queue is, and gives out
//! text once that is certain. So all state is the queue and a few flags, any
//! cut gives the same, and what stood behind a malformed byte is still there
//! to be read as what it is.

use encoding_rs::X_MAC_CYRILLIC;
use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK};
use encoding_rs::{DecoderResult, ISO_2022_JP, MACINTOSH, SHIFT_JIS, UTF_8};
use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_874, WINDOWS_1252};

/// A character encoding that is decoded.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Charset {
    /// One of the WHATWG Encoding Standard.
    Standard(&'static Encoding),
    /// HZ, RFC 1843: GB 2312 in seven bits.
    Hz,
    /// ISO-2022-CN and ISO-2022-CN-EXT, RFC 1922.
    Iso2022Cn,
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
            let read = src.len() - rest.len();
            if dst.capacity() - dst.len() < ROOM {
                return (DecoderResult::OutputFull, read);
            }
            match scheme.next(queue.bytes()) {
                Next::Char(c, n) => {
                    dst.push(c);
                    queue.drop(n);
                }
                Next::Nothing(n) => queue.drop(n),
                Next::Malformed(n) => return (queue.malformed(n), read),
                Next::More(n) => {
                    if let Some((byte, tail)) = rest.split_first() {
                        queue.push(*byte);
                        rest = tail;
                    } else if last && n > 0 {
                        return (queue.malformed(n), read);
                    } else {
                        return (DecoderResult::InputEmpty, read);
                    }
                }
            }
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

    fn malformed(&mut self, n: usize) -> DecoderResult {
        self.drop(n);
        // Both are at most four.
        DecoderResult::Malformed(n as u8, self.len as u8)
    }
}

/// What the front of the queue is.
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
    Utf32(fn([u8; 4]) -> u32),
}

impl Scheme {
    fn next(&mut self, queue: &[u8]) -> Next {
        match self {
            Scheme::Hz { gb } => hz(gb, queue),
            Scheme::Iso2022Cn(state) => state.next(queue),
            Scheme::Utf32(number) => match *queue {
                [a, b, c, d] => {
                    Next::cell(char::from_u32(number([a, b, c, d])), 4)
                }
                _ => Next::More(queue.len()),
            },
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
        (_, [b'~', b'{']) => {
            *gb = true;
            Next::Nothing(2)
        }
        (true, [b'~', b'}']) => {
            *gb = false;
            Next::Nothing(2)
        }
        (false, [b'~', b'~']) => Next::Char('~', 2),
        (false, [b'~', b'\n']) => Next::Nothing(2),
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
}

impl Set {
    fn char(self, row: u8, column: u8) -> Option<char> {
        match self {
            Set::Gb2312 => gb2312(row, column),
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
            [0x1B, b'$', group, last] => self.designate(*group, *last),
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
