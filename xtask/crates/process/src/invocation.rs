//! One child process as a value.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};

use super::Secret;

/// One child process, described: what `--dry-run` prints, what tests compare, what errors name and what is started.
///
/// Arguments are a vector; no shell ever reads them. The child inherits the process environment, changed by [`env`]
/// and [`without_env`].
///
/// [`env`]: Self::env
/// [`without_env`]: Self::without_env
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    program: String,
    arguments: Vec<String>,
    variables: BTreeMap<String, EnvChange>,
    directory: Option<Utf8PathBuf>,
}

/// A change to one inherited environment variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum EnvChange {
    Plain(String),
    /// Printed as `***`.
    Secret(Secret),
    /// Not inherited.
    Removed,
}

impl Invocation {
    /// A program, by name (looked up in `PATH`) or path, without arguments.
    pub fn new(program: impl Into<String>) -> Self {
        Self { program: program.into(), arguments: Vec::new(), variables: BTreeMap::new(), directory: None }
    }

    #[must_use]
    pub fn arg(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    #[must_use]
    pub fn args<A: Into<String>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Sets an environment variable of the child.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.insert(name.into(), EnvChange::Plain(value.into()));
        self
    }

    /// Sets an environment variable of the child that is printed as `***`.
    #[must_use]
    pub fn secret_env(mut self, name: impl Into<String>, value: Secret) -> Self {
        self.variables.insert(name.into(), EnvChange::Secret(value));
        self
    }

    /// Keeps an inherited environment variable from the child.
    #[must_use]
    pub fn without_env(mut self, name: impl Into<String>) -> Self {
        self.variables.insert(name.into(), EnvChange::Removed);
        self
    }

    /// Sets the working directory of the child.
    #[must_use]
    pub fn current_dir(mut self, directory: impl Into<Utf8PathBuf>) -> Self {
        self.directory = Some(directory.into());
        self
    }

    /// The variables that the child gets beside the inherited ones, without secrets.
    pub fn plain_variables(&self) -> BTreeMap<String, String> {
        let plain = |(name, change): (&String, &EnvChange)| match change {
            EnvChange::Plain(value) => Some((name.clone(), value.clone())),
            EnvChange::Secret(_) | EnvChange::Removed => None,
        };
        self.variables.iter().filter_map(plain).collect()
    }

    /// The same child, environment and directory, but another program with its own arguments.
    #[must_use]
    pub fn for_program(&self, program: &str, arguments: impl IntoIterator<Item = String>) -> Self {
        Self { program: program.to_owned(), arguments: arguments.into_iter().collect(), ..self.clone() }
    }

    pub fn program(&self) -> &str {
        &self.program
    }

    pub fn arguments(&self) -> &[String] {
        &self.arguments
    }

    /// The changes to the inherited environment, by variable.
    pub(super) fn variables(&self) -> &BTreeMap<String, EnvChange> {
        &self.variables
    }

    /// Whether the program is named by its path, or is in the `PATH` of the child; also where that `PATH` is the inherited
    /// one, which is not looked at.
    pub(super) fn program_is_in_path(&self) -> bool {
        match self.variables.get("PATH") {
            Some(EnvChange::Plain(path)) if !self.program.contains('/') => {
                path.split(':').any(|directory| Utf8Path::new(directory).join(&self.program).is_file())
            }
            _ => true,
        }
    }

    /// The working directory, if it is not the inherited one.
    pub(super) fn directory(&self) -> Option<&Utf8Path> {
        self.directory.as_deref()
    }
}

/// A line that a POSIX shell reads back as this invocation, secrets aside.
impl fmt::Display for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(directory) = &self.directory {
            write!(f, "cd {} && ", quote(directory.as_str()))?;
        }
        let removed = self.variables.iter().filter(|(_, it)| **it == EnvChange::Removed);
        let unset: Vec<String> = removed.map(|(name, _)| format!("-u {}", quote(name))).collect();
        if !unset.is_empty() {
            write!(f, "env {} ", unset.join(" "))?;
        }
        for (name, change) in &self.variables {
            match change {
                EnvChange::Plain(value) => write!(f, "{name}={} ", quote(value))?,
                EnvChange::Secret(_) => write!(f, "{name}='{}' ", Secret::MASK)?,
                EnvChange::Removed => {}
            }
        }
        write!(f, "{}", quote(&self.program))?;
        self.arguments.iter().try_for_each(|argument| write!(f, " {}", quote(argument)))
    }
}

/// The argument vector that `xshell::cmd!` has parsed at compile time, as a value of ours.
impl From<xshell::Cmd<'_>> for Invocation {
    fn from(command: xshell::Cmd<'_>) -> Self {
        let command = std::process::Command::from(command);
        let text = |it: &std::ffi::OsStr| it.to_string_lossy().into_owned();
        Self::new(text(command.get_program())).args(command.get_args().map(text))
    }
}

/// Quotes one word for a POSIX shell. NUL, which no argument can hold, is shown as its picture.
fn quote(word: &str) -> Cow<'_, str> {
    shlex::try_quote(word)
        .unwrap_or_else(|_| Cow::Owned(format!("'{}'", word.replace('\0', "␀").replace('\'', "'\\''"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_back_what_is_printed() {
        for hostile in ["", "a b", "$(id)", "`id`", "it's", "\"q\"", "a\nb", "é ü", "-x", "~", "*", "a;b", "\\"] {
            let printed = Invocation::new("printf").arg("%s").arg(hostile).env("V", hostile).to_string();
            let output = assert_cmd::Command::new("sh").arg("-c").arg(format!("{printed}; exit")).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), hostile, "printed as {printed}");
        }
    }

    #[test]
    fn directory_and_removed_variables_are_part_of_the_line() {
        let line = Invocation::new("uv").arg("sync").current_dir("/a b").without_env("PYTHONHOME").env("A", "1");
        assert_eq!(line.to_string(), "cd '/a b' && env -u PYTHONHOME A=1 uv sync");
    }

    #[test]
    fn a_secret_is_never_printed() {
        let invocation = Invocation::new("docker").secret_env("WANDB_API_KEY", Secret::new("hunter2"));
        assert_eq!(invocation.to_string(), "WANDB_API_KEY='***' docker");
        assert!(!format!("{invocation:?}").contains("hunter2"));
    }
}
