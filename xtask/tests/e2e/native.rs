//! The same verbs without a container.

use crate::support::{Running, Subject, Suite, trials};

pub fn trials() -> Subject {
    // One trial, because the environment is made once and then used.
    trials![without_docker_packages_exit_codes_and_signals_are_the_same]
}

fn without_docker_packages_exit_codes_and_signals_are_the_same(suite: &Suite) {
    let repository = &suite.repository;
    repository.xtask(["build"]).env("ENGINE", "native").assert().success();
    let native = |words: &[&str]| {
        let mut run = repository.run(words);
        run.env("ENGINE", "native");
        run.assert()
    };
    let code = "import sys, numpy, hydra, template_package as it\nprint(sys.prefix, it.__file__, sep='\\n')";
    let prefix = repository.path(".venv");
    let package = repository.path("python-project/src/template_package/__init__.py");
    native(&["python", "-c", code]).success().stdout(format!("{}\n{}\n", prefix.display(), package.display()));

    // What was made is not made again: nothing is said.
    native(&["sh", "-c", "pwd; exit 42"])
        .code(42)
        .stdout(format!("{}\n", repository.path("python-project").display()))
        .stderr("");
    native(&["no-such-command"]).code(127);

    let code = "import time\nprint('ready', flush=True)\ntime.sleep(600)";
    let mut sleeping = repository.program(["run", "--", "python", "-c", code]);
    sleeping.env("ENGINE", "native");
    assert_eq!(Running::start(sleeping).end_by("TERM"), 143);
}
