//! Whether the layers of an image's environment are the same when they are made again.

use std::fmt;

use anyhow::{Context as _, Result};

use docker::ImageQuery;
use inputs::Project;

/// How many layers of an environment came out as the same bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReproducedLayers {
    pub same: usize,
    pub all: usize,
}

impl ReproducedLayers {
    /// Looks for the last `all` layers of the image that was made `again` in another one.
    pub fn of(project: &Project, image: &str, again: &str, all: usize) -> Result<Self> {
        Ok(Self::new(&digests(project, image)?, &digests(project, again)?, all))
    }

    fn new(image: &[String], again: &[String], all: usize) -> Self {
        let environment = again.iter().rev().take(all);
        Self { same: environment.filter(|it| image.contains(it)).count(), all }
    }
}

impl fmt::Display for ReproducedLayers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} layers of packages have the same digest", self.same, self.all)
    }
}

fn digests(project: &Project, image: &str) -> Result<Vec<String>> {
    let printed = project.cx.runner.read(&ImageQuery { image }.layer_digests())?.stdout;
    serde_json::from_str(&printed).with_context(|| format!("cannot read which layers `{image}` has"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_below_and_above_the_environment_do_not_count() {
        let digests = |it: &str| it.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let reproduced = |again: &str| ReproducedLayers::new(&digests("base a b c top"), &digests(again), 3);
        assert_eq!(reproduced("base a b c"), ReproducedLayers { same: 3, all: 3 });
        assert_eq!(reproduced("base a x c").to_string(), "2 of 3 layers of packages have the same digest");
    }
}
