//! Reads version constraints.

use report::Problem;

use super::{CondaOperator, CondaVersion, VersionSpec, piece::SpecPart, version::is_version_character};

/// How deep parentheses can be nested: each level is a call within a call.
const DEPTH_LIMIT: usize = 32;

/// Reads a constraint; a problem has its place in the whole text.
pub(super) fn parse(spec: SpecPart<'_>) -> Result<VersionSpec, Problem> {
    let mut parser = Parser { rest: spec.trim() };
    let tree = parser.alternatives(0)?;
    if parser.rest.text.is_empty() {
        return Ok(tree);
    }
    let message = format!("`{}` does not belong after the version constraint", parser.rest.text);
    Err(parser
        .rest
        .wrong(message)
        .help("join constraints with `,` (and) or `|` (or), and close only opened parentheses"))
}

struct Parser<'a> {
    rest: SpecPart<'a>,
}

impl Parser<'_> {
    fn alternatives(&mut self, depth: usize) -> Result<VersionSpec, Problem> {
        let mut parts = vec![self.conjunction(depth)?];
        while self.take('|') {
            parts.push(self.conjunction(depth)?);
        }
        Ok(VersionSpec::one_of(parts))
    }

    fn conjunction(&mut self, depth: usize) -> Result<VersionSpec, Problem> {
        let mut parts = vec![self.operand(depth)?];
        while self.take(',') {
            parts.push(self.operand(depth)?);
        }
        Ok(VersionSpec::all_of(parts))
    }

    fn operand(&mut self, depth: usize) -> Result<VersionSpec, Problem> {
        let opening = self.rest;
        if !self.take('(') {
            return self.leaf();
        }
        if depth == DEPTH_LIMIT {
            let message = format!("parentheses are nested deeper than {DEPTH_LIMIT}");
            return Err(opening.wrong(message).help("write the constraint with fewer parentheses"));
        }
        let inner = self.alternatives(depth + 1)?;
        if self.take(')') {
            return Ok(inner);
        }
        Err(opening.wrong("a `(` is never closed").help("add the missing `)`"))
    }

    fn leaf(&mut self) -> Result<VersionSpec, Problem> {
        let text = self.rest.text;
        let regex_end = if text.starts_with('^') { text.find('$').map(|it| it + 1) } else { None };
        let end = regex_end.or_else(|| text.find(['(', ')', '|', ','])).unwrap_or(text.len());
        let (leaf, rest) = self.rest.split_at(end);
        self.rest = rest.trim();
        match regex_end {
            Some(_) => Ok(VersionSpec::Regex(leaf.text.to_owned())),
            None => clause(leaf.trim()),
        }
    }

    fn take(&mut self, character: char) -> bool {
        let is_next = self.rest.text.starts_with(character);
        if is_next {
            self.rest = self.rest.split_at(character.len_utf8()).1.trim();
        }
        is_next
    }
}

fn clause(written: SpecPart<'_>) -> Result<VersionSpec, Problem> {
    refuse_half_a_regex(written)?;
    let end = written.text.find(|it| !is_operator_character(it)).unwrap_or(written.text.len());
    let (operator, version) = written.split_at(end);
    let version = version.trim();
    if version.text.is_empty() {
        return Err(missing(operator));
    }
    refuse_two_comparisons(written, version)?;
    match operator.text {
        "" => bare(version),
        "=" => starting_with(version),
        "==" => comparison_or_wildcard(CondaOperator::Equal, CondaOperator::EqualWildcard, version),
        "!=" => comparison_or_wildcard(CondaOperator::NotEqual, CondaOperator::NotStartsWith, version),
        "<" => comparison(CondaOperator::Less, version),
        "<=" => comparison(CondaOperator::LessOrEqual, version),
        ">" => comparison(CondaOperator::Greater, version),
        ">=" => comparison(CondaOperator::GreaterOrEqual, version),
        "~=" => comparison(CondaOperator::Compatible, version),
        _ => Err(unknown(operator, version)),
    }
}

/// Whether a character can be in an operator.
pub(super) fn is_operator_character(it: char) -> bool {
    matches!(it, '=' | '<' | '>' | '!' | '~')
}

fn bare(version: SpecPart<'_>) -> Result<VersionSpec, Problem> {
    if is_any(version) {
        return Ok(VersionSpec::Any);
    }
    if is_pattern(version) {
        return glob(version);
    }
    comparison_or_wildcard(CondaOperator::Equal, CondaOperator::StartsWith, version)
}

fn starting_with(version: SpecPart<'_>) -> Result<VersionSpec, Problem> {
    if is_any(version) {
        return Ok(VersionSpec::Any);
    }
    if is_pattern(version) {
        let pattern = format!("{}*", version.text.trim_end_matches('*'));
        let read = bare(SpecPart { text: &pattern, start: version.start });
        return read.map_err(|it| Problem { range: version.range(), ..it });
    }
    clause_of(CondaOperator::StartsWith, without_wildcard(version))
}

fn comparison_or_wildcard(
    plain: CondaOperator,
    wildcard: CondaOperator,
    version: SpecPart<'_>,
) -> Result<VersionSpec, Problem> {
    let base = without_wildcard(version);
    if plain == CondaOperator::Equal && is_any(version) {
        Ok(VersionSpec::Any)
    } else if base.text.is_empty() || base.text == version.text {
        clause_of(plain, version)
    } else {
        clause_of(wildcard, base)
    }
}

fn is_any(version: SpecPart<'_>) -> bool {
    version.text.chars().all(|it| it == '*')
}

/// Whether there is a wildcard in it that is not its end, or nothing but wildcards.
fn is_pattern(version: SpecPart<'_>) -> bool {
    let base = without_wildcard(version);
    base.text.is_empty() || base.text.contains('*')
}

