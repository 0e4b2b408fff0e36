//! The verbs of the group Check.

use clap::{Args, ValueEnum};

use images::size::Bytes;

/// `cargo xtask check`
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Who reads the findings.
    #[arg(long, value_enum, default_value_t)]
    pub format: OutputFormat,
    /// Explain a code, such as E0301.
    #[arg(long, value_name = "CODE", conflicts_with = "format")]
    pub explain: Option<String>,
}

/// How findings are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// For people, with the line and a mark below the mistake.
    #[default]
    Text,
    /// For people and editors: one line each.
    Short,
    /// For programs: one JSON object a line.
    Json,
    /// For GitHub: annotations of a workflow run.
    Github,
}

/// `cargo xtask doctor`
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Instead of this machine, look at a cluster: the name of a file in installation/clusters/, without `.toml`.
    #[arg(long, value_name = "SITE")]
    pub site: Option<String>,
    /// Print one JSON object a line: fact, state, text, fix, needed.
    #[arg(long)]
    pub json: bool,
}

/// `cargo xtask ci`
#[derive(Debug, Args)]
pub struct CiArgs {
    /// Fail, instead of skipping what needs Docker, if no daemon answers.
    #[arg(long)]
    pub e2e: bool,
    /// With the tests of cargo xtask: also disturb every command at each of its steps: thousands of kills and full disks, which take up to an hour.
    #[arg(long)]
    pub faults: bool,
}

/// `cargo xtask bench`
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Measure everything 2 times instead of 5; with --large once instead of 3 times.
    #[arg(long)]
    pub quick: bool,
    /// Instead of this project's environment, measure torch's, of 5.5 GB. Says first what room it takes.
    #[arg(long)]
    pub large: bool,
    /// Measure a part of that which takes no more than this, such as 2GiB.
    #[arg(long, value_name = "SIZE", requires = "large")]
    pub size: Option<Bytes>,
}
