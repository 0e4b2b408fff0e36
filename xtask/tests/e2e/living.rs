//! The container that people live in: it is there in a second, keeps what it has, and goes when it is told to.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::support::docker::{self, OWN_ID, containers_of, docker};
use crate::support::{Repository, Running, Subject, Suite, bounded, command, trials};

pub fn trials() -> Subject {
    trials![
        up_starts_a_container_in_which_commands_run,
        exec_asks_nothing_first_and_finds_the_container_whatever_becomes_of_it,
        up_again_changes_nothing_and_says_so,
        up_says_that_settings_have_changed_and_keeps_the_container,
        what_was_installed_by_hand_outlives_stop_and_start,
        without_a_container_exec_says_what_to_do,
        logs_show_what_the_container_has_printed,
        a_container_that_does_not_get_ready_shows_its_log,
        down_leaves_no_container_but_lets_jobs_go_on,
        three_checkouts_of_the_same_project_at_once_do_not_collide,
        what_stands_beside_the_container_stops_and_starts_with_it,
        a_command_of_its_own_in_the_dev_image_has_the_tools_and_leaves_nothing,
        a_published_port_is_this_machines_alone,
        a_missing_gpu_is_said_in_a_line,
        whoever_wants_no_sudo_has_none,
        a_paused_container_goes_on,
        status_tells_what_runs_and_whether_images_are_out_of_date,
        git_works_in_a_worktree_and_knows_who_commits,
        the_ssh_agent_is_there_while_a_command_runs_unless_somebody_does_not_want_it,
    ]
}

/// A copy whose dev container is up.
fn living(suite: &Suite) -> Repository {
    let repository = Repository::copy_with_images_of(&suite.repository);
    repository.xtask(["up"]).assert().success();
    repository
}

/// What a command prints in the dev container.
fn printed(repository: &Repository, command: &[&str]) -> String {
    let output = repository.xtask([&["exec", "--"], command].concat()).assert().success().get_output().stdout.clone();
    String::from_utf8(output).unwrap()
}

/// What a verb tells on stderr, and its exit code.
fn told(repository: &Repository, words: &[&str]) -> (String, i32) {
    let output = repository.xtask(words).output().unwrap();
    (String::from_utf8_lossy(&output.stderr).into_owned(), output.status.code().unwrap())
}

fn up_starts_a_container_in_which_commands_run(suite: &Suite) {
    let repository = Repository::copy_with_images_of(&suite.repository);
    repository.xtask(["up", "--wait"]).assert().success();
    assert_eq!(printed(&repository, &["pwd"]), "/opt/project/python-project\n");
    assert_eq!(printed(&repository, &["python", "-c", "import template_package; print(7)"]), "7\n");
    repository
        .xtask(["exec", "-e", "A=it's $HOME", "--", "sh", "-c", "echo \"$A\"; exit 3"])
        .assert()
        .code(3)
        .stdout("it's $HOME\n");
    let mut exec = repository.xtask(["exec", "--", "cat"]);
    exec.write_stdin("through a pipe").assert().success().stdout("through a pipe");
}

fn exec_asks_nothing_first_and_finds_the_container_whatever_becomes_of_it(suite: &Suite) {
    let repository = living(suite);
    let started = |what: &str| {
        let (told, code) = told(&repository, &["exec", "--verbose", "--", "true"]);
        assert_eq!(code, 0, "{what}: {told}");
        told.lines().filter(|it| it.starts_with("+ docker ")).count()
    };
    assert_eq!(started("after `up`"), 1, "`docker exec` alone");
    let known = repository.path("target/xtask/dev-container.json");
    assert_eq!(fs::metadata(&known).unwrap().permissions().mode() & 0o777, 0o600);

    let [id] = &containers_of(&repository.compose_project())[..] else { panic!("one container") };
    docker(["stop", "--time", "0", id]).assert().success();
    let (told, code) = told(&repository, &["exec", "--", "true"]);
    assert!(code == 0 && told.starts_with("xtask: the dev container is stopped; starting it again\n"), "{told}");
    for verb in ["stop", "start"] {
        docker([verb, id]).assert().success();
    }
    started("by somebody else");
    assert_eq!(started("once it is known again"), 1);

    let old = fs::read(&known).unwrap();
    docker(["rm", "--force", id]).assert().success();
    repository.xtask(["up"]).assert().success();
    // As if somebody else had made it anew.
    fs::write(&known, old).unwrap();
    let [id] = &containers_of(&repository.compose_project())[..] else { panic!("one container") };
    assert_eq!(printed(&repository, &["hostname"]), "template-project\n");
    assert_eq!(printed(&repository, &OWN_ID).trim(), format!("containers/{id}"));
    repository.xtask(["down"]).assert().success();
    assert!(!known.exists());
}

