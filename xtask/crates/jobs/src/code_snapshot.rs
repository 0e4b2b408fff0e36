//! The code as it is now, for a job that runs later: an edit in between does not change what the job sees.

use std::fs;
use std::io::ErrorKind;

use anyhow::{Context as _, Error, Result, anyhow, bail, ensure};

use environment::sha256;
use process::{
    Invocation, ProcessError,
    files::{self, NewFile},
};
use project::Context;

use super::{CodeState, ReceiptDiff};

/// The folder in `target/xtask/` in which git keeps what is in no commit. It may be removed at any time.
const STORE: &str = "snapshot";

/// The largest file that is taken although git does not have it: code is small, and results belong into `outputs/`.
const MAX_NEW_FILE: u64 = 16 << 20;

/// The longest diff that a receipt keeps.
const MAX_DIFF: usize = 1 << 20;

/// Variables that would lead git to another repository, as a hook has them.
const LEADING_ELSEWHERE: [&str; 4] = ["GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_PREFIX"];

/// The files that git tracks, as they are now, and new ones that it does not ignore.
#[derive(Debug)]
pub struct CodeSnapshot<'a> {
    cx: &'a Context,
    /// The commit that is checked out.
    head: String,
    /// A commit of the snapshot, which no branch leads to; the one that is checked out where nothing has changed.
    commit: String,
    /// What has changed since the commit, relative to the repository.
    pub changed: Vec<String>,
}

impl<'a> CodeSnapshot<'a> {
    /// Takes it. Neither the files nor git's index and store are changed. An error outside of git, and before the first commit.
    pub fn take(cx: &'a Context) -> Result<Self> {
        let head = ask(cx, &git(cx, &["rev-parse", "--verify", "HEAD^{commit}"]));
        let head = head.context("a job needs its code in a commit of git")?.trim().to_owned();
        let status = ask(cx, &git(cx, &["status", "--porcelain", "-z", "--no-renames", "--untracked-files=all"]))?;
        let entries: Vec<(&str, &str)> =
            status.split_terminator('\0').filter_map(|it| it.split_at_checked(3)).collect();
        require_small(cx, entries.iter().filter(|it| it.0 == "?? ").map(|it| it.1))?;
        let changed: Vec<String> = entries.iter().map(|it| it.1.to_owned()).collect();
        let commit = if changed.is_empty() { head.clone() } else { commit_all(cx, &head)? };
        Ok(Self { cx, head, commit, changed })
    }

    /// An error where something has changed since the last commit.
    pub fn require_clean(&self) -> Result<()> {
        let Some(first) = self.changed.first() else { return Ok(()) };
        let more = if self.changed.len() > 1 { format!(" and {} more", self.changed.len() - 1) } else { String::new() };
        bail!(
            "`{first}`{more} changed since the last commit, and `--clean` takes only what is committed: commit it first"
        )
    }

    /// What a receipt says of it.
    pub fn state(&self) -> Result<CodeState> {
        let diff = if self.changed.is_empty() { None } else { Some(self.diff()?) };
        Ok(CodeState { commit: Some(self.head.clone()), diff })
    }

