//! conda's packages in images: truly solved, installed, changed, frozen and made again.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::channel::{CREDENTIALS, Channel, Server, TOKEN};
use crate::support::docker::{docker, gateway, in_image};
use crate::support::{
    BUILD_LIMIT, BuiltLayers, DevContainer, Repository, Subject, Suite, base_image, bounded, command, found_in_layers,
    trials,
};

pub fn trials() -> Subject {
    trials![
        packages_of_conda_are_installed_changed_frozen_and_made_again,
        whoever_works_in_the_container_installs_conda_packages_by_hand,
        a_channel_behind_a_login_is_used_and_the_login_is_kept_by_nobody,
        docker_alone_is_enough_to_solve,
        the_installer_and_the_channel_of_the_tests_pass_their_own_tests,
    ]
}

/// Versions that the tests in Python were written for.
const TESTERS: [&str; 4] = ["pytest==8.4.2", "pytest-xdist==3.8.0", "conda-pack==0.9.2", "setuptools==80.9.0"];

const LOCK: &str = "dependencies/lock/linux-amd64";

/// The channels, where builds reach them.
fn serve() -> Server {
    let gateway = gateway(&base_image().unwrap_or_else(|| "ubuntu:24.04".to_owned()));
    Channel::made().serve_with(["--host", &gateway])
}

/// Asks conda for the words before `pip:` and pip for those behind it.
fn ask(repository: &Repository, channel: &str, packages: &str) {
    let (conda, pip) = packages.split_once(" pip: ").unwrap_or((packages, ""));
    let lines = |words: &str, indent: &str| words.split(' ').map(|it| format!("{indent}- {it}\n")).collect::<String>();
    let pip = if pip.is_empty() { String::new() } else { format!("  - pip:\n{}", lines(pip, "    ")) };
    let text = format!("channels:\n  - {channel}\ndependencies:\n{}{pip}", lines(conda, "  "));
    repository.write("dependencies/environment.yml", &text);
}

fn succeed(repository: &Repository, words: &[&str]) -> String {
    let output = repository.xtask(words).assert().success().get_output().clone();
    String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
}

fn packages_of_conda_are_installed_changed_frozen_and_made_again(suite: &Suite) {
    let (repository, _turn) = suite.building("conda");
    let server = serve();
    let lab = server.url("lab");
    ask(&repository, &lab, "python=3.11 numpy libdemo demotool steady=1.0 pip: tqdm");
    repository.build("runtime");
    let script = "import os, sys, numpy, tqdm, template_package\n\
                  print(sys.prefix, numpy.__version__, os.environ['CONDA_PREFIX'], os.environ.get('VIRTUAL_ENV'))\n\
                  print(os.environ['LIBDEMO_ROOT'], template_package.__file__)";
    let printed = repository.output_of(["python", "-c", script]);
    let expected =
        "/opt/env 2.1.3 /opt/env None\n/opt/env /opt/project/python-project/src/template_package/__init__.py\n";
    assert_eq!(printed, expected);
    assert_eq!(repository.output_of(["demotool"]), "demotool 2.0\n");
    assert_eq!(repository.output_of(["cat", "/opt/env/lib/libdemo.txt"]), "prefix=/opt/env\nversion=1.3.0\n");

    // Another pip package leaves conda's layer alone.
    ask(&repository, &lab, "python=3.11 numpy libdemo demotool steady=1.0 pip: tqdm iniconfig");
    let log = repository.build("runtime");
    assert_eq!(log.done_outside(&["layer-2", "layers-2", "description-conda", "common", "top", "runtime"]), [""; 0]);

    // What was solved is what is installed, so freezing builds nothing.
    succeed(&repository, &["freeze", "--from", "image"]);
    let frozen = fs::read_to_string(repository.path("dependencies/environment.yml")).unwrap();
    assert!(frozen.contains("  - demotool=1!2.0  # intent: demotool\n"), "{frozen}");
    let log = repository.build("runtime");
    assert_eq!(log.done(), [""; 0]);
    // What has no entrypoint before it is activated, too.
    succeed(&repository, &["build", "all", "--force", "--locked"]);
    let images = || ["runtime", "dev"].map(|it| BuiltLayers::of(&repository.image(it)));
    let first = images();
    succeed(&repository, &["build", "all", "--force", "--locked", "--no-cache"]);
    for (first, again) in first.iter().zip(images()) {
        first.require_same(&again, &repository);
    }
    for image in ["runtime", "dev"].map(|it| repository.image(it)) {
        let past_entrypoint = ["run", "--rm", "--entrypoint", "printenv", &image, "LIBDEMO_ROOT", "LIBDEMO_VERSION"];
        docker(past_entrypoint).assert().success().stdout("/opt/env\n1.3.0\n");
    }
    succeed(&repository, &["drift"]);
    let verified = succeed(&repository, &["verify"]);
    assert!(verified.contains(" 0 differ"), "{verified}");
    assert!(verified.contains(": 3 of 3 layers of packages have the same digest\n"), "{verified}");

    // One more package, and one that nobody asks for any more: what is locked stays, and what is new gets a layer of its own.
    let changed = frozen.replace("  - libdemo=1.3.0  # intent: libdemo\n", "  - conda-pluggy\n");
    assert_ne!(changed, frozen);
    repository.write("dependencies/environment.yml", &changed.replace("steady=1.0  # intent: steady=1.0", "steady"));
    let log = repository.build("runtime");
    assert_eq!(
        log.done_outside(&[
            "layer-3",
            "layers-3",
            "description-conda",
            "common",
            "top",
            "activator",
            "activation",
            "runtime"
        ]),
        [""; 0]
    );
    let script = "import pluggy, steady, tqdm; print(pluggy.__name__)";
    assert_eq!(repository.output_of(["python", "-c", script]), "pluggy\n");
    let listed = succeed(&repository, &["list"]);
    assert!(listed.lines().any(|it| it.starts_with("steady") && it.contains(" 1.0 ")), "{listed}");
    assert!(listed.contains("libdemo"), "demotool still needs it:\n{listed}");

    // Locks for other platforms need nothing of them.
    succeed(&repository, &["thaw"]);
    succeed(&repository, &["lock", "--platform", "linux/arm64", "--platform", "osx/arm64"]);
    let arm = fs::read_to_string(repository.path("dependencies/lock/linux-arm64/conda.lock")).unwrap();
    assert!(arm.contains("/lab/linux-aarch64/numpy-2.1.3-"), "{arm}");
}

