//! Environment markers: the platforms and Pythons that a requirement is for.

use std::fmt;
use std::ops::Range;

use report::{Code, Problem, nearest};

use super::{
    MarkerEnvironment, Operator, SpecifierSet, Version,
    cursor::Cursor,
    line::corrected,
    name::{is_name, normalised},
};

/// How deep parentheses may go, so that no text can exhaust the stack.
const DEEPEST: usize = 32;

/// The variables of markers, each with the name that is meant by it.
///
/// Sources: the PyPA's "Dependency specifiers", "Environment Markers"; PEP 345 and old setuptools for those with dots
/// and for `python_implementation`, which `packaging` reads, too.
const VARIABLES: &[(&str, &str)] = &[
    ("python_version", "python_version"),
    ("python_full_version", "python_full_version"),
    ("os_name", "os_name"),
    ("os.name", "os_name"),
    ("sys_platform", "sys_platform"),
    ("sys.platform", "sys_platform"),
    ("platform_release", "platform_release"),
    ("platform_system", "platform_system"),
    ("platform_version", "platform_version"),
    ("platform.version", "platform_version"),
    ("platform_machine", "platform_machine"),
    ("platform.machine", "platform_machine"),
    ("platform_python_implementation", "platform_python_implementation"),
    ("platform.python_implementation", "platform_python_implementation"),
    ("python_implementation", "platform_python_implementation"),
    ("implementation_name", "implementation_name"),
    ("implementation_version", "implementation_version"),
    ("extra", "extra"),
    ("extras", "extras"),
    ("dependency_groups", "dependency_groups"),
];

/// A condition about Python and the machine, such as `python_version < "3.11" and os_name == "posix"`.
///
/// Source: the PyPA's "Dependency specifiers" (PEP 508), the grammar's `marker`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker(Expression);

