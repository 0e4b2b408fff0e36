//! What the requests to Docker are said in.

use std::os::unix::fs::MetadataExt as _;

use camino::Utf8Path;

use docker::Podman;
use process::{Dialect, HostEnvironment, files};
use project::{EnvFile, Layout, main_worktree};
use report::{Findings, Source};

const SETTING: &str = "ENGINE";
const PODMAN: &str = "podman";

/// Where a process sees itself, as a directory of its user.
const SELF: &str = "/proc/self";

/// podman's words, where the shell or the settings choose podman; `None` for Docker's own. It has to be known before anything is
/// asked, so before the settings are checked: what is wrong with them is said later.
pub fn dialect(layout: &Layout, host: &HostEnvironment) -> Option<&'static dyn Dialect> {
    let is_podman = match host.get(SETTING) {
        Some(engine) => engine == PODMAN,
        None => settings_text(layout).is_some_and(|it| chooses_podman(&it)),
    };
    let is_root = || Utf8Path::new(SELF).metadata().is_ok_and(|it| it.uid() == 0);
    is_podman.then(|| if is_root() { Podman::ROOTFUL } else { Podman::ROOTLESS } as &dyn Dialect)
}

/// A worktree without settings of its own gets those of the main one.
fn settings_text(layout: &Layout) -> Option<String> {
    let own = layout.env_file();
    let read = |path: &Utf8Path| files::read_text_if_any(path).ok().flatten();
    read(&own).or_else(|| read(&main_worktree(layout.root())?.join(layout.relative(&own))))
}

fn chooses_podman(text: &str) -> bool {
    // Of most files nothing has to be parsed.
    text.contains(PODMAN) && {
        let file = EnvFile::parse(&Source::new(".env", text), &mut Findings::default());
        file.get(SETTING).is_some_and(|it| it.value == PODMAN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_of_the_settings_decides() {
        assert!(chooses_podman("USR=me\nENGINE=podman # here\n"));
        assert!(!chooses_podman("# ENGINE=podman\nENGINE=docker\n"));
        assert!(!chooses_podman("USR=podman\n"));
    }
}
