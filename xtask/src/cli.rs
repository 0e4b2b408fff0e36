//! The whole command line on one page; its help text is the manual.

use std::str::FromStr;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::image::Target;
use crate::process::{Echo, Passed};

/// This project's environment, as code
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, subcommand_value_name = "VERB")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Option<Verb>,

    /// Print what would be started and start nothing that changes anything
    #[arg(long, global = true, conflicts_with = "verbose")]
    dry_run: bool,

    /// Print what is started
    #[arg(long, short, global = true)]
    verbose: bool,
}

/// One verb.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Create, complete or show the settings, installation/docker-amd64/.env
    Env(Env),
    /// Build the images, or without Docker the native environment
    Build(Build),
    /// Run a command in a new container of the runtime image, or natively
    Run(Run),
    /// Open a shell in a new container of the dev image, or natively
    Shell(Shell),
    /// Push the images to REGISTRY_HOSTNAME
    Push(Push),
    /// Check every input file, and say what is wrong where
    Check(Check),
    /// Tell what this machine has of what is needed, and the command for what it has not
    Doctor(Doctor),
    /// Check everything: format, lints, tests, documentation, on a real engine too
    Ci(Ci),
}

/// The groups of the help text. Every verb is in one.
const GROUPS: [(&str, &[&str]); 5] = [
    ("Set up", &["env"]),
    ("Environment", &["build"]),
    ("Run", &["run", "shell"]),
    ("Ship", &["push"]),
    ("Check", &["check", "doctor", "ci"]),
];

/// `cargo xtask env`
#[derive(Debug, Args)]
pub struct Env {
    /// Add what this version needs; keep every value and comment
    #[arg(long, conflicts_with = "show")]
    pub update: bool,

    /// Print the values in force, secrets as ***
    #[arg(long)]
    pub show: bool,

    /// Set a variable in the file; its comment stays
    #[arg(long, value_name = "NAME=VALUE", conflicts_with_all = ["show", "update"])]
    pub set: Vec<Assignment>,

    /// Remove a variable from the file, so that its default is in force
    #[arg(long, value_name = "NAME", conflicts_with_all = ["show", "update"])]
    pub unset: Vec<String>,
}

/// A variable and its value, as in `NAME=VALUE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The variable.
    pub name: String,
    /// Its value, which may be empty.
    pub value: String,
}

impl FromStr for Assignment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, value) = text.split_once('=').ok_or("there is no `=` in it")?;
        Ok(Self { name: name.to_owned(), value: value.to_owned() })
    }
}

/// `cargo xtask check`
#[derive(Debug, Args)]
pub struct Check {
    /// For whom the findings are
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    pub format: OutputFormat,

    /// Explain a code, such as E0301
    #[arg(long, value_name = "CODE", conflicts_with = "format")]
    pub explain: Option<String>,
}

/// For whom findings are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// People, with the line and what is wrong in it
    Text,
    /// People and editors: a line each
    Short,
    /// Programs: a JSON object a line
    Json,
    /// GitHub: annotations of a workflow run
    Github,
}

/// `cargo xtask build`
#[derive(Debug, Args)]
pub struct Build {
    /// What to build
    #[arg(value_enum, default_value_t = Targets::Runtime)]
    pub targets: Targets,
}

/// `cargo xtask push`
#[derive(Debug, Args)]
pub struct Push {
    /// What to push
    #[arg(value_enum, default_value_t = Targets::Runtime)]
    pub targets: Targets,
}

/// One target or all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Targets {
    /// For unattended jobs
    Runtime,
    /// The runtime and tools for people
    Dev,
    /// Both
    All,
}

impl Targets {
    /// Each of them.
    pub fn each(self) -> &'static [Target] {
        match self {
            Self::Runtime => &[Target::Runtime],
            Self::Dev => &[Target::Dev],
            Self::All => &Target::ALL,
        }
    }
}

