//! The dependency files of the three sides: the same packages, each in its own form.

use anyhow::{Context as _, Error, Result};
use camino::{Utf8Path, Utf8PathBuf};
use environment::lock::{LockedSource, Pylock};
use project::AptStage;

use super::{catalogue::ExtraPackage, side::Side, timing::Preparation};

/// What the sides are given to build.
#[derive(Debug, Clone)]
pub struct DependencyFiles {
    /// `environment.yml` before it was frozen.
    pub asked: String,
    /// The same, frozen.
    pub frozen: String,
    /// The files of our lock, by their paths in the repository.
    pub lock: Vec<(Utf8PathBuf, String)>,
    /// The usual layout's requirements.txt: every Python package with its exact version.
    pub requirements: String,
    /// The strong control's requirements.txt: the same with digests.
    pub locked_requirements: String,
    pub apt: Vec<(AptStage, String)>,
}

/// What is added to the dependency files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddedPackages<'a> {
    Nothing,
    Python(&'a [ExtraPackage]),
    System(AptStage, &'a str),
}

/// Whether we have a lock; the controls' lists are exact in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OurLock {
    Present,
    Absent,
}

impl DependencyFiles {
    /// Writes the files of all sides, in their directories below that of the trial.
    pub fn steps(&self, trial: &Utf8Path, added: AddedPackages, lock: OurLock) -> Vec<Preparation> {
        let python = match added {
            AddedPackages::Python(packages) => packages,
            AddedPackages::Nothing | AddedPackages::System(..) => &[],
        };
        let requirements: String = python.iter().map(|it| format!("{}\n", it.requirement)).collect();
        let locked: String = python.iter().map(|it| format!("{}\n", it.locked())).collect();
        let directory = |side: Side| trial.join(side.word()).join("dependencies");
        let mut steps = self.our_steps(&trial.join(Side::Ours.word()), python, lock);
        steps.extend([
            Preparation::Write(
                directory(Side::Usual).join("requirements.txt"),
                format!("{}{requirements}", self.requirements),
            ),
            Preparation::Write(
                directory(Side::Strong).join("requirements.txt"),
                format!("{}{locked}", self.locked_requirements),
            ),
        ]);
        for (stage, list) in &self.apt {
            let text = match added {
                AddedPackages::System(of, package) if of == *stage => format!("{}\n{package}\n", list.trim_end()),
                _ => list.clone(),
            };
            let files = Side::ALL.map(|it| directory(it).join(stage.file_name()));
            steps.extend(files.map(|it| Preparation::Write(it, text.clone())));
        }
        steps
    }

    /// `environment.yml` as it was frozen, with more packages.
    pub fn frozen_with(&self, added: &[ExtraPackage]) -> String {
        with_items(&self.frozen, added)
    }

    fn our_steps(&self, ours: &Utf8Path, python: &[ExtraPackage], lock: OurLock) -> Vec<Preparation> {
        let (environment, lock) = match lock {
            OurLock::Present => (&self.frozen, &self.lock[..]),
            OurLock::Absent => (&self.asked, &[][..]),
        };
        let environment = with_items(environment, python);
        // A `freeze` may have written a file more.
        let mut steps = vec![Preparation::Remove(ours.join("dependencies/lock"))];
        steps.extend(lock.iter().map(|(path, text)| Preparation::Write(ours.join(path), text.clone())));
        steps.push(Preparation::Write(ours.join("dependencies/environment.yml"), environment));
        steps
    }
}

/// The packages of a lock that are from an index, in pip's form: with their exact versions, and with digests as well.
pub fn requirements(pylock: &str) -> Result<[String; 2]> {
    let pylock = Pylock::parse(pylock).map_err(Error::msg).context("our lock cannot be read")?;
    let (mut exact, mut locked) = (String::new(), String::new());
    for (name, package) in &pylock.packages {
        let (Some(version), LockedSource::Index { wheels, sdist }) = (&package.version, &package.source) else {
            continue;
        };
        let digests = wheels.iter().chain(sdist).filter_map(|it| it.hashes.get("sha256"));
        let digests: String = digests.map(|it| format!(" --hash=sha256:{it}")).collect();
        exact += &format!("{name}=={version}\n");
        locked += &format!("{name}=={version}{digests}\n");
    }
    Ok([exact, locked])
}

fn with_items(text: &str, added: &[ExtraPackage]) -> String {
    added.iter().fold(text.to_owned(), |text, it| with_item(&text, it.requirement))
}

