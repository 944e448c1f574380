//! What must hold for any input, as plain functions of bytes.
//!
//! The property tests call them with seeded texts, the fuzz targets with
//! whatever the fuzzer thinks of. A failure panics and says which statement
//! does not hold.

#![allow(dead_code, missing_docs, reason = "each user takes its part")]
#![allow(unreachable_pub)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed oracle panics"
)]

#[cfg(feature = "opencc")]
pub mod keys;
pub mod texts;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use hanfold::{
    Config, Dictionary, Encoding, Explanation, Malformed, Normalizer, Notice,
    Options, Regions, Repair, Rule, Script, Sink, StageName, Stream, Summary,
    TofuRisk, Unit,
};

/// A small generator of numbers, the same on every machine (splitmix64).
pub struct Rng(pub u64);

impl Rng {
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `n`; 0 if there is none.
    pub fn below(&mut self, n: usize) -> usize {
        (self.number() % n.max(1) as u64) as usize
    }
}

/// Options under which the oracles about cuts and explanations must hold:
/// the encoding detected and given, both kinds of unit, stages alone.
pub fn options() -> Vec<Options> {
    // To look for mojibake in garbage takes longer than all else: the first
    // two and the guess do.
    let plain = || Options::default().repair(Repair::Off);
    let named =
        |label: &str| plain().encoding(label.parse::<Encoding>().unwrap());
    vec![
        Options::default(),
        Options::default().unit(Unit::Line),
        Options::default().repair(Repair::Guess),
        plain(),
        plain().script(Script::OpenCc(Config::T2s)),
        plain().script(Script::OpenCc(Config::S2twp)),
        plain()
            .script(Script::OpenCc(Config::Tw2sp))
            .tofu_risk(TofuRisk::Include)
            .only([StageName::Script]),
        plain().script(Script::OpenCc(Config::T2s)).only([StageName::Script]),
        plain().only([StageName::Script]),
        plain().only([StageName::Decode]),
        plain().only([StageName::Canon]),
        named("utf-8"),
        named("gb18030"),
        named("big5"),
        named("shift_jis"),
        named("euc-kr"),
        named("utf-16le"),
        named("iso-2022-jp").unit(Unit::Line),
        named("windows-1252").only([StageName::Fold]),
        plain().malformed(Malformed::Keep),
        named("gb18030").malformed(Malformed::Drop),
        plain().regions(Regions::Off),
        named("hz"),
        named("iso-2022-cn").unit(Unit::Line),
        named("utf-32le").only([StageName::Decode]),
        named("utf-32be"),
        named("euc-tw"),
        named("big5-uao"),
    ]
}

fn explain(options: &Options, pieces: &[&[u8]]) -> Explanation {
    let mut stream =
        Normalizer::new(options.clone()).stream(Explanation::default());
    for piece in pieces {
        stream.feed(piece);
    }
    stream.finish()
}

/// Any cut of any bytes gives the same text and the same edits, one byte at a
/// time and empty pieces included; and what is held between feeds is bounded.
pub fn chunks(data: &[u8]) {
    for options in options() {
        chunks_with(&options, data);
    }
}

pub fn chunks_with(options: &Options, data: &[u8]) {
    let whole = explain(options, &[data]);
    // One byte at a time, with empty pieces between, under a watchful eye.
    let mut stream =
        Normalizer::new(options.clone()).stream(Explanation::default());
    for byte in data.chunks(1) {
        stream.feed(byte);
        bounded(&stream);
        stream.feed([]);
    }
    assert_eq!(stream.finish(), whole, "one byte at a time, {options:?}");
    let pieces = pieces(data, 97);
    assert_eq!(explain(options, &pieces), whole, "{pieces:?}, {options:?}");
}

/// Cuts that the data chooses, at most so many bytes apart.
fn pieces(data: &[u8], most: usize) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let (mut rest, mut seed) = (data, data.len() as u64);
    while !rest.is_empty() {
        seed = seed
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407 + u64::from(rest[0]));
        let n = 1 + (seed >> 33) as usize % most;
        let (piece, tail) = rest.split_at(rest.len().min(n));
        pieces.push(piece);
        rest = tail;
    }
    pieces
}

