//! The words of an instruction, split and unquoted as a shell does it.

use std::ops::Range;

/// The words of a text, with their quotes: split at blanks that are neither quoted nor escaped.
pub fn split(text: &str, escape: char) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = None;
    let mut quoting = Quoting::new(escape);
    for (index, character) in text.char_indices() {
        let is_blank = character.is_whitespace() && quoting.is_plain();
        quoting.step(character);
        match start {
            Some(start_of_word) if is_blank => {
                words.push(start_of_word..index);
                start = None;
            }
            None if !is_blank => start = Some(index),
            _ => {}
        }
    }
    words.extend(start.map(|it| it..text.len()));
    words
}

/// A word without the quotes and the escape characters in it.
pub fn unquote(word: &str, escape: char) -> String {
    let mut quoting = Quoting::new(escape);
    word.chars().filter(|it| quoting.step(*it)).collect()
}

struct Quoting {
    escape: char,
    quote: Option<char>,
    is_escaped: bool,
}

impl Quoting {
    fn new(escape: char) -> Self {
        Self { escape, quote: None, is_escaped: false }
    }

    /// Whether the next character is neither quoted nor escaped.
    fn is_plain(&self) -> bool {
        self.quote.is_none() && !self.is_escaped
    }

    /// Takes the next character, and returns whether it belongs to the text.
    fn step(&mut self, character: char) -> bool {
        if self.is_escaped {
            self.is_escaped = false;
            return true;
        }
        match self.quote {
            Some(quote) if character == quote => self.quote = None,
            // Nothing is special between single quotes.
            Some('\'') => return true,
            _ if character == self.escape => self.is_escaped = true,
            None if matches!(character, '\'' | '"') => self.quote = Some(character),
            _ => return true,
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unquoted(text: &str) -> Vec<String> {
        split(text, '\\').into_iter().map(|it| unquote(&text[it], '\\')).collect()
    }

    #[test]
    fn quotes_and_escapes_keep_a_word_together() {
        assert_eq!(unquoted(" a\u{a0} é=\"b c\"'d \\' e\\ f \"\\\"\" "), ["a", "é=b cd \\", "e f", "\""]);
        assert_eq!(unquoted("'a b"), ["a b"]);
        assert_eq!(unquoted("a\\"), ["a"]);
        assert_eq!(unquoted(" \t"), Vec::<String>::new());
    }
}
