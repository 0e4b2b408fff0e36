//! Whoever calls owns what is written, has a name, and can install what is missing.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};

use serde_json::Value;

use crate::support::docker::{answer, docker};
use crate::support::{self, Repository, Subject, Suite, trials};

/// User and group: root, the usual one, another, one of macOS, one that is in no file, and `nobody`, that is in all.
const USERS: [(u32, u32); 6] = [(0, 0), (1000, 1000), (1001, 1001), (501, 20), (12345, 67890), (65534, 65534)];
const UNKNOWN: (u32, u32) = (12345, 67890);

/// Prints three names that should be the same, and the name of root, and writes to the home directory.
const WHO: &str = r#"
touch "$HOME/file" && mkdir -p "${XDG_CACHE_HOME:-$HOME/.cache}/directory" "${XDG_CONFIG_HOME:-$HOME/.config}/directory"
echo $(whoami; id -un; python -c "import getpass, template_package; print(getpass.getuser())"; getent passwd 0)
"#;

pub fn trials() -> Subject {
    trials![
        a_user_of_the_base_image_does_not_take_the_callers_name,
        files_belong_to_whoever_calls,
        a_file_that_is_changed_stays_its_owners,
        every_user_has_their_name_and_a_home,
        a_name_and_a_home_need_no_rights,
        a_name_that_is_none_is_replaced,
        any_user_installs_packages_into_the_environment,
        nobody_becomes_somebody_else_in_the_runtime_image,
        a_job_has_no_more_rights_than_the_user,
        a_developer_becomes_root_and_installs_a_system_package,
        the_environment_is_stored_once,
    ]
}

fn a_user_of_the_base_image_does_not_take_the_callers_name(suite: &Suite) {
    let (repository, _turn) = suite.building("ubuntu");
    let base = repository.image("base");
    let context = repository.directory("base");
    let from = support::base_image().unwrap_or_else(|| "ubuntu:24.04".to_owned());
    let dockerfile = format!("FROM {from}\nUSER 0\nRUN id ubuntu || useradd --create-home --uid 1000 ubuntu\n");
    fs::write(context.join("Dockerfile"), dockerfile).unwrap();
    docker(["buildx", "build", "--load", "--tag", &base]).arg(context).assert().success();
    assert_eq!(answer(["run", "--rm", "--user=1000", &base, "whoami"]), "ubuntu");

    repository.xtask(["build", "all"]).env("BASE_IMAGE", &base).assert().success();
    for target in ["runtime", "dev"] {
        let mut run = container(&repository, target, (1000, 1000), &["--env=USER=ada"], WHO);
        run.assert().success().stdout(names("ada")).stderr("");
    }
}

fn files_belong_to_whoever_calls(suite: &Suite) {
    let own = (support::user_id("-u"), support::user_id("-g"));
    for user in USERS {
        let (uid, gid) = if own.0 == 0 { user } else { own };
        if (uid, gid) != user {
            support::say(&format!("users: only root can give directories away, so {own:?} stands in for {user:?}"));
        }
        let outputs = suite.repository.directory(&format!("outputs-of-{}", user.0));
        chown(&outputs, Some(uid), Some(gid)).unwrap();

        let code = "
import getpass, os, pathlib, tempfile
getpass.getuser()
(pathlib.Path.home() / 'file').write_text('home')
pathlib.Path(os.environ['OUTPUTS_DIR'], 'file').write_text('outputs')
tempfile.TemporaryFile()
print(os.getuid(), os.getgid(), os.getcwd(), pathlib.Path.home() != pathlib.Path('/'))
";
        let mut run = suite.repository.run(["python", "-c", code]);
        run.env("USRID", uid.to_string()).env("GRPID", gid.to_string()).env("LOCAL_OUTPUTS_DIR", &outputs);
        run.assert().success().stdout(format!("{uid} {gid} /opt/project/python-project True\n"));

        let file = outputs.join("file");
        assert_eq!(fs::read_to_string(&file).unwrap(), "outputs");
        let owner = fs::metadata(&file).unwrap();
        assert_eq!((owner.uid(), owner.gid()), (uid, gid));
    }
}

