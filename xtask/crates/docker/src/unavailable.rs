//! Why Docker cannot be used, and what helps. `doctor` and every verb that needs Docker say the same.

use std::fmt;

use project::system::System;

use super::{Docker, Endpoint, Plugin};

/// Why Docker cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unavailable {
    /// No `docker` in `PATH`.
    NoClient,
    /// The client is there, and nothing answers it.
    NoDaemon(String),
    /// The daemon's socket is not for this user.
    NoPermission,
    /// The daemon is older than what is asked for here.
    TooOld(String),
    /// The client has no such plugin, or one that does not start.
    NoPlugin(Plugin),
    /// The plugin is older than what is asked for here.
    PluginTooOld(Plugin, String),
}

impl Unavailable {
    /// What helps, on this system and for the daemon that is looked for.
    pub fn fix(&self, system: &System, endpoint: &Endpoint) -> String {
        match self {
            Self::NoDaemon(_) => endpoint.start(system),
            Self::NoPermission => system.join_docker_group(),
            // Nothing that is installed here makes another machine's daemon newer.
            Self::TooOld(_) if !endpoint.is_local() => endpoint.go_local(),
            Self::NoClient | Self::TooOld(_) => system.install_docker(),
            Self::NoPlugin(plugin) | Self::PluginTooOld(plugin, _) => system.install_plugin(plugin.name()),
        }
    }
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoClient => write!(f, "Docker is not installed"),
            Self::NoDaemon(said) => write!(f, "the Docker daemon does not answer: {said}"),
            Self::NoPermission => write!(f, "you have no permission to use the Docker daemon"),
            Self::TooOld(version) => {
                let (major, minor) = Docker::OLDEST;
                write!(f, "Docker {version} is too old: {major}.{minor} or newer is needed")
            }
            Self::PluginTooOld(plugin, version) => {
                let ((major, minor), name) = (plugin.oldest(), plugin.name());
                write!(f, "Docker's plugin `{name}` {version} is too old: {major}.{minor} or newer is needed")
            }
            Self::NoPlugin(plugin) => write!(f, "Docker has no working `{}` plugin", plugin.name()),
        }
    }
}
