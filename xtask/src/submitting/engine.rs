//! The one place that tells engines apart once a job has been described.

use std::collections::BTreeMap;

use anyhow::{Result, bail};

use inputs::Project;
use jobs::{EngineState, PartName, RenderedJob, Site, SiteEngine, Submission, kubernetes::KubernetesClient};
use process::Exit;
use project::Context;

use super::{
    RunFolder, kubernetes,
    prepare::Prepared,
    runai,
    slurm::{self, SlurmClient},
};

/// What an engine says of the parts of jobs, by id and index. Jobs of engines that could not be asked are not in it.
pub type EngineStates = BTreeMap<(String, u32), EngineState>;

/// What the job finds at the site: the image or the native environment, and the code. Nothing is started yet.
pub fn prepare(project: &Project, site: &Site, folder: &RunFolder) -> Result<Prepared> {
    match &site.engine {
        SiteEngine::Slurm(it) => slurm::prepare(project, site, it, folder),
        SiteEngine::Docker => no_cluster(site),
        SiteEngine::Kubernetes(_) | SiteEngine::RunAi(_) => kubernetes::prepare(project, site, folder),
    }
}

/// The files and the calls for the engine.
pub fn render(submission: &Submission) -> Result<RenderedJob> {
    match &submission.site.engine {
        SiteEngine::Slurm(site) => jobs::slurm::render(submission, site),
        SiteEngine::Kubernetes(site) => jobs::kubernetes::render(submission, site, &submission.run_directory),
        SiteEngine::RunAi(site) => jobs::runai::render(submission, site, &submission.run_directory),
        SiteEngine::Docker => no_cluster(&submission.site),
    }
}

/// Sends it, and has the engine's own id for it.
pub fn send(cx: &Context, submission: &Submission, rendered: &RenderedJob) -> Result<String> {
    let Submission { id, site, .. } = submission;
    match &site.engine {
        SiteEngine::Slurm(_) => SlurmClient { cx }.send(rendered),
        SiteEngine::Kubernetes(site) => kubernetes::send(cx, &KubernetesClient::of(site), id, rendered),
        SiteEngine::RunAi(site) => runai::send(cx, &site.project, id, rendered),
        SiteEngine::Docker => no_cluster(site),
    }
}

/// The id of a job that was sent and whose answer was lost; none where it never arrived.
pub fn find_sent(cx: &Context, site: &Site, id: &str) -> Result<Option<String>> {
    match &site.engine {
        SiteEngine::Slurm(_) => SlurmClient { cx }.find_sent(id),
        SiteEngine::Kubernetes(site) => kubernetes::find_sent(cx, &KubernetesClient::of(site), id),
        SiteEngine::RunAi(site) => {
            let found = kubernetes::find_sent(cx, &runai::client(&site.project), id)?;
            Ok(found.map(|_| site.project.clone()))
        }
        SiteEngine::Docker => no_cluster(site),
    }
}

/// Asks each engine once for all of its jobs. One that does not answer is named and left out.
pub fn states(cx: &Context, folders: &[RunFolder]) -> EngineStates {
    let mut states = EngineStates::new();
    let of_engine = |engine: &str| folders.iter().filter(|it| it.record.engine == engine).collect::<Vec<_>>();
    let slurm = of_engine("slurm");
    if !slurm.is_empty() {
        match (SlurmClient { cx }).states(&slurm) {
            Ok(found) => states.extend(found),
            Err(error) => cx.ui.notice(format_args!("Slurm does not answer: {error:#}")),
        }
    }
    states.extend(kubernetes::states(cx, &of_engine("kubernetes"), KubernetesClient::at));
    states.extend(kubernetes::states(cx, &of_engine("runai"), runai::client));
    states
}

/// Shows what a part has printed.
pub fn logs(cx: &Context, folder: &RunFolder, part: &PartName, follow: bool) -> Result<Exit> {
    match folder.record.engine.as_str() {
        "slurm" => slurm::logs(cx, folder, part.index.unwrap_or(0), follow),
        "kubernetes" => kubernetes::logs(cx, folder, part, follow),
        "runai" => runai::logs(cx, folder, part, follow),
        engine => unknown(engine),
    }
}

/// Has the engine end a job or a part.
pub fn cancel(cx: &Context, folder: &RunFolder, part: &PartName) -> Result<()> {
    match folder.record.engine.as_str() {
        "slurm" => SlurmClient { cx }.cancel(folder, part.index),
        "kubernetes" => kubernetes::cancel(cx, folder, part.index),
        "runai" => runai::cancel(cx, folder, part.index),
        engine => unknown(engine),
    }
}

/// Brings the run's folder here.
pub fn fetch(cx: &Context, folder: &RunFolder) -> Result<()> {
    match folder.record.engine.as_str() {
        "slurm" => slurm::fetch(cx, folder),
        "kubernetes" => kubernetes::fetch(cx, folder),
        "runai" => {
            bail!("Run:ai's command line brings no files; `cargo xtask jobs logs` shows what a part has printed")
        }
        engine => unknown(engine),
    }
}

fn no_cluster<T>(site: &Site) -> Result<T> {
    bail!(
        "the site `{}` is this machine, where `cargo xtask run --detach` starts jobs; `submit` sends them to clusters",
        site.name.0
    )
}

fn unknown<T>(engine: &str) -> Result<T> {
    bail!("this version knows no engine `{engine}`; a newer one has submitted the job")
}
