//! New versions and digests for the programs that this tool gets from PyPI.

use anyhow::{Context as _, Result, bail};

use environment::{PinnedTool, lock::Upgrade};
use inputs::Project;
use process::{
    Invocation,
    files::{FileChanges, NewFile},
};

use crate::lock::write_changes;

/// Asks PyPI for the digests of the tools, and for their newest versions where they may be upgraded, and writes both into the
/// files that they are installed by: into all of them or none. The caller holds the repository's lock.
pub fn lock_tools(project: &Project, upgrade: &Upgrade) -> Result<()> {
    let cx = project.cx;
    let uv = solving::find_or_install_uv(cx, &project.network)?;
    let mut changes = FileChanges::new();
    for tool in PinnedTool::ALL {
        let wanted = match upgrade {
            Upgrade::All => tool.package().to_owned(),
            Upgrade::Packages(names) if names.contains(tool.package()) => tool.package().to_owned(),
            _ => format!("{}=={}", tool.package(), tool.version()),
        };
        let list = cx.scratch.write(format!("{}.in", tool.package()), &NewFile::text(format!("{wanted}\n")))?;
        let query = Invocation::new(uv.as_str())
            .args(["pip", "compile", "--quiet", "--no-deps", "--no-header", "--no-annotate", "--universal"])
            .args(["--only-binary", ":all:", "--generate-hashes", list.as_str()]);
        let query =
            solving::with_ca_certificates(cx.host.without_cargo(query), project.network.ca_certificates.as_deref());
        let output = cx.runner.read(&query)?;
        if !output.exit.success() {
            bail!("uv cannot find `{wanted}`: {}", output.stderr.trim());
        }
        let text = tool.file_text(&output.stdout).with_context(|| format!("uv gave no digests of `{wanted}`"))?;
        let version = tool.version_in(&text).unwrap_or_default();
        if version != tool.version() {
            cx.ui.notice(format_args!("{}: {} -> {version}", tool.package(), tool.version()));
        } else if text != tool.requirements() {
            cx.ui.notice(format_args!("{} {version}: other digests, which `git diff` shows", tool.package()));
        }
        changes.insert(cx.layout.root().join(tool.file()), Some(NewFile::text(text)));
    }
    write_changes(cx, changes)
}
