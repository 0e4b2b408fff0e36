//! `cargo xtask remove`

use anyhow::{Error, Result};

use environment::{EditedAptList, freeze};
use inputs::{InputFiles, Project};
use process::Outcome;
use project::Context;

use crate::{
    cli::{ChosenList, RemoveArgs},
    editing::{self, Solving},
};

impl RemoveArgs {
    /// Removes packages from a list, and from the lock where there is one.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        // What is written depends on what is there, so nobody may change it in between.
        let (project, _lock) = Project::load_locked(cx)?;
        let chosen = match self.list.chosen() {
            Some(ChosenList::Apt(stage)) => {
                let list = InputFiles::apt_list(&cx.layout, stage)?;
                let edited = EditedAptList::without_packages(&list, &self.names).map_err(Error::from)?;
                return editing::write_apt_list(&project, stage, &list, &edited);
            }
            Some(ChosenList::Packages(list)) => Some(list),
            None => None,
        };
        let edited = freeze::remove(&project.environment, chosen, &self.names).map_err(Error::from)?;
        // With fewer packages there are versions where there were some before.
        let solving = if self.no_solve { Solving::Never } else { Solving::ForLock };
        editing::write_environment(&project, &edited, solving)
    }
}
