//! What some trials need that not every machine and engine has.

use std::path::Path;

use super::docker::{answer, has_containerd_store};
use super::process::host_variable;
use super::process::user_id;

/// The platforms that trials build for: this machine's own, and one that it emulates.
pub const BOTH: [&str; 2] = ["linux/amd64", "linux/arm64"];

/// Where a kernel that can use emulators is told of them.
///
/// <https://docs.kernel.org/admin-guide/binfmt-misc.html>
const REGISTER: &str = "/proc/sys/fs/binfmt_misc/register";

/// Something that a machine or an engine may be without. A trial whose need is not met is counted as ignored, and says why.
#[derive(Debug, Clone, Copy)]
pub enum Need {
    /// Programs for each of [`BOTH`] run.
    BothPlatforms,
    /// The engine builds for linux/386, which a PC's processor runs itself and not every engine admits.
    SecondName,
    /// The engine keeps images with containerd, which holds one image for several platforms.
    ContainerdStore,
    /// A cluster that jobs can be submitted to from here, as `.ci/slurm` starts one.
    Slurm,
    /// The engine keeps images by itself, each for one platform.
    ClassicStore,
    /// The tests run as root, and there is the account that starts a daemon of its own.
    RootlessAccount,
}

impl Need {
    /// Why it is not met, if so. A machine that could have what is needed, if somebody set it up, is a failure.
    pub fn lack(self) -> Result<Option<&'static str>, String> {
        match self {
            Self::BothPlatforms => both_platforms(),
            Self::SecondName => Ok(missing(&["linux/386"]).map(|_| "the engine does not build for linux/386")),
            Self::Slurm => Ok(host_variable("SLURM_CONF")
                .is_none()
                .then_some("no Slurm is known here: export SLURM_CONF=$(.ci/slurm up)")),
            Self::ContainerdStore => Ok((!has_containerd_store()).then_some("the engine has the classic image store")),
            Self::RootlessAccount => Ok(rootless_account().is_none().then_some("`.ci/rootless` has not been run")),
            Self::ClassicStore => Ok(has_containerd_store().then_some("the engine has the containerd image store")),
        }
    }
}

/// The platforms that the engine does not build for, if there are any.
fn missing(platforms: &[&str]) -> Option<String> {
    let missing = || {
        let listed = answer(["buildx", "inspect", "default"]);
        let missing: Vec<&str> = platforms.iter().copied().filter(|it| !listed.contains(it)).collect();
        (!missing.is_empty()).then(|| missing.join(" and "))
    };
    // BuildKit tries the emulators when it is asked, and an engine that had just started has once missed one that was there.
    missing().and_then(|_| missing())
}

/// User and group of the account that `.ci/rootless` makes, which only root can become.
pub fn rootless_account() -> Option<(u32, u32)> {
    let accounts = std::fs::read_to_string("/etc/passwd").ok().filter(|_| user_id("-u") == 0)?;
    let mut fields = accounts.lines().find(|it| it.starts_with("xtask-rootless:"))?.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

fn both_platforms() -> Result<Option<&'static str>, String> {
    let Some(missing) = missing(&BOTH) else { return Ok(None) };
    if Path::new(REGISTER).exists() {
        return Err(format!(
            "the engine cannot run programs for {missing}, though this kernel takes emulators: install qemu-user-static, or \
             on a machine without systemd run .ci/emulator"
        ));
    }
    Ok(Some("this machine has no binfmt_misc, so it emulates no processor"))
}
