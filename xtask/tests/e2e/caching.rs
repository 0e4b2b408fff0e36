//! What is built again after an edit, and what is not.

use crate::support::docker::image_id;
use crate::support::{BuiltLayers, Repository, Subject, Suite, layer_digests, run_id, trials};

pub fn trials() -> Subject {
    trials![
        a_comment_rebuilds_nothing,
        an_edit_of_the_code_builds_nothing,
        an_edit_of_the_metadata_installs_the_project_again_and_nothing_else,
        one_more_pip_package_repeats_no_step_below_its_own,
        one_more_dev_package_leaves_the_runtime_image_alone,
        a_script_for_people_leaves_the_runtime_image_alone,
        a_package_more_is_a_layer_of_its_own_and_one_less_changes_its_own,
        all_layers_are_the_same_whenever_they_are_made,
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
        assert_eq!(log.done_outside(&["project", "top", target]), [""; 0]);
        // Once for both.
        assert_eq!(log.did("/scripts/project-install.sh"), target == "runtime");
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
    assert_eq!(log.done_outside(&["layer-2", "layers-2", "common", "runtime"]), [""; 0]);
    repository.run(["python", "-c", "import iniconfig, tqdm; print('both')"]).assert().success().stdout("both\n");
}

fn one_more_dev_package_leaves_the_runtime_image_alone(suite: &Suite) {
    let (repository, _turn) = suite.building("dev-package");
    repository.edit("dependencies/apt-dev.txt", |it| format!("{it}tree\n"));
    assert_eq!(repository.build("runtime").done(), [""; 0]);
    let log = repository.build("dev");
    assert_eq!(log.done_outside(&["apt-dev", "dev"]), [""; 0]);
    assert!(!log.did("/scripts/apt-services.sh"), "its step is not that of the list");
    assert_eq!(image_id(&repository.image("runtime")), image_id(&suite.repository.image("runtime")));
    assert_ne!(image_id(&repository.image("dev")), image_id(&suite.repository.image("dev")));
    crate::support::docker::in_image(&repository.image("dev"), &["tree", "--version"]).assert().success();
}

fn a_script_for_people_leaves_the_runtime_image_alone(suite: &Suite) {
    let (repository, _turn) = suite.building("dev-script");
    repository.xtask(["build", "runtime"]).assert().success();
    repository.edit("xtask/scripts/dev-tools.sh", |it| format!("{it}# {}\n", run_id()));
    let told = repository.xtask(["build", "runtime"]).assert().success().get_output().stderr.clone();
    assert!(String::from_utf8_lossy(&told).contains(" is up to date, built "));
    assert_eq!(repository.build("runtime").done(), [""; 0]);
    let log = repository.build("dev");
    assert!(log.did("/scripts/dev-tools.sh"));
    assert_eq!(log.done_outside(&["apt-dev", "dev"]), [""; 0]);
    assert!(!log.did("/scripts/apt-services.sh"), "it does not use the script");
}

fn a_package_more_is_a_layer_of_its_own_and_one_less_changes_its_own(suite: &Suite) {
    let (repository, _turn) = suite.building("layers");
    let layers = || layer_digests(&repository.image("runtime"));
    // Docker writes a layer's files in another order while it finds the layer below among those of an earlier build, so no
    // other trial makes these (docs/limits.md).
    ask_for(&repository, &["toolz", "colorlog"]);
    repository.build("runtime");
    let first = layers();
    repository.xtask(["freeze", "--from", "image"]).assert().success();
    repository.xtask(["build", "all", "--locked"]).assert().success();

    // What is asked for besides lies on what is there, down to the bytes; freezing it changes nothing.
    repository.edit("dependencies/environment.yml", |it| format!("{it}    - tabulate\n"));
    repository.build("runtime");
    let more = layers();
    let code = "import colorlog, tabulate, toolz; print('all')";
    repository.run(["python", "-c", code]).assert().success().stdout("all\n");
    // Above it is what was there before, too.
    let changed = first.iter().filter(|it| !more.contains(it)).count();
    assert!(changed == 0 && more.len() == first.len() + 1, "{first:?} {more:?}");
    repository.xtask(["freeze"]).assert().success();
    assert!(told(&repository, &["build", "--locked"]).contains(" is up to date, built "));

    let refused = || {
        let refused = repository.xtask(["build", "--locked"]).assert().code(1);
        String::from_utf8_lossy(&refused.get_output().stderr).into_owned()
    };
    repository.edit("dependencies/environment.yml", |it| {
        let kept: Vec<&str> = it.lines().filter(|it| !it.contains("colorlog")).collect();
        kept.join("\n") + "\n"
    });
    assert!(refused().contains("environment.yml - colorlog"));
    let log = repository.build("runtime");
    assert_eq!(log.done_outside(&["layer-1", "layers-1", "layers-2", "common", "runtime"]), [""; 0]);
    let less = layers();
    let place = |layers: &[String]| layers.iter().position(|it| !first.contains(it)).expect("one is new");
    // Python is below both; the other one is as it was, on top of another layer than before.
    assert_eq!(less[..place(&less)], more[..place(&less)]);
    assert_eq!((less[place(&less) + 1].as_str(), place(&more)), (more[place(&more)].as_str(), place(&less) + 1));
    assert!(!repository.build("dev").did("/scripts/apt-services.sh"), "people's tools are installed beside it");
    let code = "import tabulate, toolz\ntry:\n    import colorlog\nexcept ImportError:\n    print('right')";
    repository.run(["python", "-c", code]).assert().success().stdout("right\n");
}

fn all_layers_are_the_same_whenever_they_are_made(suite: &Suite) {
    let (repository, _turn) = suite.building("again");
    // One has bytecode for many modules, and one is built from source.
    ask_for(&repository, &["tqdm", "pygments", "antlr4-python3-runtime==4.9.3"]);
    // These come with caches that note file times, and with a user of their own.
    repository
        .edit("dependencies/apt-runtime.txt", |it| format!("{it}fontconfig\nfonts-dejavu-core\nopenssh-server\n"));
    repository.build("runtime");
    repository.xtask(["freeze", "--from", "image"]).assert().success();
    let told = told(&repository, &["verify"]);
    assert!(told.contains(": 3 of 3 layers of packages have the same digest\n"), "{told}");

    let images = || ["runtime", "dev"].map(|it| BuiltLayers::of(&repository.image(it)));
    repository.xtask(["build", "all", "--locked"]).assert().success();
    let first = images();
    repository.xtask(["build", "all", "--locked", "--force", "--no-cache"]).assert().success();
    for (first, again) in first.iter().zip(images()) {
        first.require_same(&again, &repository);
    }
    // The notes are believed, so that nobody has to look for fonts in each container.
    let told = repository.output_of(["fc-cache", "--system-only", "--verbose"]);
    let believed = told.lines().filter(|it| it.contains("/fonts") && it.contains("existing cache is valid")).count();
    assert!(believed > 1 && !told.contains("caching, new"), "{told}");
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
