//! Packages that are listed more than once.

use std::collections::HashMap;

use camino::Utf8PathBuf;
use report::{Code, Finding, Source, Span};
use specs::python::normalised;

use crate::freeze::PackageList;

/// The packages read so far.
#[derive(Debug, Default)]
pub struct SeenPackages {
    /// The line of each in `dependencies:`, by its key there.
    conda: HashMap<String, SeenLine>,
    /// The line of the first in `dependencies:` that may be one of Python's, by the name that this has for pip.
    of_python: HashMap<String, SeenLine>,
    /// The line of each in the `pip:` section by its key, and whether it has a marker.
    pip: HashMap<String, (SeenLine, bool)>,
}

/// The place where a package was seen first.
#[derive(Debug, Clone, PartialEq, Eq)]
struct SeenLine {
    file: Utf8PathBuf,
    line: usize,
}

impl SeenLine {
    fn new(source: &Source, span: Span) -> Self {
        Self { file: source.file.clone(), line: span.start.line }
    }

    /// As it is named in a finding about a file.
    fn seen_from(&self, source: &Source) -> String {
        let Self { file, line } = self;
        if *file == source.file { format!("line {line}") } else { format!("line {line} of `{file}`") }
    }
}

impl SeenPackages {
    /// Notes a package of conda's list; the finding if that is one too many.
    pub fn conda(&mut self, source: &Source, name: &str, span: Span) -> Option<Finding> {
        let key = PackageList::Conda.key(name);
        if let Some(line) = self.conda.get(&key) {
            let message = format!("`{name}` is listed twice, first in {}", line.seen_from(source));
            let help = "conda applies both; one line can say the same, as in `numpy >=1.26,<2`";
            return Some(source.at(Code::CondaListedTwice, span, message).help(help));
        }
        self.conda.insert(key, SeenLine::new(source, span));
        let of_python = normalised(name);
        let from_pip = self.pip.get(&of_python).map(|(line, _)| in_both(source, name, span, PackageList::Pip, line));
        self.of_python.entry(of_python).or_insert_with(|| SeenLine::new(source, span));
        from_pip
    }

    /// Notes a package of pip's list; the finding if that is one too many.
    pub fn pip(&mut self, source: &Source, name: &str, has_marker: bool, span: Span) -> Option<Finding> {
        let key = PackageList::Pip.key(name);
        match self.pip.get(&key) {
            // Two lines for different platforms are no contradiction.
            Some((_, true)) if has_marker => None,
            Some((line, _)) => {
                let (name, line) = (normalised(name), line.seen_from(source));
                let message = format!("`{name}` is listed twice, first in {line}");
                let help = "pip and uv apply both; one line can say the same, as in `numpy>=1.26,<2`";
                Some(source.at(Code::PipListedTwice, span, message).help(help))
            }
            None => {
                let from_conda =
                    self.of_python.get(&key).map(|line| in_both(source, name, span, PackageList::Conda, line));
                self.pip.insert(key, (SeenLine::new(source, span), has_marker));
                from_conda
            }
        }
    }
}

fn in_both(source: &Source, name: &str, span: Span, other: PackageList, line: &SeenLine) -> Finding {
    let (name, other, line) = (normalised(name), other.name(), line.seen_from(source));
    let message = format!("`{name}` is also in the {other} list, in {line}");
    let help = "keep one of the two where you can: pip installs over conda's files";
    source.at(Code::CondaAndPip, span, message).help(help)
}
