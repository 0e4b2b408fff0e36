//! One package as it is asked for from conda.

/// A match specification: what conda is asked for.
///
/// Source: conda's documentation of `MatchSpec`, the forms `name`, `name version`, `name=version=build` and
/// `channel::name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CondaSpec {
    /// The package, lower-case.
    pub name: String,
    /// What stands behind the name: version, build, brackets; trimmed.
    pub constraint: String,
    /// All of it, as written.
    pub text: String,
}

impl CondaSpec {
    /// Parses one entry, or `None` where it names no package.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        // The channel stays in the text, which is what micromamba gets.
        let spec = text.split_once("::").map_or(text, |(_channel, spec)| spec.trim());
        let is_name = |it: char| it.is_ascii_alphanumeric() || matches!(it, '.' | '_' | '-');
        let end = spec.find(|it| !is_name(it)).unwrap_or(spec.len());
        let (name, constraint) = spec.split_at(end);
        let constraint = constraint.trim();
        let is_constraint = constraint.is_empty()
            || constraint.starts_with(['=', '<', '>', '!', '~', '[', '*'])
            || spec[end..].starts_with(char::is_whitespace);
        (!name.is_empty() && !name.starts_with('-') && is_constraint).then(|| Self {
            name: name.to_lowercase(),
            constraint: constraint.to_owned(),
            text: text.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_the_documentation_are_taken_apart() {
        for (text, name, constraint) in [
            ("numpy", "numpy", ""),
            ("numpy=1.26", "numpy", "=1.26"),
            ("numpy==1.26.4", "numpy", "==1.26.4"),
            ("numpy >=1.26,<2", "numpy", ">=1.26,<2"),
            ("numpy 1.26.*", "numpy", "1.26.*"),
            ("NumPy=1.26=py312h1", "numpy", "=1.26=py312h1"),
            ("conda-forge::numpy[version='>=1.26']", "numpy", "[version='>=1.26']"),
            ("_libgcc_mutex", "_libgcc_mutex", ""),
        ] {
            let spec = CondaSpec::parse(text).unwrap();
            assert_eq!((spec.name.as_str(), spec.constraint.as_str()), (name, constraint), "{text}");
        }
        assert_eq!(CondaSpec::parse("conda-forge::numpy").unwrap().text, "conda-forge::numpy");
    }

    #[test]
    fn what_names_no_package_is_refused() {
        for text in ["", "=1.0", "$(id)", "--help", "a;b", "git+https://example.org/x"] {
            assert_eq!(CondaSpec::parse(text), None, "{text}");
        }
    }
}
