//! Replacing a prefix so that neither a failed nor a killed build loses the old one, and nobody else's directory is touched.
//!
//! What is about to happen is noted before it happens. So whenever a build is killed, the next one knows what is left of it,
//! removes that, and puts the old prefix back.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use process::files::{self, NewFile};
use project::Context;

use super::steps::PrefixState;

/// A file in a prefix that is not whole. Unlike the identity of a directory, it stays what it is wherever the disk is mounted.
const BEGUN: &str = "xtask-begun";

/// How often it is looked whether a program has made the directory of the prefix.
const POLL: Duration = Duration::from_millis(20);

/// A prefix and what is there while it is rebuilt. A finished prefix cannot be moved, so the new one is built in its place; the
/// old one is moved away, and back when the build fails or is killed. Whoever calls these functions holds the repository's lock.
pub struct Replacement<'a> {
    cx: &'a Context,
    prefix: &'a Utf8Path,
    old_prefix: Utf8PathBuf,
    /// A file that exists as long as a prefix is incomplete, or may be. It has the identity of its directory, as soon as there
    /// is one.
    marker: Utf8PathBuf,
    /// Where a directory goes of which nobody knows whose it is.
    unclear: Utf8PathBuf,
}

/// Who makes the directory of a new prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DirectoryMaker {
    /// We do: uv takes an empty directory.
    Us,
    /// micromamba before 2.4 wants none to be there.
    Program,
}

/// A prefix as far as it can be told from its directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Nothing,
    /// Made by this tool, and finished.
    Whole,
    /// Made by this tool, or by a program that it has started.
    Incomplete,
    /// Made by micromamba, which this tool was about to start.
    Unclear,
    /// Made by somebody else.
    Foreign,
}

impl<'a> Replacement<'a> {
    pub fn new(cx: &'a Context, prefix: &'a Utf8Path) -> Self {
        let work = cx.layout.work();
        let [old_prefix, marker, unclear] =
            ["prefix-aside", "prefix-begun", "prefix-unclear"].map(|name| work.join(name));
        Self { cx, prefix, old_prefix, marker, unclear }
    }

    /// Whether a prefix is being replaced, or a build was killed while it was.
    pub fn is_pending(&self) -> bool {
        self.marker.exists() || self.old_prefix.exists()
    }

    /// Whether there is a part of a prefix, which nobody should read.
    pub fn is_incomplete(&self) -> Result<bool> {
        Ok(matches!(self.find()?, Found::Incomplete | Found::Unclear))
    }

    /// Cleans up after a build that was killed, and puts back the prefix that was there before it.
    pub fn recover(&self) -> Result<()> {
        // What a dry run would do comes after it.
        if !self.is_pending() && !self.prefix.join(BEGUN).exists() || self.cx.is_dry_run() {
            return Ok(());
        }
        match self.find()? {
            Found::Foreign => return Ok(()),
            Found::Whole => {
                self.cx.files.remove_file(&self.prefix.join(BEGUN))?;
                return self.forget();
            }
            Found::Nothing => {}
            Found::Incomplete => self.cx.files.remove_dir(self.prefix)?,
            Found::Unclear => self.set_aside()?,
        }
        if is_whole(&self.old_prefix) {
            self.cx.files.rename(&self.old_prefix, self.prefix)?;
            let name = self.cx.layout.relative(self.prefix);
            self.cx.ui.notice(format_args!("a build was ended before `{name}` was whole; the one before it is back"));
        }
        self.forget()
    }

    /// Makes room for a new prefix, once there is nothing to [`recover`](Self::recover). A directory that this tool has not made
    /// is an error.
    pub fn start(&self, maker: DirectoryMaker) -> Result<()> {
        let files = &self.cx.files;
        let found = self.find()?;
        if found == Found::Foreign {
            bail!("`{}` was not made by `cargo xtask`; move it away or remove it, and try again", self.prefix);
        }
        self.write_marker("")?;
        if found == Found::Whole {
            self.discard_old()?;
            files.rename(self.prefix, &self.old_prefix)?;
        }
        if maker == DirectoryMaker::Us {
            files.create_dir(self.prefix)?;
            self.note_identity()?;
        }
        Ok(())
    }

