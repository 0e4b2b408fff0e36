//! Where what is in a bundle goes.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufReader, Read};

use anyhow::{Context as _, Error, Result, bail, ensure};
use camino::Utf8Path;

use docker::{ImageQuery, LoadRequest};
use environment::Platform;
use images::{BuildOrder, BuildPlan, Freshness, Target};
use inputs::{Engine, LockUse, Project};
use project::Context;

use crate::{
    BundleManifest, BundleProblem, BundledFile, BundledImage, hashing::copy_hashed, read_archive, saved_blobs::LIST,
};

/// Bytes of the file that are read at once.
const BUFFER: usize = 1 << 18;

/// Verifies a bundle and unpacks it: packages to `target/xtask/supply`, once all of it was read and is right, and images into the
/// daemon. What an unpacking that was stopped has verified is not written again.
pub fn unpack(project: &Project, file: &Utf8Path) -> Result<BundleManifest> {
    let cx = project.cx;
    let lock = cx.lock()?;
    let manifest = unpack_files(project, file).map_err(|error| match error.downcast::<BundleProblem>() {
        Ok(problem) => Error::from(problem).context(format!("`{file}` was not unpacked")),
        Err(error) => error.context(format!("`{file}` was not unpacked")),
    })?;
    drop(lock);
    load_images(project, file, &manifest)?;
    Ok(manifest)
}

fn unpack_files(project: &Project, file: &Utf8Path) -> Result<BundleManifest> {
    let cx = project.cx;
    let (supply, begun) = (cx.layout.supply(), cx.layout.work().join("supply-begun"));
    let opened = File::open(file).with_context(|| format!("cannot read `{file}`"))?;
    let mut stream = BufReader::with_capacity(BUFFER, opened);
    let accept = |manifest: &BundleManifest| require_for_here(project, manifest);
    let manifest = read_archive(&mut stream, accept, |name, expected, contents| {
        if is_of_images(name) || cx.is_dry_run() {
            return Ok(copy_hashed(contents, &mut io::sink())?);
        }
        keep(cx, &begun.join(name), expected, contents)
    })?;
    if manifest.files.keys().any(|it| !is_of_images(it)) {
        cx.files.remove_dir(&supply)?;
        cx.files.rename(&begun, &supply)?;
    }
    Ok(manifest)
}

/// `docker load` takes these from the file itself.
fn is_of_images(member: &str) -> bool {
    member == LIST || member.starts_with("blobs/")
}

/// Writes a member, unless an unpacking that was stopped has done so.
fn keep(cx: &Context, path: &Utf8Path, expected: &BundledFile, contents: &mut dyn Read) -> Result<(u64, String)> {
    let hashed = |it: &mut dyn Read| copy_hashed(it, &mut io::sink());
    let there = File::open(path).ok().and_then(|mut it| hashed(&mut it).ok());
    if there == Some((expected.size, expected.sha256.clone())) {
        return Ok(hashed(contents)?);
    }
    path.parent().map_or(Ok(()), |it| cx.files.create_dir(it))?;
    let (contents, found) = (RefCell::new(contents), RefCell::new((0, String::new())));
    cx.files.write_with(path, &|out| {
        let copied = copy_hashed(&mut **contents.borrow_mut(), &mut &mut *out);
        *found.borrow_mut() = copied.with_context(|| format!("cannot write `{path}`"))?;
        Ok(())
    })?;
    Ok(found.into_inner())
}

/// Fails where a bundle is another project's, or for other machines.
fn require_for_here(project: &Project, manifest: &BundleManifest) -> Result<()> {
    let name = &project.pyproject.name;
    ensure!(
        manifest.project == *name,
        "it is a bundle of `{}`, and this is `{name}`: unbundle it in a clone of that project",
        manifest.project
    );
    let here = [Platform::of_containers(), Platform::of_host()].map(|it| it.to_string());
    if !manifest.platforms.iter().any(|it| here.contains(it)) {
        bail!(
            "it is for {}, and this machine is {}: make one with `cargo xtask bundle --platform {}`",
            manifest.platforms.join(", "),
            here[0],
            here[0]
        );
    }
    Ok(())
}

/// Loads the images for this machine, and gives them the names that they have here.
fn load_images(project: &Project, file: &Utf8Path, manifest: &BundleManifest) -> Result<()> {
    let cx = project.cx;
    let own = Platform::of_containers();
    let images: Vec<&BundledImage> = manifest.images.iter().filter(|it| it.platform == own.to_string()).collect();
    if images.is_empty() {
        return Ok(());
    }
    if Engine::choose(cx, &project.settings)? == Engine::Native {
        cx.ui.notice("the images were not loaded, because no Docker is used here");
        return Ok(());
    }
    cx.ui.notice(format_args!("loading {} images", images.len()));
    cx.runner.succeed(&LoadRequest { archive: file }.invocation())?;
    if cx.is_dry_run() {
        return Ok(());
    }
    let targets = Target::ALL;
    // The lock is verified by what was built from it; here it is only about names.
    let order = BuildOrder { lock_use: LockUse::IfReadable, ..BuildOrder::ordinary(&targets) };
    let plan = BuildPlan::new(project, order)?;
    for image in images {
        let answer = cx.runner.read(&ImageQuery { image: &image.name }.layer_digests())?;
        let layers: Vec<String> = serde_json::from_str(answer.stdout.trim()).unwrap_or_default();
        ensure!(
            layers == image.layers,
            "the image `{}` that was loaded is not the one that was verified: somebody changed `{file}` meanwhile",
            image.name
        );
        let Some(target) = targets.iter().find(|it| Some(it.name()) == image.target.as_deref()) else { continue };
        plan.adopt(*target, &image.name)?;
        report(project, &plan, *target);
    }
    Ok(())
}

fn report(project: &Project, plan: &BuildPlan, target: Target) {
    let ui = &project.cx.ui;
    for compared in plan.compare().into_iter().filter(|it| it.target == target) {
        match compared.freshness {
            Freshness::UpToDate { .. } => ui.notice(format_args!("`{}` is up to date", compared.image)),
            Freshness::Stale(reasons) => {
                ui.notice(format_args!("warning: `{}` was built from other files than are here:", compared.image));
                for reason in reasons {
                    ui.notice(format_args!("  {reason}"));
                }
            }
            Freshness::Unlabelled | Freshness::Missing => {}
        }
    }
}
