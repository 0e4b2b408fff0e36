//! conda's version constraints, in the words of Python packaging.

use report::{Code, Problem};

use super::{CondaOperator, CondaVersion, MatchSpec, VersionSpec};

/// The constraint of a conda package as PEP 440 has it, empty for any version; `Err` says what has no counterpart.
///
/// Sources: conda's documentation of `MatchSpec` (`=1.2` means 1.2 and all that starts with `1.2.`, `==1.2` and a bare
/// `1.2` behind a blank mean just that) and PEP 440, "Version specifiers".
pub fn pep440(spec: &MatchSpec) -> Result<String, Problem> {
    let constraint = match (&spec.url, &spec.build, spec.brackets.first()) {
        (Some(url), _, _) => Err(format!("`{url}` is a conda package, which pip cannot install")),
        (_, Some(build), _) if build != "*" => {
            Err(format!("the build `{build}` has no counterpart in Python packaging"))
        }
        (_, _, Some((key, _))) => Err(format!("`{key}` in brackets has no counterpart in Python packaging")),
        _ => spec.version.as_ref().map_or_else(|| Ok(String::new()), constraint),
    };
    let problem = |message| Problem::new(Code::NoCounterpart, 0..spec.text.len(), message);
    constraint.map_err(|it| problem(it).help(format!("write a constraint such as `{}>=1.2,<2`", spec.name)))
}

fn constraint(version: &VersionSpec) -> Result<String, String> {
    match version {
        VersionSpec::Any => Ok(String::new()),
        VersionSpec::Clause { operator, version } => clause(*operator, version),
        VersionSpec::And(parts) => {
            let parts: Result<Vec<String>, String> = parts.iter().map(constraint).collect();
            Ok(parts?.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(","))
        }
        VersionSpec::Glob(_) | VersionSpec::Regex(_) | VersionSpec::Or(_) => {
            Err(format!("`{version}` has no counterpart in Python packaging"))
        }
    }
}

fn clause(operator: CondaOperator, version: &CondaVersion) -> Result<String, String> {
    let base = version.as_str().trim_end_matches('*');
    if base.is_empty() || !base.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '.' | '!' | '+' | '_')) {
        return Err(format!("`{version}` has no counterpart among Python packaging's versions"));
    }
    if operator == CondaOperator::Compatible && !base.contains('.') {
        return Err(format!(
            "`~={base}` has no counterpart in Python packaging, which requires two numbers after `~=`"
        ));
    }
    let (before, behind) = match operator {
        CondaOperator::StartsWith => ("==", ".*"),
        other => other.around(),
    };
    Ok(format!("{before}{base}{behind}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(text: &str) -> Result<String, Problem> {
        pep440(&MatchSpec::parse(text).unwrap())
    }

    #[test]
    fn each_form_means_the_same_to_both() {
        for (conda, pip) in [
            ("python", ""),
            ("python *", ""),
            ("python=3.11", "==3.11.*"),
            ("python=3.11.*", "==3.11.*"),
            ("python==3.11.9", "==3.11.9"),
            ("python==3.11.*", "==3.11.*"),
            ("python 3.11.9", "==3.11.9"),
            ("python 3.11.*", "==3.11.*"),
            ("python >=3.11, <3.13", ">=3.11,<3.13"),
            ("python !=3.12.*", "!=3.12.*"),
            ("python !=3.12", "!=3.12"),
            ("python ~=3.11", "~=3.11"),
            ("python >=3.8*", ">=3.8"),
            ("conda-forge::python[version='>=3']", ">=3"),
            ("python=3.11=*", "==3.11"),
            ("a 1!2.0", "==1!2.0"),
            ("a *,>=1", ">=1"),
        ] {
            assert_eq!(translated(conda).unwrap(), pip, "{conda}");
        }
    }

    #[test]
    fn what_only_conda_can_say_is_named() {
        for conda in [
            "python 3.11|3.12",
            "python >=3,(<3.5|>3.7)",
            "python=3.11=h123_0",
            "python[build=h1]",
            "python[md5=0]",
            "a *.7.*",
            "a ^1.*$",
            "a ~=1",
            "https://h/c/linux-64/a-1-0.conda",
        ] {
            let problem = translated(conda).unwrap_err();
            assert_eq!((problem.code, problem.range), (Code::NoCounterpart, 0..conda.len()), "{conda}");
        }
    }
}
