//! Character statistics: how likely a character is in a language.
//!
//! **Statistics** (`statistics.bin`), sections:
//! 0, 1. rows by character, four bytes each: the cost of the character within
//!    its class in Simplified, Traditional, Japanese and other text. A row of
//!    zeros: the character has none of its own, see `UNSEEN`.
//! 2. for each model, class and class: the cost of the second class behind
//!    the first.
//! 3. for each alphabet, letter and letter: the cost of the second letter,
//!    within its class, behind the first, or behind no letter; and of no
//!    letter behind the first, more or less than [`ENDING`].
//! 4. for each model of Latin letters: the number that each letter has in it;
//!    for each pair of these the cost of the second behind the first; the
//!    costs of [`LATIN_MARKS`].
//! 5. pairs of characters, in buckets of [`SLOTS`]: two bytes each, what a
//!    pair is known by and by how much the second character costs less
//!    behind the first, see [`bucket`]. Where the second is 0: by how much
//!    one that is not in the table costs more.
//!
//! A cost is -ln of a probability in eighths, so a text's costs add up, and
//! eight more make it e times less likely.

use super::class::{
    ALPHABETS, CLASSES, Class, ENDING, LATIN_ASCII, LATIN_LETTERS,
    LATIN_MARKS, LATIN_OWN, LATINS, Lexicon, SAVING_BITS, SAVING_STEP, SLOTS,
    alphabet, bucket, latin, letter, paired,
};
use super::{row, section};

/// Costs of one nat.
pub(crate) const NAT: u32 = 8;

/// How many costs a character has.
pub(crate) const COLUMNS: usize = 4;

/// What a text may be written in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub(crate) enum Model {
    Simplified,
    /// Traditional, Cantonese too.
    Traditional,
    Japanese,
    /// Korean, and all that is written with an alphabet, taken together.
    Other,
    Korean,
    Cyrillic,
    Greek,
    Hebrew,
    /// Arabic and Persian.
    Arabic,
    Thai,
    English,
    French,
    /// Spanish, Portuguese, Italian.
    Southern,
    German,
    /// The languages of Scandinavia, Finnish, Dutch.
    Northern,
    Polish,
    /// Czech, Slovak, Croatian, Slovenian.
    Slavic,
    Hungarian,
    Romanian,
    /// Estonian, Latvian, Lithuanian.
    Baltic,
    Turkish,
    Vietnamese,
}

const _: () = assert!(
    Model::English as usize + LATINS - 1 == Model::Vietnamese as usize
);

impl Model {
    /// What text may be in, as far as its script tells it.
    pub(crate) const ALL: [Model; 5] = [
        Model::Simplified,
        Model::Traditional,
        Model::Japanese,
        Model::Korean,
        Model::Other,
    ];

    /// All of them.
    pub(crate) const EVERY: [Model; 22] = [
        Model::Simplified,
        Model::Traditional,
        Model::Japanese,
        Model::Other,
        Model::Korean,
        Model::Cyrillic,
        Model::Greek,
        Model::Hebrew,
        Model::Arabic,
        Model::Thai,
        Model::English,
        Model::French,
        Model::Southern,
        Model::German,
        Model::Northern,
        Model::Polish,
        Model::Slavic,
        Model::Hungarian,
        Model::Romanian,
        Model::Baltic,
        Model::Turkish,
        Model::Vietnamese,
    ];

    fn lexicon(self) -> Lexicon {
        match self {
            Model::Japanese => Lexicon::Japanese,
            _ => Lexicon::Chinese,
        }
    }

    /// Those of Latin letters.
    pub(crate) fn of_latin() -> &'static [Model] {
        let first = Model::English as usize;
        Model::EVERY.get(first..).unwrap_or_default()
    }

    /// Its number among the models of Latin letters.
    pub(crate) fn latin(self) -> Option<usize> {
        (self as usize).checked_sub(Model::English as usize)
    }

    /// Which of the costs of a character it goes by.
    fn column(self) -> usize {
        (self as usize).min(COLUMNS - 1)
    }
}

