//! Bundles, verified while they are read.

use std::collections::BTreeSet;
use std::fmt;
use std::io::{self, Read};

use anyhow::{Error, Result};
use serde_json::Value;
use tar::Archive;

use crate::{BundleManifest, BundledFile, hashing::copy_hashed};

/// Why a file is no bundle that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BundleProblem {
    NoBundle,
    /// Of another version of this tool.
    OtherFormat(u64),
    /// It ends early: at or before this member.
    Truncated(String),
    /// This member is not what the manifest says.
    Altered(String),
}

impl fmt::Display for BundleProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoBundle => f.write_str("it is no bundle: `cargo xtask bundle -o FILE` makes one"),
            Self::OtherFormat(format) => write!(
                f,
                "its format is {format}, and this version of the tool reads {}: make it again with the same version of this repository",
                BundleManifest::FORMAT
            ),
            Self::Truncated(member) => write!(f, "it is cut short at `{member}`: copy it again"),
            Self::Altered(member) => write!(f, "`{member}` in it is damaged or was altered: copy it again"),
        }
    }
}

impl std::error::Error for BundleProblem {}

/// Reads a bundle in one pass. `accept` sees the manifest before anything else is read. `keep` gets each member, and has to read
/// it to its end; what it was given is verified once it has. In the end, nothing is missing.
pub fn read_archive(
    stream: &mut dyn Read,
    accept: impl FnOnce(&BundleManifest) -> Result<()>,
    mut keep: impl FnMut(&str, &BundledFile, &mut dyn Read) -> Result<(u64, String)>,
) -> Result<BundleManifest> {
    let mut source = Source { stream, is_at_end: false };
    let mut archive = Archive::new(&mut source);
    let mut entries = archive.entries().map_err(|_| BundleProblem::NoBundle)?;
    let mut small = |name: &str| -> Result<Vec<u8>> {
        let entry = entries.next().and_then(Result::ok).filter(|it| *it.path_bytes() == *name.as_bytes());
        let mut entry = entry.ok_or(BundleProblem::NoBundle)?;
        let size = entry.size();
        let mut bytes = Vec::new();
        (&mut entry).take(BundleManifest::MAX_SIZE).read_to_end(&mut bytes)?;
        if bytes.len() as u64 == size { Ok(bytes) } else { Err(BundleProblem::Truncated(name.to_owned()).into()) }
    };
    let text = small(BundleManifest::NAME)?;
    // Other formats may have anything but this behind it.
    let format = serde_json::from_slice(&text).ok().and_then(|it: Value| it["format"].as_u64());
    if let Some(format) = format.filter(|it| *it != BundleManifest::FORMAT) {
        return Err(BundleProblem::OtherFormat(format).into());
    }
    let digest = small(BundleManifest::DIGEST)?;
    if copy_hashed(&mut &text[..], &mut io::sink())?.1.as_bytes() != digest {
        return Err(BundleProblem::Altered(BundleManifest::NAME.to_owned()).into());
    }
    let manifest: BundleManifest = serde_json::from_slice(&text).map_err(|_| BundleProblem::NoBundle)?;
    if !manifest.has_safe_names() {
        return Err(BundleProblem::NoBundle.into());
    }
    accept(&manifest)?;
    let mut missing: BTreeSet<&str> = manifest.files.keys().map(String::as_str).collect();
    let mut problem = None;
    for entry in entries {
        let next = || missing.first().map_or_else(|| "the end".to_owned(), |it| (*it).to_owned());
        let Ok(mut entry) = entry else {
            problem = Some(next());
            break;
        };
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let Some(file) = manifest.files.get(&name).filter(|_| missing.contains(name.as_str())) else {
            return Err(BundleProblem::Altered(name).into());
        };
        let kept = keep(&name, file, &mut entry)?;
        if kept != (file.size, file.sha256.clone()) {
            problem = Some(name);
            break;
        }
        missing.remove(name.as_str());
    }
    let problem = problem.or_else(|| missing.first().map(|it| (*it).to_owned()));
    match problem {
        // What is cut short has no end, and what was altered has.
        Some(member) if source.is_at_end => Err(Error::from(BundleProblem::Truncated(member))),
        Some(member) => Err(BundleProblem::Altered(member).into()),
        None => Ok(manifest),
    }
}

