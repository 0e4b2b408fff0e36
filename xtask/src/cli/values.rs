//! Options that several verbs have, and values of options.

use clap::{
    Args, ValueEnum,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
};

use environment::Platform;
use images::Target;
use locking::SnapshotSource;
use process::EnvArg;

/// What a command finds in its environment.
#[derive(Debug, Args)]
pub struct PassedArgs {
    /// Set an environment variable; without =VALUE, to the value that it has here.
    #[arg(short, long, value_name = "NAME[=VALUE]")]
    pub env: Vec<EnvArg>,
}

/// Whether anybody waits for a command.
#[derive(Debug, Args)]
pub struct BackgroundArgs {
    /// Leave it running in the background and print the container's id.
    #[arg(short, long)]
    pub detach: bool,
}

/// What a container computes with.
#[derive(Debug, Args)]
pub struct AcceleratorArgs {
    /// Give it the NVIDIA GPUs, whatever CPU_OR_GPU says.
    #[arg(long)]
    pub gpu: bool,
}

/// As whom a command runs.
#[derive(Debug, Args)]
pub struct UserArgs {
    /// As root of the container, whatever USRID says.
    #[arg(long)]
    pub root: bool,
}

/// The user's command: everything from the first word that is no option.
#[derive(Debug, Args)]
pub struct CommandArgs {
    /// The command, with its arguments.
    #[arg(value_name = "COMMAND", required = true, num_args = 1.., trailing_var_arg = true)]
    pub words: Vec<String>,
}

/// Where installed packages are looked up.
#[derive(Debug, Args)]
pub struct SourceArgs {
    /// Whose environment is read [default: the dev container's if it runs, else an image's or the native one]
    #[arg(long, value_name = "PLACE", value_parser = choice(places()))]
    pub from: Option<SnapshotSource>,
}

fn places() -> [(PossibleValue, SnapshotSource); 4] {
    let place = |word, help, source| (PossibleValue::new(word).help(help), source);
    [
        place("container", "The dev container's", SnapshotSource::Container),
        place("image", "That of the dev image, or else the runtime image", SnapshotSource::Image),
        place("native", "The prefix in the repository", SnapshotSource::Native),
        place("here", "That of the container in which this runs", SnapshotSource::Here),
    ]
}

/// One target or all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Targets {
    /// For unattended jobs.
    #[default]
    Runtime,
    /// The runtime and tools for people.
    Dev,
    /// Both.
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

/// A parser of the platform of an image.
pub fn linux(text: &str) -> Result<Platform, &'static str> {
    Platform::parse(text).filter(Platform::is_linux).ok_or("it is linux/amd64, linux/arm64 or the like")
}

/// A parser of one of some words for values whose own crates know nothing of clap.
pub fn choice<T: Clone + Send + Sync + 'static>(
    values: impl IntoIterator<Item = (PossibleValue, T)>,
) -> impl TypedValueParser<Value = T> {
    let values: Vec<(PossibleValue, T)> = values.into_iter().collect();
    PossibleValuesParser::new(values.iter().map(|it| it.0.clone())).try_map(move |word| {
        let value = values.iter().find(|it| it.0.get_name() == word).map(|it| it.1.clone());
        value.ok_or("it is none of them")
    })
}
