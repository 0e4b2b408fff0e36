//! A project, and what a newer template makes of it, merged by git.

use anyhow::{Context as _, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use process::Exit;

use super::{Git, ProjectRecord, Rules, TrackedFiles};

/// The first git that merges without a working tree.
///
/// Source: Git's release notes, 2.38.0: `git merge-tree --write-tree`.
const FIRST_GIT: (u32, u32) = (2, 38);

/// Names of the two sides, as they stand in the files behind git's markers.
const OURS: &str = "xtask/update/project";
const THEIRS: &str = "xtask/update/template";

/// What git has made of two sides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MergedTree {
    /// With git's markers in the files that are in conflict.
    pub tree: String,
    /// What is in conflict; empty where nothing is.
    pub unmerged: Vec<UnmergedFile>,
    /// What git says of each conflict.
    pub conflicts: Vec<String>,
}

/// One version of a file that is in conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmergedFile {
    /// As git writes it, such as `100755`.
    pub mode: String,
    /// The name of its contents.
    pub id: String,
    /// 1 is the common version, 2 the project's and 3 the template's.
    pub stage: String,
    pub path: Utf8PathBuf,
}

/// An error where git is too old to merge as it is needed here.
pub fn require_merge_tree(git: &Git) -> Result<()> {
    let version = git.ask(["--version"])?;
    let (major, minor) = FIRST_GIT;
    if parse_version(&version).is_none_or(|it| it < FIRST_GIT) {
        bail!("`update` merges with git {major}.{minor} or newer, and this is {}: install a newer one", version.trim());
    }
    Ok(())
}

/// `git version 2.47.3`, with more behind it on some systems.
fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim().strip_prefix("git version ")?.split(['.', ' ']).map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// Both renderings with the project's own version of what its user owns, so that no merge touches it. The old one has the project's
/// record as it stands, because its new text is this tool's.
pub fn leave_alone(rendered: [&mut TrackedFiles; 2], project: &TrackedFiles, owned: impl Fn(&Utf8Path) -> bool) {
    let [old, new] = rendered;
    for files in [&mut *old, new] {
        files.retain(|path, _| !owned(path));
        let ours = project.iter().filter(|(path, _)| owned(path));
        files.extend(ours.map(|(path, file)| (path.clone(), file.clone())));
    }
    let record = Utf8Path::new(ProjectRecord::PATH);
    if let Some(file) = project.get(record) {
        old.insert(record.to_owned(), file.clone());
    }
}

/// Merges what has changed between two trees into the tree of a commit. Only git's store is written, and names of this tool's own.
pub fn merge(git: &Git, old: &str, new: &str, project: &str) -> Result<MergedTree> {
    let base = commit(git, old, None)?;
    let ours = commit(git, &format!("{project}^{{tree}}"), Some(&base))?;
    let theirs = commit(git, new, Some(&base))?;
    // The markers have the names that git is told.
    let references = [(OURS, &ours), (THEIRS, &theirs)].map(|(name, commit)| (format!("refs/{name}"), commit));
    for (reference, commit) in &references {
        git.query(&git.invocation(["update-ref", reference, commit]), "update-ref")?;
    }
    let output = git.read(&git.invocation(["merge-tree", "--write-tree", "-z", OURS, THEIRS]))?;
    for (reference, _) in &references {
        git.query(&git.invocation(["update-ref", "-d", reference]), "update-ref")?;
    }
    match output.exit {
        Exit::Code(0 | 1) => MergedTree::parse(&output.stdout).context("git has answered something else than a merge"),
        _ => bail!("`git merge-tree` failed: {}", output.stderr.trim()),
    }
}

/// A commit that nothing leads to, by nobody.
fn commit(git: &Git, tree: &str, parent: Option<&str>) -> Result<String> {
    let tree = git.ask(["rev-parse", "--verify", tree])?;
    let parent = parent.into_iter().flat_map(|it| ["-p", it]);
    let arguments = ["commit-tree", tree.trim(), "-m", "For `cargo xtask update`"].into_iter().chain(parent);
    let commit = git.query(&by_nobody(git.invocation(arguments)), "commit-tree")?;
    Ok(commit.trim().to_owned())
}

/// For commits that are nobody's, and in no history.
pub(crate) fn by_nobody(invocation: process::Invocation) -> process::Invocation {
    ["AUTHOR", "COMMITTER"].iter().fold(invocation, |it, who| {
        it.env(format!("GIT_{who}_NAME"), "cargo xtask").env(format!("GIT_{who}_EMAIL"), "xtask@localhost")
    })
}

/// The files that one tree has otherwise than another, as `M README.md`.
pub fn changed_files(git: &Git, from: &str, to: &str) -> Result<Vec<(char, Utf8PathBuf)>> {
    let listed = git.ask(["diff-tree", "-r", "-z", "--no-renames", "--name-status", from, to])?;
    let mut words = listed.split_terminator('\0');
    let mut files = Vec::new();
    while let (Some(status), Some(path)) = (words.next(), words.next()) {
        files.push((status.chars().next().unwrap_or('M'), path.into()));
    }
    Ok(files)
}