    /// What has changed since the commit, as `git apply` takes it.
    fn diff(&self) -> Result<ReceiptDiff> {
        let options = ["diff", "--binary", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames"];
        let bytes = self.read(&[&options[..], &[&self.head, &self.commit]].concat())?;
        let sha256 = sha256(&bytes);
        Ok(ReceiptDiff { sha256, text: String::from_utf8(bytes).ok().filter(|it| it.len() <= MAX_DIFF) })
    }

    /// A `tar.gz` of the files. The same files make the same bytes.
    pub fn archive(&self) -> Result<Vec<u8>> {
        self.read(&["-c", "tar.umask=0022", "archive", "--format=tar.gz", &self.commit])
    }

    /// [`archive`](Self::archive) without some folders, for an engine that carries little.
    pub fn archive_without(&self, folders: &[&str]) -> Result<Vec<u8>> {
        let excluded: Vec<String> = folders.iter().map(|it| format!(":(exclude){it}")).collect();
        let options = ["-c", "tar.umask=0022", "archive", "--format=tar.gz", &self.commit, "--", "."];
        let excluded = excluded.iter().map(String::as_str);
        self.read(&options.into_iter().chain(excluded).collect::<Vec<_>>())
    }

    fn read(&self, arguments: &[&str]) -> Result<Vec<u8>> {
        self.cx.runner.stream(&in_store(self.cx, git(self.cx, arguments))?, |answer| {
            let mut bytes = Vec::new();
            answer.read_to_end(&mut bytes)?;
            Ok(bytes)
        })
    }
}

/// Makes a commit of all files on top of another one, at its time, in a store of our own.
fn commit_all(cx: &Context, head: &str) -> Result<String> {
    let index = ask(cx, &git(cx, &["rev-parse", "--git-path", "index"]))?;
    // With what git knows of the files, it reads only those that have changed.
    let index = cx.layout.root().join(index.trim());
    let known = fs::read(&index).with_context(|| format!("cannot read `{index}`"))?;
    let name = format!("{STORE}/index-{}", std::process::id());
    // By the index's own time git knows which files may have changed in the moment in which it was written.
    let time = index.metadata().and_then(|it| it.modified()).with_context(|| format!("cannot read `{index}`"))?;
    let index = cx.scratch.write_as_of(&name, &NewFile { contents: known, mode: files::PRIVATE }, time)?;
    let with_index = |arguments: &[&str]| -> Result<String> {
        ask(cx, &in_store(cx, git(cx, arguments))?.env("GIT_INDEX_FILE", index.as_str()))
    };
    let tree = with_index(&["add", "--all", "--", ":/"]).and_then(|_| with_index(&["write-tree"]));
    // One that stays does no harm.
    _ = cx.scratch.remove(&name);
    let time = ask(cx, &git(cx, &["log", "--max-count=1", "--no-show-signature", "--format=%ct +0000", head]))?;
    let commit = git(cx, &["commit-tree", tree?.trim(), "-p", head, "-m", "As it was when a job was submitted"]);
    let person = [("NAME", "xtask"), ("EMAIL", "xtask@localhost"), ("DATE", time.trim())];
    let roles = ["AUTHOR", "COMMITTER"]
        .iter()
        .flat_map(|role| person.map(|(what, value)| (format!("GIT_{role}_{what}"), value)));
    let commit = roles.fold(commit, |it, (name, value)| it.env(name, value));
    Ok(ask(cx, &in_store(cx, commit)?)?.trim().to_owned())
}

/// What git writes goes into our store; what it reads may also be in its own.
fn in_store(cx: &Context, invocation: Invocation) -> Result<Invocation> {
    let marker =
        cx.scratch.write(format!("{STORE}/README"), &NewFile::text("What submitted jobs see and no commit has.\n"))?;
    let store = marker.parent().unwrap_or(&marker);
    let own = ask(cx, &git(cx, &["rev-parse", "--git-path", "objects"]))?;
    let own = cx.layout.root().join(own.trim());
    Ok(invocation
        .env("GIT_OBJECT_DIRECTORY", store.as_str())
        // git reads a list with `:` in it as several, and one in quotes as a whole: gitenvironment, "GIT_ALTERNATE_OBJECT_DIRECTORIES".
        .env(
            "GIT_ALTERNATE_OBJECT_DIRECTORIES",
            format!("\"{}\"", own.as_str().replace('\\', "\\\\").replace('"', "\\\"")),
        ))
}

/// No hook runs, and nobody's configuration decides what is in it.
fn git(cx: &Context, arguments: &[&str]) -> Invocation {
    let git = Invocation::new("git").args(["-C", cx.layout.root().as_str(), "-c", "core.hooksPath=/dev/null"]);
    let git = git.args(arguments.iter().copied()).env("LC_ALL", "C").env("GIT_OPTIONAL_LOCKS", "0");
    LEADING_ELSEWHERE.into_iter().fold(git, Invocation::without_env)
}

fn ask(cx: &Context, invocation: &Invocation) -> Result<String> {
    let output = cx.runner.read(invocation).map_err(without_git)?;
    if !output.exit.success() {
        let why = output.stderr.trim().trim_start_matches("fatal: ").trim_start_matches("error: ").to_owned();
        return Err(Error::msg(why).context("git did not give the code"));
    }
    Ok(output.stdout)
}

fn without_git(error: ProcessError) -> Error {
    match &error {
        ProcessError::NotStarted { source, .. } if source.kind() == ErrorKind::NotFound => {
            anyhow!("the code of a job is taken with git, and there is no `git` in PATH: install it first")
        }
        _ => error.into(),
    }
}

fn require_small<'a>(cx: &Context, new: impl Iterator<Item = &'a str>) -> Result<()> {
    for path in new {
        let size = cx.layout.root().join(path).symlink_metadata().map_or(0, |it| it.len());
        ensure!(
            size <= MAX_NEW_FILE,
            "`{path}` has {} MiB and git does not know it: if the job needs it, `git add` it or put it into data/; else name it in \
             .gitignore",
            size >> 20
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests;
