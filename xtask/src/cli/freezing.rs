//! The verbs that record what is installed or would be, and compare with it.

use clap::{Args, builder::PossibleValue};

use environment::{Platform, lock::Upgrade};
use specs::python::normalised;

use super::values::{SourceArgs, choice};

/// `cargo xtask freeze`
#[derive(Debug, Args)]
pub struct FreezeArgs {
    /// Write nothing, and fail where what is installed is not what the files say.
    #[arg(long, conflicts_with_all = ["lock_only", "full"])]
    pub check: bool,
    /// Write the lock alone.
    #[arg(long)]
    pub lock_only: bool,
    /// List in environment.yml what the packages have brought, too.
    #[arg(long, conflicts_with = "lock_only")]
    pub full: bool,
    #[command(flatten)]
    pub source: SourceArgs,
}

/// `cargo xtask thaw`
#[derive(Debug, Args)]
pub struct ThawArgs {
    /// The packages [default: all]
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
}

/// `cargo xtask lock`
#[derive(Debug, Args)]
#[command(after_help = "\
Python is the one in the lock of the platform, in that of another platform, the installed one, the exact one
of environment.yml, or one that uv finds here: the first that environment.yml asks for. It becomes another
one with `--upgrade python`.")]
pub struct LockArgs {
    /// For this platform; may be given several times [default: this machine's]
    #[arg(long = "platform", value_name = "PLATFORM", value_parser = choice(solvable()))]
    pub platforms: Vec<Platform>,
    /// Forget what these packages, or all, are pinned and locked to.
    #[arg(long, value_name = "NAME", num_args = 0..)]
    upgrade: Option<Vec<String>>,
}

impl LockArgs {
    /// What may become another version than is pinned and locked.
    pub fn upgrade(&self) -> Upgrade {
        match self.upgrade.as_deref() {
            None => Upgrade::Nothing,
            Some([]) => Upgrade::All,
            Some(names) => Upgrade::Packages(names.iter().map(|it| normalised(it)).collect()),
        }
    }
}

fn solvable() -> impl Iterator<Item = (PossibleValue, Platform)> {
    Platform::SOLVABLE.into_iter().filter_map(|it| Some((PossibleValue::new(it), Platform::parse(it)?)))
}

/// `cargo xtask drift`
#[derive(Debug, Args)]
pub struct DriftArgs {
    #[command(flatten)]
    pub source: SourceArgs,
}

/// `cargo xtask list`
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Print one JSON object a package: list, name, version, build, source.
    #[arg(long)]
    pub json: bool,
    /// Only what conda has installed.
    #[arg(long)]
    pub conda: bool,
    /// Only what pip or uv has installed.
    #[arg(long, conflicts_with = "conda")]
    pub pip: bool,
    #[command(flatten)]
    pub source: SourceArgs,
}
