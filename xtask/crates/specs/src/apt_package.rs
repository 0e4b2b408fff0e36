//! One system package, as apt-get takes it.

use std::fmt;

use report::{Code, Problem};

/// One system package: `name`, `name:architecture`, and either `=version` or `/release` behind it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AptPackage {
    /// Lower-case, without architecture.
    pub name: String,
    /// The architecture, where it is not the image's.
    pub architecture: Option<String>,
    /// `None` for the newest.
    pub choice: Option<AptChoice>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum AptChoice {
    /// `=2:9.0-1`: exactly this version.
    Version(String),
    /// The one of this release, such as `bookworm-backports` or `stable`.
    Release(String),
}

impl AptPackage {
    /// Parses one entry, in the syntax of apt-get(8).
    ///
    /// Sources: Debian policy 5.6.7 and 5.6.1 for the name, 5.6.12 for the version, 11.1 for the architecture.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let all = 0..text.len();
        if text.starts_with('-') {
            let message = format!("`{text}` is an option, not a package");
            let help = "remove it: only packages are listed here; options of apt-get are the build's business";
            return Err(Problem::new(Code::AptOption, all, message).help(help));
        }
        if text.contains(|it: char| "$`;|&<>(){}\\\"'*?![]".contains(it)) {
            let message = format!("`{text}` has characters that mean something to a shell");
            let help = "write the names of packages only; no shell reads this list";
            return Err(Problem::new(Code::AptOption, all, message).help(help));
        }
        if text.contains("://") {
            let message = format!("`{text}` is a URL, not a package");
            let help = "add the archive it is from, and install it, in the Dockerfile";
            return Err(Problem::new(Code::AptName, all, message).help(help));
        }
        let name_end = text.find(['=', '/', ':']).unwrap_or(text.len());
        let (name, rest) = text.split_at(name_end);
        if !is_name(name) || (rest.is_empty() && name.ends_with('-')) {
            return Err(Self::bad_name(text, name));
        }
        let choice_start = text.find(['=', '/']).unwrap_or(text.len());
        let architecture = text[name_end..choice_start].strip_prefix(':');
        if let Some(wrong) = architecture.filter(|it| !is_architecture(it)) {
            let message = format!("`{wrong}` is not an architecture");
            let help = "write it as dpkg does, for example `:amd64` or `:arm64`";
            return Err(Problem::new(Code::AptVersion, name_end..choice_start, message).help(help));
        }
        let (mark, chosen) = text[choice_start..].split_at(usize::from(choice_start < text.len()));
        let choice = match mark {
            "=" if is_version(chosen) => Some(AptChoice::Version(chosen.to_owned())),
            "/" if is_release(chosen) => Some(AptChoice::Release(chosen.to_owned())),
            "" => None,
            _ => {
                let what = if mark == "=" { "version" } else { "release" };
                let message = format!("`{chosen}` is not a {what}");
                let help = "write `name=version`, as `apt-cache policy name` shows it, or `name/release`";
                return Err(Problem::new(Code::AptVersion, choice_start..text.len(), message).help(help));
            }
        };
        Ok(Self { name: name.to_owned(), architecture: architecture.map(str::to_owned), choice })
    }

    fn bad_name(text: &str, name: &str) -> Problem {
        let message = format!("`{text}` is not a Debian or Ubuntu package");
        let lower = name.to_lowercase();
        let help = match name.trim_end_matches(['<', '>', '~', ',']) {
            _ if name != lower && is_name(&lower) => {
                format!("names are lower-case: `{}{}`", lower, &text[name.len()..])
            }
            trimmed if trimmed != name && is_name(trimmed) => format!("write `{trimmed}`, or `{trimmed}=version`"),
            _ => "write `name`, `name=version`, `name/release` or `name:architecture`".to_owned(),
        };
        Problem::new(Code::AptName, 0..text.len(), message).help(help)
    }

    /// The name, with the architecture where one is given: a list has each of them once.
    pub fn qualified_name(&self) -> String {
        match &self.architecture {
            Some(architecture) => format!("{}:{architecture}", self.name),
            None => self.name.clone(),
        }
    }
}

impl fmt::Display for AptPackage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.qualified_name())?;
        match &self.choice {
            Some(AptChoice::Version(version)) => write!(f, "={version}"),
            Some(AptChoice::Release(release)) => write!(f, "/{release}"),
            None => Ok(()),
        }
    }
}

fn is_name(text: &str) -> bool {
    let alphanumeric = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit();
    text.len() >= 2 && text.starts_with(alphanumeric) && text.chars().all(|it| alphanumeric(it) || "+-.".contains(it))
}

fn is_architecture(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-')
}

/// `[epoch:]upstream-version[-debian-revision]`. apt-get itself takes patterns here too, which pin nothing.
fn is_version(text: &str) -> bool {
    let (epoch, version) = text.split_once(':').unwrap_or(("0", text));
    let is_number = !epoch.is_empty() && epoch.chars().all(|it| it.is_ascii_digit());
    is_number
        && version.starts_with(|it: char| it.is_ascii_alphanumeric())
        && version.chars().all(|it| it.is_ascii_alphanumeric() || ".+-~:".contains(it))
}

fn is_release(text: &str) -> bool {
    text.starts_with(|it: char| it.is_ascii_alphanumeric())
        && text.chars().all(|it| it.is_ascii_alphanumeric() || ".-_".contains(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_read_back() {
        for text in ["vim", "g++", "libc6:arm64", "curl=7.88.1-10+deb12u5", "vim:amd64=2:9.0.1378-2", "git/stable"] {
            let package = AptPackage::parse(text).unwrap();
            assert_eq!(package.to_string(), text);
            assert_eq!(AptPackage::parse(&package.to_string()), Ok(package));
        }
    }

    #[test]
    fn each_mistake_has_its_own_code_and_a_way_out() {
        for (text, code, help) in [
            ("--yes", Code::AptOption, "remove it"),
            ("vim;reboot", Code::AptOption, "no shell"),
            ("`id`", Code::AptOption, "no shell"),
            ("libfoo*", Code::AptOption, "no shell"),
            ("Vim", Code::AptName, "`vim`"),
            ("v", Code::AptName, "write `name`"),
            ("vim-", Code::AptName, "write `name`"),
            ("vim,", Code::AptName, "write `vim`"),
            ("vim=", Code::AptVersion, "apt-cache policy"),
            ("vim==9.0", Code::AptVersion, "apt-cache policy"),
            ("vim/", Code::AptVersion, "name/release"),
            ("vim:", Code::AptVersion, "`:amd64`"),
            ("vim:AMD64", Code::AptVersion, "`:amd64`"),
            ("https://example.org/x.deb", Code::AptName, "Dockerfile"),
            ("libé", Code::AptName, "write `name`"),
        ] {
            let problem = AptPackage::parse(text).unwrap_err();
            assert_eq!(problem.code, code, "{text}");
            assert!(problem.help.unwrap().contains(help), "{text}");
        }
    }
}
