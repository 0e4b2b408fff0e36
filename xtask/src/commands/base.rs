//! `cargo xtask base`

use anyhow::Result;

use images::BaseRequest;
use inputs::{LoadedSettings, Project};
use process::Outcome;
use project::Context;

use crate::cli::BaseArgs;

/// The setting for the image that all others are built from.
const SETTING: &str = "BASE_IMAGE";

impl BaseArgs {
    /// Makes a base image, and sets BASE_IMAGE to it with `--set` or where the user agrees.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = Project::load(cx)?;
        let request = BaseRequest {
            release: &self.release,
            architecture: self.architecture,
            mirror: self.mirror.as_ref(),
            security_mirror: self.security_mirror.as_ref(),
            name: self.tag.as_deref(),
        };
        let image = images::make_base(cx, &project.network, &request)?;
        let file = cx.layout.relative(&cx.layout.env_file());
        let question = format!("set {SETTING}={image} in `{file}`?");
        // A dry run has not made the image that it would ask about.
        let may_ask = cx.ui.is_interactive() && !cx.is_dry_run();
        if self.set || (may_ask && cx.ui.confirms(question)) {
            let _lock = inputs::lock_to_change(cx)?;
            LoadedSettings::read(cx)?.change(cx, &[(SETTING, &image)], &[])?;
            if cx.host.get(SETTING).is_some() {
                cx.ui.notice(format_args!(
                    "the variable {SETTING} of your shell overrides the settings: `unset {SETTING}`"
                ));
            }
        } else {
            cx.ui.notice(format_args!("to build on it: cargo xtask env --set {SETTING}={image}"));
        }
        Ok(Outcome::Done)
    }
}
