//! One entry of the `pip:` list.

use std::fmt;

use report::{Code, Problem};

use super::{
    Requirement,
    line::trimmed,
    pip_option::{GivenOption, KnownOption, OptionPlace, options},
    unnamed_url::{is_archive, is_url, meant_by_ssh_address, named},
    words::quote,
};

/// The options that name one file or directory.
const FILE_OPTIONS: [&str; 3] = ["--editable", "--requirement", "--constraint"];

/// The digests that pip trusts. Source: pip's documentation, "Secure installs".
const DIGESTS: [&str; 3] = ["sha256", "sha384", "sha512"];

/// A line of a requirements file as pip reads it. The text of each is the line without blanks and comments round it.
///
/// Source: pip's documentation, "Requirements File Format".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PipLine {
    /// A package by its name.
    Requirement {
        requirement: Requirement,
        /// The digests that its files may have, such as `sha256:…`.
        hashes: Vec<String>,
        /// The other options behind it, such as `--config-settings=KEY=VALUE`, quoted where they must be.
        settings: Vec<String>,
        text: String,
    },
    /// Options for the whole list, most often one; their order matters.
    Options {
        /// The long name of each, such as `--extra-index-url`, with its value if it takes one.
        options: Vec<(String, Option<String>)>,
        text: String,
    },
    /// A URL alone: only the download shows the name of the package.
    Url {
        url: String,
        /// The line with `NAME @ ` in front; `NAME` where the URL does not contain the name.
        named: String,
        text: String,
    },
    /// `-e`, a project that is installed so that changes in it count at once.
    Editable { path_or_url: String, text: String },
    /// `-r`, a file of more such lines.
    RequirementsFile { path: String, text: String },
    /// `-c`, a file that limits the versions of what is installed.
    ConstraintsFile { path: String, text: String },
    /// A package in a directory or file of this machine.
    Local {
        /// The path, with extras and marker.
        path: String,
        text: String,
    },
}

impl PipLine {
    /// Parses a line; the ranges of problems are of the line as given.
    pub fn parse(line: &str) -> Result<Self, Problem> {
        let range = trimmed(line, 0..line.len());
        if let Some(at) = line[range.clone()].find(['\n', '\r']) {
            return Err(Problem::new(
                Code::Requirement,
                range.start + at..range.end,
                "the entry has a line break in it",
            )
            .help("write each package as an entry of its own"));
        }
        let line = without_comment(&line[..range.end]).trim_end();
        if range.is_empty() {
            return Err(Problem::new(Code::EmptyEntry, range, "an empty entry")
                .help("write the name of a package, or remove the `-`"));
        }
        if line.len() <= range.start {
            return Err(Problem::new(Code::Requirement, range, "the entry is nothing but a comment")
                .help("write the name of a package, or make the entry a comment of the file"));
        }
        if line[range.start..].starts_with('-') {
            option_line(line, range.start)
        } else {
            package_line(line, range.start)
        }
    }

    /// The line, without blanks and comments round it.
    pub fn text(&self) -> &str {
        match self {
            Self::Requirement { text, .. }
            | Self::Options { text, .. }
            | Self::Url { text, .. }
            | Self::Editable { text, .. }
            | Self::RequirementsFile { text, .. }
            | Self::ConstraintsFile { text, .. }
            | Self::Local { text, .. } => text,
        }
    }
}

/// The line up to a `#` that begins it or follows a blank, which begins a comment for pip even in quotes.
fn without_comment(line: &str) -> &str {
    let begins_comment = |at: usize| line[..at].chars().next_back().is_none_or(char::is_whitespace);
    let comment = line.match_indices('#').find(|(at, _)| begins_comment(*at));
    comment.map_or(line, |(at, _)| &line[..at])
}

fn option_line(line: &str, start: usize) -> Result<PipLine, Problem> {
    let text = line[start..].to_owned();
    let mut options = options(line, start)?;
    for GivenOption { known, range, .. } in &options {
        if known.place == OptionPlace::BehindRequirement {
            let message = format!("`{}` must follow a requirement", known.name);
            return Err(Problem::new(Code::PipOption, range.clone(), message)
                .help(format!("write it after a requirement, as in `NAME==VERSION {}`", &line[start..])));
        }
        if options.len() > 1 && FILE_OPTIONS.contains(&known.name) {
            return Err(Problem::new(Code::PipOption, range.clone(), "the entry has more than one option")
                .help(format!("write `{}` as an entry of its own", &line[range.clone()])));
        }
    }
    Ok(match options.pop() {
        Some(GivenOption { known: KnownOption { name: "--editable", .. }, value: Some(path_or_url), .. }) => {
            PipLine::Editable { path_or_url, text }
        }
        Some(GivenOption { known: KnownOption { name: "--requirement", .. }, value: Some(path), .. }) => {
            PipLine::RequirementsFile { path, text }
        }
        Some(GivenOption { known: KnownOption { name: "--constraint", .. }, value: Some(path), .. }) => {
            PipLine::ConstraintsFile { path, text }
        }
        last => {
            let options = options.into_iter().chain(last).map(|it| (it.known.name.to_owned(), it.value)).collect();
            PipLine::Options { options, text }
        }
    })
}

