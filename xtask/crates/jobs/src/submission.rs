//! One job at one site, with all that is decided when it is submitted.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use process::Invocation;
use project::{ContainerPaths, UserIds};

use super::{Job, RunOrder, Site};

/// Ours, and known before the engine is asked: a job's name, and what tells it from others of that name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct JobId(pub String);

impl JobId {
    /// Of a command that is run at a time, in RFC 3339, by a process of this machine.
    pub fn of_run(command: &[String], time: &str, process: u32) -> Self {
        let program = command.first().map(String::as_str).unwrap_or_default();
        let program = program.rsplit('/').next().unwrap_or_default().to_lowercase();
        let plain: String =
            program.chars().map(|it| if it.is_ascii_alphanumeric() { it } else { '-' }).take(20).collect();
        let plain = plain.trim_matches('-');
        let plain = if plain.is_empty() { "run" } else { plain };
        let digits: String = time.chars().filter(char::is_ascii_digit).take(14).collect();
        let (day, second) = digits.split_at_checked(8).unwrap_or((&digits, ""));
        Self(format!("{plain}-{day}-{second}-{:04x}", process & 0xffff))
    }
}

/// What an engine's files and commands are made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    pub id: JobId,
    pub job: Job,
    pub site: Site,
    /// None where the native environment is used.
    pub image: Option<ImageSource>,
    /// The hash over everything that decides what is in the image.
    pub image_inputs: Option<String>,
    pub image_variables: BTreeMap<String, String>,
    /// In Docker's words, such as `amd64`.
    pub architecture: String,
    pub code: CodeSource,
    /// Paths in the container.
    pub paths: ContainerPaths,
    /// Who owns what the job writes.
    pub ids: UserIds,
    /// The run's folder, as the nodes see it; the parts of an array have folders below it, named by their indices.
    pub run_directory: Utf8PathBuf,
    /// What each receipt begins with.
    pub receipt: RunOrder,
    /// The engine's own ids of the jobs after which it starts.
    pub after: Vec<String>,
    /// `PATH` of whoever submits: an engine's programs are found there, on the nodes too.
    pub search_path: String,
}

impl Submission {
    /// The variables by which a program in a container finds the folders of the project, as in the containers of this machine.
    pub fn path_variables(&self) -> BTreeMap<String, String> {
        let paths = &self.paths;
        let paths = [
            ("PROJECT_ROOT", &paths.root),
            ("PROJECT_DIR", &paths.project),
            ("DATA_DIR", &paths.data),
            ("OUTPUTS_DIR", &paths.outputs),
            ("WANDB_DIR", &paths.wandb),
        ];
        paths.map(|(name, path)| (name.to_owned(), path.to_string())).into()
    }
}

/// An image, always by digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageSource {
    /// `host/name@sha256:…`
    Registry(String),
    /// A file or folder that the nodes see, named by the digest.
    Path { digest: String, path: Utf8PathBuf },
}

/// Where a job finds the code as it was when it was submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeSource {
    /// A folder that the nodes see.
    Directory(Utf8PathBuf),
    /// Nodes share no folder: the bytes of a `tar.gz`, which the shim unpacks.
    Archive(Vec<u8>),
}

/// What an engine is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedJob {
    /// Written into the run's folder before anything is started.
    pub files: Vec<RenderedFile>,
    pub invocations: Vec<Invocation>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedFile {
    /// Relative to the run's folder.
    pub path: Utf8PathBuf,
    pub contents: Vec<u8>,
    pub is_executable: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_called_by_its_program_and_its_time() {
        let of = |program: &str| JobId::of_run(&[program.to_owned()], "2026-12-01T02:15:30Z", 0x1_0abc).0;
        assert_eq!(of("/usr/bin/Python3.12"), "python3-12-20261201-021530-0abc");
        assert_eq!(of("./…"), "run-20261201-021530-0abc");
    }
}
