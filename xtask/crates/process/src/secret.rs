//! Texts that must not be shown: recognised by their name, by their form, or because this process has used them.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use super::{address::secrets_of_address, secret_form::is_token, sorting::sort_by};

/// What this process knows to be secret, so that no message has it, whoever wrote that.
static KEPT: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Shorter texts stand in many that are no secrets.
const LEAST_KEPT: usize = 8;

/// A password, key or token. Printing it in any way gives `***`, and so does the text itself, once this was made of it, in
/// whatever [`Ui`](super::Ui) shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// What is shown instead.
    pub const MASK: &str = "***";

    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.len() >= LEAST_KEPT {
            KEPT.lock().unwrap_or_else(PoisonError::into_inner).insert(text.clone());
        }
        Self(text)
    }

    /// The text itself, for the environment of the child that needs it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::MASK)
    }
}

/// Whether a variable of this name is likely to hold a secret, as most programs name theirs. A proxy's address may have a
/// password in it.
pub fn looks_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    ["KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL", "AUTH", "_PROXY"]
        .iter()
        .any(|word| name.contains(word))
}

/// Whether a variable is likely to hold a secret, by its name or by the form of its value.
pub fn is_secret(name: &str, value: &str) -> bool {
    looks_secret(name) || matches!(masked(value), Cow::Owned(_))
}

/// The text with `***` for each secret in it that is known or has the form of one.
pub fn masked(text: &str) -> Cow<'_, str> {
    let mut masked = Cow::Borrowed(text);
    for secret in KEPT.lock().unwrap_or_else(PoisonError::into_inner).iter().rev() {
        if masked.contains(secret.as_str()) {
            masked = Cow::Owned(masked.replace(secret.as_str(), Secret::MASK));
        }
    }
    let by_form = with_forms_masked(&masked);
    by_form.map_or(masked, Cow::Owned)
}

/// `None` where there are none.
fn with_forms_masked(text: &str) -> Option<String> {
    let mut secrets = Vec::new();
    let ends_word = |it: char| it.is_whitespace() || "'\"`<>".contains(it);
    let offset = |part: &str| part.as_ptr() as usize - text.as_ptr() as usize;
    for word in text.split(ends_word).filter(|it| it.contains("://")) {
        secrets.extend(secrets_of_address(word).into_iter().map(|it| offset(word) + it.start..offset(word) + it.end));
    }
    let is_of_token = |it: char| it.is_ascii_alphanumeric() || "_-".contains(it);
    let tokens = text.split(|it| !is_of_token(it)).filter(|it| is_token(it));
    secrets.extend(tokens.map(|it| offset(it)..offset(it) + it.len()));
    secrets.retain(|it| text[it.clone()] != *Secret::MASK);
    sort_by(&mut secrets, |one, other| (one.start, one.end).cmp(&(other.start, other.end)));

    let (mut masked, mut at) = (String::new(), 0);
    for secret in &secrets {
        if secret.start >= at {
            masked += &text[at..secret.start];
            masked += Secret::MASK;
        }
        at = at.max(secret.end);
    }
    (!secrets.is_empty()).then(|| masked + &text[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_wherever_they_stand() {
        let token = "glpat-abcdefghij0123456789";
        for (text, expected) in [
            ("wrote `a` to https://e.org/x", "wrote `a` to https://e.org/x"),
            (
                "A=1 -e 'PLACE=https://u:p@e.org/x?v=1' https://${T}@e.org",
                "A=1 -e 'PLACE=https://u:***@e.org/x?v=1' https://${T}@e.org",
            ),
            (
                "get https://tok@e.org and https://e.org/x?sig=1&a=2",
                "get https://***@e.org and https://e.org/x?sig=***&a=2",
            ),
            (&format!("NAME={token}, {token}"), "NAME=***, ***"),
            (&format!("https://u:{token}@e.org/{token}/x"), "https://u:***@e.org/***/x"),
            ("https://u:***@e.org", "https://u:***@e.org"),
        ] {
            assert_eq!(masked(text), expected);
        }
    }

    #[test]
    fn what_was_used_as_a_secret_is_known_and_short_words_are_not() {
        _ = (Secret::new("correct horse"), Secret::new("short"));
        assert_eq!(masked("the correct horse is short"), "the *** is short");
    }

    #[test]
    fn a_value_tells_what_its_name_does_not() {
        assert!(is_secret("HF_TOKEN", "x") && is_secret("PLACE", "https://u:p@e.org"));
        assert!(is_secret("PLACE", "hf_abcdefghij0123456789ABCDEFGHIJ0123"));
        assert!(!is_secret("PLACE", "https://e.org") && !is_secret("A", "1"));
    }
}
