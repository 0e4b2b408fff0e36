//! The inventory that the command line asks for.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};

use docker::labels;
use environment::{Platform, lock::BaseImage};
use images::{ImageIdentity, Target};
use inputs::{Engine, Project};
use locking::SnapshotSource;
use materials::{Inventory, InventorySubject, SubjectKind};
use process::Invocation;
use project::Context;

use crate::cli::InventoryArgs;

/// Of the lock, else of a target's image, or of the native engine's environment.
pub fn read_inventory(project: &Project, of: &InventoryArgs) -> Result<Inventory> {
    if of.lock {
        return of_lock(project, of.platform.as_ref());
    }
    match Engine::choose(project.cx, &project.settings)? {
        Engine::Native => of_prefix(project),
        Engine::Docker | Engine::Podman => of_image(project, of.target),
    }
}

fn of_lock(project: &Project, platform: Option<&Platform>) -> Result<Inventory> {
    let of_machine = || match project.settings.engine {
        project::EngineChoice::Native => Platform::of_host(),
        _ => Platform::of_containers(),
    };
    let platform = platform.cloned().unwrap_or_else(of_machine);
    let lock = inputs::read_lock(project, &platform)?;
    let lock =
        lock.with_context(|| format!("there is no lock for {platform}: `cargo xtask lock --platform {platform}`"))?;
    let time = source_date_epoch(project.cx).or_else(|| time_of_last_commit(project.cx, lock.folder().as_str()));
    Ok(Inventory::of_lock(&lock, &project.pyproject.name, time))
}

fn of_image(project: &Project, target: Target) -> Result<Inventory> {
    let snapshot = locking::read_target(project, target)?;
    let image = target.image(&project.settings.image);
    let identity = ImageIdentity::of(project, &image).with_context(|| format!("Docker does not describe `{image}`"))?;
    let mut facts: BTreeMap<String, String> = BTreeMap::new();
    facts.insert("image-id".to_owned(), identity.id.clone());
    // The others are long lists of what this document has in its own way.
    for label in [labels::INPUTS, labels::REVISION, labels::TITLE] {
        facts.extend(identity.labels[label].as_str().map(|it| (label.to_owned(), it.to_owned())));
    }
    let subject = InventorySubject { kind: SubjectKind::Image, name: image, facts };
    let time = source_date_epoch(project.cx).or_else(|| materials::seconds_of(&identity.created));
    let base = base_of(locking::base_image(project), identity.labels[labels::BASE].as_str());
    let lock = inputs::read_lock(project, &snapshot.platform)?;
    Ok(Inventory::of_snapshot(&snapshot, lock.as_ref(), subject, Some(base), "", time))
}

/// The base image of an image: that of the settings, unless the label says that it was another.
fn base_of(configured: BaseImage, label: Option<&str>) -> BaseImage {
    match label {
        Some(id) if configured.id.as_deref() != Some(id) => {
            BaseImage { name: "another than in the settings".to_owned(), id: Some(id.to_owned()), digest: None }
        }
        _ => configured,
    }
}

fn of_prefix(project: &Project) -> Result<Inventory> {
    let installed = locking::read_snapshot(project, Some(SnapshotSource::Native))?;
    let lock = inputs::read_lock(project, &installed.snapshot.platform)?;
    let subject =
        InventorySubject { kind: SubjectKind::Prefix, name: project.pyproject.name.clone(), facts: BTreeMap::new() };
    let root = project.cx.layout.root().as_str();
    let time = source_date_epoch(project.cx);
    Ok(Inventory::of_snapshot(&installed.snapshot, lock.as_ref(), subject, None, root, time))
}

fn source_date_epoch(cx: &Context) -> Option<u64> {
    cx.host.get("SOURCE_DATE_EPOCH")?.parse().ok()
}

/// `None` without git, and for files that were never committed.
fn time_of_last_commit(cx: &Context, path: &str) -> Option<u64> {
    let words =
        ["-C", cx.layout.root().as_str(), "log", "--max-count=1", "--no-show-signature", "--format=%ct", "--", path];
    let answer = cx.runner.read(&Invocation::new("git").args(words)).ok()?;
    answer.stdout.trim().parse().ok()
}
