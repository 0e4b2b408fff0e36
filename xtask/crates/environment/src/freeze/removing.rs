//! Removing: the lines of packages that nobody asks for any more.

use report::{Code, Finding, Findings, nearest};

use super::{
    AskedFile, PackageList,
    asked::{AskedEdit, in_included_file, in_other_list, is_named, key},
    block,
    edits::next_line,
    layout::ListEntry,
};
use crate::{EnvironmentFile, LineAction};

/// Removes the lines of packages from one list, or without one from the list where each is; also the `pip:` section, where
/// nothing is left of it. Comments in lines of their own stay.
pub fn remove(file: &EnvironmentFile, chosen: Option<PackageList>, names: &[String]) -> Result<AskedFile, Findings> {
    let mut edit = AskedEdit::new(file);
    let blocks = block::find(file.source(), &mut edit.errors);
    let masked = block::masked(file, &blocks);
    let entries = &masked.layout().entries;
    let is_in_list = |it: &&ListEntry| chosen.is_none_or(|list| it.list == list);
    let mut gone: Vec<&ListEntry> = Vec::new();
    for name in names {
        let mut found: Vec<&ListEntry> =
            entries.iter().filter(is_in_list).filter(|it| is_named(it, name.trim())).collect();
        // Where two differ in how they are spelt, the spelling decides.
        let is_exact = |it: &&ListEntry| key(it).is_some_and(|(list, key)| key == list.key(name.trim()));
        if found.iter().any(is_exact) {
            found.retain(is_exact);
        }
        match found.first() {
            None => {
                let included = in_included_file(&masked, name.trim());
                edit.errors.push(included.unwrap_or_else(|| not_listed(file, &masked, chosen, name)));
            }
            Some(first) if found.iter().any(|it| it.list != first.list) => {
                edit.errors.push(in_both_lists(file, first, name));
            }
            Some(_) => gone.extend(found),
        }
    }
    if !edit.errors.is_empty() {
        return Err(edit.errors.sorted());
    }
    gone.sort_unstable_by_key(|it| it.range.start);
    gone.dedup_by_key(|it| it.range.start);
    for entry in &gone {
        let line = edit.line(entry);
        edit.remove(entry);
        edit.changes.push((entry.list, Some(line), LineAction::Removed(entry.text.clone())));
    }
    remove_empty_section(&mut edit, &gone);
    let (file, changes) = edit.finish()?;
    Ok(AskedFile { file, changes, packages: Vec::new() })
}

/// Removes the key of the `pip:` section where its last packages go, and no comment is left in it.
fn remove_empty_section(edit: &mut AskedEdit, gone: &[&ListEntry]) {
    let (text, layout) = (edit.file.text(), edit.file.layout());
    let Some(section) = layout.pip.as_ref().filter(|it| !it.is_flow) else { return };
    let mut entries: Vec<&ListEntry> = layout.of(PackageList::Pip).collect();
    entries.sort_unstable_by_key(|it| it.range.start);
    let all_go = !entries.is_empty() && entries.iter().all(|it| gone.iter().any(|gone| gone.range == it.range));
    let Some(last) = entries.last().filter(|_| all_go) else { return };
    let section_end = next_line(text, last.range.end);
    let mut rest = text[section.key.end..section_end].to_owned();
    for entry in entries.iter().rev() {
        let line = entry.line.start - section.key.end..entry.line.end - section.key.end;
        rest.replace_range(line, "");
    }
    if rest.trim() == ":" {
        edit.edits.remove_lines(text, section.key.clone());
    }
}

fn in_both_lists(file: &EnvironmentFile, first: &ListEntry, name: &str) -> Finding {
    let finding = in_other_list(file.source(), first, name);
    Finding { message: format!("`{name}` is in both lists"), ..finding }
        .help("say which line to remove: `--conda` or `--pip`")
}

fn not_listed(file: &EnvironmentFile, masked: &EnvironmentFile, chosen: Option<PackageList>, name: &str) -> Finding {
    let source = file.source();
    if let Some(entry) = masked.layout().entries.iter().find(|it| is_named(it, name)) {
        let (list, other) = (entry.list.name(), chosen.map_or("", PackageList::name));
        let message = format!("`{name}` is in the {list} list, not in the {other} list");
        let finding = source.at(Code::FreezeName, source.span(entry.range.clone()), message);
        return finding.help(format!("say `--{list}`, or leave the choice out"));
    }
    if let Some(entry) = file.layout().entries.iter().find(|it| is_named(it, name)) {
        let message = format!("`{name}` is not asked for; other packages bring it");
        let finding = source.at(Code::FreezeName, source.span(entry.range.clone()), message);
        return finding.help("remove the packages that need it");
    }
    let known: Vec<String> = masked.layout().entries.iter().filter_map(|it| Some(key(it)?.1)).collect();
    let finding = source.about(Code::FreezeName, format!("`{name}` is not listed"));
    match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding
            .help("name packages as they are in the file; those of an apt list need its option, such as `--apt-dev`"),
    }
}
