//! One line of the `pip:` section.

/// A line as pip and uv read it in a requirements file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PipLine {
    /// A package.
    Requirement {
        /// The distribution's name, normalised.
        name: String,
        /// Whether an environment marker says for whom the line is.
        has_marker: bool,
        /// The line, trimmed.
        text: String,
    },
    /// An option for the whole list, such as `--extra-index-url URL`; their order matters.
    Option(String),
}

impl PipLine {
    /// Parses a line; `Err` says why it cannot be used, and what to do instead.
    pub fn parse(text: &str) -> Result<Self, (String, String)> {
        let text = text.trim();
        if text.starts_with('-') {
            return option(text);
        }
        // PEP 508: letters, digits, `.`, `_`, `-`, with a letter or digit at both ends.
        let end =
            text.find(|it: char| !it.is_ascii_alphanumeric() && !matches!(it, '.' | '_' | '-')).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        let rest = rest.trim_start();
        let is_named = name.starts_with(|it: char| it.is_ascii_alphanumeric())
            && name.ends_with(|it: char| it.is_ascii_alphanumeric())
            && (rest.is_empty() || rest.starts_with(['=', '<', '>', '!', '~', '[', '@', ';', '(']));
        if text.contains('\n') {
            return Err((
                "a package with a line break in it".into(),
                "write each package as an entry of its own".into(),
            ));
        }
        if text.contains("://") && !is_named {
            return Err(("a URL without a name".into(), format!("write `name @ {text}`")));
        }
        if !is_named {
            return Err((format!("`{text}` does not start with a package's name"), "write it as `name>=1.2`".into()));
        }
        if rest.starts_with('=') && !rest.starts_with("==") {
            let help = format!("pip compares with `==`: write `{name}={rest}`");
            return Err((format!("`{text}` has conda's `=`"), help));
        }
        Ok(Self::Requirement { name: normalised(name), has_marker: rest.contains(';'), text: text.to_owned() })
    }

    /// The line as a requirements file has it.
    pub fn text(&self) -> &str {
        match self {
            Self::Requirement { text, .. } | Self::Option(text) => text,
        }
    }
}

fn option(text: &str) -> Result<PipLine, (String, String)> {
    let name = text.split([' ', '=']).next().unwrap_or(text);
    match name {
        "-r" | "--requirement" | "-c" | "--constraint" | "-e" | "--editable" => Err((
            format!("`{name}` names a file that the build does not have"),
            "list the packages themselves, or a URL as `name @ URL`".into(),
        )),
        _ => Ok(PipLine::Option(text.to_owned())),
    }
}

/// The spelling by which names are compared. PEP 503, "Normalized Names".
pub fn normalised(name: &str) -> String {
    let parts: Vec<&str> = name.split(['-', '_', '.']).filter(|it| !it.is_empty()).collect();
    parts.join("-").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_as_pep_503_has_it() {
        for text in [
            "Flask_SQLAlchemy>=3",
            "flask.sqlalchemy",
            "flask-sqlalchemy [x] ; python_version>'3'",
            "FLASK--sqlalchemy @ https://e.org/x.whl",
        ] {
            let PipLine::Requirement { name, .. } = PipLine::parse(text).unwrap() else { panic!("{text}") };
            assert_eq!(name, "flask-sqlalchemy", "{text}");
        }
    }

    #[test]
    fn options_are_kept_but_not_those_that_name_files() {
        let option = "--extra-index-url https://example.org/simple";
        assert_eq!(PipLine::parse(option), Ok(PipLine::Option(option.to_owned())));
        for text in ["-r more.txt", "-e ./src", "--constraint=c.txt"] {
            assert!(PipLine::parse(text).unwrap_err().0.contains("names a file"), "{text}");
        }
    }

    #[test]
    fn mistakes_come_with_the_right_spelling() {
        assert!(PipLine::parse("torch=2.1").unwrap_err().1.ends_with("`torch==2.1`"));
        assert!(PipLine::parse("git+https://e.org/a").unwrap_err().1.contains("name @ git+https://e.org/a"));
        assert!(PipLine::parse("numpy 1.26").is_err());
    }
}
