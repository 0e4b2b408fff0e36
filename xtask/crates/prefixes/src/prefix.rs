//! The prefix of the native engine: built where it is missing or out of date.

use anyhow::{Context as _, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use environment::{
    ContextFile, LockedFiles, Platform, Solver,
    conda::CondaPlace,
    lock::{Lock, Pylock},
};
use inputs::{LockUse, Project, Recipe, recipe, run_on_host};
use process::{
    Files,
    files::{self, FileTree, NewFile},
};
use project::{Context, PlaceUse, file_address};
use report::Findings;
use solving::{CondaEngine, LentLogins, LocalSolver, SolveTarget, SolverHost, find_or_install_uv};

use crate::{
    by_hand::ask_before_it_is_lost,
    replacement::Replacement,
    state::{PrefixState, PrefixStep},
    steps::{PrefixWork, StepPaths, invocations},
};

/// Brings the prefix up to date with the dependency files, from the lock where it matches. Returns its path.
pub fn build(project: &Project) -> Result<Utf8PathBuf> {
    build_recipe(project, &recipe(project, &Platform::of_host(), LockUse::Prefer)?, Rebuild::IfNeeded)
}

/// When a prefix is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rebuild {
    IfNeeded,
    /// Also if it is up to date: what is in it may not be what was put there.
    Always,
}

/// Brings the prefix up to date with a recipe. Returns its path.
pub fn build_recipe(project: &Project, recipe: &Recipe, rebuild: Rebuild) -> Result<Utf8PathBuf> {
    let cx = project.cx;
    check_place(cx)?;
    let prefix = cx.layout.prefix();
    let wanted = PrefixState::new(&prefix, &recipe.plan, &project.pyproject);
    let state_file = prefix.join(PrefixState::FILE);
    let built = || {
        // An upgrade of this machine may have removed the interpreter that a virtual environment points to.
        let is_broken = project.plan.solver == Solver::Uv && !prefix.join("bin/python").exists();
        if is_broken || rebuild == Rebuild::Always { Ok(None) } else { read_state(&state_file) }
    };
    let replacement = Replacement::new(cx, &prefix);
    if wanted.step_from(built()?.as_ref()) == PrefixStep::Nothing && !replacement.is_pending() {
        return Ok(prefix);
    }
    let _lock = cx.lock()?;
    replacement.recover()?;
    // Whoever held the lock before may have done it.
    let built = built()?;
    match (wanted.step_from(built.as_ref()), built) {
        (PrefixStep::Nothing, _) => {}
        (PrefixStep::Project, Some(built)) => install_project(project, recipe, &wanted.with_installed_of(built))?,
        (_, built) => install_packages(project, recipe, &replacement, wanted, built.as_ref())?,
    }
    Ok(prefix)
}

fn install_project(project: &Project, recipe: &Recipe, wanted: &PrefixState) -> Result<()> {
    let (files, prefix) = (&project.cx.files, project.cx.layout.prefix());
    let state_file = prefix.join(PrefixState::FILE);
    // If this is killed, the project is installed again, whatever pyproject.toml says by then.
    write_state(files, &state_file, &wanted.clone().without_project())?;
    run_step(project, recipe, &prefix, &PrefixWork::Project)?;
    write_state(files, &state_file, wanted)
}

/// Changes the packages of a prefix that was built before, where that can be done, or makes it from nothing.
fn install_packages(
    project: &Project,
    recipe: &Recipe,
    replacement: &Replacement,
    wanted: PrefixState,
    built: Option<&PrefixState>,
) -> Result<()> {
    let (cx, prefix) = (project.cx, project.cx.layout.prefix());
    let name = cx.layout.relative(&prefix);
    replacement.require_own()?;
    recipe.show_remarks(cx);
    let solved = solved(project, recipe).with_context(|| format!("`{name}` was not built"))?;
    let wanted = wanted.with_installed(&solved.plan);
    let state_file = prefix.join(PrefixState::FILE);
    let changes = built.and_then(|it| wanted.changes_from(it));
    let work = match (changes, built) {
        (Some(changes), Some(built)) if changes.is_nothing() && wanted.has_project_of(built) => {
            return write_state(&cx.files, &state_file, &wanted);
        }
        (Some(changes), _) if changes.is_nothing() => return install_project(project, &solved, &wanted),
        (Some(changes), _) => PrefixWork::Change(changes),
        (None, built) => {
            built.map_or(Ok(()), |it| ask_before_it_is_lost(project, &prefix, it))?;
            PrefixWork::Make
        }
    };
    match &work {
        PrefixWork::Change(_) => replacement.start_from_old()?,
        _ => replacement.start()?,
    }
    run_step(project, &solved, &prefix, &work)
        .and_then(|()| write_state(&cx.files, &state_file, &wanted))
        .map_err(|error| replacement.undo(error))?;
    replacement.finish()
}

