//! The verbs that check.

use clap::{ArgMatches, Command, ValueEnum, builder::PossibleValue, value_parser};

use super::{
    Arguments,
    options::{flag, option, value},
};

/// `cargo xtask check`
#[derive(Debug)]
pub struct CheckArgs {
    /// For whom the findings are.
    pub format: OutputFormat,
    /// A code to explain, such as E0301.
    pub explain: Option<String>,
}

impl Arguments for CheckArgs {
    const NAME: &'static str = "check";
    const ABOUT: &'static str = "Check every input file, and say what is wrong where";

    fn grammar(command: Command) -> Command {
        command
            .arg(
                option("format", "FORMAT", "For whom the findings are [default: text]")
                    .value_parser(value_parser!(OutputFormat)),
            )
            .arg(option("explain", "CODE", "Explain a code, such as E0301").conflicts_with("format"))
    }

    fn read(matches: &ArgMatches) -> Self {
        Self {
            format: value(matches, "format", OutputFormat::Text),
            explain: matches.get_one::<String>("explain").cloned(),
        }
    }
}

/// For whom findings are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputFormat {
    /// People, with the line and what is wrong in it.
    Text,
    /// People and editors: a line each.
    Short,
    /// Programs: a JSON object a line.
    Json,
    /// GitHub: annotations of a workflow run.
    Github,
}

impl ValueEnum for OutputFormat {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Text, Self::Short, Self::Json, Self::Github]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Self::Text => PossibleValue::new("text").help("People, with the line and what is wrong in it"),
            Self::Short => PossibleValue::new("short").help("People and editors: a line each"),
            Self::Json => PossibleValue::new("json").help("Programs: a JSON object a line"),
            Self::Github => PossibleValue::new("github").help("GitHub: annotations of a workflow run"),
        })
    }
}

/// `cargo xtask doctor`
#[derive(Debug)]
pub struct DoctorArgs {
    /// One JSON object a line.
    pub json: bool,
}

impl Arguments for DoctorArgs {
    const NAME: &'static str = "doctor";
    const ABOUT: &'static str = "Tell what this machine has of what is needed, and the command for what it has not";

    fn grammar(command: Command) -> Command {
        command.arg(flag("json", "Print one JSON object a line: fact, state, text, fix, needed"))
    }

    fn read(matches: &ArgMatches) -> Self {
        Self { json: matches.get_flag("json") }
    }
}

/// `cargo xtask ci`
#[derive(Debug)]
pub struct CiArgs {
    /// Without a daemon, fail.
    pub e2e: bool,
}

impl Arguments for CiArgs {
    const NAME: &'static str = "ci";
    const ABOUT: &'static str = "Check everything: format, lints, tests, documentation, on a real engine too";

    fn grammar(command: Command) -> Command {
        let help = "Fail, instead of skipping the end-to-end tests, where no Docker daemon answers";
        command.arg(flag("e2e", help))
    }

    fn read(matches: &ArgMatches) -> Self {
        Self { e2e: matches.get_flag("e2e") }
    }
}

/// `cargo xtask bench`
#[derive(Debug)]
pub struct BenchArgs {
    /// Measure less often.
    pub quick: bool,
}

impl Arguments for BenchArgs {
    const NAME: &'static str = "bench";
    const ABOUT: &'static str = "Measure everyday work against the usual layout, and write benchmarks/results.md";

    fn grammar(command: Command) -> Command {
        command.arg(flag("quick", "Measure 2 pairs of each instead of 5"))
    }

    fn read(matches: &ArgMatches) -> Self {
        Self { quick: matches.get_flag("quick") }
    }
}
