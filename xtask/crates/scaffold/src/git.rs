//! git, as the library that it is: it reads and writes commits, and knows what has changed.

use std::io::ErrorKind;

use anyhow::{Context as _, Error, Result, anyhow, bail};
use camino::{Utf8Path, Utf8PathBuf};

use process::{Invocation, ProcessError, QueryOutput};
use project::Context;

/// Variables that would lead git to another repository, as a hook has them.
const LEADING_ELSEWHERE: [&str; 7] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
];

/// The repository of git in a directory.
#[derive(Debug, Clone)]
pub struct Git<'a> {
    pub(crate) cx: &'a Context,
    pub(crate) root: Utf8PathBuf,
}

/// The person in git's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitAuthor {
    pub name: String,
    /// The current one.
    pub year: String,
}

impl<'a> Git<'a> {
    /// Of this repository. An error where it is none of git's, or a part of a larger one.
    pub fn open(cx: &'a Context) -> Result<Self> {
        let git = Self::at(cx, cx.layout.root());
        let answer = cx.runner.read(&git.invocation(["rev-parse", "--show-prefix"])).map_err(without_git)?;
        if !answer.exit.success() {
            let why = answer.stderr.trim();
            bail!("`{}` is no repository that git reads: {why}; clone it with `git clone`", cx.layout.root());
        }
        if !answer.stdout.trim().is_empty() {
            bail!("`{}` is a folder of a larger repository: clone the one that it comes from", cx.layout.root());
        }
        Ok(git)
    }

    /// Of a directory that is one of git's, or becomes one.
    pub(crate) fn at(cx: &'a Context, root: &Utf8Path) -> Self {
        Self { cx, root: root.to_owned() }
    }

    /// No hook runs: what this tool writes was not typed by anybody.
    pub(crate) fn invocation<S: Into<String>>(&self, arguments: impl IntoIterator<Item = S>) -> Invocation {
        let git = Invocation::new("git").args(["-C", self.root.as_str(), "-c", "core.hooksPath=/dev/null"]);
        let git = LEADING_ELSEWHERE.into_iter().fold(git.args(arguments), Invocation::without_env);
        git.env("LC_ALL", "C")
    }

    /// What git answers; an error in its own words where it fails.
    pub(crate) fn ask<const N: usize>(&self, arguments: [&str; N]) -> Result<String> {
        let output = self.cx.runner.read(&self.invocation(arguments)).map_err(without_git)?;
        answer(output, arguments[0])
    }

    /// As [`ask`](Self::ask), `None` where git knows no answer.
    pub(crate) fn ask_if_any<const N: usize>(&self, arguments: [&str; N]) -> Option<String> {
        self.ask(arguments).ok().map(|it| it.trim().to_owned()).filter(|it| !it.is_empty())
    }

    /// Changes something. Not started in a dry run.
    pub(crate) fn change(&self, invocation: &Invocation) -> Result<String> {
        let name = invocation.arguments().get(4).cloned().unwrap_or_default();
        answer(self.cx.runner.change(invocation).map_err(without_git)?, &name)
    }

    /// As [`change`](Self::change), whoever asks us to stop.
    pub(crate) fn finish<const N: usize>(&self, arguments: [&str; N]) -> Result<String> {
        answer(self.cx.runner.clean_up(&self.invocation(arguments))?, arguments[0])
    }

    /// As [`ask`](Self::ask), with variables of its own. `command` is named where it fails. What it writes is in git's store or
    /// under names of this tool's own, where no file of the user depends on it.
    pub(crate) fn query(&self, invocation: &Invocation, command: &str) -> Result<String> {
        answer(self.read(invocation)?, command)
    }

    /// What git answers, whether it succeeds or not.
    pub(crate) fn read(&self, invocation: &Invocation) -> Result<QueryOutput> {
        self.cx.runner.read(invocation).map_err(without_git)
    }

    /// What git makes of what it reads.
    pub(crate) fn convert(&self, invocation: &Invocation, mut input: &[u8]) -> Result<Vec<u8>> {
        let input = self.cx.scratch.copy(&mut input)?;
        self.cx.runner.stream_file(input, invocation, |answer| {
            let mut bytes = Vec::new();
            answer.read_to_end(&mut bytes)?;
            Ok(bytes)
        })
    }

    /// The commit that is checked out.
    pub fn head(&self) -> Result<String> {
        let head = self.ask(["rev-parse", "--verify", "HEAD^{commit}"]);
        Ok(head.context("the repository has no commit")?.trim().to_owned())
    }

    /// The address that this was cloned from.
    pub fn origin(&self) -> Option<String> {
        self.ask_if_any(["remote", "get-url", "origin"])
    }

    /// An error unless all files are as the last commit has them.
    pub fn require_unchanged(&self) -> Result<()> {
        let changed = self.ask(["status", "--porcelain", "-z", "--untracked-files=no"])?;
        let names: Vec<String> =
            changed.split_terminator('\0').filter_map(|it| it.get(3..)).map(|it| format!("`{it}`")).collect();
        if names.is_empty() {
            return Ok(());
        }
        let more = if names.len() > 5 { format!(" and {} more", names.len() - 5) } else { String::new() };
        let shown = names.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
        bail!("{shown}{more} changed since the last commit: commit that first, or take it back with `git stash`")
    }

    /// Who commits here; an error, with what to do, where git does not know.
    pub fn author(&self) -> Result<CommitAuthor> {
        let ident = self.ask(["var", "GIT_COMMITTER_IDENT"]).map_err(|_| {
            anyhow!(
                "git does not know whom the commit is by: `git config --global user.name \"YOUR NAME\"` and \
                 `git config --global user.email YOU@EXAMPLE.ORG`; or leave the commit to yourself with `--no-commit`"
            )
        })?;
        let (name, rest) = ident.split_once(" <").context("git does not say who commits")?;
        let seconds = rest.split("> ").nth(1).and_then(|it| it.split(' ').next()?.parse().ok());
        Ok(CommitAuthor { name: name.to_owned(), year: year(seconds.unwrap_or_default()) })
    }

    /// The name in git's configuration.
    pub fn configured_name(&self) -> Option<String> {
        self.ask_if_any(["config", "user.name"])
    }
}

/// A year has 31,556,952 seconds on average: at its turn, it may be the other one for some hours.
fn year(seconds_since_1970: u64) -> String {
    (1970 + seconds_since_1970 / 31_556_952).to_string()
}

/// The year now.
pub fn current_year() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    year(now.map(|it| it.as_secs()).unwrap_or_default())
}

fn answer(output: QueryOutput, command: &str) -> Result<String> {
    if output.exit.success() {
        return Ok(output.stdout);
    }
    let why = output.stderr.trim().trim_start_matches("fatal: ").trim_start_matches("error: ").to_owned();
    Err(Error::msg(why).context(format!("`git {command}` failed")))
}

/// Says what is missing where git is.
fn without_git(error: ProcessError) -> Error {
    match &error {
        ProcessError::NotStarted { source, .. } if source.kind() == ErrorKind::NotFound => {
            anyhow!("the repository is read and written with git, and there is no `git` in PATH: install it first")
        }
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_its_year() {
        for (seconds, expected) in [(0, "1970"), (1_767_400_000, "2026"), (1_795_000_000, "2026")] {
            assert_eq!(year(seconds), expected);
        }
    }
}
