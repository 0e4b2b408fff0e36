//! Whether an edited file says what it is meant to say; one that does not is never written.

use std::collections::BTreeMap;

use report::{Code, Findings, Source};

use super::{FreezeAction, FreezeChange, PackageList, layout::ListLayout};
use crate::EnvironmentYml;

/// What the lists are meant to hold after an edit, entry by entry.
#[derive(Debug, Default)]
pub(super) struct ExpectedLists(BTreeMap<PackageList, Vec<String>>);

impl ExpectedLists {
    /// Notes the next entry of a list.
    pub fn push(&mut self, list: PackageList, text: impl Into<String>) {
        self.0.entry(list).or_default().push(text.into());
    }

    /// Checks an edited text against it; `before` is the file, without the blocks that the edit removes.
    pub fn check(&self, before: &Source, text: &str) -> Result<PackageLines, Findings> {
        let source = Source::new(&before.file, text);
        let mut findings = Findings::default();
        let environment = EnvironmentYml::parse(&source, &mut findings);
        let old = EnvironmentYml::parse(before, &mut Findings::default());
        let layout = ListLayout::read(&source);
        let is_meant = [PackageList::Conda, PackageList::Pip].into_iter().all(|list| {
            let meant = self.0.get(&list).into_iter().flatten();
            layout.of(list).map(|it| &it.text).eq(meant)
        });
        let is_same = environment.name == old.name
            && environment.channels == old.channels
            && environment.variables == old.variables;
        if findings.has_errors() || !is_meant || !is_same {
            let message = "the edited file would not say what it is meant to say, so nothing was changed";
            let help = "write the packages plainly, as in `- numpy >=1.26`, one a line";
            let mut errors: Findings = before.about(Code::FreezeLayout, message).help(help).into();
            errors.extend(findings);
            return Err(errors);
        }
        let line = |at: usize| source.position(at).line;
        Ok(PackageLines(layout.entries.iter().map(|it| ((it.list, it.text.clone()), line(it.range.start))).collect()))
    }
}

/// The lines of the packages in an edited file.
pub(super) struct PackageLines(BTreeMap<(PackageList, String), usize>);

impl PackageLines {
    /// The change of a package whose line is known in the file before only.
    pub fn change(&self, list: PackageList, what: FreezeAction, line_before: usize) -> FreezeChange {
        let (FreezeAction::Pinned { to: text, .. }
        | FreezeAction::Restored { to: text, .. }
        | FreezeAction::AddedPackage(text)
        | FreezeAction::Removed(text)) = &what;
        let line = self.0.get(&(list, text.clone())).copied();
        FreezeChange { list, line: line.unwrap_or(line_before), what }
    }
}
