//! The user's own words: what a [`Dictionary`] says comes before all tables.
//!
//! At each place the longest key that starts there is taken, letter for
//! letter, and passes on as its value, between marks that tell the passes
//! behind to keep it. A word that is to stay is a key that is its own value.
//! What a dictionary says is the user's affair: nothing here asks whether a
//! second pass would change the text again.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use crate::edit::Rule;
use crate::error::Error;
use crate::stage::Stage;
use crate::text::Cursor;

/// Words and what becomes of them, for
/// [`Options::dictionary`](crate::Options::dictionary).
///
/// As text it has OpenCC's format, in UTF-8: a line for each entry, the key, a
/// tab, and the value. Of several values with spaces between them the first
/// counts. Empty lines and lines that start with `#` are passed over; a byte
/// order mark and CR LF are fine. A word that is its own value is never
/// converted.
///
/// Refused is a line without a tab, an empty key or value, one of more than
/// [`Dictionary::MAX_CHARS`] characters, one with a control character in it,
/// and a key for the second time.
///
/// ```
/// use hanfold::{Dictionary, Normalizer, Options};
///
/// let words: Dictionary = "# mine\n軟體\t软件\n著作\t著作 着作\n".parse()?;
/// let n = Normalizer::new(Options::default().dictionary(words));
/// assert_eq!(n.normalize("軟體的著作權"), "软件的著作权");
///
/// let error = "軟體\t软件\n硬體 硬件".parse::<Dictionary>().unwrap_err();
/// assert_eq!(error.to_string(), "line 2: no tab between key and value");
/// # Ok::<(), hanfold::Error>(())
/// ```
///
/// The whole is shared: a clone costs nothing.
#[derive(Clone, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        try_from = "BTreeMap<String, String>",
        into = "BTreeMap<String, String>"
    )
)]
pub struct Dictionary(Option<Arc<Table>>);

impl Dictionary {
    /// The most characters that a key or a value may have.
    pub const MAX_CHARS: usize = 64;

    /// A dictionary of these keys and values; of equal keys the last one
    /// counts. Fails as a line of a file would.
    ///
    /// ```
    /// let words = hanfold::Dictionary::new([("軟體", "软件")])?;
    /// assert_eq!(words.len(), 1);
    /// assert!(hanfold::Dictionary::new([("軟體", "")]).is_err());
    /// # Ok::<(), hanfold::Error>(())
    /// ```
    pub fn new<K: AsRef<str>, V: AsRef<str>>(
        entries: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, Error> {
        let entries: Vec<(K, V)> = entries.into_iter().collect();
        let entries = entries.iter().map(|(k, v)| (k.as_ref(), v.as_ref()));
        let entries: Vec<_> = entries.collect();
        for (key, value) in &entries {
            check(key, value)
                .map_err(|why| Error::refused(format!("{key:?}"), why))?;
        }
        Ok(Dictionary::build(entries))
    }

    /// Reads a file. The error names the file, and the line if there is one
    /// to blame.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        read(path.as_ref(), entry)
    }

    /// Reads a file of words that are to stay, one a line. Otherwise as
    /// [`Dictionary::read`].
    pub fn read_words(path: impl AsRef<Path>) -> Result<Self, Error> {
        read(path.as_ref(), |word| check(word, word).map(|()| (word, word)))
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |table| table.rows.len())
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The entries of both; where they share a key, the one of `later`.
    pub(crate) fn and(self, later: Dictionary) -> Self {
        match (self.is_empty(), later.is_empty()) {
            (true, _) => later,
            (_, true) => self,
            _ => Dictionary::build(
                self.entries().chain(later.entries()).collect(),
            ),
        }
    }

    pub(crate) fn table(&self) -> Option<&Arc<Table>> {
        self.0.as_ref()
    }

    fn build(entries: Vec<(&str, &str)>) -> Self {
        let table = Table::build(entries);
        Dictionary((!table.rows.is_empty()).then(|| Arc::new(table)))
    }

    /// The entries, in order of their keys.
    fn entries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().flat_map(|table| {
            table.rows.iter().map(|row| (table.key(row), table.value(row)))
        })
    }
}

impl FromStr for Dictionary {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        parse(text.as_bytes(), "", entry)
    }
}

