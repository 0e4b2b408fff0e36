//! One file of a journal: what it was, what it will be, and how it compares with both.

use std::borrow::Cow;
use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use libc::O_NOFOLLOW;
use serde_json::{Value, json};

use super::{NewFile, PRIVATE, SHARED, disk::Disk, place::Place, replacement::Replacement};

/// One file of a change.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) noted: NotedChange,
    place: Place,
}

/// What the journal says of one file.
#[derive(Debug)]
pub(super) struct NotedChange {
    /// In the repository.
    relative: Utf8PathBuf,
    old: Option<OldFile>,
    new: Option<NewFile>,
    /// Whether its contents are replaced while it keeps its place, so that a kill may leave the beginning of the new ones.
    pub(super) is_in_place: bool,
}

/// A file before it is changed.
#[derive(Debug)]
struct OldFile {
    contents: Vec<u8>,
    /// The time of its last change, in seconds and nanoseconds: a file that was put back has another.
    modified: (i64, i64),
}

/// How a file compares with what the journal knows of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Untouched,
    /// It has the beginning of its new contents.
    Begun,
    Written,
    ChangedSince,
}

impl Entry {
    pub(super) fn new(disk: &Disk, path: &Utf8Path, file: Option<&NewFile>) -> Result<Self> {
        let outside = || format!("`{path}` is not in the repository");
        let relative = path.strip_prefix(disk.repository()).with_context(outside)?.to_owned();
        let place = disk.target(path)?;
        let old = OldFile::read(&place).with_context(|| format!("cannot read `{path}`"))?;
        let noted = NotedChange { relative, old, new: file.cloned(), is_in_place: false };
        Ok(Self { noted, place })
    }

    /// The change that a journal says.
    pub(super) fn find(disk: &Disk, noted: NotedChange) -> Result<Self> {
        let place = disk.target(&disk.repository().join(&noted.relative))?;
        Ok(Self { noted, place })
    }

    /// The path in the repository.
    pub(super) fn relative(&self) -> &Utf8Path {
        &self.noted.relative
    }

    pub(super) fn failure(&self) -> String {
        format!("cannot write `{}`", self.noted.relative)
    }

    pub(super) fn prepare(&self) -> Result<Replacement<'_>> {
        Replacement::prepare(&self.place, self.noted.new.as_ref()).with_context(|| self.failure())
    }

    /// Puts the old file back, as if it had not been touched.
    pub(super) fn restore(&self) -> Result<()> {
        let old = self.noted.old.as_ref().map(|it| NewFile { contents: it.contents.clone(), mode: SHARED });
        let restored = Replacement::prepare(&self.place, old.as_ref()).and_then(Replacement::commit);
        restored.and_then(|()| self.restore_time()).with_context(|| self.failure())
    }

    fn restore_time(&self) -> io::Result<()> {
        let Some(old) = &self.noted.old else { return Ok(()) };
        OpenOptions::new().read(true).custom_flags(O_NOFOLLOW).open(self.place.path())?.set_modified(old.modified())
    }

    pub(super) fn state(&self) -> State {
        let Ok(now) = OldFile::read(&self.place) else { return State::ChangedSince };
        let new = self.noted.new_contents();
        match now {
            None if self.noted.old.is_none() => State::Untouched,
            Some(now) if self.noted.old.as_ref().is_some_and(|it| it.is(&now)) => State::Untouched,
            now if now.as_ref().map(|it| it.contents.as_slice()) == new => State::Written,
            Some(now) if self.noted.is_in_place && new.is_some_and(|it| it.starts_with(&now.contents)) => State::Begun,
            _ => State::ChangedSince,
        }
    }
}

impl NotedChange {
    /// `None` for a file that is removed.
    pub(super) fn new_contents(&self) -> Option<&[u8]> {
        self.new.as_ref().map(|it| it.contents.as_slice())
    }

    /// As the journal has it.
    pub(super) fn note(&self, is_in_place: bool) -> Value {
        let old = |it: &OldFile| json!({ "text": text(&it.contents), "modified": [it.modified.0, it.modified.1] });
        let new = |it: &NewFile| json!({ "text": text(&it.contents), "private": it.mode == PRIVATE });
        json!({
            "path": self.relative.as_str(),
            "old": self.old.as_ref().map(old),
            "new": self.new.as_ref().map(new),
            "in_place": is_in_place,
        })
    }

    /// Reads what [`note`](Self::note) has written. The error says why it cannot have done so.
    pub(super) fn parse(noted: &Value, may_change: fn(&Utf8Path) -> bool) -> Result<Self> {
        let relative = Utf8PathBuf::from(noted["path"].as_str().context("a file has no path")?);
        ensure!(may_change(&relative), "it names `{relative}`");
        let contents = |it: &Value| -> Result<Vec<u8>> {
            Ok(it["text"].as_str().context("a file has no text")?.as_bytes().to_vec())
        };
        let old = |it: &Value| -> Result<OldFile> {
            let [seconds, nanoseconds] = [0, 1].map(|index| it["modified"][index].as_i64().unwrap_or_default());
            Ok(OldFile { contents: contents(it)?, modified: (seconds, nanoseconds) })
        };
        let new = |it: &Value| -> Result<NewFile> {
            Ok(NewFile { contents: contents(it)?, mode: if it["private"] == true { PRIVATE } else { SHARED } })
        };
        let [was, will_be] = ["old", "new"].map(|it| Some(&noted[it]).filter(|it| !it.is_null()));
        Ok(Self {
            old: was.map(old).transpose()?,
            new: will_be.map(new).transpose()?,
            is_in_place: noted["in_place"] == true,
            relative,
        })
    }
}

impl OldFile {
    fn read(place: &Place) -> io::Result<Option<Self>> {
        let Some(metadata) = place.metadata()? else { return Ok(None) };
        let contents = fs::read(place.path())?;
        Ok(Some(Self { contents, modified: (metadata.mtime(), metadata.mtime_nsec()) }))
    }

    fn modified(&self) -> SystemTime {
        let (seconds, nanoseconds) = self.modified;
        let since = Duration::new(seconds.try_into().unwrap_or_default(), nanoseconds.try_into().unwrap_or_default());
        UNIX_EPOCH + since
    }

    /// Whether it is still the same. The journal is text, so bytes that are none are not compared.
    fn is(&self, now: &Self) -> bool {
        self.modified == now.modified && text(&self.contents) == text(&now.contents)
    }
}

fn text(contents: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(contents)
}
