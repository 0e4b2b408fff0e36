//! The paths of the repository.

use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

/// The paths of one repository. All are absolute; messages show [`relative`](Self::relative) ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    root: Utf8PathBuf,
}

/// The part of the image that a list of system packages is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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

    /// The scripts that run while an image is built.
    pub fn scripts(&self) -> Utf8PathBuf {
        self.docker().join("scripts")
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

    /// The prefix of the native engine.
    pub fn prefix(&self) -> Utf8PathBuf {
        self.root.join(".venv")
    }

    /// What this tool generates and can generate again.
    pub fn work(&self) -> Utf8PathBuf {
        self.root.join("target/xtask")
    }

    /// The build context, which is generated.
    pub fn context(&self) -> Utf8PathBuf {
        self.work().join("context")
    }

    /// The journal of [`Files::write_together`](process::Files::write_together).
    pub fn journal(&self) -> Utf8PathBuf {
        self.work().join("journal.json")
    }

    /// The file of the [`RepositoryLock`](process::files::RepositoryLock).
    pub fn lock(&self) -> Utf8PathBuf {
        self.work().join("lock")
    }
}
