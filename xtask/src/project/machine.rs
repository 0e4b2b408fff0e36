//! What the machine knows of the person who runs this.

use anyhow::{Context as _, Result};
use xshell::{Shell, cmd};

use crate::process::Runner;

/// The facts that default settings are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// Numeric user id.
    pub uid: u32,
    /// Numeric id of the primary group.
    pub gid: u32,
    /// User name, or the number where it has none.
    pub user: String,
    /// Name of the primary group, or the number where it has none.
    pub group: String,
}

impl Machine {
    /// Asks POSIX `id`.
    pub fn read(runner: &Runner) -> Result<Self> {
        let shell = Shell::new()?;
        let number = |text: String| text.parse().with_context(|| format!("`id` answered `{text}`, not a number"));
        let uid = number(runner.read_line(&cmd!(shell, "id -u").into())?)?;
        let gid = number(runner.read_line(&cmd!(shell, "id -g").into())?)?;
        // An id without a name makes `id -un` fail after printing the number, as in a container or on a cluster node.
        let name = |id: u32, answer: String| if answer.is_empty() { id.to_string() } else { answer };
        let user = runner.read(&cmd!(shell, "id -un").into())?.stdout.trim().to_owned();
        let group = runner.read(&cmd!(shell, "id -gn").into())?.stdout.trim().to_owned();
        Ok(Self { uid, gid, user: name(uid, user), group: name(gid, group) })
    }
}
