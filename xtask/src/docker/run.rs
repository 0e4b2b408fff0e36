//! Running a command in a new container.

use std::collections::BTreeMap;

use camino::Utf8Path;

use super::csv;
use crate::process::{Invocation, Passed};
use crate::project::{Accelerator, CA_VARIABLES, Network, Settings};

/// Where the host's certificate authorities are in a container.
const CA_IN_CONTAINER: &str = "/run/host-ca-certificates.pem";

/// One command in a container of its own, removed afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRequest<'a> {
    /// The image.
    pub image: &'a str,
    /// Whom to run as, what to mount.
    pub settings: &'a Settings,
    /// Proxies and certificates.
    pub network: &'a Network,
    /// What to compute on.
    pub accelerator: Accelerator,
    /// Numeric groups that own the devices of an AMD accelerator.
    pub device_groups: &'a [u32],
    /// Environment variables that the environment itself sets.
    pub variables: &'a BTreeMap<String, String>,
    /// Environment variables that the user passes.
    pub passed: &'a [Passed],
    /// How it is connected to this terminal.
    pub terminal: Terminal,
    /// The command and its arguments.
    pub command: &'a [String],
}

/// How a container is connected to the terminal it was started from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terminal {
    /// In the background.
    Detached,
    /// Through pipes or files: nothing asks for a terminal.
    Streams,
    /// A person is there.
    Interactive,
}

impl Terminal {
    fn flags(self) -> &'static [&'static str] {
        match self {
            Self::Detached => &["--detach"],
            Self::Streams => &["--interactive"],
            Self::Interactive => &["--interactive", "--tty"],
        }
    }
}

impl RunRequest<'_> {
    /// `docker run`.
    pub fn invocation(&self) -> Invocation {
        let container = &self.settings.container;
        let local = &self.settings.local;
        let user = self.settings.user;
        let mut invocation = Invocation::new("docker")
            // An image that is gone by now is not looked for in some registry.
            .args(["run", "--rm", "--pull=never"])
            .args(self.terminal.flags().iter().copied())
            .args(["--user".to_owned(), format!("{}:{}", user.uid, user.gid)])
            .args(mount(&local.project, &container.root, ""))
            .args(mount(&local.data, &container.data, ""))
            .args(mount(&local.outputs, &container.outputs, ""))
            .args(mount(&local.wandb, &container.wandb, ""))
            .args(["--workdir", container.project.as_str()]);
        invocation = self.device_arguments(invocation);
        invocation = self.network_arguments(invocation);

        let paths = [
            ("PROJECT_ROOT", &container.root),
            ("PROJECT_DIR", &container.project),
            ("DATA_DIR", &container.data),
            ("OUTPUTS_DIR", &container.outputs),
            ("WANDB_DIR", &container.wandb),
        ];
        invocation = invocation
            .args(paths.iter().flat_map(|(name, path)| ["--env".to_owned(), format!("{name}={path}")]))
            .args(self.variables.iter().flat_map(|(name, value)| ["--env".to_owned(), format!("{name}={value}")]));
        if let Some(key) = &self.settings.wandb_api_key {
            invocation = invocation.args(["--env", "WANDB_API_KEY"]).secret_env("WANDB_API_KEY", key.clone());
        }
        self.passed.iter().fold(invocation, pass).arg(self.image).args(self.command)
    }

    fn device_arguments(&self, invocation: Invocation) -> Invocation {
        match self.accelerator {
            Accelerator::Cpu => invocation,
            Accelerator::Gpu => invocation.args(["--gpus", "all"]),
            Accelerator::Rocm => invocation
                .args(["--device=/dev/kfd", "--device=/dev/dri"])
                .args(self.device_groups.iter().flat_map(|group| ["--group-add".to_owned(), group.to_string()])),
        }
    }

    fn network_arguments(&self, invocation: Invocation) -> Invocation {
        let proxies = self.network.proxy_variables.iter().flat_map(|it| ["--env", it]);
        let invocation = invocation.args(proxies);
        match &self.network.ca_certificates {
            None => invocation,
            Some(bundle) => invocation
                .args(mount(bundle, CA_IN_CONTAINER.into(), ",readonly"))
                .args(CA_VARIABLES.iter().flat_map(|it| ["--env".to_owned(), format!("{it}={CA_IN_CONTAINER}")])),
        }
    }
}

/// A bind mount. A missing source is an error, unlike with `--volume`, where Docker makes a directory owned by root.
fn mount(source: &Utf8Path, target: &Utf8Path, options: &str) -> [String; 2] {
    [
        "--mount".to_owned(),
        format!("type=bind,{},{}{options}", csv::field("source", source), csv::field("target", target)),
    ]
}

/// Values travel in the client's environment, where other users of the machine cannot read them, except those that the
/// client would take for its own configuration.
fn pass(invocation: Invocation, passed: &Passed) -> Invocation {
    match passed {
        Passed::Inherited(name) => invocation.args(["--env", name]),
        Passed::Set(name, value) if is_read_by_client(name) => {
            invocation.args(["--env".to_owned(), format!("{name}={value}")])
        }
        Passed::Set(name, _) => passed.set_on(invocation.args(["--env", name])),
    }
}

/// What the client, or the runtime that it is written in, takes for its own configuration.
///
/// <https://docs.docker.com/reference/cli/docker/#environment-variables> and Go's packages `runtime` and `crypto/x509`.
fn is_read_by_client(name: &str) -> bool {
    let of_docker = ["API_VERSION", "CERT_PATH", "CONFIG", "CONTEXT", "DEFAULT_PLATFORM", "HOST", "TLS", "TLS_VERIFY"];
    let of_system = ["PATH", "HOME", "TMPDIR", "TERM", "SSL_CERT_FILE", "SSL_CERT_DIR"];
    let of_go = ["GODEBUG", "GOGC", "GOMAXPROCS", "GOMEMLIMIT", "GOTRACEBACK"];
    let families = ["DOCKER_CONTENT_TRUST", "DOCKER_CLI_", "LD_", "DYLD_", "XDG_"];
    name.strip_prefix("DOCKER_").is_some_and(|it| of_docker.contains(&it))
        || of_system.contains(&name)
        || of_go.contains(&name)
        || families.iter().any(|it| name.starts_with(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_commas_and_quotes_stays_one_field() {
        let [_, value] = mount("/a,b \"c\"".into(), "/opt/data".into(), ",readonly");
        assert_eq!(value, r#"type=bind,"source=/a,b ""c""",target=/opt/data,readonly"#);
    }

    #[test]
    fn passed_values_stay_out_of_the_arguments() {
        let invocation = pass(Invocation::new("docker"), &"HF_TOKEN=abc".parse().unwrap());
        assert_eq!(invocation.arguments(), ["--env", "HF_TOKEN"]);
        assert_eq!(invocation.to_string(), "HF_TOKEN='***' docker --env HF_TOKEN");
    }

    #[test]
    fn the_client_is_not_misled_by_what_the_command_gets() {
        for text in ["DOCKER_HOST=tcp://x", "PATH=/x", "GODEBUG=x", "LD_PRELOAD=/x"] {
            let invocation = pass(Invocation::new("docker"), &text.parse().unwrap());
            assert_eq!(invocation.arguments(), ["--env", text]);
            assert!(invocation.variables().is_empty());
        }
    }
}
