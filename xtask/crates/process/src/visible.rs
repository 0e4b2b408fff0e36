//! What comes from outside, as it may be shown.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::secret::masked;

/// Text from outside that may be shown: without secrets, and with the characters made visible by which it could change what a
/// terminal shows: a package's metadata and a colleague's file are nobody's to trust.
pub fn shown(text: &str) -> String {
    visible(&masked(text)).into_owned()
}

/// The text with each control character but newline and tab, and each that turns the direction of writing, as `\u001b`: so
/// JSON, too, stays what it is.
///
/// Source: Unicode's "Bidirectional Algorithm", 2.1 and 2.2; ECMA-48 for the control characters from U+0080 on.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_control) {
        return Cow::Borrowed(text);
    }
    let mut visible = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if is_control(character) {
            // Writing to a string never fails.
            _ = write!(visible, "\\u{:04x}", u32::from(character));
        } else {
            visible.push(character);
        }
    }
    Cow::Owned(visible)
}

fn is_control(character: char) -> bool {
    let turns_direction = matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns_direction || (character.is_control() && !matches!(character, '\n' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown_instead() {
        for (text, expected) in [
            ("plain é\n\tß 漢", "plain é\n\tß 漢"),
            ("\u{1b}[31mred\r", "\\u001b[31mred\\u000d"),
            ("\u{9b}2J\u{7f}\u{0}", "\\u009b2J\\u007f\\u0000"),
            ("a\u{202e}b\u{2069}", "a\\u202eb\\u2069"),
        ] {
            assert_eq!(visible(text), expected);
        }
        let json: String = serde_json::from_str(&visible("\"a\u{9b}b\"")).unwrap();
        assert_eq!(json, "a\u{9b}b");
    }
}
