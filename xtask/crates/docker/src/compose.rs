//! `docker compose` with the files of this project.

use camino::{Utf8Path, Utf8PathBuf};

use process::Invocation;
use project::Settings;

/// The compose files of this project, and the values of their variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compose<'a> {
    /// The directory that relative paths in the files start from; `.env` is in it.
    pub directory: &'a Utf8Path,
    /// The files; each overrides those before it.
    pub files: Vec<Utf8PathBuf>,
    pub settings: &'a Settings,
    /// Variables besides the settings.
    pub variables: Vec<(&'static str, String)>,
}

/// Variables that make compose read other files than those that it is given.
///
/// <https://docs.docker.com/compose/how-tos/environment-variables/envvars/>
const FILE_VARIABLES: [&str; 4] =
    ["COMPOSE_FILE", "COMPOSE_PATH_SEPARATOR", "COMPOSE_ENV_FILES", "COMPOSE_DISABLE_ENV_FILE"];

impl Compose<'_> {
    /// `docker compose` with these files.
    pub fn invocation<'s>(&self, arguments: impl IntoIterator<Item = &'s str>) -> Invocation {
        let mut invocation =
            Invocation::new("docker").args(["compose", "--project-directory", self.directory.as_str()]);
        for file in &self.files {
            invocation = invocation.args(["--file", file.as_str()]);
        }
        for name in FILE_VARIABLES {
            invocation = invocation.without_env(name);
        }
        for (name, value) in self.settings.variables.iter().chain(self.variables.iter().map(|(name, it)| (name, it))) {
            invocation = invocation.env(*name, value);
        }
        invocation.args(arguments)
    }

    /// Asks for compose's hash of a service's definition: a line `NAME HASH`.
    pub fn hash_query(&self, service: &str) -> Invocation {
        self.invocation(["config", "--hash", service])
    }

    /// Asks for the merged files with variables replaced, every service of every profile, as JSON.
    pub fn query(&self) -> Invocation {
        self.invocation(["--profile", "*", "config", "--format", "json"])
    }
}
