//! One installed conda package.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use process::without_credentials;
use specs::python::normalised;

use super::{DeclaredLicence, InstalledFiles, json::Text};

/// The record of one package in `conda-meta`.
///
/// Source: conda's documentation of `PrefixRecord`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CondaRecord {
    /// In lower case.
    pub name: String,
    pub version: String,
    pub build: String,
    /// The channel, as a name or URL, without the folder of the platform and without credentials.
    pub channel: Option<String>,
    /// The file that it was installed from, without credentials.
    pub url: Option<String>,
    /// The digest of that file, the strongest that is known.
    pub hash: Option<CondaHash>,
    /// The size of that file in bytes.
    pub size: Option<u64>,
    /// The specs that somebody has typed for it. An installation from a list of files may have one for every package.
    pub requested: Vec<String>,
    /// Names without versions.
    pub depends: Vec<String>,
    /// The Python distributions in it, by normalised name.
    pub distributions: Vec<String>,
    pub licence: DeclaredLicence,
    pub files: InstalledFiles,
}

/// The digest of a package's file, in hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CondaHash {
    Sha256(String),
    /// MD5, which old records have alone.
    Md5(String),
}

impl CondaRecord {
    /// Whether it is from one of some channels as `environment.yml` names them. A name is that of the channel at a server
    /// which the record tells and the file does not.
    pub(super) fn is_from_one_of<'a>(&self, mut channels: impl Iterator<Item = &'a str>) -> bool {
        let Some(channel) = &self.channel else { return true };
        channels.any(|listed| {
            let listed = listed.trim_end_matches('/');
            let is_same =
                |listed: &str| channel.strip_suffix(listed).is_some_and(|it| it.is_empty() || it.ends_with('/'));
            is_same(listed) || (listed == "defaults" && format!("/{channel}").contains("/pkgs/"))
        })
    }
}

/// A record as the probe prints it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct CondaRecordFields {
    name: Text,
    version: Text,
    build: Text,
    channel: Text,
    subdir: Text,
    url: Text,
    sha256: Text,
    md5: Text,
    size: Option<u64>,
    requested: Vec<String>,
    depends: Vec<String>,
    metadata: Vec<String>,
    licence: DeclaredLicence,
    files: BTreeMap<String, String>,
    edited: BTreeSet<String>,
}

impl CondaRecordFields {
    /// `None` without a name or version. `with_login` gets the name where a password or token was left out.
    pub fn record(self, with_login: &mut Vec<String>) -> Option<CondaRecord> {
        let name = self.name.0?.to_lowercase();
        let mut had_login = false;
        let mut clean = |url: Text| {
            let (clean, had_any) = without_credentials(&url.0?);
            had_login |= had_any;
            Some(clean)
        };
        let (channel, url) = (clean(self.channel), clean(self.url));
        with_login.extend(had_login.then(|| name.clone()));
        let folders = [self.subdir.0.as_deref().unwrap_or("noarch"), "noarch"].map(|it| format!("/{it}"));
        let channel = channel.map(|it| {
            let it = it.trim_end_matches('/');
            folders.iter().find_map(|folder| it.strip_suffix(folder.as_str())).unwrap_or(it).to_owned()
        });
        let digest = |text: Text, length: usize| {
            text.0.filter(|it| it.len() == length && it.bytes().all(|it| it.is_ascii_hexdigit()))
        };
        let sha256 = digest(self.sha256, 64).map(CondaHash::Sha256);
        let first_word = |it: String| it.split([' ', '[', '=', '<', '>', '!', '~']).next().map(str::to_lowercase);
        // The folder of a distribution's metadata is called `name-version`, and `-` is no part of that name.
        let distribution = |it: String| it.split('-').next().map(normalised);
        Some(CondaRecord {
            name,
            version: self.version.0?,
            build: self.build.0.unwrap_or_default(),
            channel,
            url,
            hash: sha256.or_else(|| digest(self.md5, 32).map(CondaHash::Md5)),
            size: self.size,
            requested: self.requested,
            depends: self.depends.into_iter().filter_map(first_word).collect(),
            distributions: self.metadata.into_iter().filter_map(distribution).collect(),
            licence: self.licence,
            files: InstalledFiles { digests: self.files, edited: self.edited },
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_channel_is_known_by_its_name_and_by_its_url() {
        let is_from = |channel: &str, listed: &[&str]| {
            let record = json!({"name": "a", "version": "1", "subdir": "linux-64", "channel": channel});
            let record: CondaRecordFields = serde_json::from_value(record).unwrap();
            record.record(&mut Vec::new()).unwrap().is_from_one_of(listed.iter().copied())
        };
        for (channel, listed) in [
            ("conda-forge", "conda-forge"),
            ("https://channel.example/conda-forge/linux-64", "conda-forge"),
            ("https://channel.example/conda-forge/noarch", "https://channel.example/conda-forge/"),
            ("https://channel.example/pkgs/main", "defaults"),
            ("pkgs/main", "defaults"),
        ] {
            assert!(is_from(channel, &["other", listed]), "{channel} and {listed}");
        }
        assert!(!is_from("https://channel.example/my-conda-forge/linux-64", &["conda-forge"]));
        assert!(!is_from("lab", &["conda-forge", "defaults"]));
    }
}
