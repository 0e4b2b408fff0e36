//! Where buildx puts what it has built.

use camino::Utf8PathBuf;

/// How an image is kept in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArchiveKind {
    /// As `docker save` has it: one platform.
    Docker,
    /// As the OCI's image layout: one platform or several.
    Oci,
}

impl ArchiveKind {
    /// The word for it, buildx's.
    pub fn name(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Oci => "oci",
        }
    }
}

/// What buildx does with what one build has made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Export {
    /// Gives it to the daemon.
    #[default]
    Load,
    /// Pushes it.
    Push,
    /// Writes it to a file.
    Archive(ArchiveKind, Utf8PathBuf),
}
