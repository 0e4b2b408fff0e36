//! The files of a project, made of the files of the repository that it comes from.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use super::{
    LicenseChoice, ProjectRecord, Renaming, Rules, TrackedFile, TrackedFiles, cargo_lock,
    links::{is_among, without_dead_links},
    wording::filled,
};

const LICENSE: &str = "LICENSE";
/// The license of what is not the project's: the tool keeps its own.
const LICENSE_OF_TOOL: &str = "xtask/LICENSE";
const CARGO_LOCK: &str = "Cargo.lock";
const PYPROJECT: &str = "python-project/pyproject.toml";
const ENVIRONMENT: &str = "dependencies/environment.yml";

/// The project that these rules and answers make of a template. `dependencies` is the text of environment.yml, where it is not
/// the template's.
pub fn render(
    template: &TrackedFiles,
    rules: &Rules,
    record: &ProjectRecord,
    dependencies: Option<&str>,
) -> Result<TrackedFiles> {
    let mut project = travelling(template, rules, record);
    if !record.answers.keeps_tool_tests {
        edit(&mut project, rules)?;
        drop_from_lock(&mut project, template);
    }
    set_python(&mut project, rules, record, dependencies.is_some())?;
    set_base_image(&mut project, record);
    if let Some(text) = dependencies {
        project.insert(ENVIRONMENT.into(), TrackedFile::new(text));
    }
    let mut project = renamed(project, rules, record);
    write_texts(&mut project, template, rules, record)?;
    write_license(&mut project, template, rules, record)?;
    heal_links(&mut project, rules, record);
    project.insert(ProjectRecord::PATH.into(), TrackedFile::new(record.text()));
    Ok(project)
}

fn travelling(template: &TrackedFiles, rules: &Rules, record: &ProjectRecord) -> TrackedFiles {
    let keeps_tests = record.answers.keeps_tool_tests;
    template
        .iter()
        .filter(|(path, _)| rules.travels(path, keeps_tests))
        .map(|(path, file)| (path.clone(), file.clone()))
        .collect()
}

/// Takes what goes with the tool's tests out of files that stay.
fn edit(project: &mut TrackedFiles, rules: &Rules) -> Result<()> {
    for edit in &rules.edits {
        let failed = || format!("`{}` does not have this text once: {}", edit.file, edit.from);
        let file = project.get_mut(&edit.file).with_context(failed)?;
        let text = file.text().with_context(failed)?;
        ensure!(text.matches(&edit.from).count() == 1, failed());
        let text = text.replacen(&edit.from, &edit.to, 1);
        file.set_text(text);
    }
    Ok(())
}

/// The crates whose manifests have not travelled are in no lock.
fn drop_from_lock(project: &mut TrackedFiles, template: &TrackedFiles) {
    let is_gone = |path: &Utf8Path| path.file_name() == Some("Cargo.toml") && !project.contains_key(path);
    let dropped: BTreeSet<String> =
        template.iter().filter(|(path, _)| is_gone(path)).filter_map(|(_, file)| crate_name(file.text()?)).collect();
    if let Some(lock) = project.get_mut(Utf8Path::new(CARGO_LOCK)) {
        lock.edit(|it| cargo_lock::without_crates(it, &dropped));
    }
}

fn crate_name(manifest: &str) -> Option<String> {
    manifest.lines().find_map(|it| it.strip_prefix("name = \"")?.strip_suffix('"')).map(str::to_owned)
}

/// The Python that was chosen, in the two files that name one.
fn set_python(project: &mut TrackedFiles, rules: &Rules, record: &ProjectRecord, has_list: bool) -> Result<()> {
    let answers = &record.answers;
    let chosen = answers.python.as_ref().map(|it| format!(">={it}"));
    if let Some(requires) = chosen.as_ref().or(answers.requires_python.as_ref()) {
        replace_once(project, PYPROJECT, &format!("\"{}\"", rules.requires_python), &format!("\"{requires}\""))?;
    }
    if let Some(python) = answers.python.as_ref().filter(|_| !has_list) {
        replace_once(project, ENVIRONMENT, &format!("- {}\n", rules.listed_python), &format!("- python={python}\n"))?;
    }
    Ok(())
}

