//! Files from the network, each only if its digest is the one that was known before.

use anyhow::{Context as _, Result};
use camino::Utf8Path;
use serde_json::json;

use inputs::{Project, run_on_host};
use process::{Invocation, files::NewFile};
use solving::{LentLogins, with_ca_certificates};

use crate::packages::Download;

const PROGRAM: &str = include_str!("download.py");

/// Fetches files into a directory. Those that are there already are kept.
pub(crate) fn fetch(project: &Project, directory: &Utf8Path, downloads: &[Download]) -> Result<()> {
    let cx = project.cx;
    let files = downloads.iter().map(|it| json!({"path": it.path, "url": it.url, "sha256": it.sha256}));
    let request = json!({"directory": directory.as_str(), "files": files.collect::<Vec<_>>()}).to_string();
    let request = cx.scratch.write("downloads.json", &NewFile::list(request))?;
    let program = cx.scratch.write("download.py", &NewFile::text(PROGRAM))?;
    let invocation = cx.host.without_cargo(Invocation::new("python3").args([program.as_str(), request.as_str()]));
    let logins = LentLogins::of(project)?;
    let invocation = with_ca_certificates(logins.on(invocation), project.network.ca_certificates.as_deref());
    run_on_host(cx, &invocation)
        .context("the packages of the lock were not fetched; what was, is kept for the next time")
}
