//! The files of a commit.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

/// All files of a commit, by their paths in the repository.
pub type TrackedFiles = BTreeMap<Utf8PathBuf, TrackedFile>;

/// A file as git keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackedFile {
    /// As git writes it, such as `100755`.
    pub mode: String,
    /// The name of its contents in git's store; `None` for contents that are not there yet.
    pub id: Option<String>,
    /// `None` where nobody has to look at them.
    pub contents: Option<Vec<u8>>,
}

impl TrackedFile {
    /// A file that everybody may read.
    pub fn new(contents: impl Into<Vec<u8>>) -> Self {
        Self { mode: "100644".to_owned(), id: None, contents: Some(contents.into()) }
    }

    /// The text of a regular file, if it was read and is text.
    pub fn text(&self) -> Option<&str> {
        let bytes = self.contents.as_deref().filter(|_| self.mode.starts_with("100"))?;
        std::str::from_utf8(bytes).ok()
    }

    /// Changes its text, if it was read and is text.
    pub fn edit(&mut self, edit: impl FnOnce(&str) -> String) {
        if let Some(text) = self.text().map(edit) {
            self.set_text(text);
        }
    }

    /// Gives it another text, if it is another one.
    pub fn set_text(&mut self, text: String) {
        if self.contents.as_deref() != Some(text.as_bytes()) {
            self.contents = Some(text.into_bytes());
            self.id = None;
        }
    }
}
