//! No unexplained change, and recording changes nothing. The first byte chooses the options.

#![no_main]

#[path = "../../tests/oracle/mod.rs"]
mod oracle;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((first, data)) = data.split_first() else { return };
    let options = oracle::options();
    oracle::explained_with(
        &options[usize::from(*first) % options.len()],
        data,
    );
    oracle::plain(data);
});
