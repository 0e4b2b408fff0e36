//! The verbs that share images.

use clap::Args;

use images::ImageName;

use super::values::Targets;

/// `cargo xtask push`
#[derive(Debug, Args)]
pub struct PushArgs {
    /// Which image to push.
    #[arg(value_name = "TARGET", value_enum, default_value_t)]
    pub targets: Targets,
    /// The name to push to, such as registry.example.org/lab/study [default: as here, in REGISTRY_HOSTNAME]
    #[arg(long, value_name = "NAME")]
    pub to: Option<ImageName>,
}

/// `cargo xtask pull`
#[derive(Debug, Args)]
pub struct PullArgs {
    /// Which image to pull.
    #[arg(value_name = "TARGET", value_enum, default_value_t)]
    pub targets: Targets,
    /// The name to pull from, such as registry.example.org/lab/study [default: as here, in REGISTRY_HOSTNAME]
    #[arg(long, value_name = "NAME")]
    pub from: Option<ImageName>,
}
