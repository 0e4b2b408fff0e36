//! Which files a bundle carries for a platform, and what it does not carry. Pure.

use environment::lock::{Artefact, Lock, LockedPackage, LockedSource, Pylock};
use process::sort;
use toml::de::DeTable;

use project::find_in_toml;

/// A file to be fetched: where it is, and what it has to be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Download {
    /// Its place in the bundle.
    pub path: String,
    pub url: String,
    /// In hexadecimal.
    pub sha256: String,
}

/// What is fetched, and lines on what is not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PackageFiles {
    pub downloads: Vec<Download>,
    pub not_carried: Vec<String>,
}

impl PackageFiles {
    /// The packages of a lock.
    pub(crate) fn of_lock(lock: &Lock) -> Self {
        let mut files = Self::default();
        for (name, package) in &lock.pylock.packages {
            match download_of(package) {
                Some((artefact, sha256, path)) => {
                    files.downloads.push(download(artefact, sha256, &path));
                    if !package.source.has_wheel() {
                        files.not_carried.push(format!("what the source archive of `{name}` is built with"));
                    }
                }
                None => files.not_carried.push(format!("`{name}`, which is from no index")),
            }
        }
        if !lock.conda.is_empty() {
            files.not_carried.push(format!("conda's {} packages, but for those in the images", lock.conda.len()));
        }
        files
    }

    /// Programs, and what the project is installed with: flat, as pip and uv look for links. `is_known` says whether a digest is
    /// one that was known before.
    pub(crate) fn of_tools(pylock: &Pylock, is_known: impl Fn(&str, &str) -> bool) -> Result<Self, String> {
        let mut files = Self::default();
        for (name, package) in &pylock.packages {
            let (artefact, sha256, _) =
                download_of(package).ok_or_else(|| format!("no index has a file of `{name}`"))?;
            if !is_known(name, sha256) {
                return Err(format!("`{}` is not one of the files of `{name}` that are known", artefact.url));
            }
            files.downloads.push(download(artefact, sha256, &format!("links/{}", artefact.stored_name())));
        }
        Ok(files)
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.downloads.extend(other.downloads);
        self.not_carried.extend(other.not_carried);
    }

    /// Each once, by name.
    pub(crate) fn sorted(mut self) -> Self {
        sort(&mut self.downloads);
        self.downloads.dedup();
        sort(&mut self.not_carried);
        self.not_carried.dedup();
        self
    }
}

fn download(artefact: &Artefact, sha256: &str, path: &str) -> Download {
    Download { path: path.to_owned(), url: artefact.url.clone(), sha256: sha256.to_owned() }
}

/// The file that is installed, if it is from an index and its digest is known, and where a supply has it.
fn download_of(package: &LockedPackage) -> Option<(&Artefact, &str, String)> {
    let LockedSource::Index { wheels, sdist } = &package.source else { return None };
    let artefact = wheels.first().or(sdist.as_ref())?;
    Some((artefact, artefact.hashes.get("sha256")?, artefact.supply_path()?))
}

/// What a project is built with: `requires` of `[build-system]`, and what its back end asks for besides when it installs a
/// project editable, which a file cannot say (PEP 660).
pub(crate) fn build_requirements(pyproject: &str) -> Vec<String> {
    let document = DeTable::parse(pyproject).ok();
    let find = |name: &str| find_in_toml(document.as_ref()?.get_ref(), &["build-system", name]);
    let listed = find("requires").and_then(|it| it.get_ref().as_array()).into_iter().flatten();
    let mut wanted: Vec<String> = listed.filter_map(|it| it.get_ref().as_str()).map(str::to_owned).collect();
    match find("build-backend").and_then(|it| it.get_ref().as_str()) {
        Some("hatchling.build") => wanted.push("editables>=0.3".to_owned()),
        // As PEP 518 has it.
        None if wanted.is_empty() => wanted.push("setuptools".to_owned()),
        _ => {}
    }
    wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    const PYLOCK: &str = "lock-version = '1.0'\n\
        [[packages]]\nname = 'uv'\nversion = '1'\nwheels = [{ url = 'https://e.org/a/uv-1-py3-none-any.whl', hashes = { sha256 = 'aaaaaaaaaaaaaaaa' } }]\n";

    #[test]
    fn a_tool_is_carried_only_if_its_digest_was_known() {
        let pylock = Pylock::parse(PYLOCK).unwrap();
        let files =
            PackageFiles::of_tools(&pylock, |name, sha256| (name, sha256) == ("uv", "aaaaaaaaaaaaaaaa")).unwrap();
        assert_eq!(files.downloads[0].path, "links/uv-1-py3-none-any.whl");
        assert!(PackageFiles::of_tools(&pylock, |_, _| false).unwrap_err().contains("uv-1-py3-none-any.whl"));
    }

    #[test]
    fn what_a_back_end_asks_for_besides_is_known() {
        let of = |text: &str| build_requirements(text).join(" ");
        assert_eq!(
            of("[build-system]\nrequires = ['hatchling>=1']\nbuild-backend = 'hatchling.build'"),
            "hatchling>=1 editables>=0.3"
        );
        assert_eq!(of("[build-system]\nrequires = ['flit_core']\nbuild-backend = 'flit_core.buildapi'"), "flit_core");
        assert_eq!(of("[project]\nname = 'x'"), "setuptools");
    }
}
