//! Script conversion is cut anywhere.

#![no_main]

#[path = "../../tests/oracle/mod.rs"]
mod oracle;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    for script in [
        hanfold::Script::Simplified,
        hanfold::Script::OpenCc(hanfold::Config::T2s),
    ] {
        let options = hanfold::Options::default()
            .encoding(hanfold::Encoding::UTF_8)
            .script(script)
            .only([hanfold::StageName::Script]);
        oracle::chunks_with(&options, data);
    }
});
