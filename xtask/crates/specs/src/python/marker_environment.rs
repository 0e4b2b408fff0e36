//! What a marker's variables are for one Python on one machine.

use std::collections::BTreeMap;

/// The values of the variables that markers have, by name. What is not among them is empty.
///
/// Source: the PyPA's "Dependency specifiers", "Environment Markers".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MarkerEnvironment(BTreeMap<String, String>);

impl MarkerEnvironment {
    pub fn value(&self, variable: &str) -> &str {
        self.0.get(variable).map_or("", String::as_str)
    }
}

impl FromIterator<(String, String)> for MarkerEnvironment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::marker::Marker;
    use super::*;

    /// CPython 3.11 on Linux.
    fn environment() -> MarkerEnvironment {
        let values = [
            ("python_version", "3.11"),
            ("python_full_version", "3.11.7"),
            ("os_name", "posix"),
            ("sys_platform", "linux"),
            ("platform_machine", "x86_64"),
            ("platform_release", "6.1.0-generic"),
            ("platform_python_implementation", "CPython"),
        ];
        values.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn markers_hold_as_packaging_has_it() {
        for (marker, extra, holds) in [
            ("python_version < '3.9'", "", false),
            ("python_version >= '3.9'", "", true),
            ("'3.9' <= python_version", "", true),
            ("python_version in '3.10, 3.11'", "", true),
            ("python_version not in '3.10, 3.11'", "", false),
            ("python_full_version ~= '3.11.2'", "", true),
            ("python_version == '3.*'", "", true),
            ("sys_platform == 'win32' or (os_name == 'posix' and platform_machine != 'arm64')", "", true),
            ("platform_python_implementation == 'PyPy'", "", false),
            ("platform_release >= '5'", "", true),
            ("extra == 'Dev_Tools'", "dev-tools", true),
            ("extra == 'dev'", "", false),
            ("'dev' in extras", "dev", true),
            ("implementation_name == 'cpython'", "", false),
        ] {
            assert_eq!(Marker::parse(marker).unwrap().holds(&environment(), extra), holds, "{marker}");
        }
    }
}
