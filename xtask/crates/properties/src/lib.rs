//! What holds for every input, whatever it is: the parsers do not panic, and what they print they read back.
//!
//! The tests below try texts made at random; the fuzz targets in `fuzz/` run the same functions on texts that a fuzzer
//! finds.

#![allow(clippy::missing_panics_doc, reason = "a property that does not hold panics: that is what it is for")]

use std::fmt::Write as _;

use serde_json::json;

use environment::{
    self, AptList, EnvironmentFile, EnvironmentYml, InstallPlan,
    freeze::{self, AddedSpec, FrozenFile, InstalledPackages, PackageList, Pin, Pins},
};
use installation::{ComposeFile, Dockerfile};
use project::{self, EnvFile, Pyproject, SolverChoice};
use report::{Findings, Format, Source};
use specs::{
    conda::{self, MatchSpec},
    python::PipLine,
};

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
        let Ok(written) = project::set_variable(&source, name, &value) else { continue };
        let (again, _) = parsed(&written, EnvFile::parse);
        assert_eq!(again.get(name).map(|it| &it.value), Some(&value), "{text:?} is written as {written:?}");
        _ = project::unset_variable(&source, name);
    }
}

/// An `environment.yml` that is read without an error is printed so that it is read as the same again.
pub fn environment_yml(text: &str) {
    let file = environment_file(text);
    let mut findings = file.findings().clone();
    environment::check_lists(&file, &mut findings);
    _ = InstallPlan::new(&file, SolverChoice::Auto, &mut findings);
    shown(&findings);
    if findings.has_errors() {
        return;
    }
    let printed = printed(file.environment());
    let again = environment_file(&printed);
    assert!(!again.findings().has_errors(), "{text:?} is printed as {printed}: {}", again.findings());
    assert_eq!(self::printed(again.environment()), printed, "{text:?}");
}

fn environment_file(text: &str) -> EnvironmentFile {
    EnvironmentFile::parse(Source::new("f", text))
}

/// An `environment.yml` is frozen and thawed so that nothing of it is lost, or refused. Tells whether it was never refused.
pub fn freeze(text: &str) -> bool {
    let file = environment_file(text);
    let intent = file.thawed();
    let pins = pins(&file, &intent);
    let by_hand = [
        AddedSpec::Conda { channel: Some("c".to_owned()), name: "by-hand".to_owned(), version: "1".to_owned() },
        AddedSpec::Pip { name: "By_Hand".to_owned(), pin: Pin::Version("1".to_owned()) },
    ];
    let others = [
        AddedSpec::Conda { channel: None, name: "other".to_owned(), version: "2".to_owned() },
        AddedSpec::Pip { name: "Other".to_owned(), pin: Pin::Url("https://e.org/o.whl#sha256=0a".to_owned()) },
    ];
    let mut is_accepted = true;
    for (added, transitive) in
        [(&[][..], None), (&by_hand, None), (&[], Some(&others[..])), (&by_hand, Some(&others[..]))]
    {
        let applies = |line: &PipLine| !line.text().contains("elsewhere");
        let installed = InstalledPackages { pins: &pins, added, transitive, applies: &applies };
        let frozen = match freeze::freeze(&file, &installed) {
            Ok(edited) => edited.file.text().to_owned(),
            Err(findings) => {
                shown(&findings);
                is_accepted = false;
                continue;
            }
        };
        let text_of = |edited: Result<FrozenFile, Findings>| edited.map(|it| it.file.text().to_owned());
        let again = freeze::freeze(&environment_file(&frozen), &installed);
        assert_eq!(text_of(again).as_ref(), Ok(&frozen), "{text:?} is not frozen at once");
        let thawed = environment_file(&frozen).thawed().text().to_owned();
        let by_thaw = freeze::thaw(&environment_file(&frozen), &[]);
        assert_eq!(text_of(by_thaw).as_ref(), Ok(&thawed), "{text:?} is frozen as {frozen:?}");
        let again = freeze::freeze(&environment_file(&thawed), &installed);
        assert_eq!(text_of(again).as_ref(), Ok(&frozen), "{text:?} is thawed as {thawed:?}");
        if added.is_empty() && !text.contains("added by freeze") {
            assert_eq!(thawed, intent.text(), "{text:?} is frozen as {frozen:?}");
            if transitive.is_none() {
                only_specs_differ(intent.text(), &frozen);
            }
        }
    }
    is_accepted
}

