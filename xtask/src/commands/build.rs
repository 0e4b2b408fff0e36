//! `cargo xtask build`

use anyhow::{Result, bail};

use docker::{CachePolicy, Capability};
use images::{BuildOrder, BuildPlan, ComparedImage, Freshness, Target};
use inputs::{Engine, LockUse, Project, require_capability};
use prefixes::Rebuild;
use process::Outcome;
use project::Context;

use crate::cli::BuildArgs;

impl BuildArgs {
    /// Builds the images that are out of date, or the native environment.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = Project::load(cx)?;
        cx.report(&project.warnings);
        let order = self.order();
        let is_ordinary = order.is_ordinary();
        if !is_ordinary {
            require_docker(&project)?;
            require_capability(&project.settings, self.special_capability())?;
        }
        let plan = BuildPlan::new(&project, order)?;
        let targets = self.outdated(cx, &plan)?;
        if targets.is_empty() {
            // A build that was killed has not come to them.
            containers::create_dev_directories(cx, &project.settings)?;
            return Ok(Outcome::Done);
        }
        let engine = if is_ordinary { Engine::choose(cx, &project.settings)? } else { Engine::Docker };
        match engine {
            Engine::Docker | Engine::Podman => {
                plan.build(&targets)?;
                // `docker compose up` by hand mounts them too.
                containers::create_dev_directories(cx, &project.settings)?;
            }
            Engine::Native => {
                let rebuild = if self.force { Rebuild::Always } else { Rebuild::IfNeeded };
                let prefix = prefixes::build_recipe(&project, &plan.native_recipe()?, rebuild)?;
                // A dry run has not brought it up to date.
                if !cx.is_dry_run() {
                    cx.ui.notice(format_args!("`{}` is up to date", cx.layout.relative(&prefix)));
                }
            }
        }
        Ok(Outcome::Done)
    }

    fn order(&self) -> BuildOrder<'_> {
        BuildOrder {
            targets: self.targets.each(),
            platforms: &self.platforms,
            builder: self.builder.as_deref(),
            name: self.to.as_ref(),
            export: self.export(),
            caches: self.caches(),
            lock_use: self.lock_use(),
            cache_policy: CachePolicy { pull: self.pull, no_cache: self.no_cache, no_cache_stages: &[] },
        }
    }

    /// What the options are about that not every engine has.
    fn special_capability(&self) -> Capability {
        if self.platforms.is_empty() { Capability::Builders } else { Capability::SeveralPlatforms }
    }

    fn lock_use(&self) -> LockUse {
        if self.locked { LockUse::Require } else { LockUse::Prefer }
    }

    /// The targets that have to be built. Shows why, and for the others when they were built.
    fn outdated(&self, cx: &Context, plan: &BuildPlan) -> Result<Vec<Target>> {
        // It is not known what a registry or file has, and a builder is quick where nothing has changed.
        if self.force || self.pull || self.no_cache || !self.order().is_ordinary() {
            return Ok(self.targets.each().to_vec());
        }
        let mut outdated = Vec::new();
        for ComparedImage { target, image, freshness, earlier } in plan.compare() {
            match freshness {
                Freshness::UpToDate { built, commit } => {
                    let built = built.split('.').next().unwrap_or(&built).replace('T', " ");
                    // With a commit, the builder may have had the commit's time for the image.
                    let from = commit.as_ref().map(|it| format!("from commit {}", &it[..it.len().min(12)]));
                    cx.ui.notice(format_args!("`{image}` is up to date, built {}", from.unwrap_or(built)));
                    if commit.is_none() {
                        plan.name_after_commit(target)?;
                    }
                    continue;
                }
                Freshness::Stale(reasons) => {
                    cx.ui.notice(format_args!("`{image}` is out of date:"));
                    for reason in reasons {
                        cx.ui.notice(format_args!("  {reason}"));
                    }
                }
                Freshness::Unlabelled => {
                    cx.ui.notice(format_args!("`{image}` has no labels that say what it was built from"));
                }
                Freshness::Missing => {}
            }
            match earlier {
                Some(earlier) => plan.take_back(target, &earlier)?,
                None => outdated.push(target),
            }
        }
        Ok(outdated)
    }
}

fn require_docker(project: &Project) -> Result<()> {
    if Engine::choose(project.cx, &project.settings)? == Engine::Native {
        bail!("options for images need Docker: the native engine builds only for this machine");
    }
    Ok(())
}
