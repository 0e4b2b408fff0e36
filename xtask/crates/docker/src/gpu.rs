//! Whether containers get NVIDIA's GPUs.

use super::DaemonInfo;

/// What the daemon tells of its way to the GPUs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GpuAccess {
    /// It knows NVIDIA's runtime.
    Runtime,
    /// It knows the GPUs by their description (CDI).
    Described,
    /// Docker Desktop brings its own.
    Desktop,
    /// It tells nothing of it.
    Untold,
}

impl GpuAccess {
    /// What it means when nothing helps.
    pub const NONE: &str = "Docker has no NVIDIA runtime; without NVIDIA's Container Toolkit containers get no GPU";

    /// What puts it right.
    pub const FIX: &str = "install https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/install-guide.html, then \
         sudo nvidia-ctk runtime configure --runtime=docker && sudo systemctl restart docker";

    /// What the daemon's answer tells.
    pub fn of(info: &DaemonInfo) -> Self {
        if info.runtimes.iter().any(|it| it == "nvidia") {
            Self::Runtime
        } else if info.cdi_devices.iter().any(|it| it.starts_with("nvidia.com/")) {
            Self::Described
        } else if info.is_desktop() {
            Self::Desktop
        } else {
            Self::Untold
        }
    }

    /// Whether a container that asks for GPUs most likely gets them.
    pub fn is_likely(self) -> bool {
        self != Self::Untold
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use process::{Exit, QueryOutput};

    #[test]
    fn the_daemons_answer_tells_of_its_way_to_the_gpus() {
        let access = |recorded: &str| {
            let answer = QueryOutput { exit: Exit::SUCCESS, stdout: recorded.to_owned(), stderr: String::new() };
            GpuAccess::of(&DaemonInfo::parse(&answer).unwrap())
        };
        assert_eq!(access(include_str!("../tests/data/doctor/info-nvidia.json")), GpuAccess::Runtime);
        assert_eq!(access(include_str!("../tests/data/doctor/info-cdi.json")), GpuAccess::Described);
        assert_eq!(access(include_str!("../tests/data/doctor/info-desktop.json")), GpuAccess::Desktop);
        assert_eq!(access(include_str!("../tests/data/doctor/info-debian12.json")), GpuAccess::Untold);
    }
}
