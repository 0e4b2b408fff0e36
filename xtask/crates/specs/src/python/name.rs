//! Names of distributions and of their extras.

/// The spelling by which names are compared: lower case, and one `-` for every run of `-`, `_` and `.`.
///
/// Source: PEP 503, "Normalized Names"; PEP 685 has the same for extras.
pub fn normalised(name: &str) -> String {
    let mut normalised = String::with_capacity(name.len());
    for character in name.chars() {
        if !is_separator(character) {
            normalised.extend(character.to_lowercase());
        } else if !normalised.ends_with('-') {
            normalised.push('-');
        }
    }
    normalised
}

/// Whether it can name a distribution or an extra: ASCII letters, digits, `-`, `_` and `.`, the last three only inside.
///
/// Source: the specification "Names and normalization" of the PyPA.
pub(super) fn is_name(text: &str) -> bool {
    text.chars().all(is_name_character)
        && !text.starts_with(is_separator)
        && !text.ends_with(is_separator)
        && !text.is_empty()
}

/// Whether a character can be in a name.
pub(super) fn is_name_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || is_separator(character)
}

fn is_separator(character: char) -> bool {
    matches!(character, '-' | '_' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_spellings_of_a_name_are_one() {
        for name in ["Flask_SQLAlchemy", "flask.sqlalchemy", "FLASK-_.sqlalchemy", "flask-sqlalchemy"] {
            assert_eq!(normalised(name), "flask-sqlalchemy");
        }
    }

    #[test]
    fn names_begin_and_end_with_a_letter_or_digit() {
        for name in ["a", "2to3", "zope.interface", "ruamel_yaml"] {
            assert!(is_name(name), "{name}");
        }
        for text in ["", "-a", "a_", "a b", "é"] {
            assert!(!is_name(text), "{text}");
        }
    }
}
