//! What is converted.

use std::fs;

use crate::Result;
use crate::common;

/// A text, ending with a line end.
pub struct Text {
    pub kind: Kind,
    pub name: String,
    pub raw: String,
    /// What t2s must make of it, where that is known.
    pub t2s: Option<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    Traditional,
    Simplified,
    /// Lists of links, mostly ASCII, in Traditional.
    Html,
    /// Headings, lists, tables and code, in Traditional.
    Markdown,
    /// Markup, Latin, Traditional, annotated and mistyped text in turn.
    Mixed,
    Ascii,
}

/// One of each kind.
pub fn built_in() -> Vec<Text> {
    let (hant, hans) = (common::TRADITIONAL.raw, common::SIMPLIFIED.raw);
    let (mixed, ascii) = (common::MIXED.raw, common::ASCII.raw);
    vec![
        text(Kind::Traditional, "traditional", hant, Some(hans)),
        text(Kind::Simplified, "simplified", hans, Some(hans)),
        text(Kind::Html, "html", &html(hant), Some(&html(hans))),
        text(
            Kind::Markdown,
            "markdown",
            &markdown(hant),
            Some(&markdown(hans)),
        ),
        text(Kind::Mixed, "mixed", mixed, None),
        text(Kind::Ascii, "ascii", ascii, Some(ascii)),
    ]
}

fn text(kind: Kind, name: &str, raw: &str, t2s: Option<&str>) -> Text {
    let (raw, t2s) = (raw.to_owned(), t2s.map(str::to_owned));
    Text { kind, name: name.into(), raw, t2s }
}

impl Text {
    pub fn file(kind: Kind, path: &str) -> Result<Self> {
        let mut raw = fs::read_to_string(path)?;
        if !raw.ends_with('\n') {
            raw.push('\n');
        }
        let name = path.rsplit('/').next().unwrap_or(path);
        Ok(text(kind, name, &raw, None))
    }

    pub fn ascii_percent(&self) -> usize {
        let ascii = self.raw.bytes().filter(u8::is_ascii).count();
        100 * ascii / self.raw.len()
    }
}

/// A text several times, its lines in another order each time: processors
/// learn by heart what they meet again and again. The same order for texts of
/// as many lines.
pub fn repeated(text: &str, times: usize) -> String {
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut state = 1_u64;
    let mut below = |n: usize| {
        // Knuth's MMIX generator.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % n
    };
    let mut out = String::with_capacity(text.len() * times);
    for _ in 0..times {
        lines.iter().for_each(|line| out.push_str(line));
        for last in (1..lines.len()).rev() {
            lines.swap(last, below(last + 1));
        }
    }
    out
}

/// A list of links, one for each clause.
fn html(text: &str) -> String {
    let mut out = String::from("<ul class=\"notices\">\n");
    for (n, clause) in text.split_inclusive(['，', '。']).enumerate() {
        out += &format!(
            "  <li class=\"notice\" id=\"notice-{n}\"><a href=\"/notices/{n}?\
             lang=zh-Hant&amp;page=1\" rel=\"next\">{}</a></li>\n",
            clause.trim()
        );
    }
    out + "</ul>\n"
}

/// A section for each line.
fn markdown(text: &str) -> String {
    let mut out = String::new();
    for (n, line) in text.lines().enumerate() {
        let clauses: Vec<&str> = line.split(['，', '。', '：']).collect();
        let (first, second) = (clauses[0], clauses[1]);
        out += &format!(
            "## {n}. {first}\n\
             \n\
             {line}\n\
             \n\
             - **{second}**: see [{first}](../notes/{n}.md#section-{n})\n\
             - `make report FROM={n}` (__{second}__)\n\
             \n\
             | no. | {first} | state |\n\
             | --- | --- | ---: |\n\
             | {n} | `{n}.csv` | {second} |\n\
             \n\
             ```sh\n\
             ./report --from {n} --format csv > out.csv  # {second}\n\
             ```\n\
             \n"
        );
    }
    out
}