/// The image to build from is the project's, and not one machine's.
fn set_base_image(project: &mut TrackedFiles, record: &ProjectRecord) {
    if let Some((image, file)) = record.answers.base_image.as_ref().zip(project.get_mut(Utf8Path::new(PYPROJECT))) {
        file.edit(|it| format!("{it}\n[tool.xtask]\nbase-image = \"{image}\"\n"));
    }
}

fn replace_once(project: &mut TrackedFiles, path: &str, from: &str, to: &str) -> Result<()> {
    let failed = || format!("`{path}` does not have `{}` once", from.trim());
    let file = project.get_mut(Utf8Path::new(path)).with_context(failed)?;
    let text = file.text().with_context(failed)?;
    ensure!(text.matches(from).count() == 1, failed());
    let text = text.replacen(from, to, 1);
    file.set_text(text);
    Ok(())
}

fn renamed(project: TrackedFiles, rules: &Rules, record: &ProjectRecord) -> TrackedFiles {
    let renaming = Renaming::new(rules.names.clone(), record.answers.names.clone());
    let renamed = |(path, mut file): (Utf8PathBuf, TrackedFile)| {
        if !rules.renames(&path) {
            return (path, file);
        }
        file.edit(|it| renaming.text(it));
        (renaming.path(&path), file)
    };
    project.into_iter().map(renamed).collect()
}

/// The project's own texts.
fn write_texts(
    project: &mut TrackedFiles,
    template: &TrackedFiles,
    rules: &Rules,
    record: &ProjectRecord,
) -> Result<()> {
    for (path, text) in &rules.texts {
        project.insert(path.clone(), TrackedFile::new(filled_text(template, text, record)?));
    }
    Ok(())
}

fn write_license(
    project: &mut TrackedFiles,
    template: &TrackedFiles,
    rules: &Rules,
    record: &ProjectRecord,
) -> Result<()> {
    if let Some(license) = template.get(Utf8Path::new(LICENSE)) {
        project.insert(LICENSE_OF_TOOL.into(), license.clone());
    }
    match &record.answers.license {
        LicenseChoice::Keep => {}
        LicenseChoice::None => _ = project.remove(Utf8Path::new(LICENSE)),
        LicenseChoice::Named(name) => {
            let text = rules.licenses.iter().find(|it| it.0 == *name);
            let (_, text) = text.with_context(|| format!("there is no text of the license `{name}`"))?;
            project.insert(LICENSE.into(), TrackedFile::new(filled_text(template, text, record)?));
        }
    }
    Ok(())
}

fn filled_text(template: &TrackedFiles, path: &Utf8Path, record: &ProjectRecord) -> Result<String> {
    let failed = || format!("cannot make a text of `{path}`");
    let text = template.get(path).and_then(TrackedFile::text).with_context(failed)?;
    let answers = &record.answers;
    let license = match &answers.license {
        LicenseChoice::Named(name) => format!("{name} licensed, by {}.", answers.author),
        LicenseChoice::Keep => "Licensed as [LICENSE](LICENSE) says.".to_owned(),
        LicenseChoice::None => format!("© {} {}. All rights reserved.", answers.year, answers.author),
    };
    let documentation = match record.origin.page_of("docs/README.md") {
        Some(page) => format!("[The tool's documentation]({page}) has a page a task."),
        None => "`cargo xtask VERB --help` has the options.".to_owned(),
    };
    let values = [
        ("title", answers.names.title()),
        ("distribution", answers.names.distribution.clone()),
        ("package", answers.names.package.clone()),
        ("author", answers.author.clone()),
        ("year", answers.year.clone()),
        ("license", license),
        ("documentation", documentation),
    ];
    filled(text, &values.each_ref().map(|(name, value)| (*name, value.as_str()))).with_context(failed)
}

fn heal_links(project: &mut TrackedFiles, rules: &Rules, record: &ProjectRecord) {
    let paths: Vec<_> = project.keys().cloned().collect();
    let files: BTreeSet<&Utf8Path> = paths.iter().map(AsRef::as_ref).collect();
    for path in paths.iter().filter(|it| it.extension() == Some("md") && rules.renames(it)) {
        let Some(page) = project.get_mut(path) else { continue };
        let page_of = |it: &str| record.origin.page_of(it);
        page.edit(|it| without_dead_links(path, it, &|it| is_among(&files, it), &page_of));
    }
}

#[cfg(test)]
mod tests;
