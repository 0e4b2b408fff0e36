//! Whether a project is called as one of the packages that it needs.

use anyhow::{Result, bail};

use environment::EnvironmentFile;
use report::Source;
use specs::python::{PipLine, normalised};

use super::ProjectNames;

/// An error where `import` would find the project in place of a package, or the other way round. `list` is the text of
/// environment.yml.
pub fn require_own_name(names: &ProjectNames, list: &str) -> Result<()> {
    let file = EnvironmentFile::parse(Source::new("environment.yml", list));
    let environment = file.environment();
    let pip = environment.pip.iter().filter_map(|(line, _)| match line {
        PipLine::Requirement { requirement, .. } => Some(requirement.name.as_str()),
        _ => None,
    });
    let listed = environment.conda.iter().map(|(spec, _)| spec.name.as_str()).chain(pip);
    match listed.into_iter().find(|it| normalised(it) == names.distribution) {
        Some(package) => bail!(
            "`{}` cannot be the name of the project: it is that of a package that environment.yml lists, `{package}`",
            names.distribution
        ),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listed_package_is_no_name_for_a_project() {
        let list = "dependencies:\n  - python\n  - pip:\n    - hydra-core>=1.3\n";
        let require = |name: &str| require_own_name(&ProjectNames::parse(name).unwrap(), list);
        assert!(require("hydra").is_ok());
        let error = require("Hydra_Core").unwrap_err().to_string();
        assert!(error.ends_with("it is that of a package that environment.yml lists, `hydra-core`"), "{error}");
    }
}
