//! The Dockerfile and the environment as the engine needs them.

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use docker::Podman;
use inputs::Project;
use process::{
    Invocation,
    files::{self, NewFile},
};
use project::EngineChoice;

/// The file to build from: the one that is asked for or, for podman, another one beside the build context.
pub(super) fn for_engine(project: &Project, dockerfile: &Utf8Path) -> Result<Utf8PathBuf> {
    let Project { cx, settings, .. } = project;
    if settings.engine != EngineChoice::Podman {
        return Ok(dockerfile.to_owned());
    }
    // A dry run has not written the one that has a stage more.
    let Some(text) = files::read_text_if_any(dockerfile)? else { return Ok(dockerfile.to_owned()) };
    let path = cx.layout.work().join("Dockerfile.podman");
    cx.files.write(&path, &NewFile::text(Podman::dockerfile(&text)))?;
    Ok(path)
}

/// Where programs make temporary files.
const TEMPORARY: &str = "TMPDIR";

/// A run of the builder, where podman has the caches of its steps in a directory of this user's for this checkout: buildah 1.28 has them
/// below `/var/tmp` for everybody, where others may not write, and where nothing keeps two builds from using one at a time.
pub(super) fn with_own_caches(project: &Project, invocation: Invocation) -> Result<Invocation> {
    let Project { cx, settings, .. } = project;
    if settings.engine != EngineChoice::Podman || cx.host.has(TEMPORARY) {
        return Ok(invocation);
    }
    let data = cx.host.get("XDG_DATA_HOME").map(Utf8PathBuf::from);
    let data = data.or_else(|| Some(Utf8Path::new(cx.host.get("HOME")?).join(".local/share")));
    let Some(data) = data else { return Ok(invocation) };
    let directory = data.join("containers/xtask").join(&settings.compose_project);
    cx.files.create_dir(&directory)?;
    Ok(invocation.env(TEMPORARY, directory.as_str()))
}
