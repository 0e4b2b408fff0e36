//! Checks of `environment.yml` that need more than one line.

use camino::Utf8Path;
use report::{Code, Finding, Findings, Source, Span};
use specs::{
    conda,
    python::{PipLine, RequirementSource, SpecifierSet, Version},
};

use super::{EnvironmentFile, EnvironmentYml, LocalProject, exports, known_names};

/// Finds packages in the wrong one of the two lists, a `pip:` section without pip, full exports, and Python without a version.
pub fn check(file: &EnvironmentFile, findings: &mut Findings) {
    let (environment, source) = (file.environment(), file.source());
    if let Some(span) = environment.pip_at.filter(|_| environment.conda_package("pip").is_none()) {
        let finding =
            source.at(Code::PipWithoutPip, span, "a `pip:` section without `pip` among the packages above it");
        findings.push(finding.help("uv installs the section here; for `conda env create`, add `- pip` above"));
    }
    names_elsewhere(environment, source, findings);
    findings.extend(exports::check(environment, source));
    unpinned_python(environment, source, findings);
    python_2(environment, source, findings);
    local_versions(environment, source, findings);
    pythons_of_local_projects(file, findings);
}

/// A version such as `2.5.1+cu118` is not on PyPI, which takes none with a `+`: it needs another index.
fn local_versions(environment: &EnvironmentYml, source: &Source, findings: &mut Findings) {
    let others = ["--index-url", "--extra-index-url", "--find-links"];
    let has_other = |line: &PipLine| match line {
        PipLine::Options { options, .. } => options.iter().any(|(name, _)| others.contains(&name.as_str())),
        _ => false,
    };
    if environment.pip.iter().any(|(line, _)| has_other(line)) {
        return;
    }
    for (line, span) in &environment.pip {
        let PipLine::Requirement { requirement, .. } = line else { continue };
        let RequirementSource::Versions(versions) = &requirement.source else { continue };
        let text = versions.to_string();
        let Some((_, local)) = text.strip_prefix("==").and_then(|it| it.split_once('+')) else { continue };
        let message = format!("PyPI has no versions with `+`, so that `{requirement}` is nowhere to be found");
        let help = format!(
            "add the index that has it, as in `- --extra-index-url https://…/{local}`, or leave out `+{local}` and choose the build with \
             CPU_OR_GPU"
        );
        findings.push(source.at(Code::LocalVersion, *span, message).help(help));
    }
}

fn names_elsewhere(environment: &EnvironmentYml, source: &Source, findings: &mut Findings) {
    for (spec, span) in &environment.conda {
        if let Some(known) = known_names::on_conda(&spec.name) {
            let message = format!("`{}` is PyPI's name; conda-forge calls it `{known}`", spec.name);
            let help = format!("write `{known}` here, or move it below `- pip:`");
            findings.push(source.at(Code::NameElsewhere, *span, message).help(help));
        }
    }
    for (line, span) in &environment.pip {
        let PipLine::Requirement { requirement, .. } = line else { continue };
        if let Some(known) = known_names::on_pypi(&requirement.name) {
            let message = format!("`{}` is conda-forge's name; PyPI calls it `{known}`", requirement.name);
            let help = format!("write `{known}` here, or move it above `- pip:`");
            findings.push(source.at(Code::NameElsewhere, *span, message).help(help));
        }
    }
}

fn unpinned_python(environment: &EnvironmentYml, source: &Source, findings: &mut Findings) {
    if environment.conda_entries("python").any(|(spec, _)| spec.version.is_some()) {
        return;
    }
    if let Some((_, span)) = environment.conda_package("python") {
        findings.push(unpinned(source, *span, "`python` without a version"));
    }
}

/// The warning that the next build may get another Python.
pub(crate) fn unpinned(source: &Source, span: Span, message: &str) -> Finding {
    let finding = source.at(Code::PythonUnpinned, span, format!("{message}: each build may get a different one"));
    finding.help("write the version that you use, such as `python=3.12`")
}

/// Checks that a Python that the environment may get is one that the project runs on.
pub fn check_python(file: &EnvironmentFile, required: &(SpecifierSet, Span), findings: &mut Findings) {
    check_python_of("the project", "python-project/pyproject.toml".into(), file, required, findings);
}

/// A local project whose `requires-python` is no specifier is its build back end's to complain about.
fn pythons_of_local_projects(file: &EnvironmentFile, findings: &mut Findings) {
    for LocalProject { folder, pyproject, .. } in &file.environment().projects {
        let Some((text, span)) = &pyproject.requires_python else { continue };
        let Ok(required) = SpecifierSet::parse(text) else { continue };
        let (name, place) = (format!("`{folder}`"), folder.join("pyproject.toml"));
        check_python_of(&name, &place, file, &(required, *span), findings);
    }
}

