//! The Dockerfile and compose.yaml checked against `cargo xtask`, .env and each other.

mod arguments;
mod context;
mod files;
mod mounts;
mod names;
mod variables;

use camino::Utf8PathBuf;

use report::{Findings, Source};

use super::{compose::ComposeFile, dockerfile::Dockerfile};

/// What `cargo xtask` passes to the two files and needs from them.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The build arguments that `cargo xtask build` may pass.
    pub passed_arguments: &'a [&'a str],
    /// The files of the generated build context, also those that only some builds have.
    pub context_files: &'a [Utf8PathBuf],
    /// The targets of the build: each is a stage, a service and a tag.
    pub targets: &'a [&'a str],
    /// The variables that .env may define.
    pub variables: &'a [&'a str],
    pub local_directories: &'a [LocalDirectory<'a>],
}

/// A directory of this machine that a variable of .env names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalDirectory<'a> {
    pub variable: &'a str,
    pub path: Utf8PathBuf,
    pub exists: bool,
}

/// Checks the arguments, files and stages of the Dockerfile.
pub fn check_dockerfile(source: &Source, dockerfile: &Dockerfile, expected: &Expected, findings: &mut Findings) {
    arguments::check(source, dockerfile, expected.passed_arguments, findings);
    files::check(source, dockerfile, expected.context_files, findings);
    names::check_stages(source, dockerfile, expected.targets, findings);
}

/// Checks the variables, services, tags and mounts of compose.yaml.
pub fn check_compose(source: &Source, compose: &ComposeFile, expected: &Expected, findings: &mut Findings) {
    variables::check(source, compose, expected.variables, findings);
    names::check_services(source, compose, expected.targets, findings);
    mounts::check(source, compose, expected.local_directories, findings);
}
