//! From one commit to the next, all of it or nothing.

use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use process::{ProcessError, files::NewFile};
use project::Context;

use super::{Git, TrackedFiles, UnmergedFile, open_update::leave_open};

/// The files of a repository that become others.
#[derive(Debug)]
pub struct Change<'a> {
    pub git: &'a Git<'a>,
    /// The commit that they are of.
    pub from: &'a str,
    /// The tree that they become.
    pub to: &'a str,
    /// The verb that makes the change.
    pub verb: &'a str,
    pub end: ChangeEnd<'a>,
}

/// What becomes of the files that were changed.
#[derive(Debug, Clone, Copy)]
pub enum ChangeEnd<'a> {
    /// A commit with this message.
    Commit(&'a str),
    /// They are left to the user, in the index and the working tree.
    Leave,
    /// They are left to the user, who can take all of it back. These are in conflict.
    LeaveOpen(&'a [UnmergedFile]),
}

impl<'a> ChangeEnd<'a> {
    pub fn of(message: Option<&'a str>) -> Self {
        message.map_or(Self::Leave, Self::Commit)
    }
}

impl Change<'_> {
    /// Makes the change. Where it fails or is interrupted, all files are as before; where this process is killed, [`recover`]
    /// finds its note.
    ///
    /// [`recover`]: super::recover
    pub fn make(&self) -> Result<()> {
        self.note()?;
        match self.switch() {
            Ok(()) => remove_note(self.git.cx),
            Err(error) => match take_back(self.git, self.from, self.to) {
                Ok(()) => Err(error),
                Err(why) => Err(error.context(format!(
                    "the repository is half changed, and the next `cargo xtask {}` takes it back: now it could not be, {why:#}",
                    self.verb
                ))),
            },
        }
    }

    fn switch(&self) -> Result<()> {
        self.git.change(&self.git.invocation(["read-tree", "-m", "-u", self.from, self.to]))?;
        let message = match self.end {
            ChangeEnd::Commit(message) => message,
            ChangeEnd::Leave => return require_no_stop(),
            ChangeEnd::LeaveOpen(unmerged) => {
                leave_open(self.git, self.from, self.to, unmerged)?;
                return require_no_stop();
            }
        };
        let commit = ["commit-tree", self.to, "-p", self.from, "-m", message];
        let commit = self.git.change(&self.git.invocation(commit))?;
        require_no_stop()?;
        // From here on it is done.
        self.git.finish(["update-ref", "-m", message, "HEAD", commit.trim(), self.from]).map(|_| ())
    }

    fn note(&self) -> Result<()> {
        let place = note_place(self.git.cx);
        if let Some(folder) = place.parent() {
            self.git.cx.files.create_dir(folder)?;
        }
        self.git.cx.files.write(&place, &NewFile::text(format!("{} {} {}\n", self.from, self.to, self.verb)))
    }
}

/// Makes the files those of a commit again, while some are already those of a tree.
pub(crate) fn take_back(git: &Git, commit: &str, tree: &str) -> Result<()> {
    // git removes what is in its index and not in the commit.
    git.finish(["read-tree", "--reset", tree])?;
    git.finish(["read-tree", "--reset", "-u", commit])?;
    _ = git.finish(["update-index", "-q", "--refresh"]);
    remove_note(git.cx)
}

/// What is left of a change whose process was killed.
pub(crate) fn note_place(cx: &Context) -> Utf8PathBuf {
    cx.layout.work().join("init.note")
}

pub(crate) fn remove_note(cx: &Context) -> Result<()> {
    cx.files.remove_file(&note_place(cx))
}

fn require_no_stop() -> Result<()> {
    process::stop_signal().map_or(Ok(()), |signal| Err(ProcessError::Interrupted(signal).into()))
}

/// The files that there will be and were not there before.
pub fn added_files(before: &TrackedFiles, after: &TrackedFiles) -> Vec<Utf8PathBuf> {
    after.keys().filter(|it| !before.contains_key(*it)).cloned().collect()
}

/// An error where something that git does not know stands in the way of a new file.
pub fn require_room(root: &Utf8Path, added: &[Utf8PathBuf]) -> Result<()> {
    let is_there = |path: &Utf8Path| root.join(path).symlink_metadata().is_ok();
    let is_in_the_way = |path: &Utf8Path| root.join(path).symlink_metadata().is_ok_and(|it| !it.is_dir());
    for path in added {
        let above = path.ancestors().skip(1).filter(|it| !it.as_str().is_empty());
        if let Some(found) = above.into_iter().find(|it| is_in_the_way(it)).or_else(|| is_there(path).then_some(path)) {
            bail!("`{found}` is in the way, and git does not track it: move it elsewhere");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_the_way_of_a_new_file_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        std::fs::create_dir_all(root.join("src/old")).unwrap();
        std::fs::write(root.join("src/file"), "").unwrap();
        assert!(require_room(root, &["src/new/main.py".into(), "README.md".into()]).is_ok());
        for (path, found) in [("src/file/main.py", "src/file"), ("src/file", "src/file"), ("src/old", "src/old")] {
            let error = require_room(root, &[path.into()]).unwrap_err().to_string();
            assert!(error.starts_with(&format!("`{found}` is in the way")), "{path}: {error}");
        }
    }
}
