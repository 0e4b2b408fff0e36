//! A lock that solvers make, without building anything.

use std::collections::BTreeSet;

use anyhow::{Context as _, Error, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use environment::{
    EnvironmentFile, EnvironmentYml, InstallPlan, Platform, Solver, lock as locks,
    lock::{
        CondaFile, Lock, LockMatch, LockOrigin, PipFiles, SolveGoal, SolvedLock, Upgrade, conda_files, conda_records,
    },
    snapshot::Snapshot,
};
use inputs::{Engine, Project};
use prefixes::{self, uv};
use process::{
    Invocation,
    files::{self, FileTree, NewFile},
};

use super::{SnapshotSource, lock, snapshot};

/// The lock of what solvers would install on a platform for what is asked for now. What is pinned, and what the lock of
/// before has, is kept where it can be and `upgrade` does not say otherwise. `engine` is where this machine runs commands.
pub fn solve(
    project: &Project,
    platform: &Platform,
    engine: &Engine,
    old: Option<&Lock>,
    upgrade: &Upgrade,
) -> Result<Lock> {
    let environment = upgrade.without_pins(&project.environment, old)?;
    let plan = planned(project, &environment)?;
    let installed = installed(project, platform, engine);
    let libc = installed.as_ref().and_then(|it| it.libc.as_deref());
    let task = Task {
        project,
        plan: &plan,
        goal: SolveGoal { platform, libc, upgrade },
        uv: uv(project.cx, &project.network)?,
        directory: Utf8Path::new("solve").join(platform.folder()),
    };

    let old_of_solver = old.filter(|it| it.origin.solver == plan.solver);
    let conda = match plan.solver {
        Solver::Uv => Vec::new(),
        Solver::Conda => match old_of_solver.filter(|it| task.keeps_conda(it)) {
            Some(old) => old.conda.clone(),
            None => task.conda()?,
        },
    };
    let python = match plan.solver {
        Solver::Conda => python_of(&conda).context("conda's answer has no `python`")?,
        Solver::Uv => task.python(old, installed.as_ref())?,
    };
    let pylock = task.pip(&python, &conda, environment.environment(), old)?;
    let making = LockOrigin {
        solver: plan.solver,
        solver_version: lock::solver_version(project, plan.solver, &task.uv, false),
        base: old_of_solver.and_then(|it| it.origin.base.clone()),
    };
    let solved = SolvedLock { platform: platform.clone(), python, conda, origin: making, pylock };
    Lock::solved(solved, &project.thawed_intent(), &project.pyproject.name, old).map_err(Error::from)
}

/// What is to be solved, of another text of `environment.yml`.
fn planned(project: &Project, environment: &EnvironmentFile) -> Result<InstallPlan> {
    let mut findings = environment.findings().clone();
    let plan = InstallPlan::new(environment, project.settings.solver, &mut findings);
    plan.ok_or_else(|| findings.sorted().into())
}

/// What is installed here, where that is something for the platform: it knows the Python and the C library of the place.
fn installed(project: &Project, platform: &Platform, engine: &Engine) -> Option<Snapshot> {
    if engine.platform() != *platform {
        return None;
    }
    let from = if *engine == Engine::Native { Some(SnapshotSource::Native) } else { None };
    let taken = snapshot::take(project, from).ok()?;
    Some(taken.snapshot).filter(|it| it.platform == *platform)
}

/// conda's Python.
fn python_of(conda: &[CondaFile]) -> Option<String> {
    let packages = conda.iter().filter_map(CondaFile::name_version_build);
    packages.filter(|(name, ..)| *name == "python").map(|(_, version, _)| version.to_owned()).next()
}

/// One lock to be solved.
struct Task<'a> {
    project: &'a Project<'a>,
    plan: &'a InstallPlan,
    goal: SolveGoal<'a>,
    uv: Utf8PathBuf,
    /// Where the solvers' files are, in the scratch directory.
    directory: Utf8PathBuf,
}

