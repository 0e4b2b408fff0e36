//! The memory that programs can still take.

use camino::Utf8Path;

use process::files::read_text_if_any;

/// Memory, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FreeMemory(pub u64);

impl FreeMemory {
    /// What this machine has, within the limit of this process's control group. `None` where nobody says, as on macOS.
    pub fn here() -> Option<Self> {
        let read = |path: &str| read_text_if_any(Utf8Path::new(path)).ok().flatten();
        let of_machine = available(&read("/proc/meminfo")?)?;
        let group = read("/proc/self/cgroup").unwrap_or_default();
        let folder = group.lines().find_map(|it| it.strip_prefix("0::")).unwrap_or_default();
        let in_group = |name: &str| read(&format!("/sys/fs/cgroup{folder}/{name}"));
        let of_group = in_group("memory.max").zip(in_group("memory.current"));
        Some(Self(
            of_group.and_then(|(max, current)| below(&max, &current)).map_or(of_machine, |it| it.min(of_machine)),
        ))
    }
}

/// What programs can take without swapping.
///
/// Source: proc_meminfo(5).
fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|it| it.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// What is left below a limit. One that is `max` is none.
///
/// Source: the Linux kernel's documentation, "Control Group v2", `memory.max`.
fn below(max: &str, current: &str) -> Option<u64> {
    let (max, current): (u64, u64) = (max.trim().parse().ok()?, current.trim().parse().ok()?);
    Some(max.saturating_sub(current))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_available_counts_and_not_what_is_free() {
        let meminfo = "MemTotal:       24684096 kB\nMemFree:          352664 kB\nMemAvailable:   17352664 kB\n";
        assert_eq!(available(meminfo), Some(17_352_664 * 1024));
        assert_eq!(available("MemTotal: 1 kB\n"), None);
    }

    #[test]
    fn a_limit_leaves_what_is_not_used_yet() {
        assert_eq!(below("1000\n", "400\n"), Some(600));
        assert_eq!(below("1000\n", "4000\n"), Some(0));
        assert_eq!(below("max\n", "4000\n"), None);
    }
}
