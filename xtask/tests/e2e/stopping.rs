//! Commands that are ended in the middle of their work, by a request or by force: nothing goes on, what was made for a while is
//! gone, and the next command succeeds.

use std::fs;
use std::path::Path;

use crate::support::docker::{answer, docker, image_id};
use crate::support::{Repository, Subject, Suite, bounded, command, end_when, trials, wait_for};

pub fn trials() -> Subject {
    trials![
        a_native_build_that_is_ended_is_made_up_for_by_the_next,
        a_build_that_is_asked_to_stop_ends_with_all_that_it_has_started,
        a_verification_that_is_ended_leaves_no_image,
        a_benchmark_that_is_asked_to_stop_leaves_nothing,
    ]
}

fn a_native_build_that_is_ended_is_made_up_for_by_the_next(_: &Suite) {
    let repository = Repository::copy("native-ended");
    repository.ask_for_little();
    let build = || {
        let mut build = repository.program(["build"]);
        build.env("ENGINE", "native");
        build
    };
    let python = repository.path(".venv/bin/python");
    let has_packages = || {
        let mut python = command(python.to_str().unwrap());
        python.args(["-c", "import tqdm, template_package"]);
        bounded(python).assert()
    };
    let is_begun = || repository.path(".venv/pyvenv.cfg").exists();
    assert_eq!(end_when(build(), "KILL", is_begun), 137);
    bounded(build()).assert().success();
    has_packages().success();

    let state = fs::read_to_string(repository.path(".venv/xtask.json")).unwrap();
    let is_replaced = || repository.path("target/xtask/prefix-aside").exists();
    repository.edit("dependencies/environment.yml", |it| it + "    - packaging\n");
    assert_eq!(end_when(build(), "TERM", is_replaced), 143);
    assert_eq!(fs::read_to_string(repository.path(".venv/xtask.json")).unwrap(), state);
    has_packages().success();
    assert!(!is_replaced());

    assert_eq!(end_when(build(), "KILL", is_replaced), 137);
    bounded(build()).assert().success();
    has_packages().success();
    assert!(!is_replaced() && fs::read_to_string(repository.path(".venv/xtask.json")).unwrap() != state);
}

fn a_build_that_is_asked_to_stop_ends_with_all_that_it_has_started(suite: &Suite) {
    let (repository, _turn) = suite.building("asked-to-stop");
    repository.ask_for_little();
    repository.build("runtime");
    let before = image_id(&repository.image("runtime"));
    for (signal, code) in [("TERM", 143), ("HUP", 129), ("KILL", 137)] {
        let mut log = repository.path("log");
        log.set_extension(signal);
        let mut build = repository.program(["build", "runtime", "--no-cache"]);
        build.env("BUILDKIT_PROGRESS", "plain").stderr(fs::File::create(&log).unwrap());
        // A step that says nothing for a while.
        let is_in_step = || fs::read_to_string(&log).unwrap().contains("[apt-runtime 1/1] RUN ");
        assert_eq!(end_when(build, signal, is_in_step), code);
        let context = repository.path("target/xtask/context");
        if signal == "KILL" {
            wait_for("the end of the client", || processes_with(&context).is_empty().then_some(()));
        }
        assert_eq!(processes_with(&context), Vec::<String>::new(), "after SIG{signal}");
        assert_eq!(image_id(&repository.image("runtime")), before);
    }
}

fn a_verification_that_is_ended_leaves_no_image(suite: &Suite) {
    let (repository, _turn) = suite.building("verify-ended");
    repository.ask_for_little();
    repository.build("runtime");
    repository.xtask(["freeze"]).assert().success();
    repository.xtask(["build", "runtime", "--locked"]).assert().success();
    let image = repository.image("verify");
    let exists = || docker(["image", "inspect", &image]).output().unwrap().status.success();
    assert_eq!(end_when(repository.program(["verify"]), "TERM", exists), 143);
    assert!(!exists());

    assert_eq!(end_when(repository.program(["verify"]), "KILL", exists), 137);
    let left = image_id(&image);
    repository.xtask(["verify"]).assert().success();
    assert!(!exists());
    // Nor without its name.
    docker(["image", "inspect", &left]).assert().failure();
}

fn a_benchmark_that_is_asked_to_stop_leaves_nothing(suite: &Suite) {
    let (repository, _turn) = suite.building("bench-ended");
    repository.ask_for_little();
    let mut git = command("git");
    git.args(["init", "--quiet"]).current_dir(repository.path(""));
    bounded(git).assert().success();
    let filter = format!("label=xtask.bench={}", repository.compose_project());
    let images = || answer(["images", "--all", "--quiet", "--filter", &filter]);
    let bench = || repository.program(["bench", "--quick"]);
    let directory = repository.path("target/xtask/bench");

    assert_eq!(end_when(bench(), "KILL", || !images().is_empty()), 137);
    let left = images();
    // The next one removes that before it makes its own.
    assert_eq!(end_when(bench(), "TERM", || !images().is_empty() && images() != left), 143);
    assert_eq!((images(), answer(["ps", "--all", "--quiet", "--filter", &filter])), (String::new(), String::new()));
    assert!(!directory.exists());
    assert_eq!(processes_with(&directory), Vec::<String>::new());
}

/// The command lines of processes that name a path.
fn processes_with(path: &Path) -> Vec<String> {
    let path = path.to_str().unwrap();
    let processes = fs::read_dir("/proc").unwrap().filter_map(|it| fs::read(it.unwrap().path().join("cmdline")).ok());
    let lines = processes.map(|it| String::from_utf8_lossy(&it).replace('\0', " "));
    lines.filter(|it| it.contains(path)).collect()
}
