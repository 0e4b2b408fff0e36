//! How much room a disk has left, and how programs say that it has none.

use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};

use process::Invocation;

/// A file system and the room in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiskSpace {
    /// The directory by which people know it, such as `/home`.
    pub mount: String,
    /// In kibibytes, for whoever is not root.
    free: u64,
}

/// What programs print where there is no room, in lower case.
///
/// Source: POSIX.1-2024, `<errno.h>`, ENOSPC and EDQUOT, in the words of glibc and musl; and apt.
const MESSAGES: [&str; 4] = [
    "no space left on device",
    "disk quota exceeded",
    "quota exceeded (os error",
    "you don't have enough free space in /var/cache/apt",
];

impl DiskSpace {
    /// Asks for the file systems that paths are in. Those that do not exist are looked for in the directories above them.
    pub fn query<'a>(paths: impl IntoIterator<Item = &'a Utf8Path>) -> Invocation {
        let existing = |it: &Utf8Path| it.ancestors().find(|it| it.exists()).unwrap_or(it).to_owned();
        let paths: Vec<Utf8PathBuf> = paths.into_iter().map(existing).collect();
        Invocation::new("df").arg("-Pk").args(paths.iter().map(|it| it.as_str()))
    }

    /// Parses the answer to [`query`](Self::query): one for each path, in order. Lines of another form are left out.
    pub fn parse(answer: &str) -> Vec<Self> {
        answer.lines().skip(1).filter_map(Self::parse_line).collect()
    }

    /// The free room is the number before the percentage, the mount point is behind it, spaces and all.
    ///
    /// Source: POSIX.1-2024, utility `df`, "STDOUT".
    fn parse_line(line: &str) -> Option<Self> {
        let parse = |(at, _)| {
            let (before, mount) = (&line[..at], line[at + 1..].trim_start());
            let mut numbers = before.split_whitespace().rev().map_while(|it| it.parse().ok());
            let (_percentage, free): (u64, u64) = (numbers.next()?, numbers.next()?);
            mount.starts_with('/').then(|| Self { mount: mount.to_owned(), free })
        };
        line.match_indices('%').find_map(parse)
    }

    pub fn free_bytes(&self) -> u64 {
        self.free << 10
    }

    pub fn free_gib(&self) -> u64 {
        self.free >> 20
    }

    /// Whether a program said that there is no room on a disk, or no more for this user.
    pub fn is_missing_in(said: &str) -> bool {
        let said = said.to_lowercase();
        MESSAGES.iter().any(|it| said.contains(it))
    }
}

/// The free room.
impl fmt::Display for DiskSpace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.free_gib() {
            0 => write!(f, "{} MiB", self.free >> 10),
            gib => write!(f, "{gib} GiB"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_free_room_is_found_whatever_disks_are_called() {
        let answer = "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 9 9 4194304 99% /\n\
                      //nas/my share 9 9 20480 100% /mnt/100% mine\nrubbish\nudev 0 0 0 - /dev\n";
        let found: Vec<_> = DiskSpace::parse(answer).iter().map(|it| (it.mount.clone(), it.to_string())).collect();
        let expected = [("/", "4 GiB"), ("/mnt/100% mine", "20 MiB")];
        assert_eq!(found, expected.map(|(mount, free)| (mount.to_owned(), free.to_owned())));
    }

    #[test]
    fn what_does_not_exist_yet_is_where_it_would_be() {
        let query = DiskSpace::query([Utf8Path::new("/no/such/directory")]);
        assert_eq!(query.arguments(), ["-Pk", "/"]);
    }

    #[test]
    fn a_full_disk_is_known_by_what_programs_say() {
        for said in [
            "ERROR: failed to solve: failed to copy: write /var/lib/docker/tmp/x: no space left on device",
            "  Caused by: failed to write to `/x`: No space left on device (os error 28)",
            "OSError: [Errno 122] Disk quota exceeded: '/home/ada/.venv'",
            "E: You don't have enough free space in /var/cache/apt/archives/.",
        ] {
            assert!(DiskSpace::is_missing_in(said), "{said}");
        }
        assert!(!DiskSpace::is_missing_in("E: Unable to locate package space"));
    }
}
