//! Recipes in which nothing is left to be solved.

use process::IntoMap as _;
use std::collections::BTreeMap;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use environment::{
    Platform, Solver,
    lock::{BaseImage, LayerPlan, Lock, LockMatch, Upgrade},
};
use inputs::{Project, Recipe};
use process::files;
use project::{Context, Variant};

use crate::{
    SolveBasis, SolverHost, solve,
    system::{assumed_system, libc_of_base_image, libc_of_host},
};

/// The recipe with exact packages: those of the lock where it matches, else solved, here and for any platform. What was solved
/// before counts while the dependency files are the same, unless it is to be `fresh`. A dry run solves nothing.
pub fn solved_recipe<'host>(
    project: &Project,
    recipe: &Recipe,
    platform: &Platform,
    target: SolveTarget,
    host: impl FnOnce() -> Result<Box<dyn SolverHost + 'host>>,
    fresh: bool,
) -> Result<Recipe> {
    let is_exact = recipe.plan.locked.as_ref().is_some_and(|it| it.is_exact);
    if is_exact || project.cx.is_dry_run() {
        return Ok(recipe.clone());
    }
    // A damaged lock has stopped whoever wanted to use it.
    let old = inputs::read_lock(project, platform).ok().flatten();
    let known = if fresh { None } else { known_solution(project, platform, target) };
    let solved = if let Some(known) = known {
        known
    } else {
        let libc = target.libc(project)?;
        let libc = libc.as_deref().map(|it| (it, target.name()));
        let (old, upgrade) = (old.as_ref(), &Upgrade::Nothing);
        let last = last_solution(project, platform);
        let python = last.as_ref().filter(|it| it.origin.base == target.base(project)).map(|it| it.python.as_str());
        let layers = old.or(last.as_ref()).map(|it| &it.layers);
        let mut solved = solve(project, SolveBasis { platform, libc, python, old, upgrade, layers }, &*host()?)?;
        solved.origin.base = target.base(project);
        remember(project.cx, &solved)?;
        solved
    };
    let mut recipe = recipe.clone();
    recipe.plan.locked = Some(inputs::locked_files(project, &solved));
    Ok(recipe)
}

/// Where the packages will run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SolveTarget {
    /// In images made from the base image.
    Image,
    /// On this machine.
    Host,
}

impl SolveTarget {
    fn name(self) -> &'static str {
        match self {
            Self::Image => "the base image",
            Self::Host => "this machine",
        }
    }

    fn libc(self, project: &Project) -> Result<Option<String>> {
        match self {
            Self::Image => libc_of_base_image(project),
            Self::Host => libc_of_host(project),
        }
    }

    fn base(self, project: &Project) -> Option<BaseImage> {
        let name = || project.settings.base_image.to_string();
        (self == Self::Image).then(|| BaseImage { name: name(), id: None, digest: None })
    }
}

/// Where a solution is kept, in the form of a lock.
fn folder(platform: &Platform, variant: Option<&Variant>) -> Utf8PathBuf {
    let folder = Lock::folder_of(platform, variant);
    Utf8Path::new("solved").join(folder.file_name().unwrap_or_default())
}

/// The last solution. What cannot be read is none.
pub fn last_solution(project: &Project, platform: &Platform) -> Option<Lock> {
    let variant = inputs::lock_variant(project, platform);
    let folder = project.cx.scratch.path(folder(platform, variant.as_ref()));
    let text = |name: &str| Some((name.to_owned(), files::read_text_if_any(&folder.join(name)).ok()??));
    let texts: BTreeMap<String, String> = Lock::FILES.into_iter().filter_map(text).into_map();
    Lock::parse(platform, variant.as_ref(), &texts).ok()?
}

/// How the packages of a platform were cut into layers last: in the lock, or where there is none for what was built.
pub fn layers_before(project: &Project, platform: &Platform, lock: Option<&Lock>) -> Option<LayerPlan> {
    lock.map(|it| it.layers.clone()).or_else(|| Some(last_solution(project, platform)?.layers))
}

/// The last solution, if it is one of the dependency files and settings as they are.
fn known_solution(project: &Project, platform: &Platform, target: SolveTarget) -> Option<Lock> {
    let lock = last_solution(project, platform)?;
    let libc = lock.system.get("__glibc").map(|it| (format!("glibc {}", it.version), it.origin.clone()));
    let libc = libc.as_ref().map(|(libc, origin)| (libc.as_str(), origin.as_str()));
    let is_same = inputs::compare_lock(&lock, project, platform) == LockMatch::Exact
        && lock.origin.base == target.base(project)
        && (lock.origin.solver == Solver::Uv || lock.system.is_same(&assumed_system(project, platform, libc).ok()?));
    is_same.then_some(lock)
}

fn remember(cx: &Context, solved: &Lock) -> Result<()> {
    cx.scratch
        .write_tree(folder(&solved.platform, solved.origin.variant.as_ref()), &solved.tree(inputs::TOOL_VERSION))
        .map(drop)
}
