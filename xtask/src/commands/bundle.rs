//! `cargo xtask bundle`

use anyhow::Result;

use bundle::{BundleRequest, pack};
use environment::Platform;
use images::size::Bytes;
use inputs::Project;
use process::Outcome;
use project::Context;

use crate::cli::BundleArgs;

impl BundleArgs {
    /// Writes what a machine without a network needs to one file, and says what it lacks.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = Project::load(cx)?;
        let own = [Platform::of_containers()];
        let platforms = if self.platforms.is_empty() { &own[..] } else { &self.platforms };
        let output = cx.host.directory().map_or_else(|| self.output.clone(), |it| it.join(&self.output));
        let targets = if self.no_image { &[][..] } else { self.target.each() };
        let _lock = cx.lock()?;
        let manifest = pack(&project, &BundleRequest { platforms, targets, output: &output })?;
        for line in &manifest.not_carried {
            cx.ui.notice(format_args!("not carried: {line}"));
        }
        if !cx.is_dry_run() {
            let size = Bytes(manifest.files.values().map(|it| it.size).sum());
            let (files, images) = (manifest.files.len(), manifest.images.len());
            cx.ui
                .notice(format_args!("`{}` has {files} files, {images} images among them, {size} in all", self.output));
        }
        Ok(Outcome::Done)
    }
}