fn up_again_changes_nothing_and_says_so(suite: &Suite) {
    let repository = living(suite);
    let before = containers_of(&repository.compose_project());
    let (told, code) = told(&repository, &["up"]);
    assert!(code == 0 && told.contains("is already running") && !told.contains("since"), "{told}");
    assert_eq!(containers_of(&repository.compose_project()), before);
}

fn up_says_that_settings_have_changed_and_keeps_the_container(suite: &Suite) {
    let repository = living(suite);
    let before = containers_of(&repository.compose_project());
    let mut up = repository.xtask(["up"]);
    let up = up.env("SHM_SIZE", "1gb").assert().success();
    let told = String::from_utf8_lossy(&up.get_output().stderr).into_owned();
    assert!(told.contains("the settings have changed since"), "{told}");
    assert_eq!(containers_of(&repository.compose_project()), before);
}

fn what_was_installed_by_hand_outlives_stop_and_start(suite: &Suite) {
    let repository = living(suite);
    printed(&repository, &["touch", "/opt/env/by-hand"]);
    for restart in [&["stop", "start"][..], &["restart"], &["stop", "up"]] {
        for verb in restart {
            repository.xtask([verb]).assert().success();
        }
        printed(&repository, &["test", "-e", "/opt/env/by-hand"]);
    }
    repository.xtask(["stop"]).assert().success();
    let (told, code) = told(&repository, &["exec", "--", "true"]);
    assert!(code == 0 && told.contains("is stopped; starting it again"), "{told}");
    printed(&repository, &["test", "-e", "/opt/env/by-hand"]);
}

fn without_a_container_exec_says_what_to_do(suite: &Suite) {
    let repository = Repository::copy_with_images_of(&suite.repository);
    let (told, code) = told(&repository, &["exec", "--", "true"]);
    assert!(code == 125 && told.contains("there is no dev container: `cargo xtask up` starts one"), "{told}");
}

fn logs_show_what_the_container_has_printed(suite: &Suite) {
    let repository = living(suite);
    printed(&repository, &["sh", "-c", "echo one >/proc/1/fd/1; echo two >/proc/1/fd/1"]);
    repository.xtask(["logs", "--tail", "1"]).assert().success().stdout("two\n");
}

fn a_container_that_does_not_get_ready_shows_its_log(suite: &Suite) {
    let repository = Repository::copy_with_images_of(&suite.repository);
    let entrypoint = r#"["sh", "-c", "echo the disk is on fire >&2; exit 3"]"#;
    let text = format!("services: {{dev: {{entrypoint: {entrypoint}}}}}\n");
    repository.write("installation/docker-amd64/compose.override.yaml", &text);
    let (told, code) = told(&repository, &["up"]);
    assert!(code == 1 && told.contains("the disk is on fire") && told.contains("has exited"), "{told}");
}

fn down_leaves_no_container_but_lets_jobs_go_on(suite: &Suite) {
    let repository = living(suite);
    let run = repository.xtask(["run", "--detach", "--", "sleep", "infinity"]).assert().success();
    run.stdout("sleep-1\n");
    let (told, code) = told(&repository, &["down"]);
    assert!(code == 0 && told.contains("cargo xtask stop sleep-1"), "{told}");
    assert_eq!(containers_of(&repository.compose_project()).len(), 1);
    let job = format!("{}-sleep-1", repository.compose_project());
    docker(["rm", "--force", &job]).assert().success();
    repository.xtask(["down"]).assert().success();
    assert_eq!(containers_of(&repository.compose_project()), Vec::<String>::new());
}

