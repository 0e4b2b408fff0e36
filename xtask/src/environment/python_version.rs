//! conda's version constraints, in the words of Python packaging.

use super::CondaSpec;

/// The constraint of a conda package as PEP 440 has it, empty for any version; `Err` says what has no counterpart.
///
/// Sources: conda's documentation of `MatchSpec` (`=1.2` means 1.2 and all that starts with `1.2.`, `==1.2` and a bare
/// `1.2` behind a blank mean just that) and PEP 440, "Version specifiers".
pub fn pep440(spec: &CondaSpec) -> Result<String, String> {
    let constraint = spec.constraint.as_str();
    if constraint.is_empty() || constraint == "*" {
        return Ok(String::new());
    }
    let clauses: Result<Vec<String>, String> = constraint.split(',').map(|it| clause(it.trim())).collect();
    Ok(clauses?.join(","))
}

fn clause(text: &str) -> Result<String, String> {
    let end = text.find(|it: char| !"<>=!~".contains(it)).unwrap_or(text.len());
    let (operator, version) = text.split_at(end);
    let version = version.trim();
    let base = version.trim_end_matches(".*").trim_end_matches('*');
    if base.is_empty() || !base.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '.' | '!' | '+' | '_')) {
        return Err(format!("`{text}` has no counterpart in pip's version constraints"));
    }
    match operator {
        "=" => Ok(format!("=={base}.*")),
        "" | "==" if base != version => Ok(format!("=={base}.*")),
        "" => Ok(format!("=={base}")),
        "!=" if base != version => Ok(format!("!={base}.*")),
        "==" | "!=" | ">=" | "<=" | ">" | "<" | "~=" => Ok(format!("{operator}{base}")),
        _ => Err(format!("`{operator}` is no comparison")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(text: &str) -> Result<String, String> {
        pep440(&CondaSpec::parse(text).unwrap())
    }

    #[test]
    fn each_form_means_the_same_to_both() {
        for (conda, pip) in [
            ("python", ""),
            ("python *", ""),
            ("python=3.11", "==3.11.*"),
            ("python=3.11.*", "==3.11.*"),
            ("python==3.11.9", "==3.11.9"),
            ("python 3.11.9", "==3.11.9"),
            ("python 3.11.*", "==3.11.*"),
            ("python >=3.11, <3.13", ">=3.11,<3.13"),
            ("python !=3.12.*", "!=3.12.*"),
            ("python ~=3.11", "~=3.11"),
        ] {
            assert_eq!(translated(conda), Ok(pip.to_owned()), "{conda}");
        }
    }

    #[test]
    fn what_only_conda_can_say_is_named() {
        for conda in ["python 3.11|3.12", "python=3.11=h123_0", "python[version='>=3']"] {
            assert!(translated(conda).is_err(), "{conda}");
        }
    }
}