fn a_file_that_is_changed_stays_its_owners(_suite: &Suite) {
    let repository = Repository::copy("owners");
    let own = (support::user_id("-u"), support::user_id("-g"));
    let owner = if own.0 == 0 { UNKNOWN } else { own };
    if owner != UNKNOWN {
        support::say(&format!("users: only root can give files away, so {own:?} stands in for {UNKNOWN:?}"));
    }
    repository.xtask(["env"]).assert().success();
    let file = repository.path("installation/docker-amd64/.env");
    chown(&file, Some(owner.0), Some(owner.1)).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o400)).unwrap();
    repository.xtask(["env", "--set", "SHM_SIZE=2gb"]).assert().success();
    let metadata = fs::metadata(&file).unwrap();
    assert_eq!((metadata.uid(), metadata.gid(), metadata.mode() & 0o777), (owner.0, owner.1, 0o400));
    assert!(fs::read_to_string(&file).unwrap().contains("\nSHM_SIZE=2gb\n"));
}

fn every_user_has_their_name_and_a_home(suite: &Suite) {
    for target in ["runtime", "dev"] {
        for (uid, gid) in USERS {
            let name = if uid == 0 { "root" } else { "ada" };
            let mut run = container(&suite.repository, target, (uid, gid), &["--env=USER=ada"], WHO);
            run.assert().success().stdout(names(name)).stderr("");
        }
    }
}

fn a_name_and_a_home_need_no_rights(suite: &Suite) {
    let read_only_project = {
        let project = suite.repository.path("");
        ["--mount".to_owned(), format!("type=bind,readonly,source={},target=/opt/project", project.display())]
    };
    let situations: [&[&str]; 6] = [
        &["--read-only", "--tmpfs=/tmp"],
        // Docker leaves /dev/shm, if nothing else.
        &["--read-only"],
        &["--security-opt=no-new-privileges", "--cap-drop=ALL"],
        // Without a value, and none in the client: as if the image did not set it.
        &["--env=HOME"],
        &["--env=HOME="],
        // A volume that belongs to somebody else.
        &["--tmpfs=/home/user/.cache:mode=0755", "--tmpfs=/home/user/.config:mode=0755"],
    ];
    for user in [(1000, 1000), UNKNOWN, (65534, 65534)] {
        let expect = |groups: &[&str], options: &[&str]| {
            let mut run = docker(["run", "--rm", "--network=none", "--env=USER=ada"]);
            run.env_remove("HOME").arg(format!("--user={}:{}", user.0, user.1));
            run.args(groups).args(options).args(&read_only_project);
            run.arg(suite.repository.image("runtime")).args(["sh", "-c", WHO]);
            run.assert().success().stdout(names("ada")).stderr("");
        };
        for options in situations {
            expect(&["--group-add=0"], options);
        }
        expect(&[], &[]);
    }
}

fn a_name_that_is_none_is_replaced(suite: &Suite) {
    let given = [("$(id)", "user"), ("a:b", "user"), ("two\nlines", "user"), ("", "user"), ("root", "user")];
    for (given, expected) in given.into_iter().chain([("DOMAIN\\j.doe", "j.doe"), ("_x-1", "_x-1")]) {
        let mut run = container(&suite.repository, "runtime", UNKNOWN, &[&format!("--env=USER={given}")], WHO);
        run.assert().success().stdout(names(expected)).stderr("");
    }
}

