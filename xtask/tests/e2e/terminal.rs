//! With a terminal and without one.

use crate::support::{Subject, Suite, bounded, command, trials};

pub fn trials() -> Subject {
    trials![without_a_terminal_none_is_asked_for, with_a_terminal_the_command_has_one]
}

fn without_a_terminal_none_is_asked_for(suite: &Suite) {
    let script = "test -t 0 || test -t 1 || test -t 2 || echo none";
    suite.repository.run(["sh", "-c", script]).assert().success().stdout("none\n").stderr("");
}

fn with_a_terminal_the_command_has_one(suite: &Suite) {
    // The program of util-linux, which runs a line of shell in a terminal of its own; the line quotes nothing hostile.
    let line = r#""$XTASK" run -- sh -c 'test -t 0 && test -t 1 && echo tty; exit 42'"#;
    let mut script = command("script");
    suite.repository.environment(&mut script).env("XTASK", env!("CARGO_BIN_EXE_xtask")).env("SHELL", "/bin/sh");
    script.args(["--quiet", "--return", "--command", line, "/dev/null"]);
    let output = bounded(script).assert().code(42).get_output().stdout.clone();
    // The terminal ends lines its own way, and may echo that the input of `script` has ended.
    assert_eq!(String::from_utf8_lossy(&output).trim_start_matches("^@"), "tty\r\n");
}
