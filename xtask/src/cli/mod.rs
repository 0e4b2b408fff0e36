//! The whole command line: its grammar, its help text, and what was said, as values.
//!
//! Without clap's derive, which alone costs a tenth of the cold build: each verb says its options and how they are read,
//! side by side.

mod checking;
mod developing;
mod environment;
mod freezing;
mod help;
mod images;
mod options;
mod running;
mod shipping;

use std::ffi::OsString;

use clap::{Arg, ArgAction, ArgMatches, Command};

use process::Echo;

pub use checking::{BenchArgs, CheckArgs, CiArgs, DoctorArgs, OutputFormat};
pub use developing::{
    DevArgs, DownArgs, ExecArgs, LogsArgs, RestartArgs, ShellArgs, StartArgs, StatusArgs, StopArgs, UpArgs,
};
pub use environment::{BuildArgs, Env, Targets};
pub use freezing::{DriftArgs, FreezeArgs, ListArgs, Lock, ThawArgs, VerifyArgs};
pub use images::{BaseArgs, Size};
pub use running::Run;
pub use shipping::{PullArgs, PushArgs};

/// What was said: a verb, and how much to show of what it starts.
#[derive(Debug)]
pub struct Cli {
    /// What to do; `None` asks for help.
    pub verb: Option<Verb>,
    echo: Echo,
}

/// The arguments of one verb.
trait Arguments: Sized {
    /// The verb.
    const NAME: &'static str;
    /// What it does, in a line.
    const ABOUT: &'static str;

    /// Adds its options and arguments.
    fn grammar(command: Command) -> Command;

    /// What was said of them.
    fn read(matches: &ArgMatches) -> Self;
}

/// The verbs, in the groups of the help text.
macro_rules! verbs {
    ($($group:literal { $($verb:ident)* })*) => {
        /// One verb.
        #[derive(Debug)]
        pub enum Verb {
            $($(#[doc = concat!("`", stringify!($verb), "`")] $verb($verb),)*)*
        }

        /// The groups of the help text.
        const GROUPS: &[(&str, &[(&str, &str)])] =
            &[$(($group, &[$((<$verb as Arguments>::NAME, <$verb as Arguments>::ABOUT)),*])),*];

        impl Verb {
            fn grammars() -> Vec<Command> {
                vec![$($($verb::grammar(Command::new(<$verb as Arguments>::NAME).about(<$verb as Arguments>::ABOUT)),)*)*]
            }

            fn read(name: &str, matches: &ArgMatches) -> Option<Self> {
                match name {
                    $($(<$verb as Arguments>::NAME => Some(Self::$verb($verb::read(matches))),)*)*
                    _ => None,
                }
            }
        }
    };
}

verbs! {
    "Set up" { Env }
    "Environment" { BuildArgs FreezeArgs ThawArgs Lock VerifyArgs DriftArgs ListArgs BaseArgs Size }
    "Run" { Run }
    "Develop" { UpArgs ShellArgs ExecArgs DevArgs LogsArgs StatusArgs StopArgs StartArgs RestartArgs DownArgs }
    "Ship" { PushArgs PullArgs }
    "Check" { CheckArgs DoctorArgs CiArgs BenchArgs }
}

impl Cli {
    /// Parses the command line. Help and the version come as errors too.
    pub fn parse_from_args(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let matches = command().try_get_matches_from(arguments)?;
        let echo = match (matches.get_flag("dry-run"), matches.get_flag("verbose")) {
            (true, _) => Echo::DryRun,
            (false, true) => Echo::Verbose,
            (false, false) => Echo::Quiet,
        };
        let verb = matches.subcommand().and_then(|(name, matches)| Verb::read(name, matches));
        Ok(Self { verb, echo })
    }

    /// How much of what is started is shown.
    pub fn echo(&self) -> Echo {
        self.echo
    }
}

/// The command line.
pub fn command() -> Command {
    Command::new("cargo xtask")
        .bin_name("cargo xtask")
        .version(env!("CARGO_PKG_VERSION"))
        .about("This project's environment, as code")
        .subcommand_value_name("VERB")
        .subcommands(Verb::grammars())
        .arg(
            Arg::new("dry-run")
                .long("dry-run")
                .global(true)
                .action(ArgAction::SetTrue)
                .conflicts_with("verbose")
                .help("Print what would be started and start nothing that changes anything"),
        )
        .arg(
            Arg::new("verbose")
                .long("verbose")
                .short('v')
                .global(true)
                .action(ArgAction::SetTrue)
                .help("Print what is started and which files are parsed"),
        )
        .override_help(help::text(GROUPS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(words: &[&str]) -> Cli {
        Cli::parse_from_args(["x"].iter().chain(words).map(Into::into)).unwrap()
    }

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn what_stands_behind_the_command_belongs_to_it() {
        let cli = said(&["run", "-d", "-e", "A=1", "python", "-d", "--dry-run"]);
        assert_eq!(cli.echo(), Echo::Quiet);
        let Some(Verb::Run(run)) = cli.verb else { panic!() };
        assert_eq!(run.command, ["python", "-d", "--dry-run"]);
        assert!(run.detach);
    }

    #[test]
    fn a_verb_may_be_left_out_and_options_may_stand_before_it() {
        assert!(said(&[]).verb.is_none());
        assert_eq!(said(&["--dry-run", "build"]).echo(), Echo::DryRun);
        assert_eq!(said(&["build", "--verbose"]).echo(), Echo::Verbose);
    }

    #[test]
    fn ps_is_another_name_of_status() {
        assert!(matches!(said(&["ps"]).verb, Some(Verb::StatusArgs(_))));
    }
}
