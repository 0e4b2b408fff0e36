//! Thawing: the user's constraints come back.

use report::{Code, Findings, nearest};

use super::{
    FreezeAction, FrozenFile, PackageList, asked, block, check::ExpectedLists, edits::Edits, entry_kind::EntryKind,
    layout::ListEntry, mark::LineMark,
};
use crate::EnvironmentFile;

/// Puts the specs back that freezing has replaced, those of the named packages or, without names, all of them, and
/// removes what `freeze --full` wrote: its packages belong to the frozen versions of all others. Lines of packages that were
/// installed by hand stay.
///
/// A file with errors is left alone, and a name that is in no list is an error.
pub fn thaw(file: &EnvironmentFile, names: &[String]) -> Result<FrozenFile, Findings> {
    let mut findings = Findings::default();
    let source = file.source();
    let blocks = block::find(source, &mut findings);
    let masked = block::masked(file, &blocks);
    findings.extend(masked.findings().iter().cloned());
    let layout = masked.layout();
    for name in names {
        if !layout.entries.iter().any(|it| is_named(it, name)) {
            if let Some(finding) = asked::in_included_file(&masked, name) {
                findings.push(finding);
                continue;
            }
            let known: Vec<String> = layout.entries.iter().filter_map(key).collect();
            let finding = source.about(Code::FreezeName, format!("`{name}` is not listed"));
            let near = nearest(name, known.iter().map(String::as_str));
            findings.push(finding.help(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "name packages as they are in the file, or none for all".to_owned(),
            }));
        }
    }
    if findings.has_errors() {
        return Err(findings.sorted());
    }

    let (mut edits, mut expected, mut changes) = (Edits::default(), ExpectedLists::default(), Vec::new());
    for entry in &layout.entries {
        match LineMark::of(masked.text(), entry) {
            LineMark::Frozen(intent) if names.is_empty() || names.iter().any(|it| is_named(entry, it)) => {
                edits.replace(entry.range.start..entry.line.end, intent.thawed());
                expected.push(entry.list, &*intent.text);
                let action = FreezeAction::Restored { from: entry.text.clone(), to: intent.text };
                changes.push((entry.list, action, source.position(entry.range.start).line));
            }
            _ => expected.push(entry.list, &*entry.text),
        }
    }
    edits.remove_blocks(blocks);
    let edited = file.with_text(&edits.apply(file.text()));
    let lines = expected.check(&masked, &edited)?;
    let changes = changes.into_iter().map(|(list, action, line)| lines.change(list, action, line)).collect();
    Ok(FrozenFile { file: edited, changes, findings: Findings::default() })
}

/// Whether a package has a line that freezing can change.
pub(crate) fn has_line(file: &EnvironmentFile, name: &str) -> bool {
    let masked = block::masked(file, &block::find(file.source(), &mut Findings::default()));
    masked.layout().entries.iter().any(|it| is_named(it, name))
}

impl EnvironmentFile {
    /// The file as it is when all of it is thawed. Where it cannot be read, it is as it is.
    #[must_use]
    pub fn thawed(&self) -> Self {
        if !self.text().contains('#') {
            return self.clone();
        }
        let blocks = block::find(self.source(), &mut Findings::default());
        let masked = block::masked(self, &blocks);
        let mut edits = Edits::default();
        for entry in &masked.layout().entries {
            if let LineMark::Frozen(intent) = LineMark::of(masked.text(), entry) {
                edits.replace(entry.range.start..entry.line.end, intent.thawed());
            }
        }
        edits.remove_blocks(blocks);
        self.with_text(&edits.apply(self.text()))
    }
}

fn key(entry: &ListEntry) -> Option<String> {
    EntryKind::read(entry.list, &entry.text)?.key()
}

fn is_named(entry: &ListEntry, name: &str) -> bool {
    // Whoever names a package need not know which list it is in, or how that list spells it.
    key(entry).is_some_and(|it| PackageList::Pip.key(&it) == PackageList::Pip.key(name))
}
