//! Several files written as one: all of them are the new ones or all the old ones, whenever the writer is killed.
//!
//! What is to be written goes into one file first, the journal. Once that is in its place, the change has happened: the next
//! process finishes what a killed writer has not.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};

use super::{NewFile, disk, read_text_if_any};

/// The new texts of files by their absolute paths; `None` for a file that is removed.
pub type FileChanges = BTreeMap<Utf8PathBuf, Option<String>>;

/// Writes all files. The caller keeps others from writing them meanwhile.
pub(super) fn write(journal: &Utf8Path, changes: &FileChanges) -> Result<()> {
    journal.parent().map_or(Ok(()), disk::create_dir)?;
    let entries: BTreeMap<&str, &Option<String>> = changes.iter().map(|(path, text)| (path.as_str(), text)).collect();
    disk::write(journal, &NewFile::text(serde_json::json!(entries).to_string()))?;
    apply(journal, changes)
}

/// Whether a killed writer has left its journal.
pub fn is_pending(journal: &Utf8Path) -> bool {
    journal.exists()
}

/// Finishes the work of a killed writer. Does nothing where there is no journal.
pub(super) fn finish(journal: &Utf8Path) -> Result<()> {
    let Some(text) = read_text_if_any(journal)? else { return Ok(()) };
    let entries: BTreeMap<String, Option<String>> =
        serde_json::from_str(&text).with_context(|| format!("`{journal}` is damaged; remove it"))?;
    apply(journal, &entries.into_iter().map(|(path, text)| (path.into(), text)).collect())
}

fn apply(journal: &Utf8Path, changes: &FileChanges) -> Result<()> {
    for (path, text) in changes {
        disk::remove_temporaries(path)?;
        match text {
            Some(text) => {
                path.parent().map_or(Ok(()), disk::create_dir)?;
                disk::write(path, &NewFile::text(text))?;
            }
            None => disk::remove_file(path)?,
        }
    }
    disk::remove_file(journal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interrupted_change_is_finished_and_leaves_nothing_beside() {
        let directory = tempfile::tempdir().unwrap();
        let directory = Utf8PathBuf::try_from(directory.path().to_owned()).unwrap();
        let path = |name: &str| directory.join(name);
        for name in ["old", "gone", ".old.4711.new"] {
            disk::write(&path(name), &NewFile::text("old")).unwrap();
        }
        // What a writer has left that was killed after its first step.
        let text = format!("{{{:?}: \"new\", {:?}: null, {:?}: \"made\"}}", path("old"), path("gone"), path("a/new"));
        disk::write(&path("journal"), &NewFile::text(text)).unwrap();
        assert!(is_pending(&path("journal")));
        finish(&path("journal")).unwrap();
        assert_eq!(
            crate::files::read_text(&path("old")).unwrap() + &crate::files::read_text(&path("a/new")).unwrap(),
            "newmade"
        );
        let mut names: Vec<String> =
            directory.read_dir_utf8().unwrap().map(|it| it.unwrap().file_name().to_owned()).collect();
        names.sort();
        assert_eq!(names, ["a", "old"]);
        finish(&path("journal")).unwrap();
    }
}
