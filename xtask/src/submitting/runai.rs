//! `runai`, and what a Run:ai cluster is given by it. Files, states and exit codes go by `kubectl`.

use anyhow::{Result, bail};

use jobs::{JobId, PartName, RenderedJob, kubernetes::KubernetesClient, runai};
use process::Exit;
use project::Context;

use super::{RunFolder, kubernetes};

/// `kubectl` in the namespace of a project.
pub fn client(project: &str) -> KubernetesClient {
    KubernetesClient::at(&runai::namespace(project))
}

/// Sends a job, or shows the calls in a dry run. Of one that is refused nothing is left.
pub fn send(cx: &Context, project: &str, id: &JobId, rendered: &RenderedJob) -> Result<String> {
    if cx.is_dry_run() {
        rendered.files.iter().for_each(|it| cx.ui.report(String::from_utf8_lossy(&it.contents).trim_end()));
        rendered.invocations.iter().for_each(|it| cx.ui.data(it));
        return Ok(project.to_owned());
    }
    for (place, invocation) in rendered.invocations.iter().enumerate() {
        if let Err(error) = kubernetes::change(cx, invocation) {
            // The first call makes the files.
            let sent = rendered.invocations[..place].iter().skip(1);
            for workload in sent.filter_map(runai::workload_of) {
                cx.runner.clean_up(&runai::delete(project, &workload))?;
            }
            cx.runner.clean_up(&client(project).cancel(id))?;
            return Err(error);
        }
    }
    Ok(project.to_owned())
}

/// Shows what a part has printed.
pub fn logs(cx: &Context, folder: &RunFolder, part: &PartName, is_followed: bool) -> Result<Exit> {
    if part.index.is_none() && folder.record.parts.is_some() {
        bail!("Run:ai shows the output of one part: `cargo xtask jobs logs {}/0`", part.id.0);
    }
    Ok(cx.runner.exec(&runai::logs(project(folder)?, &runai::workload(part, folder.record.nodes), is_followed))?)
}

/// Ends a job or a part, and removes it.
pub fn cancel(cx: &Context, folder: &RunFolder, index: Option<u32>) -> Result<()> {
    let project = project(folder)?;
    let record = &folder.record;
    let id = JobId(record.id.clone());
    let indices: Vec<u32> = index.map_or_else(|| record.indices().collect(), |it| vec![it]);
    for index in indices {
        let part = PartName { id: id.clone(), index: record.parts.map(|_| index) };
        kubernetes::change(cx, &runai::delete(project, &runai::workload(&part, record.nodes)))?;
    }
    if index.is_none() {
        kubernetes::change(cx, &client(project).cancel(&id))?;
    }
    Ok(())
}

fn project(folder: &RunFolder) -> Result<&str> {
    match &folder.record.engine_id {
        Some(project) => Ok(project),
        None => bail!("it is not known where the job `{0}` is: submit it again with `--id {0}`", folder.record.id),
    }
}
