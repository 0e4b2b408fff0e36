//! Reads this machine: all questions at once, each with a time limit.

use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use docker::{Builder, DaemonInfo, Docker, Endpoint, ImageQuery, Plugin, Podman};
use process::{HostEnvironment, Invocation, ProcessError, Runner, files};
use project::{
    CA_VARIABLES, Context, DiskSpace, EngineChoice,
    system::{CudaBuild, NvidiaDriver, System},
};
use solving::UvProgram;

use super::{
    facts::{CaBundle, Devices, Emulator, MachineFacts, ProgramAnswer, RegistryReply},
    needs::MachineNeeds,
    network::{Proxy, proxy_variables, required_registries},
    reach::try_connection,
};

/// For one question. At most two are asked one after the other, so that the report takes less than 10 s.
const LIMIT: Duration = Duration::from_secs(4);

/// The only error is Ctrl-C, or another signal that asks to stop.
pub fn read_facts(cx: &Context) -> Result<MachineFacts, ProcessError> {
    let needs = MachineNeeds::read(cx);
    let proxy = Proxy::new(&cx.host);
    let runner = cx.runner;
    thread::scope(|scope| {
        let start = |invocation: Invocation| scope.spawn(move || ask(&runner, &invocation));
        let podman = (needs.engine == EngineChoice::Podman).then(|| start(Podman::query()));
        let version = start(Docker::query());
        let endpoint = start(Endpoint::query());
        let buildx = start(Plugin::Buildx.query());
        let compose = start(Plugin::Compose.query());
        let git = start(Invocation::new("git").arg("--version"));
        let uv = start(Invocation::new(UvProgram::find(&cx.host, &cx.layout.work()).path().as_str()).arg("--version"));
        let pip = start(Invocation::new("python3").args(["-m", "pip", "--version"]));
        let python = start(Invocation::new("python3").arg("--version"));
        let nvidia = [NvidiaDriver::cuda_query(), NvidiaDriver::gpus_query()].map(start);
        let has_driver = cx.host.find_program(NvidiaDriver::PROGRAM).is_some();
        let torch = has_driver.then(|| start(torch_query(cx, &needs)));
        let builders = scope.spawn(move || builders(&runner));
        let info = scope.spawn(move || info_and_disk(&runner));
        let repository_disk = start(DiskSpace::query([cx.layout.root()]));
        let project_images = std::iter::once(needs.base_image.as_str()).chain(needs.runtime_image.as_deref());
        let images: Vec<_> =
            project_images.map(|image| (image.to_owned(), start(ImageQuery { image }.invocation()))).collect();
        let replies: Vec<_> = required_registries(&needs)
            .into_iter()
            .filter(|_| !process::is_offline())
            .map(|registry| {
                let through =
                    proxy.as_ref().filter(|it| it.serves(&registry.address.host)).and_then(|it| it.address.clone());
                scope.spawn(move || {
                    let result = try_connection(through.as_ref().unwrap_or(&registry.address), LIMIT);
                    RegistryReply { registry, is_through_proxy: through.is_some(), result }
                })
            })
            .collect();

        let (info, disk) = join(info)?;
        let mut local_images = Vec::new();
        for (image, answer) in images {
            local_images.extend(join(answer)?.stdout().map(|_| image));
        }
        Ok(MachineFacts {
            system: System::detect(),
            endpoint: Endpoint::new(join(endpoint)?.stdout().unwrap_or_default(), cx.host.get("DOCKER_HOST")),
            version: join(version)?,
            podman: podman.map_or(Ok(ProgramAnswer::NotFound), join)?,
            info,
            disk,
            repository: cx.layout.root().to_owned(),
            repository_disk: join(repository_disk)?,
            buildx: join(buildx)?,
            compose: join(compose)?,
            builders: join(builders)?,
            local_images,
            git: join(git)?,
            uv: join(uv)?,
            pip: join(pip)?,
            python: join(python)?,
            devices: devices(),
            nvidia: {
                let [cuda, gpus] = nvidia.map(join);
                [cuda?, gpus?]
            },
            torch: torch.map_or(Ok(ProgramAnswer::NotFound), join)?,
            emulators: emulators(),
            proxy_variables: proxy_variables(&cx.host),
            bundles: bundles(&cx.host),
            registries: replies.into_iter().map(join).collect(),
            needs: needs.clone(),
            proxy: proxy.clone(),
        })
    })
}

