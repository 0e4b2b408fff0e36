//! Emulators of other processors, as the kernel has them.

/// Whether the kernel uses an emulator, by the text of its entry in `/proc/sys/fs/binfmt_misc/`.
///
/// <https://docs.kernel.org/admin-guide/binfmt-misc.html>
pub fn is_enabled(entry: &str) -> bool {
    entry.lines().any(|it| it == "enabled")
}

/// Whether an emulator works where its file is not: with the flag F the kernel has opened it already, else a container
/// would have to bring it.
pub fn is_fixed(entry: &str) -> bool {
    entry.lines().any(|it| it.starts_with("flags:") && it.contains('F'))
}
