//! Writing the tables. The formats are described in `src/tables/mod.rs`.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail, ensure};

use crate::opencc::Conversion;

const VERSION: u32 = 2;
/// Characters a block of the tables by character.
pub const BLOCK: u32 = 64;
/// No table has a row for characters from here on.
pub const END: u32 = 0x34000;

/// What the character becomes is from a tofu-risk dictionary.
const TOFU: u32 = 1 << 20;
const STARTER: u32 = 1 << 21;
const COMPAT: u32 = 1 << 22;
const DESCRIPTION: u32 = 1 << 23;
const FIRST_COLOURS: u32 = 24;
const SECOND_COLOURS: u32 = 27;
const COLOURS: usize = 3;
/// A 1-character key with a longer value.
const LONG: u32 = 1 << 30;
/// A 1-character key with several values.
const AMBIGUOUS: u32 = 1 << 31;
/// The last phrase of those that start with a pair.
const LAST: u16 = 1 << 15;
/// A phrase that becomes what the words of its characters make of them.
const AS_WORDS: u16 = 1 << 14;
/// In a bucket: some phrase has a third character that is not three bytes long.
const ODD_THIRD: u64 = 1 << 52;
/// Where the place of the phrases stands.
const PLACE: u32 = 32;
/// The first phrase is the one of two characters, and is tried last.
const TWO: u64 = 1 << 53;
/// And words make of it what it becomes.
const TWO_AS_WORDS: u64 = 1 << 54;
/// There is but one third character.
const ONE_THIRD: u64 = 1 << 55;
const THIRDS: u32 = 56;

/// Puts sections behind a header.
pub fn file(source: &str, sections: &[Vec<u8>]) -> Vec<u8> {
    let mut text =
        format!("DO NOT EDIT. Written by tools/tablegen from: {source}.\n")
            .into_bytes();
    while (16 + text.len()) % 4 != 0 {
        text.push(b'\n');
    }
    let mut out = b"HANFOLD\n".to_vec();
    out.extend(VERSION.to_le_bytes());
    out.extend((text.len() as u32).to_le_bytes());
    out.extend(text);
    out.extend((sections.len() as u32).to_le_bytes());
    let mut at = out.len() + 8 * sections.len();
    for section in sections {
        out.extend((at as u32).to_le_bytes());
        out.extend((section.len() as u32).to_le_bytes());
        at += section.len().next_multiple_of(4);
    }
    for section in sections {
        out.extend(section);
        out.resize(out.len().next_multiple_of(4), 0);
    }
    out
}

/// A table by character in two steps: block numbers, then distinct blocks.
pub fn by_char<const N: usize>(
    rows: &BTreeMap<char, [u8; N]>,
) -> Result<(Vec<u8>, Vec<u8>)> {
    let mut blocks: Vec<Vec<u8>> = vec![vec![0; N * BLOCK as usize]];
    let mut numbers = Vec::new();
    for start in (0..END).step_by(BLOCK as usize) {
        let mut block = Vec::with_capacity(N * BLOCK as usize);
        for code in start..start + BLOCK {
            let row = char::from_u32(code).and_then(|c| rows.get(&c));
            block.extend(row.copied().unwrap_or([0; N]));
        }
        let number =
            blocks.iter().position(|b| *b == block).unwrap_or_else(|| {
                blocks.push(block);
                blocks.len() - 1
            });
        numbers.extend(u16::try_from(number)?.to_le_bytes());
    }
    ensure!(
        rows.keys().all(|c| (*c as u32) < END),
        "a row at or after {END:x}"
    );
    Ok((numbers, blocks.concat()))
}

/// Key and value.
type Phrase<'a> = (&'a Vec<char>, &'a Vec<char>);

/// How common a character is.
pub type Weight<'a> = &'a dyn Fn(char) -> u128;