    /// Has a program make the prefix, or change it, and notes that it is incomplete, as soon as there is one.
    pub fn change(&self, program: impl FnOnce() -> Result<()>) -> Result<()> {
        let is_over = AtomicBool::new(self.prefix.exists());
        thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) && !self.note_identity().is_ok_and(|it| it) {
                    thread::sleep(POLL);
                }
            });
            let result = program();
            is_over.store(true, Ordering::Relaxed);
            result
        })?;
        self.cx.files.write(&self.prefix.join(BEGUN), &NewFile::text(""))
    }

    /// Puts the old prefix back, if there was one, because of this error.
    pub fn undo(&self, error: anyhow::Error) -> anyhow::Error {
        let files = &self.cx.files;
        let restored = files.remove_dir(self.prefix).and_then(|()| {
            if is_whole(&self.old_prefix) { files.rename(&self.old_prefix, self.prefix) } else { Ok(()) }
        });
        match restored.and_then(|()| self.forget()) {
            Ok(()) => error,
            Err(also) => error.context(format!("and the old environment was not put back ({also:#})")),
        }
    }

    /// The new prefix is whole: its state was written.
    pub fn finish(&self) -> Result<()> {
        self.cx.files.remove_file(&self.prefix.join(BEGUN))?;
        self.forget()
    }

    fn find(&self) -> Result<Found> {
        if is_whole(self.prefix) {
            return Ok(Found::Whole);
        }
        if !self.prefix.exists() {
            return Ok(Found::Nothing);
        }
        if self.prefix.join(BEGUN).exists() {
            return Ok(Found::Incomplete);
        }
        Ok(match files::read_text_if_any(&self.marker)?.as_deref() {
            Some("") if is_empty(self.prefix) => Found::Incomplete,
            Some("") if self.prefix.join("conda-meta").exists() => Found::Unclear,
            Some(identity) if files::identity(self.prefix).is_ok_and(|it| it == identity) => Found::Incomplete,
            None | Some(_) => Found::Foreign,
        })
    }

    /// Nothing is lost, whosever it is.
    fn set_aside(&self) -> Result<()> {
        let (prefix, unclear) = (self.prefix, &self.unclear);
        ensure!(!unclear.exists(), "`{unclear}` and `{prefix}` may be what killed builds have left: remove them");
        self.cx.files.rename(prefix, unclear)?;
        self.cx.ui.notice(format_args!("`{prefix}` is probably what a killed build has left: moved to `{unclear}`"));
        Ok(())
    }

    fn write_marker(&self, text: &str) -> Result<()> {
        self.marker.parent().map_or(Ok(()), |it| self.cx.files.create_dir(it))?;
        self.cx.files.write(&self.marker, &NewFile::text(text))
    }

    /// Notes which directory is incomplete. Returns whether there is one.
    fn note_identity(&self) -> Result<bool> {
        let exists = self.prefix.exists();
        if exists {
            self.write_marker(&files::identity(self.prefix)?)?;
        }
        Ok(exists)
    }

    fn forget(&self) -> Result<()> {
        self.cx.files.remove_file(&self.marker)?;
        self.discard_old()
    }

    /// Its state first: a part of it must not be taken for the whole.
    fn discard_old(&self) -> Result<()> {
        self.cx.files.remove_file(&self.old_prefix.join(PrefixState::FILE))?;
        self.cx.files.remove_dir(&self.old_prefix)
    }
}

fn is_whole(prefix: &Utf8Path) -> bool {
    prefix.join(PrefixState::FILE).exists()
}

fn is_empty(directory: &Utf8Path) -> bool {
    directory.read_dir_utf8().is_ok_and(|mut it| it.next().is_none())
}
