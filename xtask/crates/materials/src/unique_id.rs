//! Ids of documents, made from what is in them.

use environment::sha256;

/// A UUID of version 8, the same for the same text.
///
/// Source: RFC 9562, section 5.8.
pub fn unique_id(text: &str) -> String {
    let digest = sha256(text);
    let variant = match digest.as_bytes()[16] {
        b'0' | b'4' | b'8' | b'c' => '8',
        b'1' | b'5' | b'9' | b'd' => '9',
        b'2' | b'6' | b'a' | b'e' => 'a',
        _ => 'b',
    };
    format!("{}-{}-8{}-{variant}{}-{}", &digest[..8], &digest[8..12], &digest[13..16], &digest[17..20], &digest[20..32])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_depends_on_the_text_alone() {
        assert_eq!(unique_id("abc"), "ba7816bf-8f01-8fea-8141-40de5dae2223");
        assert_ne!(unique_id("abd"), unique_id("abc"));
    }
}
