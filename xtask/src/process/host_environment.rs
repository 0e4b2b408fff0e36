//! The environment variables that this program was started with.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

/// A snapshot of the process environment, taken once, so that everything else is a function of values.
#[derive(Debug, Clone, Default)]
pub struct HostEnvironment(BTreeMap<String, String>);

impl HostEnvironment {
    /// The variables of this process. Those that are not UTF-8 are left out: none that is read here may be.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the process environment")]
    pub fn take() -> Self {
        let utf8 = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self(std::env::vars_os().filter_map(utf8).collect())
    }

    /// The value of a variable that is set and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The file that the shell would start for the name of a program, if any directory of `PATH` has one.
    pub fn find_program(&self, name: &str) -> Option<Utf8PathBuf> {
        let directories = self.get("PATH").unwrap_or_default().split(':').filter(|it| !it.is_empty());
        directories.map(|directory| Utf8PathBuf::from(directory).join(name)).find(is_executable)
    }
}

fn is_executable(path: &Utf8PathBuf) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}

impl FromIterator<(String, String)> for HostEnvironment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Self {
        Self(variables.into_iter().collect())
    }
}