fn package_line(line: &str, start: usize) -> Result<PipLine, Problem> {
    let text = line[start..].to_owned();
    let options_start = first_option(line, start);
    let end = start + line[start..options_start].trim_end().len();
    let options = options_behind(line, options_start)?;
    let package = &line[start..end];
    if let Some(url) = meant_by_ssh_address(package) {
        return Err(ssh_address(start..end, &named(&url)));
    }
    if is_local(package) {
        return Ok(PipLine::Local { path: package.to_owned(), text });
    }
    if is_url(package) {
        return Ok(PipLine::Url { url: package.to_owned(), named: named(&line[start..]), text });
    }
    let requirement = Requirement::parse_in(&line[start..], end - start).map_err(|it| moved(it, start))?;
    let (hashes, settings): (Vec<&GivenOption>, Vec<&GivenOption>) =
        options.iter().partition(|it| it.known.name == "--hash");
    Ok(PipLine::Requirement {
        requirement,
        hashes: hashes.into_iter().filter_map(|it| it.value.clone()).collect(),
        settings: settings.into_iter().map(GivenOption::with_equals).collect(),
        text,
    })
}

/// Where the options behind a package begin; pip takes the first word with a `-` in front for one.
fn first_option(line: &str, start: usize) -> usize {
    line[start..].find(" -").map_or(line.len(), |at| start + at + 1)
}

fn options_behind(line: &str, start: usize) -> Result<Vec<GivenOption>, Problem> {
    let options = options(line, start)?;
    for option in &options {
        if option.known.place == OptionPlace::OwnLine {
            let message = format!("`{}` does not belong after a requirement", option.known.name);
            return Err(Problem::new(Code::PipOption, option.range.clone(), message)
                .help(format!("write `{}` as an entry of its own", &line[option.range.clone()])));
        }
        if option.known.name == "--hash" && !option.value.as_deref().is_some_and(is_digest) {
            let message = "`--hash` needs the name of a digest and the digest in hexadecimal digits";
            return Err(Problem::new(Code::PipOption, option.range.clone(), message)
                .help("write `--hash=sha256:DIGEST`; `pip hash FILE` prints it"));
        }
    }
    Ok(options)
}

fn is_digest(value: &str) -> bool {
    let is_hexadecimal = |it: &str| !it.is_empty() && it.chars().all(|it| it.is_ascii_hexdigit());
    value.split_once(':').is_some_and(|(name, digest)| DIGESTS.contains(&name) && is_hexadecimal(digest))
}

/// Whether pip would look for the package on this machine.
/// The mistake of an address as ssh and git's command line have it.
fn ssh_address(range: std::ops::Range<usize>, better: &str) -> Problem {
    Problem::new(Code::Requirement, range, "an address of git's command line, which is no URL")
        .help(format!("write `{better}`"))
}

fn is_local(text: &str) -> bool {
    let is_path = ["./", "../", "/", "~/", "file:"].iter().any(|it| text.starts_with(it))
        || matches!(text.split('[').next(), Some("." | ".."));
    let is_word = !text.contains(|it: char| it.is_whitespace() || matches!(it, '@' | '=' | ';'));
    is_path || (is_word && (is_archive(text) || text.contains('/')) && !is_url(text))
}

fn moved(problem: Problem, by: usize) -> Problem {
    Problem { range: problem.range.start + by..problem.range.end + by, ..problem }
}

/// An option as it is written in a requirements file.
pub fn option(name: &str, value: Option<&str>) -> String {
    match value {
        Some(value) => format!("{name} {}", quote(value)),
        None => name.to_owned(),
    }
}

