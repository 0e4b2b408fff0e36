//! What happens before the command, and beside it.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::PathBuf;

use crate::support::docker::{self, answer, docker};
use crate::support::{Repository, Subject, Suite, trials, wait_for};

/// Where the package's code is, as Python finds it.
const FOUND: &str = "import template_package; print(template_package.__file__)";
const USUAL: &str = "/opt/project/python-project/src/template_package/__init__.py\n";

pub fn trials() -> Subject {
    trials![
        a_container_ends_with_the_client_that_holds_its_lease,
        a_command_that_does_not_listen_ends_with_the_client_too,
        a_lease_that_nobody_holds_ends_nothing,
        a_container_that_starts_after_its_client_is_gone_ends,
        code_that_is_not_mounted_is_told,
        a_project_is_found_where_it_is_mounted,
        a_project_that_was_uninstalled_is_installed_again,
        a_project_that_cannot_be_installed_again_is_found_all_the_same,
        activation_scripts_run_once_and_may_fail,
        a_later_command_starts_nothing_again,
        a_server_that_cannot_start_is_a_failure,
        running_it_again_changes_nothing,
    ]
}

fn a_container_ends_with_the_client_that_holds_its_lease(suite: &Suite) {
    let (lease, id) = leased(suite, "lease", "import time");
    // The command has no child that it has not started.
    let command = answer(["exec", &id, "sh", "-c", "grep -l ^python /proc/[0-9]*/comm | cut -d/ -f3"]);
    let parents = answer(["exec", &id, "sh", "-c", "cut -d' ' -f4 /proc/[0-9]*/stat"]);
    assert!(!parents.lines().any(|it| it == command), "{command} is among {parents}");

    drop(lease);
    assert_eq!(exit_code(&id), 143);
}

fn a_command_that_does_not_listen_ends_with_the_client_too(suite: &Suite) {
    let setup = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)";
    let (lease, id) = leased(suite, "lease-of-the-deaf", setup);
    drop(lease);
    assert_eq!(exit_code(&id), 137);
}

fn a_lease_that_nobody_holds_ends_nothing(suite: &Suite) {
    // As it looks where the lock is on another machine.
    let lease = suite.repository.directory("lease-of-nobody").join("lease");
    File::create(&lease).unwrap();
    let script = "while grep --quiet --no-messages lease.sh /proc/[0-9]*/comm; do :; done; cat /proc/[0-9]*/comm";
    let mount = format!("--mount=type=bind,source={},target=/run/xtask/lease", lease.display());
    let run = mounted(&suite.repository, &[&mount], &["sh", "-c", script]).assert().success().stderr("");
    let running = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
    assert!(running.contains("tini") && !running.contains("flock"), "{running}");
    // It does not say that it looks after itself.
    assert_eq!(fs::read_to_string(&lease).unwrap(), "");
}

fn a_container_that_starts_after_its_client_is_gone_ends(suite: &Suite) {
    let path = suite.repository.directory("lease-of-the-dead").join("lease");
    let lease = File::create(&path).unwrap();
    let (boot, file) = (fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap(), lease.metadata().unwrap());
    fs::write(&path, format!("{} {}:{}\n", boot.trim(), file.dev(), file.ino())).unwrap();
    let mount = format!("--mount=type=bind,source={},target=/run/xtask/lease", path.display());
    let id = detached(&suite.repository, &[&mount], &["python", "-c", "import time; time.sleep(600)"]);
    assert_eq!(exit_code(&id), 143);
}

fn code_that_is_not_mounted_is_told(suite: &Suite) {
    let run = docker::in_image(&suite.repository.image("runtime"), &["sh", "-c", "exit 7"]).assert().code(7);
    let told = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(told.contains("your code is not mounted: PROJECT_DIR (/opt/project/python-project)"), "{told}");
    assert!(told.contains("target=/opt/project\n"), "{told}");

    let variables = ["--env=PROJECT_ROOT=/srv/lab", "--env=PROJECT_DIR=/srv/lab/python-project"];
    let run = mounted(&suite.repository, &variables, &["true"]).assert().success();
    let told = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(told.contains("PROJECT_DIR (/srv/lab/python-project)") && told.contains("target=/srv/lab\n"), "{told}");

    mounted(&suite.repository, &[], &["true"]).assert().success().stdout("").stderr("");
}

