//! The archive of `docker save`, in the formats of Docker 20.10 and of today, with layers that may be compressed.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{self, Read};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::{
    archive::{ArchiveEntry, ArchiveEntryKind, visit_entries},
    layer::Layer,
};

/// The largest manifest or configuration that is read, in bytes.
const MAX_JSON: u64 = 16 << 20;

/// The unit of tar archives, in bytes.
const BLOCK: u64 = 512;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    Gzip,
    Zstd,
}

impl Compression {
    /// By the magic number at the beginning of a file.
    pub(crate) fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    /// The program that decompresses it.
    pub fn program(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedImage {
    /// From the lowest to the highest.
    pub layers: Vec<SavedLayer>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedLayer {
    /// The instruction of the Dockerfile, in a line; empty where it is not known.
    pub instruction: String,
    pub layer: Layer,
}

impl SavedImage {
    /// Reads the archive in one pass. `decompress` gets the compressed layers, one at a time.
    ///
    /// The manifest, which says which files are layers, comes last, so that the contents of a file decide whether it is one.
    /// Format: <https://github.com/moby/docker-image-spec/blob/main/spec.md#combined-image-json--filesystem-changeset-format>
    pub fn read(
        archive: &mut dyn Read,
        mut decompress: impl FnMut(Compression, &mut dyn Read) -> Result<Layer>,
    ) -> Result<Self> {
        let mut files = SavedFiles::default();
        visit_entries(archive, |entry, contents| files.add(entry, contents, &mut decompress))
            .context("the image cannot be read")?;
        files.image()
    }
}

#[derive(Debug, Default)]
struct SavedFiles {
    layers: HashMap<String, Layer>,
    links: BTreeMap<String, String>,
    descriptions: HashMap<String, Vec<u8>>,
}

impl SavedFiles {
    fn add(
        &mut self,
        entry: ArchiveEntry,
        contents: &mut dyn Read,
        decompress: &mut impl FnMut(Compression, &mut dyn Read) -> Result<Layer>,
    ) -> Result<()> {
        let ArchiveEntry { path, kind, size, link } = entry;
        match kind {
            ArchiveEntryKind::SymbolicLink | ArchiveEntryKind::HardLink => {
                let target = link_target(&path, &link, kind);
                self.links.insert(path, target);
            }
            ArchiveEntryKind::File => {
                let mut head = Vec::new();
                Read::take(&mut *contents, BLOCK).read_to_end(&mut head)?;
                let compression = Compression::of(&head);
                let is_archive = is_archive(&head);
                let mut contents = io::Cursor::new(head).chain(contents);
                if let Some(compression) = compression {
                    self.layers.insert(path, decompress(compression, &mut contents)?);
                } else if is_archive {
                    let layer = Layer::read(&mut contents).with_context(|| format!("layer `{path}`"))?;
                    self.layers.insert(path, layer);
                } else if size <= MAX_JSON {
                    let mut text = Vec::new();
                    contents.read_to_end(&mut text)?;
                    self.descriptions.insert(path, text);
                }
            }
            ArchiveEntryKind::Directory | ArchiveEntryKind::Special => {}
        }
        Ok(())
    }

    fn image(mut self) -> Result<SavedImage> {
        let manifest = self.json("manifest.json")?;
        let image = &manifest[0];
        let config = self.json(image["Config"].as_str().unwrap_or_default())?;
        let names: Vec<&str> = image["Layers"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let history = config["history"].as_array().cloned().unwrap_or_default();
        let steps: Vec<&Value> = history.iter().filter(|it| it["empty_layer"] != true).collect();
        // A history of another length would give layers the wrong instructions.
        let is_history_complete = steps.len() == names.len();
        let (mut layers, mut seen) = (Vec::new(), HashSet::new());
        for (index, name) in names.into_iter().enumerate() {
            let path = self.links.get(name).map_or(name, String::as_str);
            // The same layer may be named twice: by a link in old archives, by its digest in newer ones.
            let layer = if seen.insert(path) { self.layers.remove(path) } else { Some(Layer::default()) };
            let step = if is_history_complete { steps[index]["created_by"].as_str().unwrap_or_default() } else { "" };
            layers.push(SavedLayer {
                instruction: shown_instruction(step),
                layer: layer.with_context(|| format!("`docker save` left out the layer `{name}`"))?,
            });
        }
        ensure!(!layers.is_empty(), "`docker save` named no layers");
        Ok(SavedImage { layers })
    }

    fn json(&self, name: &str) -> Result<Value> {
        let text = self.descriptions.get(name).with_context(|| format!("`docker save` left out `{name}`"))?;
        serde_json::from_slice(text).with_context(|| format!("`{name}` of `docker save` is not JSON"))
    }
}

/// Whether a file is a tar archive, by its first block: a header, or the zeros of one without entries.
fn is_archive(head: &[u8]) -> bool {
    head.get(257..262) == Some(b"ustar") || (!head.is_empty() && head.iter().all(|it| *it == 0))
}

/// Where a link of the archive leads.
pub fn link_target(path: &str, link: &str, kind: ArchiveEntryKind) -> String {
    let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
    let start = if kind == ArchiveEntryKind::SymbolicLink { parent } else { "" };
    super::packages::join(start, link)
}

/// An instruction as the Dockerfile has it, in a line.
pub(super) fn shown_instruction(created_by: &str) -> String {
    let text = created_by.strip_suffix("# buildkit").unwrap_or(created_by);
    let text = text.strip_prefix("/bin/sh -c #(nop) ").unwrap_or(text);
    let text = text.strip_prefix("RUN /bin/sh -c ").map_or_else(|| text.to_owned(), |it| format!("RUN {it}"));
    let text = text.strip_prefix("/bin/sh -c ").map_or_else(|| text.clone(), |it| format!("RUN {it}"));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
