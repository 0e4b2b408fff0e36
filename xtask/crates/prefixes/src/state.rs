//! What a prefix was built from.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;

use environment::{InstallPlan, Solver, lock::Pylock};
use process::{IntoMap as _, IntoSet as _};
use project::Pyproject;

use crate::changes::PrefixChanges;

/// Everything that a prefix was built from, by name; stored in the prefix. The prefix is up to date while this is equal to
/// what it would be built from now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrefixState {
    asked: BTreeMap<String, String>,
    /// The exact packages that are in it; empty where they are not known yet.
    installed: BTreeMap<String, String>,
}

/// What has to be done to bring a prefix up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrefixStep {
    /// Put other packages into it, or make it from nothing.
    Packages,
    /// Install the project again, because only pyproject.toml has changed.
    Project,
    Nothing,
}

impl PrefixState {
    /// Where it is stored in the prefix.
    pub const FILE: &str = "xtask.json";

    /// The texts of pyproject.toml, the project's and those of local projects: the one part that can be brought up to date by itself.
    const PROJECT: &str = "project";
    /// The names of the local projects, and their folders.
    const LOCAL_PROJECTS: &str = "local projects";
    const PREFIX: &str = "prefix";
    const LINK_SCRIPTS: &str = "link scripts";

    /// What a prefix would be built from now. Its path is a part, because a prefix does not survive being moved.
    pub fn new(prefix: &Utf8Path, plan: &InstallPlan, pyproject: &Pyproject) -> Self {
        let scripts = if plan.solver == Solver::Conda { pyproject.link_scripts.join(" ") } else { String::new() };
        let texts =
            [pyproject].into_iter().chain(plan.projects.iter().map(|it| &*it.pyproject)).map(|it| it.text.as_str());
        let projects = plan.projects.iter().map(|it| format!("{} {}\n", it.name(), it.folder));
        let others = [
            (Self::PREFIX, prefix.to_string()),
            (Self::LOCAL_PROJECTS, projects.collect()),
            (Self::LINK_SCRIPTS, scripts),
            (Self::PROJECT, texts.collect::<Vec<_>>().join("\0")),
        ];
        let parts = plan.decisive().into_iter().chain(others);
        Self { asked: owned(parts), installed: BTreeMap::new() }
    }

    /// Reads what [`text`](Self::text) has written. `None` for the text of another version.
    pub fn parse(text: &str) -> Option<Self> {
        let [asked, installed] = serde_json::from_str(text).ok()?;
        Some(Self { asked, installed })
    }

    /// As JSON.
    pub fn text(&self) -> String {
        format!("{:#}", serde_json::json!([self.asked, self.installed]))
    }

    /// The same, with the packages of a plan that has been solved.
    #[must_use]
    pub fn with_installed(mut self, solved: &InstallPlan) -> Self {
        let is_exact = solved.locked.as_ref().is_some_and(|it| it.is_exact);
        self.installed = if is_exact { owned(solved.decisive().into_iter()) } else { BTreeMap::new() };
        self
    }

    /// The same, with the packages that are in a prefix of another state.
    #[must_use]
    pub fn with_installed_of(mut self, other: Self) -> Self {
        self.installed = other.installed;
        self
    }

    /// The distributions of pip's list that are in it, by normalised name; `None` where they are not known.
    pub fn distributions(&self) -> Option<BTreeSet<String>> {
        let pylock = Pylock::parse(self.installed.get("pylock")?).ok()?;
        Some(pylock.packages.into_keys().into_set())
    }

    /// The local projects that are in it, by normalised name.
    pub fn local_projects(&self) -> impl Iterator<Item = &str> {
        let lines = self.asked.get(Self::LOCAL_PROJECTS).into_iter().flat_map(|it| it.lines());
        lines.filter_map(|it| Some(it.split_once(' ')?.0))
    }

    /// Whether the project was the same in another state.
    pub fn has_project_of(&self, other: &Self) -> bool {
        self.asked.get(Self::PROJECT) == other.asked.get(Self::PROJECT)
    }

    /// The same, but with the pyproject.toml of another state.
    #[must_use]
    pub fn with_project_of(mut self, other: Self) -> Self {
        self.asked.extend(other.asked.into_iter().filter(|(name, _)| name == Self::PROJECT));
        self
    }

    /// The same, where the project is being installed again and hence of no known state.
    #[must_use]
    pub fn without_project(mut self) -> Self {
        self.asked.insert(Self::PROJECT.to_owned(), String::new());
        self
    }

    /// What has to be done to a prefix that was built from `built`, so that it is up to date with this.
    pub fn step_from(&self, built: Option<&Self>) -> PrefixStep {
        let Some(built) = built.filter(|it| it.asked.len() == self.asked.len()) else { return PrefixStep::Packages };
        let changed: Vec<&String> =
            self.asked.keys().filter(|it| self.asked.get(*it) != built.asked.get(*it)).collect();
        match changed[..] {
            [] => PrefixStep::Nothing,
            [name] if name == Self::PROJECT => PrefixStep::Project,
            _ => PrefixStep::Packages,
        }
    }

    /// How a prefix that was built from `built` becomes one of these packages. `None` where it has to be made from nothing.
    pub fn changes_from(&self, built: &Self) -> Option<PrefixChanges> {
        let is_same = |name: &str| self.asked.get(name) == built.asked.get(name);
        if !is_same(Self::PREFIX) || !is_same(Self::LINK_SCRIPTS) {
            return None;
        }
        let mut changes = PrefixChanges::between(&built.installed, &self.installed)?;
        let leaving = built.local_projects().filter(|it| !self.local_projects().any(|other| other == *it));
        changes.distributions.removed.extend(leaving.map(str::to_owned));
        // A script may write into a file that is still the old prefix's, too.
        let runs_scripts = self.asked.get(Self::LINK_SCRIPTS).is_some_and(|it| !it.is_empty());
        (!changes.of_conda || !runs_scripts).then_some(changes)
    }
}

fn owned<'a>(parts: impl Iterator<Item = (&'a str, String)>) -> BTreeMap<String, String> {
    parts.map(|(name, text)| (name.to_owned(), text)).into_map()
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
        assert_eq!(now.step_from(None), PrefixStep::Packages);
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
            PrefixStep::Packages
        );
        assert_eq!(
            now.step_from(Some(&state("/old/.venv", "dependencies: [python, pip: [tqdm]]\n", "a"))),
            PrefixStep::Packages
        );
    }
}
