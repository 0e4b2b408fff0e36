//! A dev container with an SSH server, and a real client.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::path::PathBuf;

use crate::support::{DevContainer, Repository, Running, Subject, Suite, bounded, command, trials, wait_for};

const DESTINATION: &str = "ada@127.0.0.1";

pub fn trials() -> Subject {
    trials![
        up_prints_how_to_connect,
        runs_python_for_a_real_client,
        hostile_variables_reach_a_session_unread,
        lets_nobody_in_without_the_key,
        host_keys_outlive_the_container,
        carries_what_editors_need,
        tells_in_the_log_why_it_does_not_start,
    ]
}

fn up_prints_how_to_connect(suite: &Suite) {
    let repository = Repository::copy_with_images_of(&suite.repository);
    let key = new_key(&repository, "ada");
    let container = DevContainer::of_caller(repository, "ssh-up");
    let up = |arguments: &[&str]| {
        let mut up = container.xtask(arguments);
        up.env("SSH_AUTHORIZED_KEYS", key.with_extension("pub"));
        String::from_utf8(up.assert().success().get_output().stdout.clone()).unwrap()
    };
    let python = "python -c 'import template_package; print(6 * 7)'";

    // Pasted into a shell, with the key that an agent would have, on a machine where no question can be answered.
    let line = up(&["up", "--ssh"]);
    let mut pasted = command("sh");
    let script = format!("{} -F none -o BatchMode=yes -i '{}' \"$0\"", line.trim_end(), key.display());
    pasted.args(["-c", &script, python]);
    bounded(pasted).assert().success().stdout("42\n");

    // The container is there already; only the block is printed.
    let block = up(&["up", "--ssh-config"]);
    let alias = block.lines().next().unwrap().strip_prefix("Host ").unwrap();
    let config = container.repository.path("ssh_config");
    fs::write(&config, &block).unwrap();
    let mut client = command("ssh");
    client.arg("-F").arg(&config).args(["-o", "BatchMode=yes", "-i"]).arg(&key).args([alias, python]);
    bounded(client).assert().success().stdout("42\n");
}

fn runs_python_for_a_real_client(suite: &Suite) {
    let host = Host::start(suite, "python", |it| it);
    let code = "import getpass, os, template_package; \
                print(getpass.getuser(), os.getuid(), os.getgid(), os.getcwd(), os.environ['OUTPUTS_DIR'])";
    let (uid, gid) = host.container.user;
    let expected = format!("ada {uid} {gid} /opt/project/python-project /opt/outputs\n");
    host.ssh(&[&format!("python -c \"{code}\"")]).assert().success().stdout(expected);
    host.ssh(&["exit 7"]).assert().code(7);
}

fn hostile_variables_reach_a_session_unread(suite: &Suite) {
    let value = "$(touch /tmp/run) `touch /tmp/run` ${HOME} 'q' \"qq\" \\ ; touch /tmp/run\nsecond line\t*";
    let host = Host::start(suite, "hostile", |it| it.variable("WANDB_API_KEY", value));
    host.ssh(&["printenv WANDB_API_KEY"]).assert().success().stdout(format!("{value}\n"));
    host.ssh(&["test -e /tmp/run"]).assert().code(1);
}

fn lets_nobody_in_without_the_key(suite: &Suite) {
    let host = Host::start(suite, "stranger", |it| it);
    let other = new_key(&host.container.repository, "stranger");
    let refused = host.client(&other, &["true"]).assert().code(255).get_output().stderr.clone();
    // What is in the parentheses is all that the server would take.
    let refused = String::from_utf8_lossy(&refused).into_owned();
    assert!(refused.contains("Permission denied (publickey)."), "{refused}");
}

fn host_keys_outlive_the_container(suite: &Suite) {
    let host = Host::start(suite, "again", |it| it);
    host.ssh(&["true"]).assert().success();
    host.container.remove();
    host.container.start();
    // The client still knows the key of the first one, and accepts no other.
    host.ssh(&["true"]).assert().success();
}

