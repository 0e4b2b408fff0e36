//! The linters of `ci`, installed below `target/xtask/`.

use anyhow::Result;
use camino::Utf8PathBuf;

use environment::PinnedTool;
use project::{Context, Network};

/// The path of a linter, which is installed first if need be.
pub fn find_or_install_linter(cx: &Context, network: &Network, linter: PinnedTool) -> Result<Utf8PathBuf> {
    Ok(solving::install_from_pypi(cx, network, linter)?.join(linter.path()))
}
