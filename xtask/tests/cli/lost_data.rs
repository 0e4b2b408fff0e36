//! Data that cannot be written to stdout.

#![expect(clippy::disallowed_methods, reason = "the streams of a child are the test's")]

use std::fs::File;
use std::io::pipe;
use std::process::Stdio;

use crate::repository::Repository;

/// Commands that print data, each in another way.
const SHOWING: [&[&str]; 9] = [
    &[],
    &["--help"],
    &["--version"],
    &["list", "--help"],
    &["check"],
    &["check", "--explain", "E0301"],
    &["env", "--show"],
    &["status"],
    &["build", "--dry-run"],
];

/// The exit code and stderr of a command with this stdout.
fn run(arguments: &[&str], stdout: impl Into<Stdio>) -> (Option<i32>, String) {
    let repository = Repository::fresh().dependencies("dependencies:\n  - python\n");
    let output = repository.command().args(arguments).stdout(stdout).stderr(Stdio::piped()).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error_whoever_prints() {
    for arguments in SHOWING {
        let (code, told) = run(arguments, File::options().write(true).open("/dev/full").unwrap());
        assert_eq!(code, Some(1), "{arguments:?}: {told}");
        let error = "error: not everything could be written to stdout: No space left on device";
        assert!(told.contains(error), "{arguments:?}: {told}");
    }
}

#[test]
fn a_reader_that_has_gone_away_is_none() {
    for arguments in SHOWING {
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        let (code, told) = run(arguments, writer);
        assert_eq!(code, Some(0), "{arguments:?}: {told}");
        assert!(!told.contains("stdout"), "{arguments:?}: {told}");
    }
}
