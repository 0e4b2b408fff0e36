//! environment.yml with the packages of a foreign list.

use anyhow::Result;

use environment::{EnvironmentFile, check_lists, check_python, freeze::PackageList, lock::yaml_scalar};
use report::{Findings, Severity, Source, Span};
use specs::{
    conda::MatchSpec,
    python::{PipLine, SpecifierSet, normalised},
};

use super::{
    entry::{ForeignEntry, ForeignList},
    python,
};

/// What environment.yml is made with.
#[derive(Debug, Clone)]
pub struct ListSettings<'a> {
    /// The environment's name.
    pub name: &'a str,
    /// The text of the template's file, whose comments at the top stay.
    pub template: &'a str,
    /// The Python that is listed where the foreign list has none.
    pub listed_python: &'a str,
    /// `requires-python` in that case.
    pub requires_python: &'a str,
    /// The Python that the user has chosen, such as `3.12`.
    pub python: Option<&'a str>,
}

/// environment.yml as it becomes, and what the user has to know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DependencyList {
    pub text: String,
    /// `None` where the project's own is right.
    pub requires_python: Option<String>,
    pub packages: usize,
    /// What was left out and what is different, a line each.
    pub remarks: Vec<String>,
}

/// The text that holds all that can be installed; an error where nothing can be made of it that `check` would accept.
pub fn make(mut list: ForeignList, source: &Source, settings: &ListSettings) -> Result<DependencyList> {
    choose_python(&mut list, settings);
    let text = loop {
        let text = render(&list, settings);
        let errors = errors_by_line(&text);
        if errors.is_empty() {
            break text;
        }
        leave_out(&mut list, errors)?;
    };
    let file = EnvironmentFile::parse(Source::new("dependencies/environment.yml", text.as_str()));
    let requires_python = settings.python.map(|it| format!(">={it}")).or_else(|| list.requires_python.clone());
    let requires_python = requires_python.or_else(|| python::required(file.environment()));
    check(&file, requires_python.as_deref().unwrap_or(settings.requires_python))?;
    let packages = list.entries.len();
    let mut remarks = list.left_out;
    remarks.extend(list.remarks.iter().map(|it| format!("{}: {it}", source.file)));
    remarks.extend(missing_for_example(&file, settings));
    Ok(DependencyList {
        text,
        requires_python: requires_python.filter(|_| settings.python.is_none()),
        packages,
        remarks,
    })
}

/// Says which packages of the template are not there any more, where its code still is.
fn missing_for_example(file: &EnvironmentFile, settings: &ListSettings) -> Option<String> {
    let template = EnvironmentFile::parse(Source::new("dependencies/environment.yml", settings.template));
    let (needed, listed) = (pip_names(&template), pip_names(file));
    let is_listed = |name: &String| {
        let is_same = |it: &str| normalised(it) == *name;
        listed.contains(name) || file.environment().conda.iter().any(|(spec, _)| is_same(&spec.name))
    };
    let missing: Vec<String> = needed.into_iter().filter(|it| !is_listed(it)).collect();
    let names = missing.join(", ");
    (!missing.is_empty()).then(|| {
        format!("not listed any more, and used by the example in `python-project/` and its tests until you replace it: {names}")
    })
}

fn pip_names(file: &EnvironmentFile) -> Vec<String> {
    let lines = file.environment().pip.iter().map(|(line, _)| line);
    lines
        .filter_map(|it| match it {
            PipLine::Requirement { requirement, .. } => Some(normalised(&requirement.name)),
            _ => None,
        })
        .collect()
}

