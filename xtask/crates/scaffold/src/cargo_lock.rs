//! `Cargo.lock` without some crates of the workspace, as cargo would write it: `--locked` accepts no other one.

use std::collections::{BTreeMap, BTreeSet};

/// One `[[package]]` of the file.
struct LockedCrate<'a> {
    name: &'a str,
    version: &'a str,
    is_ours: bool,
    /// As the file names them: by more than the name, where that alone is not enough.
    dependencies: Vec<&'a str>,
    lines: Vec<&'a str>,
}

/// The text without these crates of the workspace, and without what nothing else needs.
pub fn without_crates(text: &str, dropped: &BTreeSet<String>) -> String {
    let mut sections = text.split("\n[[package]]\n");
    let head = sections.next().unwrap_or_default();
    let mut all: Vec<LockedCrate> = sections.map(read).collect();
    all.retain(|it| !(it.is_ours && dropped.contains(it.name)));
    for locked in &mut all {
        if locked.is_ours {
            locked.forget(dropped);
        }
    }
    let needed = needed(&all);
    let kept = all.iter().enumerate().filter(|(at, _)| needed.contains(at)).map(|(_, it)| it);
    let sections: String = kept.map(|it| format!("\n[[package]]\n{}\n", it.lines.join("\n").trim_end())).collect();
    format!("{}\n{sections}", head.trim_end())
}

fn read(section: &str) -> LockedCrate<'_> {
    let lines: Vec<&str> = section.lines().collect();
    let value = |key: &str| lines.iter().find_map(|it| it.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"'));
    let dependencies = lines.iter().filter_map(|it| it.trim().strip_prefix('"')?.strip_suffix("\","));
    LockedCrate {
        name: value("name").unwrap_or_default(),
        version: value("version").unwrap_or_default(),
        is_ours: value("source").is_none(),
        dependencies: dependencies.collect(),
        lines,
    }
}

impl LockedCrate<'_> {
    fn forget(&mut self, dropped: &BTreeSet<String>) {
        self.dependencies.retain(|it| !dropped.contains(*it));
        self.lines.retain(|line| {
            let name = line.trim().strip_prefix('"').and_then(|it| it.strip_suffix("\","));
            !name.is_some_and(|it| dropped.contains(it))
        });
        if let Some(at) = self.lines.windows(2).position(|it| it == ["dependencies = [", "]"]) {
            self.lines.drain(at..at + 2);
        }
    }
}

/// The indices of our crates and of all that they need.
fn needed(all: &[LockedCrate]) -> BTreeSet<usize> {
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, locked) in all.iter().enumerate() {
        by_name.entry(locked.name).or_default().push(at);
    }
    let mut needed = BTreeSet::new();
    let mut next: Vec<usize> = (0..all.len()).filter(|it| all[*it].is_ours).collect();
    while let Some(index) = next.pop() {
        if !needed.insert(index) {
            continue;
        }
        for dependency in &all[index].dependencies {
            let mut words = dependency.split(' ');
            let (name, version) = (words.next().unwrap_or_default(), words.next());
            let meant = by_name.get(name).into_iter().flatten().copied();
            next.extend(meant.filter(|it| version.is_none_or(|version| all[*it].version == version)));
        }
    }
    needed
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "# By cargo.\nversion = 4\n\n[[package]]\nname = \"arbitrary\"\nversion = \"1.0.0\"\nsource = \"r\"\n\n\
        [[package]]\nname = \"bench\"\nversion = \"0.1.0\"\ndependencies = [\n \"arbitrary\",\n \"libc 0.1.0\",\n]\n\n\
        [[package]]\nname = \"libc\"\nversion = \"0.1.0\"\nsource = \"r\"\n\n\
        [[package]]\nname = \"libc\"\nversion = \"0.2.0\"\nsource = \"r\"\n\n\
        [[package]]\nname = \"xtask\"\nversion = \"0.1.0\"\ndependencies = [\n \"bench\",\n \"libc 0.2.0\",\n]\n";

    #[test]
    fn what_only_a_dropped_crate_needs_goes_with_it() {
        let without = without_crates(LOCK, &BTreeSet::from(["bench".to_owned()]));
        let expected = "# By cargo.\nversion = 4\n\n[[package]]\nname = \"libc\"\nversion = \"0.2.0\"\nsource = \"r\"\n\n\
            [[package]]\nname = \"xtask\"\nversion = \"0.1.0\"\ndependencies = [\n \"libc 0.2.0\",\n]\n";
        assert_eq!(without, expected);
    }

    #[test]
    fn our_own_file_stays_as_it_is_where_nothing_is_dropped() {
        let ours = include_str!("../../../../Cargo.lock");
        assert_eq!(without_crates(ours, &BTreeSet::new()), ours);
        let without = without_crates(ours, &BTreeSet::from(["fuzz".to_owned()]));
        assert!(!without.contains("name = \"libfuzzer-sys\"") && without.contains("name = \"clap\""));
    }
}
