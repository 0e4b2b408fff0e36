//! `cargo xtask status`

use anyhow::Result;

use crate::cli::Status;
use crate::context::Context;
use crate::image::Target;
use crate::inputs::Inputs;
use crate::outcome::Outcome;
use crate::provision::{self, Engine};

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
    for target in Target::ALL {
        let image = target.image(&inputs.settings.image);
        let state = match provision::is_up_to_date(cx, inputs, target)? {
            Some(true) => "up to date".to_owned(),
            Some(false) => format!("older than what is asked for: `cargo xtask build {}`", target.name()),
            None => format!("not built: `cargo xtask build {}`", target.name()),
        };
        cx.ui.data(format_args!("image {image}: {state}"));
    }
    Ok(())
}
