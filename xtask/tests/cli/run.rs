//! `cargo xtask run` with Docker.

use std::fs;

use crate::build::build_of;
use crate::repository::{ENV_FILE, RUNTIME, Repository};
use crate::stand_in::{Call, argv};

/// A repository with its image built.
pub fn built(settings: &str) -> Repository {
    Repository::with_settings(settings).image(RUNTIME)
}

/// The one `docker run` so far.
pub fn only_run(repository: &Repository) -> Call {
    let [run] = &repository.docker_changes()[..] else { panic!("one run: {:?}", repository.docker_changes()) };
    assert_eq!(run[0], "run");
    run.clone()
}

/// What stands behind the image: the command and its arguments.
fn command_of(call: &Call) -> Vec<&str> {
    let image = call.iter().position(|it| it == RUNTIME).unwrap();
    call[image + 1..].iter().map(String::as_str).collect()
}

#[test]
fn the_command_gets_a_container_as_the_compose_files_have_it() {
    let repository = built("");
    repository.xtask(["run", "--", "python", "-m", "tiny_package"]).exits(0).stdout("").stderr("");
    let expected = argv(
        "run --rm --pull=never --interactive \
         --env DATA_DIR=/opt/data --env NVIDIA_VISIBLE_DEVICES=void --env OUTPUTS_DIR=/opt/outputs \
         --env PROJECT_DIR=/opt/project/python-project --env PROJECT_ROOT=/opt/project --env USER=jdoe \
         --env WANDB_API_KEY= --env WANDB_DIR=/opt/wandb \
         --label xtask.extras= --label xtask.project=[PROJECT] --memory 0 --network bridge \
         --pids-limit 16384 --security-opt label=disable --security-opt no-new-privileges:true --shm-size 8589934592 --user 1234:5678 \
         --mount type=bind,source=[ROOT]/target,target=/opt/project/target,readonly \
         --mount type=bind,source=[ROOT]/installation,target=/opt/project/installation,readonly \
         --mount type=bind,source=/dev/null,target=/opt/project/installation/docker-amd64/.env,readonly \
         --mount type=bind,source=[ROOT],target=/opt/project \
         --mount type=bind,source=[ROOT]/data,target=/opt/data \
         --mount type=bind,source=[ROOT]/outputs,target=/opt/outputs \
         --mount type=bind,source=[ROOT]/outputs,target=/opt/wandb \
         --workdir /opt/project/python-project \
         --label xtask.lease=[LEASE] \
         --mount type=bind,source=[ROOT]/installation/docker-amd64/.dev/leases/[LEASE],target=/run/xtask/lease \
         sci/jdoe/tiny-project:runtime python -m tiny_package",
    );
    let run = only_run(&repository).join(" ");
    let project = run.split_once("xtask.project=").and_then(|(_, it)| it.split(' ').next()).unwrap();
    // What follows the name is made from the checkout's path.
    assert!(project.starts_with("tiny-project-"), "{project}");
    assert_eq!(run.replace(project, "[PROJECT]"), expected.join(" "));
}

#[test]
fn an_image_that_is_there_is_not_built() {
    let repository = built("").container("echo ran");
    repository.xtask(["run", "true"]).exits(0).stdout("ran\n").stderr("");
    only_run(&repository);
}

#[test]
fn an_image_that_is_missing_is_built_first() {
    let repository = Repository::with_settings("").container("echo ran");
    let expected = "xtask: `sci/jdoe/tiny-project:runtime` has not been built yet\n\
                    xtask: building `sci/jdoe/tiny-project:runtime` with uv, because no package needs conda\n";
    repository.xtask(["run", "true"]).exits(0).stdout("ran\n").stderr_has(expected);
    let changes = repository.docker_changes();
    assert_eq!(changes[0], build_of("runtime"));
    assert_eq!((changes.len(), changes[1][0].as_str()), (2, "run"));
    repository.xtask(["run", "true"]).exits(0).stdout("ran\n").stderr("");
}

