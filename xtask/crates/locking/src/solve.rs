//! Makes a lock by solving, without building anything: conda names by micromamba, pip names by uv.

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
use prefixes::LentLogins;
use process::{
    Invocation,
    files::{self, FileTree, NewFile},
};

use super::{SnapshotSource, lock, read_snapshot};

/// The lock for a platform of the present dependency files. Versions that are pinned, or in the old lock, are kept unless
/// they no longer fit or `upgrade` has them. `engine` is where this machine runs commands.
pub fn solve(
    project: &Project,
    platform: &Platform,
    engine: &Engine,
    old: Option<&Lock>,
    upgrade: &Upgrade,
) -> Result<Lock> {
    let environment = upgrade.without_pins(&project.environment, old)?;
    let plan = install_plan(project, &environment)?;
    let installed = installed_here(project, platform, engine);
    let libc = installed.as_ref().and_then(|it| it.libc.as_deref());
    let task = SolveTask {
        project,
        plan: &plan,
        goal: SolveGoal { platform, libc, upgrade },
        uv: prefixes::find_or_install_uv(project.cx, &project.network)?,
        logins: LentLogins::of(project)?,
        directory: Utf8Path::new("solve").join(platform.folder()),
    };

    let old_of_solver = old.filter(|it| it.origin.solver == plan.solver);
    let conda = match plan.solver {
        Solver::Uv => Vec::new(),
        Solver::Conda => match old_of_solver.filter(|it| task.keeps_conda(it)) {
            Some(old) => old.conda.clone(),
            None => task.solve_conda()?,
        },
    };
    let python = match plan.solver {
        Solver::Conda => {
            conda_python(&conda).context("micromamba solved without `python`: add it to environment.yml")?
        }
        Solver::Uv => task.choose_python(old, installed.as_ref())?,
    };
    let pylock = task.solve_pip(&python, &conda, environment.environment(), old)?;
    let origin = LockOrigin {
        solver: plan.solver,
        solver_version: lock::solver_version(project, plan.solver, &task.uv, false)?,
        base: old_of_solver.and_then(|it| it.origin.base.clone()),
    };
    let solved = SolvedLock { platform: platform.clone(), python, conda, origin, pylock };
    Lock::solved(solved, &project.thawed_intent(), &project.pyproject.name, old).map_err(Error::from)
}

/// The plan for another text of `environment.yml` than the one in the repository.
fn install_plan(project: &Project, environment: &EnvironmentFile) -> Result<InstallPlan> {
    let mut findings = environment.findings().clone();
    let plan = InstallPlan::new(environment, project.settings.solver, &mut findings);
    plan.ok_or_else(|| findings.sorted().into())
}

/// What is installed on this machine, if it is for the platform: it has the Python and the C library to solve for.
fn installed_here(project: &Project, platform: &Platform, engine: &Engine) -> Option<Snapshot> {
    if engine.platform() != *platform {
        return None;
    }
    let source = if *engine == Engine::Native { Some(SnapshotSource::Native) } else { None };
    let installed = read_snapshot(project, source).ok()?;
    Some(installed.snapshot).filter(|it| it.platform == *platform)
}

/// The version of conda's Python.
fn conda_python(conda: &[CondaFile]) -> Option<String> {
    let packages = conda.iter().filter_map(CondaFile::name_version_build);
    packages.filter(|(name, ..)| *name == "python").map(|(_, version, _)| version.to_owned()).next()
}

/// What the solvers are asked, and where their files are.
struct SolveTask<'a> {
    project: &'a Project<'a>,
    plan: &'a InstallPlan,
    goal: SolveGoal<'a>,
    uv: Utf8PathBuf,
    logins: LentLogins,
    /// In the scratch directory.
    directory: Utf8PathBuf,
}

