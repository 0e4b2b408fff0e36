//! The verbs that tell what an environment is made of.

use camino::Utf8PathBuf;
use clap::{Args, builder::PossibleValue};

use environment::Platform;
use images::Target;
use materials::{BillFormat, Rating};

use super::values::choice;

/// What is looked at: what is installed, or what files say.
#[derive(Debug, Args)]
pub struct InventoryArgs {
    /// Which image; the native engine has one environment.
    #[arg(value_name = "TARGET", value_parser = choice(targets()), default_value = "runtime")]
    pub target: Target,
    /// Instead of an image, read the lock: without Docker, and without a network.
    #[arg(long, conflicts_with = "target")]
    pub lock: bool,
    /// The lock of this platform [default: this machine's]
    #[arg(long, value_name = "PLATFORM", requires = "lock", value_parser = choice(solvable()))]
    pub platform: Option<Platform>,
}

/// `cargo xtask sbom`
#[derive(Debug, Args)]
pub struct SbomArgs {
    #[command(flatten)]
    pub of: InventoryArgs,
    /// The form of the document.
    #[arg(long, value_name = "FORMAT", value_parser = choice(formats()), default_value = "cyclonedx")]
    pub format: BillFormat,
    /// Write it to a file.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<Utf8PathBuf>,
}

/// `cargo xtask audit`
#[derive(Debug, Args)]
pub struct AuditArgs {
    #[command(flatten)]
    pub of: InventoryArgs,
    /// Records of OSV: a zip as osv.dev publishes them, a JSON file, or a folder of these.
    #[arg(long, value_name = "PATH")]
    pub database: Utf8PathBuf,
    /// Fail from this severity on.
    #[arg(long, value_name = "SEVERITY", value_parser = choice(ratings()), default_value = "low")]
    pub severity: Rating,
    /// Print one JSON object a vulnerability: package, version, names, severity, fixed, summary.
    #[arg(long)]
    pub json: bool,
}

fn targets() -> [(PossibleValue, Target); 2] {
    Target::ALL.map(|it| (PossibleValue::new(it.name()), it))
}

fn solvable() -> impl Iterator<Item = (PossibleValue, Platform)> {
    Platform::SOLVABLE.into_iter().filter_map(|it| Some((PossibleValue::new(it), Platform::parse(it)?)))
}

fn formats() -> [(PossibleValue, BillFormat); 2] {
    BillFormat::ALL.map(|it| {
        let help = match it {
            BillFormat::CycloneDx => "CycloneDX 1.6, JSON",
            BillFormat::Spdx => "SPDX 2.3, JSON",
        };
        (PossibleValue::new(it.name()).help(help), it)
    })
}

fn ratings() -> [(PossibleValue, Rating); 4] {
    Rating::ALL.map(|it| (PossibleValue::new(it.name()), it))
}
