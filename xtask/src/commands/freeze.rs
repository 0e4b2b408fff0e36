//! `cargo xtask freeze`

use anyhow::{Error, Result};

use environment::{
    freeze::{self, FreezeAction, FreezeChange, InstalledPackages},
    snapshot::Analysis,
};
use inputs::Project;
use process::{Outcome, files::NewFile};
use project::Context;

use crate::{cli::FreezeArgs, running};

impl FreezeArgs {
    /// Writes what is installed into environment.yml and the lock, both or neither.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        if self.check {
            return locking::report_drift(&Project::load(cx)?, self.source.from);
        }
        // What is written depends on what is there, so nobody may change it in between.
        let (project, _lock) = Project::load_locked(cx)?;
        let installed = locking::read_snapshot(&project, self.source.from)?;
        let file = &project.environment;
        // An earlier `--full` may have listed dependencies, which nobody chose.
        let analysis = Analysis::new(&installed.snapshot, &file.without_transitive(), &project.pyproject.name);
        cx.report(&analysis.findings.clone().sorted());

        let mut frozen = file.clone();
        let mut edits = Vec::new();
        if !self.lock_only {
            let edited = freeze::freeze(
                file,
                &InstalledPackages {
                    pins: &analysis.pins(),
                    added: &analysis.by_hand,
                    transitive: self.full.then_some(analysis.transitive.as_slice()),
                    applies: &|line| analysis.applies(line),
                },
            )
            .map_err(Error::from)?;
            cx.report(&edited.findings);
            frozen = edited.file;
            edits = edited.changes;
        }
        let platform = installed.snapshot.platform.clone();
        // A damaged lock is replaced.
        let old = inputs::read_lock(&project, &platform).ok().flatten();
        let mut lock = locking::lock_snapshot(&project, &installed, &frozen, self.source.from, old.as_ref())?;
        // What is listed and not installed is not locked: the next build sees that it is asked for.
        lock.intent = analysis.missing().fold(lock.intent, |intent, (list, name)| intent.without_package(list, name));
        let mut changes = locking::lock_file_changes(cx, &lock);
        if frozen != *file {
            changes.insert(cx.layout.environment_yml(), Some(NewFile::text(frozen.text())));
        }
        cx.ui.notice(format_args!("read {}", installed.place));
        installed.warn_if_older(cx);
        show_edits(cx, &edits);
        locking::show_lock_changes(cx, old.as_ref(), &lock);
        if self.full {
            let count = analysis.transitive.len();
            let packages = if count == 1 { "package" } else { "packages" };
            cx.ui.notice(format_args!("listed {count} {packages} that these depend on"));
        }
        locking::write_changes(cx, changes)?;
        if installed.base_image.is_none() {
            prefixes::mark_as_built(cx)?;
        }
        // What is listed and not installed is still to be built.
        if let Some(container) = installed.container.filter(|_| analysis.missing().next().is_none()) {
            running::mark_frozen(cx, &container)?;
        }
        Ok(Outcome::Done)
    }
}

/// One line for each change to `environment.yml`.
fn show_edits(cx: &Context, edits: &[FreezeChange]) {
    for FreezeChange { line, action, .. } in edits {
        let change = match action {
            FreezeAction::Pinned { from, to } | FreezeAction::Restored { from, to } => format!("{from} -> {to}"),
            FreezeAction::AddedPackage(spec) => format!("+ {spec}"),
            FreezeAction::Removed(spec) => format!("- {spec}, which is no longer installed"),
        };
        cx.ui.notice(format_args!("environment.yml:{line} {change}"));
    }
}
