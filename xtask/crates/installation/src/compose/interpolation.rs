//! Variables in the values of compose.yaml (compose specification, "Interpolation").

use std::ops::Range;

use report::{Code, Problem};

/// What may follow a name in braces. All but the first and the last two say what happens without a value.
const OPERATORS: [&str; 7] = ["}", ":-", "-", ":+", "+", ":?", "?"];

/// One use of a variable, in bytes of the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interpolation {
    pub name: Range<usize>,
    /// From the dollar sign on.
    pub whole: Range<usize>,
    /// Whether it works without a value: `${A:-b}` has a default, and `${A:+b}` is empty then.
    pub has_default: bool,
}

/// The expressions of a value in the order of their beginnings, an outer one before those in it, up to the first that is
/// malformed.
pub fn expressions(text: &str) -> (Vec<Interpolation>, Option<Problem>) {
    let mut scanner = Scanner { text, at: 0, open: Vec::new(), found: Vec::new() };
    let problem = scanner.scan().err();
    (scanner.found, problem)
}

/// The variable of a value that is one expression and nothing else.
pub fn only_variable(text: &str) -> Option<&str> {
    let (found, _) = expressions(text);
    let first = found.first().filter(|it| it.whole == (0..text.len()))?;
    text.get(first.name.clone())
}

/// The value with every byte of its expressions replaced by a dollar sign: what is around them keeps its place.
pub fn masked(text: &str) -> String {
    let (found, _) = expressions(text);
    let mut masked = String::with_capacity(text.len());
    for expression in found {
        // One that begins before the end of the last stands in it.
        if let Some(between) = text.get(masked.len()..expression.whole.start) {
            masked.push_str(between);
            masked.push_str(&"$".repeat(expression.whole.len()));
        }
    }
    masked.push_str(text.get(masked.len()..).unwrap_or_default());
    masked
}

/// The value as compose reads it: with the values of its variables, and `$` for `$$`. The error says which variable is missing, or
/// what cannot be read.
pub fn resolved(text: &str, value: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let (found, problem) = expressions(text);
    if let Some(problem) = problem {
        return Err(problem.message);
    }
    let mut result = String::new();
    let mut end = 0;
    for expression in found {
        // One that begins before the end of the last stands in it, and was resolved with it.
        if let Some(between) = text.get(end..expression.whole.start) {
            result += &between.replace("$$", "$");
            result += &expression.resolved(text, value)?;
            end = expression.whole.end;
        }
    }
    Ok(result + &text.get(end..).unwrap_or_default().replace("$$", "$"))
}

impl Interpolation {
    /// Compose specification, "Interpolation".
    fn resolved(&self, text: &str, value: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
        let name = text.get(self.name.clone()).unwrap_or_default();
        let rest = text.get(self.name.end..self.whole.end).unwrap_or_default();
        let rest = rest.strip_suffix('}').unwrap_or(rest);
        let operator = OPERATORS.into_iter().find(|it| rest.starts_with(it)).unwrap_or_default();
        let operand = rest.get(operator.len()..).unwrap_or_default();
        // With a colon, an empty value counts as none.
        let found = value(name).filter(|it| !operator.starts_with(':') || !it.is_empty());
        match (operator.trim_start_matches(':'), found) {
            ("+", Some(_)) | ("-", None) => resolved(operand, value),
            ("+", None) => Ok(String::new()),
            ("?", None) => Err(format!("the variable `{name}` has no value: {}", resolved(operand, value)?)),
            (_, found) => Ok(found.unwrap_or_default()),
        }
    }
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// The expressions whose brace is still open.
    open: Vec<usize>,
    found: Vec<Interpolation>,
}