#[test]
fn where_the_build_fails_nothing_is_run() {
    let repository = Repository::with_settings("").note("build-fails");
    repository
        .xtask(["run", "true"])
        .exits(125)
        .stdout("")
        .stderr_has("error: `sci/jdoe/tiny-project:runtime` was not built");
    assert_eq!(repository.docker_changes(), [build_of("runtime")]);
}

#[test]
fn the_commands_exit_code_is_ours_and_nothing_is_said_about_it() {
    for code in [0, 1, 42, 125, 127] {
        let repository = built("").container(&format!("exit {code}"));
        repository.xtask(["run", "true"]).exits(code).stdout("").stderr("");
    }
}

#[test]
fn a_command_that_is_terminated_gives_143() {
    built("").container("kill -TERM $$").xtask(["run", "true"]).exits(143).stdout("").stderr("");
}

#[test]
fn what_the_command_reads_and_writes_goes_through_unchanged() {
    let mebibyte = "0123456789abcde\n".repeat(65536);
    let repository = built("").container("cat; echo done >&2");
    let ended = repository.xtask_reading(["run", "--", "cat"], &mebibyte);
    ended.exits(0).stderr("done\n");
    assert!(ended.out() == mebibyte, "{} bytes came out", ended.out().len());
}

#[test]
fn without_a_terminal_nothing_asks_for_one() {
    let repository = built("");
    repository.xtask(["run", "python"]).exits(0);
    let run = only_run(&repository);
    assert!(run.contains(&"--interactive".to_owned()) && !run.contains(&"--tty".to_owned()), "{run:?}");
}

#[test]
fn hostile_arguments_arrive_unchanged() {
    let hostile = [
        "printf",
        "$(id)",
        "`id`",
        "it's",
        "\"q\"",
        "two\nlines",
        "-x",
        "--gpu",
        "--",
        "",
        " ",
        "a;b",
        "~",
        "*",
        "é\\",
    ];
    let repository = built("");
    repository.xtask_with(["run", "--"], hostile).exits(0);
    assert_eq!(command_of(&only_run(&repository)), hostile);
}

#[test]
fn options_behind_the_command_belong_to_it() {
    let repository = built("");
    repository.xtask(["run", "python", "-d", "--dry-run", "-e", "A=1"]).exits(0);
    let run = only_run(&repository);
    assert_eq!(command_of(&run), ["python", "-d", "--dry-run", "-e", "A=1"]);
    assert!(!run.contains(&"--detach".to_owned()), "{run:?}");
}

#[test]
fn in_the_background_the_name_of_the_job_is_what_is_printed() {
    let repository = built("").container("echo 0123abcd");
    let says = "xtask: the job `python-1` runs in the background: `cargo xtask logs -f python-1` shows its output, `wait python-1` has \
                its exit code, `stop python-1` ends it\n";
    repository.xtask(["run", "-d", "--", "python"]).exits(0).stdout("python-1\n").stderr(says);
    let run = only_run(&repository);
    assert!(run.contains(&"--detach".to_owned()) && !run.contains(&"--interactive".to_owned()), "{run:?}");
}

