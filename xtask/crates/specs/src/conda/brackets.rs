//! The `[key=value]` part of a match spec.

use report::{Problem, nearest};

use super::piece::SpecPart;

/// The keys that conda takes in brackets.
///
/// Sources: the fields of conda's `MatchSpec`, the two that it drops (`optional`, `target`), and those that only newer
/// solvers read (`extras`, `when`, and the fields of the repository's index).
const KEYS: [&str; 22] = [
    "name",
    "version",
    "build",
    "build_string",
    "build_number",
    "channel",
    "subdir",
    "namespace",
    "md5",
    "sha256",
    "url",
    "fn",
    "features",
    "track_features",
    "license",
    "license_family",
    "size",
    "timestamp",
    "optional",
    "target",
    EXTRAS,
    "when",
];

/// The key of what stands in brackets without one.
pub(super) const EXTRAS: &str = "extras";

#[derive(Debug, Clone, Copy)]
pub(super) struct BracketPair<'a> {
    /// One of the keys that conda knows.
    pub key: &'static str,
    /// The value, without its quotes; never empty.
    pub value: SpecPart<'a>,
}

/// The pairs of all brackets, and the text with blanks where the brackets were, so that places in it stay the same.
pub(super) fn take(spec: SpecPart<'_>) -> Result<(String, Vec<BracketPair<'_>>), Problem> {
    let (mut outside, mut pairs, mut rest) = (String::new(), Vec::new(), spec);
    while let Some(open) = opening(rest.text) {
        let (before, from) = rest.split_at(open);
        let Some(close) = closing(from.text) else {
            return Err(from.wrong("a `[` or a quote in it is never closed").help("add the missing `]` or quote"));
        };
        let (section, after) = from.split_at(close + 1);
        pairs.extend(section_pairs(section)?);
        outside.push_str(before.text);
        outside.push_str(&" ".repeat(section.text.len()));
        rest = after;
    }
    outside.push_str(rest.text);
    Ok((outside, pairs))
}

/// A value as it stands in brackets, quoted where it has to be. No value has both quotes.
pub(super) fn quoted(value: &str) -> String {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "._-+*/:!|".contains(it);
    if value.chars().all(is_plain) {
        value.to_owned()
    } else if value.contains('\'') {
        format!("\"{value}\"")
    } else {
        format!("'{value}'")
    }
}

/// A regular expression has brackets of its own.
fn opening(text: &str) -> Option<usize> {
    let mut is_in_regex = false;
    text.char_indices().find_map(|(at, character)| {
        is_in_regex = character == '^' || (is_in_regex && character != '$');
        (character == '[' && !is_in_regex).then_some(at)
    })
}

fn closing(section: &str) -> Option<usize> {
    let mut quote = None;
    section.char_indices().find_map(|(at, character)| {
        match (quote, character) {
            (None, '\'' | '"') => quote = Some(character),
            (Some(open), _) if open == character => quote = None,
            _ => {}
        }
        (character == ']' && quote.is_none()).then_some(at)
    })
}