const FILE: &[u8] = include_bytes!("statistics.bin");
const NUMBERS: &[u8] = section(FILE, 0);
const ROWS: &[u8] = section(FILE, 1);
const TRANSITIONS: &[u8] = section(FILE, 2);
const LETTERS: &[u8] = section(FILE, 3);
const LATIN: &[[u8; LATIN_BYTES]] = section(FILE, 4).as_chunks().0;
const PAIRS: &[[u8; 2 * SLOTS]] = section(FILE, 5).as_chunks().0;

const LATIN_BYTES: usize = LATIN_LETTERS
    + LATIN_OWN * LATIN_OWN
    + (LATIN_MARKS.end - LATIN_MARKS.start) as usize;

/// The cost of a character that has no row.
const UNSEEN: u8 = 128;

/// A character as scoring sees it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Cell {
    pub(crate) place: Place,
    pub(crate) costs: [u8; COLUMNS],
}

/// What of a character counts for the one behind it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Place {
    pub(crate) class: Class,
    /// Its number in its alphabet, or among the Latin letters, or 0.
    letter: u8,
    /// What it is called in pairs, or 0.
    paired: u16,
    /// What it costs, in each lexicon, if a character of its class follows
    /// that makes no known pair with it.
    strange: [u8; 2],
}

impl Place {
    /// The start of a line.
    pub(crate) const START: Place =
        Place { class: Class::LineEnd, letter: 0, paired: 0, strange: [0; 2] };

    /// What it is where it makes no pair with the character behind.
    pub(crate) fn alone(self) -> Place {
        Place { paired: 0, ..self }
    }

    fn of(c: char) -> Place {
        let paired = paired(c);
        let strange = [Lexicon::Chinese, Lexicon::Japanese].map(|lexicon| {
            let known =
                if paired == 0 { None } else { saving(paired, 0, lexicon) };
            known.unwrap_or(0)
        });
        let mut letter = letter(c).max(latin(c));
        if LATIN_MARKS.contains(&(c as u32)) {
            letter = (c as u32 - LATIN_MARKS.start) as u8;
        }
        Place { class: Class::of(c), letter, paired, strange }
    }
}

/// What the table says of a pair.
#[inline]
fn saving(first: u16, second: u16, lexicon: Lexicon) -> Option<u8> {
    let (number, name) = bucket(first, second, lexicon, PAIRS.len());
    let slots = PAIRS.get(number)?.as_chunks::<2>().0;
    let slot = slots
        .iter()
        .map(|slot| u16::from_le_bytes(*slot))
        .find(|slot| slot >> SAVING_BITS == name && *slot != 0)?;
    let steps = u32::from(slot) & ((1 << SAVING_BITS) - 1);
    u8::try_from(steps * SAVING_STEP).ok()
}

/// The cost of a character, within its class, behind another with which it
/// makes a known pair.
#[cfg(test)]
pub(crate) fn bigram(model: Model, first: char, second: char) -> Option<u8> {
    let (before, cell) = (Place::of(first), Cell::of(second));
    cell.known(model, before)?;
    u8::try_from(cell.own(model, before)).ok()
}

/// What a character costs within its class.
pub(crate) fn costs(c: char) -> [u8; COLUMNS] {
    row(NUMBERS, c as u32)
        .and_then(|at| ROWS.get(COLUMNS * at..)?.first_chunk())
        .copied()
        .filter(|costs| *costs != [0; COLUMNS])
        .unwrap_or([UNSEEN; COLUMNS])
}

impl Cell {
    /// That of a character.
    pub(crate) fn of(c: char) -> Cell {
        Cell { place: Place::of(c), costs: costs(c) }
    }

    /// The cost in a model, behind another character.
    #[inline]
    pub(crate) fn cost(&self, model: Model, behind: Place) -> u32 {
        transition(model, behind.class, self.place.class)
            + self.own(model, behind)
    }

