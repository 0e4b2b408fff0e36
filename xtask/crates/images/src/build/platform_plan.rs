//! What the images of one platform are built from.

use anyhow::Result;

use docker::{BuildRequest, StageChoice};
use environment::{Platform, lock::NormalisedIntent};
use inputs::{LockUse, Project, Recipe, recipe};
use process::files::FileTree;
use solving::{SolveTarget, SolverHost};

use super::{BuildSources, solver_stage::ImageSolver};
use crate::{
    ImageInputs, Target,
    context::{build_context, stage_choice},
};

/// What the images of one platform are built from: decided once, and read by whoever compares, builds or names them.
#[derive(Debug, Clone)]
pub struct PlatformPlan {
    pub platform: Platform,
    pub recipe: Recipe,
    /// The build context.
    pub(super) tree: FileTree,
    runtime: ImageInputs,
    dev: ImageInputs,
}

impl PlatformPlan {
    /// Reads the platform's lock and decides what is installed from it.
    pub(crate) fn new(
        project: &Project,
        sources: &BuildSources,
        platform: &Platform,
        lock_use: LockUse,
    ) -> Result<Self> {
        let recipe = recipe(project, platform, lock_use)?;
        Ok(Self::of_recipe(project, sources, platform, recipe))
    }

    fn of_recipe(project: &Project, sources: &BuildSources, platform: &Platform, recipe: Recipe) -> Self {
        let tree = build_context(&project.intent, &recipe.plan, &project.pyproject, &sources.context);
        let solver = project.plan.solver;
        let arguments = BuildRequest::deciding_values(&project.settings, solver);
        let intent = NormalisedIntent::new(&project.intent, solver);
        let unsolved = recipe.plan.unsolved();
        let inputs =
            |target| ImageInputs::new(target, &tree, sources.dockerfile_text(), &arguments, &unsolved, intent.clone());
        let (runtime, dev) = (inputs(Target::Runtime), inputs(Target::Dev));
        Self { platform: platform.clone(), recipe, tree, runtime, dev }
    }

    /// The same with exact packages, to be built now. What decides whether an image is up to date stays what was asked for: a
    /// solver that is asked later may answer otherwise. Locking the answer makes no image older.
    pub(super) fn solved(&self, project: &Project, sources: &BuildSources, fresh: bool) -> Result<Self> {
        let host = || Ok(Box::new(ImageSolver::new(project, sources)?) as Box<dyn SolverHost>);
        let recipe = solving::solved_recipe(project, &self.recipe, &self.platform, SolveTarget::Image, host, fresh)?;
        let locked = Self::of_recipe(project, sources, &self.platform, recipe);
        let runtime = self.runtime.clone().locked_as(&locked.runtime);
        let dev = self.dev.clone().locked_as(&locked.dev);
        Ok(Self { runtime, dev, ..locked })
    }

    /// For this machine's containers, and whoever only wants to use one: a lock that cannot be read stops nobody.
    pub fn of_this_machine(project: &Project) -> Result<Self> {
        let sources = BuildSources::of(project)?;
        Self::new(project, &sources, &Platform::of_containers(), LockUse::IfReadable)
    }

    /// The stages of the Dockerfile that make its environment.
    pub(super) fn stages(&self) -> StageChoice {
        stage_choice(&self.recipe.plan)
    }

    /// Everything that decides what is in the image of a target.
    pub fn inputs(&self, target: Target) -> &ImageInputs {
        match target {
            Target::Runtime => &self.runtime,
            Target::Dev => &self.dev,
        }
    }
}
