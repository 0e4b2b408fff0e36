//! What a container sees of all layers, and what it does not.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::{
    Bytes, SavedLayer,
    archive::EntryKind,
    layer::{Layer, size},
};

/// A path that a container sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerPath {
    /// What it is.
    pub kind: EntryKind,
    /// What it takes in its layer.
    pub size: Bytes,
    /// Which layer it is in, from 0, the lowest.
    pub layer: usize,
    /// Where a link leads.
    pub link: String,
}

/// A file of a layer that no container sees, and that is stored all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HiddenFile {
    /// Where it was.
    pub path: String,
    /// What it takes.
    pub size: Bytes,
    /// The layer that hides it.
    pub by: usize,
    /// Whether something else is there now.
    pub is_replaced: bool,
}

/// All layers, one over the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// What is seen, by path.
    pub nodes: BTreeMap<String, ContainerPath>,
    /// What is hidden.
    pub hidden: Vec<HiddenFile>,
    /// The text of those files that say what belongs to a package, by path.
    pub records: BTreeMap<String, String>,
}

impl Contents {
    /// Puts layers over each other, the lowest first.
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
            if entry.kind != EntryKind::Directory {
                self.remove(&entry.path, by, true);
            }
            let node = ContainerPath { kind: entry.kind, size: size(entry), layer: by, link: entry.link.clone() };
            self.nodes.insert(entry.path.clone(), node);
        }
        self.records.extend(layer.records.clone());
    }

    fn remove(&mut self, path: &str, by: usize, is_replaced: bool) {
        if let Some(node) = self.nodes.remove(path) {
            // One with more than one name is a directory no more.
            if node.kind == EntryKind::Directory {
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
