//! conda's solver and installer: py-rattler, and the program in `xtask/conda/` that talks to it.

use anyhow::{Context as _, Error, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use process::IntoMap as _;

use environment::{
    PinnedTool,
    conda::{AssumedSystem, CondaDescribe, CondaDescription, CondaFailure, CondaSolution, CondaSolve},
};
use inputs::Project;
use process::{
    Invocation,
    files::{FileTree, NewFile},
};
use project::Context;

use crate::{LentLogins, SolverHost, find_or_install_uv, install_from_pypi, with_ca_certificates};

/// The program's files, by name, as they were when this tool was compiled. Cargo compiles again when one has changed.
pub fn engine_files() -> FileTree {
    let files = [
        ("__main__.py", include_str!("../../../conda/__main__.py")),
        ("bytecode.py", include_str!("../../../conda/bytecode.py")),
        ("changes.py", include_str!("../../../conda/changes.py")),
        ("channels.py", include_str!("../../../conda/channels.py")),
        ("children.py", include_str!("../../../conda/children.py")),
        ("command.py", include_str!("../../../conda/command.py")),
        ("compile_files.py", include_str!("../../../conda/compile_files.py")),
        ("describing.py", include_str!("../../../conda/describing.py")),
        ("distributions.py", include_str!("../../../conda/distributions.py")),
        ("environment.py", include_str!("../../../conda/environment.py")),
        ("explaining.py", include_str!("../../../conda/explaining.py")),
        ("fetching.py", include_str!("../../../conda/fetching.py")),
        ("history.py", include_str!("../../../conda/history.py")),
        ("installing.py", include_str!("../../../conda/installing.py")),
        ("listing.py", include_str!("../../../conda/listing.py")),
        ("network.py", include_str!("../../../conda/network.py")),
        ("pip_packages.py", include_str!("../../../conda/pip_packages.py")),
        ("prefix.py", include_str!("../../../conda/prefix.py")),
        ("protocol.py", include_str!("../../../conda/protocol.py")),
        ("records.py", include_str!("../../../conda/records.py")),
        ("scripts.py", include_str!("../../../conda/scripts.py")),
        ("solving.py", include_str!("../../../conda/solving.py")),
        ("surroundings.py", include_str!("../../../conda/surroundings.py")),
    ];
    files.into_iter().map(|(name, text)| (name.into(), NewFile::text(text))).into_map()
}

/// The program, and the Python that runs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CondaEngine {
    python: String,
    /// Where py-rattler is.
    library: Utf8PathBuf,
    program: Utf8PathBuf,
    ca_certificates: Option<Utf8PathBuf>,
}

impl CondaEngine {
    /// The oldest Python that py-rattler runs on, as uv is asked for it.
    const PYTHON: &str = ">=3.10";

    /// Fetches py-rattler from PyPI first if need be.
    pub fn find_or_install(project: &Project) -> Result<Self> {
        let (cx, network) = (project.cx, &project.network);
        let library = install_from_pypi(cx, network, PinnedTool::Rattler)?;
        let python = python(cx, &find_or_install_uv(cx, network)?)?;
        let program = cx.scratch.write_tree("conda-engine", &engine_files())?;
        Ok(Self { python, library, program, ca_certificates: network.ca_certificates.clone() })
    }

    /// Where channels' indexes and packages are kept, for all repositories of this person.
    pub fn cache(cx: &Context) -> Utf8PathBuf {
        let base = cx.host.get("XDG_CACHE_HOME").map(Utf8PathBuf::from);
        let base = base.or_else(|| cx.host.get("HOME").map(|it| Utf8Path::new(it).join(".cache")));
        base.map_or_else(|| cx.layout.work().join("conda-cache"), |it| it.join("xtask/conda"))
    }

    /// Whether the user wants no connection, by `--offline` or the variables of conda and uv.
    pub fn is_offline(cx: &Context) -> bool {
        let is_on = |name: &str| cx.host.get(name).is_some_and(|it| !["0", "false", "no", "off"].contains(&it));
        process::is_offline() || is_on("CONDA_OFFLINE") || is_on("UV_OFFLINE")
    }

    /// Writes the command `conda`, with which people change an environment by hand. Returns its directory.
    pub fn write_command(&self, cx: &Context) -> Result<Utf8PathBuf> {
        let command = Invocation::new(&self.python).args([self.program.as_str(), "conda"]);
        let command = command.env("PYTHONPATH", self.library.as_str());
        let about = "# Changes the environment of this repository. Made by `cargo xtask`.";
        let script = format!("#!/bin/sh\n{about}\n{command} \"$@\"\n");
        let directory = Self::command_directory(cx);
        cx.files.create_dir(&directory)?;
        cx.files.write(&directory.join("conda"), &NewFile::script(script))?;
        Ok(directory)
    }