/// `Any` and `All` have two members at least, and none that is of their own kind.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Expression {
    Any(Vec<Expression>),
    All(Vec<Expression>),
    Comparison { left: Operand, operator: &'static str, right: Operand },
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Operand {
    Variable(&'static str),
    Value(String),
}

impl Marker {
    /// Parses a marker, which is what stands behind the `;` of a requirement.
    #[cfg(test)]
    pub fn parse(text: &str) -> Result<Self, Problem> {
        Self::parse_in(text, 0)
    }

    /// Parses the marker that a line ends with.
    pub(super) fn parse_in(line: &str, start: usize) -> Result<Self, Problem> {
        let mut parser = Parser { line, cursor: Cursor::starting(line, start) };
        let expression = parser.any(0)?;
        if parser.cursor.is_at_end() { Ok(Self(expression)) } else { Err(parser.unexpected("`and`, `or` or the end")) }
    }

    /// Whether it holds for some Python, where `extra` is the chosen extra; empty without one.
    pub fn holds(&self, environment: &MarkerEnvironment, extra: &str) -> bool {
        self.0.holds(environment, extra)
    }
}

impl Expression {
    fn holds(&self, environment: &MarkerEnvironment, extra: &str) -> bool {
        match self {
            Self::Any(members) => members.iter().any(|it| it.holds(environment, extra)),
            Self::All(members) => members.iter().all(|it| it.holds(environment, extra)),
            Self::Comparison { left, operator, right } => {
                let value = |it: &Operand| match it {
                    Operand::Variable("extra" | "extras") => normalised(extra),
                    Operand::Variable(name) => environment.value(name).to_owned(),
                    Operand::Value(value) => value.clone(),
                };
                let is_versions =
                    [left, right].iter().any(|it| matches!(it, Operand::Variable(name) if is_version(name)));
                compares(&value(left), operator, &value(right), is_versions)
            }
        }
    }
}

/// Whether a variable's value is a version. Source: the PyPA's "Dependency specifiers", "Environment Markers".
fn is_version(variable: &str) -> bool {
    matches!(variable, "python_version" | "python_full_version" | "implementation_version")
}

/// Versions compare as specifiers do; where they are none, and all else, as text does.
fn compares(left: &str, operator: &str, right: &str, is_versions: bool) -> bool {
    if is_versions && !operator.ends_with("in") {
        let specifiers = SpecifierSet::parse(&format!("{operator}{right}")).ok();
        if let Some((version, specifiers)) = Version::parse(left).zip(specifiers) {
            return specifiers.contains(&version);
        }
    }
    match operator {
        "in" => right.contains(left),
        "not in" => !right.contains(left),
        "==" | "===" => left == right,
        "!=" => left != right,
        "<" => left < right,
        "<=" => left <= right,
        ">" => left > right,
        ">=" => left >= right,
        _ => false,
    }
}

struct Parser<'a> {
    line: &'a str,
    cursor: Cursor<'a>,
}

impl Parser<'_> {
    fn any(&mut self, depth: usize) -> Result<Expression, Problem> {
        let mut members = vec![self.all(depth)?];
        while self.cursor.eat_word("or") {
            members.push(self.all(depth)?);
        }
        Ok(joined(members, Expression::Any, |it| match it {
            Expression::Any(members) => Ok(members),
            other => Err(other),
        }))
    }

    fn all(&mut self, depth: usize) -> Result<Expression, Problem> {
        let mut members = vec![self.one(depth)?];
        while self.cursor.eat_word("and") {
            members.push(self.one(depth)?);
        }
        Ok(joined(members, Expression::All, |it| match it {
            Expression::All(members) => Ok(members),
            other => Err(other),
        }))
    }

    /// A comparison or a marker in parentheses, and the blanks around it.
    fn one(&mut self, depth: usize) -> Result<Expression, Problem> {
        self.cursor.skip_blanks();
        let open = self.cursor.at();
        let expression = if self.cursor.eat("(") { self.enclosed(open, depth)? } else { self.comparison()? };
        self.cursor.skip_blanks();
        Ok(expression)
    }

    fn enclosed(&mut self, open: usize, depth: usize) -> Result<Expression, Problem> {
        if depth == DEEPEST {
            return Err(problem(open..open + 1, format!("parentheses go deeper than {DEEPEST}"))
                .help("leave out the parentheses that change nothing"));
        }
        let expression = self.any(depth + 1)?;
        if self.cursor.eat(")") {
            Ok(expression)
        } else if self.cursor.is_at_end() {
            let help = format!("write `{})`", self.line.trim());
            Err(problem(open..open + 1, "`(` is not closed").help(help))
        } else {
            Err(self.unexpected("`and`, `or` or `)`"))
        }
    }

    fn comparison(&mut self) -> Result<Expression, Problem> {
        let left = self.operand()?;
        self.cursor.skip_blanks();
        let operator = self.operator()?;
        self.cursor.skip_blanks();
        let right = self.operand()?;
        let (left, right) = normalised_names(left, right);
        Ok(Expression::Comparison { left, operator, right })
    }

    fn operand(&mut self) -> Result<Operand, Problem> {
        let start = self.cursor.at();
        for quote in ['"', '\''] {
            if self.cursor.rest().starts_with(quote) {
                return self.value(quote);
            }
        }
        let word = self.cursor.take_while(|it| it.is_alphanumeric() || matches!(it, '_' | '.'));
        if let Some((_, name)) = VARIABLES.iter().find(|(spelling, _)| *spelling == word) {
            return Ok(Operand::Variable(name));
        }
        if word.is_empty() || matches!(word, "and" | "or" | "in" | "not") {
            self.cursor = Cursor::starting(self.line, start);
            return Err(self.unexpected("a variable or a quoted text"));
        }
        Err(self.unknown_word(word, start))
    }

    fn value(&mut self, quote: char) -> Result<Operand, Problem> {
        let start = self.cursor.at();
        let inside = &self.cursor.rest()[1..];
        let Some((value, _)) = inside.split_once(quote) else {
            let help = format!("write `{}{quote}`", self.line.trim());
            return Err(problem(start..self.line.len(), format!("`{quote}` is not closed")).help(help));
        };
        let end = start + value.len() + 2;
        if value.contains('\\') {
            return Err(problem(start..end, "markers cannot contain a backslash").help("leave the backslash out"));
        }
        self.cursor = Cursor::starting(self.line, end);
        Ok(Operand::Value(value.to_owned()))
    }

    fn operator(&mut self) -> Result<&'static str, Problem> {
        if let Some((operator, _)) = Operator::split(self.cursor.rest()) {
            self.cursor.eat(operator.symbol());
            return Ok(operator.symbol());
        }
        if self.cursor.eat_word("in") {
            return Ok("in");
        }
        let start = self.cursor.at();
        if self.cursor.eat_word("not") {
            self.cursor.skip_blanks();
            return if self.cursor.eat_word("in") { Ok("not in") } else { Err(self.unexpected("`in` after `not`")) };
        }
        if self.cursor.eat("=") {
            let line = corrected_with_blanks(self.line, start..start + 1, "==");
            return Err(
                problem(start..start + 1, "markers compare with `==`, not with `=`").help(format!("write `{line}`"))
            );
        }
        Err(self.unexpected("a comparison such as `==`, `<` or `in`"))
    }

    fn unknown_word(&self, word: &str, start: usize) -> Problem {
        let range = start..start + word.len();
        if Version::parse(word).is_some() {
            let line = corrected_with_blanks(self.line, range.clone(), &format!("\"{word}\""));
            return problem(range, format!("`{word}` is not quoted")).help(format!("write `{line}`"));
        }
        let help = match nearest(word, VARIABLES.iter().map(|(_, name)| *name)) {
            Some(name) => format!("write `{}`", corrected_with_blanks(self.line, range.clone(), name)),
            None => format!("write `\"{word}\"` if it is a text, or one of the variables such as `python_version`"),
        };
        problem(range, format!("`{word}` is not a marker variable")).help(help)
    }

    fn unexpected(&self, wanted: &str) -> Problem {
        let rest = self.cursor.rest();
        let found = if rest.is_empty() { "the line ends".to_owned() } else { format!("found `{rest}`") };
        problem(self.cursor.at()..self.line.len(), format!("{found} where the marker needs {wanted}"))
            .help("write a marker such as `python_version < \"3.11\" and sys_platform == \"linux\"`")
    }
}

