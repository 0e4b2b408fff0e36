//! Tar archives, read from a stream in one pass.

use std::io::{self, Read};

use anyhow::Result;
use tar::{Archive, Entry, EntryType};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArchiveEntryKind {
    /// A file with contents of its own.
    File,
    /// Another name of a file.
    HardLink,
    SymbolicLink,
    Directory,
    /// A device or a pipe.
    Special,
}

/// An entry of an archive, without its contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveEntry {
    /// Without `./` at the beginning and `/` at the end.
    pub path: String,
    pub kind: ArchiveEntryKind,
    /// Of the contents, in bytes, with the holes of sparse files; 0 for everything but files.
    pub size: u64,
    /// Where a link leads; empty for everything else.
    pub link: String,
}

impl ArchiveEntry {
    /// `None` for a record that describes the archive and is no entry of it.
    pub(crate) fn new<R: Read>(entry: &Entry<R>) -> Option<Self> {
        let kind = match entry.header().entry_type() {
            EntryType::XGlobalHeader => return None,
            EntryType::Link => ArchiveEntryKind::HardLink,
            EntryType::Symlink => ArchiveEntryKind::SymbolicLink,
            EntryType::Directory => ArchiveEntryKind::Directory,
            EntryType::Char | EntryType::Block | EntryType::Fifo => ArchiveEntryKind::Special,
            _ => ArchiveEntryKind::File,
        };
        let link = entry.link_name_bytes().unwrap_or_default();
        Some(Self {
            path: relative(&String::from_utf8_lossy(&entry.path_bytes())),
            kind,
            size: if kind == ArchiveEntryKind::File { entry.size() } else { 0 },
            link: String::from_utf8_lossy(&link).into_owned(),
        })
    }
}

fn relative(path: &str) -> String {
    path.trim_start_matches("./").trim_matches('/').to_owned()
}

