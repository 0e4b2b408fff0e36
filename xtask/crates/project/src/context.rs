//! What every command gets: the repository, and the way to act on it.

use anyhow::Result;

use process::{HostEnvironment, Runner, Ui, files::RepositoryLock};
use report::{Findings, Format};

use crate::Layout;

/// What every command gets.
#[derive(Debug)]
pub struct Context {
    /// Where things are.
    pub layout: Layout,
    /// Starts processes.
    pub runner: Runner,
    /// Speaks to the user.
    pub ui: Ui,
    /// The variables that this program was started with.
    pub host: HostEnvironment,
}

impl Context {
    /// Shows findings to the user, on stderr; nothing where there are none.
    pub fn report(&self, findings: &Findings) {
        if !findings.is_empty() {
            self.ui.report(Format::Pretty { colour: self.ui.shows_colours_on_stderr() }.render(findings));
        }
    }

    /// Keeps other invocations of this tool from changing the repository meanwhile.
    pub fn lock(&self) -> Result<RepositoryLock> {
        RepositoryLock::acquire(&self.layout.lock(), self.ui)
    }
}
