//! Whether what an image has for CUDA runs on the GPUs of this machine.

use anyhow::Result;

use docker::ImageQuery;
use process::files::{self, NewFile};
use project::{
    Context,
    system::{CudaBuild, NvidiaDriver},
};

use super::dev_container::read_if_successful;

/// Where the last answer is kept, because `nvidia-smi` and a container take a second: what it is about, then a warning.
const KNOWN: &str = "cuda-misfit.txt";

/// Warns in a line where the torch of an image was not compiled for the driver or a GPU of this machine. Says nothing where
/// nobody can tell: without `nvidia-smi`, or where `DOCKER_HOST` names another machine.
pub(super) fn warn_of_misfit(cx: &Context, image: &str) -> Result<()> {
    let is_elsewhere = cx.host.get("DOCKER_HOST").is_some_and(|it| !it.starts_with("unix:"));
    if is_elsewhere || cx.host.find_program(NvidiaDriver::PROGRAM).is_none() {
        return Ok(());
    }
    let driver = files::read_text_if_any(NvidiaDriver::VERSION_FILE.into())?.unwrap_or_default();
    let Some(id) = read_if_successful(cx, &ImageQuery { image }.invocation()) else { return Ok(()) };
    let about = format!("{} {}", id.trim(), driver.lines().next().unwrap_or_default());
    let known = files::read_text_if_any(&cx.scratch.path(KNOWN))?;
    let known = known.as_deref().and_then(|it| it.split_once('\n')).filter(|(of, _)| *of == about);
    let warning = if let Some((_, warning)) = known {
        warning.to_owned()
    } else {
        let Some(warning) = warning(cx, image) else { return Ok(()) };
        cx.scratch.write(KNOWN, &NewFile::text(format!("{about}\n{warning}")))?;
        warning
    };
    if !warning.is_empty() {
        cx.ui.notice(warning);
    }
    Ok(())
}

/// Empty where there is nothing to warn of; `None` where somebody did not answer, who may the next time.
fn warning(cx: &Context, image: &str) -> Option<String> {
    let printed = read_if_successful(cx, &ImageQuery { image }.probe(CudaBuild::PROBE))?;
    let Some(build) = CudaBuild::parse(&printed) else { return Some(String::new()) };
    let cuda = read_if_successful(cx, &NvidiaDriver::cuda_query())?;
    // Old drivers do not know this question.
    let gpus = read_if_successful(cx, &NvidiaDriver::gpus_query()).unwrap_or_default();
    let misfit = build.misfit(&NvidiaDriver::parse(&cuda, &gpus));
    Some(misfit.map(|(why, fix)| format!("warning: {why} (fix: {fix})")).unwrap_or_default())
}
