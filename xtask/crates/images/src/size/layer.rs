//! One layer: what it adds and what it removes.

use std::collections::BTreeMap;
use std::io::Read;

use anyhow::Result;

use super::{
    Bytes,
    archive::{ArchiveEntry, ArchiveEntryKind, visit_entries},
};

/// The largest list of a package's files that is read; conda's are the largest.
const MAX_RECORD: u64 = 64 << 20;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layer {
    /// What it adds or replaces, in order.
    pub entries: Vec<ArchiveEntry>,
    /// Paths that it removes from the layers below.
    pub removed: Vec<String>,
    /// Directories that it empties of what the layers below have in them.
    pub emptied: Vec<String>,
    /// The texts of the files that list the files of packages, by path.
    pub records: BTreeMap<String, String>,
}

impl Layer {
    /// Format: <https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts>
    pub fn read(archive: &mut dyn Read) -> Result<Self> {
        let mut layer = Self::default();
        visit_entries(archive, |entry, contents| {
            let (parent, name) = entry.path.rsplit_once('/').unwrap_or(("", &entry.path));
            let beside = |name: &str| if parent.is_empty() { name.to_owned() } else { format!("{parent}/{name}") };
            match name.strip_prefix(".wh.") {
                Some(".wh..opq") => layer.emptied.push(parent.to_owned()),
                // Bookkeeping of the storage driver.
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

    /// As Docker counts it: a link is as large as the path in it, a directory is nothing.
    pub fn size(&self) -> Bytes {
        self.entries.iter().map(size).sum()
    }
}

pub fn size(entry: &ArchiveEntry) -> Bytes {
    match entry.kind {
        ArchiveEntryKind::File => Bytes(entry.size),
        ArchiveEntryKind::SymbolicLink => Bytes(entry.link.len() as u64),
        ArchiveEntryKind::HardLink | ArchiveEntryKind::Directory | ArchiveEntryKind::Special => Bytes(0),
    }
}

fn is_record(entry: &ArchiveEntry) -> bool {
    let (parent, name) = entry.path.rsplit_once('/').unwrap_or(("", &entry.path));
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    let is_list_of_files = (parent.ends_with(".dist-info") && name == "RECORD")
        || (parent.ends_with("conda-meta") && extension == Some("json"))
        || (parent == "var/lib/dpkg/info" && extension == Some("list"));
    is_list_of_files && entry.kind == ArchiveEntryKind::File && entry.size <= MAX_RECORD
}