fn whoever_works_in_the_container_installs_conda_packages_by_hand(suite: &Suite) {
    let (repository, _turn) = suite.building("conda-by-hand");
    let server = serve();
    ask(&repository, &server.url("lab"), "python=3.11 steady=1.0 pip: tqdm");
    repository.build("dev");
    let script = "find /opt/env ! -type l -perm -u=w ! -perm -g=w";
    in_image(&repository.image("dev"), &["sh", "-c", script]).assert().success().stdout("");

    let container = DevContainer::new(repository, "conda-by-hand", &[]);
    container.start();
    let exec = |words: &[&str]| {
        let output = container.xtask(&[&["exec", "--"], words].concat()).assert().success().get_output().clone();
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
    };
    let installed = exec(&["conda", "install", "-y", "demotool", "conda-pluggy"]);
    assert!(installed.contains("demotool 1!2.0"), "{installed}");
    assert_eq!(exec(&["demotool"]), "demotool 2.0\n");
    let listed = exec(&["conda", "list"]);
    assert!(listed.contains("steady") && listed.contains("conda-pluggy"), "{listed}");
    exec(&["conda", "remove", "-y", "conda-pluggy"]);
    let refused = container.xtask(&["exec", "--", "conda", "env", "create"]).assert().failure();
    let told = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
    assert!(told.contains("cargo xtask build"), "{told}");

    container.xtask(&["freeze"]).assert().success();
    let frozen = fs::read_to_string(container.repository.path("dependencies/environment.yml")).unwrap();
    assert!(frozen.contains("  - demotool=1!2.0"), "{frozen}");
    assert!(!frozen.contains("pluggy"), "{frozen}");
    let locked = fs::read_to_string(container.repository.path(LOCK).join("conda.lock")).unwrap();
    assert!(locked.contains("/demotool-1"), "{locked}");
}

