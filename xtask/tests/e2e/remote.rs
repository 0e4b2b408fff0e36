//! A Docker daemon that is reached by SSH, as one on another machine is.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::support::{BUILD_LIMIT, DevContainer, Repository, Subject, Suite, bounded, command, trials, wait_for};

pub fn trials() -> Subject {
    trials![
        a_daemon_that_sees_the_repository_works_as_one_of_this_machine,
        a_daemon_that_does_not_see_the_repository_starts_nothing,
    ]
}

fn a_daemon_that_sees_the_repository_works_as_one_of_this_machine(suite: &Suite) {
    let server = SshServer::start();
    let repository = Repository::copy_with_images_of(&suite.repository);
    let mut run = server.client(repository.program(["run", "--", "sh", "-c", "echo $((6 * 7)) | tee ../out; exit 3"]));
    run.assert().code(3).stdout("42\n");
    assert_eq!(fs::read_to_string(repository.path("out")).unwrap(), "42\n");
    let container = DevContainer::of_caller(repository, "remote");
    let verb = |words: &[&str]| server.client(container.repository.program(words)).assert().success();
    verb(&["up"]);
    verb(&["exec", "--", "sh", "-c", "echo here"]).stdout("here\n");
    verb(&["down"]);
}

fn a_daemon_that_does_not_see_the_repository_starts_nothing(suite: &Suite) {
    let server = SshServer::start();
    let repository = Repository::copy_with_images_of(&suite.repository);
    // To the daemon, this folder is empty.
    let elsewhere = repository.directory("elsewhere");
    for words in [&["run", "--", "true"][..], &["up"]] {
        let mut program = command("unshare");
        program.args(["--mount", "sh", "-c", r#"mount --bind "$0" "$1" && cd "$1" && shift && exec "$@""#]);
        program.arg(repository.path("")).arg(&elsewhere);
        program.args(["env", env!("CARGO_BIN_EXE_xtask")]).args(words);
        repository.environment(&mut program);
        let refused = server.client(program).assert().failure().get_output().stderr.clone();
        let refused = String::from_utf8_lossy(&refused).into_owned();
        assert!(refused.contains("the Docker daemon at ssh://"), "{refused}");
        assert!(
            refused.contains("elsewhere` of this machine, which containers mount (fix: unset DOCKER_HOST"),
            "{refused}"
        );
    }
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0, "the daemon has made folders of its own there");
    let mut left = command("docker");
    left.args(["ps", "--all", "--quiet", "--filter", "label=xtask.lease", "--filter", "status=created"]);
    bounded(left).assert().success().stdout("");
}

/// An SSH server of this machine, and a client that it lets in.
struct SshServer {
    child: Child,
    port: u16,
    directory: TempDir,
}

impl SshServer {
    fn start() -> Self {
        let directory = tempfile::Builder::new().prefix("xtask-e2e-").tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        for key in ["host", "client"] {
            let mut keygen = command("ssh-keygen");
            keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(path(key));
            bounded(keygen).assert().success();
        }
        // The port is free now, and nobody is given it again so soon.
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let server = format!(
            "ListenAddress 127.0.0.1:{port}\nHostKey {}\nAuthorizedKeysFile {}\nStrictModes no\nUsePAM no\nPidFile none\n",
            path("host").display(),
            path("client.pub").display(),
        );
        fs::write(path("sshd_config"), server).unwrap();
        // The client of Docker starts `ssh`, which reads the configuration of the account and no other.
        let ssh = format!(
            "#!/bin/sh\nexec {} -F none -i '{}' -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR \"$@\"\n",
            found("ssh").display(),
            path("client").display(),
        );
        fs::create_dir(path("bin")).unwrap();
        fs::write(path("bin/ssh"), ssh).unwrap();
        fs::set_permissions(path("bin/ssh"), fs::Permissions::from_mode(0o755)).unwrap();
        // Debian's service would make it.
        fs::create_dir_all("/run/sshd").unwrap();
        let mut sshd = command(found("sshd").to_str().unwrap());
        sshd.arg("-D").arg("-f").arg(path("sshd_config"));
        let child = sshd.stdin(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let server = Self { child, port, directory };
        wait_for("the SSH server", || TcpStream::connect(("127.0.0.1", port)).ok());
        server
    }

    /// Lets a program ask the daemon by way of the server.
    fn client(&self, mut program: Command) -> assert_cmd::Command {
        let path = crate::support::host_variable("PATH").unwrap_or_default();
        program.env("PATH", format!("{}:{path}", self.directory.path().join("bin").display()));
        program.env("DOCKER_HOST", format!("ssh://root@127.0.0.1:{}", self.port));
        let mut client = bounded(program);
        client.timeout(BUILD_LIMIT);
        client
    }
}

impl Drop for SshServer {
    fn drop(&mut self) {
        // Both fail when it has ended, as it should not have.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// A program by its whole path, which sshd insists on.
fn found(program: &str) -> PathBuf {
    let path = crate::support::host_variable("PATH").unwrap_or_default();
    let places = path.split(':').chain(["/usr/sbin"]).map(|it| Path::new(it).join(program));
    places.into_iter().find(|it| it.is_file()).unwrap_or_else(|| panic!("{program} is not installed"))
}
