//! The files of the repository that images are built from.

use std::cell::OnceCell;

use anyhow::{Context as _, Result};

use docker::BuildRequest;
use environment::LocalProject;
use inputs::{InputFiles, Project};
use installation::{Dockerfile, Expected};
use project::{Context, Pyproject};
use report::{Findings, Source};

use crate::{
    Target,
    context::{ContextSources, context_files},
};

/// The Dockerfile and what is copied into the build context, read once for all targets and platforms.
#[derive(Debug)]
pub(crate) struct BuildSources {
    dockerfile: Source,
    pub(crate) context: ContextSources,
    parsed: OnceCell<(Dockerfile, Findings)>,
}

impl BuildSources {
    /// A Dockerfile that is missing or is not text is an error, and so is what is not a file of the repository.
    pub(crate) fn of(project: &Project) -> Result<Self> {
        let mut findings = Findings::default();
        let locals = &project.plan.projects;
        let sources = Self::read_if_possible(project.cx, &project.pyproject, locals, &mut findings)?;
        findings.into_result(sources)?.context("the Dockerfile could not be read")
    }

    /// As [`of`](Self::of), but `None` and a finding where the Dockerfile cannot be read.
    pub(crate) fn read_if_possible(
        cx: &Context,
        pyproject: &Pyproject,
        projects: &[LocalProject],
        findings: &mut Findings,
    ) -> Result<Option<Self>> {
        let Some(dockerfile) = InputFiles::required(&cx.layout, &cx.layout.dockerfile(), findings)? else {
            return Ok(None);
        };
        let context = ContextSources::load(&cx.layout, pyproject, projects, findings)
            .context("the build context cannot be read")?;
        Ok(Some(Self { dockerfile, context, parsed: OnceCell::new() }))
    }

    pub(crate) fn dockerfile_source(&self) -> &Source {
        &self.dockerfile
    }

    pub(crate) fn dockerfile_text(&self) -> &str {
        &self.dockerfile.text
    }

    /// The Dockerfile, as far as it can be parsed.
    pub(crate) fn dockerfile(&self) -> &Dockerfile {
        &self.parsed().0
    }

    /// What is wrong or doubtful in the Dockerfile, by itself and against what a build gives it.
    pub(crate) fn findings(&self, pyproject: &Pyproject) -> Findings {
        let (dockerfile, findings) = self.parsed();
        let mut findings = findings.clone();
        let expected = Expected {
            passed_arguments: &BuildRequest::ARGUMENTS,
            context_files: &context_files(pyproject, &self.context),
            targets: &Target::ALL.map(Target::name),
            variables: &[],
            local_directories: &[],
        };
        installation::check_dockerfile(&self.dockerfile, dockerfile, &expected, &mut findings);
        findings
    }

    fn parsed(&self) -> &(Dockerfile, Findings) {
        self.parsed.get_or_init(|| {
            let mut findings = Findings::default();
            (Dockerfile::parse(&self.dockerfile, &mut findings), findings)
        })
    }
}