pub fn script(
    conversion: &Conversion,
    weight: Weight<'_>,
    source: &str,
) -> Result<Vec<u8>> {
    let long_keys = conversion.phrases.keys().filter(|key| key.len() > 1);
    let starters: BTreeSet<char> =
        long_keys.clone().map(|key| key[0]).collect();
    let (first, second) = colours(conversion, weight);
    let mut lists = Lists::new(conversion);
    let mut ambiguous: BTreeMap<char, u16> = BTreeMap::new();
    let mut rows: BTreeMap<char, u32> = BTreeMap::new();
    let keys = conversion
        .chars
        .keys()
        .chain(conversion.compat.keys())
        .chain(conversion.phrases.keys().map(|key| &key[0]))
        .chain(second.keys());
    for &from in keys {
        let plain = *conversion.compat.get(&from).unwrap_or(&from);
        let to = conversion.char(from);
        let mut row = if to == from { 0 } else { to as u32 };
        ensure!(row & TOFU == 0, "{to:?} takes the bit");
        if to != from && conversion.tofu.contains(&plain) {
            // Direct words have no place for the bit, nor for the character.
            ensure!(row > 0xFFFF, "{to:?} fits a word");
            row |= TOFU;
        }
        if to != from {
            let list = lists.place(&[plain], &[to])?;
            if list != 0 {
                row |= AMBIGUOUS;
                ambiguous.insert(plain, list);
            }
        }
        if starters.contains(&plain) {
            row |= STARTER;
        }
        if plain != from {
            row |= COMPAT;
        }
        if conversion.phrases.contains_key(&vec![plain]) {
            row |= LONG;
        }
        row |= first.get(&from).unwrap_or(&0) << FIRST_COLOURS;
        row |= second.get(&from).unwrap_or(&0) << SECOND_COLOURS;
        rows.insert(from, row);
    }
    for operator in '\u{2FF0}'..='\u{2FFF}' {
        ensure!(
            rows.insert(operator, DESCRIPTION).is_none(),
            "a row for an operator"
        );
    }
    let rows = rows
        .into_iter()
        .filter(|(_, row)| *row != 0)
        .map(|(c, row)| (c, row.to_le_bytes()))
        .collect();
    let (numbers, blocks) = by_char(&rows)?;

    let mut groups: BTreeMap<(char, char), Vec<Phrase<'_>>> = BTreeMap::new();
    for (key, value) in &conversion.phrases {
        let second = key.get(1).copied().unwrap_or('\0');
        groups.entry((key[0], second)).or_default().push((key, value));
    }
    let pair =
        |(first, second): &(char, char)| short(*first) | short(*second) << 16;
    let mut triples = Triples::new(&groups);
    let places = Places::find(groups.keys().map(pair).collect())?;
    let mut buckets = vec![0u64; places.size];
    let mut phrases = Vec::<u8>::new();
    for (chars, mut group) in groups {
        let pair = pair(&chars);
        let at = places.of(pair);
        let place = phrases.len() as u64;
        ensure!(place < 1 << 20, "too many phrases");
        // The earlier dictionary, then the longer key.
        group.sort_by_key(|(key, _)| {
            let rank = conversion.rank.get(*key).unwrap_or(&0);
            (*rank, std::cmp::Reverse(key.len()))
        });
        // Words convert only what has three bytes, and leave the rest.
        let as_words = |c: &char| match conversion.char(*c) {
            to if c.len_utf8() == 3 && to.len_utf8() == 3 => to,
            _ => *c,
        };
        let as_words = |(key, value): &Phrase<'_>| {
            key.iter().map(as_words).eq(value.iter().copied())
        };
        buckets[at] = u64::from(pair) | place << PLACE;
        let two = group.pop_if(|(key, _)| key.len() == 2);
        if let Some(two) = two {
            buckets[at] |= TWO;
            if as_words(&two) {
                buckets[at] |= TWO_AS_WORDS;
            }
        }
        buckets[at] |= thirds(&group);
        triples.add(pair, &group);
        group.splice(..0, two);
        let last = group.len() - 1;
        for (i, phrase) in group.into_iter().enumerate() {
            let (key, value) = phrase;
            let mut list = lists.place(key, value)?;
            ensure!(list < AS_WORDS, "too many candidates");
            if i == last {
                list |= LAST;
            }
            if as_words(&phrase) {
                list |= AS_WORDS;
            }
            let [key, value]: [String; 2] =
                [key, value].map(|chars| chars.iter().collect());
            let value = if key == value { "" } else { &value };
            phrases.extend([
                u8::try_from(key.len())?,
                u8::try_from(value.len())?,
            ]);
            phrases.extend(list.to_le_bytes());
            phrases.extend(key.bytes().chain(value.bytes()));
        }
    }
    let buckets = buckets.iter().flat_map(|n| n.to_le_bytes()).collect();
    let mut compat = Vec::new();
    for (from, to) in &conversion.compat {
        compat.extend((*from as u32).to_le_bytes());
        compat.extend((*to as u32).to_le_bytes());
    }
    // Whether a key starts with something else than three bytes of UTF-8, or
    // goes on with it.
    let mixed = long_keys.flat_map(|key| &key[..2]).any(|c| c.len_utf8() < 3);
    let flags = u32::from(mixed).to_le_bytes().to_vec();
    let mut by_char = Vec::new();
    for (c, list) in ambiguous {
        by_char.extend((c as u32).to_le_bytes());
        by_char.extend(u32::from(list).to_le_bytes());
    }
    Ok(file(
        source,
        &[
            numbers,
            blocks,
            buckets,
            phrases,
            compat,
            flags,
            by_char,
            lists.bytes,
            places.seeds,
            triples.0,
        ],
    ))
}