fn check_python_of(
    project: &str,
    pyproject: &Utf8Path,
    file: &EnvironmentFile,
    required: &(SpecifierSet, Span),
    findings: &mut Findings,
) {
    for (spec, span) in file.environment().conda_entries("python") {
        // A constraint that has no counterpart in PEP 440 is a finding of the plan.
        let Some(listed) = conda::pep440(spec).ok().and_then(|it| SpecifierSet::parse(&it).ok()) else { continue };
        if is_python_2(&listed) {
            continue;
        }
        if !pythons_3().any(|version| listed.contains(&version) && required.0.contains(&version)) {
            let (line, wanted) = (required.1.start.line, &required.0);
            let message = format!("`{}` allows no Python that {project} supports", spec.text);
            let help =
                format!("{pyproject} has `requires-python = \"{wanted}\"` in line {line}: change one of the two");
            findings.push(file.source().at(Code::PythonOutOfRange, *span, message).help(help));
        }
    }
}

/// uv installs the project in every environment. Version 0.13.9 refuses an interpreter of Python 2.
fn python_2(environment: &EnvironmentYml, source: &Source, findings: &mut Findings) {
    for (spec, span) in environment.conda_entries("python") {
        let Some(listed) = conda::pep440(spec).ok().and_then(|it| SpecifierSet::parse(&it).ok()) else { continue };
        if is_python_2(&listed) {
            let message =
                format!("`{}` allows no Python 3, and uv, which installs the project, knows no other", spec.text);
            let help = "write the Python 3 that you use, such as `python=3.12`";
            findings.push(source.at(Code::PythonOutOfRange, *span, message).help(help));
        }
    }
}

fn is_python_2(listed: &SpecifierSet) -> bool {
    let two = (6..=7).flat_map(|minor| (0..=18).map(move |micro| format!("2.{minor}.{micro}")));
    !pythons_3().any(|it| listed.contains(&it))
        && two.filter_map(|it| Version::parse(&it)).any(|it| listed.contains(&it))
}

/// The versions that Python has had, or may come to have while this is in use. The first of each series stand in front: most
/// often one of these is right, and no other has to be looked at.
fn pythons_3() -> impl Iterator<Item = Version> {
    let all = (0..=30).flat_map(|micro| (0..=40).map(move |minor| format!("3.{minor}.{micro}")));
    all.filter_map(|it| Version::parse(&it))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> String {
        let (file, mut findings) = (EnvironmentFile::parse(Source::new("environment.yml", text)), Findings::default());
        assert_eq!(file.findings().to_string(), "");
        check(&file, &mut findings);
        let required = (SpecifierSet::parse(">=3.11,<3.14").unwrap(), Span::new(7, 1, 1));
        check_python(&file, &required, &mut findings);
        findings.to_string()
    }

    #[test]
    fn what_is_well_known_elsewhere_is_noted() {
        let text = "dependencies:\n  - python=3.12\n  - pip\n  - torch\n  - pip:\n    - pytorch\n";
        let found = found(text);
        assert!(found.contains("environment.yml:4:5: note[N0317]: `torch` is PyPI's name"), "{found}");
        assert!(found.contains("environment.yml:6:7: note[N0317]: `pytorch` is conda-forge's name"), "{found}");
    }

    #[test]
    fn a_version_that_only_another_index_can_have_needs_one() {
        let list = |lines: &str| found(&format!("dependencies:\n  - python=3.12\n  - pip\n  - pip:\n{lines}"));
        let told = list("    - torch==2.5.1+cu118\n");
        assert!(told.starts_with("environment.yml:5:7: warning[W0340]: PyPI has no versions with `+`"), "{told}");
        assert_eq!(list("    - torch==2.5.1+cu118\n    - --extra-index-url https://e.org/cu118\n"), "");
        assert_eq!(list("    - torch==2.5.1\n"), "");
    }

    #[test]
    fn a_python_of_any_version_is_doubtful() {
        assert!(found("dependencies:\n  - python\n").contains("environment.yml:2:5: warning[W0318]"));
        assert_eq!(found("dependencies:\n  - python>=3.12\n"), "");
    }

    #[test]
    fn of_two_lines_for_python_each_counts() {
        let file = |text: &str| EnvironmentFile::parse(Source::new("environment.yml", text));
        let found = |text: &str| {
            let (file, mut findings) = (file(text), Findings::default());
            check(&file, &mut findings);
            check_python(&file, &(SpecifierSet::parse(">=3.11").unwrap(), Span::new(7, 1, 1)), &mut findings);
            findings.to_string()
        };
        assert_eq!(found("dependencies:\n  - python\n  - python=3.12\n"), "");
        let told = found("dependencies:\n  - python>=3.8\n  - python<3.10\n");
        assert!(told.starts_with("environment.yml:3:5: error[E0319]: `python<3.10`"), "{told}");
    }

    #[test]
    fn the_environments_python_has_to_be_one_of_the_projects() {
        for good in ["python=3.12", "python>=3.8", "python 3.13.*", "python ==3.11.4", "python 3.9|3.12"] {
            assert_eq!(found(&format!("dependencies:\n  - {good}\n")), "", "{good}");
        }
        let old = found("dependencies:\n  - python=2.7\n");
        assert!(old.contains("allows no Python 3") && old.matches("E0319").count() == 1, "{old}");
        for bad in ["python=3.10", "python<3.11", "python>=3.14", "python 3.14.*"] {
            let found = found(&format!("dependencies:\n  - {bad}\n"));
            assert!(found.starts_with("environment.yml:2:5: error[E0319]: `python"), "{bad}: {found}");
        }
    }
}
