//! Changes to the lists in `dependencies/`: shown, checked and solved before anything is written.

use std::iter::once;

use anyhow::Result;

use environment::{
    EditedAptList, LineChange, Platform,
    freeze::{AskedFile, ListReason, PackageList},
    lock::{Lock, Upgrade},
};
use inputs::{Engine, Project};
use process::{
    IntoMap as _, Outcome,
    files::{FileChanges, NewFile},
};
use project::{AptStage, Context};
use report::Source;

/// When a solver is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Solving {
    Always,
    /// Where there is a lock to bring up to date.
    ForLock,
    Never,
}

/// Writes a list of system packages, unless what is new in it is wrong.
pub fn write_apt_list(project: &Project, stage: AptStage, old: &Source, edited: &EditedAptList) -> Result<Outcome> {
    let cx = project.cx;
    show(cx, stage.file_name(), &edited.changes);
    if edited.text == old.text {
        return Ok(unchanged(cx, old));
    }
    project.with_lists(None, Some((stage, Source::new(&old.file, &*edited.text))))?;
    write(cx, once((cx.layout.apt_list(stage), Some(NewFile::text(&*edited.text)))).into_map())
}

/// Writes `environment.yml`, and the lock of this machine's platform where there is one, unless what is new is wrong or, where
/// it is solved, cannot be had.
pub fn write_environment(project: &Project, edited: &AskedFile, solving: Solving) -> Result<Outcome> {
    let cx = project.cx;
    show(cx, "environment.yml", &edited.changes);
    let source = project.environment.source();
    if edited.file == project.environment {
        return Ok(unchanged(cx, source));
    }
    show_choices(cx, edited);
    let changed = project.with_lists(Some(&edited.file), None)?;
    let mut files: FileChanges =
        once((cx.layout.environment_yml(), Some(NewFile::text(edited.file.text())))).into_map();
    let locked = if solving == Solving::Never { None } else { solve(&changed, edited, solving)? };
    if let Some(lock) = &locked {
        files.extend(locking::lock_file_changes(cx, lock));
    }
    show_other_locks(cx, locked.as_ref());
    write(cx, files)
}

/// Finds versions for this machine. The lock, if there is one to bring up to date.
fn solve(changed: &Project, edited: &AskedFile, solving: Solving) -> Result<Option<Lock>> {
    let cx = changed.cx;
    let engine = Engine::to_solve_for(cx, &changed.settings)?;
    let platform = engine.platform();
    // A damaged lock is not ours to replace.
    let old = inputs::read_lock(changed, &platform)?;
    if old.is_none() && solving == Solving::ForLock {
        return Ok(None);
    }
    let solved = locking::solve(changed, &platform, &engine, old.as_ref(), &Upgrade::Nothing);
    let new = solved.inspect_err(|_| cx.ui.notice("nothing was changed, because no versions could be found"))?;
    show_found(cx, edited, &new);
    if old.is_none() {
        return Ok(None);
    }
    locking::show_lock_changes(cx, old.as_ref(), &new);
    Ok(Some(new))
}

fn show(cx: &Context, file: &str, changes: &[LineChange]) {
    for change in changes {
        cx.ui.notice(format_args!("{file}:{change}"));
    }
}

fn unchanged(cx: &Context, source: &Source) -> Outcome {
    cx.ui.notice(format_args!("`{}` was not changed", source.file));
    Outcome::Done
}

/// Says which list was chosen for new packages, and how to choose another.
fn show_choices(cx: &Context, edited: &AskedFile) {
    for (reason, list, instead) in [
        (ListReason::Python, "the pip list", "`--conda` chooses conda's"),
        (ListReason::Condas, "conda's list, as they are written", "`--pip` chooses the pip list"),
    ] {
        let names: Vec<String> =
            edited.packages.iter().filter(|it| it.reason == reason).map(|it| format!("`{}`", it.name)).collect();
        if !names.is_empty() {
            cx.ui.notice(format_args!("in {list}: {}; {instead}", names.join(", ")));
        }
    }
}

/// One line with the versions of what was asked for.
fn show_found(cx: &Context, edited: &AskedFile, lock: &Lock) {
    let found = edited.packages.iter().map(|it| match lock.version_of(it.list, &it.name) {
        Some(version) => format!("{} {version}", it.name),
        None if it.list == PackageList::Pip => format!("{}, not for {}", it.name, lock.platform),
        None => it.name.clone(),
    });
    let found: Vec<String> = found.collect();
    if !found.is_empty() {
        cx.ui.notice(format_args!("found {}", found.join(", ")));
    }
}

/// Names the locks that do not say yet what the list says.
fn show_other_locks(cx: &Context, written: Option<&Lock>) {
    let written = written.and_then(|it| it.folder().file_name().map(str::to_owned));
    let folders = inputs::locked_platforms(cx).into_iter().filter(|it| Some(it) != written.as_ref());
    let mut platforms: Vec<Platform> = folders.filter_map(|it| Platform::of_folder(&it)).collect();
    process::sort(&mut platforms);
    platforms.dedup();
    if !platforms.is_empty() {
        let options: String = platforms.iter().map(|it| format!(" --platform {it}")).collect();
        cx.ui.notice(format_args!("`cargo xtask lock{options}` brings what else is locked up to date"));
    }
}

fn write(cx: &Context, changes: FileChanges) -> Result<Outcome> {
    locking::write_changes(cx, changes)?;
    if !cx.is_dry_run() {
        cx.ui.notice("next: cargo xtask build");
    }
    Ok(Outcome::Done)
}
