//! The system calls that a command makes, as strace writes them down.

use std::collections::BTreeMap;

/// What changes a file or folder, begins or awaits a process, or ends this one, beside the calls that open a file.
const STEPS: [&str; 42] = [
    "write",
    "writev",
    "pwrite64",
    "sendfile",
    "copy_file_range",
    "splice",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "symlink",
    "symlinkat",
    "unlink",
    "unlinkat",
    "rmdir",
    "mkdir",
    "mkdirat",
    "chmod",
    "fchmod",
    "fchmodat",
    "fchmodat2",
    "chown",
    "fchown",
    "lchown",
    "fchownat",
    "utimensat",
    "ftruncate",
    "fallocate",
    "fsync",
    "fdatasync",
    "sync_file_range",
    "flock",
    "clone",
    "clone3",
    "vfork",
    "wait4",
    "waitid",
    "poll",
    "ppoll",
    "kill",
    "exit_group",
];

/// One call of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemCall {
    pub name: String,
    /// Among the calls of the same name, from 1, as strace counts them.
    pub number: usize,
    /// As strace writes it.
    pub text: String,
}

impl SystemCall {
    /// Reads what strace has written about one process.
    pub fn parse_all(trace: &str) -> Vec<Self> {
        let mut numbers = BTreeMap::new();
        let call = |line: &str| {
            let (name, _) = line.split_once('(')?;
            if name.is_empty() || !name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_') {
                return None;
            }
            let number = numbers.entry(name.to_owned()).or_insert(0);
            *number += 1;
            Some(Self { name: name.to_owned(), number: *number, text: line.to_owned() })
        };
        trace.lines().filter_map(call).collect()
    }

    /// Whether something is different before and after it: on the disk, at the terminal or among the processes.
    pub fn is_step(&self) -> bool {
        match self.name.as_str() {
            "open" | "openat" | "openat2" | "creat" => self.opens_for_writing(),
            "execve" => self.number > 1,
            name => STEPS.contains(&name) && !self.has_failed(),
        }
    }

    /// Whether it writes or may create a file.
    fn opens_for_writing(&self) -> bool {
        let writes = ["O_CREAT", "O_WRONLY", "O_RDWR", "O_TRUNC"].iter().any(|it| self.text.contains(it));
        writes && !self.text.contains("\"/dev/") && !self.has_failed()
    }

    /// Whether it writes to standard output or standard error, a word at a time.
    pub fn is_to_terminal(&self) -> bool {
        ["write(1,", "write(2,", "writev(1,", "writev(2,"].iter().any(|it| self.text.starts_with(it))
    }

    fn has_failed(&self) -> bool {
        self.text.rsplit_once(" = ").is_some_and(|(_, result)| result.starts_with("-1 "))
    }

    /// The errors that the system may answer with, where it changes a file or folder.
    pub fn errors(&self) -> &'static [&'static str] {
        match self.name.as_str() {
            "open" | "openat" | "openat2" | "creat" | "rename" | "renameat" | "renameat2" => {
                &["ENOSPC", "EROFS", "EACCES", "EIO"]
            }
            "write" | "writev" | "pwrite64" | "sendfile" | "copy_file_range" | "ftruncate" | "fallocate" => {
                &["ENOSPC", "EIO"]
            }
            "link" | "linkat" | "symlink" | "symlinkat" => &["ENOSPC", "EROFS", "EACCES", "EPERM"],
            "mkdir" | "mkdirat" => &["ENOSPC", "EROFS", "EACCES"],
            "unlink" | "unlinkat" | "rmdir" => &["EROFS", "EACCES", "EIO"],
            "fsync" | "fdatasync" | "sync_file_range" => &["ENOSPC", "EIO"],
            "chmod" | "fchmod" | "fchmodat" | "fchmodat2" => &["EROFS", "EPERM"],
            _ => &[],
        }
    }
}

/// The steps of a command, a line at the terminal counted once.
pub fn steps(calls: &[SystemCall]) -> Vec<&SystemCall> {
    let mut steps: Vec<&SystemCall> = Vec::new();
    for call in calls.iter().filter(|it| it.is_step()) {
        let goes_on = call.is_to_terminal() && steps.last().is_some_and(|it| it.is_to_terminal());
        if !goes_on {
            steps.push(call);
        }
    }
    steps
}
