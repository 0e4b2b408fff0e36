//! `cargo xtask down`

use anyhow::{Result, bail};

use containers::ComposeOverlay;
use docker::ContainerState;
use inputs::{Engine, Project};
use process::{IntoSet as _, Outcome};
use project::Context;

use crate::cli::DownArgs;

impl DownArgs {
    /// Removes the containers of the compose files. Jobs that were left in the background go on.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = Project::load(cx)?;
        if Engine::choose(cx, &project.settings)? == Engine::Native {
            return self.remove_prefix(cx);
        }
        let dev = containers::find_dev(&project)?;
        let overlays = dev.map(|it| ComposeOverlay::parse_label(&it.overlays)).unwrap_or_default();
        containers::forget(cx);
        containers::remove_services(&project, &overlays, self.volumes)?;
        let jobs = containers::list(&project)?
            .into_iter()
            .filter(|it| it.service.is_none() && it.state != ContainerState::Stopped)
            .map(|it| it.job.unwrap_or(it.name))
            .into_set();
        if !jobs.is_empty() {
            let jobs = jobs.into_iter().collect::<Vec<_>>().join(" ");
            cx.ui
                .notice(format_args!("jobs of this project are still running; to end them: `cargo xtask stop {jobs}`"));
        }
        Ok(Outcome::Done)
    }

    fn remove_prefix(&self, cx: &Context) -> Result<Outcome> {
        let prefix = cx.layout.prefix();
        let name = cx.layout.relative(&prefix);
        if !prefixes::exists(cx) {
            cx.ui.notice(format_args!("`{name}` does not exist; nothing was removed"));
            return Ok(Outcome::Done);
        }
        // A dry run does not ask, so it does not know the answer.
        if cx.is_dry_run() {
            cx.ui.notice(format_args!("would remove `{name}`, after asking"));
            return Ok(Outcome::Done);
        }
        if !self.yes && !cx.ui.is_interactive() {
            bail!("`{name}` is removed only when you say so: `cargo xtask down --yes`");
        }
        if !self.yes && !cx.ui.confirms(format_args!("remove the environment in `{name}`?")) {
            cx.ui.notice("nothing was removed");
            return Ok(Outcome::Failed);
        }
        let _lock = cx.lock()?;
        prefixes::remove(cx)?;
        cx.ui.notice(format_args!("removed `{name}`"));
        Ok(Outcome::Done)
    }
}