fn ask(runner: &Runner, invocation: &Invocation) -> Result<ProgramAnswer, ProcessError> {
    ask_within(LIMIT, runner, invocation)
}

/// What a program says, or that it is not there or says nothing in time.
pub(super) fn ask_within(
    limit: Duration,
    runner: &Runner,
    invocation: &Invocation,
) -> Result<ProgramAnswer, ProcessError> {
    match runner.read_within(invocation, limit) {
        Ok(output) => Ok(ProgramAnswer::Ended(output)),
        Err(ProcessError::TimedOut { limit, .. }) => Ok(ProgramAnswer::TimedOut(limit)),
        Err(error @ ProcessError::Interrupted(_)) => Err(error),
        Err(
            ProcessError::NotStarted { .. }
            | ProcessError::Failed { .. }
            | ProcessError::Offline { .. }
            | ProcessError::Untranslatable { .. },
        ) => Ok(ProgramAnswer::NotFound),
    }
}

fn join<T>(thread: ScopedJoinHandle<T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// About the native environment, where there is no other.
fn torch_query(cx: &Context, needs: &MachineNeeds) -> Invocation {
    match &needs.runtime_image {
        Some(image) if needs.engine != EngineChoice::Native => ImageQuery { image }.probe(CudaBuild::PROBE),
        _ => Invocation::new(cx.layout.prefix().join("bin/python").as_str()).args(["-c", CudaBuild::PROBE]),
    }
}

/// An older buildx has no `--format`, and fails at once.
fn builders(runner: &Runner) -> Result<ProgramAnswer, ProcessError> {
    let answer = ask(runner, &Builder::query())?;
    match &answer {
        ProgramAnswer::Ended(output) if !output.exit.success() => ask(runner, &Builder::table_query()),
        _ => Ok(answer),
    }
}

/// `df` needs the daemon's directory from `docker info`. That of a virtual machine is not on this one.
fn info_and_disk(runner: &Runner) -> Result<(ProgramAnswer, Option<ProgramAnswer>), ProcessError> {
    let answer = ask(runner, &DaemonInfo::query())?;
    let info = answer.output().and_then(DaemonInfo::parse);
    let root = info.filter(|it| !it.is_desktop()).map(|it| it.root).filter(|it| Utf8Path::new(it).is_dir());
    let disk = root.map(|it| ask(runner, &DiskSpace::query([Utf8Path::new(&it)]))).transpose()?;
    Ok((answer, disk))
}

fn devices() -> Devices {
    let exists = |path: &str| Utf8Path::new(path).exists();
    // The default directories of the Container Device Interface.
    let cdi = ["/etc/cdi", "/var/run/cdi"].into_iter().flat_map(|it| directory_entries(Utf8Path::new(it)));
    Devices {
        nvidia: files::read_text(Utf8Path::new(NvidiaDriver::VERSION_FILE)).ok(),
        has_windows_gpu: exists("/dev/dxg"),
        has_kfd: exists("/dev/kfd"),
        has_dri: exists("/dev/dri"),
        cdi_files: cdi
            .filter(|it| matches!(it.extension(), Some("yaml" | "json")))
            .map(Utf8PathBuf::into_string)
            .collect(),
    }
}

fn emulators() -> Vec<Emulator> {
    let emulator = |path: Utf8PathBuf| {
        let name = path.file_name().filter(|it| it.starts_with("qemu-"))?.to_owned();
        Some(Emulator { name, text: files::read_text(&path).ok()? })
    };
    directory_entries(Utf8Path::new("/proc/sys/fs/binfmt_misc")).into_iter().filter_map(emulator).collect()
}

/// What is in a directory, sorted; nothing where it cannot be read.
fn directory_entries(directory: &Utf8Path) -> Vec<Utf8PathBuf> {
    let entries = directory.read_dir_utf8().into_iter().flatten().flatten();
    let mut files: Vec<_> = entries.map(camino::Utf8DirEntry::into_path).collect();
    process::sort(&mut files);
    files
}

fn bundles(host: &HostEnvironment) -> Vec<CaBundle> {
    let bundle = |variable: &'static str| {
        // CONDA_SSL_VERIFY may also be true or false.
        let path = host.get(variable).filter(|it| it.contains('/'))?;
        Some(CaBundle { variable, path: path.to_owned(), exists: Utf8Path::new(path).exists() })
    };
    CA_VARIABLES.into_iter().filter_map(bundle).collect()
}
