//! Whether git tracks a file, without starting git.

use camino::{Utf8Path, Utf8PathBuf};

/// Whether the index of the repository that `root` is in has `file`. Where that is unknown (no repository, an index
/// of version 4, whose paths are compressed), it counts as not tracked.
///
/// Source: git's documentation of the index format: each entry ends with two bytes of flags, the low twelve bits being
/// the length of the path, then the path and a NUL.
pub fn is_tracked_by_git(root: &Utf8Path, file: &Utf8Path) -> bool {
    let Some((work_tree, git)) = root.ancestors().find_map(|it| Some((it, git_directory(it)?))) else { return false };
    let Ok(path) = file.strip_prefix(work_tree) else { return false };
    std::fs::read(git.join("index")).is_ok_and(|index| has_entry(&index, path.as_str()))
}

/// The `.git` directory of a work tree. A linked worktree and a submodule have a file that names it.
pub(crate) fn git_directory(work_tree: &Utf8Path) -> Option<Utf8PathBuf> {
    let path = work_tree.join(".git");
    if path.is_dir() {
        return Some(path);
    }
    let text = std::fs::read_to_string(&path).ok()?;
    Some(work_tree.join(text.strip_prefix("gitdir:")?.trim()))
}

fn has_entry(index: &[u8], path: &str) -> bool {
    if !index.starts_with(b"DIRC\0\0\0\x02") && !index.starts_with(b"DIRC\0\0\0\x03") {
        return false;
    }
    let Ok(length) = u16::try_from(path.len()) else { return false };
    // Two more bytes of flags may stand in between in version 3, for entries that are not there yet.
    let mut entry = length.min(0xfff).to_be_bytes().to_vec();
    entry.extend(path.as_bytes());
    entry.push(0);
    index.windows(entry.len()).any(|it| it[0] & 0x0f == entry[0] && it[1..] == entry[1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_has_added_is_tracked() {
        let directory = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(directory.path()).unwrap();
        let git = |arguments: &[&str]| {
            assert_cmd::Command::new("git").args(arguments).current_dir(root).assert().success();
        };
        std::fs::create_dir(root.join("in")).unwrap();
        for file in ["in/.env", "in/.env2"] {
            std::fs::write(root.join(file), "A=1\n").unwrap();
        }
        assert!(!is_tracked_by_git(root, &root.join("in/.env")), "there is no repository");
        git(&["init", "--quiet"]);
        git(&["add", "in/.env2"]);
        assert!(!is_tracked_by_git(&root.join("in"), &root.join("in/.env")));
        git(&["add", "in/.env"]);
        assert!(is_tracked_by_git(&root.join("in"), &root.join("in/.env")));
    }
}
