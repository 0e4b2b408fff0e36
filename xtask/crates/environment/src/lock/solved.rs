//! Locks made from the answers of solvers.

use process::IntoMap as _;
use report::{Code, Finding, Findings};

use std::collections::{BTreeMap, BTreeSet};

use super::{
    CondaFile, LayerPlan, Lock, LockOrigin, NormalisedIntent, PYLOCK, Pylock, from_snapshot::requires_python,
    listed_digests::keep_listed_files,
};
use crate::{AptList, Intent, OwnDistributions, Platform, conda::AssumedSystem, freeze::PackageList};

/// The answers of the solvers for one platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SolvedLock {
    pub platform: Platform,
    /// The full version of Python.
    pub python: String,
    /// conda's packages, in the order in which they are installed.
    pub conda: Vec<CondaFile>,
    /// The Python distributions that they bring, by normalised name.
    pub conda_distributions: BTreeMap<String, String>,
    /// The names of conda's Python and all that it needs; `None` where they are the same as before.
    pub base: Option<BTreeSet<String>>,
    /// Empty where conda has no part in it.
    pub system: AssumedSystem,
    pub origin: LockOrigin,
    /// The `pylock.toml` that uv wrote; `None` where there are no requirements.
    pub pylock: Option<String>,
}

impl Lock {
    /// The lock of these answers. `intent` is without the pins of `freeze`, `project` the name of the
    /// project's own distribution, which is in no lock, and neither are the local projects. The record of system packages is taken over from the lock of before:
    /// no solver has a part in it. `layers` are those of the lock of before, or of what was solved last.
    pub fn solved(
        solved: SolvedLock,
        intent: &Intent,
        project: &str,
        old: Option<&Self>,
        layers: Option<&LayerPlan>,
    ) -> Result<Self, Findings> {
        let SolvedLock { platform, python, conda, conda_distributions, base, system, origin, pylock } = solved;
        let folder = Self::folder_of(&platform, origin.variant.as_ref());
        let toml = pylock.unwrap_or_else(|| "lock-version = \"1.0\"".to_owned());
        let wrong = |why: String| {
            let finding =
                Finding::about(Code::NoArtefact, &folder.join(PYLOCK), format!("uv did not print a valid lock: {why}"));
            finding.help("report this as a bug, with the version of uv")
        };
        let (mut pylock, local) = Pylock::parse_with_left_out(&toml).map_err(wrong)?;
        let mut findings = Findings::default();
        // A distribution may have a second entry, for other platforms.
        for name in local.iter().filter(|it| !pylock.packages.contains_key(*it)) {
            let message = format!("the only files of `{name}` are on this machine");
            let finding = Finding::about(Code::NoArtefact, &folder.join(PYLOCK), message);
            findings.push(finding.help("name an index that has it with `--extra-index-url` below `- pip:`"));
        }
        findings.extend(keep_listed_files(&intent.environment, &mut pylock));
        if findings.has_errors() {
            return Err(findings.sorted());
        }
        let own = OwnDistributions::new(project, &intent.environment);
        let packages = pylock.packages.iter().filter(|(name, _)| !own.has(name));
        pylock.packages = packages.map(|(name, it)| (name.clone(), it.of_one_file())).into_map();
        pylock.requires_python = Some(requires_python(&python));
        let apt = old.map(|it| it.apt.clone()).unwrap_or_default();
        let listed: Vec<String> =
            intent.apt.values().flat_map(AptList::iter).map(|(package, _)| package.qualified_name()).collect();
        let apt = apt.into_iter().filter(|(name, _)| listed.contains(name)).into_map();
        let intent = NormalisedIntent::new(intent, origin.solver);
        let lock = Self {
            origin,
            platform,
            python,
            intent,
            conda,
            conda_distributions,
            system,
            pylock,
            apt,
            layers: LayerPlan::default(),
        };
        Ok(lock.layered(base, layers))
    }

    /// The names of all that it has, conda's and Python's.
    pub fn names(&self) -> impl Iterator<Item = String> {
        let conda = self.conda.iter().filter_map(|it| Some(it.name_version_build()?.0.to_owned()));
        conda.chain(self.pylock.packages.keys().cloned())
    }

    /// The version of a package that a list names, by the list's spelling. `None` where it is not locked for this platform.
    pub fn version_of(&self, list: PackageList, name: &str) -> Option<String> {
        match list {
            PackageList::Conda => {
                if name == "python" {
                    return Some(self.python.clone());
                }
                let mut files = self.conda.iter().filter_map(CondaFile::name_version_build);
                files.find(|it| it.0 == name).map(|it| it.1.into_owned())
            }
            // What conda brings, pip need not install.
            PackageList::Pip => match self.pylock.packages.get(name) {
                Some(package) => Some(package.version.clone().unwrap_or_else(|| "from its URL".to_owned())),
                None => self.conda_distributions.get(name).cloned(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EnvironmentFile, Solver};
    use project::AptStage;
    use report::Source;

    const WHEEL: &str = "wheels = [{ url = 'https://e.org/x.whl', hashes = { sha256 = '47' } }]\n";

    fn solved(packages: &str, old: Option<&Lock>) -> Result<Lock, Findings> {
        let mut findings = Findings::default();
        let environment = "dependencies: [python>=3.11, pip: [tqdm]]\n";
        let environment = EnvironmentFile::parse(Source::new("environment.yml", environment)).environment().clone();
        let apt = AptList::parse(&Source::new("apt-runtime.txt", "git\n"), &mut findings);
        let solved = SolvedLock {
            platform: Platform::parse("linux/arm64").unwrap(),
            python: "3.11.2".to_owned(),
            conda: Vec::new(),
            conda_distributions: BTreeMap::new(),
            base: None,
            system: AssumedSystem::default(),
            origin: LockOrigin { solver: Solver::Uv, solver_version: None, base: None, variant: None },
            pylock: Some(format!("lock-version = '1.0'\n{packages}")),
        };
        let intent = Intent { environment, apt: [(AptStage::Runtime, apt)].into() };
        Lock::solved(solved, &intent, "My-Project", old, None)
    }

    #[test]
    fn what_was_answered_is_locked_without_the_project() {
        let packages = ["Tqdm", "my_project"].map(|it| format!("[[packages]]\nname = '{it}'\nversion = '1'\n{WHEEL}"));
        let mut old = solved(&packages.concat(), None).unwrap();
        assert_eq!(old.names().collect::<Vec<_>>(), ["tqdm"]);
        assert_eq!(old.pylock.requires_python.as_deref(), Some("==3.11.*"));

        old.apt = ["git", "vim"].map(|it| (it.to_owned(), "1".to_owned())).into();
        let new = solved(&packages.concat(), Some(&old)).unwrap();
        assert_eq!(new.apt, [("git".to_owned(), "1".to_owned())].into(), "a package that is not listed has no record");
    }

    #[test]
    fn what_no_other_machine_can_install_is_no_lock() {
        let packages = "[[packages]]\nname = 'here'\nversion = '1'\nwheels = [{ path = './here.whl', hashes = { sha256 = '0' } }]\n";
        let error = solved(packages, None).unwrap_err().to_string();
        assert!(error.contains("dependencies/lock/linux-arm64/pylock.toml"), "{error}");
        assert!(error.contains("the only files of `here` are on this machine"), "{error}");
    }
}
