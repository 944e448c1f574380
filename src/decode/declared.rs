//! Encodings that a text names itself: an XML declaration, `<meta>`,
//! `@charset`, the coding lines of Python, Vim and Emacs.

use super::charset::Charset;

/// How far they are looked for, in bytes.
const HEAD: usize = 1024;

/// The first bytes of a document.
#[derive(Default)]
pub(crate) struct Head(Vec<u8>);

impl Head {
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        let n = bytes.len().min(HEAD.saturating_sub(self.0.len()));
        self.0.extend_from_slice(bytes.split_at(n).0);
    }

    /// The encoding that is named, if it is one that may be true: text that
    /// was read as ASCII so far is not UTF-16, whatever it says.
    pub(crate) fn declared(&self) -> Option<Charset> {
        let text = self.0.to_ascii_lowercase();
        let label = xml(&text)
            .or_else(|| style(&text))
            .or_else(|| meta(&text))
            .or_else(|| coding(&text))?;
        let label = std::str::from_utf8(label).ok()?;
        Charset::for_label(label).filter(|c| c.is_ascii_compatible())
    }
}

/// What stands behind the first `mark`.
fn behind<'a>(text: &'a [u8], mark: &[u8]) -> Option<&'a [u8]> {
    let at = memchr::memmem::find(text, mark)?;
    text.get(at + mark.len()..)
}

/// The label in front, between quotation marks or not.
fn label(text: &[u8]) -> Option<&[u8]> {
    let text = text.trim_ascii_start();
    let text = match text {
        [b'"' | b'\'', rest @ ..] => rest.trim_ascii_start(),
        _ => text,
    };
    let end = text.iter().position(|b| {
        !b.is_ascii_alphanumeric() && !matches!(b, b'-' | b'_' | b'.' | b':')
    });
    let (label, _) = text.split_at(end.unwrap_or(text.len()));
    (!label.is_empty()).then_some(label)
}

/// The value of an attribute.
fn value<'a>(text: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let rest = behind(text, name)?.trim_ascii_start();
    label(rest.strip_prefix(b"=")?)
}

/// `<?xml version="1.0" encoding="gb2312"?>`
fn xml(text: &[u8]) -> Option<&[u8]> {
    let rest = text.trim_ascii_start().strip_prefix(b"<?xml")?;
    let end = memchr::memmem::find(rest, b"?>")?;
    value(rest.split_at(end).0, b"encoding")
}

/// `@charset "gb2312";`
fn style(text: &[u8]) -> Option<&[u8]> {
    label(text.strip_prefix(b"@charset ")?)
}

/// `<meta charset=gb2312>`, and `content="text/html; charset=gb2312"`.
fn meta(text: &[u8]) -> Option<&[u8]> {
    let mut rest = text;
    while let Some(tag) = behind(rest, b"<meta") {
        let end = memchr::memchr(b'>', tag).unwrap_or(tag.len());
        let (inside, more) = tag.split_at(end);
        if let Some(label) = value(inside, b"charset") {
            return Some(label);
        }
        rest = more;
    }
    None
}

/// `# -*- coding: gbk -*-` and `vim: set fileencoding=gbk` in one of the
/// first two lines.
fn coding(text: &[u8]) -> Option<&[u8]> {
    text.split(|b| *b == b'\n').take(2).find_map(|line| {
        // A comment, of whatever language.
        let open = line.trim_ascii_start().first()?;
        if open.is_ascii_alphanumeric() || *open == b'<' {
            return None;
        }
        let rest = behind(line, b"coding").or_else(|| {
            behind(line, b"vi").and_then(|rest| behind(rest, b"fenc"))
        })?;
        match rest {
            [b':' | b'=', rest @ ..] => label(rest),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(text: &str) -> Option<&'static str> {
        let mut head = Head::default();
        text.as_bytes().chunks(7).for_each(|part| head.add(part));
        head.declared().map(Charset::name)
    }

    #[test]
    fn declarations_are_found() {
        for text in [
            "<?xml version=\"1.0\" encoding=\"GB2312\"?><a/>",
            "<?xml version='1.0' encoding = 'gbk' ?>",
            "<html><head><meta charset=gb2312>",
            "<META CHARSET=\"gb18030\" />",
            "<meta name=x><meta http-equiv=Content-Type \
             content=\"text/html; charset=gb2312\">",
            "@charset \"gbk\";",
            "# -*- coding: gbk -*-",
            "#!/usr/bin/python\n# coding=gb18030",
            "// vim: set fileencoding=gbk :",
            "/* vim: fenc=gbk */",
            ";; -*- mode: text; coding: gb2312 -*-",
        ] {
            assert_eq!(declared(text), Some("gb18030"), "{text}");
        }
    }

    #[test]
    fn other_words_declare_nothing() {
        for text in [
            "",
            "encoding=gbk",
            "coding: gbk",
            "# decoding gbk",
            "a\nb\n# coding: gbk",
            "<meta name=charset content=gbk>",
            "<meta charset=utf-16>",
            "<meta charset=nonsense>",
            "<?xml version='1.0'?> encoding='gbk'",
        ] {
            assert_eq!(declared(text), None, "{text}");
        }
        let far = " ".repeat(HEAD) + "<meta charset=gbk>";
        assert_eq!(declared(&far), None);
    }
}
