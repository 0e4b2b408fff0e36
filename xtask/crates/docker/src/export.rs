//! What buildx does with an image that it has built.

use camino::Utf8PathBuf;

/// The format of an image in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArchiveKind {
    /// The format of `docker save`: one platform.
    Docker,
    /// The OCI's image layout: one platform or several.
    Oci,
}

impl ArchiveKind {
    /// buildx's word for the format.
    pub fn name(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Oci => "oci",
        }
    }
}

/// What buildx does with an image that it has built.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Export {
    /// To the daemon.
    #[default]
    Load,
    /// To the registry in its name.
    Push,
    Archive(ArchiveKind, Utf8PathBuf),
}
