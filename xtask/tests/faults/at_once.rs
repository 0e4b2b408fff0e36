//! Eight commands at once in one repository.

use std::path::Path;

use crate::case::{NEXT, comparable, kept};
use crate::cases::about_to_freeze;
use crate::disturbed::told;
use crate::report::{Extent, Report, all_again};
use crate::repository::ENV_FILE;
use crate::tree::Tree;
use crate::verdict::{Harm, State, judge, shortened};
use crate::world::{Started, World};

/// So many times they meet.
const ROUNDS: usize = 60;

/// What each of the eight does.
const EIGHT: [&[&str]; 8] = [&["freeze"], &["thaw"], &["lock"], &["freeze"], FIRST, SECOND, &["check"], &["drift"]];
const FIRST: &[&str] = &["env", "--set", "LAB_NAME=one"];
const SECOND: &[&str] = &["env", "--set", "SHM_SIZE=2gb"];

/// What changes the same files, in each order that makes a difference.
const ORDERS: [[&str; 4]; 12] = [
    ["freeze", "freeze", "thaw", "lock"],
    ["freeze", "freeze", "lock", "thaw"],
    ["freeze", "thaw", "freeze", "lock"],
    ["freeze", "thaw", "lock", "freeze"],
    ["freeze", "lock", "freeze", "thaw"],
    ["freeze", "lock", "thaw", "freeze"],
    ["thaw", "freeze", "freeze", "lock"],
    ["thaw", "freeze", "lock", "freeze"],
    ["thaw", "lock", "freeze", "freeze"],
    ["lock", "freeze", "freeze", "thaw"],
    ["lock", "freeze", "thaw", "freeze"],
    ["lock", "thaw", "freeze", "freeze"],
];

/// What eight leave is what one after the other would have left, in some order.
pub fn eight_at_once_are_as_one_after_the_other(report: &mut Report, extent: Extent) {
    let world = about_to_freeze();
    world.repository.stand_ins.note("python-found", "3.12.4\n");
    let old = world.tree();
    let after: Vec<Tree> = ORDERS.iter().map(|order| one_after_the_other(&world, &old, order)).collect();
    let right: Vec<Tree> = after.iter().map(in_any_order).collect();
    for round in extent.of((0..ROUNDS).collect(), 3) {
        world.reset(&old);
        let children: Vec<(&[&str], Started)> = EIGHT.into_iter().map(|verb| (verb, world.start(verb))).collect();
        let mut harms: Vec<Harm> = Vec::new();
        for (verb, child) in children {
            let ending = child.wait();
            let may_differ = verb == ["drift"] && ending.code == Some(1);
            if ending.code != Some(0) && !may_differ {
                harms.push(Harm::ByHand(format!("`{}` fails: {}", verb.join(" "), told(&ending))));
            }
        }
        if let State::Harmed(harm) = judge(&right, &in_any_order(&world.tree())) {
            harms.push(harm);
        }
        let next = world.run(&NEXT);
        if next.code != Some(0) {
            harms.push(Harm::ByHand(format!("`check` fails afterwards: {}", told(&next))));
        }
        harms.extend(leftovers(&world, &after));
        report.add(&format!("round {round}"), &all_again("eight at once"), &harms);
    }
}

/// The files of people; settings may be set in either order.
fn in_any_order(tree: &Tree) -> Tree {
    let mut files = kept(tree);
    let settings = &mut files.get_mut(Path::new(ENV_FILE)).unwrap().1;
    let mut lines: Vec<&[u8]> = settings.split(|it| *it == b'\n').collect();
    lines.sort_unstable();
    *settings = lines.join(&b'\n');
    files
}

fn one_after_the_other(world: &World, old: &Tree, order: &[&str]) -> Tree {
    world.reset(old);
    for verb in order.iter().map(std::slice::from_ref).chain([FIRST, SECOND]) {
        let ending = world.run(verb);
        assert_eq!(ending.code, Some(0), "{verb:?} of {order:?}: {}", ending.said);
    }
    let settings = world.repository.read(ENV_FILE);
    assert!(settings.contains("LAB_NAME=one") && settings.contains("SHM_SIZE=2gb"), "{settings}");
    world.tree()
}

fn leftovers(world: &World, after: &[Tree]) -> Option<Harm> {
    let known: Vec<Tree> = after.iter().map(comparable).collect();
    let found = comparable(&world.tree());
    let left = found.keys().filter(|path| !known.iter().any(|it| it.contains_key(*path)));
    let mut left: Vec<String> = left.map(|it| it.display().to_string()).collect();
    left.extend(world.processes());
    (!left.is_empty()).then(|| Harm::Left(shortened(&left)))
}
