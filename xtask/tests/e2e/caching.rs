//! What is built again after an edit, and what is not.

use crate::support::docker::{image_id, inspect};
use crate::support::{Repository, Subject, Suite, run_id, trials};

pub fn trials() -> Subject {
    trials![
        a_comment_rebuilds_nothing,
        an_edit_of_the_code_builds_nothing,
        an_edit_of_the_metadata_installs_the_project_again_and_nothing_else,
        one_more_pip_package_repeats_no_step_below_its_own,
        one_more_dev_package_leaves_the_runtime_image_alone,
        a_script_for_people_leaves_the_runtime_image_alone,
        what_differs_from_the_lock_is_a_small_layer,
        a_frozen_image_stays_up_to_date,
        two_worktrees_in_turn_build_each_of_their_images_once,
    ]
}

fn a_comment_rebuilds_nothing(suite: &Suite) {
    let (repository, _turn) = suite.building("comment");
    let ids = |repository: &Repository| ["runtime", "dev"].map(|it| image_id(&repository.image(it)));
    let of_suite = ids(&suite.repository);
    // The suite has built the same.
    assert_eq!(repository.build("runtime").done(), <[&str; 0]>::default());
    assert_eq!(repository.build("dev").done(), <[&str; 0]>::default());
    let before = ids(&repository);
    assert_eq!(before, of_suite);

    repository.edit("dependencies/environment.yml", |it| {
        let commented = it.replace("- numpy", "- numpy # for arrays");
        assert_ne!(it, commented);
        format!("# One more remark.\n{commented}")
    });
    repository.edit("dependencies/apt-runtime.txt", |it| format!("# And one here.\n\n{it}"));
    nothing_is_built(&repository);
    assert_eq!(ids(&repository), before);
}

fn an_edit_of_the_code_builds_nothing(suite: &Suite) {
    let (repository, _turn) = suite.building("code");
    repository.xtask(["build", "all"]).assert().success();
    repository.edit("python-project/src/template_package/main.py", |it| format!("{it}\nEDITED = True\n"));
    nothing_is_built(&repository);
    repository
        .run(["python", "-c", "from template_package import main; print(main.EDITED)"])
        .assert()
        .success()
        .stdout("True\n");
}

fn an_edit_of_the_metadata_installs_the_project_again_and_nothing_else(suite: &Suite) {
    let (repository, _turn) = suite.building("metadata");
    // Different in every run, so that no earlier run has built this.
    repository.edit("python-project/pyproject.toml", |it| it.replace("A Python research project.", run_id()));
    for target in ["runtime", "dev"] {
        let log = repository.build(target);
        assert_eq!(log.done_outside(&["project", target]), [""; 0]);
        // Once for both.
        assert_eq!(log.did("/scripts/project-install.sh"), target == "runtime");
        assert!(log.did("/scripts/apply-changes.sh"));
        assert!(!log.did("/scripts/apt-install.sh"));
    }
    let code = "from importlib.metadata import metadata; print(metadata('template-project')['Summary'])";
    repository.run(["python", "-c", code]).assert().success().stdout(format!("{}\n", run_id()));
}

fn one_more_pip_package_repeats_no_step_below_its_own(suite: &Suite) {
    let (repository, _turn) = suite.building("pip");
    ask_for(&repository, &["tqdm"]);
    repository.build("runtime");

    // What is solved may be what an earlier run has built.
    ask_for(&repository, &["tqdm", "iniconfig"]);
    let log = repository.build("runtime");
    assert_eq!(log.done_outside(&["environment-uv", "difference-uv", "common", "project", "runtime"]), [""; 0]);
    repository.run(["python", "-c", "import iniconfig, tqdm; print('both')"]).assert().success().stdout("both\n");
}

fn one_more_dev_package_leaves_the_runtime_image_alone(suite: &Suite) {
    let (repository, _turn) = suite.building("dev-package");
    repository.edit("dependencies/apt-dev.txt", |it| format!("{it}tree\n"));
    assert_eq!(repository.build("runtime").done(), [""; 0]);
    let log = repository.build("dev");
    assert_eq!(log.done_outside(&["dev"]), [""; 0]);
    assert!(!log.did("/scripts/apt-install.sh openssh-server"), "its step is not that of the list");
    assert_eq!(image_id(&repository.image("runtime")), image_id(&suite.repository.image("runtime")));
    assert_ne!(image_id(&repository.image("dev")), image_id(&suite.repository.image("dev")));
    crate::support::docker::in_image(&repository.image("dev"), &["tree", "--version"]).assert().success();
}

fn a_script_for_people_leaves_the_runtime_image_alone(suite: &Suite) {
    let (repository, _turn) = suite.building("dev-script");
    repository.xtask(["build", "runtime"]).assert().success();
    repository.edit("installation/docker-amd64/scripts/dev-tools.sh", |it| format!("{it}# {}\n", run_id()));
    let told = repository.xtask(["build", "runtime"]).assert().success().get_output().stderr.clone();
    assert!(String::from_utf8_lossy(&told).contains(" is up to date, built "));
    assert_eq!(repository.build("runtime").done(), [""; 0]);
    let log = repository.build("dev");
    assert!(log.did("/scripts/dev-tools.sh"));
    assert_eq!(log.done_outside(&["dev"]), [""; 0]);
    assert!(!log.did("/scripts/apt-install.sh openssh-server"), "it does not use the script");
}

