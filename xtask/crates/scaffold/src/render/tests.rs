//! This repository's own rules, and what becomes of small ones.

use super::*;
use crate::{Answers, ProjectNames, TemplateOrigin};

/// The files of this repository that git knows or would be asked about, with their contents.
fn ours() -> TrackedFiles {
    let root = Utf8PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.."));
    let git = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    #[expect(clippy::disallowed_methods, reason = "the tests stand outside of the program and its `Runner`")]
    let listed = std::process::Command::new("git").args(git).current_dir(&root).output().unwrap().stdout;
    let listed = String::from_utf8(listed).unwrap();
    let files = listed.split_terminator('\0').filter(|it| root.join(it).is_file());
    files.map(|it| (it.into(), TrackedFile::new(std::fs::read(root.join(it)).unwrap()))).collect()
}

fn rules(template: &TrackedFiles) -> Rules {
    Rules::parse(template[Utf8Path::new(Rules::PATH)].text().unwrap()).unwrap()
}

fn record(license: LicenseChoice) -> ProjectRecord {
    ProjectRecord {
        origin: TemplateOrigin { commit: "c0".to_owned(), url: None },
        answers: Answers {
            names: ProjectNames::parse("brain_decoding").unwrap(),
            python: None,
            requires_python: None,
            license,
            author: "Ada".to_owned(),
            year: "2026".to_owned(),
            lab: None,
            registry: None,
            base_image: None,
            keeps_tool_tests: false,
        },
    }
}

fn mit() -> ProjectRecord {
    record(LicenseChoice::Named("MIT".to_owned()))
}

fn text<'a>(project: &'a TrackedFiles, path: &str) -> &'a str {
    project.get(Utf8Path::new(path)).unwrap_or_else(|| panic!("there is no {path}")).text().unwrap()
}

#[test]
fn the_base_image_is_the_projects() {
    let template = ours();
    let mut record = mit();
    record.answers.base_image = Some("debian:12".to_owned());
    let project = render(&template, &rules(&template), &record, None).unwrap();
    assert!(text(&project, PYPROJECT).ends_with("\n[tool.xtask]\nbase-image = \"debian:12\"\n"));
}

#[test]
fn a_project_has_few_files_and_none_speaks_of_what_it_was_made_from() {
    let template = ours();
    let project = render(&template, &rules(&template), &mit(), None).unwrap();
    let own: Vec<&Utf8PathBuf> = project.keys().filter(|it| !it.starts_with("xtask")).collect();
    assert!(own.len() < 70, "{} files: {own:#?}", own.len());
    let tests: Vec<&Utf8PathBuf> = project
        .keys()
        .filter(|it| it.starts_with("xtask") && it.components().any(|it| it.as_str() == "tests"))
        .collect();
    assert!(tests.is_empty(), "{tests:#?}");
    for path in own.iter().filter(|it| **it != ProjectRecord::PATH) {
        let is_about_it = path.as_str().to_lowercase().contains("template")
            || project[*path].text().is_some_and(|it| it.to_lowercase().contains("template"));
        assert!(!is_about_it, "{path}");
    }
}

#[test]
fn every_name_is_the_projects() {
    let template = ours();
    let project = render(&template, &rules(&template), &mit(), None).unwrap();
    for (path, expected) in [
        ("python-project/pyproject.toml", "name = \"brain-decoding\""),
        ("python-project/pyproject.toml", "packages = [\"src/brain_decoding\"]"),
        ("python-project/src/brain_decoding/main.py", "python -m brain_decoding.main"),
        ("python-project/tests/test_regression.py", "from brain_decoding.regression import"),
        (".devcontainer/devcontainer.json", "\"name\": \"brain-decoding\""),
        ("dependencies/environment.yml", "\nname: brain-decoding\n"),
        ("README.md", "# Brain decoding\n"),
        ("LICENSE", "Copyright (c) 2026 Ada\n"),
        ("xtask/LICENSE", "MIT License"),
        (".github/workflows/ci.yml", "cargo xtask ci"),
    ] {
        assert!(text(&project, path).contains(expected), "{expected} is not in {path}:\n{}", text(&project, path));
    }
}

#[test]
fn no_page_of_a_project_has_a_dead_link() {
    let template = ours();
    let project = render(&template, &rules(&template), &mit(), None).unwrap();
    let files: BTreeSet<&Utf8Path> = project.keys().map(AsRef::as_ref).collect();
    for (path, file) in project.iter().filter(|(path, _)| path.extension() == Some("md") && !path.starts_with("xtask"))
    {
        let healed = without_dead_links(path, file.text().unwrap(), &|it| is_among(&files, it), &|_| None);
        assert_eq!(healed, file.text().unwrap(), "{path}");
    }
}

