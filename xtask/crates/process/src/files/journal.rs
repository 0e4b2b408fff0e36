//! Several files written as one: all of them are the new ones or all the old ones, whenever the writer is killed.
//!
//! What is to be written goes into one file first, the journal. Once that is in its place, the change has happened: the next
//! process finishes what a killed writer has not. The journal knows what each file was, so that nothing that somebody has
//! written since is ever overwritten.

use std::collections::{BTreeMap, HashMap};
use std::fs;

use anyhow::{Context as _, Error, Result};
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::{Value, json};

use super::{
    NewFile, PRIVATE,
    disk::Disk,
    journal_entry::{Entry, NotedChange, State},
    replacement::Replacement,
};

/// The new contents of files by their paths; `None` for a file that is removed. They are text.
pub type FileChanges = BTreeMap<Utf8PathBuf, Option<NewFile>>;

/// The contents that files will have, by their paths; `None` for one that will be removed.
pub type Unwritten = HashMap<Utf8PathBuf, Option<Vec<u8>>>;

/// Where interrupted changes are noted, and which files they can be about.
#[derive(Debug, Clone)]
pub struct Journal {
    /// The file.
    pub path: Utf8PathBuf,
    /// Whether this tool writes a file together with others, by its path in the repository. A journal that names another one
    /// is not ours.
    pub may_change: fn(&Utf8Path) -> bool,
}

/// What became of a change that was interrupted.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// The files that have been written now, by their paths in the repository.
    pub finished: Vec<Utf8PathBuf>,
    /// The files that somebody has changed since: they were left alone.
    pub kept: Vec<Utf8PathBuf>,
    /// Why the journal was removed unread: it is not what this tool writes.
    pub discarded: Option<String>,
}

impl Journal {
    /// Whether an interrupted change is noted, or one whose last step failed.
    pub fn is_pending(&self) -> bool {
        self.path.is_symlink() || self.path.exists()
    }

    /// Writes all files. The caller keeps others from writing them meanwhile. Where it fails, the files are as before.
    pub(super) fn write(&self, disk: &Disk, changes: &FileChanges) -> Result<()> {
        // environment.yml comes after the locks, so that it says whether all is done.
        let in_order = changes.iter().rev();
        let mut entries =
            in_order.map(|(path, file)| Entry::new(disk, path, file.as_ref())).collect::<Result<Vec<_>>>()?;
        let prepared = entries.iter().map(Entry::prepare).collect::<Result<Vec<_>>>()?;
        let in_place: Vec<bool> = prepared.iter().map(Replacement::is_in_place).collect();
        let committed = self.note(disk, &entries, &in_place).and_then(|()| {
            let mut changes = entries.iter().zip(prepared);
            changes.try_for_each(|(entry, change)| change.commit().with_context(|| entry.failure()))
        });
        entries.iter_mut().zip(in_place).for_each(|(entry, it)| entry.noted.is_in_place = it);
        match committed {
            Ok(()) => {
                // Should it stay, the files show that it is finished.
                _ = disk.remove_file(&self.path);
                Ok(())
            }
            Err(error) => Err(self.roll_back(disk, &entries, error)),
        }
    }

    fn note(&self, disk: &Disk, entries: &[Entry], in_place: &[bool]) -> Result<()> {
        let notes: Vec<Value> = entries.iter().zip(in_place).map(|(entry, it)| entry.noted.note(*it)).collect();
        let file = NewFile { contents: json!({ "files": notes }).to_string().into_bytes(), mode: PRIVATE };
        let place = disk.target(&self.path)?;
        let written = Replacement::prepare(&place, Some(&file)).and_then(Replacement::commit);
        written.with_context(|| format!("cannot write `{}`", self.path))
    }

