//! JupyterLab in the dev container, seen from this machine.

use std::fs::File;
use std::io::Read as _;

use anyhow::{Context as _, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use process::{
    Files, Invocation,
    files::{self, NewFile, PRIVATE},
};
use project::Context;

/// More bytes than a token has. The container may write to the file.
const LIMIT: u64 = 256;

/// The server, as this machine reaches it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JupyterServer<'a> {
    /// On this machine; mounted at `/home/user/.xtask-jupyter`. It holds the token.
    pub directory: &'a Utf8Path,
    /// The port on 127.0.0.1.
    pub port: u16,
}

impl JupyterServer<'_> {
    /// Creates the directory that the container mounts, and once and for all the token in it.
    pub fn prepare(&self, files: &Files) -> Result<()> {
        files.create_private_dir(self.directory)?;
        // Without a newline: Jupyter takes the whole file for the token.
        files
            .write_new(&self.token_file(), &NewFile { contents: random_token()?.into_bytes(), mode: PRIVATE })
            .map(|_| ())
    }

    /// The address for a browser. It contains the token, so it is secret.
    pub fn url(&self) -> Result<String> {
        let path = self.token_file();
        let token = files::read_handed(&path, LIMIT)?;
        let token = token.trim_end();
        let is_token = token.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_".contains(&it));
        ensure!(
            is_token && !token.is_empty(),
            "`{path}` does not contain a token: remove it, and `cargo xtask up --jupyter` makes one"
        );
        Ok(format!("http://127.0.0.1:{}/lab?token={token}", self.port))
    }

    fn token_file(&self) -> Utf8PathBuf {
        self.directory.join("token")
    }
}

/// Fails where an image has no JupyterLab.
pub fn require_jupyterlab(cx: &Context, image: &str) -> Result<()> {
    let trial =
        ["run", "--rm", "--pull=never", "--network=none", "--entrypoint", "sh", image, "-c", "command -v jupyter-lab"];
    if !cx.runner.read(&Invocation::new("docker").args(trial))?.exit.success() {
        bail!(
            "JupyterLab is not in `{image}` (fix: add `- jupyterlab` to the `pip:` list in dependencies/environment.yml, then \
             cargo xtask up --build --jupyter)"
        );
    }
    Ok(())
}

/// 192 random bits in hexadecimal, as many as Jupyter's own tokens have.
fn random_token() -> Result<String> {
    let mut bytes = [0; 24];
    let read = File::open("/dev/urandom").and_then(|mut it| it.read_exact(&mut bytes));
    read.context("cannot read `/dev/urandom`")?;
    Ok(bytes.iter().map(|it| format!("{it:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_token_is_private_and_stays_the_same() {
        let scratch = tempfile::tempdir().unwrap();
        let directory = Utf8PathBuf::try_from(scratch.path().join("jupyter")).unwrap();
        let jupyter = JupyterServer { directory: &directory, port: 8901 };
        let files = Files::new(process::Echo::Quiet, directory.parent().unwrap());
        jupyter.prepare(&files).unwrap();
        let url = jupyter.url().unwrap();
        jupyter.prepare(&files).unwrap();
        assert_eq!(jupyter.url().unwrap(), url);

        let token = url.strip_prefix("http://127.0.0.1:8901/lab?token=").unwrap();
        assert!(token.len() == 48 && token.bytes().all(|it| it.is_ascii_hexdigit()), "{token}");
        assert_eq!(jupyter.token_file().metadata().unwrap().permissions().mode() & 0o777, PRIVATE);
        assert_eq!(directory.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_token_that_the_container_has_changed_does_not_reach_the_terminal() {
        let scratch = tempfile::tempdir().unwrap();
        let directory = Utf8PathBuf::try_from(scratch.path().to_owned()).unwrap();
        let jupyter = JupyterServer { directory: &directory, port: 8901 };
        for text in ["\u{1b}[2J", "", "a b", &"x".repeat(300)] {
            std::fs::write(jupyter.token_file(), text).unwrap();
            assert!(!format!("{:#}", jupyter.url().unwrap_err()).contains('\u{1b}'));
        }
        std::fs::write(jupyter.token_file(), "mine\n").unwrap();
        assert_eq!(jupyter.url().unwrap(), "http://127.0.0.1:8901/lab?token=mine");
    }

    #[test]
    fn no_two_tokens_are_alike() {
        assert_ne!(random_token().unwrap(), random_token().unwrap());
    }
}
