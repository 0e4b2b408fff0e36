//! What an `init` or `update` that was killed has left.

use std::collections::BTreeSet;

use anyhow::{Result, bail};

use process::files;

use super::{
    Git,
    change::{note_place, remove_note, take_back},
};

/// Takes back what a killed [`Change`](super::Change) has changed. An error where somebody has edited a file since.
pub fn recover(git: &Git) -> Result<()> {
    let cx = git.cx;
    let Some(note) = files::read_text_if_any(&note_place(cx))? else { return Ok(()) };
    let words: Vec<&str> = note.split_whitespace().collect();
    let (from, to, verb) = match words[..] {
        [from, to, verb] => (from, to, verb),
        // As the first `init` wrote it.
        [from, to] => (from, to, "init"),
        _ => return remove_note(cx),
    };
    if git.head()? != from {
        // It was done but for the removal of its note, or the user has gone on.
        return remove_note(cx);
    }
    let edited = edited_since(git, [from, to])?;
    if !edited.is_empty() {
        let names = edited.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ");
        bail!(
            "an `{verb}` was killed half-way, and {names} may have been edited since: save what you want to keep, then \
             `git read-tree --reset {to} && git read-tree --reset -u {from} && rm {}`",
            cx.layout.relative(&note_place(cx))
        );
    }
    take_back(git, from, to)?;
    cx.ui.notice(format_args!("took back an `{verb}` that was killed half-way"));
    Ok(())
}

/// The files of either tree that are there, and as neither has them.
fn edited_since(git: &Git, trees: [&str; 2]) -> Result<Vec<String>> {
    let [one, other] = trees.map(|it| TreeState::read(git, it));
    let (one, other) = (one?, other?);
    let changed: BTreeSet<&String> = one.changed.union(&other.changed).collect();
    Ok(changed.into_iter().filter(|it| !one.has(it) && !other.has(it)).cloned().collect())
}

/// A tree beside what is in the repository.
struct TreeState {
    files: BTreeSet<String>,
    /// Those that are there with other contents.
    changed: BTreeSet<String>,
}

impl TreeState {
    fn read(git: &Git, tree: &str) -> Result<Self> {
        let index = git.cx.scratch.path("init/index");
        let with_index =
            |arguments: &[&str]| git.invocation(arguments.iter().copied()).env("GIT_INDEX_FILE", index.as_str());
        let names = |text: String| text.split_terminator('\0').map(str::to_owned).collect();
        git.cx.scratch.remove("init/index")?;
        git.change(&with_index(&["read-tree", tree]))?;
        _ = git.change(&with_index(&["update-index", "-q", "--refresh"]));
        let changed = git.change(&with_index(&["diff-files", "--name-only", "--diff-filter=MT", "-z"]))?;
        Ok(Self { files: names(git.ask(["ls-tree", "-r", "--name-only", "-z", tree])?), changed: names(changed) })
    }

    /// Whether a file is as the tree has it.
    fn has(&self, file: &str) -> bool {
        self.files.contains(file) && !self.changed.contains(file)
    }
}