fn a_channel_behind_a_login_is_used_and_the_login_is_kept_by_nobody(suite: &Suite) {
    let (repository, _turn) = suite.building("conda-login");
    let server = serve();
    let (user, password) = CREDENTIALS.split_once(':').unwrap();
    // In no other trial, so that a build on a fresh machine has to fetch each with its login.
    let [first, second] = ["python=3.11 oldlib", "python=3.11 fastlib"];
    repository.xtask(["env"]).assert().success();
    repository.edit("installation/docker-amd64/.env", |it| format!("{it}\nLAB_PASSWORD={password}\n"));
    let channel = server.url("auth/lab").replace("http://", &format!("http://{user}:${{LAB_PASSWORD}}@"));
    ask(&repository, &channel, first);
    repository.build("runtime");
    assert_eq!(repository.output_of(["python", "-c", "print('in')"]), "in\n");
    assert_eq!(found_in_layers(&repository, &repository.image("runtime"), &[password]), [""; 0]);

    repository.edit("installation/docker-amd64/.env", |it| {
        it.replace(&format!("LAB_PASSWORD={password}"), &format!("LAB_TOKEN={TOKEN}"))
    });
    ask(&repository, &server.url("t/${LAB_TOKEN}/private/lab"), second);
    repository.build("runtime");
    assert_eq!(repository.output_of(["python", "-c", "print('in')"]), "in\n");
    succeed(&repository, &["freeze", "--from", "image"]);
    let lock = fs::read_to_string(repository.path(LOCK).join("conda.lock")).unwrap();
    assert!(lock.contains("/private/lab/linux-64/fastlib-") && !lock.contains(TOKEN), "{lock}");
    assert_eq!(found_in_layers(&repository, &repository.image("runtime"), &[password, TOKEN]), [""; 0]);
    let asked = server.requests();
    for place in ["200 GET /auth/lab/noarch/", "200 GET /t/***/private/lab/noarch/"] {
        assert!(asked.iter().any(|it| it.starts_with(place)), "{asked:?}");
    }
}

fn docker_alone_is_enough_to_solve(suite: &Suite) {
    let (repository, _turn) = suite.building("conda-in-docker");
    let server = serve();
    ask(&repository, &server.url("lab"), "python=3.11 conda-pluggy pip: pytest");
    let programs = repository.directory("programs");
    for name in ["docker", "env", "git", "id", "sh"] {
        let directories = ["/usr/local/bin", "/usr/bin", "/bin"].map(|it| Path::new(it).join(name));
        symlink(directories.into_iter().find(|it| it.exists()).unwrap(), programs.join(name)).unwrap();
    }
    let built = repository.xtask(["build", "runtime"]).env("PATH", &programs).assert().success();
    let told = String::from_utf8_lossy(&built.get_output().stderr).into_owned();
    assert!(told.contains("solving in a step of a build, because this machine has neither uv nor"), "{told}");
    let script = "import pluggy, pytest; print(pluggy.__version__)";
    assert_eq!(repository.output_of(["python", "-c", script]), "1.5.0\n");

    ask(&repository, &server.url("lab"), "python=3.11 nosuchpkg");
    let refused = repository.xtask(["build", "runtime"]).env("PATH", &programs).assert().failure();
    let told = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
    assert!(told.contains("no channel has `nosuchpkg`") && told.contains("environment.yml:5:5"), "{told}");
}

fn the_installer_and_the_channel_of_the_tests_pass_their_own_tests(_: &Suite) {
    let channel = Channel::made();
    // They make a hundred environments, which a disk need not see.
    let directory = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let environment = directory.path().join("environment");
    let python = environment.join("bin/python");
    let run = |program: &Path, words: &[&str]| {
        let mut command = command(program.to_str().unwrap());
        command.args(words).env("PYTHONPATH", channel.library()).env("PYTHONDONTWRITEBYTECODE", "1");
        command.env("CONDA_TEST_CHANNEL", channel.path("")).current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        bounded(command).timeout(BUILD_LIMIT).assert().success().get_output().stdout.clone()
    };
    run(Path::new("/usr/bin/python3"), &["-m", "venv", environment.to_str().unwrap()]);
    run(&python, &[&["-m", "pip", "install", "--quiet", "--disable-pip-version-check"], &TESTERS[..]].concat());
    let base = directory.path().join("tests");
    for (tests, base) in
        [("xtask/conda/tests", base.join("conda")), ("xtask/tests/channel/tests", base.join("channel"))]
    {
        fs::create_dir_all(&base).unwrap();
        let options = ["-m", "pytest", "--quiet", "-p", "no:cacheprovider", "--numprocesses", "2", "--basetemp"];
        let told = run(&python, &[&options[..], &[base.to_str().unwrap(), tests]].concat());
        let told = String::from_utf8(told).unwrap();
        assert!(told.contains(" passed") && !told.contains(" skipped"), "{told}");
    }
}
