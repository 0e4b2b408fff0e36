//! Everything that was read of this machine, as values.

use std::time::Duration;

use docker::{Builder, DaemonInfo, Docker, Endpoint, Unavailable};
use process::QueryOutput;
use project::system::System;

use super::{
    network::{Proxy, Registry},
    wishes::MachineNeeds,
};

/// What came of a question to a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProgramAnswer {
    /// There is no such program.
    Absent,
    /// It gave no answer within this time.
    Silent(Duration),
    /// It ended.
    Said(QueryOutput),
}

impl ProgramAnswer {
    /// What was printed by a program that succeeded.
    pub fn success(&self) -> Option<&str> {
        self.reading().filter(|it| it.exit.success()).map(|it| it.stdout.as_str())
    }

    /// How it ended, if it did.
    pub fn reading(&self) -> Option<&QueryOutput> {
        match self {
            Self::Said(reading) => Some(reading),
            Self::Absent | Self::Silent(_) => None,
        }
    }
}

/// Device nodes and drivers of this machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Devices {
    /// The text of `/proc/driver/nvidia/version`.
    pub nvidia: Option<String>,
    /// Whether Windows gives its GPU to this guest: `/dev/dxg`.
    pub has_windows_gpu: bool,
    /// Whether AMD's compute interface is there: `/dev/kfd`.
    pub has_kfd: bool,
    /// Whether there are graphics devices: `/dev/dri`.
    pub has_dri: bool,
    /// The files that describe devices in the Container Device Interface.
    pub cdi_files: Vec<String>,
}

/// An emulator of another processor: an entry of binfmt_misc, by its name and text.
///
/// <https://docs.kernel.org/admin-guide/binfmt-misc.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emulator {
    /// Such as `qemu-aarch64`.
    pub name: String,
    /// Its state, one property a line.
    pub text: String,
}

/// A file of certificate authorities that a variable names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// The variable.
    pub variable: &'static str,
    /// The file.
    pub path: String,
    /// Whether it is there.
    pub exists: bool,
}

/// A registry, and whether it answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// The registry.
    pub registry: Registry,
    /// Whether the proxy was asked in its place.
    pub is_through_proxy: bool,
    /// Why it did not answer.
    pub result: Result<(), String>,
}

/// Everything that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineFacts {
    /// The system.
    pub system: System,
    /// What the main job will want.
    pub wishes: MachineNeeds,
    /// Where the client looks for the daemon.
    pub endpoint: Endpoint,
    /// [`Docker::query`].
    pub version: ProgramAnswer,
    /// [`DaemonInfo::query`].
    pub info: ProgramAnswer,
    /// `docker buildx version`
    pub buildx: ProgramAnswer,
    /// `docker compose version`
    pub compose: ProgramAnswer,
    /// [`Builder::query`], or the table of an older buildx.
    pub builders: ProgramAnswer,
    /// `df -Pk` of the daemon's directory; `None` where that is not on this machine.
    pub disk: Option<ProgramAnswer>,
    /// The images that the daemon has of those that are of interest.
    pub local_images: Vec<String>,
    /// `git --version`
    pub git: ProgramAnswer,
    /// `uv --version`
    pub uv: ProgramAnswer,
    /// `python3 -m pip --version`
    pub pip: ProgramAnswer,
    /// `micromamba --version`
    pub micromamba: ProgramAnswer,
    /// Devices.
    pub devices: Devices,
    /// Emulators that Linux knows.
    pub emulators: Vec<Emulator>,
    /// The proxy for https.
    pub proxy: Option<Proxy>,
    /// The variables about proxies that are set.
    pub proxy_variables: Vec<&'static str>,
    /// Files of certificate authorities that variables name.
    pub bundles: Vec<Bundle>,
    /// The registries.
    pub reached: Vec<Reached>,
}

impl MachineFacts {
    /// The daemon, or why there is none to be used.
    pub fn docker(&self) -> Result<Docker, Unavailable> {
        match &self.version {
            ProgramAnswer::Absent => Err(Unavailable::NoClient),
            ProgramAnswer::Silent(limit) => {
                Err(Unavailable::NoDaemon(format!("no answer within {} s", limit.as_secs_f64())))
            }
            ProgramAnswer::Said(reading) => Docker::parse(reading),
        }
    }

    /// What the daemon says of itself.
    pub fn info(&self) -> Option<DaemonInfo> {
        self.info.reading().and_then(DaemonInfo::parse)
    }

    /// The builders.
    pub fn builders(&self) -> Vec<Builder> {
        self.builders.success().map(Builder::parse).unwrap_or_default()
    }

    /// Whether the daemon has an image.
    pub fn has_image(&self, image: &str) -> bool {
        self.local_images.iter().any(|it| it == image)
    }

    /// Whether the main job's image is built.
    pub fn is_built(&self) -> bool {
        self.wishes.runtime_image.as_deref().is_some_and(|it| self.has_image(it))
    }
}
