//! The command line: a field is an option, its doc comment is the help text.

mod adding;
mod bundling;
mod checking;
mod completions;
mod developing;
mod environment;
mod freezing;
mod overview;
mod setup;
mod sharing;
mod submitting;
mod supplying;
mod updating;
mod values;

use std::ffi::OsString;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use process::Echo;

pub use adding::{AddArgs, ChosenList, RemoveArgs};
pub use bundling::{BundleArgs, UnbundleArgs};
pub use checking::{BenchArgs, CheckArgs, CiArgs, DoctorArgs, OutputFormat};
pub use completions::CompletionsArgs;
pub use developing::{
    DevArgs, DownArgs, ExecArgs, LogsArgs, RerunArgs, RunArgs, ShellArgs, StatusArgs, StopArgs, TaskArgs, UpArgs,
    WaitArgs,
};
pub use environment::{BaseArgs, BuildArgs, PruneArgs, SettingsArgs, SizeArgs, WhyArgs};
pub use freezing::{DriftArgs, FreezeArgs, ListArgs, LockArgs, ThawArgs};
pub use setup::{InitArgs, python_version};
pub use sharing::{PullArgs, PushArgs};
pub use submitting::{JobsAction, JobsArgs, SubmitArgs};
pub use supplying::{AuditArgs, InventoryArgs, SbomArgs};
pub use updating::UpdateArgs;

/// This project's environment, as code.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, subcommand_value_name = "VERB")]
pub struct Cli {
    /// Without a verb, the help is printed.
    #[command(subcommand)]
    pub verb: Option<Verb>,
    /// Print the commands that would run, and change nothing.
    #[arg(long, global = true, conflicts_with = "verbose")]
    dry_run: bool,
    /// Print each command that runs, and which files are parsed.
    #[arg(short, long, global = true)]
    verbose: bool,
    /// Open no connection: use what is here or was unbundled.
    #[arg(long, global = true)]
    pub offline: bool,
}

/// The verbs. A new one needs a group in `overview.rs` too.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Make a project of this repository: its own names, dependencies and texts.
    Init(InitArgs),
    /// Bring a newer template into this project, merged with what you have changed.
    Update(UpdateArgs),
    /// Create, complete, change or show the settings, installation/docker-amd64/.env.
    Env(SettingsArgs),
    /// Print a script that completes `cargo xtask` in a shell.
    Completions(CompletionsArgs),

    /// Add packages to the lists in dependencies/, if versions can be found.
    Add(AddArgs),
    /// Remove packages from the lists in dependencies/.
    Remove(RemoveArgs),
    /// Build the images, or without Docker the native environment.
    Build(BuildArgs),
    /// Write what is installed into environment.yml and the lock.
    Freeze(FreezeArgs),
    /// Restore what environment.yml said before freeze, for all packages or some.
    Thaw(ThawArgs),
    /// Write the lock without building, for any platform.
    Lock(LockArgs),
    /// Build the environment again from the lock, and compare every package and file.
    Verify,
    /// Compare what is installed with environment.yml and the lock.
    Drift(DriftArgs),
    /// List what is installed.
    List(ListArgs),
    /// Write what an image or the lock is made of, as CycloneDX or SPDX.
    Sbom(SbomArgs),
    /// Look packages up in records of known vulnerabilities.
    Audit(AuditArgs),
    /// Make a base image of Debian's or Ubuntu's packages, without a registry.
    Base(BaseArgs),
    /// Show the size of an image by layer and package, and what is wasted.
    Size(SizeArgs),
    /// Show what would be built and why, and what builds have cost.
    Why(WhyArgs),
    /// Remove old images and what else of this project nobody needs any more.
    Prune(PruneArgs),

    /// Run a command in a new container of the runtime image, or natively.
    Run(RunArgs),
    /// Run a command that pyproject.toml has a name for.
    Task(TaskArgs),
    /// Run the command of a receipt again: the same code in the same environment.
    Rerun(RerunArgs),
    /// Wait until jobs have ended, and end with their exit code.
    Wait(WaitArgs),

    /// Start the dev container in the background.
    Up(UpArgs),
    /// Open a shell in the dev container, or natively.
    Shell(ShellArgs),
    /// Run a command in the dev container, or natively.
    Exec(ExecArgs),
    /// Run a command in a new container of the dev image, or natively.
    Dev(DevArgs),
    /// Show what the dev container or a job has printed.
    Logs(LogsArgs),
    /// Show this project's containers, and whether their images are out of date.
    #[command(visible_alias = "ps")]
    Status(StatusArgs),
    /// Stop the dev container without removing it, or end jobs.
    Stop(StopArgs),
    /// Start the dev container that was stopped.
    Start,
    /// Stop the dev container and start it again.
    Restart,
    /// Remove this project's containers, or the native environment.
    Down(DownArgs),

    /// Push the images to a registry, with all their tags.
    Push(PushArgs),
    /// Pull images that somebody else has built from the same inputs.
    Pull(PullArgs),
    /// Write what a machine without a network needs to one file.
    Bundle(BundleArgs),
    /// Verify a bundle, and put what is in it where --offline finds it.
    Unbundle(UnbundleArgs),

    /// Send a command to a cluster as a job, or as an array of jobs.
    Submit(SubmitArgs),
    /// Show the jobs on clusters, their output, or end them.
    Jobs(JobsArgs),

    /// Check every input file, and show each mistake with its line.
    Check(CheckArgs),
    /// Show what this machine lacks, and the command that fixes it.
    Doctor(DoctorArgs),
    /// Check everything: format, lints, tests, documentation, and end to end with Docker.
    Ci(CiArgs),
    /// Measure everyday work beside two controls, and write benchmarks/results.md.
    Bench(BenchArgs),
}

