//! Each clever loop against its obvious twin, over the texts of the oracles.

#![allow(clippy::indexing_slicing, clippy::unwrap_used)]

use std::collections::{BTreeSet, HashMap};

use crate::properties::oracle::texts;
use crate::simd;
use crate::tables::{
    FROM_TWP, MAX_KEY_CHARS, S2T, SIMPLIFIED, ScriptTable, T2S, TO_TWP, Word,
};
use crate::{Config, Normalizer, Options, Script, StageName, TofuRisk};

fn over_texts(each: impl FnMut(&str)) {
    over_some(2000, each);
}

fn over_some(number: u64, mut each: impl FnMut(&str)) {
    for seed in 10_000..10_000 + number {
        each(&String::from_utf8_lossy(&texts::text(seed)));
    }
}

/// Every seventh character, for each table, at every place of a lane.
fn over_characters(mut each: impl FnMut(&ScriptTable, &str)) {
    for table in crate::tables::script_tables() {
        let mut text = String::new();
        for c in ('\0'..='\u{10FFF}').step_by(7) {
            text.push(c);
            if text.len() > 200 {
                each(table, &text);
                text.clear();
            }
        }
    }
}

/// Phrases in a hash map, characters one by one.
fn naive_script(table: &ScriptTable, text: &str) -> String {
    let phrases: HashMap<&str, &str> = table.all_phrases().collect();
    let plain: Vec<char> = text.chars().map(|c| table.plain(c)).collect();
    let mut out = String::new();
    let mut at = 0;
    while at < plain.len() {
        let longest = MAX_KEY_CHARS.min(plain.len() - at);
        let found = (2..=longest).rev().find_map(|n| {
            let key: String = plain[at..at + n].iter().collect();
            phrases.get(key.as_str()).map(|value| (n, *value))
        });
        if let Some((n, value)) = found {
            out.push_str(value);
            at += n;
        } else {
            let becomes = table.row(plain[at] as u32).becomes();
            out.push(becomes.unwrap_or(plain[at]));
            at += 1;
        }
    }
    out
}

#[test]
fn script() {
    let tables = [
        (&T2S, Script::OpenCc(Config::T2s)),
        (&SIMPLIFIED, Script::Simplified),
    ];
    for (table, script) in tables {
        let options = Options::default()
            .script(script.clone())
            .tofu_risk(TofuRisk::Include)
            .only([StageName::Script]);
        let n = Normalizer::new(options);
        over_texts(|text| {
            // Description sequences have their own test, and a mark at the
            // start is the decoder's.
            let text = text
                .trim_start_matches('\u{FEFF}')
                .replace(|c| ('\u{2FF0}'..='\u{2FFF}').contains(&c), "");
            let naive: String = text
                .split_inclusive(['\n', '\r'])
                .map(|line| {
                    let start = line.chars().take(64);
                    let foreign = start.into_iter().any(|c| {
                        // What the texts have of kana and hangul.
                        matches!(c, 'の' | '한')
                            || ('\u{AC00}'..'\u{D7A4}').contains(&c)
                            || ('\u{3041}'..'\u{30FF}').contains(&c)
                            || ('\u{1100}'..'\u{1200}').contains(&c)
                            || ('\u{3131}'..'\u{318F}').contains(&c)
                            || ('\u{FF66}'..'\u{FF9E}').contains(&c)
                            || ('\u{31F0}'..'\u{3200}').contains(&c)
                    });
                    if script == Script::Simplified && foreign {
                        line.to_string()
                    } else {
                        naive_script(table, line)
                    }
                })
                .collect();
            assert_eq!(n.normalize(&text), naive);
        });
    }
}

