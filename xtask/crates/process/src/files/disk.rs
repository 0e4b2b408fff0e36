//! Changes to the file system. [`Files`](super::Files) decides whether they happen.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, BufWriter, ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _, lchown};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use camino::Utf8Path;

use super::{
    FileTree, NewFile, SHARED,
    directory::Directory,
    link_tree::link_tree,
    place::{MissingParents, Place},
    temporary::{Temporary, sweep},
};

/// Bytes that are written at once.
const BUFFER: usize = 1 << 18;

/// The file system, and which repository its links must not lead out of.
#[derive(Debug, Clone)]
pub(super) struct Disk {
    repository: Arc<Utf8Path>,
}

impl Disk {
    pub(super) fn new(repository: &Utf8Path) -> Self {
        Self { repository: repository.into() }
    }

    pub(super) fn repository(&self) -> &Utf8Path {
        &self.repository
    }

    /// The place of a path, in a directory that exists.
    pub(super) fn place(&self, path: &Utf8Path) -> Result<Place> {
        Place::find(&self.repository, path, MissingParents::Refuse)
    }

    fn place_to_create(&self, path: &Utf8Path) -> Result<Place> {
        Place::find(&self.repository, path, MissingParents::Create)
    }

    /// The place of what a path leads to, whose directory is created.
    pub(super) fn target(&self, path: &Utf8Path) -> Result<Place> {
        Place::find_target(&self.repository, path, MissingParents::Create)
    }

    /// Writes a file beside its place and renames it, so that a reader sees the old one or the new one, never half of one.
    pub(super) fn write(&self, path: &Utf8Path, file: &NewFile) -> Result<()> {
        let place = self.place(path)?;
        let write = || -> io::Result<()> {
            let mut temporary = Temporary::create(&place)?;
            temporary.file.write_all(&file.contents)?;
            temporary.persist(file.mode)
        };
        write().with_context(|| format!("cannot write `{path}`"))
    }

    /// As [`write`](Self::write), for a file that is too large to hold.
    pub(super) fn write_with(&self, path: &Utf8Path, write: &dyn Fn(&mut dyn io::Write) -> Result<()>) -> Result<()> {
        let place = self.place(path)?;
        let failed = || format!("cannot write `{path}`");
        let temporary = Temporary::create(&place).with_context(failed)?;
        let mut out = BufWriter::with_capacity(BUFFER, &temporary.file);
        write(&mut out)?;
        out.flush().with_context(failed)?;
        drop(out);
        temporary.persist(SHARED).with_context(failed)
    }

