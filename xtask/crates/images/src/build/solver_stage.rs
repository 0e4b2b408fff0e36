//! Solving for images, and in a stage of the Dockerfile where this machine cannot.

use anyhow::{Context as _, Result};
use camino::Utf8PathBuf;

use docker::{BuildRequest, BuilderOptions, CachePolicy, StageChoice};
use environment::{ContextFile, PinnedTool, Platform};
use inputs::{Project, Writer, build_access, explain_full_disk};
use process::{
    ProcessError,
    files::{self, FileTree, NewFile},
};
use project::{AptStage, DiskSpace};
use solving::{LocalSolver, PipAnswer, PipQuestion, PythonChoice, SolverHost};

use super::{
    BuildSources,
    dockerfile::{for_engine, with_own_caches},
    session::base_image_hint,
};
use crate::context::{ContextFolder, apt_file, conda_engine};

/// The stage of the Dockerfile that has the answer and nothing else.
const STAGE: &str = "answer";

/// A stage that solves what the build context asks, and gives its answer back as files. Docker alone is enough for it.
pub(crate) struct SolverStage<'a> {
    project: &'a Project<'a>,
    sources: &'a BuildSources,
}

/// Lets somebody solve: on this machine or, where it cannot and `has_docker`, in a stage.
pub fn with_solver<T>(
    project: &Project,
    has_docker: bool,
    solve: impl FnOnce(&dyn SolverHost) -> Result<T>,
) -> Result<T> {
    let local = LocalSolver { project, may_install_python: false };
    if !has_docker || local.lacks()?.is_none() {
        return solve(&local);
    }
    let sources = BuildSources::of(project)?;
    solve(&SolverStage { project, sources: &sources })
}

/// Solves for images: on this machine where it can, else in a stage. Which Python an image has, only a stage can tell.
pub(crate) struct ImageSolver<'a> {
    project: &'a Project<'a>,
    sources: &'a BuildSources,
    /// Whether this machine can solve for a known Python.
    is_local: bool,
}

impl<'a> ImageSolver<'a> {
    pub(crate) fn new(project: &'a Project<'a>, sources: &'a BuildSources) -> Result<Self> {
        let lacks = LocalSolver { project, may_install_python: false }.lacks()?;
        if let Some(why) = lacks {
            project.cx.ui.notice(format_args!("solving in a step of a build, because {why}"));
        }
        Ok(Self { project, sources, is_local: lacks.is_none() })
    }

    fn host(&self) -> Box<dyn SolverHost + '_> {
        let Self { project, sources, is_local } = *self;
        if is_local {
            Box::new(LocalSolver { project, may_install_python: false })
        } else {
            Box::new(SolverStage { project, sources })
        }
    }
}

impl SolverHost for ImageSolver<'_> {
    fn conda_cache(&self) -> Utf8PathBuf {
        self.host().conda_cache()
    }

    fn solve_conda(&self, platform: &Platform, request: String) -> Result<(String, String)> {
        self.host().solve_conda(platform, request)
    }

    fn solve_pip(&self, platform: &Platform, question: &PipQuestion) -> Result<Result<PipAnswer, String>> {
        let Self { project, sources, .. } = *self;
        let stage = SolverStage { project, sources };
        if let (true, PythonChoice::Found(python)) = (self.is_local, question.python) {
            project.cx.ui.notice("asking a step of a build which Python the image will have");
            let found = match stage.solve_pip(platform, &PipQuestion::of_python(python))? {
                Ok(answer) if !question.is_about_python_alone() => answer.python,
                answer => return Ok(answer),
            };
            return self.solve_pip(platform, &PipQuestion { python: PythonChoice::Known(&found), ..question.clone() });
        }
        match self.host().solve_pip(platform, question)? {
            Err(why) if self.is_local && is_about_building(&why) => {
                project.cx.ui.notice("solving in a step of a build, because this machine cannot build a package");
                stage.solve_pip(platform, question)
            }
            answer => Ok(answer),
        }
    }

    fn uv_version(&self) -> Result<Option<String>> {
        self.host().uv_version()
    }
}

/// Whether uv could not find out what a package from source needs. The stage has what `apt-build.txt` lists.
///
/// Seen with uv 0.13.9.
fn is_about_building(why: &str) -> bool {
    ["Failed to build", "Failed to download and build"].iter().any(|it| why.contains(it))
}