#[test]
fn words_say_what_rows_say() {
    let bytes = |c: char| {
        let mut utf8 = [0; 4];
        c.encode_utf8(&mut utf8);
        u32::from_le_bytes(utf8)
    };
    for table in crate::tables::script_tables() {
        for c in ('\u{800}'..='\u{FFFF}').rev() {
            let row = table.row(c as u32);
            let word = table.direct.word(bytes(c));
            let becomes = row.becomes().unwrap_or(c);
            if word.stops(Word::NONE) {
                // Kana and hangul, Yi, and what is for private use.
                let foreign = crate::chars::is_foreign(c)
                    || ('\u{A000}'..='\u{F7FF}').contains(&c);
                let foreign =
                    foreign && std::ptr::eq(table, &raw const SIMPLIFIED);
                let covered = !foreign
                    && becomes.len_utf8() == 3
                    && !row.is_operator()
                    && !row.is_long()
                    && table.plain(c) == c;
                assert!(!covered, "{c:?} needs no row");
            } else {
                let low = word.apply(bytes(c)) & 0xFF_FFFF;
                assert_eq!(low, bytes(becomes), "{c:?}");
            }
            assert_eq!(
                word.may_start(),
                row.starts_phrase() && table.plain(c) == c
            );
        }
        for (key, _) in table.all_phrases() {
            let mut chars = key.chars();
            let first = chars.next().unwrap();
            let Some(second) = chars.next() else { continue };
            if first.len_utf8() != 3 {
                continue;
            }
            let first = table.direct.word(bytes(first));
            assert!(first.may_start(), "{key}");
            if second.len_utf8() < 3 {
                assert!(table.direct.mixed(), "{key}");
            } else if second.len_utf8() == 3 {
                // Longer ones are always looked at.
                let second = table.direct.word(bytes(second));
                assert!(second.stops(first), "{key} is seen");
            }
        }
    }
}

/// With enough text behind to be converted in bulk.
#[test]
fn each_phrase_becomes_its_value() {
    use crate::tables::{FROM_HK, FROM_JP, FROM_TW, TO_HK, TO_JP, TO_TW};
    let behind = "。".repeat(40);
    for (table, config) in [
        (&S2T, Config::S2t),
        (&T2S, Config::T2s),
        (&TO_TW, Config::T2tw),
        (&FROM_TW, Config::Tw2t),
        (&TO_HK, Config::T2hk),
        (&FROM_HK, Config::Hk2t),
        (&TO_JP, Config::T2jp),
        (&FROM_JP, Config::Jp2t),
    ] {
        let options = Options::default()
            .script(Script::OpenCc(config))
            .tofu_risk(TofuRisk::Include)
            .only([StageName::Script]);
        let n = Normalizer::new(options);
        for (key, value) in table.all_phrases() {
            let text = format!("{key}{behind}");
            assert_eq!(n.normalize(&text), format!("{value}{behind}"));
        }
    }
}

/// Kernels against the words of characters, one by one. The texts start at
/// every place of a block, because each has its own borders.
#[test]
fn kernels() {
    let word = |table: &ScriptTable, c: char| {
        let mut utf8 = [0; 4];
        c.encode_utf8(&mut utf8);
        table.direct.word(u32::from_le_bytes(utf8))
    };
    let naive = |table: &ScriptTable, text: &str, change: bool| {
        let mixed = table.direct.mixed();
        let (mut end, mut decided) = (0, 0);
        let mut before = ('\0', Word::NONE);
        let mut out = String::new();
        let mut short = String::new();
        for c in text.chars() {
            let mut now = Word::NONE;
            if c.len_utf8() == 3 {
                now = word(table, c);
                let pair = table.direct.may_be_pair(before.0 as u32, c as u32);
                if now.needs_row() || now.stops(before.1) && pair {
                    break;
                }
            } else if c.len_utf8() == 4 || mixed {
                break;
            }
            let becomes = table.row(c as u32).becomes().unwrap_or(c);
            let becomes = if c.len_utf8() == 3 { becomes } else { c };
            if !change && becomes != c {
                break;
            }
            end += c.len_utf8();
            out.push(becomes);
            if !now.may_start() {
                decided = end;
                short = out.clone();
            } else {
                decided = end - 3;
                short.clone_from(&out);
                short.pop();
            }
            before = (c, now);
        }
        (decided, short)
    };
    let compare = |table: &ScriptTable, text: &str| {
        let (n, converted) = naive(table, text, true);
        let (same, _) = naive(table, text, false);
        for kernel in simd::Kernel::available() {
            let stop = |_| simd::Found::Other;
            let direct = &table.direct;
            // What may start a phrase at the end starts none.
            let rest = text[n..]
                .chars()
                .map(|c| table.row(c as u32).becomes().unwrap_or(c));
            let whole: String = converted.chars().chain(rest).collect();
            for only_changes in [false, true] {
                let mut out = String::from("。");
                let changes = simd::convert_short_with(
                    kernel,
                    direct,
                    text,
                    &mut out,
                    only_changes,
                );
                if let Some(changes) = changes {
                    assert!(text[n..].chars().count() < 2, "{text}");
                    assert_eq!(changes, whole != text, "{text}");
                }
                if changes.is_some_and(|changes| changes || !only_changes) {
                    assert_eq!(&out[3..], whole, "{kernel:?}");
                } else {
                    assert_eq!(out, "。");
                }
            }
            for near in [false, true] {
                let mut out = String::from("。");
                let read = simd::convert_with(
                    kernel, direct, text, &mut out, near, stop,
                );
                let got = (read, &out[3..]);
                assert_eq!(got, (n, &*converted), "{kernel:?} {text}");
                let read =
                    simd::unchanged_with(kernel, direct, text, near, stop);
                assert_eq!(read, same, "{kernel:?} {text}");
            }
        }
    };
    over_characters(&compare);
    over_some(700, |text| {
        for table in [&T2S, &SIMPLIFIED, &S2T, &TO_TWP, &FROM_TWP] {
            let mut rest = text;
            while !rest.is_empty() {
                compare(table, rest);
                // On from where it stopped, one character further.
                let n = simd::unchanged(&table.direct, rest, false, |_| {
                    simd::Found::Other
                });
                let mut chars = rest[n..].chars();
                chars.next();
                rest = chars.as_str();
            }
        }
    });
}

