//! Requirements files, and those that they name.

use std::collections::BTreeMap;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use environment::freeze::PackageList;
use report::{Findings, Source};
use specs::python::{PipLine, Requirement, RequirementLine, RequirementSource, SpecifierSet, normalised};

use super::{
    entry::{ForeignEntry, ForeignList},
    read as read_file,
};

pub fn read(source: &Source) -> Result<ForeignList> {
    let mut reader = Reader::default();
    reader.file(source)?;
    reader.findings.into_result(())?;
    let mut list = reader.list;
    for (name, (versions, place)) in reader.constraints {
        if !reader.lines.iter().any(|(line, _)| name_of(line).is_some_and(|it| it == name)) {
            list.leave_out(&format!("{name}{versions}"), &place, "it limits a package that is not listed");
            continue;
        }
        for (line, _) in &mut reader.lines {
            constrain(line, &name, &versions);
        }
    }
    let entry = |(line, place): (PipLine, String)| {
        let text = match &line {
            PipLine::Requirement { requirement, hashes, .. } if hashes.is_empty() => requirement.to_string(),
            other => other.text().to_owned(),
        };
        ForeignEntry { list: PackageList::Pip, text, place }
    };
    list.entries = reader.lines.into_iter().map(entry).collect();
    Ok(list)
}

#[derive(Default)]
struct Reader {
    list: ForeignList,
    lines: Vec<(PipLine, String)>,
    /// The versions that constraints allow, with their places, by the package.
    constraints: BTreeMap<String, (String, String)>,
    findings: Findings,
    seen: Vec<Utf8PathBuf>,
}

impl Reader {
    fn file(&mut self, source: &Source) -> Result<()> {
        self.seen.extend(source.file.canonicalize_utf8());
        for logical in RequirementLine::all(&source.text) {
            let place = format!("{}:{}", source.file, source.position(logical.offset).line);
            match PipLine::parse(&logical.text) {
                Ok(PipLine::RequirementsFile { path, text }) => self.included(source, &path, &text, &place, false)?,
                Ok(PipLine::ConstraintsFile { path, text }) => self.included(source, &path, &text, &place, true)?,
                Ok(line) => self.lines.push((line, place)),
                Err(problem) => self.findings.push(logical.problem(source, problem)),
            }
        }
        Ok(())
    }

    fn included(&mut self, source: &Source, path: &str, text: &str, place: &str, is_constraint: bool) -> Result<()> {
        if path.contains("://") {
            self.list.leave_out(text, place, "it is on another machine, which `init` does not ask");
            return Ok(());
        }
        let path = source.file.parent().unwrap_or(Utf8Path::new("")).join(path);
        if path.canonicalize_utf8().is_ok_and(|it| self.seen.contains(&it)) {
            return Ok(());
        }
        let included = read_file(&path).map_err(|it| it.context(format!("{place} names it")))?;
        if is_constraint {
            self.constraints_of(&included);
            return Ok(());
        }
        self.file(&included)
    }

    fn constraints_of(&mut self, source: &Source) {
        for logical in RequirementLine::all(&source.text) {
            let place = format!("{}:{}", source.file, source.position(logical.offset).line);
            match PipLine::parse(&logical.text) {
                Ok(PipLine::Requirement { requirement, .. }) => {
                    if let RequirementSource::Versions(versions) = &requirement.source {
                        let name = normalised(&requirement.name);
                        self.constraints.insert(name, (versions.to_string(), place));
                    }
                }
                Ok(other) => self.list.leave_out(other.text(), &place, "it is no limit of versions"),
                Err(problem) => self.findings.push(logical.problem(source, problem)),
            }
        }
    }
}

fn name_of(line: &PipLine) -> Option<String> {
    match line {
        PipLine::Requirement { requirement, .. } => Some(normalised(&requirement.name)),
        _ => None,
    }
}

/// Limits a requirement of this name to the versions of both.
fn constrain(line: &mut PipLine, name: &str, versions: &str) {
    let PipLine::Requirement { requirement, .. } = line else { return };
    if normalised(&requirement.name) != name {
        return;
    }
    let joined = match &requirement.source {
        RequirementSource::Any => versions.to_owned(),
        RequirementSource::Versions(own) => format!("{own},{versions}"),
        RequirementSource::Url(_) => return,
    };
    if let Ok(joined) = SpecifierSet::parse(&joined) {
        *requirement = Requirement { source: RequirementSource::Versions(joined), ..requirement.clone() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(files: &[(&str, &str)]) -> (tempfile::TempDir, Utf8PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::try_from(folder.path().to_owned()).unwrap();
        for (name, text) in files {
            std::fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
            std::fs::write(root.join(name), text).unwrap();
        }
        (folder, root)
    }

    fn read_first(files: &[(&str, &str)]) -> Result<ForeignList> {
        let (_folder, root) = written(files);
        read(&read_file(&root.join(files[0].0))?)
    }

    fn texts(list: &ForeignList) -> Vec<&str> {
        list.entries.iter().map(|it| it.text.as_str()).collect()
    }

    #[test]
    fn files_that_it_names_are_read_too() {
        let list = read_first(&[
            ("requirements.txt", "# mine\n-r more/base.txt\n-c limits.txt\nnumpy>=1.20 # fast\n\ntorch \\\n  >=2\n-r https://e.org/x.txt\n"),
            ("more/base.txt", "-r ../requirements.txt\ntqdm\n"),
            ("limits.txt", "numpy<2\nPandas==2.1\ntqdm==4.66\n"),
        ])
        .unwrap();
        assert_eq!(texts(&list), ["tqdm==4.66", "numpy>=1.20,<2", "torch>=2"]);
        assert!(
            list.left_out[0].contains("requirements.txt:8: left out `-r https://e.org/x.txt`"),
            "{:?}",
            list.left_out
        );
        assert!(list.left_out[1].contains("limits.txt:2: left out `pandas==2.1`: it limits"), "{:?}", list.left_out);
    }

    #[test]
    fn a_mistake_is_told_with_its_place() {
        let error = read_first(&[("requirements.txt", "tqdm\nnumpy=1.26\n")]).unwrap_err().to_string();
        assert!(error.contains("requirements.txt:2:6: error["), "{error}");
        let error = format!("{:#}", read_first(&[("requirements.txt", "-r no.txt\n")]).unwrap_err());
        assert!(error.contains("requirements.txt:1 names it") && error.contains("no.txt"), "{error}");
    }
}