    /// The directory that [`write_command`](Self::write_command) puts `conda` in, to be in `PATH`.
    pub fn command_directory(cx: &Context) -> Utf8PathBuf {
        cx.layout.work().join("bin")
    }

    /// Makes a prefix of exactly these packages, or changes it so that it has them.
    pub fn installation(&self, cx: &Context, request: &Utf8Path) -> Invocation {
        self.invocation(cx, &["install", "--plain"], request)
    }

    /// Solves, and prints the answer.
    pub(crate) fn solution(&self, cx: &Context, request: &Utf8Path) -> Invocation {
        self.invocation(cx, &["solve"], request)
    }

    /// Whether this machine has a Python that runs it, as uv finds it.
    pub(crate) fn has_python(project: &Project) -> Result<bool> {
        let uv = find_or_install_uv(project.cx, &project.network)?;
        Ok(python(project.cx, &uv).is_ok())
    }

    /// Tells of packages what a lock does not: what the channels say of them, or else the packages themselves.
    pub fn describe(
        &self,
        project: &Project,
        request: &CondaDescribe,
        logins: &LentLogins,
    ) -> Result<CondaDescription> {
        let cx = project.cx;
        let file = cx.scratch.write("describe/conda.json", &NewFile::text(request.json()))?;
        let output = cx.runner.read(&logins.on(self.invocation(cx, &["describe"], &file)))?;
        request.answer(&output.stdout, &output.stderr).or_else(|failure| {
            explain(project, &failure, &AssumedSystem::default(), "nobody tells what the locked packages of conda are")
        })
    }

    fn invocation(&self, cx: &Context, verb: &[&str], request: &Utf8Path) -> Invocation {
        let invocation =
            Invocation::new(&self.python).arg(self.program.as_str()).args(verb.iter().copied()).arg(request.as_str());
        let invocation = cx.host.without_cargo(invocation).env("PYTHONPATH", self.library.as_str());
        with_ca_certificates(invocation, self.ca_certificates.as_deref())
    }
}

/// Solves for a platform that need not be the host's own.
pub(crate) fn solve(project: &Project, request: &CondaSolve, host: &dyn SolverHost) -> Result<CondaSolution> {
    let platform = request.platform;
    let json = request.json().with_context(|| format!("conda has no packages for {platform}"))?;
    let (printed, said) = host.solve_conda(platform, json)?;
    CondaSolution::parse(&printed, &said).or_else(|failure| {
        explain(project, &failure, request.system, &format!("conda cannot solve environment.yml for {platform}"))
    })
}

/// The error that a failure is: in terms of `environment.yml` where that has to do with it.
fn explain<T>(project: &Project, failure: &CondaFailure, system: &AssumedSystem, what: &str) -> Result<T> {
    let findings = failure.findings(&project.environment, system);
    if findings.is_empty() {
        bail!("{what}: {}", failure.message.trim());
    }
    project.cx.ui.notice(format_args!("{what}:"));
    for line in failure.message.trim().lines() {
        project.cx.ui.notice(format_args!("  {line}"));
    }
    Err(findings.sorted().into())
}

/// A Python of this machine's, not that of an environment which the engine may be about to change.
fn python(cx: &Context, uv: &Utf8Path) -> Result<String> {
    let find = cx.host.without_cargo(Invocation::new(uv.as_str()));
    let output = cx.runner.read(&find.args(["python", "find", "--no-project", "--system", CondaEngine::PYTHON]))?;
    let found = output.stdout.trim();
    if !output.exit.success() || found.is_empty() {
        return Err(Error::msg(output.stderr.trim().to_owned())).context(format!(
            "conda's packages are solved and installed by a Python {} of this machine, and uv finds none",
            CondaEngine::PYTHON
        ));
    }
    Ok(found.to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_of_the_program_is_compiled_in() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conda");
        let files = std::fs::read_dir(directory).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap());
        let files: BTreeSet<String> =
            files.filter(|it| Path::new(it).extension().is_some_and(|it| it == "py")).collect();
        let compiled_in: BTreeSet<String> = engine_files().into_keys().map(Utf8PathBuf::into_string).collect();
        assert_eq!(compiled_in, files);
    }
}
