//! One layer: what it adds and what it takes away.

use std::collections::BTreeMap;
use std::io::Read;

use anyhow::Result;

use super::{
    Bytes,
    archive::{ArchiveEntry, EntryKind, visit_entries},
};

/// The largest file that says what belongs to a package; conda's are the largest of these.
const MAX_RECORD: u64 = 64 << 20;

/// What one layer changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layer {
    /// What it adds or replaces.
    pub entries: Vec<ArchiveEntry>,
    /// Paths that it removes from the layers below.
    pub removed: Vec<String>,
    /// Directories that it empties of what the layers below have in them.
    pub emptied: Vec<String>,
    /// The text of those files that say what belongs to a package.
    pub records: BTreeMap<String, String>,
}

impl Layer {
    /// Reads the tar file of a layer.
    ///
    /// Format: <https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts>
    pub fn read(archive: impl Read) -> Result<Self> {
        let mut layer = Self::default();
        visit_entries(archive, |entry, contents| {
            let (parent, name) = entry.path.rsplit_once('/').unwrap_or(("", &entry.path));
            let beside = |name: &str| if parent.is_empty() { name.to_owned() } else { format!("{parent}/{name}") };
            match name.strip_prefix(".wh.") {
                Some(".wh..opq") => layer.emptied.push(parent.to_owned()),
                // Notes of the storage driver itself.
                Some(hidden) if hidden.starts_with(".wh.") => {}
                Some(hidden) => layer.removed.push(beside(hidden)),
                None => {
                    if is_record(&entry) {
                        let mut record = Vec::new();
                        contents.read_to_end(&mut record)?;
                        layer.records.insert(entry.path.clone(), String::from_utf8_lossy(&record).into_owned());
                    }
                    layer.entries.push(entry);
                }
            }
            Ok(())
        })?;
        Ok(layer)
    }

    /// What it takes on a disk, as Docker counts it: a link is as large as the path in it, a directory is nothing.
    pub fn size(&self) -> Bytes {
        self.entries.iter().map(size).sum()
    }
}

/// What an entry takes.
pub fn size(entry: &ArchiveEntry) -> Bytes {
    match entry.kind {
        EntryKind::File => Bytes(entry.size),
        EntryKind::SymbolicLink => Bytes(entry.link.len() as u64),
        EntryKind::HardLink | EntryKind::Directory | EntryKind::Special => Bytes(0),
    }
}

fn is_record(entry: &ArchiveEntry) -> bool {
    let (parent, name) = entry.path.rsplit_once('/').unwrap_or(("", &entry.path));
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    let is_named_so = (parent.ends_with(".dist-info") && name == "RECORD")
        || (parent.ends_with("conda-meta") && extension == Some("json"))
        || (parent == "var/lib/dpkg/info" && extension == Some("list"));
    is_named_so && entry.kind == EntryKind::File && entry.size <= MAX_RECORD
}
