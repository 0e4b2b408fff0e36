//! Requests to solvers: what they would install on a platform that need not be this machine's.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use specs::python::{PipLine, SpecifierSet, Version, normalised};

use super::{CondaFile, Upgrade, request::python_platform};
use crate::{
    EnvironmentYml, InstallPlan, Platform,
    snapshot::{CondaRecord, CondaRecordFields, requirement_of},
};

/// The C library that is assumed where none is known: what uv assumes.
///
/// Source: uv's reference, `--python-platform`.
const GLIBC: &str = "2.28";
/// The macOS that is assumed: what uv assumes.
const MACOS: &str = "13.0";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SolveGoal<'a> {
    pub platform: &'a Platform,
    /// Its C library, such as `glibc 2.36`, where it is known.
    pub libc: Option<&'a str>,
    /// What may become another version than is locked.
    pub upgrade: &'a Upgrade,
}

/// The files that uv reads and writes; it reads the last one before, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PipFiles<'a> {
    pub requirements: &'a str,
    /// Versions that conda brings, which uv must not contradict.
    pub constraints: &'a str,
    /// The previous `pylock.toml`, if there was one, which uv overwrites with the new one.
    pub pylock: &'a str,
}

impl SolveGoal<'_> {
    /// uv's arguments. It keeps the versions and commits of the output file that is there already, unless they cannot be
    /// kept. `of_conda` are distributions that conda brings.
    ///
    /// Tried with uv 0.13.9: it reads any valid `pylock.toml` that way, and gives for each distribution the one wheel that
    /// fits best and the source archive, with their digests.
    pub fn pip_arguments(&self, python: &str, files: PipFiles, of_conda: &BTreeSet<String>) -> Vec<String> {
        let platform = python_platform(self.platform, self.libc);
        let fixed = ["pip", "compile", "--quiet", "--no-header", "--no-annotate", "--format", "pylock.toml"];
        let mut arguments: Vec<String> = fixed.map(str::to_owned).into();
        arguments.extend(["--python-version", python, "--python-platform", &platform].map(str::to_owned));
        arguments.extend(["--constraints", files.constraints, "--output-file", files.pylock].map(str::to_owned));
        arguments.extend(of_conda.iter().flat_map(|it| ["--no-emit-package".to_owned(), it.clone()]));
        arguments.extend(self.upgrade.arguments());
        arguments.push(files.requirements.to_owned());
        arguments
    }

    /// micromamba's arguments: it makes nothing in `prefix`, and prints what [`conda_records`] reads. `None` where conda
    /// knows no such platform.
    pub fn conda_arguments(&self, prefix: &str, file: &str) -> Option<Vec<String>> {
        let fixed = ["create", "--yes", "--dry-run", "--json", "--platform", self.platform.conda_subdir()?];
        Some(fixed.into_iter().chain(["--prefix", prefix, "--file", file]).map(str::to_owned).collect())
    }

    /// The variable by which micromamba assumes another system than the one that it runs on.
    ///
    /// Source: conda's documentation, "Managing virtual packages".
    pub fn conda_override(&self) -> (&'static str, String) {
        if self.platform.is_macos() {
            return ("CONDA_OVERRIDE_OSX", MACOS.to_owned());
        }
        let known = self.libc.and_then(|it| it.strip_prefix("glibc "));
        ("CONDA_OVERRIDE_GLIBC", known.unwrap_or(GLIBC).to_owned())
    }
}

/// The requirements file of a plan, for a solver that has no digests yet to require.
pub fn pip_requirements(plan: &InstallPlan) -> String {
    plan.requirements.lines().filter(|it| *it != "--require-hashes").map(|it| format!("{it}\n")).collect()
}

