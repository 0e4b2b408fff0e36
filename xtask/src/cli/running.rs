//! The verb for unattended jobs.

use clap::{ArgMatches, Command};

use environment::Platform;
use process::EnvArg;

use super::{
    Arguments,
    options::{detach, env, gpu, platform, user_command, values},
};

/// `cargo xtask run`
#[derive(Debug)]
pub struct Run {
    /// Environment variables.
    pub env: Vec<EnvArg>,
    /// Leave it in the background.
    pub detach: bool,
    /// NVIDIA GPUs, whatever the settings say.
    pub gpu: bool,
    /// For which platform.
    pub platform: Option<Platform>,
    /// The command, with its arguments.
    pub command: Vec<String>,
}

impl Arguments for Run {
    const NAME: &'static str = "run";
    const ABOUT: &'static str = "Run a command in a new container of the runtime image, or natively";

    fn grammar(command: Command) -> Command {
        command.args([
            env(),
            detach(),
            gpu(),
            platform("Run the image for another platform, emulated: linux/arm64, …"),
            user_command(),
        ])
    }

    fn read(matches: &ArgMatches) -> Self {
        Self {
            env: values(matches, "env"),
            detach: matches.get_flag("detach"),
            gpu: matches.get_flag("gpu"),
            platform: matches.get_one("platform").cloned(),
            command: values(matches, "command"),
        }
    }
}