impl Task<'_> {
    /// Whether conda has nothing to solve: what is asked of it is as it was. A solver of conda's knows no versions to keep.
    fn keeps_conda(&self, old: &Lock) -> bool {
        let changed = match inputs::compare_lock(old, self.project, self.goal.platform) {
            LockMatch::Exact => false,
            LockMatch::Changed(changed) => changed.needs_full_solve,
        };
        let mut names = old.conda.iter().filter_map(CondaFile::name_version_build);
        !changed && !names.any(|(name, ..)| self.goal.upgrade.has(name))
    }

    /// Asks micromamba.
    fn conda(&self) -> Result<Vec<CondaFile>> {
        let platform = self.goal.platform;
        let micromamba = self.project.cx.host.find_program("micromamba").context(
            "conda packages are asked for, and there is no `micromamba` in PATH to solve them; \
             https://mamba.readthedocs.io tells how to install it, or build and `cargo xtask freeze`",
        )?;
        let file = self.plan.conda_file.clone().unwrap_or_default();
        let list = self.project.cx.scratch.write(self.directory.join("conda.yml"), &NewFile::text(file))?;
        let prefix = list.with_file_name("prefix");
        let arguments = self.goal.conda_arguments(prefix.as_str(), list.as_str());
        let arguments = arguments.with_context(|| format!("conda has no packages for {platform}"))?;
        let mut invocation = self.trusting(Invocation::new(micromamba)).args(arguments);
        let (name, value) = self.goal.conda_override();
        // Who has set it knows more than is assumed here.
        if !self.project.cx.host.has(name) {
            invocation = invocation.env(name, value);
        }
        let reading = self.project.cx.runner.read(&invocation)?;
        let records = conda_records(&reading.stdout).map_err(|why| {
            let why = if reading.stderr.trim().is_empty() { why } else { reading.stderr.trim().to_owned() };
            Error::msg(format!("micromamba does not solve what is asked for on {platform}: {why}"))
        })?;
        conda_files(platform, &records).map_err(Error::from)
    }

    /// Which Python uv solves for: the first that is asked for of the one in the lock of this platform, in that of
    /// another, the installed one, the exact one of `environment.yml`, and one that uv finds here. The locks have no say
    /// where Python is to be upgraded.
    fn python(&self, old: Option<&Lock>, installed: Option<&Snapshot>) -> Result<String> {
        let (wanted, goal) = (self.plan.python.as_str(), &self.goal);
        let others = || {
            let platforms = Platform::SOLVABLE.iter().filter_map(|it| Platform::parse(it));
            platforms
                .filter(|it| it != goal.platform)
                .filter_map(|it| inputs::read_lock(self.project.cx, &it).ok().flatten())
        };
        let mut candidates = Vec::new();
        if !goal.upgrade.has_python() {
            candidates.extend(old.map(|it| it.python.clone()));
            candidates.extend(others().map(|it| it.python));
        }
        candidates.extend(installed.map(|it| it.interpreter.version.clone()));
        candidates.extend(locks::exact_python(wanted));
        if let Some(python) = locks::first_python(wanted, candidates.into_iter()) {
            return Ok(python);
        }
        let find = self.project.cx.host.without_cargo(Invocation::new(self.uv.as_str()));
        let find = find.args(["python", "find", "--no-project", "--show-version"]);
        let find = if wanted.is_empty() { find } else { find.arg(wanted) };
        let reading = self.project.cx.runner.read(&find)?;
        let found = reading.stdout.trim();
        if !reading.exit.success() || found.is_empty() {
            bail!(
                "no lock tells the version of Python for {}, and uv finds none here ({}); \
                 write it into `environment.yml`, such as `- python=3.12.4`",
                goal.platform,
                reading.stderr.trim()
            );
        }
        Ok(found.to_owned())
    }

    /// Asks uv; `None` where nothing is asked of it.
    fn pip(
        &self,
        python: &str,
        conda: &[CondaFile],
        environment: &EnvironmentYml,
        old: Option<&Lock>,
    ) -> Result<Option<String>> {
        let platform = self.goal.platform;
        let requirements = locks::pip_requirements(self.plan);
        if requirements.is_empty() {
            return Ok(None);
        }
        let of_conda = locks::conda_distributions(conda, environment);
        let constraints = of_conda.iter().map(|(name, version)| format!("{name}=={version}\n")).collect::<String>();
        let mut tree = FileTree::from([
            ("requirements.txt".into(), NewFile::text(requirements)),
            ("constraints.txt".into(), NewFile::text(constraints)),
        ]);
        // uv reads from it what it shall keep.
        tree.extend(old.map(|it| ("pylock.toml".into(), NewFile::text(it.installable(inputs::TOOL_VERSION).1))));
        let directory = self.project.cx.scratch.write_tree(&self.directory, &tree)?;

        let path = |name: &str| directory.join(name).into_string();
        let (requirements, constraints, pylock) =
            (path("requirements.txt"), path("constraints.txt"), path("pylock.toml"));
        let files = PipFiles { requirements: &requirements, constraints: &constraints, pylock: &pylock };
        let names: BTreeSet<String> = of_conda.into_iter().map(|(name, _)| name).collect();
        let invocation = self.trusting(Invocation::new(self.uv.as_str()));
        let reading = self.project.cx.runner.read(&invocation.args(self.goal.pip_arguments(python, files, &names)))?;
        if !reading.exit.success() {
            bail!("uv does not solve what is asked for on {platform}: {}", reading.stderr.trim());
        }
        files::read_text(Utf8Path::new(&pylock)).map(Some)
    }

    fn trusting(&self, invocation: Invocation) -> Invocation {
        prefixes::trusting(
            self.project.cx.host.without_cargo(invocation),
            self.project.network.ca_certificates.as_deref(),
        )
    }
}
