//! `cargo xtask status`

use anyhow::Result;

use crate::cli::Status;
use crate::context::Context;
use crate::environment::Platform;
use crate::image::Target;
use crate::inputs::Inputs;
use crate::outcome::Outcome;
use crate::provision::{self, Engine, Freshness};

impl Status {
    /// Shows the containers of this checkout and the images that they could run.
    pub fn run(cx: &Context) -> Result<Outcome> {
        let inputs = Inputs::load(cx)?;
        match provision::choose(cx, &inputs.settings)? {
            Engine::Docker => docker(cx, &inputs)?,
            Engine::Native => {
                let state = provision::prefix_state(cx, &inputs)?;
                cx.ui.data(format_args!("{}: {state}", cx.layout.relative(&cx.layout.prefix())));
            }
        }
        Ok(Outcome::Done)
    }
}

fn docker(cx: &Context, inputs: &Inputs) -> Result<()> {
    let containers = provision::containers(cx, inputs)?;
    let mut rows = vec![["CONTAINER", "SERVICE", "STATE", "IMAGE"].map(str::to_owned)];
    for container in &containers {
        let service = container.service.as_deref().unwrap_or("(a command of its own)");
        let is_older = provision::is_older(cx, container, &container.image);
        let remark = if is_older { " (built anew since)" } else { "" };
        let image = format!("{}{remark}", container.image);
        rows.push([container.name.clone(), service.to_owned(), container.status.clone(), image]);
    }
    if containers.is_empty() {
        cx.ui.data("no container; `cargo xtask up` starts one to develop in");
    } else {
        cx.ui.table(&rows);
    }
    let recipe = provision::recipe(cx, inputs, &Platform::of_containers())?;
    for (target, freshness) in Target::ALL.into_iter().zip(provision::freshness(cx, inputs, &Target::ALL, &recipe)?) {
        let image = target.image(&inputs.settings.image);
        let build = format!("`cargo xtask build {}`", target.name());
        match freshness {
            Freshness::UpToDate { .. } => cx.ui.data(format_args!("image {image}: up to date")),
            Freshness::Unknown => cx.ui.data(format_args!("image {image}: does not tell what it was made of: {build}")),
            Freshness::Missing => cx.ui.data(format_args!("image {image}: not built: {build}")),
            Freshness::Stale(reasons) => {
                cx.ui.data(format_args!("image {image}: older than what is asked for: {build}"));
                for reason in reasons {
                    cx.ui.data(format_args!("  {reason}"));
                }
            }
        }
    }
    Ok(())
}
