//! Archives of the kind zip, in which databases of vulnerabilities are published.
//!
//! Source: PKWARE's APPNOTE, 4.3; RFC 1951 and RFC 1952 for the streams that `gzip` reads.

/// An archive whose files are compressed by deflate, or not at all. `gzip` unpacks them, which is on every machine; a library that
/// does would be compiled by everybody for this alone.
#[derive(Debug)]
pub struct ZipArchive<'a> {
    bytes: &'a [u8],
    entries: Vec<ZipEntry>,
}

#[derive(Debug)]
struct ZipEntry {
    name: String,
    is_deflated: bool,
    checksum: u32,
    /// Where its compressed bytes are.
    start: usize,
    compressed: usize,
    size: u32,
}

const END: &[u8] = b"PK\x05\x06";
const CENTRAL: &[u8] = b"PK\x01\x02";
const LOCAL: &[u8] = b"PK\x03\x04";
/// Of the record at the end, without the comment that may follow.
const END_LENGTH: usize = 22;
/// Stands for a number that is elsewhere, in archives of more than 4 GiB or 65,535 files.
const ELSEWHERE: u32 = u32::MAX;

impl<'a> ZipArchive<'a> {
    /// Whether a file begins as such an archive.
    pub fn is_one(bytes: &[u8]) -> bool {
        bytes.starts_with(LOCAL) || bytes.starts_with(END)
    }

    /// Reads the list of files at its end; the error says what is wrong.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, String> {
        let cut = || "it is cut short, or no zip archive".to_owned();
        let last = bytes.len().checked_sub(END_LENGTH).ok_or_else(cut)?;
        let end = (0..=last).rev().take(usize::from(u16::MAX) + 1).find(|it| bytes[*it..].starts_with(END));
        let end = end.ok_or_else(cut)?;
        let count = number(bytes, end + 10, 2).ok_or_else(cut)?;
        let mut at = number(bytes, end + 16, 4).ok_or_else(cut)? as usize;
        if count == u32::from(u16::MAX) || at == ELSEWHERE as usize {
            return Err("it has more than 65,534 files; unpack it and name the folder".to_owned());
        }
        let mut entries = Vec::new();
        for _ in 0..count {
            let (entry, next) = central_entry(bytes, at).ok_or_else(cut)?;
            entries.extend(entry?);
            at = next;
        }
        Ok(Self { bytes, entries })
    }

    /// The names and sizes of its files, in the order in which [`as_gzip`](Self::as_gzip) has them.
    pub fn files(&self) -> impl Iterator<Item = (&str, usize)> {
        self.entries.iter().map(|it| (it.name.as_str(), it.size as usize))
    }

    /// The same files one behind the other, as a stream that `gzip -dc` unpacks and checks.
    pub fn as_gzip(&self) -> Vec<u8> {
        let mut stream = Vec::with_capacity(self.bytes.len());
        for entry in &self.entries {
            // Deflate, no flags, no time, no level, an unknown system.
            stream.extend([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
            let data = &self.bytes[entry.start..entry.start + entry.compressed];
            if entry.is_deflated {
                stream.extend(data);
            } else {
                push_stored(&mut stream, data);
            }
            stream.extend(entry.checksum.to_le_bytes());
            stream.extend(entry.size.to_le_bytes());
        }
        stream
    }
}

/// An entry of the central directory, and where the next one begins. `None` where it is cut short; a folder is no file.
fn central_entry(bytes: &[u8], at: usize) -> Option<(Result<Option<ZipEntry>, String>, usize)> {
    bytes.get(at..)?.starts_with(CENTRAL).then_some(())?;
    let field = |offset, length| number(bytes, at + offset, length);
    let (name_length, extra, comment) = (field(28, 2)? as usize, field(30, 2)? as usize, field(32, 2)? as usize);
    let name = String::from_utf8_lossy(bytes.get(at + 46..at + 46 + name_length)?).into_owned();
    let next = at + 46 + name_length + extra + comment;
    if name.ends_with('/') {
        return Some((Ok(None), next));
    }
    let (flags, method) = (field(8, 2)?, field(10, 2)?);
    if flags & 1 != 0 || !matches!(method, 0 | 8) {
        return Some((
            Err(format!("`{name}` in it is encrypted or compressed in another way; unpack it and name the folder")),
            next,
        ));
    }
    let local = field(42, 4)? as usize;
    bytes.get(local..)?.starts_with(LOCAL).then_some(())?;
    let start = local + 30 + (number(bytes, local + 26, 2)? + number(bytes, local + 28, 2)?) as usize;
    let compressed = field(20, 4)? as usize;
    bytes.get(start..start.checked_add(compressed)?)?;
    let entry =
        ZipEntry { name, is_deflated: method == 8, checksum: field(16, 4)?, start, compressed, size: field(24, 4)? };
    Some((Ok(Some(entry)), next))
}

/// A number of two or four bytes, the least significant first.
fn number(bytes: &[u8], at: usize, length: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(length)?)?;
    Some(bytes.iter().rev().fold(0, |number, it| number << 8 | u32::from(*it)))
}

