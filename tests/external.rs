//! Configuration files of OpenCC's, run by its library.
//!
//! Needs the features `opencc` and `cli`, and what `tools/opencc-env` sets.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test panics")]

#[path = "oracle/mod.rs"]
mod oracle;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use hanfold::{
    Config, Dictionary, Normalizer, Options, Rule, Script, StageName,
};
use oracle::texts;

/// One of OpenCC's own configurations.
fn own(name: &str) -> PathBuf {
    let dir = std::env::var_os("OPENCC_CONFIG_DIR")
        .expect("OPENCC_CONFIG_DIR names OpenCC's configurations");
    Path::new(&dir).join(name)
}

/// A configuration with these words in front of t2s.
fn words(dir: &tempfile::TempDir, text: &str) -> String {
    let ocd2 = |name: &str| {
        let file = own(&format!("{name}.ocd2"));
        serde_json::json!({ "type": "ocd2", "file": file })
    };
    let config = serde_json::json!({
        "name": "words",
        "conversion_chain": [{ "dict": {
            "type": "group",
            "match_policy": "short_circuit",
            "dicts": [
                { "type": "text", "file": "words.txt" },
                ocd2("TSPhrases"),
                ocd2("TSCharacters"),
            ],
        }}],
    });
    fs::write(dir.path().join("words.txt"), text).unwrap();
    let path = dir.path().join("words.json");
    fs::write(&path, config.to_string()).unwrap();
    path.to_str().unwrap().into()
}

fn script_only(script: Script) -> Options {
    Options::default().script(script).only([StageName::Script])
}

#[test]
fn its_t2s_is_ours_line_by_line() {
    let theirs = Normalizer::new(script_only(
        Script::external(own("t2s.json")).unwrap(),
    ));
    let ours = Normalizer::new(script_only(Script::OpenCc(Config::T2s)));
    for seed in 0..2_000 {
        let text = String::from_utf8_lossy(&texts::text(seed)).into_owned();
        for line in text.split(['\n', '\r', '\0']) {
            assert_eq!(theirs.normalize(line), ours.normalize(line));
        }
        // By lines, whatever stands between them.
        let alone = |piece: &str| {
            let line = piece.trim_end_matches(['\n', '\r', '\0']);
            theirs.normalize(line).into_owned() + &piece[line.len()..]
        };
        let text = text.replace('\u{FEFF}', "");
        let by_line: String =
            text.split_inclusive(['\n', '\r', '\0']).map(alone).collect();
        assert_eq!(theirs.normalize(&text), by_line);
    }
}

#[test]
fn the_oracles_hold() {
    let dir = tempfile::tempdir().unwrap();
    // Longer, shorter, and more where there was a single character.
    let words = words(&dir, "漢字\t漢\n土\t一二三\n乾隆\t隆乾隆\n");
    let script: Script = words.parse().unwrap();
    let dictionary = Dictionary::new([("圖", "圗"), ("後", "後")]).unwrap();
    let external = script_only(script.clone());
    let options = [
        Options::default().script(script),
        external.clone().dictionary(dictionary),
        external,
    ];
    for seed in 0..300 {
        let data = texts::text(seed);
        for options in &options {
            oracle::chunks_with(options, &data);
            oracle::explained_with(options, &data);
            let n = Normalizer::new(options.clone());
            let text = String::from_utf8_lossy(&data);
            assert_eq!(n.normalize(&text), n.explain(&text).text());
        }
    }
    for options in &options {
        oracle::every_cut(options, "漢字\0乾隆，土\n漢\r\n".as_bytes());
    }
}

