//! A second directory with the same files.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;

use super::directory::Directory;

/// Gives the files of a directory and those below it a second name each in another directory, where the file system can do so,
/// and copies them elsewhere. Nothing must be in the other directory that has the name of something in the first. What is
/// `left_out` by its name at the top is not there.
pub(super) fn link_tree(from: &Directory, to: &Directory, left_out: Option<&str>) -> io::Result<()> {
    for entry in from.entry(".").read_dir_utf8()? {
        let entry = entry?;
        let (name, kind) = (entry.file_name(), entry.file_type()?);
        let (old, new) = (from.entry(name), to.entry(name));
        if left_out == Some(name) {
            continue;
        }
        if kind.is_dir() {
            let source = from.subdirectory(name)?;
            to.create(name)?;
            let copy = to.subdirectory(name)?;
            link_tree(&source, &copy, None)?;
            // Afterwards, because it may forbid to write in it.
            copy.set_permissions(fs::metadata(source.entry("."))?.permissions())?;
        } else if kind.is_symlink() {
            symlink(fs::read_link(old)?, new)?;
        } else if kind.is_file() && fs::hard_link(&old, &new).is_err() {
            // Not every file system has them, nor as many of one file as wanted, nor of other people's files.
            fs::copy(old, new)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    use camino::Utf8Path;

    use super::*;
    use crate::files::test_folder::Folder;

    fn linked(folder: &Folder) -> io::Result<()> {
        let open = |name: &str| Directory::open(&folder.path(name)).unwrap();
        link_tree(&open("old"), &open("new"), Some("state"))
    }

    #[test]
    fn all_that_is_below_it_is_there_once_more_and_takes_no_room() {
        let folder = Folder::new();
        for directory in ["old/deep/state", "new"] {
            fs::create_dir_all(folder.path(directory)).unwrap();
        }
        for file in ["old/state", "old/tool", "old/deep/state/file"] {
            fs::write(folder.path(file), file).unwrap();
        }
        symlink("../tool", folder.path("old/deep/link")).unwrap();
        let read_only = fs::Permissions::from_mode(0o555);
        fs::set_permissions(folder.path("old/deep/state"), read_only.clone()).unwrap();
        linked(&folder).unwrap();

        let inode = |path: &str| fs::metadata(folder.path(path)).unwrap().ino();
        assert_eq!(inode("old/tool"), inode("new/tool"));
        assert_eq!(inode("old/deep/state/file"), inode("new/deep/state/file"));
        assert_eq!(folder.path("new/deep/link").read_link_utf8().unwrap(), Utf8Path::new("../tool"));
        assert_eq!(fs::metadata(folder.path("new/deep/state")).unwrap().permissions().mode() & 0o777, 0o555);
        assert!(!folder.path("new/state").exists());
        for name in ["old", "new"] {
            let directory = folder.path(name).join("deep/state");
            fs::set_permissions(directory, fs::Permissions::from_mode(0o755)).unwrap();
        }
    }

    #[test]
    fn one_that_is_replaced_in_the_copy_is_the_same_in_the_original() {
        let folder = Folder::new();
        for directory in ["old", "new"] {
            fs::create_dir(folder.path(directory)).unwrap();
        }
        fs::write(folder.path("old/tool"), "old").unwrap();
        linked(&folder).unwrap();
        fs::write(folder.path("new/begun"), "new").unwrap();
        fs::rename(folder.path("new/begun"), folder.path("new/tool")).unwrap();
        assert_eq!(fs::read_to_string(folder.path("old/tool")).unwrap(), "old");
    }
}
