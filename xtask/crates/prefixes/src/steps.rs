//! What a prefix was built from, and the invocations that bring it up to date: pure functions of the plan.

use std::collections::BTreeMap;

use camino::Utf8Path;

use environment::{InstallPlan, Solver};
use process::{IntoMap as _, Invocation};
use project::Pyproject;

use solving::with_ca_certificates;

/// Everything that a prefix was built from, by name; stored in the prefix. The prefix is up to date while this is equal to
/// what it would be built from now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrefixState(BTreeMap<String, String>);

/// What has to be done to bring a prefix up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrefixStep {
    /// Build it from nothing.
    Everything,
    /// Install the project again, because only pyproject.toml has changed.
    Project,
    Nothing,
}

impl PrefixState {
    /// Where it is stored in the prefix.
    pub const FILE: &str = "xtask.json";

    /// The text of pyproject.toml, the one part that can be brought up to date by itself.
    const PROJECT: &str = "project";

    /// What a prefix would be built from now. Its path is a part, because a prefix does not survive being moved.
    pub fn new(prefix: &Utf8Path, plan: &InstallPlan, pyproject: &Pyproject) -> Self {
        let scripts = if plan.solver == Solver::Conda { pyproject.link_scripts.join(" ") } else { String::new() };
        let others =
            [("prefix", prefix.to_string()), ("link scripts", scripts), (Self::PROJECT, pyproject.text.clone())];
        let parts = plan.decisive().into_iter().chain(others);
        Self(parts.map(|(name, text)| (name.to_owned(), text)).into_map())
    }

    /// Reads what [`text`](Self::text) has written. `None` for the text of another version.
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Self)
    }

    /// As JSON.
    pub fn text(&self) -> String {
        format!("{:#}", serde_json::json!(self.0))
    }

    /// The same, but with the pyproject.toml of another state.
    #[must_use]
    pub fn with_project_of(mut self, other: Self) -> Self {
        self.0.extend(other.0.into_iter().filter(|(name, _)| name == Self::PROJECT));
        self
    }

    /// The same, where the project is being installed again and hence of no known state.
    #[must_use]
    pub fn without_project(mut self) -> Self {
        self.0.insert(Self::PROJECT.to_owned(), String::new());
        self
    }

    /// What has to be done to a prefix that was built from `built`, so that it is up to date with this.
    pub fn step_from(&self, built: Option<&Self>) -> PrefixStep {
        let Some(built) = built.filter(|it| it.0.len() == self.0.len()) else { return PrefixStep::Everything };
        let changed: Vec<&String> = self.0.keys().filter(|name| self.0.get(*name) != built.0.get(*name)).collect();
        match changed[..] {
            [] => PrefixStep::Nothing,
            [name] if name == Self::PROJECT => PrefixStep::Project,
            _ => PrefixStep::Everything,
        }
    }
}

/// The programs and files that a step uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepPaths<'a> {
    pub uv: &'a Utf8Path,
    /// What installs conda's packages, where the plan is for conda.
    pub conda: Option<&'a Invocation>,
    /// The directory of the package lists.
    pub lists: &'a Utf8Path,
    pub prefix: &'a Utf8Path,
    /// The directory of pyproject.toml.
    pub project: &'a Utf8Path,
    /// A bundle of certificate authorities, where the system's are not enough.
    pub ca_certificates: Option<&'a Utf8Path>,
}

/// The invocations of a step, in order. For [`PrefixStep::Everything`], nothing must be in the prefix.
pub fn invocations(step: PrefixStep, plan: &InstallPlan, paths: &StepPaths) -> Vec<Invocation> {
    let install_project = install_project(paths);
    match step {
        PrefixStep::Nothing => Vec::new(),
        PrefixStep::Project => vec![install_project],
        PrefixStep::Everything => {
            let mut invocations = vec![create_prefix(plan, paths)];
            if !plan.requirements.is_empty() {
                let lock = paths.lists.join("pylock.toml");
                invocations.push(pip_install(paths).args(["--requirements", lock.as_str()]));
            }
            invocations.push(install_project);
            invocations
        }
    }
}

/// By a relative path: in an absolute one, uv takes `#` for the fragment of an address and `${NAME}` for a variable.
fn install_project(paths: &StepPaths) -> Invocation {
    let (parent, name) = (paths.project.parent(), paths.project.file_name().unwrap_or_default());
    let install = pip_install(paths).args(["--no-deps".to_owned(), "--editable".to_owned(), format!("./{name}")]);
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

fn pip_install(paths: &StepPaths) -> Invocation {
    with_ca_certificates(Invocation::new(paths.uv.as_str()), paths.ca_certificates)
        .args(["pip", "install", "--quiet", "--python"])
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

    fn state(prefix: &str, environment: &str, project: &str) -> PrefixState {
        let pyproject = Source::new("pyproject.toml", format!("[project]\nname = '{project}'\n"));
        let pyproject = Pyproject::parse(&pyproject, &mut Findings::default()).unwrap();
        PrefixState::new(prefix.into(), &plan(environment), &pyproject)
    }

    #[test]
    fn only_what_changed_is_done_again() {
        let now = state("/r/.venv", "dependencies: [python, pip: [tqdm]]\n", "a");
        assert_eq!(now.step_from(None), PrefixStep::Everything);
        assert_eq!(
            now.step_from(Some(&state("/r/.venv", "# x\ndependencies: [python, pip: [tqdm]]\n", "a"))),
            PrefixStep::Nothing
        );
        assert_eq!(
            now.step_from(Some(&state("/r/.venv", "dependencies: [python, pip: [tqdm]]\n", "b"))),
            PrefixStep::Project
        );
        assert_eq!(
            now.step_from(Some(&state("/r/.venv", "dependencies: [python, pip: [tqdm, x]]\n", "a"))),
            PrefixStep::Everything
        );
        assert_eq!(
            now.step_from(Some(&state("/old/.venv", "dependencies: [python, pip: [tqdm]]\n", "a"))),
            PrefixStep::Everything
        );
    }

    #[test]
    fn conda_makes_the_prefix_and_uv_adds_to_it() {
        let conda = Invocation::new("python3").args(["/e", "install", "/w/conda.json"]);
        let paths = StepPaths {
            uv: "/u/uv".into(),
            conda: Some(&conda),
            lists: "/w".into(),
            prefix: "/r/.venv".into(),
            project: "/r/p".into(),
            ca_certificates: Some("/ca.pem".into()),
        };
        let lines = |text: &str| -> Vec<String> {
            invocations(PrefixStep::Everything, &plan(text), &paths).iter().map(|it| it.arguments().join(" ")).collect()
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
