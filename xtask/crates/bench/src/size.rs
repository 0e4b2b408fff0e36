//! The sizes of images, and how much of them one more package pushes to a registry.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use serde_json::Value;

use docker::ImageQuery;
use process::{Invocation, files};
use project::Context;

use super::{
    case::{Case, MeasuredCase, Round},
    catalogue::{DEV_IMAGE, PUSHED_LAYERS, RUNTIME_IMAGE, pip_package},
    dependencies::AddedPackages,
    side::Side,
    timing::{prepare, query},
    trial::Trial,
};

/// The images of one side, in bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
struct ImageSizes {
    runtime: f64,
    dev: f64,
}

/// Builds all sides without and with one more package, and measures the images.
pub fn measure(cx: &Context, trial: &Trial) -> Result<Vec<MeasuredCase>> {
    prepare(cx, &trial.build_all(AddedPackages::Nothing))?;
    let before = |side: Side| {
        let [runtime, dev] = ["runtime", "dev"].map(|it| trial.image(side.word(), it));
        let sizes = ImageSizes { runtime: size(cx, &runtime)?, dev: size(cx, &dev)? };
        Ok::<_, anyhow::Error>((sizes, layers(cx, &runtime)?))
    };
    let [usual, strong, ours] = Side::ALL.map(before);
    let (usual, strong, ours) = (usual?, strong?, ours?);
    prepare(cx, &trial.build_all(AddedPackages::Python(pip_package(0))))?;
    let pushed = |side: Side, (_, layers): &(ImageSizes, Vec<String>)| {
        pushed(cx, trial, &trial.image(side.word(), "runtime"), &layers.iter().cloned().collect())
    };
    let rounds = [
        (RUNTIME_IMAGE, round(usual.0.runtime, strong.0.runtime, ours.0.runtime)),
        (DEV_IMAGE, round(usual.0.dev, strong.0.dev, ours.0.dev)),
        (
            PUSHED_LAYERS,
            round(pushed(Side::Usual, &usual)?, pushed(Side::Strong, &strong)?, pushed(Side::Ours, &ours)?),
        ),
    ];
    Ok(rounds.into_iter().filter_map(|(case, round): (Case, Round)| MeasuredCase::new(case, &[round])).collect())
}

fn round(usual: f64, strong: f64, ours: f64) -> Round {
    Round { usual: Some(usual), strong: Some(strong), ours }
}

fn size(cx: &Context, image: &str) -> Result<f64> {
    let answer = query(cx, &ImageQuery { image }.size())?.stdout;
    answer.trim().parse().with_context(|| format!("`{image}` has no size"))
}

/// The digests of the uncompressed layers, the lowest first.
fn layers(cx: &Context, image: &str) -> Result<Vec<String>> {
    let format = ["image", "inspect", "--format", "{{json .RootFS.Layers}}", image];
    Ok(serde_json::from_str::<Vec<String>>(&query(cx, &Invocation::new("docker").args(format))?.stdout)?)
}

/// The compressed size of the layers that are not `known`, which a push would send.
fn pushed(cx: &Context, trial: &Trial, image: &str, known: &BTreeSet<String>) -> Result<f64> {
    let (archive, directory) = (trial.path("saved.tar"), trial.path("saved"));
    cx.files.empty_dir(&directory)?;
    query(cx, &Invocation::new("docker").args(["save", "--output", archive.as_str(), image]))?;
    query(cx, &Invocation::new("tar").args(["-xf", archive.as_str(), "-C", directory.as_str()]))?;
    let manifest: Value = serde_json::from_str(&files::read_text(&directory.join("manifest.json"))?)?;
    let files = manifest[0]["Layers"].as_array().context("`docker save` has listed no layers")?;
    let mut bytes = 0.0;
    for (file, _) in files.iter().zip(layers(cx, image)?).filter(|(_, digest)| !known.contains(digest)) {
        let layer = directory.join(file.as_str().unwrap_or_default());
        let count = Invocation::new("sh").args(["-c", r#"gzip -c "$1" | wc -c"#, "sh", layer.as_str()]);
        bytes += query(cx, &count)?.stdout.trim().parse::<f64>().context("`wc` printed no number")?;
    }
    cx.files.remove_dir(&directory)?;
    cx.files.remove_file(&archive)?;
    Ok(bytes)
}
