//! `kubectl`, and what a cluster is given by it.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Result, bail};

use images::{BuildPlan, Target};
use inputs::Project;
use jobs::{
    CodeSnapshot, CodeSource, EngineState, ImageSource, JobId, PartName, RenderedJob, Site,
    kubernetes::{KubernetesAnswers, KubernetesClient, LogRequest},
};
use process::{
    Exit, Invocation, QueryOutput,
    files::{NewFile, PRIVATE},
};
use project::Context;

use super::{EngineStates, RunFolder, image::DescribedImage, prepare::Prepared};

/// How long a query may take: a server that is away is waited for by `kubectl` for minutes.
const LIMIT: Duration = Duration::from_secs(30);

/// Folders that no job needs and that would not fit into an object.
const NOT_CARRIED: [&str; 3] = ["xtask", "data", "outputs"];

/// What nodes find that share no folder with this machine: the image in a registry, and the code in an archive.
pub fn prepare(project: &Project, site: &Site, folder: &RunFolder) -> Result<Prepared> {
    let archive = CodeSnapshot::take(project.cx)?.archive_without(&NOT_CARRIED)?;
    let prepared = Prepared {
        image: None,
        image_inputs: None,
        image_variables: BTreeMap::new(),
        receipt_image: None,
        environment: BTreeMap::new(),
        code: CodeSource::Archive(archive),
        storage: site.storage.clone(),
        run_directory: folder.path.clone(),
        archive: None,
    };
    if project.cx.is_dry_run() {
        return with_image_as_it_is(project, prepared);
    }
    let image = DescribedImage::built(project)?;
    let source = image.in_registry()?;
    Ok(image.into_prepared(source, prepared))
}

/// A dry run builds and pushes nothing, so the digest may not be known yet.
fn with_image_as_it_is(project: &Project, prepared: Prepared) -> Result<Prepared> {
    if let Some(image) = DescribedImage::as_is(project)?
        && let Ok(source) = image.in_registry()
    {
        return Ok(image.into_prepared(source, prepared));
    }
    let plan = BuildPlan::to_use(project, &[Target::Runtime], &[])?;
    let name = plan.image(Target::Runtime);
    project.cx.ui.notice(format_args!("`{name}` was never pushed; once it is, the job names it by its digest"));
    let image_inputs = Some(plan.first.inputs(Target::Runtime).hash().to_owned());
    Ok(Prepared { image: Some(ImageSource::Registry(name)), image_inputs, ..prepared })
}

/// Sends a job, or shows it in a dry run: the objects alone are on stdout, for another program. Of one that is refused nothing is
/// left.
pub fn send(cx: &Context, client: &KubernetesClient, id: &JobId, rendered: &RenderedJob) -> Result<String> {
    if cx.is_dry_run() {
        for file in &rendered.files {
            cx.ui.draw_data(String::from_utf8_lossy(&file.contents).trim_end());
        }
        rendered.invocations.iter().for_each(|it| cx.ui.report(format_args!("+ {it}")));
        return Ok(client.place());
    }
    for invocation in &rendered.invocations {
        if let Err(error) = change(cx, invocation) {
            cx.runner.clean_up(&client.cancel(id))?;
            return Err(error);
        }
    }
    Ok(client.place())
}

/// Where a job is that was sent; none where it never arrived.
pub fn find_sent(cx: &Context, client: &KubernetesClient, id: &str) -> Result<Option<String>> {
    let is_there = ask(cx, client, [id])?.state(id, 0, 1) != EngineState::Absent;
    Ok(is_there.then(|| client.place()))
}

/// Asks each cluster once.
pub fn states(cx: &Context, folders: &[&RunFolder], place: fn(&str) -> KubernetesClient) -> EngineStates {
    let mut places: BTreeMap<&str, Vec<&RunFolder>> = BTreeMap::new();
    for folder in folders {
        if let Some(place) = &folder.record.engine_id {
            places.entry(place).or_default().push(folder);
        }
    }
    let mut states = EngineStates::new();
    for (name, folders) in places {
        match ask(cx, &place(name), folders.iter().map(|it| it.record.id.as_str())) {
            Ok(answers) => folders.iter().for_each(|it| states.extend(states_of(it, &answers))),
            Err(error) => cx.ui.notice(format_args!("`{name}` does not answer: {error:#}")),
        }
    }
    states
}

fn states_of(folder: &RunFolder, answers: &KubernetesAnswers) -> EngineStates {
    let record = &folder.record;
    let state = |index| ((record.id.clone(), index), answers.state(&record.id, index, record.nodes));
    record.indices().map(state).collect()
}

