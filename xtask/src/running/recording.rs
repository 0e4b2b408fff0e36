//! The receipt of a command that runs on this machine.

use std::time::SystemTime;

use anyhow::{Context as _, Result};
use camino::Utf8PathBuf;
use humantime::format_rfc3339_seconds;

use docker::{ComposeService, StoredImage, labels};
use environment::{Platform, lock::Lock, sha256};
use inputs::{Project, lock_variant};
use jobs::{CodeSnapshot, CodeState, JobId, LockDigest, Receipt, ReceiptImage, RunOrder, RunResult};
use process::{EndedInFront, EnvArg, Invocation, ProcessError, files, files::NewFile};
use project::{Accelerator, Context};

use super::Launch;

/// Where a command is about to run.
#[derive(Debug, Clone, Copy)]
pub enum RunPlace<'a> {
    Container { service: &'a ComposeService },
    Prefix,
}

/// A receipt that lacks only how the command ends.
#[derive(Debug)]
pub struct Recording<'a> {
    cx: &'a Context,
    folder: Utf8PathBuf,
    receipt: Receipt,
}

impl<'a> Recording<'a> {
    /// Looks at all that a receipt says, and makes the folder that it will be in. To be called just before the command starts.
    pub fn begin(project: &'a Project, launch: &Launch, place: RunPlace) -> Result<Self> {
        let cx = project.cx;
        let started_on = now();
        let id = JobId::of_run(launch.command, &started_on, std::process::id());
        let folder = project.settings.local.outputs.join("runs").join(&id.0);
        cx.files.create_dir(&folder).context("there is no place for the receipt")?;
        let (engine, image, limits, variables) = match place {
            RunPlace::Container { service } => {
                let platform = launch.platform.cloned().unwrap_or_else(Platform::of_containers);
                ("docker", Some(image(cx, &service.image, &platform)?), service.limits(), service.variable_names())
            }
            RunPlace::Prefix => ("native", None, [].into(), cx.host.iter().map(|(name, _)| name.clone()).collect()),
        };
        let passed: Vec<String> = launch.passed.iter().map(|it| name(it).to_owned()).collect();
        let mut environment: Vec<String> = variables.into_iter().chain(passed.iter().cloned()).collect();
        process::sort(&mut environment);
        environment.dedup();
        let platform = if image.is_some() { Platform::of_containers() } else { Platform::of_host() };
        let order = RunOrder {
            project: project.pyproject.name.clone(),
            engine: engine.to_owned(),
            site: None,
            id: id.0,
            image,
            lock: lock(project, launch.platform.unwrap_or(&platform)),
            code: code(cx),
            resources: limits,
            directory: launch.directory.and_then(|it| it.strip_prefix(cx.layout.root()).ok()).map(ToString::to_string),
            passed,
        };
        let (host, system) = machine(cx);
        let uses_gpus = launch.accelerator == Accelerator::Gpu || order.image.is_none();
        let result = RunResult {
            argv: launch.command.to_vec(),
            environment,
            host,
            system,
            gpus: if uses_gpus { gpus(cx) } else { Vec::new() },
            count: 1,
            nodes: 1,
            attempt: 1,
            started_on,
            ..RunResult::default()
        };
        Ok(Self { cx, folder, receipt: Receipt { order, result } })
    }

    /// Runs the command and writes the receipt of it.
    pub fn run(&self, invocation: &Invocation) -> Result<Receipt, ProcessError> {
        self.cx.runner.run_in_front(invocation).map(|it| self.end(it)).inspect_err(|_| {
            // What has not started leaves nothing.
            _ = self.cx.files.remove_dir(&self.folder);
        })
    }

    /// The command has ended, and nothing that goes wrong here changes how.
    fn end(&self, ended: EndedInFront) -> Receipt {
        let mut receipt = self.receipt.clone();
        let result = &mut receipt.result;
        result.finished_on = now();
        result.exit_code = ended.exit.code();
        // That of Docker's client says nothing.
        result.peak_memory = ended.peak_memory.filter(|_| receipt.order.image.is_none());
        let file = self.folder.join("receipt.json");
        match self.cx.files.write(&file, &NewFile::text(receipt.to_json())) {
            Ok(()) if self.cx.is_dry_run() => {}
            Ok(()) => self.cx.ui.notice(format_args!("receipt: {}", self.cx.layout.relative(&file))),
            Err(error) => self.cx.ui.error(&error.context("the command has ended, and its receipt was not written")),
        }
        receipt
    }
}

fn now() -> String {
    format_rfc3339_seconds(SystemTime::now()).to_string()
}

fn name(variable: &EnvArg) -> &str {
    match variable {
        EnvArg::Set(name, _) | EnvArg::Inherited(name) => name,
    }
}

fn image(cx: &Context, name: &str, platform: &Platform) -> Result<ReceiptImage> {
    let answer = cx.runner.read(&StoredImage::query([name]))?;
    let stored = StoredImage::parse(&answer.stdout).pop();
    let stored = stored.with_context(|| format!("Docker does not say what `{name}` is: {}", answer.stderr.trim()))?;
    let digest = stored.digests.first().and_then(|it| it.split_once('@')).map(|(_, digest)| digest.to_owned());
    Ok(ReceiptImage {
        name: name.to_owned(),
        digest,
        platform: platform.to_string(),
        base: stored.label(labels::BASE).to_owned(),
        inputs: stored.label(labels::INPUTS).to_owned(),
        id: stored.id,
        layers: stored.layers,
    })
}

/// The digest over the names and contents of the lock's files.
fn lock(project: &Project, platform: &Platform) -> Option<LockDigest> {
    let folder = Lock::folder_of(platform, lock_variant(project, platform).as_ref());
    let path = project.cx.layout.root().join(&folder);
    let mut names: Vec<String> = path.read_dir_utf8().ok()?.flatten().map(|it| it.file_name().to_owned()).collect();
    process::sort(&mut names);
    let line = |name: &String| Some(format!("{} {name}\n", sha256(files::read_text(&path.join(name)).ok()?)));
    let lines: Option<String> = names.iter().map(line).collect();
    Some(LockDigest { path: folder.to_string(), sha256: sha256(lines?) })
}

/// Where git does not know the code, the receipt says nothing of it, and a line says so.
fn code(cx: &Context) -> CodeState {
    CodeSnapshot::take(cx).and_then(|it| it.state()).unwrap_or_else(|error| {
        cx.ui.notice(format_args!("warning: the receipt does not say which code was run: {error:#}"));
        CodeState::default()
    })
}

/// The host's name, and what its kernel is.
fn machine(cx: &Context) -> (String, String) {
    let ask = |option: &str| {
        let answer = cx.runner.read(&Invocation::new("uname").arg(option));
        answer.map(|it| it.stdout.trim().to_owned()).unwrap_or_default()
    };
    (ask("-n"), ask("-srm"))
}

/// `NAME, DRIVER` of each.
fn gpus(cx: &Context) -> Vec<String> {
    if cx.host.find_program("nvidia-smi").is_none() {
        return Vec::new();
    }
    let query = Invocation::new("nvidia-smi").args(["--query-gpu=name,driver_version", "--format=csv,noheader"]);
    let answer = cx.runner.read(&query).ok().filter(|it| it.exit.success());
    answer.map(|it| it.stdout.lines().map(str::to_owned).collect()).unwrap_or_default()
}
