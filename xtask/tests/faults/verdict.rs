//! What a disturbed command has done to the files: a pure comparison of trees.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::tree::Tree;

/// So many paths of a list are shown.
const SHOWN: usize = 4;

/// Something that must not be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Harm {
    /// A file is neither the old nor the new one, or is gone.
    Lost(Vec<PathBuf>),
    /// Some files are the old ones and others the new ones, also after the next command.
    Mixed(Vec<PathBuf>),
    /// What a command said of its success was not so.
    Untrue(String),
    /// The next command failed, or did not come to what the command would have come to.
    ByHand(String),
    /// A file, a process or a container that nobody needs any more.
    Left(String),
}

/// Whose files they are, all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Those of one state: its number among those that are right.
    Whole(usize),
    Harmed(Harm),
}

/// Compares what was found with the states that are right as a whole.
pub fn judge(right: &[Tree], found: &Tree) -> State {
    if let Some(number) = right.iter().position(|it| it == found) {
        return State::Whole(number);
    }
    let is_in = |path: &Path, state: &Tree| state.get(path) == found.get(path);
    let paths: BTreeSet<&PathBuf> = right.iter().chain([found]).flat_map(|it| it.keys()).collect();
    let (left, lost): (Vec<&PathBuf>, Vec<&PathBuf>) = paths
        .iter()
        .copied()
        .filter(|path| !right.iter().any(|state| is_in(path, state)))
        .partition(|path| right.iter().all(|state| !state.contains_key(*path)));
    State::Harmed(if !lost.is_empty() {
        Harm::Lost(lost.into_iter().cloned().collect())
    } else if !left.is_empty() {
        Harm::Left(listed(left.into_iter()))
    } else {
        let first = &right[0];
        Harm::Mixed(paths.into_iter().filter(|path| !is_in(path, first)).cloned().collect())
    })
}

/// The paths at which two trees differ, each with what has happened to it.
pub fn differences(expected: &Tree, found: &Tree) -> Vec<String> {
    let paths: BTreeSet<&PathBuf> = expected.keys().chain(found.keys()).collect();
    let difference = |path: &PathBuf| match (expected.get(path), found.get(path)) {
        (Some(_), None) => Some(format!("{} is missing", path.display())),
        (None, Some(_)) => Some(format!("{} is left", path.display())),
        (Some(one), Some(other)) if one.0 != other.0 => {
            Some(format!("{} has mode {:o} instead of {:o}", path.display(), other.0, one.0))
        }
        (one, other) => (one != other).then(|| format!("{} is another", path.display())),
    };
    paths.into_iter().filter_map(difference).collect()
}

fn listed<'a>(paths: impl Iterator<Item = &'a PathBuf>) -> String {
    shortened(&paths.map(|it| it.display().to_string()).collect::<Vec<_>>())
}

/// The first things of a list, and how many more there are.
pub fn shortened(things: &[String]) -> String {
    let shown = things[..things.len().min(SHOWN)].join(", ");
    if things.len() > SHOWN { format!("{shown} and {} more", things.len() - SHOWN) } else { shown }
}

impl fmt::Display for Harm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost(paths) => write!(f, "lost: {}", listed(paths.iter())),
            Self::Mixed(paths) => write!(f, "mixed: only {} changed", listed(paths.iter())),
            Self::Untrue(why) => write!(f, "untrue: {why}"),
            Self::ByHand(why) => write!(f, "needs a hand: {why}"),
            Self::Left(what) => write!(f, "left: {what}"),
        }
    }
}

/// The other trials can find nothing that this does not know.
pub fn tells_each_harm_from_the_others() {
    let tree = |files: &[(&str, &str)]| -> Tree {
        files.iter().map(|(path, text)| (PathBuf::from(path), (0o100_644, text.as_bytes().to_vec()))).collect()
    };
    let right =
        [tree(&[("a", "old"), ("b", "old"), ("c", "same")]), tree(&[("a", "new"), ("b", "new"), ("c", "same")])];
    let judged = |files: &[(&str, &str)]| judge(&right, &tree(files));
    let [a, b, c] = ["a", "b", "c"].map(|it| vec![PathBuf::from(it)]);
    assert_eq!(judged(&[("a", "old"), ("b", "old"), ("c", "same")]), State::Whole(0));
    assert_eq!(judged(&[("a", "new"), ("b", "new"), ("c", "same")]), State::Whole(1));
    assert_eq!(judged(&[("a", "old"), ("b", "new"), ("c", "same")]), State::Harmed(Harm::Mixed(b.clone())));
    assert_eq!(judged(&[("a", "half"), ("b", "new"), ("c", "same")]), State::Harmed(Harm::Lost(a)));
    assert_eq!(judged(&[("a", "new"), ("c", "same")]), State::Harmed(Harm::Lost(b)));
    assert_eq!(judged(&[("a", "old"), ("b", "old"), ("c", "edited")]), State::Harmed(Harm::Lost(c)));
    let left = [("a", "old"), ("b", "old"), ("c", "same"), ("d", "left")];
    assert_eq!(judged(&left), State::Harmed(Harm::Left("d".to_owned())));
}
