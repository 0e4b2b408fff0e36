//! Makes a lock by solving, without building anything: conda names by py-rattler, then pip names by uv.

use std::collections::BTreeMap;

use anyhow::{Context as _, Error, Result, anyhow};
use camino::Utf8Path;

use environment::{
    EnvironmentFile, InstallPlan, PinnedTool, Platform, Solver,
    conda::{AssumedSystem, CondaSolution, CondaSolve},
    lock as locks,
    lock::{
        CondaFile, IntentDifference, IntentList, LayerPlan, Lock, LockMatch, LockOrigin, SolveGoal, SolvedLock, Upgrade,
    },
};
use inputs::Project;
use process::{
    Invocation,
    files::{FileTree, NewFile},
};

use crate::{
    CondaEngine, PipAnswer, PipQuestion, PythonChoice, SolverHost, conda,
    host::REQUIREMENTS,
    system::{answer, assumed_system},
};

/// What a solver is told besides the dependency files.
#[derive(Debug, Clone, Copy)]
pub struct SolveBasis<'a> {
    pub platform: &'a Platform,
    /// The C library of the system that packages will run on, such as `glibc 2.36`, and where that was seen.
    pub libc: Option<(&'a str, &'a str)>,
    /// The version of Python that is installed.
    pub python: Option<&'a str>,
    /// Its versions are kept unless they no longer fit or `upgrade` has them.
    pub old: Option<&'a Lock>,
    pub upgrade: &'a Upgrade,
    /// How packages were cut into layers before; `None` to cut them anew.
    pub layers: Option<&'a LayerPlan>,
}

/// The lock for a platform of the present dependency files. Versions that are pinned are kept, too.
pub fn solve(project: &Project, basis: SolveBasis, host: &dyn SolverHost) -> Result<Lock> {
    let SolveBasis { platform, libc, old, upgrade, layers, .. } = basis;
    let environment = upgrade.without_pins(&project.environment, old)?;
    let plan = install_plan(project, &environment)?;
    let old_of_solver = old.filter(|it| it.origin.solver == plan.solver);
    let variant = inputs::lock_variant(project, platform);
    let has_prereleases = locks::has_prereleases(&plan);
    let goal = SolveGoal { platform, libc: libc.map(|it| it.0), upgrade, variant: variant.as_ref(), has_prereleases };
    let task = SolveTask { project, plan: &plan, goal, host };
    let (conda, system) = match plan.solver {
        Solver::Uv => (CondaSolution::default(), AssumedSystem::default()),
        Solver::Conda => task.solve_conda(old_of_solver, libc)?,
    };
    let known = match (plan.solver, &conda.python) {
        (Solver::Conda, Some(python)) => Some(python.clone()),
        (Solver::Conda, None) => return Err(locks::without_python(&environment).into()),
        (Solver::Uv, _) => task.known_python(old, basis.python),
    };
    locks::shadowed(&environment, &conda.distributions).into_result(())?;
    let python = known.as_deref().map_or(PythonChoice::Found(&plan.python), PythonChoice::Known);
    let PipAnswer { python, pylock } = task.solve_pip(python, &conda.distributions, old)?;
    let version = match plan.solver {
        Solver::Conda => Some(PinnedTool::Rattler.version().to_owned()),
        Solver::Uv => host.uv_version()?,
    };
    let base = old_of_solver.and_then(|it| it.origin.base.clone());
    let origin = LockOrigin { solver: plan.solver, solver_version: version, base, variant };
    let CondaSolution { files, distributions, base: needed, .. } = conda;
    let solved = SolvedLock {
        platform: platform.clone(),
        python,
        conda: files,
        conda_distributions: distributions,
        base: needed,
        system,
        origin,
        pylock,
    };
    Lock::solved(solved, &project.thawed_intent(), &project.pyproject.name, old, layers).map_err(Error::from)
}

/// The plan for another text of `environment.yml` than the one in the repository.
fn install_plan(project: &Project, environment: &EnvironmentFile) -> Result<InstallPlan> {
    let mut findings = environment.findings().clone();
    let plan = InstallPlan::new(environment, project.settings.solver, &mut findings);
    plan.ok_or_else(|| findings.sorted().into())
}

/// What the solvers are asked, and where their files are.
struct SolveTask<'a> {
    project: &'a Project<'a>,
    plan: &'a InstallPlan,
    goal: SolveGoal<'a>,
    host: &'a dyn SolverHost,
}

