//! How a command ended, and what is expected of that.

use std::os::unix::process::ExitStatusExt as _;
use std::process::Output;

/// How a command ended, with this test's directories written as `[ROOT]` and `[TEMP]`.
#[derive(Debug)]
pub struct Ended {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Ended {
    /// How a process ended; `general` makes of a text one that is the same in every temporary directory.
    pub fn new(output: &Output, general: impl Fn(&str) -> String) -> Self {
        let text = |bytes: &[u8]| general(std::str::from_utf8(bytes).unwrap());
        let status = output.status;
        Self {
            // As every shell reports it.
            code: status.code().or_else(|| status.signal().map(|it| 128 + it)).unwrap(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }

    /// The whole standard output.
    pub fn out(&self) -> &str {
        &self.stdout
    }

    /// The whole standard error.
    pub fn err(&self) -> &str {
        &self.stderr
    }

    /// The exit code.
    pub fn code(&self) -> i32 {
        self.code
    }

    /// Expects an exit code.
    #[track_caller]
    pub fn exits(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "exit code of {self:#?}");
        self
    }

    /// Expects exactly this standard output.
    #[track_caller]
    pub fn stdout(&self, text: &str) -> &Self {
        assert!(self.stdout == text, "--- expected on stdout\n{text}\n--- found\n{}\n{self:#?}", self.stdout);
        self
    }

    /// Expects exactly this standard error.
    #[track_caller]
    pub fn stderr(&self, text: &str) -> &Self {
        assert!(self.stderr == text, "--- expected on stderr\n{text}\n--- found\n{}\n{self:#?}", self.stderr);
        self
    }

    /// Expects this somewhere on standard output.
    #[track_caller]
    pub fn stdout_has(&self, text: &str) -> &Self {
        assert!(self.stdout.contains(text), "--- expected within stdout\n{text}\n--- found\n{}", self.stdout);
        self
    }

    /// Expects this somewhere on standard error.
    #[track_caller]
    pub fn stderr_has(&self, text: &str) -> &Self {
        assert!(self.stderr.contains(text), "--- expected within stderr\n{text}\n--- found\n{}", self.stderr);
        self
    }

    /// Expects this nowhere.
    #[track_caller]
    pub fn never_says(&self, text: &str) -> &Self {
        assert!(!self.stdout.contains(text) && !self.stderr.contains(text), "`{text}` is in {self:#?}");
        self
    }
}
