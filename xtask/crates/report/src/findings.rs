//! Findings of all inputs, collected to be reported together.

use std::fmt;

use process::sort_by;

use super::{Finding, Severity};

/// Everything that is wrong or doubtful in the inputs. As an error it stops what needs them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings(Vec<Finding>);

impl Findings {
    pub fn push(&mut self, finding: Finding) {
        self.0.push(finding);
    }

    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.0.iter()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn count(&self, severity: Severity) -> usize {
        self.0.iter().filter(|it| it.severity() == severity).count()
    }

    /// Whether one of them stops what needs the inputs.
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// Without the notes, which only who asks for everything wants to read.
    #[must_use]
    pub fn without_notes(self) -> Self {
        self.into_iter().filter(|it| it.severity() != Severity::Note).collect()
    }

    /// Sorted by file, place and code, each once.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        sort_by(&mut self.0, |a, b| (&a.file, a.span, a.code).cmp(&(&b.file, b.span, b.code)));
        self.0.dedup();
        self
    }

    /// `value` unless there is an error among them; then all of them, sorted, as the error.
    pub fn into_result<T>(self, value: T) -> Result<T, Self> {
        if self.has_errors() { Err(self.sorted()) } else { Ok(value) }
    }

    /// How many there are of each severity, as in `2 errors, 1 warning`; empty where there are none.
    pub fn summary(&self) -> String {
        let counted = |severity: Severity| {
            let count = self.count(severity);
            (count > 0).then(|| format!("{count} {}{}", severity.name(), if count == 1 { "" } else { "s" }))
        };
        let parts = [Severity::Error, Severity::Warning, Severity::Note].into_iter().filter_map(counted);
        parts.collect::<Vec<_>>().join(", ")
    }
}

impl From<Finding> for Findings {
    fn from(finding: Finding) -> Self {
        Self(vec![finding])
    }
}

impl Extend<Finding> for Findings {
    fn extend<I: IntoIterator<Item = Finding>>(&mut self, findings: I) {
        self.0.extend(findings);
    }
}

impl IntoIterator for Findings {
    type Item = Finding;
    type IntoIter = std::vec::IntoIter<Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl FromIterator<Finding> for Findings {
    fn from_iter<I: IntoIterator<Item = Finding>>(findings: I) -> Self {
        Self(findings.into_iter().collect())
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(Finding::to_string).collect();
        write!(f, "{}", lines.join("\n"))
    }
}

impl std::error::Error for Findings {}
