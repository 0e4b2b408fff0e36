//! The verbs that record what was got, and compare with it.

use clap::builder::PossibleValue;
use clap::{Arg, ArgMatches, Command, ValueEnum, value_parser};

use super::Arguments;
use super::options::{flag, option, values};
use crate::provision::From;

fn from() -> Arg {
    option(
        "from",
        "PLACE",
        "Whose environment is read [default: the dev container's if it runs, else an image's or the native one]",
    )
    .value_parser(value_parser!(From))
}

impl ValueEnum for From {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Container, Self::Image, Self::Native, Self::Here]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Self::Container => PossibleValue::new("container").help("The dev container's"),
            Self::Image => PossibleValue::new("image").help("That of the dev image, or else the runtime image"),
            Self::Native => PossibleValue::new("native").help("The prefix in the repository"),
            Self::Here => PossibleValue::new("here").help("That of the container in which this runs"),
        })
    }
}

/// `cargo xtask freeze`
#[derive(Debug)]
pub struct Freeze {
    /// Compare only.
    pub check: bool,
    /// Leave `environment.yml` alone.
    pub lock_only: bool,
    /// List everything that is installed.
    pub full: bool,
    /// Whose environment.
    pub from: Option<From>,
}

impl Arguments for Freeze {
    const NAME: &'static str = "freeze";
    const ABOUT: &'static str = "Write what is installed into environment.yml and the lock";

    fn grammar(command: Command) -> Command {
        let others = ["lock-only", "full"];
        command.args([
            flag("check", "Write nothing, and fail where what is installed is not what the files say")
                .conflicts_with_all(others),
            flag("lock-only", "Write the lock alone"),
            flag("full", "List in environment.yml what the packages have brought, too").conflicts_with("lock-only"),
            from(),
        ])
    }

    fn read(matches: &ArgMatches) -> Self {
        Self {
            check: matches.get_flag("check"),
            lock_only: matches.get_flag("lock-only"),
            full: matches.get_flag("full"),
            from: matches.get_one("from").copied(),
        }
    }
}

/// `cargo xtask thaw`
#[derive(Debug)]
pub struct Thaw {
    /// The packages; none for all.
    pub names: Vec<String>,
}

impl Arguments for Thaw {
    const NAME: &'static str = "thaw";
    const ABOUT: &'static str = "Bring back what was asked for before freeze, for all packages or some";

    fn grammar(command: Command) -> Command {
        command.arg(Arg::new("names").value_name("NAME").num_args(0..).help("The packages [default: all]"))
    }

    fn read(matches: &ArgMatches) -> Self {
        Self { names: values(matches, "names") }
    }
}

/// `cargo xtask drift`
#[derive(Debug)]
pub struct Drift {
    /// Whose environment.
    pub from: Option<From>,
}

impl Arguments for Drift {
    const NAME: &'static str = "drift";
    const ABOUT: &'static str = "Compare what is installed with environment.yml and the lock";

    fn grammar(command: Command) -> Command {
        command.arg(from())
    }

    fn read(matches: &ArgMatches) -> Self {
        Self { from: matches.get_one("from").copied() }
    }
}

/// `cargo xtask list`
#[derive(Debug)]
pub struct List {
    /// As JSON.
    pub json: bool,
    /// conda's packages alone.
    pub conda: bool,
    /// Python distributions alone.
    pub pip: bool,
    /// Whose environment.
    pub from: Option<From>,
}

impl Arguments for List {
    const NAME: &'static str = "list";
    const ABOUT: &'static str = "List what is installed";

    fn grammar(command: Command) -> Command {
        command.args([
            flag("json", "Print one JSON object a package: list, name, version, build, source"),
            flag("conda", "Only what conda has installed"),
            flag("pip", "Only what pip or uv has installed").conflicts_with("conda"),
            from(),
        ])
    }

    fn read(matches: &ArgMatches) -> Self {
        Self {
            json: matches.get_flag("json"),
            conda: matches.get_flag("conda"),
            pip: matches.get_flag("pip"),
            from: matches.get_one("from").copied(),
        }
    }
}