/// Visits the entries in their order; contents that a visit does not read are skipped. Then reads the stream to its end,
/// because whoever writes into a pipe fails if nobody reads the rest.
pub fn visit_entries(
    stream: &mut dyn Read,
    mut visit: impl FnMut(ArchiveEntry, &mut dyn Read) -> Result<()>,
) -> Result<()> {
    let mut archive = Archive::new(stream);
    for entry in archive.entries()? {
        let mut entry = entry?;
        if let Some(description) = ArchiveEntry::new(&entry) {
            visit(description, &mut entry)?;
        }
    }
    io::copy(&mut archive.into_inner(), &mut io::sink())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, File};

    use tar::{Builder, Header};
    use tempfile::TempDir;

    /// What GNU tar makes of a directory.
    fn packed(directory: &TempDir, options: &[&str]) -> Vec<u8> {
        let mut tar = assert_cmd::Command::new("tar");
        tar.args(["--create", "--sort=name"]).args(options).arg("--directory").arg(directory.path()).arg(".");
        tar.output().unwrap().stdout
    }

    /// A directory with names that are too long for a header, and links.
    fn directory() -> TempDir {
        let directory = TempDir::new().unwrap();
        let long = directory.path().join(["long"; 30].join("/"));
        fs::create_dir_all(&long).unwrap();
        fs::write(long.join("ü.txt"), "deep").unwrap();
        fs::write(directory.path().join("a"), vec![b'a'; 1000]).unwrap();
        fs::hard_link(directory.path().join("a"), directory.path().join("b")).unwrap();
        std::os::unix::fs::symlink("long/long", directory.path().join("c")).unwrap();
        std::os::unix::fs::symlink(["long"; 30].join("/"), directory.path().join("d")).unwrap();
        directory
    }

    fn entries(archive: &[u8]) -> Result<Vec<(ArchiveEntry, Vec<u8>)>> {
        let mut entries = Vec::new();
        visit_entries(&mut &*archive, |entry, contents| {
            let mut bytes = Vec::new();
            contents.read_to_end(&mut bytes)?;
            entries.push((entry, bytes));
            Ok(())
        })?;
        Ok(entries)
    }

    #[test]
    fn every_format_gives_the_same_entries() {
        let directory = directory();
        for format in ["--format=gnu", "--format=pax", "--format=posix"] {
            let entries = entries(&packed(&directory, &[format])).unwrap();
            assert!(entries.iter().all(|(entry, contents)| entry.size == contents.len() as u64));
            let find = |path: &str| entries.iter().find(|(entry, _)| entry.path == path).unwrap();
            let (deep, contents) = find(&format!("{}/ü.txt", ["long"; 30].join("/")));
            assert_eq!((deep.kind, contents.as_slice()), (ArchiveEntryKind::File, b"deep" as &[u8]));
            let described = |path: &str| {
                let ArchiveEntry { kind, link, size, .. } = &find(path).0;
                (*kind, link.as_str(), *size)
            };
            assert_eq!(described("a"), (ArchiveEntryKind::File, "", 1000));
            assert_eq!(described("b"), (ArchiveEntryKind::HardLink, "./a", 0));
            assert_eq!(described("c"), (ArchiveEntryKind::SymbolicLink, "long/long", 0));
            assert_eq!(described("d"), (ArchiveEntryKind::SymbolicLink, ["long"; 30].join("/").as_str(), 0));
            assert_eq!(described("long").0, ArchiveEntryKind::Directory);
        }
    }

    #[test]
    fn contents_that_no_visit_reads_are_skipped() {
        let mut count = 0;
        let visit = |_, _: &mut dyn Read| {
            count += 1;
            Ok(())
        };
        visit_entries(&mut packed(&directory(), &["--format=gnu"]).as_slice(), visit).unwrap();
        assert_eq!(count, 36);
    }

    #[test]
    fn a_record_in_front_of_an_entry_overrides_its_header() {
        let mut archive = Builder::new(Vec::new());
        archive.append_pax_extensions([("path", "./é".as_bytes()), ("size", b"5")]).unwrap();
        let mut header = Header::new_ustar();
        header.set_path("cut").unwrap();
        header.set_size(0);
        header.set_cksum();
        archive.append(&header, b"12345" as &[u8]).unwrap();
        let entries = entries(&archive.into_inner().unwrap()).unwrap();
        let found: Vec<_> =
            entries.iter().map(|(entry, it)| (entry.path.as_str(), entry.size, it.as_slice())).collect();
        assert_eq!(found, [("é", 5, b"12345" as &[u8])]);
    }

    #[test]
    fn records_that_describe_the_archive_are_no_entries() {
        let directory = TempDir::new().unwrap();
        fs::write(directory.path().join("a"), "a").unwrap();
        let archive = packed(&directory, &["--format=pax", "--pax-option=comment=x"]);
        assert_eq!(archive[156], b'g', "GNU tar begins with a global header");
        let entries = entries(&archive).unwrap();
        assert_eq!(entries.iter().map(|(entry, _)| entry.path.as_str()).collect::<Vec<_>>(), ["", "a"]);
    }

    #[test]
    fn a_sparse_file_is_as_large_as_its_reader_sees_it() {
        let directory = TempDir::new().unwrap();
        let size = 40 << 20;
        File::create(directory.path().join("sparse")).unwrap().set_len(size).unwrap();
        fs::write(directory.path().join("z"), "after").unwrap();
        let archive = packed(&directory, &["--format=gnu", "--sparse"]);
        assert!(archive.len() < 1 << 20);
        let entries = entries(&archive).unwrap();
        let sizes: Vec<_> = entries.iter().map(|(entry, _)| (entry.path.as_str(), entry.size)).collect();
        assert_eq!(sizes, [("", 0), ("sparse", size), ("z", 5)]);
    }

    #[test]
    fn an_archive_that_ends_early_or_is_none_is_an_error() {
        let directory = TempDir::new().unwrap();
        fs::write(directory.path().join("a"), vec![b'a'; 1000]).unwrap();
        let archive = packed(&directory, &["--format=gnu"]);
        for end in [1, 511, 700, 1023, 1025, 2047, 2559] {
            assert!(entries(&archive[..end]).is_err(), "{end}");
        }
        assert!(entries(&archive[..2560]).is_ok(), "the blocks of zeros at the end may be missing");
        assert!(entries(&[b'x'; 2048]).is_err());
        assert!(entries(&[]).unwrap().is_empty());
    }
}
