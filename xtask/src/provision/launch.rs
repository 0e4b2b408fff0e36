//! Starts a command in a place, and becomes it.

use std::collections::BTreeSet;

use anyhow::{Result, bail};

use super::{Place, devices};
use crate::context::Context;
use crate::docker::{RunRequest, Terminal};
use crate::fs;
use crate::inputs::Inputs;
use crate::native::NativeRun;
use crate::outcome::Outcome;
use crate::process::{Invocation, Passed};
use crate::project::{Accelerator, Settings};

/// A command to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch<'a> {
    /// The command and its arguments.
    pub command: &'a [String],
    /// Environment variables that the user passes.
    pub passed: &'a [Passed],
    /// How it is connected to this terminal.
    pub terminal: Terminal,
    /// What it computes on.
    pub accelerator: Accelerator,
}

impl Launch<'_> {
    /// The child process that it is in a place.
    pub fn invocation(&self, cx: &Context, inputs: &Inputs, place: &Place) -> Result<Invocation> {
        let variables = &inputs.intent.environment.variables;
        match place {
            Place::Image(image) => {
                let device_groups = match self.accelerator {
                    Accelerator::Rocm => devices::amd_groups(),
                    Accelerator::Cpu | Accelerator::Gpu => Vec::new(),
                };
                let request = RunRequest {
                    image,
                    settings: &inputs.settings,
                    network: &inputs.network,
                    accelerator: self.accelerator,
                    device_groups: &device_groups,
                    variables,
                    passed: self.passed,
                    terminal: self.terminal,
                    command: self.command,
                };
                Ok(request.invocation())
            }
            Place::Prefix(_) if self.terminal == Terminal::Detached => {
                bail!("`--detach` needs Docker: the native engine runs commands in this terminal")
            }
            Place::Prefix(prefix) => {
                let run = NativeRun {
                    prefix,
                    solver: inputs.plan.solver,
                    settings: &inputs.settings,
                    variables,
                    passed: self.passed,
                    command: self.command,
                };
                Ok(run.invocation(&cx.host))
            }
        }
    }

    /// Becomes the command. Returns only from a dry run, or when the command could not be started.
    pub fn exec(&self, cx: &Context, inputs: &Inputs, place: &Place) -> Result<Outcome> {
        let invocation = self.invocation(cx, inputs, place)?;
        make_local_directories(cx, &inputs.settings)?;
        match (cx.runner.exec(&invocation), place) {
            (Ok(exit), _) => Ok(Outcome::Ended(exit)),
            // There is no shell in between to say so.
            (Err(error), Place::Prefix(_)) => {
                let exit = error.shell_exit();
                cx.ui.error(&error.into());
                Ok(Outcome::Ended(exit))
            }
            (Err(error), Place::Image(_)) => Err(error.into()),
        }
    }
}

/// Docker would refuse to mount what is not there, or make it as root.
fn make_local_directories(cx: &Context, settings: &Settings) -> Result<()> {
    let local = &settings.local;
    let wanted = BTreeSet::from([&local.data, &local.outputs, &local.wandb]);
    for directory in wanted.into_iter().filter(|it| !it.is_dir()) {
        cx.ui.notice(format_args!("creating the directory `{directory}`"));
        if !cx.runner.is_dry_run() {
            fs::create_dir(directory)?;
        }
    }
    Ok(())
}
