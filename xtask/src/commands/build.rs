//! `cargo xtask build`

use anyhow::{Result, bail};

use docker::CachePolicy;
use environment::Platform;
use images::{BuildOrder, Delivery, Freshness, Target};
use inputs::{Engine, Inputs};
use process::Outcome;
use project::Context;

use crate::cli::{BuildArgs, Targets};

impl BuildArgs {
    /// Builds the images that are not what is asked for, or the native environment.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let inputs = Inputs::load(cx)?;
        cx.report(&inputs.doubts);
        if self.is_special() {
            return self.build_for(cx, &inputs);
        }
        let targets = self.outdated(cx, &inputs)?;
        if targets.is_empty() {
            return Ok(Outcome::Done);
        }
        match inputs::choose(cx, &inputs.settings)? {
            Engine::Docker => {
                let recipe = self.recipe(cx, &inputs, &Platform::of_containers())?;
                let freedom = CachePolicy { pull: self.pull, no_cache: self.no_cache, again: None };
                images::build_from(cx, &inputs, &targets, &recipe, freedom)?;
                // Those of `docker compose` by hand mount them, too.
                containers::make_dev_files(cx, &inputs.settings)?;
            }
            Engine::Native => {
                let recipe = self.recipe(cx, &inputs, &Platform::of_host())?;
                let prefix = prefixes::build_from(cx, &inputs, &recipe)?;
                if !cx.runner.is_dry_run() {
                    cx.ui.notice(format_args!("`{}` is what is asked for", cx.layout.relative(&prefix)));
                }
            }
        }
        Ok(Outcome::Done)
    }

    /// Whether it is for another place or platform than this machine, or by other means than its own.
    fn is_special(&self) -> bool {
        let goes_elsewhere = self.delivery() != Delivery::Load;
        goes_elsewhere || !self.platforms.is_empty() || self.builder.is_some() || !self.caches().is_empty()
    }

    /// Builds it be it up to date or not: nobody knows what is there, and the builder is quick where nothing has changed.
    fn build_for(&self, cx: &Context, inputs: &Inputs) -> Result<Outcome> {
        if inputs::choose(cx, &inputs.settings)? == Engine::Native {
            bail!("only images are for other platforms, builders and places, and these need Docker");
        }
        let delivery = self.delivery();
        if let (Delivery::Archive(_, file), Targets::All) = (&delivery, self.targets) {
            bail!("`{file}` can hold one image: name a target, runtime or dev");
        }
        let order = BuildOrder {
            targets: self.targets.each(),
            platforms: &self.platforms,
            builder: self.builder.as_deref(),
            name: self.to.as_ref(),
            delivery,
            caches: self.caches(),
            is_locked: self.locked,
            freedom: CachePolicy { pull: self.pull, no_cache: self.no_cache, again: None },
        };
        images::build_for(cx, inputs, &order)?;
        containers::make_dev_files(cx, &inputs.settings)?;
        Ok(Outcome::Done)
    }

    fn recipe(&self, cx: &Context, inputs: &Inputs, platform: &Platform) -> Result<inputs::Recipe> {
        if self.locked { inputs::locked_recipe(cx, inputs, platform) } else { inputs::recipe(cx, inputs, platform) }
    }

    /// The targets that have to be built. Of the others it says since when they are right, and of these why they are not.
    fn outdated(&self, cx: &Context, inputs: &Inputs) -> Result<Vec<Target>> {
        let targets = self.targets.each();
        if self.force || self.pull || self.no_cache {
            return Ok(targets.to_vec());
        }
        let recipe = inputs::recipe(cx, inputs, &Platform::of_containers())?;
        // A lock that is asked for and not there is said before anything else.
        let is_wanted = !self.locked || recipe.remarks.is_empty() && recipe.plan.locked.is_some();
        let mut outdated = Vec::new();
        for (&target, freshness) in targets.iter().zip(images::freshness(cx, inputs, targets, &recipe)?) {
            let image = target.image(&inputs.settings.image);
            match freshness {
                Freshness::UpToDate { built, commit } if is_wanted => {
                    let built = built.split('.').next().unwrap_or(&built).replace('T', " ");
                    let commit = commit.map(|it| format!(" from commit {}", &it[..it.len().min(12)]));
                    let commit = commit.unwrap_or_default();
                    cx.ui.notice(format_args!("`{image}` is up to date, built {built}{commit}"));
                }
                Freshness::Stale(reasons) => {
                    cx.ui.notice(format_args!("`{image}` is older than what is asked for:"));
                    for reason in reasons {
                        cx.ui.notice(format_args!("  {reason}"));
                    }
                    outdated.push(target);
                }
                Freshness::Unknown => {
                    cx.ui.notice(format_args!("`{image}` does not tell what it was made of"));
                    outdated.push(target);
                }
                Freshness::Missing | Freshness::UpToDate { .. } => outdated.push(target),
            }
        }
        Ok(outdated)
    }
}
