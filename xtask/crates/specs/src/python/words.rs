//! Words as a shell has them, in which pip reads the options of a line.

use std::ops::Range;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct QuotedWord {
    /// Its bytes in the line, with its quotes.
    pub range: Range<usize>,
    /// The word as a shell would pass it, without quotes and backslashes.
    pub text: String,
}

/// The words of a line from a place on, or where a quote is opened that nothing closes.
///
/// Source: Python's `shlex.split`, to which pip's `req_file` gives the options: a backslash takes the character behind
/// it as it is, single quotes take all, double quotes all but `\\` and `\"`.
pub(super) fn words(line: &str, start: usize) -> Result<Vec<QuotedWord>, usize> {
    let mut words = Vec::new();
    let mut open: Option<QuotedWord> = None;
    let mut characters = line.char_indices().skip_while(|(at, _)| *at < start);
    while let Some((at, character)) = characters.next() {
        if character.is_whitespace() {
            words.extend(open.take());
            continue;
        }
        let word = open.get_or_insert_with(|| QuotedWord { range: at..at, text: String::new() });
        let end = match character {
            '\'' | '"' => quoted(&mut characters, character, &mut word.text).ok_or(at)?,
            '\\' => {
                let (at, escaped) = characters.next().ok_or(at)?;
                word.text.push(escaped);
                at + escaped.len_utf8()
            }
            plain => {
                word.text.push(plain);
                at + plain.len_utf8()
            }
        };
        word.range.end = end;
    }
    words.extend(open);
    Ok(words)
}

/// Reads up to the closing quote, and says where it ends.
fn quoted(characters: &mut impl Iterator<Item = (usize, char)>, quote: char, text: &mut String) -> Option<usize> {
    while let Some((at, character)) = characters.next() {
        match character {
            _ if character == quote => return Some(at + quote.len_utf8()),
            '\\' if quote == '"' => {
                let (_, escaped) = characters.next()?;
                if !matches!(escaped, '\\' | '"') {
                    text.push('\\');
                }
                text.push(escaped);
            }
            plain => text.push(plain),
        }
    }
    None
}

/// A word as it is to be written, quoted where it must be.
pub(super) fn quote(text: &str) -> String {
    let is_special = |it: char| it.is_whitespace() || matches!(it, '\'' | '"' | '\\');
    if !text.is_empty() && !text.starts_with('#') && !text.contains(is_special) {
        return text.to_owned();
    }
    // pip looks for comments before it looks for quotes: no `#` may stand behind a blank, not even in a quoted text.
    format!("'{}'", text.replace('\'', "'\"'\"'").replace('#', "'\"#\"'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Result<Vec<String>, usize> {
        Ok(words(line, 0)?.into_iter().map(|it| it.text).collect())
    }

    #[test]
    fn quotes_and_backslashes_are_taken_off() {
        let line = r#"--a 'b c' d"e \" f"g h\ i "#;
        assert_eq!(texts(line).unwrap(), ["--a", "b c", "de \" fg", "h i"]);
        assert_eq!(&line[words(line, 0).unwrap()[2].range.clone()], r#"d"e \" f"g"#);
        assert_eq!(texts("''").unwrap(), [""]);
        assert_eq!(texts("a 'b"), Err(2));
        assert_eq!(texts("a \\"), Err(2));
    }

    #[test]
    fn a_quoted_word_reads_back() {
        for text in ["plain", "", "a b", "it's", "\"", "a #b", "#b", "https://e.org/#egg=x", "\\"] {
            assert_eq!(texts(&quote(text)).unwrap(), [text]);
            assert!(!quote(text).contains(" #"));
        }
    }
}
