//! The sizes of images, and how much of them one more package pushes to a registry.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use serde_json::Value;

use images::size::Bytes;
use process::{Invocation, files};
use project::Context;

use super::{
    catalogue::{MAX_PAIRS, pip_package},
    timing::{prepare, query},
    trial::{AddedPackage, Trial},
};

/// The size of the wheel of [`PACKAGE`](super::catalogue::PACKAGE) on PyPI.
const WHEEL: Bytes = Bytes(35_252);

/// The images of one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    pub runtime: Bytes,
    pub dev: Bytes,
    /// What one more pip package pushes to a registry, compressed.
    pub pushed: Bytes,
}

/// The images of both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MeasuredImages {
    pub control: Sizes,
    pub ours: Sizes,
    /// The part of our runtime image that cannot be avoided: the base image, system packages and the environment.
    pub needed: Bytes,
}

impl MeasuredImages {
    /// The aim for our runtime image: what is needed, and 2 % for everything else.
    pub fn runtime_limit(&self) -> Bytes {
        Bytes(self.needed.0 + self.needed.0 / 50)
    }

    /// The aim for pushing one more package: twice its wheel, and 1 MB.
    pub fn push_limit() -> Bytes {
        Bytes(2 * WHEEL.0 + 1_000_000)
    }
}

/// Builds both sides without and with one more package, and measures the images.
pub fn measure(cx: &Context, trial: &Trial) -> Result<MeasuredImages> {
    prepare(cx, &trial.build_all(AddedPackage::Nothing))?;
    let ours = trial.image("ours", "runtime");
    let needed = Bytes(size(cx, &trial.image("base", "0"))?.0 + needed(&history(cx, &ours)?));
    let before = |whose| {
        let [runtime, dev] = ["runtime", "dev"].map(|it| trial.image(whose, it));
        Ok::<_, anyhow::Error>((size(cx, &runtime)?, size(cx, &dev)?, layers(cx, &runtime)?))
    };
    let (of_control, of_ours) = (before("control")?, before("ours")?);

    prepare(cx, &trial.build_all(AddedPackage::Python(&pip_package(MAX_PAIRS + 1))))?;
    let after = |whose: &str, (runtime, dev, layers): (Bytes, Bytes, Vec<String>)| {
        let pushed = pushed(cx, trial, &trial.image(whose, "runtime"), &layers.into_iter().collect())?;
        Ok::<_, anyhow::Error>(Sizes { runtime, dev, pushed })
    };
    Ok(MeasuredImages { control: after("control", of_control)?, ours: after("ours", of_ours)?, needed })
}

fn size(cx: &Context, image: &str) -> Result<Bytes> {
    let format = ["image", "inspect", "--format", "{{.Size}}", image];
    let answer = query(cx, &Invocation::new("docker").args(format))?.stdout;
    Ok(Bytes(answer.trim().parse().with_context(|| format!("`{image}` has no size"))?))
}

/// The digests of the uncompressed layers, the lowest first.
fn layers(cx: &Context, image: &str) -> Result<Vec<String>> {
    let format = ["image", "inspect", "--format", "{{json .RootFS.Layers}}", image];
    Ok(serde_json::from_str::<Vec<String>>(&query(cx, &Invocation::new("docker").args(format))?.stdout)?)
}

/// A line for each instruction: the bytes that it has added, and its text.
fn history(cx: &Context, image: &str) -> Result<String> {
    let format = ["history", "--no-trunc", "--human=false", "--format", "{{.Size}} {{.CreatedBy}}", image];
    Ok(query(cx, &Invocation::new("docker").args(format))?.stdout)
}

/// The bytes of system packages and of the environment, in the lines of [`history`].
fn needed(history: &str) -> u64 {
    let is_needed = |step: &str| step.contains("apt-install.sh") || step.starts_with("COPY /opt/env ");
    let lines = history.lines().filter_map(|it| it.split_once(' ')).filter(|(_, step)| is_needed(step));
    lines.filter_map(|(bytes, _)| bytes.parse::<u64>().ok()).sum()
}

/// The compressed size of the layers that are not `known`, which a push would send.
fn pushed(cx: &Context, trial: &Trial, image: &str, known: &BTreeSet<String>) -> Result<Bytes> {
    let (archive, directory) = (trial.path("saved.tar"), trial.path("saved"));
    cx.files.empty_dir(&directory)?;
    query(cx, &Invocation::new("docker").args(["save", "--output", archive.as_str(), image]))?;
    query(cx, &Invocation::new("tar").args(["-xf", archive.as_str(), "-C", directory.as_str()]))?;
    let manifest: Value = serde_json::from_str(&files::read_text(&directory.join("manifest.json"))?)?;
    let files = manifest[0]["Layers"].as_array().context("`docker save` has listed no layers")?;
    let mut bytes = 0;
    for (file, _) in files.iter().zip(layers(cx, image)?).filter(|(_, digest)| !known.contains(digest)) {
        let layer = directory.join(file.as_str().unwrap_or_default());
        let count = Invocation::new("sh").args(["-c", r#"gzip -c "$1" | wc -c"#, "sh", layer.as_str()]);
        bytes += query(cx, &count)?.stdout.trim().parse::<u64>().context("`wc` printed no number")?;
    }
    cx.files.remove_dir(&directory)?;
    cx.files.remove_file(&archive)?;
    Ok(Bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_image_needs_is_system_packages_and_the_environment() {
        let history = "0 CMD [\"python\"]\n\
                       13845 COPY run /opt/xtask # buildkit\n\
                       236504290 COPY /opt/env /opt/env # buildkit\n\
                       1916524 RUN /bin/sh -c /scripts/apt-install.sh --list /lists/apt-runtime.txt # buildkit\n\
                       130473979 \n";
        assert_eq!(needed(history), 236_504_290 + 1_916_524);
    }

    #[test]
    fn two_percent_are_for_everything_else() {
        let sizes = Sizes { runtime: Bytes(0), dev: Bytes(0), pushed: Bytes(0) };
        let measured = MeasuredImages { control: sizes, ours: sizes, needed: Bytes(1000) };
        assert_eq!(measured.runtime_limit(), Bytes(1020));
    }
}
