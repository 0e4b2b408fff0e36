//! The invocations that bring a prefix up to date: pure functions of the plan.

use anyhow::Error;
use camino::Utf8Path;

use environment::{
    InstallPlan,
    lock::{DistributionChanges, Lock},
};
use process::{Invocation, ProcessError};
use solving::with_ca_certificates;

use crate::changes::PrefixChanges;

/// What uv and conda's installer have to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrefixWork {
    /// It is made where nothing is.
    Make,
    /// It gets other packages.
    Change(PrefixChanges),
    /// The project is installed again.
    Project,
}

impl PrefixWork {
    /// Whether it is conda's installer that has something to do, where conda is the solver.
    pub fn is_for_conda(&self) -> bool {
        match self {
            Self::Make => true,
            Self::Change(changes) => changes.of_conda,
            Self::Project => false,
        }
    }

    /// The error of one of its programs, with what it was about.
    pub fn explain(&self, error: Error, prefix: &Utf8Path) -> Error {
        if matches!(self, Self::Change(_)) && !ProcessError::is_interruption(&error) {
            let way_out = "where it is damaged, `cargo xtask build --force` makes it anew";
            return error.context(format!("`{prefix}` was not changed ({way_out})"));
        }
        error.context(format!("`{prefix}` was not built"))
    }
}

/// The programs and files that the work is done with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepPaths<'a> {
    pub uv: &'a Utf8Path,
    /// What installs conda's packages, where it has any to install or to remove.
    pub conda: Option<&'a Invocation>,
    /// The directory of the package lists.
    pub lists: &'a Utf8Path,
    pub prefix: &'a Utf8Path,
    /// The directory of pyproject.toml.
    pub project: &'a Utf8Path,
    /// A bundle of certificate authorities, where the system's are not enough.
    pub ca_certificates: Option<&'a Utf8Path>,
}

/// The invocations that do it, in order.
pub fn invocations(work: &PrefixWork, plan: &InstallPlan, paths: &StepPaths) -> Vec<Invocation> {
    let mut invocations = Vec::new();
    let install_list = (!plan.requirements.is_empty()).then(|| {
        let list = paths.lists.join(Lock::PYLOCK);
        uv_pip(paths, "install").args(["--requirements", list.as_str()])
    });
    match work {
        PrefixWork::Project => {}
        PrefixWork::Make => {
            invocations.push(create_prefix(plan, paths));
            invocations.extend(install_list);
        }
        PrefixWork::Change(changes) => {
            let DistributionChanges { removed, replaced, .. } = &changes.distributions;
            let leaving: Vec<&String> = removed.iter().chain(replaced).collect();
            // Those that are replaced too: uv 0.13 leaves the old version where a package has no RECORD, and says nothing, whereas
            // this fails. Before conda's packages, which may bring the same files now.
            invocations.extend((!leaving.is_empty()).then(|| uv_pip(paths, "uninstall").args(leaving)));
            invocations.extend(paths.conda.cloned());
            invocations.extend(install_list);
        }
    }
    invocations.push(install_projects(plan, paths));
    invocations
}

/// By a relative path: in an absolute one, uv takes `#` for the fragment of an address and `${NAME}` for a variable.
fn install_projects(plan: &InstallPlan, paths: &StepPaths) -> Invocation {
    let (parent, name) = (paths.project.parent(), paths.project.file_name().unwrap_or_default());
    let folders = plan.projects.iter().map(|it| it.folder.as_str()).chain([name]);
    let editable = folders.flat_map(|it| ["--editable".to_owned(), format!("./{it}")]);
    let install = uv_pip(paths, "install").arg("--no-deps").args(editable);
    parent.into_iter().fold(install, Invocation::current_dir)
}