    /// Writes a file that must survive, but leaves one that exists alone. Returns whether there was none.
    pub(super) fn write_new(&self, path: &Utf8Path, file: &NewFile) -> Result<bool> {
        let place = self.place(path)?;
        let write = || -> io::Result<()> {
            let mut temporary = Temporary::create(&place)?;
            temporary.file.write_all(&file.contents)?;
            temporary.file.sync_all()?;
            temporary.persist_new(file.mode)?;
            place.directory.sync()
        };
        match write() {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error).with_context(|| format!("cannot write `{path}`")),
        }
    }

    /// Copies a file with its permissions.
    pub(super) fn copy(&self, from: &Utf8Path, to: &Utf8Path) -> Result<()> {
        let place = self.place(to)?;
        let copy = || -> io::Result<()> {
            let (mut source, mut temporary) = (File::open(from)?, Temporary::create(&place)?);
            io::copy(&mut source, &mut temporary.file)?;
            temporary.persist(source.metadata()?.permissions().mode() & 0o777)
        };
        copy().with_context(|| format!("cannot copy `{from}` to `{to}`"))
    }

    /// Opens a file for writing, which is created if it does not exist. A link is an error.
    pub(super) fn open(&self, path: &Utf8Path, options: &mut OpenOptions) -> Result<File> {
        let place = self.place_to_create(path)?;
        let opened = options.write(true).custom_flags(libc::O_NOFOLLOW).open(place.path());
        opened.with_context(|| format!("cannot write `{path}`"))
    }

    /// Removes what killed writers have left in a directory, if it exists.
    pub(super) fn sweep(&self, directory: &Utf8Path) -> Result<()> {
        match self.place(&directory.join("any")) {
            Ok(place) => sweep(&place.directory).with_context(|| format!("cannot clean up `{directory}`")),
            Err(_) => Ok(()),
        }
    }

    /// Creates a directory and those above it.
    pub(super) fn create_dir(&self, path: &Utf8Path) -> Result<()> {
        if path.is_dir() {
            return Ok(());
        }
        let failed = || format!("cannot create the directory `{path}`");
        let place = self.place_to_create(path)?;
        place.create_directory().with_context(failed)?;
        place.open_directory().map(drop).with_context(failed)
    }

    /// Creates a directory that only its owner may enter, and those above it as usual.
    pub(super) fn create_private_dir(&self, path: &Utf8Path) -> Result<()> {
        let directory = self.own_directory(path)?;
        let private = Permissions::from_mode(0o700);
        directory.set_permissions(private).with_context(|| format!("cannot keep others out of `{path}`"))
    }

    pub(super) fn empty_dir(&self, path: &Utf8Path) -> Result<()> {
        self.remove_dir(path)?;
        self.create_dir(path)
    }

    /// Removes a directory with its contents, if it exists; of a link only itself.
    pub(super) fn remove_dir(&self, path: &Utf8Path) -> Result<()> {
        self.remove(path, |it| fs::remove_dir_all(it)).with_context(|| format!("cannot remove the directory `{path}`"))
    }

    /// Removes a file, if it exists; of a link only itself.
    pub(super) fn remove_file(&self, path: &Utf8Path) -> Result<()> {
        self.remove(path, |it| fs::remove_file(it)).with_context(|| format!("cannot remove `{path}`"))
    }

    fn remove(&self, path: &Utf8Path, remove: impl FnOnce(&Utf8Path) -> io::Result<()>) -> Result<()> {
        if path.parent().is_some_and(|it| !it.exists()) {
            return Ok(());
        }
        match remove(&self.place(path)?.path()) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    pub(super) fn rename(&self, from: &Utf8Path, to: &Utf8Path) -> Result<()> {
        let (old, new) = (self.place(from)?, self.place(to)?);
        fs::rename(old.path(), new.path()).with_context(|| format!("cannot move `{from}` to `{to}`"))
    }

    pub(super) fn link_tree(&self, from: &Utf8Path, to: &Utf8Path, left_out: &str) -> Result<()> {
        let open = |path: &Utf8Path| -> Result<Directory> { Ok(self.place(path)?.open_directory()?) };
        let link = || -> Result<()> { Ok(link_tree(&open(from)?, &open(to)?, Some(left_out))?) };
        link().with_context(|| format!("cannot copy the files of `{from}` to `{to}`"))
    }

    /// Changes the owner of a file or directory; of a link only its own.
    pub(super) fn change_owner(&self, path: &Utf8Path, uid: u32, gid: u32) -> Result<()> {
        Ok(lchown(self.place(path)?.path(), Some(uid), Some(gid))?)
    }

    /// Makes `directory` hold exactly `tree`. A file with the right contents and mode is not touched.
    pub(super) fn write_tree(&self, directory: &Utf8Path, tree: &FileTree) -> Result<()> {
        let open = self.own_directory(directory)?;
        let failed = || format!("cannot clean up `{directory}`");
        remove_all_but(&open, "".into(), tree).with_context(failed)?;
        for (relative, file) in tree {
            self.write_if_changed(&directory.join(relative), file)?;
        }
        Ok(())
    }

    /// Writes a file, and the directories above it, unless it has these contents and this mode already.
    pub(super) fn write_if_changed(&self, path: &Utf8Path, file: &NewFile) -> Result<()> {
        let place = self.place_to_create(path)?;
        if has_contents(&place, file) { Ok(()) } else { self.write(path, file) }
    }

    /// Opens a directory that is this tool's alone, and creates it. A link in its place is removed.
    fn own_directory(&self, path: &Utf8Path) -> Result<Directory> {
        let place = self.place_to_create(path)?;
        let open = || -> io::Result<Directory> {
            if place.metadata()?.is_some_and(|it| it.is_symlink()) {
                fs::remove_file(place.path())?;
            }
            place.create_directory()?;
            place.open_directory()
        };
        open().with_context(|| format!("cannot create the directory `{path}`"))
    }
}

fn has_contents(place: &Place, file: &NewFile) -> bool {
    let metadata = place.metadata().ok().flatten().filter(fs::Metadata::is_file);
    metadata.is_some_and(|it| it.permissions().mode() & 0o777 == file.mode)
        && fs::read(place.path()).is_ok_and(|contents| contents == file.contents)
}