    fn roll_back(&self, disk: &Disk, entries: &[Entry], error: Error) -> Error {
        // The last one first: where this fails too, the last one is what it was, so the next command knows that not all is
        // written, and writes it.
        let mut changed = entries.iter().rev().filter(|it| matches!(it.state(), State::Written | State::Begun));
        match changed.try_for_each(Entry::restore).and_then(|()| disk.remove_file(&self.path)) {
            Ok(()) => error.context("nothing was changed"),
            Err(also) => {
                error.context(format!("not all files were put back ({also:#}): the next command finishes the change"))
            }
        }
    }

    /// Finishes an interrupted change, if there is one. The caller keeps others from writing the files meanwhile.
    pub(super) fn finish(&self, disk: &Disk) -> Result<Recovery> {
        if !self.is_pending() {
            return Ok(Recovery::default());
        }
        let recovery = match self.parse(&self.read(disk)?) {
            Ok(noted) => recover(&find(disk, noted)?)?,
            Err(reason) => Recovery { discarded: Some(format!("{reason:#}")), ..Recovery::default() },
        };
        match disk.remove_file(&self.path) {
            Err(error) if recovery.discarded.is_some() => Err(error),
            _ => Ok(recovery),
        }
    }

    /// The files that an interrupted change has not written, as they will be.
    pub(super) fn unwritten(&self, disk: &Disk) -> Result<Unwritten> {
        let entries = find(disk, self.parse(&self.read(disk)?)?)?;
        let path = |it: &Entry| disk.repository().join(it.relative());
        Ok(unwritten(&entries).map(|it| (path(it), it.noted.new_contents().map(<[u8]>::to_vec))).collect())
    }

    /// Empty where it is not a file.
    fn read(&self, disk: &Disk) -> Result<String> {
        let place = disk.place(&self.path)?;
        let is_file = place.metadata()?.is_some_and(|it| it.is_file());
        Ok(if is_file { fs::read_to_string(place.path())? } else { String::new() })
    }

    fn parse(&self, text: &str) -> Result<Vec<NotedChange>> {
        let noted: Value = serde_json::from_str(text)?;
        let files = noted["files"].as_array().context("it has no files")?;
        files.iter().map(|it| NotedChange::parse(it, self.may_change)).collect()
    }
}

fn find(disk: &Disk, noted: Vec<NotedChange>) -> Result<Vec<Entry>> {
    noted.into_iter().map(|it| Entry::find(disk, it)).collect()
}

/// What was not written. The files were written in their order: where the last one was, all were, and what differs now was
/// changed since.
fn unwritten(entries: &[Entry]) -> impl Iterator<Item = &Entry> {
    let is_complete = entries.last().is_none_or(|it| it.state() == State::Written);
    entries.iter().filter(move |it| !is_complete && matches!(it.state(), State::Untouched | State::Begun))
}

