//! What is known of conda packages that have been chosen.

use process::IntoMap as _;
use std::collections::BTreeMap;

use camino::Utf8Path;
use serde::Deserialize;
use serde_json::json;

use super::{CondaFailure, answer::DistributionFields};
use crate::lock::CondaFile;

/// A question about packages whose files are known.
#[derive(Debug, Clone, Copy)]
pub struct CondaDescribe<'a> {
    pub files: &'a [CondaFile],
    /// Channels as they are written in `environment.yml`, whose addresses are wanted.
    pub channels: &'a [String],
    /// Where channels' indexes and packages are kept for the next time.
    pub cache: &'a Utf8Path,
    /// Whether only what is in the cache counts.
    pub is_offline: bool,
}

/// The answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CondaDescription {
    /// The addresses of the channels.
    pub channels: Vec<String>,
    /// The packages by the addresses of their files.
    packages: BTreeMap<String, CondaPackage>,
}

/// What a channel, or the package, says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct CondaPackage {
    pub name: String,
    pub version: String,
    pub build: String,
    pub build_number: u64,
    /// The folder of its channel that it is in.
    pub subdir: String,
    /// The address of its file, without credentials.
    pub url: String,
    pub sha256: Option<String>,
    pub md5: Option<String>,
    /// In bytes.
    pub size: Option<u64>,
    /// What it needs, as match specs.
    pub depends: Vec<String>,
    /// What it allows besides, as match specs.
    pub constrains: Vec<String>,
    /// `python` or `generic`, where it is for any platform.
    pub noarch: Option<String>,
    pub features: Option<String>,
    pub track_features: Vec<String>,
    /// Where its Python has the modules of others.
    pub python_site_packages_path: Option<String>,
    pub license: Option<String>,
    pub license_family: Option<String>,
    /// In milliseconds since 1970.
    pub timestamp: Option<i64>,
    /// The Python distributions that it brings.
    pub(crate) distributions: Vec<DistributionFields>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct AnswerFields {
    channels: Vec<String>,
    packages: Option<Vec<CondaPackage>>,
    error: Option<Box<CondaFailure>>,
}

impl CondaDescribe<'_> {
    /// The question as JSON.
    pub fn json(&self) -> String {
        let request = json!({
            "packages": self.files.iter().map(CondaFile::entry).collect::<Vec<_>>(),
            "channels": self.channels,
            "cache": self.cache.as_str(),
            "offline": self.is_offline,
        });
        format!("{request:#}\n")
    }

    /// Reads what was printed: the answer, and what was said besides, which counts where there is no answer.
    pub fn answer(&self, json: &str, said: &str) -> Result<CondaDescription, Box<CondaFailure>> {
        let answer: AnswerFields = serde_json::from_str(json).unwrap_or_default();
        match answer.packages {
            // They come in the order of the question.
            Some(packages) if packages.len() == self.files.len() => Ok(CondaDescription {
                channels: answer.channels,
                packages: self.files.iter().map(|it| it.url.clone()).zip(packages).into_map(),
            }),
            _ => Err(CondaFailure::told(answer.error, said)),
        }
    }
}

impl CondaDescription {
    /// The packages of these files.
    pub fn of<'a>(&'a self, files: &'a [CondaFile]) -> impl Iterator<Item = &'a CondaPackage> {
        files.iter().filter_map(|it| self.packages.get(&it.url))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_gets_its_answer() {
        let file =
            |name: &str| CondaFile { url: format!("https://e.org/c/noarch/{name}-1-0.conda"), hash: None, size: None };
        let files = ["b", "a"].map(file);
        let (cache, channels) = (Utf8Path::new("/cache"), ["c".to_owned()]);
        let question = CondaDescribe { files: &files, channels: &channels, cache, is_offline: true };
        assert!(question.json().contains("\"https://e.org/c/noarch/b-1-0.conda\""), "{}", question.json());
        let answer = r#"{"channels": ["https://e.org/c"], "packages": [
            {"name": "b", "version": "1", "build": "0", "build_number": 0, "depends": ["a >=1"], "md5": "cd", "size": 5,
             "noarch": "python", "license": null, "timestamp": 1700000000000, "file_name": "b-1-0.conda",
             "distributions": [{"name": "B", "version": "1"}]},
            {"name": "a", "version": "1", "build": "0"}]}"#;
        let known = question.answer(answer, "").unwrap();
        assert_eq!(known.of(&files[1..]).map(|it| it.name.as_str()).collect::<Vec<_>>(), ["a"]);
        assert_eq!(known.of(&files).next().unwrap().depends, ["a >=1"]);

        let cut = r#"{"packages": [{"name": "a"}]}"#;
        assert_eq!(question.answer(cut, "").unwrap_err().message, "no answer");
        let failed = r#"{"error": {"kind": "offline", "message": "not in the cache"}}"#;
        assert_eq!(question.answer(failed, "warning").unwrap_err().message, "not in the cache");
    }
}