/// Lists of candidates, one behind the other. At 0 stands the empty one.
struct Lists<'a> {
    conversion: &'a Conversion,
    bytes: Vec<u8>,
    places: BTreeMap<String, u16>,
}

impl<'a> Lists<'a> {
    fn new(conversion: &'a Conversion) -> Self {
        Lists { conversion, bytes: vec![0], places: BTreeMap::new() }
    }

    /// Where the candidates of a key stand, the chosen one first.
    fn place(&mut self, key: &[char], value: &[char]) -> Result<u16> {
        let Some(all) = self.conversion.candidates.get(key) else {
            return Ok(0);
        };
        let value: String = value.iter().collect();
        let others = all.iter().filter(|other| **other != value);
        let list: Vec<&str> = [value.as_str()]
            .into_iter()
            .chain(others.map(String::as_str))
            .collect();
        ensure!(list.len() > 1, "{key:?} has one value");
        let list = list.join(" ");
        if let Some(place) = self.places.get(&list) {
            return Ok(*place);
        }
        let place = u16::try_from(self.bytes.len())?;
        self.bytes.push(u8::try_from(list.len())?);
        self.bytes.extend(list.bytes());
        self.places.insert(list, place);
        Ok(place)
    }
}

/// By character, a set of colours as bits.
type Colours = BTreeMap<char, u32>;

/// Each first character of a phrase gets one colour, each second one those of
/// all it may follow. Where two neighbours share no colour no phrase starts;
/// colours are handed out so that few others share one by chance, going by how
/// common characters are.
fn colours(conversion: &Conversion, weight: Weight<'_>) -> (Colours, Colours) {
    let mut follow: BTreeMap<char, BTreeSet<char>> = BTreeMap::new();
    for key in conversion.phrases.keys().filter(|key| key.len() > 1) {
        follow.entry(key[0]).or_default().insert(key[1]);
    }
    let mut order: Vec<char> = follow.keys().copied().collect();
    order.sort_by_key(|c| std::cmp::Reverse(weight(*c)));
    let (mut first, mut second) = (Colours::new(), Colours::new());
    let mut seconds: [BTreeSet<char>; COLOURS] = Default::default();
    let (mut firsts, mut behind) = ([0; COLOURS], [0; COLOURS]);
    for c in order {
        let more = |i: usize| -> u128 {
            follow[&c].difference(&seconds[i]).map(|c| weight(*c)).sum()
        };
        // How often neighbours share the colour by chance, and now.
        let cost = |i: usize| {
            (firsts[i] + weight(c)) * (behind[i] + more(i))
                - firsts[i] * behind[i]
        };
        let best = (0..COLOURS).min_by_key(|&i| cost(i)).unwrap_or(0);
        first.insert(c, 1 << best);
        firsts[best] += weight(c);
        behind[best] += more(best);
        seconds[best].extend(&follow[&c]);
    }
    for (i, chars) in seconds.iter().enumerate() {
        for &c in chars {
            *second.entry(c).or_default() |= 1 << i;
        }
    }
    (first, second)
}

