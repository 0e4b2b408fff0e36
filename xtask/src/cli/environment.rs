//! The verbs that make the settings, and those that build and measure images.

use std::str::FromStr;

use clap::{Args, builder::PossibleValue};

use docker::{ArchiveKind, CacheKind, Caches, Export};
use environment::Platform;
use images::{
    ImageName,
    base::{Architecture, Mirror, Release},
    size::Bytes,
};

use super::values::{Targets, choice, linux_platform};

/// `cargo xtask env`
#[derive(Debug, Args)]
pub struct SettingsArgs {
    /// Add the variables that are missing; keep every value and comment.
    #[arg(long, conflicts_with = "show")]
    pub update: bool,
    /// Print the values that apply, secrets as ***.
    #[arg(long)]
    pub show: bool,
    /// Set a variable in the file; its comment stays.
    #[arg(long, value_name = "NAME=VALUE", conflicts_with_all = ["show", "update"])]
    pub set: Vec<SettingAssignment>,
    /// Remove a variable from the file, so that its default applies.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["show", "update"])]
    pub unset: Vec<String>,
}

/// `NAME=VALUE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingAssignment {
    pub name: String,
    /// May be empty.
    pub value: String,
}

impl FromStr for SettingAssignment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
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
    /// Fail unless the lock matches the dependency files exactly.
    #[arg(long)]
    pub locked: bool,
    /// Build even if the image is up to date.
    #[arg(long)]
    pub force: bool,
    /// Pull newer base images first.
    #[arg(long)]
    pub pull: bool,
    /// Run every step again, without the build cache.
    #[arg(long)]
    pub no_cache: bool,
    /// Build for these platforms, separated by commas [default: this machine's]
    #[arg(long = "platform", value_name = "PLATFORM", value_delimiter = ',', value_parser = linux_platform)]
    pub platforms: Vec<Platform>,
    /// Build with this builder of `docker buildx ls` [default: the current one]
    #[arg(long, value_name = "NAME")]
    pub builder: Option<String>,
    /// Load the image into the Docker daemon, which is the default.
    #[arg(long, conflicts_with_all = ["push", "output"])]
    load: bool,
    /// Push the image to REGISTRY_HOSTNAME, as one image for all platforms.
    #[arg(long, conflicts_with = "output")]
    push: bool,
    /// Push it under this name instead, such as registry.example.org/lab/study.
    #[arg(long, value_name = "NAME", requires = "push")]
    pub to: Option<ImageName>,
    /// Write the images to one file, of the kind docker (the default) or oci.
    #[arg(long, value_name = "[KIND:]FILE", value_parser = archive)]
    output: Option<Export>,
    /// Use what other builds have stored in these caches.
    #[arg(long, value_name = "KINDS", value_delimiter = ',', value_parser = choice(caches()))]
    cache_from: Vec<CacheKind>,
    /// Store what was built in these caches, for other builds.
    #[arg(long, value_name = "KINDS", value_delimiter = ',', value_parser = choice(caches()))]
    cache_to: Vec<CacheKind>,
}

impl BuildArgs {
    /// Where the image goes.
    pub fn export(&self) -> Export {
        let default = if self.push { Export::Push } else { Export::Load };
        self.output.clone().unwrap_or(default)
    }

    pub fn caches(&self) -> Caches {
        Caches { from: self.cache_from.clone(), to: self.cache_to.clone() }
    }
}

/// Parses `FILE` or `KIND:FILE`.
fn archive(text: &str) -> Result<Export, &'static str> {
    let (kind, file) = match text.split_once(':') {
        Some(("docker", file)) => (ArchiveKind::Docker, file),
        Some(("oci", file)) => (ArchiveKind::Oci, file),
        _ => (ArchiveKind::Docker, text),
    };
    if file.is_empty() { Err("write FILE or KIND:FILE") } else { Ok(Export::Archive(kind, file.into())) }
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
    /// The distribution and its release: debian/trixie, ubuntu/noble, …
    #[arg(default_value_t)]
    pub release: Release,
    /// For which processor [default: this machine's]
    #[arg(long = "arch", value_name = "ARCH", value_parser = choice(architectures()))]
    pub architecture: Option<Architecture>,
    /// Where the packages come from [default: the mirror of this machine]
    #[arg(long, value_name = "URL")]
    pub mirror: Option<Mirror>,
    /// Where security updates come from [default: likewise]
    #[arg(long, value_name = "URL")]
    pub security_mirror: Option<Mirror>,
    /// The name of the image [default: xtask-base:RELEASE]
    #[arg(long, value_name = "IMAGE")]
    pub tag: Option<String>,
    /// Set BASE_IMAGE to the image in the settings, without asking.
    #[arg(long)]
    pub set: bool,
}

fn architectures() -> [(PossibleValue, Architecture); 2] {
    Architecture::ALL.map(|it| (PossibleValue::new(it.name()), it))
}

/// `cargo xtask size`
#[derive(Debug, Args)]
pub struct SizeArgs {
    /// Which image to measure.
    #[arg(value_name = "TARGET", value_enum, default_value_t)]
    pub targets: Targets,
    /// Read the files of every layer, which shows what is stored for nothing. It takes a while.
    #[arg(long)]
    pub files: bool,
    /// Fail if an image is larger: 2GiB, 800MB, …
    #[arg(long, value_name = "SIZE")]
    pub max: Option<Bytes>,
}

/// `cargo xtask why`
#[derive(Debug, Args)]
pub struct WhyArgs {
    /// Which image.
    #[arg(value_name = "TARGET", value_enum, default_value_t)]
    pub targets: Targets,
}

/// `cargo xtask prune`
#[derive(Debug, Args)]
pub struct PruneArgs {
    /// How many older builds of each image to keep, besides the newest.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub keep: usize,
}