/// Bytes as blocks of deflate that are not compressed, of 65,535 bytes at most.
fn push_stored(stream: &mut Vec<u8>, data: &[u8]) {
    let mut blocks = data.chunks(usize::from(u16::MAX)).peekable();
    if blocks.peek().is_none() {
        stream.extend([1, 0, 0, 0xff, 0xff]);
    }
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        stream.push(u8::from(blocks.peek().is_none()));
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(block);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two files, a folder and a comment, as Python's `zipfile` packs them; `stored.json` is not compressed.
    const ARCHIVE: &[u8] = include_bytes!("../../tests/data/two-files.zip");

    #[test]
    fn its_files_become_members_of_a_gzip_stream() {
        let archive = ZipArchive::parse(ARCHIVE).unwrap();
        assert_eq!(archive.files().collect::<Vec<_>>(), [("deflated.json", 1000), ("stored.json", 3)]);
        let stream = archive.as_gzip();
        let heads = stream.windows(4).filter(|it| *it == [0x1f, 0x8b, 8, 0]).count();
        assert_eq!(heads, 2);
        // A last block of 3 bytes, the bytes, and their number behind the checksum.
        assert!(stream.windows(8).any(|it| it == [1, 3, 0, 0xfc, 0xff, b'{', b'}', b'\n']));
        assert!(stream.ends_with(&3_u32.to_le_bytes()));
    }

    #[test]
    fn what_is_cut_short_or_altered_is_refused() {
        for length in [0, 10, 30, ARCHIVE.len() - 30] {
            assert!(ZipArchive::parse(&ARCHIVE[..length]).is_err(), "{length}");
        }
        for place in 0..ARCHIVE.len() {
            let mut altered = ARCHIVE.to_vec();
            altered[place] ^= 0xff;
            // Refused now, or by the checksum when it is unpacked; never a panic.
            if let Ok(archive) = ZipArchive::parse(&altered) {
                _ = archive.as_gzip();
            }
        }
        let mut encrypted = ARCHIVE.to_vec();
        let central = encrypted.windows(4).rposition(|it| it == CENTRAL).unwrap();
        encrypted[central + 8] |= 1;
        assert!(ZipArchive::parse(&encrypted).unwrap_err().contains("encrypted"));
    }

    #[test]
    fn blocks_that_are_not_compressed_hold_65535_bytes() {
        let mut stream = Vec::new();
        push_stored(&mut stream, &vec![7; 65_536]);
        assert_eq!((stream.len(), stream[0], stream[5 + 65_535]), (65_536 + 10, 0, 1));
        stream.clear();
        push_stored(&mut stream, &[]);
        assert_eq!(stream, [1, 0, 0, 0xff, 0xff]);
    }
}
