//! A place in a line that moves to the right as the line is read.

/// A place in a line. What it gives are pieces of the line, and places are bytes from the start of the line.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    line: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub fn new(line: &'a str) -> Self {
        Self { line, at: 0 }
    }

    /// At a place of a line, which has to be one between two characters.
    pub fn starting(line: &'a str, at: usize) -> Self {
        Self { line, at }
    }

    /// The byte offset in the line.
    pub fn at(&self) -> usize {
        self.at
    }

    pub fn rest(&self) -> &'a str {
        self.line.get(self.at..).unwrap_or_default()
    }

    pub fn is_at_end(&self) -> bool {
        self.rest().is_empty()
    }

    /// Moves past a text if it comes next.
    pub fn eat(&mut self, text: &str) -> bool {
        let comes_next = self.rest().starts_with(text);
        if comes_next {
            self.at += text.len();
        }
        comes_next
    }

    /// Moves past an ASCII text if it comes next, in small or capital letters.
    pub fn eat_in_any_case(&mut self, text: &str) -> bool {
        let comes_next = self.rest().get(..text.len()).is_some_and(|it| it.eq_ignore_ascii_case(text));
        if comes_next {
            self.at += text.len();
        }
        comes_next
    }

    /// Moves past the characters of a kind, as many as come next.
    pub fn take_while(&mut self, is_wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|it| !is_wanted(it)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// Moves past blanks and tabs, the only white space of the dependency specifiers.
    pub fn skip_blanks(&mut self) {
        self.take_while(is_blank);
    }

    /// The word that comes next, without moving past it; empty where there is none.
    pub fn peek_word(&self) -> &'a str {
        self.clone().take_while(is_word)
    }

    /// Moves past a word if it comes next and ends there.
    pub fn eat_word(&mut self, word: &str) -> bool {
        self.peek_word() == word && self.eat(word)
    }
}

/// The white space of the grammar of dependency specifiers (PEP 508, `wsp`).
pub(super) fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stays_between_characters() {
        let mut cursor = Cursor::new("é and");
        assert!(!cursor.eat_in_any_case("x"));
        assert_eq!(cursor.take_while(char::is_alphabetic), "é");
        cursor.skip_blanks();
        assert!(!cursor.eat_word("an"));
        assert!(cursor.eat_word("and") && cursor.is_at_end());
    }
}
