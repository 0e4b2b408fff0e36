//! The room that files take.

use std::collections::HashMap;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;

use camino::Utf8Path;

/// The unit of `st_blocks`, whatever the file system's own is: stat(3type).
const BLOCK: u64 = 512;

/// How many names of each file were met, by its device and number.
type Names = HashMap<(u64, u64), u64>;

/// The bytes that are free once a file or a directory with its contents is removed. A file that has a name elsewhere too, as in
/// uv's cache, stays there and frees nothing. What cannot be read counts nothing.
pub fn freed_by_removing(path: &Utf8Path) -> u64 {
    let mut names = Names::new();
    let mut bytes = 0;
    count(path, &mut names, &mut bytes);
    bytes
}

fn count(path: &Utf8Path, names: &mut Names, bytes: &mut u64) {
    let Ok(metadata) = fs::symlink_metadata(path) else { return };
    if metadata.is_dir() {
        *bytes += size(&metadata);
        let entries = path.read_dir_utf8().into_iter().flatten().flatten();
        entries.for_each(|it| count(it.path(), names, bytes));
    } else {
        let met = names.entry((metadata.dev(), metadata.ino())).or_default();
        *met += 1;
        if *met == metadata.nlink() {
            *bytes += size(&metadata);
        }
    }
}

fn size(metadata: &Metadata) -> u64 {
    metadata.blocks() * BLOCK
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::files::test_folder::Folder;

    #[test]
    fn only_what_has_no_name_elsewhere_is_freed() {
        let (folder, outside) = (Folder::new(), Folder::new());
        fs::create_dir(folder.path("tree")).unwrap();
        let empty = freed_by_removing(&folder.path("tree"));
        fs::write(outside.path("cached"), vec![b'x'; 1 << 20]).unwrap();
        fs::hard_link(outside.path("cached"), folder.path("tree/linked")).unwrap();
        symlink(outside.path("cached"), folder.path("tree/link")).unwrap();
        assert!(freed_by_removing(&folder.path("tree")) - empty < 1 << 20);
        fs::hard_link(folder.path("tree/linked"), folder.path("tree/again")).unwrap();
        fs::remove_file(outside.path("cached")).unwrap();
        let freed = freed_by_removing(&folder.path("tree")) - empty;
        assert!((1 << 20..2 << 20).contains(&freed), "{freed}");
        assert_eq!(freed_by_removing(&folder.path("nothing")), 0);
    }
}
