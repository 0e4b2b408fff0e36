//! Reading tar files from a stream: what Docker, BuildKit and mmdebstrap write, and no more.
//!
//! By hand, because the crate for it takes 1.7 CPU-seconds to compile.

use std::io::{self, Error, ErrorKind, Read};

/// The unit that everything in the file fills up to.
const BLOCK: usize = 512;

/// The longest name or table of attributes that is believed.
const MAX_ATTRIBUTES: u64 = 1 << 20;

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A file with contents of its own.
    File,
    /// Another name of a file.
    HardLink,
    /// A symbolic link.
    SymbolicLink,
    /// A directory.
    Directory,
    /// A device or pipe.
    Special,
}

/// One entry, without its contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TarEntry {
    /// Where it is, without `./` before and `/` behind.
    pub path: String,
    /// What it is.
    pub kind: EntryKind,
    /// How many bytes of contents follow.
    pub size: u64,
    /// Where a link leads.
    pub link: String,
}

/// A tar file. As a reader it gives the contents of the entry that came last.
///
/// Format: pax, <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13>; GNU's long names,
/// <https://www.gnu.org/software/tar/manual/html_node/Standard.html>
#[derive(Debug)]
pub struct Tar<R> {
    reader: R,
    left: u64,
    padding: u64,
}

impl<R: Read> Tar<R> {
    /// The file that a reader is at the beginning of.
    pub fn new(reader: R) -> Self {
        Self { reader, left: 0, padding: 0 }
    }

    /// The next entry; what was not read of the one before is passed over.
    pub fn next(&mut self) -> io::Result<Option<TarEntry>> {
        let (mut path, mut link, mut size) = (None, None, None);
        while let Some(header) = self.header()? {
            let kind = match header[156] {
                b'L' => {
                    path = Some(self.long_name(&header)?);
                    continue;
                }
                b'K' => {
                    link = Some(self.long_name(&header)?);
                    continue;
                }
                b'x' => {
                    for (name, value) in attributes(&self.attributes(&header)?)? {
                        match name.as_str() {
                            "path" => path = Some(value),
                            "linkpath" => link = Some(value),
                            "size" => size = Some(value.parse().map_err(|_| broken("a size is no number"))?),
                            _ => {}
                        }
                    }
                    continue;
                }
                // What holds for all entries is no path and no size.
                b'g' => {
                    self.begin(number(&header[124..136])?);
                    continue;
                }
                b'1' => EntryKind::HardLink,
                b'2' => EntryKind::SymbolicLink,
                b'3' | b'4' | b'6' => EntryKind::Special,
                b'5' => EntryKind::Directory,
                _ => EntryKind::File,
            };
            let path = path.map_or_else(|| name(&header), Ok)?;
            let size = match size {
                Some(size) => size,
                None => number(&header[124..136])?,
            };
            self.begin(if kind == EntryKind::File { size } else { 0 });
            let link = link.unwrap_or_else(|| text(&header[157..257]));
            return Ok(Some(TarEntry { path: clean(&path), kind, size: self.left, link }));
        }
        Ok(None)
    }

    /// Passes over what is left, up to the end of the file: who writes into a pipe wants to be read to the end.
    pub fn finish(mut self) -> io::Result<()> {
        while self.next()?.is_some() {}
        io::copy(&mut self.reader, &mut io::sink()).map(|_| ())
    }

    fn begin(&mut self, size: u64) {
        self.left = size;
        self.padding = (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64;
    }

    /// The next header; a block of zeros, or nothing, is the end.
    fn header(&mut self) -> io::Result<Option<[u8; BLOCK]>> {
        let passed = self.left + self.padding;
        if io::copy(&mut self.reader.by_ref().take(passed), &mut io::sink())? < passed {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.begin(0);
        let mut bytes = Vec::with_capacity(BLOCK);
        self.reader.by_ref().take(BLOCK as u64).read_to_end(&mut bytes)?;
        match <[u8; BLOCK]>::try_from(bytes) {
            Ok(block) if block[0] == 0 && block[124] == 0 => Ok(None),
            Ok(block) => Ok(Some(block)),
            Err(rest) if rest.is_empty() => Ok(None),
            Err(_) => Err(ErrorKind::UnexpectedEof.into()),
        }
    }

    fn attributes(&mut self, header: &[u8]) -> io::Result<Vec<u8>> {
        let size = number(&header[124..136])?;
        if size > MAX_ATTRIBUTES {
            return Err(broken("a name is longer than any"));
        }
        self.begin(size);
        let mut contents = Vec::new();
        self.read_to_end(&mut contents)?;
        Ok(contents)
    }

    fn long_name(&mut self, header: &[u8]) -> io::Result<String> {
        self.attributes(header).map(|it| text(&it))
    }
}

impl<R: Read> Read for Tar<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = usize::try_from(self.left).map_or(buffer.len(), |left| left.min(buffer.len()));
        let read = self.reader.read(&mut buffer[..wanted])?;
        if read == 0 && wanted > 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.left -= read as u64;
        Ok(read)
    }
}

