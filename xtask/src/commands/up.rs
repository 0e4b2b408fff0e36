//! `cargo xtask up`

use anyhow::Result;
use camino::Utf8Path;

use containers::{ComposeOverlay, JupyterServer, KeySources, SshServer, UpOptions};
use docker::Capability;
use inputs::{Project, require_capability};
use process::Outcome;
use project::Context;

use crate::cli::UpArgs;

impl UpArgs {
    /// Makes sure that the dev container runs, and prints how to connect to its servers.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = Project::load(cx)?;
        containers::require_docker(&project, "up")?;
        if self.wait {
            require_capability(&project.settings, Capability::HealthChecks)?;
        }
        let directory = cx.layout.dev_files();
        let (ssh_directory, jupyter_directory) =
            (directory.join(ComposeOverlay::Ssh.name()), directory.join(ComposeOverlay::Jupyter.name()));
        let ssh = SshServer { directory: &ssh_directory, port: project.settings.ssh_port };
        let jupyter = JupyterServer { directory: &jupyter_directory, port: project.settings.jupyter_port };
        if self.ssh {
            let home = Utf8Path::new(cx.host.get("HOME").unwrap_or("/"));
            ssh.prepare(&cx.files, KeySources { chosen: project.settings.ssh_authorized_keys.as_deref(), home })?;
            containers::give_to_container_user(cx, &ssh_directory, &project.settings);
        }
        if self.jupyter {
            jupyter.prepare(&cx.files)?;
            containers::give_to_container_user(cx, &jupyter_directory, &project.settings);
        }
        if containers::up(&project, &self.options(&project))?.is_none() {
            return Ok(Outcome::Done);
        }
        cx.ui.notice("the dev container is ready: `cargo xtask shell`, `cargo xtask exec -- COMMAND`");
        if self.ssh {
            let connection = ssh.connection(&cx.files)?;
            if self.ssh_config {
                cx.ui.notice(format_args!("connect with `{}`", connection.invocation()));
                cx.ui.data(connection.config_block(&project.settings.compose_project));
            } else {
                cx.ui.data(connection.invocation());
            }
        }
        if self.jupyter {
            cx.ui.draw_data(jupyter.url()?);
        }
        Ok(Outcome::Done)
    }

    fn options(&self, project: &Project) -> UpOptions {
        let mut options = UpOptions {
            build: self.build,
            recreate: self.recreate,
            wait_until_healthy: self.wait,
            ..UpOptions::from_settings(project)
        };
        let flags = [
            (self.accelerator.gpu, ComposeOverlay::Gpu),
            (self.ssh, ComposeOverlay::Ssh),
            (self.jupyter, ComposeOverlay::Jupyter),
        ];
        options.overlays.extend(flags.into_iter().filter(|(is_set, _)| *is_set).map(|(_, overlay)| overlay));
        options
    }
}
