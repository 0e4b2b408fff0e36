//! What people call a job, on this machine and on clusters.

use std::fmt;
use std::str::FromStr;

/// What people call a job. It is a part of the name of a container, and short enough for the name of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobName(String);

impl JobName {
    const MAX_LENGTH: usize = 40;

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The program of a command, with a number that makes a new name of it.
    pub fn of_command(command: &[String], taken: &[&str]) -> Self {
        let program = command.first().map(String::as_str).unwrap_or_default();
        let program = program.rsplit('/').next().unwrap_or_default().to_lowercase();
        let plain: String = program.chars().map(|it| if it.is_ascii_alphanumeric() { it } else { '-' }).collect();
        let plain: String = plain.trim_matches('-').chars().take(Self::MAX_LENGTH - 5).collect();
        let plain = if plain.is_empty() { "job" } else { plain.trim_end_matches('-') };
        let mut names = (1..).map(|number| format!("{plain}-{number}"));
        Self(names.find(|it| !taken.contains(&it.as_str())).unwrap_or_default())
    }
}

impl FromStr for JobName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_plain = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-';
        let is_name = !text.is_empty() && text.chars().all(is_plain) && !text.starts_with('-') && !text.ends_with('-');
        if is_name && text.len() <= Self::MAX_LENGTH {
            return Ok(Self(text.to_owned()));
        }
        Err(format!("write lower-case letters and digits with `-` between them, at most {}", Self::MAX_LENGTH))
    }
}

impl fmt::Display for JobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(command: &str, taken: &[&str]) -> String {
        JobName::of_command(&[command.to_owned()], taken).to_string()
    }

    #[test]
    fn a_job_without_a_name_is_called_by_its_program() {
        assert_eq!(of("python", &[]), "python-1");
        assert_eq!(of("/usr/bin/Python3.12", &["python3-12-1", "python3-12-2"]), "python3-12-3");
        assert_eq!(of("./…", &[]), "job-1");
        let long = of(&"x".repeat(90), &[]);
        assert!(long.parse::<JobName>().is_ok(), "{long}");
    }

    #[test]
    fn a_name_is_one_that_hosts_can_have() {
        for good in ["train", "a", "seed-7"] {
            assert_eq!(good.parse::<JobName>().unwrap().as_str(), good);
        }
        for bad in ["", "-a", "a-", "A", "a_b", "a b", &"x".repeat(41)] {
            assert!(bad.parse::<JobName>().is_err(), "{bad}");
        }
    }
}
