//! uv: in `PATH`, or installed below `target/xtask/`.

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};

use environment::{PinnedTool, Solver};
use process::{HostEnvironment, Invocation};
use project::{Context, Network};

use crate::CondaEngine;
use crate::installation::{begun, install_with, write_requirements};

/// Which uv is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UvProgram {
    InPath(Utf8PathBuf),
    /// Where this tool installs it, whether it is there yet or not.
    Own(Utf8PathBuf),
}

impl UvProgram {
    /// From `PATH`, or below `work`, the directory of generated files.
    pub fn find(host: &HostEnvironment, work: &Utf8Path) -> Self {
        let own = || work.join(format!("uv-{}", PinnedTool::Uv.version())).join(PinnedTool::Uv.path());
        host.find_program("uv").map_or_else(|| Self::Own(own()), Self::InPath)
    }

    pub fn path(&self) -> &Utf8Path {
        match self {
            Self::InPath(path) | Self::Own(path) => path,
        }
    }
}

/// The directories of the programs that change an environment by hand, where they are not in `PATH` already.
pub fn tools_of(cx: &Context, solver: Solver) -> Vec<Utf8PathBuf> {
    let conda = (solver == Solver::Conda).then(|| CondaEngine::command_directory(cx));
    let uv = match UvProgram::find(&cx.host, &cx.layout.work()) {
        UvProgram::InPath(_) => None,
        UvProgram::Own(program) => program.parent().map(Utf8Path::to_owned),
    };
    conda.into_iter().chain(uv).collect()
}

/// The path of uv, which is installed first if need be.
pub fn find_or_install_uv(cx: &Context, network: &Network) -> Result<Utf8PathBuf> {
    let uv = UvProgram::find(&cx.host, &cx.layout.work());
    if matches!(&uv, UvProgram::Own(path) if !path.exists()) {
        let list = write_requirements(cx, PinnedTool::Uv)?;
        let install = installation(&begun(cx, PinnedTool::Uv), &list, network.ca_certificates.as_deref());
        install_with(cx, PinnedTool::Uv, &install).context(
            "`uv` is not in PATH and could not be installed from PyPI; https://docs.astral.sh/uv shows how to install it",
        )?;
    }
    Ok(uv.path().to_owned())
}

/// From PyPI with the system's pip, if the digest is one of those in the list.
fn installation(directory: &Utf8Path, list: &Utf8Path, ca_certificates: Option<&Utf8Path>) -> Invocation {
    let invocation = Invocation::new("python3")
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--target"])
        .arg(directory.as_str())
        .args(["--only-binary", ":all:", "--require-hashes", "--requirement", list.as_str()])
        // Not as an option, which pip before 22.1 refuses.
        .env("PIP_ROOT_USER_ACTION", "ignore");
    match ca_certificates {
        Some(bundle) => invocation.env("PIP_CERT", bundle.as_str()),
        None => invocation,
    }
}
