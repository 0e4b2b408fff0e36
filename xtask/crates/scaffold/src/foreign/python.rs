//! The Python of a list and the one that a project asks for.

use environment::EnvironmentYml;
use specs::{
    conda::{self, MatchSpec},
    python::{SpecifierSet, Version},
};

/// `requires-python` of a project whose environment has this Python: the oldest minor version that it allows. `None` where the
/// list names no Python, or allows any.
pub fn required(environment: &EnvironmentYml) -> Option<String> {
    let specs: Vec<&MatchSpec> = environment.conda.iter().map(|it| &it.0).filter(|it| it.name == "python").collect();
    let listed: Vec<SpecifierSet> = specs
        .iter()
        .filter(|it| it.version.is_some())
        .filter_map(|it| conda::pep440(it).ok())
        .filter_map(|it| SpecifierSet::parse(&it).ok())
        .collect();
    if listed.is_empty() {
        return None;
    }
    let allows = |minor: u32| {
        let versions = (0..=30).filter_map(|micro| Version::parse(&format!("3.{minor}.{micro}")));
        versions.into_iter().any(|version| listed.iter().all(|it| it.contains(&version)))
    };
    (0..=40).find(|minor| allows(*minor)).filter(|it| *it > 0).map(|minor| format!(">=3.{minor}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use environment::EnvironmentFile;
    use report::Source;

    #[test]
    fn the_oldest_python_that_is_allowed_is_the_bound() {
        for (listed, expected) in [
            ("python=3.10.13", Some(">=3.10")),
            ("python=3.9", Some(">=3.9")),
            ("python>=3.8,<3.12", Some(">=3.8")),
            ("python", None),
            ("numpy", None),
            ("python<3.12", None),
        ] {
            let file = EnvironmentFile::parse(Source::new("environment.yml", format!("dependencies: ['{listed}']\n")));
            assert_eq!(required(file.environment()).as_deref(), expected, "{listed}");
        }
    }
}
