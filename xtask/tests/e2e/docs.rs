//! The commands in README.md and docs/ do what these pages show.
//!
//! A console block below the line `<!-- tested -->` is run, the blocks of a page in order and in one clone. A line that starts
//! with `$ ` is a command, which has to succeed; the lines after it are all that it prints. There, a line `…` stands for any
//! number of lines, and `…` within a line for any text.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;
use std::time::Duration;

use crate::support::{Registry, Repository, Subject, Suite, bounded, command, host_variable, trials};

const MARK: &str = "<!-- tested -->";
const ANY: char = '…';
/// More than a build on a slow network takes.
const LIMIT: Duration = Duration::from_secs(15 * 60);

macro_rules! pages {
    ($($name:ident $path:literal),* $(,)?) => {
        /// Every page with blocks to run.
        const PAGES: &[&str] = &[$($path),*];

        fn pages() -> Subject {
            vec![$((stringify!($name), |suite| does_what_it_shows(suite, $path))),*]
        }
    };
}

pages![
    readme "README.md",
    start "docs/start.md",
    run "docs/run.md",
    receipts "docs/receipts.md",
    packages "docs/packages.md",
    freeze "docs/freeze.md",
    containers "docs/containers.md",
    editors "docs/editors.md",
    gpus "docs/gpus.md",
    images "docs/images.md",
    platforms "docs/platforms.md",
    proxy "docs/proxy.md",
    native "docs/native.md",
    offline "docs/offline.md",
    ci "docs/ci.md",
    settings "docs/settings.md",
    mistakes "docs/mistakes.md",
    measuring "docs/measuring.md",
    room "docs/room.md",
    troubleshooting "docs/troubleshooting.md",
    security "docs/security.md",
    supply "docs/supply.md",
];

pub fn trials() -> Subject {
    let about_the_test = trials![
        every_page_with_tested_blocks_is_listed,
        a_block_that_shows_something_else_fails,
        a_block_with_a_command_that_fails_fails,
        a_block_without_a_command_is_refused,
        a_block_that_is_not_marked_is_not_run,
        dots_stand_for_lines_and_for_text,
    ];
    [pages(), about_the_test].concat()
}

/// A command and what it prints, as a page shows it.
#[derive(Debug, PartialEq)]
struct Step {
    /// Where it stands, from 1.
    line: usize,
    command: String,
    shown: Vec<String>,
}

/// The steps of all marked blocks.
fn steps_of(page: &str) -> Result<Vec<Step>, String> {
    let mut steps: Vec<Step> = Vec::new();
    let mut lines = page.lines().enumerate().map(|(index, line)| (index + 1, line));
    while let Some((number, line)) = lines.next() {
        if line == MARK {
            if lines.next().is_none_or(|(_, line)| line != "```console") {
                return Err(format!("{number}: the next line has to be ```console"));
            }
            let mut block: Vec<Step> = Vec::new();
            loop {
                match lines.next() {
                    None => return Err(format!("{number}: the block has no end")),
                    Some((_, "```")) if block.is_empty() => return Err(format!("{number}: the block has no command")),
                    Some((_, "```")) => break,
                    Some((line, text)) => match (text.strip_prefix("$ "), block.last_mut()) {
                        (Some(command), _) => {
                            block.push(Step { line, command: command.to_owned(), shown: Vec::new() });
                        }
                        (None, Some(step)) => step.shown.push(text.to_owned()),
                        (None, None) => return Err(format!("{line}: the block has to begin with a command")),
                    },
                }
            }
            steps.append(&mut block);
        } else if let Some(fence) = fence_of(line) {
            // What stands in another block is shown, be it a mark.
            _ = lines.find(|(_, line)| line.trim() == fence);
        }
    }
    Ok(steps)
}

fn fence_of(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let fence = &line[..line.len() - line.trim_start_matches('`').len()];
    (fence.len() >= 3).then_some(fence)
}

fn shows(shown: &[String], printed: &[&str]) -> bool {
    match shown.split_first() {
        None => printed.is_empty(),
        Some((first, rest)) if first.chars().eq([ANY]) => {
            (0..=printed.len()).any(|skipped| shows(rest, &printed[skipped..]))
        }
        Some((first, rest)) => {
            printed.split_first().is_some_and(|(line, more)| shows_line(first, line) && shows(rest, more))
        }
    }
}

fn shows_line(shown: &str, printed: &str) -> bool {
    let Some((before, after)) = shown.split_once(ANY) else { return shown == printed };
    printed.strip_prefix(before).is_some_and(|rest| {
        let starts = rest.char_indices().map(|(index, _)| index).chain([rest.len()]);
        starts.into_iter().any(|start| shows_line(after, &rest[start..]))
    })
}

/// A copy of the repository with a history, in which `cargo xtask` is the program under test.
struct Clone<'a> {
    repository: &'a Repository,
    path: String,
    registry: Option<&'a Registry>,
}

