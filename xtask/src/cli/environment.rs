//! The verbs that make settings and images.

use std::str::FromStr;

use clap::{Args, builder::PossibleValue};

use docker::{ArchiveKind, CacheKind, Caches, Export};
use environment::Platform;
use images::{
    ImageName,
    base::{Architecture, Mirror, Release},
    size::Bytes,
};

use super::values::{Targets, choice, linux};

/// `cargo xtask env`
#[derive(Debug, Args)]
pub struct SettingsArgs {
    /// Add what this version needs; keep every value and comment.
    #[arg(long, conflicts_with = "show")]
    pub update: bool,
    /// Print the values in force, secrets as ***.
    #[arg(long)]
    pub show: bool,
    /// Set a variable in the file; its comment stays.
    #[arg(long, value_name = "NAME=VALUE", conflicts_with_all = ["show", "update"])]
    pub set: Vec<Assignment>,
    /// Remove a variable from the file, so that its default is in force.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["show", "update"])]
    pub unset: Vec<String>,
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
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own on the command line")]
pub struct BuildArgs {
    /// What to build.
    #[arg(value_name = "TARGET", value_enum, default_value_t)]
    pub targets: Targets,
    /// Build from a lock that matches the dependency files exactly, or fail.
    #[arg(long)]
    pub locked: bool,
    /// Build what is up to date, too.
    #[arg(long)]
    pub force: bool,
    /// Ask the registry for newer base images.
    #[arg(long)]
    pub pull: bool,
    /// Do every step again.
    #[arg(long)]
    pub no_cache: bool,
    /// For which platforms, with commas between them [default: this machine's]
    #[arg(long = "platform", value_name = "PLATFORM", value_delimiter = ',', value_parser = linux)]
    pub platforms: Vec<Platform>,
    /// By which of the builders that `docker buildx ls` lists [default: the current one]
    #[arg(long, value_name = "NAME")]
    pub builder: Option<String>,
    /// Leave it to the Docker daemon, which is the default.
    #[arg(long, conflicts_with_all = ["push", "output"])]
    load: bool,
    /// Push it to REGISTRY_HOSTNAME, as one image for all platforms.
    #[arg(long, conflicts_with = "output")]
    push: bool,
    /// Push it as this instead, such as registry.example.org/lab/study.
    #[arg(long, value_name = "NAME", requires = "push")]
    pub to: Option<ImageName>,
    /// Write it to a file, of the kind docker (the default) or oci.
    #[arg(long, value_name = "[KIND:]FILE", value_parser = archive)]
    output: Option<Export>,
    /// Use what other builds have left in these caches.
    #[arg(long, value_name = "KINDS", value_delimiter = ',', value_parser = choice(caches()))]
    cache_from: Vec<CacheKind>,
    /// Leave for other builds what was built, in these caches.
    #[arg(long, value_name = "KINDS", value_delimiter = ',', value_parser = choice(caches()))]
    cache_to: Vec<CacheKind>,
}

impl BuildArgs {
    /// Where it goes.
    pub fn export(&self) -> Export {
        let own = if self.push { Export::Push } else { Export::Load };
        self.output.clone().unwrap_or(own)
    }

    /// What it reads from other builds, and leaves for them.
    pub fn caches(&self) -> Caches {
        Caches { from: self.cache_from.clone(), to: self.cache_to.clone() }
    }
}

/// A parser of `FILE` or `KIND:FILE`.
fn archive(text: &str) -> Result<Export, &'static str> {
    let (kind, file) = match text.split_once(':') {
        Some(("docker", file)) => (ArchiveKind::Docker, file),
        Some(("oci", file)) => (ArchiveKind::Oci, file),
        _ => (ArchiveKind::Docker, text),
    };
    if file.is_empty() { Err("there is no file's name in it") } else { Ok(Export::Archive(kind, file.into())) }
}

fn caches() -> [(PossibleValue, CacheKind); 4] {
    CacheKind::ALL.map(|kind| {
        let help = match kind {
            CacheKind::Registry => "Beside the image in its registry",
            CacheKind::Inline => "Within the image",
            CacheKind::Gha => "In GitHub's cache, within a workflow",
            CacheKind::Local => "In target/xtask/cache",
        };
        (PossibleValue::new(kind.name()).help(help), kind)
    })
}

/// `cargo xtask base`
#[derive(Debug, Args)]
pub struct BaseArgs {
    /// Which packages: debian/trixie, ubuntu/noble, …
    #[arg(default_value_t)]
    pub release: Release,
    /// For which processor [default: this machine's]
    #[arg(long = "arch", value_name = "ARCH", value_parser = choice(architectures()))]
    pub architecture: Option<Architecture>,
    /// Where the packages come from [default: as this machine's]
    #[arg(long, value_name = "URL")]
    pub mirror: Option<Mirror>,
    /// Where security updates come from [default: likewise]
    #[arg(long, value_name = "URL")]
    pub security_mirror: Option<Mirror>,
    /// What to call it [default: xtask-base:RELEASE]
    #[arg(long, value_name = "IMAGE")]
    pub tag: Option<String>,
    /// Set BASE_IMAGE to it in the settings, without asking.
    #[arg(long)]
    pub set: bool,
}

fn architectures() -> [(PossibleValue, Architecture); 2] {
    Architecture::ALL.map(|it| (PossibleValue::new(it.name()), it))
}

/// `cargo xtask size`
#[derive(Debug, Args)]
pub struct SizeArgs {
    /// What to look at.
    #[arg(value_name = "TARGET", value_enum, default_value_t)]
    pub targets: Targets,
    /// Fail if it is larger: 2GiB, 800MB, …
    #[arg(long, value_name = "SIZE")]
    pub max: Option<Bytes>,
}