fn a_project_is_found_where_it_is_mounted(suite: &Suite) {
    mounted(&suite.repository, &["--workdir=/"], &["python", "-c", FOUND]).assert().success().stdout(USUAL).stderr("");

    let mount = format!("--mount=type=bind,readonly,source={},target=/srv/lab", suite.repository.path("").display());
    let places = [
        ["--env=PROJECT_DIR=/srv/lab/python-project", "--workdir=/"],
        // Nothing names it but the working directory.
        ["--env=PROJECT_ROOT=/srv/lab", "--workdir=/srv/lab/python-project"],
    ];
    for place in places {
        let mut run = docker(["run", "--rm", "--network=none", "--read-only", "--user=12345:67890", &mount]);
        run.args(place).arg(suite.repository.image("runtime"));
        run.args(["sh", "-c", "cd / && python -c \"$0\" && echo $PROJECT_DIR", FOUND]);
        let expected = "/srv/lab/python-project/src/template_package/__init__.py\n/srv/lab/python-project\n";
        run.assert().success().stdout(expected).stderr("");
    }
}

const UNINSTALLED: &str = r#"
pip uninstall --quiet --yes template-project
cd / && /opt/entrypoint.sh sh -c 'python -c "$0"; pip show --quiet template-project; echo $? $PYTHONPATH' "$0"
"#;

