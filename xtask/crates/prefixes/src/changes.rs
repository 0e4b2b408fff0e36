//! How a prefix of some packages becomes one of others, without being made again.

use std::collections::BTreeMap;
use std::fmt;

use environment::{
    Solver,
    lock::{DistributionChanges, Pylock},
};

/// The packages that come, go or become others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PrefixChanges {
    /// Whether conda's packages do. Its installer finds out itself which.
    pub of_conda: bool,
    /// Those of pip's list.
    pub distributions: DistributionChanges,
}

impl PrefixChanges {
    /// As many names are shown at most.
    const SHOWN: usize = 8;

    /// Between two [exact lists](environment::InstallPlan::decisive). `None` where there is another Python, in whose directory
    /// all of pip's packages are, or another solver.
    pub fn between(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Option<Self> {
        let is_same = |name: &str| old.get(name) == new.get(name);
        let is_conda = new.get("solver")? == Solver::Conda.name();
        let has_same_python = if is_conda { minor(old) == minor(new) } else { is_same("python") };
        if !is_same("solver") || !has_same_python {
            return None;
        }
        let pylock = |list: &BTreeMap<String, String>| Pylock::parse(list.get("pylock")?).ok();
        Some(Self { of_conda: !is_same("conda lock"), distributions: pylock(old)?.changes_to(&pylock(new)?) })
    }

    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for PrefixChanges {
    /// Such as `+ rich, - tqdm, numpy, conda's packages`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DistributionChanges { added, removed, replaced } = &self.distributions;
        let added = added.iter().map(|it| format!("+ {it}"));
        let removed = removed.iter().map(|it| format!("- {it}"));
        let mut all: Vec<String> = added.chain(removed).chain(replaced.iter().cloned()).collect();
        let hidden = all.len().saturating_sub(Self::SHOWN);
        all.truncate(Self::SHOWN);
        if hidden > 0 {
            all.push(format!("{hidden} more"));
        }
        all.extend(self.of_conda.then(|| "conda's packages".to_owned()));
        f.write_str(&all.join(", "))
    }
}

/// `==3.12` of `==3.12.4`.
fn minor(list: &BTreeMap<String, String>) -> Option<&str> {
    list.get("python").and_then(|it| it.rsplit_once('.')).map(|(minor, _)| minor)
}

#[cfg(test)]
mod tests {
    use process::IntoMap as _;

    use super::*;

    fn list(solver: &str, python: &str, conda: &str, distributions: &[&str]) -> BTreeMap<String, String> {
        let mut pylock = "lock-version = \"1.0\"\n".to_owned();
        for name in distributions {
            let url = format!("https://e.org/{name}.whl");
            let wheels = format!("wheels = [{{ url = \"{url}\", hashes = {{ sha256 = \"00\" }} }}]");
            pylock += &format!("[[packages]]\nname = \"{name}\"\nversion = \"1\"\n{wheels}\n");
        }
        let parts = [("solver", solver), ("python", python), ("conda lock", conda), ("pylock", &pylock)];
        parts.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).into_map()
    }

    fn between(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Option<String> {
        PrefixChanges::between(old, new).map(|it| it.to_string())
    }

    #[test]
    fn packages_come_and_go_as_long_as_python_stays_where_it_is() {
        let (uv, conda) = (Solver::Uv.name(), Solver::Conda.name());
        let now = || list(uv, "==3.12.4", "", &["rich", "six"]);
        assert_eq!(between(&now(), &now()), Some(String::new()));
        assert_eq!(between(&now(), &list(uv, "==3.12.4", "", &["six", "tqdm"])), Some("+ tqdm, - rich".into()));
        assert_eq!(between(&now(), &list(uv, "==3.12.5", "", &["rich", "six"])), None);
        assert_eq!(between(&now(), &list(conda, "==3.12.4", "", &["rich", "six"])), None);
        assert_eq!(between(&BTreeMap::new(), &now()), None);

        let now = || list(conda, "==3.12.4", "a", &["six"]);
        assert_eq!(between(&now(), &list(conda, "==3.12.5", "b", &[])), Some("- six, conda's packages".into()));
        assert_eq!(between(&now(), &list(conda, "==3.13.4", "b", &[])), None);
    }

    #[test]
    fn of_many_only_some_are_named() {
        let names: Vec<String> = (10..30).map(|it| format!("p{it}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let said = between(&list("uv", "==3.12.4", "", &[]), &list("uv", "==3.12.4", "", &names)).unwrap();
        assert!(said.starts_with("+ p10, + p11, ") && said.ends_with("+ p17, 12 more"), "{said}");
    }
}
