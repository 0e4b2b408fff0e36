//! The origin of a distribution that does not come from an index.

use process::IntoMap as _;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use process::without_credentials;

use super::json::Text;

/// The origin of a distribution that was installed by its URL.
///
/// Source: PEP 610, and the PyPA's "Direct URL Data Structure".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DirectUrl {
    Vcs {
        /// `git`, `hg`, `bzr` or `svn`.
        vcs: String,
        /// The repository, without credentials and without the `vcs+` in front.
        url: String,
        /// The full id of the commit.
        commit: String,
        /// The branch or tag that the requirement named.
        requested_revision: Option<String>,
        /// The directory of the project in the repository.
        subdirectory: Option<String>,
    },
    Archive {
        /// Without credentials.
        url: String,
        /// Digests in hexadecimal digits, by algorithm. uv writes none.
        hashes: BTreeMap<String, String>,
        /// The directory of the project in the archive.
        subdirectory: Option<String>,
    },
    Directory {
        /// `file:///…`.
        url: String,
        editable: bool,
    },
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct DirectUrlFields {
    url: Text,
    subdirectory: Text,
    vcs_info: Option<VcsInfo>,
    archive_info: Option<ArchiveInfo>,
    dir_info: Option<DirInfo>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct VcsInfo {
    vcs: Text,
    commit_id: Text,
    requested_revision: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ArchiveInfo {
    hashes: Map<String, Value>,
    /// `ALGORITHM=DIGEST`, which installers wrote before there was `hashes`.
    hash: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct DirInfo {
    editable: bool,
}

impl DirectUrl {
    /// Without credentials.
    pub fn url(&self) -> &str {
        match self {
            Self::Vcs { url, .. } | Self::Archive { url, .. } | Self::Directory { url, .. } => url,
        }
    }

    /// Reads the contents of `direct_url.json`; `None` where they are none of the known kinds. `warn` is called where a
    /// password or token was left out.
    pub(super) fn read(value: Value, warn: &mut impl FnMut()) -> Option<Self> {
        let fields: DirectUrlFields = serde_json::from_value(value).ok()?;
        let (url, had_credentials) = without_credentials(&fields.url.0?);
        if had_credentials {
            warn();
        }
        let subdirectory = fields.subdirectory.0;
        if let Some(vcs) = fields.vcs_info {
            let (commit, requested_revision) = (vcs.commit_id.0?, vcs.requested_revision.0);
            return Some(Self::Vcs { vcs: vcs.vcs.0?, url, commit, requested_revision, subdirectory });
        }
        if let Some(archive) = fields.archive_info {
            let entries = archive.hashes.into_iter();
            let entries = entries.filter_map(|(name, it)| Some((name, Text::from(it).0?)));
            let mut hashes: BTreeMap<String, String> = entries.into_map();
            if let Some((name, digest)) = archive.hash.0.as_deref().and_then(|it| it.split_once('=')) {
                hashes.entry(name.to_owned()).or_insert_with(|| digest.to_owned());
            }
            return Some(Self::Archive { url, hashes, subdirectory });
        }
        fields.dir_info.map(|it| Self::Directory { url, editable: it.editable })
    }

    /// What stands behind `name @ ` in a requirement that installs the same again; `None` for what only this machine has.
    pub fn requirement(&self) -> Option<String> {
        let (url, fragment) = match self {
            Self::Vcs { url, .. } | Self::Archive { url, .. } if url.starts_with("file:") => return None,
            Self::Directory { .. } => return None,
            Self::Vcs { vcs, url, commit, subdirectory, .. } => {
                (format!("{vcs}+{url}@{commit}"), subdirectory.as_ref().map(|it| format!("subdirectory={it}")))
            }
            Self::Archive { url, hashes, subdirectory } => {
                let (url, _) = url.split_once('#').unwrap_or((url, ""));
                let hash = hashes.get("sha256").map(|it| format!("sha256={it}"));
                let parts: Vec<String> =
                    subdirectory.iter().map(|it| format!("subdirectory={it}")).chain(hash).collect();
                (url.to_owned(), Some(parts.join("&")).filter(|it| !it.is_empty()))
            }
        };
        Some(fragment.map_or_else(|| url.clone(), |it| format!("{url}#{it}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<DirectUrl> {
        DirectUrl::read(serde_json::from_str(json).unwrap(), &mut || {})
    }

    #[test]
    fn what_can_be_fetched_again_is_a_requirement() {
        for (json, requirement) in [
            (
                r#"{"url": "https://e.org/x.git", "vcs_info": {"vcs": "git", "commit_id": "0af", "requested_revision": "v1"},
                    "subdirectory": "py"}"#,
                Some("git+https://e.org/x.git@0af#subdirectory=py"),
            ),
            (r#"{"url": "https://e.org/x.whl", "archive_info": {}}"#, Some("https://e.org/x.whl")),
            (
                r#"{"url": "https://e.org/x.whl#sha256=00", "archive_info": {"hash": "sha256=00"}}"#,
                Some("https://e.org/x.whl#sha256=00"),
            ),
            (r#"{"url": "file:///x.whl", "archive_info": {"hashes": {"sha256": "00"}}}"#, None),
            (r#"{"url": "file:///x", "vcs_info": {"vcs": "git", "commit_id": "0af"}}"#, None),
            (r#"{"url": "file:///x", "dir_info": {"editable": true}}"#, None),
        ] {
            assert_eq!(read(json).unwrap().requirement().as_deref(), requirement, "{json}");
        }
    }

    #[test]
    fn what_is_no_origin_is_none() {
        for json in ["{}", "[]", r#"{"url": 3}"#, r#"{"url": "https://e.org"}"#, r#"{"url": "x", "vcs_info": {}}"#] {
            assert_eq!(read(json), None, "{json}");
        }
    }
}