fn three_checkouts_of_the_same_project_at_once_do_not_collide(suite: &Suite) {
    let all = [(); 3].map(|()| Repository::copy_with_images_of(&suite.repository));
    let work = |repository: &Repository| {
        let verb = |words: &[&str]| {
            // Nobody has given them a name or a port, so that these are made from the path.
            let mut verb = repository.xtask(words);
            for name in ["COMPOSE_PROJECT_NAME", "SSH_PORT", "JUPYTER_PORT"] {
                verb.env_remove(name);
            }
            String::from_utf8(verb.assert().success().get_output().stdout.clone()).unwrap()
        };
        verb(&["up"]);
        let shown = verb(&["env", "--show"]);
        let value = |name: &str| {
            let line = shown.lines().find_map(|it| it.strip_prefix(name)?.strip_prefix('=')).unwrap();
            line.trim_matches('\'').to_owned()
        };
        let names = ["COMPOSE_PROJECT_NAME", "SSH_PORT", "JUPYTER_PORT"].map(value);
        assert_eq!(containers_of(&names[0]).len(), 1, "{names:?}");
        let id = verb(&[&["exec", "--"], &OWN_ID[..]].concat());
        let code = "import os, pathlib; pathlib.Path(os.environ['OUTPUTS_DIR'], 'own').write_text('1'); print(6 * 7)";
        assert_eq!(verb(&["run", "--", "python", "-c", code]), "42\n");
        assert!(repository.path("outputs/own").exists());
        (names, id)
    };
    let worked: Vec<([String; 3], String)> = std::thread::scope(|scope| {
        let threads = all.each_ref().map(|repository| scope.spawn(move || work(repository)));
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    for (names, _) in &worked {
        docker::remove_project(&names[0]);
    }
    for (at, (names, id)) in worked.iter().enumerate() {
        for (others, other) in &worked[..at] {
            assert!(names.iter().zip(others).all(|(one, other)| one != other) && id != other, "{worked:?}");
        }
    }
}

fn what_stands_beside_the_container_stops_and_starts_with_it(suite: &Suite) {
    let repository = Repository::copy_with_images_of(&suite.repository);
    let label = repository.compose_project();
    let side = format!(
        "services:\n  dev: {{environment: {{FROM_THE_OVERRIDE: '1'}}}}\n  side:\n    image: {}\n    pull_policy: never\n    \
         entrypoint: [sleep, infinity]\n    init: true\n    network_mode: bridge\n    labels: {{xtask.project: {label}}}\n",
        repository.image("runtime")
    );
    repository.write("installation/docker-amd64/compose.override.yaml", &side);
    repository.xtask(["up", "--wait"]).assert().success();
    assert_eq!(printed(&repository, &["printenv", "FROM_THE_OVERRIDE"]), "1\n");
    let states = || -> Vec<String> {
        let state = |id: &String| docker::answer(["container", "inspect", "--format", "{{.State.Status}}", id]);
        containers_of(&label).iter().map(state).collect()
    };
    assert_eq!(states(), ["running", "running"]);
    repository.xtask(["stop"]).assert().success();
    assert_eq!(states(), ["exited", "exited"]);
    repository.xtask(["start"]).assert().success();
    assert_eq!(states(), ["running", "running"]);
    repository.xtask(["down"]).assert().success();
    assert_eq!(states(), Vec::<String>::new());
}

fn a_command_of_its_own_in_the_dev_image_has_the_tools_and_leaves_nothing(suite: &Suite) {
    let repository = Repository::copy_with_images_of(&suite.repository);
    let script = "command -v git && python -c 'import template_package' && echo both";
    let dev = repository.xtask(["dev", "--", "sh", "-c", script]).assert().success();
    assert!(String::from_utf8_lossy(&dev.get_output().stdout).ends_with("both\n"));
    assert_eq!(containers_of(&repository.compose_project()), Vec::<String>::new());
}

fn a_published_port_is_this_machines_alone(suite: &Suite) {
    let repository = Repository::copy_with_images_of(&suite.repository);
    let dev = repository.xtask(["dev", "-d", "-p", "0:8000", "--", "sleep", "infinity"]).assert().success();
    dev.stdout("sleep-1\n");
    let job = format!("{}-sleep-1", repository.compose_project());
    let ports: Value = docker::inspect("container", &job)["NetworkSettings"]["Ports"]["8000/tcp"].clone();
    assert_eq!(ports[0]["HostIp"], "127.0.0.1");
}

fn a_missing_gpu_is_said_in_a_line(suite: &Suite) {
    let repository = Repository::copy_with_images_of(&suite.repository);
    repository.xtask(["env"]).assert().success();
    let (run, code) = told(&repository, &["run", "--gpu", "--", "true"]);
    assert!(code == 125 && run.lines().count() == 1 && run.contains("Container Toolkit"), "{run}");
    let (up, code) = told(&repository, &["up", "--gpu"]);
    assert!(code == 1 && up.contains("nvidia-ctk runtime configure") && !up.contains("daemon:"), "{up}");
    let mut rocm = repository.run(["true"]);
    let rocm = rocm.env("CPU_OR_GPU", "rocm").assert().code(125);
    assert!(String::from_utf8_lossy(&rocm.get_output().stderr).contains("this machine has no AMD GPU"));
}

fn whoever_wants_no_sudo_has_none(suite: &Suite) {
    let repository = Repository::copy_with_images_of(&suite.repository);
    let sudo = |choice: &str, code: i32| {
        let mut dev = repository.xtask(["dev", "--", "sudo", "-n", "true"]);
        dev.envs([("NO_NEW_PRIVILEGES", choice), ("USRID", "12345"), ("GRPID", "12345")]).assert().code(code);
    };
    sudo("false", 0);
    sudo("true", 1);
}

fn a_paused_container_goes_on(suite: &Suite) {
    let repository = living(suite);
    let [id] = &containers_of(&repository.compose_project())[..] else { panic!("one container") };
    docker(["pause", id]).assert().success();
    let (told, code) = told(&repository, &["exec", "--", "true"]);
    assert!(code == 0 && told.contains("is paused; starting it again"), "{told}");
    docker(["pause", id]).assert().success();
    repository.xtask(["up"]).assert().success();
    printed(&repository, &["true"]);
}

fn status_tells_what_runs_and_whether_images_are_out_of_date(suite: &Suite) {
    let repository = living(suite);
    let status = || String::from_utf8(repository.xtask(["ps"]).assert().success().get_output().stdout.clone()).unwrap();
    let shown = status();
    assert!(shown.contains("-dev-1") && shown.contains("Up "), "{shown}");
    assert_eq!(shown.matches(": up to date").count(), 2, "{shown}");
    repository.edit("dependencies/apt-dev.txt", |it| it + "tree\n");
    let shown = status();
    assert!(shown.contains("runtime: up to date") && shown.contains("dev: out of date"), "{shown}");
}

fn git_works_in_a_worktree_and_knows_who_commits(suite: &Suite) {
    let repository = Repository::copy_with_images_of(&suite.repository);
    let (main, tree, home) = (repository.directory("main"), repository.directory("tree"), repository.directory("home"));
    fs::write(home.join(".gitconfig"), "[user]\nname = Ada \"L\"\nemail = ada@example.org\n").unwrap();
    let git = |words: &[&str]| {
        let mut git = command("git");
        git.arg("-C").arg(&main).args(words).env("HOME", &home);
        bounded(git).assert().success();
    };
    git(&["init", "--quiet"]);
    git(&["commit", "--quiet", "--allow-empty", "--message", "first"]);
    git(&["worktree", "add", "--quiet", "--no-checkout", "--detach", tree.to_str().unwrap()]);
    // The copy becomes the worktree.
    fs::rename(tree.join(".git"), repository.path(".git")).unwrap();
    git(&["worktree", "repair", repository.path("").to_str().unwrap()]);
    let mut up = repository.xtask(["up"]);
    up.env("HOME", &home).assert().success();
    assert_eq!(printed(&repository, &["git", "log", "--format=%s"]), "first\n");
    assert_eq!(printed(&repository, &["git", "config", "user.name"]), "Ada L\n");
    let mut dev = repository.xtask(["dev", "--", "git", "log", "--format=%s"]);
    dev.assert().success().stdout("first\n");
}

fn the_ssh_agent_is_there_while_a_command_runs_unless_somebody_does_not_want_it(suite: &Suite) {
    let repository = living(suite);
    let keys = repository.directory("keys");
    let (key, socket) = (keys.join("key"), keys.join("agent"));
    let mut keygen = command("ssh-keygen");
    keygen.args(["-q", "-t", "ed25519", "-N", "", "-C", "e2e@agent", "-f"]).arg(&key);
    bounded(keygen).assert().success();
    let mut agent = command("ssh-agent");
    agent.arg("-D").arg("-a").arg(&socket);
    // What it prints first says that it listens.
    let agent = Running::start(agent);
    let mut add = command("ssh-add");
    add.arg("-q").arg(&key).env("SSH_AUTH_SOCK", &socket);
    bounded(add).assert().success();

    let list = |wanted: &str| {
        let mut exec = repository.xtask(["exec", "--", "ssh-add", "-l"]);
        exec.env("SSH_AUTH_SOCK", &socket).env("SSH_AGENT", wanted).output().unwrap()
    };
    let listed = list("true");
    assert!(String::from_utf8_lossy(&listed.stdout).contains("e2e@agent"), "{listed:?}");
    assert_ne!(list("false").status.code(), Some(0));
    let left = fs::read_dir(repository.path("installation/docker-amd64/.dev/agent")).unwrap().count();
    assert_eq!(left, 0, "no socket outlives its client");
    agent.end_by("TERM");
}
