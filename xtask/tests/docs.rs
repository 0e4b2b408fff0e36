//! The documentation is complete and short, and every link in it leads somewhere. That its commands do what it shows is
//! tried by `e2e/docs.rs`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The most words of README.md: one page.
const README_WORDS: usize = 1200;

/// All files that git knows or would be asked about: what is ignored is not in anybody's clone.
struct Files(BTreeSet<String>);

impl Files {
    fn of_the_repository() -> Self {
        let listed = output_of("git", &["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        Self(listed.split_terminator('\0').map(str::to_owned).filter(|it| root().join(it).is_file()).collect())
    }

    /// Whether it is a file or a directory of the repository.
    fn has(&self, path: &str) -> bool {
        let directory = if path.is_empty() { String::new() } else { format!("{path}/") };
        self.0.contains(path) || self.0.iter().any(|it| it.starts_with(&directory))
    }

    fn pages(&self) -> BTreeMap<String, String> {
        let pages = self.0.iter().filter(|it| Path::new(it).extension().is_some_and(|it| it == "md"));
        pages.map(|it| (it.clone(), fs::read_to_string(root().join(it)).unwrap())).collect()
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

#[expect(clippy::disallowed_methods, reason = "the tests stand outside of the program and its `Runner`")]
fn output_of(program: &str, arguments: &[&str]) -> String {
    let output = std::process::Command::new(program).args(arguments).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The lines of a page that are prose, with their numbers: blocks of code are left out, and code within a line.
fn prose(page: &str) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    let mut fence: Option<String> = None;
    let (mut after_blank, mut is_indented) = (true, false);
    for (index, line) in page.lines().enumerate() {
        let text = line.trim_start();
        let ticks = &text[..text.len() - text.trim_start_matches('`').len()];
        is_indented = line.starts_with("    ") && (after_blank || is_indented);
        after_blank = text.is_empty();
        match &fence {
            Some(open) if text.trim_end() == open => fence = None,
            Some(_) => {}
            None if ticks.len() >= 3 => fence = Some(ticks.to_owned()),
            None if is_indented => {}
            // Every second piece stands between two backticks.
            None => lines.push((index + 1, line.split('`').step_by(2).collect::<Vec<_>>().join("``"))),
        }
    }
    lines
}

/// Where the links of a line lead: `[text](target)`, and `[name]: target`.
fn targets(line: &str) -> Vec<&str> {
    let inline = line.split("](").skip(1).filter_map(|it| it.split_once(')').map(|(target, _)| target));
    let definition = line.strip_prefix('[').and_then(|it| it.split_once("]: ")).map(|(_, target)| target.trim());
    inline.chain(definition).collect()
}

/// The names that a forge gives the headings of a page.
fn anchors(page: &str) -> BTreeSet<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut anchors = BTreeSet::new();
    // Not from `prose`, which leaves out code: that of a heading is part of its name.
    let headings: BTreeSet<usize> =
        prose(page).into_iter().filter(|(_, it)| it.starts_with('#')).map(|(number, _)| number).collect();
    for (_, heading) in page.lines().enumerate().filter(|(index, _)| headings.contains(&(index + 1))) {
        let title = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = title.chars().filter(|it| it.is_alphanumeric() || matches!(it, ' ' | '-' | '_'));
        let name: String = kept.map(|it| if it == ' ' { '-' } else { it }).collect();
        let count = counts.entry(name.clone()).or_default();
        anchors.insert(if *count == 0 { name } else { format!("{name}-{count}") });
        *count += 1;
    }
    anchors
}

/// The path that a relative link on a page means, from the top of the repository.
fn resolve(page: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in target.split('/').filter(|it| !matches!(*it, "" | ".")) {
        match part {
            ".." => _ = parts.pop()?,
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// Each link that leads nowhere, with its place.
fn dead_links(files: &Files, pages: &BTreeMap<String, String>) -> Vec<String> {
    let is_alive = |page: &String, target: &str| {
        let (path, anchor) = target.split_once('#').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
        let path = if path.is_empty() { Some(page.clone()) } else { resolve(page, path) };
        path.is_some_and(|path| {
            let has_anchor = |anchor: &str| pages.get(&path).is_none_or(|it| anchors(it).contains(anchor));
            files.has(&path) && anchor.is_none_or(has_anchor)
        })
    };
    let mut dead = Vec::new();
    for (page, text) in pages {
        for (number, line) in prose(text) {
            // Whether other sites answer is not for a test.
            let ours = targets(&line).into_iter().filter(|it| !it.contains("://") && !it.starts_with("mailto:"));
            dead.extend(ours.filter(|it| !is_alive(page, it)).map(|it| format!("{page}:{number}: {it}")));
        }
    }
    dead
}

/// The verbs of `cargo xtask --help`.
fn verbs() -> Vec<String> {
    let help = output_of(env!("CARGO_BIN_EXE_xtask"), &["--help"]);
    let groups = help.lines().take_while(|it| !it.starts_with("Options")).filter(|it| it.starts_with("  "));
    let verbs: Vec<String> = groups.map(|it| it.split_whitespace().next().unwrap().to_owned()).collect();
    assert!(verbs.iter().any(|it| it == "run"), "{help}");
    verbs
}

#[test]
fn every_link_leads_somewhere() {
    let files = Files::of_the_repository();
    let dead = dead_links(&files, &files.pages());
    assert!(dead.is_empty(), "dead links:\n{}", dead.join("\n"));
}

#[test]
fn a_dead_link_is_found_with_its_place() {
    let dead = |page: &str, text: &str| {
        let names = ["README.md", "docs/a.md", "docs/b.md", "data/x.txt"];
        let files = Files(names.into_iter().map(str::to_owned).collect());
        let other = ("docs/b.md".to_owned(), "# A `code` and more, of B\n\n## Twice\n\n## Twice\n".to_owned());
        dead_links(&files, &BTreeMap::from([(page.to_owned(), text.to_owned()), other]))
    };
    let alive = "[b](b.md), [top](../README.md), [folder](../data/) and [file](../data/x.txt)\n[b]: b.md#twice-1\n\
                 [code](b.md#a-code-and-more-of-b) [here](#own) [site](https://example.org/x)\n\n# Own\n";
    assert_eq!(dead("docs/a.md", alive), <[&str; 0]>::default());
    let code = "`[x](y)` and\n\n    [x](y)\n\n```\n[x](y)\n```\n````markdown\n```\n[x](y)\n```\n````\n";
    assert_eq!(dead("docs/a.md", code), <[&str; 0]>::default());
    assert_eq!(dead("docs/a.md", "one\n[c](c.md)\n"), ["docs/a.md:2: c.md"]);
    assert_eq!(
        dead("README.md", "[b](docs/b.md#thrice) [out](../x)"),
        ["README.md:1: docs/b.md#thrice", "README.md:1: ../x"]
    );
    assert_eq!(dead("docs/a.md", "[c]: c.md\n`code` [d](#d)\n"), ["docs/a.md:1: c.md", "docs/a.md:2: #d"]);
}

#[test]
fn the_readme_is_one_page() {
    let words = fs::read_to_string(root().join("README.md")).unwrap().split_whitespace().count();
    assert!(words <= README_WORDS, "README.md has {words} words, and {README_WORDS} are allowed");
}

#[test]
fn every_verb_has_a_line_in_the_readme_and_a_page() {
    let pages = Files::of_the_repository().pages();
    let line = |verb: &str| format!("| `{verb}` |");
    let missing: Vec<String> =
        verbs().into_iter().filter(|it| !pages["README.md"].lines().any(|row| row.starts_with(&line(it)))).collect();
    assert!(missing.is_empty(), "without a line in README.md: {missing:?}");
    let docs: String =
        pages.iter().filter(|(path, _)| path.starts_with("docs/")).map(|(_, text)| text.as_str()).collect();
    let mentions = |verb: &str| {
        let ends_there = |rest: &str| !rest.starts_with(|it: char| it.is_alphanumeric() || it == '-');
        docs.split(&format!("cargo xtask {verb}")).skip(1).any(ends_there)
    };
    let missing: Vec<String> = verbs().into_iter().filter(|it| !mentions(it)).collect();
    assert!(missing.is_empty(), "on no page of docs/: {missing:?}");
}

#[test]
fn every_setting_is_on_its_page() {
    let shown = output_of(env!("CARGO_BIN_EXE_xtask"), &["env", "--show", "--dry-run"]);
    let names: Vec<&str> = shown.lines().filter_map(|it| it.split_once('=')).map(|(name, _)| name).collect();
    assert!(names.contains(&"BASE_IMAGE"), "{shown}");
    let page = fs::read_to_string(root().join("docs/settings.md")).unwrap();
    let missing: Vec<&str> = names.into_iter().filter(|it| !page.contains(&format!("`{it}`"))).collect();
    assert!(missing.is_empty(), "not in docs/settings.md: {missing:?}");
}

#[test]
fn every_page_is_in_the_table_of_contents() {
    let pages = Files::of_the_repository().pages();
    let links: BTreeSet<String> = prose(&pages["docs/README.md"])
        .iter()
        .flat_map(|(_, line)| {
            targets(line).into_iter().filter_map(|it| resolve("docs/README.md", it)).collect::<Vec<_>>()
        })
        .collect();
    let missing: Vec<&String> =
        pages.keys().filter(|it| it.starts_with("docs/") && *it != "docs/README.md" && !links.contains(*it)).collect();
    assert!(missing.is_empty(), "not in docs/README.md: {missing:?}");
}

#[test]
fn a_release_has_the_notes_of_its_version() {
    let notes = output_of("sh", &[".ci/release-notes", env!("CARGO_PKG_VERSION")]);
    let changelog = fs::read_to_string(root().join("CHANGELOG.md")).unwrap();
    assert!(!notes.trim().is_empty() && changelog.contains(notes.trim()), "{notes}");
    assert!(!notes.lines().any(|it| it.starts_with("## ")), "another version's notes are there too: {notes}");
}
