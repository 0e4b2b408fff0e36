//! Packages that are listed more than once.

use std::collections::HashMap;

use report::{Code, Finding, Source, Span};
use specs::python::normalised;

use crate::freeze::PackageList;

/// The packages read so far.
#[derive(Debug, Default)]
pub struct SeenPackages {
    /// The line of each in `dependencies:`, by its key there.
    conda: HashMap<String, usize>,
    /// The line of the first in `dependencies:` that may be one of Python's, by the name that this has for pip.
    of_python: HashMap<String, usize>,
    /// The line of each in the `pip:` section by its key, and whether it has a marker.
    pip: HashMap<String, (usize, bool)>,
}

impl SeenPackages {
    /// Notes a package of conda's list; the finding if that is one too many.
    pub fn conda(&mut self, source: &Source, name: &str, span: Span) -> Option<Finding> {
        let key = PackageList::Conda.key(name);
        if let Some(line) = self.conda.get(&key) {
            let message = format!("`{name}` is listed twice, first in line {line}");
            let help = "conda applies both; one line can say the same, as in `numpy >=1.26,<2`";
            return Some(source.at(Code::CondaListedTwice, span, message).help(help));
        }
        self.conda.insert(key, span.start.line);
        let of_python = normalised(name);
        let from_pip = self.pip.get(&of_python).map(|(line, _)| in_both(source, name, span, PackageList::Pip, *line));
        self.of_python.entry(of_python).or_insert(span.start.line);
        from_pip
    }

    /// Notes a package of pip's list; the finding if that is one too many.
    pub fn pip(&mut self, source: &Source, name: &str, has_marker: bool, span: Span) -> Option<Finding> {
        let key = PackageList::Pip.key(name);
        match self.pip.get(&key) {
            // Two lines for different platforms are no contradiction.
            Some((_, true)) if has_marker => None,
            Some((line, _)) => {
                let message = format!("`{}` is listed twice, first in line {line}", normalised(name));
                let help = "pip and uv apply both; one line can say the same, as in `numpy>=1.26,<2`";
                Some(source.at(Code::PipListedTwice, span, message).help(help))
            }
            None => {
                let from_conda =
                    self.of_python.get(&key).map(|line| in_both(source, name, span, PackageList::Conda, *line));
                self.pip.insert(key, (span.start.line, has_marker));
                from_conda
            }
        }
    }
}

fn in_both(source: &Source, name: &str, span: Span, other: PackageList, line: usize) -> Finding {
    let message = format!("`{}` is also in the {} list, in line {line}", normalised(name), other.name());
    let help = "keep one of the two where you can: pip installs over conda's files";
    source.at(Code::CondaAndPip, span, message).help(help)
}
