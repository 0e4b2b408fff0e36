//! One file a verb: load, check, decide, do, report.

mod build;
mod check;
mod ci;
mod doctor;
mod env;
mod push;
mod run;
mod shell;

use anyhow::Result;

use crate::cli::Verb;
use crate::context::Context;
use crate::outcome::{self, Outcome};

impl Verb {
    /// Does it.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        match self {
            Self::Env(verb) => verb.run(cx),
            Self::Build(verb) => verb.run(cx),
            Self::Run(verb) => verb.run(cx),
            Self::Shell(verb) => verb.run(cx),
            Self::Push(verb) => verb.run(cx),
            Self::Check(verb) => verb.run(cx),
            Self::Doctor(verb) => verb.run(cx),
            Self::Ci(verb) => verb.run(cx),
        }
    }

    /// The exit code when it fails itself.
    pub fn failure(&self) -> u8 {
        match self {
            Self::Run(_) | Self::Shell(_) => outcome::NOT_STARTED,
            Self::Env(_) | Self::Build(_) | Self::Push(_) | Self::Check(_) | Self::Doctor(_) | Self::Ci(_) => {
                outcome::FAILURE
            }
        }
    }
}
