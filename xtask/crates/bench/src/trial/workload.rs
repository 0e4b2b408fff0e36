//! What is built in a trial.

use inputs::Project;

/// What the sides build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    /// The text of `environment.yml`.
    pub environment_yml: String,
    /// The same packages as pip spells them.
    pub requirements: String,
    pub scale: Scale,
}

impl Workload {
    /// This project's own environment.
    pub fn of_project(project: &Project) -> Self {
        Self {
            environment_yml: project.environment.text().to_owned(),
            requirements: project.plan.requirements.clone(),
            scale: Scale::Small,
        }
    }
}

/// How much there is to build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Both images of each side. What rounds make goes at the end, and caches of packages stay.
    Small,
    /// The runtime images, of gigabytes. What a round has made goes after it, and caches of packages at the end.
    Large,
}
