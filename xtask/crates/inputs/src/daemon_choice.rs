//! What decides which daemon Docker's client asks.

use camino::Utf8PathBuf;
use serde_json::{Value, json};

use process::{HostEnvironment, files};

/// What the user's shell and the client's configuration say of it. The client itself is not asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DaemonChoice {
    address: Option<String>,
    context: Option<String>,
    /// Of the client's configuration, where `DOCKER_CONTEXT` names none.
    current_context: Option<String>,
}

impl DaemonChoice {
    /// Sources: <https://docs.docker.com/reference/cli/docker/#environment-variables> and the section on `config.json` there.
    pub fn read(host: &HostEnvironment) -> Self {
        let [address, context, directory] = ["DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG"].map(|it| host.get(it));
        let directory =
            directory.map(Utf8PathBuf::from).or_else(|| Some(Utf8PathBuf::from(host.get("HOME")?).join(".docker")));
        let configuration = directory.and_then(|it| files::read_text(&it.join("config.json")).ok());
        let configuration: Value = configuration.and_then(|it| serde_json::from_str(&it).ok()).unwrap_or_default();
        Self {
            address: address.map(str::to_owned),
            context: context.map(str::to_owned),
            current_context: configuration["currentContext"].as_str().map(str::to_owned),
        }
    }

    /// Whether it is the client's default, a socket of this machine.
    pub fn is_default(&self) -> bool {
        let context = self.context.as_deref().or(self.current_context.as_deref()).unwrap_or_default();
        self.address.is_none() && ["", "default"].contains(&context)
    }

    /// Whether it is named as a daemon without root is: by a socket of the user's own, or by the context that Docker's setup tool makes.
    ///
    /// Source: <https://docs.docker.com/engine/security/rootless/#client>.
    pub fn is_rootless_by_name(&self) -> bool {
        match &self.address {
            Some(address) => address
                .strip_prefix("unix://")
                .is_some_and(|it| !["/run/docker.sock", "/var/run/docker.sock"].contains(&it)),
            None => self.context.as_ref().or(self.current_context.as_ref()).is_some_and(|it| it == "rootless"),
        }
    }

    /// What makes it another one.
    pub fn to_json(&self) -> Value {
        json!([self.address, self.context, self.current_context])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(config: &str, variables: &[(&str, &str)]) -> DaemonChoice {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("config.json"), config).unwrap();
        let config = [("DOCKER_CONFIG", directory.path().to_str().unwrap())];
        let variables = config.iter().chain(variables).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        DaemonChoice::read(&variables.collect())
    }

    #[test]
    fn a_variable_or_a_context_chooses_another_daemon() {
        assert!(choice("{}", &[]).is_default());
        assert!(choice("not JSON", &[]).is_default());
        assert!(choice(r#"{"currentContext": "lab"}"#, &[("DOCKER_CONTEXT", "default")]).is_default());
        assert!(!choice(r#"{"currentContext": "lab"}"#, &[]).is_default());
        assert!(!choice("{}", &[("DOCKER_CONTEXT", "lab")]).is_default());
        assert!(!choice("{}", &[("DOCKER_HOST", "ssh://lab")]).is_default());
    }

    #[test]
    fn a_daemon_without_root_is_known_by_its_socket_or_its_context() {
        assert!(choice("{}", &[("DOCKER_HOST", "unix:///run/user/1000/docker.sock")]).is_rootless_by_name());
        assert!(choice(r#"{"currentContext": "rootless"}"#, &[]).is_rootless_by_name());
        assert!(!choice("{}", &[]).is_rootless_by_name());
        assert!(!choice("{}", &[("DOCKER_HOST", "unix:///var/run/docker.sock")]).is_rootless_by_name());
        assert!(!choice("{}", &[("DOCKER_HOST", "ssh://lab")]).is_rootless_by_name());
    }
}
