//! `conda.lock`: the exact files of conda's packages.

use std::borrow::Cow;

use crate::{
    logins::percent_decoded,
    snapshot::{CondaHash, CondaRecord},
};

/// A package file, as a line `URL#DIGEST`, the URL without credentials.
///
/// conda and its kin install from such a list without solving. Sources: conda's documentation, "Building identical
/// conda environments", for the list and MD5; libmamba's `PackageInfo::from_url` for `#sha256:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CondaFile {
    pub url: String,
    /// Old records of conda's have none.
    pub hash: Option<CondaHash>,
    /// In bytes, where that is known. It is not in the line.
    pub size: Option<u64>,
}

/// The line by which conda and its kin recognise such a list.
const MARK: &str = "@EXPLICIT";

impl CondaFile {
    /// The file of an installed package; `None` where its record has no URL.
    pub fn of(record: &CondaRecord) -> Option<Self> {
        let url = record.url.as_ref().filter(|it| it.contains("://"))?;
        Some(Self { url: url.clone(), hash: record.hash.clone(), size: record.size })
    }

    /// Its line in the list.
    pub(crate) fn entry(&self) -> String {
        match &self.hash {
            Some(CondaHash::Sha256(digest)) => format!("{}#sha256:{digest}", self.url),
            Some(CondaHash::Md5(digest)) => format!("{}#{digest}", self.url),
            None => self.url.clone(),
        }
    }

    fn parse(line: &str) -> Option<Self> {
        let (url, hash) = match line.split_once('#') {
            None => (line, None),
            Some((url, digest)) => match digest.strip_prefix("sha256:").unwrap_or(digest) {
                it if it.len() == 64 => (url, Some(CondaHash::Sha256(it.to_owned()))),
                it if it.len() == 32 => (url, Some(CondaHash::Md5(it.to_owned()))),
                _ => return None,
            },
        };
        url.contains("://").then(|| Self { url: url.to_owned(), hash, size: None })
    }

    /// The name, version and build in the file's name. An epoch or a local part of the version is written with a code there.
    pub fn name_version_build(&self) -> Option<(&str, Cow<'_, str>, &str)> {
        let file = self.url.rsplit('/').next()?;
        let stem = [".conda", ".tar.bz2"].iter().find_map(|it| file.strip_suffix(it))?;
        let (rest, build) = stem.rsplit_once('-')?;
        let (name, version) = rest.rsplit_once('-')?;
        Some((name, decoded(version), build))
    }
}

fn decoded(version: &str) -> Cow<'_, str> {
    let decoded = || percent_decoded(version).map(Cow::Owned);
    Some(version).filter(|it| it.contains('%')).and_then(|_| decoded()).unwrap_or(Cow::Borrowed(version))
}

pub(super) fn text(files: &[CondaFile], comment: &str) -> String {
    let lines: String = files.iter().map(|it| it.entry() + "\n").collect();
    format!("{comment}{MARK}\n{lines}")
}

/// `Err` has the line that is not a package file.
pub(super) fn parse(text: &str) -> Result<Vec<CondaFile>, String> {
    let lines = text.lines().map(str::trim).filter(|it| !it.is_empty() && !it.starts_with('#') && *it != MARK);
    lines.map(|it| CondaFile::parse(it).ok_or_else(|| it.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let url = |name: &str| format!("https://channel.example/lab/linux-64/{name}-1.2-py312_0.conda");
        let files = [
            CondaFile { url: url("a-b"), hash: Some(CondaHash::Sha256("ab".repeat(32))), size: None },
            CondaFile { url: url("c"), hash: Some(CondaHash::Md5("cd".repeat(16))), size: None },
            CondaFile { url: url("d"), hash: None, size: None },
        ];
        let written = text(&files, "# Generated.\n");
        assert!(written.starts_with(
            "# Generated.\n@EXPLICIT\nhttps://channel.example/lab/linux-64/a-b-1.2-py312_0.conda#sha256:abab"
        ));
        assert_eq!(parse(&written).as_deref(), Ok(&files[..]));
        assert_eq!(files[0].name_version_build(), Some(("a-b", "1.2".into(), "py312_0")));
        let epoch = CondaFile { url: "https://e.org/c/noarch/a-1%212.0-h1_0.conda".to_owned(), hash: None, size: None };
        assert_eq!(epoch.name_version_build(), Some(("a", "1!2.0".into(), "h1_0")));
        assert_eq!(parse("https://e.org/a-1-0.conda#123"), Err("https://e.org/a-1-0.conda#123".to_owned()));
        assert_eq!(parse("numpy=1.26"), Err("numpy=1.26".to_owned()));
    }
}
