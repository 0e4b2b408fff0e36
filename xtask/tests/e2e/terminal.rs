//! With a terminal and without one.

use std::fs;
use std::process::Command;

use crate::support::docker::{self, image_id};
use crate::support::{PseudoTerminal, Repository, Subject, Suite, bounded, command, run_id, trials};

pub fn trials() -> Subject {
    trials![
        without_a_terminal_none_is_asked_for,
        with_a_terminal_the_command_has_one,
        findings_have_colours_on_a_terminal_unless_they_are_not_wanted,
        ctrl_c_reaches_the_command_wherever_it_runs,
        ctrl_c_ends_following_the_logs_and_not_the_container,
        up_asks_before_it_replaces_a_container_in_which_something_runs,
        a_build_shows_each_step_once_it_is_done_and_keeps_what_buildkit_prints,
        a_verbose_build_is_drawn_by_buildkit_as_wide_as_the_terminal_and_told_at_the_end,
        ctrl_c_ends_a_build,
        ctrl_c_at_a_question_is_no,
        a_shell_has_the_terminals_size_colours_pagers_and_pythons_prompt,
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

fn ctrl_c_reaches_the_command_wherever_it_runs(suite: &Suite) {
    let repository = living(suite);
    let code = "import time; print('be' + 'gun', flush=True); time.sleep(600)";
    for verb in ["run", "dev", "exec"] {
        let mut terminal = terminal(&repository, &format!("\"$XTASK\" {verb} -- python -c \"{code}\""));
        terminal.shows("begun");
        terminal.types("\u{3}");
        terminal.shows("KeyboardInterrupt");
        assert_eq!(terminal.ends(), 130, "{verb}");
    }
}

fn ctrl_c_ends_following_the_logs_and_not_the_container(suite: &Suite) {
    let repository = living(suite);
    let say = "echo some news >/proc/1/fd/1";
    repository.xtask(["exec", "--", "sh", "-c", say]).assert().success();
    let mut terminal = terminal(&repository, r#""$XTASK" logs -f"#);
    terminal.shows("some news");
    terminal.types("\u{3}");
    terminal.ends();
    repository.xtask(["exec", "--", "true"]).assert().success();
}

fn up_asks_before_it_replaces_a_container_in_which_something_runs(suite: &Suite) {
    let repository = living(suite);
    let before = docker::containers_of(&repository.compose_project());
    let training = "python -c 'import time; time.sleep(600)' </dev/null >/dev/null 2>&1 &";
    repository.xtask(["exec", "--", "sh", "-c", training]).assert().success();
    let running = || {
        let names = repository.xtask(["exec", "--", "sh", "-c", "cat /proc/[0-9]*/comm"]).output().unwrap().stdout;
        String::from_utf8_lossy(&names).lines().filter(|it| *it == "python").count()
    };
    repository.write("target/keys", "ssh-ed25519 AAAAada\n");
    repository.xtask(["env", "--set", "SSH_AUTHORIZED_KEYS=../../target/keys"]).assert().success();
    let up = "\"$XTASK\" up --ssh";
    let refused = repository.xtask(["up", "--ssh"]).assert().code(1);
    let told = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
    assert!(told.contains("`--recreate`"), "{told}");
    let mut asked = terminal(&repository, up);
    asked.shows("what runs in it ends, and what you installed in it is lost");
    asked.types("n\r");
    assert_eq!((asked.ends(), running()), (1, 1));
    assert_eq!(docker::containers_of(&repository.compose_project()), before);

    let mut asked = terminal(&repository, up);
    asked.shows("go on? [y/N]");
    asked.types("y\r");
    assert_eq!((asked.ends(), running()), (0, 0));
    assert_ne!(docker::containers_of(&repository.compose_project()), before);
}

fn a_build_shows_each_step_once_it_is_done_and_keeps_what_buildkit_prints(suite: &Suite) {
    let (repository, _turn) = suite.building("lines");
    // Different in every run and every trial, so that it has to be done.
    let text = format!("Lines of {}.", run_id());
    repository.edit("python-project/pyproject.toml", |it| it.replace("A Python research project.", &text));
    let shown = terminal(&repository, r#""$XTASK" build"#);
    shown.line_with(" s  [project 2/2] RUN /scripts/keep-changes.sh ");
    shown.line_with("TARGET   PLATFORM ");
    assert_eq!(shown.ends(), 0);
    let log = fs::read_to_string(repository.path("target/xtask/build.log")).unwrap();
    assert!(log.contains("#0 building with ") && log.contains("\n#1 "), "{log}");

    repository.edit("dependencies/apt-runtime.txt", |it| it + "no-such-package-anywhere\n");
    let shown = terminal(&repository, r#""$XTASK" build"#);
    shown.line_with("xtask: all that the builder has printed is in `target/xtask/build.log`");
    shown.line_with("E: Unable to locate package no-such-package-anywhere");
    assert_eq!(shown.ends(), 1);
}

fn a_verbose_build_is_drawn_by_buildkit_as_wide_as_the_terminal_and_told_at_the_end(suite: &Suite) {
    let (repository, _turn) = suite.building("drawn");
    let line = r#"stty rows 41 cols 133; TERM=xterm-256color "$XTASK" --verbose build all --force"#;
    let terminal = terminal(&repository, line);
    terminal.shows("[+] Building ");
    terminal.shows("FINISHED");
    // The time of each step stands at the right edge, before the last column.
    let row = terminal.line_with(" common ");
    let text = row.trim_end().trim_start_matches("\u{1b}[0m").trim_start_matches("\u{1b}[34m");
    assert_eq!((text.chars().count(), text.ends_with('s')), (132, true), "{row:?}");
    terminal.shows("TARGET   PLATFORM ");
    for target in ["runtime", "dev"] {
        let row = terminal.line_with(&format!("{target}  "));
        let words: Vec<&str> = row.split_whitespace().collect();
        let (done, all) = words[4].split_once('/').expect("cached of all");
        assert!(done.parse::<u32>().unwrap() <= all.parse().unwrap() && all.parse::<u32>().unwrap() > 9, "{row}");
    }
    terminal.shows("built in ");
    assert_eq!(terminal.ends(), 0);
}

fn ctrl_c_ends_a_build(suite: &Suite) {
    let (repository, _turn) = suite.building("interrupted");
    repository.build("runtime");
    let before = image_id(&repository.image("runtime"));
    let mut terminal = terminal(&repository, r#""$XTASK" build all --no-cache"#);
    // Its steps are longer than a line of the terminal, so that only their beginnings are shown.
    terminal.shows("apt-build 1/1] RUN");
    terminal.types("\u{3}");
    terminal.shows("interrupted");
    assert_eq!(terminal.ends(), 130);
    assert_eq!(image_id(&repository.image("runtime")), before);
}

fn ctrl_c_at_a_question_is_no(_: &Suite) {
    let repository = Repository::copy("question");
    fs::create_dir(repository.path(".venv")).unwrap();
    let mut terminal = terminal(&repository, r#"ENGINE=native "$XTASK" down"#);
    terminal.shows("[y/N]");
    terminal.types("\u{3}");
    assert_eq!(terminal.ends(), 130);
    assert!(repository.path(".venv").exists());
}

fn a_shell_has_the_terminals_size_colours_pagers_and_pythons_prompt(suite: &Suite) {
    let repository = living(suite);
    let mut terminal = terminal(&repository, r#"stty rows 41 cols 117; TERM=xterm-256color "$XTASK" shell"#);
    // Docker tells the size right after the start, so that the first question may come too early.
    terminal.types("until [ \"$(stty size)\" = '41 117' ]; do :; done; echo size-$(stty size)\r");
    terminal.shows("size-41 117");
    terminal.types("PS1='at ''ease '\r");
    terminal.shows("at ease ");
    terminal.types("echo $TERM-$(pwd)\r");
    terminal.shows("xterm-256color-/opt/project/python-project");
    terminal.types("seq 1000 | less\r");
    terminal.shows("40\r\n");
    terminal.types("q");
    terminal.types("python -q\r");
    terminal.shows(">>> ");
    terminal.types("import template_package; print(6 * 7)\r");
    terminal.shows("42\r\n");
    // Whoever types ahead types into Python's line editor.
    terminal.types("exit(0)\r");
    terminal.shows("at ease ");
    terminal.types("exit 5\r");
    assert_eq!(terminal.ends(), 5);
}

/// A copy whose dev container is up.
fn living(suite: &Suite) -> Repository {
    let repository = Repository::copy_with_images_of(&suite.repository);
    repository.xtask(["up"]).assert().success();
    repository
}

fn terminal(repository: &Repository, line: &str) -> PseudoTerminal {
    let mut script = command("script");
    repository.environment(&mut script).env("XTASK", env!("CARGO_BIN_EXE_xtask")).env("SHELL", "/bin/sh");
    PseudoTerminal::start(script, line)
}

/// A line of shell in a terminal of its own, by the program of util-linux; the line quotes nothing hostile.
fn in_terminal(suite: &Suite, line: &str) -> Command {
    let mut script = command("script");
    suite.repository.environment(&mut script).env("XTASK", env!("CARGO_BIN_EXE_xtask")).env("SHELL", "/bin/sh");
    script.args(["--quiet", "--return", "--command", line, "/dev/null"]);
    script
}