/// All kernels ask at the same places, and set phrases over the same text,
/// wherever a block or a chunk ends.
#[test]
fn kernels_set_phrases_alike() {
    let values = ["中國", "〇〇三", "二𠀀", "a二三四五", "國"];
    let found = |asked: &mut Vec<usize>, at: usize| {
        asked.push(at);
        match at % 7 {
            0 | 1 => simd::Found::Nothing,
            n => simd::Found::Phrase(values[n - 2]),
        }
    };
    let kernels = simd::Kernel::available();
    for seed in 10_000..10_400 {
        let text: String = (0..8)
            .map(|part| texts::text(seed + 1000 * part))
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .collect();
        for table in [&T2S, &SIMPLIFIED, &S2T] {
            let mut first = None;
            for &kernel in &kernels {
                let (mut asked, mut out) = (Vec::new(), String::from("。"));
                let mut at = 0;
                while at < text.len() {
                    asked.push(at);
                    let rest = &text[at..];
                    at += simd::convert_with(
                        kernel,
                        &table.direct,
                        rest,
                        &mut out,
                        false,
                        |at| found(&mut asked, at),
                    );
                    asked.push(at);
                    // What it stopped at.
                    let Some(c) = text[at..].chars().next() else { break };
                    out.push(c);
                    at += c.len_utf8();
                }
                let got = (asked, out);
                match &first {
                    None => first = Some(got),
                    Some(first) => assert_eq!(&got, first, "{kernel:?}"),
                }
            }
        }
    }
}

