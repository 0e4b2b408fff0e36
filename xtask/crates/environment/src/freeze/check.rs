//! Whether an edited file says what it is expected to say; one that does not is never written.

use std::collections::HashMap;

use report::{Code, Findings};

use super::{FreezeAction, FreezeChange, PackageList};
use crate::EnvironmentFile;

/// What the lists are expected to hold after an edit, entry by entry.
#[derive(Debug, Default)]
pub(super) struct ExpectedLists(Vec<(PackageList, String)>);

impl ExpectedLists {
    /// Call it in the order of the list.
    pub fn push(&mut self, list: PackageList, text: impl Into<String>) {
        self.0.push((list, text.into()));
    }

    /// Checks an edited file against it; `before` is the file, without the blocks that the edit removes.
    pub fn check(&self, before: &EnvironmentFile, edited: &EnvironmentFile) -> Result<PackageLines, Findings> {
        let (old, new, layout) = (before.environment(), edited.environment(), edited.layout());
        let is_meant = [PackageList::Conda, PackageList::Pip].into_iter().all(|list| {
            let expected = self.0.iter().filter(|(of, _)| *of == list);
            layout.of(list).map(|it| &it.text).eq(expected.map(|(_, text)| text))
        });
        let has_same_channels = new.channels.iter().map(|it| &it.0).eq(old.channels.iter().map(|it| &it.0));
        let is_same = new.name == old.name && has_same_channels && new.variables == old.variables;
        if edited.findings().has_errors() || !is_meant || !is_same {
            let message = "the edited file would not say what it is expected to say, so nothing was changed";
            let help = "write the packages plainly, as in `- numpy >=1.26`, one a line";
            let mut errors: Findings = before.source().about(Code::FreezeLayout, message).help(help).into();
            errors.extend(edited.findings().iter().cloned());
            return Err(errors);
        }
        let line = |at: usize| edited.source().position(at).line;
        Ok(PackageLines(layout.entries.iter().map(|it| (it.list.with(&it.text), line(it.range.start))).collect()))
    }
}

/// The line of each package in the edited file, from 1.
pub(super) struct PackageLines(HashMap<String, usize>);

impl PackageLines {
    /// The change of a package whose line is known in the file before only.
    pub fn change(&self, list: PackageList, action: FreezeAction, line_before: usize) -> FreezeChange {
        let (FreezeAction::Pinned { to: text, .. }
        | FreezeAction::Restored { to: text, .. }
        | FreezeAction::AddedPackage(text)
        | FreezeAction::Removed(text)) = &action;
        let line = self.0.get(&list.with(text)).copied();
        FreezeChange { list, line: line.unwrap_or(line_before), action }
    }
}
