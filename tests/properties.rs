//! The oracles over seeded texts. `HANFOLD_CASES` sets how many texts each
//! test takes (default 400), `HANFOLD_SEED` the first seed.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test panics"
)]

#[path = "oracle/mod.rs"]
pub mod oracle;

use oracle::texts;

fn over_texts(oracle: fn(&[u8])) {
    let number = |name: &str, default: u64| {
        std::env::var(name)
            .ok()
            .and_then(|n| n.parse().ok())
            .unwrap_or(default)
    };
    let first = number("HANFOLD_SEED", 0);
    for seed in first..first + number("HANFOLD_CASES", 400) {
        let data = texts::text(seed);
        let failed = std::panic::catch_unwind(|| oracle(&data)).is_err();
        assert!(!failed, "seed {seed}: {:?}", String::from_utf8_lossy(&data));
    }
}

#[test]
fn chunks() {
    over_texts(oracle::chunks);
}

#[test]
fn explained() {
    over_texts(oracle::explained);
}

#[test]
fn plain() {
    over_texts(oracle::plain);
}

#[test]
fn decode() {
    over_texts(oracle::decode);
}

#[test]
fn stable() {
    over_texts(oracle::stable);
}

#[test]
fn lines() {
    over_texts(oracle::lines);
}

/// Mojibake of one kind among other things.
#[test]
fn mojibake() {
    let garbled = [
        "浣犲ソ",
        "浣犲ソ鍚\u{FFFD}",
        "浣犲ソ鍚?",
        "涓\u{FFFD}鏂囧瓧绗\u{FFFD}",
        "ä½ å¥½å\u{FFFD}—",
        "ä½\u{A0}å¥½",
        "Ã¤Â½Â\u{A0}",
        "ÄãºÃ",
        "§A¦n",
    ];
    let clean =
        ["你好", "漢字", "結(jié)", "锟斤拷", "a", " ", "\n", "\r", "。"];
    for seed in 0..150 {
        let mut rng = oracle::Rng(seed);
        let own = garbled[rng.below(garbled.len())];
        let mut text = String::new();
        for _ in 0..rng.below(24) {
            let piece = clean[rng.below(clean.len())];
            text.push_str(if rng.below(3) == 0 { own } else { piece });
        }
        let data = text.as_bytes();
        for how in [hanfold::Repair::Auto, hanfold::Repair::Guess] {
            let options = hanfold::Options::default().repair(how);
            oracle::chunks_with(&options, data);
            oracle::explained_with(&options, data);
            oracle::stable_with(&[options], data);
        }
    }
}

/// What is lost, and what looks like it.
#[test]
fn losses() {
    use hanfold::{Options, Repair, StageName, Unit};
    let long = ["锟斤拷", "斤拷锟", "嚙踝蕭", "烫", "?", "\u{FFFD}"];
    let long = long.map(|piece| piece.repeat(150));
    let short = [
        "锟", "斤", "拷", "叫", "癸拷", "錕", "嚙", "踝", "蕭", "賭", "ï",
        "¿", "½", "ï¿½", "烫", "屯", "葺", "铪", "?", "??", "????",
        "\u{FFFD}", "ĺ", "a", "é", "汉", " ", "\u{3000}", ",", "\"", "：",
        "\n", "\r", "年",
    ];
    for seed in 0..400 {
        let mut rng = oracle::Rng(seed);
        let mut data = Vec::new();
        let few: Vec<&str> =
            (0..5).map(|_| short[rng.below(short.len())]).collect();
        for _ in 0..rng.below(40) {
            let piece = match rng.below(40) {
                0 => long[rng.below(long.len())].as_bytes(),
                1 => b"\xff",
                2..20 => short[rng.below(short.len())].as_bytes(),
                _ => few[rng.below(few.len())].as_bytes(),
            };
            data.extend_from_slice(piece);
        }
        let options = Options::default()
            .encoding("utf-8".parse().unwrap())
            .repair(Repair::Auto)
            .only([StageName::Repair]);
        for options in [options.clone(), options.unit(Unit::Line)] {
            oracle::chunks_with(&options, &data);
            oracle::explained_with(&options, &data);
            oracle::plain_with(&options, &data);
        }
    }
}

