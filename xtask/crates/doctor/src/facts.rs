//! What was read of this machine, as values.

use std::time::Duration;

use camino::Utf8PathBuf;

use docker::{Builder, DaemonInfo, Docker, Endpoint, Unavailable};
use process::QueryOutput;
use project::system::System;

use super::{
    needs::MachineNeeds,
    network::{Proxy, Registry},
};

/// What a program answered to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProgramAnswer {
    NotFound,
    /// It was killed after this time.
    TimedOut(Duration),
    /// It ended by itself, with whatever exit code.
    Ended(QueryOutput),
}

impl ProgramAnswer {
    /// The standard output of a program that succeeded.
    pub fn stdout(&self) -> Option<&str> {
        self.output().filter(|it| it.exit.success()).map(|it| it.stdout.as_str())
    }

    pub fn output(&self) -> Option<&QueryOutput> {
        match self {
            Self::Ended(output) => Some(output),
            Self::NotFound | Self::TimedOut(_) => None,
        }
    }
}

/// Device nodes and drivers of this machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Devices {
    /// The text of `/proc/driver/nvidia/version`.
    pub nvidia: Option<String>,
    /// `/dev/dxg`: Windows lends its GPU to this guest.
    pub has_windows_gpu: bool,
    /// `/dev/kfd`, AMD's compute interface.
    pub has_kfd: bool,
    /// `/dev/dri`, which every graphics card has.
    pub has_dri: bool,
    /// The files that describe devices in the Container Device Interface.
    pub cdi_files: Vec<String>,
}

/// An emulator of another processor: an entry of binfmt_misc.
///
/// <https://docs.kernel.org/admin-guide/binfmt-misc.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emulator {
    /// Such as `qemu-aarch64`.
    pub name: String,
    /// The contents of its file: state and flags, one a line.
    pub text: String,
}

/// A file of certificate authorities that a variable names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaBundle {
    pub variable: &'static str,
    pub path: String,
    pub exists: bool,
}

/// A registry, and whether it answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryReply {
    pub registry: Registry,
    /// The connection was made to the proxy, not to the registry itself.
    pub is_through_proxy: bool,
    /// The error says why there was no connection.
    pub result: Result<(), String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineFacts {
    pub system: System,
    pub needs: MachineNeeds,
    pub endpoint: Endpoint,
    /// [`Docker::query`]
    pub version: ProgramAnswer,
    /// [`Podman::query`](docker::Podman::query), with `ENGINE=podman`.
    pub podman: ProgramAnswer,
    /// [`DaemonInfo::query`]
    pub info: ProgramAnswer,
    /// `docker buildx version`
    pub buildx: ProgramAnswer,
    /// `docker compose version`
    pub compose: ProgramAnswer,
    /// [`Builder::query`], or [`Builder::table_query`] for an older buildx.
    pub builders: ProgramAnswer,
    /// [`DiskSpace::query`](project::DiskSpace::query) for the daemon's directory; `None` where that is not on this machine.
    pub disk: Option<ProgramAnswer>,
    /// The repository's top directory.
    pub repository: Utf8PathBuf,
    /// The same for the repository.
    pub repository_disk: ProgramAnswer,
    /// Those of the project's images that the daemon has.
    pub local_images: Vec<String>,
    /// `git --version`
    pub git: ProgramAnswer,
    /// `uv --version`
    pub uv: ProgramAnswer,
    /// `python3 -m pip --version`
    pub pip: ProgramAnswer,
    /// `python3 --version`
    pub python: ProgramAnswer,
    pub devices: Devices,
    /// [`NvidiaDriver::cuda_query`](project::system::NvidiaDriver::cuda_query) and `gpus_query`.
    pub nvidia: [ProgramAnswer; 2],
    /// [`CudaBuild::PROBE`](project::system::CudaBuild::PROBE) in the runtime image, or natively.
    pub torch: ProgramAnswer,
    pub emulators: Vec<Emulator>,
    pub proxy: Option<Proxy>,
    /// The names of the proxy variables that are set.
    pub proxy_variables: Vec<&'static str>,
    pub bundles: Vec<CaBundle>,
    pub registries: Vec<RegistryReply>,
}

impl MachineFacts {
    /// The daemon, or why it cannot be used.
    pub fn docker(&self) -> Result<Docker, Unavailable> {
        match &self.version {
            ProgramAnswer::NotFound => Err(Unavailable::NoClient),
            ProgramAnswer::TimedOut(limit) => {
                Err(Unavailable::NoDaemon(format!("no answer within {} s", limit.as_secs_f64())))
            }
            ProgramAnswer::Ended(output) => Docker::parse(output),
        }
    }

    /// The daemon's description of itself; `None` where it gave none.
    pub fn info(&self) -> Option<DaemonInfo> {
        self.info.output().and_then(DaemonInfo::parse)
    }

    pub fn builders(&self) -> Vec<Builder> {
        self.builders.stdout().map(Builder::parse).unwrap_or_default()
    }

    pub fn has_image(&self, image: &str) -> bool {
        self.local_images.iter().any(|it| it == image)
    }

    pub fn is_runtime_built(&self) -> bool {
        self.needs.runtime_image.as_deref().is_some_and(|it| self.has_image(it))
    }
}
