//! A channel: where conda packages come from.

use std::fmt;

use report::{Code, Problem};

/// A conda channel: a name such as `conda-forge` or `pytorch/label/nightly`, a URL, or a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel(String);

impl Channel {
    /// Parses an entry of `channels:`.
    ///
    /// Source: conda's documentation, "Managing channels": names with an optional label, URLs, and
    /// `file://` paths. `defaults` is a name.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let all = 0..text.len();
        let problem = |message: String, help: &str| Err(Problem::new(Code::ChannelName, all, message).help(help));
        let name = text.trim();
        if name.is_empty() {
            return problem("an empty channel".to_owned(), "remove the `-`");
        }
        if name.contains(char::is_whitespace) || name.starts_with('-') || name.contains("::") {
            let message = format!("`{name}` is not a channel");
            return problem(message, "write one channel per entry: a name such as `conda-forge`, or a URL");
        }
        let is_url = name.contains("://") || name.starts_with(['/', '.', '~']);
        let is_plain = |it: char| it.is_ascii_alphanumeric() || "-_./:@".contains(it);
        if !is_url && !name.chars().all(is_plain) {
            let message = format!("`{name}` is not a channel");
            return problem(message, "a channel's name has letters, digits, `-`, `_`, `.` and `/`");
        }
        Ok(Self(name.to_owned()))
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_labels_urls_and_paths_are_channels() {
        for good in ["conda-forge", "defaults", "pytorch/label/nightly", "https://e.org/c", "file:///c", "/c", "c0_d"] {
            assert_eq!(Channel::parse(good).unwrap().to_string(), good);
        }
        for bad in ["", "a b", "conda-forge::numpy", "--override", "$(id)", "a;b"] {
            assert_eq!(Channel::parse(bad).unwrap_err().code, Code::ChannelName, "{bad}");
        }
    }
}
