//! The story of a submission.

use std::time::SystemTime;

use anyhow::{Context as _, Result, bail};
use camino::Utf8Path;

use inputs::Project;
use jobs::{CodeSnapshot, JobId, RenderedFile, RenderedJob, RunOrder, RunRecord, RunState, Submission};
use process::{
    Invocation,
    files::{NewFile, PRIVATE},
};

use super::{
    RunFolder, RunFolders, SubmitOrder, engine,
    prepare::{CodeArchive, Prepared},
    watch,
};

/// Sends a job to its site and prints its id. One of this id that was sent before is not sent again.
pub fn submit(project: &Project, order: SubmitOrder) -> Result<RunFolder> {
    let folders = RunFolders::new(project);
    if let Some(folder) = folders.find_if_any(&order.id)? {
        return take_up(project, &order, folder);
    }
    let record = RunRecord::new(&order.id, &order.job, &order.site, now());
    let mut folder = RunFolder { path: folders.path(&order.id), record };
    let snapshot = CodeSnapshot::take(project.cx)?;
    if order.is_clean {
        snapshot.require_clean()?;
    }
    let after = engine_ids(project, &folders, &order)?;
    let prepared = engine::prepare(project, &order.site, &folder)?;
    folder.record.run_directory = prepared.run_directory.to_string();

    let archive = prepared.archive.as_ref().map(|it| CodeArchive { bytes: it.bytes.clone(), to: it.to.clone() });
    let receipt = RunOrder {
        project: project.pyproject.name.clone(),
        engine: folder.record.engine.clone(),
        site: Some(order.site.name.0.clone()),
        id: order.id.0.clone(),
        image: prepared.receipt_image.clone(),
        lock: None,
        code: snapshot.state()?,
        resources: order.wishes.clone(),
        directory: None,
        passed: order.job.environment.keys().cloned().collect(),
    };
    let submission = submission(project, order, prepared, receipt, after);
    let rendered = engine::render(&submission)?;
    write(project, &folder, &rendered, archive.as_ref())?;
    folder.record.engine_id = send(project, &submission, &folder, &rendered)?;
    remember(project, &folder)?;
    Ok(folder)
}

/// A job that was sent before, maybe by a call that never heard the answer.
fn take_up(project: &Project, order: &SubmitOrder, mut folder: RunFolder) -> Result<RunFolder> {
    if folder.record.argv != order.job.argv || folder.record.site != order.site.name.0 {
        bail!("there is another job `{}` in {}: choose another `--id`", order.id.0, folder.path);
    }
    if folder.record.engine_id.is_none() {
        folder.record.engine_id = engine::find_sent(project.cx, &order.site, &order.id.0)?;
        if folder.record.engine_id.is_none() {
            bail!(
                "the job `{}` was prepared and the site does not know it: remove {} and submit it again",
                order.id.0,
                folder.path
            );
        }
        remember(project, &folder)?;
    }
    project.cx.ui.notice(format_args!("the job `{}` was submitted before", order.id.0));
    Ok(folder)
}

fn submission(
    project: &Project,
    order: SubmitOrder,
    prepared: Prepared,
    receipt: RunOrder,
    after: Vec<String>,
) -> Submission {
    let SubmitOrder { id, mut job, mut site, .. } = order;
    // What somebody has asked for goes before what the environment needs by itself.
    let asked = std::mem::replace(&mut job.environment, prepared.environment);
    job.environment.extend(asked);
    site.storage = prepared.storage;
    Submission {
        id,
        job,
        site,
        image: prepared.image,
        image_inputs: prepared.image_inputs,
        image_variables: prepared.image_variables,
        architecture: environment::Platform::of_containers().architecture().to_owned(),
        code: prepared.code,
        paths: project.settings.container.clone(),
        ids: project.settings.user,
        run_directory: prepared.run_directory,
        receipt,
        after,
        search_path: project.cx.host.get("PATH").unwrap_or("/usr/local/bin:/usr/bin:/bin").to_owned(),
    }
}

/// The engine's ids of the jobs after which this one starts. Slurm takes one that it has forgotten for one that has ended well, so
/// those that have ended are told apart here.
fn engine_ids(project: &Project, folders: &RunFolders, order: &SubmitOrder) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    for JobId(id) in &order.job.after {
        let folder = folders.find(&JobId(id.clone()))?;
        if folder.record.site != order.site.name.0 {
            bail!(
                "the job `{id}` is at the site `{}`, and a job can only follow one of its own site",
                folder.record.site
            );
        }
        let states = watch::rows(project.cx, std::slice::from_ref(&folder));
        match states.iter().map(|it| &it.state).find(|it| it.is_final() && **it != RunState::Ended(0)) {
            Some(state) => bail!("the job `{id}`, after which this one is to start, has come to nothing: it {state}"),
            None if states.iter().all(|it| it.state.is_final()) => {}
            None => ids.extend(folder.record.engine_id),
        }
    }
    Ok(ids)
}

/// Writes the run's folder, the record first: from then on the job is known here, whatever becomes of the call.
fn write(project: &Project, folder: &RunFolder, rendered: &RenderedJob, archive: Option<&CodeArchive>) -> Result<()> {
    let files = &project.cx.files;
    let directory = Utf8Path::new(&folder.record.run_directory);
    for path in [folder.path.as_path(), directory, &directory.join("logs")] {
        files.create_dir(path)?;
    }
    remember(project, folder)?;
    for RenderedFile { path, contents, is_executable } in &rendered.files {
        let path = directory.join(path);
        path.parent().map_or(Ok(()), |it| files.create_dir(it))?;
        let private = NewFile { contents: contents.clone(), mode: PRIVATE };
        files.write(&path, &if *is_executable { NewFile::script(contents.clone()) } else { private })?;
    }
    let Some(CodeArchive { bytes, to }) = archive else { return Ok(()) };
    files.create_dir(to)?;
    let packed = directory.join("code.tar.gz");
    files.write(&packed, &NewFile { contents: bytes.clone(), mode: PRIVATE })?;
    let unpack = Invocation::new("tar").args(["-xzf", packed.as_str(), "-C", to.as_str()]);
    let unpacked = project.cx.runner.change(&unpack)?;
    if !unpacked.exit.success() {
        bail!("the code cannot be unpacked to {to}: {}", unpacked.stderr.trim());
    }
    files.remove_file(&packed)
}

/// Of a job that the engine refuses nothing is left. In a dry run nothing is sent, and there is no id.
fn send(
    project: &Project,
    submission: &Submission,
    folder: &RunFolder,
    rendered: &RenderedJob,
) -> Result<Option<String>> {
    let cx = project.cx;
    match engine::send(cx, submission, rendered) {
        Ok(_) if cx.is_dry_run() => Ok(None),
        Ok(id) => Ok(Some(id)),
        Err(error) => {
            cx.files.remove_dir(Utf8Path::new(&folder.record.run_directory))?;
            cx.files.remove_dir(&folder.path)?;
            Err(error).with_context(|| format!("the site `{}` has not taken the job", submission.site.name.0))
        }
    }
}

fn remember(project: &Project, folder: &RunFolder) -> Result<()> {
    project.cx.files.write(&folder.path.join(RunRecord::FILE), &NewFile::text(folder.record.to_json()))
}

fn now() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}
