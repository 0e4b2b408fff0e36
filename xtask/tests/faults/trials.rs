//! The trials: a few faults of each command for every day, and all of them for who asks.

use std::sync::Arc;

use libtest_mimic::{Completion, Trial};

use crate::case::{Case, Subject};
use crate::cases::CASES;
use crate::chance::Chance;
use crate::fault::Fault;
use crate::report::{Extent, Report, again, is_wanted, spread};
use crate::support::command;
use crate::tally::Tally;
use crate::world::strace;
use crate::{at_once, clients, lingering, people, verdict};

/// So many calls are chosen by chance for each case.
const AT_RANDOM: usize = 40;
/// So many tries are enough where a command does the same again and again, as a build that writes its context.
const ENOUGH: usize = 120;

/// Faults of one kind, which a row of the table counts.
#[derive(Debug, Clone, Copy)]
struct Family {
    name: &'static str,
    /// So many of them are tried every day.
    few: usize,
    faults: fn(&Subject) -> Vec<Fault>,
}

const KILLED: &str = "killed before each step";

const FAMILIES: [Family; 5] = [
    Family { name: KILLED, few: 3, faults: |it| Fault::signals(&it.calls, "KILL") },
    Family {
        name: "killed at random",
        few: 1,
        faults: |it| Fault::at_random(&it.calls, AT_RANDOM, &mut Chance::of(it.case.name)),
    },
    Family {
        name: "ended by TERM, INT, HUP",
        few: 1,
        faults: |it| ["TERM", "INT", "HUP"].into_iter().flat_map(|signal| Fault::signals(&it.calls, signal)).collect(),
    },
    Family { name: "each step fails", few: 2, faults: |it| Fault::errors(&it.calls) },
    Family { name: "the disk is full or breaks", few: 1, faults: |it| Fault::from_each_step_on(&it.calls) },
];

/// What is not a fault of one command alone. Its name is a row of the table, too.
#[derive(Debug, Clone, Copy)]
struct Group {
    name: &'static str,
    need: Need,
    body: fn(&mut Report, Extent),
}

const GROUPS: [Group; 9] = [
    Group { name: "the client of up is gone", need: Need::Engine, body: clients::up },
    Group { name: "the client of build is gone", need: Need::Engine, body: clients::build },
    Group { name: "the client of run is gone", need: Need::Engine, body: clients::run },
    Group { name: "the client of exec is gone", need: Need::Engine, body: clients::exec },
    Group { name: "people::edit", need: Need::Strace, body: people::an_edit_survives },
    Group { name: "people::copy", need: Need::Strace, body: people::a_copy_is_on_its_own },
    Group { name: "people::read-only", need: Need::Strace, body: people::reading_goes_on },
    Group { name: "eight at once", need: Need::Strace, body: at_once::eight_at_once_are_as_one_after_the_other },
    Group { name: "uv outlives its client", need: Need::Strace, body: lingering::the_next_build_is_whole },
];

/// What not every machine has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Strace,
    Engine,
}

impl Need {
    /// Why it is not met, if so.
    fn lack(self) -> Option<String> {
        match self {
            Self::Strace => lacks_strace().map(str::to_owned),
            Self::Engine => clients::lacks_engine(),
        }
    }
}

/// Why nothing can be disturbed, if so.
fn lacks_strace() -> Option<&'static str> {
    let Some(strace) = strace() else { return Some("strace is not installed") };
    let watched = command(strace.to_str().unwrap()).args(["--quiet=all", "--output=/dev/null", "true"]).status();
    (!watched.is_ok_and(|it| it.success())).then_some("strace may not watch a process here")
}

/// Every trial of this program. The long ones come first.
pub fn all(tally: &Arc<Tally>) -> Vec<Trial> {
    let groups = GROUPS.iter().map(|&Group { name, need, body }| {
        trial(tally, need, name.to_owned(), name, move |report| body(report, Extent::All)).with_ignored_flag(true)
    });
    let each = CASES.iter().flat_map(|&case| {
        FAMILIES.iter().map(move |&family| {
            let name = format!("{}::{}", case.name, family.name);
            trial(tally, Need::Strace, name, family.name, move |report| try_all(case, family, report))
                .with_ignored_flag(true)
        })
    });
    let few = CASES.iter().map(|&case| {
        let name = format!("a few::{}", case.name);
        trial(tally, Need::Strace, name, "a few of each", move |report| try_a_few(case, report))
    });
    // An engine needs an image first, which takes minutes.
    let few_of_groups = GROUPS.iter().filter(|it| it.need != Need::Engine).map(|&Group { name, need, body }| {
        let few = format!("a few::{name}");
        trial(tally, need, few, "a few of each", move |report| body(report, Extent::Few))
    });
    let verdict = Trial::test("each harm is told from the others", || {
        verdict::tells_each_harm_from_the_others();
        Ok(())
    });
    groups.chain(each).chain(few).chain(few_of_groups).chain([verdict]).collect()
}

fn trial(
    tally: &Arc<Tally>,
    need: Need,
    name: String,
    row: &'static str,
    body: impl FnOnce(&mut Report) + Send + 'static,
) -> Trial {
    let tally = Arc::clone(tally);
    Trial::ignorable_test(name, move || {
        if let Some(why) = need.lack() {
            return Ok(Completion::ignored_with(why));
        }
        let mut report = Report::default();
        body(&mut report);
        report.finish(&tally, row)
    })
}

fn try_a_few(case: Case, report: &mut Report) {
    let subject = Subject::new(case);
    for family in FAMILIES {
        try_each(&subject, &Extent::Few.of((family.faults)(&subject), family.few), report);
    }
}

fn try_all(case: Case, family: Family, report: &mut Report) {
    let subject = Subject::new(case);
    let faults = (family.faults)(&subject);
    // It is killed everywhere, though.
    let faults = if family.name == KILLED { faults } else { spread(faults, ENOUGH) };
    try_each(&subject, &faults, report);
}

fn try_each(subject: &Subject, faults: &[Fault], report: &mut Report) {
    for fault in faults.iter().filter(|it| is_wanted(it)) {
        let what = format!("`{}` and {fault}, {}", subject.case.verb.join(" "), fault.place());
        report.add(&what, &again(&format!("{}::", subject.case.name), fault), &subject.attempt(fault));
    }
}