/// Every cut in two. For short texts.
pub fn every_cut(options: &Options, data: &[u8]) {
    chunks_with(options, data);
    let whole = explain(options, &[data]);
    for at in 0..=data.len() {
        let (a, b) = data.split_at(at);
        assert_eq!(
            explain(options, &[a, b]),
            whole,
            "cut at {at} of {data:?}, {options:?}"
        );
    }
}

fn bounded<S: Sink>(stream: &Stream<S>) {
    let (held, bound) = (stream.pending(), Stream::<S>::PENDING);
    assert!(held <= bound, "{held} bytes held, {bound} allowed");
    let edits = stream.pending_edits();
    assert!(edits <= bound, "{edits} edits wait");
}

/// No unexplained change: walking the output, each stretch is either its
/// source range decoded or lies inside an edit; what is left out of the
/// source lies inside edits, or is nothing once decoded.
pub fn explained(data: &[u8]) {
    for options in options() {
        explained_with(&options, data);
    }
}

pub fn explained_with(options: &Options, data: &[u8]) {
    let found = explain(options, &[data]);
    let name = found.summary().detection.encoding;
    // That of the line where a byte stands.
    let name_at = |at: u64| {
        let before = found.regions().iter().rev().find(|r| r.start <= at);
        before.map_or(name, |region| region.encoding)
    };
    // Ranges of these mean nothing without what came before them.
    let stateless =
        !["ISO-2022-JP", "ISO-2022-CN", "HZ-GB-2312"].contains(&name);
    let end = data.len() as u64;

    let mut last_start = 0;
    let mut edited: Vec<Range<u64>> = Vec::new();
    for edit in found.edits() {
        let source = edit.source();
        assert!(
            source.start < source.end && source.end <= end,
            "{edit:?}, {options:?}"
        );
        assert!(last_start <= source.start, "{edit:?} is out of order");
        last_start = source.start;
        let malformed = [Rule::Malformed, Rule::Resync].contains(&edit.rule());
        let kept = malformed && options.malformed == Malformed::Keep;
        assert_eq!(edit.before() == edit.after(), kept, "{edit:?}");
        if malformed {
            let bytes = &data[source.start as usize..source.end as usize];
            let hex: String =
                bytes.iter().map(|b| format!("\\x{b:02X}")).collect();
            assert_eq!(edit.before(), hex);
        }
        edited.push(source);
    }
    let in_an_edit = |range: &Range<u64>| {
        edited.iter().any(|e| e.start <= range.start && range.end <= e.end)
    };
    // Edits joined where they touch, to see what they cover together.
    let mut covered: Vec<Range<u64>> = Vec::new();
    for edit in &edited {
        match covered.last_mut() {
            Some(last) if edit.start <= last.end => {
                last.end = last.end.max(edit.end);
            }
            _ => covered.push(edit.clone()),
        }
    }
    let gap_is_explained = |gap: Range<u64>| {
        if gap.start >= gap.end {
            return true;
        }
        let inside =
            covered.iter().any(|c| c.start <= gap.start && gap.end <= c.end);
        // Escape sequences and shifts stand for no text.
        inside || !stateless
    };

    let (mut at, mut source_end) = (0, 0);
    for span in found.spans() {
        let text = &found.text()[at..at + span.len];
        at += span.len;
        assert!(span.source.start < span.source.end, "{span:?}");
        assert!(span.source.end <= end, "{span:?}");
        assert!(
            gap_is_explained(source_end..span.source.start),
            "nothing explains {source_end}..{} of {data:?}, {options:?}",
            span.source.start
        );
        source_end = source_end.max(span.source.end);
        let source =
            &data[span.source.start as usize..span.source.end as usize];
        if span.linear {
            let bytes = source.iter().zip(text.as_bytes());
            assert_eq!(source.len(), text.len(), "{span:?}");
            for (at, (old, new)) in (span.source.start..).zip(bytes) {
                let inside = |byte: u8| byte & 0xC0 == 0x80;
                assert_eq!(inside(*old), inside(*new), "{at} of {data:?}");
                assert!(
                    old == new || in_an_edit(&(at..at + 1)),
                    "nothing explains {at} of {data:?}, {options:?}"
                );
            }
        } else if stateless && !in_an_edit(&span.source) {
            assert_eq!(
                text,
                decoded(name_at(span.source.start), source),
                "{span:?}, {options:?}, {data:?}"
            );
        }
    }
    assert_eq!(at, found.text().len(), "the spans add up to the text");
    assert!(gap_is_explained(source_end..end), "the end, {options:?}");
    let one = found.regions().is_empty();
    if one && (name == "UTF-8" || name == "US-ASCII") {
        replayed(&found, data);
    }
    if one {
        noticed(&found, data, name);
    }
    let malformed = |e: &hanfold::Edit<'_>| {
        [Rule::Malformed, Rule::Resync].contains(&e.rule())
    };
    let lost = found.edits().filter(malformed);
    let (mut count, mut bytes, mut first) = (0, 0, None);
    for source in lost.map(|e| e.source()) {
        count += 1;
        bytes += source.end - source.start;
        first.get_or_insert(source.start);
    }
    let summary = found.summary();
    assert_eq!(count, summary.malformed);
    assert_eq!(bytes, summary.malformed_bytes);
    assert_eq!(first, summary.first_malformed);
    assert_eq!(found.regions().len() as u64, summary.regions);
    assert_eq!(found.summary().bytes_in, end);
    assert_eq!(found.summary().bytes_out, found.text().len() as u64);
}

