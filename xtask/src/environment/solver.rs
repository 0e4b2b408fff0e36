//! Who installs the Python packages, and what exactly it is told.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::ser::{Serialize, SerializeMap as _, Serializer};

use super::python_version::pep440;
use super::{EnvironmentYml, PipLine};
use crate::diagnostics::{Finding, Findings};
use crate::project::SolverChoice;

/// Who installs Python packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Solver {
    /// micromamba makes the environment, uv adds the `pip:` section.
    Conda,
    /// uv does all.
    Uv,
}

impl Solver {
    /// Its name, as in settings and in the Dockerfile.
    pub fn name(self) -> &'static str {
        match self {
            Self::Conda => "conda",
            Self::Uv => "uv",
        }
    }
}

/// What a solver is told, normalised: what does not change the environment does not change this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Who.
    pub solver: Solver,
    /// Why, as the second half of a sentence.
    pub reason: String,
    /// The Python that uv shall find, as PEP 440 has it; empty for any. conda has it among its packages.
    pub python: String,
    /// The file that micromamba reads; `None` with uv.
    pub conda_file: Option<String>,
    /// The requirements file that uv reads.
    pub requirements: String,
}

/// What uv can install itself although conda is asked for it.
const KNOWN_TO_UV: [&str; 5] = ["python", "pip", "uv", "setuptools", "wheel"];

impl Plan {
    /// Chooses the solver. `Err` are findings: with `SOLVER=uv`, packages that only conda has.
    pub fn new(environment: &EnvironmentYml, choice: SolverChoice) -> Result<Self> {
        let only_conda = |name: &str| !KNOWN_TO_UV.contains(&name);
        let needs_conda = environment.conda.iter().map(|(spec, _)| spec).find(|spec| only_conda(&spec.name));
        match (choice, needs_conda) {
            (SolverChoice::Conda, _) => Self::conda(environment, "SOLVER=conda".to_owned()),
            (SolverChoice::Auto, Some(spec)) => {
                Self::conda(environment, format!("`{}` is asked for from conda", spec.name))
            }
            (SolverChoice::Auto, None) => Self::uv(environment, "nothing asked for needs conda".to_owned()),
            (SolverChoice::Uv, None) => Self::uv(environment, "SOLVER=uv".to_owned()),
            (SolverChoice::Uv, Some(_)) => {
                let mut findings = Findings::default();
                for (spec, position) in environment.conda.iter().filter(|(spec, _)| only_conda(&spec.name)) {
                    let message = format!("`{}` is asked for from conda, but SOLVER=uv", spec.name);
                    let help = "move it below `- pip:`, or set SOLVER=auto in installation/docker-amd64/.env";
                    findings.push(Finding::at(&environment.file, *position, message).help(help));
                }
                Err(findings.into())
            }
        }
    }

    fn conda(environment: &EnvironmentYml, reason: String) -> Result<Self> {
        let has_python = environment.conda.iter().any(|(spec, _)| spec.name == "python");
        let mut findings = Findings::default();
        if let Some((_, position)) = environment.pip.first().filter(|_| !has_python) {
            let message = "pip packages without `python` among the conda ones";
            findings.push(Finding::at(&environment.file, *position, message).help("add `- python` above `- pip:`"));
        }
        let mut dependencies: Vec<String> = environment.conda.iter().map(|(spec, _)| spec.text.clone()).collect();
        dependencies.sort();
        let file = CondaFile { channels: environment.channels.clone(), dependencies };
        let plan = Self {
            solver: Solver::Conda,
            reason,
            python: String::new(),
            conda_file: Some(serde_yaml::to_string(&file)?),
            requirements: requirements(&environment.pip.iter().map(|(line, _)| line.clone()).collect::<Vec<_>>()),
        };
        findings.or(plan)
    }