/// The canonical form: long names only for what has no common short one, and blanks only where they must be.
impl fmt::Display for PipLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Requirement { requirement, hashes, settings, .. } => {
                write!(f, "{requirement}")?;
                hashes.iter().try_for_each(|it| write!(f, " --hash={it}"))?;
                settings.iter().try_for_each(|it| write!(f, " {it}"))
            }
            Self::Options { options, .. } => {
                let words = options.iter().map(|(name, value)| option(name, value.as_deref()));
                f.write_str(&words.collect::<Vec<_>>().join(" "))
            }
            Self::Editable { path_or_url, .. } => write!(f, "-e {}", quote(path_or_url)),
            Self::RequirementsFile { path, .. } => write!(f, "-r {}", quote(path)),
            Self::ConstraintsFile { path, .. } => write!(f, "-c {}", quote(path)),
            Self::Local { text, .. } | Self::Url { text, .. } => f.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::cases::rows;
    use super::*;

    const REQUIREMENTS: &str = include_str!("../../tests/data/python/requirements.tsv");

    fn parse(line: &str) -> PipLine {
        PipLine::parse(line).unwrap_or_else(|problem| panic!("{line}: {problem:?}"))
    }

    fn mistake(line: &str) -> (Code, String) {
        let problem = PipLine::parse(line).unwrap_err();
        assert!(line.get(problem.range.clone()).is_some(), "{line}: {problem:?}");
        (problem.code, problem.help.unwrap())
    }

    #[test]
    fn every_kind_of_line_is_told_from_the_others() {
        for (line, canonical) in [
            (" numpy >= 1.26 # for all", "numpy>=1.26"),
            ("a==1 --hash=sha256:0a  --hash sha512:0b", "a==1 --hash=sha256:0a --hash=sha512:0b"),
            ("a --config-settings \"x=y z\" ", "a --config-settings='x=y z'"),
            ("a --global-option=--x", "a --global-option=--x"),
            ("a@https://e.org/x.whl#sha256=0a", "a @ https://e.org/x.whl#sha256=0a"),
            ("a @ https://e.org/x.whl ; os_name=='nt'", "a @ https://e.org/x.whl ; os_name == \"nt\""),
            ("-i https://e.org # why", "--index-url https://e.org"),
            ("--extra-index-url=https://e.org", "--extra-index-url https://e.org"),
            ("--no-index", "--no-index"),
            ("--pre -i https://e.org", "--pre --index-url https://e.org"),
            ("git+https://e.org/a.git", "git+https://e.org/a.git"),
            ("--find-links \"./my wheels\"", "--find-links './my wheels'"),
            ("--no-binary=:all:", "--no-binary :all:"),
            ("-e ../project[dev]", "-e ../project[dev]"),
            ("--editable=git+https://e.org/a#egg=a", "-e git+https://e.org/a#egg=a"),
            ("-r more.txt", "-r more.txt"),
            ("--constraint c.txt", "-c c.txt"),
            ("./a/b", "./a/b"),
            (".[dev]", ".[dev]"),
            ("file:///a/b.whl", "file:///a/b.whl"),
            ("wheels/a-1.0-py3-none-any.whl", "wheels/a-1.0-py3-none-any.whl"),
        ] {
            let parsed = parse(line);
            assert_eq!(parsed.to_string(), canonical, "{line}");
            assert_eq!(parse(canonical).to_string(), canonical);
            assert_eq!(parsed.text(), line.split(" #").next().unwrap().trim());
        }
    }

    #[test]
    fn requirements_are_read_as_without_pip() {
        for case in rows(REQUIREMENTS) {
            let Ok(requirement) = Requirement::parse(&case[0]) else { continue };
            // What pip takes for options, comments or paths is no requirement to it.
            if [" -", " #"].iter().any(|it| case[0].contains(it)) {
                continue;
            }
            let PipLine::Requirement { requirement: read, .. } = parse(&case[0]) else { panic!("{case:?}") };
            assert_eq!(read, requirement);
        }
    }

    #[test]
    fn mistakes_come_with_the_right_spelling() {
        for (line, code, help) in [
            ("torch=2.1", Code::PipSingleEquals, "write `torch==2.1`"),
            (" torch=2.1 --hash=sha256:0a", Code::PipSingleEquals, "write `torch==2.1 --hash=sha256:0a`"),
            ("git+git@e.org:o/tool.git", Code::Requirement, "write `tool @ git+ssh://git@e.org/o/tool.git`"),
            ("tool @ git@e.org:o/r.git", Code::Requirement, "write `git+ssh://git@e.org/o/r.git`"),
            ("a\nb", Code::Requirement, "write each package as an entry of its own"),
            ("--pre -r more.txt", Code::PipOption, "write `-r more.txt` as an entry of its own"),
            ("a --pre", Code::PipOption, "write `--pre` as an entry of its own"),
            ("a --no-deps", Code::PipOption, "leave out `--no-deps`"),
            ("--exta-index-url x", Code::PipOption, "write `--extra-index-url x`"),
            ("a --hash=md5:00", Code::PipOption, "write `--hash=sha256:DIGEST`; `pip hash FILE` prints it"),
        ] {
            assert_eq!(mistake(line), (code, help.to_owned()), "{line}");
        }
        assert_eq!(mistake("# numpy").0, Code::Requirement);
        assert_eq!(mistake("").0, Code::EmptyEntry);
        assert_eq!(mistake("--hash=sha256:0a").0, Code::PipOption);
        assert_eq!(mistake("é>=1").0, Code::Requirement);
    }
}
