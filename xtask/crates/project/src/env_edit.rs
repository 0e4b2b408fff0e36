//! Single settings, changed in the text of the file and nowhere else in it.

use anyhow::{Context as _, Result, bail};

use report::{Findings, Source, nearest};

use super::{dotenv, env_file::EnvFile, variables};

/// The text with a variable set: its value is replaced where it stands, and a comment after it stays; a new variable comes at
/// the end.
pub fn set_variable(source: &Source, name: &str, value: &str) -> Result<String> {
    require_known(name)?;
    let quoted = dotenv::quote(value).with_context(|| {
        format!("`{name}` cannot have this value: compose and bash would not read it alike, however it is quoted")
    })?;
    let mut text = source.text.clone();
    if let Some(entry) = parse(source).get(name) {
        text.replace_range(entry.value_range.clone(), &quoted);
    } else {
        let newline = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        text += &format!("{newline}{name}={quoted}\n");
    }
    Ok(text)
}

/// The text without the line that sets a variable: its default is in force again.
pub fn unset_variable(source: &Source, name: &str) -> Result<String> {
    require_known(name)?;
    let mut text = source.text.clone();
    if let Some(entry) = parse(source).get(name) {
        let start = text[..entry.value_range.start].rfind('\n').map_or(0, |newline| newline + 1);
        let end = text[entry.value_range.end..].find('\n').map_or(text.len(), |it| entry.value_range.end + it + 1);
        text.replace_range(start..end, "");
    }
    Ok(text)
}

fn parse(source: &Source) -> EnvFile {
    EnvFile::parse(source, &mut Findings::default())
}

fn require_known(name: &str) -> Result<()> {
    if variables::find(name).is_some() || variables::own_name(name).is_some() {
        return Ok(());
    }
    match nearest(name, variables::names()) {
        Some(known) => bail!("unknown setting `{name}`; did you mean `{known}`?"),
        None => bail!("unknown setting `{name}`; `cargo xtask env --show` lists them"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# mine\n  export USR='a b' # who\n\nENGINE=auto\r\nGRP=x";

    fn source(text: &str) -> Source {
        Source::new(".env", text)
    }

    #[test]
    fn only_the_value_changes() {
        let changed = set_variable(&source(TEXT), "USR", "c").unwrap();
        assert_eq!(changed, TEXT.replace("'a b'", "c"));
        assert_eq!(set_variable(&source(&changed), "USR", "a b").unwrap(), TEXT);
        assert_eq!(set_variable(&source("GRP=\n"), "GRP", "it's").unwrap(), "GRP=\"it's\"\n");
    }

    #[test]
    fn a_new_variable_comes_last() {
        assert_eq!(set_variable(&source("GRP=x"), "USRID", "7").unwrap(), "GRP=x\nUSRID=7\n");
        assert_eq!(set_variable(&source(""), "USR", "$(id)").unwrap(), "USR='$(id)'\n");
    }

    #[test]
    fn the_whole_line_goes_and_no_other() {
        assert_eq!(unset_variable(&source(TEXT), "USR").unwrap(), "# mine\n\nENGINE=auto\r\nGRP=x");
        assert_eq!(
            unset_variable(&source(TEXT), "GRP").unwrap(),
            "# mine\n  export USR='a b' # who\n\nENGINE=auto\r\n"
        );
        assert_eq!(unset_variable(&source(TEXT), "USRID").unwrap(), TEXT);
    }

    #[test]
    fn an_unknown_setting_and_a_value_that_cannot_be_written_are_refused() {
        assert!(set_variable(&source(""), "USER", "x").unwrap_err().to_string().contains("did you mean `USR`?"));
        assert!(set_variable(&source(""), "USR", "a'b\"c$").is_err());
    }
}
