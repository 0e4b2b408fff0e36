//! The answer of conda's solver.

use std::collections::{BTreeMap, BTreeSet};

use process::IntoMap as _;
use serde::Deserialize;

use specs::python::normalised;

use super::CondaFailure;
use crate::{EnvironmentYml, install_plan::is_only_condas, lock::CondaFile, snapshot::CondaHash};

/// The exact packages that the solver has chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CondaSolution {
    /// Each behind those that it needs.
    pub files: Vec<CondaFile>,
    /// The Python distributions that they bring, by normalised name, with their versions.
    pub distributions: BTreeMap<String, String>,
    /// The distributions of each package that brings some, by the package's name.
    pub brought: BTreeMap<String, Vec<String>>,
    /// The version of Python, where it is one of them.
    pub python: Option<String>,
    /// The names of Python and of all that it needs; `None` where the solver was not asked.
    pub base: Option<BTreeSet<String>>,
}

/// A solution, or why there is none.
pub type CondaSolveAnswer = Result<CondaSolution, Box<CondaFailure>>;

#[derive(Default, Deserialize)]
#[serde(default)]
struct AnswerFields {
    packages: Option<Vec<PackageFields>>,
    error: Option<Box<CondaFailure>>,
}

#[derive(Deserialize)]
struct PackageFields {
    name: String,
    version: String,
    url: String,
    sha256: Option<String>,
    md5: Option<String>,
    size: Option<u64>,
    #[serde(default)]
    depends: Vec<String>,
    #[serde(default)]
    distributions: Vec<DistributionFields>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct DistributionFields {
    pub(crate) name: String,
    pub(crate) version: String,
}

impl CondaSolution {
    /// Reads what the solver has printed: its answer, and what it said besides, which counts where there is no answer.
    pub fn parse(json: &str, said: &str) -> CondaSolveAnswer {
        let answer: AnswerFields = serde_json::from_str(json).unwrap_or_default();
        let Some(packages) = answer.packages else {
            return Err(CondaFailure::told(answer.error, said));
        };
        let needs: BTreeMap<&str, &[String]> =
            packages.iter().map(|it| (it.name.as_str(), it.depends.as_slice())).into_map();
        let mut solution = Self { base: Some(with_needs("python", &needs)), ..Self::default() };
        for package in packages {
            if package.name == "python" {
                solution.python = Some(package.version.clone());
            }
            let hash = package.sha256.map(CondaHash::Sha256).or_else(|| package.md5.map(CondaHash::Md5));
            solution.files.push(CondaFile { url: package.url, hash, size: package.size });
            for DistributionFields { name, version } in package.distributions {
                let name = normalised(&name);
                solution.brought.entry(package.name.clone()).or_default().push(name.clone());
                solution.distributions.insert(name, version);
            }
        }
        Ok(solution)
    }
}

/// The names of a package and of all that it needs, among those that are there. `needs` has the specs of each.
pub(crate) fn with_needs(name: &str, needs: &BTreeMap<&str, &[String]>) -> BTreeSet<String> {
    let (mut found, mut open) = (BTreeSet::new(), vec![name]);
    while let Some(name) = open.pop() {
        let Some(specs) = needs.get(name) else { continue };
        if found.insert(name.to_owned()) {
            open.extend(specs.iter().map(|it| name_in(it)));
        }
    }
    found
}

/// The name at the beginning of a spec.
fn name_in(spec: &str) -> &str {
    spec.split([' ', '[', '=', '<', '>', '!', '~']).next().unwrap_or(spec)
}

impl CondaSolution {
    /// What pip would be asked for instead, if each package that needs conda is a distribution of Python and nothing else; empty
    /// where one is not. A package says by itself what it brings; that PyPI has it under that name is most likely.
    pub fn without_conda(&self, environment: &EnvironmentYml) -> Vec<String> {
        let needed = environment.conda.iter().map(|(spec, _)| spec).filter(|it| is_only_condas(it));
        let instead = needed.map(|it| self.brought.get(&it.name).and_then(|names| names.first().cloned()));
        instead.collect::<Option<Vec<String>>>().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EnvironmentFile;
    use report::Source;

    #[test]
    fn packages_and_their_distributions_are_read() {
        let json = r#"{"packages": [
            {"name": "python", "version": "3.11.2", "url": "https://e.org/c/linux-64/python-3.11.2-0.conda", "sha256": "ab",
             "size": 31, "depends": ["zlib >=1.3,<2", "__glibc >=2.17"]},
            {"name": "zlib", "version": "1.3", "url": "https://e.org/c/linux-64/zlib-1.3-0.conda", "sha256": "ef"},
            {"name": "conda-pluggy", "version": "1.5.0", "url": "https://e.org/c/noarch/conda-pluggy-1.5.0-0.conda", "md5": "cd",
             "distributions": [{"name": "Pluggy", "version": "1.5.0"}]}]}"#;
        let solution = CondaSolution::parse(json, "").unwrap();
        assert_eq!(solution.python.as_deref(), Some("3.11.2"));
        assert_eq!(solution.distributions, [("pluggy".to_owned(), "1.5.0".to_owned())].into());
        assert_eq!(solution.files[2].hash, Some(CondaHash::Md5("cd".to_owned())));
        assert_eq!(solution.files[0].size, Some(31));
        assert_eq!(solution.base, Some(["python", "zlib"].map(str::to_owned).into()), "what Python runs with");
    }

    #[test]
    fn packages_that_are_distributions_alone_need_no_conda() {
        let json = r#"{"packages": [
            {"name": "numpy", "version": "2", "url": "u", "distributions": [{"name": "NumPy", "version": "2"}]},
            {"name": "conda-pluggy", "version": "1", "url": "u", "distributions": [{"name": "pluggy", "version": "1"}]},
            {"name": "libdemo", "version": "1", "url": "u"}]}"#;
        let solution = CondaSolution::parse(json, "").unwrap();
        let instead = |dependencies: &str| {
            let text = format!("dependencies: [python, pip, {dependencies}]\n");
            let file = EnvironmentFile::parse(Source::new("environment.yml", text));
            solution.without_conda(file.environment())
        };
        assert_eq!(instead("numpy, conda-pluggy"), ["numpy", "pluggy"]);
        assert_eq!(instead("numpy, libdemo"), <[&str; 0]>::default());
    }

    #[test]
    fn what_is_no_answer_is_a_failure() {
        for json in ["", "oops", "{}"] {
            assert_eq!(CondaSolution::parse(json, "").unwrap_err().message, "no answer");
            assert_eq!(CondaSolution::parse(json, "cannot import\n").unwrap_err().message, "cannot import");
        }
        let failed = r#"{"error": {"kind": "timeout", "message": "it took too long"}}"#;
        assert_eq!(CondaSolution::parse(failed, "warning").unwrap_err().message, "it took too long");
    }
}
