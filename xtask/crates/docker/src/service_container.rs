//! The container of a service, made by `docker run` as compose would make it.

use camino::Utf8Path;

use process::{HostEnvironment, Invocation};

use super::{ComposeOnlyKey, ComposeService};

/// Compose's labels, by which its containers are found.
///
/// <https://github.com/docker/compose/blob/main/pkg/api/labels.go>
const LABEL: &str = "com.docker.compose";

#[derive(Debug, Clone, PartialEq)]
pub struct ServiceContainer<'a> {
    pub service: &'a ComposeService,
    /// `COMPOSE_PROJECT_NAME`.
    pub project: &'a str,
    /// That of the compose files.
    pub directory: &'a Utf8Path,
    /// What changes when the service would be made differently.
    pub hash: &'a str,
}

impl ServiceContainer<'_> {
    pub fn invocation(&self, host: &HostEnvironment) -> Result<Invocation, ComposeOnlyKey> {
        let Self { service, project, directory, hash } = self;
        let labels = [
            ("project", *project),
            ("project.working_dir", directory.as_str()),
            ("service", &service.name),
            ("oneoff", "False"),
            ("config-hash", hash),
        ];
        let labels = labels.iter().flat_map(|(name, it)| ["--label".to_owned(), format!("{LABEL}.{name}={it}")]);
        let run = Invocation::new("docker")
            .args(["run", "--detach", "--pull=never", "--name"])
            .arg(format!("{project}-{}-1", service.name))
            .args(labels);
        let run = service.run_options(run, host)?;
        let run = service.ports()?.into_iter().fold(run, |run, it| run.args(["--publish".to_owned(), it]));
        let run = service.restart().into_iter().fold(run, |run, it| run.args(["--restart", it]));
        Ok(run.arg(&service.image).args(service.command()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(keys: &str) -> Result<String, ComposeOnlyKey> {
        let config = format!(r#"{{"services": {{"dev": {{"image": "i:dev", {keys}}}}}}}"#);
        let service = ComposeService::parse(&config, "dev").unwrap();
        let container = ServiceContainer { service: &service, project: "p", directory: "/d".into(), hash: "7" };
        container.invocation(&HostEnvironment::default()).map(|it| it.arguments().join(" "))
    }

    #[test]
    fn it_is_found_by_composes_labels_and_has_the_services_ports_and_command() {
        let ports =
            r#""ports": ["80:8080", {"host_ip": "127.0.0.1", "published": "2201", "target": 2222, "mode": "ingress"}]"#;
        assert_eq!(
            said(&format!(r#"{ports}, "command": ["sleep", "infinity"], "restart": "always", "user": "5:6""#)).unwrap(),
            "run --detach --pull=never --name p-dev-1 --label com.docker.compose.project=p --label \
             com.docker.compose.project.working_dir=/d --label com.docker.compose.service=dev --label \
             com.docker.compose.oneoff=False --label com.docker.compose.config-hash=7 --user 5:6 --publish 80:8080 --publish \
             127.0.0.1:2201:2222 --restart always i:dev sleep infinity"
        );
        assert!(said(r#""command": "a 'b c'""#).unwrap().ends_with(" i:dev a b c"));
        assert_eq!(said(r#""ports": [{"target": {}}]"#), Err(ComposeOnlyKey("ports".to_owned())));
    }
}
