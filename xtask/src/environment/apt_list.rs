//! A list of system packages.

use anyhow::Result;
use camino::Utf8Path;

use crate::diagnostics::{Finding, Findings, Position};

/// One system package: `name`, `name=version`, `name/release` or `name:architecture`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AptPackage {
    /// The package's name.
    pub name: String,
    /// The whole entry, as apt-get takes it.
    pub text: String,
}

/// The packages of one list, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AptList(Vec<AptPackage>);

impl AptList {
    /// Parses a list with `#` comments; `file` is named in findings.
    pub fn parse(file: &Utf8Path, text: &str) -> Result<Self> {
        let mut findings = Findings::default();
        let mut packages: Vec<(AptPackage, usize)> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let content = line.split('#').next().unwrap_or_default();
            for word in content.split_whitespace() {
                let column = line[..content.find(word).unwrap_or_default()].chars().count() + 1;
                let position = Position { line: index + 1, column };
                match AptPackage::parse(word) {
                    None => findings.push(
                        Finding::at(file, position, format!("`{word}` is no package of Debian's or Ubuntu's"))
                            .help("write `name`, `name=version`, `name/release` or `name:architecture`"),
                    ),
                    Some(package) => match packages.iter().find(|(it, _)| it.name == package.name) {
                        Some((_, first)) => findings.push(
                            Finding::at(file, position, format!("`{word}` is listed twice, first in line {first}"))
                                .help("keep one of the two"),
                        ),
                        None => packages.push((package, position.line)),
                    },
                }
            }
        }
        let mut packages: Vec<AptPackage> = packages.into_iter().map(|(package, _)| package).collect();
        packages.sort();
        findings.or(Self(packages))
    }

    /// The list as the build gets it: sorted, one a line, without comments, so that only a change of meaning changes it.
    pub fn normalised(&self) -> String {
        self.0.iter().map(|it| format!("{}\n", it.text)).collect()
    }
}

impl AptPackage {
    /// Debian policy 5.6.7 for the name; versions, releases and architectures as apt-get(8) takes them.
    fn parse(text: &str) -> Option<Self> {
        let end = text.find(['=', '/', ':']).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        let is_name = name.len() >= 2
            && name.starts_with(|it: char| it.is_ascii_lowercase() || it.is_ascii_digit())
            && name.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || "+-.".contains(it));
        let is_rest = rest.chars().all(|it| it.is_ascii_alphanumeric() || "=/:.+-~_".contains(it)) && rest.len() != 1;
        // apt-get takes a trailing `-` or `+` for an order to remove or install, and `.` for a pattern.
        let is_order = rest.is_empty() && text.ends_with('-');
        (is_name && is_rest && !is_order).then(|| Self { name: name.to_owned(), text: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<AptList> {
        AptList::parse("dependencies/apt-dev.txt".into(), text)
    }

    #[test]
    fn comments_order_and_blank_lines_do_not_matter() {
        let list = parse("# tools\nvim # editor\n\n\tg++\r\nlibc6:arm64 curl=7.88.1-10+deb12u5\n").unwrap();
        assert_eq!(list.normalised(), "curl=7.88.1-10+deb12u5\ng++\nlibc6:arm64\nvim\n");
        assert_eq!(list, parse("g++\nlibc6:arm64\nvim\ncurl=7.88.1-10+deb12u5").unwrap());
    }

    #[test]
    fn what_is_no_package_is_refused_with_its_place() {
        let error = parse("vim\n  $(id) -oDebug=1\nVim\nvim-\n").unwrap_err().to_string();
        for place in
            ["apt-dev.txt:2:3: error: `$(id)`", ":2:9: error: `-oDebug=1`", ":3:1: error: `Vim`", ":4:1: error: `vim-`"]
        {
            assert!(error.contains(place), "{place} in {error}");
        }
    }

    #[test]
    fn a_package_listed_twice_is_refused() {
        let error = parse("vim\nvim=2:9.0\n").unwrap_err().to_string();
        assert!(error.contains("apt-dev.txt:2:1: error: `vim=2:9.0` is listed twice, first in line 1"), "{error}");
    }
}
