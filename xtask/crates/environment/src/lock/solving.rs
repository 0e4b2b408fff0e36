//! Requests to solvers: what they would install on a platform that need not be this machine's.

use std::collections::BTreeMap;

use process::files::{FileTree, NewFile};
use project::Variant;
use specs::python::{SpecifierSet, Version};

use super::{PYLOCK, Upgrade, request::python_platform, toml_text::pair};
use crate::{InstallPlan, Platform};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SolveGoal<'a> {
    pub platform: &'a Platform,
    /// Its C library, such as `glibc 2.36`, where it is known.
    pub libc: Option<&'a str>,
    /// What may become another version than is locked.
    pub upgrade: &'a Upgrade,
    /// Whose packages of PyTorch's are wanted, where they are not PyPI's.
    pub variant: Option<&'a Variant>,
    /// Whether a version that is not final may be chosen where nobody asks for it by name: `--pre` in pip's list.
    pub has_prereleases: bool,
}

impl SolveGoal<'_> {
    /// uv's arguments but for Python's version, where `requirements.txt` and `constraints.txt` are. It keeps the versions and commits of the
    /// `pylock.toml` that is there already, unless they cannot be kept, and overwrites it. `of_conda` are distributions that
    /// conda brings.
    ///
    /// Tried with uv 0.13.9: it reads any valid `pylock.toml` that way, and gives for each distribution the one wheel that
    /// fits best and the source archive, with their digests.
    pub fn pip_arguments<'b>(&self, of_conda: impl Iterator<Item = &'b str>) -> Vec<String> {
        let platform = python_platform(self.platform, self.libc);
        let fixed = ["pip", "compile", "--quiet", "--no-header", "--no-annotate", "--format", "pylock.toml"];
        let mut arguments: Vec<String> = fixed.map(str::to_owned).into();
        arguments.extend(["--python-platform", &platform].map(str::to_owned));
        let backend = self.variant.and_then(Variant::torch_backend);
        arguments.extend(backend.into_iter().flat_map(|it| ["--torch-backend".to_owned(), it]));
        arguments
            .extend(self.has_prereleases.then_some(["--prerelease", "allow"]).into_iter().flatten().map(str::to_owned));
        arguments.extend(["--constraints", "constraints.txt", "--output-file", PYLOCK].map(str::to_owned));
        arguments.extend(of_conda.flat_map(|it| ["--no-emit-package".to_owned(), it.to_owned()]));
        arguments.extend(self.upgrade.arguments());
        arguments.push("requirements.txt".to_owned());
        arguments
    }
}

/// The constraints by which uv takes conda's distributions as given, and the files that these name: projects without any
/// dependencies, for what conda's packages need is conda's to bring. An index need not have their versions, and what it says
/// of them, such as that torch needs a gigabyte of NVIDIA's libraries, is not true of conda's.
///
/// Tried with uv 0.13.9: a constraint may name a directory, and a static `pyproject.toml` in it is read without building.
pub fn given_by_conda(distributions: &BTreeMap<String, String>) -> (String, FileTree) {
    let (mut constraints, mut tree) = (String::new(), FileTree::new());
    for (name, version) in distributions {
        let Some(version) = Version::parse(version) else { continue };
        constraints += &format!("{name} @ ./of-conda/{name}\n");
        let project = "[project]\n".to_owned() + &pair("name", name) + &pair("version", &version.to_string());
        tree.insert(format!("of-conda/{name}/pyproject.toml").into(), NewFile::text(project));
    }
    (constraints, tree)
}

/// The requirements file of a plan, for a solver that has no digests yet to require, and that takes `--pre` elsewhere.
pub fn pip_requirements(plan: &InstallPlan) -> String {
    let is_for_uv = |it: &&str| ![REQUIRE_HASHES, PRERELEASES].contains(it);
    plan.requirements.lines().filter(is_for_uv).map(|it| format!("{it}\n")).collect()
}

/// Whether a plan's list has `--pre`. uv 0.13.9 passes over it in a list, and its quiet mode hides the warning.
pub fn has_prereleases(plan: &InstallPlan) -> bool {
    plan.requirements.lines().any(|it| it == PRERELEASES)
}

const REQUIRE_HASHES: &str = "--require-hashes";
const PRERELEASES: &str = "--pre";

/// The version of macOS that a wheel needs which uv names in an error, in the tag `macosx_14_0_arm64`.
pub fn newer_macos(error: &str) -> Option<String> {
    let (_, tag) = error.split_once("macosx_")?;
    let mut numbers = tag.split('_');
    let (major, minor): (u32, u32) = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
    Some(format!("{major}.{minor}"))
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

    fn platform(text: &str) -> Platform {
        Platform::parse(text).unwrap()
    }

    #[test]
    fn uv_is_asked_for_another_platform_and_told_what_is_to_stay() {
        let arguments = |upgrade: &Upgrade, conda: &[&str]| {
            let platform = platform("linux/arm64");
            let goal = SolveGoal { platform: &platform, libc: None, upgrade, variant: None, has_prereleases: false };
            goal.pip_arguments(conda.iter().copied()).join(" ")
        };
        let start = "pip compile --quiet --no-header --no-annotate --format pylock.toml \
                     --python-platform aarch64-unknown-linux-gnu --constraints constraints.txt --output-file pylock.toml";
        assert_eq!(arguments(&Upgrade::Nothing, &[]), format!("{start} requirements.txt"));
        assert_eq!(
            arguments(&Upgrade::All, &["numpy"]),
            format!("{start} --no-emit-package numpy --upgrade requirements.txt")
        );
        let (platform, variant) = (platform("linux/amd64"), Variant::parse("cpu").unwrap());
        let goal = SolveGoal {
            platform: &platform,
            libc: None,
            upgrade: &Upgrade::Nothing,
            variant: Some(&variant),
            has_prereleases: true,
        };
        let line = goal.pip_arguments([].into_iter()).join(" ");
        assert!(line.contains(" --torch-backend cpu --prerelease allow "), "{line}");
        let some = Upgrade::Packages(["a".to_owned(), "b".to_owned()].into());
        assert_eq!(arguments(&some, &[]), format!("{start} --upgrade-package a --upgrade-package b requirements.txt"));
    }

    #[test]
    fn what_conda_brings_is_given_to_uv_whatever_an_index_says() {
        let of_conda =
            [("torch", "2.5.1"), ("odd", "not a version")].map(|(name, version)| (name.to_owned(), version.to_owned()));
        let (constraints, tree) = given_by_conda(&of_conda.into());
        assert_eq!(constraints, "torch @ ./of-conda/torch\n");
        let file = &tree[camino::Utf8Path::new("of-conda/torch/pyproject.toml")];
        assert_eq!(file.contents, b"[project]\nname = \"torch\"\nversion = \"2.5.1\"\n");
    }

    #[test]
    fn the_macos_that_a_wheel_needs_is_read_from_its_tag() {
        let error = "torch==2.15.0 has no wheels with a matching platform tag (e.g., `macosx_14_0_arm64`)";
        assert_eq!(newer_macos(error).as_deref(), Some("14.0"));
        assert_eq!(newer_macos("no macosx_ at all"), None);
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
