//! `docker info`.

use serde_json::Value;

use process::{Invocation, QueryOutput};

/// The answer of `docker info`, as far as it matters here.
///
/// <https://docs.docker.com/reference/api/engine/> (`SystemInfo`)
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DaemonInfo {
    pub version: String,
    pub operating_system: String,
    /// The directory of the daemon's data, images among them.
    pub root: String,
    pub storage_driver: String,
    /// Whether containerd keeps the images; only then one image can have several platforms.
    pub has_containerd_store: bool,
    pub(super) runtimes: Vec<String>,
    /// The devices that are described by the Container Device Interface.
    pub cdi_devices: Vec<String>,
    /// Whether a mirror is asked before Docker Hub.
    pub has_mirror: bool,
    /// Whether the daemon pulls through a proxy.
    pub has_proxy: bool,
    /// Such as `name=seccomp,profile=default`.
    security_options: Vec<String>,
}

impl DaemonInfo {
    pub fn query() -> Invocation {
        Invocation::new("docker").args(["info", "--format", "{{json .}}"])
    }

    /// Parses the answer to [`query`](Self::query). `None` without a daemon: then the client prints an answer without a version.
    pub fn parse(answer: &QueryOutput) -> Option<Self> {
        let json: Value = serde_json::from_str(&answer.stdout).ok()?;
        let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
        if !answer.exit.success() || text("ServerVersion").is_empty() {
            return None;
        }
        let devices = json["DiscoveredDevices"].as_array();
        let status = json["DriverStatus"].as_array();
        let security = json["SecurityOptions"].as_array();
        Some(Self {
            version: text("ServerVersion"),
            operating_system: text("OperatingSystem"),
            root: text("DockerRootDir"),
            storage_driver: text("Driver"),
            has_containerd_store: status.into_iter().flatten().any(|it| it[1] == "io.containerd.snapshotter.v1"),
            runtimes: json["Runtimes"].as_object().map(|it| it.keys().cloned().collect()).unwrap_or_default(),
            cdi_devices: devices.into_iter().flatten().filter_map(|it| Some(it["ID"].as_str()?.to_owned())).collect(),
            has_mirror: json["RegistryConfig"]["Mirrors"].as_array().is_some_and(|it| !it.is_empty()),
            has_proxy: !text("HttpsProxy").is_empty(),
            security_options: security.into_iter().flatten().filter_map(|it| Some(it.as_str()?.to_owned())).collect(),
        })
    }

    /// Whether the daemon runs in Docker Desktop's virtual machine, which sees only directories that are shared with it.
    pub fn is_desktop(&self) -> bool {
        self.operating_system.contains("Docker Desktop")
    }

    /// Whether the daemon runs without root: a container's root is then the user outside, and its other users are nobody.
    pub fn is_rootless(&self) -> bool {
        self.has_security_option("rootless")
    }

    /// Whether SELinux keeps containers from files that are not labelled for them.
    pub fn has_selinux(&self) -> bool {
        self.has_security_option("selinux")
    }

    fn has_security_option(&self, name: &str) -> bool {
        self.security_options.iter().any(|it| it.split(',').any(|it| it.strip_prefix("name=") == Some(name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use process::Exit;

    fn answer(code: u8, stdout: &str) -> Option<DaemonInfo> {
        DaemonInfo::parse(&QueryOutput { exit: Exit::Code(code), stdout: stdout.to_owned(), stderr: String::new() })
    }

    #[test]
    fn the_answer_of_an_old_engine_is_parsed() {
        let info = answer(0, include_str!("../tests/data/doctor/info-debian12.json")).unwrap();
        assert_eq!((info.version.as_str(), info.storage_driver.as_str()), ("20.10.24+dfsg1", "overlay2"));
        assert_eq!(
            (info.root.as_str(), info.operating_system.as_str()),
            ("/var/lib/docker", "Debian GNU/Linux 12 (bookworm)")
        );
        assert!(!info.has_containerd_store && !info.is_desktop() && !info.is_rootless() && !info.has_selinux());
        assert_eq!(info.cdi_devices, Vec::<String>::new());
    }

    #[test]
    fn the_answer_of_a_client_without_a_daemon_is_none() {
        assert_eq!(answer(1, include_str!("../tests/data/doctor/info-no-daemon.json")), None);
        assert_eq!(answer(0, "not JSON"), None);
    }
}
