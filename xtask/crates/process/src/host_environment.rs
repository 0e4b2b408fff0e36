//! The environment variables that this program was started with.

use crate::into_map::IntoMap as _;
use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::Invocation;

/// A snapshot of the process environment, taken once, so that everything else is a function of values.
#[derive(Debug, Clone, Default)]
pub struct HostEnvironment {
    variables: BTreeMap<String, String>,
    directory: Option<Utf8PathBuf>,
}

impl HostEnvironment {
    /// The variables of this process. Those that are not UTF-8 are left out.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the process environment")]
    pub fn take() -> Self {
        let utf8 = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        let directory = std::env::current_dir().ok().and_then(|it| Utf8PathBuf::try_from(it).ok());
        Self { variables: std::env::vars_os().filter_map(utf8).into_map(), directory }
    }

    /// The directory that this process was started in, where links lead; `None` where it is not there any more.
    pub fn directory(&self) -> Option<&Utf8Path> {
        self.directory.as_deref()
    }

    /// The value of a variable that is set and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Whether a variable is set, even if it is empty.
    pub fn has(&self, name: &str) -> bool {
        self.variables.contains_key(name)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&String, &String)> {
        self.variables.iter()
    }

    /// Keeps from a child what `cargo run` has added to the environment for this program alone.
    ///
    /// Source: The Cargo Book, "Environment variables Cargo sets for crates" and "Dynamic library paths"; rustup's book,
    /// "Environment variables", for its own.
    pub fn without_cargo(&self, invocation: Invocation) -> Invocation {
        let Some(manifest) = self.get("CARGO_MANIFEST_DIR") else { return invocation };
        let is_set_by_cargo = |name: &str| {
            let names = ["CARGO", "RUST_RECURSION_COUNT", "RUSTUP_TOOLCHAIN", "RUSTUP_TOOLCHAIN_SOURCE"];
            names.contains(&name) || name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
        };
        let names = self.variables.keys().filter(|name| is_set_by_cargo(name));
        let invocation = names.fold(invocation, Invocation::without_env);

        let repository = manifest.strip_suffix("/xtask").unwrap_or(manifest);
        let is_of_the_build = |path: &&str| {
            path.starts_with(&format!("{repository}/target/"))
                || path.contains("/toolchains/")
                || path.contains("/rustlib/")
        };
        let library_paths = ["LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"];
        library_paths.into_iter().fold(invocation, |invocation, name| {
            let Some(value) = self.get(name) else { return invocation };
            let kept: Vec<&str> = value.split(':').filter(|path| !is_of_the_build(path)).collect();
            if kept.is_empty() { invocation.without_env(name) } else { invocation.env(name, kept.join(":")) }
        })
    }

    /// The file that a shell starts for this name of a program: the first one in `PATH`.
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
        Self { variables: variables.into_iter().into_map(), directory: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_added_does_not_reach_the_users_command() {
        let variables = [
            ("CARGO_MANIFEST_DIR", "/r/xtask"),
            ("CARGO_PKG_NAME", "xtask"),
            ("CARGO_HOME", "/h/.cargo"),
            ("LD_LIBRARY_PATH", "/r/target/debug:/h/.rustup/toolchains/stable/lib:/opt/cuda/lib"),
            ("DYLD_FALLBACK_LIBRARY_PATH", "/r/target/debug/deps"),
        ];
        let host: HostEnvironment =
            variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect();
        let line = host.without_cargo(Invocation::new("python")).to_string();
        assert_eq!(
            line,
            "env -u CARGO_MANIFEST_DIR -u CARGO_PKG_NAME -u DYLD_FALLBACK_LIBRARY_PATH LD_LIBRARY_PATH=/opt/cuda/lib python"
        );
    }
}
