//! What goes into a bundle, and how it is gathered.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;

use anyhow::{Context as _, Error, Result, anyhow, bail};
use camino::{Utf8Path, Utf8PathBuf};
use docker::{ImageQuery, SaveRequest};
use environment::{
    PinnedTool, Platform, Solver,
    lock::{Lock, Pylock, SolveGoal, Upgrade},
};
use images::{BuildOrder, BuildPlan, Freshness, Target};
use inputs::{LockUse, Project};
use process::files::{FileTree, NewFile};
use solving::{LocalSolver, PipQuestion, PythonChoice, SolverHost as _};

use crate::{
    BundleManifest, BundledFile, BundledImage,
    downloads::fetch,
    hashing::copy_hashed,
    packages::{PackageFiles, build_requirements},
    saved_blobs::{ImageBlobs, LIST, blob_path, image_list, read_saved},
    write_archive,
};

/// What somebody wants to have in a bundle, and where.
#[derive(Debug, Clone, Copy)]
pub struct BundleRequest<'a> {
    pub platforms: &'a [Platform],
    /// None for a bundle without images.
    pub targets: &'a [Target],
    pub output: &'a Utf8Path,
}

/// What no bundle carries.
const NEVER_CARRIED: [&str; 3] = [
    "Debian's or Ubuntu's packages: `build` makes no image without a network",
    "Python: an environment without Docker needs the version of the lock",
    "the crates of this tool: copy ~/.cargo/registry, or run it where it was compiled",
];

/// An image that goes into a bundle.
struct ChosenImage {
    /// What the daemon here calls it.
    name: String,
    image: BundledImage,
}

/// Gathers what a project needs, and writes it to one file. What has been gathered is kept until it is written.
pub fn pack(project: &Project, request: &BundleRequest) -> Result<BundleManifest> {
    let cx = project.cx;
    let directory = cx.layout.gathered();
    let (mut packages, mut chosen) = (PackageFiles::default(), Vec::new());
    for platform in request.platforms {
        let lock = required_lock(project, platform)?;
        chosen.extend(images_of(project, platform, request.targets)?);
        packages.add(PackageFiles::of_lock(&lock));
        packages.add(tools(project, platform, &lock.python)?);
    }
    packages.not_carried.extend(NEVER_CARRIED.map(str::to_owned));
    let packages = packages.sorted();
    cx.files.create_dir(&directory)?;
    cx.ui.notice(format_args!("gathering {} packages", packages.downloads.len()));
    fetch(project, &directory, &packages.downloads)?;
    let mut members: BTreeSet<String> = packages.downloads.iter().map(|it| it.path.clone()).collect();
    let images = gather_images(project, &directory, &chosen)?;
    if !images.is_empty() {
        members.extend(images.iter().flat_map(|it| it.layers.iter().chain([&it.config])).map(|it| blob_path(it)));
        cx.files.write(&directory.join(LIST), &NewFile::text(image_list(&images)))?;
        members.insert(LIST.to_owned());
    }
    let mut manifest = BundleManifest {
        format: BundleManifest::FORMAT,
        tool: inputs::TOOL_VERSION.to_owned(),
        project: project.pyproject.name.clone(),
        platforms: request.platforms.iter().map(ToString::to_string).collect(),
        images: chosen.into_iter().map(|it| it.image).collect(),
        files: BTreeMap::new(),
        not_carried: packages.not_carried,
    };
    // A dry run has gathered nothing.
    if cx.is_dry_run() {
        return Ok(manifest);
    }
    let known: BTreeMap<&str, &str> =
        packages.downloads.iter().map(|it| (it.path.as_str(), it.sha256.as_str())).collect();
    for member in &members {
        let file = measured(&directory.join(member))?;
        if known.get(member.as_str()).is_some_and(|it| *it != file.sha256) {
            bail!("`{}` is not what the lock says: remove it, and start again", directory.join(member));
        }
        manifest.files.insert(member.clone(), file);
    }
    let sources = members.into_iter().map(|it| (it.clone(), directory.join(it))).collect();
    cx.files.write_with(request.output, &|out| write_archive(out, &manifest, &sources))?;
    cx.files.remove_dir(&directory)?;
    Ok(manifest)
}

fn required_lock(project: &Project, platform: &Platform) -> Result<Lock> {
    inputs::recipe(project, platform, LockUse::Require)?;
    inputs::read_lock(project, platform)?.with_context(|| format!("{platform} has no lock: `cargo xtask lock`"))
}

