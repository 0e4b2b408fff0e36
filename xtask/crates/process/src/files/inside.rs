//! Reading what a repository holds, and nothing that it only points to.

use std::ffi::c_int;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};
use libc::{O_NOFOLLOW, O_NONBLOCK};

/// What a path inside a directory leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileInside {
    Bytes(Vec<u8>),
    /// Nothing, or a link to nothing.
    Missing,
    /// A file outside of the directory, by a link in some part of the path. It was not read.
    Outside(Utf8PathBuf),
    /// No file that has an end: what it is, in words. It was not opened.
    NotAFile(&'static str),
}

/// Reads a file that has to be inside `root`, with all links followed.
pub fn read_inside(root: &Utf8Path, path: &Utf8Path) -> Result<FileInside> {
    follow(root, path).with_context(|| format!("cannot read `{path}`"))
}

fn follow(root: &Utf8Path, path: &Utf8Path) -> io::Result<FileInside> {
    let target = match path.canonicalize_utf8() {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(FileInside::Missing),
        target => target?,
    };
    if !target.starts_with(root.canonicalize_utf8()?) {
        return Ok(FileInside::Outside(target));
    }
    if let Some(kind) = other_kind(&fs::metadata(&target)?) {
        return Ok(FileInside::NotAFile(kind));
    }
    let mut bytes = Vec::new();
    // A link that has taken its place since is not followed.
    open(&target, O_NOFOLLOW)?.read_to_end(&mut bytes)?;
    Ok(FileInside::Bytes(bytes))
}

/// Opens a file to be read. To open a device can do something, and a pipe without a writer is waited for: both are refused.
pub(super) fn open(path: &Utf8Path, flags: c_int) -> io::Result<File> {
    let refuse = |metadata: &Metadata| {
        other_kind(metadata).map_or(Ok(()), |kind| Err(io::Error::other(format!("it is {kind}, not a file"))))
    };
    refuse(&fs::metadata(path)?)?;
    let file = OpenOptions::new().read(true).custom_flags(flags | O_NONBLOCK).open(path)?;
    refuse(&file.metadata()?)?;
    Ok(file)
}

/// What something is that is not a regular file.
fn other_kind(metadata: &Metadata) -> Option<&'static str> {
    let kind = metadata.file_type();
    let kinds = [
        (kind.is_file(), None),
        (kind.is_dir(), Some("a directory")),
        (kind.is_fifo(), Some("a named pipe")),
        (kind.is_socket(), Some("a socket")),
    ];
    kinds.into_iter().find(|it| it.0).map_or(Some("a device"), |it| it.1)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;
    use std::process::Command;

    use super::*;

    #[test]
    fn only_a_file_that_is_inside_is_read() {
        let directory = tempfile::tempdir().unwrap();
        let outer = Utf8PathBuf::try_from(directory.path().canonicalize().unwrap()).unwrap();
        // Neither the sibling with the longer name nor the directory above is inside.
        let [root, sibling] = ["root", "root-2"].map(|name| {
            fs::create_dir(outer.join(name)).unwrap();
            fs::write(outer.join(name).join("file"), name).unwrap();
            outer.join(name)
        });
        let links =
            [("out", sibling.join("file")), ("folder", sibling), ("loose", root.join("none")), ("in", "file".into())];
        for (name, target) in links {
            symlink(target, root.join(name)).unwrap();
        }
        symlink("/dev/zero", root.join("zero")).unwrap();
        assert!(Command::new("mkfifo").arg(root.join("pipe")).status().unwrap().success());
        let _socket = UnixListener::bind(root.join("socket")).unwrap();

        let read = |name: &str| read_inside(&root, &root.join(name)).unwrap();
        assert_eq!([read("file"), read("in")], ["root", "root"].map(|it| FileInside::Bytes(it.into())));
        assert_eq!([read("none"), read("loose")], [FileInside::Missing, FileInside::Missing]);
        let sibling_file = FileInside::Outside(outer.join("root-2/file"));
        assert_eq!([read("out"), read("folder/file"), read("../root-2/file")], [(); 3].map(|()| sibling_file.clone()));
        assert_eq!(read("zero"), FileInside::Outside("/dev/zero".into()));
        assert_eq!(read("."), FileInside::NotAFile("a directory"));
        assert_eq!([read("pipe"), read("socket")], ["a named pipe", "a socket"].map(FileInside::NotAFile));
    }

    #[test]
    fn the_directory_itself_may_be_reached_by_a_link() {
        let directory = tempfile::tempdir().unwrap();
        let outer = Utf8PathBuf::try_from(directory.path().to_owned()).unwrap();
        fs::create_dir(outer.join("real")).unwrap();
        fs::write(outer.join("real/file"), "x").unwrap();
        symlink("real", outer.join("link")).unwrap();
        let link = outer.join("link");
        assert_eq!(read_inside(&link, &link.join("file")).unwrap(), FileInside::Bytes(b"x".to_vec()));
    }
}
