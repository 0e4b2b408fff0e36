//! Where the kernel of this machine shows whether a container runs.

use camino::{Utf8Path, Utf8PathBuf};

use process::files;

/// Where control groups are, with those that can be frozen apart where the kernel has version 1 of them.
const ROOTS: [&str; 2] = ["/sys/fs/cgroup/freezer", "/sys/fs/cgroup"];

/// The control group of a container. A daemon on another machine, or in a virtual one, has its containers' elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlGroup {
    directory: Utf8PathBuf,
}

impl ControlGroup {
    /// That of the container with this full id, in the places where Docker makes it; it may be told to make it elsewhere.
    ///
    /// <https://docs.docker.com/engine/containers/runmetrics/#find-the-cgroup-for-a-given-container>
    pub fn find(id: &str) -> Option<Self> {
        let names = [format!("docker/{id}"), format!("system.slice/docker-{id}.scope")];
        let places = ROOTS.iter().flat_map(|root| names.iter().map(|name| Utf8Path::new(root).join(name)));
        let directory = places.into_iter().find(|it| it.is_dir())?;
        Some(Self { directory })
    }

    /// One whose directory is known. None has another container's: its name has the id.
    pub fn known(directory: &str, id: &str) -> Option<Self> {
        let directory = Utf8PathBuf::from(directory);
        directory.file_name().is_some_and(|it| it.contains(id)).then_some(Self { directory })
    }

    pub fn directory(&self) -> &Utf8Path {
        &self.directory
    }

    /// Whether something runs in it that is not paused. Where that cannot be read, it does not.
    pub fn is_running(&self) -> bool {
        let read = |name: &str| files::read_text(&self.directory.join(name)).unwrap_or_default();
        let events = read("cgroup.events");
        if !events.is_empty() {
            let has = |event: &str| events.lines().any(|it| it == event);
            return has("populated 1") && has("frozen 0");
        }
        read("freezer.state").trim() == "THAWED" && !read("cgroup.procs").is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const ID: &str = "470f25a6";

    fn is_running(group: &[(&str, &str)]) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join(ID);
        fs::create_dir(&directory).unwrap();
        for (name, text) in group {
            fs::write(directory.join(name), text).unwrap();
        }
        ControlGroup::known(directory.to_str().unwrap(), ID).unwrap().is_running()
    }

    /// As Linux 6.18 writes these files.
    #[test]
    fn a_container_runs_while_it_has_processes_that_are_not_frozen() {
        assert!(is_running(&[("cgroup.events", "populated 1\nfrozen 0\n")]));
        assert!(!is_running(&[("cgroup.events", "populated 1\nfrozen 1\n")]));
        assert!(!is_running(&[("cgroup.events", "populated 0\nfrozen 0\n")]));
        assert!(is_running(&[("freezer.state", "THAWED\n"), ("cgroup.procs", "11618\n")]));
        assert!(!is_running(&[("freezer.state", "FROZEN\n"), ("cgroup.procs", "11618\n")]));
        assert!(!is_running(&[("freezer.state", "THAWED\n"), ("cgroup.procs", "")]));
        assert!(!is_running(&[]));
    }

    #[test]
    fn another_containers_group_says_nothing() {
        assert_eq!(ControlGroup::known("/sys/fs/cgroup/docker/0123abcd", ID), None);
        assert_eq!(ControlGroup::known("/", ID), None);
        assert_eq!(ControlGroup::find("no-such-id"), None);
    }
}
