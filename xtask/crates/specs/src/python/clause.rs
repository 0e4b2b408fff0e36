//! One comparison of a version specifier.

use std::fmt;
use std::ops::Range;

use report::{Code, Problem};

use super::{
    Version,
    line::{corrected, trimmed},
};

///
/// Source: PEP 440, "Version specifiers".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `===`, the same text.
    Identical,
    /// `==`, the same version, or with `.*` the same beginning.
    Equal,
    /// `!=`, any but that.
    NotEqual,
    /// `~=`, at least that and with all numbers but the last the same.
    Compatible,
    /// `<=`.
    AtMost,
    /// `>=`.
    AtLeast,
    /// `<`, without the pre-releases of that version.
    Below,
    /// `>`, without the post-releases of that version.
    Above,
}

impl Operator {
    /// Every operator. Longer ones stand before those that they begin with.
    const ALL: [Self; 8] = [
        Self::Identical,
        Self::Equal,
        Self::NotEqual,
        Self::Compatible,
        Self::AtMost,
        Self::AtLeast,
        Self::Below,
        Self::Above,
    ];

    pub fn symbol(self) -> &'static str {
        match self {
            Self::Identical => "===",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Compatible => "~=",
            Self::AtMost => "<=",
            Self::AtLeast => ">=",
            Self::Below => "<",
            Self::Above => ">",
        }
    }

    /// The operator that a text begins with, and what follows it.
    pub(super) fn split(text: &str) -> Option<(Self, &str)> {
        Self::ALL.into_iter().find_map(|it| Some((it, text.strip_prefix(it.symbol())?)))
    }

    /// Whether it takes `1.*` and `1+local` on its right.
    fn takes_any_version(self) -> bool {
        matches!(self, Self::Equal | Self::NotEqual)
    }
}

/// One comparison, such as `>=1.2`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    operator: Operator,
    version: String,
    operand: Operand,
}

/// The right side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Operand {
    Text,
    Version(Version),
    Prefix(Version),
}

impl Clause {
    /// How the version is compared.
    #[cfg(test)]
    pub fn operator(&self) -> Operator {
        self.operator
    }

    /// The version as written, such as `1.2` or `1.*`.
    #[cfg(test)]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Whether a version satisfies it; pre-releases are versions like others.
    ///
    /// Source: PEP 440, "Version specifiers", a section for each operator.
    pub fn contains(&self, version: &Version) -> bool {
        match &self.operand {
            Operand::Text => version.to_string().eq_ignore_ascii_case(&self.version),
            Operand::Prefix(prefix) => {
                version.begins_as(prefix, prefix.release_length()) == (self.operator == Operator::Equal)
            }
            Operand::Version(wanted) => self.compares(version, wanted),
        }
    }

    fn compares(&self, version: &Version, wanted: &Version) -> bool {
        match self.operator {
            Operator::Identical | Operator::Equal => is_equal(version, wanted),
            Operator::NotEqual => !is_equal(version, wanted),
            Operator::Compatible => version >= wanted && version.begins_as(wanted, wanted.release_length() - 1),
            Operator::AtMost => version.public() <= *wanted,
            Operator::AtLeast => version >= wanted,
            Operator::Below if wanted.is_prerelease() => version < wanted,
            Operator::Below => *version < wanted.first_development(),
            Operator::Above if wanted.is_postrelease() || wanted.is_devrelease() => version.public() > *wanted,
            Operator::Above => version > wanted && !version.has_same_release_and_pre(wanted),
        }
    }

    /// Parses the clause that a piece of a line is.
    pub(super) fn parse_in(line: &str, piece: Range<usize>) -> Result<Self, Problem> {
        let piece = trimmed(line, piece);
        let text = &line[piece.clone()];
        Self::read(text).map_err(|mistake| mistake.problem(line, piece))
    }

    fn read(text: &str) -> Result<Self, Mistake> {
        let Some((operator, rest)) = Operator::split(text) else { return Err(without_operator(text)) };
        let version = rest.trim();
        let operand = operand(operator, version)?;
        Ok(Self { operator, version: version.to_owned(), operand })
    }
}

/// A version without a local part stands for all local versions of it.
fn is_equal(version: &Version, wanted: &Version) -> bool {
    if wanted.is_local() { version == wanted } else { version.public() == *wanted }
}