fn remove_all_but(directory: &Directory, inside: &Utf8Path, kept: &FileTree) -> io::Result<()> {
    for (name, is_directory) in directory.entries()? {
        let relative = inside.join(&name);
        if !is_directory {
            if !kept.contains_key(&relative) {
                fs::remove_file(directory.entry(&name))?;
            }
        } else if kept.keys().any(|it| it.starts_with(&relative)) {
            remove_all_but(&directory.subdirectory(&name)?, &relative, kept)?;
        } else {
            fs::remove_dir_all(directory.entry(&name))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::files::{PRIVATE, new_file::EXECUTABLE, test_folder::Folder};

    #[test]
    fn a_tree_replaces_what_was_there_and_leaves_right_files_alone() {
        let folder = Folder::new();
        let (disk, directory) = (folder.disk(), folder.path("tree"));
        let old = FileTree::from([
            ("kept.txt".into(), NewFile::text("same")),
            ("gone.txt".into(), NewFile::text("old")),
            ("gone/deep/file".into(), NewFile::text("old")),
        ]);
        disk.write_tree(&directory, &old).unwrap();
        let before = fs::metadata(directory.join("kept.txt")).unwrap().modified().unwrap();

        let new = FileTree::from([
            ("kept.txt".into(), NewFile::text("same")),
            ("made/run.sh".into(), NewFile::script("#!/bin/sh\n")),
        ]);
        disk.write_tree(&directory, &new).unwrap();

        assert!(!directory.join("gone.txt").exists() && !directory.join("gone").exists());
        assert_eq!(fs::metadata(directory.join("kept.txt")).unwrap().modified().unwrap(), before);
        let mode = fs::metadata(directory.join("made/run.sh")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, EXECUTABLE);
    }

    #[test]
    fn a_private_file_is_never_readable_by_others() {
        let folder = Folder::new();
        let path = folder.path("secret");
        folder.disk().write(&path, &NewFile { contents: b"x".to_vec(), mode: PRIVATE }).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, PRIVATE);
    }

    #[test]
    fn a_failed_write_leaves_nothing_behind() {
        let folder = Folder::new();
        folder.disk().create_dir(&folder.path("taken/inside")).unwrap();
        let error = folder.disk().write(&folder.path("taken"), &NewFile::text("x")).unwrap_err();
        assert!(error.to_string().contains("taken"), "{error}");
        assert_eq!(folder.names(), ["taken"]);
    }

    #[test]
    fn nothing_is_written_or_removed_through_a_link_that_leads_out_of_the_repository() {
        let (folder, outside) = (Folder::new(), Folder::new());
        fs::write(outside.path("kept"), "theirs").unwrap();
        fs::create_dir(outside.path("context")).unwrap();
        fs::write(outside.path("context/kept"), "theirs").unwrap();
        symlink(outside.path(""), folder.path("target")).unwrap();
        let (disk, file) = (folder.disk(), NewFile::text("ours"));
        let (kept, context) = (folder.path("target/kept"), folder.path("target/context"));
        let tree = FileTree::from([("kept".into(), file.clone())]);
        let error = disk.write(&kept, &file).unwrap_err();
        assert!(format!("{error:#}").contains("leads out of the repository (fix: remove the link)"), "{error:#}");
        disk.write_new(&folder.path("target/new"), &file).unwrap_err();
        disk.write_if_changed(&kept, &file).unwrap_err();
        disk.write_tree(&context, &tree).unwrap_err();
        disk.create_dir(&folder.path("target/new")).unwrap_err();
        disk.create_private_dir(&context).unwrap_err();
        disk.empty_dir(&context).unwrap_err();
        disk.remove_dir(&context).unwrap_err();
        disk.remove_file(&kept).unwrap_err();
        disk.rename(&kept, &folder.path("moved")).unwrap_err();
        disk.link_tree(&folder.path(""), &context, "kept").unwrap_err();
        disk.copy(&folder.path("target"), &kept).unwrap_err();
        disk.change_owner(&kept, 0, 0).unwrap_err();
        disk.open(&kept, OpenOptions::new().create(true)).unwrap_err();
        disk.target(&kept).unwrap_err();
        assert_eq!(outside.names(), ["context", "kept"]);
        assert_eq!(fs::read_to_string(outside.path("context/kept")).unwrap(), "theirs");
    }

    #[test]
    fn a_link_in_the_place_of_something_of_ours_is_replaced_and_not_followed() {
        let (folder, outside) = (Folder::new(), Folder::new());
        fs::write(outside.path("kept"), "theirs").unwrap();
        let link = |name: &str| symlink(outside.path(""), folder.path(name)).unwrap();
        let (disk, file) = (folder.disk(), NewFile::text("ours"));
        let link_to_file = || symlink(outside.path("kept"), folder.path("file")).unwrap();
        link_to_file();
        disk.open(&folder.path("file"), OpenOptions::new().create(true).truncate(true)).unwrap_err();
        disk.write(&folder.path("file"), &file).unwrap();
        link("tree");
        disk.write_tree(&folder.path("tree"), &FileTree::from([("kept".into(), file)])).unwrap();
        link("private");
        disk.create_private_dir(&folder.path("private")).unwrap();
        link("empty");
        disk.empty_dir(&folder.path("empty")).unwrap();
        assert!(["file", "tree", "private", "empty"].iter().all(|it| !folder.path(it).is_symlink()));
        assert_eq!(
            (outside.names(), fs::read_to_string(outside.path("kept")).unwrap()),
            (vec!["kept".into()], "theirs".into())
        );
    }

    #[test]
    fn a_link_to_another_place_in_the_repository_is_followed() {
        let folder = Folder::new();
        folder.disk().create_dir(&folder.path("real/inner")).unwrap();
        symlink("real", folder.path("target")).unwrap();
        symlink("../target/inner", folder.path("real/again")).unwrap();
        folder.disk().write(&folder.path("target/again/file"), &NewFile::text("x")).unwrap();
        assert!(folder.path("real/inner/file").is_file());
    }

    #[test]
    fn what_a_killed_writer_has_left_is_swept_and_what_a_living_one_writes_is_not() {
        let folder = Folder::new();
        fs::write(folder.path(".xtask-4711-0.new"), "half").unwrap();
        let (disk, path) = (folder.disk(), folder.path("file"));
        let place = disk.place(&path).unwrap();
        let writing = Temporary::create(&place).unwrap();
        disk.sweep(&folder.path("")).unwrap();
        assert_eq!(folder.names().len(), 1);
        drop(writing);
        assert_eq!(folder.names(), Vec::<String>::new());
    }
}
