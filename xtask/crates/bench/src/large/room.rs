//! The room that a large benchmark takes on the disk of the images.

use anyhow::{Result, bail};

use images::size::Bytes;
use project::{Context, DiskSpace};

/// How often the environment is there at most: in the caches of the three sides, in the stages and images of both controls before
/// five edits and after each, or in those of all sides and a registry.
const COPIES: u64 = 16;

/// Base image, system packages and what a build writes for a while, in bytes.
const REST: u64 = 3_000_000_000;

/// What is taken at most, for an environment of this size.
pub fn needed(environment: Bytes) -> Bytes {
    Bytes(COPIES * environment.0 + REST)
}

/// Says what room is needed, and fails where there is less.
pub fn require(cx: &Context, environment: Bytes) -> Result<()> {
    let needed = needed(environment);
    let Some(disk) = of_images(cx)? else {
        let unknown = "what the daemon's disk has is not known here";
        cx.ui.notice(format_args!("an environment of {environment} takes up to {needed} meanwhile; {unknown}"));
        return Ok(());
    };
    let (free, mount) = (Bytes(disk.free_bytes()), &disk.mount);
    if free < needed {
        bail!(
            "an environment of {environment} takes up to {needed} meanwhile, and `{mount}` has {free}; a smaller `--size` takes \
             less, and `cargo xtask prune` makes room"
        );
    }
    cx.ui.notice(format_args!("an environment of {environment} takes up to {needed} meanwhile; `{mount}` has {free}"));
    Ok(())
}

/// The disk that Docker keeps images on; `None` where that is not this machine's.
pub fn of_images(cx: &Context) -> Result<Option<DiskSpace>> {
    let Some(directory) = inputs::docker_directory(cx) else { return Ok(None) };
    let answer = cx.runner.read(&DiskSpace::query([directory.as_path()]))?;
    Ok(DiskSpace::parse(&answer.stdout).pop())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_trial_needs_less_than_ten_gigabytes_and_all_of_torch_a_large_disk() {
        assert_eq!(needed(Bytes(405_000_000)).to_string(), "9.5 GB");
        assert_eq!(needed(Bytes(5_457_000_000)).to_string(), "90.3 GB");
    }
}
