//! Containers that exist, and commands in them.

use std::fmt;

use camino::Utf8Path;
use serde_json::Value;

use process::{EnvArg, Invocation, StopSignal};

use super::{Terminal, env_args, json::object, labels, leased};

/// The program of our images that starts every command in a container.
const ENTRYPOINT: &str = "/opt/entrypoint.sh";
/// The program of our images that passes a signal on to a command.
const SIGNAL: &str = "/opt/xtask/signal.sh";

/// The label that every container of a checkout has. Its value is the checkout's `COMPOSE_PROJECT_NAME`.
const PROJECT: &str = "xtask.project";

/// One container of this checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    pub id: String,
    pub name: String,
    pub state: ContainerState,
    /// The state and its age in the client's words, such as `Up 2 hours (healthy)`.
    pub status: String,
    /// The name and tag of the image.
    pub image: String,
    /// The service of the compose files; `None` for a container of `docker run` or `docker compose run`.
    pub service: Option<String>,
    /// The purposes of the compose overlays that the container was created with, such as `gpu,ssh`.
    pub overlays: String,
    /// The directory of the compose files.
    pub directory: String,
    /// The image's labels in [`labels::FRESHNESS`], by name.
    pub freshness_labels: Value,
    /// The name of the job that it is, in its project.
    pub job: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContainerState {
    Running,
    Paused,
    /// Ended, or never started.
    Stopped,
}

impl Container {
    /// Asks for all containers of a checkout, running or not.
    pub fn query(project: &str) -> Invocation {
        Self::query_by_label(PROJECT, project)
    }

    /// Asks for what a benchmark has left, running or not.
    pub fn query_of_bench(project: &str) -> Invocation {
        Self::query_by_label(labels::BENCH, project)
    }

    fn query_by_label(label: &str, value: &str) -> Invocation {
        let labels = [
            "com.docker.compose.service",
            "com.docker.compose.oneoff",
            "xtask.extras",
            "com.docker.compose.project.working_dir",
        ];
        let labels =
            labels.iter().chain(&labels::FRESHNESS).chain([&labels::JOB]).map(|it| format!("{{{{.Label \"{it}\"}}}}"));
        let labels = labels.collect::<Vec<_>>().join("\t");
        Invocation::new("docker")
            .args(["ps", "--all", "--no-trunc", "--filter"])
            .arg(format!("label={label}={value}"))
            .args([
                "--format".to_owned(),
                format!("{{{{.ID}}}}\t{{{{.Names}}}}\t{{{{.State}}}}\t{{{{.Status}}}}\t{{{{.Image}}}}\t{labels}"),
            ])
    }

    /// Parses the answer to [`query`](Self::query). Lines of another form are left out.
    pub fn parse(answer: &str) -> Vec<Self> {
        answer.lines().filter_map(Self::parse_line).collect()
    }

