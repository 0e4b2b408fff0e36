//! What a project is called.

use specs::python::{Requirement, normalised};

use super::python_modules::{is_keyword, is_standard_module};

/// As long as a name of a host or container may be.
///
/// Source: RFC 1035, 2.3.4, "Size limits".
const LONGEST: usize = 63;

/// One name in the spellings of Python and Docker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectNames {
    /// Of the distribution, the image and the dev container: `brain-decoding`.
    pub distribution: String,
    /// What Python imports: `brain_decoding`.
    pub package: String,
}

impl ProjectNames {
    /// All spellings of a name in any of them; `Err` says why Python or Docker would refuse it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if Requirement::parse(text).ok().is_none_or(|it| it.name != text) {
            let rule = "ASCII letters and digits, with `-`, `_` or `.` between them";
            let hint = nearest(text).map(|it| format!("; `{it}` would do")).unwrap_or_default();
            return Err(format!("`{text}` cannot be the name of a project: write {rule}{hint}"));
        }
        let distribution = normalised(text);
        let package = distribution.replace('-', "_");
        let why = if package.starts_with(|it: char| it.is_ascii_digit()) {
            Some("it begins with a digit, and Python cannot import that".to_owned())
        } else if is_keyword(&package) {
            Some("it is a word of Python's language".to_owned())
        } else if is_standard_module(&package) {
            Some(format!("Python has a module `{package}` of its own"))
        } else if distribution.len() > LONGEST {
            Some(format!("it has {} characters, and {LONGEST} are allowed", distribution.len()))
        } else {
            None
        };
        match why {
            Some(why) => Err(format!("`{text}` cannot be the name of a project: {why}")),
            None => Ok(Self { distribution, package }),
        }
    }

    /// As a heading: `Brain decoding`.
    pub fn title(&self) -> String {
        let words = self.package.replace('_', " ");
        let mut characters = words.chars();
        characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
    }
}

/// A name that is made of the letters and digits of a text.
fn nearest(text: &str) -> Option<String> {
    let words: Vec<String> = text
        .split(|it: char| !it.is_ascii_alphanumeric())
        .filter(|it| !it.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let name = words.join("-");
    // A name without any of them has none that is near.
    (!name.is_empty()).then(|| ProjectNames::parse(&name).ok()).flatten().map(|it| it.distribution)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_leads_to_the_same_names() {
        for text in ["brain-decoding", "brain_decoding", "Brain.Decoding", "brain--decoding"] {
            let names = ProjectNames::parse(text).unwrap();
            assert_eq!((names.distribution.as_str(), names.package.as_str()), ("brain-decoding", "brain_decoding"));
            assert_eq!(names.title(), "Brain decoding");
        }
    }

    #[test]
    fn what_python_or_docker_refuse_is_refused_with_a_reason() {
        for (text, why) in [
            ("", "write ASCII letters"),
            ("Brain Décodage", "`brain-d-codage` would do"),
            ("-x", "`x` would do"),
            ("a/b", "`a-b` would do"),
            ("a[b]", "`a-b` would do"),
            ("$(id)", "`id` would do"),
            ("--yes", "`yes` would do"),
            ("2brains", "begins with a digit"),
            ("class", "a word of Python's language"),
            ("random", "Python has a module `random`"),
            ("Test", "Python has a module `test`"),
        ] {
            let error = ProjectNames::parse(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
        assert!(ProjectNames::parse(&"a".repeat(64)).is_err() && ProjectNames::parse(&"a".repeat(63)).is_ok());
    }
}
