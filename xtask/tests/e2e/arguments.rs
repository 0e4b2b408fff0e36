//! What is passed to the command, and how it is started.

use serde_json::Value;

use crate::support::docker::{self, docker, has_container};
use crate::support::{Subject, Suite, trials, wait_for};

/// What a shell, Docker or a parser of ours could stumble over.
const HOSTILE: [&str; 11] =
    ["$(id)", "`id`", "${HOME}", "it's \"quoted\"", "two\nlines\n", "a=b", "", " ", "-e", "\\n", "Zürich, ✓"];

pub fn trials() -> Subject {
    trials![
        variables_reach_the_command_unchanged,
        a_variable_without_a_value_has_the_callers,
        arguments_reach_the_command_unchanged,
        a_detached_command_prints_its_container_and_runs_until_it_is_stopped,
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

fn a_detached_command_prints_its_container_and_runs_until_it_is_stopped(suite: &Suite) {
    let output = suite.repository.xtask(["run", "-d", "--", "sleep", "infinity"]).assert().success();
    let printed = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    let id = printed.strip_suffix('\n').expect("it prints a line");
    assert!(id.len() == 64 && id.bytes().all(|it| it.is_ascii_hexdigit()), "`{id}` is no id");
    assert_eq!(docker::inspect("container", id)["State"]["Running"], true);

    docker(["stop", id]).assert().success();
    wait_for("the stopped container to be removed", || (!has_container(id)).then_some(()));
}
