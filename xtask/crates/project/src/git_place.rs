//! Where git keeps what it knows of a directory.

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use super::git_index::git_directory;

/// Where that is, seen from containers, which get the directory of the project alone.
///
/// Source: git's documentation, gitrepository-layout(5) and gitsubmodules(7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GitPlace {
    /// In the directory itself, or nowhere.
    Here,
    /// In a directory that all worktrees of the repository share.
    Worktree {
        /// On this machine.
        shared: Utf8PathBuf,
        /// Where git looks for it in a container.
        in_container: Utf8PathBuf,
    },
    /// In a larger repository, which the project is a submodule or a folder of.
    Larger { repository: Utf8PathBuf, is_submodule: bool },
}

impl GitPlace {
    /// Of a project that is mounted at a path.
    pub fn find(project: &Utf8Path, in_container: &Utf8Path) -> Self {
        if project.join(".git").is_dir() {
            return Self::Here;
        }
        if let Some(own) = git_directory(project) {
            return Self::of_pointer(project, in_container, &own);
        }
        match project.ancestors().skip(1).find(|it| git_directory(it).is_some()) {
            Some(repository) => Self::Larger { repository: repository.to_owned(), is_submodule: false },
            None => Self::Here,
        }
    }

    /// Of a project whose `.git` names another directory, which may be relative to the project.
    fn of_pointer(project: &Utf8Path, in_container: &Utf8Path, own: &Utf8Path) -> Self {
        let Some(shared) = own.parent().and_then(Utf8Path::parent).filter(|_| own.join("commondir").is_file()) else {
            let repository = project.ancestors().skip(1).find(|it| it.join(".git").is_dir());
            return match repository {
                Some(repository) => Self::Larger { repository: repository.to_owned(), is_submodule: true },
                None => Self::Here,
            };
        };
        let in_container = match own.strip_prefix(project) {
            Ok(relative) => in_container.join(relative.parent().and_then(Utf8Path::parent).unwrap_or(relative)),
            Err(_) => shared.to_owned(),
        };
        Self::Worktree { shared: without_steps_up(shared), in_container: without_steps_up(&in_container) }
    }

    /// Why git does not work in containers, where it does not.
    pub fn problem(&self) -> Option<String> {
        let Self::Larger { repository, is_submodule } = self else { return None };
        let what = if *is_submodule { "a submodule" } else { "a folder" };
        Some(format!(
            "git does not work in containers: the project is {what} of the repository `{repository}`, which they do not see"
        ))
    }
}

/// Without `..`, as the kernel goes where no links are.
pub fn without_steps_up(path: &Utf8Path) -> Utf8PathBuf {
    let mut plain = Utf8PathBuf::new();
    for component in path.components() {
        match component {
            Utf8Component::ParentDir => _ = plain.pop(),
            Utf8Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn git(directory: &Utf8Path, arguments: &[&str]) {
        let mut git = assert_cmd::Command::new("git");
        let identity = ["-c", "user.name=a", "-c", "user.email=a@e.org", "-c", "protocol.file.allow=always"];
        git.args(identity).args(arguments).current_dir(directory).assert().success();
    }

    #[test]
    fn a_repository_a_worktree_a_submodule_and_a_folder_are_told_apart() {
        let directory = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(directory.path()).unwrap().canonicalize_utf8().unwrap();
        let (main, folder) = (root.join("main"), root.join("main/folder"));
        std::fs::create_dir_all(&folder).unwrap();
        git(&main, &["init", "--quiet"]);
        git(&main, &["commit", "--quiet", "--allow-empty", "--message", "x"]);
        git(&main, &["worktree", "add", "--quiet", "../tree"]);
        git(&root, &["init", "--quiet", "super"]);
        git(&root.join("super"), &["submodule", "--quiet", "add", main.as_str(), "sub"]);
        let find = |it: &str| GitPlace::find(&root.join(it), "/opt/project".into());
        assert_eq!(find("main"), GitPlace::Here);
        assert_eq!(find("."), GitPlace::Here);
        let shared = main.join(".git");
        assert_eq!(find("tree"), GitPlace::Worktree { shared: shared.clone(), in_container: shared });
        let repository = root.join("super");
        assert_eq!(find("super/sub"), GitPlace::Larger { repository, is_submodule: true });
        assert_eq!(find("main/folder"), GitPlace::Larger { repository: main, is_submodule: false });
        assert!(find("main/folder").problem().unwrap().contains("is a folder of the repository"));
    }

    #[test]
    fn a_relative_pointer_leads_to_the_same_place_from_where_the_project_is_mounted() {
        let directory = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(directory.path()).unwrap().canonicalize_utf8().unwrap();
        std::fs::create_dir_all(root.join("main/.git/worktrees/tree")).unwrap();
        std::fs::write(root.join("main/.git/worktrees/tree/commondir"), "../..\n").unwrap();
        std::fs::create_dir(root.join("tree")).unwrap();
        std::fs::write(root.join("tree/.git"), "gitdir: ../main/.git/worktrees/tree\n").unwrap();
        let expected = GitPlace::Worktree { shared: root.join("main/.git"), in_container: "/opt/main/.git".into() };
        assert_eq!(GitPlace::find(&root.join("tree"), "/opt/project".into()), expected);
    }
}
