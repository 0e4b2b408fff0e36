//! `cargo xtask up`

use anyhow::Result;
use camino::Utf8Path;

use containers::{ComposeOverlay, Jupyter, KeySources, Ssh, UpOptions};
use inputs::Project;
use process::Outcome;
use project::Context;

use crate::cli::UpArgs;

impl UpArgs {
    /// Makes sure that the dev container runs.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = Project::load(cx)?;
        containers::require_docker(&project, "up")?;
        let mut extras = ComposeOverlay::of(project.settings.accelerator);
        extras.extend(
            [
                (self.accelerator.gpu, ComposeOverlay::Gpu),
                (self.ssh, ComposeOverlay::Ssh),
                (self.jupyter, ComposeOverlay::Jupyter),
            ]
            .into_iter()
            .filter(|it| it.0)
            .map(|it| it.1),
        );
        let folder = cx.layout.dev_files();
        let (ssh_folder, jupyter_folder) =
            (folder.join(ComposeOverlay::Ssh.word()), folder.join(ComposeOverlay::Jupyter.word()));
        let ssh = Ssh { directory: &ssh_folder, port: project.settings.ssh_port };
        let jupyter = Jupyter { directory: &jupyter_folder, port: project.settings.jupyter_port };
        if self.ssh && !cx.is_dry_run() {
            let home = Utf8Path::new(cx.host.get("HOME").unwrap_or("/"));
            ssh.prepare(cx.files, KeySources { chosen: project.settings.ssh_authorized_keys.as_deref(), home })?;
            containers::give_all(cx, &ssh_folder, &project.settings);
        }
        if self.jupyter && !cx.is_dry_run() {
            jupyter.prepare(cx.files)?;
            containers::give_all(cx, &jupyter_folder, &project.settings);
        }
        let wish = UpOptions { extras, build: self.build, until_healthy: self.wait };
        if containers::up(&project, &wish)?.is_none() {
            return Ok(Outcome::Done);
        }
        cx.ui.notice("the dev container is ready: `cargo xtask shell`, `cargo xtask exec -- COMMAND`");
        if self.ssh {
            let connection = ssh.connection(cx.files)?;
            if self.ssh_config {
                cx.ui.notice(format_args!("connect with `{}`", connection.invocation()));
                cx.ui.data(connection.config_block(&project.settings.compose_project));
            } else {
                cx.ui.data(connection.invocation());
            }
        }
        if self.jupyter {
            cx.ui.data(jupyter.url()?);
        }
        Ok(Outcome::Done)
    }
}
