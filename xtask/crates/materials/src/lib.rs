//! What a lock, an image or a prefix is made of: an [`Inventory`] of packages with their digests, origins and licences; the
//! documents that others read of it, CycloneDX and SPDX; and which packages are in the records of known vulnerabilities.
//! Everything is computed from values: who reads images, locks and records is above.

mod advisories;
mod cyclonedx;
mod digest;
mod from_lock;
mod from_snapshot;
mod inventory;
mod licence;
mod material;
mod package_url;
mod spdx;
mod unique_id;

pub use advisories::{
    AdvisoryDatabase, Audit, CalendarDate, Exceptions, Rating, Unexamined, Vulnerability, ZipArchive,
};
pub use digest::{Digest, DigestAlgorithm};
pub use inventory::{BillFormat, Inventory, InventorySubject, SubjectKind, seconds_of};
pub use licence::Licence;
pub use material::{Material, MaterialFile, MaterialKind, MaterialOrigin, SourcePackage};
pub use package_url::PackageUrl;
