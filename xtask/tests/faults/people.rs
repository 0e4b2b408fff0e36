//! People who work on after a command was killed: they edit a file, copy the repository, or make it read-only.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use crate::case::{Case, NEXT, READING, Subject, comparable, kept};
use crate::cases::about_to_freeze;
use crate::disturbed::told;
use crate::fault::Fault;
use crate::report::{Extent, Report, again, is_wanted};
use crate::support::command;
use crate::tree::{Tree, tree_of};
use crate::verdict::{Harm, State, differences, judge, shortened};
use crate::world::{Ending, World};

const FREEZE: Case = Case { name: "freeze", verb: &["freeze"], begin: about_to_freeze, killed_before: None };

/// What a person writes into `environment.yml`.
const EDIT: &str = "# A person's own words.\n";
const ENVIRONMENT_YML: &str = "dependencies/environment.yml";

/// What a person may type next.
const VERBS: [&[&str]; 7] =
    [&["check"], &["freeze"], &["thaw"], &["drift"], &["list"], &["status"], &["env", "--set", "LAB_NAME=lab"]];

/// A user who may not write; on every Unix the number of `nobody`.
const NOBODY: u32 = 65534;

/// `freeze`, and the moments at which it is killed.
fn killed(extent: Extent, few: usize) -> (Subject, Vec<Fault>) {
    let subject = Subject::new(FREEZE);
    let faults = extent.of(Fault::signals(&subject.calls, "KILL"), few);
    (subject, faults.into_iter().filter(is_wanted).collect())
}

/// `freeze`, and the moments at which it is killed or finds the disk full.
fn killed_or_without_space(extent: Extent, few: usize) -> (Subject, Vec<Fault>) {
    let (subject, mut faults) = killed(extent, few);
    let failing = [Fault::errors(&subject.calls), Fault::from_each_step_on(&subject.calls)].concat();
    let without_space = failing.into_iter().filter(|it| it.to_string().starts_with("ENOSPC")).collect();
    faults.extend(extent.of(without_space, few).into_iter().filter(is_wanted));
    (subject, faults)
}

fn disturb(subject: &Subject, fault: &Fault) {
    subject.start();
    subject.world.run_traced(&fault.options(), subject.case.verb);
}

/// `freeze` is disturbed, `environment.yml` is edited, and then comes another command, and another `freeze`.
pub fn an_edit_survives(report: &mut Report, extent: Extent) {
    let (subject, faults) = killed_or_without_space(extent, 2);
    for verb in extent.of(VERBS.to_vec(), 3) {
        for fault in &faults {
            disturb(&subject, fault);
            let text = subject.world.repository.read(ENVIRONMENT_YML);
            subject.world.repository.write(ENVIRONMENT_YML, &format!("{text}{EDIT}"));
            let mut harms: Vec<Harm> =
                [verb, FREEZE.verb].into_iter().flat_map(|verb| after_an_edit(&subject, verb)).collect();
            harms.extend(unlike_a_freeze(&subject));
            harms.extend(leftovers(&subject));
            let what = format!("`freeze` and {fault}, an edit, `{}`, `freeze`", verb.join(" "));
            report.add(&what, &again("people::edit", fault), &harms);
        }
    }
}

/// Runs a command after the edit, which has to be there still.
fn after_an_edit(subject: &Subject, verb: &[&str]) -> Vec<Harm> {
    let ending = subject.world.run(verb);
    let is_there = subject.world.repository.read(ENVIRONMENT_YML).contains(EDIT);
    let lost = (!is_there).then(|| Harm::Lost(vec![format!("the edit of {ENVIRONMENT_YML}").into()]));
    failure(verb, &ending).into_iter().chain(lost).collect()
}

/// The lock is that of a `freeze` that nothing has disturbed.
fn unlike_a_freeze(subject: &Subject) -> Option<Harm> {
    let lock = |tree: &Tree| -> Tree {
        tree.iter()
            .filter(|(path, _)| path.starts_with("dependencies/lock"))
            .map(|(a, b)| (a.clone(), b.clone()))
            .collect()
    };
    let mut found = lock(&kept(&subject.world.tree()));
    let right = lock(&subject.right[subject.new]);
    found.retain(|path, _| right.contains_key(path));
    let differences = differences(&right, &found);
    (!differences.is_empty()).then(|| Harm::ByHand(format!("after another `freeze`, {}", shortened(&differences))))
}

/// Any failure of a command. `drift` fails where there is one.
fn failure(verb: &[&str], ending: &Ending) -> Option<Harm> {
    let may_differ = verb == ["drift"] && ending.code == Some(1) && !ending.said.contains("error: cannot");
    (ending.code != Some(0) && !may_differ)
        .then(|| Harm::ByHand(format!("`{}` fails afterwards: {}", verb.join(" "), told(ending))))
}

