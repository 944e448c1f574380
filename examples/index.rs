//! What a search engine would do: index the normal form, and show the hit in
//! the page as it came.
//!
//! ```text
//! cargo run --example index -- 办事处 < page.txt
//! ```

use std::io::Read;

use hanfold::{Explanation, Normalizer, Options};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let wanted = std::env::args().nth(1).ok_or("usage: index WORD < PAGE")?;
    let mut raw = Vec::new();
    std::io::stdin().read_to_end(&mut raw)?;

    let normalizer = Normalizer::new(Options::default());
    let mut stream = normalizer.stream(Explanation::default());
    stream.feed(&raw);
    let page = stream.finish();

    for (at, hit) in page.text().match_indices(&wanted) {
        let source = page.source_of(at..at + hit.len());
        let bytes = raw.get(source.start as usize..source.end as usize);
        println!(
            "bytes {}..{} of the page: {}",
            source.start,
            source.end,
            String::from_utf8_lossy(bytes.unwrap_or_default())
        );
    }
    Ok(())
}
