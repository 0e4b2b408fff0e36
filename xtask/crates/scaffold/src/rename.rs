//! A project's names, in place of others.

use std::ops::Range;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use super::{ProjectNames, ProjectRecord, TrackedFile, TrackedFiles};

/// What stands in front of a name that is an ordinary word, too, where it names the project: imports, commands, folders, keys.
const LEADS: [&str; 11] =
    ["from ", "import ", "-m ", "\"-m\", \"", "src/", "name = \"", "\"name\": \"", "name: ", "# ", "pip install ", "/"];

/// One set of names that takes the place of another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renaming {
    from: ProjectNames,
    to: ProjectNames,
}

impl Renaming {
    pub fn new(from: ProjectNames, to: ProjectNames) -> Self {
        Self { from, to }
    }

    /// The text with the new names, whole words only.
    pub fn text(&self, text: &str) -> String {
        let title = (self.from.title(), self.to.title());
        let titled: Vec<String> =
            text.split('\n')
                .map(|line| {
                    if line.trim_end() == format!("# {}", title.0) { format!("# {}", title.1) } else { line.to_owned() }
                })
                .collect();
        let packaged = replaced(&titled.join("\n"), &self.from.package, &self.to.package);
        if self.is_one_word() {
            return replaced_after(&packaged, "name = \"", &self.to.package, &self.to.distribution);
        }
        replaced(&packaged, &self.from.distribution, &self.to.distribution)
    }

    /// The path with the new package's folder.
    pub fn path(&self, path: &Utf8Path) -> Utf8PathBuf {
        let renamed = |it: Utf8Component| match it.as_str() {
            name if name == self.from.package => self.to.package.clone(),
            name => name.to_owned(),
        };
        path.components().map(renamed).collect()
    }

    /// The lines, from 1, in which the old name still stands as a word: where it may be an ordinary one.
    pub fn left_in(&self, text: &str) -> Vec<usize> {
        let has_name = |line: &str| {
            [&self.from.package, &self.from.distribution].into_iter().any(|it| words(line, it).next().is_some())
        };
        text.lines().enumerate().filter(|(_, line)| has_name(line)).map(|(index, _)| index + 1).collect()
    }

    /// Whether the old name is written in one way only.
    fn is_one_word(&self) -> bool {
        self.from.package == self.from.distribution
    }
}

/// A project under its new name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenamedProject {
    pub files: TrackedFiles,
    /// `FILE:LINE` of where the old name may be an ordinary word, and stays.
    pub left: Vec<String>,
}

/// Whether a file is the tool's, which knows no project's name.
pub fn is_tool(path: &Utf8Path) -> bool {
    path.starts_with("xtask")
}

/// The files of a project with the names of another record.
pub fn rename(project: &TrackedFiles, from: &ProjectRecord, to: &ProjectRecord) -> RenamedProject {
    let renaming = Renaming::new(from.answers.names.clone(), to.answers.names.clone());
    let mut left = Vec::new();
    let mut files = TrackedFiles::new();
    for (path, file) in project {
        if is_tool(path) {
            files.insert(path.clone(), file.clone());
            continue;
        }
        let (path, mut file) = (renaming.path(path), file.clone());
        if let Some(text) = file.text().map(|it| renaming.text(it)) {
            left.extend(renaming.left_in(&text).iter().map(|line| format!("{path}:{line}")));
            file.set_text(text);
        }
        files.insert(path, file);
    }
    files.insert(ProjectRecord::PATH.into(), TrackedFile::new(to.text()));
    left.retain(|it| !it.starts_with(ProjectRecord::PATH));
    RenamedProject { files, left }
}

/// A name of two words is the project's wherever it stands. One of a single word is an ordinary one, as in `models.vision`.
fn replaced(text: &str, from: &str, to: &str) -> String {
    let is_ordinary = !from.contains(['-', '_']);
    let names_project = |range: &Range<usize>| !is_ordinary || LEADS.iter().any(|it| text[..range.start].ends_with(it));
    let mut replaced = String::with_capacity(text.len());
    let mut done = 0;
    for range in words(text, from).filter(names_project) {
        replaced += &text[done..range.start];
        replaced += to;
        done = range.end;
    }
    replaced + &text[done..]
}

/// The text with another word behind a lead.
fn replaced_after(text: &str, lead: &str, from: &str, to: &str) -> String {
    text.replace(&format!("{lead}{from}\""), &format!("{lead}{to}\""))
}

/// Where a name stands as a word of its own.
fn words<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let is_part = |it: char| it.is_alphanumeric() || it == '_';
    let continues = move |it: char| is_part(it) || it == '-';
    text.match_indices(name).map(move |(at, _)| at..at + name.len()).filter(move |it| {
        let (before, behind) = (text[..it.start].chars().next_back(), text[it.end..].chars().next());
        !before.is_some_and(continues) && !behind.is_some_and(continues)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renaming(from: &str, to: &str) -> Renaming {
        Renaming::new(ProjectNames::parse(from).unwrap(), ProjectNames::parse(to).unwrap())
    }

    #[test]
    fn whole_words_change_and_parts_of_words_do_not() {
        let renaming = renaming("template_package", "brain_decoding");
        for (before, after) in [
            ("from template_package.main import run", "from brain_decoding.main import run"),
            ("name = \"template-package\"", "name = \"brain-decoding\""),
            ("python -m template_package.main", "python -m brain_decoding.main"),
            ("# Template package\n", "# Brain decoding\n"),
            (
                "my_template_package template_packages template-package-2",
                "my_template_package template_packages template-package-2",
            ),
        ] {
            assert_eq!(renaming.text(before), after);
        }
        assert_eq!(renaming.path("src/template_package/a/main.py".into()), "src/brain_decoding/a/main.py");
        assert_eq!(renaming.path("src/a_template_package/main.py".into()), "src/a_template_package/main.py");
    }

    #[test]
    fn an_ordinary_word_changes_where_it_names_the_project() {
        let renaming = renaming("vision", "brain-decoding");
        for (before, after) in [
            ("from vision.main import run", "from brain_decoding.main import run"),
            (
                "name = \"vision\"\npackages = [\"src/vision\"]",
                "name = \"brain-decoding\"\npackages = [\"src/brain_decoding\"]",
            ),
            ("name: vision\n", "name: brain_decoding\n"),
            ("vision = torchvision.models.vision", "vision = torchvision.models.vision"),
            ("[sys.executable, \"-m\", \"vision.main\"]", "[sys.executable, \"-m\", \"brain_decoding.main\"]"),
        ] {
            assert_eq!(renaming.text(before), after);
        }
        assert_eq!(renaming.left_in("a\nvision = models.vision\n"), [2]);
    }

    #[test]
    fn there_and_back_is_where_it_began() {
        let text = "# Brain decoding\n\n`python -m brain_decoding.main` of brain-decoding\n";
        let there = renaming("brain-decoding", "seeing-things");
        let back = renaming("seeing-things", "brain-decoding");
        assert_eq!(back.text(&there.text(text)), text);
    }
}
