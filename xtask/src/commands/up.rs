//! `cargo xtask up`

use anyhow::Result;
use camino::Utf8Path;

use containers::{ComposeOverlay, Jupyter, KeySources, Ssh, UpOptions};
use inputs::Inputs;
use process::Outcome;
use project::Context;

use crate::cli::UpArgs;

impl UpArgs {
    /// Makes sure that the dev container runs.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let inputs = Inputs::load(cx)?;
        containers::require_docker(cx, &inputs, "up")?;
        let mut extras = ComposeOverlay::of(inputs.settings.accelerator);
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
        let (folder, is_dry_run) = (cx.layout.dev_files(), cx.runner.is_dry_run());
        let (ssh_folder, jupyter_folder) =
            (folder.join(ComposeOverlay::Ssh.word()), folder.join(ComposeOverlay::Jupyter.word()));
        let ssh = Ssh { directory: &ssh_folder, port: inputs.settings.ssh_port };
        let jupyter = Jupyter { directory: &jupyter_folder, port: inputs.settings.jupyter_port };
        if self.ssh && !is_dry_run {
            let home = Utf8Path::new(cx.host.get("HOME").unwrap_or("/"));
            ssh.prepare(KeySources { chosen: inputs.settings.ssh_authorized_keys.as_deref(), home })?;
            containers::give_all(&ssh_folder, &inputs.settings);
        }
        if self.jupyter && !is_dry_run {
            jupyter.prepare()?;
            containers::give_all(&jupyter_folder, &inputs.settings);
        }
        let wish = UpOptions { extras, build: self.build, until_healthy: self.wait };
        if containers::up(cx, &inputs, &wish)?.is_none() {
            return Ok(Outcome::Done);
        }
        cx.ui.notice("the dev container is ready: `cargo xtask shell`, `cargo xtask exec -- COMMAND`");
        if self.ssh {
            let connection = ssh.connection()?;
            if self.ssh_config {
                cx.ui.notice(format_args!("connect with `{}`", connection.invocation()));
                cx.ui.data(connection.config_block(&inputs.settings.compose_project));
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
