//! The images that there are.

use crate::environment::Platform;

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

    /// What the image of this target for a platform is called: another than this machine's has its processor in the tag.
    pub fn image_for(self, name: &str, platform: &Platform) -> String {
        let image = self.image(name);
        foreign(platform).map_or_else(|| image.clone(), |it| format!("{image}-{it}"))
    }
}

/// The processor of a platform that is not this machine's.
pub fn foreign(platform: &Platform) -> Option<&str> {
    (*platform != Platform::of_containers()).then(|| platform.architecture())
}
