//! The OCI bundle of a job: which root file system a runtime starts it in, and what of the node it sees there.
//!
//! Format: <https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config.md>.

use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::{Value, json};

use super::{Bind, binds};
use crate::{ImageSource, Memory, SlurmContainers, SlurmSite, Submission};

/// `/dev/shm` where the job does not say: what Docker has.
const SHM: Memory = Memory(64 << 20);

/// Slurm 22.05 looks for the root file system in this folder of the bundle, whatever the configuration says. It is empty, and the
/// image is mounted over it, so that all jobs share one copy.
const ROOT: &str = "rootfs";

/// What makes the folder be there.
pub(super) const ROOT_MARKER: &str = "bundle/rootfs/.empty";

/// Where an image is unpacked below the site's image cache.
pub fn unpacked_image(cache: &Utf8Path, digest: &str) -> Utf8PathBuf {
    cache.join(digest.replace(':', "-"))
}

/// `config.json`; none where the site does not use bundles. Slurm puts the command and the job's variables into it.
pub(super) fn render(submission: &Submission, site: &SlurmSite) -> Result<Option<Vec<u8>>> {
    if site.containers != SlurmContainers::Oci {
        return Ok(None);
    }
    let Some(ImageSource::Path { path: root, .. }) = &submission.image else {
        bail!("Slurm starts bundles, and no images of a registry: give the site an `image_cache`");
    };
    let variables: Vec<String> =
        submission.image_variables.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let shm = submission.job.resources.shm.unwrap_or(SHM);
    let image = bind_mount(&Bind { source: root.clone(), target: "/".into(), is_read_only: false });
    let mut mounts = vec![image];
    mounts.extend(system_mounts(shm));
    mounts.extend(binds(submission)?.iter().map(bind_mount));
    let namespaces = ["pid", "ipc", "uts", "mount", "user"].map(|it| json!({ "type": it }));
    let identity = |container: u32, host: u32| json!([{ "containerID": container, "hostID": host, "size": 1 }]);
    let config = json!({
        "ociVersion": "1.0.2",
        "process": {
            "terminal": false,
            // The submitter, outside.
            "user": { "uid": 0, "gid": 0 },
            "args": ["/bin/true"],
            "env": variables,
            "cwd": submission.paths.project.as_str(),
            "noNewPrivileges": true,
        },
        "root": { "path": ROOT, "readonly": true },
        "hostname": submission.id.0,
        "mounts": mounts,
        "linux": {
            "uidMappings": identity(0, submission.ids.uid),
            "gidMappings": identity(0, submission.ids.gid),
            "namespaces": namespaces,
            "maskedPaths": ["/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware"],
            "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
        },
    });
    Ok(Some(serde_json::to_vec_pretty(&config)?))
}

/// What programs expect of any system.
fn system_mounts(Memory(shm): Memory) -> Vec<Value> {
    let mount = |target: &str, kind: &str, options: &[&str]| json!({ "destination": target, "type": kind, "source": kind, "options": options });
    let size = format!("size={shm}");
    vec![
        mount("/proc", "proc", &[]),
        mount("/dev", "tmpfs", &["nosuid", "strictatime", "mode=755", "size=65536k"]),
        mount("/dev/pts", "devpts", &["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]),
        mount("/dev/shm", "tmpfs", &["nosuid", "noexec", "nodev", "mode=1777", &size]),
        mount("/dev/mqueue", "mqueue", &["nosuid", "noexec", "nodev"]),
        json!({
            "destination": "/sys", "type": "none", "source": "/sys", "options": ["rbind", "nosuid", "noexec", "nodev", "ro"],
        }),
        mount("/tmp", "tmpfs", &["nosuid", "nodev", "mode=1777"]),
        mount("/run", "tmpfs", &["nosuid", "nodev", "mode=755"]),
        json!({
            "destination": "/etc/resolv.conf", "type": "none", "source": "/etc/resolv.conf", "options": ["bind", "ro"],
        }),
    ]
}

fn bind_mount(Bind { source, target, is_read_only }: &Bind) -> Value {
    let access = if *is_read_only { "ro" } else { "rw" };
    json!({ "destination": target.as_str(), "type": "none", "source": source.as_str(), "options": ["rbind", "rprivate", access] })
}
