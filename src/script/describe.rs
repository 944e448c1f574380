//! Ideographic description sequences: ⿰氵漢 describes one character, and its
//! parts are not text to convert.

/// Code points a sequence may have, its operators included. OpenCC's number.
const MAX_CHARS: usize = 64;
/// Operators within operators. OpenCC's number.
const MAX_DEPTH: usize = 16;
/// The most bytes that a sequence may have.
pub(super) const MAX_BYTES: usize = 4 * MAX_CHARS;

/// What may be an operand.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Operands {
    /// Anything, a line end included. So does OpenCC.
    Any,
    /// Anything but blanks, control characters, U+FEFF and U+FFFD. These may
    /// be removed later on, or be what another became, and what was a part of
    /// a sequence must stay one for the result to be stable.
    Visible,
}

/// The length in bytes of the sequence that `text` starts with: `Some(None)`
/// if what follows the operator is no sequence, `None` if text is missing.
pub(super) fn sequence(
    text: &str,
    operands: Operands,
    last: bool,
) -> Option<Option<usize>> {
    let mut chars = text.chars();
    // Operators that still wait for operands, and for how many.
    let mut open: Vec<u32> = Vec::new();
    for _ in 0..MAX_CHARS {
        let Some(c) = chars.next() else {
            return if last { Some(None) } else { None };
        };
        let refused = operands == Operands::Visible
            && (c.is_whitespace()
                || c.is_control()
                || matches!(c, '\u{FEFF}' | '\u{FFFD}'));
        if refused {
            return Some(None);
        }
        match arity(c) {
            0 => {
                // An operand; it may be the last one of several operators.
                while let Some(wanted) = open.last_mut() {
                    *wanted -= 1;
                    if *wanted > 0 {
                        break;
                    }
                    open.pop();
                }
                if open.is_empty() {
                    return Some(Some(text.len() - chars.as_str().len()));
                }
            }
            arity => open.push(arity),
        }
        // Operands stand one level below their operator.
        if open.len() >= MAX_DEPTH {
            return Some(None);
        }
    }
    Some(None)
}

/// How many operands follow: 0 if the character is no operator.
fn arity(c: char) -> u32 {
    match c {
        '⿲' | '⿳' => 3,
        '\u{2FFE}' | '\u{2FFF}' => 1,
        '\u{2FF0}'..='\u{2FFF}' => 2,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn any(text: &str, last: bool) -> Option<Option<usize>> {
        sequence(text, Operands::Any, last)
    }

    #[test]
    fn whole_sequences_and_others() {
        assert_eq!(any("⿰氵漢字", true), Some(Some(9)));
        assert_eq!(any("⿲言糸言字", true), Some(Some(12)));
        assert_eq!(any("⿰⿱艹漢⿰a漢字", true), Some(Some(19)));
        assert_eq!(any("⿰漢", true), Some(None));
        assert_eq!(any("⿰漢", false), None);
        assert_eq!(any("⿰\n漢", true), Some(Some(7)));
        let visible = |text| sequence(text, Operands::Visible, false);
        assert_eq!(visible("⿰\n漢"), Some(None));
        assert_eq!(visible("⿰氵漢"), Some(Some(9)));
    }

    #[test]
    fn sequences_are_bounded() {
        // 31 operators in a chain of first operands are too deep; as second
        // operands they are as deep.
        for n in [14, 15, 16, 31] {
            let deep = "⿰".repeat(n) + &"漢".repeat(n + 1);
            let found = any(&deep, true).flatten();
            assert_eq!(found.is_some(), n < MAX_DEPTH, "{n} operators");
        }
        let long = "⿲漢漢".repeat(40);
        assert_eq!(any(&long, false), Some(None));
    }
}
