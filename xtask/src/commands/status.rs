//! `cargo xtask status`

use anyhow::Result;
use serde_json::{Value, json};

use docker::Container;
use images::{Freshness, ImageStatus, Target, foreign};
use inputs::{Engine, Project};
use process::Outcome;
use project::Context;

use crate::cli::StatusArgs;

impl StatusArgs {
    /// Shows the containers of this checkout and the images that they could run.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = Project::load(cx)?;
        let engine = Engine::choose(cx, &project.settings)?;
        match engine {
            Engine::Docker | Engine::Podman if self.json => cx.ui.data(docker_json(&project, &engine)?),
            Engine::Docker | Engine::Podman => docker(&project)?,
            Engine::Native if self.json => {
                let state = prefixes::describe_state(&project)?;
                let environment = json!({"path": cx.layout.prefix().as_str(), "state": state});
                let project = &project.settings.compose_project;
                cx.ui.data(json!({"engine": "native", "project": project, "environment": environment}));
            }
            Engine::Native => {
                let state = prefixes::describe_state(&project)?;
                cx.ui.data(format_args!("{}: {state}", cx.layout.relative(&cx.layout.prefix())));
            }
        }
        Ok(Outcome::Done)
    }
}

fn docker(project: &Project) -> Result<()> {
    let containers = containers::list(project)?;
    let mut rows = vec![["CONTAINER", "SERVICE", "STATE", "IMAGE"].map(str::to_owned)];
    for container in &containers {
        let service = container.service.clone().or_else(|| Some(format!("job {}", container.job.as_ref()?)));
        let service = service.as_deref().unwrap_or("(a command of its own)");
        let image = image_of(project, container);
        let was_rebuilt = containers::image_was_rebuilt(project.cx, container, &image);
        let image = format!("{image}{}", if was_rebuilt { " (rebuilt since)" } else { "" });
        rows.push([container.name.clone(), service.to_owned(), container.status.clone(), image]);
    }
    if containers.is_empty() {
        project.cx.ui.data("no containers; `cargo xtask up` starts one to develop in");
    } else {
        project.cx.ui.table(&rows);
    }
    for ImageStatus { target, platform, image, freshness } in images::overview(project)? {
        let (image, option) = match foreign(&platform) {
            Some(_) => (format!("{image} for {platform}"), format!(" --platform {platform}")),
            None => (image, String::new()),
        };
        let build = format!("`cargo xtask build {}{option}`", target.name());
        match freshness {
            Freshness::UpToDate { .. } => project.cx.ui.data(format_args!("image {image}: up to date")),
            Freshness::Unlabelled => project
                .cx
                .ui
                .data(format_args!("image {image}: has no labels that say what it was built from: {build}")),
            Freshness::Missing => project.cx.ui.data(format_args!("image {image}: not built: {build}")),
            Freshness::Stale(reasons) => {
                project.cx.ui.data(format_args!("image {image}: out of date: {build}"));
                for reason in reasons {
                    project.cx.ui.data(format_args!("  {reason}"));
                }
            }
        }
    }
    Ok(())
}

/// The name of a container's image. Docker itself shows an id once another image has the name.
fn image_of(project: &Project, container: &Container) -> String {
    let service = Target::ALL.into_iter().find(|it| container.service.as_deref() == Some(it.name()));
    service.map_or_else(|| container.image.clone(), |it| it.image(&project.settings.image))
}

/// The same as one JSON document. Every key is always present; an unknown value is null.
fn docker_json(project: &Project, engine: &Engine) -> Result<Value> {
    let container = |it: Container| {
        let image = image_of(project, &it);
        let was_rebuilt = containers::image_was_rebuilt(project.cx, &it, &image);
        json!({
            "id": it.id, "name": it.name, "service": it.service, "job": it.job, "exit_code": it.exit_code(),
            "state": it.state.to_string(), "status": it.status,
            "image": image, "has_newest_image": !was_rebuilt,
        })
    };
    let containers: Vec<Value> = containers::list(project)?.into_iter().map(container).collect();
    let image = |ImageStatus { target, platform, image, freshness }: ImageStatus| {
        let (state, reasons, built, commit) = match freshness {
            Freshness::Missing => ("missing", Vec::new(), None, None),
            Freshness::Unlabelled => ("unknown", Vec::new(), None, None),
            Freshness::Stale(reasons) => ("stale", reasons, None, None),
            Freshness::UpToDate { built, commit } => ("up-to-date", Vec::new(), Some(built), commit),
        };
        json!({
            "target": target.name(), "platform": platform.to_string(), "image": image, "state": state,
            "reasons": reasons, "built": built, "commit": commit,
        })
    };
    let images: Vec<Value> = images::overview(project)?.into_iter().map(image).collect();
    let project = &project.settings.compose_project;
    Ok(json!({"engine": engine.name(), "project": project, "containers": containers, "images": images}))
}
