//! The verbs that record what was got, and compare with it.

use std::collections::BTreeSet;

use clap::{
    Arg, ArgAction, ArgMatches, Command,
    builder::{PossibleValuesParser, TypedValueParser as _},
};

use environment::{Platform, lock::Upgrade};
use locking::SnapshotSource;
use specs::python::normalised;

use super::{
    Arguments,
    options::{choice, flag, option, values},
};

fn from() -> Arg {
    option(
        "from",
        "PLACE",
        "Whose environment is read [default: the dev container's if it runs, else an image's or the native one]",
    )
    .value_parser(choice(&PLACES))
}

const PLACES: [(&str, &str, SnapshotSource); 4] = [
    ("container", "The dev container's", SnapshotSource::Container),
    ("image", "That of the dev image, or else the runtime image", SnapshotSource::Image),
    ("native", "The prefix in the repository", SnapshotSource::Native),
    ("here", "That of the container in which this runs", SnapshotSource::Here),
];

/// `cargo xtask freeze`
#[derive(Debug)]
pub struct FreezeArgs {
    /// Compare only.
    pub check: bool,
    /// Leave `environment.yml` alone.
    pub lock_only: bool,
    /// List everything that is installed.
    pub full: bool,
    /// Whose environment.
    pub from: Option<SnapshotSource>,
}

impl Arguments for FreezeArgs {
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
pub struct ThawArgs {
    /// The packages; none for all.
    pub names: Vec<String>,
}

impl Arguments for ThawArgs {
    const NAME: &'static str = "thaw";
    const ABOUT: &'static str = "Bring back what was asked for before freeze, for all packages or some";

    fn grammar(command: Command) -> Command {
        command.arg(Arg::new("names").value_name("NAME").num_args(0..).help("The packages [default: all]"))
    }

    fn read(matches: &ArgMatches) -> Self {
        Self { names: values(matches, "names") }
    }
}

/// `cargo xtask lock`
#[derive(Debug)]
pub struct Lock {
    /// For which platforms; none for the one that commands run on.
    pub platforms: Vec<Platform>,
    /// What may become another version than is pinned and locked.
    pub upgrade: Upgrade,
}

impl Arguments for Lock {
    const NAME: &'static str = "lock";
    const ABOUT: &'static str = "Write the lock of what would be installed, for any platform, without building";

    fn grammar(command: Command) -> Command {
        let platforms = PossibleValuesParser::new(Platform::SOLVABLE)
            .try_map(|it| Platform::parse(&it).ok_or("there is no such platform"));
        command
            .args([
                option("platform", "PLATFORM", "For this platform; may be given several times [default: this machine's]")
                    .action(ArgAction::Append)
                    .value_parser(platforms),
                option("upgrade", "NAME", "Forget what these packages, or all, are pinned and locked to")
                    .action(ArgAction::Append)
                    .num_args(0..),
            ])
            .after_help(
                "Python is the one in the lock of the platform, in that of another platform, the installed one, the exact one\n\
                 of environment.yml, or one that uv finds here: the first that environment.yml asks for. It becomes another\n\
                 one with `--upgrade python`.",
            )
    }

    fn read(matches: &ArgMatches) -> Self {
        let names: BTreeSet<String> = values(matches, "upgrade").iter().map(|it: &String| normalised(it)).collect();
        let upgrade = match names.is_empty() {
            false => Upgrade::Packages(names),
            true if matches.contains_id("upgrade") => Upgrade::All,
            true => Upgrade::Nothing,
        };
        Self { platforms: values(matches, "platform"), upgrade }
    }
}

/// `cargo xtask drift`
#[derive(Debug)]
pub struct DriftArgs {
    /// Whose environment.
    pub from: Option<SnapshotSource>,
}

impl Arguments for DriftArgs {
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
pub struct ListArgs {
    /// As JSON.
    pub json: bool,
    /// conda's packages alone.
    pub conda: bool,
    /// Python distributions alone.
    pub pip: bool,
    /// Whose environment.
    pub from: Option<SnapshotSource>,
}

impl Arguments for ListArgs {
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

/// `cargo xtask verify`
#[derive(Debug)]
pub struct VerifyArgs;

impl Arguments for VerifyArgs {
    const NAME: &'static str = "verify";
    const ABOUT: &'static str = "Build the environment again from the lock, and compare every package and file";

    fn grammar(command: Command) -> Command {
        command
    }

    fn read(_: &ArgMatches) -> Self {
        Self
    }
}
