//! The verbs around the container that people live in.

use clap::{ArgAction, ArgMatches, Command};

use process::EnvArg;

use super::{
    Arguments,
    options::{detach, env, flag, gpu, option, user_command, values},
};

/// `cargo xtask up`
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own on the command line")]
pub struct UpArgs {
    /// NVIDIA GPUs, whatever the settings say.
    pub gpu: bool,
    /// Build the image first.
    pub build: bool,
    /// Wait until Docker calls everything healthy.
    pub wait: bool,
    /// An SSH server.
    pub ssh: bool,
    /// An SSH server, and the block for `~/.ssh/config`.
    pub ssh_config: bool,
    /// JupyterLab.
    pub jupyter: bool,
}

impl Arguments for UpArgs {
    const NAME: &'static str = "up";
    const ABOUT: &'static str = "Start the dev container in the background";

    fn grammar(command: Command) -> Command {
        command.args([
            gpu(),
            flag("build", "Build the dev image first"),
            flag("wait", "Wait until every service is healthy, not only until a command can be started"),
            flag("ssh", "Start an SSH server on a port of this machine, and print how to connect"),
            flag("ssh-config", "As --ssh, and print the block for ~/.ssh/config"),
            flag("jupyter", "Start JupyterLab on a port of this machine, and print its address"),
        ])
    }

    fn read(matches: &ArgMatches) -> Self {
        Self {
            gpu: matches.get_flag("gpu"),
            build: matches.get_flag("build"),
            wait: matches.get_flag("wait"),
            ssh: matches.get_flag("ssh") || matches.get_flag("ssh-config"),
            ssh_config: matches.get_flag("ssh-config"),
            jupyter: matches.get_flag("jupyter"),
        }
    }
}

fn root() -> clap::Arg {
    flag("root", "As root of the container, whatever USRID says")
}

/// `cargo xtask shell`
#[derive(Debug)]
pub struct ShellArgs {
    /// Environment variables.
    pub env: Vec<EnvArg>,
    /// As root.
    pub root: bool,
}

impl Arguments for ShellArgs {
    const NAME: &'static str = "shell";
    const ABOUT: &'static str = "Open a shell in the dev container, or natively";

    fn grammar(command: Command) -> Command {
        command.args([env(), root()])
    }

    fn read(matches: &ArgMatches) -> Self {
        Self { env: values(matches, "env"), root: matches.get_flag("root") }
    }
}

/// `cargo xtask exec`
#[derive(Debug)]
pub struct ExecArgs {
    /// Environment variables.
    pub env: Vec<EnvArg>,
    /// As root.
    pub root: bool,
    /// The command, with its arguments.
    pub command: Vec<String>,
}

impl Arguments for ExecArgs {
    const NAME: &'static str = "exec";
    const ABOUT: &'static str = "Run a command in the dev container, or natively";

    fn grammar(command: Command) -> Command {
        command.args([env(), root(), user_command()])
    }

    fn read(matches: &ArgMatches) -> Self {
        Self { env: values(matches, "env"), root: matches.get_flag("root"), command: values(matches, "command") }
    }
}

/// `cargo xtask dev`
#[derive(Debug)]
pub struct DevArgs {
    /// Environment variables.
    pub env: Vec<EnvArg>,
    /// Ports to publish, as Docker writes them.
    pub publish: Vec<String>,
    /// Leave it in the background.
    pub detach: bool,
    /// NVIDIA GPUs, whatever the settings say.
    pub gpu: bool,
    /// The command, with its arguments.
    pub command: Vec<String>,
}

impl Arguments for DevArgs {
    const NAME: &'static str = "dev";
    const ABOUT: &'static str = "Run a command in a new container of the dev image, or natively";

    fn grammar(command: Command) -> Command {
        let publish =
            option("publish", "HOST:CONTAINER", "Publish a port, on this machine alone unless HOST names an address")
                .short('p')
                .action(ArgAction::Append);
        command.args([env(), publish, detach(), gpu(), user_command()])
    }

    fn read(matches: &ArgMatches) -> Self {
        Self {
            env: values(matches, "env"),
            publish: values(matches, "publish"),
            detach: matches.get_flag("detach"),
            gpu: matches.get_flag("gpu"),
            command: values(matches, "command"),
        }
    }
}

/// `cargo xtask logs`
#[derive(Debug)]
pub struct LogsArgs {
    /// Go on with what comes.
    pub follow: bool,
    /// How many of the last lines; a number or `all`.
    pub tail: Option<String>,
}

impl Arguments for LogsArgs {
    const NAME: &'static str = "logs";
    const ABOUT: &'static str = "Show what the dev container has printed";

    fn grammar(command: Command) -> Command {
        command
            .arg(flag("follow", "Go on with what comes").short('f'))
            .arg(option("tail", "N", "Only the last N lines").short('n').value_parser(count))
    }

    fn read(matches: &ArgMatches) -> Self {
        Self { follow: matches.get_flag("follow"), tail: matches.get_one::<String>("tail").cloned() }
    }
}

/// Docker would take anything else for `all`.
fn count(text: &str) -> Result<String, &'static str> {
    if text == "all" || text.parse::<u32>().is_ok() { Ok(text.to_owned()) } else { Err("write a number, or `all`") }
}

/// `cargo xtask down`
#[derive(Debug)]
pub struct DownArgs {
    /// The named volumes too.
    pub volumes: bool,
    /// Do not ask.
    pub yes: bool,
}

impl Arguments for DownArgs {
    const NAME: &'static str = "down";
    const ABOUT: &'static str = "Remove this project's containers, or natively the environment";

    fn grammar(command: Command) -> Command {
        command
            .arg(flag("volumes", "Remove the named volumes of the compose files too"))
            .arg(flag("yes", "Do not ask before the native environment is removed").short('y'))
    }

    fn read(matches: &ArgMatches) -> Self {
        Self { volumes: matches.get_flag("volumes"), yes: matches.get_flag("yes") }
    }
}

/// `cargo xtask status`
#[derive(Debug)]
pub struct StatusArgs {
    /// One JSON document.
    pub json: bool,
}

impl Arguments for StatusArgs {
    const NAME: &'static str = "status";
    const ABOUT: &'static str = "Show this project's containers, and whether their images are out of date";

    fn grammar(command: Command) -> Command {
        command.visible_alias("ps").arg(flag("json", "Print one JSON document: engine, containers, images"))
    }

    fn read(matches: &ArgMatches) -> Self {
        Self { json: matches.get_flag("json") }
    }
}

/// A verb without options.
macro_rules! plain {
    ($($verb:ident $name:literal $about:literal;)*) => {$(
        #[doc = concat!("`cargo xtask ", $name, "`")]
        #[derive(Debug)]
        pub struct $verb;

        impl Arguments for $verb {
            const NAME: &'static str = $name;
            const ABOUT: &'static str = $about;

            fn grammar(command: Command) -> Command {
                command
            }

            fn read(_: &ArgMatches) -> Self {
                Self
            }
        }
    )*};
}

plain! {
    StopArgs "stop" "Stop the dev container, and keep it";
    StartArgs "start" "Start the dev container that was stopped";
    RestartArgs "restart" "Stop the dev container and start it again";
}
