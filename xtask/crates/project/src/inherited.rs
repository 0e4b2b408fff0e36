//! The settings of a new worktree, which are those of the repository's main one.

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use report::{Findings, Source};

use super::{EnvFile, GitPlace, Pyproject, checkout, env_edit::set_variable};

/// The root of the repository's main worktree, if another directory is a linked worktree of it.
pub fn main_worktree(root: &Utf8Path) -> Option<Utf8PathBuf> {
    match GitPlace::find(root, root) {
        GitPlace::Worktree { shared, .. } => {
            shared.parent().filter(|_| shared.file_name() == Some(".git")).map(Utf8Path::to_owned)
        }
        _ => None,
    }
}

/// The text of a settings file for another checkout on the same machine: the same choices, but what is a checkout's alone.
pub fn inherited(source: &Source, root: &Utf8Path, pyproject: &Pyproject) -> Result<String> {
    let own = [
        ("COMPOSE_PROJECT_NAME", checkout::compose_project(root, &pyproject.name)),
        ("SSH_PORT", checkout::ssh_port(root).to_string()),
        ("JUPYTER_PORT", checkout::jupyter_port(root).to_string()),
        ("LOCAL_PROJECT_DIR", "../..".to_owned()),
    ];
    let has = EnvFile::parse(source, &mut Findings::default());
    own.into_iter().filter(|(name, _)| has.get(name).is_some()).try_fold(source.text.clone(), |text, (name, value)| {
        set_variable(&Source::new(&source.file, &text), name, &value)
    })
}
