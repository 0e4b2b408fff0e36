//! Everything in a directory, to be compared with what is there later.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Every path below a directory, with its mode and what it holds.
pub type Tree = BTreeMap<PathBuf, (u32, Vec<u8>)>;

/// What is in `directory` now.
pub fn tree_of(directory: &Path) -> Tree {
    let mut tree = Tree::new();
    collect(directory, directory, &mut tree);
    tree
}

fn collect(root: &Path, directory: &Path, tree: &mut Tree) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let metadata = path.symlink_metadata().unwrap();
        let contents = if metadata.is_symlink() {
            fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes()
        } else if metadata.is_file() {
            fs::read(&path).unwrap()
        } else {
            Vec::new()
        };
        tree.insert(path.strip_prefix(root).unwrap().to_owned(), (metadata.mode(), contents));
        if metadata.is_dir() {
            collect(root, &path, tree);
        }
    }
}
