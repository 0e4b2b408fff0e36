//! `environment.yml` with all that its text says, read once.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use camino::Utf8Path;
use report::{Findings, Source, parses, yaml};

use super::{
    EnvironmentYml,
    freeze::ListLayout,
    included_files::{FileReader, IncludedFile, KnownFiles},
};

/// One text of `environment.yml`, parsed.
///
/// `freeze` and `thaw` make other texts of it. Those that come from the same file share what was parsed, so that no text
/// is parsed twice, however often it is frozen, thawed and read.
#[derive(Clone)]
pub struct EnvironmentFile {
    parsed: Arc<ParsedEnvironment>,
    versions: Arc<Mutex<Vec<Arc<ParsedEnvironment>>>>,
}

#[derive(Debug)]
struct ParsedEnvironment {
    source: Source,
    environment: EnvironmentYml,
    findings: Findings,
    layout: ListLayout,
    /// The files that it includes, for other texts of it.
    files: KnownFiles,
}

impl ParsedEnvironment {
    fn read(source: Source, mut files: FileReader) -> Self {
        parses::note(&source.file, &source.text);
        let mut findings = Findings::default();
        let root = yaml::parse(&source, &mut findings);
        let (environment, included) = EnvironmentYml::read(root.as_ref(), &source, &mut files, &mut findings);
        let layout = root.as_ref().map(|it| ListLayout::read(&source, it)).unwrap_or_default();
        Self { source: source.including(included), environment, findings, layout, files: files.known }
    }
}

impl EnvironmentFile {
    /// Parses a text that nobody has parsed yet, and that includes no other files. It never fails: what cannot be read is left
    /// out and among the findings.
    pub fn parse(source: Source) -> Self {
        Self::read(source, FileReader { known: KnownFiles::default(), read: None })
    }

    /// As [`parse`](Self::parse), with the files of the repository that it includes, by their paths there.
    pub fn parse_including(source: Source, read: &mut dyn FnMut(&Utf8Path) -> IncludedFile) -> Self {
        Self::read(source, FileReader { known: KnownFiles::default(), read: Some(read) })
    }

    fn read(source: Source, files: FileReader) -> Self {
        let parsed = Arc::new(ParsedEnvironment::read(source, files));
        Self { versions: Arc::new(Mutex::new(vec![Arc::clone(&parsed)])), parsed }
    }

    /// The same file with another text.
    #[must_use]
    pub(crate) fn with_text(&self, text: &str) -> Self {
        let mut versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        let known = versions.iter().find(|it| it.source.text == text).cloned();
        let parsed = known.unwrap_or_else(|| {
            let files = FileReader { known: self.parsed.files.clone(), read: None };
            let parsed = Arc::new(ParsedEnvironment::read(Source::new(self.file(), text), files));
            versions.push(Arc::clone(&parsed));
            parsed
        });
        Self { parsed, versions: Arc::clone(&self.versions) }
    }

    /// The path and the text, for findings at a place in it or in a file that it includes.
    pub fn source(&self) -> &Source {
        &self.parsed.source
    }

    /// Relative to the repository.
    pub fn file(&self) -> &Utf8Path {
        &self.parsed.source.file
    }

    /// The text, byte for byte.
    pub fn text(&self) -> &str {
        &self.parsed.source.text
    }

    /// The channels and packages that could be read.
    pub fn environment(&self) -> &EnvironmentYml {
        &self.parsed.environment
    }

    /// Everything wrong in the text, each line by itself; [`check_lists`](super::check_lists) compares the lines.
    pub fn findings(&self) -> &Findings {
        &self.parsed.findings
    }

    /// Where each package stands, for edits.
    pub(crate) fn layout(&self) -> &ListLayout {
        &self.parsed.layout
    }
}

/// Shows the one text, not all that came of the file.
impl fmt::Debug for EnvironmentFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parsed.fmt(f)
    }
}

/// The same text of a file of the same name, which includes the same.
impl PartialEq for EnvironmentFile {
    fn eq(&self, other: &Self) -> bool {
        self.source() == other.source()
    }
}

impl Eq for EnvironmentFile {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_was_parsed_before_is_not_parsed_again() {
        let file = EnvironmentFile::parse(Source::new("environment.yml", "dependencies: [python]\n"));
        let other = file.with_text("dependencies: [python, pip]\n");
        let back = other.with_text(file.text());
        assert!(Arc::ptr_eq(&file.parsed, &back.parsed) && !Arc::ptr_eq(&file.parsed, &other.parsed));
        assert_eq!((file.environment().conda.len(), other.environment().conda.len()), (1, 2));
    }
}
