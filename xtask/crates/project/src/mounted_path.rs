//! Where containers see what is on this machine.

use camino::{Utf8Path, Utf8PathBuf};

use super::Settings;

impl Settings {
    /// The path in containers of a file or directory of this machine; `None` for what is not mounted.
    pub fn path_in_container(&self, path: &Utf8Path) -> Option<Utf8PathBuf> {
        let (local, container) = (&self.local, &self.container);
        let mounts = [
            (&local.data, &container.data),
            (&local.outputs, &container.outputs),
            (&local.wandb, &container.wandb),
            (&local.project, &container.root),
        ];
        mounts.into_iter().find_map(|(from, to)| {
            let below = path.strip_prefix(from).ok()?;
            Some(if below.as_str().is_empty() { to.clone() } else { to.join(below) })
        })
    }

    /// Where commands start in a container for somebody who stands in a directory of this machine; `None` where they start in the
    /// Python project as usual, as they do for the top of the repository.
    pub fn directory_in_container(&self, standing: &Utf8Path) -> Option<Utf8PathBuf> {
        self.path_in_container(standing).filter(|it| *it != self.container.root && *it != self.container.project)
    }

    /// A command for a container: an argument that is the absolute path of something mounted that is there becomes the path in the
    /// container.
    pub fn command_in_container(&self, command: &[String]) -> Vec<String> {
        let translated = |it: &String| {
            let path = Utf8Path::new(it);
            let inside = (path.is_absolute() && path.exists()).then(|| self.path_in_container(path));
            inside.flatten().map_or_else(|| it.clone(), Utf8PathBuf::into_string)
        };
        command.iter().map(translated).collect()
    }
}
