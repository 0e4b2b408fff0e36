//! Why Docker cannot be used, and the fix: the same words in `doctor` and in every verb that needs Docker.

use std::fmt;

use project::system::System;

use super::{Docker, Endpoint, Plugin, Podman};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unavailable {
    /// `docker` is not in `PATH`.
    NoClient,
    /// No daemon answers the client, which gives this reason.
    NoDaemon(String),
    /// The user may not open the daemon's socket.
    NoPermission,
    /// The daemon of this version is older than the oldest that works.
    TooOld(String),
    /// The client does not have the plugin, or the plugin does not start.
    NoPlugin(Plugin),
    /// The plugin of this version is older than the oldest that works.
    PluginTooOld(Plugin, String),
    /// `podman` is not in `PATH`.
    NoPodman,
    /// podman does not work here, for this reason.
    PodmanFails(String),
    /// podman of this version is older than the oldest that works.
    PodmanTooOld(String),
}

impl Unavailable {
    /// The command that helps on this system, for the daemon at this endpoint.
    pub fn fix(&self, system: &System, endpoint: &Endpoint) -> String {
        match self {
            Self::NoDaemon(_) => endpoint.start_daemon(system),
            Self::NoPermission => system.join_docker_group(),
            // Installing something here does not make another machine's daemon newer.
            Self::TooOld(_) if !endpoint.is_local() => endpoint.switch_to_local(),
            Self::NoClient | Self::TooOld(_) => system.install_docker(),
            Self::NoPlugin(plugin) | Self::PluginTooOld(plugin, _) => system.install_plugin(plugin.name()),
            Self::NoPodman | Self::PodmanTooOld(_) => system.install_podman(),
            Self::PodmanFails(_) => "podman info, and docs/podman.md".to_owned(),
        }
    }
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoClient => write!(f, "Docker is not installed"),
            Self::NoDaemon(reason) => write!(f, "the Docker daemon does not answer: {reason}"),
            Self::NoPermission => write!(f, "you have no permission to use the Docker daemon"),
            Self::TooOld(version) => {
                let (major, minor) = Docker::OLDEST;
                write!(f, "Docker {version} is too old: {major}.{minor} or newer is needed")
            }
            Self::PluginTooOld(plugin, version) => {
                let ((major, minor), name) = (plugin.oldest(), plugin.name());
                write!(f, "Docker's plugin `{name}` {version} is too old: {major}.{minor} or newer is needed")
            }
            Self::NoPodman => write!(f, "podman is not installed"),
            Self::PodmanFails(reason) => write!(f, "podman does not work: {reason}"),
            Self::PodmanTooOld(version) => {
                let (major, minor) = Podman::OLDEST;
                write!(f, "podman {version} is too old: {major}.{minor} or newer is needed")
            }
            Self::NoPlugin(plugin) => write!(f, "Docker has no working `{}` plugin", plugin.name()),
        }
    }
}
