//! The verbs that make images to start from, and tell what is in those that are there.

use clap::{Arg, ArgMatches, Command, value_parser};

use images::{
    base::{Architecture, Mirror, Release},
    size::Bytes,
};

use super::{
    Arguments, Targets,
    options::{choice, flag, option, value},
};

/// `cargo xtask base`
#[derive(Debug)]
pub struct BaseArgs {
    /// Of which packages.
    pub release: Release,
    /// For which processor, if not this machine's.
    pub architecture: Option<Architecture>,
    /// Where the packages come from.
    pub mirror: Option<Mirror>,
    /// Where security updates come from.
    pub security_mirror: Option<Mirror>,
    /// What the image shall be called.
    pub tag: Option<String>,
    /// Use it from now on.
    pub set: bool,
}

impl Arguments for BaseArgs {
    const NAME: &'static str = "base";
    const ABOUT: &'static str = "Make a base image of Debian's or Ubuntu's packages, without a registry";

    fn grammar(command: Command) -> Command {
        let mirror = |name, help| option(name, "URL", help).value_parser(value_parser!(Mirror));
        command
            .arg(
                Arg::new("release")
                    .value_name("RELEASE")
                    .value_parser(value_parser!(Release))
                    .help("Which packages: debian/trixie, ubuntu/noble, … [default: debian/bookworm]"),
            )
            .arg(
                option("arch", "ARCH", "For which processor [default: this machine's]")
                    .value_parser(choice(&ARCHITECTURES)),
            )
            .arg(mirror("mirror", "Where the packages come from [default: as this machine's]"))
            .arg(mirror("security-mirror", "Where security updates come from [default: likewise]"))
            .arg(option("tag", "IMAGE", "What to call it [default: xtask-base:RELEASE]"))
            .arg(flag("set", "Set BASE_IMAGE to it in the settings, without asking"))
    }

    fn read(matches: &ArgMatches) -> Self {
        Self {
            release: value(matches, "release", Release::default()),
            architecture: matches.get_one("arch").copied(),
            mirror: matches.get_one("mirror").cloned(),
            security_mirror: matches.get_one("security-mirror").cloned(),
            tag: matches.get_one("tag").cloned(),
            set: matches.get_flag("set"),
        }
    }
}

/// `cargo xtask size`
#[derive(Debug)]
pub struct Size {
    /// What to look at.
    pub targets: Targets,
    /// The size that none may have more than.
    pub max: Option<Bytes>,
}

impl Arguments for Size {
    const NAME: &'static str = "size";
    const ABOUT: &'static str = "Tell what an image takes, by layer and by package, and what of it is for nothing";

    fn grammar(command: Command) -> Command {
        command
            .arg(Targets::argument("What to look at [default: runtime]"))
            .arg(option("max", "SIZE", "Fail if it is larger: 2GiB, 800MB, …").value_parser(value_parser!(Bytes)))
    }

    fn read(matches: &ArgMatches) -> Self {
        Self { targets: Targets::read(matches), max: matches.get_one("max").copied() }
    }
}

const ARCHITECTURES: [(&str, &str, Architecture); 2] =
    [("amd64", "", Architecture::Amd64), ("arm64", "", Architecture::Arm64)];
