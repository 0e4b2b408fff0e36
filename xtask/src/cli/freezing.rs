//! The verbs that write the lock and environment.yml, and those that compare them with what is installed.

use camino::Utf8PathBuf;
use clap::{Args, builder::PossibleValue};

use environment::{
    Platform,
    lock::{LockFormat, Upgrade},
};
use project::Variant;
use specs::python::normalised;

use super::values::{SourceArgs, choice};

/// `cargo xtask freeze`
#[derive(Debug, Args)]
pub struct FreezeArgs {
    /// Write nothing, and fail if what is installed differs from the files.
    #[arg(long, conflicts_with_all = ["lock_only", "full"])]
    pub check: bool,
    /// Write only the lock.
    #[arg(long)]
    pub lock_only: bool,
    /// List the dependencies of the packages in environment.yml too.
    #[arg(long, conflicts_with = "lock_only")]
    pub full: bool,
    #[command(flatten)]
    pub source: SourceArgs,
}

/// `cargo xtask thaw`
#[derive(Debug, Args)]
pub struct ThawArgs {
    /// Which packages [default: all]
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
}

/// `cargo xtask lock`
#[derive(Debug, Args)]
#[command(after_help = "\
Which Python: the first that environment.yml allows among the one in the lock of the platform, in that of
another platform, the installed one, the exact one of environment.yml, and one that uv finds here. Only
`--upgrade python` replaces a locked one.")]
pub struct LockArgs {
    /// Lock for this platform; may be given several times [default: this machine's; with --format all that have a lock]
    #[arg(long = "platform", value_name = "PLATFORM", value_parser = choice(solvable()))]
    pub platforms: Vec<Platform>,
    /// Lock for this variant of the platform, which LOCK_VARIANT or CPU_OR_GPU chooses: cpu, gpu, cuda12.8 or a name of yours
    #[arg(long, value_name = "VARIANT", value_parser = Variant::parse, conflicts_with_all = ["tools", "format"])]
    pub variant: Option<Variant>,
    /// Instead of the packages, lock what this tool downloads, in installation/tools/: programs from PyPI, the base image
    #[arg(long, conflicts_with = "platforms")]
    pub tools: bool,
    /// Let these packages, or all, get other versions than are pinned and locked.
    #[arg(long, value_name = "NAME", num_args = 0..)]
    upgrade: Option<Vec<String>>,
    /// Choose anew which packages share a layer of the images, as for the first lock. The next build and pull take them all.
    #[arg(long, conflicts_with = "tools")]
    pub replan: bool,
    /// Lock nothing, but print the locks that are there as another tool's file.
    #[arg(long, value_name = "FORMAT", value_parser = choice(formats()), conflicts_with_all = ["tools", "upgrade", "replan"])]
    pub format: Option<LockFormat>,
    /// Write that to a file.
    #[arg(long, value_name = "FILE", requires = "format")]
    pub output: Option<Utf8PathBuf>,
}

impl LockArgs {
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

fn formats() -> [(PossibleValue, LockFormat); 2] {
    LockFormat::ALL.map(|it| {
        let help = match it {
            LockFormat::Pixi => "pixi.lock, version 6",
            LockFormat::CondaLock => "conda-lock.yml, version 1",
        };
        (PossibleValue::new(it.name()).help(help), it)
    })
}

/// `cargo xtask drift`
#[derive(Debug, Args)]
pub struct DriftArgs {
    #[command(flatten)]
    pub source: SourceArgs,
}

/// `cargo xtask list`
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own on the command line")]
pub struct ListArgs {
    /// Print one JSON object a package: list, name, version, build, source.
    #[arg(long)]
    pub json: bool,
    /// Only the packages that conda has installed.
    #[arg(long)]
    pub conda: bool,
    /// Only the packages that pip or uv has installed.
    #[arg(long, conflicts_with = "conda")]
    pub pip: bool,
    /// Show the licence that each package says it has, instead of where it is from; with --json also: licence.
    #[arg(long)]
    pub licenses: bool,
    #[command(flatten)]
    pub source: SourceArgs,
}
