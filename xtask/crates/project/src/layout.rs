//! Where things are in the repository.

use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

/// The paths of one repository. All are absolute; [`relative`](Self::relative) gives what messages show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    root: Utf8PathBuf,
}

/// For which part of the image a list of system packages is.
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
    /// Every stage.
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
    /// The repository at `root`.
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

    /// The repository's top directory.
    pub fn root(&self) -> &Utf8Path {
        &self.root
    }

    /// How a message names a path of the repository.
    pub fn relative(&self, path: &Utf8Path) -> Utf8PathBuf {
        path.strip_prefix(&self.root).unwrap_or(path).to_owned()
    }

    /// The conda and pip packages asked for.
    pub fn environment_yml(&self) -> Utf8PathBuf {
        self.root.join("dependencies/environment.yml")
    }

    /// The system packages asked for.
    pub fn apt_list(&self, stage: AptStage) -> Utf8PathBuf {
        self.root.join("dependencies").join(stage.file_name())
    }

    /// The folder of the Docker installation.
    pub fn docker(&self) -> Utf8PathBuf {
        self.root.join("installation/docker-amd64")
    }

    /// The settings.
    pub fn env_file(&self) -> Utf8PathBuf {
        self.docker().join(".env")
    }

    /// The Dockerfile.
    pub fn dockerfile(&self) -> Utf8PathBuf {
        self.docker().join("Dockerfile")
    }

    /// The compose file.
    pub fn compose_file(&self) -> Utf8PathBuf {
        self.docker().join("compose.yaml")
    }

    /// A compose file that goes over the first, by its word.
    pub fn compose_overlay(&self, word: &str) -> Utf8PathBuf {
        self.docker().join(format!("compose.{word}.yaml"))
    }

    /// The person's own compose file, which need not be there.
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

    /// The Python project.
    pub fn python_project(&self) -> Utf8PathBuf {
        self.root.join("python-project")
    }

    /// The Python project's description.
    pub fn pyproject(&self) -> Utf8PathBuf {
        self.python_project().join("pyproject.toml")
    }

    /// The prefix of the native engine.
    pub fn prefix(&self) -> Utf8PathBuf {
        self.root.join(".venv")
    }

    /// What this tool generates and may lose: all of it can be made again.
    pub fn work(&self) -> Utf8PathBuf {
        self.root.join("target/xtask")
    }

    /// The generated build context.
    pub fn context(&self) -> Utf8PathBuf {
        self.work().join("context")
    }

    /// What a command that writes several files at once has begun.
    pub fn journal(&self) -> Utf8PathBuf {
        self.work().join("journal.json")
    }

    /// Held while something in the repository is changed.
    pub fn lock(&self) -> Utf8PathBuf {
        self.work().join("lock")
    }
}
