//! An update that waits for its user: for conflicts to be resolved, or for the commit.

use anyhow::{Context as _, Result};

use super::{
    Git, UnmergedFile,
    change::take_back,
    merge::{by_nobody, index_lines},
};

/// It leads to a commit of the merged files, whose parent is what they were before.
const REFERENCE: &str = "refs/xtask/update/open";

/// What there is to take back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenUpdate {
    /// The commit that it began at.
    from: String,
    /// The files as it has left them.
    to: String,
}

impl OpenUpdate {
    /// `None` where none was begun, or the user has committed it or taken it back.
    pub fn find(git: &Git) -> Result<Option<Self>> {
        let Some(open) = git.ask_if_any(["rev-parse", "--verify", "--quiet", REFERENCE]) else { return Ok(None) };
        let named = |what: &str| git.ask(["rev-parse", "--verify", &format!("{open}^{what}")]);
        let (from, to) = (named("1")?.trim().to_owned(), named("{tree}")?.trim().to_owned());
        let is_open = git.head()? == from && git.require_unchanged().is_err();
        if !is_open {
            forget(git)?;
        }
        Ok(is_open.then_some(Self { from, to }))
    }

    /// Makes all files those of the commit again. Whoever is interrupted can do it once more.
    pub fn abort(&self, git: &Git) -> Result<()> {
        take_back(git, &self.from, &self.to)?;
        forget(git)
    }
}

/// Tells git which files are in conflict, and remembers what there is to take back.
pub(crate) fn leave_open(git: &Git, from: &str, to: &str, unmerged: &[UnmergedFile]) -> Result<()> {
    if !unmerged.is_empty() {
        let lines = index_lines(unmerged);
        git.convert(&git.invocation(["update-index", "-z", "--index-info"]), lines.as_bytes())?;
    }
    let commit = git.invocation(["commit-tree", to, "-p", from, "-m", "An open `cargo xtask update`"]);
    let commit = git.change(&by_nobody(commit))?;
    git.finish(["update-ref", REFERENCE, commit.trim()]).map(|_| ()).context("the update cannot be noted")
}

fn forget(git: &Git) -> Result<()> {
    git.finish(["update-ref", "-d", REFERENCE]).map(|_| ())
}
