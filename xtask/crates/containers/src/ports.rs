//! The ports of this machine that the dev container's servers get.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Result, bail};

use inputs::Project;

use super::ComposeOverlay;

/// Fails where somebody has the port of a server already, before a container is made that cannot start.
pub fn require_free(project: &Project, overlays: &BTreeSet<ComposeOverlay>) -> Result<()> {
    // Those of another machine are not known here. A dry run starts no server.
    let is_here = project.cx.host.get("DOCKER_HOST").is_none_or(|it| it.starts_with("unix:"));
    if !is_here || project.cx.is_dry_run() {
        return Ok(());
    }
    let servers = [
        (ComposeOverlay::Ssh, "SSH_PORT", project.settings.ssh_port),
        (ComposeOverlay::Jupyter, "JUPYTER_PORT", project.settings.jupyter_port),
    ];
    for (_, name, port) in servers.iter().filter(|it| overlays.contains(&it.0)) {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_err_and(|it| it.kind() == ErrorKind::AddrInUse);
        if taken {
            bail!(
                "port {port} of this machine is taken (fix: `cargo xtask env --set {name}=PORT`, with one that is free)"
            );
        }
    }
    Ok(())
}
