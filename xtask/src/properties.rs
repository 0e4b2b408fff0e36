//! What holds for every input, whatever it is: the parsers do not panic, and what they print they read back.
//!
//! The tests below try texts made at random; the fuzz targets in `fuzz/` run the same functions on texts that a fuzzer
//! finds.

use std::fmt::Write as _;

use serde_json::json;

use crate::diagnostics::{Findings, Format, Source};
use crate::environment::conda::{self, MatchSpec};
use crate::environment::python::PipLine;
use crate::environment::{self, AptList, EnvironmentYml, Plan};
use crate::installation::{ComposeFile, Dockerfile};
use crate::project::{self, EnvFile, Pyproject, SolverChoice};

/// A match specification that is read is printed so that it is read as the same again.
pub fn match_spec(text: &str) {
    let Ok(spec) = MatchSpec::parse(text) else { return };
    for problem in conda::suspicious(&spec) {
        assert!(spec.text.get(problem.range).is_some(), "a place outside {text:?}");
    }
    _ = conda::pep440(&spec);
    let printed = spec.to_string();
    let again = MatchSpec::parse(&printed).unwrap_or_else(|why| panic!("{text:?} is printed as {printed:?}: {why:?}"));
    assert_eq!(MatchSpec { text: String::new(), ..again }, MatchSpec { text: String::new(), ..spec }, "{text:?}");
}

/// A line of a requirements file that is read is printed so that it is read as the same again.
pub fn pip_line(text: &str) {
    let Ok(line) = PipLine::parse(text) else { return };
    let printed = line.to_string();
    let again = PipLine::parse(&printed).unwrap_or_else(|why| panic!("{text:?} is printed as {printed:?}: {why:?}"));
    assert_eq!(again.to_string(), printed, "{text:?}");
}

/// A list of system packages that is read is printed so that it is read as the same again.
pub fn apt_list(text: &str) {
    let (list, findings) = parsed(text, AptList::parse);
    shown(&findings);
    let (again, more) = parsed(&list.to_string(), AptList::parse);
    assert!(more.is_empty(), "{text:?} is printed as {list}: {more}");
    assert_eq!(again.normalised(), list.normalised(), "{text:?}");
}

/// The settings that are read are written so that they are read as the same again.
pub fn dotenv(text: &str) {
    let (file, findings) = parsed(text, EnvFile::parse);
    shown(&findings);
    let source = Source::new(".env", text);
    for name in project::variable_names() {
        let Some(value) = file.get(name).map(|it| it.value.clone()) else { continue };
        // Not every value can be written so that everybody reads it alike.
        let Ok(written) = project::set(&source, name, &value) else { continue };
        let (again, _) = parsed(&written, EnvFile::parse);
        assert_eq!(again.get(name).map(|it| &it.value), Some(&value), "{text:?} is written as {written:?}");
        _ = project::unset(&source, name);
    }
}

/// An `environment.yml` that is read without an error is printed so that it is read as the same again.
pub fn environment_yml(text: &str) {
    let (environment, mut findings) = parsed(text, EnvironmentYml::parse);
    let source = Source::new("f", text);
    environment::check_lists(&environment, &source, &mut findings);
    _ = Plan::new(&environment, SolverChoice::Auto, &source, &mut findings);
    shown(&findings);
    if findings.has_errors() {
        return;
    }
    let printed = printed(&environment);
    let (again, more) = parsed(&printed, EnvironmentYml::parse);
    assert!(!more.has_errors(), "{text:?} is printed as {printed}: {more}");
    assert_eq!(self::printed(&again), printed, "{text:?}");
}

/// No file of the installation, and no `pyproject.toml`, makes a parser panic.
pub fn other_files(text: &str) {
    for findings in
        [parsed(text, Dockerfile::parse).1, parsed(text, ComposeFile::parse).1, parsed(text, Pyproject::parse).1]
    {
        shown(&findings);
    }
}

