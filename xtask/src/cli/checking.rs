//! The verbs that check.

use clap::{Args, ValueEnum};

/// `cargo xtask check`
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// For whom the findings are.
    #[arg(long, value_enum, default_value_t)]
    pub format: OutputFormat,
    /// Explain a code, such as E0301.
    #[arg(long, value_name = "CODE", conflicts_with = "format")]
    pub explain: Option<String>,
}

/// For whom findings are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// People, with the line and what is wrong in it.
    #[default]
    Text,
    /// People and editors: a line each.
    Short,
    /// Programs: a JSON object a line.
    Json,
    /// GitHub: annotations of a workflow run.
    Github,
}

/// `cargo xtask doctor`
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Print one JSON object a line: fact, state, text, fix, needed.
    #[arg(long)]
    pub json: bool,
}

/// `cargo xtask ci`
#[derive(Debug, Args)]
pub struct CiArgs {
    /// Fail, instead of skipping the end-to-end tests, where no Docker daemon answers.
    #[arg(long)]
    pub e2e: bool,
}

/// `cargo xtask bench`
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Measure 2 pairs of each instead of 5.
    #[arg(long)]
    pub quick: bool,
}