/// The images of a platform, all of which are up to date, and the one that they are made from.
fn images_of(project: &Project, platform: &Platform, targets: &[Target]) -> Result<Vec<ChosenImage>> {
    if targets.is_empty() {
        return Ok(Vec::new());
    }
    let platforms = [platform.clone()];
    let order = BuildOrder { platforms: &platforms, lock_use: LockUse::Require, ..BuildOrder::ordinary(targets) };
    let plan = BuildPlan::new(project, order)?;
    let mut chosen = Vec::new();
    for compared in plan.compare() {
        let Some(name) = compared
            .earlier
            .or_else(|| matches!(compared.freshness, Freshness::UpToDate { .. }).then(|| compared.image.clone()))
        else {
            let (target, option) =
                (compared.target.name(), images::foreign(platform).map(|_| format!(" --platform {platform}")));
            bail!(
                "`{}` is not up to date: first `cargo xtask build {target}{}`, or make the bundle with --no-image",
                compared.image,
                option.unwrap_or_default()
            );
        };
        let hash = &plan.first.inputs(compared.target).hash()[..12];
        let target = compared.target.name();
        let neutral = format!("xtask-bundle:{}-{target}-{hash}", platform.architecture());
        chosen.push(ChosenImage { image: described(project, &name, neutral, Some(target), platform)?, name });
    }
    let base = project.settings.base_image.to_string();
    // With a digest, no engine loads it under its name.
    let has_base =
        || project.cx.runner.read(&ImageQuery { image: &base }.invocation()).is_ok_and(|it| it.exit.success());
    if images::foreign(platform).is_none() && project.settings.base_image.digest().is_none() && has_base() {
        chosen
            .push(ChosenImage { image: described(project, &base, base.clone(), None, platform)?, name: base.clone() });
    }
    Ok(chosen)
}

fn described(
    project: &Project,
    image: &str,
    name: String,
    target: Option<&str>,
    platform: &Platform,
) -> Result<BundledImage> {
    let answer = project.cx.runner.read(&ImageQuery { image }.layer_digests())?;
    let layers =
        serde_json::from_str(answer.stdout.trim()).with_context(|| format!("nobody tells the layers of `{image}`"))?;
    Ok(BundledImage { name, target: target.map(str::to_owned), platform: platform.to_string(), layers })
}

/// uv, conda's solver where it is needed, and what the project is installed with.
fn tools(project: &Project, platform: &Platform, python: &str) -> Result<PackageFiles> {
    let mut pinned = vec![PinnedTool::Uv];
    if project.plan.solver == Solver::Conda {
        pinned.push(PinnedTool::Rattler);
    }
    let mut requirements: Vec<String> = pinned.iter().map(|it| format!("{}=={}", it.package(), it.version())).collect();
    requirements.extend(build_requirements(&project.pyproject.text));
    let goal = SolveGoal { platform, libc: None, upgrade: &Upgrade::Nothing, variant: None, has_prereleases: false };
    let files = FileTree::from([
        ("requirements.txt".into(), NewFile::text(requirements.join("\n") + "\n")),
        ("constraints.txt".into(), NewFile::text("")),
    ]);
    let arguments = goal.pip_arguments(std::iter::empty());
    let question = PipQuestion { python: PythonChoice::Known(python), files, arguments, variable: None };
    let solver = LocalSolver { project, may_install_python: false };
    let answer = solver.solve_pip(platform, &question)?.map_err(Error::msg);
    let pylock = answer.context("uv does not find the programs that a bundle carries")?.pylock.unwrap_or_default();
    let pylock = Pylock::parse(&pylock).map_err(|why| anyhow!("uv did not print a valid lock: {why}"))?;
    let is_known = |name: &str, sha256: &str| {
        pinned.iter().all(|it| it.package() != name || it.requirements().contains(&format!("sha256:{sha256}")))
    };
    PackageFiles::of_tools(&pylock, is_known).map_err(Error::msg)
}

/// Has the daemon save the images into blobs.
fn gather_images(project: &Project, directory: &Utf8Path, chosen: &[ChosenImage]) -> Result<Vec<ImageBlobs>> {
    if chosen.is_empty() {
        return Ok(Vec::new());
    }
    let cx = project.cx;
    let names: Vec<&str> = chosen.iter().map(|it| it.name.as_str()).collect();
    let save = SaveRequest { images: &names }.invocation();
    if cx.is_dry_run() {
        cx.ui.data(&save);
        return Ok(Vec::new());
    }
    cx.ui.notice(format_args!("gathering {} images", names.len()));
    let blobs = directory.join(blob_path(""));
    cx.files.create_dir(&blobs)?;
    let store = |contents: &mut dyn io::Read| {
        let (begun, contents, hash) = (blobs.join("begun"), RefCell::new(contents), RefCell::new(String::new()));
        cx.files.write_with(&begun, &|out| {
            *hash.borrow_mut() = copy_hashed(&mut **contents.borrow_mut(), &mut &mut *out)?.1;
            Ok(())
        })?;
        let hash = hash.into_inner();
        cx.files.rename(&begun, &blobs.join(&hash))?;
        Ok(hash)
    };
    let saved = cx.runner.stream(&save, |archive| read_saved(archive, store))?;
    let find = |it: &ChosenImage| {
        let saved = saved.iter().find(|image| image.names.contains(&it.name));
        let saved = saved.with_context(|| format!("`docker save` left out `{}`", it.name))?;
        Ok(ImageBlobs { names: vec![it.image.name.clone()], ..saved.clone() })
    };
    chosen.iter().map(find).collect()
}

fn measured(path: &Utf8PathBuf) -> Result<BundledFile> {
    let mut file = File::open(path).with_context(|| format!("cannot read `{path}`"))?;
    let (size, sha256) = copy_hashed(&mut file, &mut io::sink()).with_context(|| format!("cannot read `{path}`"))?;
    Ok(BundledFile { size, sha256 })
}
