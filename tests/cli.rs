//! The program from outside: text on stdout, messages on stderr, exit status.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test panics"
)]

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::JoinHandle;

fn hanfold() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hanfold"));
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

/// Starts it, and somebody who writes the input.
fn start(args: &[&str], input: &[u8]) -> (Child, JoinHandle<()>) {
    let mut child = hanfold()
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        // It may stop reading, on a bad argument say.
        let _ = stdin.write_all(&input);
    });
    (child, writer)
}

fn run(args: &[&str], input: &[u8]) -> Output {
    let (child, writer) = start(args, input);
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// What it prints where nothing goes wrong.
fn stdout(args: &[&str], input: &[u8]) -> String {
    let output = run(args, input);
    assert_eq!(text(&output.stderr), "", "{args:?}");
    assert_eq!(output.status.code(), Some(0), "{args:?}");
    text(&output.stdout).into()
}

/// What it says where something does.
fn stderr(args: &[&str]) -> String {
    let output = run(args, b"");
    assert_eq!(text(&output.stdout), "", "{args:?}");
    assert_eq!(output.status.code(), Some(2), "{args:?}");
    let message = text(&output.stderr);
    assert!(message.starts_with("hanfold: "), "{message:?}");
    message.into()
}

fn temp() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn file(dir: &tempfile::TempDir, name: &str, bytes: &[u8]) -> String {
    let path = dir.path().join(name);
    fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().into()
}

#[test]
fn help_is_as_written_down() {
    for (name, command) in
        [("help.txt", &[][..]), ("help-detect.txt", &["detect"])]
    {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/snapshots")
            .join(name);
        let help = stdout(&[command, &["--help"]].concat(), b"");
        if std::env::var_os("HANFOLD_BLESS").is_some() {
            fs::write(&path, &help).unwrap();
        }
        let wanted = fs::read_to_string(path).unwrap();
        assert_eq!(help, wanted, "HANFOLD_BLESS=1 writes it anew");
        assert_eq!(stdout(&[command, &["-h"]].concat(), b""), help);
    }
}

#[test]
fn the_sample_of_the_readme() {
    let wanted = include_str!("../samples/report.expected.txt");
    assert_eq!(stdout(&["samples/report.gbk.txt"], b""), wanted);
    let raw = fs::read(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/report.gbk.txt"),
    )
    .unwrap();
    assert_eq!(stdout(&[], &raw), wanted);
    assert_eq!(stdout(&["-e", "gbk", "-"], &raw), wanted);
    // The pages that the README shows are parts of it.
    let readme = include_str!("../README.md");
    for block in readme.split("```text\n").skip(1).take(2) {
        for line in block.split("\n```").next().unwrap().lines() {
            let clean = stdout(&[], line.as_bytes());
            assert!(wanted.contains(&clean), "{line:?} gives {clean:?}");
        }
    }
}

/// Each `$ command` in a console block of the README prints what stands
/// below it.
#[cfg(unix)]
#[test]
fn the_commands_of_the_readme() {
    let bin = Path::new(env!("CARGO_BIN_EXE_hanfold")).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    let mut commands = 0;
    for block in include_str!("../README.md").split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap();
        for example in block.split("$ ").skip(1) {
            let (command, wanted) = example.split_once('\n').unwrap();
            let output = Command::new("sh")
                .args(["-c", command])
                .env("PATH", format!("{}:{path}", bin.display()))
                .current_dir(env!("CARGO_MANIFEST_DIR"))
                .output()
                .unwrap();
            assert_eq!(text(&output.stderr), "", "{command}");
            assert_eq!(text(&output.stdout), wanted, "{command}");
            commands += 1;
        }
    }
    assert!(commands >= 5, "{commands} commands");
}

#[test]
fn stages_are_chosen_by_name() {
    let raw = "團(tuán):甲２\r\n".as_bytes();
    assert_eq!(stdout(&[], raw), "团：甲2\n");
    assert_eq!(stdout(&["--only", "decode"], raw), "團(tuán):甲２\r\n");
    assert_eq!(stdout(&["--only", "fold,script"], raw), "团:甲２\r\n");
    assert_eq!(stdout(&["--skip", "fold"], raw), "团(tuán):甲2\n");
    assert_eq!(stdout(&["--script", "keep"], raw), "團：甲2\n");
    assert_eq!(stdout(&["--skip", "decode"], b"\xba\xba"), "\u{FFFD}\u{FFFD}");
    // GB18030 for 汉, without and with being told so.
    assert_eq!(stdout(&["-e", "gb2312"], b"\xba\xba"), "汉");
}

