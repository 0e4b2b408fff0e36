//! New versions and digests of what this tool downloads: programs from PyPI, and the base image.

use std::time::Duration;

use anyhow::{Context as _, Error, Result, bail};

use docker::ManifestQuery;
use environment::{PinnedTool, lock::Upgrade, sha256};
use inputs::Project;
use process::{
    Invocation, ProcessError,
    files::{FileChanges, NewFile},
};
use project::EngineChoice;

use crate::lock::write_changes;

/// Asks PyPI for the digests of the tools, and for their newest versions where they may be upgraded, and the registry for the
/// base image's digest. Writes them into the files that they are installed by: into all of them or none. The caller holds the
/// repository's lock.
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
    if let Some(text) = base_images_text(project, upgrade)? {
        changes.insert(cx.layout.base_images(), Some(NewFile::text(text)));
    }
    write_changes(cx, changes)
}

/// What `--upgrade` calls the base image.
const BASE_IMAGE: &str = "base-image";

/// How long a registry may take to say what a base image's name stands for.
const REGISTRY_PATIENCE: Duration = Duration::from_secs(15);

/// The file with the digests of base images, with one more or another one. `None` where it stays as it is: the digest is known
/// and may not be replaced, or nobody can tell it, which is a warning.
fn base_images_text(project: &Project, upgrade: &Upgrade) -> Result<Option<String>> {
    let Project { cx, settings, base_images, .. } = project;
    let image = &settings.base_image;
    let known = base_images.digest(image);
    let may_change = match upgrade {
        Upgrade::All => true,
        Upgrade::Packages(names) => names.contains(BASE_IMAGE),
        Upgrade::Nothing => false,
    };
    let is_chosen_by_digest = image.digest().is_some() && image.digest() != known;
    if settings.engine == EngineChoice::Native || is_chosen_by_digest || (known.is_some() && !may_change) {
        return Ok(None);
    }
    let digest = match registry_digest(project, image.name())? {
        Ok(digest) => digest,
        Err(reason) => {
            let name = image.name();
            cx.ui.notice(format_args!("warning: no registry gives the digest of the base image `{name}`: {reason}"));
            return Ok(None);
        }
    };
    if known != Some(digest.as_str()) {
        cx.ui.notice(format_args!("base image {}: {} -> {digest}", image.name(), known.unwrap_or("(its tag)")));
    }
    let mut base_images = base_images.clone();
    base_images.insert(image, &digest);
    Ok(Some(base_images.text()))
}

/// The digest of the manifest, or of the index, that the registry has under a name; or why there is none.
///
/// Source: the OCI's image specification, `descriptor.md`: the digest is that of the bytes.
fn registry_digest(project: &Project, name: &str) -> Result<Result<String, String>> {
    let query = ManifestQuery { image: name }.invocation();
    Ok(match project.cx.runner.read_within(&query, REGISTRY_PATIENCE).map_err(Error::from) {
        Ok(output) if output.exit.success() => Ok(format!("sha256:{}", sha256(&output.stdout))),
        Ok(output) => Err(output.stderr.trim().trim_start_matches("ERROR: ").to_owned()),
        Err(error) if ProcessError::is_interruption(&error) => return Err(error),
        Err(error) => Err(error.to_string()),
    })
}
