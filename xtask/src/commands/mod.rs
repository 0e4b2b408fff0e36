//! One file a verb: load, check, decide, do, report.

mod add;
mod audit;
mod base;
mod bench;
mod build;
mod bundle;
mod check;
mod ci;
mod completions;
mod dev;
mod doctor;
mod down;
mod drift;
mod env;
mod exec;
mod freeze;
mod init;
mod jobs;
mod list;
mod lock;
mod logs;
mod prune;
mod pull;
mod push;
mod remove;
mod rerun;
mod restart;
mod run;
mod sbom;
mod shell;
mod size;
mod start;
mod status;
mod stop;
mod submit;
mod task;
mod thaw;
mod unbundle;
mod up;
mod update;
mod verify;
mod wait;
mod why;

use anyhow::Result;

use process::{FAILURE, NOT_STARTED, Outcome};
use project::Context;

use crate::cli::Verb;

impl Verb {
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        match self {
            Self::Init(verb) => verb.run(cx),
            Self::Update(verb) => verb.run(cx),
            Self::Env(verb) => verb.run(cx),
            Self::Completions(verb) => verb.run(cx),
            Self::Add(verb) => verb.run(cx),
            Self::Remove(verb) => verb.run(cx),
            Self::Build(verb) => verb.run(cx),
            Self::Freeze(verb) => verb.run(cx),
            Self::Thaw(verb) => verb.run(cx),
            Self::Lock(verb) => verb.run(cx),
            Self::Drift(verb) => verb.run(cx),
            Self::List(verb) => verb.run(cx),
            Self::Verify => verify::run(cx),
            Self::Sbom(verb) => verb.run(cx),
            Self::Audit(verb) => verb.run(cx),
            Self::Base(verb) => verb.run(cx),
            Self::Size(verb) => verb.run(cx),
            Self::Why(verb) => verb.run(cx),
            Self::Prune(verb) => verb.run(cx),
            Self::Run(verb) => verb.run(cx),
            Self::Task(verb) => verb.run(cx),
            Self::Rerun(verb) => verb.run(cx),
            Self::Wait(verb) => verb.run(cx),
            Self::Up(verb) => verb.run(cx),
            Self::Shell(verb) => verb.run(cx),
            Self::Exec(verb) => verb.run(cx),
            Self::Dev(verb) => verb.run(cx),
            Self::Logs(verb) => verb.run(cx),
            Self::Status(verb) => verb.run(cx),
            Self::Stop(verb) => verb.run(cx),
            Self::Start => start::run(cx),
            Self::Restart => restart::run(cx),
            Self::Down(verb) => verb.run(cx),
            Self::Push(verb) => verb.run(cx),
            Self::Pull(verb) => verb.run(cx),
            Self::Bundle(verb) => verb.run(cx),
            Self::Unbundle(verb) => verb.run(cx),
            Self::Submit(verb) => verb.run(cx),
            Self::Jobs(verb) => verb.run(cx),
            Self::Check(verb) => verb.run(cx),
            Self::Doctor(verb) => verb.run(cx),
            Self::Ci(verb) => verb.run(cx),
            Self::Bench(verb) => verb.run(cx),
        }
    }

    /// The exit code when the verb itself fails, not the user's command.
    pub fn failure_code(&self) -> u8 {
        match self {
            Self::Run(_)
            | Self::Shell(_)
            | Self::Exec(_)
            | Self::Dev(_)
            | Self::Task(_)
            | Self::Rerun(_)
            | Self::Wait(_)
            | Self::Submit(_) => NOT_STARTED,
            _ => FAILURE,
        }
    }
}
