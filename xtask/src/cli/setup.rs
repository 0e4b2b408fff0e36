//! The verb that makes a project.

use camino::Utf8PathBuf;
use clap::Args;

use project::ImageReference;

/// `cargo xtask init`
#[derive(Debug, Args)]
pub struct InitArgs {
    /// What to call the project, such as brain-decoding; the other spellings follow from it.
    pub name: Option<String>,
    /// The Python to develop with [default: 3.11 or newer]
    #[arg(long, value_name = "VERSION", value_parser = python_version)]
    pub python: Option<String>,
    /// Take over the packages that environment.yml, requirements.txt or pyproject.toml lists.
    #[arg(long, value_name = "FILE")]
    pub from: Option<Utf8PathBuf>,
    /// The lab, which is a part of the images' name [default: your group on this machine]
    #[arg(long, value_name = "NAME")]
    pub lab: Option<String>,
    /// The registry to push images to, such as registry.example.org [default: none]
    #[arg(long, value_name = "HOST")]
    pub registry: Option<String>,
    /// The image to build from [default: ubuntu:24.04]
    #[arg(long, value_name = "IMAGE", value_parser = ImageReference::parse)]
    pub base: Option<ImageReference>,
    /// mit, bsd-3-clause, none, or keep for the file that is there [default: mit]
    #[arg(long, value_name = "LICENSE")]
    pub license: Option<String>,
    /// Make the project in this new folder, and leave this repository alone.
    #[arg(long, value_name = "DIR")]
    pub into: Option<Utf8PathBuf>,
    /// Keep the tests of cargo xtask, to change it.
    #[arg(long)]
    pub keep_tool_tests: bool,
    /// Leave the commit to yourself.
    #[arg(long)]
    pub no_commit: bool,
    /// Ask nothing.
    #[arg(short, long)]
    pub yes: bool,
    /// Later: give the project another name.
    #[arg(
        long,
        value_name = "NEW",
        conflicts_with_all = ["name", "python", "from", "lab", "registry", "base", "license", "into", "keep_tool_tests"]
    )]
    pub rename: Option<String>,
}

/// `3.12`: a minor version, because each has packages of its own.
pub fn python_version(text: &str) -> Result<String, String> {
    let minor = text.strip_prefix("3.").and_then(|it| it.parse::<u32>().ok());
    match minor.filter(|it| text == format!("3.{it}")) {
        Some(_) => Ok(text.to_owned()),
        None => Err("write a minor version of Python 3, such as 3.12".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_python_is_a_minor_version() {
        assert_eq!(python_version("3.12").as_deref(), Ok("3.12"));
        for bad in ["3", "3.12.1", "2.7", "3.x", "3.012", "", ">=3.12"] {
            assert!(python_version(bad).is_err(), "{bad}");
        }
    }
}
