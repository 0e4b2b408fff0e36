//! Fault tests: a command is killed before each of its steps, its disk is full, eight run at once, and people edit files in
//! between. After each try, all files have to be the old or the new ones, the next command has to work, and nothing may be
//! left.
//!
//! `cargo test --package xtask --test faults` tries a few of each; with `-- --ignored`, all of them are tried, and the table
//! at the end counts. What a try has failed with can be repeated with the line that is printed.

#![allow(clippy::disallowed_methods, reason = "tests make the files that they look at")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first thing that is not as it should"
)]

#[path = "../cli/ended.rs"]
#[allow(dead_code, reason = "the command-line tests use all of it")]
mod ended;
#[path = "../cli/installed.rs"]
#[allow(dead_code, reason = "the command-line tests use all of it")]
mod installed;
#[path = "../cli/repository.rs"]
#[allow(dead_code, reason = "the command-line tests use all of it")]
mod repository;
#[path = "../cli/stand_in.rs"]
#[allow(dead_code, reason = "the command-line tests use all of it")]
mod stand_in;
#[path = "../e2e/support/mod.rs"]
#[allow(dead_code, unused_imports, unused_macros, reason = "the end-to-end tests use all of it")]
mod support;
#[path = "../cli/tree.rs"]
mod tree;

mod at_once;
mod calls;
mod case;
mod cases;
mod chance;
mod clients;
mod disturbed;
mod fault;
mod lingering;
mod people;
mod report;
mod tally;
mod trials;
mod verdict;
mod world;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::Arguments;

use crate::tally::Tally;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let tally = Arc::new(Tally::default());
    let conclusion = libtest_mimic::run(&arguments, trials::all(&tally));
    if !tally.is_empty() {
        show(&tally);
    }
    conclusion.exit_code()
}

/// Tells the person at the terminal.
#[expect(clippy::print_stdout, reason = "a test program's output is for people")]
fn show(tally: &Tally) {
    println!("{tally}");
}
