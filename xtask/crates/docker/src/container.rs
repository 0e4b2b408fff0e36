//! Containers that are there.

use std::fmt;

use serde_json::Value;

use process::{EnvArg, Invocation};

use super::{Terminal, labels, passed};

/// What starts every command in a container, as the images have it.
const ENTRYPOINT: &str = "/opt/entrypoint.sh";

/// The label that every container of a checkout has, with what compose calls the checkout.
const PROJECT: &str = "xtask.project";

/// One container of this checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is doing.
    pub state: ContainerState,
    /// Since when, in the client's words.
    pub status: String,
    /// The image that it was made from, by name.
    pub image: String,
    /// The service of the compose files that it stands for; `None` for a command in a container of its own.
    pub service: Option<String>,
    /// What it was started with besides its service's own settings, such as `ssh`.
    pub extras: String,
    /// The directory of the compose files that it was made from.
    pub directory: String,
    /// Those of the image's labels that tell what it was made of: [`labels::MADE_OF`].
    pub made_of: Value,
}

/// What a container is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContainerState {
    /// It runs.
    Running,
    /// It is paused: nothing in it goes on.
    Paused,
    /// It has ended, or was never started.
    Stopped,
}

impl Container {
    /// Asks for all containers of a checkout, running or not.
    pub fn query(project: &str) -> Invocation {
        let labels = [
            "com.docker.compose.service",
            "com.docker.compose.oneoff",
            "xtask.extras",
            "com.docker.compose.project.working_dir",
        ];
        let labels = labels.iter().chain(&labels::MADE_OF).map(|it| format!("{{{{.Label \"{it}\"}}}}"));
        let labels = labels.collect::<Vec<_>>().join("\t");
        Invocation::new("docker")
            .args(["ps", "--all", "--no-trunc", "--filter"])
            .arg(format!("label={PROJECT}={project}"))
            .args([
                "--format".to_owned(),
                format!("{{{{.ID}}}}\t{{{{.Names}}}}\t{{{{.State}}}}\t{{{{.Status}}}}\t{{{{.Image}}}}\t{labels}"),
            ])
    }

    /// Those of an answer.
    pub fn parse(answer: &str) -> Vec<Self> {
        answer.lines().filter_map(Self::of_line).collect()
    }

    fn of_line(line: &str) -> Option<Self> {
        let [id, name, state, status, image, service, one_off, extras, directory, made_of @ ..] =
            &line.split('\t').collect::<Vec<_>>()[..]
        else {
            return None;
        };
        let (service, one_off) = (*service, *one_off);
        let is_service = !service.is_empty() && one_off != "True";
        Some(Self {
            id: (*id).to_owned(),
            name: (*name).to_owned(),
            state: match *state {
                "running" | "restarting" => ContainerState::Running,
                "paused" => ContainerState::Paused,
                _ => ContainerState::Stopped,
            },
            status: (*status).to_owned(),
            image: (*image).to_owned(),
            service: is_service.then(|| service.to_owned()),
            extras: (*extras).to_owned(),
            directory: (*directory).to_owned(),
            made_of: labels::MADE_OF.into_iter().zip(made_of.iter().copied()).filter(|it| !it.1.is_empty()).collect(),
        })
    }

    /// Asks for compose's hash of the settings that it was made with.
    pub fn settings_query(&self) -> Invocation {
        let format = r#"{{index .Config.Labels "com.docker.compose.config-hash"}}"#;
        Invocation::new("docker").args(["container", "inspect", "--format", format, &self.id])
    }

    /// Asks which image, by id, it was made from.
    pub fn image_query(&self) -> Invocation {
        Invocation::new("docker").args(["container", "inspect", "--format", "{{.Image}}", &self.id])
    }

    /// Asks what it is doing and how healthy it is.
    pub fn health_query(&self) -> Invocation {
        let format = "{{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{end}}";
        Invocation::new("docker").args(["container", "inspect", "--format", format, &self.id])
    }

    /// Asks whether the entrypoint has done its work, so that commands find what they need.
    pub fn readiness_query(&self) -> Invocation {
        Invocation::new("docker").args(["exec", &self.id, "test", "-e", "/dev/shm/.xtask-ready"])
    }

    /// Shows what it has printed.
    pub fn logs(&self, follow: bool, tail: Option<&str>) -> Invocation {
        let follow = follow.then_some("--follow");
        let tail = tail.into_iter().flat_map(|it| ["--tail", it]);
        Invocation::new("docker").arg("logs").args(follow).args(tail).arg(&self.id)
    }
}

/// How healthy a container is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// Its check says so, or it runs and has none.
    Healthy,
    /// Its check has not decided yet.
    Starting,
    /// Its check says so, or it has ended.
    Unhealthy,
}

impl Health {
    /// What the answer to [`Container::health_query`] tells.
    pub fn parse(answer: &str) -> Self {
        match answer.trim().split_once(' ').unwrap_or((answer.trim(), "")) {
            ("running", "healthy" | "") => Self::Healthy,
            ("running", "unhealthy") => Self::Unhealthy,
            ("running" | "created" | "restarting", _) => Self::Starting,
            _ => Self::Unhealthy,
        }
    }
}

impl fmt::Display for ContainerState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
        })
    }
}

/// One command in a container that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecRequest<'a> {
    /// The container.
    pub container: &'a Container,
    /// Environment variables that the user passes.
    pub passed: &'a [EnvArg],
    /// As root of the container.
    pub as_root: bool,
    /// How it is connected to this terminal.
    pub terminal: Terminal,
    /// The command and its arguments.
    pub command: &'a [String],
}

impl ExecRequest<'_> {
    /// `docker exec`, by way of the entrypoint, so that home directory, name and activation are right here too.
    pub fn invocation(&self) -> Invocation {
        let mut exec = Invocation::new("docker").arg("exec").args(self.terminal.flags().iter().copied());
        if self.as_root {
            exec = exec.args(["--user", "0:0"]);
        }
        if self.terminal == Terminal::Interactive {
            // Docker says `xterm` otherwise, whose programs show fewer colours.
            exec = exec.args(["--env", "TERM", "--env", "COLORTERM"]);
        }
        let exec = self.passed.iter().fold(exec, passed::pass);
        exec.args([&self.container.id, ENTRYPOINT]).args(self.command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_without_a_check_is_healthy_as_long_as_it_runs() {
        assert_eq!(Health::parse("running \n"), Health::Healthy);
        assert_eq!(Health::parse("running starting\n"), Health::Starting);
        assert_eq!(Health::parse("running healthy\n"), Health::Healthy);
        assert_eq!(Health::parse("exited "), Health::Unhealthy);
    }

    #[test]
    fn a_service_is_told_from_a_command_in_a_container_of_its_own() {
        let answer = "1\tp-dev-1\trunning\tUp 2 hours (healthy)\tlab/x:dev\tdev\tFalse\tssh\t/r/installation\n\
                      2\tbold_name\texited\tExited (0)\tlab/x:runtime\t\t\t\t\n\
                      3\tp-runtime-run\tpaused\tUp (Paused)\tlab/x:runtime\truntime\tTrue\t\t/r\n";
        let containers = Container::parse(answer);
        let told: Vec<_> = containers.iter().map(|it| (it.service.as_deref(), it.state)).collect();
        assert_eq!(
            told,
            [(Some("dev"), ContainerState::Running), (None, ContainerState::Stopped), (None, ContainerState::Paused)]
        );
        assert_eq!((containers[0].extras.as_str(), containers[0].directory.as_str()), ("ssh", "/r/installation"));
    }
}
