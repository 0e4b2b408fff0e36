//! The copies of the repository that the benchmarks work on, with images and containers of their own.

mod base;
mod caches;
mod commands;
mod copies;
mod workload;

use anyhow::{Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use docker::labels;
use environment::{Platform, Solver, lock::Lock};
use inputs::Project;
use process::{Invocation, files};
use project::{AptStage, Context};

use super::{
    catalogue::{ExtraPackage, PYTHON_PACKAGES},
    dependencies::{AddedPackages, DependencyFiles, OurLock, requirements},
    leftovers::{BenchIdentity, DockerState, remove_containers},
    side::Side,
    timing::{Preparation, prepare, query},
};
pub use workload::{Scale, Workload};

/// The directories of all sides, with the same packages and base image: two copies of the repository, `ours` and `native`
/// (without Docker), and the two controls. They are removed at the end, with their images and containers.
#[derive(Debug)]
pub struct Trial<'a> {
    cx: &'a Context,
    /// The name of this repository, which is part of every other name, so that two benchmarks do not collide.
    project: String,
    base_image: String,
    pub dependencies: DependencyFiles,
    scale: Scale,
    /// What there is in Docker once everything was built that a round starts from; `None` where that may grow.
    prepared: Option<DockerState>,
}

impl<'a> Trial<'a> {
    /// Copies the repository, builds the images of all sides, and freezes ours, so that the controls get the same versions.
    pub fn prepare(project: &'a Project, workload: Workload) -> Result<Self> {
        ensure!(
            project.plan.solver == Solver::Uv,
            "`bench` compares with pip and uv: it needs an environment without conda"
        );
        let read = |stage| files::read_text(&project.cx.layout.apt_list(stage)).map(|text| (stage, text));
        let mut trial = Self {
            cx: project.cx,
            project: project.settings.compose_project.clone(),
            base_image: project.settings.base_image.to_string(),
            dependencies: DependencyFiles {
                asked: workload.environment_yml.clone(),
                frozen: workload.environment_yml,
                lock: Vec::new(),
                requirements: workload.requirements.clone(),
                locked_requirements: workload.requirements,
                apt: AptStage::ALL.into_iter().map(read).collect::<Result<_>>()?,
            },
            scale: workload.scale,
            prepared: None,
        };
        trial.remove();
        // A dry run does not need git either.
        if !project.cx.is_dry_run() {
            trial.copy(project)?;
        }
        trial.build_and_freeze()?;
        if trial.scale == Scale::Large && !project.cx.is_dry_run() {
            trial.prepared = Some(DockerState::now(project.cx, &trial.identity()));
        }
        Ok(trial)
    }

    fn build_and_freeze(&mut self) -> Result<()> {
        let cx = self.cx;
        cx.ui.notice("building the images of all sides, and freezing ours");
        let mut steps = self.build_base(0);
        steps.extend(self.write_dependencies(AddedPackages::Nothing));
        steps.extend([self.build_ours(), self.ours(&["freeze"])].map(Preparation::Start));
        prepare(cx, &steps)?;
        // A dry run has built and frozen nothing.
        if !cx.is_dry_run() {
            self.read_frozen()?;
        }
        // What is added later is downloaded now, so that no round waits for the network.
        prepare(cx, &self.build_all(AddedPackages::Python(&PYTHON_PACKAGES)))?;
        prepare(cx, &self.build_all(AddedPackages::Nothing))
    }

    /// Takes over what `freeze` has written.
    fn read_frozen(&mut self) -> Result<()> {
        let ours = self.path(Side::Ours.word());
        let folder = ours.join(Lock::folder_of(&Platform::of_containers(), None));
        let list = query(self.cx, &Invocation::new("find").args([folder.as_str(), "-type", "f"]))?.stdout;
        let read = |path: &str| {
            let path = Utf8Path::new(path);
            Ok::<_, anyhow::Error>((path.strip_prefix(&ours)?.to_owned(), files::read_text(path)?))
        };
        self.dependencies.lock = list.lines().map(read).collect::<Result<_>>()?;
        self.dependencies.frozen = files::read_text(&ours.join("dependencies/environment.yml"))?;
        let pylock = files::read_text(&folder.join("pylock.toml"))?;
        [self.dependencies.requirements, self.dependencies.locked_requirements] = requirements(&pylock)?;
        Ok(())
    }

    /// A path below the trial's directory.
    pub fn path(&self, relative: &str) -> Utf8PathBuf {
        self.cx.layout.bench_files().join(relative)
    }

    /// The name of an image of one side.
    pub fn image(&self, whose: &str, tag: &str) -> String {
        format!("xtask-bench/{}/{whose}:{tag}", self.project)
    }

    /// Writes the dependency files of all sides.
    pub fn write_dependencies(&self, added: AddedPackages) -> Vec<Preparation> {
        self.dependencies.steps(&self.path(""), added, OurLock::Present)
    }

    /// The same without our lock, and without its pins.
    pub fn write_unlocked_dependencies(&self, added: AddedPackages) -> Vec<Preparation> {
        self.dependencies.steps(&self.path(""), added, OurLock::Absent)
    }

    /// Adds packages to our frozen `environment.yml`, and leaves the lock as it is.
    pub fn edit_environment(&self, added: &[ExtraPackage]) -> Preparation {
        let text = self.dependencies.frozen_with(added);
        Preparation::Write(self.path("ours/dependencies/environment.yml"), text)
    }

    /// Builds all images of all sides.
    pub fn build_all(&self, added: AddedPackages) -> Vec<Preparation> {
        let mut steps = self.write_dependencies(added);
        let builds = match self.scale {
            Scale::Small => vec![
                self.compose(&["build", "runtime", "dev"]),
                self.strong_build("runtime", 0),
                self.strong_build("dev", 0),
                self.ours(&["build", "all"]),
            ],
            Scale::Large => Side::ALL.map(|it| self.build(it)).to_vec(),
        };
        steps.extend(builds.into_iter().map(Preparation::Start));
        steps
    }

    fn label(&self) -> String {
        format!("{}={}", labels::BENCH, self.project)
    }

    /// Removes what was built since the trial was prepared, if that is gigabytes.
    pub fn end_round(&self) {
        if let Some(prepared) = &self.prepared {
            prepared.restore(self.cx, &self.identity());
        }
    }

    /// Removes everything that was built, but for the caches of packages.
    pub fn forget_layers(&self) {
        // What there is to remove is asked for in the same way, which a dry run would only print.
        if !self.cx.is_dry_run() {
            DockerState::default().restore(self.cx, &self.identity());
        }
    }

    fn identity(&self) -> BenchIdentity {
        BenchIdentity { label: self.label(), mark: self.mark() }
    }

    /// Removes everything that this trial has made, or one before it that was killed.
    fn remove(&self) {
        if self.cx.is_dry_run() {
            return;
        }
        remove_containers(self.cx, &self.label());
        self.empty_large_caches();
        self.forget_layers();
        if let Err(error) = self.cx.files.remove_dir(&self.path("")) {
            self.cx.ui.error(&error);
        }
    }
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        self.remove();
    }
}
