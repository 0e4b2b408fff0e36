//! uv: in `PATH`, or installed below `target/xtask/`.

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};

use environment::PinnedTool;
use process::{HostEnvironment, Invocation, files::NewFile};
use project::{Context, Network};

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
        host.find_program("uv").map_or_else(|| Self::Own(program_in(&own_directory(work))), Self::InPath)
    }

    pub fn path(&self) -> &Utf8Path {
        match self {
            Self::InPath(path) | Self::Own(path) => path,
        }
    }
}

/// The path of uv, which is installed first if need be.
pub fn find_or_install_uv(cx: &Context, network: &Network) -> Result<Utf8PathBuf> {
    let work = cx.layout.work();
    let uv = UvProgram::find(&cx.host, &work);
    if matches!(&uv, UvProgram::Own(path) if !path.exists()) {
        install(cx, &work, network.ca_certificates.as_deref())?;
    }
    Ok(uv.path().to_owned())
}

/// It is there only when all of it is.
fn install(cx: &Context, work: &Utf8Path, ca_certificates: Option<&Utf8Path>) -> Result<()> {
    let (begun, finished) = (work.join("uv-begun"), own_directory(work));
    // Not the repository's lock, which the caller may hold.
    let _lock = cx.files.lock(&work.join("uv.lock"), cx.ui)?;
    // Whoever held it before may have done it.
    if program_in(&finished).exists() {
        return Ok(());
    }
    cx.files.remove_dir(&finished)?;
    cx.files.remove_dir(&begun)?;
    let list = write_requirements(cx, PinnedTool::Uv)?;
    cx.runner.succeed(&installation(&begun, &list, ca_certificates)).context(
        "`uv` is not in PATH and could not be installed from PyPI; https://docs.astral.sh/uv shows how to install it",
    )?;
    cx.files.rename(&begun, &finished)
}

/// Writes the list that a tool is installed by. It is the one that this program was compiled with.
pub(crate) fn write_requirements(cx: &Context, tool: PinnedTool) -> Result<Utf8PathBuf> {
    let directory = cx.layout.work();
    let path = directory.join(format!("{}.txt", tool.package()));
    cx.files.create_dir(&directory)?;
    cx.files.write(&path, &NewFile::text(tool.requirements()))?;
    Ok(path)
}

fn own_directory(work: &Utf8Path) -> Utf8PathBuf {
    work.join(format!("uv-{}", PinnedTool::Uv.version()))
}

fn program_in(directory: &Utf8Path) -> Utf8PathBuf {
    directory.join("bin/uv")
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
