//! The verbs that make the environment.

use std::str::FromStr;

use clap::{Arg, ArgAction, ArgMatches, Command, ValueEnum, builder::PossibleValue, value_parser};

use docker::{ArchiveKind, CacheKind, Caches};
use environment::Platform;
use images::{Delivery, ImageName, Target};

use super::{
    Arguments,
    options::{choice, flag, option, platform, value, values},
};

/// `cargo xtask env`
#[derive(Debug)]
pub struct Env {
    /// Add what this version needs.
    pub update: bool,
    /// Print the values in force.
    pub show: bool,
    /// Variables to set.
    pub set: Vec<Assignment>,
    /// Variables to remove.
    pub unset: Vec<String>,
}

impl Arguments for Env {
    const NAME: &'static str = "env";
    const ABOUT: &'static str = "Create, complete or show the settings, installation/docker-amd64/.env";

    fn grammar(command: Command) -> Command {
        let others = ["show", "update"];
        command
            .arg(flag("update", "Add what this version needs; keep every value and comment").conflicts_with("show"))
            .arg(flag("show", "Print the values in force, secrets as ***"))
            .arg(
                option("set", "NAME=VALUE", "Set a variable in the file; its comment stays")
                    .action(ArgAction::Append)
                    .value_parser(value_parser!(Assignment))
                    .conflicts_with_all(others),
            )
            .arg(
                option("unset", "NAME", "Remove a variable from the file, so that its default is in force")
                    .action(ArgAction::Append)
                    .conflicts_with_all(others),
            )
    }

    fn read(matches: &ArgMatches) -> Self {
        Self {
            update: matches.get_flag("update"),
            show: matches.get_flag("show"),
            set: values(matches, "set"),
            unset: values(matches, "unset"),
        }
    }
}

/// A variable and its value, as in `NAME=VALUE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The variable.
    pub name: String,
    /// Its value, which may be empty.
    pub value: String,
}

impl FromStr for Assignment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, value) = text.split_once('=').ok_or("there is no `=` in it")?;
        Ok(Self { name: name.to_owned(), value: value.to_owned() })
    }
}

/// `cargo xtask build`
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own on the command line")]
pub struct BuildArgs {
    /// What to build.
    pub targets: Targets,
    /// From the lock or not at all.
    pub locked: bool,
    /// Also what is up to date.
    pub force: bool,
    /// Ask the registry for newer base images.
    pub pull: bool,
    /// Do every step again.
    pub no_cache: bool,
    /// For which platforms; none is this machine's.
    pub platforms: Vec<Platform>,
    /// By which builder, if not the current one.
    pub builder: Option<String>,
    /// Where it goes; `None` is to the daemon, without a word.
    pub delivery: Option<Delivery>,
    /// What the images are called in the registry, if not as the settings have it.
    pub to: Option<ImageName>,
    /// What it reads from other builds, and leaves for them.
    pub caches: Caches,
}

impl Arguments for BuildArgs {
    const NAME: &'static str = "build";
    const ABOUT: &'static str = "Build the images, or without Docker the native environment";

    fn grammar(command: Command) -> Command {
        command
            .arg(Targets::argument("What to build [default: runtime]"))
            .arg(flag("locked", "Build from a lock of exactly what is asked for, or fail"))
            .arg(flag("force", "Build what is up to date, too"))
            .arg(flag("pull", "Ask the registry for newer base images"))
            .arg(flag("no-cache", "Do every step again"))
            .arg(
                platform("For which platforms, with commas between them [default: this machine's]")
                    .value_delimiter(',')
                    .action(ArgAction::Append),
            )
            .arg(option(
                "builder",
                "NAME",
                "By which of the builders that `docker buildx ls` lists [default: the current one]",
            ))
            .arg(
                flag("load", "Leave it to the Docker daemon, which is the default")
                    .conflicts_with_all(["push", "output"]),
            )
            .arg(flag("push", "Push it to REGISTRY_HOSTNAME, as one image for all platforms").conflicts_with("output"))
            .arg(
                option("to", "NAME", "Push it as this instead, such as registry.example.org/lab/study")
                    .requires("push")
                    .value_parser(value_parser!(ImageName)),
            )
            .arg(
                option("output", "[KIND:]FILE", "Write it to a file, of the kind docker (the default) or oci")
                    .value_parser(archive),
            )
            .arg(cache("cache-from", "Use what other builds have left in these caches"))
            .arg(cache("cache-to", "Leave for other builds what was built, in these caches"))
    }

    fn read(matches: &ArgMatches) -> Self {
        Self {
            targets: Targets::read(matches),
            locked: matches.get_flag("locked"),
            force: matches.get_flag("force"),
            pull: matches.get_flag("pull"),
            no_cache: matches.get_flag("no-cache"),
            platforms: values(matches, "platform"),
            builder: matches.get_one("builder").cloned(),
            delivery: match matches.get_one::<Delivery>("output") {
                Some(archive) => Some(archive.clone()),
                None if matches.get_flag("push") => Some(Delivery::Push),
                None => matches.get_flag("load").then_some(Delivery::Load),
            },
            to: matches.get_one("to").cloned(),
            caches: Caches { from: values(matches, "cache-from"), to: values(matches, "cache-to") },
        }
    }
}

/// `FILE` or `KIND:FILE`.
fn archive(text: &str) -> Result<Delivery, &'static str> {
    let (kind, file) = match text.split_once(':') {
        Some(("docker", file)) => (ArchiveKind::Docker, file),
        Some(("oci", file)) => (ArchiveKind::Oci, file),
        _ => (ArchiveKind::Docker, text),
    };
    if file.is_empty() { Err("there is no file's name in it") } else { Ok(Delivery::Archive(kind, file.into())) }
}

const CACHES: [(&str, &str, CacheKind); 4] = [
    ("registry", "Beside the image in its registry", CacheKind::Registry),
    ("inline", "Within the image", CacheKind::Inline),
    ("gha", "In GitHub's cache, within a workflow", CacheKind::Gha),
    ("local", "In target/xtask/cache", CacheKind::Local),
];

fn cache(name: &'static str, help: &'static str) -> Arg {
    option(name, "KINDS", help).value_delimiter(',').action(ArgAction::Append).value_parser(choice(&CACHES))
}

/// One target or all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Targets {
    /// For unattended jobs.
    Runtime,
    /// The runtime and tools for people.
    DevArgs,
    /// Both.
    All,
}

impl Targets {
    /// The argument that names them.
    pub(super) fn argument(help: &'static str) -> Arg {
        Arg::new("targets").value_parser(value_parser!(Self)).help(help)
    }

    /// What was said; the runtime where nothing was.
    pub(super) fn read(matches: &ArgMatches) -> Self {
        value(matches, "targets", Self::Runtime)
    }

    /// Each of them.
    pub fn each(self) -> &'static [Target] {
        match self {
            Self::Runtime => &[Target::Runtime],
            Self::DevArgs => &[Target::Dev],
            Self::All => &Target::ALL,
        }
    }
}

impl ValueEnum for Targets {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Runtime, Self::DevArgs, Self::All]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Self::Runtime => PossibleValue::new("runtime").help("For unattended jobs"),
            Self::DevArgs => PossibleValue::new("dev").help("The runtime and tools for people"),
            Self::All => PossibleValue::new("all").help("Both"),
        })
    }
}
