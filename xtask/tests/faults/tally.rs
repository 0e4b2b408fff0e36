//! How many tries there were, and what they did harm to.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::sync::{Mutex, PoisonError};

use crate::verdict::Harm;

/// What one trial has counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    tries: usize,
    lost: usize,
    mixed: usize,
    untrue: usize,
    by_hand: usize,
    left: usize,
}

impl Counts {
    /// Counts a try, each kind of harm once.
    pub fn add(&mut self, harms: &[Harm]) {
        self.tries += 1;
        let count = |is_one: fn(&Harm) -> bool| usize::from(harms.iter().any(is_one));
        self.lost += count(|it| matches!(it, Harm::Lost(_)));
        self.mixed += count(|it| matches!(it, Harm::Mixed(_)));
        self.untrue += count(|it| matches!(it, Harm::Untrue(_)));
        self.by_hand += count(|it| matches!(it, Harm::ByHand(_)));
        self.left += count(|it| matches!(it, Harm::Left(_)));
    }

    fn plus(self, other: Self) -> Self {
        Self {
            tries: self.tries + other.tries,
            lost: self.lost + other.lost,
            mixed: self.mixed + other.mixed,
            untrue: self.untrue + other.untrue,
            by_hand: self.by_hand + other.by_hand,
            left: self.left + other.left,
        }
    }

    fn columns(self) -> [usize; 6] {
        [self.tries, self.lost, self.mixed, self.untrue, self.by_hand, self.left]
    }
}

/// The counts of all trials by their names.
#[derive(Debug, Default)]
pub struct Tally(Mutex<BTreeMap<String, Counts>>);

impl Tally {
    /// Adds what a trial has counted.
    pub fn add(&self, name: &str, counts: Counts) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sum = all.entry(name.to_owned()).or_default();
        *sum = sum.plus(counts);
    }

    pub fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

/// As a table.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let width = all.keys().map(String::len).max().unwrap_or_default();
        let row = |name: &str, cells: [String; 6]| {
            let mut row = format!("{name:width$}");
            for cell in cells {
                _ = write!(row, " {cell:>8}");
            }
            row
        };
        writeln!(f, "{}", row("", ["tries", "lost", "mixed", "untrue", "by hand", "left"].map(str::to_owned)))?;
        for (name, counts) in all.iter() {
            writeln!(f, "{}", row(name, counts.columns().map(|it| it.to_string())))?;
        }
        let sum = all.values().fold(Counts::default(), |sum, it| sum.plus(*it));
        write!(f, "{}", row("all", sum.columns().map(|it| it.to_string())))
    }
}
