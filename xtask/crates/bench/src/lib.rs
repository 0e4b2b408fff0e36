//! `bench`: measures what everyday work costs, in turn with the usual layout of a research image and with the best that one
//! writes by hand (the controls in `benchmarks/control/` and `benchmarks/strong-control/`), and writes `benchmarks/results.md`.
//! What is measured is in `catalogue`, how in `timing`, on what in `trial`.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make the files that they look at"))]

mod case;
mod catalogue;
mod dependencies;
mod large;
mod leftovers;
mod machine;
mod measuring;
mod report;
mod run;
mod samples;
mod side;
mod size;
mod timing;
mod trial;

pub use large::run_large;
pub use run::run;