fn problem(range: Range<usize>, message: impl Into<String>) -> Problem {
    Problem::new(Code::Requirement, range, message)
}

/// The corrected line, in which the blanks before the piece stay.
fn corrected_with_blanks(line: &str, piece: Range<usize>, replacement: &str) -> String {
    let before = line.get(..piece.start).unwrap_or_default();
    let blanks = &before[before.trim_end().len()..];
    corrected(line, piece, &format!("{blanks}{replacement}"))
}

/// One expression of several: the only one, or all of them with those of the same kind taken apart.
fn joined(
    mut members: Vec<Expression>,
    kind: fn(Vec<Expression>) -> Expression,
    taken_apart: fn(Expression) -> Result<Vec<Expression>, Expression>,
) -> Expression {
    match members.pop() {
        Some(only) if members.is_empty() => only,
        last => {
            let all = members.into_iter().chain(last);
            kind(all.flat_map(|it| taken_apart(it).unwrap_or_else(|other| vec![other])).collect())
        }
    }
}

/// Names of extras and groups in their normal spelling, by which they are compared (PEP 685, PEP 735).
fn normalised_names(left: Operand, right: Operand) -> (Operand, Operand) {
    match (left, right) {
        (Operand::Variable("extra"), Operand::Value(name)) => {
            (Operand::Variable("extra"), Operand::Value(normalised_name(name)))
        }
        (Operand::Value(name), Operand::Variable(variable @ ("extra" | "extras" | "dependency_groups"))) => {
            (Operand::Value(normalised_name(name)), Operand::Variable(variable))
        }
        others => others,
    }
}

