//! A project in a folder of its own.

use anyhow::{Context as _, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use super::Git;

/// Makes a new repository of a tree that `git` has in its store; with one commit, if there is a message for it. The folder is there
/// whole or not at all.
pub fn write_to_folder(git: &Git, folder: &Utf8Path, tree: &str, message: Option<&str>) -> Result<()> {
    let files = &git.cx.files;
    let unfinished = unfinished(folder)?;
    if let Some(parent) = folder.parent().filter(|it| !it.as_str().is_empty()) {
        files.create_dir(parent)?;
    }
    // One that was killed may have left it.
    files.remove_dir(&unfinished)?;
    let made = fill(git, &unfinished, tree, message).and_then(|()| {
        // An empty folder may be there already.
        files.rename(&unfinished, folder)
    });
    if made.is_err() {
        _ = files.remove_dir(&unfinished);
    }
    made
}

fn fill(git: &Git, folder: &Utf8Path, tree: &str, message: Option<&str>) -> Result<()> {
    const REFERENCE: &str = "refs/xtask/new";
    git.change(&git.invocation(["init", "--quiet", folder.as_str()]))?;
    // Here git knows whom it is by.
    let commit = match message {
        Some(message) => Some(git.change(&git.invocation(["commit-tree", tree, "-m", message]))?.trim().to_owned()),
        None => None,
    };
    let pushed = format!("{}:{REFERENCE}", commit.as_deref().unwrap_or(tree));
    git.change(&git.invocation(["push", "--quiet", "--no-verify", folder.as_str(), &pushed]))?;
    let new = Git::at(git.cx, folder);
    new.change(&new.invocation(["read-tree", "--reset", "-u", tree]))?;
    if let Some(commit) = commit {
        new.change(&new.invocation(["update-ref", "HEAD", &commit]))?;
    }
    new.change(&new.invocation(["update-ref", "-d", REFERENCE])).map(|_| ())
}

/// Beside it, in the same file system.
fn unfinished(folder: &Utf8Path) -> Result<Utf8PathBuf> {
    let name = folder.file_name().context("the new folder has no name")?;
    if folder.read_dir_utf8().is_ok_and(|mut it| it.next().is_some()) || folder.is_file() {
        bail!("`{folder}` exists already: choose another folder, or remove it");
    }
    Ok(folder.with_file_name(format!(".xtask-{name}.new")))
}