/// Builds a recipe at another path, where nothing is. The caller holds the repository's lock.
pub fn build_at(project: &Project, recipe: &Recipe, prefix: &Utf8Path) -> Result<()> {
    check_place(project.cx)?;
    run_step(project, recipe, prefix, &PrefixWork::Make)
}

/// Whether a prefix in this repository can work.
fn check_place(cx: &Context) -> Result<()> {
    match project::check_place(cx.layout.root(), PlaceUse::Prefix) {
        Some(finding) => Err(Findings::from(finding).into()),
        None => Ok(()),
    }
}

/// Notes that the prefix is up to date with the files, because they were written from it. A prefix that this tool has not
/// built is left alone. The caller holds the repository's lock.
pub fn mark_as_built(cx: &Context) -> Result<()> {
    let prefix = cx.layout.prefix();
    let state_file = prefix.join(PrefixState::FILE);
    let Some(built) = read_state(&state_file)? else { return Ok(()) };
    let project = Project::load(cx)?;
    let recipe = recipe(&project, &Platform::of_host(), LockUse::Prefer)?;
    if recipe.remarks.is_empty() {
        let wanted = PrefixState::new(&prefix, &recipe.plan, &project.pyproject);
        write_state(&cx.files, &state_file, &wanted.with_installed(&recipe.plan).with_project_of(built))?;
    }
    Ok(())
}

/// Removes the prefix, and what a killed build has left of one. A directory that this tool has not made is an error.
pub fn remove(cx: &Context) -> Result<()> {
    let prefix = cx.layout.prefix();
    let replacement = Replacement::new(cx, &prefix);
    replacement.recover()?;
    replacement.remove()
}

/// The directories that builds which were killed have left, and nobody needs.
pub fn leftovers(cx: &Context) -> Result<Vec<Utf8PathBuf>> {
    let prefix = cx.layout.prefix();
    Ok(Replacement::new(cx, &prefix).leftovers()?.into_iter().map(Utf8Path::to_owned).collect())
}

/// Removes what builds that were killed have left, and puts back the prefix that was there before them. The caller holds the
/// repository's lock.
pub fn recover(cx: &Context) -> Result<()> {
    Replacement::new(cx, &cx.layout.prefix()).recover()
}

/// Whether there is a prefix, or something left of one by a killed build.
pub fn exists(cx: &Context) -> bool {
    let prefix = cx.layout.prefix();
    prefix.exists() || Replacement::new(cx, &prefix).is_pending()
}

/// The prefix, if it is there and whole.
pub fn find_whole(cx: &Context) -> Option<Utf8PathBuf> {
    let prefix = cx.layout.prefix();
    (prefix.join(PrefixState::FILE).exists() && !Replacement::new(cx, &prefix).is_pending()).then_some(prefix)
}

/// Warns in a line where the prefix is out of date.
pub fn warn_if_stale(project: &Project) -> Result<()> {
    let state = describe_state(project)?;
    if state != UP_TO_DATE {
        let name = project.cx.layout.relative(&project.cx.layout.prefix());
        project.cx.ui.notice(format_args!("warning: `{name}` is {state}"));
    }
    Ok(())
}

/// Fails where there is only a part of a prefix: a build goes on, or was killed.
pub fn require_not_incomplete(cx: &Context) -> Result<()> {
    let prefix = cx.layout.prefix();
    ensure!(
        !Replacement::new(cx, &prefix).is_incomplete()?,
        "`{}` is not whole: a build goes on, or was ended; `cargo xtask build` finishes it",
        cx.layout.relative(&prefix)
    );
    Ok(())
}

const UP_TO_DATE: &str = "up to date";

