//! Match specs: entries of `dependencies:`.

use std::fmt;

use report::{Code, Problem};

use super::{
    CondaOperator, VersionSpec,
    brackets::{self, BracketPair, quoted},
    foreign, package_file,
    piece::SpecPart,
    place::ChannelFolder,
    version_parser::{self, is_operator_character},
};

/// An entry of conda's list.
///
/// Sources: conda's documentation, "Package search and install specifications", and that of the class `MatchSpec`:
/// `channel/subdir::name version build [key=value]`, whose many other spellings are all read. What stands in brackets
/// wins over what stands before them, but for the name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchSpec {
    /// The channel's name or URL; `*` for any.
    pub channel: Option<String>,
    /// The platform, such as `linux-64` or `noarch`.
    pub subdir: Option<String>,
    /// The package, lower-case; `*` for any, and possibly a pattern with `*` in it.
    pub name: String,
    /// `None` for any version.
    pub version: Option<VersionSpec>,
    /// Which builds: a build string, a pattern, or a regular expression from `^` to `$`.
    pub build: Option<String>,
    /// All else from brackets, as written, and the namespace.
    pub brackets: Vec<(String, String)>,
    /// The URL or path, where the spec is just that of a package's file.
    pub url: Option<String>,
    /// As written, without the blanks around it.
    pub text: String,
}

impl MatchSpec {
    /// The version of a spec that allows one only, as `freeze` writes it. conda's single `=` means that version and those
    /// that begin with it; of an installed version there usually are none.
    pub fn pinned_version(&self) -> Option<&str> {
        match &self.version {
            Some(VersionSpec::Clause { operator: CondaOperator::Equal | CondaOperator::StartsWith, version }) => {
                Some(version.as_str())
            }
            _ => None,
        }
    }

    /// Parses one entry of `dependencies:`.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let written = SpecPart::whole(text).trim();
        let spec = without_comment(written);
        if spec.text.is_empty() {
            let problem = Problem::new(Code::EmptyEntry, written.range(), "an entry with nothing in it");
            return Err(problem.help("remove the line, or write a package's name"));
        }
        foreign::refuse_option(spec)?;
        let parsed = match package_file::parse(spec)? {
            Some(file) => file,
            None => of_fields(spec)?,
        };
        Ok(Self { text: written.text.to_owned(), ..parsed })
    }
}

