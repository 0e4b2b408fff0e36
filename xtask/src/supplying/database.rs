//! Reads records of known vulnerabilities, wherever they are.

use std::fs;
use std::io::Read;

use anyhow::{Context as _, Result, anyhow, ensure};
use camino::Utf8Path;

use materials::{AdvisoryDatabase, Inventory, ZipArchive};
use process::{Invocation, files, sort};
use project::Context;

/// What the records in a file or folder say of an inventory.
pub fn read_database(cx: &Context, path: &Utf8Path, inventory: &Inventory) -> Result<AdvisoryDatabase> {
    let mut database = AdvisoryDatabase::for_packages_of(inventory);
    if path.is_dir() {
        let mut found = files::files_in(path)?;
        found.retain(|it| matches!(it.extension(), Some("json" | "jsonl" | "zip")));
        sort(&mut found);
        for file in found {
            read_file(cx, &file, &mut database)?;
        }
    } else {
        read_file(cx, path, &mut database)?;
    }
    ensure!(database.count() > 0, "there are no records of OSV in `{path}`");
    Ok(database)
}

fn read_file(cx: &Context, path: &Utf8Path, database: &mut AdvisoryDatabase) -> Result<()> {
    let bytes = fs::read(path).with_context(|| {
        format!(
            "cannot read `{path}`; where there is a network, `curl -LO \
             https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip` gets the records of PyPI's packages"
        )
    })?;
    if ZipArchive::is_one(&bytes) {
        return read_zip(cx, &bytes, database).with_context(|| format!("cannot read `{path}`"));
    }
    let text = String::from_utf8(bytes).with_context(|| format!("`{path}` is not UTF-8"))?;
    database.read(&text).map_err(|why| anyhow!("`{path}`: {why}"))
}

/// One file of it is in memory at a time, besides the archive itself.
fn read_zip(cx: &Context, bytes: &[u8], database: &mut AdvisoryDatabase) -> Result<()> {
    let archive = ZipArchive::parse(bytes).map_err(|why| anyhow!(why))?;
    let stream = cx.scratch.copy(&mut archive.as_gzip().as_slice())?;
    cx.runner.stream_file(stream, &Invocation::new("gzip").arg("-dc"), |unpacked| {
        for (name, size) in archive.files() {
            let mut record = String::new();
            let length = unpacked.take(size as u64).read_to_string(&mut record)?;
            ensure!(length == size, "`{name}` in it is cut short");
            database.read(&record).map_err(|why| anyhow!("`{name}` in it: {why}"))?;
        }
        Ok(())
    })
}
