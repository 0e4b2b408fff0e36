//! Whether an environment that was made again is the same.

use process::{IntoMap as _, sort};
use std::collections::BTreeMap;
use std::fmt;

use super::{
    OwnDistributions,
    drift::{differing_entries, identity},
    snapshot::{CondaRecord, Distribution, InstalledFiles, Installer, Snapshot},
};

/// What a comparison of an environment with the same one, made again, has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reproduction {
    /// How many packages there are in one or the other, Python among them.
    pub packages: usize,
    /// How many files there are in one or the other, in those packages that both have.
    pub files: usize,
    /// Each package and file that differs, a line each.
    pub differences: Vec<String>,
}

impl Reproduction {
    /// Compares names, versions, builds, commits, and the files of those packages of which these are the same.
    /// What comes from the repository itself counts in neither.
    pub fn new(installed: &Snapshot, again: &Snapshot, own: &OwnDistributions) -> Self {
        let (here, there) = (packages(installed, own), packages(again, own));
        let mut differences = Vec::new();
        for (name, (here, there)) in sorted(differing_entries(&here, &there)) {
            differences.push(match (here, there) {
                (Some(here), Some(there)) => format!("{name} {here} is {there} when it is built again"),
                (Some(here), None) => format!("{name} {here} is not there when it is built again"),
                (None, there) => format!("{name} {} is there only when it is built again", there.unwrap_or_default()),
            });
        }
        let count = here.keys().chain(there.keys().filter(|it| !here.contains_key(*it))).count();
        let mut comparison = Self { packages: count, files: 0, differences };
        for record in &installed.conda {
            let other = again.conda_record(&record.name);
            if let Some(other) = other.filter(|it| build(it) == build(record)) {
                comparison.files(&record.name, &record.files, &other.files);
                if !is_shared(installed, record) {
                    comparison.edits(&record.name, &record.files, &other.files);
                }
            }
        }
        for distribution in installed.distributions.iter().filter(|it| !own.has(&it.normalised_name())) {
            let name = distribution.normalised_name();
            let other = again.distribution(&name);
            if let Some(other) = other.filter(|it| package(it) == package(distribution)) {
                comparison.files(&name, &distribution.files, &other.files);
                comparison.edits(&name, &distribution.files, &other.files);
            }
        }
        comparison
    }

    fn files(&mut self, package: &str, here: &InstalledFiles, there: &InstalledFiles) {
        let (digests, others) = (&here.digests, &there.digests);
        if digests.is_empty() && !others.is_empty() {
            // They may well be there; pip and uv cannot remove or replace such a package.
            self.differences.push(format!("{package}: the list of its files, RECORD, is missing or empty"));
            return;
        }
        self.files += digests.len() + others.keys().filter(|it| !digests.contains_key(*it)).count();
        for (file, states) in sorted(differing_entries(digests, others)) {
            let how = match states {
                (Some(_), Some(_)) => "differs",
                (None, _) => "is missing",
                (Some(_), None) => "is not there when it is built again",
            };
            self.differences.push(format!("{package}: `{file}` {how}"));
        }
    }

    /// Files that are the same in both, and not what the package has brought.
    fn edits(&mut self, package: &str, here: &InstalledFiles, there: &InstalledFiles) {
        for file in here.edited.iter().filter(|it| here.digests.get(*it) == there.digests.get(*it)) {
            // The same edit in both is one in the cache that both were installed from.
            let place = if there.edited.contains(file) { ", in the cache too" } else { "" };
            self.differences.push(format!("{package}: `{file}` was edited once it was installed{place}"));
        }
    }
}

/// The figure: `52 packages and 4711 files compared, 0 differ`.
impl fmt::Display for Reproduction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { packages, files, differences } = self;
        write!(f, "{packages} packages and {files} files compared, {} differ", differences.len())
    }
}

fn sorted<T: Ord>(mut entries: Vec<T>) -> Vec<T> {
    sort(&mut entries);
    entries
}