#[test]
fn edits_are_of_what_differs() {
    let dir = tempfile::tempdir().unwrap();
    let words = words(&dir, "軟體\t軟件體\n一\t一一\n二\t零二\n");
    let n = Normalizer::new(script_only(words.parse().unwrap()));
    let edits = |text: &str| -> Vec<(String, String)> {
        let found = n.explain(text);
        assert_eq!(found.text(), n.normalize(text));
        assert!(found.edits().all(|e| e.rule() == Rule::Script));
        let pair = |e: hanfold::Edit| (e.before().into(), e.after().into());
        found.edits().map(pair).collect()
    };
    let pairs = |all: &[(&str, &str)]| -> Vec<(String, String)> {
        all.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect()
    };
    assert_eq!(edits("甲乙"), []);
    assert_eq!(
        edits("漢字轉換，漢"),
        pairs(&[("漢", "汉"), ("轉換", "转换"), ("漢", "汉")])
    );
    // Where something is only added, a character beside it is told too.
    assert_eq!(edits("甲軟體乙"), pairs(&[("軟", "軟件")]));
    assert_eq!(edits("甲一"), pairs(&[("一", "一一")]));
    assert_eq!(edits("二甲"), pairs(&[("二", "零二")]));
    assert_eq!(edits("一"), pairs(&[("一", "一一")]));
}

/// Pieces of a long line end at punctuation if they can, wherever it is cut.
#[test]
fn long_lines_go_in_pieces() {
    let script = Script::external(own("t2s.json")).unwrap();
    let options = script_only(script);
    let n = Normalizer::new(options.clone());
    let ours = Normalizer::new(script_only(Script::OpenCc(Config::T2s)));
    let sentence = "乾隆年間的乾糧，一目瞭然";
    let long = sentence.repeat(1_000);
    assert_eq!(n.normalize(&long), ours.normalize(&long));
    let bare = sentence.replace('，', "").repeat(500);
    assert_eq!(n.normalize(&bare).chars().count(), bare.chars().count());
    for text in [&long[..20_000 / 3 * 3], &bare] {
        oracle::chunks_with(&options, text.as_bytes());
        oracle::explained_with(&options, text.as_bytes());
    }
}

#[test]
fn what_cannot_be_opened_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let refused = |path: &str| {
        let error = path.parse::<Script>().unwrap_err().to_string();
        assert!(error.starts_with(&format!("{path}: OpenCC: ")), "{error}");
        assert_eq!(error.trim_end(), error);
        error
    };
    let none = dir.path().join("none.json").display().to_string();
    assert!(refused(&none).contains("not found"));
    let bad = dir.path().join("bad.json");
    fs::write(&bad, "{").unwrap();
    assert!(refused(bad.to_str().unwrap()).contains("JSON"));
    let words = words(&dir, "甲\n");
    assert!(refused(&words).contains("line 1"));
}

/// What both read, both read alike.
#[test]
fn the_format_is_theirs() {
    let dir = tempfile::tempdir().unwrap();
    for text in [
        "漢字\t一\n土\t二\n",
        "\u{FEFF}漢字\t一\r\n土\t二",
        "# 土\t三\n\n漢字\t一 四\n#\n\r\n土\t二  五\n",
        "a b\tc\n #\t#\n",
    ] {
        let config = words(&dir, text);
        let theirs = Normalizer::new(script_only(config.parse().unwrap()));
        let words: Dictionary = text.parse().unwrap();
        let options = script_only(Script::OpenCc(Config::T2s));
        let options = options.dictionary(words);
        let ours = Normalizer::new(options);
        for text in ["漢字土", "一土", "a b # 甲 #"] {
            assert_eq!(ours.normalize(text), theirs.normalize(text));
        }
    }
    for text in ["甲\t一\n甲\t一\n", "甲\n", "甲\t一\n  \n"] {
        assert!(words(&dir, text).parse::<Script>().is_err(), "{text:?}");
        assert!(text.parse::<Dictionary>().is_err(), "{text:?}");
    }
}

#[test]
fn the_program_runs_it() {
    let dir = tempfile::tempdir().unwrap();
    let words = words(&dir, "軟體\t软件\n");
    let input = dir.path().join("input");
    fs::write(&input, "軟體漢字").unwrap();
    let run = |script: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hanfold"));
        command.arg("--script").arg(script).arg(&input).output().unwrap()
    };
    let good = run(&words);
    assert_eq!(String::from_utf8_lossy(&good.stderr), "");
    assert_eq!(String::from_utf8_lossy(&good.stdout), "软件汉字");
    let bad = run("none.json");
    assert_eq!(bad.status.code(), Some(2));
    let message = String::from_utf8_lossy(&bad.stderr).into_owned();
    assert!(message.contains("none.json: OpenCC: "), "{message}");
}
