//! The prefix: what it was made from, and the steps that make it.

use std::collections::BTreeMap;

use camino::Utf8Path;

use environment::{InstallPlan, LockedFiles, Solver};
use process::Invocation;
use project::Pyproject;

/// What a prefix was made from, by name, kept in it. It is up to date when this is what would be made now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrefixState(BTreeMap<String, String>);

/// What is to be done so that a prefix is what is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrefixStep {
    /// Make it anew.
    Everything,
    /// Install the project again: only its description has changed.
    Project,
    /// Nothing.
    Nothing,
}

impl PrefixState {
    /// The name of the file in the prefix that holds this.
    pub const FILE: &str = "xtask.json";

    /// The project's description is the one part that can be brought up to date by itself.
    const PROJECT: &str = "project";

    /// What a prefix at `prefix` would be made from now. Where it is belongs to it: a prefix does not survive being moved.
    pub fn new(prefix: &Utf8Path, plan: &InstallPlan, pyproject: &Pyproject) -> Self {
        let others = [("prefix", prefix.as_str()), (Self::PROJECT, pyproject.text.as_str())];
        let parts = plan.decisive().into_iter().chain(others);
        Self(parts.map(|(name, text)| (name.to_owned(), text.to_owned())).collect())
    }

    /// Reads what [`text`](Self::text) has written. What cannot be understood is another version's.
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Self)
    }

    /// JSON.
    pub fn text(&self) -> String {
        format!("{:#}", serde_json::json!(self.0))
    }

    /// The same, but for the project's description, which is as old as in `made`.
    #[must_use]
    pub fn with_project_of(mut self, mut made: Self) -> Self {
        self.0.extend(made.0.remove_entry(Self::PROJECT));
        self
    }

    /// What has to be done to a prefix that was made from `made`.
    pub fn step_from(&self, made: Option<&Self>) -> PrefixStep {
        let is_same = |made: &Self, name: &str| self.0.get(name) == made.0.get(name);
        let Some(made) = made.filter(|it| it.0.len() == self.0.len()) else { return PrefixStep::Everything };
        let changed: Vec<&String> = self.0.keys().filter(|name| !is_same(made, name)).collect();
        match changed[..] {
            [] => PrefixStep::Nothing,
            [name] if name == Self::PROJECT => PrefixStep::Project,
            _ => PrefixStep::Everything,
        }
    }
}

/// The programs and files that the steps use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepPaths<'a> {
    /// uv.
    pub uv: &'a Utf8Path,
    /// micromamba, where the plan needs it.
    pub micromamba: Option<&'a Utf8Path>,
    /// Where the lists are written.
    pub lists: &'a Utf8Path,
    /// The prefix.
    pub prefix: &'a Utf8Path,
    /// The Python project.
    pub project: &'a Utf8Path,
    /// Certificate authorities, where they are not the system's.
    pub ca_certificates: Option<&'a Utf8Path>,
}

/// The invocations that make a prefix, in order. Before [`PrefixStep::Everything`] the old one has to be gone.
pub fn steps(step: PrefixStep, plan: &InstallPlan, inputs: &StepPaths) -> Vec<Invocation> {
    let install_project = pip_install(inputs).args(["--no-deps", "--editable", inputs.project.as_str()]);
    match step {
        PrefixStep::Nothing => Vec::new(),
        PrefixStep::Project => vec![install_project],
        PrefixStep::Everything => {
            let mut invocations = vec![make_prefix(plan, inputs)];
            if plan.locked.as_ref().is_some_and(LockedFiles::is_exact) {
                let lock = inputs.lists.join("pylock.toml");
                invocations.push(pip_install(inputs).args(["--requirements", lock.as_str()]));
            } else if !plan.requirements.is_empty() {
                let list = inputs.lists.join("requirements.txt");
                invocations.push(pip_install(inputs).args(["--requirements", list.as_str()]));
            }
            invocations.push(install_project);
            invocations
        }
    }
}

fn make_prefix(plan: &InstallPlan, inputs: &StepPaths) -> Invocation {
    let locked = plan.locked.as_ref().filter(|it| it.is_exact());
    if let (Solver::Conda, Some(micromamba)) = (plan.solver, inputs.micromamba) {
        return trusting(Invocation::new(micromamba.as_str()), inputs.ca_certificates)
            .args(["create", "--yes", "--prefix", inputs.prefix.as_str(), "--file"])
            .arg(inputs.lists.join(if locked.is_some() { "conda.lock" } else { "conda.yml" }));
    }
    let python = locked.map_or(&plan.python, |it| &it.python);
    let venv =
        trusting(Invocation::new(inputs.uv.as_str()), inputs.ca_certificates).args(["venv", "--quiet", "--no-project"]);
    let venv = if python.is_empty() { venv } else { venv.args(["--python", python]) };
    venv.arg(inputs.prefix.as_str())
}

fn pip_install(inputs: &StepPaths) -> Invocation {
    trusting(Invocation::new(inputs.uv.as_str()), inputs.ca_certificates)
        .args(["pip", "install", "--quiet", "--python"])
        .arg(inputs.prefix.join("bin/python"))
}

/// Lets uv and micromamba trust these certificate authorities, where they are not the system's.
pub fn trusting(invocation: Invocation, bundle: Option<&Utf8Path>) -> Invocation {
    let names = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "MAMBA_SSL_VERIFY"];
    let variables = bundle.into_iter().flat_map(|it| names.map(|name| (name, it)));
    variables.fold(invocation, |invocation, (name, path)| invocation.env(name, path.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use environment::EnvironmentFile;
    use project::SolverChoice;
    use report::{Findings, Source};

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
        let inputs = StepPaths {
            uv: "/u/uv".into(),
            micromamba: Some("/m/micromamba".into()),
            lists: "/w".into(),
            prefix: "/r/.venv".into(),
            project: "/r/p".into(),
            ca_certificates: Some("/ca.pem".into()),
        };
        let lines = |text: &str| -> Vec<String> {
            steps(PrefixStep::Everything, &plan(text), &inputs).iter().map(|it| it.arguments().join(" ")).collect()
        };
        assert_eq!(
            lines("dependencies: [python, mkl, pip: [tqdm]]\n"),
            [
                "create --yes --prefix /r/.venv --file /w/conda.yml",
                "pip install --quiet --python /r/.venv/bin/python --requirements /w/requirements.txt",
                "pip install --quiet --python /r/.venv/bin/python --no-deps --editable /r/p",
            ]
        );
        assert_eq!(lines("dependencies: ['python>=3.11']\n")[0], "venv --quiet --no-project --python >=3.11 /r/.venv");
        let venv = make_prefix(&plan("dependencies: [python]\n"), &inputs).to_string();
        assert!(venv.contains("SSL_CERT_FILE=/ca.pem"), "{venv}");
    }
}
