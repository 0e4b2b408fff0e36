//! Options of a command line, and what comes behind them.

/// One option, with its value where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CommandOption<'a> {
    pub name: &'a str,
    pub value: Option<&'a str>,
    /// Whether name and value are one word.
    is_joined: bool,
}

impl CommandOption<'_> {
    /// The words that it is written as.
    pub fn words(&self) -> Vec<String> {
        match self.value {
            None => vec![self.name.to_owned()],
            Some(value) if self.is_joined => vec![format!("{}={value}", self.name)],
            Some(value) => vec![self.name.to_owned(), value.to_owned()],
        }
    }
}

/// Takes words apart into options and the rest, which begins at the first word that is neither an option nor the value of one.
/// `flags` are the options that take no value.
pub(super) fn split<'a>(words: &'a [&'a str], flags: &[&str]) -> (Vec<CommandOption<'a>>, &'a [&'a str]) {
    let mut options = Vec::new();
    let mut rest = words;
    while let [first, others @ ..] = rest {
        if !first.starts_with("--") {
            break;
        }
        rest = others;
        if let Some((name, value)) = first.split_once('=') {
            options.push(CommandOption { name, value: Some(value), is_joined: true });
        } else if flags.contains(first) {
            options.push(CommandOption { name: first, value: None, is_joined: false });
        } else {
            options.push(CommandOption { name: first, value: others.first().copied(), is_joined: false });
            rest = others.get(1..).unwrap_or_default();
        }
    }
    (options, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_end_where_the_command_begins() {
        let words = ["--rm", "--label", "--x", "--pull=never", "image", "--rm", "a"];
        let (options, rest) = split(&words, &["--rm"]);
        let read: Vec<_> = options.iter().map(|it| (it.name, it.value)).collect();
        assert_eq!(read, [("--rm", None), ("--label", Some("--x")), ("--pull", Some("never"))]);
        assert_eq!(rest, ["image", "--rm", "a"]);
        assert_eq!(options.iter().flat_map(CommandOption::words).collect::<Vec<_>>(), words[..4]);
    }
}
