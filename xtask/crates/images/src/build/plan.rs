//! The one way from the dependency files to images.

use std::collections::BTreeSet;
use std::iter::once;

use anyhow::{Context as _, Error, Result, ensure};
use camino::Utf8Path;

use docker::{BuildRequest, MAX_SECRET_BYTES, Plugin};
use environment::Platform;
use inputs::{Project, explain_unavailable};

use super::{BuildOrder, BuildSources, PlatformPlan};
use crate::{Freshness, Target, freshness};

/// A build, planned before anything starts: for one platform or several, to be loaded, pushed or archived.
#[derive(Debug)]
pub struct BuildPlan<'a> {
    pub(super) project: &'a Project<'a>,
    pub(super) order: BuildOrder<'a>,
    pub(super) sources: BuildSources,
    /// The platform that was named first; this machine's where none was.
    pub first: PlatformPlan,
    others: Vec<PlatformPlan>,
}

impl<'a> BuildPlan<'a> {
    /// Reads what the images are made of. No process is started.
    pub fn new(project: &'a Project<'a>, order: BuildOrder<'a>) -> Result<Self> {
        let sources = BuildSources::read(project.cx, &project.pyproject)?;
        let plan = |it: &Platform| PlatformPlan::new(project, &sources, it, order.lock_use);
        let (first, others) = order.each_platform();
        let (first, others) = (plan(&first)?, others.iter().map(plan).collect::<Result<_>>()?);
        Ok(Self { project, order, sources, first, others })
    }

    /// The plan for each platform, in the order in which they were named.
    pub(super) fn platforms(&self) -> impl Iterator<Item = &PlatformPlan> {
        once(&self.first).chain(&self.others)
    }

    /// What the image of a target for this machine is called.
    pub fn image(&self, target: Target) -> String {
        target.image(&self.project.settings.image)
    }

    /// How the images that this machine has compare with the plan. The native engine has none.
    pub fn freshness(&self) -> Vec<(Target, Freshness)> {
        freshness::of(self.project, &self.first, self.order.targets)
    }

    /// The stages of the Dockerfile that a stage is made of, itself included.
    pub(super) fn stages_behind(&self, stage: &str) -> BTreeSet<String> {
        let values = BuildRequest::values(&self.project.settings, self.project.plan.solver);
        self.sources.dockerfile().stages_behind(stage, &values)
    }

    /// Checks what every build reads and needs.
    pub(super) fn require_buildable(&self) -> Result<()> {
        let Project { cx, pyproject, network, .. } = self.project;
        let findings = self.sources.findings(pyproject);
        if findings.has_errors() {
            return Err(findings.sorted().into());
        }
        cx.report(&findings);
        Plugin::Buildx.require(&cx.runner).map_err(|why| Error::msg(explain_unavailable(cx, &why)))?;
        network.ca_certificates.as_deref().map_or(Ok(()), require_small)
    }
}

fn require_small(bundle: &Utf8Path) -> Result<()> {
    let bytes = bundle.metadata().with_context(|| format!("cannot read `{bundle}`"))?.len();
    ensure!(
        bytes <= MAX_SECRET_BYTES,
        "the certificate authorities in `{bundle}` are {bytes} bytes, but a build takes no more than {MAX_SECRET_BYTES}; \
         let CA_CERTIFICATES name a file with only those that your network adds"
    );
    Ok(())
}
