//! `up --wait`: waits for the health checks of the compose files.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use docker::{Container, Health};
use inputs::Project;
use project::Context;

use super::dev_container;

/// Longer than the health check of a database takes.
const TIME_LIMIT: Duration = Duration::from_secs(300);
const POLL: Duration = Duration::from_millis(200);

/// Waits until every running service is healthy; one without a health check counts as healthy.
pub fn wait_until_healthy(project: &Project) -> Result<()> {
    let start = Instant::now();
    for container in dev_container::list(project)?.into_iter().filter(|it| it.service.is_some()) {
        while !is_healthy(project.cx, &container)? {
            if start.elapsed() > TIME_LIMIT {
                bail!("`{}` is not healthy after {} s", container.name, TIME_LIMIT.as_secs());
            }
            thread::sleep(POLL);
        }
    }
    Ok(())
}

fn is_healthy(cx: &Context, container: &Container) -> Result<bool> {
    let answer = cx.runner.read(&container.health_query())?.stdout;
    match Health::parse(&answer) {
        Health::Healthy => Ok(true),
        Health::Starting => Ok(false),
        Health::Unhealthy => {
            _ = cx.runner.status(&container.logs(false, Some("30")));
            bail!("`{}` is not healthy; its last output is above", container.name)
        }
    }
}