    fn uv(environment: &EnvironmentYml, reason: String) -> Result<Self> {
        let mut findings = Findings::default();
        let mut python = String::new();
        let mut lines: Vec<PipLine> = environment.pip.iter().map(|(line, _)| line.clone()).collect();
        for (spec, position) in &environment.conda {
            match pep440(spec) {
                Ok(version) if spec.name == "python" => python = version,
                Ok(version) => lines.push(PipLine::Requirement {
                    name: spec.name.clone(),
                    has_marker: false,
                    text: format!("{}{version}", spec.name),
                }),
                Err(why) => findings.push(
                    Finding::at(&environment.file, *position, why)
                        .help("simplify it, or set SOLVER=conda in installation/docker-amd64/.env"),
                ),
            }
        }
        findings.or(Self { solver: Solver::Uv, reason, python, conda_file: None, requirements: requirements(&lines) })
    }

    /// What decides the content of the environment, by name: two plans that agree in it make the same environment.
    pub fn decisive(&self) -> BTreeMap<&'static str, &str> {
        BTreeMap::from([
            ("solver", self.solver.name()),
            ("python", self.python.as_str()),
            ("conda", self.conda_file.as_deref().unwrap_or_default()),
            ("requirements", self.requirements.as_str()),
        ])
    }
}

struct CondaFile {
    channels: Vec<String>,
    dependencies: Vec<String>,
}

impl Serialize for CondaFile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("channels", &self.channels)?;
        map.serialize_entry("dependencies", &self.dependencies)?;
        map.end()
    }
}

/// Options in their order, then packages sorted.
fn requirements(lines: &[PipLine]) -> String {
    let (options, mut packages): (Vec<&PipLine>, Vec<&PipLine>) =
        lines.iter().partition(|it| matches!(it, PipLine::Option(_)));
    packages.sort_by_key(|it| it.text());
    options.into_iter().chain(packages).map(|it| format!("{}\n", it.text())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(text: &str, choice: SolverChoice) -> Result<Plan> {
        Plan::new(&EnvironmentYml::parse("environment.yml".into(), text)?, choice)
    }

    #[test]
    fn conda_is_used_only_where_it_is_needed() {
        let simple =
            "dependencies:\n  - python=3.11\n  - pip>=23\n  - pip:\n    - tqdm\n    - --pre\n    - hydra-core\n";
        let uv = plan(simple, SolverChoice::Auto).unwrap();
        assert_eq!((uv.solver, uv.python.as_str()), (Solver::Uv, "==3.11.*"));
        assert_eq!(uv.requirements, "--pre\nhydra-core\npip>=23\ntqdm\n");
        assert_eq!(plan(simple, SolverChoice::Conda).unwrap().solver, Solver::Conda);

        let conda = plan(
            "channels: [conda-forge]\ndependencies:\n  - python\n  - mkl\n  - pip:\n    - tqdm\n",
            SolverChoice::Auto,
        );
        let conda = conda.unwrap();
        assert_eq!((conda.solver, conda.reason.as_str()), (Solver::Conda, "`mkl` is asked for from conda"));
        assert_eq!(conda.conda_file.unwrap(), "channels:\n- conda-forge\ndependencies:\n- mkl\n- python\n");
        assert_eq!(conda.requirements, "tqdm\n");
    }

    #[test]
    fn comments_and_order_do_not_change_the_plan() {
        let one = plan("dependencies:\n  - python\n  - pip\n  - pip:\n    - a\n    - b\n", SolverChoice::Auto).unwrap();
        let two =
            plan("# x\ndependencies: # y\n  - pip\n  - python\n  - pip:\n    - b # z\n    - a\n", SolverChoice::Auto);
        assert_eq!(one.decisive(), two.unwrap().decisive());
    }

    #[test]
    fn contradictions_are_findings() {
        let error = plan("dependencies:\n  - mkl\n", SolverChoice::Uv).unwrap_err().to_string();
        assert!(
            error.starts_with("environment.yml:2:5: error: `mkl` is asked for from conda, but SOLVER=uv"),
            "{error}"
        );
        let error = plan("dependencies:\n  - mkl\n  - pip:\n    - tqdm\n", SolverChoice::Auto).unwrap_err().to_string();
        assert!(error.starts_with("environment.yml:4:7: error: pip packages without `python`"), "{error}");
        assert!(plan("dependencies:\n  - python 3.11|3.12\n", SolverChoice::Auto).is_err());
    }
}