/// Notes of all kinds, whatever is asked for.
#[test]
fn annotations() {
    use hanfold::{Annotations, Encoding, Options, StageName};
    let pieces = [
        "團(tuán)",
        "結(jié)",
        "國（Guó）",
        "行(háng)",
        "行(xíng)",
        "亳(bó)",
        "團(tuan)",
        "結(jie)",
        "國(guǒ)",
        "團(xx)",
        "国(guo2)",
        "國(gwok3)",
        "質(zhí)",
        "國(ㄍㄨㄛˊ)",
        "媽(ㄇㄚ˙)",
        "國(gu?)",
        "團(tu谩n)",
        "業(y&egrave;)",
        "團 (tuán)",
        "結( jié )",
        "汉字(hànzì)",
        "重庆（Chóngqìng）",
        "<ruby>國<rt>guó</rt></ruby>",
        "<ruby>國<rt>jié</rt>",
        "<ruby>",
        "</ruby>",
        "\u{FFF9}國\u{FFFA}guó\u{FFFB}",
        "国guó",
        "国 guó",
        "国[guó]",
        "〔guó〕",
        "(tuán)",
        "(jié)",
        "(",
        ")",
        "（",
        "“",
        "”",
        "拼音",
        "读音",
        "發",
        "音",
        "A．",
        "B．",
        "、",
        "，",
        "：",
        "\u{3000}",
        " ",
        "  ",
        "\n",
        "\r",
        "a",
        "の",
        "カ",
        "\u{301}",
        "\u{E0100}",
        "天地玄黃宇宙洪荒日月盈昃",
        "字",
    ];
    let number = |name: &str, default: u64| {
        let number = std::env::var(name).ok().and_then(|n| n.parse().ok());
        number.unwrap_or(default)
    };
    let first = number("HANFOLD_SEED", 0);
    let all = [
        Annotations::Auto,
        Annotations::Fold,
        Annotations::All,
        Annotations::Keep,
    ];
    for seed in first..first + number("HANFOLD_CASES", 300) {
        let mut rng = oracle::Rng(seed);
        // Few kinds in each text, so that they come together.
        let few: Vec<&str> = (0..2 + rng.below(9))
            .map(|_| pieces[rng.below(pieces.len())])
            .collect();
        let length = [12, 40, 160][rng.below(3)];
        let mut text: String = (0..rng.below(length))
            .map(|_| few[rng.below(few.len())])
            .collect();
        // By which the encoding can be told.
        text.push_str("\n字");
        let data = text.as_bytes();
        for annotations in all {
            let options = Options::default()
                .encoding(Encoding::UTF_8)
                .annotations(annotations);
            let fold = options.clone().only([StageName::Fold]);
            let failed = std::panic::catch_unwind(|| {
                oracle::chunks_with(&fold, data);
                oracle::explained_with(&options, data);
                oracle::stable_with(&[fold.clone(), options.clone()], data);
            });
            assert!(failed.is_ok(), "seed {seed}, {annotations:?}: {text:?}");
        }
    }
}

#[test]
fn dictionary() {
    over_texts(oracle::dictionary);
}

/// Texts of many chunks and stretches, as kernels take them, whole and line by
/// line: a line end settles everything but description sequences.
#[test]
fn long_texts() {
    use hanfold::{Config, Normalizer, Options, Script, StageName};
    let configs = [Config::T2s, Config::S2t, Config::S2twp, Config::Tw2sp];
    let normalizers = configs.map(|config| {
        let script = Script::OpenCc(config);
        Normalizer::new(
            Options::default().script(script).only([StageName::Script]),
        )
    });
    for seed in 0..12 {
        let mut text = String::new();
        for part in 0..160 {
            let part = texts::text(20_000 + 1000 * seed + part);
            text.push_str(&String::from_utf8_lossy(&part));
        }
        oracle::plain(text.as_bytes());
        let operator = |c| ('\u{2FF0}'..='\u{2FFF}').contains(&c);
        let text = text.replace(operator, "").replace('\u{FEFF}', "");
        for normalizer in &normalizers {
            let whole = normalizer.normalize(&text);
            let lines = text.split_inclusive('\n');
            let lines: String =
                lines.map(|line| normalizer.normalize(line)).collect();
            assert!(whole == lines, "seed {seed}");
        }
    }
}

/// Inputs on which a fuzzer once found something.
#[test]
fn regressions() {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/regressions");
    // Not part of the published package.
    let Ok(files) = std::fs::read_dir(dir) else { return };
    for file in files.flatten() {
        if let Ok(data) = std::fs::read(file.path()) {
            println!("{}", file.path().display());
            oracle::all(&data);
        }
    }
}

/// The same for crawled pages that are no part of the repository. Where the
/// folder is not there, the test says so and has nothing to do.
#[test]
fn crawled_pages() {
    let dir = std::env::var("HANFOLD_SEEDS").unwrap_or_else(|_| {
        concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/seeds").into()
    });
    let Ok(files) = std::fs::read_dir(&dir) else {
        println!("no crawled pages in {dir}: nothing tested");
        return;
    };
    for file in files.flatten() {
        let Ok(data) = std::fs::read(file.path()) else { continue };
        println!("{}", file.path().display());
        oracle::explained(&data);
        oracle::plain(&data);
        oracle::decode(&data);
        oracle::stable(&data);
        oracle::lines(&data);
        oracle::chunks_with(&hanfold::Options::default(), &data);
    }
}