#[test]
fn pages_that_messages_name_are_there() {
    let template = ours();
    let rules = rules(&template);
    let project = render(&template, &rules, &mit(), None).unwrap();
    let sources = template.iter().filter(|(path, _)| {
        path.starts_with("xtask/crates") && path.extension() == Some("rs") || *path == "xtask/docs/findings.md"
    });
    for (path, file) in sources {
        let lines = file.text().unwrap().lines().filter(|it| !it.trim_start().starts_with("//"));
        for named in lines.flat_map(|it| it.split(|it: char| it.is_whitespace() || "`\"(),".contains(it))) {
            let is_page = named.starts_with("docs/")
                && Utf8Path::new(named).extension() == Some("md")
                && template.contains_key(Utf8Path::new(named));
            assert!(
                !is_page || path.starts_with("xtask/crates/scaffold") || project.contains_key(Utf8Path::new(named)),
                "{path} names {named}"
            );
        }
    }
}

#[test]
fn what_is_chosen_is_in_the_files() {
    let template = ours();
    let rules = rules(&template);
    let with = |change: fn(&mut Answers)| {
        let mut record = mit();
        change(&mut record.answers);
        render(&template, &rules, &record, None).unwrap()
    };
    let project = with(|it| it.python = Some("3.12".to_owned()));
    assert!(text(&project, "python-project/pyproject.toml").contains("requires-python = \">=3.12\""));
    assert!(text(&project, "dependencies/environment.yml").contains("\n  - python=3.12\n"));

    let project = with(|it| it.license = LicenseChoice::None);
    assert!(
        !project.contains_key(Utf8Path::new("LICENSE")) && text(&project, "README.md").contains("All rights reserved")
    );
    let project = with(|it| it.license = LicenseChoice::Keep);
    assert_eq!(text(&project, "LICENSE"), text(&template, "LICENSE"));

    let project = with(|it| it.keeps_tool_tests = true);
    assert!(project.contains_key(Utf8Path::new("xtask/tests/cli/main.rs")));
    assert_eq!(text(&project, "Cargo.lock"), text(&template, "Cargo.lock"));
}

#[test]
fn a_list_of_dependencies_that_is_taken_over_is_the_projects() {
    let template = ours();
    let mut record = mit();
    record.answers.requires_python = Some(">=3.9".to_owned());
    let list = "name: brain-decoding\ndependencies:\n  - python=3.9\n";
    let project = render(&template, &rules(&template), &record, Some(list)).unwrap();
    assert_eq!(text(&project, "dependencies/environment.yml"), list);
    assert!(text(&project, "python-project/pyproject.toml").contains("requires-python = \">=3.9\""));
}

#[test]
fn the_same_template_and_answers_make_the_same_project() {
    let template = ours();
    let rules = rules(&template);
    assert_eq!(render(&template, &rules, &mit(), None).unwrap(), render(&template, &rules, &mit(), None).unwrap());
}

#[test]
fn a_rule_that_finds_nothing_is_told() {
    let mut template = ours();
    let rules = rules(&template);
    template.get_mut(Utf8Path::new("Cargo.toml")).unwrap().set_text("[workspace]\n".to_owned());
    let error = render(&template, &rules, &mit(), None).unwrap_err().to_string();
    assert!(error.starts_with("`Cargo.toml` does not have this text once: "), "{error}");
}

#[test]
fn an_update_leaves_alone_what_the_user_owns() {
    let rules = rules(&ours());
    for (path, owned) in [
        ("README.md", true),
        ("python-project/src/brain_decoding/main.py", true),
        ("dependencies/environment.yml", true),
        ("dependencies/lock/linux-64/lock.toml", true),
        (ProjectRecord::PATH, false),
        ("Cargo.toml", false),
        ("installation/docker-amd64/README.md", false),
        ("xtask/LICENSE", false),
    ] {
        assert_eq!(rules.leaves_alone(path.into(), false), owned, "{path}");
        assert!(!rules.leaves_alone(path.into(), true), "{path}");
    }
    let page = include_str!("../../../../../docs/update.md");
    for name in ["python-project/", "dependencies/", "data/", "outputs/", "README.md", "CHANGELOG.md", "LICENSE"] {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}
