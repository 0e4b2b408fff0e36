//! Whether conda's solver has memory enough.

use anyhow::{Result, ensure};

use process::Exit;
use project::FreeMemory;

/// What the solver may take. 3,847 packages out of an index as large as conda-forge's took 0.57 GB (docs/measuring.md).
const NEEDED: FreeMemory = FreeMemory(1_000_000_000);

/// The way out for a machine that has no such memory.
const HELP: &str = "a machine with more can write the lock: `cargo xtask lock --platform …`, then commit it";

/// SIGKILL, by which the kernel ends what takes memory that is not there.
const KILL: Exit = Exit::Signal(9);

/// Says before it starts that the solver may not come to its end.
pub(crate) fn warning(free: FreeMemory) -> Option<String> {
    let megabytes = free.0 / 1_000_000;
    (free < NEEDED).then(|| {
        format!("warning: {megabytes} MB of memory are left here, and conda's solver may take up to 1 GB; {HELP}")
    })
}

pub(crate) fn require_not_killed(exit: Exit) -> Result<()> {
    ensure!(exit != KILL, "conda's solver was killed, most likely because memory ran out; {HELP}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_memory_is_told_before_it_runs_out_and_after() {
        assert_eq!(warning(FreeMemory(1_000_000_000)), None);
        assert!(
            warning(FreeMemory(600_000_000)).is_some_and(|it| it.starts_with("warning: 600 MB of memory are left"))
        );
        assert!(require_not_killed(Exit::Code(1)).is_ok() && require_not_killed(Exit::Signal(15)).is_ok());
        assert!(require_not_killed(Exit::Signal(9)).unwrap_err().to_string().contains("memory ran out"));
    }
}
