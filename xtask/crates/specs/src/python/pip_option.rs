//! The options that pip reads in a requirements file.

use std::ops::Range;

use report::{Code, Problem, nearest};

use super::{
    line::corrected,
    words::{QuotedWord, quote, words},
};

/// An option that pip knows in a requirements file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct KnownOption {
    /// With its two dashes.
    pub name: &'static str,
    spellings: &'static [&'static str],
    placeholder: Option<&'static str>,
    pub place: OptionPlace,
}

impl KnownOption {
    /// Whether a text can be its value. Only options for build tools have options as values.
    fn takes(&self, value: &str) -> bool {
        !value.is_empty() && (self.place == OptionPlace::BehindRequirement || !value.starts_with('-'))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OptionPlace {
    /// In a line of its own, for the whole list.
    OwnLine,
    /// After a requirement, for this one only.
    BehindRequirement,
}

const fn line(
    name: &'static str,
    spellings: &'static [&'static str],
    placeholder: Option<&'static str>,
) -> KnownOption {
    KnownOption { name, spellings, placeholder, place: OptionPlace::OwnLine }
}

const fn behind(name: &'static str, spellings: &'static [&'static str], placeholder: &'static str) -> KnownOption {
    KnownOption { name, spellings, placeholder: Some(placeholder), place: OptionPlace::BehindRequirement }
}

/// Every option, the long names first.
///
/// Source: pip's documentation, "Requirements File Format", "Supported options".
const KNOWN: &[KnownOption] = &[
    line("--index-url", &["-i", "--pypi-url"], Some("URL")),
    line("--extra-index-url", &[], Some("URL")),
    line("--no-index", &[], None),
    line("--find-links", &["-f"], Some("URL")),
    line("--no-binary", &[], Some("NAME")),
    line("--only-binary", &[], Some("NAME")),
    line("--prefer-binary", &[], None),
    line("--require-hashes", &[], None),
    line("--pre", &[], None),
    line("--trusted-host", &[], Some("HOST")),
    line("--use-feature", &[], Some("FEATURE")),
    line("--editable", &["-e"], Some("PATH")),
    line("--requirement", &["-r", "--requirements"], Some("FILE")),
    line("--constraint", &["-c", "--constraints"], Some("FILE")),
    behind("--hash", &[], "sha256:DIGEST"),
    behind("--config-settings", &["-C", "--config-setting"], "KEY=VALUE"),
    behind("--global-option", &[], "OPTION"),
];

/// Options of `pip install` that people put into lists of packages, where pip does not take them.
const ON_THE_COMMAND_LINE: &[&str] = &[
    "--break-system-packages",
    "--cert",
    "--default-timeout",
    "--disable-pip-version-check",
    "--force-reinstall",
    "--ignore-installed",
    "--ignore-requires-python",
    "--no-build-isolation",
    "--no-cache-dir",
    "--no-compile",
    "--no-deps",
    "--no-input",
    "--no-warn-script-location",
    "--prefix",
    "--progress-bar",
    "--proxy",
    "--quiet",
    "--retries",
    "--root-user-action",
    "--target",
    "--timeout",
    "--upgrade",
    "--upgrade-strategy",
    "--use-pep517",
    "--user",
    "--verbose",
    "-U",
    "-q",
    "-t",
    "-v",
];

/// What uv has on its command line, and how pip's lists say it.
const OF_UV: &[(&str, &str)] =
    &[("--prerelease", "--pre"), ("--default-index", "--index-url URL"), ("--index", "--extra-index-url URL")];

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GivenOption {
    pub known: &'static KnownOption,
    /// Without quotes.
    pub value: Option<String>,
    /// The bytes of the line that it takes, with its value.
    pub range: Range<usize>,
}

impl GivenOption {
    /// As it is written after a requirement.
    pub fn with_equals(&self) -> String {
        format!("{}={}", self.known.name, quote(self.value.as_deref().unwrap_or_default()))
    }
}

/// All options of a line from a place on.
pub(super) fn options(line: &str, start: usize) -> Result<Vec<GivenOption>, Problem> {
    let mut words = words(line, start).map_err(|at| unclosed(line, at))?.into_iter().peekable();
    let mut options = Vec::new();
    while let Some(word) = words.next() {
        let spelling = Spelling::of(&word.text);
        let Some(known) = spelling.known() else { return Err(unknown(line, &word, spelling.name)) };
        let value = match (known.placeholder, spelling.value) {
            (None, None) => None,
            (None, Some(_)) => return Err(superfluous_value(line, &word, known)),
            (Some(_), Some(value)) if known.takes(value) => Some(value.to_owned()),
            (Some(placeholder), attached) => {
                let is_value = |it: &QuotedWord| attached.is_none() && known.takes(&it.text);
                let Some(next) = words.next_if(is_value) else { return Err(missing_value(&word, known, placeholder)) };
                options.push(GivenOption { known, range: word.range.start..next.range.end, value: Some(next.text) });
                continue;
            }
        };
        options.push(GivenOption { known, value, range: word.range });
    }
    Ok(options)
}

/// A word taken apart into the option's name and the value that is attached to it.
struct Spelling<'a> {
    name: &'a str,
    value: Option<&'a str>,
}

impl<'a> Spelling<'a> {
    /// `--long=value`, `--long`, `-s`, `-svalue`.
    fn of(word: &'a str) -> Self {
        if word.starts_with("--") || !word.starts_with('-') {
            return match word.split_once('=') {
                Some((name, value)) => Self { name, value: Some(value) },
                None => Self { name: word, value: None },
            };
        }
        let end = word.char_indices().nth(2).map_or(word.len(), |(at, _)| at);
        let (name, value) = word.split_at(end);
        Self { name, value: Some(value).filter(|it| !it.is_empty()) }
    }

