//! Seeded texts for the oracles: what the rules are about, in any order.

use super::Rng;

/// Pieces that rules look for, and what stands close to them.
const PIECES: &[&str] = &[
    // Annotations, whole and broken.
    "團(tuán)",
    "結(jié)",
    "国（ｇｕó）",
    "女(nǚ)",
    "無(wu)",
    "王(Wáng)",
    "樂(lè)",
    "樂(yuè)",
    "(tuán)",
    "團(tuán)\u{301}",
    "績(jì)",
    "绩(jì)",
    "乾(qián)隆",
    "的(de)",
    "團\u{E0100}(tuán)",
    "團(tua\u{301}n)",
    "團((tuán)",
    "秘(密)",
    "團(tuán",
    // Phrases and single characters of the script tables.
    "乾",
    "隆",
    "乾隆",
    "乾坤",
    "圖",
    "图",
    "瀋",
    "沈",
    "重",
    "沉",
    "坏",
    "壞",
    "土",
    "打",
    "於",
    "倫",
    "伦",
    "瞭",
    "望",
    "解",
    "藉",
    "此",
    "傷亡枕藉",
    "薴",
    "苧",
    "麼",
    "麽",
    "些族",
    "徵",
    "羽",
    "干",
    "幹",
    "榦",
    "後",
    "后",
    "髮",
    "發",
    "里",
    "裏",
    "著",
    "着",
    "一目瞭然",
    "折戟瀋沙",
    "摺戟沈沙",
    "意志消沈",
    // Compatibility ideographs, astral, variation selectors.
    "\u{F9D1}",
    "\u{2F800}",
    "\u{2F8A6}",
    "𠀀",
    "𫫇",
    "\u{FE00}",
    "\u{E0100}",
    // Ideographic description.
    "⿰",
    "⿲",
    "⿱艹",
    "⿰氵漢",
    "\u{2FFE}",
    "⿰\n",
    "⿰\u{3000}",
    // Marks and their neighbours.
    ",",
    ":",
    ";",
    "?",
    "!",
    "(",
    ")",
    "（",
    "）",
    "，",
    "：",
    "。",
    "、",
    "“",
    "”",
    "《",
    "》",
    "%",
    "％",
    "=",
    "/",
    "://",
    "http://",
    "．",
    "'",
    "\"",
    "<",
    ">",
    "9:30",
    "1,000",
    "60.92;",
    "a",
    "b",
    "f(x)",
    "(a)",
    "(一)",
    "Ａ",
    "ｚ",
    "７",
    "0",
    "２",
    "第(1)条",
    "http://a.cn/径?x=1",
    "径?",
    "(abc）",
    "（中文)",
    "汉,",
    // Blanks and line ends.
    " ",
    "  ",
    "\t",
    "\u{3000}",
    "\u{A0}",
    "\n",
    "\r",
    "\r\n",
    "\n\n",
    " \n",
    "\u{3000}\n",
    "\r\r\n",
    "\u{2003}",
    // What belongs to the character before, or to none.
    "\u{301}",
    "\u{200D}",
    "\u{20E3}",
    "\u{FEFF}",
    "\u{200B}",
    "\u{FFFD}",
    "\0",
    "\u{1B}",
    "~{",
    "\u{7F}",
    "\u{85}",
    "😀",
    "👩\u{200D}💻",
    "é",
    "ж",
    "の",
    "한",
];

/// A text of the seed: UTF-8, or in one of the encodings that a detector
/// meets, perhaps damaged, perhaps longer than the sniff window.
pub fn text(seed: u64) -> Vec<u8> {
    let mut rng = Rng(seed);
    let mut text = String::new();
    if rng.below(8) == 0 {
        // Decisions past the window, where detection is settled.
        let fill = ["漢字轉換。", "plain ascii, ", "团结\n"];
        let fill = fill[rng.below(fill.len())];
        while text.len() < 4096 + rng.below(64) {
            text.push_str(fill);
        }
    }
    if rng.below(16) == 0 {
        let blanks = ["\u{3000}", " ", "\u{A0}", "\t"];
        let kinds = 1 + rng.below(blanks.len());
        for _ in 0..rng.below(600) {
            text.push_str(blanks[rng.below(kinds)]);
        }
    }
    if rng.below(16) == 0 {
        text.push('(');
        text.push_str(&"漢字".repeat(rng.below(200)));
    }
    for _ in 0..rng.below(40) {
        text.push_str(PIECES[rng.below(PIECES.len())]);
    }
    let encodings = [
        encoding_rs::GB18030,
        encoding_rs::BIG5,
        encoding_rs::SHIFT_JIS,
        encoding_rs::EUC_KR,
        encoding_rs::ISO_2022_JP,
    ];
    let mut bytes = match rng.below(14) {
        n @ 0..5 => encodings[n].encode(&text).0.into_owned(),
        5 => utf16(&text, u16::to_le_bytes),
        6 => utf16(&text, u16::to_be_bytes),
        7 => "\u{FEFF}"
            .chars()
            .chain(text.chars())
            .flat_map(|c| u32::from(c).to_le_bytes())
            .collect(),
        8 => (0..rng.below(60))
            .flat_map(|_| SHIFTS[rng.below(SHIFTS.len())].iter().copied())
            .collect(),
        _ => text.into_bytes(),
    };
    if rng.below(3) == 0 {
        for _ in 0..rng.below(6) {
            let at = rng.below(bytes.len() + 1);
            match rng.below(3) {
                0 => bytes.insert(at, rng.number() as u8),
                1 => bytes.truncate(at),
                _ if at < bytes.len() => drop(bytes.remove(at)),
                _ => {}
            }
        }
    }
    bytes
}

/// What encodings with states and rare sets are made of.
const SHIFTS: [&[u8]; 26] = [
    b"~{",
    b"~}",
    b"~~",
    b"~\n",
    b"~",
    b"\x0E",
    b"\x0F",
    b"\x1B$)A",
    b"\x1B$)G",
    b"\x1B$*H",
    b"\x1B$+I",
    b"\x1B$)Z",
    b"\x1B$",
    b"\x1B",
    b"\x1BN",
    b"\x1BO",
    b"!!",
    b"VW",
    b"~!",
    b"a",
    b" ",
    b"\n",
    b"\r",
    b"\x8E\xA2",
    b"\x8E\xAF\xA1",
    b"\xC4\xE3",
];

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let mark = bytes(0xFEFF);
    mark.into_iter().chain(text.encode_utf16().flat_map(bytes)).collect()
}
