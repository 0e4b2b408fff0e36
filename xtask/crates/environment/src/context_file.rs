//! The files by which the parts of the environment reach whatever installs them.

use project::AptStage;

/// A file of the generated build context that says what is to be installed.
///
/// The Dockerfile mounts each by its name. The native engine and the solvers read files of the same names. The lists of an
/// image's layers are in folders of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContextFile {
    /// The Python that uv finds or downloads, as a PEP 440 specifier; an empty line for any.
    Python,
    /// All of conda's packages and where they are installed, as its installer reads it; none with uv.
    Conda,
    /// uv itself, with its digests.
    Uv,
    /// conda's solver and installer, with its digests.
    Rattler,
    /// The folders of local projects, as they are in the repository, one a line.
    LocalProjects,
    /// System packages of a stage, sorted, one a line.
    Apt(AptStage),
}

impl ContextFile {
    /// Every file, whichever solver there is.
    pub const ALL: [Self; 8] = [
        Self::Python,
        Self::Conda,
        Self::Uv,
        Self::Rattler,
        Self::LocalProjects,
        Self::Apt(AptStage::Build),
        Self::Apt(AptStage::Runtime),
        Self::Apt(AptStage::Dev),
    ];

    /// The name, in the build context as beside other lists.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Python => "python.txt",
            Self::Conda => "conda.json",
            Self::Uv => "uv.txt",
            Self::Rattler => "py-rattler.txt",
            Self::LocalProjects => "local-projects.txt",
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
