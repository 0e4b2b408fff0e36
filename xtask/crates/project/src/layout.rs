//! The paths of the repository.

use anyhow::{Result, bail};
use camino::{Utf8DirEntry, Utf8Path, Utf8PathBuf};

use process::files::Journal;

/// The paths of one repository. All are absolute; messages show [`relative`](Self::relative) ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    root: Utf8PathBuf,
}

/// The part of the image that a list of system packages is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AptStage {
    /// Needed to build Python packages; not in any image.
    Build,
    /// Needed to run the code.
    Runtime,
    /// Needed to develop in the container.
    Dev,
}

impl AptStage {
    pub const ALL: [Self; 3] = [Self::Build, Self::Runtime, Self::Dev];

    /// The name of its list, in `dependencies/` as in the build context.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Build => "apt-build.txt",
            Self::Runtime => "apt-runtime.txt",
            Self::Dev => "apt-dev.txt",
        }
    }
}

impl Layout {
    pub fn new(root: impl Into<Utf8PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The repository that `directory` is in: the nearest directory above that has `xtask/Cargo.toml` beside
    /// `dependencies/`.
    pub fn find(directory: &Utf8Path) -> Result<Self> {
        let is_root = |it: &&Utf8Path| it.join("xtask/Cargo.toml").is_file() && it.join("dependencies").is_dir();
        match directory.ancestors().find(is_root) {
            Some(root) => Ok(Self::new(root)),
            None => bail!("`{directory}` is not in a repository with `xtask/` and `dependencies/`; run it inside one"),
        }
    }

    pub fn root(&self) -> &Utf8Path {
        &self.root
    }

    /// A path as messages show it: from the repository's top directory, where it is below that.
    pub fn relative(&self, path: &Utf8Path) -> Utf8PathBuf {
        path.strip_prefix(&self.root).unwrap_or(path).to_owned()
    }

    /// The list of conda and pip packages.
    pub fn environment_yml(&self) -> Utf8PathBuf {
        self.root.join("dependencies/environment.yml")
    }

    pub fn apt_list(&self, stage: AptStage) -> Utf8PathBuf {
        self.root.join("dependencies").join(stage.file_name())
    }

    /// The folder of the Docker installation.
    pub fn docker(&self) -> Utf8PathBuf {
        self.root.join("installation/docker-amd64")
    }

    /// The folder of the jobs' descriptions, which need not exist.
    pub fn jobs(&self) -> Utf8PathBuf {
        self.root.join("jobs")
    }

    /// The folder of the clusters' descriptions.
    pub fn clusters(&self) -> Utf8PathBuf {
        self.root.join("installation/clusters")
    }

    pub fn env_file(&self) -> Utf8PathBuf {
        self.docker().join(".env")
    }

    pub fn dockerfile(&self) -> Utf8PathBuf {
        self.docker().join("Dockerfile")
    }

    pub fn compose_file(&self) -> Utf8PathBuf {
        self.docker().join("compose.yaml")
    }

    /// The compose file that is merged over the first one for a purpose, such as `gpu` or `ssh`.
    pub fn compose_overlay(&self, purpose: &str) -> Utf8PathBuf {
        self.docker().join(format!("compose.{purpose}.yaml"))
    }

    /// The person's own compose file, which need not exist.
    pub fn compose_override(&self) -> Utf8PathBuf {
        self.docker().join("compose.override.yaml")
    }

    /// What outlives the dev container: caches, editors, keys.
    pub fn dev_files(&self) -> Utf8PathBuf {
        self.docker().join(".dev")
    }

    /// The leases of what runs in containers now. They are not in [`work`](Self::work), because a container that runs keeps
    /// this directory mounted, and `cargo clean` would take it away.
    pub fn leases(&self) -> Utf8PathBuf {
        self.dev_files().join("leases")
    }

    /// The ids of the jobs whose end somebody knows of, a file each.
    pub fn read_jobs(&self) -> Utf8PathBuf {
        self.dev_files().join("read-jobs")
    }

    /// The scripts that run while an image is built.
    pub fn scripts(&self) -> Utf8PathBuf {
        self.root.join("xtask/scripts")
    }

    /// The scripts that run in containers.
    pub fn run_scripts(&self) -> Utf8PathBuf {
        self.scripts().join("run")
    }

    pub fn python_project(&self) -> Utf8PathBuf {
        self.root.join("python-project")
    }

    pub fn pyproject(&self) -> Utf8PathBuf {
        self.python_project().join("pyproject.toml")
    }

    /// The known vulnerabilities that the project lives with, which need not exist.
    pub fn audit(&self) -> Utf8PathBuf {
        self.root.join("dependencies/audit.toml")
    }

    /// The digests of the base images.
    pub fn base_images(&self) -> Utf8PathBuf {
        self.root.join("installation/tools/base-images.txt")
    }

    /// The prefix of the native engine.
    pub fn prefix(&self) -> Utf8PathBuf {
        self.root.join(".venv")
    }

    /// What this tool generates and can generate again.
    pub fn work(&self) -> Utf8PathBuf {
        self.root.join("target/xtask")
    }

    /// What is known of the dev container.
    pub fn dev_container(&self) -> Utf8PathBuf {
        self.work().join("dev-container.json")
    }

    /// What the builder has printed when it ran last.
    pub fn build_log(&self) -> Utf8PathBuf {
        self.work().join("build.log")
    }

    /// What was built when, a line each.
    pub fn builds(&self) -> Utf8PathBuf {
        self.work().join("builds.jsonl")
    }

    /// Which dev container was frozen last.
    pub fn frozen_container(&self) -> Utf8PathBuf {
        self.work().join("frozen-container.json")
    }

    /// The build context, which is generated.
    pub fn context(&self) -> Utf8PathBuf {
        self.work().join("context")
    }

    /// Where `base` makes its image.
    pub fn base_files(&self) -> Utf8PathBuf {
        self.work().join("base")
    }

    /// Where `verify` builds the native environment again.
    pub fn rebuilt_prefix(&self) -> Utf8PathBuf {
        self.work().join("verify")
    }

    /// The images on their way into an archive of another kind.
    pub fn saved_images(&self) -> Utf8PathBuf {
        self.work().join("saved.tar")
    }

    /// What a `bench` that goes on keeps locked: otherwise, what there is of one is left by it.
    pub fn bench_lock(&self) -> Utf8PathBuf {
        self.work().join("bench.lock")
    }

    /// The copies of the repository that `bench` measures.
    pub fn bench_files(&self) -> Utf8PathBuf {
        self.work().join("bench")
    }

    /// What `unbundle` has brought.
    pub fn supply(&self) -> Utf8PathBuf {
        self.work().join("supply")
    }

    /// What `bundle` has gathered so far, for the next time that it is started.
    pub fn gathered(&self) -> Utf8PathBuf {
        self.work().join("bundle")
    }

    /// The build caches of `--cache-to local`.
    pub fn local_caches(&self) -> Utf8PathBuf {
        self.work().join("cache")
    }

    /// The journal of changes to the settings file, to environment.yml and to locks.
    pub fn journal(&self) -> Journal {
        Journal { path: self.work().join("journal.json"), may_change: is_kept_file }
    }

    /// The directories in which a writer that is killed may leave a temporary file.
    pub fn written_directories(&self) -> Vec<Utf8PathBuf> {
        let dependencies = self.root.join("dependencies");
        let locks = dependencies.join("lock").read_dir_utf8().into_iter().flatten().flatten();
        let locks: Vec<Utf8PathBuf> = locks.map(Utf8DirEntry::into_path).collect();
        let (work, dev_files) = (self.work(), self.dev_files());
        let generated = [work.join("lists"), work.join("compose"), work, self.prefix()];
        let shared = [dev_files.join("ssh"), dev_files.join("jupyter"), dev_files];
        let kept = [self.docker(), self.root.join("installation/tools"), dependencies];
        [&kept[..], &locks, &generated, &shared].concat()
    }

    /// The file of the [`RepositoryLock`](process::files::RepositoryLock).
    pub fn lock(&self) -> Utf8PathBuf {
        self.work().join("lock")
    }
}

/// Whether a file is one that this tool changes and the user keeps, by its path in the repository.
fn is_kept_file(relative: &Utf8Path) -> bool {
    let layout = Layout::new("/");
    let parts: Vec<&str> = relative.components().map(|it| it.as_str()).collect();
    let is_locked = match parts[..] {
        ["dependencies", "lock", platform, file] => platform != ".." && file != "..",
        ["installation", "tools", file] => file != "..",
        _ => false,
    };
    let path = layout.root.join(relative);
    path == layout.environment_yml() || path == layout.env_file() || is_locked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_is_about_the_files_that_are_written_together_alone() {
        for kept in [
            "dependencies/environment.yml",
            "installation/docker-amd64/.env",
            "dependencies/lock/linux-amd64/pylock.toml",
            "installation/tools/uv.txt",
        ] {
            assert!(is_kept_file(kept.into()), "{kept}");
        }
        for other in [
            "README.md",
            "../a",
            "/etc/passwd",
            "dependencies/lock/../x",
            "dependencies/lock/a/..",
            "xtask/src/main.rs",
        ] {
            assert!(!is_kept_file(other.into()), "{other}");
        }
    }
}