impl PartialEq for Dictionary {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) if Arc::ptr_eq(a, b) => true,
            _ => self.entries().eq(other.entries()),
        }
    }
}

impl Eq for Dictionary {}

impl Hash for Dictionary {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.len().hash(state);
        self.entries().for_each(|entry| entry.hash(state));
    }
}

impl fmt::Debug for Dictionary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.entries()).finish()
    }
}

impl TryFrom<BTreeMap<String, String>> for Dictionary {
    type Error = Error;

    fn try_from(entries: BTreeMap<String, String>) -> Result<Self, Error> {
        Dictionary::new(entries)
    }
}

impl From<Dictionary> for BTreeMap<String, String> {
    fn from(dictionary: Dictionary) -> Self {
        let owned = |(key, value): (&str, &str)| (key.into(), value.into());
        dictionary.entries().map(owned).collect()
    }
}

/// What a line says; an error says what is wrong with it.
type Line<'a> = Result<(&'a str, &'a str), &'static str>;

fn read(path: &Path, line: fn(&str) -> Line<'_>) -> Result<Dictionary, Error> {
    let name = path.display();
    let text =
        std::fs::read(path).map_err(|e| Error::file(name.to_string(), e))?;
    parse(&text, &format!("{name}: "), line)
}

/// `place`: what an error says in front of the line.
fn parse(
    text: &[u8],
    place: &str,
    line: fn(&str) -> Line<'_>,
) -> Result<Dictionary, Error> {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    let refused =
        |n: usize, why: &str| Error::refused(format!("{place}line {n}"), why);
    let mut entries = Vec::new();
    for (n, bytes) in (1..).zip(text.split(|b| *b == b'\n')) {
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        let text = simdutf8::basic::from_utf8(bytes)
            .map_err(|_| refused(n, "not UTF-8"))?;
        if !text.is_empty() && !text.starts_with('#') {
            entries.push((line(text).map_err(|why| refused(n, why))?, n));
        }
    }
    // Equals stay in the order of their lines.
    entries.sort_by_key(|((key, _), _)| *key);
    for pair in entries.windows(2) {
        if let [((first, _), n), ((second, _), again)] = pair
            && first == second
        {
            let why = format!("the key is in line {n} too");
            return Err(refused(*again, &why));
        }
    }
    let entries = entries.into_iter().map(|(entry, _)| entry).collect();
    Ok(Dictionary::build(entries))
}

/// An entry in OpenCC's format.
fn entry(line: &str) -> Line<'_> {
    let (key, values) =
        line.split_once('\t').ok_or("no tab between key and value")?;
    let value = values.split(' ').next().unwrap_or_default();
    check(key, value).map(|()| (key, value))
}

fn check(key: &str, value: &str) -> Result<(), &'static str> {
    // More is never looked at together, and memory stays bounded.
    let long = |text: &str| text.chars().nth(Dictionary::MAX_CHARS).is_some();
    let control = |text: &str| text.contains(char::is_control);
    match () {
        () if key.is_empty() => Err("the key is empty"),
        () if value.is_empty() => Err("the value is empty"),
        () if control(key) => Err("a control character in the key"),
        () if control(value) => Err("a control character in the value"),
        () if long(key) => Err("the key has more than 64 characters"),
        () if long(value) => Err("the value has more than 64 characters"),
        () => Ok(()),
    }
}

/// A dictionary made ready: a trie of characters.
pub(crate) struct Table {
    /// All keys, each with its value behind it.
    text: String,
    /// In order of the keys, without equals.
    rows: Vec<Row>,
    /// A bit for each first character of a key, by its last 16 bits.
    starts: Box<[u64]>,
    /// By number of a node and a character behind it; the root is 0.
    edges: HashMap<u64, Edge, BuildHasherDefault<EdgeHasher>>,
}

struct Row {
    start: usize,
    key: u16,
    value: u16,
}

/// Where a character leads to. Two numbers, so that a character costs one
/// look into memory.
#[derive(Default)]
struct Edge {
    /// The node, if there are longer keys; 0 if there are none.
    node: u32,
    /// The row of the key that ends here, counted from 1; 0 if none does.
    row: u32,
}

fn edge(node: u32, c: char) -> u64 {
    u64::from(node) << 32 | u64::from(c as u32)
}