impl MergedTree {
    /// git's answer: the tree, the versions of files in conflict, an empty field, and messages.
    ///
    /// Source: git-merge-tree(1), "OUTPUT".
    fn parse(text: &str) -> Result<Self> {
        let mut fields = text.split('\0');
        let tree = fields.next().filter(|it| !it.is_empty()).context("there is no tree")?.to_owned();
        let mut unmerged = Vec::new();
        for field in fields.by_ref().take_while(|it| !it.is_empty()) {
            let (about, path) = field.split_once('\t').context("a file has no path")?;
            let words: Vec<&str> = about.split(' ').collect();
            let [mode, id, stage] = words[..] else { bail!("a file has no stage") };
            let path = path.into();
            unmerged.push(UnmergedFile { mode: mode.into(), id: id.into(), stage: stage.into(), path });
        }
        let mut conflicts = Vec::new();
        while let Some(count) = fields.next().filter(|it| !it.is_empty()) {
            let count: usize = count.parse().context("a message has no number of paths")?;
            let mut message = fields.by_ref().skip(count);
            let (kind, text) = (message.next().context("a message has no kind")?, message.next());
            if kind.starts_with("CONFLICT") {
                conflicts.push(text.unwrap_or_default().trim().to_owned());
            }
        }
        ensure!(unmerged.is_empty() || !conflicts.is_empty(), "git does not say what is in conflict");
        Ok(Self { tree, unmerged, conflicts })
    }

    /// The paths that are in conflict, each once.
    pub fn paths(&self) -> Vec<&Utf8Path> {
        let mut paths: Vec<&Utf8Path> = self.unmerged.iter().map(|it| it.path.as_path()).collect();
        paths.dedup();
        paths
    }
}

/// The lines that tell git's index of these files that they are in conflict.
pub(crate) fn index_lines(unmerged: &[UnmergedFile]) -> String {
    let mut lines = String::new();
    for file in unmerged {
        // Not as merged any more.
        lines += &format!("0 {}\t{}\0", "0".repeat(file.id.len()), file.path);
    }
    for UnmergedFile { mode, id, stage, path } in unmerged {
        lines += &format!("{mode} {id} {stage}\t{path}\0");
    }
    lines
}

impl Rules {
    /// Whether an update leaves a file alone, because it is the user's.
    pub fn leaves_alone(&self, path: &Utf8Path, takes_all: bool) -> bool {
        !takes_all && path != ProjectRecord::PATH && self.is_owned(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TrackedFile;

    fn file(text: &str) -> TrackedFile {
        TrackedFile::new(text)
    }

    #[test]
    fn versions_of_git_are_read_as_systems_write_them() {
        for (text, expected) in [
            ("git version 2.47.3\n", Some((2, 47))),
            ("git version 2.39.5 (Apple Git-154)\n", Some((2, 39))),
            ("git version 3.0.0-rc1", Some((3, 0))),
            ("something", None),
        ] {
            assert_eq!(parse_version(text), expected, "{text}");
        }
    }

    #[test]
    fn an_answer_without_conflicts_is_a_tree() {
        let expected = MergedTree { tree: "c0".to_owned(), ..MergedTree::default() };
        assert_eq!(MergedTree::parse("c0\0").unwrap(), expected);
        let merged = MergedTree::parse("c0\0\x001\0a\0Auto-merging\0Auto-merging a\n\0").unwrap();
        assert_eq!(merged, expected);
        assert!(MergedTree::parse("").is_err());
    }

    #[test]
    fn each_version_of_a_file_in_conflict_is_known() {
        let text = "c0\x00100644 aa 1\ta b\x00100644 bb 2\ta b\x00100755 cc 3\tc\0\x001\0a b\0Auto-merging\0Auto-merging a b\n\0\
                    1\0a b\0CONFLICT (contents)\0CONFLICT (content): Merge conflict in a b\n\0";
        let merged = MergedTree::parse(text).unwrap();
        assert_eq!(merged.paths(), ["a b", "c"]);
        assert_eq!(merged.conflicts, ["CONFLICT (content): Merge conflict in a b"]);
        let lines = "0 00\ta b\x000 00\ta b\x000 00\tc\x00100644 aa 1\ta b\x00100644 bb 2\ta b\x00100755 cc 3\tc\0";
        assert_eq!(index_lines(&merged.unmerged), lines);
        assert!(MergedTree::parse("c0\x00100644 aa 1\ta\0").is_err());
    }

    #[test]
    fn what_the_user_owns_is_the_same_on_all_sides() {
        let mut old = TrackedFiles::from([("README.md".into(), file("old")), ("Dockerfile".into(), file("old"))]);
        old.insert(ProjectRecord::PATH.into(), file("old record"));
        let mut new = TrackedFiles::from([("README.md".into(), file("new")), ("Dockerfile".into(), file("new"))]);
        new.insert("data/new".into(), file("new"));
        new.insert(ProjectRecord::PATH.into(), file("new record"));
        let mut project = TrackedFiles::from([("data/mine".into(), file("mine")), ("mine".into(), file("mine"))]);
        project.insert(ProjectRecord::PATH.into(), file("my record"));
        leave_alone([&mut old, &mut new], &project, |it| it == "README.md" || it.starts_with("data"));
        let names = |files: &TrackedFiles| files.keys().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names(&old), [ProjectRecord::PATH, "Dockerfile", "data/mine"]);
        assert_eq!(names(&new), [ProjectRecord::PATH, "Dockerfile", "data/mine"]);
        let text = |files: &TrackedFiles| files[Utf8Path::new(ProjectRecord::PATH)].text().map(str::to_owned);
        assert_eq!((text(&old).as_deref(), text(&new).as_deref()), (Some("my record"), Some("new record")));
    }
}
