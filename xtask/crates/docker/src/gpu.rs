//! Whether containers get NVIDIA's GPUs.

use super::DaemonInfo;

/// How the daemon gives GPUs to containers, as far as `docker info` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GpuAccess {
    /// NVIDIA's runtime is configured.
    Runtime,
    /// The GPUs are described by the Container Device Interface.
    Cdi,
    /// Docker Desktop has a way of its own.
    Desktop,
    /// `docker info` has no sign of GPUs.
    Unknown,
}

impl GpuAccess {
    /// The message where a container gets no GPU.
    pub const NONE: &str = "Docker has no NVIDIA runtime; without NVIDIA's Container Toolkit containers get no GPU";

    /// The fix for [`NONE`](Self::NONE).
    pub const FIX: &str = "install https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/install-guide.html, then \
         sudo nvidia-ctk runtime configure --runtime=docker && sudo systemctl restart docker";

    pub fn from_info(info: &DaemonInfo) -> Self {
        if info.runtimes.iter().any(|it| it == "nvidia") {
            Self::Runtime
        } else if info.cdi_devices.iter().any(|it| it.starts_with("nvidia.com/")) {
            Self::Cdi
        } else if info.is_desktop() {
            Self::Desktop
        } else {
            Self::Unknown
        }
    }

    /// Whether a container that asks for GPUs most likely gets them.
    pub fn is_likely(self) -> bool {
        self != Self::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use process::{Exit, QueryOutput};

    #[test]
    fn the_access_to_gpus_is_recognised_in_the_daemons_answer() {
        let access = |recorded: &str| {
            let answer = QueryOutput { exit: Exit::SUCCESS, stdout: recorded.to_owned(), stderr: String::new() };
            GpuAccess::from_info(&DaemonInfo::parse(&answer).unwrap())
        };
        assert_eq!(access(include_str!("../tests/data/doctor/info-nvidia.json")), GpuAccess::Runtime);
        assert_eq!(access(include_str!("../tests/data/doctor/info-cdi.json")), GpuAccess::Cdi);
        assert_eq!(access(include_str!("../tests/data/doctor/info-desktop.json")), GpuAccess::Desktop);
        assert_eq!(access(include_str!("../tests/data/doctor/info-debian12.json")), GpuAccess::Unknown);
    }
}
