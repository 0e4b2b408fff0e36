//! The SSH agent of this machine, which a command in the dev container may ask while its client runs.
//!
//! The agent's own socket is not mounted: its path is another one after each login, and a container whose mount is gone does not
//! start any more.

use std::io::copy;
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::id;
use std::thread;

use camino::Utf8PathBuf;

use inputs::Project;
use process::EnvArg;

/// Where compose.yaml mounts the directory of the sockets.
const IN_CONTAINER: &str = "/run/xtask/agent";

const VARIABLE: &str = "SSH_AUTH_SOCK";

/// A socket in the dev container that leads to the agent, until it is dropped.
#[derive(Debug)]
pub struct AgentRelay<'a> {
    project: &'a Project<'a>,
    socket: Utf8PathBuf,
}

impl<'a> AgentRelay<'a> {
    /// `None` where there is no agent, or the settings keep it from the container.
    pub fn start(project: &'a Project) -> Option<Self> {
        let agent = project.cx.host.get(VARIABLE).filter(|_| project.settings.ssh_agent).map(Utf8PathBuf::from)?;
        let relay = Self { project, socket: project.cx.layout.dev_files().join("agent").join(id().to_string()) };
        relay.remove_abandoned();
        let listener = UnixListener::bind(&relay.socket).ok()?;
        let user = project.settings.user;
        project.cx.files.change_owner(&relay.socket, user.uid, user.gid);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(agent) = UnixStream::connect(&agent) else { continue };
                thread::spawn(move || pass_on(&client, &agent));
            }
        });
        Some(relay)
    }

    /// What tells the command of the socket.
    pub fn variable(&self) -> EnvArg {
        let name = self.socket.file_name().unwrap_or_default();
        EnvArg::Set(VARIABLE.to_owned(), format!("{IN_CONTAINER}/{name}"))
    }

    /// Sockets whose clients were killed lead nowhere.
    fn remove_abandoned(&self) {
        let sockets = self.socket.parent().and_then(|it| it.read_dir_utf8().ok()).into_iter().flatten().flatten();
        for socket in sockets.filter(|it| UnixStream::connect(it.path()).is_err()) {
            _ = self.project.cx.files.remove_file(socket.path());
        }
    }
}

impl Drop for AgentRelay<'_> {
    fn drop(&mut self) {
        // One that stays leads nowhere, and the next relay removes it.
        _ = self.project.cx.files.remove_file(&self.socket);
    }
}

fn pass_on(client: &UnixStream, agent: &UnixStream) {
    thread::scope(|scope| {
        scope.spawn(|| pass_on_one_way(agent, client));
        pass_on_one_way(client, agent);
    });
}

fn pass_on_one_way(mut from: &UnixStream, mut to: &UnixStream) {
    _ = copy(&mut from, &mut to).and_then(|_| to.shutdown(Shutdown::Write));
}
