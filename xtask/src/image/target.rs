//! The images that there are.

/// One image of the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// For unattended jobs.
    Runtime,
    /// The runtime and tools for people.
    Dev,
}

impl Target {
    /// Every target.
    pub const ALL: [Self; 2] = [Self::Runtime, Self::Dev];

    /// Its name: stage of the Dockerfile, tag of the image, service of compose.
    pub fn name(self) -> &'static str {
        match self {
            Self::Runtime => "runtime",
            Self::Dev => "dev",
        }
    }

    /// What the image of this target is called.
    pub fn image(self, name: &str) -> String {
        format!("{name}:{}", self.name())
    }
}
