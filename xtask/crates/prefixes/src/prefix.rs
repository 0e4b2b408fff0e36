//! The prefix of the native engine, made where it is missing or not what is asked for.

use anyhow::{Context as _, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use environment::{Platform, Solver};
use inputs::{LockUse, Project, Recipe, recipe};
use process::{
    Files,
    files::{self, FileTree, NewFile},
};
use project::{Context, Network};

use crate::{PrefixState, PrefixStep, StepPaths, UvProgram};

/// Makes the prefix what is asked for, and says where it is.
pub fn build(project: &Project) -> Result<Utf8PathBuf> {
    build_from(project, &recipe(project, &Platform::of_host(), LockUse::Prefer)?)
}

/// Makes the prefix what a recipe says, and says where it is.
pub fn build_from(project: &Project, recipe: &Recipe) -> Result<Utf8PathBuf> {
    let prefix = project.cx.layout.prefix();
    let wanted = PrefixState::new(&prefix, &recipe.plan, &project.pyproject);
    let state = prefix.join(PrefixState::FILE);
    let step = || {
        // An upgrade of this machine may have taken the interpreter away that a virtual environment points to.
        let is_broken = project.plan.solver == Solver::Uv && !prefix.join("bin/python").exists();
        let made = if is_broken { None } else { read_state(&state)? };
        anyhow::Ok(wanted.step_from(made.as_ref()))
    };
    if project.cx.is_dry_run() {
        make(project, recipe, &prefix, step()?, || Ok(()))?;
        return Ok(prefix);
    }
    if step()? == PrefixStep::Nothing {
        return Ok(prefix);
    }
    let _lock = project.cx.lock()?;
    // Whoever held the lock may have done it.
    let step = step()?;
    if step == PrefixStep::Everything {
        let replacement = Replacement::begin(project.cx.files, &prefix, &project.cx.layout.work())?;
        make(project, recipe, &prefix, step, || replacement.begun()).map_err(|error| replacement.undo(error))?;
        write_state(project.cx.files, &state, &wanted)?;
        replacement.finish()?;
    } else {
        make(project, recipe, &prefix, step, || Ok(()))?;
        write_state(project.cx.files, &state, &wanted)?;
    }
    Ok(prefix)
}

/// Makes what a recipe says in another prefix, where nothing is. The caller holds the repository's lock.
pub fn build_again(project: &Project, recipe: &Recipe, prefix: &Utf8Path) -> Result<()> {
    make(project, recipe, prefix, PrefixStep::Everything, || Ok(()))
}

/// Notes that the prefix is what the files say, which have been written from it: nothing has to be made anew. One that we
/// have not made is left alone. The caller holds the repository's lock.
pub fn keep(cx: &Context) -> Result<()> {
    let prefix = cx.layout.prefix();
    let state = prefix.join(PrefixState::FILE);
    let Some(made) = read_state(&state)? else { return Ok(()) };
    let project = Project::load(cx)?;
    let recipe = recipe(&project, &Platform::of_host(), LockUse::Prefer)?;
    if recipe.remarks.is_empty() {
        let wanted = PrefixState::new(&prefix, &recipe.plan, &project.pyproject);
        write_state(project.cx.files, &state, &wanted.with_project_of(made))?;
    }
    Ok(())
}

/// Removes the prefix, and what a build that was killed has left of one. One that something else has made is left alone.
pub fn remove(cx: &Context) -> Result<()> {
    let prefix = cx.layout.prefix();
    Replacement::begin(cx.files, &prefix, &cx.layout.work())?.finish()
}

/// In words, whether the prefix is what is asked for.
pub fn state(project: &Project) -> Result<&'static str> {
    let prefix = project.cx.layout.prefix();
    let wanted =
        PrefixState::new(&prefix, &recipe(project, &Platform::of_host(), LockUse::Prefer)?.plan, &project.pyproject);
    let made = read_state(&prefix.join(PrefixState::FILE))?;
    Ok(match (wanted.step_from(made.as_ref()), made) {
        (PrefixStep::Nothing, _) => "up to date",
        (_, None) if !prefix.exists() => "not built yet: `cargo xtask build`",
        (_, None) => "not made by `cargo xtask`",
        _ => "out of date: `cargo xtask build`",
    })
}

fn write_state(files: Files, path: &Utf8Path, state: &PrefixState) -> Result<()> {
    files.write(path, &NewFile::text(state.text()))
}

fn read_state(path: &Utf8Path) -> Result<Option<PrefixState>> {
    Ok(files::read_text_if_any(path)?.and_then(|text| PrefixState::parse(&text)))
}

/// A prefix that is being made anew. A prefix cannot be moved once it is made, so the old one steps aside, and comes back
/// when the new one cannot be made.
struct Replacement<'a> {
    files: Files,
    prefix: &'a Utf8Path,
    /// Where the old one waits.
    aside: Utf8PathBuf,
    /// There while the prefix is half made, and says which directory that is: what a killed build has left is ours.
    begun: Utf8PathBuf,
}

