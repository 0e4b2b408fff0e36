//! The base images that everything in a trial is built on.

use std::time::{SystemTime, UNIX_EPOCH};

use process::Invocation;

use super::{super::timing::Preparation, Trial};

impl Trial<'_> {
    /// Builds a base image that no build has started from yet, so that the cache of layers is cold and those of packages warm.
    pub fn build_base(&self, number: usize) -> Vec<Preparation> {
        let dockerfile = "ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\nARG TRIAL\nRUN echo \"${TRIAL}\" >/etc/xtask-bench\n";
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_millis());
        let directory = self.path("base");
        let build = Invocation::new("docker")
            .args(["buildx", "build", "--load", "--build-arg", &format!("BASE_IMAGE={}", self.base_image)])
            .args(["--build-arg", &format!("TRIAL={now}"), "--label", &self.label()])
            .args(["--tag", &self.image("base", &number.to_string()), directory.as_str()]);
        let mut steps =
            vec![Preparation::Write(directory.join("Dockerfile"), dockerfile.to_owned()), Preparation::Start(build)];
        steps.extend(self.mark_base(number));
        steps
    }

    /// Builds something on a base image that tells what is built on it from all else in the builder's cache.
    fn mark_base(&self, number: usize) -> [Preparation; 2] {
        let dockerfile = format!("ARG BASE_IMAGE\nFROM ${{BASE_IMAGE}}\nRUN {}\n", self.mark());
        let directory = self.path("mark");
        let base = self.image("base", &number.to_string());
        let build = Invocation::new("docker")
            .args(["buildx", "build", "--load", "--build-arg", &format!("BASE_IMAGE={base}")])
            .args(["--tag", &self.image("base", "marked"), directory.as_str()]);
        [Preparation::Write(directory.join("Dockerfile"), dockerfile), Preparation::Start(build)]
    }

    /// The command of that, which does nothing.
    pub(super) fn mark(&self) -> String {
        format!("true xtask-bench {} base", self.project)
    }
}
