//! The verbs that carry a project into a closed network.

use camino::Utf8PathBuf;
use clap::Args;

use environment::Platform;

use super::values::{Targets, linux_platform};

/// `cargo xtask bundle`
#[derive(Debug, Args)]
pub struct BundleArgs {
    /// For these platforms, separated by commas [default: this machine's]
    #[arg(long = "platform", value_name = "PLATFORM", value_delimiter = ',', value_parser = linux_platform)]
    pub platforms: Vec<Platform>,
    /// Which images to carry.
    #[arg(long, value_name = "TARGET", value_enum, default_value_t)]
    pub target: Targets,
    /// Carry no images, only packages and tools.
    #[arg(long, conflicts_with = "target")]
    pub no_image: bool,
    /// The file to write.
    #[arg(short, long, value_name = "FILE")]
    pub output: Utf8PathBuf,
}

/// `cargo xtask unbundle`
#[derive(Debug, Args)]
pub struct UnbundleArgs {
    /// The file that `bundle` has written.
    #[arg(value_name = "FILE")]
    pub file: Utf8PathBuf,
}