impl SolverStage<'_> {
    /// Lets the stage answer to these files, with compilers in it or without: what it has written, by name.
    fn ask(&self, question: FileTree, has_sources: bool) -> Result<impl Fn(&str) -> Result<String>> {
        let Project { cx, settings, network, plan, intent, .. } = self.project;
        let mut tree = self.sources.context.scripts();
        tree.extend(conda_engine());
        let tools = [(ContextFile::Uv, PinnedTool::Uv), (ContextFile::Rattler, PinnedTool::Rattler)];
        let lists = tools.map(|(file, tool)| (file, tool.requirements().to_owned()));
        let lists = lists.into_iter().chain([apt_file(intent, AptStage::Build)]);
        tree.extend(lists.map(|(file, text)| (file.name().into(), NewFile::list(text))));
        tree.extend(question.into_iter().map(|(name, file)| (ContextFolder::Question.join(&name), file)));
        let work = cx.layout.work().join("solve-in-docker");
        let (context, answer) = (work.join("context"), work.join("answer"));
        cx.files.write_tree(&context, &tree)?;
        cx.files.remove_dir(&answer)?;
        let request = BuildRequest {
            stage: STAGE,
            images: &[],
            settings,
            stages: StageChoice { has_sources, ..StageChoice::without_packages(plan.solver) },
            network,
            access: &build_access(self.project, plan)?,
            dockerfile: &for_engine(self.project, &cx.layout.dockerfile())?,
            context: &context,
            labels: &[],
            // An index may have something new.
            cache_policy: CachePolicy { no_cache_stages: &["solver".to_owned()], ..CachePolicy::default() },
            options: &BuilderOptions::of_builder(settings.builder.as_deref()),
        };
        let invocation = with_own_caches(self.project, request.to_directory(&answer))?;
        let output = cx.runner.read(&invocation)?;
        if !output.exit.success() {
            let said = output.stderr.trim().to_owned();
            let hint = if DiskSpace::is_missing_in(&said) {
                format!(" ({})", explain_full_disk(cx, Writer::Docker))
            } else {
                base_image_hint(cx, &settings.base_image)
            };
            let invocation = cx.runner.spoken(&invocation)?;
            let failed = Err(ProcessError::failed(&invocation, output.exit)).context(said);
            return failed.context(format!("nothing was solved{hint}"));
        }
        Ok(move |name: &str| files::read_text(&answer.join(name)))
    }
}

impl SolverHost for SolverStage<'_> {
    fn conda_cache(&self) -> Utf8PathBuf {
        "/var/cache/conda".into()
    }

    fn solve_conda(&self, _: &Platform, request: String) -> Result<(String, String)> {
        let answer = self.ask(FileTree::from([("conda.json".into(), NewFile::text(request))]), false)?;
        Ok((answer("printed")?, answer("said")?))
    }

    fn solve_pip(&self, _: &Platform, question: &PipQuestion) -> Result<Result<PipAnswer, String>> {
        let lines = |it: &[String]| NewFile::text(it.iter().map(|it| format!("{it}\n")).collect::<String>());
        let mut files = question.files.clone();
        files.insert("arguments".into(), lines(&question.arguments));
        let variables: Vec<String> = question.variable.iter().map(|(name, value)| format!("{name}={value}")).collect();
        files.insert("variables".into(), lines(&variables));
        match question.python {
            PythonChoice::Known(version) => files.insert("python-version".into(), NewFile::text(version)),
            PythonChoice::Found(wanted) => files.insert(ContextFile::Python.name().into(), NewFile::text(wanted)),
        };
        let mut answer = self.ask(files.clone(), false)?;
        let said = |answer: &dyn Fn(&str) -> Result<String>| -> Result<Option<String>> {
            if answer("exit")?.trim() == "0" { Ok(None) } else { answer("said").map(Some) }
        };
        if said(&answer)?.is_some_and(|it| is_about_building(&it)) {
            answer = self.ask(files, true)?;
        }
        if let Some(why) = said(&answer)? {
            return Ok(Err(why));
        }
        let pylock = if question.is_about_python_alone() { None } else { Some(answer("pylock.toml")?) };
        Ok(Ok(PipAnswer { python: answer("python-version")?.trim().to_owned(), pylock }))
    }

    fn uv_version(&self) -> Result<Option<String>> {
        Ok(Some(PinnedTool::Uv.version().to_owned()))
    }
}