impl<'a> Replacement<'a> {
    /// Makes room for a new prefix. What is there and was not made by us is left alone, with an error.
    fn begin(files: Files, prefix: &'a Utf8Path, work: &Utf8Path) -> Result<Self> {
        let replacement = Self { files, prefix, aside: work.join("prefix-aside"), begun: work.join("prefix-begun") };
        if prefix.join(PrefixState::FILE).exists() {
            files.remove_dir(&replacement.aside)?;
            files.rename(prefix, &replacement.aside)?;
        } else if prefix.exists() {
            let left_by_us = files::read_text_if_any(&replacement.begun)?;
            if left_by_us.is_none_or(|identity| files::identity(prefix).is_ok_and(|it| it != identity)) {
                bail!("`{prefix}` was not made by `cargo xtask`; move it away or remove it, and try again");
            }
            files.remove_dir(prefix)?;
        }
        files.remove_file(&replacement.begun)?;
        Ok(replacement)
    }

    /// Remembers the directory, as soon as there is one.
    fn begun(&self) -> Result<()> {
        self.files.write(&self.begun, &NewFile::text(files::identity(self.prefix)?))
    }

    /// Puts the old prefix back, if there was one.
    fn undo(&self, error: anyhow::Error) -> anyhow::Error {
        let restored = self
            .files
            .remove_dir(self.prefix)
            .and_then(|()| if self.aside.exists() { self.files.rename(&self.aside, self.prefix) } else { Ok(()) });
        match restored.and_then(|()| self.files.remove_file(&self.begun)) {
            Ok(()) => error,
            Err(also) => error.context(format!("and the old environment was not put back ({also:#})")),
        }
    }

    fn finish(self) -> Result<()> {
        self.files.remove_file(&self.begun)?;
        self.files.remove_dir(&self.aside)
    }
}

/// Does a step; `begun` is called when there is a directory.
fn make(
    project: &Project,
    recipe: &Recipe,
    prefix: &Utf8Path,
    step: PrefixStep,
    begun: impl Fn() -> Result<()>,
) -> Result<()> {
    let plan = &recipe.plan;
    let micromamba = match plan.solver {
        Solver::Uv => None,
        Solver::Conda => Some(project.cx.host.find_program("micromamba").context(
            "conda packages are asked for, and there is no `micromamba` in PATH; \
             https://mamba.readthedocs.io tells how to install it, or use Docker, which brings its own",
        )?),
    };
    let lists = project.cx.layout.work().join("native");
    let mut tree = FileTree::from([("requirements.txt".into(), NewFile::text(plan.requirements.clone()))]);
    tree.extend(plan.conda_file.clone().map(|it| ("conda.yml".into(), NewFile::text(it))));
    if let Some(locked) = &plan.locked {
        tree.insert("pylock.toml".into(), NewFile::text(&locked.pylock));
        tree.extend(locked.conda.as_ref().map(|it| ("conda.lock".into(), NewFile::text(it))));
    }
    project.cx.files.write_tree(&lists, &tree)?;

    let name = project.cx.layout.relative(prefix);
    match step {
        PrefixStep::Nothing => return Ok(()),
        PrefixStep::Project => project.cx.ui.notice(format_args!("installing the project into `{name}` again")),
        PrefixStep::Everything => {
            recipe.show_remarks(project.cx);
            let reason = match &plan.locked {
                // Only an image gets what differs over what is locked.
                Some(locked) if !locked.is_exact() => {
                    "the pip packages have changed: everything is solved again, and pinned versions are kept"
                }
                _ => plan.reason.as_str(),
            };
            project.cx.ui.notice(format_args!("making `{name}` with {}, because {reason}", plan.solver.name()));
        }
    }
    let uv = uv(project.cx, &project.network)?;
    let paths = StepPaths {
        uv: &uv,
        micromamba: micromamba.as_deref(),
        lists: &lists,
        prefix,
        project: &project.cx.layout.python_project(),
        ca_certificates: project.network.ca_certificates.as_deref(),
    };
    for invocation in crate::steps(step, plan, &paths) {
        let invocation = project.cx.host.without_cargo(invocation);
        project.cx.runner.succeed(&invocation).with_context(|| format!("`{name}` was not made"))?;
        begun()?;
    }
    Ok(())
}

/// Where uv is, installed first if it is nowhere.
pub fn uv(cx: &Context, network: &Network) -> Result<Utf8PathBuf> {
    let work = cx.layout.work();
    let uv = UvProgram::uv(&cx.host, &work);
    if matches!(&uv, UvProgram::Ours(path) if !path.exists()) {
        cx.runner.succeed(&crate::uv_installation(&work, network.ca_certificates.as_deref())).with_context(|| {
            "there is no `uv` in PATH and it could not be installed from PyPI; \
             https://docs.astral.sh/uv tells how to install it"
        })?;
    }
    Ok(uv.path().to_owned())
}
