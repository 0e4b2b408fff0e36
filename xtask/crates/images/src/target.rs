//! The images of a project, and what they are called.

use environment::Platform;

/// One image of the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// For unattended jobs.
    Runtime,
    /// The runtime and tools for people.
    Dev,
}

impl Target {
    pub const ALL: [Self; 2] = [Self::Runtime, Self::Dev];

    /// The name of its stage in the Dockerfile, of its service and of its image's tag.
    pub fn name(self) -> &'static str {
        match self {
            Self::Runtime => "runtime",
            Self::Dev => "dev",
        }
    }

    /// The name and tag of its image for this machine; `name` is without a tag.
    pub fn image(self, name: &str) -> String {
        format!("{name}:{}", self.name())
    }

    /// The name and tag of its image for a platform. The tag ends with the processor if that is not this machine's.
    pub fn image_for(self, name: &str, platform: &Platform) -> String {
        let image = self.image(name);
        foreign(platform).map_or_else(|| image.clone(), |it| format!("{image}-{it}"))
    }
}

/// Processors that an image's tag can name.
///
/// Source: Go's list of `GOARCH` for Linux, which Docker's platforms are named after.
pub(crate) const PROCESSORS: [&str; 10] =
    ["386", "amd64", "arm", "arm64", "loong64", "mips64le", "ppc64le", "riscv64", "s390x", "mips64"];

/// The platform in a tag that [`Target::image_for`] gives images for other machines; `None` for any other tag, such as one
/// with a hash or a commit.
pub(crate) fn foreign_of_tag(tag: &str) -> Option<Platform> {
    let (_, processor) = tag.split_once('-').filter(|(target, _)| Target::ALL.iter().any(|it| it.name() == *target))?;
    let platform = Platform::parse(&format!("linux/{processor}")).filter(|_| PROCESSORS.contains(&processor))?;
    foreign(&platform).is_some().then_some(platform)
}

/// The processor of a platform; `None` for this machine's own.
pub fn foreign(platform: &Platform) -> Option<&str> {
    (*platform != Platform::of_containers()).then(|| platform.architecture())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_image_for_another_processor_is_known_by_its_tag() {
        let other = Platform::parse("linux/s390x").unwrap();
        for target in Target::ALL {
            let image = target.image_for("h:5000/x", &other);
            assert_eq!(foreign_of_tag(image.rsplit(':').next().unwrap()), Some(other.clone()));
        }
        let own = format!("runtime-{}", Platform::of_containers().architecture());
        for tag in ["runtime", "runtime-603c026", "runtime-0123456789ab-s390x", "old-s390x", "runtime-mine", &own] {
            assert_eq!(foreign_of_tag(tag), None, "{tag}");
        }
    }
}