/// Nearly every character of a text is looked up, and the keys are the
/// user's own: a multiplication is enough.
#[derive(Default)]
struct EdgeHasher(u64);

impl Hasher for EdgeHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|b| self.write_u64(u64::from(*b)));
    }

    fn write_u64(&mut self, n: u64) {
        let hash = (self.0 ^ n).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = hash ^ (hash >> 32);
    }
}

/// The entry at the start of a text.
enum Found<'a> {
    None,
    Entry(&'a Row),
    /// That depends on text that has not come yet.
    Open,
}

impl Table {
    /// Of equal keys the last one counts.
    fn build(mut entries: Vec<(&str, &str)>) -> Self {
        entries.sort_by_key(|(key, _)| *key);
        entries.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 = next.1;
            }
            same
        });
        let bytes = entries.iter().map(|(k, v)| k.len() + v.len()).sum();
        let mut table = Table {
            text: String::with_capacity(bytes),
            rows: Vec::with_capacity(entries.len()),
            starts: vec![0; (1 << 16) / 64].into_boxed_slice(),
            edges: HashMap::default(),
        };
        let mut nodes = 0;
        for (key, value) in entries {
            table.add(key, value, &mut nodes);
        }
        table
    }

    /// `nodes`: how many there are.
    fn add(&mut self, key: &str, value: &str, nodes: &mut u32) {
        self.rows.push(Row {
            start: self.text.len(),
            key: key.len() as u16,
            value: value.len() as u16,
        });
        self.text.push_str(key);
        self.text.push_str(value);
        let (word, bit) = start_bit(key.chars().next().unwrap_or_default());
        if let Some(word) = self.starts.get_mut(word) {
            *word |= bit;
        }
        let mut node = 0;
        let mut chars = key.chars().peekable();
        while let Some(c) = chars.next() {
            let edge = self.edges.entry(edge(node, c)).or_default();
            if chars.peek().is_none() {
                edge.row = self.rows.len() as u32;
            } else if edge.node == 0 {
                *nodes += 1;
                edge.node = *nodes;
            }
            node = edge.node;
        }
    }

    fn key(&self, row: &Row) -> &str {
        let end = row.start + usize::from(row.key);
        self.text.get(row.start..end).unwrap_or_default()
    }

    fn value(&self, row: &Row) -> &str {
        let start = row.start + usize::from(row.key);
        let end = start + usize::from(row.value);
        self.text.get(start..end).unwrap_or_default()
    }

    /// How many bytes there are in front of the first entry, and the entry,
    /// if it can be told yet which one it is.
    fn find(&self, text: &str, last: bool) -> (usize, Option<&Row>) {
        for (at, c) in text.char_indices() {
            let (word, bit) = start_bit(c);
            if self.starts.get(word).is_some_and(|word| word & bit != 0) {
                let rest = text.get(at..).unwrap_or_default();
                match self.longest(rest, last) {
                    Found::None => {}
                    Found::Entry(row) => return (at, Some(row)),
                    Found::Open => return (at, None),
                }
            }
        }
        (text.len(), None)
    }

    fn longest(&self, text: &str, last: bool) -> Found<'_> {
        let (mut node, mut row) = (0, 0);
        let mut chars = text.chars();
        loop {
            let Some(c) = chars.next() else {
                if last {
                    break;
                }
                return Found::Open;
            };
            let Some(found) = self.edges.get(&edge(node, c)) else { break };
            if found.row > 0 {
                row = found.row;
            }
            if found.node == 0 {
                break;
            }
            node = found.node;
        }
        let row = (row as usize).checked_sub(1);
        let row = row.and_then(|row| self.rows.get(row));
        row.map_or(Found::None, Found::Entry)
    }
}

fn start_bit(c: char) -> (usize, u64) {
    let low = c as usize & 0xFFFF;
    (low / 64, 1 << (low % 64))
}

/// The stage.
pub(crate) struct User {
    table: Arc<Table>,
    /// Whether there is a pass behind that has to be told what to keep.
    marking: bool,
    /// Behind a mark that says so: text passes as it is.
    keeping: bool,
}

impl User {
    pub(crate) fn new(table: &Arc<Table>, marking: bool) -> Self {
        User { table: table.clone(), marking, keeping: false }
    }

