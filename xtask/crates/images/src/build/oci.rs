//! The OCI's image layout, made of what `docker save` has written: a daemon with the classic store writes no other archive.
//!
//! Format: <https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md>

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom, Write};

use anyhow::{Context as _, Result, ensure};
use hmac_sha256::Hash;
use serde_json::{Value, json};
use tar::{Archive, Builder, Header};

use crate::{
    image_inputs::hexadecimal,
    size::{ArchiveEntry, ArchiveEntryKind, Compression, link_target},
};

const LAYOUT: &str = "application/vnd.oci.image";

/// Writes the images of `docker save` as a layout, in which what they have in common is once. `names` are the images, each with
/// a tag.
pub(super) fn write_layout(saved: File, names: &[&str], out: &mut dyn Write) -> Result<()> {
    let mut saved = SavedArchive::open(saved).context("what `docker save` has written cannot be read")?;
    let mut layout = ImageLayout { tar: Builder::new(out), written: BTreeMap::new() };
    layout.file("oci-layout", &json!({ "imageLayoutVersion": "1.0.0" }))?;
    let mut images = Vec::new();
    for image in saved.json("manifest.json")?.as_array().into_iter().flatten() {
        let manifest = layout.add_image(&mut saved, image)?;
        let tags = image["RepoTags"].as_array().into_iter().flatten().filter_map(Value::as_str);
        images.extend(tags.filter(|it| names.contains(it)).map(|name| named(&manifest, name)));
    }
    ensure!(images.len() == names.len(), "`docker save` has left out an image of {}", names.join(", "));
    let index = json!({ "schemaVersion": 2, "mediaType": format!("{LAYOUT}.index.v1+json"), "manifests": images });
    layout.file("index.json", &index)?;
    Ok(layout.tar.finish()?)
}

/// The entry of the index for an image of this name, as buildx writes it.
fn named(manifest: &Value, name: &str) -> Value {
    let tag = name.rsplit_once(':').map_or(name, |(_, tag)| tag);
    let mut entry = manifest.clone();
    entry["annotations"] = json!({ "io.containerd.image.name": name, "org.opencontainers.image.ref.name": tag });
    entry
}

/// The archive of `docker save`, in the formats of Docker 20.10 and of today.
struct SavedArchive {
    file: File,
    entries: BTreeMap<String, Extent>,
    /// Layers that are stored under another name.
    links: BTreeMap<String, String>,
}

/// Where the contents of an entry are, in bytes.
#[derive(Debug, Clone, Copy)]
struct Extent {
    start: u64,
    size: u64,
}

impl SavedArchive {
    fn open(file: File) -> Result<Self> {
        let (mut entries, mut links) = (BTreeMap::new(), BTreeMap::new());
        let mut archive = Archive::new(file);
        for entry in archive.entries_with_seek()? {
            let entry = entry?;
            let Some(ArchiveEntry { path, kind, size, link }) = ArchiveEntry::new(&entry) else { continue };
            match kind {
                ArchiveEntryKind::File => _ = entries.insert(path, Extent { start: entry.raw_file_position(), size }),
                ArchiveEntryKind::SymbolicLink | ArchiveEntryKind::HardLink => {
                    let target = link_target(&path, &link, kind);
                    links.insert(path, target);
                }
                ArchiveEntryKind::Directory | ArchiveEntryKind::Special => {}
            }
        }
        Ok(Self { file: archive.into_inner(), entries, links })
    }

    fn extent(&self, name: &str) -> Result<Extent> {
        let path = self.links.get(name).map_or(name, String::as_str);
        self.entries.get(path).copied().with_context(|| format!("`docker save` left out `{name}`"))
    }

    fn contents(&mut self, extent: Extent) -> io::Result<impl Read> {
        self.file.seek(SeekFrom::Start(extent.start))?;
        Ok((&self.file).take(extent.size))
    }

