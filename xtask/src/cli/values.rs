//! Options that several verbs share, and parsers of their values.

use clap::{
    Args, ValueEnum,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
};

use environment::Platform;
use images::Target;
use locking::SnapshotSource;
use process::EnvArg;
use project::JobName;

/// For commands that find variables in their environment.
#[derive(Debug, Args)]
pub struct PassedArgs {
    /// Set an environment variable; without =VALUE, pass on its value from here.
    #[arg(short, long, value_name = "NAME[=VALUE]")]
    pub env: Vec<EnvArg>,
}

/// For commands in an environment that may be out of date.
#[derive(Debug, Args)]
pub struct SyncArgs {
    /// First build what is out of date, whatever RUN_SYNC says.
    #[arg(long, conflicts_with = "no_sync")]
    sync: bool,
    /// Use the environment as it is, even if it is out of date.
    #[arg(long)]
    no_sync: bool,
}

impl SyncArgs {
    /// `None` where the settings decide.
    pub fn choice(&self) -> Option<bool> {
        if self.sync { Some(true) } else { self.no_sync.then_some(false) }
    }
}

/// For commands that may run unattended.
#[derive(Debug, Args)]
pub struct BackgroundArgs {
    /// Run it in the background as a job, and print its name: `logs`, `wait` and `stop` take it.
    #[arg(short, long)]
    pub detach: bool,
    /// What to call the job; without it, the program and a number.
    #[arg(long, requires = "detach")]
    pub name: Option<JobName>,
}

/// For commands that others connect to.
#[derive(Debug, Args)]
pub struct PublishArgs {
    /// Publish a port, on this machine only unless HOST names an address.
    #[arg(short, long, value_name = "HOST:CONTAINER")]
    pub publish: Vec<String>,
}

/// For containers that may use GPUs.
#[derive(Debug, Args)]
pub struct AcceleratorArgs {
    /// Use the NVIDIA GPUs, whatever CPU_OR_GPU says.
    #[arg(long)]
    pub gpu: bool,
}

/// For commands in the dev container.
#[derive(Debug, Args)]
pub struct UserArgs {
    /// Run as root of the container, whatever USRID says.
    #[arg(long)]
    pub root: bool,
}

/// The user's command: everything from the first word that is not an option.
#[derive(Debug, Args)]
pub struct CommandArgs {
    /// The command, with its arguments.
    #[arg(value_name = "COMMAND", required = true, num_args = 1.., trailing_var_arg = true)]
    pub words: Vec<String>,
}

/// For verbs that read what is installed.
#[derive(Debug, Args)]
pub struct SourceArgs {
    /// Which environment to read [default: the dev container if it runs, else an image, else the native one]
    #[arg(long, value_name = "PLACE", value_parser = choice(snapshot_sources()))]
    pub from: Option<SnapshotSource>,
}

fn snapshot_sources() -> [(PossibleValue, SnapshotSource); 4] {
    let value = |word, help, source| (PossibleValue::new(word).help(help), source);
    [
        value("container", "The dev container", SnapshotSource::Container),
        value(
            "image",
            "The dev image or the runtime image, whichever is no older than the files",
            SnapshotSource::Image,
        ),
        value("native", "The native environment, .venv", SnapshotSource::Native),
        value("here", "The container in which this command runs", SnapshotSource::Here),
    ]
}

/// One target or both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Targets {
    /// For unattended jobs.
    #[default]
    Runtime,
    /// The runtime image plus tools for developing.
    Dev,
    /// Both.
    All,
}

impl Targets {
    pub fn each(self) -> &'static [Target] {
        match self {
            Self::Runtime => &[Target::Runtime],
            Self::Dev => &[Target::Dev],
            Self::All => &Target::ALL,
        }
    }
}

/// Parses the platform of an image.
pub fn linux_platform(text: &str) -> Result<Platform, &'static str> {
    Platform::parse(text).filter(Platform::is_linux).ok_or("write linux/amd64, linux/arm64 or the like")
}

/// A parser of words for the values of a type whose crate does not know clap.
pub fn choice<T: Clone + Send + Sync + 'static>(
    values: impl IntoIterator<Item = (PossibleValue, T)>,
) -> impl TypedValueParser<Value = T> {
    let values: Vec<(PossibleValue, T)> = values.into_iter().collect();
    PossibleValuesParser::new(values.iter().map(|it| it.0.clone())).try_map(move |word| {
        let value = values.iter().find(|it| it.0.get_name() == word).map(|it| it.1.clone());
        value.ok_or("it is not one of the possible values")
    })
}
