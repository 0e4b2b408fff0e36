//! The languages of the inputs.

mod apt_package;
mod channel;
pub mod conda;
pub mod python;

pub use apt_package::AptPackage;
pub use channel::Channel;
