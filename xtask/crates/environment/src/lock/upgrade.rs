//! Which packages a solver may give another version than the locked one.

use std::collections::BTreeSet;

use process::IntoSet as _;
use report::{Code, Findings, Source, nearest};
use specs::python::normalised;

use super::Lock;
use crate::{EnvironmentFile, EnvironmentYml, freeze, snapshot::requirement_of};

/// Which packages need not stay what they are locked and pinned to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Upgrade {
    Nothing,
    /// Not Python itself, which has to be named.
    All,
    /// By normalised name.
    Packages(BTreeSet<String>),
}

impl Upgrade {
    /// `environment.yml` as a solver shall read it: without the pins of these packages. A package that is neither
    /// listed nor locked is an error.
    pub fn without_pins(&self, file: &EnvironmentFile, lock: Option<&Lock>) -> Result<EnvironmentFile, Findings> {
        Ok(match self {
            Self::Nothing => file.clone(),
            Self::All => file.thawed(),
            Self::Packages(names) => {
                let listed = listed_names(file.thawed().environment());
                require_known(names, &listed, file.source(), lock)?;
                // What only an included file lists has no pin.
                let has_line = |name: &String| freeze::has_line(file, name);
                let names: Vec<String> = names.iter().filter(|it| has_line(it)).cloned().collect();
                if names.is_empty() { file.clone() } else { freeze::thaw(file, &names)?.file }
            }
        })
    }

    pub fn has(&self, name: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::All => true,
            Self::Packages(names) => names.contains(&normalised(name)),
        }
    }

    /// Whether Python itself may change, which happens only where it is named.
    pub fn has_python(&self) -> bool {
        *self != Self::All && self.has("python")
    }

    pub(super) fn arguments(&self) -> Vec<String> {
        match self {
            Self::Nothing => Vec::new(),
            Self::All => vec!["--upgrade".to_owned()],
            Self::Packages(names) => names.iter().flat_map(|it| ["--upgrade-package".to_owned(), it.clone()]).collect(),
        }
    }
}

fn listed_names(environment: &EnvironmentYml) -> BTreeSet<String> {
    let conda = environment.conda.iter().map(|(spec, _)| normalised(&spec.name));
    let pip = environment.pip.iter().filter_map(|(line, _)| Some(normalised(&requirement_of(line)?.0.name)));
    conda.chain(pip).into_set()
}

fn require_known(
    names: &BTreeSet<String>,
    listed: &BTreeSet<String>,
    source: &Source,
    lock: Option<&Lock>,
) -> Result<(), Findings> {
    let locked = lock.into_iter().flat_map(Lock::names).map(|it| normalised(&it));
    let known = locked.chain(listed.iter().cloned()).into_set();
    let mut findings = Findings::default();
    for name in names.iter().filter(|it| !known.contains(*it)) {
        let finding =
            source.about(Code::FreezeName, format!("`{name}` is neither listed in `environment.yml` nor locked"));
        findings.push(match nearest(name, known.iter().map(String::as_str)) {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding.help("name packages as they are in the file or in the lock, or none for all"),
        });
    }
    if findings.has_errors() { Err(findings.sorted()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROZEN: &str = "dependencies:\n  - python=3.11.2  # intent: python>=3.11\n  - pip:\n    \
        - NumPy==2.0.1  # why  # intent: NumPy\n    - tqdm==4.66  # intent: tqdm>=4\n";

    fn file() -> EnvironmentFile {
        EnvironmentFile::parse(Source::new("environment.yml", FROZEN))
    }

    fn packages(names: &[&str]) -> Upgrade {
        Upgrade::Packages(names.iter().map(|it| (*it).to_owned()).collect())
    }

    #[test]
    fn the_pins_of_what_may_change_are_taken_away_and_no_others() {
        let text = |upgrade: &Upgrade| upgrade.without_pins(&file(), None).unwrap().text().to_owned();
        assert_eq!(text(&Upgrade::Nothing), FROZEN);
        assert_eq!(
            text(&Upgrade::All),
            "dependencies:\n  - python>=3.11\n  - pip:\n    - NumPy  # why\n    - tqdm>=4\n"
        );
        assert_eq!(text(&packages(&["numpy"])), FROZEN.replace("NumPy==2.0.1  # why  # intent: NumPy", "NumPy  # why"));
    }

    #[test]
    fn a_package_that_nobody_knows_is_told_with_one_that_is_near() {
        let findings = packages(&["numpi", "tqdm"]).without_pins(&file(), None).unwrap_err().to_string();
        assert!(findings.contains("`numpi` is neither listed in `environment.yml` nor locked"), "{findings}");
        assert!(findings.contains("did you mean `numpy`?") && !findings.contains("`tqdm`"), "{findings}");
    }

    #[test]
    fn python_changes_where_it_is_named_alone() {
        assert!(packages(&["python"]).has_python() && !Upgrade::All.has_python() && !packages(&["tqdm"]).has_python());
        assert!(Upgrade::All.has("x") && packages(&["a-b"]).has("A_b") && !Upgrade::Nothing.has("x"));
    }
}
