//! `pylock.toml`: Python distributions with the exact files that they are installed from.

use std::collections::{BTreeMap, BTreeSet};

use toml::de::{DeInteger, DeTable, DeValue};

use process::without_credentials;
use specs::python::normalised;

use crate::wheel_tags::WheelTags;

use super::toml_text::{hashes, list, owned, pair, string, table, text, texts};

///
/// Source: PEP 751, and the PyPA's "pylock.toml Specification".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pylock {
    /// The Pythons that it is for, in the words of PEP 440.
    pub requires_python: Option<String>,
    /// The distributions, by normalised name.
    pub packages: BTreeMap<String, LockedPackage>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedPackage {
    /// Missing for some distributions from a URL.
    pub version: Option<String>,
    /// The URL of the index, without credentials.
    pub index: Option<String>,
    pub source: LockedSource,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LockedSource {
    Index {
        /// Those for the platform of the lock.
        wheels: Vec<Artefact>,
        /// Built where no wheel fits.
        sdist: Option<Artefact>,
    },
    /// A wheel or source archive from elsewhere.
    Archive {
        artefact: Artefact,
        /// The directory of the project in the archive.
        subdirectory: Option<String>,
    },
    Vcs {
        /// `git`, `hg`, `bzr` or `svn`.
        kind: String,
        /// The repository, without credentials.
        url: String,
        /// The full id of the commit.
        commit: String,
        /// The branch or tag that `environment.yml` named.
        requested_revision: Option<String>,
        /// The directory of the project in the repository.
        subdirectory: Option<String>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artefact {
    /// Without credentials.
    pub url: String,
    /// In bytes.
    pub size: Option<u64>,
    /// Its digests in hexadecimal digits, by algorithm.
    pub hashes: BTreeMap<String, String>,
}

impl Pylock {
    /// Parses such a file; the error says what is wrong. What it knows by a path of this machine alone is left out.
    pub fn parse(toml: &str) -> Result<Self, String> {
        Self::parse_with_left_out(toml).map(|(pylock, _)| pylock)
    }

    /// As [`parse`](Self::parse), with the normalised names of the distributions that are left out.
    pub(super) fn parse_with_left_out(toml: &str) -> Result<(Self, BTreeSet<String>), String> {
        let document = DeTable::parse(toml).map_err(|error| error.message().to_owned())?;
        let document = document.get_ref();
        let version = text(document, "lock-version").unwrap_or_default();
        if version.split('.').next() != Some("1") {
            return Err(format!("`lock-version` is not 1.0 but `{version}`"));
        }
        let (mut packages, mut left_out) = (BTreeMap::new(), BTreeSet::new());
        for package in list(document, "packages").filter_map(DeValue::as_table) {
            let Some(name) = text(package, "name").map(normalised) else { continue };
            match LockedPackage::read(package) {
                Some(package) => drop(packages.insert(name, package)),
                None => drop(left_out.insert(name)),
            }
        }
        Ok((Self { requires_python: owned(document, "requires-python"), packages }, left_out))
    }

    /// The text of the file: the distributions by name, a table each.
    pub fn text(&self, created_by: &str) -> String {
        let mut text = pair("lock-version", "1.0") + &pair("created-by", created_by);
        text.extend(self.requires_python.as_ref().map(|it| pair("requires-python", it)));
        if self.packages.is_empty() {
            // The key is required, and no table would make it.
            text += "packages = []\n";
        }
        for (name, package) in &self.packages {
            text += "\n[[packages]]\n";
            text += &pair("name", name);
            text += &package.text();
        }
        text
    }
}

impl Artefact {
    /// The last part of its URL, without the escapes of one.
    pub fn stored_name(&self) -> String {
        // Of the characters in the names of wheels and source archives, URLs escape these.
        self.file_name().replace("%2B", "+").replace("%2b", "+").replace("%21", "!")
    }

    /// Where a supply has it: files of one name that differ have places of their own. `None` without a SHA-256.
    pub fn supply_path(&self) -> Option<String> {
        let digest = self.hashes.get("sha256")?.get(..16)?;
        let name = self.stored_name();
        (!name.is_empty() && name != "..").then(|| format!("packages/{digest}/{name}"))
    }
}

impl Pylock {
    /// The same, with other addresses for the files of an index: `find` gets the path of one in a supply. Where it knows none, the
    /// address stays.
    #[must_use]
    pub fn supplied(mut self, find: impl Fn(&str) -> Option<String>) -> Self {
        for package in self.packages.values_mut() {
            let LockedSource::Index { wheels, sdist } = &mut package.source else { continue };
            for artefact in wheels.iter_mut().chain(sdist) {
                if let Some(address) = artefact.supply_path().and_then(|it| find(&it)) {
                    artefact.url = address;
                }
            }
        }
        self
    }
}

impl LockedSource {
    /// Whether it is installed without being built.
    pub fn has_wheel(&self) -> bool {
        match self {
            Self::Index { wheels, .. } => !wheels.is_empty(),
            Self::Archive { artefact, .. } => artefact.url.rsplit_once('.').is_some_and(|(_, it)| it == "whl"),
            Self::Vcs { .. } => false,
        }
    }

    /// The size of what is downloaded, in bytes, where that is known.
    pub fn size(&self) -> Option<u64> {
        match self {
            Self::Index { wheels, sdist } => wheels.first().or(sdist.as_ref())?.size,
            Self::Archive { artefact, .. } => artefact.size,
            Self::Vcs { .. } => None,
        }
    }
}

impl LockedPackage {
    /// The same with the one file of it that is installed where all can be: the wheel, or else the source archive.
    pub(super) fn of_one_file(&self) -> Self {
        let LockedSource::Index { wheels, sdist } = &self.source else { return self.clone() };
        let wheels: Vec<Artefact> = wheels.iter().take(1).cloned().collect();
        let sdist = sdist.clone().filter(|_| wheels.is_empty());
        Self { source: LockedSource::Index { wheels, sdist }, ..self.clone() }
    }

    /// The same with the one file that a package with these tags was installed from; `None` where none of its files is that.
    pub fn installed_as(&self, tags: Option<&WheelTags>) -> Option<Self> {
        let LockedSource::Index { wheels, sdist } = &self.source else { return None };
        let tags = tags?;
        let wheel = wheels.iter().find(|it| it.is_of(tags)).cloned();
        let sdist = sdist.clone().filter(|_| wheel.is_none() && tags.is_built_here());
        (wheel.is_some() || sdist.is_some()).then(|| {
            let source = LockedSource::Index { wheels: wheel.into_iter().collect(), sdist };
            Self { source, ..self.clone() }
        })
    }

    /// The name of a file that has other contents in another list.
    pub(super) fn replaced_in(&self, other: &Self) -> Option<String> {
        let same_name = |it: &&Artefact, of: &Artefact| it.file_name() == of.file_name();
        let is_replaced = |ours: &&Artefact| {
            let theirs = other.artefacts().into_iter().find(|it| same_name(it, ours));
            theirs.is_some_and(|it| {
                it.hashes.iter().any(|(name, digest)| ours.hashes.get(name).is_some_and(|it| it != digest))
            })
        };
        self.artefacts().into_iter().find(is_replaced).map(|it| it.file_name().to_owned())
    }

    /// The wheel in it that a package with these tags cannot have been installed from.
    pub(crate) fn wheel_of_another_system(&self, tags: &WheelTags) -> Option<&str> {
        let LockedSource::Index { wheels, .. } = &self.source else { return None };
        let is_another = !wheels.is_empty() && !wheels.iter().any(|it| it.is_of(tags));
        is_another.then(|| wheels[0].file_name())
    }

    fn artefacts(&self) -> Vec<&Artefact> {
        match &self.source {
            LockedSource::Index { wheels, sdist } => wheels.iter().chain(sdist).collect(),
            LockedSource::Archive { artefact, .. } => vec![artefact],
            LockedSource::Vcs { .. } => Vec::new(),
        }
    }

    fn read(package: &DeTable) -> Option<Self> {
        let source = if let Some(vcs) = table(package, "vcs") {
            LockedSource::Vcs {
                kind: owned(vcs, "type")?,
                url: without_credentials(text(vcs, "url")?).0,
                commit: owned(vcs, "commit-id")?,
                requested_revision: owned(vcs, "requested-revision"),
                subdirectory: owned(vcs, "subdirectory"),
            }
        } else if let Some(archive) = table(package, "archive") {
            LockedSource::Archive { artefact: Artefact::read(archive)?, subdirectory: owned(archive, "subdirectory") }
        } else {
            let wheels: Vec<Artefact> =
                list(package, "wheels").filter_map(|it| Artefact::read(it.as_table()?)).collect();
            let sdist = table(package, "sdist").and_then(Artefact::read);
            if wheels.is_empty() && sdist.is_none() {
                return None;
            }
            LockedSource::Index { wheels, sdist }
        };
        let index = text(package, "index").map(|it| without_credentials(it).0);
        Some(Self { version: owned(package, "version"), index, source })
    }

    fn text(&self) -> String {
        let mut text = String::new();
        let mut optional = |key: &str, value: &Option<String>| text.extend(value.as_ref().map(|it| pair(key, it)));
        optional("version", &self.version);
        optional("index", &self.index);
        match &self.source {
            LockedSource::Index { wheels, sdist } => {
                text.extend(sdist.as_ref().map(|it| format!("\n[packages.sdist]\n{}", it.text())));
                text.extend(wheels.iter().map(|it| format!("\n[[packages.wheels]]\n{}", it.text())));
            }
            LockedSource::Archive { artefact, subdirectory } => {
                text += &format!("\n[packages.archive]\n{}", artefact.text());
                text.extend(subdirectory.as_ref().map(|it| pair("subdirectory", it)));
            }
            LockedSource::Vcs { kind, url, commit, requested_revision, subdirectory } => {
                text += &format!("\n[packages.vcs]\n{}{}", pair("type", kind), pair("url", url));
                text.extend(requested_revision.as_ref().map(|it| pair("requested-revision", it)));
                text += &pair("commit-id", commit);
                text.extend(subdirectory.as_ref().map(|it| pair("subdirectory", it)));
            }
        }
        text
    }
}

impl Artefact {
    fn file_name(&self) -> &str {
        self.url.split(['#', '?']).next().and_then(|it| it.rsplit('/').next()).unwrap_or_default()
    }

    /// Whether a package with these tags can have been installed from it. A name that tells no tags says nothing against it.
    fn is_of(&self, tags: &WheelTags) -> bool {
        WheelTags::of_url(&self.url).is_none_or(|it| it.may_be(tags))
    }

    fn read(artefact: &DeTable) -> Option<Self> {
        let size = artefact.get("size").and_then(|it| it.get_ref().as_integer()).and_then(whole_number);
        Some(Self { url: without_credentials(text(artefact, "url")?).0, size, hashes: texts(artefact, "hashes") })
            .filter(|it| !it.hashes.is_empty() && !it.url.starts_with("file:"))
    }

    fn text(&self) -> String {
        let size = self.size.map(|it| format!("size = {it}\n")).unwrap_or_default();
        format!("url = {}\n{size}hashes = {}\n", string(&self.url), hashes(&self.hashes))
    }
}

fn whole_number(number: &DeInteger) -> Option<u64> {
    u64::from_str_radix(number.as_str(), number.radix()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_packages_it_says_so() {
        let text = Pylock::default().text("x");
        assert_eq!(text, "lock-version = \"1.0\"\ncreated-by = \"x\"\npackages = []\n");
        assert_eq!(Pylock::parse(&text), Ok(Pylock::default()));
    }

    /// What uv 0.13.9 prints.
    const OF_UV: &str = r#"lock-version = "1.0"
created-by = "uv"
requires-python = ">=3.11.7"

[[packages]]
name = "Six"
version = "1.17.0"
index = "https://me:pw@e.org/simple"
sdist = { url = "https://e.org/six.tar.gz", upload-time = 2024-12-04T17:35:28Z, size = 34031, hashes = { sha256 = "ff70" } }
wheels = [{ url = "https://me:pw@e.org/six.whl", upload-time = 2024-12-04T17:35:26Z, size = 11050, hashes = { sha256 = "4721" } }]

[[packages]]
name = "here"
version = "1"
wheels = [{ path = "./here-1.whl", hashes = { sha256 = "00" } }]

[[packages]]
name = "archive"
version = "2"
archive = { url = "https://e.org/a.zip", hashes = { sha256 = "9121" }, subdirectory = "py" }

[[packages]]
name = "repo"
vcs = { type = "git", url = "https://e.org/r.git", requested-revision = "main", commit-id = "0af" }
"#;

    #[test]
    fn what_uv_prints_is_read_without_secrets_and_paths() {
        let pylock = Pylock::parse(OF_UV).unwrap();
        assert_eq!(pylock.packages.keys().collect::<Vec<_>>(), ["archive", "repo", "six"]);
        let LockedSource::Index { wheels, sdist } = &pylock.packages["six"].source else { panic!("{pylock:?}") };
        assert_eq!((wheels[0].url.as_str(), wheels[0].size), ("https://e.org/six.whl", Some(11050)));
        assert_eq!(sdist.as_ref().unwrap().hashes["sha256"], "ff70");
        assert!(!format!("{pylock:?}").contains("pw"));
    }

    #[test]
    fn what_is_written_is_read_back() {
        let pylock = Pylock::parse(OF_UV).unwrap();
        let text = pylock.text("cargo xtask \"0.1\"");
        assert_eq!(Pylock::parse(&text).as_ref(), Ok(&pylock), "{text}");
        let expected = "\n[[packages]]\nname = \"repo\"\n\n[packages.vcs]\ntype = \"git\"\nurl = \"https://e.org/r.git\"\n\
            requested-revision = \"main\"\ncommit-id = \"0af\"\n";
        assert!(text.contains(expected), "{text}");
    }

    #[test]
    fn what_is_no_lock_of_python_is_refused() {
        for (toml, why) in [("", "lock-version"), ("lock-version = \"2.0\"", "`2.0`"), ("[", "")] {
            assert!(Pylock::parse(toml).unwrap_err().contains(why), "{toml}");
        }
    }
}
