//! What a container sees, as it lists it itself.

use std::collections::HashSet;
use std::io::{BufRead as _, BufReader, Read};

use anyhow::{Context as _, Result, ensure};

use super::{Bytes, Contents, Layer, archive::ArchiveEntryKind, contents::ContainerPath};

impl Contents {
    /// Reads the answer to [`ContentsQuery`](docker::ContentsQuery). What is hidden in lower layers is not in it.
    pub(crate) fn listed(answer: &mut dyn Read) -> Result<Self> {
        let mut answer = BufReader::new(answer);
        let (mut contents, mut inodes) = (Self::default(), HashSet::new());
        loop {
            let description = field(&mut answer)?;
            if description.is_empty() {
                break;
            }
            let link = field(&mut answer)?;
            let (path, node) =
                describe(&description, link, &mut inodes).context("a file was described in another form")?;
            contents.nodes.insert(path, node);
        }
        contents.records = Layer::read(&mut answer)?.records;
        Ok(contents)
    }
}

/// The next text that ends with NUL, without it.
fn field(answer: &mut BufReader<&mut dyn Read>) -> Result<String> {
    let mut bytes = Vec::new();
    answer.read_until(0, &mut bytes)?;
    ensure!(bytes.pop() == Some(0), "the list of files ends early");
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Another name of a file that was seen already is as large as nothing.
fn describe(description: &str, link: String, inodes: &mut HashSet<String>) -> Option<(String, ContainerPath)> {
    let mut fields = description.splitn(5, '\t');
    let [kind, size, names, inode, path] = [(); 5].map(|()| fields.next());
    let size = size?.parse().ok()?;
    let is_seen = names? != "1" && kind? == "f" && !inodes.insert(inode?.to_owned());
    let (kind, size) = match kind? {
        "f" if is_seen => (ArchiveEntryKind::HardLink, 0),
        "f" => (ArchiveEntryKind::File, size),
        "l" => (ArchiveEntryKind::SymbolicLink, size),
        "d" => (ArchiveEntryKind::Directory, 0),
        _ => (ArchiveEntryKind::Special, 0),
    };
    Some((path?.to_owned(), ContainerPath { kind, size: Bytes(size), layer: 0, link }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(answer: &[u8]) -> Result<Contents> {
        Contents::listed(&mut &answer[..])
    }

    #[test]
    fn a_file_with_two_names_is_counted_once() {
        let contents =
            listed(b"f\t7\t2\t1\ta\0\0f\t7\t2\t1\tb\tc\nd\0\0f\t7\t1\t2\tz\0\0l\t1\t1\t3\tl\0a\0\0").unwrap();
        let seen: Vec<_> = contents.nodes.iter().map(|(path, it)| (path.as_str(), it.kind, it.size.0)).collect();
        let (file, name, link) = (ArchiveEntryKind::File, ArchiveEntryKind::HardLink, ArchiveEntryKind::SymbolicLink);
        assert_eq!(seen, [("a", file, 7), ("b\tc\nd", name, 0), ("l", link, 1), ("z", file, 7)]);
    }

    #[test]
    fn a_list_that_ends_early_or_has_another_form_is_an_error() {
        for answer in [&b""[..], b"f\t7\t1\t1\ta", b"f\t7\t1\t1\ta\0", b"f\t7\t1\t1\ta\0\0", b"what?\0\0\0"] {
            assert!(listed(answer).is_err(), "{answer:?}");
        }
    }
}
