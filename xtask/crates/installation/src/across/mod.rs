//! What the Dockerfile and compose.yaml have to agree on with `cargo xtask`, with .env and with each other.

mod arguments;
mod context;
mod files;
mod mounts;
mod names;
mod variables;

use camino::Utf8PathBuf;

use report::{Findings, Source};

use super::{compose::ComposeFile, dockerfile::Dockerfile};

/// What `cargo xtask` and this machine have to do with the two files.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The build arguments that `cargo xtask build` may pass.
    pub passed_arguments: &'a [&'a str],
    /// The files of the generated build context, also those that only some builds have.
    pub context_files: &'a [Utf8PathBuf],
    /// The targets of the build: a stage, a service and a tag each.
    pub targets: &'a [&'a str],
    /// The variables that .env may define.
    pub variables: &'a [&'a str],
    /// The directories of this machine that variables name.
    pub local_directories: &'a [LocalDirectory<'a>],
}

/// A directory of this machine that a variable of .env names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalDirectory<'a> {
    /// The variable.
    pub variable: &'a str,
    /// The directory.
    pub path: Utf8PathBuf,
    /// Whether it is there.
    pub exists: bool,
}

/// Compares the Dockerfile with what the build passes to it, gives it, and wants from it.
pub fn check_dockerfile(source: &Source, dockerfile: &Dockerfile, expected: &Expected, findings: &mut Findings) {
    arguments::check(source, dockerfile, expected.passed_arguments, findings);
    files::check(source, dockerfile, expected.context_files, findings);
    names::check_stages(source, dockerfile, expected.targets, findings);
}

/// Compares compose.yaml with .env, with the targets of the build, and with the directories of this machine.
pub fn check_compose(source: &Source, compose: &ComposeFile, expected: &Expected, findings: &mut Findings) {
    variables::check(source, compose, expected.variables, findings);
    names::check_services(source, compose, expected.targets, findings);
    mounts::check(source, compose, expected.local_directories, findings);
}