fn broken(what: &'static str) -> Error {
    Error::new(ErrorKind::InvalidData, format!("this is no tar file that can be read: {what}"))
}

/// Up to the first zero.
fn text(field: &[u8]) -> String {
    let end = field.iter().position(|it| *it == 0).unwrap_or(field.len());
    String::from_utf8_lossy(&field[..end]).into_owned()
}

/// Octal digits, or with the highest bit set a binary number.
fn number(field: &[u8]) -> io::Result<u64> {
    if field[0] & 0x80 != 0 {
        return Ok(field[field.len() - 8..].iter().fold(0, |number, byte| number << 8 | u64::from(*byte)));
    }
    let digits = text(field);
    match digits.trim() {
        "" => Ok(0),
        digits => u64::from_str_radix(digits, 8).map_err(|_| broken("a size is no octal number")),
    }
}

/// POSIX has a second field for the beginning; GNU has other things there.
fn name(header: &[u8; BLOCK]) -> io::Result<String> {
    let name = text(&header[..100]);
    let prefix = if &header[257..263] == b"ustar\0" { text(&header[345..500]) } else { String::new() };
    match (name.is_empty(), prefix.is_empty()) {
        (true, _) => Err(broken("an entry has no name")),
        (false, true) => Ok(name),
        (false, false) => Ok(format!("{prefix}/{name}")),
    }
}

fn clean(path: &str) -> String {
    path.trim_start_matches("./").trim_matches('/').to_owned()
}

/// Lines such as `21 path=long/name`, each led by its own length.
fn attributes(mut table: &[u8]) -> io::Result<Vec<(String, String)>> {
    let mut attributes = Vec::new();
    while !table.is_empty() {
        let record = || {
            let blank = table.iter().position(|it| *it == b' ')?;
            let length: usize = std::str::from_utf8(&table[..blank]).ok()?.parse().ok()?;
            let line = table.get(blank + 1..length.checked_sub(1)?)?;
            let equals = line.iter().position(|it| *it == b'=')?;
            let text = |it: &[u8]| String::from_utf8_lossy(it).into_owned();
            Some((length, text(&line[..equals]), text(&line[equals + 1..])))
        };
        let (length, name, value) = record().ok_or_else(|| broken("an attribute is not as long as it says"))?;
        attributes.push((name, value));
        table = table.get(length..).unwrap_or_default();
    }
    Ok(attributes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// What GNU tar makes of a directory, in a format.
    fn packed(format: &str) -> Vec<u8> {
        let directory = tempfile::tempdir().unwrap();
        let long = directory.path().join(["long"; 30].join("/"));
        fs::create_dir_all(&long).unwrap();
        fs::write(long.join("ü.txt"), "deep").unwrap();
        fs::write(directory.path().join("a"), vec![b'a'; 1000]).unwrap();
        fs::hard_link(directory.path().join("a"), directory.path().join("b")).unwrap();
        std::os::unix::fs::symlink("long/long", directory.path().join("c")).unwrap();
        let options = ["--create", "--sort=name", format, "--directory"];
        let output = assert_cmd::Command::new("tar").args(options).arg(directory.path()).arg(".").output().unwrap();
        output.stdout
    }

    #[test]
    fn every_format_gives_the_same_entries() {
        let listed = ["--format=gnu", "--format=pax", "--format=posix"].map(|format| {
            let bytes = packed(format);
            let mut tar = Tar::new(bytes.as_slice());
            let mut entries = Vec::new();
            while let Some(entry) = tar.next().unwrap() {
                let mut contents = String::new();
                tar.read_to_string(&mut contents).unwrap();
                assert_eq!(contents.len() as u64, entry.size);
                entries.push((entry, contents));
            }
            entries
        });
        for entries in listed {
            let find = |path: &str| entries.iter().find(|(entry, _)| entry.path == path).unwrap();
            let (deep, contents) = find(&format!("{}/ü.txt", ["long"; 30].join("/")));
            assert_eq!((deep.kind, contents.as_str()), (EntryKind::File, "deep"));
            assert_eq!((find("a").0.kind, find("a").0.size), (EntryKind::File, 1000));
            assert_eq!(
                (find("b").0.kind, find("b").0.link.as_str(), find("b").0.size),
                (EntryKind::HardLink, "./a", 0)
            );
            assert_eq!((find("c").0.kind, find("c").0.link.as_str()), (EntryKind::SymbolicLink, "long/long"));
            assert_eq!(find("long").0.kind, EntryKind::Directory);
        }
    }

    #[test]
    fn contents_that_nobody_reads_are_passed_over() {
        let bytes = packed("--format=gnu");
        let mut tar = Tar::new(bytes.as_slice());
        let mut count = 0;
        while tar.next().unwrap().is_some() {
            count += 1;
        }
        assert_eq!(count, 35);
    }

    #[test]
    fn a_file_that_ends_early_or_is_none_is_an_error() {
        let bytes = packed("--format=gnu");
        assert!(Tar::new(&bytes[..700]).finish().is_err());
        assert!(Tar::new([b'x'; 2048].as_slice()).finish().is_err());
        assert!(Tar::new([].as_slice()).finish().is_ok());
    }
}