    fn parse_line(line: &str) -> Option<Self> {
        let [id, name, state, status, image, service, one_off, overlays, directory, freshness_labels @ ..] =
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
            overlays: (*overlays).to_owned(),
            directory: (*directory).to_owned(),
            freshness_labels: Value::Object(object(
                labels::FRESHNESS
                    .into_iter()
                    .zip(freshness_labels.iter().copied())
                    .filter(|it| !it.1.is_empty())
                    .map(|(name, value)| (name.to_owned(), Value::from(value))),
            )),
            job: freshness_labels.get(labels::FRESHNESS.len()).filter(|it| !it.is_empty()).map(|it| (*it).to_owned()),
        })
    }

    /// The line of an answer that [`parse`](Self::parse) makes this container of.
    pub fn answer(&self) -> String {
        let state = match self.state {
            ContainerState::Running => "running",
            ContainerState::Paused => "paused",
            ContainerState::Stopped => "exited",
        };
        let (service, one_off) = (self.service.as_deref().unwrap_or_default(), "False");
        let labels = labels::FRESHNESS.iter().map(|it| self.freshness_labels[it].as_str().unwrap_or_default());
        let fields = [
            &*self.id,
            &self.name,
            state,
            &self.status,
            &self.image,
            service,
            one_off,
            &self.overlays,
            &self.directory,
        ];
        fields.into_iter().chain(labels).chain(self.job.as_deref()).collect::<Vec<_>>().join("\t")
    }

    /// Whether it has run and ended. One that was only created may be about to start.
    pub fn has_ended(&self) -> bool {
        // The engine's words for the states `exited` and `dead`.
        ["Exited", "Dead"].iter().any(|it| self.status.starts_with(it))
    }

    /// The exit code of its command, once that has ended.
    pub fn exit_code(&self) -> Option<u8> {
        let (code, _) = self.status.strip_prefix("Exited (")?.split_once(')')?;
        code.parse().ok()
    }

    /// Waits until it has ended, and prints the exit code of its command.
    pub fn wait_query(&self) -> Invocation {
        Invocation::new("docker").args(["wait", &self.id])
    }

    /// Sends SIGTERM to its command, and ends it when that has not helped after ten seconds.
    pub fn stop(&self) -> Invocation {
        Invocation::new("docker").args(["stop", &self.id])
    }

    pub fn start(&self) -> Invocation {
        Invocation::new("docker").args(["start", &self.id])
    }

    pub fn unpause(&self) -> Invocation {
        Invocation::new("docker").args(["unpause", &self.id])
    }

    /// Asks for the bytes that its commands have written into the container.
    pub fn size_query(&self) -> Invocation {
        Invocation::new("docker").args(["container", "inspect", "--size", "--format", "{{.SizeRw}}", &self.id])
    }

    /// Removes it with the volumes that only it has; fails where it runs again.
    pub fn removal(&self) -> Invocation {
        Invocation::new("docker").args(["rm", "--volumes", &self.id])
    }

    /// Ends it if it runs, and removes it likewise.
    pub fn forced_removal(&self) -> Invocation {
        Invocation::new("docker").args(["rm", "--force", "--volumes", &self.id])
    }

    /// Asks for compose's hash of the service's definition when the container was created.
    pub fn hash_query(&self) -> Invocation {
        let format = r#"{{index .Config.Labels "com.docker.compose.config-hash"}}"#;
        Invocation::new("docker").args(["container", "inspect", "--format", format, &self.id])
    }

    /// Asks for the id of the image.
    pub fn image_query(&self) -> Invocation {
        Invocation::new("docker").args(["container", "inspect", "--format", "{{.Image}}", &self.id])
    }

    /// Asks for the state and the health, for [`Health::parse`].
    pub fn health_query(&self) -> Invocation {
        let format = "{{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{end}}";
        Invocation::new("docker").args(["container", "inspect", "--format", format, &self.id])
    }

    /// Asks whether the entrypoint has finished, so that commands find what they need.
    pub fn readiness_query(&self) -> Invocation {
        Invocation::new("docker").args(["exec", &self.id, "test", "-e", "/dev/shm/.xtask-ready"])
    }

    pub fn logs(&self, follow: bool, tail: Option<&str>) -> Invocation {
        let follow = follow.then_some("--follow");
        let tail = tail.into_iter().flat_map(|it| ["--tail", it]);
        Invocation::new("docker").arg("logs").args(follow).args(tail).arg(&self.id)
    }
}

/// The health of a container. Its healthcheck decides, while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// Also if there is no healthcheck.
    Healthy,
    /// The healthcheck has not decided yet.
    Starting,
    /// Also if the container has ended.
    Unhealthy,
}

impl Health {
    /// Parses the answer to [`Container::health_query`].
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

/// One command in a running container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecRequest<'a> {
    pub container: &'a Container,
    /// Environment variables that the user passes.
    pub passed: &'a [EnvArg],
    /// Whether the command runs as the container's root instead of the user.
    pub as_root: bool,
    pub terminal: Terminal,
    /// Where the command starts, where that is not the container's working directory.
    pub directory: Option<&'a Utf8Path>,
    /// The name of a file that the client holds locked: the command ends when the lock is released.
    pub lease: Option<&'a str>,
    /// The program and its arguments.
    pub command: &'a [String],
}