impl SolveTask<'_> {
    /// Whether the old lock's conda packages stay as they are. micromamba cannot be told to keep versions, so it is asked only
    /// where something has changed for it.
    fn keeps_conda(&self, old: &Lock) -> bool {
        let changed = match inputs::compare_lock(old, self.project, self.goal.platform) {
            LockMatch::Exact => false,
            LockMatch::Changed(changed) => changed.needs_full_solve,
        };
        let mut names = old.conda.iter().filter_map(CondaFile::name_version_build);
        !changed && !names.any(|(name, ..)| self.goal.upgrade.has(name))
    }

    fn solve_conda(&self) -> Result<Vec<CondaFile>> {
        let platform = self.goal.platform;
        let micromamba = self.project.cx.host.find_program("micromamba").context(
            "environment.yml has conda packages, and `micromamba` is not in PATH to solve them; \
             https://mamba.readthedocs.io shows how to install it, or build and run `cargo xtask freeze`",
        )?;
        let file = self.plan.conda_file.clone().unwrap_or_default();
        let list = self.project.cx.scratch.write(self.directory.join("conda.yml"), &NewFile::list(file))?;
        let prefix = list.with_file_name("prefix");
        let arguments = self.goal.conda_arguments(prefix.as_str(), list.as_str());
        let arguments = arguments.with_context(|| format!("conda has no packages for {platform}"))?;
        let mut invocation = self.for_downloads(Invocation::new(micromamba)).args(arguments);
        let (name, value) = self.goal.conda_override();
        // A user who has set it knows the target better than this guess.
        if !self.project.cx.host.has(name) {
            invocation = invocation.env(name, value);
        }
        let output = self.project.cx.runner.read(&invocation)?;
        let records = conda_records(&output.stdout).map_err(|why| {
            let why = if output.stderr.trim().is_empty() { why } else { output.stderr.trim().to_owned() };
            Error::msg(format!("micromamba cannot solve environment.yml for {platform}: {why}"))
        })?;
        conda_files(platform, &records).map_err(Error::from)
    }

    /// Which Python uv solves for: the first that environment.yml allows among the one in the old lock, those in the locks of
    /// other platforms, the installed one, the exact one of environment.yml, and one that uv finds here. The locks do not
    /// count where Python is upgraded.
    fn choose_python(&self, old: Option<&Lock>, installed: Option<&Snapshot>) -> Result<String> {
        let (wanted, goal) = (self.plan.python.as_str(), &self.goal);
        let other_locks = || {
            let platforms = Platform::SOLVABLE.iter().filter_map(|it| Platform::parse(it));
            platforms
                .filter(|it| it != goal.platform)
                .filter_map(|it| inputs::read_lock(self.project.cx, &it).ok().flatten())
        };
        let mut candidates = Vec::new();
        if !goal.upgrade.has_python() {
            candidates.extend(old.map(|it| it.python.clone()));
            candidates.extend(other_locks().map(|it| it.python));
        }
        candidates.extend(installed.map(|it| it.interpreter.version.clone()));
        candidates.extend(locks::exact_python(wanted));
        if let Some(python) = locks::first_python(wanted, candidates.into_iter()) {
            return Ok(python);
        }
        let find = self.project.cx.host.without_cargo(Invocation::new(self.uv.as_str()));
        let find = find.args(["python", "find", "--no-project", "--show-version"]);
        let find = if wanted.is_empty() { find } else { find.arg(wanted) };
        let output = self.project.cx.runner.read(&find)?;
        let found = output.stdout.trim();
        if !output.exit.success() || found.is_empty() {
            bail!(
                "no lock has a version of Python for {}, and uv finds none here ({}); \
                 write one into `environment.yml`, such as `- python=3.12.4`",
                goal.platform,
                output.stderr.trim()
            );
        }
        Ok(found.to_owned())
    }

    /// uv's pylock.toml; `None` where environment.yml has no pip packages.
    fn solve_pip(
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
            ("requirements.txt".into(), NewFile::list(requirements)),
            ("constraints.txt".into(), NewFile::text(constraints)),
        ]);
        // uv keeps the versions of an output file that exists.
        tree.extend(old.map(|it| ("pylock.toml".into(), NewFile::text(it.installable(inputs::TOOL_VERSION).1))));
        let directory = self.project.cx.scratch.write_tree(&self.directory, &tree)?;

        let path = |name: &str| directory.join(name).into_string();
        let (requirements, constraints, pylock) =
            (path("requirements.txt"), path("constraints.txt"), path("pylock.toml"));
        let files = PipFiles { requirements: &requirements, constraints: &constraints, pylock: &pylock };
        let names: BTreeSet<String> = of_conda.into_iter().map(|(name, _)| name).collect();
        let invocation = self.for_downloads(Invocation::new(self.uv.as_str()));
        let output = self.project.cx.runner.read(&invocation.args(self.goal.pip_arguments(python, files, &names)))?;
        if !output.exit.success() {
            bail!("uv cannot solve environment.yml for {platform}: {}", output.stderr.trim());
        }
        files::read_text(Utf8Path::new(&pylock)).map(Some)
    }

    fn for_downloads(&self, invocation: Invocation) -> Invocation {
        let invocation = self.logins.on(self.project.cx.host.without_cargo(invocation));
        prefixes::with_ca_certificates(invocation, self.project.network.ca_certificates.as_deref())
    }
}
