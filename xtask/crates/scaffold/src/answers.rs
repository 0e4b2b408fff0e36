//! What somebody chooses who makes a project.

use super::ProjectNames;

/// The choices, as far as files of the project depend on them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    pub names: ProjectNames,
    /// The version that the environment has, such as `3.12`; `None` for what the repository comes with.
    pub python: Option<String>,
    /// `requires-python`, where a list of dependencies that was taken over asks for another one.
    pub requires_python: Option<String>,
    pub license: LicenseChoice,
    /// Who holds the copyright, and since which year.
    pub author: String,
    pub year: String,
    pub lab: Option<String>,
    pub registry: Option<String>,
    pub base_image: Option<String>,
    /// Whether the tests of `cargo xtask` stay, for who wants to change it.
    pub keeps_tool_tests: bool,
}

/// What becomes of the file `LICENSE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LicenseChoice {
    /// The text of a license by its SPDX identifier, one of those that the rules list.
    Named(String),
    /// There is none: all rights are reserved.
    None,
    /// It stays as it is.
    Keep,
}

impl LicenseChoice {
    /// `known` are the identifiers that there is a text for.
    pub fn parse<'a>(text: &str, known: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let known: Vec<&str> = known.into_iter().collect();
        match text.to_ascii_lowercase().as_str() {
            "none" => Ok(Self::None),
            "keep" => Ok(Self::Keep),
            lower => known.iter().find(|it| it.eq_ignore_ascii_case(lower)).map_or_else(
                || {
                    Err(format!(
                        "there is no text of the license `{text}` here: choose {}, none or keep",
                        known.join(", ")
                    ))
                },
                |it| Ok(Self::Named((*it).to_owned())),
            ),
        }
    }

    /// As [`parse`](Self::parse) reads it.
    pub fn name(&self) -> &str {
        match self {
            Self::Named(name) => name,
            Self::None => "none",
            Self::Keep => "keep",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_license_is_found_in_any_case_and_an_unknown_one_comes_with_those_there_are() {
        let parse = |text: &str| LicenseChoice::parse(text, ["BSD-3-Clause", "MIT"]);
        assert_eq!(parse("mit"), Ok(LicenseChoice::Named("MIT".to_owned())));
        assert_eq!((parse("none"), parse("KEEP")), (Ok(LicenseChoice::None), Ok(LicenseChoice::Keep)));
        assert!(parse("GPL-3.0").unwrap_err().ends_with("choose BSD-3-Clause, MIT, none or keep"));
    }
}