/// In words, whether the prefix is up to date.
pub fn describe_state(project: &Project) -> Result<&'static str> {
    let prefix = project.cx.layout.prefix();
    let recipe = recipe(project, &Platform::of_host(), LockUse::Prefer)?;
    let wanted = PrefixState::new(&prefix, &recipe.plan, &project.pyproject);
    let built = read_state(&prefix.join(PrefixState::FILE))?;
    Ok(match (wanted.step_from(built.as_ref()), built) {
        (PrefixStep::Nothing, _) => UP_TO_DATE,
        (_, None) if Replacement::new(project.cx, &prefix).is_incomplete()? => {
            "not whole, because a build goes on or was ended: `cargo xtask build`"
        }
        (_, None) if !prefix.exists() => "not built yet: `cargo xtask build`",
        (_, None) => "not made by `cargo xtask`",
        _ => "out of date: `cargo xtask build`",
    })
}

fn write_state(files: &Files, path: &Utf8Path, state: &PrefixState) -> Result<()> {
    files.write(path, &NewFile::list(state.text()))
}

fn read_state(path: &Utf8Path) -> Result<Option<PrefixState>> {
    Ok(files::read_text_if_any(path)?.and_then(|text| PrefixState::parse(&text)))
}

/// The recipe with exact packages for this machine.
fn solved(project: &Project, recipe: &Recipe) -> Result<Recipe> {
    let host = || Ok(Box::new(LocalSolver { project, may_install_python: true }) as Box<dyn SolverHost>);
    solving::solved_recipe(project, recipe, &Platform::of_host(), SolveTarget::Host, host, false)
}

fn run_step(project: &Project, recipe: &Recipe, prefix: &Utf8Path, work: &PrefixWork) -> Result<()> {
    let (cx, plan) = (project.cx, &recipe.plan);
    let lists = cx.layout.work().join("native");
    write_lists(cx, recipe, prefix, &lists)?;
    let name = cx.layout.relative(prefix);
    match work {
        PrefixWork::Project => cx.ui.notice(format_args!("installing the project into `{name}` again")),
        PrefixWork::Change(changes) => cx.ui.notice(format_args!("changing `{name}`: {changes}")),
        PrefixWork::Make => {
            let (solver, reason) = (plan.solver.name(), &plan.reason);
            cx.ui.notice(format_args!("building `{name}` with {solver}, because {reason}"));
        }
    }
    let uv = find_or_install_uv(cx, &project.network)?;
    let is_for_conda = plan.solver == Solver::Conda && work.is_for_conda();
    let conda = if is_for_conda { Some(CondaEngine::find_or_install(project)?) } else { None };
    if let Some(conda) = &conda {
        conda.write_command(cx)?;
    }
    let conda = conda.map(|it| it.installation(cx, &lists.join(ContextFile::Conda.name())));
    let paths = StepPaths {
        uv: &uv,
        conda: conda.as_ref(),
        lists: &lists,
        prefix,
        project: &cx.layout.python_project(),
        ca_certificates: project.network.ca_certificates.as_deref(),
    };
    let logins = LentLogins::of(project)?;
    for invocation in invocations(work, plan, &paths) {
        let invocation = logins.on(cx.host.without_cargo(invocation));
        run_on_host(cx, &invocation).map_err(|error| work.explain(error, &name))?;
    }
    Ok(())
}

/// The list of pip's packages, with the files that were unbundled where no connection may be opened.
fn supplied(cx: &Context, pylock: &str) -> String {
    let supply = cx.layout.supply();
    match Pylock::parse(pylock) {
        Ok(parsed) if process::is_offline() && supply.is_dir() => {
            let find = |path: &str| Some(supply.join(path)).filter(|it| it.is_file()).map(|it| file_address(&it));
            parsed.supplied(find).text("cargo xtask")
        }
        _ => pylock.to_owned(),
    }
}

/// The package lists that uv and conda's installer read.
fn write_lists(cx: &Context, recipe: &Recipe, prefix: &Utf8Path, directory: &Utf8Path) -> Result<()> {
    let plan = &recipe.plan;
    let mut lists = FileTree::new();
    if let Some(LockedFiles { pylock, conda, .. }) = &plan.locked {
        lists.insert(Lock::PYLOCK.into(), NewFile::list(supplied(cx, pylock)));
        let cache = CondaEngine::cache(cx);
        let is_offline = CondaEngine::is_offline(cx);
        let place = CondaPlace { prefix: prefix.as_str(), cache: cache.as_str(), is_copied: false, is_offline };
        lists.extend(conda.as_ref().map(|it| (ContextFile::Conda.name().into(), NewFile::text(it.json(place)))));
    }
    cx.files.write_tree(directory, &lists)
}