/// A stream, and whether somebody has come to its end.
struct Source<'a> {
    stream: &'a mut dyn Read,
    is_at_end: bool,
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(buffer)?;
        self.is_at_end |= read == 0 && !buffer.is_empty();
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use camino::{Utf8Path, Utf8PathBuf};

    use super::*;
    use crate::write_archive;

    /// A bundle of three members, the last of which is long.
    fn bundle(folder: &Utf8Path, change: impl FnOnce(&mut BundleManifest)) -> Vec<u8> {
        let long = "z".repeat(5000);
        let (mut files, mut sources) = (BTreeMap::new(), BTreeMap::new());
        let names = ["a/one", "b", &format!("c/{}.whl", "long".repeat(60))].map(str::to_owned);
        for (name, text) in names.iter().zip(["1", "", &long]) {
            let path: Utf8PathBuf = folder.join(name.replace('/', "-"));
            std::fs::write(&path, text).unwrap();
            let (size, sha256) = copy_hashed(&mut text.as_bytes(), &mut io::sink()).unwrap();
            files.insert(name.clone(), BundledFile { size, sha256 });
            sources.insert(name.clone(), path);
        }
        let mut manifest = BundleManifest {
            format: BundleManifest::FORMAT,
            tool: "0.1.0".into(),
            project: "p".into(),
            platforms: vec!["linux/amd64".into()],
            images: Vec::new(),
            files,
            not_carried: Vec::new(),
        };
        change(&mut manifest);
        let mut bytes = Vec::new();
        write_archive(&mut bytes, &manifest, &sources).unwrap();
        bytes
    }

    fn folder() -> (tempfile::TempDir, Utf8PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::try_from(folder.path().to_owned()).unwrap();
        (folder, path)
    }

    fn read(bytes: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, BundleProblem> {
        let mut members = BTreeMap::new();
        let keep = |name: &str, _: &BundledFile, contents: &mut dyn Read| {
            let mut bytes = Vec::new();
            let hashed = copy_hashed(contents, &mut bytes)?;
            members.insert(name.to_owned(), bytes);
            Ok(hashed)
        };
        read_archive(&mut &*bytes, |_| Ok(()), keep).map_err(|it| it.downcast().unwrap())?;
        Ok(members)
    }

    #[test]
    fn what_was_written_is_read_back_and_the_same_is_the_same_bytes() {
        let ((_one, first), (_two, second)) = (folder(), folder());
        let bytes = bundle(&first, |_| ());
        assert_eq!(bytes, bundle(&second, |_| ()));
        let members = read(&bytes).unwrap();
        assert_eq!((members["a/one"].as_slice(), members["b"].len(), members.len()), (b"1" as &[u8], 0, 3));
    }

    #[test]
    fn wherever_it_is_cut_short_it_is_refused() {
        let (_folder, path) = folder();
        let bytes = bundle(&path, |_| ());
        // Two blocks of zeros say nothing that anybody would miss.
        let end = bytes.len() - 1024;
        for length in (0..end).step_by(97).chain([512, end - 512, end - 1]) {
            let problem = read(&bytes[..length]).unwrap_err();
            assert!(matches!(problem, BundleProblem::Truncated(_) | BundleProblem::NoBundle), "{length}: {problem}");
        }
        assert!(
            matches!(read(&bytes[..end - 1024]).unwrap_err(), BundleProblem::Truncated(name) if name.starts_with("c/"))
        );
    }

    #[test]
    fn a_byte_that_was_altered_is_found_and_no_member_takes_another_ones_place() {
        let (_folder, path) = folder();
        let bytes = bundle(&path, |_| ());
        for (text, member) in [(&b"zzzz"[..], "c/"), (b"0.1.0", "bundle.json"), (b"linux/amd64", "bundle.json")] {
            let at = bytes.windows(text.len()).position(|it| it == text).unwrap();
            let mut altered = bytes.clone();
            altered[at] ^= 1;
            assert!(matches!(read(&altered).unwrap_err(), BundleProblem::Altered(name) if name.starts_with(member)));
        }
    }

    #[test]
    fn another_format_is_told_and_nothing_leaves_the_directory() {
        let (_folder, path) = folder();
        let other = bundle(&path, |it| it.format = 7);
        assert_eq!(read(&other).unwrap_err(), BundleProblem::OtherFormat(7));
        for name in ["../x", "/x", "a/../../x"] {
            let mut manifest: BundleManifest = serde_json::from_str(
                r#"{"format":1,"tool":"","project":"","platforms":[],"images":[],"files":{},"not_carried":[]}"#,
            )
            .unwrap();
            manifest.files.insert(name.to_owned(), BundledFile { size: 0, sha256: String::new() });
            let mut bytes = Vec::new();
            std::fs::write(path.join("empty"), "").unwrap();
            // tar refuses some of these names itself.
            _ = write_archive(&mut bytes, &manifest, &[(name.to_owned(), path.join("empty"))].into());
            assert!(read(&bytes).is_err(), "{name}");
        }
        assert_eq!(read(b"no tar").unwrap_err(), BundleProblem::NoBundle);
    }
}