/// What is added to an `environment.yml` leaves no trace once it is removed again, but for a section that had no packages.
pub fn add_and_remove(text: &str) {
    let file = environment_file(text);
    let is_section_empty = file.environment().pip_at.is_some() && file.environment().pip.is_empty();
    for list in [PackageList::Conda, PackageList::Pip] {
        let [specs, names] = [["zz-new>=1", "ZZ-other"], ["zz-other", "zz-new"]].map(|it| it.map(str::to_owned));
        match freeze::add(&file, Some(list), &specs) {
            Err(findings) => shown(&findings),
            Ok(added) => match freeze::remove(&added.file, Some(list), &names) {
                Err(findings) => panic!("{text:?} became {:?}, and then {findings}", added.file.text()),
                Ok(_) if list == PackageList::Pip && is_section_empty => {}
                Ok(removed) => assert_eq!(removed.file.text(), text, "by way of {:?}", added.file.text()),
            },
        }
    }
}

/// Something installed for each package of a file, and for each that it was frozen from.
fn pins(file: &EnvironmentFile, intent: &EnvironmentFile) -> Pins {
    let mut pins = Pins::default();
    for environment in [file.environment(), intent.environment()] {
        for (spec, _) in &environment.conda {
            let version = format!("1.{}", spec.name.len() % 3);
            let build = format!("h{}_mkl", spec.name.len() % 2);
            pins.conda(&spec.name, Pin::Build { version, build });
        }
        for (line, _) in &environment.pip {
            let PipLine::Requirement { requirement, .. } = line else { continue };
            let version = Pin::Version(format!("1.{}+cpu", requirement.name.len()));
            let url = Pin::Url("git+https://e.org/r@0123456789abcdef0123456789abcdef01234567".to_owned());
            pins.pip(&requirement.name, if requirement.url().is_some() { url } else { version });
        }
    }
    pins
}