fn what_differs_from_the_lock_is_a_small_layer(suite: &Suite) {
    let (repository, _turn) = suite.building("difference");
    let layers = || inspect("image", &repository.image("runtime"))["RootFS"]["Layers"].as_array().unwrap().clone();
    ask_for(&repository, &["tqdm", "colorlog"]);
    repository.build("runtime");
    repository.xtask(["freeze", "--from", "image"]).assert().success();
    // Whether the steps run again depends on what this machine has built before.
    assert!(repository.build("runtime").said("nothing is solved"));
    repository.xtask(["build", "all", "--locked"]).assert().success();
    let locked = layers();

    // What is asked for besides is found without a look at the rest.
    repository.edit("dependencies/environment.yml", |it| format!("{it}    - tabulate\n"));
    repository.build("runtime");
    let code = "import colorlog, tabulate, tqdm; print('all')";
    repository.run(["python", "-c", code]).assert().success().stdout("all\n");

    // One package more and one less; the rest is as it was, down to the bytes.
    repository.edit("dependencies/environment.yml", |it| {
        let kept: Vec<&str> = it.lines().filter(|it| !it.contains("colorlog") && !it.contains("tabulate")).collect();
        kept.join("\n") + "\n    - iniconfig\n"
    });
    let refused = repository.xtask(["build", "--locked"]).assert().code(1);
    let told = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
    assert!(told.contains("environment.yml:6 + iniconfig") && told.contains("environment.yml - colorlog"), "{told}");
    let log = repository.build("runtime");
    let differs = |it: &&str| it.contains("/scripts/difference.sh") || it.contains("/scripts/apply-changes.sh");
    let done: Vec<&str> = log.done().into_iter().filter(|it| !differs(it)).collect();
    assert_eq!(done.iter().filter(|it| !it.contains("COPY") && !it.contains("WORKDIR")).count(), 0, "{done:?}");
    let differing: Vec<_> = layers().into_iter().filter(|it| !locked.contains(it)).collect();
    assert_eq!(differing.len(), 1, "one layer of its own");
    assert!(!repository.build("dev").did("/scripts/apt-install.sh"), "people's tools are below what differs");
    let code = "import iniconfig, tqdm\ntry:\n    import colorlog\nexcept ImportError:\n    print('right')";
    repository.run(["python", "-c", code]).assert().success().stdout("right\n");
}

fn a_frozen_image_stays_up_to_date(suite: &Suite) {
    let (repository, _turn) = suite.building("frozen");
    for packages in [&["tqdm"][..], &["tqdm", "tabulate"]] {
        ask_for(&repository, packages);
        repository.xtask(["build"]).assert().success();
        repository.xtask(["freeze"]).assert().success();
        let told = told(&repository, &["build"]);
        assert!(told.contains(" is up to date, built "), "{told}");
        repository.xtask(["drift"]).assert().success();
    }
}

fn two_worktrees_in_turn_build_each_of_their_images_once(suite: &Suite) {
    let (first, _turn) = suite.building("turns");
    let second = Repository::copy_with_images_of(&first);
    let worktrees = [(&first, "tabulate"), (&second, "colorlog")];
    for (repository, package) in worktrees {
        ask_for(repository, &["tqdm", package]);
        repository.xtask(["build"]).assert().success();
    }
    for turn in 0..10 {
        let (repository, package) = worktrees[turn % 2];
        let code = format!("import {package}; print('its own')");
        repository.run(["python", "-c", &code]).assert().success().stdout("its own\n");
        // Every other time with the name, too.
        if turn % 4 < 2 {
            let told = told(repository, &["build"]);
            assert!(!told.contains("xtask: building "), "{told}");
        }
    }
}

fn told(repository: &Repository, arguments: &[&str]) -> String {
    let assert = repository.xtask(arguments).assert().success();
    String::from_utf8_lossy(&assert.get_output().stderr).into_owned()
}

/// Both images are up to date, and the builder has nothing to do for them.
fn nothing_is_built(repository: &Repository) {
    let told = repository.xtask(["build", "all"]).assert().success().get_output().stderr.clone();
    assert_eq!(String::from_utf8_lossy(&told).matches(" is up to date, built ").count(), 2);
    for target in ["runtime", "dev"] {
        assert_eq!(repository.build(target).done(), [""; 0]);
    }
}

/// A small environment, which is quick to build.
fn ask_for(repository: &Repository, packages: &[&str]) {
    let list: String = packages.iter().map(|it| format!("    - \"{it}\"\n")).collect();
    let text = format!("name: small\ndependencies:\n- python>=3.11\n- pip:\n{list}");
    repository.write("dependencies/environment.yml", &text);
}
