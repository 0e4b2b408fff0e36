//! `cargo xtask unbundle`

use anyhow::Result;

use inputs::Project;
use process::Outcome;
use project::Context;

use crate::cli::UnbundleArgs;

impl UnbundleArgs {
    /// Verifies a bundle while it is read, and puts what is in it where `--offline` finds it.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = Project::load(cx)?;
        let file = cx.host.directory().map_or_else(|| self.file.clone(), |it| it.join(&self.file));
        let manifest = bundle::unpack(&project, &file)?;
        for line in &manifest.not_carried {
            cx.ui.notice(format_args!("not carried: {line}"));
        }
        let verb = if cx.is_dry_run() { "verified" } else { "unpacked" };
        cx.ui.notice(format_args!("{verb} `{}`: add --offline to commands to use it", self.file));
        Ok(Outcome::Done)
    }
}