fn without_comment(written: SpecPart<'_>) -> SpecPart<'_> {
    let end = written.text.find('#').unwrap_or(written.text.len());
    written.split_at(end).0.trim()
}

fn of_fields(spec: SpecPart<'_>) -> Result<MatchSpec, Problem> {
    let (outside, pairs) = brackets::take(spec)?;
    let outside = SpecPart { text: &outside, start: spec.start };
    foreign::refuse(outside)?;
    let outside = without_condition(without_target(outside.trim()));
    if let Some(feature) =
        outside.text.strip_suffix('@').filter(|it| !it.is_empty() && it.chars().all(is_name_character))
    {
        return with_brackets(
            MatchSpec { brackets: vec![("track_features".to_owned(), feature.to_owned())], ..any() },
            &pairs,
        );
    }
    let (place, namespace, package) = before_name(outside)?;
    let (name, rest) = package.split_at(package.text.find(ends_name).unwrap_or(package.text.len()));
    let name = checked_name(name, rest, &pairs)?;
    let (version, build) = version_and_build(rest.trim())?;
    let namespace = namespace.map(|it| ("namespace".to_owned(), it.to_owned()));
    let brackets = namespace.into_iter().collect();
    with_brackets(
        MatchSpec { channel: place.channel, subdir: place.subdir, name, version, build, brackets, ..any() },
        &pairs,
    )
}

fn any() -> MatchSpec {
    MatchSpec {
        channel: None,
        subdir: None,
        name: "*".to_owned(),
        version: None,
        build: None,
        brackets: Vec::new(),
        url: None,
        text: String::new(),
    }
}

/// conda drops `(target=...)` and `(optional)`, which its solver once wrote behind a spec.
fn without_target(spec: SpecPart<'_>) -> SpecPart<'_> {
    let Some(open) = spec.text.rfind('(').filter(|_| spec.text.ends_with(')')) else { return spec };
    let (before, parens) = spec.split_at(open);
    let is_target = ["(target=", "(optional"].iter().any(|it| parens.text.starts_with(it));
    if is_target { before.trim() } else { spec }
}

/// conda drops what stands behind ` if `, which it keeps for conditions to come.
fn without_condition(spec: SpecPart<'_>) -> SpecPart<'_> {
    let end = spec.text.find(" if ").unwrap_or(spec.text.len());
    spec.split_at(end).0.trim()
}

type BeforeName<'a> = (ChannelFolder, Option<&'a str>, SpecPart<'a>);

/// Takes `channel:namespace:name` apart from its end: a channel can be a URL.
fn before_name(spec: SpecPart<'_>) -> Result<BeforeName<'_>, Problem> {
    let Some((front, package)) = spec.rsplit_once(':') else { return Ok((ChannelFolder::default(), None, spec)) };
    let (place, namespace) = match front.rsplit_once(':') {
        Some((channel, namespace)) => (ChannelFolder::parse(channel)?, namespace.trim()),
        None => (ChannelFolder::default(), front.trim()),
    };
    if let Some(odd) = namespace.text.chars().find(|it| !is_name_character(*it)) {
        let problem = namespace.wrong(format!("`{odd}` cannot be in a namespace"));
        return Err(problem.help("write a channel with two colons, as in `conda-forge::numpy`"));
    }
    Ok((place, Some(namespace.text).filter(|it| !it.is_empty()), package.trim()))
}

fn ends_name(it: char) -> bool {
    it.is_whitespace() || it == '(' || is_operator_character(it)
}

fn is_name_character(it: char) -> bool {
    it.is_ascii_alphanumeric() || matches!(it, '.' | '_' | '-' | '*' | '+')
}

fn checked_name(written: SpecPart<'_>, rest: SpecPart<'_>, pairs: &[BracketPair<'_>]) -> Result<String, Problem> {
    let name = match last(pairs, "name") {
        Some(inside) if written.text.is_empty() => inside,
        None if written.text.is_empty() && !pairs.is_empty() && rest.text.is_empty() => return Ok("*".to_owned()),
        _ => written,
    };
    let wrong = |message: String| Err(name.wrong(message).help("write the package's name first, as in `numpy=1.26`"));
    match name.text.chars().next() {
        None => return wrong(format!("a package name is missing before `{}`", rest.text)),
        Some(first @ ('-' | '.' | '+')) => return wrong(format!("a package's name does not begin with `{first}`")),
        Some(_) => {}
    }
    if let Some(odd) = name.text.chars().find(|it| !is_name_character(*it)) {
        return wrong(format!("`{odd}` cannot be in a package's name"));
    }
    let lower = name.text.to_ascii_lowercase();
    if package_file::stem(&lower).is_some() {
        return wrong(format!("`{}` is the name of a file", name.text));
    }
    Ok(lower)
}

fn version_and_build(rest: SpecPart<'_>) -> Result<(Option<VersionSpec>, Option<String>), Problem> {
    // conda reads `numpy=` as `numpy`.
    if rest.text.is_empty() || rest.text == "=" {
        return Ok((None, None));
    }
    let Some(at) = build_separator(rest.text) else { return Ok((specific(version_parser::parse(rest)?), None)) };
    let (version, build) = rest.split_at(at);
    let build = build.split_at(1).1.trim();
    let build = build.text.strip_prefix('=').map_or(build, |_| build.split_at(1).1.trim());
    let version = version_parser::parse(without_single_equals(version.trim()))?;
    Ok((specific(version), Some(checked_build(build)?)))
}

fn specific(version: VersionSpec) -> Option<VersionSpec> {
    (version != VersionSpec::Any).then_some(version)
}

/// With a build behind it, `=1.2` means just 1.2: conda's `numpy=1.2=py27_0`.
fn without_single_equals(version: SpecPart<'_>) -> SpecPart<'_> {
    match version.text.strip_prefix('=') {
        Some(rest) if !rest.contains(['=', ',', '|']) => version.split_at(1).1,
        _ => version,
    }
}

/// Where the version ends and the build begins: the first blank or `=` that is neither beside an operator nor within
/// parentheses or a regular expression.
fn build_separator(text: &str) -> Option<usize> {
    let joins = |it: char| is_operator_character(it) || matches!(it, ',' | '|');
    let (mut depth, mut is_in_regex, mut before) = (0_usize, false, None);
    for (at, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '^' if depth == 0 => is_in_regex = true,
            '$' => is_in_regex = false,
            _ => {}
        }
        let is_apart = depth == 0 && !is_in_regex && before.is_some_and(|it| !joins(it));
        let behind = &text[at + character.len_utf8()..];
        if is_apart && character == '=' && !behind.starts_with('=') {
            return Some(at);
        }
        if is_apart
            && character.is_ascii_whitespace()
            && !behind.starts_with(|it: char| joins(it) || it.is_ascii_whitespace())
        {
            return Some(at);
        }
        if !character.is_whitespace() {
            before = Some(character);
        }
    }
    None
}

fn checked_build(build: SpecPart<'_>) -> Result<String, Problem> {
    let is_regex = build.text.starts_with('^') && build.text.ends_with('$');
    let is_build_character = |it: char| is_name_character(it) || matches!(it, '|' | ',');
    match build.text.chars().find(|it| !is_build_character(*it)) {
        None if build.text.is_empty() => Err(build.wrong("a build is missing after `=`").help("remove the `=`")),
        Some(odd) if !is_regex => {
            let problem = build.wrong(format!("`{}` is not a build: `{odd}` cannot be in one", build.text));
            Err(problem
                .help("write name, version and build, as in `numpy=1.26.4=py312*`; join versions with `,` or `|`"))
        }
        _ => Ok(build.text.to_owned()),
    }
}

fn last<'a>(pairs: &[BracketPair<'a>], key: &str) -> Option<SpecPart<'a>> {
    pairs.iter().rev().find(|it| it.key == key).map(|it| it.value)
}

fn with_brackets(mut spec: MatchSpec, pairs: &[BracketPair<'_>]) -> Result<MatchSpec, Problem> {
    if let Some(channel) = last(pairs, "channel") {
        let place = ChannelFolder::parse(channel)?;
        spec.channel = place.channel;
        spec.subdir = place.subdir.or(spec.subdir);
    }
    spec.subdir = last(pairs, "subdir").map(|it| it.text.to_owned()).or(spec.subdir);
    if let Some(version) = last(pairs, "version") {
        spec.version = specific(version_parser::parse(version)?);
    }
    let build = last(pairs, "build").or_else(|| last(pairs, "build_string"));
    spec.build = build.map(|it| it.text.to_owned()).or(spec.build);
    for BracketPair { key, value } in pairs {
        if matches!(*key, "name" | "channel" | "subdir" | "version" | "build" | "build_string") {
            continue;
        }
        spec.brackets.retain(|(known, _)| known != key);
        spec.brackets.push(((*key).to_owned(), value.text.to_owned()));
    }
    Ok(spec)
}

/// The canonical form that conda prints: see the documentation of the class `MatchSpec`.
impl fmt::Display for MatchSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(url) = &self.url {
            return f.write_str(url);
        }
        let mut inside = Vec::new();
        match (&self.channel, &self.subdir) {
            (Some(channel), Some(subdir)) if ChannelFolder::is_subdir(subdir) => write!(f, "{channel}/{subdir}::")?,
            (channel, subdir) => {
                if let Some(channel) = channel {
                    write!(f, "{channel}::")?;
                }
                inside.extend(subdir.as_ref().map(|it| format!("subdir={}", quoted(it))));
            }
        }
        f.write_str(&self.name)?;
        let is_exact = self.write_version(f, &mut inside)?;
        match &self.build {
            Some(build) if is_exact && is_exact_build(build) => write!(f, "={build}")?,
            build => inside.extend(build.as_ref().map(|it| format!("build={}", quoted(it)))),
        }
        inside.extend(self.brackets.iter().map(|(key, value)| format!("{key}={}", quoted(value))));
        if inside.is_empty() { Ok(()) } else { write!(f, "[{}]", inside.join(",")) }
    }
}

impl MatchSpec {
    /// Writes the version behind the name where it can stand there, and tells whether a build can follow.
    fn write_version(&self, f: &mut fmt::Formatter<'_>, inside: &mut Vec<String>) -> Result<bool, fmt::Error> {
        match &self.version {
            None => {}
            Some(VersionSpec::Clause { operator: CondaOperator::StartsWith, version }) => write!(f, "={version}")?,
            Some(exact @ VersionSpec::Clause { operator: CondaOperator::Equal, .. }) => {
                write!(f, "{exact}")?;
                return Ok(true);
            }
            Some(clause @ VersionSpec::Clause { operator, .. }) if self.build.is_none() && is_short(*operator) => {
                write!(f, "{clause}")?;
            }
            Some(other) => {
                let text = other.to_string();
                let quote = if text.contains('\'') { '"' } else { '\'' };
                inside.push(format!("version={quote}{text}{quote}"));
            }
        }
        Ok(false)
    }
}

fn is_short(operator: CondaOperator) -> bool {
    matches!(
        operator,
        CondaOperator::EqualWildcard
            | CondaOperator::NotEqual
            | CondaOperator::NotStartsWith
            | CondaOperator::Compatible
    )
}

fn is_exact_build(build: &str) -> bool {
    build.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '.' | '_' | '+'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_come_with_their_correction() {
        for (text, range, help) in [
            ("git+https://github.com/a/b.git", 0..30, "write `name @ git+https://github.com/a/b.git` below `- pip:`"),
            (" a @ https://h/a.whl", 1..20, "write `a @ https://h/a.whl` below `- pip:`"),
            ("-e .", 0..4, "pip's options go below `- pip:`; move `-e .` there, or remove it"),
            ("x; python_version<'3'", 1..21, "markers are pip's: move `x; python_version<'3'` below `- pip:`"),
            ("a;b", 1..3, "write only the package's name and version, as in `numpy=1.26`; no shell reads it"),
            ("numpy >=1 <2", 10..12, "put a comma between them: `>=1,<2`"),
            ("é numpy[version='1..2']", 0..2, "write the package's name first, as in `numpy=1.26`"),
            ("numpy[version='1..2']", 15..19, "write `1.2`"),
            ("numpy 1..2", 6..10, "write `1.2`"),
            ("=1.0", 0..0, "write the package's name first, as in `numpy=1.26`"),
        ] {
            let problem = MatchSpec::parse(text).unwrap_err();
            assert_eq!((problem.code, problem.range), (Code::MatchSpec, range), "{text}");
            assert_eq!(problem.help.as_deref(), Some(help), "{text}");
        }
    }

    #[test]
    fn what_is_empty_has_its_own_code() {
        for text in ["", "  ", "# numpy"] {
            assert_eq!(MatchSpec::parse(text).unwrap_err().code, Code::EmptyEntry);
        }
    }

    #[test]
    fn the_text_stays_as_it_was() {
        let spec = MatchSpec::parse(" NumPy >= 1.2 # why ").unwrap();
        assert_eq!((spec.text.as_str(), spec.name.as_str()), ("NumPy >= 1.2 # why", "numpy"));
    }
}