/// A text that is not a name is compared as it is.
fn normalised_name(text: String) -> String {
    if is_name(&text) { normalised(&text) } else { text }
}

/// The canonical form: today's names of the variables, double quotes where possible, only the parentheses that matter.
impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any(members) => {
                let members: Vec<String> = members.iter().map(ToString::to_string).collect();
                f.write_str(&members.join(" or "))
            }
            Self::All(members) => {
                let members: Vec<String> = members.iter().map(Self::in_conjunction).collect();
                f.write_str(&members.join(" and "))
            }
            Self::Comparison { left, operator, right } => write!(f, "{left} {operator} {right}"),
        }
    }
}

impl Expression {
    fn in_conjunction(&self) -> String {
        if matches!(self, Self::Any(_)) { format!("({self})") } else { self.to_string() }
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => f.write_str(name),
            Self::Value(value) if value.contains('"') => write!(f, "'{value}'"),
            Self::Value(value) => write!(f, "\"{value}\""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::cases::rows;
    use super::*;

    const CASES: &str = include_str!("../../tests/data/python/markers.tsv");

    fn help(text: &str) -> String {
        Marker::parse(text).unwrap_err().help.unwrap()
    }

    #[test]
    fn markers_are_valid_and_mean_what_packaging_has() {
        for case in rows(CASES) {
            let [text, verdict, printed] = case.as_slice() else { panic!("{case:?}") };
            let parsed = Marker::parse(text);
            // Python's escapes in quotes are the one thing beyond the grammar that `packaging` reads.
            assert_eq!(parsed.is_ok(), verdict == "valid" && !text.contains('\\'), "{text:?}: {parsed:?}");
            let Ok(parsed) = parsed else { continue };
            assert_eq!(Marker::parse(printed).as_ref(), Ok(&parsed), "{text:?}");
            assert_eq!(Marker::parse(&parsed.to_string()).as_ref(), Ok(&parsed), "{text:?}");
            if !printed.contains('(') {
                assert_eq!(&parsed.to_string(), printed);
            }
        }
    }

    #[test]
    fn only_parentheses_that_matter_are_printed() {
        for (text, printed) in [
            ("((os.name=='a'))", "os_name == \"a\""),
            (
                "os_name=='a' or (os_name=='b' and os_name=='c')",
                "os_name == \"a\" or os_name == \"b\" and os_name == \"c\"",
            ),
            (
                "(os_name=='a'or os_name=='b')and os_name=='c'",
                "(os_name == \"a\" or os_name == \"b\") and os_name == \"c\"",
            ),
            (
                "os_name=='a' and (os_name=='b' and os_name=='c')",
                "os_name == \"a\" and os_name == \"b\" and os_name == \"c\"",
            ),
            ("os_name == 'say \"a\"'", "os_name == 'say \"a\"'"),
        ] {
            assert_eq!(Marker::parse(text).unwrap().to_string(), printed);
        }
    }

    #[test]
    fn mistakes_come_with_the_right_spelling() {
        assert_eq!(help("python_version >= 3.8"), "write `python_version >= \"3.8\"`");
        assert_eq!(help("python_version = '3.8'"), "write `python_version == '3.8'`");
        assert_eq!(help("pyton_version < '3'"), "write `python_version < '3'`");
        assert_eq!(help("(os_name == 'a'"), "write `(os_name == 'a')`");
        assert_eq!(help("os_name == 'a"), "write `os_name == 'a'`");
        assert_eq!(Marker::parse("os_name == 'é' xor").unwrap_err().range, 16..19);
    }

    #[test]
    fn parentheses_cannot_exhaust_the_stack() {
        let nested = |depth: usize| format!("{}os_name=='a'{}", "(".repeat(depth), ")".repeat(depth));
        assert!(Marker::parse(&nested(DEEPEST)).is_ok());
        assert!(Marker::parse(&nested(DEEPEST + 1)).is_err());
        assert!(Marker::parse(&"(".repeat(1_000_000)).is_err());
    }
}
