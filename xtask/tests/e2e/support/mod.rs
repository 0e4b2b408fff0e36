//! What the trials share.

mod build_log;
mod dev_container;
pub mod docker;
mod need;
mod process;
mod proxy;
mod pseudo_terminal;
mod registry;
mod repository;
mod running;
mod web;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub use build_log::BuildLog;
pub use dev_container::DevContainer;
pub use need::{BOTH, Need};
pub use process::{bounded, command, host_variable, user_id, wait_for};
pub use proxy::Proxy;
pub use pseudo_terminal::PseudoTerminal;
pub use registry::Registry;
pub use repository::{Repository, base_image, run_id};
pub use running::Running;
pub use web::Web;

/// The trials of one subject: their names, which are promises, and what keeps them.
pub type Subject = Vec<(&'static str, fn(&Suite))>;

/// A [`Subject`] of functions.
macro_rules! trials {
    ($($name:ident),* $(,)?) => { vec![$((stringify!($name), $name as fn(&$crate::support::Suite))),*] };
}
pub(crate) use trials;

/// What is set up once, before the trials, and removed after them.
#[derive(Debug)]
pub struct Suite {
    /// A copy of the working tree, its images built. No trial changes what is in it.
    pub repository: Repository,
    builds: Mutex<()>,
}

impl Suite {
    /// Copies the working tree and builds all images, or says why it cannot.
    pub fn set_up() -> Result<Self, String> {
        docker::require_daemon()?;
        let repository = Repository::copy("shared");
        let built = repository.xtask(["build", "all"]).output().expect("the program starts");
        if !built.status.success() {
            return Err(format!("`cargo xtask build all` failed:\n{}", String::from_utf8_lossy(&built.stderr)));
        }
        Ok(Self { repository, builds: Mutex::new(()) })
    }

    /// A copy of its own for a trial that builds; there is one at a time, because two would only slow each other down.
    pub fn building(&self, label: &str) -> (Repository, MutexGuard<'_, ()>) {
        let turn = self.builds.lock().unwrap_or_else(PoisonError::into_inner);
        (Repository::copy(label), turn)
    }
}

/// Tells the person at the terminal.
#[expect(clippy::print_stderr, reason = "a test program's output is for people")]
pub fn say(message: &str) {
    eprintln!("{message}");
}