fn section_pairs(section: SpecPart<'_>) -> Result<Vec<BracketPair<'_>>, Problem> {
    let (mut pairs, mut rest) = (Vec::new(), inside(section));
    // conda passes over words alone, which are extras to everybody else.
    if rest.text.chars().all(|it| it.is_alphanumeric() || "._-, ".contains(it)) && !rest.text.is_empty() {
        return Ok(vec![BracketPair { key: EXTRAS, value: rest.trim() }]);
    }
    while !rest.text.is_empty() {
        let (pair, after) = pair(rest)?;
        pairs.push(pair);
        rest = without_separators(after);
    }
    Ok(pairs)
}

fn inside(section: SpecPart<'_>) -> SpecPart<'_> {
    let (inner, _) = section.split_at(section.text.len() - 1);
    without_separators(inner.split_at(1).1)
}

fn without_separators(text: SpecPart<'_>) -> SpecPart<'_> {
    let separators = text.text.len() - text.text.trim_start_matches(|it: char| it == ',' || it.is_whitespace()).len();
    text.split_at(separators).1
}

fn pair(text: SpecPart<'_>) -> Result<(BracketPair<'_>, SpecPart<'_>), Problem> {
    let end =
        text.text.find(|it: char| !it.is_ascii_alphanumeric() && it != '_' && it != '-').unwrap_or(text.text.len());
    let (key, behind) = text.split_at(end);
    if key.text.is_empty() {
        return Err(no_pair(text));
    }
    let behind = behind.trim();
    // conda still takes `version<2` for `version='<2'`.
    let value = match behind.text.strip_prefix('=') {
        Some(_) => behind.split_at(1).1.trim(),
        None if behind.text.starts_with(['<', '>', '!', '~']) => behind,
        None => return Err(no_pair(text)),
    };
    let known = known(key)?;
    let (value, rest) = value_and_rest(value)?;
    if value.text.is_empty() {
        let problem = key.wrong(format!("`{known}` has no value"));
        return Err(problem.help(format!("write `{known}=` with a value, or leave it out")));
    }
    Ok((BracketPair { key: known, value }, rest))
}

fn no_pair(text: SpecPart<'_>) -> Problem {
    let end = text.text.find([',', ' ']).unwrap_or(text.text.len());
    let (word, _) = text.split_at(end);
    let problem = word.wrong(format!("`{}` is not `key=value`", word.text));
    problem.help("put a value with commas or blanks into quotes, as in `[version='>=1,<2']`")
}

fn known(key: SpecPart<'_>) -> Result<&'static str, Problem> {
    if let Some(known) = KEYS.iter().find(|it| it.eq_ignore_ascii_case(key.text)) {
        return Ok(known);
    }
    let problem = key.wrong(format!("`{}` is not a key that conda knows in brackets", key.text));
    Err(match nearest(key.text, KEYS.iter().copied()) {
        Some(near) => problem.help(format!("write `{near}`")),
        None => problem.help("remove it; `build`, `channel` and `version` are the usual ones"),
    })
}

fn value_and_rest(text: SpecPart<'_>) -> Result<(SpecPart<'_>, SpecPart<'_>), Problem> {
    let Some(quote) = text.text.chars().next().filter(|it| matches!(it, '\'' | '"')) else {
        let end = text.text.find(|it: char| it == ',' || it.is_whitespace()).unwrap_or(text.text.len());
        let (value, rest) = text.split_at(end);
        return if value.text.contains(['\'', '"']) { Err(stray_quote(value)) } else { Ok((value, rest)) };
    };
    let (_, from) = text.split_at(1);
    let end = from.text.find(quote).ok_or_else(|| stray_quote(text))?;
    let (value, rest) = from.split_at(end);
    Ok((value, rest.split_at(1).1))
}

fn stray_quote(value: SpecPart<'_>) -> Problem {
    value.wrong("a value contains a quote").help("put the quotes around the whole value, as in `[version='>=1,<2']`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(text: &str) -> Vec<(&'static str, &str)> {
        let (_, pairs) = take(SpecPart::whole(text)).unwrap();
        pairs.into_iter().map(|it| (it.key, it.value.text)).collect()
    }

    #[test]
    fn values_are_bare_or_quoted() {
        assert_eq!(
            taken("a[build=x, version='>=1,<2' md5=\"0\"]"),
            [("build", "x"), ("version", ">=1,<2"), ("md5", "0")]
        );
        assert_eq!(taken("a[version<2][build = y]"), [("version", "<2"), ("build", "y")]);
        assert_eq!(taken("a[version=>=2]"), [("version", ">=2")]);
        assert_eq!(taken("a ^[0-9]$"), []);
        assert_eq!(taken("a[]"), []);
        assert_eq!(taken("dask[complete, array]>=1"), [("extras", "complete, array")]);
    }

    #[test]
    fn brackets_leave_blanks() {
        assert_eq!(take(SpecPart::whole("a[build=é] 1")).unwrap().0, "a           1");
    }

    #[test]
    fn mistakes_come_with_their_correction() {
        for (text, help) in [
            ("a[biuld=1]", "write `build`"),
            ("a[build=1", "add the missing `]` or quote"),
            ("a[version=>=1,<2]", "put a value with commas or blanks into quotes, as in `[version='>=1,<2']`"),
            ("a[build=]", "write `build=` with a value, or leave it out"),
            ("a[build=x'y']", "put the quotes around the whole value, as in `[version='>=1,<2']`"),
        ] {
            assert_eq!(take(SpecPart::whole(text)).unwrap_err().help.as_deref(), Some(help), "{text}");
        }
    }
}
