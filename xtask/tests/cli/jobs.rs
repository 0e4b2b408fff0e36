//! Commands in the background: `run -d`, `wait`, `logs JOB`, `stop JOB`.

use crate::overriding::{only_compose_run, overridden};
use crate::repository::{RUNTIME, Repository};
use crate::run::{built, only_run};
use crate::stand_in::{Call, argv};

const ID: &str = "0123456789abcdef";

/// With a job `train` that Docker says this of.
fn with_job(state: &str, status: &str) -> Repository {
    let repository = built("COMPOSE_PROJECT_NAME=tiny\n");
    let labels = "\t\t\t\t\ttrain";
    repository.stand_ins.containers(&[[ID, "tiny-train", state, status, RUNTIME, "", "", "", labels]]);
    repository
}

/// The calls of Docker that change something, without the start of containers.
fn changes(repository: &Repository) -> Vec<Call> {
    repository.docker_changes().into_iter().filter(|it| it[0] != "run").collect()
}

#[test]
fn a_job_has_its_name_and_is_not_removed_when_it_ends() {
    let repository = built("COMPOSE_PROJECT_NAME=tiny\n");
    repository.xtask(["run", "-d", "--name", "train", "--", "python"]).exits(0).stdout("train\n");
    let run = only_run(&repository).join(" ");
    assert!(run.contains(" --name tiny-train --label xtask.job=train ") && !run.contains("--rm"), "{run}");
}

#[test]
fn one_that_only_compose_can_run_has_them_too() {
    let repository = overridden(r#""depends_on": {"db": {"condition": "service_started"}}"#);
    repository.xtask(["run", "-d", "--name", "train", "--", "python"]).exits(0).stdout("train\n");
    let run = only_compose_run(&repository).join(" ");
    assert!(run.starts_with("run --name ") && run.contains("-train --label xtask.job=train --detach "), "{run}");
}

#[test]
fn a_name_that_no_host_can_have_is_refused() {
    for name in ["Train", "a_b", "-x", ""] {
        let argument = format!("--name={name}");
        built("").xtask(["run", "-d", &argument, "true"]).exits(2).stderr_has("write lower-case letters and digits");
    }
    built("").xtask(["run", "--name", "x", "true"]).exits(2).stderr_has("--detach");
}

#[test]
fn a_name_is_free_again_once_somebody_knows_how_its_job_ended() {
    let run = ["run", "-d", "--name", "train", "true"];
    let running = with_job("running", "Up 2 hours");
    running.xtask(run).exits(125).stderr_has("the job `train` has not ended: choose another name, or end it with");
    assert_eq!(running.docker_changes(), Vec::<Call>::new());

    let ended = with_job("exited", "Exited (3) 2 minutes ago");
    ended.xtask(run).exits(125).stderr_has("the job `train` has ended with exit code 3, and nobody has read that");
    let told = ended.xtask(["logs", "train"]);
    told.exits(0)
        .stdout("what the container has printed\n")
        .stderr("xtask: the job `train` has ended with exit code 3\n");
    ended.xtask(run).exits(0).stdout("train\n");
    assert_eq!(changes(&ended)[1..], [argv(&format!("rm --volumes {ID}"))]);
}

#[test]
fn wait_has_the_jobs_exit_code() {
    let repository = with_job("exited", "Exited (3) 1 second ago");
    repository.stand_ins.note("exit-of-job", "3\n");
    repository
        .xtask(["wait", "train"])
        .exits(3)
        .stdout("")
        .stderr("xtask: the job `train` has ended with exit code 3\n");
    repository.xtask(["prune", "--dry-run"]).exits(0).stdout_has(&format!("docker rm --volumes {ID}\n"));
}

#[test]
fn one_that_nobody_has_read_is_not_pruned() {
    let repository = with_job("exited", "Exited (0) 2 weeks ago");
    let says = "xtask: the job `train` stays, because nobody has read how it ended: `cargo xtask logs train` or `wait train`\n";
    repository.xtask(["prune"]).exits(0).stderr_has(says);
    assert!(changes(&repository).iter().all(|it| !it.contains(&ID.to_owned())));
}

#[test]
fn stop_ends_a_job_and_leaves_what_is_known_of_it() {
    let repository = with_job("running", "Up 2 hours");
    repository.xtask(["stop", "train"]).exits(0).stdout("").stderr("");
    assert_eq!(changes(&repository), [argv(&format!("stop {ID}"))]);
    let ended = with_job("exited", "Exited (143) 1 second ago");
    ended.xtask(["stop", "train"]).exits(0).stderr("xtask: the job `train` has ended already with exit code 143\n");
    assert_eq!(ended.docker_changes(), Vec::<Call>::new());
}

#[test]
fn a_job_that_is_not_there_is_told_with_those_that_are() {
    let repository = with_job("running", "Up 2 hours");
    for (verb, code) in [("logs", 1), ("stop", 1), ("wait", 125)] {
        repository
            .xtask([verb, "trian"])
            .exits(code)
            .stdout("")
            .stderr("error: there is no job `trian`; there are train\n");
        let none = "error: there is no job `x`: `cargo xtask run -d --name x -- COMMAND` starts one\n";
        built("").xtask([verb, "x"]).exits(code).stderr(none);
    }
}

#[test]
fn status_lists_jobs_with_their_names_and_how_they_ended() {
    let repository = with_job("exited", "Exited (3) 2 minutes ago");
    repository.xtask(["status"]).exits(0).stdout_has("job train  Exited (3) 2 minutes ago");
    let status = repository.xtask(["status", "--json"]);
    let status: serde_json::Value = serde_json::from_str(status.exits(0).out()).unwrap();
    assert_eq!((&status["containers"][0]["job"], &status["containers"][0]["exit_code"]), (&"train".into(), &3.into()));
}

#[test]
fn of_one_that_cannot_be_started_nothing_is_left_and_nothing_else_is_removed() {
    let repository = built("COMPOSE_PROJECT_NAME=tiny\n");
    // The stand-in notes what Docker would have: its container, created, and somebody else's of the same name.
    let script = "lease=${*#*xtask.lease=}; lease=${lease%% *}\n\
                  printf 'ours\\ttiny-x\\tcreated\\t%s\\ntheirs\\ttiny-x\\trunning\\tbackground-1-2\\n' \"$lease\" >\"$state/leased\"\n\
                  echo 'no such program' >&2; exit 127";
    let repository = repository.container(script);
    repository.xtask(["run", "-d", "--name", "x", "nosuch"]).exits(127).stdout("").stderr("xtask: no such program\n");
    assert_eq!(changes(&repository), [argv("rm --force --volumes ours")]);
}
