//! The languages of package names and versions: PEP 440 and 508, lines of requirements files, conda match specs and
//! channels, apt packages. One text at a time; the files that they stand in are the crate `environment`'s.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make the files that they look at"))]

mod apt_package;
mod channel;
pub mod conda;
pub mod python;

pub use apt_package::AptPackage;
pub use channel::Channel;
