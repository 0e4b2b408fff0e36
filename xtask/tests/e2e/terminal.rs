//! With a terminal and without one.

use std::process::Command;

use crate::support::{Subject, Suite, bounded, command, trials};

pub fn trials() -> Subject {
    trials![
        without_a_terminal_none_is_asked_for,
        with_a_terminal_the_command_has_one,
        findings_have_colours_on_a_terminal_unless_they_are_not_wanted,
    ]
}

fn without_a_terminal_none_is_asked_for(suite: &Suite) {
    let script = "test -t 0 || test -t 1 || test -t 2 || echo none";
    suite.repository.run(["sh", "-c", script]).assert().success().stdout("none\n").stderr("");
}

fn with_a_terminal_the_command_has_one(suite: &Suite) {
    let line = r#""$XTASK" run -- sh -c 'test -t 0 && test -t 1 && echo tty; exit 42'"#;
    let output = bounded(in_terminal(suite, line)).assert().code(42).get_output().stdout.clone();
    // The terminal ends lines its own way, and may echo that the input of `script` has ended.
    assert_eq!(String::from_utf8_lossy(&output).trim_start_matches("^@"), "tty\r\n");
}

fn findings_have_colours_on_a_terminal_unless_they_are_not_wanted(suite: &Suite) {
    let shown = |wish: &str| {
        let mut script = in_terminal(suite, r#""$XTASK" check"#);
        // A wrong value of the shell's: the copy that all trials share stays right.
        script.env("SOLVER", "neither").env("NO_COLOR", wish);
        let output = bounded(script).assert().code(1).get_output().stdout.clone();
        String::from_utf8_lossy(&output).into_owned()
    };
    assert!(shown("").contains("\u{1b}[") && shown("").contains("E0505"));
    assert!(!shown("1").contains('\u{1b}') && shown("1").contains("error[E0505]"));
}

/// A line of shell in a terminal of its own, by the program of util-linux; the line quotes nothing hostile.
fn in_terminal(suite: &Suite, line: &str) -> Command {
    let mut script = command("script");
    suite.repository.environment(&mut script).env("XTASK", env!("CARGO_BIN_EXE_xtask")).env("SHELL", "/bin/sh");
    script.args(["--quiet", "--return", "--command", line, "/dev/null"]);
    script
}