/// `cargo xtask run`
#[derive(Debug, Args)]
pub struct Run {
    /// Set an environment variable; without =VALUE, to the value that it has here
    #[arg(long, short, value_name = "NAME[=VALUE]")]
    pub env: Vec<Passed>,

    /// Leave it running in the background and print the container's id
    #[arg(long, short)]
    pub detach: bool,

    /// Give it the NVIDIA GPUs, whatever CPU_OR_GPU says
    #[arg(long)]
    pub gpu: bool,

    /// The command, with its arguments
    #[arg(required = true, trailing_var_arg = true, value_name = "COMMAND")]
    pub command: Vec<String>,
}

/// `cargo xtask shell`
#[derive(Debug, Args)]
pub struct Shell {
    /// Set an environment variable; without =VALUE, to the value that it has here
    #[arg(long, short, value_name = "NAME[=VALUE]")]
    pub env: Vec<Passed>,

    /// Give it the NVIDIA GPUs, whatever CPU_OR_GPU says
    #[arg(long)]
    pub gpu: bool,
}

/// `cargo xtask doctor`
#[derive(Debug, Args)]
pub struct Doctor {
    /// Print one JSON object a line: fact, state, text, fix, needed
    #[arg(long)]
    pub json: bool,
}

/// `cargo xtask ci`
#[derive(Debug, Args)]
pub struct Ci {
    /// Fail, instead of skipping the end-to-end tests, where no Docker daemon answers
    #[arg(long)]
    pub e2e: bool,
}

impl Cli {
    /// Parses the command line.
    pub fn parse_from_args(arguments: impl IntoIterator<Item = std::ffi::OsString>) -> Result<Self, clap::Error> {
        Self::from_arg_matches(&command().try_get_matches_from(arguments)?)
    }

    /// How much of what is started is shown.
    pub fn echo(&self) -> Echo {
        match (self.dry_run, self.verbose) {
            (true, _) => Echo::DryRun,
            (false, true) => Echo::Verbose,
            (false, false) => Echo::Quiet,
        }
    }
}

/// The command line with its grouped help.
pub fn command() -> clap::Command {
    let command = Cli::command();
    let help = grouped_help(&command);
    command.override_help(help)
}

fn grouped_help(command: &clap::Command) -> String {
    let about = |name: &str| command.find_subcommand(name).and_then(clap::Command::get_about).map(ToString::to_string);
    let mut text = format!(
        "{}\n\nUsage: cargo xtask VERB [OPTIONS]\n",
        command.get_about().map(ToString::to_string).unwrap_or_default()
    );
    for (group, verbs) in GROUPS {
        text += &format!("\n{group}:\n");
        for verb in verbs {
            text += &format!("  {verb:<8} {}\n", about(verb).unwrap_or_default());
        }
    }
    text += "\nOptions of every verb:\n  \
             --dry-run      Print what would be started and start nothing that changes anything\n  \
             -v, --verbose  Print what is started\n  \
             -h, --help     Print help; `cargo xtask VERB --help` has more\n  \
             -V, --version  Print the version\n\n\
             First: cargo xtask run -- python --version";
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn every_verb_is_in_one_group_of_the_help() {
        let grouped: Vec<&str> = GROUPS.iter().flat_map(|(_, verbs)| *verbs).copied().collect();
        let command = Cli::command();
        let mut verbs: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
        let mut sorted = grouped.clone();
        sorted.sort_unstable();
        verbs.sort_unstable();
        assert_eq!(sorted, verbs);
    }

    #[test]
    fn what_stands_behind_the_command_belongs_to_it() {
        let cli =
            Cli::parse_from_args(["x", "run", "-d", "-e", "A=1", "python", "-d", "--dry-run"].map(Into::into)).unwrap();
        assert_eq!(cli.echo(), Echo::Quiet);
        let Some(Verb::Run(run)) = cli.verb else { panic!() };
        assert_eq!(run.command, ["python", "-d", "--dry-run"]);
        assert!(run.detach);
    }
}
