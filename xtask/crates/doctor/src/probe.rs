//! Reads this machine: the only effects of `doctor`, all at once and each with a limit.

use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use docker::{Builder, DaemonInfo, Docker, Endpoint, ImageQuery, Plugin};
use prefixes::UvProgram;
use process::{HostEnvironment, Invocation, ProcessError, Runner, files};
use project::{CA_VARIABLES, Context, system::System};

use super::{
    facts::{Bundle, Devices, Emulator, MachineFacts, ProgramAnswer, Reached},
    network::{Proxy, proxy_variables, registries},
    reach::reach,
    wishes::MachineNeeds,
};

/// How long one question may take. No more than two are asked one after the other, so that 10 s are never reached.
const LIMIT: Duration = Duration::from_secs(4);

/// Reads everything. The only error is Ctrl-C.
pub fn facts(cx: &Context) -> Result<MachineFacts, ProcessError> {
    let wishes = MachineNeeds::read(cx);
    let proxy = Proxy::new(&cx.host);
    let runner = cx.runner;
    thread::scope(|scope| {
        let start = |invocation: Invocation| scope.spawn(move || ask(&runner, &invocation));
        let version = start(Docker::query());
        let endpoint = start(Endpoint::query());
        let buildx = start(Plugin::Buildx.query());
        let compose = start(Plugin::Compose.query());
        let git = start(Invocation::new("git").arg("--version"));
        let uv = start(Invocation::new(UvProgram::find(&cx.host, &cx.layout.work()).path().as_str()).arg("--version"));
        let pip = start(Invocation::new("python3").args(["-m", "pip", "--version"]));
        let micromamba = start(Invocation::new("micromamba").arg("--version"));
        let builders = scope.spawn(move || builders(&runner));
        let info = scope.spawn(move || info_and_disk(&runner));
        let of_interest = wishes.sources().into_iter().map(|(_, image)| image).chain(wishes.runtime_image.as_deref());
        let images: Vec<_> =
            of_interest.map(|image| (image.to_owned(), start(ImageQuery { image }.invocation()))).collect();
        let reached: Vec<_> = registries(&wishes)
            .into_iter()
            .map(|registry| {
                let through =
                    proxy.as_ref().filter(|it| it.serves(&registry.place.host)).and_then(|it| it.place.clone());
                scope.spawn(move || {
                    let result = reach(through.as_ref().unwrap_or(&registry.place), LIMIT);
                    Reached { registry, is_through_proxy: through.is_some(), result }
                })
            })
            .collect();

        let (info, disk) = joined(info)?;
        let mut local_images = Vec::new();
        for (image, answer) in images {
            local_images.extend(joined(answer)?.success().map(|_| image));
        }
        Ok(MachineFacts {
            system: System::detect(),
            endpoint: Endpoint::new(joined(endpoint)?.success().unwrap_or_default(), cx.host.get("DOCKER_HOST")),
            version: joined(version)?,
            info,
            disk,
            buildx: joined(buildx)?,
            compose: joined(compose)?,
            builders: joined(builders)?,
            local_images,
            git: joined(git)?,
            uv: joined(uv)?,
            pip: joined(pip)?,
            micromamba: joined(micromamba)?,
            devices: devices(),
            emulators: emulators(),
            proxy_variables: proxy_variables(&cx.host),
            bundles: bundles(&cx.host),
            reached: reached.into_iter().map(joined).collect(),
            wishes: wishes.clone(),
            proxy: proxy.clone(),
        })
    })
}

fn ask(runner: &Runner, invocation: &Invocation) -> Result<ProgramAnswer, ProcessError> {
    match runner.read_within(invocation, LIMIT) {
        Ok(reading) => Ok(ProgramAnswer::Said(reading)),
        Err(ProcessError::TimedOut { limit, .. }) => Ok(ProgramAnswer::Silent(limit)),
        Err(error @ ProcessError::Interrupted) => Err(error),
        Err(ProcessError::NotStarted { .. } | ProcessError::Failed { .. }) => Ok(ProgramAnswer::Absent),
    }
}

fn joined<T>(thread: ScopedJoinHandle<T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// An older buildx knows no format, and says so at once.
fn builders(runner: &Runner) -> Result<ProgramAnswer, ProcessError> {
    let answer = ask(runner, &Builder::query())?;
    match &answer {
        ProgramAnswer::Said(reading) if !reading.exit.success() => ask(runner, &Builder::table_query()),
        _ => Ok(answer),
    }
}

/// The daemon knows which directory to look at. A virtual machine's is not here.
fn info_and_disk(runner: &Runner) -> Result<(ProgramAnswer, Option<ProgramAnswer>), ProcessError> {
    let answer = ask(runner, &DaemonInfo::query())?;
    let info = answer.reading().and_then(DaemonInfo::parse);
    let root = info.filter(|it| !it.is_desktop()).map(|it| it.root).filter(|it| Utf8Path::new(it).is_dir());
    let disk = root.map(|it| ask(runner, &Invocation::new("df").args(["-Pk", &it]))).transpose()?;
    Ok((answer, disk))
}

fn devices() -> Devices {
    let exists = |path: &str| Utf8Path::new(path).exists();
    // Where engines look for descriptions of devices by default.
    let cdi = ["/etc/cdi", "/var/run/cdi"].into_iter().flat_map(|it| files(Utf8Path::new(it)));
    Devices {
        nvidia: files::read_text(Utf8Path::new("/proc/driver/nvidia/version")).ok(),
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
    files(Utf8Path::new("/proc/sys/fs/binfmt_misc")).into_iter().filter_map(emulator).collect()
}

/// What is in a directory, by name; nothing where it cannot be read.
fn files(directory: &Utf8Path) -> Vec<Utf8PathBuf> {
    let entries = directory.read_dir_utf8().into_iter().flatten().flatten();
    let mut files: Vec<_> = entries.map(camino::Utf8DirEntry::into_path).collect();
    files.sort();
    files
}

fn bundles(host: &HostEnvironment) -> Vec<Bundle> {
    let bundle = |variable: &'static str| {
        // conda's may also be a truth value.
        let path = host.get(variable).filter(|it| it.contains('/'))?;
        Some(Bundle { variable, path: path.to_owned(), exists: Utf8Path::new(path).exists() })
    };
    CA_VARIABLES.into_iter().filter_map(bundle).collect()
}
