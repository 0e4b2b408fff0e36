//! A command that changes something, what it starts from, and what it comes to where nothing disturbs it.

use std::path::{Path, PathBuf};

use crate::calls::SystemCall;
use crate::tree::Tree;
use crate::world::{World, is_folder};

/// A command to be disturbed.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// What it is called in the table.
    pub name: &'static str,
    /// The program's arguments.
    pub verb: &'static [&'static str],
    /// Makes what it starts from. Where that is the middle of a change already, also gives what was there before that.
    pub begin: fn() -> (World, Option<Tree>),
}

/// A case, and what it comes to.
#[derive(Debug)]
pub struct Subject {
    pub case: Case,
    pub world: World,
    /// Everything before the command.
    pub old: Tree,
    /// The files of people that are right, as a whole.
    pub right: Vec<Tree>,
    /// The place of the command's own result among them.
    pub new: usize,
    /// The exit code of the command, and of the same command again.
    pub codes: [Option<i32>; 2],
    /// Everything after the command, another one, and the same command again.
    pub settled: Tree,
    /// What the command does.
    pub calls: Vec<SystemCall>,
}

/// The command that comes next: it only reads, and finishes what another has left.
pub const NEXT: [&str; 1] = ["check"];

impl Subject {
    /// Runs the command undisturbed, twice from the start, so that a difference later is a harm and no accident.
    pub fn new(case: Case) -> Self {
        let (world, earlier) = (case.begin)();
        let old = world.tree();
        let (first, calls) = world.trace(case.verb);
        let new = kept(&world.tree());
        let (again, settled) = settle(&world, case);
        world.reset(&old);
        let second = world.run(case.verb);
        assert_eq!(first.code, second.code, "{}: {}\n{}", case.name, first.said, second.said);
        assert!(kept(&world.tree()) == new, "`{}` comes to the same each time", case.name);
        let differences = crate::verdict::differences(&settled, &settle(&world, case).1);
        assert!(differences.is_empty(), "`{}` does not: {differences:#?}", case.name);
        let right = right(&world, &old, earlier, new.clone());
        let place = right.iter().position(|it| *it == new).unwrap();
        Self { case, world, old, right, new: place, codes: [first.code, again], settled, calls }
    }
}

/// The files of people that are right: before the command and after it. Where it starts amid another one, that may be done or
/// undone first.
fn right(world: &World, old: &Tree, earlier: Option<Tree>, new: Tree) -> Vec<Tree> {
    let Some(earlier) = earlier else { return vec![kept(old), new] };
    world.reset(old);
    world.run(&NEXT);
    vec![kept(&earlier), kept(&world.tree()), new]
}

/// What the commands afterwards come to.
fn settle(world: &World, case: Case) -> (Option<i32>, Tree) {
    let next = world.run(&NEXT);
    assert_eq!(next.code, Some(0), "{}", next.said);
    world.let_an_hour_pass();
    let again = world.run(case.verb);
    (again.code, comparable(&world.tree()))
}

/// The files of people: not folders, nor what the tool can make again.
pub fn kept(tree: &Tree) -> Tree {
    let is_made =
        |path: &Path| ["target", ".venv", "installation/docker-amd64/.dev"].iter().any(|it| path.starts_with(it));
    let file = |(path, contents): (&PathBuf, &(u32, Vec<u8>))| {
        let path = path.strip_prefix("repository").ok()?;
        (!is_folder(contents.0) && !is_made(path)).then(|| (path.to_owned(), contents.clone()))
    };
    tree.iter().filter_map(file).collect()
}

/// Everything that is the same each time.
pub fn comparable(tree: &Tree) -> Tree {
    let general = |(path, (mode, contents)): (&PathBuf, &(u32, Vec<u8>))| {
        let text = path.to_str().unwrap();
        if text.starts_with("state/") && !["state/images", "state/containers"].contains(&text) {
            return None;
        }
        if text == "state/images" {
            // A build that is repeated names the same images again.
            let text = String::from_utf8_lossy(contents).into_owned();
            let mut lines: Vec<&str> = text.lines().filter_map(|it| it.split_whitespace().next()).collect();
            lines.sort_unstable();
            lines.dedup();
            return Some((path.clone(), (*mode, lines.join("\n").into_bytes())));
        }
        if text.ends_with(".dev/jupyter/token") {
            return Some((path.clone(), (*mode, Vec::new())));
        }
        match path.parent() {
            // No two leases have the same name.
            Some(folder) if folder.ends_with("leases") => Some((folder.join("LEASE"), (*mode, contents.clone()))),
            _ => Some((path.clone(), (*mode, contents.clone()))),
        }
    };
    tree.iter().filter_map(general).collect()
}