/// Writes what was not written.
fn recover(entries: &[Entry]) -> Result<Recovery> {
    let mut recovery = Recovery::default();
    if entries.last().is_some_and(|it| it.state() != State::Written) {
        let changed = entries.iter().filter(|it| it.state() == State::ChangedSince);
        recovery.kept = changed.map(|it| it.relative().to_owned()).collect();
    }
    for entry in unwritten(entries).collect::<Vec<_>>() {
        entry.prepare()?.commit().with_context(|| entry.failure())?;
        recovery.finished.push(entry.relative().to_owned());
    }
    Ok(recovery)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt as _, symlink};

    use super::*;
    use crate::files::{SHARED, test_folder::Folder};

    struct Repository(Folder);

    impl Repository {
        /// `a` and `b` are there, `c` is not.
        fn new() -> Self {
            let repository = Self(Folder::new());
            for name in ["a", "b"] {
                fs::write(repository.path(name), format!("old {name}")).unwrap();
            }
            repository
        }

        fn path(&self, name: &str) -> Utf8PathBuf {
            self.0.path(name)
        }

        fn disk(&self) -> Disk {
            self.0.disk()
        }

        fn journal(&self) -> Journal {
            Journal { path: self.path("journal"), may_change: |it| it.as_str().len() == 1 }
        }

        /// `c` is made, `b` is removed and `a` is rewritten, in this order.
        fn changes(&self) -> FileChanges {
            let text = |name: &str| (self.path(name), Some(NewFile::text(format!("new {name}"))));
            FileChanges::from([text("a"), (self.path("b"), None), text("c")])
        }

        /// What a writer leaves that is killed after so many of the changes.
        fn killed_after(&self, count: usize) -> Vec<Entry> {
            let disk = self.disk();
            let entry =
                |(path, file): (&Utf8PathBuf, &Option<NewFile>)| Entry::new(&disk, path, file.as_ref()).unwrap();
            let changes = self.changes();
            let entries: Vec<Entry> = changes.iter().rev().map(entry).collect();
            let in_place: Vec<bool> = entries.iter().map(|it| it.prepare().unwrap().is_in_place()).collect();
            self.journal().note(&disk, &entries, &in_place).unwrap();
            entries.iter().take(count).for_each(|it| it.prepare().unwrap().commit().unwrap());
            entries
        }

        fn finish(&self) -> Recovery {
            let recovery = self.journal().finish(&self.disk()).unwrap();
            assert!(!self.path("journal").exists());
            recovery
        }

        fn texts(&self) -> [Option<String>; 3] {
            ["a", "b", "c"].map(|it| fs::read_to_string(self.path(it)).ok())
        }

        fn is_written(&self) -> bool {
            self.texts() == [Some("new a".into()), None, Some("new c".into())]
        }

        fn names(&self) -> Vec<String> {
            self.0.names()
        }
    }

    #[test]
    fn a_change_is_made_as_a_whole_and_leaves_nothing_beside() {
        let repository = Repository::new();
        repository.journal().write(&repository.disk(), &repository.changes()).unwrap();
        assert!(repository.is_written());
        assert_eq!(repository.names(), ["a", "c"]);
        assert_eq!(repository.finish(), Recovery::default());
    }

    #[test]
    fn a_killed_change_is_finished_wherever_it_was() {
        for count in 0..=3 {
            let repository = Repository::new();
            repository.killed_after(count);
            let recovery = repository.finish();
            assert!(repository.is_written() && recovery.kept.is_empty(), "{count}");
            assert_eq!(recovery.finished.len(), 3 - count);
        }
    }

    #[test]
    fn what_was_finished_is_never_done_again() {
        let edits: [fn(&Repository); 4] = [
            |it| fs::write(it.path("a"), "mine").unwrap(),
            |it| fs::write(it.path("b"), "old b").unwrap(),
            |it| fs::remove_file(it.path("c")).unwrap(),
            |it| {
                fs::write(it.path("c"), "mine").unwrap();
                fs::write(it.path("a"), "old a").unwrap();
            },
        ];
        for edit in edits {
            let repository = Repository::new();
            repository.killed_after(3);
            edit(&repository);
            let before = repository.texts();
            repository.finish();
            assert_eq!(repository.texts(), before);
        }
    }

    #[test]
    fn what_somebody_has_written_since_stays_and_is_named() {
        let repository = Repository::new();
        repository.killed_after(1);
        fs::write(repository.path("a"), "mine").unwrap();
        let recovery = repository.finish();
        assert_eq!((recovery.kept, recovery.finished), (vec!["a".into()], vec!["b".into()]));
        assert_eq!(repository.texts(), [Some("mine".into()), None, Some("new c".into())]);
    }

    #[test]
    fn a_file_that_was_put_back_stays_as_it_is() {
        let repository = Repository::new();
        repository.killed_after(3);
        fs::write(repository.path("a"), "old a").unwrap();
        assert_eq!(repository.finish().kept, ["a"]);
        assert_eq!(repository.texts()[0].as_deref(), Some("old a"));
    }

    #[test]
    fn a_change_that_cannot_be_prepared_changes_nothing() {
        let repository = Repository::new();
        fs::remove_file(repository.path("a")).unwrap();
        fs::create_dir(repository.path("a")).unwrap();
        let error = repository.journal().write(&repository.disk(), &repository.changes()).unwrap_err();
        assert!(format!("{error:#}").contains("/a`"), "{error:#}");
        assert_eq!(repository.texts()[1..], [Some("old b".into()), None]);
        assert_eq!(repository.names(), ["a", "b"]);
    }

    #[test]
    fn a_change_that_fails_in_the_midst_of_it_is_taken_back() {
        for count in 0..3 {
            let repository = Repository::new();
            let entries = repository.killed_after(count);
            let error = repository.journal().roll_back(&repository.disk(), &entries, Error::msg("the disk is full"));
            assert_eq!(format!("{error:#}"), "nothing was changed: the disk is full");
            assert_eq!(repository.texts(), [Some("old a".into()), Some("old b".into()), None]);
            assert_eq!(repository.names(), ["a", "b"]);
        }
    }

    #[test]
    fn a_change_that_was_taken_back_in_part_is_finished_by_the_next_command() {
        for count in 1..=3 {
            for taken_back in 1..=count {
                let repository = Repository::new();
                let entries = repository.killed_after(count);
                // The disk is full again after so many.
                entries[..count].iter().rev().take(taken_back).for_each(|it| it.restore().unwrap());
                let recovery = repository.finish();
                assert!(repository.is_written() && recovery.kept.is_empty(), "{taken_back} of {count}: {recovery:?}");
            }
        }
    }

    #[test]
    fn a_journal_that_is_not_ours_is_removed_and_changes_nothing() {
        let outside = tempfile::NamedTempFile::new().unwrap();
        let hostile =
            |path: &str| json!({ "files": [{ "path": path, "old": null, "new": { "text": "x" } }] }).to_string();
        for text in ["", "{", "{}", &hostile("other"), &hostile("../x"), &hostile(outside.path().to_str().unwrap())] {
            let repository = Repository::new();
            fs::write(repository.path("journal"), text).unwrap();
            assert!(repository.finish().discarded.is_some(), "{text}");
            assert_eq!(repository.names(), ["a", "b"]);
        }
        let repository = Repository::new();
        symlink(outside.path(), repository.path("journal")).unwrap();
        assert!(repository.finish().discarded.is_some() && outside.path().exists());
    }

    #[test]
    fn other_names_of_a_file_stay_its_names_and_half_of_it_is_no_end() {
        let repository = Repository::new();
        let other = repository.path("other");
        fs::hard_link(repository.path("a"), &other).unwrap();
        repository.killed_after(2);
        // The kill came while it was written.
        fs::write(repository.path("a"), "new").unwrap();
        assert_eq!(repository.finish().finished, ["a"]);
        assert_eq!(fs::read_to_string(&other).unwrap(), "new a");
        assert_eq!(fs::metadata(other).unwrap().nlink(), 2);
    }

    #[test]
    fn a_link_stays_a_link_and_permissions_stay_but_for_secrets() {
        use std::os::unix::fs::PermissionsExt as _;
        let repository = Repository::new();
        fs::create_dir(repository.path("shared")).unwrap();
        fs::rename(repository.path("a"), repository.path("shared/a")).unwrap();
        symlink("shared/a", repository.path("a")).unwrap();
        let chmod = |mode| fs::set_permissions(repository.path("shared/a"), fs::Permissions::from_mode(mode)).unwrap();
        for (before, of_new_file, after) in [(0o664, SHARED, 0o664), (0o400, PRIVATE, 0o400), (0o644, PRIVATE, 0o600)] {
            chmod(before);
            let file = NewFile { contents: format!("{after:o}").into_bytes(), mode: of_new_file };
            let changes = FileChanges::from([(repository.path("a"), Some(file))]);
            repository.journal().write(&repository.disk(), &changes).unwrap();
            assert!(repository.path("a").is_symlink());
            let metadata = fs::metadata(repository.path("shared/a")).unwrap();
            assert_eq!(metadata.permissions().mode() & 0o777, after);
            assert_eq!(fs::read_to_string(repository.path("shared/a")).unwrap(), format!("{after:o}"));
            chmod(0o600);
        }
    }
}
