//! The lock in the repository: read, made of what is installed, written.

use anyhow::{Error, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use environment::{
    EnvironmentFile, Solver,
    lock::{Lock, LockOrigin, Pylock, PylockRequest},
};
use inputs::Project;
use installation::default_of;
use prefixes::{self, uv};
use process::{
    FileAction, Invocation,
    files::{self, FileChanges, NewFile},
};
use project::Context;

use super::{SnapshotSource, SourcedSnapshot};

/// This tool's version, which a lock tells.
pub const TOOL: &str = env!("CARGO_PKG_VERSION");

/// The lock of a snapshot. `environment` is the file as it will be, frozen.
pub fn of_snapshot(
    project: &Project,
    taken: &SourcedSnapshot,
    environment: &EnvironmentFile,
    from: Option<SnapshotSource>,
) -> Result<Lock> {
    let snapshot = &taken.snapshot;
    let name = &project.pyproject.name;
    let request = PylockRequest::new(snapshot, environment.environment(), name);
    let uv = uv(project.cx, &project.network)?;
    let artefacts = if request.requirements.is_empty() {
        Pylock::default()
    } else {
        ask(project, &Invocation::new(uv.as_str()), &request, taken, from)?
    };
    let solver = if snapshot.conda.is_empty() { Solver::Uv } else { Solver::Conda };
    let making = LockOrigin {
        solver,
        solver_version: solver_version(project, solver, &uv, taken.base.is_some()),
        base: taken.base.clone(),
    };
    Lock::new(snapshot, &project.thawed(environment), &artefacts, making, name).map_err(Error::from)
}

/// Asks uv for the files of what is installed.
fn ask(
    project: &Project,
    uv: &Invocation,
    request: &PylockRequest,
    taken: &SourcedSnapshot,
    from: Option<SnapshotSource>,
) -> Result<Pylock> {
    let list = project.cx.scratch.write("lists/installed.txt", &NewFile::text(&request.requirements))?;
    let python = match (&taken.base, from) {
        // The environment's own Python is at hand.
        (None, _) => Some(project.cx.layout.prefix().join("bin/python")),
        (Some(_), Some(SnapshotSource::Here)) => Some(Utf8PathBuf::from("/opt/env/bin/python")),
        (Some(_), _) => None,
    };
    let arguments = match &python {
        Some(python) => PylockRequest::arguments(python.as_str(), list.as_str()),
        None => PylockRequest::arguments_for(&taken.snapshot, list.as_str()),
    };
    let mut invocation = project.cx.host.without_cargo(uv.clone()).args(arguments);
    if let Some(bundle) = &project.network.ca_certificates {
        invocation = invocation.env("SSL_CERT_FILE", bundle.as_str());
    }
    let reading = project.cx.runner.read(&invocation)?;
    if !reading.exit.success() {
        bail!(
            "uv does not tell the files of what is installed: {}\nif an index of yours has what is missing, name it with \
             `--extra-index-url` or `--find-links` below `- pip:`; else install a version that PyPI has",
            reading.stderr.trim()
        );
    }
    Pylock::parse(&reading.stdout).map_err(|why| Error::msg(format!("uv answered what is no lock: {why}")))
}

/// The version of who solved, where it is known: images have one uv, and take micromamba from an image with its version.
pub(super) fn solver_version(project: &Project, solver: Solver, uv: &Utf8Path, is_image: bool) -> Option<String> {
    let program = match (solver, is_image) {
        (Solver::Uv, true) => return Some(prefixes::UV_VERSION.to_owned()),
        (Solver::Conda, true) => return micromamba_tag(project),
        (Solver::Uv, false) => uv.as_str(),
        (Solver::Conda, false) => "micromamba",
    };
    let reading = project.cx.runner.read(&Invocation::new(program).arg("--version")).ok()?;
    reading.stdout.split_whitespace().find(|it| it.starts_with(|it: char| it.is_ascii_digit())).map(str::to_owned)
}

/// The tag of the image that micromamba is taken from: by the settings, else by the Dockerfile.
fn micromamba_tag(project: &Project) -> Option<String> {
    let chosen = project.settings.micromamba_image.as_ref().map(ToString::to_string);
    let image =
        chosen.or_else(|| default_of(&files::read_text(&project.cx.layout.dockerfile()).ok()?, "MICROMAMBA_IMAGE"))?;
    image.rsplit_once(':').map(|(_, tag)| tag.to_owned()).filter(|it| !it.contains('/'))
}

/// What writing a lock changes.
pub fn changes(cx: &Context, lock: &Lock) -> FileChanges {
    let folder = cx.layout.root().join(Lock::folder(&lock.platform));
    let mut tree = lock.tree(TOOL);
    let text = |file: NewFile| String::from_utf8_lossy(&file.contents).into_owned();
    Lock::FILES
        .iter()
        .map(|name| (folder.join(name), tree.remove(Utf8PathBuf::from(name).as_path()).map(text)))
        .collect()
}

/// Writes files, all of them or none. Those that are right already are left alone.
pub fn write(cx: &Context, changes: FileChanges) -> Result<()> {
    let is_new = |(path, text): &(Utf8PathBuf, Option<String>)| files::read_text_if_any(path).ok().flatten() != *text;
    let changes: FileChanges = changes.into_iter().filter(is_new).collect();
    let names: Vec<String> = changes.keys().map(|it| format!("`{}`", cx.layout.relative(it))).collect();
    if changes.is_empty() {
        cx.ui.notice("the files say so already; nothing was changed");
    } else {
        cx.files.write_together(&cx.layout.journal(), &changes)?;
        cx.ui.report_action(FileAction::Write, names.join(", "));
    }
    Ok(())
}

/// Tells what is locked now, and in what that differs from before.
pub fn tell(cx: &Context, old: Option<&Lock>, new: &Lock) {
    let count = new.conda.len() + new.pylock.packages.len();
    let differences = old.map(|it| it.changes_to(new)).unwrap_or_default();
    let since = match old {
        None => "for the first time".to_owned(),
        Some(_) if differences.is_empty() => "as before".to_owned(),
        Some(_) => format!("{} other than before", differences.len()),
    };
    let packages = if count == 1 { "package" } else { "packages" };
    cx.ui.notice(format_args!("locked {count} {packages} for {}, {since}", new.platform));
    for difference in differences {
        cx.ui.notice(format_args!("  {difference}"));
    }
}
