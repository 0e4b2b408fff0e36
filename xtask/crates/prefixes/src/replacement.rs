//! Replacing a prefix so that neither a failed nor a killed build loses the old one, and nobody else's directory is touched.
//!
//! What is about to happen is noted before it happens. So whenever a build is killed, the next one knows what is left of it,
//! removes that, and puts the old prefix back.

use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use process::files::{self, NewFile};
use project::Context;

use super::state::PrefixState;

/// A file in a prefix that is not whole. Unlike the identity of a directory, it stays what it is wherever the disk is mounted.
const BEGUN: &str = "xtask-begun";

/// A prefix and what is there while it is rebuilt. A finished prefix cannot be moved, so the new one is built in its place; the
/// old one is moved away, and back when the build fails or is killed. Whoever calls these functions holds the repository's lock.
pub struct Replacement<'a> {
    cx: &'a Context,
    prefix: &'a Utf8Path,
    old_prefix: Utf8PathBuf,
    /// A file that exists as long as a prefix is incomplete, or may be. It has the identity of its directory, as soon as there
    /// is one.
    marker: Utf8PathBuf,
}

/// A prefix as far as it can be told from its directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Nothing,
    /// Made by this tool, and finished.
    Whole,
    /// Made by this tool, and not finished.
    Incomplete,
    /// Made by somebody else.
    Foreign,
}

impl<'a> Replacement<'a> {
    pub fn new(cx: &'a Context, prefix: &'a Utf8Path) -> Self {
        let work = cx.layout.work();
        let [old_prefix, marker] = ["prefix-aside", "prefix-begun"].map(|name| work.join(name));
        Self { cx, prefix, old_prefix, marker }
    }

    /// Whether a prefix is being replaced, or a build was killed while it was.
    pub fn is_pending(&self) -> bool {
        self.marker.exists() || self.old_prefix.exists()
    }

    /// Whether there is a part of a prefix, which nobody should read.
    pub fn is_incomplete(&self) -> Result<bool> {
        Ok(self.find()? == Found::Incomplete)
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
        }
        if is_whole(&self.old_prefix) {
            self.cx.files.rename(&self.old_prefix, self.prefix)?;
            let name = self.cx.layout.relative(self.prefix);
            self.cx.ui.notice(format_args!("a build was ended before `{name}` was whole; the one before it is back"));
        }
        self.forget()
    }

    /// The directories that [`recover`](Self::recover) removes.
    pub fn leftovers(&self) -> Result<Vec<&Utf8Path>> {
        let old = self.old_prefix.exists().then_some(self.old_prefix.as_path());
        let useless_old = old.filter(|it| !is_whole(it));
        Ok(match self.find()? {
            Found::Foreign => Vec::new(),
            Found::Whole => old.into_iter().collect(),
            Found::Nothing => useless_old.into_iter().collect(),
            Found::Incomplete => [Some(self.prefix), useless_old].into_iter().flatten().collect(),
        })
    }

    /// Makes an empty directory for a new prefix, once there is nothing to [`recover`](Self::recover). A directory that this tool
    /// has not made is an error.
    pub fn start(&self) -> Result<()> {
        self.make_room()?;
        self.cx.files.create_dir(self.prefix)?;
        // A dry run has made no directory.
        if self.prefix.exists() {
            self.write_marker(&files::identity(self.prefix)?)?;
        }
        self.cx.files.write(&self.prefix.join(BEGUN), &NewFile::text(""))
    }

    /// As [`start`](Self::start), with the files of the prefix that was there. They are the same ones under a second name, so that
    /// whoever changes one has to replace it: conda's installer, uv and Python do.
    pub fn start_from_old(&self) -> Result<()> {
        self.start()?;
        self.cx.files.link_tree(&self.old_prefix, self.prefix, PrefixState::FILE)
    }

    /// Removes the prefix. It is gone at once, whenever this is killed.
    pub fn remove(&self) -> Result<()> {
        self.make_room()?;
        self.forget()
    }

    /// Fails where the prefix is a directory that this tool has not made.
    pub fn require_own(&self) -> Result<()> {
        self.own().map(drop)
    }

    fn own(&self) -> Result<Found> {
        match self.find()? {
            Found::Foreign => {
                bail!("`{}` was not made by `cargo xtask`; move it away or remove it, and try again", self.prefix)
            }
            found => Ok(found),
        }
    }

    fn make_room(&self) -> Result<()> {
        let found = self.own()?;
        self.write_marker("")?;
        if found == Found::Whole {
            self.discard_old()?;
            self.cx.files.rename(self.prefix, &self.old_prefix)?;
        }
        Ok(())
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
            Some(identity) if files::identity(self.prefix).is_ok_and(|it| it == identity) => Found::Incomplete,
            None | Some(_) => Found::Foreign,
        })
    }

    fn write_marker(&self, text: &str) -> Result<()> {
        self.marker.parent().map_or(Ok(()), |it| self.cx.files.create_dir(it))?;
        self.cx.files.write(&self.marker, &NewFile::text(text))
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
