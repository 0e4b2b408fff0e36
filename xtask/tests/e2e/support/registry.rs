//! A registry of images, Debian's `docker-registry`, on this machine alone. Docker takes plain HTTP from a loopback address.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Stdio};

use tempfile::TempDir;

use super::docker;
use super::process::{command, wait_for};

/// A registry that answers. It ends with the trial, with what it holds and what was named after it.
#[derive(Debug)]
pub struct Registry {
    child: Child,
    address: String,
    _directory: TempDir,
}

impl Registry {
    /// Starts one on a free port.
    pub fn start() -> Self {
        let directory = tempfile::Builder::new().prefix("xtask-e2e-").tempdir().expect("there is room for a registry");
        // The port is free now, and nobody is given it again so soon.
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("there is a free port");
        let address = listener.local_addr().expect("a listener has an address").to_string();
        drop(listener);
        let data = directory.path().join("data");
        let config = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\nhttp: {{addr: {address}}}\n",
            data.display()
        );
        let file = directory.path().join("config.yml");
        fs::write(&file, config).expect("the directory can be written to");
        let mut serve = command("docker-registry");
        serve.arg("serve").arg(&file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = serve.spawn().expect("Debian's package docker-registry is installed");
        let registry = Self { child, address, _directory: directory };
        wait_for("the registry", || TcpStream::connect(&registry.address).ok());
        registry
    }

    /// `127.0.0.1:PORT`
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The name of an image in it.
    pub fn image(&self, path: &str) -> String {
        format!("{}/{path}", self.address)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        // Both fail when it has ended, as it should not have.
        _ = self.child.kill();
        _ = self.child.wait();
        docker::remove_images_in(&self.address);
    }
}
