//! Emulators of other processors, as the kernel has them.

/// Whether the kernel uses an emulator, according to its entry in `/proc/sys/fs/binfmt_misc/`.
///
/// <https://docs.kernel.org/admin-guide/binfmt-misc.html>
pub fn is_enabled(entry: &str) -> bool {
    entry.lines().any(|it| it == "enabled")
}

/// Whether an emulator works in containers, which do not have its file: with the flag F the kernel has opened it already.
pub fn works_in_containers(entry: &str) -> bool {
    entry.lines().any(|it| it.starts_with("flags:") && it.contains('F'))
}
