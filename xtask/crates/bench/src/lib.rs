//! `bench`: measures what everyday work costs, in pairs against the usual layout of a research image (the control in
//! `benchmarks/control/`), and writes `benchmarks/results.md`. What is timed is in `catalogue`, how in `timing`, on what in
//! `trial`.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make the files that they look at"))]

mod catalogue;
mod machine;
mod report;
mod run;
mod samples;
mod size;
mod timing;
mod trial;

pub use run::{is_running, run};
