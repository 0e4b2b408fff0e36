//! What the tries of a trial have come to, and how a try is asked for again.

use std::collections::BTreeSet;

use libtest_mimic::{Completion, Failed};

use crate::fault::Fault;
use crate::support::host_variable;
use crate::tally::{Counts, Tally};
use crate::verdict::Harm;

/// So many harms of a trial are shown.
const SHOWN: usize = 12;

#[derive(Debug, Default)]
pub struct Report {
    counts: Counts,
    harms: Vec<String>,
}

impl Report {
    /// Counts a try. `what` was tried, and the command line `again` repeats it.
    pub fn add(&mut self, what: &str, again: &str, harms: &[Harm]) {
        self.counts.add(harms);
        // The same may be seen after each of several commands.
        let harms: BTreeSet<&Harm> = harms.iter().collect();
        if !harms.is_empty() {
            let lines: String = harms.iter().map(|it| format!("\n  {it}")).collect();
            self.harms.push(format!("{what}{lines}\n  again: {again}"));
        }
    }

    /// Adds the counts to a row of the table, and fails where there was any harm.
    pub fn finish(self, tally: &Tally, row: &str) -> Result<Completion, Failed> {
        tally.add(row, self.counts);
        if self.harms.is_empty() {
            return Ok(Completion::Completed);
        }
        let more = self.harms.len().saturating_sub(SHOWN);
        let more = if more == 0 { String::new() } else { format!("\n… and {more} more") };
        Err(Failed::from(format!("{}{more}", self.harms[..self.harms.len().min(SHOWN)].join("\n"))))
    }
}

/// How many of the possible tries are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    Few,
    All,
}

impl Extent {
    /// All of these, or a few spread over the whole.
    pub fn of<T: Clone>(self, all: Vec<T>, few: usize) -> Vec<T> {
        match self {
            Self::All => all,
            Self::Few => spread(all, few),
        }
    }
}

/// At most so many, in equal distances.
pub fn spread<T: Clone>(all: Vec<T>, most: usize) -> Vec<T> {
    if all.len() <= most {
        return all;
    }
    (0..most).filter_map(|it| all.get((2 * it + 1) * all.len() / (2 * most)).cloned()).collect()
}

/// Whether somebody who wants to try one fault again has named this one, or none.
pub fn is_wanted(fault: &Fault) -> bool {
    host_variable("FAULT").is_none_or(|it| it == fault.to_string())
}

/// The command line that tries a fault again.
pub fn again(trial: &str, fault: &Fault) -> String {
    format!("FAULT={fault} {}", all_again(trial))
}

/// The command line that runs a trial again.
pub fn all_again(trial: &str) -> String {
    format!("cargo test --package xtask --test faults -- --include-ignored '{trial}'")
}