impl SolveTask<'_> {
    /// conda's packages, and the system that they are for. Where nothing has changed for conda, nobody is asked.
    fn solve_conda(&self, old: Option<&Lock>, libc: Option<(&str, &str)>) -> Result<(CondaSolution, AssumedSystem)> {
        let cx = self.project.cx;
        let system = assumed_system(self.project, self.goal.platform, libc)?;
        let changed = old.map(|it| inputs::compare_lock(it, self.project, self.goal.platform));
        let changed = match changed {
            Some(LockMatch::Changed(changed)) => changed,
            _ => IntentDifference::default(),
        };
        let is_kept = |it: &&Lock| !changed.needs_full_solve && it.system.is_same(&system) && !self.upgrades(it);
        if let Some(old) = old.filter(is_kept) {
            let distributions = old.conda_distributions.clone();
            let python = Some(old.python.clone());
            let solution =
                CondaSolution { files: old.conda.clone(), distributions, python, ..CondaSolution::default() };
            return Ok((solution, old.system.clone()));
        }
        let may_stay = |it: &&CondaFile| it.name_version_build().is_some_and(|(name, ..)| !self.goal.upgrade.has(name));
        let old = old.filter(|_| !changed.has_channels);
        let locked: Vec<CondaFile> = old.into_iter().flat_map(|it| &it.conda).filter(may_stay).cloned().collect();
        let intent = self.plan.conda.as_ref().context("the plan for conda has no packages of conda's")?;
        let request = CondaSolve {
            platform: self.goal.platform,
            intent,
            locked: &locked,
            system: &system,
            cache: &self.host.conda_cache(),
            channel_alias: cx.host.get("CONDA_CHANNEL_ALIAS"),
            is_offline: CondaEngine::is_offline(cx),
        };
        cx.ui.notice(format_args!("solving conda's packages for {}", self.goal.platform));
        let solution = conda::solve(self.project, &request, self.host)?;
        let instead = solution.without_conda(&self.project.intent.environment);
        if !instead.is_empty() {
            let instead = instead.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ");
            cx.ui.notice(format_args!(
                "your conda packages are Python distributions: if pip's will do, ask for {instead} below `- pip:`, and nothing \
                 needs conda"
            ));
        }
        Ok((solution, system))
    }

    /// Whether some of conda's packages in a lock may become others.
    fn upgrades(&self, old: &Lock) -> bool {
        let mut names = old.conda.iter().filter_map(CondaFile::name_version_build);
        names.any(|(name, ..)| self.goal.upgrade.has(name))
    }

    /// Which Python uv solves for: the first that environment.yml allows among the one in the old lock, those in the locks of
    /// other platforms, the installed one, and the exact one of environment.yml. The locks do not count where Python is
    /// upgraded. `None` where it has to be found.
    fn known_python(&self, old: Option<&Lock>, installed: Option<&str>) -> Option<String> {
        let (wanted, goal) = (self.plan.python.as_str(), &self.goal);
        let other_locks = || {
            let platforms = Platform::SOLVABLE.iter().filter_map(|it| Platform::parse(it));
            platforms
                .filter(|it| it != goal.platform)
                .filter_map(|it| inputs::read_lock(self.project, &it).ok().flatten())
        };
        let mut candidates = Vec::new();
        if !goal.upgrade.has_python() {
            candidates.extend(old.map(|it| it.python.clone()));
            candidates.extend(other_locks().map(|it| it.python));
        }
        candidates.extend(installed.map(str::to_owned));
        candidates.extend(locks::exact_python(wanted));
        locks::first_python(wanted, candidates.into_iter())
    }

    /// Python, and what uv chooses for it. `of_conda` are the distributions that conda brings: uv keeps their versions, and
    /// leaves their files to conda.
    fn solve_pip(
        &self,
        python: PythonChoice,
        of_conda: &BTreeMap<String, String>,
        old: Option<&Lock>,
    ) -> Result<PipAnswer> {
        let platform = self.goal.platform;
        let requirements = locks::pip_requirements(self.plan);
        let mut files = FileTree::new();
        if requirements.is_empty() {
            if let PythonChoice::Known(version) = python {
                return Ok(PipAnswer { python: version.to_owned(), pylock: None });
            }
        } else {
            let (of_conda_alone, of_conda) = locks::given_by_conda(of_conda);
            let constraints = self.plan.constraints.clone() + &of_conda_alone;
            files.extend(of_conda);
            files.insert(REQUIREMENTS.into(), NewFile::list(requirements));
            files.insert("constraints.txt".into(), NewFile::text(constraints));
            // uv keeps the versions of an output file that exists.
            files.extend(old.map(|it| ("pylock.toml".into(), NewFile::text(it.pylock_text(inputs::TOOL_VERSION)))));
        }
        let arguments = self.goal.pip_arguments(of_conda.keys().map(String::as_str));
        let system = platform.is_macos().then(|| assumed_system(self.project, platform, None)).transpose()?;
        let variable = system.and_then(|it| it.variable_for_uv());
        let question = PipQuestion { python, files, arguments, variable };
        let answer = self.host.solve_pip(platform, &question)?;
        answer.map_err(|why| {
            let hint = locks::newer_macos(&why).filter(|_| platform.is_macos());
            let hint = hint
                .map(|it| format!("\nto lock for macOS {it}, set MACOSX_DEPLOYMENT_TARGET={it}"))
                .unwrap_or_default();
            anyhow!("uv cannot solve environment.yml for {platform}: {why}{hint}{}", self.first_aid(&why))
        })
    }

    /// The lines that uv's words are about, and the system packages that a build in it has missed.
    fn first_aid(&self, why: &str) -> String {
        let mut lines = self.project.intent.lines_named_in(why.lines());
        lines.retain(|it| it.list == IntentList::Pip);
        let about = lines.iter().map(|it| {
            let is_unknown = why.lines().any(|line| line.contains(NOT_FOUND) && it.is_named_in(line));
            let meant = environment::meant_by(&it.name).filter(|_| is_unknown);
            format!("\nit is about {it}{}", meant.map(|it| format!("; did you mean `{it}`?")).unwrap_or_default())
        });
        let missing = self.project.intent.missing_in(why).into_iter().map(|it| format!("\n{it}"));
        about.chain(missing).collect()
    }
}

/// How uv says that an index does not have a name.
const NOT_FOUND: &str = "was not found in the package registry";

/// The version that uv tells; `None` where it does not.
pub fn version_of_uv(project: &Project, uv: &Utf8Path) -> Result<Option<String>> {
    let printed = answer(project, &Invocation::new(uv.as_str()).arg("--version"))?.unwrap_or_default();
    let mut words = printed.split_whitespace();
    Ok(words.find(|it| it.starts_with(|it: char| it.is_ascii_digit())).map(str::to_owned))
}
