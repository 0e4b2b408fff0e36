//! `cargo xtask size`

use anyhow::{Result, bail, ensure};

use docker::Capability;
use inputs::{Engine, Project, require_capability};
use process::Outcome;
use project::Context;

use crate::cli::SizeArgs;

impl SizeArgs {
    /// Prints the size of images, and fails above `--max`.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = Project::load(cx)?;
        if Engine::choose(cx, &project.settings)? == Engine::Native {
            bail!("`size` needs Docker: the native engine has no image; `cargo xtask doctor` shows what is missing");
        }
        require_capability(&project.settings, Capability::Sizes)?;
        let mut too_large = Vec::new();
        for target in self.targets.each() {
            let image = target.image(&project.settings.image);
            let exists = images::exists(&project, &image);
            ensure!(exists, "`{image}` has not been built yet: `cargo xtask build {}`", target.name());
            let report = if self.files {
                cx.ui.notice(format_args!("reading `{image}`"));
                images::measure_files(cx, &image)?
            } else {
                images::measure(cx, &image)?
            };
            for line in report.lines(&image) {
                cx.ui.data(line);
            }
            if self.max.is_some_and(|max| report.size() > max) {
                too_large.push(format!("`{image}` has {}", report.size()));
            }
        }
        match self.max {
            Some(max) if !too_large.is_empty() => bail!("{}, more than the {max} of --max", too_large.join(" and ")),
            _ => Ok(Outcome::Done),
        }
    }
}