impl Cli {
    /// Parses the command line. `--help` and `--version` are errors too, with exit code 0.
    pub fn parse_from_args(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let mut arguments: Vec<OsString> = arguments.into_iter().collect();
        let command = Self::command();
        let help = if arguments[1..] == ["help", "--all"] {
            arguments[1..].clone_from_slice(&["--help".into(), "--help".into()]);
            overview::manual(&command)
        } else {
            overview::text(&command)
        };
        Self::from_arg_matches(&command.override_help(help).try_get_matches_from(arguments)?)
    }

    /// The help text of `cargo xtask`.
    pub fn overview() -> String {
        overview::text(&Self::command())
    }

    pub fn echo(&self) -> Echo {
        match (self.dry_run, self.verbose) {
            (true, _) => Echo::DryRun,
            (false, true) => Echo::Verbose,
            (false, false) => Echo::Quiet,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Cli {
        Cli::parse_from_args(["x"].iter().chain(words).map(Into::into)).unwrap()
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn options_after_the_command_belong_to_it() {
        let cli = parse(&["run", "-d", "-e", "A=1", "python", "-d", "--dry-run"]);
        assert_eq!(cli.echo(), Echo::Quiet);
        let Some(Verb::Run(run)) = cli.verb else { panic!() };
        assert_eq!(run.command.words, ["python", "-d", "--dry-run"]);
        assert!(run.background.detach);
    }

    #[test]
    fn a_verb_may_be_left_out_and_options_may_stand_before_it() {
        assert!(parse(&[]).verb.is_none());
        assert_eq!(parse(&["--dry-run", "build"]).echo(), Echo::DryRun);
        assert_eq!(parse(&["build", "--verbose"]).echo(), Echo::Verbose);
    }

    #[test]
    fn ps_is_another_name_of_status() {
        assert!(matches!(parse(&["ps"]).verb, Some(Verb::Status(_))));
    }

    #[test]
    fn the_block_for_ssh_is_of_a_server_that_is_started() {
        for (words, expected) in [(&["up"][..], false), (&["up", "--ssh"], true), (&["up", "--ssh-config"], true)] {
            let Some(Verb::Up(up)) = parse(words).verb else { panic!() };
            assert_eq!(up.ssh, expected, "{words:?}");
        }
    }
}
