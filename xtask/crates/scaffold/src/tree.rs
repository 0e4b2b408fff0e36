//! Files out of a commit, and into a tree that a commit can be made of.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use process::files::{FileTree, NewFile};

use super::{Git, TrackedFile, TrackedFiles};

/// The folder in `target/xtask/` for what git reads.
const FOLDER: &str = "init";

/// The files of a commit; with their contents where `reads` says so.
pub fn read_files(git: &Git, commit: &str, reads: impl Fn(&Utf8Path) -> bool) -> Result<TrackedFiles> {
    let listed = git.ask(["ls-tree", "-r", "-z", "--full-tree", commit])?;
    let mut files = TrackedFiles::new();
    for entry in listed.split_terminator('\0') {
        // `100644 blob 0123…<TAB>path`
        let (about, path) = entry.split_once('\t').context("git has listed a file without a path")?;
        let mut words = about.split(' ');
        let (mode, id) = words.next().zip(words.nth(1)).context("git has listed a file without its contents")?;
        files.insert(path.into(), TrackedFile { mode: mode.to_owned(), id: Some(id.to_owned()), contents: None });
    }
    let wanted: Vec<Utf8PathBuf> = files
        .iter()
        .filter(|(path, file)| file.mode.starts_with("100") && reads(path))
        .map(|it| it.0.clone())
        .collect();
    let ids: Vec<String> = wanted.iter().filter_map(|it| files[it].id.clone()).collect();
    for (path, contents) in wanted.iter().zip(contents_of(git, &ids)?) {
        if let Some(file) = files.get_mut(path) {
            file.contents = Some(contents);
        }
    }
    Ok(files)
}

/// The contents of these, in their order.
fn contents_of(git: &Git, ids: &[String]) -> Result<Vec<Vec<u8>>> {
    let input: String = ids.iter().map(|it| format!("{it}\n")).collect();
    let answer = git.convert(&git.invocation(["cat-file", "--batch"]), input.as_bytes())?;
    let mut rest = answer.as_slice();
    let mut contents = Vec::with_capacity(ids.len());
    for id in ids {
        // `0123… blob 12`, a line break, the contents and another line break.
        let end = rest.iter().position(|it| *it == b'\n').context("git's answer ends too early")?;
        let head = String::from_utf8_lossy(&rest[..end]);
        let Some(size) = head.split(' ').nth(2).and_then(|it| it.parse::<usize>().ok()) else {
            bail!("git cannot read `{id}`: {head}");
        };
        let file = rest.get(end + 1..end + 1 + size).context("git's answer ends too early")?;
        contents.push(file.to_vec());
        rest = rest.get(end + 2 + size..).unwrap_or_default();
    }
    Ok(contents)
}

/// Puts the files into git's store, where nothing leads to them yet, and gives the name of their tree.
pub fn write_tree(git: &Git, files: &TrackedFiles) -> Result<String> {
    let stored = store(git, files)?;
    let mut lines = Vec::new();
    for (path, file) in files {
        let id = file.id.as_ref().or_else(|| stored.get(path)).context("a file was not stored")?;
        lines.extend(format!("{} {id}\t{path}\0", file.mode).into_bytes());
    }
    let index = Utf8Path::new(FOLDER).join("index");
    git.cx.scratch.remove(&index)?;
    let index = git.cx.scratch.path(&index);
    let with_index =
        |arguments: &[&str]| git.invocation(arguments.iter().copied()).env("GIT_INDEX_FILE", index.as_str());
    git.convert(&with_index(&["update-index", "-z", "--index-info"]), &lines)?;
    Ok(git.query(&with_index(&["write-tree"]), "write-tree")?.trim().to_owned())
}

/// The names of the contents that git's store did not have.
fn store(git: &Git, files: &TrackedFiles) -> Result<BTreeMap<Utf8PathBuf, String>> {
    let new: Vec<(&Utf8PathBuf, &Vec<u8>)> = files
        .iter()
        .filter(|(_, it)| it.id.is_none())
        .filter_map(|(path, it)| Some((path, it.contents.as_ref()?)))
        .collect();
    let mut tree = FileTree::new();
    for (number, (_, contents)) in new.iter().enumerate() {
        let contents = (*contents).clone();
        tree.insert(number.to_string().into(), NewFile { contents, mode: process::files::PRIVATE });
    }
    let folder = git.cx.scratch.write_tree(Utf8Path::new(FOLDER).join("files"), &tree)?;
    let paths: String = (0..new.len()).map(|number| format!("{}\n", folder.join(number.to_string()))).collect();
    let invocation = git.invocation(["hash-object", "-w", "--no-filters", "--stdin-paths"]);
    let ids = String::from_utf8(git.convert(&invocation, paths.as_bytes())?)?;
    Ok(new.into_iter().map(|(path, _)| path.clone()).zip(ids.lines().map(str::to_owned)).collect())
}