/// Notices are in order, say something, and are all counted.
fn noticed(found: &Explanation, data: &[u8], name: &str) {
    let (mut last_start, mut counts) = (0, BTreeMap::new());
    let summary = found.summary();
    for notice in found.notices() {
        let source = notice.source.clone();
        assert!(
            source.start < source.end && source.end <= data.len() as u64,
            "{notice:?}"
        );
        assert!(last_start <= source.start, "{notice:?} is out of order");
        last_start = source.start;
        assert!(!notice.text.is_empty(), "{notice:?}");
        *counts.entry(notice.rule).or_insert(0) += 1;
    }
    let lost = |n: &&Notice| n.rule == Rule::Unrecoverable;
    let bytes = found.notices().iter().filter(lost).map(|n| n.text.len());
    assert_eq!(bytes.sum::<usize>() as u64, summary.unrecoverable_bytes);
    assert!(summary.unrecoverable_bytes <= summary.text_bytes);
    let lines = |at: u64| {
        let before = &data[..at as usize];
        1 + before.iter().filter(|byte| **byte == b'\n').count() as u64
    };
    if name == "UTF-8" {
        let first = found.notices().iter().find(lost);
        let line = first.map(|n| lines(n.source.start));
        assert_eq!(line, summary.first_unrecoverable);
        for notice in found.notices() {
            let source = notice.source.clone();
            // Nothing but the decoder and the repair come before it.
            if found.edits().is_empty() {
                let raw = &data[source.start as usize..source.end as usize];
                assert_eq!(raw, notice.text.as_bytes());
            }
        }
    }
    let mut count = |rule| counts.remove(&rule).unwrap_or(0);
    assert_eq!(count(Rule::Unrecoverable), summary.unrecoverable);
    assert_eq!(count(Rule::AnnotationKept), summary.annotations_kept);
    assert!(counts.is_empty(), "{counts:?} are no rules of notices");
}

/// A sink that wants no edits.
#[derive(Default)]
struct Untraced(String, Summary);

impl Sink for Untraced {
    fn text(&mut self, text: &str) {
        self.0.push_str(text);
    }

    fn end(&mut self, summary: &Summary) {
        self.1 = summary.clone();
    }
}

/// What a stretch of text in an encoding without states decodes to.
fn decoded(name: &str, source: &[u8]) -> String {
    let utf32 = |number: fn([u8; 4]) -> u32| {
        let number = |four: &[u8]| number(four.try_into().unwrap());
        source.chunks(4).map(|c| char::from_u32(number(c)).unwrap()).collect()
    };
    match name {
        "UTF-32LE" => utf32(u32::from_le_bytes),
        "UTF-32BE" => utf32(u32::from_be_bytes),
        // Nobody else decodes these. Behind a letter nothing is a mark.
        "EUC-TW" | "Big5-UAO" => {
            let options = Options::default()
                .encoding(name.parse().unwrap())
                .only([StageName::Decode]);
            explain(&options, &[b"a", source]).text()[1..].into()
        }
        // Plain ASCII is decoded by whatever is compatible with it.
        _ => encoding_rs::Encoding::for_label(name.as_bytes())
            .unwrap_or(encoding_rs::UTF_8)
            .decode_without_bom_handling(source)
            .0
            .into_owned(),
    }
}