fn a_project_that_was_uninstalled_is_installed_again(suite: &Suite) {
    let repository = Repository::copy_with_images_of(&suite.repository);
    // There is no network, and no build tool in the environment: the project brings one.
    repository.edit("python-project/pyproject.toml", |it| {
        let ours = "requires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]";
        it.replace("requires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"", ours)
    });
    repository.write(
        "python-project/backend.py",
        r#"
import zipfile

def build_editable(directory, config_settings=None, metadata_directory=None):
    name, metadata = "template_project-1-py3-none-any.whl", "template_project-1.dist-info"
    with zipfile.ZipFile(f"{directory}/{name}", "w") as wheel:
        wheel.writestr("template_project.pth", "/opt/project/python-project/src\n")
        wheel.writestr(f"{metadata}/METADATA", "Metadata-Version: 2.1\nName: template-project\nVersion: 1\n")
        wheel.writestr(f"{metadata}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{metadata}/RECORD", "".join(f"{it},,\n" for it in wheel.namelist()))
    return name
"#,
    );
    let run = mounted(&repository, &[], &["sh", "-c", UNINSTALLED, FOUND]).assert().success();
    run.stdout(format!("{USUAL}0\n")).stderr("");
}

fn a_project_that_cannot_be_installed_again_is_found_all_the_same(suite: &Suite) {
    let run = mounted(&suite.repository, &[], &["sh", "-c", UNINSTALLED, FOUND]).assert().success();
    let run = run.stdout(format!("{USUAL}1 /opt/project/python-project/src\n"));
    let told = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(told.contains("template_project is no longer installed in the environment"), "{told}");
}

fn activation_scripts_run_once_and_may_fail(suite: &Suite) {
    let prefix = suite.repository.directory("conda-prefix");
    let scripts = prefix.join("etc/conda/activate.d");
    fs::create_dir_all(&scripts).unwrap();
    let write = |name: &str, text: &str| fs::write(scripts.join(name), text).unwrap();
    write("1-bash.sh", "words=(a 'b c'); [[ -n ${words[1]} ]] && export FROM_BASH=\"${words[1]}\"\n");
    write("2-fails.sh", "echo to be seen, but not as output; set -- lost; false\n");
    write("3-options.sh", "set -eu; cat; export COUNT=$((${COUNT:-0} + 1))\n");
    write("4-last.sh", "export UNSET_IS_EMPTY=\"<$NO_SUCH_VARIABLE>\"\n");
    // conda does not run it for this shell.
    write("5-other.fish", "exit 3\n");

    let mount = format!("--mount=type=bind,readonly,source={},target=/srv/env", prefix.display());
    let script = r#"cat; echo "$0" "$1"; /opt/entrypoint.sh sh -c 'echo "$FROM_BASH" "$COUNT" "$UNSET_IS_EMPTY"'"#;
    let options = [&mount, "--env=CONDA_PREFIX=/srv/env", "--interactive"];
    let mut run = mounted(&suite.repository, &options, &["sh", "-c", script, "$(id)", "x  y"]);
    let run = run.write_stdin("the command's\n").assert().success();
    let run = run.stdout("the command's\n$(id) x  y\nb c 1 <>\n");
    let told = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(told.contains("to be seen, but not as output"), "{told}");
    assert!(told.contains("xtask: /srv/env/etc/conda/activate.d/2-fails.sh failed"), "{told}");
}

fn a_later_command_starts_nothing_again(suite: &Suite) {
    let server = script(&suite.repository, "server", "#!/bin/sh\necho started as $(id -un) >>/tmp/started\n");
    let mount = format!("--mount=type=bind,readonly,source={},target=/opt/xtask/ssh-server.sh", server.display());
    let options = [&mount, "--env=SSH_SERVER=1", "--env=USER=ada"];
    let id = detached(&suite.repository, &options, &["sleep", "infinity"]);
    wait_for("the container to be ready", || {
        docker(["exec", &id, "test", "-e", "/dev/shm/.xtask-ready"]).output().unwrap().status.success().then_some(())
    });
    let again = "rm /dev/shm/.xtask-ready; /opt/entrypoint.sh /opt/entrypoint.sh cat /tmp/started; ls -A /dev/shm";
    for command in [&["sh", "-c", again][..], &["/opt/entrypoint.sh", "sh", "-c", &again.replace("rm", "rm -f")]] {
        assert_eq!(answer(["exec", &id].iter().chain(command)), "started as ada");
    }
    docker(["rm", "--force", &id]).assert().success();
}

fn a_server_that_cannot_start_is_a_failure(suite: &Suite) {
    let server = script(&suite.repository, "no-server", "#!/bin/sh\necho why not\nexit 3\n");
    let mount = format!("--mount=type=bind,readonly,source={},target=/opt/xtask/jupyter-server.sh", server.display());
    let run = || mounted(&suite.repository, &[&mount, "--env=JUPYTER_SERVER=1"], &["echo", "not reached"]);
    run().assert().code(3).stdout("").stderr("why not\n");

    fs::set_permissions(&server, Permissions::from_mode(0o644)).unwrap();
    run().assert().code(1).stdout("").stderr("xtask: this image has no jupyter-server\n");
}

fn running_it_again_changes_nothing(suite: &Suite) {
    let script = r#"
show() { "$@" env | grep -v -e '^_=' -e '^SHLVL=' | sort; ls /tmp /dev/shm; wc -l /var/lib/extrausers/*; }
show >"$HOME/once" && show /opt/entrypoint.sh /opt/entrypoint.sh | diff "$HOME/once" -
"#;
    let situations: [&[&str]; 3] = [
        &[],
        &["--read-only", "--tmpfs=/tmp", "--tmpfs=/home/user:mode=1777"],
        &["--env=PROJECT_DIR=/opt/project/../project/python-project"],
    ];
    for options in situations {
        mounted(&suite.repository, options, &["sh", "-c", script]).assert().success().stdout("").stderr("");
    }
}

/// A command as somebody without a name, with the project mounted.
fn mounted(repository: &Repository, options: &[&str], command: &[&str]) -> assert_cmd::Command {
    let mut run = docker(["run", "--rm"]);
    run.args(usual(repository)).args(options).arg(repository.image("runtime")).args(command);
    run
}

fn detached(repository: &Repository, options: &[&str], command: &[&str]) -> String {
    let image = repository.image("runtime");
    let usual = usual(repository);
    let usual = usual.iter().map(String::as_str);
    answer(
        ["run", "--detach"]
            .into_iter()
            .chain(usual)
            .chain(options.iter().copied())
            .chain([&*image])
            .chain(command.iter().copied()),
    )
}

fn usual(repository: &Repository) -> Vec<String> {
    let project = format!("--mount=type=bind,source={},target=/opt/project", repository.path("").display());
    ["--network=none", "--user=12345:67890", "--group-add=0", &project].map(str::to_owned).to_vec()
}

/// A running container, and the lock that its client would hold.
fn leased(suite: &Suite, directory: &str, setup: &str) -> (File, String) {
    let path = suite.repository.directory(directory).join("lease");
    let lease = File::create(&path).unwrap();
    lease.lock().unwrap();
    let mount = format!("--mount=type=bind,source={},target=/run/xtask/lease", path.display());
    let code = format!("{setup}; print('ready', flush=True); time.sleep(600)");
    let id = detached(&suite.repository, &[&mount], &["python", "-c", &code]);
    wait_for("the command to start", || (answer(["logs", &id]) == "ready").then_some(()));
    (lease, id)
}

fn exit_code(id: &str) -> i64 {
    let code = wait_for("the container to end", || {
        let state = &docker::inspect("container", id)["State"];
        (state["Running"] == false).then(|| state["ExitCode"].as_i64())
    });
    docker(["rm", id]).assert().success();
    code.expect("a container has an exit code")
}

fn script(repository: &Repository, directory: &str, text: &str) -> PathBuf {
    let path = repository.directory(directory).join("script.sh");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    path
}