    fn known(&self) -> Option<&'static KnownOption> {
        KNOWN.iter().find(|it| it.name == self.name || it.spellings.contains(&self.name))
    }
}

fn problem(range: Range<usize>, message: String) -> Problem {
    Problem::new(Code::PipOption, range, message)
}

fn unclosed(line: &str, at: usize) -> Problem {
    problem(at..line.len(), "a quote or backslash is not closed".to_owned()).help("close the quote, or leave it out")
}

fn unknown(line: &str, word: &QuotedWord, name: &str) -> Problem {
    let range = word.range.clone();
    if !name.starts_with('-') {
        return problem(range, format!("`{name}` does not belong to an option"))
            .help("write one value per option, and each option and each package as an entry of its own");
    }
    if let Some((_, ours)) = OF_UV.iter().find(|it| it.0 == name) {
        return problem(range, format!("`{name}` is an option of uv's command line")).help(format!("write `{ours}`"));
    }
    if name == "--no-build-isolation" {
        let message = "each package is built in an environment of its own, which `--no-build-isolation` cannot change";
        return problem(range, message.to_owned())
            .help("name a wheel of the package that needs others while it is built, as in `NAME @ https://e.org/NAME-1.0-cp312-cp312-linux_x86_64.whl`");
    }
    if ON_THE_COMMAND_LINE.contains(&name) {
        return problem(range, format!("pip takes `{name}` on its command line only"))
            .help(format!("leave out `{name}`"));
    }
    // A short name resembles nothing.
    let near = if name.starts_with("--") { nearest(name, KNOWN.iter().map(|it| it.name)) } else { None };
    // Most names begin alike, with dashes and a word such as `no`.
    let near = near.filter(|it| it.len().abs_diff(name.len()) <= name.len() / 3);
    let help = match near {
        Some(known) => {
            let name_range = range.start..range.start + name.len();
            let is_plain = line.get(name_range.clone()) == Some(name);
            let line = if is_plain { corrected_option(line, name_range, known) } else { known.to_owned() };
            format!("write `{line}`")
        }
        None => {
            "leave it out, or write one of the options of pip's requirements files, such as `--extra-index-url URL`"
                .to_owned()
        }
    };
    problem(range, format!("`{name}` is not an option that pip knows in a list of packages")).help(help)
}

/// The corrected line, in which the option stays apart from what stands before it.
fn corrected_option(line: &str, option: Range<usize>, replacement: &str) -> String {
    let is_first = line.get(..option.start).unwrap_or_default().trim().is_empty();
    corrected(line, option, &format!("{}{replacement}", if is_first { "" } else { " " }))
}

fn superfluous_value(line: &str, word: &QuotedWord, known: &KnownOption) -> Problem {
    let name = known.name;
    let line = corrected_option(line, word.range.clone(), name);
    problem(word.range.clone(), format!("`{name}` takes no value")).help(format!("write `{line}`"))
}

fn missing_value(word: &QuotedWord, known: &KnownOption, placeholder: &str) -> Problem {
    let name = known.name;
    let help = match known.place {
        OptionPlace::OwnLine => format!("put the value behind it, as in `{name} {placeholder}`"),
        OptionPlace::BehindRequirement => format!("put the value behind it, as in `{name}={placeholder}`"),
    };
    problem(word.range.clone(), format!("`{name}` has no value")).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(line: &str) -> Vec<(&'static str, Option<String>)> {
        options(line, 0).unwrap().into_iter().map(|it| (it.known.name, it.value)).collect()
    }

    fn help(line: &str) -> String {
        let problem = options(line, 0).unwrap_err();
        assert_eq!(problem.code, Code::PipOption, "{line}");
        problem.help.unwrap()
    }

    #[test]
    fn every_spelling_of_an_option_is_read() {
        for line in ["-i u", "-iu", "--index-url u", "--index-url=u", "--pypi-url  'u'"] {
            assert_eq!(given(line), [("--index-url", Some("u".to_owned()))], "{line}");
        }
        assert_eq!(given("--pre --hash=sha256:00"), [("--pre", None), ("--hash", Some("sha256:00".to_owned()))]);
    }

    #[test]
    fn mistakes_come_with_the_right_spelling() {
        assert_eq!(help("--extra-index-ulr https://e.org"), "write `--extra-index-url https://e.org`");
        assert_eq!(help("--extra-index-url"), "put the value behind it, as in `--extra-index-url URL`");
        assert_eq!(help("--index-url="), "put the value behind it, as in `--index-url URL`");
        assert_eq!(help("--index-url --pre"), "put the value behind it, as in `--index-url URL`");
        assert_eq!(help("--pre=1"), "write `--pre`");
        assert_eq!(help("--upgrade"), "leave out `--upgrade`");
        assert_eq!(help("--retries 10"), "leave out `--retries`");
        assert_eq!(help("--prerelease allow"), "write `--pre`");
        assert!(help("--no-build-isolation").starts_with("name a wheel"));
        assert!(help("--something-else").starts_with("leave it out"));
        assert!(help("-x").starts_with("leave it out"));
        assert_eq!(help("--hash"), "put the value behind it, as in `--hash=sha256:DIGEST`");
        assert_eq!(help("--pre numpy"), help("--index-url a b"));
        assert!(options("-é", 0).is_err() && options("--find-links 'x", 0).is_err());
    }
}