/// Where no two edits overlap, they are all that it takes to make the text
/// out of the input.
fn replayed(found: &Explanation, data: &[u8]) {
    let ranges: Vec<_> = found.edits().map(|edit| edit.source()).collect();
    if ranges.windows(2).any(|pair| pair[1].start < pair[0].end) {
        return;
    }
    let (mut text, mut at) = (Vec::new(), 0);
    for (edit, source) in found.edits().zip(ranges) {
        let source = source.start as usize..source.end as usize;
        text.extend_from_slice(&data[at..source.start]);
        text.extend_from_slice(edit.after().as_bytes());
        at = source.end;
        if edit.rule() != Rule::Malformed {
            assert_eq!(edit.before().as_bytes(), &data[source], "{edit:?}");
        }
    }
    text.extend_from_slice(&data[at..]);
    assert_eq!(String::from_utf8_lossy(&text), found.text());
}

/// Recording changes nothing, and text that comes back borrowed is text in
/// which nothing was changed.
pub fn plain(data: &[u8]) {
    for options in options() {
        plain_with(&options, data);
        let n = Normalizer::new(options.clone());
        if let Ok(text) = std::str::from_utf8(data) {
            let normal = n.normalize(text);
            let explained = n.explain(text);
            assert_eq!(normal, explained.text());
            let mut behind = String::from("。");
            n.normalize_into(text, &mut behind);
            assert_eq!(behind.strip_prefix('。'), Some(&*normal));
            let borrowed = matches!(normal, Cow::Borrowed(_));
            let unedited = explained.edits().is_empty();
            // Two passes of OpenCC may undo each other: 秘 → 祕 → 秘.
            let passes = matches!(options.script, Script::OpenCc(_));
            assert!(
                borrowed == unedited || borrowed && passes,
                "borrowed if and only if there is no edit: {text:?}"
            );
        }
    }
}

pub fn plain_with(options: &Options, data: &[u8]) {
    let n = Normalizer::new(options.clone());
    let mut stream = n.stream(Untraced::default());
    stream.feed(data);
    let Untraced(text, summary) = stream.finish();
    let traced = explain(options, &[data]);
    assert_eq!(text, traced.text(), "traced and not, {options:?}");
    assert_eq!(&summary, traced.summary(), "{options:?}");
}

/// Our decoding is that of `encoding_rs` on the whole input.
pub fn decode(data: &[u8]) {
    let utf32: [&[u8]; 2] = [b"\xFF\xFE\0\0", b"\0\0\xFE\xFF"];
    if utf32.iter().any(|mark| data.starts_with(mark)) {
        // Which it does not know.
        return;
    }
    for label in [
        "utf-8",
        "gb18030",
        "gbk",
        "big5",
        "euc-jp",
        "shift_jis",
        "euc-kr",
        "iso-2022-jp",
        "utf-16le",
        "utf-16be",
        "windows-1252",
        "koi8-r",
    ] {
        let encoding: Encoding = label.parse().unwrap();
        let options =
            Options::default().encoding(encoding).only([StageName::Decode]);
        let theirs =
            encoding_rs::Encoding::for_label(label.as_bytes()).unwrap();
        let (text, _, _) = theirs.decode(data);
        let ours = explain(&options, &[data]);
        assert_eq!(ours.text(), text, "{label}");
    }
    // Detected: whatever was found, the text is what it decodes to.
    let options = Options::default().regions(Regions::Off);
    let ours = explain(&options.only([StageName::Decode]), &[data]);
    let name = ours.summary().detection.encoding;
    let found =
        encoding_rs::Encoding::for_label_no_replacement(name.as_bytes());
    // Controls before the first escape sequence that says something are just
    // that.
    let shifts = |b: &u8| [0x0E, 0x0F, 0x1B].contains(b);
    if name == "ISO-2022-JP" && data.iter().any(shifts) {
        return;
    }
    if let Some(found) = found {
        let (text, _, _) = found.decode(data);
        assert_eq!(ours.text(), text, "detected {name}");
    }
}

/// Normalising the result again changes nothing.
pub fn stable(data: &[u8]) {
    // What repair makes of a line may, rarely, be repaired again: that is
    // looked for in properties.rs.
    let default = || Options::default().repair(Repair::Off);
    let options = [
        default(),
        default().unit(Unit::Line),
        Options::default().only([StageName::Script]),
        Options::default().only([StageName::Fold]),
        Options::default().only([StageName::Canon]),
        default().skip([StageName::Script]),
        default().script(Script::Keep),
    ];
    stable_with(&options, data);
}

