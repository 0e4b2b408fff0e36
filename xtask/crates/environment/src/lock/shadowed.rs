//! Lines of the `pip:` section that ask for what conda brings in another version.

use std::collections::BTreeMap;

use report::{Code, Findings};
use specs::python::{RequirementSource, Version, normalised};

use crate::{EnvironmentFile, snapshot::requirement_of};

/// An error for each line of pip's that what conda brings does not satisfy: pip would install over conda's files. What it
/// satisfies is no matter, because pip then installs nothing. `distributions` are conda's, by normalised name.
pub fn shadowed(file: &EnvironmentFile, distributions: &BTreeMap<String, String>) -> Findings {
    let mut findings = Findings::default();
    for (line, span) in &file.environment().pip {
        let Some((requirement, _)) = requirement_of(line) else { continue };
        let Some(version) = distributions.get(&normalised(&requirement.name)) else { continue };
        let is_satisfied = match &requirement.source {
            RequirementSource::Any => true,
            RequirementSource::Versions(specifiers) => {
                Version::parse(version).is_none_or(|it| specifiers.contains(&it))
            }
            RequirementSource::Url(_) => false,
        };
        // A marker may say that the line is not for this platform, and only pip knows.
        if is_satisfied || requirement.marker.is_some() {
            continue;
        }
        let name = &requirement.name;
        let message = format!("conda brings `{name}` {version}, and pip would install another one over it");
        let help =
            format!("remove the line, or move it to conda's list, such as `- {name}`, where conda can choose for all");
        findings.push(file.source().at(Code::CondaShadowed, *span, message).help(help));
    }
    findings
}

/// The error where conda's packages bring no Python.
pub fn without_python(file: &EnvironmentFile) -> Findings {
    let message = "none of conda's packages brings Python, and the project needs one";
    file.source().about(Code::CondaPython, message).help("add `- python=3.12`, or the version that you use").into()
}

#[cfg(test)]
mod tests {
    use report::Source;

    use super::*;

    #[test]
    fn what_conda_brings_is_not_installed_over() {
        let text = "dependencies:\n  - python\n  - pip:\n    - Numpy>=2\n    - pandas\n    - rich>=13\n    - six @ \
                    https://e.org/six.whl\n    - attrs>=99; sys_platform == 'win32'\n";
        let file = EnvironmentFile::parse(Source::new("environment.yml", text));
        let of_conda = [("numpy", "1.26.4"), ("pandas", "2.0"), ("rich", "14.0"), ("six", "1.16"), ("attrs", "1")];
        let of_conda = of_conda.map(|(name, version)| (name.to_owned(), version.to_owned())).into();
        let told = shadowed(&file, &of_conda).to_string();
        assert!(told.starts_with("environment.yml:4:7: error[E0353]: conda brings `Numpy` 1.26.4, and pip"), "{told}");
        assert!(told.contains("environment.yml:7:7: error[E0353]: conda brings `six` 1.16"), "{told}");
        assert!(!told.contains("rich") && !told.contains("pandas") && !told.contains("attrs"), "{told}");
    }
}
