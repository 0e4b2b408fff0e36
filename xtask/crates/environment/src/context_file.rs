//! The files by which the parts of the environment reach whatever installs them.

use project::AptStage;

/// A file of the generated build context that says what is to be installed.
///
/// The Dockerfile mounts each by its name. The native engine and the solvers read files of the same names, and two of them
/// are files of the lock, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContextFile {
    /// The Python that uv finds or downloads, as a PEP 440 specifier; an empty line for any.
    Python,
    /// Requirements that uv solves where it installs them, in a build for several platforms at once, or for one that nobody can
    /// solve for elsewhere. Else empty.
    Requirements,
    /// The lock of Python's distributions, PEP 751; empty where uv solves. pip and uv recognise such a file by this name.
    Pylock,
    /// conda's packages and where they are installed, as its installer reads it; empty with uv.
    Conda,
    /// The same, where other packages of conda's are installed over the locked ones; empty without such.
    CondaDifference,
    /// Python's distributions that are installed over the locked ones, in the same form; empty without such.
    PylockDifference,
    /// Distributions of the lock that are not needed any more, one a line.
    Removed,
    /// uv itself, with its digests.
    Uv,
    /// conda's solver and installer, with its digests.
    Rattler,
    /// System packages of a stage, sorted, one a line.
    Apt(AptStage),
}

impl ContextFile {
    /// Every file, whichever solver there is.
    pub const ALL: [Self; 12] = [
        Self::Python,
        Self::Requirements,
        Self::Pylock,
        Self::Conda,
        Self::CondaDifference,
        Self::PylockDifference,
        Self::Removed,
        Self::Uv,
        Self::Rattler,
        Self::Apt(AptStage::Build),
        Self::Apt(AptStage::Runtime),
        Self::Apt(AptStage::Dev),
    ];

    /// The name, in the build context as beside other lists.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Python => "python.txt",
            Self::Requirements => "requirements.txt",
            Self::Pylock => "pylock.toml",
            Self::Conda => "conda.json",
            Self::CondaDifference => "conda-difference.json",
            Self::PylockDifference => "pylock.difference.toml",
            Self::Removed => "removed.txt",
            Self::Uv => "uv.txt",
            Self::Rattler => "py-rattler.txt",
            Self::Apt(stage) => stage.file_name(),
        }
    }

    /// The file of a [`name`](Self::name).
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dockerfile_mounts_each_file_and_no_other_list() {
        let dockerfile = include_str!("../../../../installation/docker-amd64/Dockerfile");
        let mounted = dockerfile.split(",target=/lists/").skip(1).filter_map(|it| it.split_whitespace().next());
        let mut mounted: Vec<&str> = mounted.map(|it| it.trim_end_matches('\\')).collect();
        mounted.sort_unstable();
        mounted.dedup();
        let mut names = ContextFile::ALL.map(ContextFile::name);
        names.sort_unstable();
        assert_eq!(mounted, names);
        assert!(names.into_iter().all(|it| ContextFile::of_name(it).is_some_and(|file| file.name() == it)));
    }
}
