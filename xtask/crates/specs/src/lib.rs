//! The languages of package names and versions: PEP 440 and 508, requirements files, conda match specs, apt packages.

mod apt_package;
mod channel;
pub mod conda;
pub mod python;

pub use apt_package::AptPackage;
pub use channel::Channel;
