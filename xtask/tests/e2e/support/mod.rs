//! What the trials share.

mod build_log;
mod dev_container;
pub mod docker;
mod layers;
mod need;
pub mod process;
mod proxy;
mod pseudo_terminal;
mod registry;
mod repository;
mod running;
mod web;

use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

pub use build_log::BuildLog;
pub use dev_container::DevContainer;
pub use layers::{BuiltLayers, found_in_layers, layer_digests};
pub use need::{BOTH, Need, rootless_account};
pub use process::{BUILD_LIMIT, bounded, command, host_variable, user_id, wait_for, wait_within};
pub use proxy::Proxy;
pub use pseudo_terminal::PseudoTerminal;
pub use registry::Registry;
pub use repository::{Repository, base_image, run_id};
pub use running::{Running, end_when};
pub use web::Web;

/// The trials of one subject: their names, which are promises, and what keeps them.
pub type Subject = Vec<(&'static str, fn(&Suite))>;

/// A [`Subject`] of functions.
macro_rules! trials {
    ($($name:ident),* $(,)?) => { vec![$((stringify!($name), $name as fn(&$crate::support::Suite))),*] };
}
pub(crate) use trials;

/// What is set up once, for all trials, and removed after them.
#[derive(Debug)]
pub struct Suite {
    /// A copy of the working tree, its images built by the first trial that looks at it. No trial changes what is in it.
    pub repository: LazyLock<Repository>,
    builds: Mutex<()>,
}

impl Suite {
    /// For trials on the engine that answers, or why there are none.
    pub fn set_up() -> Result<Self, String> {
        docker::require_daemon()?;
        Ok(Self { repository: LazyLock::new(built), builds: Mutex::new(()) })
    }

    /// A copy of its own for a trial that builds; there is one at a time, because two would only slow each other down.
    pub fn building(&self, label: &str) -> (Repository, MutexGuard<'_, ()>) {
        let turn = self.builds.lock().unwrap_or_else(PoisonError::into_inner);
        (Repository::copy(label), turn)
    }
}

fn built() -> Repository {
    let repository = Repository::copy("shared");
    repository.xtask(["build", "all"]).assert().success();
    repository
}

/// Tells the person at the terminal.
#[expect(clippy::print_stderr, reason = "a test program's output is for people")]
pub fn say(message: &str) {
    eprintln!("{message}");
}
