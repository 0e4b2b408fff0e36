//! The verb for unattended jobs.

use clap::{ArgMatches, Command};

use super::Arguments;
use super::options::{detach, env, gpu, user_command, values};
use crate::process::Passed;

/// `cargo xtask run`
#[derive(Debug)]
pub struct Run {
    /// Environment variables.
    pub env: Vec<Passed>,
    /// Leave it in the background.
    pub detach: bool,
    /// NVIDIA GPUs, whatever the settings say.
    pub gpu: bool,
    /// The command, with its arguments.
    pub command: Vec<String>,
}

impl Arguments for Run {
    const NAME: &'static str = "run";
    const ABOUT: &'static str = "Run a command in a new container of the runtime image, or natively";

    fn grammar(command: Command) -> Command {
        command.args([env(), detach(), gpu(), user_command()])
    }

    fn read(matches: &ArgMatches) -> Self {
        Self {
            env: values(matches, "env"),
            detach: matches.get_flag("detach"),
            gpu: matches.get_flag("gpu"),
            command: values(matches, "command"),
        }
    }
}