/// What is said of a stretch, by each kernel and character by character.
#[test]
fn stretches() {
    let naive = |table: &ScriptTable, text: &str| {
        let direct = &table.direct;
        let (mut out, mut pairs, mut rows) =
            (String::new(), Vec::new(), BTreeSet::new());
        let mut before = ('\0', Word::NONE);
        for (at, c) in text.char_indices() {
            let row = table.row(c as u32);
            let mut now = Word::NONE;
            let mut has_row = match c.len_utf8() {
                1 => !row.is_nothing(),
                2 => table.loud.two,
                4 => true,
                _ => false,
            };
            if c.len_utf8() == 3 {
                let mut utf8 = [0; 4];
                c.encode_utf8(&mut utf8);
                now = direct.word(u32::from_le_bytes(utf8));
                let (first, second) = (before.0 as u32, c as u32);
                has_row = now.needs_row();
                if !has_row
                    && now.stops(before.1)
                    && direct.may_be_pair(first, second)
                {
                    pairs.push((at as u32 - 3, first | second << 16));
                }
            }
            if has_row {
                rows.extend(at.checked_sub(3));
                rows.insert(at);
            }
            let stays = has_row || c.len_utf8() != 3;
            let becomes = row.becomes().filter(|_| !stays);
            out.push(becomes.unwrap_or(c));
            before = (c, now);
        }
        let decided = out.len() - if before.1.may_start() { 3 } else { 0 };
        (out, pairs, rows, decided)
    };
    let (mut out, mut seen) = (String::new(), simd::Seen::default());
    let mut compare = |table: &ScriptTable, text: &str| {
        for kernel in simd::Kernel::available() {
            let (direct, loud) = (&table.direct, &table.loud);
            let decided = simd::scan_with(
                kernel, direct, loud, text, &mut out, &mut seen,
            );
            let read = text.get(..out.len()).unwrap();
            let least = text.len().min(simd::STRETCH);
            assert!((least..least + simd::SLACK).contains(&out.len()));
            let pairs = seen.pairs.iter().copied();
            let pairs: Vec<_> =
                pairs.zip(seen.codes.iter().copied()).collect();
            let (mut rows, mut row) = (BTreeSet::new(), seen.next_row(0));
            while row != usize::MAX {
                rows.insert(row);
                row = seen.next_row(row + 1);
            }
            for at in 0..read.len() {
                let near = rows.range(at..at + 64).next().is_some();
                assert_eq!(seen.row_near(at), near, "{kernel:?} {at} {text}");
            }
            assert_eq!(
                (out.clone(), pairs, rows, decided),
                naive(table, read),
                "{kernel:?} {text}"
            );
        }
    };
    over_characters(&mut compare);
    over_texts(|text| {
        for table in [&S2T, &TO_TWP, &FROM_TWP] {
            let mut rest = text;
            while !rest.is_empty() {
                compare(table, rest);
                let mut chars = rest.chars();
                chars.nth(20);
                rest = chars.as_str();
            }
        }
    });
}

#[test]
fn fold_skips_to_the_next_marker() {
    over_texts(|text| {
        let naive = text.char_indices().find(|(i, c)| {
            let before = text[..*i].trim_end_matches(' ');
            let next = text[i + c.len_utf8()..].chars().next();
            match c {
                '(' if text[..*i].ends_with(|c| ('@'..='~').contains(&c)) => {
                    let before = text[..*i - 1].chars().next_back();
                    before.is_none_or(|c| !c.is_ascii())
                }
                '(' | '（' => !before.ends_with(|c: char| c.is_ascii()),
                '?' => {
                    let before = text[..*i].chars().next_back();
                    let edge = |c: char| {
                        "(abcdefghijklmnopqrstuvwxyz".contains(c)
                            || ('\u{C0}'..='\u{1FF}').contains(&c)
                    };
                    before.is_none_or(|c| !c.is_ascii())
                        && next.is_none_or(edge)
                }
                '？' => next.is_none_or(|c| {
                    c.is_ascii_lowercase()
                        || ('\u{C0}'..='\u{1FF}').contains(&c)
                }),
                '\u{FFFD}' => next.is_none_or(|c| c == '('),
                '<' => next.is_none_or(|c| {
                    "rR".contains(c) || ('\u{F000}'..='\u{FFFF}').contains(&c)
                }),
                c => *c == '\u{FFF9}',
            }
        });
        let naive = naive.map_or(text.len(), |(i, _)| i);
        assert_eq!(crate::fold::next_marker(text), naive);
    });
}

#[test]
fn canon_skips_to_the_next_loud_character() {
    let loud = |c: char| {
        ",:;?!()（）\r\n\t\u{A0}\u{3000}\u{1B}".contains(c)
            || crate::chars::narrow(c).is_some()
    };
    let word = |c: char| {
        c.is_ascii_graphic() || ('\u{4000}'..='\u{9FFF}').contains(&c)
    };
    over_texts(|text| {
        for (at_start, inside) in
            [(false, false), (true, false), (false, true)]
        {
            let naive = text.char_indices().find(|(i, c)| match c {
                ' ' => {
                    let next = text[i + 1..].chars().next();
                    *i == 0 && !inside || !next.is_some_and(word)
                }
                '\u{FEFF}' => at_start,
                c => loud(*c),
            });
            let naive = naive.map_or(text.len(), |(i, _)| i);
            let found = crate::canon::quiet_prefix(text, at_start, inside);
            assert_eq!(found, naive);
        }
    });
}