fn parsed<T>(text: &str, parse: impl Fn(&Source, &mut Findings) -> T) -> (T, Findings) {
    let mut findings = Findings::default();
    let value = parse(&Source::new("f", text), &mut findings);
    (value, findings)
}

/// Every finding can be shown: its places are in its line.
fn shown(findings: &Findings) {
    for format in [Format::Pretty { colour: false }, Format::Short, Format::Json, Format::Github] {
        _ = format.render(findings);
    }
}

/// The environment as YAML; JSON is YAML.
fn printed(environment: &EnvironmentYml) -> String {
    let mut text = String::new();
    if let Some(name) = &environment.name {
        _ = writeln!(text, "name: {}", json!(name));
    }
    let channels: Vec<String> = environment.channels.iter().map(ToString::to_string).collect();
    _ = writeln!(text, "channels: {}\nvariables: {}\ndependencies:", json!(channels), json!(environment.variables));
    for (spec, _) in &environment.conda {
        _ = writeln!(text, "  - {}", json!(spec.to_string()));
    }
    let pip: Vec<String> = environment.pip.iter().map(|(line, _)| line.to_string()).collect();
    _ = writeln!(text, "  - pip: {}", json!(pip));
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Texts of the words that an input is made of, in any order, with anything at all in between.
    fn texts(words: &'static [&'static str]) -> impl Strategy<Value = String> {
        let word =
            prop_oneof![8 => prop::sample::select(words).prop_map(str::to_owned), 1 => ".{0,3}".prop_map(|it| it)];
        prop::collection::vec(word, 0..24).prop_map(|it| it.concat())
    }

    #[test]
    fn what_a_fuzzer_has_found_stays_mended() {
        match_spec("https:x_0.coNda");
        pip_line("a; extra==\"b .c,<2; _d=\"");
        dotenv("USR=\r#x\n");
    }

    proptest! {
        #[test]
        fn match_specs(text in texts(&[
            "numpy", "conda-forge::", "pytorch/linux-64::", "=", "==", ">=", "<", "!=", "~=", "1", ".2", ".*", "*", "|",
            ",", " ", "[", "]", "version=", "build=", "'", "\"", "py3*", "(", ")", "1!2", "https://e.org/x", "_", "-", "^$",
        ])) {
            match_spec(&text);
        }

        #[test]
        fn pip_lines(text in texts(&[
            "numpy", "[x,y]", "==", ">=", "~=", "=", "1.2", ".*", ",", " ", ";", "python_version", "<", "'3'", "and",
            "(", ")", "@", "git+https://e.org/x.git", "#egg=a", "--hash=sha256:00", "--pre", "-r", "-e", "=", "./x", "not in",
        ])) {
            pip_line(&text);
        }

        #[test]
        fn apt_lists(text in texts(&["vim", "libc6", ":arm64", "=", "2:9.0-1", "/stable", "\n", " ", "#", "-", ";", "+", "é"])) {
            apt_list(&text);
        }

        #[test]
        fn env_files(text in texts(&[
            "USR", "GRP", "USRID", "=", "'", "\"", "$", "${HOME}", "\\", " ", "#", "\n", "\r", "a", "é", "~", "`", "export ",
        ])) {
            dotenv(&text);
        }

        #[test]
        fn environments(text in texts(&[
            "dependencies:", "\n", "  ", "- ", "pip:", "python", "numpy", "=1.2", ">=3", "channels:", "[", "]", "{", "}", ": ",
            "&a ", "*a", "'", "\"", "|", "#", "variables:", "name", "---", "\t", "é",
        ])) {
            environment_yml(&text);
        }

        #[test]
        fn other_texts(text in texts(&[
            "FROM", " ", "a", "AS", "\n", "\\\n", "ARG", "X", "=", "COPY", "--from=", "RUN", "--mount=type=bind,source=", "#",
            "services:", "  ", ": ", "- ", "${", "}", ":-", "$", "[project]", "name", "'", "[", "]", "&a", "*a", "<<", "<<EOF",
        ])) {
            other_files(&text);
        }
    }
}
