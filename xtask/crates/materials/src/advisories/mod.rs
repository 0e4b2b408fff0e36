//! Records of known vulnerabilities, and which packages are in them.

mod audit;
mod cvss;
mod database;
mod date;
mod debian_version;
mod exceptions;
mod osv;
mod rating;
mod records;
mod zip;

pub use audit::{Audit, Unexamined, Vulnerability};
pub use database::AdvisoryDatabase;
pub use date::CalendarDate;
pub use exceptions::Exceptions;
pub use rating::Rating;
pub use zip::ZipArchive;

use osv::{Advisory, Ecosystem};
