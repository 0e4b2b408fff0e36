//! A command is disturbed, and then everything is looked at.

use std::path::PathBuf;

use crate::case::{NEXT, READING, Subject, comparable, kept};
use crate::fault::Fault;
use crate::tree::Tree;
use crate::verdict::{Harm, State, differences, judge, shortened};
use crate::world::{Ending, World};

/// A value that is nobody else's business, in the settings of some cases.
pub const SECRET: &str = "s3cr3t-0f-4-p3rs0n";

impl Subject {
    /// Disturbs the command, and tells what harm that has done.
    pub fn attempt(&self, fault: &Fault) -> Vec<Harm> {
        self.attempt_with(fault, |_| (), |_| ())
    }

    /// The same with something that is done before and after the command.
    pub fn attempt_with(&self, fault: &Fault, before: impl FnOnce(&World), after: impl FnOnce(&World)) -> Vec<Harm> {
        self.start();
        before(&self.world);
        let disturbed = self.world.run_traced(&fault.options(), self.case.verb);
        after(&self.world);
        let mut harms = Vec::new();
        if disturbed.code.is_none() {
            harms.push(Harm::ByHand(format!("it hangs: {}", disturbed.said)));
        }
        let at_once = self.look(&mut harms);
        let next = self.world.run(&NEXT);
        if next.code != Some(0) {
            harms.push(Harm::ByHand(format!("`check` fails afterwards: {}", told(&next))));
        }
        let later = self.look(&mut harms);
        if let State::Harmed(harm) = &later {
            harms.push(harm.clone());
        }
        if fault.can_be_told() {
            harms.extend(self.untruth(&disturbed, &at_once, &later));
        }
        self.repeat(&mut harms);
        harms
    }

    /// The state of people's files, without what git ignores and the next change removes.
    fn look(&self, harms: &mut Vec<Harm>) -> State {
        let mut found = kept(&self.world.tree());
        let is_known = |path: &PathBuf| self.right.iter().any(|state| state.contains_key(path));
        let unknown: Vec<PathBuf> = found.keys().filter(|it| !is_known(it)).cloned().collect();
        if !unknown.is_empty() {
            let shown = self.world.not_ignored(&unknown);
            harms.extend(shown.iter().map(|it| Harm::Left(format!("git does not ignore `{}`", it.display()))));
            harms.extend(
                unknown
                    .iter()
                    .filter(|it| lets_a_secret_out(&found, it))
                    .map(|it| Harm::Left(format!("everybody can read the secret in `{}`", it.display()))),
            );
            found.retain(|path, _| is_known(path));
        }
        judge(&self.right, &found)
    }

    /// Whether a command that ended by itself has told what it did.
    fn untruth(&self, disturbed: &Ending, at_once: &State, later: &State) -> Option<Harm> {
        if READING.contains(&self.case.verb) {
            // They go on with what they can read, and say what waits.
            return None;
        }
        let is_new = |state: &State| *state == State::Whole(self.new);
        let has_succeeded = disturbed.code == Some(0);
        if has_succeeded && !is_new(at_once) {
            return Some(Harm::Untrue(format!("it says that it succeeded, and did not: {}", told(disturbed))));
        }
        let was_whole = matches!(at_once, State::Whole(_)) && !is_new(at_once);
        let is_revived = !has_succeeded && was_whole && is_new(later);
        is_revived.then(|| Harm::Untrue(format!("it failed, and `check` makes its change: {}", told(disturbed))))
    }

    /// Once more, on another day: now all is as it should be, and nothing is left.
    fn repeat(&self, harms: &mut Vec<Harm>) {
        self.world.let_an_hour_pass();
        let again = self.world.run(self.case.verb);
        if again.code != self.codes[1] && again.code != self.codes[0] {
            harms.push(Harm::ByHand(format!("the same command again fails: {}", told(&again))));
        }
        // What runs on may yet change something.
        harms.extend(self.world.processes().into_iter().map(|it| Harm::Left(format!("the process `{it}`"))));
        let differences = differences(&self.settled, &comparable(&self.world.tree()));
        let (left, wrong): (Vec<_>, Vec<_>) = differences.into_iter().partition(|it| it.ends_with(" is left"));
        if !left.is_empty() {
            harms.push(Harm::Left(shortened(&left)));
        }
        if !wrong.is_empty() {
            harms.push(Harm::ByHand(format!("after the same command again, {}", shortened(&wrong))));
        }
    }
}

fn lets_a_secret_out(tree: &Tree, path: &PathBuf) -> bool {
    let (mode, contents) = &tree[path];
    mode & 0o077 != 0 && String::from_utf8_lossy(contents).contains(SECRET)
}

/// The exit code and the last lines of what a command said.
pub fn told(ending: &Ending) -> String {
    let code = ending.code.map_or_else(|| "it hangs".to_owned(), |code| format!("exit code {code}"));
    let lines: Vec<&str> = ending.said.lines().filter(|it| !it.is_empty()).collect();
    format!("{code}, {}", lines[lines.len().saturating_sub(3)..].join(" / "))
}
