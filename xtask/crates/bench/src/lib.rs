//! What everyday work costs, measured against the usual layout of a research image, in pairs on one machine.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make the files that they look at"))]

mod catalogue;
mod machine;
mod report;
mod run;
mod samples;
mod size;
mod timing;
mod trial;

pub use run::run;
