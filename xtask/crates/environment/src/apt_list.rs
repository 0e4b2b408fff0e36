//! A list of system packages.

use std::collections::HashMap;
use std::fmt;

use process::sort;
use project::AptStage;
use report::{Code, Findings, Source, Span, parses};
use specs::AptPackage;

/// The packages of one list, in the order of the file, with their places.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AptList(Vec<(AptPackage, Span)>);

impl AptList {
    /// Parses a list with `#` comments. What cannot be read is left out and among the findings.
    pub fn parse(source: &Source, findings: &mut Findings) -> Self {
        parses::note(&source.file, &source.text);
        let mut packages: Vec<(AptPackage, Span)> = Vec::new();
        let mut lines: HashMap<String, usize> = HashMap::new();
        for (offset, word) in words(&source.text) {
            let span = source.span(offset..offset + word.len());
            match AptPackage::parse(word) {
                Err(problem) => findings.push(source.problem(offset, problem)),
                Ok(package) => {
                    if let Some(first) = lines.get(&package.qualified_name()) {
                        let message = format!("`{word}` is listed twice, first in line {first}");
                        findings.push(source.at(Code::AptTwice, span, message).help("keep one of the two"));
                    } else {
                        lines.insert(package.qualified_name(), span.start.line);
                        packages.push((package, span));
                    }
                }
            }
        }
        Self(packages)
    }

    /// In the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &(AptPackage, Span)> {
        self.0.iter()
    }

    /// The list as the build gets it: sorted, one a line, without comments, so that only a change of meaning changes it.
    pub fn normalised(&self) -> String {
        let mut packages: Vec<&AptPackage> = self.0.iter().map(|(package, _)| package).collect();
        sort(&mut packages);
        packages.into_iter().map(|it| format!("{it}\n")).collect()
    }
}

/// One package a line, in order.
impl fmt::Display for AptList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(package, _)| writeln!(f, "{package}"))
    }
}

/// The words outside comments, with their byte offsets.
pub(super) fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let offset_of = move |part: &str| part.as_ptr() as usize - text.as_ptr() as usize;
    text.lines()
        .map(|line| line.split('#').next().unwrap_or_default())
        .flat_map(str::split_whitespace)
        .map(move |word| (offset_of(word), word))
}

/// Finds packages in the list of the dev image that it has from the runtime image already.
pub fn check_overlap(runtime: &AptList, dev: &AptList, dev_source: &Source, findings: &mut Findings) {
    let known: HashMap<String, usize> =
        runtime.iter().map(|(it, span)| (it.qualified_name(), span.start.line)).collect();
    for (package, span) in dev.iter() {
        if let Some(line) = known.get(&package.qualified_name()) {
            let file = AptStage::Runtime.file_name();
            let message = format!("`{}` is in {file} too, in line {line}", package.name);
            let help = "remove it here: the dev image is made from the runtime image";
            findings.push(dev_source.at(Code::AptRuntimeAndDev, *span, message).help(help));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (AptList, String) {
        let mut findings = Findings::default();
        let list = AptList::parse(&Source::new("apt-dev.txt", text), &mut findings);
        (list, findings.to_string())
    }

    #[test]
    fn comments_order_and_blank_lines_do_not_matter() {
        let (list, findings) = parse("# tools\nvim # editor\n\n\tg++\r\nlibc6:arm64 curl=7.88.1-10+deb12u5\n");
        assert_eq!(findings, "");
        assert_eq!(list.normalised(), "curl=7.88.1-10+deb12u5\ng++\nlibc6:arm64\nvim\n");
        assert_eq!(list.normalised(), parse("g++\nlibc6:arm64\nvim\ncurl=7.88.1-10+deb12u5").0.normalised());
    }

    #[test]
    fn what_is_no_package_is_refused_with_its_place() {
        let (_, found) = parse("vim\n  $(id) -oDebug=1\nVim\nvim-\n");
        for place in [
            "apt-dev.txt:2:3: error[E0402]: `$(id)`",
            ":2:9: error[E0402]: `-oDebug=1`",
            ":3:1: error[E0401]: `Vim`",
            ":4:1: error[E0401]: `vim-`",
        ] {
            assert!(found.contains(place), "{place} in {found}");
        }
    }

    #[test]
    fn a_package_listed_twice_is_refused() {
        let (_, found) = parse("vim\nvim=2:9.0\nlibc6:arm64\nlibc6\n");
        let expected = "apt-dev.txt:2:1: error[E0403]: `vim=2:9.0` is listed twice, first in line 1";
        assert!(found.starts_with(expected), "{found}");
        assert_eq!(found.matches("error").count(), 1, "two architectures are two packages: {found}");
    }

    #[test]
    fn what_the_runtime_image_has_need_not_be_asked_for_again() {
        let runtime = parse("git\n").0;
        let source = Source::new("apt-dev.txt", "vim\ngit=1:2.39\n");
        let mut findings = Findings::default();
        let dev = AptList::parse(&source, &mut findings);
        check_overlap(&runtime, &dev, &source, &mut findings);
        let expected = "apt-dev.txt:2:1: warning[W0404]: `git` is in apt-runtime.txt too, in line 1";
        assert!(findings.to_string().starts_with(expected), "{findings}");
    }
}