impl ExecRequest<'_> {
    /// `docker exec` through the entrypoint, which sets home directory, user name and activation.
    pub fn invocation(&self) -> Invocation {
        let mut exec = Invocation::new("docker").arg("exec").args(self.terminal.flags().iter().copied());
        exec = exec.args(self.user().iter().copied());
        if let Some(lease) = self.lease {
            exec = exec.args(["--env".to_owned(), format!("XTASK_LEASE={}/{lease}", leased::DIRECTORY)]);
        }
        if self.terminal == Terminal::Interactive {
            // Docker sets `xterm` otherwise, with which programs show fewer colours.
            exec = exec.args(["--env", "TERM", "--env", "COLORTERM"]);
        }
        let exec = exec.args(self.directory.into_iter().flat_map(|it| ["--workdir", it.as_str()]));
        let exec = self.passed.iter().fold(exec, env_args::pass);
        exec.args([&self.container.id, ENTRYPOINT]).args(self.command)
    }

    /// Sends a signal to the command, which `docker exec` does not do. It fails where the command has no lease, or the container
    /// does not see it.
    pub fn signal(&self, signal: StopSignal) -> Invocation {
        let lease = format!("{}/{}", leased::DIRECTORY, self.lease.unwrap_or_default());
        let command = [SIGNAL, &lease, signal.name()];
        Invocation::new("docker").arg("exec").args(self.user().iter().copied()).arg(&self.container.id).args(command)
    }

    fn user(&self) -> &'static [&'static str] {
        if self.as_root { &["--user", "0:0"] } else { &[] }
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

    /// A Go template that names no field of Docker's fails, and only on a machine that has Docker.
    #[test]
    fn the_templates_name_fields_of_docker() {
        let query = Container::query("p").to_string();
        assert!(query.contains("'{{.ID}}\t{{.Names}}\t{{.State}}\t{{.Status}}\t{{.Image}}\t{{.Label "), "{query}");
        let container = &Container::parse("1\tn\trunning\t\ti\t\t\t\t")[0];
        let health = "{{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{end}}";
        assert_eq!(container.health_query().arguments()[3], health);
    }

    #[test]
    fn a_service_is_distinguished_from_a_command_in_a_container_of_its_own() {
        let answer = "1\tp-dev-1\trunning\tUp 2 hours (healthy)\tlab/x:dev\tdev\tFalse\tssh\t/r/installation\n\
                      2\tbold_name\texited\tExited (0)\tlab/x:runtime\t\t\t\t\n\
                      3\tp-runtime-run\tpaused\tUp (Paused)\tlab/x:runtime\truntime\tTrue\t\t/r\n";
        let containers = Container::parse(answer);
        let found: Vec<_> = containers.iter().map(|it| (it.service.as_deref(), it.state)).collect();
        assert_eq!(
            found,
            [(Some("dev"), ContainerState::Running), (None, ContainerState::Stopped), (None, ContainerState::Paused)]
        );
        assert_eq!((containers[0].overlays.as_str(), containers[0].directory.as_str()), ("ssh", "/r/installation"));
    }

    #[test]
    fn a_job_is_known_by_its_name_and_by_how_it_ended() {
        let answer = "1\tp-train\texited\tExited (3) 2 minutes ago\ti\t\t\t\t\t\t\t\t\ttrain\n2\tp-x\trunning\tUp 1 hour\ti\t\t\t\t\n";
        let [job, other] = &Container::parse(answer)[..] else { panic!("two containers") };
        assert_eq!((job.job.as_deref(), job.exit_code()), (Some("train"), Some(3)));
        assert_eq!((other.job.as_deref(), other.exit_code()), (None, None));
    }

    #[test]
    fn what_was_answered_can_be_kept_and_read_again() {
        let answer = "1\tp-dev-1\tpaused\tUp 2 hours\tlab/x:dev\tdev\tFalse\tssh\t/r\thash\t{\"a\": 1}\t[]\n2\tb\texited\t\ti\t\t\t\t\t\t\t\t\ttrain\n";
        for container in Container::parse(answer) {
            assert_eq!(Container::parse(&container.answer()), [container]);
        }
    }
}
