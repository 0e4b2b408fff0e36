//! Environment variables that a user passes to a command.

use super::{Invocation, Secret, is_secret};

/// An environment variable as the option `--env` names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnvArg {
    /// `NAME=VALUE`.
    Set(String, String),
    /// `NAME`, with the value that it has in this process, if any.
    Inherited(String),
}

impl std::str::FromStr for EnvArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.split_once('=').map_or(text, |(name, _)| name);
        if name.is_empty() || name.contains(char::is_whitespace) || name.starts_with('-') {
            return Err("write `NAME=VALUE`, or `NAME` to pass its value in this shell on".to_owned());
        }
        Ok(match text.split_once('=') {
            Some((name, value)) => Self::Set(name.to_owned(), value.to_owned()),
            None => Self::Inherited(name.to_owned()),
        })
    }
}

impl EnvArg {
    /// Sets the variable for a child. The value is a secret where its name or form says so.
    pub fn set_on(&self, invocation: Invocation) -> Invocation {
        match self {
            Self::Inherited(_) => invocation,
            Self::Set(name, value) if is_secret(name, value) => invocation.secret_env(name, Secret::new(value)),
            Self::Set(name, value) => invocation.env(name, value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_variable_is_refused() {
        for text in ["", "=x", "-d", "A B=1"] {
            assert!(text.parse::<EnvArg>().is_err(), "{text}");
        }
        assert_eq!("A=b=c".parse(), Ok(EnvArg::Set("A".into(), "b=c".into())));
    }
}
