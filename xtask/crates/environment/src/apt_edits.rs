//! The in-place edits of a list of system packages: every other byte stays.

use report::{Code, Findings, Source, nearest};
use specs::AptPackage;

use super::{
    LineAction, LineChange,
    apt_list::words,
    freeze::{Edits, line_start, next_line},
};

/// A list of system packages with another text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditedAptList {
    pub text: String,
    /// In the order in which they were asked for.
    pub changes: Vec<LineChange>,
}

impl EditedAptList {
    /// Adds packages, as they are written on the command line, each in a line behind the last one. Where a package is listed,
    /// its version or release becomes the one that is asked for, if any is.
    pub fn with_packages(list: &Source, specs: &[String]) -> Result<Self, Findings> {
        let mut findings = Findings::default();
        let (mut edits, mut changes, mut new) = (Edits::default(), Vec::new(), Vec::new());
        for spec in specs.iter().map(|it| it.trim()) {
            let asked = match AptPackage::parse(spec) {
                Ok(asked) => asked,
                Err(problem) => {
                    findings.push(Source::new("command line", spec).problem(0, problem));
                    continue;
                }
            };
            let Some((at, word)) = place(list, &asked) else {
                new.push(spec.to_owned());
                continue;
            };
            let line = list.position(at).line;
            let action = if asked.choice.is_none() || word == spec {
                LineAction::Kept(word.to_owned())
            } else {
                edits.replace(at..at + word.len(), spec.to_owned());
                LineAction::Changed { from: word.to_owned(), to: spec.to_owned() }
            };
            changes.push(LineChange { line, action });
        }
        let at = words(&list.text).last().map_or(list.text.len(), |(at, _)| next_line(&list.text, at));
        let before = list.text[..at].lines().count();
        for (index, spec) in new.iter().enumerate() {
            changes.push(LineChange { line: before + index + 1, action: LineAction::Added(spec.clone()) });
        }
        edits.insert_lines(at, new);
        findings.into_result(Self { text: edits.apply(&list.text), changes })
    }

    /// Removes packages: their lines, or where others share a line, their names in it.
    pub fn without_packages(list: &Source, names: &[String]) -> Result<Self, Findings> {
        let mut findings = Findings::default();
        let (mut edits, mut changes) = (Edits::default(), Vec::new());
        for name in names.iter().map(|it| it.trim()) {
            let asked = AptPackage::parse(name).ok();
            let Some((at, word)) = asked.and_then(|it| place(list, &it)) else {
                let known =
                    words(&list.text).filter_map(|(_, word)| Some(AptPackage::parse(word).ok()?.qualified_name()));
                let known: Vec<String> = known.collect();
                let finding = list.about(Code::FreezeName, format!("`{name}` is not listed"));
                findings.push(match nearest(name, known.iter().map(String::as_str)) {
                    Some(near) => finding.help(format!("did you mean `{near}`?")),
                    None => finding.help("name packages as they are in the list"),
                });
                continue;
            };
            let line = line_start(&list.text, at)..next_line(&list.text, at);
            if words(&list.text[line.clone()]).count() == 1 {
                edits.remove_lines(&list.text, at..at + word.len());
            } else {
                let behind = &list.text[at + word.len()..line.end];
                let blanks = behind.len() - behind.trim_start_matches([' ', '\t']).len();
                edits.replace(at..at + word.len() + blanks, String::new());
            }
            changes.push(LineChange { line: list.position(at).line, action: LineAction::Removed(word.to_owned()) });
        }
        findings.into_result(Self { text: edits.apply(&list.text), changes })
    }
}

/// Where a package is listed, and how it is written there.
fn place<'a>(list: &'a Source, asked: &AptPackage) -> Option<(usize, &'a str)> {
    let is_same = |word: &str| AptPackage::parse(word).is_ok_and(|it| it.qualified_name() == asked.qualified_name());
    words(&list.text).find(|(_, word)| is_same(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "# Tools.\n\n# A small one.\nvim-tiny  # fast\ncurl git\n# The end.\n";

    fn strings(words: &[&str]) -> Vec<String> {
        words.iter().map(|it| (*it).to_owned()).collect()
    }

    fn added(text: &str, specs: &[&str]) -> EditedAptList {
        EditedAptList::with_packages(&Source::new("apt-dev.txt", text), &strings(specs)).unwrap()
    }

    fn removed(text: &str, names: &[&str]) -> EditedAptList {
        EditedAptList::without_packages(&Source::new("apt-dev.txt", text), &strings(names)).unwrap()
    }

    fn told(edited: &EditedAptList) -> Vec<String> {
        edited.changes.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_new_package_comes_behind_the_last_one() {
        let edited = added(LIST, &["htop", "less=590"]);
        assert_eq!(edited.text, LIST.replace("git\n", "git\nhtop\nless=590\n"));
        assert_eq!(told(&edited), ["6 + htop", "7 + less=590"]);
    }

    #[test]
    fn what_is_added_and_removed_again_leaves_no_trace() {
        for text in [LIST, "", "vim", "vim\n", "# nothing\n", "a\r\nb\r\n", "a\n\n# c\n\n"] {
            let edited = added(text, &["htop", "g++"]);
            assert_ne!(edited.text, text);
            assert_eq!(removed(&edited.text, &["g++", "htop"]).text, text);
        }
    }

    #[test]
    fn a_version_is_replaced_and_nothing_to_do_is_told() {
        let edited = added(LIST, &["curl=7.88.1-10", "git"]);
        assert_eq!(edited.text, LIST.replace("curl", "curl=7.88.1-10"));
        assert_eq!(told(&edited), ["5 curl -> curl=7.88.1-10", "5 git is there already"]);
    }

    #[test]
    fn of_a_line_with_several_packages_the_others_stay() {
        assert_eq!(removed(LIST, &["curl"]).text, LIST.replace("curl git", "git"));
        assert_eq!(removed(LIST, &["git"]).text, LIST.replace("curl git", "curl "));
        assert_eq!(removed(LIST, &["vim-tiny"]).text, LIST.replace("vim-tiny  # fast\n", ""));
    }

    #[test]
    fn what_is_no_package_and_what_is_not_listed_are_findings() {
        let list = Source::new("apt-dev.txt", LIST);
        let found = EditedAptList::with_packages(&list, &strings(&["htop", "--yes"])).unwrap_err().to_string();
        assert!(found.contains("command line:1:1: error[E0402]: `--yes`"), "{found}");
        let found = EditedAptList::without_packages(&list, &strings(&["crul"])).unwrap_err().to_string();
        assert!(found.contains("`crul` is not listed") && found.contains("did you mean `curl`?"), "{found}");
    }
}
