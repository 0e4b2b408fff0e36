//! One package.

use crate::{Digest, Licence, PackageUrl};

/// Who has installed a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MaterialKind {
    Conda,
    /// pip and uv.
    Python,
    Apt,
}

impl MaterialKind {
    /// As tables and documents have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Conda => "conda",
            Self::Python => "pip",
            Self::Apt => "apt",
        }
    }
}

/// A package with what is known of where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Material {
    pub kind: MaterialKind,
    /// Normalised for Python.
    pub name: String,
    /// Unknown for some that a lock knows by a URL alone.
    pub version: Option<String>,
    pub url: PackageUrl,
    pub origin: MaterialOrigin,
    pub licence: Licence,
    /// What the package was built from, for those of apt in an image.
    pub source: Option<SourcePackage>,
}

/// A source package of Debian's, by which advisories name what is built from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourcePackage {
    pub name: String,
    pub version: String,
}

/// What a package was installed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MaterialOrigin {
    /// Files that were downloaded, or any one of them.
    Files(Vec<MaterialFile>),
    Vcs {
        /// `git`, `hg`, `bzr` or `svn`.
        kind: String,
        /// The repository, without credentials.
        url: String,
        /// The full id of the commit.
        commit: String,
    },
    /// A directory that nobody else has.
    Directory(String),
    /// Nothing that is installed or locked tells.
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaterialFile {
    /// Without credentials.
    pub url: String,
    /// None where nobody has noted any.
    pub digests: Vec<Digest>,
}

impl Material {
    /// The digests of what it was installed from; none where that may be one of several files.
    pub fn digests(&self) -> &[Digest] {
        match &self.origin {
            MaterialOrigin::Files(files) if files.len() == 1 => &files[0].digests,
            _ => &[],
        }
    }

    /// Why nobody can tell by a digest whether it is the same; `None` where it has one.
    pub fn without_digest(&self) -> Option<&'static str> {
        match &self.origin {
            MaterialOrigin::Files(files) => {
                files.iter().any(|it| it.digests.is_empty()).then_some("no digest of its file was noted")
            }
            MaterialOrigin::Vcs { .. } => Some("it is of a commit, which is its own digest"),
            MaterialOrigin::Directory(_) => Some("it is a local directory"),
            MaterialOrigin::Unknown if self.kind == MaterialKind::Apt => Some("dpkg notes none of its packages"),
            MaterialOrigin::Unknown => Some("no lock has the file that it was installed from"),
        }
    }
}
