//! Bundles, written.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write};

use anyhow::{Context as _, Result, ensure};
use camino::Utf8PathBuf;
use tar::{Builder, EntryType, Header};

use crate::{BundleManifest, hashing::copy_hashed};

/// Writes a bundle: the manifest, its digest, and the members by name. `sources` has where each is read from. The same members
/// are the same bytes.
pub fn write_archive(
    out: &mut dyn Write,
    manifest: &BundleManifest,
    sources: &BTreeMap<String, Utf8PathBuf>,
) -> Result<()> {
    let mut archive = Builder::new(out);
    let text = manifest.text()?;
    let (_, digest) = copy_hashed(&mut text.as_bytes(), &mut io::sink())?;
    append(&mut archive, BundleManifest::NAME, text.len() as u64, &mut text.as_bytes())?;
    append(&mut archive, BundleManifest::DIGEST, digest.len() as u64, &mut digest.as_bytes())?;
    for (name, file) in &manifest.files {
        let path = sources.get(name).with_context(|| format!("`{name}` is nowhere"))?;
        let mut source = File::open(path).with_context(|| format!("cannot read `{path}`"))?;
        ensure!(source.metadata()?.len() == file.size, "`{path}` was changed while the bundle was written");
        append(&mut archive, name, file.size, &mut source)?;
    }
    archive.finish()?;
    Ok(())
}

/// With nothing of this machine or hour in the header.
fn append(archive: &mut Builder<&mut dyn Write>, name: &str, size: u64, contents: &mut dyn Read) -> io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o644);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(size);
    archive.append_data(&mut header, name, contents.take(size))
}
