//! What is known of the system that packages will run on.

use anyhow::{Error, Result};

use docker::ImageQuery;
use environment::{
    Platform,
    conda::{AssumedSystem, KnownSystem},
};
use inputs::Project;
use process::{
    Invocation, ProcessError,
    files::{self, NewFile},
};
use project::{Accelerator, Variant, system::NvidiaDriver};

/// What a solver is told of the system: by the variables that are set, by what is known, by the settings.
pub(crate) fn assumed_system(
    project: &Project,
    platform: &Platform,
    libc: Option<(&str, &str)>,
) -> Result<AssumedSystem> {
    let variant = inputs::lock_variant(project, platform);
    let accelerator = variant.as_ref().and_then(Variant::accelerator).unwrap_or(project.settings.accelerator);
    let has_gpu = accelerator == Accelerator::Gpu;
    let named = variant.as_ref().and_then(Variant::cuda).map(|it| (it.to_owned(), "the variant"));
    let cuda = match named {
        None if has_gpu => cuda_of_driver(project)?.map(|it| (it, "the driver of this machine")),
        named => named,
    };
    let cuda = cuda.as_ref().map(|(version, origin)| (version.as_str(), *origin));
    let host = &project.cx.host;
    // It is about every lock, and the variant's name about this one.
    let is_decided =
        variant.is_some_and(|it| it.cuda().is_some() || it.accelerator().is_some_and(|it| it != Accelerator::Gpu));
    let is_ignored = |name: &str| name == "CONDA_OVERRIDE_CUDA" && is_decided;
    let value = |name: &str| {
        let is_set = host.has(name) && !is_ignored(name);
        is_set.then(|| host.get(name).unwrap_or_default().to_owned())
    };
    Ok(AssumedSystem::new(platform, KnownSystem { libc, has_gpu, cuda }, value))
}

/// The C library of the base image, such as `glibc 2.36`. The image is pulled if need be, as a build would do. `None` where
/// nobody can tell.
pub(crate) fn libc_of_base_image(project: &Project) -> Result<Option<String>> {
    let image = project.settings.base_image.to_string();
    let query = ImageQuery { image: &image };
    let id = answer(project, &query.invocation())?;
    if let Some(libc) = id.and_then(|id| known_libc(project, &id)) {
        return Ok(Some(libc));
    }
    let libc = answer(project, &query.libc())?;
    // It may have been pulled for that.
    if let (Some(id), Some(libc)) = (answer(project, &query.invocation())?, &libc) {
        project.cx.scratch.write(KNOWN_LIBC, &NewFile::text(format!("{id}\n{libc}\n")))?;
    }
    Ok(libc)
}

/// The C library that a base image was last seen to have: to start a container takes longer than to solve a small environment.
const KNOWN_LIBC: &str = "base-libc.txt";

/// What was seen of the image with this id.
fn known_libc(project: &Project, id: &str) -> Option<String> {
    let known = files::read_text_if_any(&project.cx.scratch.path(KNOWN_LIBC)).ok()??;
    let (of, libc) = known.trim_end().split_once('\n')?;
    (of == id).then(|| libc.to_owned())
}

/// The C library of this machine. `None` where it is not glibc, or nobody can tell.
pub(crate) fn libc_of_host(project: &Project) -> Result<Option<String>> {
    answer(project, &Invocation::new("getconf").arg("GNU_LIBC_VERSION"))
}

/// The newest CUDA that the driver of this machine can run; `None` without a driver.
fn cuda_of_driver(project: &Project) -> Result<Option<String>> {
    if project.cx.host.find_program(NvidiaDriver::PROGRAM).is_none() {
        return Ok(None);
    }
    let table = answer(project, &NvidiaDriver::cuda_query())?;
    Ok(table.and_then(|it| NvidiaDriver::parse_cuda(&it).map(str::to_owned)))
}

/// What a query has printed; `None` where it failed or could not be started.
pub(crate) fn answer(project: &Project, query: &Invocation) -> Result<Option<String>> {
    match project.cx.runner.read(query).map_err(Error::from) {
        Ok(output) => Ok(Some(output.stdout.trim().to_owned()).filter(|it| output.exit.success() && !it.is_empty())),
        Err(error) if ProcessError::is_interruption(&error) => Err(error),
        Err(_) => Ok(None),
    }
}

/// Whether py-rattler runs on the Python that prints this as its version.
pub(crate) fn is_new_enough(printed: &str) -> bool {
    let minor = printed.trim().strip_prefix("Python 3.").and_then(|it| it.split('.').next()?.parse::<u32>().ok());
    minor.is_some_and(|it| it >= 10)
}
