//! The verbs for unattended jobs, and for where they run.

use clap::{ArgMatches, Command};

use super::options::{detach, env, gpu, user_command, values};
use super::{Arguments, Targets};
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

/// `cargo xtask push`
#[derive(Debug)]
pub struct Push {
    /// What to push.
    pub targets: Targets,
}

impl Arguments for Push {
    const NAME: &'static str = "push";
    const ABOUT: &'static str = "Push the images to REGISTRY_HOSTNAME";

    fn grammar(command: Command) -> Command {
        command.arg(Targets::argument("What to push [default: runtime]"))
    }

    fn read(matches: &ArgMatches) -> Self {
        Self { targets: Targets::read(matches) }
    }
}
