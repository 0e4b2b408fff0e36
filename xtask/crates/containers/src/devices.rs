//! GPUs of this machine, and whether containers can use them.

use std::os::unix::fs::MetadataExt as _;

use anyhow::{Result, bail};
use camino::Utf8Path;

use docker::{DaemonInfo, GpuAccess};
use process::{Invocation, sort};
use project::Context;

/// The device through which programs compute on AMD's GPUs.
const KFD: &str = "/dev/kfd";

/// Groups that own nothing. compose.rocm.yaml names two groups, which must differ, and neither may be group 0.
const UNUSED_GROUPS: [u32; 2] = [65_533, 65_532];

/// The ids of the groups that may use AMD's devices on this machine. Numbers, because a name may have another one in an image.
pub fn amd_groups() -> [u32; 2] {
    let renderers = Utf8Path::new("/dev/dri").read_dir_utf8().into_iter().flatten().flatten();
    let devices = renderers.map(camino::Utf8DirEntry::into_path).chain([KFD.into()]);
    first_two(devices.filter_map(|it| it.metadata().ok()).map(|it| it.gid()).collect())
}

fn first_two(mut groups: Vec<u32>) -> [u32; 2] {
    sort(&mut groups);
    groups.dedup();
    let mut groups = groups.into_iter().filter(|it| *it != 0);
    UNUSED_GROUPS.map(|unused| groups.next().unwrap_or(unused))
}

/// Fails where this machine has no AMD GPU.
pub fn require_amd() -> Result<()> {
    if !Utf8Path::new(KFD).exists() {
        bail!("this machine has no AMD GPU (`{KFD}`), but CPU_OR_GPU=rocm (fix: cargo xtask env --set CPU_OR_GPU=cpu)");
    }
    Ok(())
}

/// Fails where containers cannot use NVIDIA's GPUs. `docker info` is only a hint, because the daemon need not know its own
/// hooks: where it names no GPU, a trial container decides.
pub fn require_nvidia(cx: &Context, image: &str) -> Result<()> {
    let info = cx.runner.read(&DaemonInfo::query()).ok().and_then(|it| DaemonInfo::parse(&it));
    if info.as_ref().is_none_or(|it| GpuAccess::from_info(it).is_likely()) {
        return Ok(());
    }
    let trial =
        Invocation::new("docker").args(["run", "--rm", "--pull=never", "--gpus", "all", "--entrypoint", "true", image]);
    if cx.runner.read(&trial)?.exit.success() {
        return Ok(());
    }
    bail!("{} (fix: {})", GpuAccess::NONE, GpuAccess::FIX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_groups_are_named_however_many_there_are() {
        assert_eq!(first_two(vec![105, 44, 0, 44]), [44, 105]);
        assert_eq!(first_two(vec![44]), [44, 65_532]);
        assert_eq!(first_two(Vec::new()), UNUSED_GROUPS);
    }
}