    fn mark(&self, cur: &mut Cursor<'_>, keep: bool) {
        if self.marking {
            cur.mark(0, keep);
        }
    }
}

impl Stage for User {
    const LOOKAHEAD: usize = 4 * Dictionary::MAX_CHARS;

    fn run(&mut self, cur: &mut Cursor<'_>, last: bool) {
        loop {
            let limit = cur.limit();
            if limit == Some(0) {
                self.keeping = cur.cross();
                self.mark(cur, self.keeping);
                continue;
            }
            let rest = cur.rest();
            let rest = rest.get(..limit.unwrap_or(rest.len()));
            let rest = rest.unwrap_or_default();
            let (before, row) = if self.keeping {
                (rest.len(), None)
            } else {
                self.table.find(rest, last || limit.is_some())
            };
            cur.keep(before);
            if let Some(row) = row {
                let (key, value) =
                    (self.table.key(row), self.table.value(row));
                self.mark(cur, true);
                if key == value {
                    cur.keep(key.len());
                } else {
                    cur.replace(key.len(), value, Rule::Dictionary);
                }
                self.mark(cur, false);
            } else if limit.is_none() {
                return;
            }
        }
    }

    fn reset(&mut self) {
        self.keeping = false;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn entries(text: &str) -> Vec<(String, String)> {
        let dictionary: Dictionary = text.parse().unwrap();
        BTreeMap::from(dictionary).into_iter().collect()
    }

    #[test]
    fn what_opencc_reads_is_read() {
        for text in [
            "甲\t一\n乙\t二\n",
            "\u{FEFF}甲\t一\r\n乙\t二",
            "乙\t二 三 四\n\n\r\n# 乙\t三\n#\n甲\t一",
        ] {
            let wanted = [("甲", "一"), ("乙", "二")];
            let mut found = entries(text);
            found.sort_by_key(|(key, _)| key != "甲");
            let found: Vec<(&str, &str)> =
                found.iter().map(|(k, v)| (&**k, &**v)).collect();
            assert_eq!(found, wanted, "{text:?}");
        }
        // A space in a key, a mark inside a line.
        assert_eq!(entries("a b\tc"), [("a b".into(), "c".into())]);
        assert_eq!(entries(" #\t#"), [(" #".into(), "#".into())]);
        assert!(entries("").is_empty());
        let longest = "甲".repeat(Dictionary::MAX_CHARS);
        assert_eq!(entries(&format!("{longest}\t{longest}")).len(), 1);
    }

    #[test]
    fn what_is_malformed_is_refused_with_its_line() {
        let long = "甲".repeat(Dictionary::MAX_CHARS + 1);
        for (text, wanted) in [
            ("甲\t一\n乙 二", "line 2: no tab between key and value"),
            ("甲\t一\n  ", "line 2: no tab between key and value"),
            ("\n\n\t一", "line 3: the key is empty"),
            ("甲\t", "line 1: the value is empty"),
            ("甲\t 一", "line 1: the value is empty"),
            ("甲\t一\n\n甲\t一", "line 3: the key is in line 1 too"),
            ("甲\r乙\t一", "line 1: a control character in the key"),
            ("甲\t一\t二", "line 1: a control character in the value"),
            (&format!("{long}\t一"), "line 1: the key has more than 64"),
            (&format!("甲\t{long}"), "line 1: the value has more than 64"),
        ] {
            let error = text.parse::<Dictionary>().unwrap_err().to_string();
            assert!(error.starts_with(wanted), "{text:?}: {error}");
        }
        let error = parse(b"a\tb\n\xBA\xBA\tc", "f: ", entry).unwrap_err();
        assert_eq!(error.to_string(), "f: line 2: not UTF-8");
    }

    #[test]
    fn of_equal_keys_the_last_one_counts() {
        let a = Dictionary::new([("甲", "一"), ("乙", "二"), ("甲", "三")]);
        let b = Dictionary::new([("乙", "乙")]).unwrap();
        let both = a.unwrap().and(b.clone()).and(Dictionary::default());
        assert_eq!(
            both,
            Dictionary::new([("乙", "乙"), ("甲", "三")]).unwrap()
        );
        assert_ne!(both, b);
        assert_eq!(Dictionary::default().and(b.clone()), b);
    }
}
