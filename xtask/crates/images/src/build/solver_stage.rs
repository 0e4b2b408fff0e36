//! Solving in a stage of the Dockerfile, where this machine cannot.

use anyhow::{Context as _, Result};
use camino::Utf8PathBuf;

use docker::{BuildRequest, BuilderOptions, CachePolicy};
use environment::{ContextFile, PinnedTool, Platform, Solver};
use inputs::{Project, build_access};
use process::{
    ProcessError,
    files::{self, FileTree, NewFile},
};
use solving::{LocalSolver, SolverHost};

use super::BuildSources;
use crate::context::{ContextFolder, conda_engine};

/// The stage of the Dockerfile that has the answer and nothing else.
const STAGE: &str = "answer";

/// A stage that solves what the build context asks, and gives its answer back as files. Docker alone is enough for it.
pub(crate) struct SolverStage<'a> {
    project: &'a Project<'a>,
    sources: &'a BuildSources,
}

/// Lets somebody solve for conda, on this machine or, where it cannot and `has_docker`, in a stage.
pub fn with_solver<T>(
    project: &Project,
    has_docker: bool,
    solve: impl FnOnce(&dyn SolverHost) -> Result<T>,
) -> Result<T> {
    let local = LocalSolver { project };
    if !has_docker || project.plan.solver == Solver::Uv || local.lacks()?.is_none() {
        return solve(&local);
    }
    let sources = BuildSources::read(project.cx, &project.pyproject)?;
    solve(&*solver_host(project, &sources)?)
}

/// This machine where it can solve, else a stage.
pub(crate) fn solver_host<'a>(project: &'a Project, sources: &'a BuildSources) -> Result<Box<dyn SolverHost + 'a>> {
    let local = LocalSolver { project };
    Ok(match local.lacks()? {
        None => Box::new(local),
        Some(why) => {
            project.cx.ui.notice(format_args!("solving in a step of a build, because {why}"));
            Box::new(SolverStage { project, sources })
        }
    })
}

impl SolverStage<'_> {
    /// Lets the stage answer to these files: what it has written, by name.
    fn ask(&self, question: FileTree) -> Result<impl Fn(&str) -> Result<String>> {
        let Project { cx, settings, network, plan, .. } = self.project;
        let mut tree = self.sources.context.scripts();
        tree.extend(conda_engine());
        for (file, tool) in [(ContextFile::Uv, PinnedTool::Uv), (ContextFile::Rattler, PinnedTool::Rattler)] {
            tree.insert(file.name().into(), NewFile::list(tool.requirements()));
        }
        tree.extend(question.into_iter().map(|(name, file)| (ContextFolder::Question.join(&name), file)));
        let work = cx.layout.work().join("solve-in-docker");
        let (context, answer) = (work.join("context"), work.join("answer"));
        cx.files.write_tree(&context, &tree)?;
        cx.files.remove_dir(&answer)?;
        let request = BuildRequest {
            stage: STAGE,
            images: &[],
            settings,
            solver: plan.solver,
            network,
            access: &build_access(self.project, plan)?,
            dockerfile: &cx.layout.dockerfile(),
            context: &context,
            labels: &[],
            // An index may have something new.
            cache_policy: CachePolicy { no_cache_stage: Some("solver"), ..CachePolicy::default() },
            options: &BuilderOptions::default(),
        };
        let invocation = request.to_directory(&answer);
        let output = cx.runner.read(&invocation)?;
        if !output.exit.success() {
            let said = output.stderr.trim().to_owned();
            return Err(ProcessError::failed(&invocation, output.exit)).context(said).context("nothing was solved");
        }
        Ok(move |name: &str| files::read_text(&answer.join(name)))
    }
}

impl SolverHost for SolverStage<'_> {
    fn conda_cache(&self) -> Utf8PathBuf {
        "/var/cache/conda".into()
    }

    fn solve_conda(&self, _: &Platform, request: String) -> Result<(String, String)> {
        let answer = self.ask(FileTree::from([("conda.json".into(), NewFile::text(request))]))?;
        Ok((answer("printed")?, answer("said")?))
    }

    fn solve_pip(&self, _: &Platform, files: &FileTree, arguments: Vec<String>) -> Result<Result<String, String>> {
        let mut question = files.clone();
        question.insert(
            "arguments".into(),
            NewFile::text(arguments.iter().map(|it| format!("{it}\n")).collect::<String>()),
        );
        let answer = self.ask(question)?;
        let exit = answer("exit")?;
        if exit.trim() == "0" { answer("pylock.toml").map(Ok) } else { answer("said").map(Err) }
    }
}