/// What tells each package from others of its name.
fn packages(snapshot: &Snapshot, own: &OwnDistributions) -> BTreeMap<String, String> {
    let python = ("python".to_owned(), snapshot.interpreter.version.clone());
    let pip = snapshot.pip().filter(|it| !own.has(&it.normalised_name()));
    let pip = pip.map(|it| (it.normalised_name(), package(it)));
    // Where conda has made it, Python is among its packages, with a build.
    let conda = snapshot.conda.iter().map(|it| (it.name.clone(), build(it)));
    std::iter::once(python).chain(pip).chain(conda).into_map()
}

/// Whether somebody else has written files of a conda package, too: another one that has a file of the same path, or pip, which has
/// installed over it.
fn is_shared(snapshot: &Snapshot, record: &CondaRecord) -> bool {
    let has_one_of_its_files =
        |it: &&CondaRecord| record.files.edited.iter().any(|file| it.files.digests.contains_key(file));
    let mut others = snapshot.conda.iter().filter(|it| it.name != record.name);
    others.any(|it| has_one_of_its_files(&it))
        || snapshot.pip().any(|it| record.distributions.contains(&it.normalised_name()))
}

/// The version and build.
fn build(record: &CondaRecord) -> String {
    format!("{} {}", record.version, record.build)
}

