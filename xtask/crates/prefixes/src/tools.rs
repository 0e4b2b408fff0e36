//! The programs that the native engine needs: uv, and micromamba where conda is.

use camino::{Utf8Path, Utf8PathBuf};

use process::{HostEnvironment, Invocation};

/// The uv that is installed where there is none. The Dockerfile's `UV_VERSION` is the same; a test compares them.
pub const UV_VERSION: &str = "0.13.9";

/// A program and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UvProgram {
    /// In `PATH`.
    Found(Utf8PathBuf),
    /// Not in `PATH`; this is where we install it.
    Ours(Utf8PathBuf),
}

impl UvProgram {
    /// uv, from `PATH` or below the directory of our own work.
    pub fn uv(host: &HostEnvironment, work: &Utf8Path) -> Self {
        host.find_program("uv").map_or_else(|| Self::Ours(ours(work).join("bin/uv")), Self::Found)
    }

    /// Where it is, or will be.
    pub fn path(&self) -> &Utf8Path {
        match self {
            Self::Found(path) | Self::Ours(path) => path,
        }
    }
}

fn ours(work: &Utf8Path) -> Utf8PathBuf {
    work.join(format!("uv-{UV_VERSION}"))
}

/// Installs uv from PyPI with the system's pip, into a directory of ours.
pub fn uv_installation(work: &Utf8Path, ca_certificates: Option<&Utf8Path>) -> Invocation {
    let invocation = Invocation::new("python3")
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--target"])
        .arg(ours(work))
        .arg(format!("uv=={UV_VERSION}"))
        // An option of this name would stop a pip older than 22.1.
        .env("PIP_ROOT_USER_ACTION", "ignore");
    match ca_certificates {
        Some(bundle) => invocation.env("PIP_CERT", bundle.as_str()),
        None => invocation,
    }
}