pub fn stable_with(options: &[Options], data: &[u8]) {
    for options in options {
        let once = explain(options, &[data]);
        let text = once.text();
        if text.starts_with('\u{FEFF}') || text.contains('\u{1B}') {
            // Read again this is a byte order mark, that perhaps an escape
            // sequence. Only canon sees to them.
            assert!(!options.stages.contains(StageName::Canon));
            continue;
        }
        let n = Normalizer::new(options.clone());
        let twice = explain(options, &[text.as_bytes()]);
        // What looks like ASCII may be HZ, or UTF-16; and a few letters of two
        // bytes each may be pairs of another encoding.
        let name = twice.summary().detection.encoding;
        let clear = text.chars().any(|c| c > '\u{7FF}');
        if clear || name == "US-ASCII" || name == "UTF-8" {
            assert_eq!(name == "US-ASCII", text.is_ascii(), "{text:?}");
            assert_eq!(text, twice.text(), "{options:?}, from {data:?}");
        }
        let again = n.normalize(once.text());
        assert!(matches!(again, Cow::Borrowed(_)), "{options:?}");
    }
}

/// With one document a line, the number of lines stays, and each line is
/// what it would be by itself.
pub fn lines(data: &[u8]) {
    let options = Options::default().encoding(Encoding::UTF_8);
    let n = Normalizer::new(options.unit(Unit::Line));
    let text = String::from_utf8_lossy(data);
    // A mark at the start is the file's, not the first line's.
    let text = text.trim_start_matches('\u{FEFF}');
    let by_line = n.normalize(text);
    assert_eq!(by_line.matches('\n').count(), text.matches('\n').count());
    let alone: Vec<_> =
        text.split('\n').map(|line| n.normalize(line)).collect();
    assert_eq!(by_line, alone.join("\n"));
}

/// A dictionary whose words are in the text, so that there is something to
/// find: stretches of it, some cut short or grown, some that stay.
fn dictionary_of(text: &str, rng: &mut Rng) -> BTreeMap<String, String> {
    let chars: Vec<char> = text.chars().collect();
    let values = ["乾", "圖", "著", "軟體", "里程", "２", ",", "a", "𠀀"];
    let mut words = BTreeMap::new();
    for _ in 0..1 + rng.below(12) {
        let start = rng.below(chars.len());
        let long = if rng.below(4) == 0 { 12 } else { 3 };
        let n = 1 + rng.below(long);
        let mut key: String = chars.iter().skip(start).take(n).collect();
        if rng.below(4) == 0 {
            key.push('乾');
        }
        let mut value = key.clone();
        if rng.below(3) > 0 {
            value.clear();
            for _ in 0..1 + rng.below(2) {
                value.push_str(values[rng.below(values.len())]);
            }
        }
        if !key.is_empty() && !key.contains(char::is_control) {
            words.insert(key, value);
        }
    }
    words
}

/// With a dictionary, too, cuts change nothing and every change is explained;
/// and the text is what a walk with the obvious search gives, with what is
/// between two words converted by itself.
pub fn dictionary(data: &[u8]) {
    // A mark at a start is the decoder's, and each piece has a start.
    let text = String::from_utf8_lossy(data).replace('\u{FEFF}', "");
    let text = text.as_str();
    let mut rng = Rng(data.iter().map(|b| u64::from(*b)).sum());
    let words = dictionary_of(text, &mut rng);
    let dictionary = Dictionary::new(&words).unwrap();
    let configs = [Config::T2s, Config::S2twp, Config::Tw2sp, Config::T2jp];
    let config = configs[rng.below(configs.len())];
    for script in [Script::Simplified, Script::OpenCc(config), Script::Keep] {
        let plain = Options::default().script(script);
        let options = plain.clone().dictionary(dictionary.clone());
        chunks_with(&options, data);
        explained_with(&options, data);
        let n = Normalizer::new(options.clone());
        assert_eq!(n.normalize(text), n.explain(text).text());
        if options.script == Script::Simplified {
            // There a line counts as a whole.
            continue;
        }
        let alone = Normalizer::new(plain.only([StageName::Script]));
        let n = Normalizer::new(options.only([StageName::Script]));
        let (mut out, mut from, mut at) = (String::new(), 0, 0);
        while at < text.len() {
            let rest = &text[at..];
            let found = words.iter().filter(|(k, _)| rest.starts_with(*k));
            match found.max_by_key(|(key, _)| key.len()) {
                Some((key, value)) => {
                    out.push_str(&alone.normalize(&text[from..at]));
                    out.push_str(value);
                    at += key.len();
                    from = at;
                }
                None => at += rest.chars().next().unwrap().len_utf8(),
            }
        }
        out.push_str(&alone.normalize(&text[from..]));
        assert_eq!(n.normalize(text), out, "{:?}", n.options());
    }
}

