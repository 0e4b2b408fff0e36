//! The trials: a few faults of each case for every day, and all of them for who asks.

use std::sync::Arc;

use libtest_mimic::{Completion, Failed, Trial};

use crate::case::{Case, Subject};
use crate::cases::CASES;
use crate::chance::Chance;
use crate::fault::Fault;
use crate::tally::{Counts, Tally};
use crate::verdict::Harm;
use crate::world::{command, host_variable, strace};

/// So many calls are chosen by chance for each case.
const AT_RANDOM: usize = 40;
/// So many harms of a trial are shown.
const SHOWN: usize = 12;

/// Kinds of faults, which a row of the table counts, and how many of them are tried every day.
const FAMILIES: [(&str, usize, fn(&Subject) -> Vec<Fault>); 5] = [
    ("killed before each step", 3, |it| Fault::signals(&it.calls, "KILL")),
    ("killed at random", 1, |it| Fault::at_random(&it.calls, AT_RANDOM, &mut Chance::of(it.case.name))),
    ("ended by TERM, INT, HUP", 1, |it| {
        ["TERM", "INT", "HUP"].into_iter().flat_map(|signal| Fault::signals(&it.calls, signal)).collect()
    }),
    ("each step fails", 2, |it| Fault::errors(&it.calls)),
    ("the disk is full or breaks", 1, |it| Fault::from_each_step_on(&it.calls)),
];

/// What the tries of a trial have come to.
#[derive(Debug, Default)]
pub struct Report {
    counts: Counts,
    harms: Vec<String>,
}

impl Report {
    /// Counts a try. `what` was tried, and `repeat` asks for it again.
    pub fn add(&mut self, what: &str, repeat: &str, harms: &[Harm]) {
        self.counts.add(harms);
        if !harms.is_empty() {
            let lines: String = harms.iter().map(|it| format!("\n  {it}")).collect();
            self.harms.push(format!("{what}{lines}\n  again: {repeat}"));
        }
    }

    fn finish(self, tally: &Tally, row: &str) -> Result<Completion, Failed> {
        tally.add(row, self.counts);
        if self.harms.is_empty() {
            return Ok(Completion::Completed);
        }
        let more = self.harms.len().saturating_sub(SHOWN);
        let more = if more == 0 { String::new() } else { format!("\n… and {more} more") };
        Err(Failed::from(format!("{}{more}", self.harms[..self.harms.len().min(SHOWN)].join("\n"))))
    }
}

/// Every trial of this program.
pub fn all(tally: &Arc<Tally>) -> Vec<Trial> {
    let few = CASES.iter().map(|&case| {
        trial(tally, format!("a few::{}", case.name), "a few of each", move |report| try_a_few(case, report))
    });
    let each = CASES.iter().flat_map(|&case| {
        FAMILIES.iter().map(move |&(family, _, faults)| {
            trial(tally, format!("{}::{family}", case.name), family, move |report| try_all(case, faults, report))
                .with_ignored_flag(true)
        })
    });
    few.chain(each).collect()
}

/// A trial that needs strace.
fn trial(
    tally: &Arc<Tally>,
    name: String,
    row: &'static str,
    body: impl FnOnce(&mut Report) + Send + 'static,
) -> Trial {
    let tally = Arc::clone(tally);
    Trial::ignorable_test(name, move || {
        if let Some(why) = lacks_strace() {
            return Ok(Completion::ignored_with(why));
        }
        let mut report = Report::default();
        body(&mut report);
        report.finish(&tally, row)
    })
}

/// Why nothing can be disturbed, if so.
fn lacks_strace() -> Option<&'static str> {
    let Some(strace) = strace() else { return Some("strace is not installed") };
    let watched = command(strace).args(["--quiet=all", "--output=/dev/null", "true"]).status();
    (!watched.is_ok_and(|it| it.success())).then_some("strace may not watch a process here")
}

fn try_a_few(case: Case, report: &mut Report) {
    let subject = Subject::new(case);
    for (_, count, faults) in FAMILIES {
        let faults = faults(&subject);
        // Spread over the whole.
        let chosen = (0..count).filter_map(|it| faults.get((2 * it + 1) * faults.len() / (2 * count)));
        try_each(&subject, chosen, report);
    }
}

fn try_all(case: Case, faults: fn(&Subject) -> Vec<Fault>, report: &mut Report) {
    let subject = Subject::new(case);
    try_each(&subject, faults(&subject).iter(), report);
}

fn try_each<'a>(subject: &Subject, faults: impl Iterator<Item = &'a Fault>, report: &mut Report) {
    let chosen = host_variable("FAULT");
    for fault in faults.filter(|it| chosen.as_ref().is_none_or(|chosen| *chosen == it.to_string())) {
        let what = format!("`{}` and {fault}, {}", subject.case.verb.join(" "), fault.place());
        report.add(&what, &again(subject.case.name, &fault.to_string()), &subject.attempt(fault));
    }
}

/// The command line that tries a fault again.
pub fn again(name: &str, fault: &str) -> String {
    format!("FAULT={fault} cargo test --package xtask --test faults -- --include-ignored '{name}::'")
}