/// The files that are there and would not be, had nothing happened.
fn leftovers(subject: &Subject) -> Option<Harm> {
    subject.world.let_an_hour_pass();
    let found = comparable(&subject.world.tree());
    let left: Vec<String> =
        found.keys().filter(|it| !subject.settled.contains_key(*it)).map(|it| it.display().to_string()).collect();
    (!left.is_empty()).then(|| Harm::Left(shortened(&left)))
}

/// `freeze` is killed, and the repository copied. What happens in the copy does not change the original.
pub fn a_copy_is_on_its_own(report: &mut Report, extent: Extent) {
    let (subject, faults) = killed(extent, 3);
    for fault in faults {
        disturb(&subject, &fault);
        let (original, copy) = (subject.world.repository.path(""), subject.world.repository.temp("copy"));
        assert!(command("cp").arg("-a").args([&original, &copy]).status().unwrap().success());
        let before = tree_of(&original);
        let mut check = subject.world.command();
        check.args(NEXT).current_dir(&copy);
        let mut harms: Vec<Harm> = failure(&NEXT, &subject.world.finish(check)).into_iter().collect();
        let changed = differences(&before, &tree_of(&original));
        harms.extend(
            (!changed.is_empty()).then(|| Harm::Untrue(format!("`check` in the copy: {}", shortened(&changed)))),
        );
        harms.extend(copied_state(&subject, &copy));
        report.add(
            &format!("`freeze` and {fault}, a copy, `check` in the copy"),
            &again("people::copy", &fault),
            &harms,
        );
    }
}

/// What harm the copy has come to.
fn copied_state(subject: &Subject, copy: &Path) -> Option<Harm> {
    let inside = tree_of(copy).into_iter().map(|(path, it)| (Path::new("repository").join(path), it)).collect();
    let mut found = kept(&inside);
    // What git ignores is looked at elsewhere.
    found.retain(|path, _| subject.right.iter().any(|state| state.contains_key(path)));
    match judge(&subject.right, &found) {
        State::Whole(_) => None,
        State::Harmed(harm) => Some(harm),
    }
}

/// `freeze` is killed, and the repository becomes read-only. What only reads goes on.
pub fn reading_goes_on(report: &mut Report, extent: Extent) {
    let (subject, faults) = killed(extent, 3);
    for fault in faults {
        disturb(&subject, &fault);
        make_read_only(&subject.world);
        let mut harms: Vec<Harm> =
            READING.iter().filter_map(|verb| failure(verb, &run_as_nobody(&subject.world, verb))).collect();
        make_writable(&subject.world);
        harms.extend(failure(&NEXT, &subject.world.run(&NEXT)));
        harms.extend(failure(FREEZE.verb, &subject.world.run(FREEZE.verb)));
        harms.extend(leftovers(&subject));
        report.add(&format!("`freeze` and {fault}, read-only"), &again("people::read-only", &fault), &harms);
    }
}

/// Root may write everywhere, so the repository is given to somebody else, as who the program then runs.
fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|it| it.uid() == 0)
}

fn make_read_only(world: &World) {
    for_each(world, |place, mode| {
        if is_root() {
            chown(place, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        fs::set_permissions(place, fs::Permissions::from_mode(mode & 0o7555)).unwrap();
    });
    // What is beside the repository is the stand-ins' own.
    fs::set_permissions(world.repository.temp(""), fs::Permissions::from_mode(0o755)).unwrap();
    for folder in ["state", "tmp", "home"] {
        fs::set_permissions(world.repository.temp(folder), fs::Permissions::from_mode(0o777)).unwrap();
    }
}

fn make_writable(world: &World) {
    for_each(world, |place, mode| {
        if is_root() {
            chown(place, Some(0), Some(0)).unwrap();
        }
        fs::set_permissions(place, fs::Permissions::from_mode(mode | 0o200)).unwrap();
    });
}

/// Calls `change` for the repository and all in it, with the mode of each.
fn for_each(world: &World, change: impl Fn(&Path, u32)) {
    let root = world.repository.path("");
    let inside = tree_of(&root).into_iter().map(|(path, (mode, _))| (root.join(path), mode));
    for (place, mode) in inside.chain([(root.clone(), 0o755)]) {
        if !place.is_symlink() {
            change(&place, mode);
        }
    }
}

fn run_as_nobody(world: &World, verb: &[&str]) -> Ending {
    let program = world.command();
    // A copy: the program may lie where only its owner may go. Another process makes it, because a file that this one has open
    // for writing could be inherited by a child of another trial, and then cannot be started.
    let copy = world.repository.temp("bin/xtask");
    assert!(command("cp").args([program.get_program(), copy.as_os_str()]).status().unwrap().success());
    let mut command: Command = command(copy.to_str().unwrap());
    command.args(verb).current_dir(program.get_current_dir().unwrap());
    command.env_clear().envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    let ending = world.finish(command);
    fs::remove_file(world.repository.temp("bin/xtask")).unwrap();
    ending
}
