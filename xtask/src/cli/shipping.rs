//! The verbs that share images.

use clap::{ArgMatches, Command, value_parser};

use images::ImageName;

use super::{Arguments, Targets, options::option};

/// `cargo xtask push`
#[derive(Debug)]
pub struct PushArgs {
    /// What to push.
    pub targets: Targets,
    /// The name there, if not the image's own.
    pub to: Option<ImageName>,
}

impl Arguments for PushArgs {
    const NAME: &'static str = "push";
    const ABOUT: &'static str = "Push the images to a registry, with all of their tags";

    fn grammar(command: Command) -> Command {
        let help =
            "What to call them there, such as registry.example.org/lab/study [default: as here, in REGISTRY_HOSTNAME]";
        command
            .arg(Targets::argument("What to push [default: runtime]"))
            .arg(option("to", "NAME", help).value_parser(value_parser!(ImageName)))
    }

    fn read(matches: &ArgMatches) -> Self {
        Self { targets: Targets::read(matches), to: matches.get_one("to").cloned() }
    }
}

/// `cargo xtask pull`
#[derive(Debug)]
pub struct PullArgs {
    /// What to pull.
    pub targets: Targets,
    /// The name there, if not the image's own.
    pub from: Option<ImageName>,
}

impl Arguments for PullArgs {
    const NAME: &'static str = "pull";
    const ABOUT: &'static str = "Get the images that somebody else has built of the same inputs";

    fn grammar(command: Command) -> Command {
        let help = "What they are called there, such as registry.example.org/lab/study [default: as here, in REGISTRY_HOSTNAME]";
        command
            .arg(Targets::argument("What to pull [default: runtime]"))
            .arg(option("from", "NAME", help).value_parser(value_parser!(ImageName)))
    }

    fn read(matches: &ArgMatches) -> Self {
        Self { targets: Targets::read(matches), from: matches.get_one("from").cloned() }
    }
}
