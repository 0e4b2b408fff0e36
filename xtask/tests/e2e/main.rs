//! End-to-end tests: the real program on a real Docker engine, with real packages.
//!
//! Run them with `cargo test --package xtask --test e2e -- --ignored`. They take minutes and a daemon, so all of them are
//! ignored until they are asked for; then a missing daemon is a failure.

#![allow(clippy::disallowed_methods, reason = "tests make the files that they look at")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first thing that is not as it should"
)]

#[path = "../support/channel.rs"]
#[allow(dead_code, reason = "the tests of the command line use the rest of it")]
mod channel;
mod support;

mod arguments;
mod base;
mod bundle;
mod caching;
mod clusters;
mod compose;
mod conda;
mod contents;
mod devcontainer;
mod docs;
mod doctor;
mod entrypoint;
mod exit_codes;
mod failing;
mod freezing;
mod init;
mod jupyter;
mod leaks;
mod leaving;
mod living;
mod lock;
mod lock_formats;
mod native;
mod network;
mod paths;
mod pip_lists;
mod platforms;
mod podman;
mod prune;
mod receipts;
mod remote;
mod rootless;
mod running;
mod sharing;
mod size;
mod slurm;
mod ssh;
mod stopping;
mod streams;
mod terminal;
mod users;
mod verify;

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::support::{Need, Subject, Suite};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    if arguments.list || !(arguments.ignored || arguments.include_ignored) {
        return libtest_mimic::run(&arguments, trials(&Weak::new(), &Arc::default())).exit_code();
    }
    let interrupted = interruption();
    match Suite::set_up() {
        Ok(suite) => {
            // The only lasting owner: dropping it after the last trial cleans up.
            let suite = Arc::new(suite);
            libtest_mimic::run(&arguments, trials(&Arc::downgrade(&suite), &interrupted)).exit_code()
        }
        Err(why) => {
            support::say(&format!("error: the end-to-end tests did not start: {why}"));
            ExitCode::FAILURE
        }
    }
}

/// Becomes true at Ctrl-C, so that what is left to do is to clean up. The second Ctrl-C ends the process.
fn interruption() -> Arc<AtomicBool> {
    let interrupted = Arc::default();
    for signal in [SIGINT, SIGTERM] {
        flag::register_conditional_default(signal, Arc::clone(&interrupted)).expect("the signal can be handled");
        flag::register(signal, Arc::clone(&interrupted)).expect("the signal can be handled");
    }
    interrupted
}

fn trials(suite: &Weak<Suite>, interrupted: &Arc<AtomicBool>) -> Vec<Trial> {
    let trial = |subject: &str, needs: &'static [Need], name: &str, body: fn(&Suite)| {
        let (suite, interrupted) = (Weak::clone(suite), Arc::clone(interrupted));
        let run = move || {
            if interrupted.load(Ordering::Relaxed) {
                return Err(Failed::from("interrupted before it began"));
            }
            for need in needs {
                if let Some(why) = need.lack()? {
                    return Ok(Completion::ignored_with(why));
                }
            }
            body(&suite.upgrade().expect("the suite was set up"));
            Ok(Completion::Completed)
        };
        Trial::ignorable_test(format!("{subject}::{name}"), run).with_ignored_flag(true)
    };
    let undemanding = subjects().into_iter().map(|(subject, trials)| (subject, &[][..], trials));
    let named = |(subject, needs, trials): (&'static str, &'static [Need], Subject)| {
        trials.into_iter().map(move |(name, body)| (subject, needs, name, body))
    };
    let all = demanding().into_iter().chain(undemanding).flat_map(named);
    all.map(|(subject, needs, name, body)| trial(subject, needs, name, body)).collect()
}

/// What not every machine and engine can do, the long ones first.
fn demanding() -> Vec<(&'static str, &'static [Need], Subject)> {
    vec![
        ("platforms", &[Need::BothPlatforms], platforms::trials()),
        ("platforms::at_once", &[Need::BothPlatforms, Need::ContainerdStore], platforms::at_once::trials()),
        ("platforms::caches", &[Need::ContainerdStore], platforms::caches::trials()),
        ("slurm", &[Need::Slurm], slurm::trials()),
        ("platforms::second_name", &[Need::SecondName], platforms::second_name::trials()),
        ("rootless", &[Need::RootlessAccount], rootless::trials()),
        ("platforms::classic", &[Need::ClassicStore], platforms::classic::trials()),
    ]
}

/// The long ones first: what is quick fills the gaps between them.
fn subjects() -> Vec<(&'static str, Subject)> {
    vec![
        ("docs", docs::trials()),
        ("podman", podman::trials()),
        ("network", network::trials()),
        ("leaks", leaks::trials()),
        ("conda", conda::trials()),
        ("sharing", sharing::trials()),
        ("jupyter", jupyter::trials()),
        ("base", base::trials()),
        ("init", init::trials()),
        ("caching", caching::trials()),
        ("freezing", freezing::trials()),
        ("native", native::trials()),
        ("bundle", bundle::trials()),
        ("verify", verify::trials()),
        ("prune", prune::trials()),
        ("clusters", clusters::trials()),
        ("lock", lock::trials()),
        ("lock_formats", lock_formats::trials()),
        ("living", living::trials()),
        ("leaving", leaving::trials()),
        ("stopping", stopping::trials()),
        ("running", running::trials()),
        ("receipts", receipts::trials()),
        ("paths", paths::trials()),
        ("pip_lists", pip_lists::trials()),
        ("remote", remote::trials()),
        ("ssh", ssh::trials()),
        ("devcontainer", devcontainer::trials()),
        ("users", users::trials()),
        ("entrypoint", entrypoint::trials()),
        ("exit_codes", exit_codes::trials()),
        ("failing", failing::trials()),
        ("streams", streams::trials()),
        ("arguments", arguments::trials()),
        ("terminal", terminal::trials()),
        ("contents", contents::trials()),
        ("doctor", doctor::trials()),
        ("size", size::trials()),
        ("compose", compose::trials()),
    ]
}
