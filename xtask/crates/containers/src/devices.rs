//! Devices of this machine, and whether containers can have them.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt as _;

use anyhow::{Result, bail};
use camino::Utf8Path;

use docker::{DaemonInfo, GpuAccess};
use process::Invocation;
use project::Context;

use super::ComposeOverlay;

/// AMD's device of computing.
const KFD: &str = "/dev/kfd";

/// A group that owns nothing, for compose files that name two: they must differ, and neither may be the group 0.
const NOBODYS: [u32; 2] = [65_533, 65_532];

/// The numeric groups that may use AMD's devices here. Their names mean other numbers in an image.
pub fn amd_groups() -> [u32; 2] {
    let renderers = Utf8Path::new("/dev/dri").read_dir_utf8().into_iter().flatten().flatten();
    let devices = renderers.map(camino::Utf8DirEntry::into_path).chain([KFD.into()]);
    let groups: BTreeSet<u32> = devices.filter_map(|it| it.metadata().ok()).map(|it| it.gid()).collect();
    two(&groups)
}

fn two(groups: &BTreeSet<u32>) -> [u32; 2] {
    let mut groups = groups.iter().copied().filter(|it| *it != 0);
    NOBODYS.map(|nobodys| groups.next().unwrap_or(nobodys))
}

/// Fails with the words of `doctor` where containers cannot have the devices that are wanted.
pub fn require(cx: &Context, extras: &BTreeSet<ComposeOverlay>, image: &str) -> Result<()> {
    if cx.is_dry_run() {
        return Ok(());
    }
    if extras.contains(&ComposeOverlay::Rocm) && !Utf8Path::new(KFD).exists() {
        bail!(
            "there is no AMD GPU here (`{KFD}`), but CPU_OR_GPU asks for one (fix: cargo xtask env --set CPU_OR_GPU=cpu)"
        );
    }
    if extras.contains(&ComposeOverlay::Gpu) {
        require_nvidia(cx, image)?;
    }
    Ok(())
}

/// What the daemon says of itself is a hint only, because it need not know its own hooks; where that is against it, a
/// container that does nothing decides.
fn require_nvidia(cx: &Context, image: &str) -> Result<()> {
    let info = cx.runner.read(&DaemonInfo::query()).ok().and_then(|it| DaemonInfo::parse(&it));
    if info.as_ref().is_none_or(|it| GpuAccess::from_info(it).is_likely()) {
        return Ok(());
    }
    let trial =
        Invocation::new("docker").args(["run", "--rm", "--pull=never", "--gpus", "all", "--entrypoint", "true", image]);
    let reading = cx.runner.read(&trial)?;
    if reading.exit.success() {
        return Ok(());
    }
    bail!("{} (fix: {})", GpuAccess::NONE, GpuAccess::FIX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_groups_are_named_however_many_there_are() {
        assert_eq!(two(&BTreeSet::from([0, 44, 105])), [44, 105]);
        assert_eq!(two(&BTreeSet::from([44])), [44, 65_532]);
        assert_eq!(two(&BTreeSet::new()), NOBODYS);
    }
}