fn carries_what_editors_need(suite: &Suite) {
    let host = Host::start(suite, "editor", |it| it);

    // A script through the standard input of a shell.
    host.ssh(&["bash"]).write_stdin("echo \"in $PWD\"\n").assert().success().stdout("in /opt/project/python-project\n");

    // A terminal.
    host.ssh(&["-tt", "tty && echo $TERM"]).env("TERM", "xterm").assert().success().stdout("/dev/pts/0\r\nxterm\r\n");

    // Files, by the protocol of sftp.
    let mut sftp = host.program("sftp", "-P");
    sftp.args(["-q", "-b", "-", DESTINATION]);
    let upload = format!("put {} /tmp/uploaded\n", host.key.with_extension("pub").display());
    bounded(sftp).write_stdin(upload).assert().success();
    host.ssh(&["cat /tmp/uploaded"]).assert().success().stdout(fs::read(host.key.with_extension("pub")).unwrap());

    // A connection to something that listens in the container: the server itself, which greets who comes.
    let local = DevContainer::free_port();
    let mut forward = host.program("ssh", "-p");
    forward.args(["-L", &format!("{local}:127.0.0.1:2222"), DESTINATION, "echo ready && sleep 100"]);
    let _forward = Running::start(forward);
    let greeting = wait_for("the forwarded port", || {
        let mut line = String::new();
        BufReader::new(TcpStream::connect(("127.0.0.1", local)).ok()?).read_line(&mut line).ok()?;
        Some(line)
    });
    assert!(greeting.starts_with("SSH-2.0-"), "{greeting}");
}

fn tells_in_the_log_why_it_does_not_start(suite: &Suite) {
    let repository = Repository::copy_with_images_of(&suite.repository);
    let container = DevContainer::new(repository, "ssh-broken", &["ssh"]);
    fs::write(container.kept("ssh").join("ssh_host_ed25519_key"), "no key\n").unwrap();
    container.create();
    let log = wait_for("the reason in the log", || Some(container.log()).filter(|it| it.contains("ssh-server:")));
    assert!(log.contains("Unable to load host key"), "{log}");
}

/// A container with a server that listens, and one that may come in.
struct Host {
    container: DevContainer,
    key: PathBuf,
}

impl Host {
    fn start(suite: &Suite, label: &str, prepare: impl FnOnce(DevContainer) -> DevContainer) -> Self {
        let repository = Repository::copy_with_images_of(&suite.repository);
        let key = new_key(&repository, "ada");
        let container = prepare(DevContainer::new(repository, &format!("ssh-{label}"), &["ssh"]));
        let kept = container.kept("ssh");
        fs::copy(key.with_extension("pub"), kept.join("authorized_keys")).unwrap();
        container.start();
        let host_key = fs::read_to_string(kept.join("ssh_host_ed25519_key.pub")).unwrap();
        fs::write(container.repository.path("known_hosts"), format!("[127.0.0.1]:{} {host_key}", container.port))
            .unwrap();
        Self { container, key }
    }

    /// `ssh …` with this user's key.
    fn ssh(&self, words: &[&str]) -> assert_cmd::Command {
        self.client(&self.key, words)
    }

    fn client(&self, key: &PathBuf, words: &[&str]) -> assert_cmd::Command {
        let mut client = self.program_with("ssh", "-p", key);
        client.arg(DESTINATION).args(words);
        bounded(client)
    }

    fn program(&self, name: &str, port: &str) -> std::process::Command {
        self.program_with(name, port, &self.key)
    }

    /// A client that takes nothing from whoever runs the tests, asks nothing, and trusts no other server.
    fn program_with(&self, name: &str, port: &str, key: &PathBuf) -> std::process::Command {
        let mut client = command(name);
        let known = format!("UserKnownHostsFile={}", self.container.repository.path("known_hosts").display());
        client.args(["-F", "none", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", &known]);
        client.args(["-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none", "-i"]).arg(key);
        client.args([port, &self.container.port.to_string()]);
        client
    }
}

fn new_key(repository: &Repository, name: &str) -> PathBuf {
    let path = repository.path(&format!("key-of-{name}"));
    let mut keygen = command("ssh-keygen");
    keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&path);
    bounded(keygen).assert().success();
    path
}
