//! What one more package sends to a registry that has the image before.

use anyhow::{Context as _, Result};

use docker::ImageQuery;
use process::Invocation;
use project::Context;

use crate::{
    case::{MeasuredCase, Round},
    catalogue::{PUSHED_BYTES, pip_package},
    dependencies::AddedPackages,
    side::Side,
    timing::{prepare, query, run_quietly},
    trial::Trial,
};

/// `None` in a dry run.
pub fn measure(cx: &Context, trial: &Trial) -> Result<Option<MeasuredCase>> {
    prepare(cx, &trial.build_all(AddedPackages::Nothing))?;
    let before = ids(cx, trial)?;
    prepare(cx, &trial.build_all(AddedPackages::Python(pip_package(0))))?;
    let after = ids(cx, trial)?;
    let mut bytes = Vec::new();
    for (before, after) in before.iter().zip(&after) {
        let Some(output) = run_quietly(cx, &push(cx, trial, before, after))? else { return Ok(None) };
        bytes.push(output.stdout.trim().parse::<f64>().context("`pushed.sh` printed no number")?);
    }
    trial.end_round();
    let [usual, strong, ours] = bytes[..] else { return Ok(None) };
    Ok(MeasuredCase::new(PUSHED_BYTES, &[Round { usual: Some(usual), strong: Some(strong), ours }]))
}

fn push(cx: &Context, trial: &Trial, before: &str, after: &str) -> Invocation {
    let script = cx.layout.root().join("benchmarks/pushed.sh");
    Invocation::new("sh").args([script.as_str(), trial.path("registry").as_str(), before, after])
}

/// The ids of the sides' runtime images, because names move on to newer images; in a dry run the names.
fn ids(cx: &Context, trial: &Trial) -> Result<Vec<String>> {
    let id = |side: Side| {
        let image = trial.image(side.word(), "runtime");
        if cx.is_dry_run() {
            return Ok(image);
        }
        Ok(query(cx, &ImageQuery { image: &image }.invocation())?.stdout.trim().to_owned())
    };
    Side::ALL.into_iter().map(id).collect()
}