#[test]
fn an_image_that_is_out_of_date_is_built_first_unless_that_is_not_wanted() {
    let stale = |settings: &str| {
        let repository = Repository::with_settings(settings);
        repository.xtask(["build"]).exits(0);
        repository.write("dependencies/apt-runtime.txt", "ca-certificates\nffmpeg\n");
        repository.stand_ins.forget();
        repository
    };
    let is_built = |repository: &Repository| repository.docker_changes().iter().any(|it| it[0] == "buildx");
    let says = "xtask: `sci/jdoe/tiny-project:runtime` is out of date (apt-runtime.txt:2 + ffmpeg)\n";
    let repository = stale("");
    repository.xtask(["run", "true"]).exits(0).stderr_has(says);
    assert!(is_built(&repository));
    repository.xtask(["run", "true"]).exits(0).stderr("");

    for (settings, option) in [("", "--no-sync"), ("RUN_SYNC=false\n", "--")] {
        let repository = stale(settings);
        repository
            .xtask(["run", option, "true"])
            .exits(0)
            .stderr_has("warning: `sci/jdoe/tiny-project:runtime` is out of date");
        assert!(!is_built(&repository));
    }
    let repository = stale("RUN_SYNC=false\n");
    repository.xtask(["run", "--sync", "true"]).exits(0).stderr_has(says);
    assert!(is_built(&repository));
    let repository = stale("").note("build-fails");
    repository.xtask(["run", "true"]).exits(125).stderr_has("(`--no-sync` runs it as it is)");
}

#[test]
fn the_command_starts_in_the_folder_where_the_user_stands() {
    for (folder, inside) in [
        ("python-project/src", "/opt/project/python-project/src"),
        ("dependencies", "/opt/project/dependencies"),
        ("data/raw", "/opt/data/raw"),
    ] {
        let repository = built("").file(&format!("{folder}/.keep"), "").inside(folder);
        repository.xtask(["run", "true"]).exits(0);
        let run = only_run(&repository).join(" ");
        assert!(run.contains(&format!(" --workdir {inside} {RUNTIME} ")), "{folder}: {run}");
    }
    for folder in [".", "python-project"] {
        let repository = built("").inside(folder);
        repository.xtask(["run", "true"]).exits(0);
        let run = only_run(&repository).join(" ");
        assert!(
            run.matches("--workdir").count() == 1 && run.contains("--workdir /opt/project/python-project "),
            "{run}"
        );
    }
}

#[test]
fn an_argument_that_is_a_path_of_the_repository_is_its_path_in_the_container() {
    let repository = built("").file("data/a.csv", "");
    let path = |path: &str| repository.path(path).to_str().unwrap().to_owned();
    let (there, gone, data) = (path("python-project/pyproject.toml"), path("gone.py"), path("data/a.csv"));
    repository.xtask(["run", "--", "cat", &there, &gone, &data, "/etc/passwd", "python-project"]).exits(0);
    let run = only_run(&repository);
    let arguments = [
        "cat",
        "/opt/project/python-project/pyproject.toml",
        "[ROOT]/gone.py",
        "/opt/data/a.csv",
        "/etc/passwd",
        "python-project",
    ];
    assert_eq!(command_of(&run), arguments);
}

#[test]
fn a_directory_of_this_machine_that_is_missing_is_made() {
    let repository = built("LOCAL_DATA_DIR=../../more/data\n");
    let expected = "xtask: creating the directory `[ROOT]/more/data`\n";
    repository.xtask(["run", "true"]).exits(0).stderr(expected);
    assert!(repository.path("more/data").is_dir());
    assert!(only_run(&repository).contains(&"type=bind,source=[ROOT]/more/data,target=/opt/data".to_owned()));
    repository.xtask(["run", "true"]).exits(0).stderr("");
}

#[test]
fn a_repository_that_is_elsewhere_than_the_settings_say_is_not_made() {
    let repository = built("LOCAL_PROJECT_DIR=../../elsewhere\n");
    let expected = "error[E0507]: `LOCAL_PROJECT_DIR` names a directory that does not exist: `[ROOT]/elsewhere`\n";
    repository.xtask(["run", "true"]).exits(1).stdout("").stderr_has(expected);
    assert!(!repository.path("elsewhere").exists());
    assert!(repository.docker_changes().is_empty());
}

#[test]
fn a_path_with_blanks_commas_and_other_letters_is_mounted() {
    let repository = Repository::named("mon dépôt, été").file(ENV_FILE, "").image(RUNTIME).inside("data");
    repository.xtask(["run", "true"]).exits(0).stderr("");
    // Docker reads the value as a line of CSV (RFC 4180).
    assert!(only_run(&repository).contains(&"type=bind,\"source=[ROOT]/data\",target=/opt/data".to_owned()));
}