/// Each line is as it was, or has another spec where it had the one that is now at its end.
fn only_specs_differ(before: &str, after: &str) {
    assert_eq!(before.matches('\n').count(), after.matches('\n').count(), "{before:?} and {after:?}");
    // A carriage return at the very end of a file is a line's end, too.
    let lines = |text: &str| text.lines().map(|it| it.trim_end_matches('\r').to_owned()).collect::<Vec<_>>();
    for (old, new) in lines(before).iter().zip(&lines(after)) {
        // Two of them may share a blank.
        let mut marks = new.char_indices().filter_map(|(at, _)| Some((at, new[at..].strip_prefix("  # intent: ")?)));
        let is_moved = marks.any(|(at, spec)| {
            old.match_indices(spec).any(|(start, _)| {
                let (ahead, behind) = (&old[..start], &old[start + spec.len()..]);
                new.starts_with(ahead) && new[..at].ends_with(behind) && ahead.len() + behind.len() < at
            })
        });
        assert!(old == new || is_moved, "{old:?} has become {new:?}");
    }
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
    let channels: Vec<String> = environment.channels.iter().map(|it| it.0.to_string()).collect();
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
        freeze("dependencies:\n  - python=3.11\n  - b\r");
        freeze("dependencies:\n  - a- b=1.0  # intent:\n");
        freeze("dependencies:\n  - python=3.11\n  - b\t\r");
        freeze("dependencies:\n  - a=1.0  # intent: a=3.0  # intent: a=3.1\n");
    }

    #[test]
    fn what_public_projects_have_is_frozen_and_thawed() {
        for (name, text) in [
            ("diffusion-policy", include_str!("../../environment/tests/data/projects/diffusion-policy.yml")),
            ("esm", include_str!("../../environment/tests/data/projects/esm.yml")),
            ("geopandas-dev", include_str!("../../environment/tests/data/projects/geopandas-dev.yml")),
            ("invokeai-mac", include_str!("../../environment/tests/data/projects/invokeai-mac.yml")),
            ("matplotlib", include_str!("../../environment/tests/data/projects/matplotlib.yml")),
            ("pandas-ci", include_str!("../../environment/tests/data/projects/pandas-ci.yml")),
            ("pangeo-ml", include_str!("../../environment/tests/data/projects/pangeo-ml.yml")),
            ("scipy", include_str!("../../environment/tests/data/projects/scipy.yml")),
            ("stable-diffusion", include_str!("../../environment/tests/data/projects/stable-diffusion.yml")),
            ("task-vectors", include_str!("../../environment/tests/data/projects/task-vectors.yml")),
        ] {
            assert!(freeze(text), "{name}");
            add_and_remove(text);
        }
    }

    /// A package's entry in one of many layouts; its name has a number of its own.
    fn entries(specs: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
        let quotes = prop::sample::select(&["", "'", "\""]);
        let behind = prop::sample::select(&[
            "",
            "",
            " ",
            "  # why",
            " # intent: fast",
            "\t# é ",
            "  # intent: numpy >=1",
            "   # a  # intent: ",
        ]);
        let entry = (prop::sample::select(&["a", "B_c", "d.e-f"]), prop::sample::select(specs), quotes, behind);
        prop::collection::vec(entry, 0..6).prop_map(|entries| {
            let numbered = entries.into_iter().enumerate();
            numbered
                .map(|(number, (name, spec, quote, behind))| {
                    let text = spec.replace("NAME", &format!("{name}{number}"));
                    let text = if quote == "'" { text.replace('\'', "''") } else { text };
                    format!("{quote}{text}{quote}{behind}")
                })
                .collect()
        })
    }

    /// Files such as people write.
    fn environment_files() -> impl Strategy<Value = String> {
        let conda = entries(&[
            "NAME",
            "NAME >=1.2,<3",
            "NAME=1.1",
            "NAME==1.2",
            "c::NAME",
            "c/linux-64::NAME>2",
            "NAME=1.*=*cuda*",
            "NAME[version='>1',build=py3*]",
            "NAME*",
        ]);
        let pip = entries(&[
            "NAME",
            "NAME>=1.2 ,<3",
            "NAME == 1.2",
            "NAME[x, y]~=1.0; python_version<'3.13'",
            "NAME @ git+https://e.org/r@main",
            "git+https://e.org/NAME.git@v1",
            "-e git+https://e.org/r#egg=NAME",
            "NAME ; sys_platform == 'elsewhere'",
            "NAME>1 --hash=sha256:0a",
            "--find-links https://e.org/NAME",
            "https://e.org/NAME/archive/main.zip",
        ]);
        let layout = (
            prop::sample::select(&["  - ", "- ", "  -   "]),
            prop::sample::select(&["\n", "\r\n"]),
            prop::sample::select(&["", "\u{feff}", "# c\n\nname: x\nchannels: [c]\n"]),
            prop::sample::select(&["", "\n", "\n# end", "\n\nvariables: {A: '1'}\n"]),
            any::<bool>(),
        );
        (conda, pip, layout).prop_map(|(conda, pip, (dash, line_end, head, end, has_section))| {
            let mut lines = vec![format!("{head}dependencies:"), format!("{dash}python")];
            lines.extend(conda.iter().map(|it| format!("{dash}{it}")));
            if has_section {
                lines.push(format!("{}# pip's", " ".repeat(dash.len())));
                lines.push(format!("{dash}pip:"));
                lines.extend(pip.iter().map(|it| format!("{}{dash}{it}", " ".repeat(dash.len()))));
            }
            format!("{}{end}", lines.join("\n")).replace('\n', line_end)
        })
    }

    proptest! {
        // Each is frozen and thawed many times over.
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn written_environments_are_frozen_and_thawed(text in environment_files()) {
            prop_assert!(freeze(&text), "it was refused");
            add_and_remove(&text);
        }
    }

    proptest! {

        #[test]
        fn any_environments_are_frozen_and_thawed(text in texts(&[
            "dependencies:\n", "\n", "- ", "- pip:\n", "  - ", "numpy", "torch", "=1.2", "==1.2", ">=3", "[", "]", "{", "}", ", ",
            "'", "\"", "|", " ", "  # intent: ", "  # intent: numpy", "  # added by freeze", "\r\n", "\t", "é",
            "# >>> brought by the packages above, written by cargo xtask freeze --full\n",
            "# <<< brought by the packages above\n", "dependencies:\n- numpy=1.2  # intent: numpy\n",
        ])) {
            freeze(&text);
            add_and_remove(&text);
        }

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
