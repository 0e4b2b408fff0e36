//! One file a verb: load, check, decide, do, report.

mod base;
mod bench;
mod build;
mod check;
mod ci;
mod dev;
mod doctor;
mod down;
mod drift;
mod env;
mod exec;
mod freeze;
mod list;
mod lock;
mod logs;
mod pull;
mod push;
mod restart;
mod run;
mod shell;
mod size;
mod start;
mod status;
mod stop;
mod thaw;
mod up;
mod verify;

use anyhow::Result;

use process::{Outcome, outcome};
use project::Context;

use crate::cli::{RestartArgs, StartArgs, StopArgs, Verb, VerifyArgs};

impl Verb {
    /// Does it.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        match self {
            Self::Env(verb) => verb.run(cx),
            Self::BuildArgs(verb) => verb.run(cx),
            Self::FreezeArgs(verb) => verb.run(cx),
            Self::ThawArgs(verb) => verb.run(cx),
            Self::Lock(verb) => verb.run(cx),
            Self::DriftArgs(verb) => verb.run(cx),
            Self::ListArgs(verb) => verb.run(cx),
            Self::VerifyArgs(VerifyArgs) => VerifyArgs::run(cx),
            Self::BaseArgs(verb) => verb.run(cx),
            Self::Size(verb) => verb.run(cx),
            Self::Run(verb) => verb.run(cx),
            Self::UpArgs(verb) => verb.run(cx),
            Self::ShellArgs(verb) => verb.run(cx),
            Self::ExecArgs(verb) => verb.run(cx),
            Self::DevArgs(verb) => verb.run(cx),
            Self::LogsArgs(verb) => verb.run(cx),
            Self::StatusArgs(verb) => verb.run(cx),
            Self::StopArgs(StopArgs) => StopArgs::run(cx),
            Self::StartArgs(StartArgs) => StartArgs::run(cx),
            Self::RestartArgs(RestartArgs) => RestartArgs::run(cx),
            Self::DownArgs(verb) => verb.run(cx),
            Self::PushArgs(verb) => verb.run(cx),
            Self::PullArgs(verb) => verb.run(cx),
            Self::CheckArgs(verb) => verb.run(cx),
            Self::DoctorArgs(verb) => verb.run(cx),
            Self::CiArgs(verb) => verb.run(cx),
            Self::BenchArgs(verb) => verb.run(cx),
        }
    }

    /// The exit code when it fails itself.
    pub fn failure(&self) -> u8 {
        match self {
            Self::Run(_) | Self::ShellArgs(_) | Self::ExecArgs(_) | Self::DevArgs(_) => outcome::NOT_STARTED,
            _ => outcome::FAILURE,
        }
    }
}