#[test]
fn a_path_with_quotes_dollars_and_backslashes_is_mounted() {
    let repository = Repository::named("a \"b\" $HOME \\c").file(ENV_FILE, "").image(RUNTIME);
    repository.xtask(["run", "true"]).exits(0).stderr("");
    let source = repository.path("data").to_str().unwrap().replace('"', "\"\"");
    let expected = repository.general(&format!("type=bind,\"source={source}\",target=/opt/data"));
    let run = only_run(&repository);
    assert!(run.contains(&expected), "{expected} in {run:?}");
}

#[test]
fn the_variables_of_environment_yml_are_set() {
    let text = "dependencies: [python]\nvariables:\n  OMP_NUM_THREADS: 4\n  HOSTILE: \"$(id) ${HOME} 'a' \\\"b\\\"\"\n";
    let repository = built("").dependencies(text);
    repository.xtask(["run", "true"]).exits(0);
    let run = only_run(&repository);
    for variable in ["OMP_NUM_THREADS=4", "HOSTILE=$(id) ${HOME} 'a' \"b\""] {
        assert!(run.contains(&variable.to_owned()), "{variable} in {run:?}");
    }
}

#[test]
fn compose_is_asked_once_until_something_changes() {
    let repository = built("").variable("HTTPS_PROXY", "http://one");
    let questions = |repository: &Repository| {
        let once = || {
            repository.stand_ins.forget();
            repository.xtask(["run", "true"]).exits(0);
            repository.docker_calls().iter().filter(|it| it[0] == "compose").count()
        };
        (once(), once())
    };
    assert_eq!(questions(&repository), (1, 0));
    repository.write(ENV_FILE, "SHM_SIZE=1gb\n");
    assert_eq!(questions(&repository), (1, 0));
    assert!(only_run(&repository).join(" ").contains(" --shm-size 1073741824 "));
    repository.write("installation/docker-amd64/compose.override.yaml", "services: {}\n");
    assert_eq!(questions(&repository), (1, 0));
    let repository = repository.variable("HTTPS_PROXY", "http://other");
    assert_eq!(questions(&repository), (1, 0));
}

#[test]
fn compose_files_that_are_not_right_are_told_in_composes_words() {
    let repository = built("").note("compose-fails");
    let expected =
        "error: the compose files have an error: services.runtime.shm_sise: additional property is not allowed\n";
    repository.xtask(["run", "true"]).exits(125).stdout("").stderr(expected);
    assert!(repository.docker_changes().is_empty());
}

#[test]
fn a_container_in_the_background_does_not_end_with_its_client() {
    let repository = built("");
    repository.xtask(["run", "-d", "true"]).exits(0);
    let run = only_run(&repository).join(" ");
    // By the label it is found if its client was killed before it could start it.
    assert!(run.contains(" --label xtask.lease=[LEASE] ") && !run.contains("/run/xtask/lease"), "{run}");
    repository.stand_ins.forget();
    repository.xtask(["run", "true"]).exits(0);
    assert!(only_run(&repository).join(" ").contains(",target=/run/xtask/lease "));
}

#[test]
fn running_changes_nothing_in_the_repository_but_what_git_ignores() {
    let repository = built("");
    let before = repository.tree();
    repository.xtask(["run", "true"]).exits(0);
    let ignored = ["target", "installation/docker-amd64/.dev"];
    let mut after = repository.tree();
    after.retain(|path, _| !ignored.iter().any(|it| path.starts_with(it)));
    assert_eq!(after, before);
    let gitignore = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../.gitignore")).unwrap();
    for ignored in ignored {
        assert!(gitignore.lines().any(|it| it.trim_matches('/') == ignored), "{ignored} in {gitignore}");
    }
    assert!(fs::read_dir(repository.temp("home")).unwrap().next().is_none());
}