fn ask<'a>(
    cx: &Context,
    client: &KubernetesClient,
    ids: impl IntoIterator<Item = &'a str>,
) -> Result<KubernetesAnswers> {
    let answer = cx.runner.read_within(&client.status(ids), LIMIT)?;
    if !answer.exit.success() {
        bail!("{}", explained(&answer));
    }
    KubernetesAnswers::parse(&answer.stdout)
}

/// Shows what a part or the job has printed, as long as the cluster keeps it, and then what was fetched of it.
pub fn logs(cx: &Context, folder: &RunFolder, part: &PartName, is_followed: bool) -> Result<Exit> {
    let fetched = folder.log(part.index.unwrap_or(0));
    if fetched.exists() && !is_followed {
        return Ok(cx.runner.exec(&Invocation::new("cat").arg(fetched))?);
    }
    Ok(cx.runner.exec(&client_of(folder)?.logs(&request(folder, part, is_followed)))?)
}

fn request<'a>(folder: &RunFolder, part: &'a PartName, is_followed: bool) -> LogRequest<'a> {
    let nodes = folder.record.nodes;
    LogRequest { part, nodes, pods: nodes * folder.record.parts.unwrap_or(1), is_followed }
}

/// Ends a job with all of its parts.
pub fn cancel(cx: &Context, folder: &RunFolder, index: Option<u32>) -> Result<()> {
    if index.is_some() {
        bail!("Kubernetes ends a job with all of its parts: `cargo xtask jobs cancel {}`", folder.record.id);
    }
    change(cx, &client_of(folder)?.cancel(&JobId(folder.record.id.clone())))
}

/// Brings what each part has printed, which the cluster removes with the job, and its exit code.
pub fn fetch(cx: &Context, folder: &RunFolder) -> Result<()> {
    let client = client_of(folder)?;
    let record = &folder.record;
    let answers = ask(cx, &client, [record.id.as_str()])?;
    for index in record.indices() {
        let part = PartName { id: JobId(record.id.clone()), index: record.parts.map(|_| index) };
        let printed = cx.runner.read_within(&client.logs(&request(folder, &part, false)), LIMIT)?;
        if !printed.exit.success() {
            cx.ui.notice(format_args!("part {index} has left no output: {}", explained(&printed)));
            continue;
        }
        write(cx, &folder.path.join(jobs::RunRecord::log(index)), printed.stdout)?;
        if let (EngineState::Ended(code), [task]) =
            (answers.state(&record.id, index, record.nodes), &record.task_folders(index)[..])
        {
            write(cx, &folder.path.join(task).join("rc"), format!("{code}\n"))?;
        }
    }
    cx.ui.notice(format_args!("{} has what the parts have printed", cx.layout.relative(&folder.path.join("logs"))));
    Ok(())
}

fn write(cx: &Context, path: &camino::Utf8Path, text: String) -> Result<()> {
    path.parent().map_or(Ok(()), |it| cx.files.create_dir(it))?;
    cx.files.write(path, &NewFile { contents: text.into_bytes(), mode: PRIVATE })
}

fn client_of(folder: &RunFolder) -> Result<KubernetesClient> {
    match &folder.record.engine_id {
        Some(place) => Ok(KubernetesClient::at(place)),
        None => bail!("it is not known where the job `{0}` is: submit it again with `--id {0}`", folder.record.id),
    }
}

/// Runs a call that changes something in the cluster. Its own words are the error's.
pub fn change(cx: &Context, invocation: &Invocation) -> Result<()> {
    let answer = cx.runner.change(invocation)?;
    if !answer.exit.success() {
        bail!("{}", explained(&answer));
    }
    Ok(())
}

/// The client's own words, and what they mean where they do not say it.
fn explained(answer: &QueryOutput) -> String {
    const HELP: [(&str, &str); 5] = [
        ("exceeded quota", "the namespace has no more to give; `kubectl describe quota` shows what is used"),
        ("is forbidden", "your account may not do this there; the administrators of the cluster can say why"),
        ("Unable to connect to the server", "the cluster cannot be reached from here; some need a VPN"),
        (
            "was refused",
            "the cluster cannot be reached from here; some need a VPN, and `kubectl config get-contexts` shows where it asks",
        ),
        ("does not exist", "`kubectl config get-contexts` lists the contexts; the site's file names one"),
    ];
    let words = answer.stderr.trim();
    let help = HELP.iter().find(|it| words.contains(it.0)).map(|it| format!("\n{}", it.1)).unwrap_or_default();
    format!("{}{help}", process::shown(words))
}
