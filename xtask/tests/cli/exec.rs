//! `cargo xtask exec`

use std::process::Command;

use crate::repository::{DEV, Repository};
use crate::stand_in::{Call, argv};
use crate::up::{ID, compose_verbs, living, put};

/// What tells the command which client it belongs to.
const LEASE: &str = "XTASK_LEASE=/run/xtask/leases/[LEASE]";

#[test]
fn the_command_runs_in_the_dev_container_and_its_exit_code_is_ours() {
    let repository = living("").container("echo ran; exit 42");
    repository.xtask(["exec", "--", "python", "-m", "tiny_package"]).exits(42).stdout("ran\n").stderr("");
    let expected = argv(&format!("exec --interactive --env {LEASE} {ID} /opt/entrypoint.sh python -m tiny_package"));
    assert_eq!(repository.docker_changes(), [expected]);
}

#[test]
fn without_a_container_it_says_what_to_do() {
    let repository = Repository::with_settings("").image(DEV);
    let expected = "error: there is no dev container: `cargo xtask up` starts one\n";
    repository.xtask(["exec", "true"]).exits(125).stdout("").stderr(expected);
    assert_eq!(repository.docker_changes(), Vec::<Call>::new());
}

#[test]
fn a_container_that_was_made_of_something_else_is_told_in_a_line_and_docker_asked_one_question() {
    let repository = Repository::fresh();
    repository.xtask(["build", "dev"]).exits(0);
    let label = |name: &str| {
        let built =
            repository.stand_ins.calls("docker").into_iter().rfind(|it| it[..2] == ["buildx", "build"]).unwrap();
        built.iter().find_map(|it| it.strip_prefix(&format!("xtask.{name}="))).unwrap().to_owned()
    };
    let directory = repository.path("installation/docker-amd64");
    let made_of = ["inputs", "parts", "asked"].map(label).join("\t");
    let directory = format!("{}\t{made_of}", directory.to_str().unwrap());
    repository.stand_ins.containers(&[[ID, "p-dev-1", "running", "Up 1 hour", DEV, "dev", "False", "", &directory]]);
    repository.xtask(["exec", "true"]).exits(0).stderr("");

    repository.write("dependencies/apt-dev.txt", "curl\nvim\ntmux\n");
    repository.stand_ins.forget();
    let warning = "xtask: warning: the dev container is out of date (apt-dev.txt:3 + tmux): \
                   cargo xtask up --build\n";
    repository.xtask(["exec", "true"]).exits(0).stderr(warning);
    let calls: Vec<String> = repository.docker_calls().iter().map(|it| it[0].clone()).collect();
    assert_eq!(calls, ["ps", "exec"]);
}

#[test]
fn a_container_that_does_not_run_is_started_again() {
    for (state, word, verb) in [("exited", "stopped", "start"), ("paused", "paused", "unpause")] {
        let repository = living("").container("echo ran; exit 42");
        put(&repository, state, "");
        let says = format!("xtask: the dev container is {word}; starting it again\n");
        repository.xtask(["exec", "true"]).exits(42).stdout("ran\n").stderr_has(&says);
        assert_eq!(compose_verbs(&repository), [verb]);
    }
}

#[test]
fn values_are_no_arguments() {
    let repository = living("").variable("HERE", "1").container("echo $SEED $HF_TOKEN $HERE");
    let arguments = ["exec", "-e", "SEED=it's 7", "--env", "HF_TOKEN=hunter2", "-e", "HERE", "--", "true"];
    repository.xtask(arguments).exits(0).stdout("it's 7 hunter2 1\n");
    let expected = argv(&format!(
        "exec --interactive --env {LEASE} --env SEED --env HF_TOKEN --env HERE {ID} /opt/entrypoint.sh true"
    ));
    assert_eq!(repository.docker_changes(), [expected]);
    repository.xtask(["exec", "--dry-run", "-e", "HF_TOKEN=hunter2", "--", "true"]).exits(0).never_says("hunter2");
}

/// What the stand-in for the container does: it sends signals to the client, waits until it is told one, and ends with 7.
fn signalling(signals: &str) -> String {
    format!(
        "case $* in *signal.sh*) echo \"$*\" >>\"$state/told\"; exit ;; esac\n\
         for signal in {signals}; do kill -s $signal $PPID; done\n\
         until [ -s \"$state/told\" ]; do :; done; exit 7\n"
    )
}

#[test]
fn a_signal_goes_to_the_command_whose_exit_code_stays_ours() {
    // Whoever runs the tests may ignore signals, as nohup does, and then so does the program.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|it| it.strip_prefix("SigIgn:")).map_or("0", str::trim);
    let ignored = u64::from_str_radix(mask, 16).unwrap();
    for (signal, _) in [("INT", 2), ("TERM", 15), ("HUP", 1)].into_iter().filter(|it| ignored & (1 << (it.1 - 1)) == 0)
    {
        let repository = living("").container(&signalling(signal));
        repository.xtask(["exec", "true"]).exits(7).stdout("").stderr("");
        let told = std::fs::read_to_string(repository.temp("state/told")).unwrap();
        assert!(told.starts_with(&format!("exec {ID} /opt/xtask/signal.sh /run/xtask/leases/exec-")), "{told}");
        assert!(told.ends_with(&format!(" {signal}\n")), "{told}");
    }
}

#[test]
fn a_signal_that_is_ignored_is_nobodys() {
    let repository = living("").container(&signalling("HUP TERM"));
    let mut ignoring = Command::new("/bin/sh");
    let program = repository.command();
    let script = "trap '' HUP; exec \"$0\" exec true";
    ignoring
        .arg("-c")
        .arg(script)
        .arg(program.get_program())
        .env_clear()
        .current_dir(program.get_current_dir().unwrap());
    ignoring.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    assert_eq!(ignoring.status().unwrap().code(), Some(7));
    let told = std::fs::read_to_string(repository.temp("state/told")).unwrap();
    assert_eq!((told.lines().count(), told.ends_with(" TERM\n")), (1, true), "{told}");
}

#[test]
fn a_command_that_cannot_be_told_ends_with_its_client() {
    let text = "case $* in *signal.sh*) exit 1 ;; esac\nkill -s TERM $PPID; while :; do :; done\n";
    let repository = living("").container(text);
    let ended = repository.xtask(["exec", "true"]);
    ended.exits(143).stderr_has("xtask: the command cannot be told, and may go on: its container is older; ");
}

#[test]
fn root_is_root_of_the_container() {
    let repository = living("");
    repository.xtask(["exec", "--root", "--", "apt-get", "update"]).exits(0);
    let expected = argv(&format!("exec --interactive --user 0:0 --env {LEASE} {ID} /opt/entrypoint.sh apt-get update"));
    assert_eq!(repository.docker_changes(), [expected]);
}

#[test]
fn hostile_arguments_arrive_unchanged() {
    let hostile = ["$(id)", "`id`", "it's", "\"q\"", "two\nlines", "-x", "--root", "--", "", "a;b", "~", "*", "é\\"];
    let repository = living("");
    repository.xtask_with(["exec", "--", "printf"], hostile).exits(0);
    let call = repository.docker_changes().remove(0);
    assert_eq!(call[call.len() - hostile.len()..], hostile);
}

#[test]
fn what_the_command_reads_and_writes_goes_through_unchanged() {
    let mebibyte = "0123456789abcde\n".repeat(65536);
    let ended = living("").container("cat; echo done >&2").xtask_reading(["exec", "cat"], &mebibyte);
    ended.exits(0).stderr("done\n");
    assert!(ended.out() == mebibyte, "{} bytes came out", ended.out().len());
}