impl<'a> Clone<'a> {
    fn new(repository: &'a Repository, registry: Option<&'a Registry>) -> Self {
        let programs = repository.directory("programs");
        let cargo = programs.join("cargo");
        fs::write(&cargo, format!("#!/bin/sh\nshift\nexec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_xtask"))).unwrap();
        fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
        let path = format!("{}:{}", programs.display(), host_variable("PATH").unwrap());
        let clone = Self { repository, path, registry };
        let history = "git init --quiet && git config user.name Ada && git config user.email ada@example.org \
                       && git add --all && git commit --quiet --message 'A fresh clone'";
        bounded(clone.shell(history)).assert().success();
        clone
    }

    fn shell(&self, script: &str) -> Command {
        let mut shell = command("sh");
        self.repository.environment(&mut shell).env("PATH", &self.path);
        if let Some(registry) = self.registry {
            shell.env("REGISTRY", registry.address());
        }
        // One stream, as on a terminal.
        shell.args(["-c", &format!("exec 2>&1\n{script}")]);
        shell
    }

    /// What is not as shown, if anything.
    fn run(&self, step: &Step) -> Result<(), String> {
        let output = bounded(self.shell(&step.command)).timeout(LIMIT).output().map_err(|why| why.to_string())?;
        let text = String::from_utf8_lossy(&output.stdout);
        let printed: Vec<&str> = text.lines().map(str::trim_end).collect();
        let problem = match output.status.code() {
            Some(0) if shows(&step.shown, &printed) => return Ok(()),
            Some(0) => "prints something else".to_owned(),
            Some(code) => format!("ends with {code}"),
            None => "is killed".to_owned(),
        };
        let mut message = format!("{}: `{}` {problem}\nshown:\n", step.line, step.command);
        for line in &step.shown {
            writeln!(message, "    {line}").unwrap();
        }
        message.push_str("printed:\n");
        for line in printed {
            writeln!(message, "    {line}").unwrap();
        }
        Err(message)
    }
}

fn does_what_it_shows(suite: &Suite, page: &str) {
    let (repository, _turn) = suite.building(&format!("docs-{}", page.replace(['/', '.'], "-").to_lowercase()));
    let text = fs::read_to_string(repository.path(page)).unwrap();
    // A page that shares images has to have somewhere to share them.
    let registry = text.contains("$REGISTRY").then(Registry::start);
    let steps = steps_of(&text).unwrap_or_else(|why| panic!("{page}:{why}"));
    assert!(!steps.is_empty(), "{page} has no block below a line {MARK}");
    let clone = Clone::new(&repository, registry.as_ref());
    for step in steps {
        if let Err(why) = clone.run(&step) {
            panic!("{page}:{why}");
        }
    }
}

fn every_page_with_tested_blocks_is_listed(_: &Suite) {
    let repository = Repository::copy("docs-list");
    let mut all = vec!["README.md".to_owned()];
    for entry in fs::read_dir(repository.path("docs")).unwrap() {
        all.push(format!("docs/{}", entry.unwrap().file_name().to_str().unwrap()));
    }
    all.retain(|page| {
        let text = fs::read_to_string(repository.path(page)).unwrap();
        !steps_of(&text).unwrap_or_else(|why| panic!("{page}:{why}")).is_empty()
    });
    let mut listed = PAGES.to_vec();
    listed.sort_unstable();
    all.sort_unstable();
    assert_eq!(all, listed);
}

/// What is not as shown in the only step of a page.
fn run_page(page: &str) -> Result<(), String> {
    let repository = Repository::copy("docs-page");
    let steps = steps_of(page)?;
    assert_eq!(steps.len(), 1);
    Clone::new(&repository, None).run(&steps[0])
}

fn a_block_that_shows_something_else_fails(_: &Suite) {
    let page = |shown: &str| format!("Text.\n\n{MARK}\n```console\n$ cargo xtask --version\n{shown}\n```\n");
    assert_eq!(run_page(&page("cargo xtask …")), Ok(()));
    let why = run_page(&page("yaks …")).unwrap_err();
    assert!(
        why.starts_with("5: `cargo xtask --version` prints something else") && why.contains("    cargo xtask "),
        "{why}"
    );
}

fn a_block_with_a_command_that_fails_fails(_: &Suite) {
    let page = format!("{MARK}\n```console\n$ echo as shown; exit 3\nas shown\n```\n");
    let why = run_page(&page).unwrap_err();
    assert!(why.starts_with("3: `echo as shown; exit 3` ends with 3"), "{why}");
}

fn a_block_without_a_command_is_refused(_: &Suite) {
    let error = |page: &str| steps_of(page).unwrap_err();
    assert_eq!(error(&format!("{MARK}\n```console\n```\n")), "1: the block has no command");
    assert_eq!(error(&format!("{MARK}\n```console\nxtask 1\n```\n")), "3: the block has to begin with a command");
    assert_eq!(error(&format!("{MARK}\n\n```console\n$ true\n```\n")), "1: the next line has to be ```console");
    assert_eq!(error(&format!("{MARK}\n```console\n$ true\n")), "1: the block has no end");
}

fn a_block_that_is_not_marked_is_not_run(_: &Suite) {
    let page = format!(
        "```console\n$ false\n```\n\n````markdown\n{MARK}\n```console\n$ false\n```\n````\n\n{MARK}\n```console\n$ true\n```\n"
    );
    assert_eq!(steps_of(&page), Ok(vec![Step { line: 14, command: "true".to_owned(), shown: Vec::new() }]));
}

fn dots_stand_for_lines_and_for_text(_: &Suite) {
    let shows = |shown: &str, printed: &[&str]| {
        let shown: Vec<String> = shown.lines().map(str::to_owned).collect();
        shows(&shown, printed)
    };
    assert!(shows("", &[]) && shows("…", &[]) && shows("…", &["a", "b"]));
    assert!(shows("…\nb", &["a", "b", "b"]) && shows("a\n…\nd", &["a", "b", "c", "d"]));
    assert!(shows("Python …", &["Python 3.11.2"]) && shows("built in … s; …", &["built in 2.7 s; what"]));
    assert!(!shows("…\nb", &["a", "b", "c"]) && !shows("a", &["a", "b"]) && !shows("a", &[]));
    assert!(!shows("Python 2…", &["Python 3.11.2"]) && !shows("… s", &["2 m"]));
}
