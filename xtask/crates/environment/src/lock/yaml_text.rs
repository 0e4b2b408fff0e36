//! Writing YAML by hand, for the few forms that other tools' locks have.

use std::borrow::Cow;

use super::toml_text;

/// What YAML 1.1 reads as something else than text.
const WORDS: [&str; 9] = ["false", "n", "no", "null", "off", "on", "true", "y", "yes"];

/// A text as a scalar: in quotes, unless it is a text to every reader as it is. Those of YAML 1.1 take more for numbers than
/// others do, such as `7.3_60`, which is a version of many packages of R.
///
/// Source: YAML 1.2.2, "Plain Style"; YAML 1.1, "Scalar types".
pub fn scalar(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        Cow::Borrowed(text)
    } else if text.chars().any(char::is_control) {
        // YAML has the escapes of TOML.
        Cow::Owned(toml_text::string(text))
    } else {
        Cow::Owned(format!("'{}'", text.replace('\'', "''")))
    }
}

fn is_plain(text: &str) -> bool {
    let may_be_inside = |it: char| it.is_ascii_alphanumeric() || "_./+-%=?&@~!,<>*|()$ #:".contains(it);
    text.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_')
        && text.chars().all(may_be_inside)
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

/// `KEY: TEXT`, as a line.
pub(super) fn pair(indent: &str, key: &str, text: &str) -> String {
    format!("{indent}{}: {}\n", scalar(key), scalar(text))
}

/// `KEY:` and a line for each text below it; nothing where there are none.
pub(super) fn list<'a>(indent: &str, key: &str, texts: impl IntoIterator<Item = &'a str>) -> String {
    let lines: String = texts.into_iter().map(|it| format!("{indent}- {}\n", scalar(it))).collect();
    if lines.is_empty() { lines } else { format!("{indent}{key}:\n{lines}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_read_back_as_a_text() {
        for hostile in [
            "",
            "a",
            "~",
            "1",
            "1.10",
            "7.3_60",
            "0x1f",
            "1e3",
            "12:30:45",
            "2024-01-01",
            "yes",
            "No",
            "NULL",
            "a: b",
            "a:",
            "a #b",
            "a#b",
            "- a",
            "'",
            "it's",
            "\"",
            "é",
            "a\nb",
            "\u{7f}",
            " a",
            "a ",
            "*",
            "python >=3.12,<3.13.0a0 *_cpython",
            "__glibc >=2.17,<3.0.a0",
            "https://e.org/c/noarch/a-1%212.0-h1_0.conda",
            "1!2.0",
            "{a}",
            "[a]",
            "<<",
            "=",
        ] {
            let written = pair("", "key", hostile) + &list("", "list", [hostile]) + &pair("", hostile, "value");
            let read: serde_yaml::Value = serde_yaml::from_str(&written).unwrap();
            assert_eq!(read["key"].as_str(), Some(hostile), "{written}");
            assert_eq!(read["list"][0].as_str(), Some(hostile), "{written}");
            assert_eq!(read[hostile].as_str(), Some("value"), "{written}");
        }
        assert_eq!(pair("  ", "depends", "numpy >=1.26,<3"), "  depends: numpy >=1.26,<3\n");
        assert_eq!(pair("", "version", "7.3_60"), "version: '7.3_60'\n");
        assert_eq!(list("", "none", []), "");
    }
}
