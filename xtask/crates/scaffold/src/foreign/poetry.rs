//! Poetry's constraints, in the words of PEP 440.

use toml::de::DeValue;

use specs::python::SpecifierSet;

/// What an entry of `[tool.poetry.dependencies]` asks for.
#[derive(Debug, PartialEq, Eq)]
pub struct PoetryRequirement {
    extras: Vec<String>,
    /// A specifier of PEP 440; empty for any version.
    pub versions: String,
}

impl PoetryRequirement {
    /// As PEP 508 has it.
    pub fn text(&self, name: &str) -> String {
        let extras = if self.extras.is_empty() { String::new() } else { format!("[{}]", self.extras.join(",")) };
        format!("{name}{extras}{}", self.versions)
    }
}

/// Translates an entry; `Err` says why it has no counterpart.
pub fn requirement(name: &str, value: &DeValue) -> Result<PoetryRequirement, String> {
    if let Some(text) = value.as_str() {
        return Ok(PoetryRequirement { extras: Vec::new(), versions: versions(text)? });
    }
    let table = value.as_table().ok_or("it is neither a version nor a table")?;
    let known = ["version", "extras", "optional"];
    if let Some((key, _)) = table.iter().find(|(key, _)| !known.contains(&key.get_ref().as_ref())) {
        return Err(format!("`{}` has no counterpart; list `{name}` in environment.yml by hand", key.get_ref()));
    }
    if table.get("optional").is_some_and(|it| it.get_ref().as_bool() == Some(true)) {
        return Err(format!("it is optional; list `{name}` in environment.yml if you use it"));
    }
    let version = table.get("version").and_then(|it| it.get_ref().as_str()).unwrap_or("*");
    let extras = table.get("extras").and_then(|it| it.get_ref().as_array()).into_iter().flatten();
    let extras = extras.filter_map(|it| it.get_ref().as_str()).map(str::to_owned).collect();
    Ok(PoetryRequirement { extras, versions: versions(version)? })
}

/// Source: Poetry's documentation, "Dependency specification", "Version constraints".
fn versions(text: &str) -> Result<String, String> {
    let clauses: Result<Vec<String>, String> = text.split(',').map(|it| clause(it.trim())).collect();
    let versions = clauses?.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(",");
    match SpecifierSet::parse(&versions) {
        Ok(_) => Ok(versions),
        Err(_) => Err(format!("the constraint `{text}` has no counterpart in Python packaging")),
    }
}

fn clause(text: &str) -> Result<String, String> {
    if matches!(text, "*" | "") {
        return Ok(String::new());
    }
    if let Some(version) = text.strip_prefix('^') {
        let numbers = numbers(version)?;
        // The first number that is not 0 stays, or the last one that is given.
        let fixed = numbers.iter().position(|it| *it != 0).unwrap_or(numbers.len() - 1);
        return Ok(format!(">={version},<{}", next(&numbers, fixed)));
    }
    if let Some(version) = text.strip_prefix('~').filter(|it| !it.starts_with('=')) {
        let numbers = numbers(version)?;
        return Ok(format!(">={version},<{}", next(&numbers, usize::from(numbers.len() > 1))));
    }
    let is_bare = text.starts_with(|it: char| it.is_ascii_digit());
    Ok(if is_bare { format!("=={text}") } else { text.to_owned() })
}

fn numbers(version: &str) -> Result<Vec<u32>, String> {
    let numbers: Result<Vec<u32>, _> = version.trim().split('.').map(str::parse).collect();
    numbers.map_err(|_| format!("`{version}` is more than numbers"))
}

/// The next version in which the number at `index` differs.
fn next(numbers: &[u32], index: usize) -> String {
    let kept = numbers.iter().take(index).copied();
    let raised = numbers.get(index).copied().unwrap_or_default() + 1;
    kept.chain([raised]).map(|it| it.to_string()).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carets_and_tildes_are_ranges() {
        for (poetry, expected) in [
            ("^1.2.3", ">=1.2.3,<2"),
            ("^0.2.3", ">=0.2.3,<0.3"),
            ("^0.0.3", ">=0.0.3,<0.0.4"),
            ("^0.0", ">=0.0,<0.1"),
            ("^0", ">=0,<1"),
            ("~1.2.3", ">=1.2.3,<1.3"),
            ("~1", ">=1,<2"),
            ("1.2.3", "==1.2.3"),
            ("1.*", "==1.*"),
            (">=1.2, <3", ">=1.2,<3"),
            ("~=1.2", "~=1.2"),
            ("*", ""),
        ] {
            assert_eq!(versions(poetry).as_deref(), Ok(expected), "{poetry}");
        }
        assert!(versions("^1 || ^2").is_err() && versions("^1.2b1").is_err());
    }
}
