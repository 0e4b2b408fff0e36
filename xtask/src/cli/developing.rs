//! The verbs that run commands, and those around the dev container.

use camino::Utf8PathBuf;
use clap::Args;

use environment::Platform;
use images::StepNumber;

use super::values::{
    AcceleratorArgs, BackgroundArgs, CommandArgs, PassedArgs, PublishArgs, SyncArgs, UserArgs, linux_platform,
};

/// `cargo xtask run`
#[derive(Debug, Args)]
pub struct RunArgs {
    #[command(flatten)]
    pub passed: PassedArgs,
    #[command(flatten)]
    pub ports: PublishArgs,
    #[command(flatten)]
    pub sync: SyncArgs,
    #[command(flatten)]
    pub background: BackgroundArgs,
    /// Write a receipt into outputs/runs/: what was run, of what, where, and how it ended.
    #[arg(long, conflicts_with = "detach")]
    pub receipt: bool,
    #[command(flatten)]
    pub accelerator: AcceleratorArgs,
    /// Run the image for another platform, emulated: linux/arm64, …
    #[arg(long, value_name = "PLATFORM", value_parser = linux_platform)]
    pub platform: Option<Platform>,
    #[command(flatten)]
    pub command: CommandArgs,
}

/// `cargo xtask rerun`
#[derive(Debug, Args)]
pub struct RerunArgs {
    /// The receipt of the run: outputs/runs/…/receipt.json
    #[arg(value_name = "RECEIPT")]
    pub receipt: Utf8PathBuf,
    /// Submit it to a cluster instead: the name of a file in installation/clusters/, without `.toml`.
    #[arg(long, value_name = "SITE")]
    pub on: Option<String>,
}

/// `cargo xtask up`
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own on the command line")]
pub struct UpArgs {
    #[command(flatten)]
    pub accelerator: AcceleratorArgs,
    /// Build the dev image first.
    #[arg(long)]
    pub build: bool,
    /// Make the container anew without asking, where its options, image or settings have changed.
    #[arg(long)]
    pub recreate: bool,
    /// Wait until every service is healthy, not only until a command can be started.
    #[arg(long)]
    pub wait: bool,
    /// Start an SSH server on a port of this machine, and print how to connect.
    #[arg(long, default_value_if("ssh_config", "true", "true"))]
    pub ssh: bool,
    /// Like --ssh, and print the block for ~/.ssh/config.
    #[arg(long)]
    pub ssh_config: bool,
    /// Start JupyterLab on a port of this machine, and print its address.
    #[arg(long)]
    pub jupyter: bool,
}

/// `cargo xtask shell`
#[derive(Debug, Args)]
pub struct ShellArgs {
    #[command(flatten)]
    pub passed: PassedArgs,
    #[command(flatten)]
    pub user: UserArgs,
    /// Instead, build this stage of the Dockerfile, as far as that succeeds, and open a shell there.
    #[arg(long, conflicts_with_all = ["env", "root"])]
    pub stage: Option<String>,
    /// Only up to this step of the stage, as a build shows its number.
    #[arg(long, value_name = "N/COUNT", requires = "stage")]
    pub step: Option<StepNumber>,
}

/// `cargo xtask exec`
#[derive(Debug, Args)]
pub struct ExecArgs {
    #[command(flatten)]
    pub passed: PassedArgs,
    #[command(flatten)]
    pub user: UserArgs,
    #[command(flatten)]
    pub command: CommandArgs,
}

/// `cargo xtask dev`
#[derive(Debug, Args)]
pub struct DevArgs {
    #[command(flatten)]
    pub passed: PassedArgs,
    #[command(flatten)]
    pub ports: PublishArgs,
    #[command(flatten)]
    pub sync: SyncArgs,
    #[command(flatten)]
    pub background: BackgroundArgs,
    #[command(flatten)]
    pub accelerator: AcceleratorArgs,
    #[command(flatten)]
    pub command: CommandArgs,
}

/// `cargo xtask task`
#[derive(Debug, Args)]
pub struct TaskArgs {
    #[command(flatten)]
    pub passed: PassedArgs,
    #[command(flatten)]
    pub sync: SyncArgs,
    /// In the dev image instead of the runtime image.
    #[arg(long)]
    pub dev: bool,
    /// The task, and more arguments for its command; without it, the tasks are listed.
    #[arg(value_name = "TASK", num_args = 0.., trailing_var_arg = true)]
    pub words: Vec<String>,
}

/// `cargo xtask wait`
#[derive(Debug, Args)]
pub struct WaitArgs {
    /// The jobs, as `run -d` has named them.
    #[arg(value_name = "JOB", required = true)]
    pub jobs: Vec<String>,
}

/// `cargo xtask stop`
#[derive(Debug, Args)]
pub struct StopArgs {
    /// End these jobs instead.
    #[arg(value_name = "JOB")]
    pub jobs: Vec<String>,
}

/// `cargo xtask logs`
#[derive(Debug, Args)]
pub struct LogsArgs {
    /// A job instead of the dev container.
    #[arg(value_name = "JOB")]
    pub job: Option<String>,
    /// Keep printing new lines as they come.
    #[arg(short, long)]
    pub follow: bool,
    /// Only the last N lines.
    #[arg(short = 'n', long, value_name = "N", value_parser = number_of_lines)]
    pub tail: Option<String>,
}

/// Parses a number or `all`. Docker would take anything else for `all`.
fn number_of_lines(text: &str) -> Result<String, &'static str> {
    if text == "all" || text.parse::<u32>().is_ok() { Ok(text.to_owned()) } else { Err("write a number, or `all`") }
}

/// `cargo xtask status`
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Print one JSON document: engine, containers, images.
    #[arg(long)]
    pub json: bool,
}

/// `cargo xtask down`
#[derive(Debug, Args)]
pub struct DownArgs {
    /// Remove the named volumes of the compose files too.
    #[arg(long)]
    pub volumes: bool,
    /// Do not ask before the native environment is removed.
    #[arg(short, long)]
    pub yes: bool,
}
