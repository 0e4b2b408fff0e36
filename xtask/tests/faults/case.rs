//! A command that changes something, what it starts from, and what it comes to where nothing disturbs it.

use std::path::{Path, PathBuf};

use crate::calls::SystemCall;
use crate::fault::Fault;
use crate::tree::Tree;
use crate::verdict::differences;
use crate::world::{World, is_folder};

/// A command to be disturbed.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// What it is called in the table.
    pub name: &'static str,
    /// The program's arguments.
    pub verb: &'static [&'static str],
    /// Makes what it starts from.
    pub begin: fn() -> World,
    /// A command that was killed amid its change before.
    pub killed_before: Option<&'static [&'static str]>,
}

/// A case, and what it comes to.
#[derive(Debug)]
pub struct Subject {
    pub case: Case,
    pub world: World,
    /// Everything before the command, and before the one that is killed.
    old: Tree,
    /// How that one is killed.
    kill: Option<Fault>,
    /// The files of people that are right, as a whole.
    pub right: Vec<Tree>,
    /// The place of the command's own result among them.
    pub new: usize,
    /// The exit codes of the command, and of the same command again.
    pub codes: [Option<i32>; 2],
    /// Everything after the command, another one, and the same command again.
    pub settled: Tree,
    /// What the command does.
    pub calls: Vec<SystemCall>,
}

/// The command that comes next: it only reads, and finishes what another has left.
pub const NEXT: [&str; 1] = ["check"];

/// What only reads.
pub const READING: [&[&str]; 4] = [&["check"], &["drift"], &["list"], &["status"]];

impl Subject {
    /// Runs the command undisturbed, twice from the start, so that a difference later is a harm and no accident.
    pub fn new(case: Case) -> Self {
        let world = (case.begin)();
        let old = world.tree();
        let kill = case.killed_before.map(|verb| amid(&world, verb));
        let (right, new, codes) = (vec![kept(&old)], 0, [None; 2]);
        let (settled, calls) = (Tree::new(), Vec::new());
        let mut subject = Self { case, world, old, kill, right, new, codes, settled, calls };
        subject.learn();
        subject.learn_again();
        subject
    }

    fn learn(&mut self) {
        self.start();
        let (ending, calls) = self.world.trace(self.case.verb);
        let new = kept(&self.world.tree());
        self.codes[0] = ending.code;
        self.calls = calls;
        (self.codes[1], self.settled) = self.settle();
        if self.kill.is_some() {
            // That change may be done first.
            self.start();
            self.world.run(&NEXT);
            self.right.push(kept(&self.world.tree()));
        }
        self.right.push(new);
        self.new = self.right.iter().position(|it| Some(it) == self.right.last()).unwrap();
    }

    fn learn_again(&self) {
        let name = self.case.name;
        self.start();
        let ending = self.world.run(self.case.verb);
        assert_eq!(ending.code, self.codes[0], "`{name}` ends in the same way each time: {}", ending.said);
        let changed = differences(&self.right[self.new], &kept(&self.world.tree()));
        assert!(changed.is_empty(), "`{name}` comes to the same each time: {changed:#?}");
        let changed = differences(&self.settled, &self.settle().1);
        assert!(changed.is_empty(), "`{name}` leaves the same each time: {changed:#?}");
    }

    /// Makes what the command starts from.
    pub fn start(&self) {
        self.world.reset(&self.old);
        if let (Some(kill), Some(verb)) = (&self.kill, self.case.killed_before) {
            // Not by copies of the files: whether a file was written since is told by more than what is in it.
            self.world.run_traced(&kill.options(), verb);
        }
    }

    /// What the commands afterwards come to.
    fn settle(&self) -> (Option<i32>, Tree) {
        let next = self.world.run(&NEXT);
        assert_eq!(next.code, Some(0), "{}", next.said);
        self.world.let_an_hour_pass();
        let again = self.world.run(self.case.verb);
        (again.code, comparable(&self.world.tree()))
    }
}

/// The moment when a command has put one of its files in its place, and not the next one.
fn amid(world: &World, verb: &[&str]) -> Fault {
    let before = world.tree();
    let (_, calls) = world.trace(verb);
    world.reset(&before);
    let is_in_place = |it: &&SystemCall| {
        let names = ["environment.yml", "apt.txt", "lock.toml"];
        it.name.starts_with("rename") && names.iter().any(|name| it.text.contains(name))
    };
    let second = calls.iter().filter(is_in_place).nth(1).expect("it changes several files");
    Fault::Signal { signal: "KILL", call: second.clone() }
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
        // It tells of each build, and when that was.
        if text.ends_with("target/xtask/builds.jsonl") {
            return None;
        }
        if text.ends_with(".dev/jupyter/token") {
            return Some((path.clone(), (*mode, Vec::new())));
        }
        match path.parent() {
            // No two leases have the same name, or are of the same container.
            Some(folder) if folder.ends_with("leases") => Some((folder.join("LEASE"), (*mode, Vec::new()))),
            _ => Some((path.clone(), (*mode, contents.clone()))),
        }
    };
    tree.iter().filter_map(general).collect()
}