/// Script conversion is libopencc's, in every one of its conversions, with
/// its tofu-risk dictionaries and without.
#[cfg(feature = "opencc")]
pub fn opencc(data: &[u8]) {
    for config in Config::ALL {
        for tofu_risk in [TofuRisk::Skip, TofuRisk::Include] {
            opencc_with(config, tofu_risk, data);
        }
    }
}

/// One conversion is libopencc's, on the whole text: at once, and in pieces,
/// with edits or without.
#[cfg(feature = "opencc")]
pub fn opencc_with(config: Config, tofu_risk: TofuRisk, data: &[u8]) {
    use opencc_rust::OpenCC;
    // With all dictionaries, and without the tofu-risk ones if there are any.
    thread_local! {
        static LIBRARIES: Vec<(OpenCC, Option<OpenCC>)> = {
            // `tools/opencc-env` says where they are.
            let dir = |name| {
                let dir = std::env::var_os(name);
                std::path::PathBuf::from(
                    dir.expect("tools/opencc-env names the configurations"),
                )
            };
            let all = dir("OPENCC_CONFIG_DIR");
            let safe = dir("OPENCC_NO_TOFU_CONFIG_DIR");
            let open = |path: &std::path::Path| {
                OpenCC::new(path).expect("libopencc and its configurations")
            };
            let open_both = |config: &Config| {
                let name = format!("{}.json", config.name());
                let json = std::fs::read_to_string(all.join(&name)).unwrap();
                let marked = json.contains("may_output_tofu");
                let safe = marked.then(|| open(&safe.join(&name)));
                (open(&all.join(&name)), safe)
            };
            Config::ALL.iter().map(open_both).collect()
        };
    }
    let text = String::from_utf8_lossy(data);
    // The C interface ends at a NUL. This is in no dictionary either.
    let no_nul = |text: &str| text.replace('\0', "\u{1}");
    // A mark at the start is decoding's.
    let asked = no_nul(text.strip_prefix('\u{FEFF}').unwrap_or(&text));
    let theirs = LIBRARIES.with(|libraries| {
        let (all, safe) = &libraries[config as usize];
        let safe = safe.as_ref().filter(|_| tofu_risk == TofuRisk::Skip);
        safe.unwrap_or(all).convert(asked).unwrap()
    });
    let options = Options::default()
        .encoding(Encoding::UTF_8)
        .script(Script::OpenCc(config))
        .tofu_risk(tofu_risk)
        .only([StageName::Script]);
    let n = Normalizer::new(options);
    let same = |ours: &str, how: &str| {
        let name = config.name();
        let ours = no_nul(ours);
        assert_eq!(ours, theirs, "{name}, {tofu_risk:?}, {how}, of {text:?}");
    };
    same(&n.normalize(&text), "at once");
    let mut rng = Rng(data.iter().map(|b| u64::from(*b)).sum());
    let most = [1, 4, 16, 97][rng.below(4)];
    // A mark of UTF-16 would win over the label.
    let utf16 = matches!(data, [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..]);
    let pieces = pieces(if utf16 { text.as_bytes() } else { data }, most);
    if rng.below(2) == 0 {
        let mut stream = n.stream(String::new());
        pieces.iter().for_each(|piece| stream.feed(piece));
        same(&stream.finish(), "in pieces");
    } else {
        let mut stream = n.stream(Explanation::default());
        pieces.iter().for_each(|piece| stream.feed(piece));
        same(stream.finish().text(), "in pieces with edits");
    }
}

/// All of them.
pub fn all(data: &[u8]) {
    chunks(data);
    explained(data);
    plain(data);
    decode(data);
    stable(data);
    lines(data);
    dictionary(data);
}