/// Reads micromamba's answer; the error says why there is none.
///
/// Source: libmamba's `MTransaction::log_json`, as conda's `--json`.
pub fn conda_records(json: &str) -> Result<Vec<CondaRecord>, String> {
    let answer: CondaAnswer = serde_json::from_str(json).map_err(|_| "it printed no JSON".to_owned())?;
    let Some(packages) = answer.actions.and_then(|it| it.link) else {
        let reason = answer.solver_problems.or(answer.message).or(answer.error);
        return Err(reason.map_or_else(|| "it printed no packages".to_owned(), |it| it.to_string()));
    };
    // Tokens in URLs are left out of the lock, and need no warning here.
    Ok(packages.into_iter().filter_map(|it| it.record(&mut |_| {})).collect())
}

/// What `micromamba create --dry-run --json` prints: actions, or a reason why there are none.
#[derive(Default, Deserialize)]
#[serde(default)]
struct CondaAnswer {
    actions: Option<CondaActions>,
    solver_problems: Option<Value>,
    message: Option<Value>,
    error: Option<Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CondaActions {
    #[serde(rename = "LINK")]
    link: Option<Vec<CondaRecordFields>>,
}

/// The distributions that come with conda packages and that the `pip:` section does not list, by normalised name, with
/// their versions: packages of the section have to be compatible with them.
pub fn conda_distributions(files: &[CondaFile], environment: &EnvironmentYml) -> Vec<(String, Version)> {
    let listed = environment.pip.iter().filter_map(|(line, _)| requirement_name(line));
    let listed: BTreeSet<String> = listed.collect();
    let packages = files.iter().filter_map(CondaFile::name_version_build);
    // Builds of Python's packages are called `py312…` and `pyhd…`; others only share a name with a distribution by chance.
    let packages = packages.filter(|(_, _, build)| build.starts_with("py"));
    let packages = packages.filter_map(|(name, version, _)| Some((normalised(name), Version::parse(version)?)));
    packages.filter(|(name, _)| !listed.contains(name)).collect()
}

fn requirement_name(line: &PipLine) -> Option<String> {
    requirement_of(line).map(|(requirement, _)| normalised(&requirement.name))
}

/// The first candidate that PEP 440 `specifiers` allow; empty ones allow any.
pub fn first_python(specifiers: &str, mut candidates: impl Iterator<Item = String>) -> Option<String> {
    let specifiers = SpecifierSet::parse(specifiers).ok()?;
    candidates.find(|it| Version::parse(it).is_some_and(|it| specifiers.contains(&it)))
}

/// The one version of Python that specifiers allow, if it is one: conda's `python=3.12.4` is `==3.12.4.*` to PEP 440.
pub fn exact_python(specifiers: &str) -> Option<String> {
    let version = specifiers.trim().strip_prefix("==")?.trim_start_matches('=').trim();
    let version = version.strip_suffix(".*").unwrap_or(version);
    let is_full = version.split('.').count() == 3 && Version::parse(version).is_some();
    is_full.then(|| version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EnvironmentFile;
    use report::Source;

    fn platform(text: &str) -> Platform {
        Platform::parse(text).unwrap()
    }

    #[test]
    fn uv_is_asked_for_another_platform_and_told_what_is_to_stay() {
        let files = PipFiles { requirements: "r.txt", constraints: "c.txt", pylock: "pylock.toml" };
        let arguments = |upgrade: &Upgrade, conda: &[&str]| {
            let platform = platform("linux/arm64");
            let goal = SolveGoal { platform: &platform, libc: None, upgrade };
            goal.pip_arguments("3.11.2", files, &conda.iter().map(|it| (*it).to_owned()).collect()).join(" ")
        };
        let start = "pip compile --quiet --no-header --no-annotate --format pylock.toml --python-version 3.11.2 \
                     --python-platform aarch64-unknown-linux-gnu --constraints c.txt --output-file pylock.toml";
        assert_eq!(arguments(&Upgrade::Nothing, &[]), format!("{start} r.txt"));
        assert_eq!(arguments(&Upgrade::All, &["numpy"]), format!("{start} --no-emit-package numpy --upgrade r.txt"));
        let some = Upgrade::Packages(["a".to_owned(), "b".to_owned()].into());
        assert_eq!(arguments(&some, &[]), format!("{start} --upgrade-package a --upgrade-package b r.txt"));
    }

    #[test]
    fn micromamba_is_asked_for_another_platform_on_another_system() {
        let goal = |name: &str, libc| {
            let platform = platform(name);
            let goal = SolveGoal { platform: &platform, libc, upgrade: &Upgrade::Nothing };
            (goal.conda_arguments("/p", "conda.yml").map(|it| it.join(" ")), goal.conda_override())
        };
        let (arguments, variable) = goal("linux/arm64", None);
        let expected = "create --yes --dry-run --json --platform linux-aarch64 --prefix /p --file conda.yml";
        assert_eq!(arguments.as_deref(), Some(expected));
        assert_eq!(variable, ("CONDA_OVERRIDE_GLIBC", "2.28".to_owned()));
        assert_eq!(goal("linux/amd64", Some("glibc 2.36")).1.1, "2.36");
        assert_eq!(goal("osx/arm64", None).1.0, "CONDA_OVERRIDE_OSX");
        assert_eq!(goal("linux/riscv64", None).0, None);
    }

    #[test]
    fn micromambas_answer_is_read() {
        let json = r#"{"actions": {"LINK": [{"name": "mkl", "version": "1", "build_string": "h0", "url":
            "https://tok@e.org/c/linux-64/mkl-1-h0.conda", "depends": ["zlib >=1"]}]}, "success": true}"#;
        let records = conda_records(json).unwrap();
        assert_eq!((records[0].name.as_str(), records[0].build.as_str()), ("mkl", "h0"));
        assert_eq!(records[0].url.as_deref(), Some("https://e.org/c/linux-64/mkl-1-h0.conda"));
        assert_eq!(conda_records("oops").unwrap_err(), "it printed no JSON");
        let failed = r#"{"success": false, "solver_problems": ["nothing provides mkl"]}"#;
        assert_eq!(conda_records(failed).unwrap_err(), "[\"nothing provides mkl\"]");
        assert_eq!(conda_records("{}").unwrap_err(), "it printed no packages");
    }

    #[test]
    fn what_pip_adds_has_to_fit_to_what_conda_brings() {
        let file = |name: &str| CondaFile { url: format!("https://e.org/c/linux-64/{name}.conda"), hash: None };
        let files =
            ["numpy-1.26.4-py312_0", "Rich-14.0-pyhd8ed1ab_0", "zstd-1.5.6-h0", "odd-x-py_0", "torch-2.5.1-py312_0"];
        let files = files.map(file);
        let source = Source::new("environment.yml", "dependencies: [python, pip: [torch>=2.6, tqdm]]\n");
        let environment = EnvironmentFile::parse(source);
        let constraints: Vec<String> = conda_distributions(&files, environment.environment())
            .iter()
            .map(|(name, version)| format!("{name}=={version}"))
            .collect();
        assert_eq!(constraints, ["numpy==1.26.4", "rich==14.0"]);
    }

    #[test]
    fn the_first_python_that_is_asked_for_is_taken() {
        let first =
            |specifiers: &str| first_python(specifiers, ["3.10.1", "3.12.4", "3.11.2"].map(str::to_owned).into_iter());
        assert_eq!(first("").as_deref(), Some("3.10.1"));
        assert_eq!(first(">=3.11").as_deref(), Some("3.12.4"));
        assert_eq!(first("==3.11.*").as_deref(), Some("3.11.2"));
        assert_eq!(first(">=3.13"), None);
        assert_eq!(exact_python("==3.11.2").as_deref(), Some("3.11.2"));
        assert_eq!(exact_python("==3.11.2.*").as_deref(), Some("3.11.2"));
        assert_eq!((exact_python("==3.11.*"), exact_python(">=3.11.2"), exact_python("")), (None, None, None));
    }
}
