//! Waiting until Docker calls every service healthy.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use docker::{Container, Health};
use inputs::Project;
use project::Context;

use super::dev;

/// More than the health check of a database or the like takes.
const PATIENCE: Duration = Duration::from_secs(300);
const POLL: Duration = Duration::from_millis(200);

/// Waits for each service of the compose files that runs.
pub fn wait(project: &Project) -> Result<()> {
    let start = Instant::now();
    for container in dev::containers(project)?.into_iter().filter(|it| it.service.is_some()) {
        while !is_healthy(project.cx, &container)? {
            if start.elapsed() > PATIENCE {
                bail!("`{}` is not healthy after {} s", container.name, PATIENCE.as_secs());
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
            bail!("`{}` is not healthy; what it printed last is above", container.name)
        }
    }
}
