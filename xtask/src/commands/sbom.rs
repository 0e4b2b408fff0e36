//! `cargo xtask sbom`

use anyhow::{Context as _, Result};

use inputs::{Project, TOOL_VERSION};
use process::{FileAction, Outcome, files::NewFile};
use project::Context;

use crate::{cli::SbomArgs, supplying::read_inventory};

impl SbomArgs {
    /// Prints or writes a bill of materials.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = Project::load(cx)?;
        let inventory = read_inventory(&project, &self.of)?;
        let document = inventory.document(self.format, TOOL_VERSION)?;
        let without = inventory.materials.iter().filter(|it| it.digests().is_empty()).count();
        if let Some(file) = &self.output {
            let path = camino::absolute_utf8(file).with_context(|| format!("cannot write `{file}`"))?;
            cx.files.write(&path, &NewFile::text(document + "\n"))?;
            cx.ui.report_action(FileAction::Write, format_args!("`{file}`"));
        } else {
            cx.ui.data(document);
        }
        let count = inventory.materials.len();
        cx.ui.notice(format_args!("{count} packages, {without} of them without a digest; the document says why"));
        Ok(Outcome::Done)
    }
}