/// conda takes a `.*` behind an ordering operator for a slip of the pen and leaves it out.
fn comparison(operator: CondaOperator, version: SpecPart<'_>) -> Result<VersionSpec, Problem> {
    let base = version.text.trim_end_matches(".*");
    clause_of(operator, version.split_at(base.len()).0)
}

fn clause_of(operator: CondaOperator, version: SpecPart<'_>) -> Result<VersionSpec, Problem> {
    Ok(VersionSpec::Clause { operator, version: CondaVersion::parse(version)? })
}

fn glob(pattern: SpecPart<'_>) -> Result<VersionSpec, Problem> {
    let is_odd = |(at, it): &(usize, char)| !is_version_character(*it) || (*at == 0 && *it == '!');
    match pattern.text.char_indices().find(is_odd) {
        None => Ok(VersionSpec::Glob(pattern.text.to_owned())),
        Some((_, odd)) => {
            let message = format!("`{odd}` cannot be here in a pattern of versions");
            Err(pattern.wrong(message).help("write a pattern such as `1.*.3`"))
        }
    }
}

fn without_wildcard(version: SpecPart<'_>) -> SpecPart<'_> {
    let is_wildcard = version.text.ends_with('*');
    let base = if is_wildcard { version.text.trim_end_matches(['*', '.']) } else { version.text };
    version.split_at(base.len()).0
}

fn missing(operator: SpecPart<'_>) -> Problem {
    match operator.text {
        "" => operator.wrong("a version is missing").help("write a version here, or remove the `,` or `|` before it"),
        text => operator.wrong(format!("a version is missing after `{text}`")).help(format!("write `{text}1.2`")),
    }
}

fn refuse_half_a_regex(written: SpecPart<'_>) -> Result<(), Problem> {
    if written.text.starts_with('^') || written.text.ends_with('$') {
        let message = format!("`{}` is only half a regular expression", written.text);
        return Err(written.wrong(message).help("begin it with `^` and end it with `$`"));
    }
    Ok(())
}

/// Two comparisons without a comma between them are the most frequent slip; the place of the comma is known.
fn refuse_two_comparisons(written: SpecPart<'_>, version: SpecPart<'_>) -> Result<(), Problem> {
    let is_second =
        |at: usize| version.text[at..].starts_with(['=', '<', '>', '~']) || version.text[at..].starts_with("!=");
    let Some(at) = version.text.char_indices().map(|(at, _)| at).find(|at| is_second(*at)) else { return Ok(()) };
    let (first, second) = written.split_at(version.start - written.start + at);
    let problem = second.wrong(format!("`{}` is not separated from the constraint before it", second.text));
    Err(problem.help(format!("put a comma between them: `{},{}`", first.text.trim(), second.text)))
}

fn unknown(operator: SpecPart<'_>, version: SpecPart<'_>) -> Problem {
    let meant = match operator.text {
        "=>" => ">=",
        "=<" => "<=",
        "<>" | "!" => "!=",
        "~" | "~==" => "~=",
        _ => "==",
    };
    let problem = operator.wrong(format!("`{}` is not a comparison operator of conda", operator.text));
    problem.help(format!("write `{meant}{}`", version.text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(text: &str) -> String {
        VersionSpec::parse(text).unwrap().to_string()
    }

    #[test]
    fn the_many_spellings_have_one_print() {
        for (text, print) in [
            ("1.2", "==1.2"),
            ("= 1.2", "1.2.*"),
            ("1.2*", "1.2.*"),
            ("=1.2.*", "1.2.*"),
            ("==*", "*"),
            ("!=1.2*", "!=1.2.*"),
            (">=1.2.*", ">=1.2"),
            ("=1.*.2", "1.*.2*"),
            ("( (1.5|((1.6|1.7), 1.8), 1.9 |2.0))|2.1", "==1.5|(==1.6|==1.7),==1.8,==1.9|==2.0|==2.1"),
        ] {
            assert_eq!(printed(text), print);
            assert_eq!(printed(print), print);
        }
    }

    #[test]
    fn and_binds_tighter_than_or() {
        let VersionSpec::Or(parts) = VersionSpec::parse("1,2|3").unwrap() else { panic!() };
        assert!(matches!(parts.as_slice(), [VersionSpec::And(_), VersionSpec::Clause { .. }]));
    }

    #[test]
    fn mistakes_come_with_their_correction() {
        for (text, range, help) in [
            (">=1.0 <2.0", 6..10, "put a comma between them: `>=1.0,<2.0`"),
            (">=1.0!=2", 5..8, "put a comma between them: `>=1.0,!=2`"),
            ("=>1.0", 0..2, "write `>=1.0`"),
            ("===1.0", 0..3, "write `==1.0`"),
            ("<>1.0", 0..2, "write `!=1.0`"),
            (">=", 0..2, "write `>=1.2`"),
            ("1.0,", 4..4, "write a version here, or remove the `,` or `|` before it"),
            (" (1.0", 1..5, "add the missing `)`"),
            ("^1.5", 0..4, "begin it with `^` and end it with `$`"),
        ] {
            let problem = VersionSpec::parse(text).unwrap_err();
            assert_eq!((problem.range, problem.help.as_deref()), (range, Some(help)), "{text}");
        }
    }

    #[test]
    fn parentheses_have_a_limit() {
        let nested = |depth: usize| format!("{}1{}", "(".repeat(depth), ")".repeat(depth));
        assert_eq!(printed(&nested(32)), "==1");
        assert!(VersionSpec::parse(&nested(33)).is_err());
        assert!(VersionSpec::parse(&"(".repeat(100_000)).is_err());
    }
}
