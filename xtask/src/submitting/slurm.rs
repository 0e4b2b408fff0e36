//! Slurm's own programs, and what its nodes share with this machine.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use inputs::Project;
use jobs::{
    CodeSnapshot, CodeSource, EngineState, ImageSource, MountSource, ReceiptImage, RenderedJob, Site, SlurmContainers,
    SlurmSite, Storage,
    slurm::{QueueAnswer, queue_query, unpacked_image},
};
use prefixes::NativeRun;
use process::{Exit, Invocation, QueryOutput};
use project::{Context, Settings};

use super::{
    EngineStates, RunFolder,
    image::DescribedImage,
    prepare::{CodeArchive, Prepared},
};
use crate::running;

/// How long Slurm's programs may take; a controller that is away is waited for by them for minutes.
const LIMIT: Duration = Duration::from_secs(30);

/// The programs of a cluster that this machine belongs to.
#[derive(Debug, Clone, Copy)]
pub struct SlurmClient<'a> {
    pub cx: &'a Context,
}

impl SlurmClient<'_> {
    /// Has Slurm's number of the job.
    pub fn send(self, rendered: &RenderedJob) -> Result<String> {
        let [sbatch] = &rendered.invocations[..] else { bail!("Slurm takes a job by one call") };
        let answer = self.cx.runner.change(sbatch)?;
        if !answer.exit.success() {
            bail!("Slurm says: {}", explained(&answer));
        }
        // A cluster of several adds its name.
        Ok(answer.stdout.trim().split(';').next().unwrap_or_default().to_owned())
    }

    pub fn find_sent(self, id: &str) -> Result<Option<String>> {
        Ok(self.queue()?.number_of(id).map(str::to_owned))
    }

    pub fn states(self, folders: &[&RunFolder]) -> Result<EngineStates> {
        let queue = self.queue()?;
        let mut states = EngineStates::new();
        for folder in folders {
            let record = &folder.record;
            let number = record.engine_id.as_deref().or_else(|| queue.number_of(&record.id));
            for index in record.indices() {
                let part = record.parts.map(|_| index);
                let state = number.map_or(EngineState::Absent, |it| queue.state(it, part));
                states.insert((record.id.clone(), index), state);
            }
        }
        Ok(states)
    }

    pub fn cancel(self, folder: &RunFolder, index: Option<u32>) -> Result<()> {
        let number = match &folder.record.engine_id {
            Some(number) => number.clone(),
            None => self.find_sent(&folder.record.id)?.context("Slurm does not know this job")?,
        };
        let part = index.map_or_else(|| number.clone(), |it| format!("{number}_{it}"));
        let answer = self.cx.runner.change(&Invocation::new("scancel").arg(part))?;
        if !answer.exit.success() {
            bail!("Slurm says: {}", explained(&answer));
        }
        Ok(())
    }

    fn queue(self) -> Result<QueueAnswer> {
        let answer = self.cx.runner.read_within(&queue_query(), LIMIT)?;
        if !answer.exit.success() {
            bail!("{}", explained(&answer));
        }
        Ok(QueueAnswer::parse(&answer.stdout))
    }
}

/// Slurm's own words, and what they mean where they do not say it.
fn explained(answer: &QueryOutput) -> String {
    const HELP: [(&str, &str); 6] = [
        (
            "Could not establish a configuration source",
            "no cluster is known here: submit on a login node, or set SLURM_CONF",
        ),
        (
            "Unable to contact slurm controller",
            "the cluster cannot be reached from here: is this a login node, and is it up?",
        ),
        ("Invalid account", "set the `account` of the site; `sacctmgr show associations user=$USER` lists yours"),
        ("invalid partition", "set the `partition` of the site; `sinfo` lists them"),
        ("QOSMaxSubmitJobPerUserLimit", "you have as many jobs as the site allows; parts of an array count one by one"),
        ("Invalid generic resource", "no node has such GPUs; `sinfo -o '%P %G'` lists what there is"),
    ];
    let words = answer.stderr.trim();
    let help = HELP.iter().find(|it| words.contains(it.0)).map(|it| format!("\n{}", it.1)).unwrap_or_default();
    format!("{}{help}", process::shown(words))
}

/// The code, the folders and the environment, all where the nodes see them.
pub fn prepare(project: &Project, site: &Site, slurm: &SlurmSite, folder: &RunFolder) -> Result<Prepared> {
    if let Some(login) = &slurm.login {
        bail!("Slurm is asked on this machine only: run `cargo xtask submit` on `{login}`, and remove `login` there");
    }
    let local = &project.settings.local;
    let run_directory = match &site.storage.runs {
        Some(MountSource::Host(runs)) => expanded(project.cx, runs)?.join(&folder.record.id),
        Some(_) => bail!("Slurm's nodes share folders: `runs` of the site `{}` has to be one", site.name.0),
        None => folder.path.clone(),
    };
    let shared = |given: &Option<MountSource>, own: &Utf8Path| -> Result<Option<MountSource>> {
        match given {
            Some(MountSource::Host(path)) => Ok(Some(MountSource::Host(expanded(project.cx, path)?))),
            Some(other) => Ok(Some(other.clone())),
            None => Ok(Some(MountSource::Host(own.to_owned()))),
        }
    };
    let storage = Storage {
        runs: site.storage.runs.clone(),
        data: shared(&site.storage.data, &local.data)?,
        outputs: shared(&site.storage.outputs, &local.outputs)?,
    };
    let code = run_directory.join("code");
    let archive = CodeArchive { bytes: CodeSnapshot::take(project.cx)?.archive()?, to: code.clone() };
    let prepared = Prepared {
        image: None,
        image_inputs: None,
        image_variables: BTreeMap::new(),
        receipt_image: None,
        environment: BTreeMap::new(),
        code: CodeSource::Directory(code.clone()),
        storage,
        run_directory,
        archive: Some(archive),
    };
    match &slurm.containers {
        SlurmContainers::Native => with_prefix(project, prepared, &code),
        _ => with_image(project, slurm, prepared),
    }
}