    fn bytes(&mut self, name: &str) -> Result<Vec<u8>> {
        let extent = self.extent(name)?;
        let mut bytes = Vec::new();
        self.contents(extent)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn json(&mut self, name: &str) -> Result<Value> {
        let bytes = self.bytes(name)?;
        serde_json::from_slice(&bytes).with_context(|| format!("`{name}` of `docker save` is not JSON"))
    }
}

/// A layout that is being written.
struct ImageLayout<'a> {
    tar: Builder<&'a mut dyn Write>,
    /// What refers to each blob that is there, by digest.
    written: BTreeMap<String, Value>,
}

impl ImageLayout<'_> {
    /// Adds an image with its layers, and gives what refers to it.
    fn add_image(&mut self, saved: &mut SavedArchive, image: &Value) -> Result<Value> {
        let config = saved.bytes(image["Config"].as_str().unwrap_or_default())?;
        let description: Value = serde_json::from_slice(&config).context("the configuration is not JSON")?;
        let config = self.blob(&config, &format!("{LAYOUT}.config.v1+json"))?;
        let names = image["Layers"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let digests = description["rootfs"]["diff_ids"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let mut layers = Vec::new();
        for (name, digest) in names.zip(digests) {
            layers.push(self.layer(saved, name, digest)?);
        }
        let media_type = format!("{LAYOUT}.manifest.v1+json");
        let manifest =
            json!({ "schemaVersion": 2, "mediaType": media_type, "config": config, "layers": layers }).to_string();
        let mut manifest = self.blob(manifest.as_bytes(), &media_type)?;
        let platform = ["architecture", "os", "variant"].into_iter().filter(|it| description[it].is_string());
        manifest["platform"] = platform.map(|it| (it.to_owned(), description[it].clone())).collect();
        Ok(manifest)
    }

    /// `digest` is that of the layer before it was compressed. One that is compressed has its own in its name.
    fn layer(&mut self, saved: &mut SavedArchive, name: &str, digest: &str) -> Result<Value> {
        let extent = saved.extent(name)?;
        let mut head = Vec::new();
        saved.contents(Extent { size: extent.size.min(4), ..extent })?.read_to_end(&mut head)?;
        let compression = Compression::of(&head);
        let digest = match (compression, name.strip_prefix("blobs/sha256/")) {
            (Some(_), Some(hexadecimal)) => format!("sha256:{hexadecimal}"),
            _ => digest.to_owned(),
        };
        if let Some(reference) = self.written.get(&digest) {
            return Ok(reference.clone());
        }
        let suffix = compression.map(|it| format!("+{}", it.program())).unwrap_or_default();
        let mut contents = Hashing { contents: saved.contents(extent)?, hash: Hash::new() };
        self.tar.append_data(&mut header(extent.size), path(&digest), &mut contents)?;
        let found = format!("sha256:{}", hexadecimal(contents.hash.finalize()));
        ensure!(found == digest, "the layer `{name}` of `docker save` is not what its digest says");
        Ok(self.reference(digest, extent.size, &format!("{LAYOUT}.layer.v1.tar{suffix}")))
    }

    fn blob(&mut self, bytes: &[u8], media_type: &str) -> Result<Value> {
        let digest = format!("sha256:{}", hexadecimal(Hash::hash(bytes)));
        if !self.written.contains_key(&digest) {
            self.tar.append_data(&mut header(bytes.len() as u64), path(&digest), bytes)?;
        }
        Ok(self.reference(digest, bytes.len() as u64, media_type))
    }

    fn reference(&mut self, digest: String, size: u64, media_type: &str) -> Value {
        let reference = json!({ "mediaType": media_type, "digest": digest, "size": size });
        self.written.insert(digest, reference.clone());
        reference
    }

    fn file(&mut self, path: &str, contents: &Value) -> Result<()> {
        let text = contents.to_string();
        Ok(self.tar.append_data(&mut header(text.len() as u64), path, text.as_bytes())?)
    }
}

/// Of a file that is the same whoever writes it, and whenever.
fn header(size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_size(size);
    header.set_mode(0o644);
    header
}

fn path(digest: &str) -> String {
    format!("blobs/{}", digest.replace(':', "/"))
}

/// Hashes what is read from it.
struct Hashing<R> {
    contents: R,
    hash: Hash,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.contents.read(buffer)?;
        self.hash.update(&buffer[..count]);
        Ok(count)
    }
}
