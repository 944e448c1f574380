//! hanfold and its peers, in one shape.

use std::borrow::Cow;
use std::hint::black_box;

use ferrous_opencc::config::BuiltinConfig;
use hanfold::{Config, Normalizer, Options};
use opencc_fmmseg::OpenccConfig;
use zhconv::Variant;

use crate::Result;

/// Makes a text out of a text: a new one, or one in the buffer, which holds
/// what was put there the last time.
type Convert = Box<dyn for<'a> FnMut(&'a str, &'a mut String) -> Cow<'a, str>>;

pub struct Converter {
    pub name: String,
    pub convert: Convert,
    /// Whether it is hanfold.
    pub own: bool,
}

pub const LIBOPENCC: &str = "libopencc";
pub const MEMCPY: &str = "memcpy";

fn converter(
    name: impl Into<String>,
    convert: impl for<'a> FnMut(&'a str, &'a mut String) -> Cow<'a, str> + 'static,
) -> Converter {
    Converter { name: name.into(), convert: Box::new(convert), own: false }
}

/// For those that give a new string.
fn fresh(
    name: impl Into<String>,
    mut convert: impl FnMut(&str) -> String + 'static,
) -> Converter {
    converter(name, move |text, _| Cow::Owned(convert(text)))
}

/// For those that append to a string.
fn reusing(
    name: impl Into<String>,
    mut convert: impl FnMut(&str, &mut String) + 'static,
) -> Converter {
    converter(name, move |text, out| {
        out.clear();
        convert(text, out);
        Cow::Borrowed(out)
    })
}

/// Where hanfold's ways stand in a list.
pub const SAME_BUFFER: usize = 0;
pub const NORMALIZE: usize = 1;

/// hanfold's ways, that all others are compared with.
pub fn own(normalizer: &Normalizer) -> Vec<Converter> {
    let [into, whole, stream] = [(); 3].map(|()| normalizer.clone());
    let into = reusing("hanfold, same buffer", move |text, out| {
        into.normalize_into(text, out);
    });
    let whole =
        converter("hanfold, normalize", move |text, _| whole.normalize(text));
    let stream = reusing("hanfold, stream", move |text, out| {
        let mut stream = stream.stream(out);
        stream.feed(text);
        stream.finish();
    });
    [into, whole, stream].map(|c| Converter { own: true, ..c }).into()
}

/// hanfold with edits recorded, which it also frees again; and the same with
/// a walk over all of them in between, because what an edit says is unpacked
/// only then.
pub fn explain(normalizer: &Normalizer) -> [Converter; 2] {
    let [explain, walk] = [(); 2].map(|()| normalizer.clone());
    let explain = fresh("hanfold, explain", move |text| {
        explain.explain(text).into_text()
    });
    let walk = fresh("hanfold, explain and walk", move |text| {
        let explanation = walk.explain(text);
        let sizes = explanation.edits().map(|edit| {
            let source = edit.source();
            source.end - source.start + edit.after().len() as u64
        });
        black_box(sizes.sum::<u64>());
        explanation.into_text()
    });
    [explain, walk].map(|c| Converter { own: true, ..c })
}

/// Makes a normalizer and converts nothing.
pub fn new() -> Converter {
    converter("Normalizer::new", |text, _| {
        black_box(Normalizer::new(black_box(Options::default())));
        Cow::Borrowed(text)
    })
}

pub fn memcpy() -> Converter {
    reusing(MEMCPY, |text, out| out.push_str(text))
}

/// Everyone who has the conversion.
pub fn peers(config: Config) -> Result<Vec<Converter>> {
    let name = config.name();
    let mut peers = Vec::new();

    if let Some((variant, target)) = match config {
        Config::T2s => Some((Variant::ZhHans, "zh-Hans")),
        Config::S2t => Some((Variant::ZhHant, "zh-Hant")),
        Config::S2twp => Some((Variant::ZhTW, "zh-TW")),
        Config::Tw2sp => Some((Variant::ZhCN, "zh-CN")),
        _ => None,
    } {
        let zhconv = zhconv::get_builtin_converter(variant);
        peers.push(reusing(
            format!("zhconv 0.4.2 {ZHCONV} {target}"),
            |text, out| zhconv.convert_to(text, out),
        ));
    }

    if config == Config::T2s {
        peers.push(fresh("fast2s 0.3.1", fast2s::convert));
        peers.push(reusing("fast2s 0.3.1 replace", |text, out| {
            out.push_str(text);
            fast2s::replace(out);
        }));
    }

    let mut fmmseg = opencc_fmmseg::OpenCC::new();
    fmmseg.set_parallel(false);
    let fmmseg_config = OpenccConfig::try_from(name).map_err(|_| name)?;
    peers.push(fresh(format!("opencc-fmmseg 0.13.0 {name}"), move |text| {
        fmmseg.convert_with_config(text, fmmseg_config, false)
    }));

    let ferrous = BuiltinConfig::from_filename(&format!("{name}.json"))?;
    let ferrous = ferrous_opencc::OpenCC::from_config(ferrous)?;
    peers.push(fresh(format!("ferrous-opencc 0.4.0 {name}"), move |text| {
        ferrous.convert(text)
    }));

    #[cfg(feature = "opencc")]
    {
        // Without a directory the library looks where it was installed.
        let dir = std::env::var_os("OPENCC_CONFIG_DIR").unwrap_or_default();
        let file = std::path::PathBuf::from(dir).join(format!("{name}.json"));
        let opencc = opencc_rust::OpenCC::new(file)?;
        peers.push(converter(
            format!("{LIBOPENCC} {name}"),
            move |text, out| {
                out.clear();
                let kept = std::mem::take(out);
                *out =
                    opencc.convert_to_buffer(text, kept).unwrap_or_default();
                Cow::Borrowed(out)
            },
        ));
    }
    Ok(peers)
}

/// The tables that zhconv has.
const ZHCONV: &str = match (
    cfg!(feature = "zhconv-opencc"),
    cfg!(feature = "zhconv-mediawiki"),
) {
    (true, true) => "both tables",
    (true, false) => "opencc",
    (false, true) => "mediawiki",
    (false, false) => panic!("zhconv needs tables: choose a feature"),
};