impl Scanner<'_> {
    fn scan(&mut self) -> Result<(), Problem> {
        // Everything that has a meaning is ASCII, so that no byte of another character is taken for it.
        while let Some(byte) = self.byte(self.at) {
            match (byte, self.byte(self.at + 1)) {
                (b'$', Some(b'$')) => self.at += 2,
                (b'$', Some(b'{')) => self.open_brace()?,
                (b'$', Some(next)) if is_initial(next) => self.bare_variable(),
                (b'$', _) => {
                    let problem = wrong(self.at..self.at + 1, "a `$` without a variable's name");
                    return Err(problem.help("write `$$` for a dollar sign"));
                }
                (b'}', _) => self.close_brace(),
                _ => self.at += 1,
            }
        }
        match self.open.first().and_then(|it| self.found.get(*it)) {
            Some(open) => Err(wrong(open.whole.clone(), "a `${` without its `}`").help("close it with `}`")),
            None => Ok(()),
        }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// The name that begins at a byte; empty where none does.
    fn name(&self, start: usize) -> Range<usize> {
        let bytes = self.text.as_bytes().get(start..).unwrap_or_default();
        let length = bytes.iter().position(|it| !is_initial(*it) && !it.is_ascii_digit()).unwrap_or(bytes.len());
        let is_name = bytes.first().is_some_and(|it| is_initial(*it));
        start..start + if is_name { length } else { 0 }
    }

    fn bare_variable(&mut self) {
        let name = self.name(self.at + 1);
        let whole = self.at..name.end;
        self.at = name.end;
        self.found.push(Interpolation { name, whole, has_default: false });
    }

    fn open_brace(&mut self) -> Result<(), Problem> {
        let name = self.name(self.at + 2);
        let whole = self.at..name.end;
        let rest = self.text.get(name.end..).unwrap_or_default();
        let operator = OPERATORS.into_iter().find(|it| rest.starts_with(it));
        let Some(operator) = operator.filter(|_| !name.is_empty()) else {
            let problem = wrong(whole, "a `${` that does not begin a variable");
            return Err(problem.help("write `${NAME}`, `${NAME:-default}`, `${NAME:?message}` or `${NAME:+other}`"));
        };
        let has_default = operator.ends_with(['-', '+']) || self.is_within_alternative_of(&name);
        self.open.push(self.found.len());
        self.at = if operator == "}" { name.end } else { name.end + operator.len() };
        self.found.push(Interpolation { name, whole, has_default });
        Ok(())
    }

    /// Whether this is the inner one of `${A:+${A}}`, which only counts where there is a value.
    fn is_within_alternative_of(&self, name: &Range<usize>) -> bool {
        let Some(outer) = self.open.last().and_then(|it| self.found.get(*it)) else { return false };
        let is_alternative = self.text.get(outer.name.end..).is_some_and(|it| it.starts_with([':', '+']));
        outer.has_default && is_alternative && self.text.get(outer.name.clone()) == self.text.get(name.clone())
    }

    fn close_brace(&mut self) {
        self.at += 1;
        if let Some(open) = self.open.pop().and_then(|it| self.found.get_mut(it)) {
            open.whole.end = self.at;
        }
    }
}

fn is_initial(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

fn wrong(range: Range<usize>, message: &str) -> Problem {
    Problem::new(Code::ComposeFile, range, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<(&str, bool)> {
        let (found, problem) = expressions(text);
        assert_eq!(problem, None, "{text}");
        found.into_iter().map(|it| (&text[it.name], it.has_default)).collect()
    }

    #[test]
    fn every_form_of_a_variable_is_read() {
        assert_eq!(names("é$A_1/${B}$$C}"), [("A_1", false), ("B", false)]);
        assert_eq!(names("${A:-d}${A-}${A:?e}${A?}"), [("A", true), ("A", true), ("A", false), ("A", false)]);
        assert_eq!(
            names("${A:-${B-$C}}${D:+${D}/${E}}"),
            [("A", true), ("B", true), ("C", false), ("D", true), ("D", true), ("E", false)]
        );
        assert_eq!(names("$$$$"), []);
    }

    #[test]
    fn variables_have_their_values_as_compose_has_them() {
        let value = |name: &str| match name {
            "A" => Some("a".to_owned()),
            "E" => Some(String::new()),
            _ => None,
        };
        for (text, expected) in [
            ("$A-${A}-$$A", "a-a-$A"),
            ("${E-d}|${E:-d}|${N-d}|${N:-${A}}|${N}", "|d|d|a|"),
            ("${A:+${A}/}x|${N+y}|${E:+y}|${E+y}", "a/x|||y"),
            ("é${A:?}${E?}é", "éaé"),
        ] {
            assert_eq!(resolved(text, &value).unwrap(), expected, "{text}");
        }
        assert_eq!(resolved("${N:?run it}", &value).unwrap_err(), "the variable `N` has no value: run it");
        assert!(resolved("${E:?}", &value).is_err() && resolved("a$", &value).is_err());
    }

    #[test]
    fn what_is_not_a_variable_is_found() {
        for (text, range, message) in [
            ("5$", 1..2, "a `$` without"),
            ("é$é", 2..3, "a `$` without"),
            ("${}", 0..2, "a `${` that does"),
            ("a${1}", 1..3, "a `${` that does"),
            ("${A b}", 0..3, "a `${` that does"),
            ("${A:-${B}", 0..3, "a `${` without"),
            ("${A", 0..3, "a `${` that does"),
        ] {
            let problem = expressions(text).1.unwrap();
            assert!(problem.range == range && problem.message.starts_with(message), "{text}: {problem:?}");
        }
    }

    #[test]
    fn what_is_around_variables_keeps_its_place() {
        assert_eq!(masked("a:${B:-c:${D}}:é$E$$"), "a:$$$$$$$$$$$$:é$$$$");
        assert_eq!(only_variable("${A:-${B}}"), Some("A"));
        assert_eq!((only_variable("$A/b"), only_variable("")), (None, None));
    }
}