fn create_prefix(plan: &InstallPlan, paths: &StepPaths) -> Invocation {
    if let Some(conda) = paths.conda {
        return conda.clone();
    }
    let python = plan.locked.as_ref().map_or(&plan.python, |it| &it.python);
    let venv = with_ca_certificates(Invocation::new(paths.uv.as_str()), paths.ca_certificates).args([
        "venv",
        "--quiet",
        "--no-project",
        // The directory is ours, and says that it is not whole yet.
        "--allow-existing",
    ]);
    let venv = if python.is_empty() { venv } else { venv.args(["--python", python]) };
    venv.arg(paths.prefix.as_str())
}

fn uv_pip(paths: &StepPaths, verb: &str) -> Invocation {
    with_ca_certificates(Invocation::new(paths.uv.as_str()), paths.ca_certificates)
        .args(["pip", verb, "--quiet", "--python"])
        .arg(paths.prefix.join("bin/python"))
}

#[cfg(test)]
mod tests {
    use environment::EnvironmentFile;
    use project::SolverChoice;
    use report::{Findings, Source};

    use super::*;

    fn plan(text: &str) -> InstallPlan {
        let environment = EnvironmentFile::parse(Source::new("environment.yml", text));
        InstallPlan::new(&environment, SolverChoice::Auto, &mut Findings::default()).unwrap()
    }

    fn paths(conda: &Invocation) -> StepPaths<'_> {
        StepPaths {
            uv: "/u/uv".into(),
            conda: Some(conda),
            lists: "/w".into(),
            prefix: "/r/.venv".into(),
            project: "/r/p".into(),
            ca_certificates: None,
        }
    }

    #[test]
    fn a_change_takes_away_first_what_is_replaced() {
        let conda = Invocation::new("python3").arg("install");
        let paths = paths(&conda);
        let changes = |removed: &[&str], replaced: &[&str]| {
            let names = |it: &[&str]| it.iter().map(|it| (*it).to_owned()).collect();
            let distributions =
                DistributionChanges { added: Vec::new(), removed: names(removed), replaced: names(replaced) };
            PrefixWork::Change(PrefixChanges { of_conda: true, distributions })
        };
        let verbs = |work: &PrefixWork, packages: &str| -> Vec<String> {
            let invocations = invocations(work, &plan(packages), &paths);
            invocations
                .iter()
                .map(|it| it.arguments().join(" ").replace("--quiet --python /r/.venv/bin/python ", ""))
                .collect()
        };
        assert_eq!(
            verbs(&changes(&["a"], &["b"]), "dependencies: [python, mkl, pip: [b]]\n"),
            [
                "pip uninstall a b",
                "install",
                "pip install --requirements /w/pylock.toml",
                "pip install --no-deps --editable ./p"
            ]
        );
        assert_eq!(
            verbs(&changes(&[], &[]), "dependencies: [python, mkl]\n"),
            ["install", "pip install --no-deps --editable ./p"]
        );
    }

    #[test]
    fn conda_makes_the_prefix_and_uv_adds_to_it() {
        let conda = Invocation::new("python3").args(["/e", "install", "/w/conda.json"]);
        let paths = StepPaths { ca_certificates: Some("/ca.pem".into()), ..paths(&conda) };
        let lines = |text: &str| -> Vec<String> {
            invocations(&PrefixWork::Make, &plan(text), &paths).iter().map(|it| it.arguments().join(" ")).collect()
        };
        assert_eq!(
            lines("dependencies: [python, mkl, pip: [tqdm]]\n"),
            [
                "/e install /w/conda.json",
                "pip install --quiet --python /r/.venv/bin/python --requirements /w/pylock.toml",
                "pip install --quiet --python /r/.venv/bin/python --no-deps --editable ./p",
            ]
        );
        let paths = StepPaths { conda: None, ..paths };
        let venv = create_prefix(&plan("dependencies: ['python>=3.11']\n"), &paths);
        assert_eq!(venv.arguments().join(" "), "venv --quiet --no-project --allow-existing --python >=3.11 /r/.venv");
        assert!(venv.to_string().contains("SSL_CERT_FILE=/ca.pem"), "{venv}");
    }
}
