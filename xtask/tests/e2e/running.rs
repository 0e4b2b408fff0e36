//! The main job: a command in the environment.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{DevContainer, Repository, Subject, Suite, trials};

pub fn trials() -> Subject {
    trials![
        prints_the_version_of_python,
        the_experiment_records_its_argument_in_a_result_on_the_host,
        pip_check_finds_no_conflict,
        packages_that_were_asked_for_can_be_imported,
        the_package_can_be_imported_from_any_directory,
        an_edit_is_seen_by_the_next_run_without_a_build,
        a_job_can_neither_change_nor_replace_what_this_machine_goes_by,
        a_dev_container_can_neither_change_nor_replace_what_this_machine_goes_by,
        a_job_that_runs_out_of_memory_says_so,
        a_job_starts_no_more_processes_than_it_may,
        a_missing_image_is_built_before_the_command_runs,
    ]
}

fn prints_the_version_of_python(suite: &Suite) {
    let printed = suite.repository.output_of(["python", "--version"]);
    let version = printed.strip_prefix("Python 3.").expect("it is Python 3");
    let minor = version.split('.').next().unwrap();
    assert!(minor.parse::<u32>().unwrap() >= 11, "{printed}");
}

fn the_experiment_records_its_argument_in_a_result_on_the_host(suite: &Suite) {
    let outputs = suite.repository.directory("outputs-of-the-experiment");
    let mut run = suite.repository.run(["python", "-m", "template_package.main", "some_arg=some_value"]);
    let output = run.env("LOCAL_OUTPUTS_DIR", &outputs).assert().success().get_output().stdout.clone();

    // It says where the result is, as seen from the container.
    let printed = String::from_utf8(output).unwrap();
    let last = printed.lines().last().and_then(|it| it.split(':').next());
    let path = last.and_then(|it| it.strip_prefix("/opt/outputs/")).expect(&printed);
    let result: Value = serde_json::from_str(&fs::read_to_string(outputs.join(path)).unwrap()).unwrap();
    assert_eq!(Path::new(path).file_name().unwrap(), "result.json");
    assert_eq!(result["config"]["some_arg"], "some_value");
}

fn pip_check_finds_no_conflict(suite: &Suite) {
    suite.repository.run(["pip", "check"]).assert().success().stdout("No broken requirements found.\n");
}

fn packages_that_were_asked_for_can_be_imported(suite: &Suite) {
    let code = "import hydra, numpy, tqdm, wandb\nprint(numpy.arange(7).sum(), hydra.__file__, numpy.__file__)";
    let printed = suite.repository.output_of(["python", "-c", code]);
    let [sum, hydra, numpy] = printed.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{printed}") };
    assert_eq!(sum, "21");
    assert!(hydra.starts_with("/opt/env/") && numpy.starts_with("/opt/env/"), "{printed}");
}

fn the_package_can_be_imported_from_any_directory(suite: &Suite) {
    let script = "cd / && python -c 'import template_package; print(template_package.__file__)'";
    let run = suite.repository.run(["sh", "-c", script]).assert().success();
    run.stdout("/opt/project/python-project/src/template_package/__init__.py\n");
}

fn an_edit_is_seen_by_the_next_run_without_a_build(suite: &Suite) {
    // A module of its own: the others belong to every trial.
    let module = "python-project/src/template_package/edited.py";
    for answer in ["before\n", "after\n"] {
        suite.repository.write(module, &format!("print({:?})\n", answer.trim_end()));
        suite.repository.run(["python", "-m", "template_package.edited"]).assert().success().stdout(answer);
    }
}

/// Tries to plant something in each path below the project, and to move it and what is above it away, and prints where it could.
const PLANT: &str = "
import os, sys
os.chdir(os.environ['PROJECT_ROOT'])
for path in sys.argv[1:]:
    try:
        open(path + '/planted', 'w')
        print(path, 'written')
    except OSError:
        pass
    while path:
        try:
            os.rename(path, path + '-moved')
            print(path, 'moved')
        except OSError:
            pass
        path = os.path.dirname(path)
