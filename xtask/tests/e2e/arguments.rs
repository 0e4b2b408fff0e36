//! What is passed to the command, and how it is started.

use serde_json::Value;

use crate::support::docker::{self, has_container};
use crate::support::{Repository, Subject, Suite, trials};

/// What a shell, Docker or a parser of ours could stumble over.
const HOSTILE: [&str; 11] =
    ["$(id)", "`id`", "${HOME}", "it's \"quoted\"", "two\nlines\n", "a=b", "", " ", "-e", "\\n", "Zürich, ✓"];

pub fn trials() -> Subject {
    trials![
        variables_reach_the_command_unchanged,
        a_variable_without_a_value_has_the_callers,
        arguments_reach_the_command_unchanged,
        a_variable_of_the_settings_reaches_commands,
        jobs_that_start_at_once_get_names_of_their_own,
        a_job_is_kept_until_somebody_knows_how_it_ended,
    ]
}

fn variables_reach_the_command_unchanged(suite: &Suite) {
    let names: Vec<String> = (0..HOSTILE.len()).map(|it| format!("HOSTILE_{it}")).collect();
    let variables = names.iter().zip(HOSTILE).flat_map(|(name, value)| ["-e".to_owned(), format!("{name}={value}")]);
    let code = "import json, os, sys\nprint(json.dumps([os.environ[name] for name in sys.argv[1:]]))";

    let mut run = suite.repository.xtask(["run"]);
    let output = run.args(variables).args(["--", "python", "-c", code]).args(&names).assert().success();
    let received: Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    assert_eq!(received, Value::from(HOSTILE.to_vec()));
}

fn a_variable_without_a_value_has_the_callers(suite: &Suite) {
    let mut run = suite.repository.xtask(["run", "-e", "FROM_CALLER", "--", "printenv", "FROM_CALLER"]);
    run.env("FROM_CALLER", "$(id) and more").assert().success().stdout("$(id) and more\n");
}

fn arguments_reach_the_command_unchanged(suite: &Suite) {
    let code = "import json, sys\nprint(json.dumps(sys.argv[1:]))";
    let printed = suite.repository.output_of(["python", "-c", code].iter().chain(&HOSTILE));
    assert_eq!(serde_json::from_str::<Value>(&printed).unwrap(), Value::from(HOSTILE.to_vec()));
}

fn a_variable_of_the_settings_reaches_commands(suite: &Suite) {
    let repository = Repository::copy_with_images_of(&suite.repository);
    let value = "it's $HOME, #1";
    repository.xtask(["env", "--set", &format!("ENV_OWN={value}")]).assert().code(1);
    let value = "a $HOME, #1";
    repository.xtask(["env", "--set", &format!("ENV_OWN={value}")]).assert().success();
    assert_eq!(repository.output_of(["printenv", "OWN"]), format!("{value}\n"));
}

fn jobs_that_start_at_once_get_names_of_their_own(suite: &Suite) {
    let repository = Repository::copy_with_images_of(&suite.repository);
    repository.xtask(["env"]).assert().success();
    let start = || {
        let started = repository.xtask(["run", "-d", "--", "sleep", "1"]).assert().success();
        String::from_utf8_lossy(&started.get_output().stdout).into_owned()
    };
    let mut names: Vec<String> = std::thread::scope(|scope| {
        let started: Vec<_> = (0..4).map(|_| scope.spawn(start)).collect();
        started.into_iter().map(|it| it.join().unwrap()).collect()
    });
    names.sort();
    assert_eq!(names, ["sleep-1\n", "sleep-2\n", "sleep-3\n", "sleep-4\n"]);
}

fn a_job_is_kept_until_somebody_knows_how_it_ended(suite: &Suite) {
    let repository = Repository::copy_with_images_of(&suite.repository);
    let run = |script: &str| {
        let started = repository.xtask(["run", "-d", "--name", "train", "--", "sh", "-c", script]).assert().success();
        started.stdout("train\n");
    };
    run("echo half; echo said >&2; exit 3");
    repository.xtask(["wait", "train"]).assert().code(3).stdout("");
    let logs = repository.xtask(["logs", "train"]).assert().success();
    let logs = logs.get_output();
    assert_eq!(logs.stdout, b"half\n");
    assert!(String::from_utf8_lossy(&logs.stderr).starts_with("said\n"), "{logs:?}");
    let status = repository.xtask(["status"]).assert().success();
    let status = String::from_utf8_lossy(&status.get_output().stdout).into_owned();
    assert!(status.contains("job train") && status.contains("Exited (3)"), "{status}");

    // Its name is free again.
    run("exec sleep infinity");
    let container = format!("{}-train", repository.compose_project());
    assert_eq!(docker::inspect("container", &container)["State"]["Running"], true);
    repository.xtask(["stop", "train"]).assert().success();
    let told = repository.xtask(["prune"]).assert().success();
    assert!(String::from_utf8_lossy(&told.get_output().stderr).contains("nobody has read how it ended"));
    repository.xtask(["wait", "train"]).assert().code(143);
    repository.xtask(["prune"]).assert().success();
    assert!(!has_container(&container));
}