fn operand(operator: Operator, version: &str) -> Result<Operand, Mistake> {
    let symbol = operator.symbol();
    if version.is_empty() {
        return Err(Mistake::new(format!("a version is missing after `{symbol}`")));
    }
    if let Some(mistake) = missing_comma(operator, version) {
        return Err(mistake);
    }
    if operator == Operator::Identical {
        return text(version);
    }
    let (base, is_prefix) = version.strip_suffix(".*").map_or((version, false), |base| (base, true));
    let Some(parsed) = Version::parse(base) else { return Err(Mistake::new(format!("`{version}` is not a version"))) };
    if is_prefix && !parsed.is_bare_release() {
        let message = "`.*` follows a pre-release, post-release, development or local version".to_owned();
        return Err(Mistake::corrected(message, format!("{symbol}{base}")));
    }
    if is_prefix && !operator.takes_any_version() {
        let message = format!("`.*` goes with `==` and `!=`, not with `{symbol}`");
        return Err(Mistake::corrected(message, format!("{symbol}{base}")));
    }
    if parsed.is_local() && !operator.takes_any_version() {
        let message = format!("a local version goes with `==` and `!=`, not with `{symbol}`");
        return Err(Mistake::corrected(message, format!("{symbol}{}", parsed.public())));
    }
    if operator == Operator::Compatible && parsed.release_length() < 2 {
        let message = format!("`~=` needs a version of two numbers at least, and `{version}` has one");
        return Err(Mistake::corrected(message, format!(">={version}")));
    }
    Ok(if is_prefix { Operand::Prefix(parsed) } else { Operand::Version(parsed) })
}

/// The text behind `===`, which need not be a version.
fn text(version: &str) -> Result<Operand, Mistake> {
    match version.chars().find(|it| it.is_whitespace() || matches!(it, ';' | ')')) {
        Some(character) => Err(Mistake::new(format!("{character:?} cannot be in the version after `===`"))),
        None => Ok(Operand::Text),
    }
}

fn missing_comma(operator: Operator, version: &str) -> Option<Mistake> {
    let (first, rest) = version.split_once(char::is_whitespace)?;
    let rest = rest.trim_start();
    Operator::split(rest)?;
    let message = format!("a comma is missing between `{}{first}` and `{rest}`", operator.symbol());
    Some(Mistake::corrected(message, format!("{}{first},{rest}", operator.symbol())))
}

/// What was probably meant by a text that does not begin with an operator.
fn without_operator(text: &str) -> Mistake {
    if let Some(version) = text.strip_prefix("=>").or_else(|| text.strip_prefix("=<")) {
        let symbol = if text.starts_with("=>") { ">=" } else { "<=" };
        let message = format!("`{}` is not a comparison operator", &text[..2]);
        return Mistake::corrected(message, format!("{symbol}{}", version.trim()));
    }
    if let Some(version) = text.strip_prefix('=') {
        return single_equals(version.trim());
    }
    let first = text.split_whitespace().next().unwrap_or_default();
    if Clause::read(&format!("=={first}")).is_ok() {
        return Mistake::corrected(format!("`{text}` lacks a comparison operator"), format!("=={first}"));
    }
    Mistake::new(format!("`{text}` is not a version specifier"))
}

/// Conda's `=1.2`, perhaps with a build behind another `=`.
fn single_equals(version: &str) -> Mistake {
    let version = version.split(['=', ' ']).next().unwrap_or_default();
    let message = "pip does not know conda's single `=`".to_owned();
    let mistake = Mistake::corrected(message, format!("=={version}"));
    Mistake { code: Code::PipSingleEquals, ..mistake }
}

/// A mistake in a clause, before it is known which line the clause is of.
struct Mistake {
    code: Code,
    message: String,
    /// The clause as it was probably meant.
    correction: Option<String>,
}

impl Mistake {
    fn new(message: String) -> Self {
        Self { code: Code::Requirement, message, correction: None }
    }

    fn corrected(message: String, correction: String) -> Self {
        Self { correction: Some(correction), ..Self::new(message) }
    }

    fn problem(self, line: &str, piece: Range<usize>) -> Problem {
        let help = match self.correction.filter(|it| it.split(',').all(|it| Clause::read(it).is_ok())) {
            Some(correction) => format!("write `{}`", corrected(line, piece.clone(), &correction)),
            None => "write comparisons such as `>=1.2,<2` or `==1.2.*`".to_owned(),
        };
        Problem::new(self.code, piece, self.message).help(help)
    }
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.operator.symbol(), self.version)
    }
}