/// A path of the site that may begin with a variable, such as `$SCRATCH`.
fn expanded(cx: &Context, path: &Utf8Path) -> Result<Utf8PathBuf> {
    let Some(rest) = path.as_str().strip_prefix('$') else { return Ok(path.to_owned()) };
    let (name, rest) = rest.split_once('/').unwrap_or((rest, ""));
    let value =
        cx.host.get(name).with_context(|| format!("`{path}` of the site: the variable {name} is not set here"))?;
    Ok(Utf8Path::new(value).join(rest))
}

/// The prefix of this checkout, which the nodes share, and the code of the snapshot.
fn with_prefix(project: &Project, prepared: Prepared, code: &Utf8Path) -> Result<Prepared> {
    let prefix = running::ensure_prefix(project, project.settings.syncs)?;
    let mut settings: Settings = project.settings.clone();
    settings.local.project = code.to_owned();
    if let Some(MountSource::Host(data)) = &prepared.storage.data {
        settings.local.data.clone_from(data);
    }
    if let Some(MountSource::Host(outputs)) = &prepared.storage.outputs {
        settings.local.outputs.clone_from(outputs);
    }
    let run = NativeRun {
        prefix: &prefix,
        activation: None,
        solver: project.plan.solver,
        tools: &[],
        settings: &settings,
        variables: &project.intent.environment.variables,
        passed: &[],
        directory: None,
        command: &[],
    };
    let mut environment = run.invocation(&project.cx.host).plain_variables();
    // The prefix has the project installed as it is in the checkout; the snapshot goes before that.
    let inside = settings.container.project.strip_prefix(&settings.container.root).unwrap_or("python-project".into());
    environment.insert("PYTHONPATH".to_owned(), code.join(inside).join("src").into_string());
    Ok(Prepared { environment, ..prepared })
}

/// The runtime image, where the site's nodes find it.
fn with_image(project: &Project, slurm: &SlurmSite, prepared: Prepared) -> Result<Prepared> {
    let cx = project.cx;
    let image = DescribedImage::built(project)?;
    let ReceiptImage { name, id, .. } = &image.receipt;
    let source = match (&slurm.containers, &slurm.image_cache) {
        (SlurmContainers::Oci, Some(cache)) => {
            let root = unpacked_image(&expanded(cx, cache)?, id);
            unpack(cx, name, &root)?;
            ImageSource::Path { digest: id.clone(), path: root }
        }
        (SlurmContainers::Oci, None) => {
            bail!("Slurm starts unpacked images: give the site an `image_cache`, a folder that its nodes share")
        }
        _ => image.in_registry()?,
    };
    Ok(image.into_prepared(source, prepared))
}

/// Unpacks an image into a folder named by its digest, once. The files belong to whoever does it, as a container without root's
/// rights needs them.
fn unpack(cx: &Context, image: &str, root: &Utf8Path) -> Result<()> {
    if root.is_dir() {
        return Ok(());
    }
    cx.ui.notice(format_args!("unpacking `{image}` to {root}"));
    let beginning = Utf8PathBuf::from(format!("{root}.part"));
    cx.files.remove_dir(&beginning)?;
    cx.files.create_dir(&beginning)?;
    let created = cx.runner.change(&Invocation::new("docker").args(["create", image]))?;
    if !created.exit.success() {
        bail!("Docker cannot open `{image}`: {}", created.stderr.trim());
    }
    let container = created.stdout.trim();
    let archive = format!("{root}.tar");
    let exported = cx.runner.change(&Invocation::new("docker").args(["export", "--output", &archive, container]));
    cx.runner.clean_up(&Invocation::new("docker").args(["rm", container]))?;
    require(&exported?, "the image cannot be exported")?;
    // Devices are the runtime's business, and only root could make them.
    let tar =
        ["-xf", &archive, "-C", beginning.as_str(), "--no-same-owner", "--delay-directory-restore", "--exclude=dev/*"];
    let unpacked = cx.runner.change(&Invocation::new("tar").args(tar))?;
    cx.files.remove_file(Utf8Path::new(&archive))?;
    require(&unpacked, "the image cannot be unpacked")?;
    cx.files.rename(&beginning, root)
}

fn require(answer: &QueryOutput, what: &str) -> Result<()> {
    if !answer.exit.success() {
        bail!("{what}: {}", answer.stderr.trim());
    }
    Ok(())
}

/// Slurm's nodes write it into a folder that this machine sees.
pub fn logs(cx: &Context, folder: &RunFolder, index: u32, follow: bool) -> Result<Exit> {
    let log = folder.log(index);
    if !log.exists() && !follow {
        bail!("`{}` has printed nothing yet", folder.record.id);
    }
    let tail = Invocation::new("tail").arg("--lines=+1");
    let tail = if follow { tail.arg("--follow=name").arg("--retry") } else { tail };
    Ok(cx.runner.exec(&tail.arg("--").arg(log))?)
}

/// There is nothing to bring where the folder is shared; else its small files are copied.
pub fn fetch(cx: &Context, folder: &RunFolder) -> Result<()> {
    let shared = folder.base();
    if shared == folder.path {
        cx.ui.notice(format_args!("{} is all there is of it", cx.layout.relative(&folder.path)));
        return Ok(());
    }
    let copy = ["-r", "--preserve=mode,timestamps", &format!("{shared}/."), folder.path.as_str()];
    require(&cx.runner.change(&Invocation::new("cp").args(copy))?, "the run's folder cannot be copied")
}