/// The third characters of phrases as eight bits, or, if there is but one, a
/// hash of it and [`ONE_THIRD`].
fn thirds(group: &[Phrase<'_>]) -> u64 {
    let mut hashes = BTreeSet::new();
    for phrase in group {
        let Some(third) = third(phrase) else { return ODD_THIRD };
        // The same in `src/tables/mod.rs`.
        hashes.insert(third.wrapping_mul(0x9E37_79B1) >> 24);
    }
    if let (Some(hash), 1) = (hashes.first(), hashes.len()) {
        return ONE_THIRD | u64::from(*hash) << THIRDS;
    }
    hashes.iter().fold(0, |all, hash| all | 1 << (hash >> 5)) << THIRDS
}

/// The bytes of the third character, lowest first, if it is three bytes long.
fn third((key, _): &Phrase<'_>) -> Option<u32> {
    let mut utf8 = [0; 4];
    match key.get(2)?.encode_utf8(&mut utf8).as_bytes() {
        &[a, b, c] => Some(u32::from_le_bytes([a, b, c, 0])),
        _ => None,
    }
}

/// A filter of the first three characters of phrases.
struct Triples(Vec<u8>);

impl Triples {
    /// With 16 bits for each phrase.
    fn new(groups: &BTreeMap<(char, char), Vec<Phrase<'_>>>) -> Self {
        let longer =
            groups.values().flatten().filter(|(key, _)| key.len() > 2);
        Triples(vec![0; (2 * longer.count()).next_power_of_two().max(4)])
    }

    fn add(&mut self, pair: u32, group: &[Phrase<'_>]) {
        for third in group.iter().filter_map(third) {
            // The same in `src/tables/mod.rs`.
            let hash = (pair.wrapping_mul(0x9E37_79B1) ^ third)
                .wrapping_mul(0x85EB_CA77);
            let bit = scale(hash, 8 * self.0.len());
            self.0[bit / 8] |= 1 << (bit % 8);
        }
    }
}

/// A character in 16 bits. Those beyond are taken for surrogates.
fn short(c: char) -> u32 {
    match c as u32 {
        code @ ..=0xFFFF => code,
        code => 0xD800 | code & 0x7FF,
    }
}

/// One of `len` numbers for each hash; the same in `src/tables/mod.rs`.
fn scale(hash: u32, len: usize) -> usize {
    ((u64::from(hash) * len as u64) >> 32) as usize
}

/// A place of its own for each pair. Those that fall into the same part of the
/// hashes share a seed, which is chosen so that no place is taken twice.
struct Places {
    seeds: Vec<u8>,
    size: usize,
}

impl Places {
    fn find(pairs: Vec<u32>) -> Result<Self> {
        let size = pairs.len() * 4 / 3;
        for parts in 0..16 {
            let parts = (pairs.len() >> 3).next_power_of_two() << parts;
            let seeds = vec![0; parts];
            let mut places = Places { seeds, size };
            let mut groups = vec![Vec::new(); parts];
            for &pair in &pairs {
                groups[places.part(pair)].push(pair);
            }
            let mut order: Vec<usize> = (0..parts).collect();
            order.sort_by_key(|part| std::cmp::Reverse(groups[*part].len()));
            let mut taken = vec![false; size];
            let all = order.into_iter().all(|part| {
                (0..=u8::MAX).any(|seed| {
                    places.seeds[part] = seed;
                    let at: BTreeSet<usize> =
                        groups[part].iter().map(|p| places.of(*p)).collect();
                    let free = at.len() == groups[part].len()
                        && at.iter().all(|at| !taken[*at]);
                    if free {
                        at.into_iter().for_each(|at| taken[at] = true);
                    }
                    free
                })
            });
            if all {
                return Ok(places);
            }
        }
        bail!("no seeds")
    }

    fn part(&self, pair: u32) -> usize {
        scale(pair.wrapping_mul(0x9E37_79B1), self.seeds.len())
    }

    /// The same in `src/tables/mod.rs`.
    fn of(&self, pair: u32) -> usize {
        let seed = u32::from(self.seeds[self.part(pair)]) + 1;
        let hash = pair.wrapping_mul(0x9E37_79B1);
        let hash =
            (hash ^ seed.wrapping_mul(0x85EB_CA77)).wrapping_mul(0xC2B2_AE3D);
        scale(hash, self.size)
    }
}