/// Lists the Python that the user has chosen, or else one that the list or the project's metadata asks for.
fn choose_python(list: &mut ForeignList, settings: &ListSettings) {
    let is_python = |it: &ForeignEntry| is_conda(it, "python");
    let entry = |text: String| ForeignEntry { list: PackageList::Conda, text, place: String::new() };
    if let Some(chosen) = settings.python {
        let others: Vec<ForeignEntry> = list.entries.extract_if(.., |it| is_python(it)).collect();
        for other in others.iter().filter(|it| it.text != format!("python={chosen}")) {
            list.leave_out(&other.text, &other.place, &format!("`--python {chosen}` goes first"));
        }
        list.entries.insert(0, entry(format!("python={chosen}")));
    } else if !list.entries.iter().any(is_python) {
        let required = list.requires_python.as_deref().map(|it| format!("python{}", it.replace(' ', "")));
        list.entries.insert(0, entry(required.unwrap_or_else(|| settings.listed_python.to_owned())));
    }
    if list.entries.iter().any(|it| it.list == PackageList::Pip) && !list.entries.iter().any(|it| is_conda(it, "pip")) {
        let at = list.entries.iter().position(is_python).map_or(0, |it| it + 1);
        list.entries.insert(at, entry("pip".to_owned()));
    }
}

/// Whether an entry asks conda for this package.
fn is_conda(entry: &ForeignEntry, name: &str) -> bool {
    entry.list == PackageList::Conda && MatchSpec::parse(&entry.text).is_ok_and(|it| it.name == name)
}

fn render(list: &ForeignList, settings: &ListSettings) -> String {
    let comments = settings.template.lines().take_while(|it| it.starts_with('#'));
    let header: String = comments.map(|it| format!("{it}\n")).collect();
    let mut text = format!("{header}name: {}\n\n", settings.name);
    let channels = if list.channels.is_empty() { vec!["conda-forge".to_owned()] } else { list.channels.clone() };
    text += "channels:\n";
    text.extend(channels.iter().map(|it| format!("  - {}\n", yaml_scalar(it))));
    text += "\ndependencies:\n";
    let of = |wanted: PackageList| list.entries.iter().filter(move |it| it.list == wanted);
    text.extend(of(PackageList::Conda).map(|it| format!("  - {}\n", yaml_scalar(&it.text))));
    if of(PackageList::Pip).next().is_some() {
        text += "  - pip:\n";
        text.extend(of(PackageList::Pip).map(|it| format!("      - {}\n", yaml_scalar(&it.text))));
    }
    if !list.variables.is_empty() {
        text += "\nvariables:\n";
        text.extend(list.variables.iter().map(|(name, value)| format!("  {name}: {}\n", yaml_scalar(value))));
    }
    text
}

/// The errors of the text, each with the text of its entry.
fn errors_by_line(text: &str) -> Vec<(String, report::Finding)> {
    let file = EnvironmentFile::parse(Source::new("dependencies/environment.yml", text));
    let errors = file.findings().iter().filter(|it| it.severity() == Severity::Error);
    let entry = |it: &report::Finding| it.line.clone().unwrap_or_default().trim().trim_start_matches("- ").to_owned();
    errors.map(|it| (entry(it), it.clone())).collect()
}

/// Takes the entries out that have errors. An error of none of them stays one.
fn leave_out(list: &mut ForeignList, errors: Vec<(String, report::Finding)>) -> Result<()> {
    let before = list.entries.len();
    let mut others = Findings::default();
    for (line, finding) in errors {
        match list.entries.iter().position(|it| yaml_scalar(&it.text) == line) {
            Some(at) => {
                let entry = list.entries.remove(at);
                list.leave_out(&entry.text, &entry.place, &finding.message);
            }
            None => others.push(finding),
        }
    }
    // Of two errors in one line the second finds no entry.
    if list.entries.len() == before { others.into_result(()).map_err(Into::into) } else { Ok(()) }
}

