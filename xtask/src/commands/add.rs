//! `cargo xtask add`

use anyhow::{Error, Result};

use environment::{EditedAptList, freeze};
use inputs::{InputFiles, Project};
use process::Outcome;
use project::Context;

use crate::{
    cli::{AddArgs, ChosenList},
    editing::{self, Solving},
    making,
};

impl AddArgs {
    /// Adds packages to a list, once they are known to be right and, unless they are of apt, to be had.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        // What is written depends on what is there, so nobody may change it in between.
        let (project, _lock) = Project::load_locked(cx)?;
        let specs = self.specs(cx)?;
        let chosen = match self.list.chosen() {
            Some(ChosenList::Apt(stage)) => {
                let list = InputFiles::apt_list(&cx.layout, stage)?;
                let edited = EditedAptList::with_packages(&list, &specs).map_err(Error::from)?;
                return editing::write_apt_list(&project, stage, &list, &edited);
            }
            Some(ChosenList::Packages(list)) => Some(list),
            None => None,
        };
        let edited = freeze::add(&project.environment, chosen, &specs).map_err(Error::from)?;
        let solving = if self.no_solve { Solving::Never } else { Solving::Always };
        editing::write_environment(&project, &edited, solving)
    }

    /// Those of the command line, and then those of the file.
    fn specs(&self, cx: &Context) -> Result<Vec<String>> {
        let mut specs = self.specs.clone();
        if let Some(file) = &self.from {
            let (listed, left_out) = scaffold::read_specs(&making::absolute(cx, file)?)?;
            for line in left_out {
                cx.ui.notice(line);
            }
            specs.extend(listed);
        }
        Ok(specs)
    }
}
