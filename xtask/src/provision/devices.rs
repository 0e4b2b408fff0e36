//! Devices of this machine.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt as _;

use camino::Utf8Path;

/// The numeric groups that may use AMD's devices here. Their names mean other numbers in an image.
pub fn amd_groups() -> Vec<u32> {
    let renderers = Utf8Path::new("/dev/dri").read_dir_utf8().into_iter().flatten().flatten();
    let devices = renderers.map(camino::Utf8DirEntry::into_path).chain(["/dev/kfd".into()]);
    let groups: BTreeSet<u32> = devices.filter_map(|it| it.metadata().ok()).map(|it| it.gid()).collect();
    groups.into_iter().filter(|it| *it != 0).collect()
}
