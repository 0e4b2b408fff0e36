//! The layers over each other: what a container sees, and what is hidden.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::{
    Bytes, SavedLayer,
    archive::ArchiveEntryKind,
    layer::{Layer, size},
};

/// What a container sees at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerPath {
    pub kind: ArchiveEntryKind,
    /// In its layer.
    pub size: Bytes,
    /// Index of its layer; 0 is the lowest.
    pub layer: usize,
    /// Where a link leads; empty for everything else.
    pub link: String,
}

/// A file that a higher layer removes or replaces, and that is stored all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HiddenFile {
    pub path: String,
    pub size: Bytes,
    /// Index of the layer that hides it.
    pub by: usize,
    /// Whether that layer has something else at its path.
    pub is_replaced: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// What a container sees, by path.
    pub nodes: BTreeMap<String, ContainerPath>,
    pub hidden: Vec<HiddenFile>,
    /// The texts of the files that list the files of packages, by path.
    pub records: BTreeMap<String, String>,
}

impl Contents {
    /// From the lowest layer to the highest.
    pub fn new(layers: &[SavedLayer]) -> Self {
        let mut contents = Self::default();
        for (index, layer) in layers.iter().enumerate() {
            contents.apply(index, &layer.layer);
        }
        contents
    }

    fn apply(&mut self, by: usize, layer: &Layer) {
        for path in &layer.emptied {
            self.remove_below(path, by, false);
        }
        for path in &layer.removed {
            self.remove(path, by, false);
        }
        for entry in &layer.entries {
            if entry.kind != ArchiveEntryKind::Directory {
                self.remove(&entry.path, by, true);
            }
            let node = ContainerPath { kind: entry.kind, size: size(entry), layer: by, link: entry.link.clone() };
            self.nodes.insert(entry.path.clone(), node);
        }
        self.records.extend(layer.records.clone());
    }

    fn remove(&mut self, path: &str, by: usize, is_replaced: bool) {
        if let Some(node) = self.nodes.remove(path) {
            // A directory may be replaced by something that is not one.
            if node.kind == ArchiveEntryKind::Directory {
                self.remove_below(path, by, is_replaced);
            }
            self.hide(path.to_owned(), &node, by, is_replaced);
        }
    }

    fn remove_below(&mut self, path: &str, by: usize, is_replaced: bool) {
        let start = if path.is_empty() { String::new() } else { format!("{path}/") };
        let range = (Bound::Included(start.clone()), Bound::Unbounded);
        let below: Vec<String> =
            self.nodes.range(range).map(|(path, _)| path).take_while(|it| it.starts_with(&start)).cloned().collect();
        for path in below {
            if let Some(node) = self.nodes.remove(&path) {
                self.hide(path, &node, by, is_replaced);
            }
        }
    }

    fn hide(&mut self, path: String, node: &ContainerPath, by: usize, is_replaced: bool) {
        self.records.remove(&path);
        if node.layer < by && node.size > Bytes(0) {
            self.hidden.push(HiddenFile { path, size: node.size, by, is_replaced });
        }
    }
}