    /// The least of the costs in some models: for each lexicon of these the
    /// pair is looked up but once.
    pub(crate) fn least(
        &self,
        models: &[Model],
        behind: Place,
    ) -> Option<u32> {
        let mut seen = [None; 2];
        let cost = |model: &Model| {
            let lexicon = seen.get_mut(model.lexicon() as usize);
            let known = match lexicon {
                Some(known) => {
                    *known.get_or_insert_with(|| self.known(*model, behind))
                }
                None => None,
            };
            transition(*model, behind.class, self.place.class)
                + self.own_known(*model, behind, known)
        };
        models.iter().map(cost).min()
    }

    /// The cost within the class.
    #[inline]
    fn own(&self, model: Model, behind: Place) -> u32 {
        self.own_known(model, behind, self.known(model, behind))
    }

    /// The same where what [`Cell::known`] says is known.
    #[inline]
    fn own_known(
        &self,
        model: Model,
        behind: Place,
        known: Option<u8>,
    ) -> u32 {
        let own = if let Some(alphabet) = alphabet(self.place.class)
            && self.place.letter != 0
        {
            self.pair(alphabet, behind)
        } else {
            self.latin(model, behind)
                .or_else(|| self.costs.get(model.column()).copied())
        };
        let mut own = own.map_or(0, u32::from);
        if let Some(ending) = self.ending(model, behind) {
            own = (own + u32::from(ending)).saturating_sub(ENDING.into());
        }
        if behind.paired == 0 || self.place.paired == 0 {
            return own;
        }
        let same = behind.class == self.place.class;
        match known {
            Some(saving) => own.saturating_sub(u32::from(saving)).max(1),
            None if same && self.place.letter == 0 => {
                let strange = behind.strange.get(model.lexicon() as usize);
                own + strange.map_or(0, |cost| u32::from(*cost))
            }
            None => own,
        }
    }

    /// What it costs that a word ends there, where that is known.
    #[inline]
    fn ending(&self, model: Model, behind: Place) -> Option<u8> {
        if behind.letter == 0 {
            return None;
        }
        if let Some(last) = alphabet(behind.class) {
            let ends = alphabet(self.place.class) != Some(last);
            return ends.then(|| letter_pair(last, behind.letter, 0))?;
        }
        let number = model.latin()?;
        let first = behind.letter;
        if !is_latin(behind.class)
            || usize::from(first) < LATIN_ASCII
            || is_latin(self.place.class)
        {
            return None;
        }
        let table = LATIN.get(number)?;
        let own = usize::from(*table.get(usize::from(first))?);
        table.get(LATIN_LETTERS + own * LATIN_OWN).copied()
    }

    /// The cost of a Latin letter with a mark, of one of ASCII behind that,
    /// or of a mark, where the model knows that.
    fn latin(&self, model: Model, behind: Place) -> Option<u8> {
        let number = model.latin()?;
        let (own, rest) = LATIN.get(number)?.split_at(LATIN_LETTERS);
        let (pairs, marks) = rest.split_at(LATIN_OWN * LATIN_OWN);
        if self.place.class == Class::LatinMark {
            return marks.get(usize::from(self.place.letter)).copied();
        }
        let first = if is_latin(behind.class) { behind.letter } else { 0 };
        let second = self.place.letter;
        if !is_latin(self.place.class)
            || second == 0
            || usize::from(first.max(second)) < LATIN_ASCII
        {
            return None;
        }
        let first = usize::from(*own.get(usize::from(first))?);
        let second = usize::from(*own.get(usize::from(second))?);
        pairs.get(first * LATIN_OWN + second).copied()
    }

    /// Whether the character before makes a known pair with it.
    pub(crate) fn is_known(&self, model: Model, behind: Place) -> bool {
        self.known(model, behind).is_some()
    }