";

fn a_job_can_neither_change_nor_replace_what_this_machine_goes_by(suite: &Suite) {
    let repository = Repository::copy_with_images_of(&suite.repository);
    repository.xtask(["env", "--set", "WANDB_API_KEY=hunter2"]).assert().success();
    let settings = fs::read(repository.path("installation/docker-amd64/.env")).unwrap();
    let paths = ["target/xtask", "installation/docker-amd64", "installation/docker-amd64/.dev/leases"];
    let mut run = repository.run(["python", "-c", PLANT].iter().chain(&paths));
    run.assert().success().stdout("").stderr("");
    // It looks empty, and takes what is written nowhere.
    let script = "cd $PROJECT_ROOT/installation/docker-amd64 && cat .env && echo LOCAL_DATA_DIR=/ >>.env && cat .env";
    repository.run(["sh", "-c", script]).assert().success().stdout("");
    assert_eq!(fs::read(repository.path("installation/docker-amd64/.env")).unwrap(), settings);
}

fn a_dev_container_can_neither_change_nor_replace_what_this_machine_goes_by(suite: &Suite) {
    let container = DevContainer::of_caller(Repository::copy_with_images_of(&suite.repository), "planting");
    container.xtask(&["up"]).assert().success();
    let paths = ["target", "installation/docker-amd64/.dev", "installation/docker-amd64/.dev/ssh"];
    let mut exec = container.xtask(&["exec", "--", "python", "-c", PLANT]);
    exec.args(paths).assert().success().stdout("");
    // Its own place to work in is not the host's.
    container.xtask(&["exec", "--", "touch", "../target/xtask/journal.json"]).assert().success();
    assert!(!container.repository.path("target/xtask/journal.json").exists());
}

fn a_job_that_runs_out_of_memory_says_so(suite: &Suite) {
    let told = |run: &mut assert_cmd::Command, code: i32| {
        let ended = run.assert().code(code);
        String::from_utf8_lossy(&ended.get_output().stderr).into_owned()
    };
    let greedy = "bytearray(2 * 10**9)";
    let mut run = suite.repository.run(["python", "-c", greedy]);
    let word = "xtask: memory ran out, and the kernel killed a process of this container; its limit is MEMORY_LIMIT";
    assert!(told(run.env("MEMORY_LIMIT", "100mb"), 137).contains(word));
    // A worker, whose job notices.
    let parent = "import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', sys.argv[1]]) and 5)";
    let mut run = suite.repository.run(["python", "-c", parent, greedy]);
    assert!(told(run.env("MEMORY_LIMIT", "100mb"), 5).contains(word));
    // Whoever kills it otherwise knows why.
    suite.repository.run(["sh", "-c", "kill -s KILL $$"]).assert().code(137).stderr("");
}

fn a_job_starts_no_more_processes_than_it_may(suite: &Suite) {
    let code = "
import threading
ended = threading.Event()
threads = []
try:
    while len(threads) < 500:
        threads.append(threading.Thread(target=ended.wait))
        threads[-1].start()
except RuntimeError:
    print('no more')
ended.set()
";
    let mut run = suite.repository.run(["python", "-c", code]);
    run.env("PIDS_LIMIT", "100").assert().success().stdout("no more\n");
    suite.repository.run(["python", "-c", code]).assert().success().stdout("");
}

fn a_missing_image_is_built_before_the_command_runs(suite: &Suite) {
    let (repository, _turn) = suite.building("missing-image");
    let mut run = repository.run(["sh", "-c", "echo only this; test -e /.dockerenv"]);
    // Nobody has said that it should be Docker: it is because a daemon answers.
    run.env_remove("ENGINE");
    let run = run.assert().success().stdout("only this\n");
    let told = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(told.contains(&format!("`{}` has not been built yet", repository.image("runtime"))), "{told}");
}