/// The version, or the commit or URL that it is from.
fn package(distribution: &Distribution) -> String {
    match &distribution.installer {
        Installer::Conda => distribution.version.clone(),
        Installer::Other(_) => identity(distribution).unwrap_or_else(|| distribution.version.clone()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn own(project: &str) -> OwnDistributions {
        OwnDistributions::new(project, &crate::EnvironmentYml::default())
    }

    fn snapshot(python: &str, conda: &Value, distributions: &Value) -> Snapshot {
        let snapshot = json!({
            "format": 1,
            "platform": {"system": "Linux", "machine": "x86_64"},
            "interpreter": {"version": python, "implementation": "CPython", "prefix": "/x", "markers": {}},
            "conda": conda,
            "distributions": distributions,
        });
        Snapshot::parse(&snapshot.to_string()).unwrap()
    }

    fn of_git(commit: &str) -> Value {
        json!({"url": "https://e.org/r.git", "vcs_info": {"vcs": "git", "commit_id": commit}})
    }

    #[test]
    fn what_is_the_same_is_counted_and_the_project_is_not() {
        let with = |more: &Value| {
            let mut distributions = vec![json!({"name": "A_b", "version": "1.0", "files": {"a.py": "1", "b.py": "2"}})];
            distributions.extend(more.as_array().unwrap().iter().cloned());
            snapshot("3.12.4", &json!([]), &distributions.into())
        };
        let project = json!([{"name": "My.Project", "version": "1", "files": {"p.py": "1"}}]);
        let same = Reproduction::new(&with(&project), &with(&json!([])), &own("my-project"));
        assert_eq!(same.differences, <[&str; 0]>::default());
        assert_eq!(same.to_string(), "2 packages and 2 files compared, 0 differ");
    }

    #[test]
    fn each_package_that_differs_is_told() {
        let conda = |build: &str| json!([{"name": "mkl", "version": "1", "build": build}]);
        let git =
            |commit| json!({"name": "git", "version": "1", "direct_url": of_git(commit), "files": {"a.py": commit}});
        let here = snapshot(
            "3.12.4",
            &conda("h0"),
            &json!([git("0a"), {"name": "hand", "version": "1"}, {"name": "v", "version": "1"}]),
        );
        let there = snapshot(
            "3.12.5",
            &conda("h1"),
            &json!([git("0b"), {"name": "more", "version": "2"}, {"name": "v", "version": "2"}]),
        );
        let comparison = Reproduction::new(&here, &there, &own("p"));
        let expected = [
            "git 0a is 0b when it is built again",
            "hand 1 is not there when it is built again",
            "mkl 1 h0 is 1 h1 when it is built again",
            "more 2 is there only when it is built again",
            "python 3.12.4 is 3.12.5 when it is built again",
            "v 1 is 2 when it is built again",
        ];
        assert_eq!(comparison.differences, expected);
        assert_eq!((comparison.packages, comparison.files), (6, 0), "files of another version are no news");
    }

    #[test]
    fn without_a_list_of_its_files_none_of_a_package_is_called_missing() {
        let package = |files: Value| {
            snapshot("3.12.4", &json!([]), &json!([{"name": "a", "version": "1", "installer": "uv", "files": files}]))
        };
        let (here, there) = (package(json!({})), package(json!({"a.py": "1", "b.py": "2"})));
        let comparison = Reproduction::new(&here, &there, &own("p"));
        assert_eq!(comparison.differences, ["a: the list of its files, RECORD, is missing or empty"]);
    }

    #[test]
    fn each_file_that_differs_is_told_with_its_package() {
        let package = |installer: &str, files: Value| {
            let package = json!({"name": "Num_Py", "version": "1", "installer": installer, "files": files});
            snapshot("3.12.4", &json!([]), &json!([package]))
        };
        for installer in ["uv", "conda"] {
            let here = package(installer, json!({"same.py": "1", "edited.py": "1", "added.py": "1"}));
            let there = package(installer, json!({"same.py": "1", "edited.py": "2", "gone.py": "1"}));
            let comparison = Reproduction::new(&here, &there, &own("p"));
            assert_eq!(
                comparison.differences,
                [
                    "num-py: `added.py` is not there when it is built again",
                    "num-py: `edited.py` differs",
                    "num-py: `gone.py` is missing",
                ]
            );
            assert_eq!(comparison.files, 4);
        }
    }

    #[test]
    fn an_edit_that_has_reached_the_cache_is_found_all_the_same() {
        let with = |edited: &[&str]| {
            let package = json!({"name": "a", "version": "1", "installer": "uv", "files": {"a.py": "1", "b.py": "1"},
                                 "edited": edited});
            let library =
                json!({"name": "lib", "version": "1", "build": "0", "files": {"a.py": "1"}, "edited": edited});
            snapshot("3.12.4", &json!([library]), &json!([package]))
        };
        let told = |here: &[&str], there: &[&str]| Reproduction::new(&with(here), &with(there), &own("p")).differences;
        let edited =
            |place: &str| ["lib", "a"].map(|it| format!("{it}: `a.py` was edited once it was installed{place}"));
        assert_eq!(told(&["a.py"], &["a.py"]), edited(", in the cache too"));
        assert_eq!(told(&["a.py"], &[]), edited(""));
        assert_eq!(told(&[], &[]), <[&str; 0]>::default());
    }

    #[test]
    fn what_two_have_written_was_not_edited() {
        let record = |name: &str, edited: &[&str]| {
            json!({"name": name, "version": "1", "build": "0", "files": {"lib/a": "1"}, "edited": edited,
                   "metadata": [format!("{name}-1")]})
        };
        let told = |conda: &Value, distributions: &Value| {
            let snapshot = snapshot("3.12.4", conda, distributions);
            Reproduction::new(&snapshot, &snapshot, &own("p")).differences
        };
        let edited = ["a: `lib/a` was edited once it was installed, in the cache too"];
        assert_eq!(told(&json!([record("a", &["lib/a"])]), &json!([])), edited);
        assert_eq!(told(&json!([record("a", &["lib/a"]), record("b", &[])]), &json!([])), <[&str; 0]>::default());
        let by_pip = json!([{"name": "a", "version": "2", "installer": "pip"}]);
        assert_eq!(told(&json!([record("a", &["lib/a"])]), &by_pip), <[&str; 0]>::default());
    }

    #[test]
    fn the_files_of_condas_packages_are_compared_where_the_builds_are_the_same() {
        let with = |build: &str, files: Value| {
            let library = json!({"name": "libdemo", "version": "1", "build": build, "files": files});
            snapshot("3.12.4", &json!([library]), &json!([]))
        };
        let here = with("h0", json!({"lib/libdemo.so": "1", "share/demo.txt": "1", "etc/new": "1"}));
        let comparison =
            Reproduction::new(&here, &with("h0", json!({"lib/libdemo.so": "2", "share/demo.txt": "1"})), &own("p"));
        assert_eq!(
            comparison.differences,
            ["libdemo: `etc/new` is not there when it is built again", "libdemo: `lib/libdemo.so` differs"]
        );
        assert_eq!(comparison.to_string(), "2 packages and 3 files compared, 2 differ");
        let other = Reproduction::new(&here, &with("h1", json!({"lib/libdemo.so": "2"})), &own("p"));
        assert_eq!(other.differences, ["libdemo 1 h0 is 1 h1 when it is built again"]);
    }
}
