//! Makes the lock from what is installed, and writes locks to the repository.

use anyhow::{Error, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use process::IntoMap as _;

use environment::{
    EnvironmentFile, PinnedTool, Solver,
    lock::{Lock, LockOrigin, Pylock, PylockRequest},
};
use inputs::Project;
use process::{
    FileAction, Invocation,
    files::{self, FileChanges, NewFile},
};
use project::Context;
use solving::LentLogins;

use super::{SnapshotSource, SourcedSnapshot, snapshot::PYTHON};

/// The lock of a snapshot, which was read from `source`. `environment` is environment.yml as it will be once it is frozen, `old`
/// the lock of before.
pub fn lock_snapshot(
    project: &Project,
    installed: &SourcedSnapshot,
    environment: &EnvironmentFile,
    source: Option<SnapshotSource>,
    old: Option<&Lock>,
) -> Result<Lock> {
    let SourcedSnapshot { snapshot, base_image, .. } = installed;
    let name = &project.pyproject.name;
    let request = PylockRequest::new(snapshot, environment.environment(), name);
    let uv = solving::find_or_install_uv(project.cx, &project.network)?;
    let artefacts = if request.requirements.is_empty() {
        Pylock::default()
    } else {
        find_artefacts(project, &uv, &request, installed, source)?
    };
    let solver = if snapshot.conda.is_empty() { Solver::Uv } else { Solver::Conda };
    // A prefix has nothing to say of the image, whose base and system packages stay on record.
    let image = old.filter(|it| base_image.is_none() && it.origin.base.is_some());
    let origin = LockOrigin {
        solver,
        solver_version: solver_version(project, solver, &uv, base_image.is_some())?,
        base: base_image.clone().or_else(|| image.and_then(|it| it.origin.base.clone())),
        variant: inputs::lock_variant(project, &snapshot.platform),
    };
    let layers = solving::layers_before(project, &snapshot.platform, old);
    let last = solving::last_solution(project, &snapshot.platform);
    let before: Vec<&Lock> = last.iter().chain(old).collect();
    let intent = project.thawed(environment);
    let lock = Lock::new(snapshot, &intent, &artefacts, &before, origin, name, layers.as_ref())?;
    Ok(Lock { apt: image.map_or_else(|| lock.apt.clone(), |it| it.apt.clone()), ..lock })
}

/// Asks uv for the files of what is installed, with their URLs and digests.
fn find_artefacts(
    project: &Project,
    uv: &Utf8Path,
    request: &PylockRequest,
    installed: &SourcedSnapshot,
    source: Option<SnapshotSource>,
) -> Result<Pylock> {
    let list = project.cx.scratch.write("lists/installed.txt", &NewFile::list(&request.requirements))?;
    // The environment's own Python, where it can be started here.
    let python = match (&installed.base_image, source) {
        (None, _) => Some(project.cx.layout.prefix().join("bin/python")),
        (Some(_), Some(SnapshotSource::Here)) => Some(Utf8PathBuf::from(PYTHON)),
        (Some(_), _) => None,
    };
    let arguments = match &python {
        Some(python) => PylockRequest::arguments(python.as_str(), list.as_str()),
        None => PylockRequest::arguments_for(&installed.snapshot, list.as_str()),
    };
    let mut invocation = project.cx.host.without_cargo(Invocation::new(uv.as_str())).args(arguments);
    if let Some(bundle) = &project.network.ca_certificates {
        invocation = invocation.env("SSL_CERT_FILE", bundle.as_str());
    }
    let logins = LentLogins::of(project)?;
    let output = project.cx.runner.read(&logins.on(invocation))?;
    if !output.exit.success() {
        bail!(
            "uv cannot find the files of what is installed: {}\nif an index of your own has what is missing, add it with \
             `--extra-index-url` or `--find-links` below `- pip:`; otherwise install a version that PyPI has",
            output.stderr.trim()
        );
    }
    Pylock::parse(&output.stdout).map_err(|why| Error::msg(format!("cannot read the lock that uv printed: {why}")))
}

/// The version of the solver, where it is known. An image has the programs of [`PinnedTool`].
fn solver_version(project: &Project, solver: Solver, uv: &Utf8Path, is_image: bool) -> Result<Option<String>> {
    match (solver, is_image) {
        (Solver::Conda, _) => Ok(Some(PinnedTool::Rattler.version().to_owned())),
        (Solver::Uv, true) => Ok(Some(PinnedTool::Uv.version().to_owned())),
        (Solver::Uv, false) => solving::version_of_uv(project, uv),
    }
}

/// The changes to files that writing a lock means, for [`write_changes`].
pub fn lock_file_changes(cx: &Context, lock: &Lock) -> FileChanges {
    let folder = cx.layout.root().join(lock.folder());
    let tree = lock.tree(inputs::TOOL_VERSION);
    Lock::FILES.iter().map(|name| (folder.join(name), tree.get(Utf8Path::new(name)).cloned())).into_map()
}

/// Writes files, all of them or none. Those that are up to date are left alone.
pub fn write_changes(cx: &Context, changes: FileChanges) -> Result<()> {
    let text = |file: &NewFile| String::from_utf8_lossy(&file.contents).into_owned();
    let is_change = |(path, file): &(Utf8PathBuf, Option<NewFile>)| {
        files::read_text_if_any(path).ok().flatten() != file.as_ref().map(text)
    };
    let changes: FileChanges = changes.into_iter().filter(is_change).into_map();
    let names: Vec<String> = changes.keys().map(|it| format!("`{}`", cx.layout.relative(it))).collect();
    if changes.is_empty() {
        cx.ui.notice("the files are up to date; nothing was changed");
    } else {
        cx.files.write_together(&cx.layout.journal(), &changes)?;
        cx.ui.report_action(FileAction::Write, names.join(", "));
    }
    Ok(())
}

/// Shows how many packages are locked now, and what has changed since the old lock.
pub fn show_lock_changes(cx: &Context, old: Option<&Lock>, new: &Lock) {
    let count = new.conda.len() + new.pylock.packages.len();
    let differences = old.map(|it| it.changes_to(new)).unwrap_or_default();
    let comparison = match old {
        None => "for the first time".to_owned(),
        Some(_) if differences.is_empty() => "as before".to_owned(),
        Some(_) if differences.len() == 1 => "with 1 change".to_owned(),
        Some(_) => format!("with {} changes", differences.len()),
    };
    let packages = if count == 1 { "package" } else { "packages" };
    cx.ui.notice(format_args!("locked {count} {packages} for {}, {comparison}", new.platform));
    for difference in differences {
        cx.ui.notice(format_args!("  {difference}"));
    }
}