/// An error where `cargo xtask check` would have one.
fn check(file: &EnvironmentFile, requires_python: &str) -> Result<()> {
    let mut findings = file.findings().clone();
    check_lists(file, &mut findings);
    if let Ok(required) = SpecifierSet::parse(requires_python) {
        check_python(file, &(required, Span::new(1, 1, 1)), &mut findings);
    }
    Ok(findings.into_result(())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> ListSettings<'static> {
        ListSettings {
            name: "brain-decoding",
            template: "# Mine.\nname: a\ndependencies: [python]\n",
            listed_python: "python>=3.11",
            requires_python: ">=3.11",
            python: None,
        }
    }

    fn pip(texts: &[&str]) -> ForeignList {
        let entry =
            |it: &&str| ForeignEntry { list: PackageList::Pip, text: (*it).to_owned(), place: "r.txt:1".to_owned() };
        ForeignList { entries: texts.iter().map(entry).collect(), ..ForeignList::default() }
    }

    fn made(list: ForeignList, settings: &ListSettings) -> DependencyList {
        make(list, &Source::new("r.txt", ""), settings).unwrap()
    }

    #[test]
    fn the_comments_at_the_top_stay_and_a_python_is_listed() {
        let list = made(pip(&["tqdm", "torch; sys_platform == 'linux'"]), &settings());
        let expected = "# Mine.\nname: brain-decoding\n\nchannels:\n  - conda-forge\n\ndependencies:\n  - python>=3.11\n  - pip\n  \
                        - pip:\n      - tqdm\n      - 'torch; sys_platform == ''linux'''\n";
        assert_eq!((list.text.as_str(), list.requires_python.as_deref(), list.packages), (expected, Some(">=3.11"), 4));
    }

    #[test]
    fn the_projects_own_bound_comes_along() {
        let list =
            made(ForeignList { requires_python: Some(">=3.9, <3.13".to_owned()), ..pip(&["tqdm"]) }, &settings());
        assert!(list.text.contains("\n  - python>=3.9,<3.13\n"), "{}", list.text);
        assert_eq!(list.requires_python.as_deref(), Some(">=3.9, <3.13"));
    }

    #[test]
    fn the_python_that_was_chosen_goes_first() {
        let mut list = pip(&["tqdm"]);
        let old = ForeignEntry { list: PackageList::Conda, text: "python=3.9".to_owned(), place: "e.yml:2".to_owned() };
        list.entries.push(old);
        let list = made(list, &ListSettings { python: Some("3.12"), ..settings() });
        assert!(list.text.contains("\n  - python=3.12\n") && !list.text.contains("3.9"), "{}", list.text);
        assert_eq!(list.remarks, ["e.yml:2: left out `python=3.9`: `--python 3.12` goes first"]);
    }

    #[test]
    fn what_a_build_cannot_use_is_left_out_with_the_reason() {
        let list = made(pip(&["tqdm", "./wheels/a-1-py3-none-any.whl", "--trusted-host e.org"]), &settings());
        assert!(!list.text.contains("wheels") && !list.text.contains("trusted"), "{}", list.text);
        assert_eq!(list.remarks.len(), 2, "{:?}", list.remarks);
        assert!(list.remarks[0].starts_with("r.txt:1: left out `"), "{:?}", list.remarks);
    }

    #[test]
    fn what_the_example_needs_and_nobody_lists_any_more_is_named() {
        let template = "name: a\ndependencies:\n  - python\n  - pip:\n    - Hydra_Core>=1.3\n    - tqdm\n";
        let list = made(pip(&["tqdm"]), &ListSettings { template, ..settings() });
        assert!(list.remarks.len() == 1 && list.remarks[0].ends_with(": hydra-core"), "{:?}", list.remarks);
    }

    #[test]
    fn a_list_for_python_2_is_refused() {
        let mut list = pip(&["tqdm"]);
        let old = ForeignEntry { list: PackageList::Conda, text: "python=2.7".to_owned(), place: "e.yml:2".to_owned() };
        list.entries.push(old);
        let error = make(list, &Source::new("e.yml", ""), &settings()).unwrap_err().to_string();
        assert!(error.contains("allows no Python 3"), "{error}");
    }
}