fn any_user_installs_packages_into_the_environment(suite: &Suite) {
    let make = r#"
cd /tmp && python - <<'END'
import zipfile
with zipfile.ZipFile("tiny-1-py3-none-any.whl", "w") as wheel:
    wheel.writestr("tiny.py", "print('hello')\n")
    wheel.writestr("tiny-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1\n")
    wheel.writestr("tiny-1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr("tiny-1.dist-info/RECORD", "".join(f"{name},,\n" for name in wheel.namelist()))
END
"#;
    let pip = "pip install --quiet --no-index ./tiny-1-py3-none-any.whl && cd / && python -m tiny
               pip uninstall --quiet --yes tiny tqdm";
    let uv = "cd /tmp && uv pip install --quiet --offline ./tiny-1-py3-none-any.whl && cd / && python -m tiny
              uv pip uninstall --quiet numpy && ! python -c 'import numpy' 2>/dev/null";
    for user in USERS.into_iter().filter(|it| it.0 != 0) {
        let script = format!("set -e{make}{pip}\n{uv}");
        let mut run = container(&suite.repository, "dev", user, &["--env=USER=ada"], &script);
        run.assert().success().stdout("hello\nhello\n");
        // A job leaves it as it was built.
        let script = format!("set -e{make}! pip install --no-index ./tiny-1-py3-none-any.whl 2>/dev/null");
        let mut run = container(&suite.repository, "runtime", user, &["--env=USER=ada"], &script);
        run.assert().success();
    }
}

fn nobody_becomes_somebody_else_in_the_runtime_image(suite: &Suite) {
    // Whoever starts the image by hand may give it group 0.
    let script = "
for file in /etc/passwd /etc/group /etc/shadow /var/lib/extrausers/*; do [ ! -w $file ] || echo $file; done
find / -xdev -group 0 -perm -g=w ! -perm -o=w ! -type l ! -path '/opt/env*' 2>/dev/null || true
";
    let mut run = docker(["run", "--rm", "--network=none", "--user=12345:67890", "--group-add=0", "--env=USER=ada"]);
    run.arg(suite.repository.image("runtime")).args(["sh", "-c", script]).assert().success().stdout("");
}

fn a_job_has_no_more_rights_than_the_user(suite: &Suite) {
    let outputs = suite.repository.directory("outputs-of-the-job");
    let user = if support::user_id("-u") == 0 { UNKNOWN } else { (support::user_id("-u"), support::user_id("-g")) };
    let secret = outputs.join("of-group-0");
    fs::write(&secret, "secret").unwrap();
    // Only root can do that; anybody else could not read it in any case.
    _ = chown(&secret, Some(0), Some(0));
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o040)).unwrap();
    let script = "id -G; grep NoNewPrivs /proc/self/status; cat $OUTPUTS_DIR/of-group-0 2>/dev/null";
    let mut run = suite.repository.run(["sh", "-c", script]);
    run.env("USRID", user.0.to_string()).env("GRPID", user.1.to_string()).env("LOCAL_OUTPUTS_DIR", &outputs);
    // Even where the settings let the dev container have sudo.
    run.env("NO_NEW_PRIVILEGES", "false");
    run.assert().code(1).stdout(format!("{}\nNoNewPrivs:\t1\n", user.1));
}

fn a_developer_becomes_root_and_installs_a_system_package(suite: &Suite) {
    let script = r"
set -e
mkdir -p /tmp/tiny/DEBIAN && cd /tmp
printf 'Package: tiny\nVersion: 1\nArchitecture: all\nMaintainer: A <a@b.org>\nDescription: b\n' >tiny/DEBIAN/control
dpkg-deb --build tiny >/dev/null
sudo apt-get install --quiet=2 --yes ./tiny.deb >/dev/null
dpkg-query --show tiny
sudo --non-interactive id
sudo git init --quiet theirs && git -C theirs status --short
";
    for user in USERS {
        let mut run = container(&suite.repository, "dev", user, &["--env=USER=ada"], script);
        run.assert().success().stdout("tiny\t1\nuid=0(root) gid=0(root) groups=0(root)\n");
        let mut run = container(&suite.repository, "runtime", user, &["--env=USER=ada"], "! command -v sudo");
        run.assert().success().stdout("");
    }
}

fn the_environment_is_stored_once(suite: &Suite) {
    let image = suite.repository.image("runtime");
    let history = answer(["history", "--no-trunc", "--human=false", "--format={{json .}}", &image]);
    let layers: Vec<Value> = history.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    let size = |layer: &Value| layer["Size"].as_str().unwrap().parse::<u64>().unwrap();
    let is_environment = |it: &Value| it["CreatedBy"].as_str().unwrap().contains("COPY /layer /");
    // The newest first.
    let newest = layers.iter().position(is_environment).expect("a step copies packages");
    let environment: u64 = layers.iter().filter(|it| is_environment(it)).map(size).sum();
    let later: u64 = layers[..newest].iter().map(size).sum();
    assert!(later < environment / 20, "{history}");
}

/// A shell script in a container such as the tool starts, without a network.
fn container(
    repository: &Repository,
    target: &str,
    (uid, gid): (u32, u32),
    options: &[&str],
    script: &str,
) -> assert_cmd::Command {
    let project = format!("type=bind,source={},target=/opt/project", repository.path("").display());
    // sudo asks for the address of the machine that it is on.
    let fixed = ["run", "--rm", "--network=none", "--hostname=localhost", "--mount", &project];
    let mut run = docker(fixed);
    run.arg(if target == "dev" { "--group-add=0" } else { "--security-opt=no-new-privileges" });
    run.arg(format!("--user={uid}:{gid}")).args(options);
    run.arg(repository.image(target)).args(["sh", "-c", script]);
    run
}

/// What [`WHO`] prints.
fn names(name: &str) -> String {
    format!("{name} {name} {name} root:x:0:0:root:/root:/bin/bash\n")
}
