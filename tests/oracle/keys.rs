//! Texts made of the keys of OpenCC's dictionaries: far denser than any
//! text. `tools/opencc-env` says where the dictionaries are.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;

use hanfold::Config;

use super::Rng;

/// What stands between keys: borders of the rules and of UTF-8.
const OWN: &[&str] = &[
    "\n",
    " ",
    "a",
    "z9",
    "SQL",
    "<p class=\"a\">",
    "，",
    "·",
    "「",
    "\0",
    "\u{1}",
    "\u{7F}",
    "\u{80}",
    "é",
    "\u{7FF}",
    "\u{800}",
    "\u{1FFF}",
    "\u{2000}",
    "\u{3000}",
    "の",
    "\u{9FFF}",
    "\u{A000}",
    "\u{D7FF}",
    "\u{E000}",
    "\u{F8FF}",
    "\u{F900}",
    "\u{FAFF}",
    "\u{FB00}",
    "\u{FE00}",
    "\u{FEFF}",
    "\u{FFFD}",
    "\u{FFFF}",
    "\u{10000}",
    "𠀀",
    "\u{2F800}",
    "\u{2FA1D}",
    "\u{E0100}",
    "\u{10FFFF}",
];

/// The keys of all dictionaries.
pub struct Keys {
    tables: Vec<Vec<String>>,
    /// For each conversion, which tables it uses.
    used: Vec<Vec<usize>>,
    /// What a character becomes, and what becomes that character, in any
    /// table.
    forms: HashMap<char, Vec<char>>,
    /// The keys that start with a character.
    starting: HashMap<char, Vec<String>>,
}

impl Keys {
    pub fn read() -> Self {
        let dir = |name| PathBuf::from(std::env::var_os(name).expect(name));
        let data = dir("OPENCC_DATA_DIR").join("data");
        let configs = dir("OPENCC_CONFIG_DIR");
        let mut names: Vec<String> = fs::read_dir(&data)
            .unwrap()
            .filter_map(|file| file.unwrap().file_name().into_string().ok())
            .filter_map(|name| Some(name.strip_suffix(".txt")?.to_string()))
            .collect();
        names.sort();
        let mut forms: HashMap<char, Vec<char>> = HashMap::new();
        let mut starting: HashMap<char, Vec<String>> = HashMap::new();
        let mut tables = Vec::new();
        for name in &names {
            let text = fs::read_to_string(data.join(format!("{name}.txt")));
            let mut keys = Vec::new();
            for line in text.unwrap().lines() {
                let Some((key, values)) = line.split_once('\t') else {
                    continue;
                };
                keys.push(key.to_string());
                let first = key.chars().next().unwrap();
                if key.chars().count() > 1 {
                    starting.entry(first).or_default().push(key.to_string());
                    continue;
                }
                for value in values.split(' ') {
                    let value = value.chars().next().unwrap();
                    forms.entry(first).or_default().push(value);
                    forms.entry(value).or_default().push(first);
                }
            }
            tables.push(keys);
        }
        let used = Config::ALL.map(|config| {
            let path = configs.join(format!("{}.json", config.name()));
            let json = fs::read_to_string(path).unwrap();
            let used =
                |name: &String| json.contains(&format!("\"{name}.ocd2"));
            (0..names.len()).filter(|n| used(&names[*n])).collect()
        });
        Keys { tables, used: used.into(), forms, starting }
    }

    /// Some pieces of some of the tables of a conversion: few, so that their
    /// keys meet.
    pub fn text(
        &self,
        config: Config,
        pieces: usize,
        rng: &mut Rng,
    ) -> String {
        let chosen: Vec<_> =
            (0..1 + rng.below(3)).map(|_| self.table(config, rng)).collect();
        let mut text = String::new();
        for _ in 0..pieces {
            let table = chosen[rng.below(chosen.len())];
            text.push_str(&self.piece(table, rng));
        }
        text
    }

    /// One piece for a conversion.
    pub fn any_piece(&self, config: Config, rng: &mut Rng) -> String {
        self.piece(self.table(config, rng), rng)
    }

    /// Another form of the character, a compatibility ideograph perhaps, if
    /// it has any.
    pub fn form(&self, c: char, rng: &mut Rng) -> char {
        let forms = self.forms.get(&c);
        forms.map_or(c, |forms| forms[rng.below(forms.len())])
    }

    /// Most often one of the conversion's own.
    fn table(&self, config: Config, rng: &mut Rng) -> usize {
        let used = &self.used[config as usize];
        match rng.below(8) {
            0 => rng.below(self.tables.len()),
            _ => used[rng.below(used.len())],
        }
    }

    /// A key, whole or in part, perhaps with another behind it that shares a
    /// character, as it is or in other forms; or something else.
    fn piece(&self, table: usize, rng: &mut Rng) -> String {
        match rng.below(24) {
            0 | 1 => return OWN[rng.below(OWN.len())].to_string(),
            2 => return operators(rng),
            3 => return "Lorem ipsum, ".repeat(8)[..rng.below(100)].into(),
            4 => {
                let code = rng.below(0x11_0000) as u32;
                return String::from_iter(char::from_u32(code));
            }
            _ => {}
        }
        let table = &self.tables[table];
        let key = &table[rng.below(table.len())];
        let len = key.chars().count();
        let from = if rng.below(2) == 0 { 0 } else { rng.below(len) };
        let n = if rng.below(2) == 0 { len } else { rng.below(len + 1) };
        let mut piece: String = key.chars().skip(from).take(n).collect();
        if rng.below(4) == 0
            && let Some(last) = piece.chars().next_back()
        {
            // A key that starts with the last character, or with what a pass
            // before makes of it.
            let first =
                if rng.below(2) == 0 { last } else { self.form(last, rng) };
            if let Some(keys) = self.starting.get(&first) {
                piece.extend(keys[rng.below(keys.len())].chars().skip(1));
            }
        }
        if rng.below(4) == 0 {
            let form = |c| {
                if rng.below(2) == 0 { self.form(c, rng) } else { c }
            };
            piece = piece.chars().map(form).collect();
        }
        piece
    }
}

/// Operators of ideographic descriptions, perhaps with short operands, so
/// that what follows is part of the description.
fn operators(rng: &mut Rng) -> String {
    let most = [1, 3, 20, 64][rng.below(4)];
    let kinds = 1 + rng.below(16);
    let operands = rng.below(3);
    let mut text = String::new();
    for _ in 0..1 + rng.below(most) {
        let code = 0x2FF0 + rng.below(kinds) as u32;
        text.extend(char::from_u32(code));
        text.push_str(&"一ab"[..[0, 3, 5][rng.below(operands + 1)]]);
    }
    text
}