    /// What a known pair with the character before saves.
    #[inline]
    fn known(&self, model: Model, behind: Place) -> Option<u8> {
        let kana = |letter| letter != 0;
        if behind.paired == 0
            || self.place.paired == 0
            || self.place.class == Class::Digit
            || kana(self.place.letter) && kana(behind.letter)
        {
            return None;
        }
        saving(behind.paired, self.place.paired, model.lexicon())
    }

    /// The cost of a letter behind another.
    fn pair(&self, own: usize, behind: Place) -> Option<u8> {
        let same = alphabet(behind.class) == Some(own);
        let first = if same { behind.letter } else { 0 };
        letter_pair(own, first, self.place.letter)
    }
}

/// Where the pairs of each alphabet start.
#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const ALPHABETS_AT: [usize; ALPHABETS.len()] = {
    let mut at = [0; ALPHABETS.len()];
    let mut number = 1;
    while number < at.len() {
        let wide = ALPHABETS[number - 1];
        at[number] = at[number - 1] + wide * wide;
        number += 1;
    }
    at
};

fn letter_pair(alphabet: usize, first: u8, second: u8) -> Option<u8> {
    let wide = *ALPHABETS.get(alphabet)?;
    let at = usize::from(first) * wide + usize::from(second);
    LETTERS.get(ALPHABETS_AT.get(alphabet)? + at).copied()
}

fn is_latin(class: Class) -> bool {
    use Class::{AsciiLower, AsciiUpper, LatinLower, LatinUpper};
    matches!(class, AsciiLower | AsciiUpper | LatinLower | LatinUpper)
}

/// The cost, among the letters of ASCII, of one behind another or behind no
/// letter, in a model of Latin letters; both by their place in the alphabet.
pub(crate) fn ascii_pair(model: usize, first: u8, second: u8) -> u32 {
    let at = LATIN_LETTERS + usize::from(first) * LATIN_OWN;
    let table = LATIN.get(model);
    let cost = table.and_then(|table| table.get(at + usize::from(second)));
    cost.copied().map_or(0, u32::from)
}

/// The cost of a class behind another.
#[inline]
pub(crate) fn transition(model: Model, from: Class, to: Class) -> u32 {
    let at = (model as usize * CLASSES + from as usize) * CLASSES;
    TRANSITIONS.get(at + to as usize).copied().map_or(0, u32::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_words() {
        let words = [
            (Model::Simplified, '咖', '啡'),
            (Model::Simplified, '中', '国'),
            (Model::Traditional, '中', '國'),
            (Model::Japanese, '食', 'べ'),
            (Model::Korean, '한', '국'),
        ];
        for (model, first, second) in words {
            let cost = bigram(model, first, second).map(u32::from);
            let alone = Place::of(first).alone();
            let alone = Cell::of(second).own(model, alone);
            assert!(cost.is_some_and(|cost| cost < alone), "{first}{second}");
        }
        assert_eq!(bigram(Model::Simplified, '的', '啡'), None);
        assert_eq!(bigram(Model::Simplified, 'a', '啡'), None);
    }

    #[test]
    fn letters_with_marks_stand_where_their_language_has_them() {
        let cost = |model, first, second| {
            Cell::of(second).own(model, Place::of(first))
        };
        let french = cost(Model::French, 'm', 'é');
        assert!(french < cost(Model::German, 'm', 'é'));
        assert!(cost(Model::German, 'f', 'ü') < cost(Model::French, 'f', 'ü'));
        // And what letters of ASCII there are tells which it is.
        let word = |model: Model, word: &str| {
            let number = model.latin().unwrap_or(0);
            let bytes = word.bytes().map(|b| b & 0x1F).collect::<Vec<u8>>();
            let pairs = bytes.iter().zip(bytes.iter().skip(1));
            pairs.map(|(a, b)| ascii_pair(number, *a, *b)).sum::<u32>()
        };
        assert!(word(Model::Polish, "szcz") < word(Model::French, "szcz"));
        assert!(word(Model::French, "eau") < word(Model::Polish, "eau"));
    }
}