#[test]
fn words_of_ones_own() {
    let dir = temp();
    let one = file(&dir, "one", "# 1\n軟體\t软件 軟件\r\n後\t后\n".as_bytes());
    let two = file(&dir, "two", "\u{FEFF}軟體\t軟件".as_bytes());
    let stay = file(&dir, "stay", "# words\n\n龍馬\n後藤\r\n".as_bytes());
    let raw = "後藤的軟體，龍馬".as_bytes();
    for (args, wanted) in [
        (&[][..], "后藤的软体，龙马"),
        (&["--dict", &one], "后藤的软件，龙马"),
        (&["--dict", &one, "--dict", &two], "后藤的軟件，龙马"),
        (&["--dict", &two, "--dict", &one], "后藤的软件，龙马"),
        (&["--protect", "龍馬"], "后藤的软体，龍馬"),
        (&["--protect", "龍馬", "--protect", "藤的"], "后藤的软体，龍馬"),
        (&["--protect-file", &stay], "後藤的软体，龍馬"),
        // Whatever a dictionary says, and wherever it stands.
        (&["--protect", "軟體", "--dict", &one], "后藤的軟體，龙马"),
        (&["--script", "keep", "--dict", &one], "后藤的软件，龍馬"),
        (&["--skip", "script", "--dict", &one], "後藤的軟體，龍馬"),
    ] {
        assert_eq!(stdout(args, raw), wanted, "{args:?}");
    }
    let json = stdout(&["--explain", "--dict", &one], "軟體".as_bytes());
    assert!(json.contains(r#""rule":"dictionary","source":[0,6]"#), "{json}");
}

#[test]
fn bad_words_are_refused_before_anything_is_written() {
    let dir = temp();
    let kept = file(&dir, "kept", b"precious");
    let none = dir.path().join("none").display().to_string();
    let long = "甲".repeat(65);
    for (bytes, wanted) in [
        ("甲\t一\n乙 二".as_bytes(), "line 2: no tab between key and value"),
        (b"\n\t1", "line 2: the key is empty"),
        (b"# 1\na\t", "line 2: the value is empty"),
        (b"a\x1B\tb", "line 1: a control character in the key"),
        (b"a\tb\na\tc", "line 2: the key is in line 1 too"),
        (b"a\tb\n\xBA\xBA\tc", "line 2: not UTF-8"),
        (
            format!("{long}\t1").as_bytes(),
            "line 1: the key has more than 64 characters",
        ),
    ] {
        let words = file(&dir, "words", bytes);
        let message = stderr(&["--dict", &words, "-o", &kept]);
        assert_eq!(message, format!("hanfold: {words}: {wanted}\n"));
        assert_eq!(fs::read(&kept).unwrap(), b"precious");
    }
    let words = file(&dir, "words", "甲\n乙\t二".as_bytes());
    for (args, wanted) in [
        (["--protect-file", &words], "words: line 2: a control character"),
        (["--protect", ""], "--protect: \"\": the key is empty"),
        (["--protect", &long], "has more than 64 characters"),
        (["--dict", &none], "none: cannot read: "),
        (["--protect-file", &none], "none: cannot read: "),
    ] {
        let message = stderr(&args);
        assert!(message.contains(wanted), "{args:?}: {message:?}");
    }
}

#[cfg(not(feature = "opencc"))]
#[test]
fn a_configuration_needs_the_feature() {
    let message = stderr(&["--script", "t2s.json"]);
    assert!(message.contains("needs hanfold with the feature opencc"));
}

#[test]
fn lines_keep_their_number() {
    let raw = "一\r\n二\r三\n\n　\n四".as_bytes();
    assert_eq!(stdout(&["--lines"], raw), "一\n二\r三\n\n\n四");
}

#[test]
fn edits_as_json_lines() {
    let raw = b"\xba\xba,\xff\xd7\xd6\r\n";
    let json = stdout(&["-e", "gbk", "--explain"], raw);
    let records: Vec<serde_json::Value> =
        json.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let (end, edits) = records.split_last().unwrap();
    assert!(edits.iter().all(|e| e["type"] == "edit" && e["path"] == "-"));
    let told: Vec<_> = edits
        .iter()
        .map(|e| (e["rule"].as_str().unwrap(), e["source"].to_string()))
        .collect();
    assert_eq!(
        told,
        [
            ("width-punctuation", "[2,3]".to_string()),
            ("malformed", "[3,4]".to_string()),
            ("line-end", "[6,8]".to_string()),
        ]
    );
    assert_eq!(edits[1]["before"], "\\xFF");
    assert_eq!(end["type"], "end");
    assert_eq!(end["encoding"], "gb18030");
    assert_eq!(end["malformed"], 1);
    assert_eq!(end["edits"], 3);
    assert_eq!(end["rules"]["malformed"], 1);
    assert_eq!(end["bytes_in"], raw.len());
}

#[test]
fn lines_that_are_left_alone_are_counted() {
    let raw = "東京の図書館\n身長体重\n漢字\n한국 漢字\n漢字の\n";
    for (more, count) in [(&[][..], 4), (&["--lines"][..], 3)] {
        let args = [&["--explain", "--only", "decode,script"], more].concat();
        let json = stdout(&args, raw.as_bytes());
        let end = json.lines().last().unwrap();
        let end: serde_json::Value = serde_json::from_str(end).unwrap();
        assert_eq!(end["foreign_lines"], count);
    }
}

#[test]
fn candidates_where_there_are_several() {
    let json = stdout(&["--script", "s2t", "--explain"], "发，车".as_bytes());
    let lines: Vec<&str> = json.lines().collect();
    assert!(
        lines[0].ends_with(
            r#""before":"发","after":"發","candidates":["發","髮"]}"#
        )
    );
    assert!(lines[1].ends_with(r#""before":"车","after":"車"}"#), "{json}");
}

#[test]
fn tofu_risk_as_openccs_program_has_it() {
    let rare = "㑮".as_bytes();
    assert_eq!(stdout(&["--script", "t2s"], rare), "㑮");
    for flag in ["--tofu-risk", "--include-tofu-risk-dictionaries"] {
        assert_eq!(stdout(&["--script", "t2s", flag], rare), "𫝈");
    }
}

#[test]
fn one_bad_file_does_not_stop_the_rest() {
    let dir = temp();
    let good = file(&dir, "good", "漢\n".as_bytes());
    let none = dir.path().join("none").display().to_string();
    let folder = dir.path().display().to_string();
    for args in
        [vec![good.as_str(), &none, &good], vec![&folder, &good, &good]]
    {
        let output = run(&args, b"");
        assert_eq!(text(&output.stdout), "汉\n汉\n");
        assert_eq!(output.status.code(), Some(2));
        let message = text(&output.stderr);
        assert!(message.starts_with("hanfold: "), "{message:?}");
        assert_eq!(message.lines().count(), 1, "{message:?}");
    }
    let output = run(&["--explain", &none, &good], b"");
    assert_eq!(output.status.code(), Some(2));
    let ends = text(&output.stdout).matches("\"type\":\"end\"").count();
    assert_eq!(ends, 1, "an end record for what was read to its end");
}

#[test]
fn messages_say_what_and_what_to_do() {
    let dir = temp();
    let none = dir.path().join("none").display().to_string();
    let folder = dir.path().display().to_string();
    for (args, wanted) in [
        (vec![none.as_str()], "cannot open"),
        (vec![&folder], "is a directory"),
        (vec!["-e", "gkb"], "unknown encoding \"gkb\": use auto or"),
        (
            vec!["--script", "s2z"],
            "use simplified, keep, or a conversion of OpenCC",
        ),
        (vec!["--only", "fould"], "use decode, repair, fold, script"),
        (vec!["--wrong"], "unexpected argument"),
        (vec!["detect"], "required"),
        (vec!["detect", &none], "cannot open"),
        (vec!["-o", &folder], "is a directory"),
        (vec!["-o", &format!("{none}/file")], "cannot create"),
    ] {
        let message = stderr(&args);
        assert!(message.contains(wanted), "{args:?}: {message:?}");
    }
}

#[test]
fn output_replaces_a_file_once_all_is_written() {
    let dir = temp();
    let path = file(&dir, "both", "漢\r\n".as_bytes());
    assert_eq!(stdout(&[&path, "-o", &path], b""), "");
    assert_eq!(fs::read_to_string(&path).unwrap(), "汉\n");
    let new = dir.path().join("new").display().to_string();
    assert_eq!(stdout(&["-o", &new, &path, &path], b""), "");
    assert_eq!(fs::read_to_string(&new).unwrap(), "汉\n汉\n");
    // Edits on stdout, text in the file.
    let json = stdout(&["--explain", "-o", &new], "漢".as_bytes());
    assert_eq!(json.lines().count(), 2);
    assert_eq!(fs::read_to_string(&new).unwrap(), "汉");
    // Nothing else is left behind.
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
}

#[test]
fn output_is_left_alone_where_an_input_is_bad() {
    let dir = temp();
    let kept = file(&dir, "kept", b"precious");
    let good = file(&dir, "good", "漢".as_bytes());
    let none = dir.path().join("none").display().to_string();
    for args in [
        vec![none.as_str(), "-o", &kept],
        vec![&good, &none, "-o", &kept],
        vec!["--explain", &none, "-o", &kept],
    ] {
        let output = run(&args, b"");
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains("left as it was"));
        assert_eq!(fs::read(&kept).unwrap(), b"precious");
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_once() {
    for args in [&["-o", "/dev/full"][..], &["--explain"]] {
        let mut child = hanfold()
            .args(args)
            .stdin(Stdio::piped())
            .stdout(fs::File::create("/dev/full").unwrap())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all("漢".as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let message = text(&output.stderr);
        assert!(message.starts_with("hanfold: "), "{message:?}");
        assert_eq!(message.matches("cannot write").count(), 1, "{message:?}");
        assert_eq!(message.matches("No space").count(), 1, "{message:?}");
    }
    // Messages that cannot be written are no reason to panic.
    let status = hanfold()
        .arg("none such")
        .stderr(fs::File::create("/dev/full").unwrap())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(2));
}

#[cfg(unix)]
#[test]
fn output_keeps_permissions_and_links() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let dir = temp();
    let path = file(&dir, "file", b"old");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let link = dir.path().join("link");
    symlink(&path, &link).unwrap();
    stdout(&["-o", link.to_str().unwrap()], "漢".as_bytes());
    assert!(link.symlink_metadata().unwrap().is_symlink());
    assert_eq!(fs::read_to_string(&path).unwrap(), "汉");
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    // A link to what is not there yet makes the file.
    let (new, dangling) = (dir.path().join("new"), dir.path().join("to-new"));
    symlink("new", &dangling).unwrap();
    stdout(&["-o", dangling.to_str().unwrap()], "漢".as_bytes());
    assert!(dangling.symlink_metadata().unwrap().is_symlink());
    assert_eq!(fs::read_to_string(new).unwrap(), "汉");
    // A device is written to, not replaced; so is what stdout is.
    assert_eq!(stdout(&["-o", "/dev/null"], "漢".as_bytes()), "");
    assert_eq!(stdout(&["-o", "-"], "漢".as_bytes()), "汉");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    assert!(stderr(&["-o", &path]).contains("read-only"));
}

/// The JSON Lines that it prints where nothing goes wrong.
fn records(args: &[&str], input: &[u8]) -> Vec<serde_json::Value> {
    let json = stdout(args, input);
    json.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Lines of UTF-8, GB18030, Big5 and UTF-8 again.
fn mixed() -> (Vec<u8>, &'static str) {
    let gb = "我们今天讨论的是编码问题，以及别的。\n";
    let big5 = "這是一行繁體中文的文字，請看。\n";
    let raw = [
        "甲，我们今天讨论编码。\n".as_bytes(),
        &encoding_rs::GB18030.encode(gb).0,
        &encoding_rs::BIG5.encode(big5).0,
        "乙，谢谢大家。\n".as_bytes(),
    ];
    let text = "甲，我们今天讨论编码。\n\
                我们今天讨论的是编码问题，以及别的。\n\
                這是一行繁體中文的文字，請看。\n乙，谢谢大家。\n";
    (raw.concat(), text)
}

#[test]
fn lines_in_other_encodings_are_followed() {
    let (raw, text) = mixed();
    let decode = ["--only", "decode"];
    assert_eq!(stdout(&decode, &raw), text);
    let on = ["--only", "decode", "--regions", "on"];
    assert_eq!(stdout(&on, &raw), text);
    let off = ["--only", "decode", "--regions", "off"];
    let pinned = stdout(&off, &raw);
    assert!(pinned.contains('\u{FFFD}') && pinned.starts_with("甲，"));
    // A label pins it too.
    assert_eq!(stdout(&["-e", "utf-8", "--only", "decode"], &raw), pinned);

    let told = records(&["--only", "decode", "--explain"], &raw);
    let (end, regions) = told.split_last().unwrap();
    let start = |line| text.lines().take(line).map(|l| l.len() + 1).sum();
    let first: usize = start(1);
    assert_eq!(
        regions[0],
        serde_json::json!({
            "type": "region", "path": "-", "start": first,
            "encoding": "gb18030",
        })
    );
    let names: Vec<_> = regions.iter().map(|r| &r["encoding"]).collect();
    assert_eq!(names, ["gb18030", "Big5", "UTF-8"]);
    assert_eq!(
        (&end["regions"], &end["encoding"]),
        (&3.into(), &"UTF-8".into())
    );
    assert!(end.get("first_malformed").is_none());
    let told = records(&["--regions", "off", "--explain"], &raw);
    assert_eq!(told.last().unwrap()["regions"], 0);
    assert!(told.iter().all(|record| record["type"] != "region"));
}

/// 中 in Big5, い in EUC-JP.
const EITHER: &[u8] = b"\xa4\xa4";

#[test]
fn a_declared_encoding_gives_way_to_clear_evidence() {
    for (label, text) in [("big5", "中"), ("euc-jp", "い")] {
        assert_eq!(stdout(&["--declared", label], EITHER), text);
    }
    let clear = encoding_rs::GB18030.encode("我们今天讨论的是编码问题。");
    let (bom, ascii) = ("\u{FEFF}汉".as_bytes(), b"ok".as_slice());
    for (args, raw, encoding, source, declared) in [
        (&["--declared", "big5"][..], EITHER, "Big5", "declared", "Big5"),
        (&["--declared", "big5"], &clear.0, "gb18030", "detected", "Big5"),
        (&["--declared", "gbk"], &clear.0, "gb18030", "declared", "gb18030"),
        (&["--declared", "auto"], &clear.0, "gb18030", "detected", ""),
        (&[], &clear.0, "gb18030", "detected", ""),
        (&["-e", "gbk"], &clear.0, "gb18030", "label", ""),
        (&[], bom, "UTF-8", "bom", ""),
        (&[], ascii, "US-ASCII", "default", ""),
    ] {
        let told = records(&[args, &["--explain"]].concat(), raw);
        let end = told.last().unwrap();
        let wanted = (encoding, source, Some(declared));
        let found = (
            end["encoding"].as_str().unwrap(),
            end["source"].as_str().unwrap(),
            Some(end.get("declared").map_or("", |d| d.as_str().unwrap())),
        );
        assert_eq!(found, wanted, "{args:?}");
        let score = end["score"].as_f64().unwrap();
        assert!(score > 0.5 && score <= 1.0, "{end}");
    }
    assert!(stderr(&["--declared", "gkb"]).contains("unknown encoding"));
}

/// Twenty bytes, of which three are malformed, in two sequences.
const DAMAGED: &[u8] = b"\xe6\xb1\x89\xff\xe5\xad\x97 \xe6\xb1, 1234567\n";

#[test]
fn malformed_bytes_are_replaced_kept_or_dropped() {
    assert_eq!(DAMAGED.len(), 20);
    for (bad, wanted) in [
        (&[][..], "汉\u{FFFD}字 \u{FFFD}, 1234567\n"),
        (&["--bad", "replace"], "汉\u{FFFD}字 \u{FFFD}, 1234567\n"),
        (&["--bad", "keep"], "汉\\xFF字 \\xE6\\xB1, 1234567\n"),
        (&["--bad", "drop"], "汉字 , 1234567\n"),
    ] {
        let args = [bad, &["--only", "decode"]].concat();
        assert_eq!(stdout(&args, DAMAGED), wanted, "{bad:?}");
        let args = [bad, &["--explain", "--only", "decode"]].concat();
        let told = records(&args, DAMAGED);
        assert_eq!(told[0]["before"], "\\xFF");
        let end = told.last().unwrap();
        assert_eq!(end["malformed"], 2);
        assert_eq!(end["malformed_bytes"], 3);
        assert_eq!(end["first_malformed"], 3);
    }
    assert!(stderr(&["--bad", "skip"]).contains("replace, keep, drop, fail"));
}

#[test]
fn too_much_damage_makes_an_input_bad() {
    let dir = temp();
    let bad = file(&dir, "bad", DAMAGED);
    let good = file(&dir, "good", "汉\n".as_bytes());
    let kept = file(&dir, "kept", b"precious");
    let text = "汉\u{FFFD}字 \u{FFFD}, 1234567\n汉\n";
    let told = format!(
        "hanfold: {bad}: 2 malformed sequences, the first at byte 3: \
         3 of 20 bytes, 15.000 %"
    );
    let decode = &["--only", "decode"][..];
    for (args, more) in [
        (&["--bad", "fail"][..], ""),
        (&["--max-damage", "14.999"], ", where --max-damage allows 14.999 %"),
        (&["--max-damage", "0"], ", where --max-damage allows 0 %"),
        (&["--bad", "fail", "--max-damage", "50"], ""),
    ] {
        // All is written, and the other file too.
        let all = [args, decode, &[&bad, &good]].concat();
        let output = run(&all, b"");
        assert_eq!(self::text(&output.stdout), text);
        assert_eq!(self::text(&output.stderr), format!("{told}{more}\n"));
        assert_eq!(output.status.code(), Some(2));
        // A file keeps what it had.
        for explain in [&[][..], &["--explain"]] {
            let output = run(&[&all, explain, &["-o", &kept]].concat(), b"");
            assert_eq!(output.status.code(), Some(2));
            let message = self::text(&output.stderr);
            assert!(message.starts_with(&told), "{message}");
            assert!(message.contains("left as it was"), "{message}");
            assert_eq!(fs::read(&kept).unwrap(), b"precious");
        }
    }
    // As much as is allowed is not too much.
    for most in ["15", "15.0", "100"] {
        let args = ["--max-damage", most, &bad, &good];
        assert_eq!(stdout(&[decode, &args].concat(), b""), text);
    }
    for args in [["--max-damage", "0"], ["--bad", "fail"]] {
        assert_eq!(stdout(&args, "汉".as_bytes()), "汉");
        assert_eq!(stdout(&args, b""), "");
    }
    let keep = ["--bad", "keep", "--max-damage", "14", &bad];
    let output = run(&[decode, &keep].concat(), b"");
    assert!(self::text(&output.stdout).contains("\\xE6\\xB1"));
    assert_eq!(output.status.code(), Some(2));
    for most in ["101", "-1", "nan", "1%", ""] {
        let message = stderr(&[&format!("--max-damage={most}")]);
        assert!(message.contains("a number from 0 to 100"), "{message}");
    }
    let one = run(&["--bad", "fail", "-e", "utf-8"], b"\xff");
    assert!(self::text(&one.stderr).contains("-: 1 malformed sequence, "));
}

#[test]
fn detect_prints_a_line_for_each_file() {
    let dir = temp();
    let ascii = file(&dir, "ascii", b"ok");
    let utf16 = file(&dir, "utf16", b"\xff\xfe\x22\x6f");
    let mixed = file(&dir, "mixed", &mixed().0);
    let bad = file(&dir, "bad", DAMAGED);
    let wanted = format!(
        "{ascii}\t1.000\tdefault\t0\t0\tUS-ASCII\n\
         {utf16}\t1.000\tbom\t0\t0\tUTF-16LE\n\
         {mixed}\t1.000\tdetected\t0\t3\tUTF-8\n\
         {bad}\t1.000\tdetected\t2\t0\tUTF-8\n"
    );
    let files = [ascii.as_str(), &utf16, &mixed, &bad];
    assert_eq!(stdout(&[&["detect"], &files[..]].concat(), b""), wanted);
    let brief = stdout(&[&["detect", "--brief"], &files[..]].concat(), b"");
    assert_eq!(brief, "US-ASCII\nUTF-16LE\nUTF-8\nUTF-8\n");
    let stdin = stdout(&["detect", "-"], b"ok");
    assert_eq!(stdin, "-\t1.000\tdefault\t0\t0\tUS-ASCII\n");
    for (label, encoding) in [("big5", "Big5"), ("euc-jp", "EUC-JP")] {
        let line = stdout(&["detect", "--declared", label, "-"], EITHER);
        assert_eq!(line.split('\t').nth(2), Some("declared"));
        assert_eq!(line.split('\t').nth(5).unwrap().trim_end(), encoding);
    }
}

#[test]
fn detect_prints_all_that_is_known_as_json() {
    let dir = temp();
    let mixed = file(&dir, "mixed", &mixed().0);
    let bad = file(&dir, "bad", DAMAGED);
    let found = records(&["detect", "--json", &mixed, &bad], b"");
    assert_eq!(found[0]["path"], mixed.as_str());
    let regions = found[0]["regions"].as_array().unwrap();
    assert_eq!(regions.len(), 3);
    assert_eq!(regions[1]["encoding"], "Big5");
    assert!(regions[0]["start"].as_u64() < regions[1]["start"].as_u64());
    assert_eq!(found[0]["first_malformed"], serde_json::Value::Null);
    assert_eq!(
        found[1],
        serde_json::json!({
            "path": bad, "encoding": "UTF-8", "score": 1.0,
            "source": "detected", "declared": null,
            "alternatives": found[1]["alternatives"],
            "malformed": 2, "malformed_bytes": 3, "first_malformed": 3,
            "regions": [], "bytes": 20,
        })
    );
    // One character leaves other readings.
    let short = &records(&["detect", "--json", "-"], EITHER)[0];
    let others = short["alternatives"].as_array().unwrap();
    let score = |found: &serde_json::Value| found["score"].as_f64().unwrap();
    assert!(!others.is_empty() && score(short) >= score(&others[0]));
    assert!(score(short) + others.iter().map(score).sum::<f64>() < 1.001);
}

#[test]
fn detect_goes_on_behind_a_bad_file() {
    let dir = temp();
    let good = file(&dir, "good", b"ok");
    let none = dir.path().join("none").display().to_string();
    let folder = dir.path().display().to_string();
    for (args, wanted) in [
        (&["--brief"][..], "-\n-\nUS-ASCII\n".to_string()),
        (&[], format!("{good}\t1.000\tdefault\t0\t0\tUS-ASCII\n")),
    ] {
        let args = [&["detect"], args, &[&none, &folder, &good]].concat();
        let output = run(&args, b"");
        assert_eq!(text(&output.stdout), wanted);
        assert_eq!(output.status.code(), Some(2));
        let message = text(&output.stderr);
        assert_eq!(message.lines().count(), 2, "{message}");
        assert!(message.contains("none: cannot open"), "{message}");
        assert!(message.contains("is a directory"), "{message}");
    }
}

#[test]
fn detect_takes_names_from_a_list() {
    let dir = temp();
    let ascii = file(&dir, "as cii", b"ok");
    let utf8 = file(&dir, "utf8", "汉".as_bytes());
    let odd = file(&dir, "od\nd", "汉".as_bytes());
    let list = file(&dir, "list", format!("{ascii}\n{utf8}").as_bytes());
    let brief = ["detect", "--brief", "--files-from"];
    let from = |args: &[&str], input: &[u8]| {
        stdout(&[&brief[..], args].concat(), input)
    };
    assert_eq!(from(&[&list], b""), "US-ASCII\nUTF-8\n");
    assert_eq!(from(&[&list, &utf8], b""), "UTF-8\nUS-ASCII\nUTF-8\n");
    assert_eq!(from(&[&list, "-"], b"ok"), "US-ASCII\nUS-ASCII\nUTF-8\n");
    let lines = format!("{utf8}\r\n{ascii}\r\n");
    assert_eq!(from(&["-"], lines.as_bytes()), "UTF-8\nUS-ASCII\n");
    let nul = format!("{odd}\0{ascii}\0");
    for null in ["-0", "--null"] {
        assert_eq!(from(&["-", null], nul.as_bytes()), "UTF-8\nUS-ASCII\n");
    }
    assert_eq!(from(&["-"], b""), "");
    // Line N is for name N, whatever stands there.
    let output = run(
        &[&brief[..], &["-"]].concat(),
        format!("{ascii}\n\nnone such\n-\n{utf8}\n").as_bytes(),
    );
    assert_eq!(text(&output.stdout), "US-ASCII\n-\n-\n-\nUTF-8\n");
    assert_eq!(output.status.code(), Some(2));
    let message = text(&output.stderr);
    assert!(message.contains("a file without a name"), "{message}");
    assert!(message.contains("-: stdin is the list"), "{message}");

    for (args, wanted) in [
        (&["detect", "--files-from", "none"][..], "none: cannot open"),
        (&["detect", "--files-from"], "a value is required"),
        (&["detect", "-0", &ascii], "--files-from"),
        (&["detect", "--json", "--brief", &ascii], "cannot be used with"),
    ] {
        let message = stderr(args);
        assert!(message.contains(wanted), "{args:?}: {message:?}");
    }
}

/// A name that is no UTF-8 is printed as it is.
#[cfg(target_os = "linux")]
#[test]
fn detect_prints_names_as_they_are() {
    use std::os::unix::ffi::OsStringExt;
    let dir = temp();
    let mut path = dir.path().as_os_str().as_encoded_bytes().to_vec();
    path.extend_from_slice(b"/\xba\xba");
    let name = std::ffi::OsString::from_vec(path.clone());
    fs::write(&name, b"ok").unwrap();
    let wanted = [&path[..], b"\t1.000\tdefault\t0\t0\tUS-ASCII\n"].concat();
    let output = hanfold().arg("detect").arg(&name).output().unwrap();
    assert_eq!(output.stdout, wanted);
    let list = run(&["detect", "--files-from", "-"], &path);
    assert_eq!(list.stdout, wanted);
}

#[test]
fn a_closed_stdout_is_success() {
    let raw = "漢字轉換\n".repeat(200_000);
    let names = "samples/report.gbk.txt\n".repeat(20_000);
    let detect = ["detect", "--files-from", "-"];
    for (args, raw) in
        [(&[][..], &raw), (&["--explain"], &raw), (&detect, &names)]
    {
        let (mut child, writer) = start(args, raw.as_bytes());
        let mut out = child.stdout.take().unwrap();
        out.read_exact(&mut [0; 10]).unwrap();
        drop(out);
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        assert_eq!(text(&output.stderr), "");
        assert_eq!(output.status.code(), Some(0));
    }
}

/// 64 MiB through a pipe, in less memory than that.
#[cfg(target_os = "linux")]
#[test]
fn memory_is_bounded() {
    let mut child = hanfold()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut out = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        std::io::copy(&mut out, &mut std::io::sink()).unwrap()
    });
    let piece = "團(tuán)結(jié)街道,(一)２０２０年 \r\n".repeat(1 << 10);
    for _ in 0..(64 << 20) / piece.len() {
        stdin.write_all(piece.as_bytes()).unwrap();
    }
    let status =
        fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let peak: u64 = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|kib| kib.trim().strip_suffix(" kB"))
        .unwrap()
        .parse()
        .unwrap();
    drop(stdin);
    assert!(child.wait().unwrap().success());
    assert!(reader.join().unwrap() > 32 << 20);
    assert!(peak < 32 << 10, "{peak} KiB");
}

/// Crawled pages that are no part of the repository. Where the folder is not
/// there, the test says so and has nothing to do.
#[test]
fn crawled_pages() {
    let dir = std::env::var("HANFOLD_SEEDS").map_or_else(
        |_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/seeds"),
        PathBuf::from,
    );
    let Ok(files) = fs::read_dir(&dir) else {
        println!("no crawled pages in {}: nothing tested", dir.display());
        return;
    };
    let mut pages = 0;
    for page in files {
        let path = page.unwrap().path();
        let name = path.to_str().unwrap();
        let raw = fs::read(&path).unwrap();
        let once = stdout(&[name], b"");
        assert_eq!(stdout(&[], once.as_bytes()), once, "{name} is stable");
        let json = stdout(&["--explain", name], b"");
        assert!(json.ends_with("}\n") && json.contains("\"type\":\"end\""));
        pages += 1;
        if !name.contains("004_") {
            continue;
        }
        assert!(once.starts_with("团结街道办事处\n"));
        let toned = |c: char| "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ".contains(c);
        assert!(!once.contains(toned), "a note is left");
        let genuine = |text: &str| text.matches(['(', '（']).count();
        let notes = json.matches("\"annotation-pinyin\",").count();
        assert_eq!(notes, 256);
        assert_eq!(genuine(&once), genuine(text(&raw)) - notes);
        // The same page as other programs would have saved it.
        let gb = encoding_rs::GB18030.encode(text(&raw)).0;
        assert_eq!(stdout(&[], &gb), once, "GB18030");
        let utf16: Vec<u8> = [0xFEFF]
            .into_iter()
            .chain(text(&raw).encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(stdout(&[], &utf16), once, "UTF-16LE");
        let bare = stdout(&["--only", "fold"], &raw);
        let (big5, _, lossy) = encoding_rs::BIG5.encode(&bare);
        assert!(!lossy, "Big5 lacks characters of the page");
        assert_eq!(stdout(&[], &big5), once, "Big5");
    }
    assert!(pages > 0, "{} is empty", dir.display());
}

#[test]
fn what_is_lost_for_good_is_reported_and_is_damage() {
    let dir = temp();
    // Thirty bytes, of which nine and three are lost.
    let text = "1234567\n锟斤拷，\n\u{FFFD}123456";
    assert_eq!(text.len(), 30);
    let lost = file(&dir, "lost", text.as_bytes());
    let only = ["--repair", "auto", "--only", "repair", &lost];
    let told = records(&[&only[..], &["--explain"]].concat(), b"");
    let (end, notices) = told.split_last().unwrap();
    assert_eq!(
        notices[0],
        serde_json::json!({
            "type": "notice", "path": lost, "rule": "unrecoverable",
            "source": [8, 17], "text": "锟斤拷",
            "detail": "utf-8 replacement character read as gbk",
        })
    );
    assert_eq!(notices[1]["source"], serde_json::json!([21, 24]));
    assert_eq!(notices.len(), 2);
    assert_eq!(end["notices"], serde_json::json!({"unrecoverable": 2}));
    assert_eq!(end["edits"], 0);
    assert_eq!(end["unrecoverable_bytes"], 12);
    assert_eq!(end["first_unrecoverable"], 2);

    for explain in [&[][..], &["--explain"]] {
        let limit = ["--max-damage", "39.9"];
        let output = run(&[&only[..], &limit, explain].concat(), b"");
        let wanted = format!(
            "hanfold: {lost}: 2 unrecoverable parts, the first in line 2: \
             12 of 30 bytes of text, 40.000 %, where --max-damage allows \
             39.9 %\n"
        );
        assert_eq!(self::text(&output.stderr), wanted);
        assert_eq!(output.status.code(), Some(2));
    }
    let enough = [&only[..], &["--max-damage", "40"]].concat();
    assert_eq!(stdout(&enough, b""), text);
    // `--bad fail` is about what is malformed, and without the repair nobody
    // looks.
    assert_eq!(stdout(&[&only[..], &["--bad", "fail"]].concat(), b""), text);
    let off = ["--only", "repair", "--repair", "off", "--max-damage", "0"];
    assert_eq!(stdout(&[&off[..], &[&lost]].concat(), b""), text);

    // Both kinds of damage, and in an encoding where bytes are not those of
    // the text: two of eight, and six of fourteen.
    let gbk = b"ab\xff\xff\xef\xbf\xbd\xef";
    let args = ["-e", "gbk", "--repair", "auto", "--max-damage", "1"];
    let output = run(&args, gbk);
    let message = self::text(&output.stderr);
    assert!(message.contains("-: 2 malformed sequences, "), "{message}");
    assert!(message.contains("; 1 unrecoverable part, "), "{message}");
    assert!(message.contains("first in line 1: 6 of 14 bytes of text, "));
    assert!(message.contains(" 67.857 %, where"), "{message}");
}
