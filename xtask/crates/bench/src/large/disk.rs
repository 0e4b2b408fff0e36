//! What the disk has lost after a build and some edits, which nobody has tidied up after.

use anyhow::{Context as _, Result};

use project::Context;

use super::room;
use crate::{
    case::{MeasuredCase, Round},
    catalogue::{DISK_AFTER_EDITS, PYTHON_PACKAGES},
    dependencies::AddedPackages,
    side::Side,
    timing::{Preparation, prepare},
    trial::Trial,
};

/// As many packages are added, one after another.
const EDITS: usize = 5;

/// Takes everything away that was built before, but for the package caches. `None` in a dry run.
pub fn measure(cx: &Context, trial: &Trial) -> Result<Option<MeasuredCase>> {
    trial.forget_layers();
    let usual = taken(cx, trial, Side::Usual)?;
    let strong = taken(cx, trial, Side::Strong)?;
    let ours = taken(cx, trial, Side::Ours)?;
    // A dry run takes nothing.
    let Some(ours) = ours else { return Ok(None) };
    Ok(MeasuredCase::new(DISK_AFTER_EDITS, &[Round { usual, strong, ours }]))
}

/// The bytes that a side takes. `None` in a dry run.
fn taken(cx: &Context, trial: &Trial, side: Side) -> Result<Option<f64>> {
    prepare(cx, &trial.build_base(0))?;
    let before = free(cx)?;
    for edits in 0..=EDITS {
        prepare(cx, &edit_and_build(trial, side, edits))?;
    }
    let taken = before - free(cx)?;
    trial.forget_layers();
    Ok((!cx.is_dry_run()).then_some(taken))
}

/// The first build, or the next edit.
fn edit_and_build(trial: &Trial, side: Side, edits: usize) -> Vec<Preparation> {
    let added = AddedPackages::Python(&PYTHON_PACKAGES[..edits]);
    let mut steps = match side {
        Side::Ours if edits > 0 => vec![trial.edit_environment(&PYTHON_PACKAGES[..edits])],
        _ => trial.write_dependencies(added),
    };
    steps.push(Preparation::Start(trial.build(side)));
    if side == Side::Ours && edits > 0 {
        steps.push(Preparation::Start(trial.ours(&["freeze"])));
    }
    steps
}

#[expect(clippy::cast_precision_loss, reason = "no disk is so large that a byte less matters")]
fn free(cx: &Context) -> Result<f64> {
    if cx.is_dry_run() {
        return Ok(0.0);
    }
    let disk = room::of_images(cx)?.context("the disk of Docker's daemon is not on this machine")?;
    Ok(disk.free_bytes() as f64)
}