/// Triples are found where the obvious loop finds them, at every place of a
/// block.
#[test]
fn triples() {
    const SETS: [&[([u8; 3], u32)]; 2] = [
        &[(*b"???", 0), (*b"\xEF\xBF\xBD", 7)],
        &[(*b"abc", 1), (*b"axc", 1), (*b"a\xFF\0", 3)],
    ];
    for set in SETS {
        let triples = simd::Triples::new(set);
        for (at, len) in (0..100).flat_map(|at| [(at, 103), (at, at + 3)]) {
            for (three, _) in set {
                let mut bytes = vec![b'z'; len];
                bytes[at..at + 3].copy_from_slice(three);
                for kernel in simd::Kernel::available() {
                    for from in [0, at / 2, at, at + 1, len, len + 9] {
                        let found = triples.find_with(kernel, &bytes, from);
                        let wanted = (from <= at).then_some(at);
                        assert_eq!(found, wanted, "{kernel:?} {from} {at}");
                    }
                }
            }
        }
    }
    for seed in 0..2000 {
        let text = texts::text(50_000 + seed);
        let set: Vec<_> = text
            .windows(3)
            .step_by(text.len() / 8 + 1)
            .zip(0..)
            .map(|(three, bit)| (three.try_into().unwrap(), bit))
            .collect();
        let triples = simd::Triples::new(&set);
        let mut at = 0;
        loop {
            let found: Vec<_> = simd::Kernel::available()
                .into_iter()
                .map(|kernel| triples.find_with(kernel, &text, at))
                .collect();
            assert!(found.windows(2).all(|two| two[0] == two[1]));
            let rest = text.get(at..).unwrap_or_default();
            let is_one = |w: &[u8]| set.iter().any(|(three, _)| w == three);
            let one = rest.windows(3).position(is_one).map(|i| at + i);
            // A mixture of two may come first.
            assert!(found[0].is_none_or(|f| one.is_none_or(|one| f <= one)));
            assert!(one.is_none() || found[0].is_some());
            match found[0] {
                Some(found) => at = found + 1,
                None => break,
            }
        }
    }
}

/// What the stages of these options leave unread of a text that may go on.
fn held(options: &Options, text: &str) -> usize {
    let options = options.clone().encoding(crate::Encoding::UTF_8);
    let mut stream = Normalizer::new(options).stream(String::new());
    stream.feed(text);
    stream.pending()
}

/// Text is left unread only because the next byte could change the decision.
#[test]
fn nothing_is_held_to_be_on_the_safe_side() {
    let script = Options::default()
        .script(Script::OpenCc(Config::T2s))
        .only([StageName::Script]);
    for (text, bytes) in [
        ("漢字", 0),
        ("一目", 6),   // 一目瞭然
        ("一目的", 0), // is no part of it
        ("乾", 3),
        ("瞭望", 0), // no longer phrase starts with it
        ("⿰氵", 6),
        ("⿰氵漢", 0),
    ] {
        assert_eq!(held(&script, text), bytes, "{text}");
    }
    let canon = Options::default().only([StageName::Canon]);
    for (text, bytes) in [
        ("甲乙，丙", 0),
        ("甲,", 1),
        ("甲,乙", 0),
        ("甲 ", 1),
        ("甲 乙", 0),
        ("甲\u{3000} ", 4),
        ("\r", 1),
        ("甲\r\n", 0),
        ("(甲乙", 7),
        ("(甲乙)", 8), // a mark on the bracket would unmake it
        ("(甲乙)丙", 0),
        ("(甲\n", 0),
        ("Ａ", 3),
    ] {
        assert_eq!(held(&canon, text), bytes, "{text:?}");
    }
    let lost = Options::default()
        .repair(crate::Repair::Auto)
        .only([StageName::Repair]);
    for (text, bytes) in
        [("甲乙\n", 0), ("三斤\n", 0), ("甲锟\n", 0), ("什么????\n", 0)]
    {
        assert_eq!(held(&lost, text), bytes, "{text:?}");
    }
    let simplified = Options::default().only([StageName::Script]);
    for (text, bytes) in [
        ("漢字", 6), // kana may follow on the line
        ("漢字\n", 0),
        ("漢の字", 0),
    ] {
        assert_eq!(held(&simplified, text), bytes, "{text:?}");
    }
    assert_eq!(held(&simplified, &"們".repeat(65)), 0);
}