/// Adds an item to the last list of a YAML text, with the indentation of the item before it.
fn with_item(text: &str, item: &str) -> String {
    let last = text.lines().rfind(|it| it.trim_start().starts_with("- ")).unwrap_or_default();
    let depth = last.len() - last.trim_start().len();
    format!("{}\n{:depth$}- {item}\n", text.trim_end(), "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::pip_package;

    fn files() -> DependencyFiles {
        DependencyFiles {
            asked: String::from("dependencies:\n  - pip:\n      - numpy\n"),
            frozen: String::from("dependencies:\n  - pip:\n      - numpy==2.3\n"),
            lock: vec![(Utf8PathBuf::from("dependencies/lock/linux-64/pylock.toml"), String::from("numpy\n"))],
            requirements: String::from("numpy==2.3\n"),
            locked_requirements: String::from("numpy==2.3 --hash=sha256:abc\n"),
            apt: vec![(AptStage::Runtime, String::from("curl\n"))],
        }
    }

    /// The text that is written to a file, if it is.
    fn written<'a>(steps: &'a [Preparation], file: &str) -> Option<&'a str> {
        steps.iter().find_map(|it| match it {
            Preparation::Write(path, text) if path == file => Some(text.as_str()),
            _ => None,
        })
    }

    #[test]
    fn each_side_gets_the_added_package_in_its_own_form() {
        let added = pip_package(0);
        let steps = files().steps(Utf8Path::new("/t"), AddedPackages::Python(added), OurLock::Present);
        let name = added[0].requirement;
        let ours = written(&steps, "/t/ours/dependencies/environment.yml").unwrap();
        assert!(ours.ends_with(&format!("      - numpy==2.3\n      - {name}\n")), "{ours}");
        let usual = written(&steps, "/t/control/dependencies/requirements.txt").unwrap();
        assert_eq!(usual, format!("numpy==2.3\n{name}\n"));
        let strong = written(&steps, "/t/strong-control/dependencies/requirements.txt").unwrap();
        assert_eq!(strong, format!("numpy==2.3 --hash=sha256:abc\n{}\n", added[0].locked()));
        assert!(written(&steps, "/t/ours/dependencies/lock/linux-64/pylock.toml").is_some());
    }

    #[test]
    fn without_a_lock_ours_is_asked_for_as_at_first() {
        let steps = files().steps(Utf8Path::new("/t"), AddedPackages::Nothing, OurLock::Absent);
        assert_eq!(written(&steps, "/t/ours/dependencies/environment.yml"), Some(files().asked.as_str()));
        assert_eq!(written(&steps, "/t/ours/dependencies/lock/linux-64/pylock.toml"), None);
        assert!(steps.contains(&Preparation::Remove("/t/ours/dependencies/lock".into())));
    }

    #[test]
    fn another_system_package_is_in_the_list_of_its_stage_on_each_side() {
        let added = AddedPackages::System(AptStage::Runtime, "tree");
        let steps = files().steps(Utf8Path::new("/t"), added, OurLock::Present);
        for side in ["ours", "control", "strong-control"] {
            let file = format!("/t/{side}/dependencies/apt-runtime.txt");
            assert_eq!(written(&steps, &file), Some("curl\ntree\n"), "{file}");
        }
    }

    #[test]
    fn another_package_is_below_the_last_one() {
        let text = "dependencies:\n  - python\n  - pip:\n      - numpy\n      # why\n\n";
        let expected = "dependencies:\n  - python\n  - pip:\n      - numpy\n      # why\n      - tabulate\n";
        assert_eq!(with_item(text, "tabulate"), expected);
    }

    #[test]
    fn the_controls_get_the_packages_of_the_index_with_their_digests() {
        let wheel = "wheels = [{ url = \"https://example.org/w.whl\", hashes = { sha256 = \"aa\" } }]";
        let source = "sdist = { url = \"https://example.org/s.tar.gz\", hashes = { sha256 = \"bb\" } }";
        let commit = "vcs = { type = \"git\", url = \"https://example.org/lab\", commit-id = \"cc\" }";
        let pylock = format!(
            "lock-version = \"1.0\"\ncreated-by = \"xtask\"\n\
             [[packages]]\nname = \"numpy\"\nversion = \"2.3\"\n{wheel}\n\
             [[packages]]\nname = \"antlr4\"\nversion = \"4.9\"\n{source}\n\
             [[packages]]\nname = \"lab\"\nversion = \"1\"\n{commit}\n"
        );
        let [exact, locked] = requirements(&pylock).unwrap();
        assert_eq!(exact, "antlr4==4.9\nnumpy==2.3\n");
        assert_eq!(locked, "antlr4==4.9 --hash=sha256:bb\nnumpy==2.3 --hash=sha256:aa\n");
        assert_eq!(requirements("").unwrap_err().to_string(), "our lock cannot be read");
    }
}
