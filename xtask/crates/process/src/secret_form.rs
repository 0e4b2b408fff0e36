//! What has the form of a secret, whatever it is called.

/// Whether a word is a token of one of the services that mark theirs: GitHub, GitLab, Hugging Face, PyPI, Slack, AWS.
///
/// Source: GitHub's documentation, "About secret scanning patterns", which lists those of all these services.
pub fn is_token(word: &str) -> bool {
    const MARKED: [(&str, usize); 12] = [
        ("ghp_", 30),
        ("gho_", 30),
        ("ghu_", 30),
        ("ghs_", 30),
        ("ghr_", 30),
        ("github_pat_", 20),
        ("glpat-", 20),
        ("gldt-", 20),
        ("hf_", 30),
        ("pypi-AgE", 30),
        ("xoxb-", 20),
        ("xoxp-", 20),
    ];
    let is_alphanumeric = |it: &str| it.bytes().all(|it| it.is_ascii_alphanumeric());
    let is_marked = |(mark, least): (&str, usize)| {
        word.strip_prefix(mark)
            .is_some_and(|rest| rest.len() >= least && is_alphanumeric(&rest.replace(['_', '-'], "")))
    };
    let is_of_aws = ["AKIA", "ASIA"].iter().any(|mark| {
        let rest = word.strip_prefix(mark).unwrap_or_default();
        rest.len() == 16 && rest.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit())
    });
    is_of_aws || MARKED.into_iter().any(is_marked)
}

/// Whether a parameter of an address has a secret as its value: one of the words of its name says so.
pub fn names_secret(parameter: &str) -> bool {
    const WORDS: [&str; 14] = [
        "token",
        "sig",
        "signature",
        "key",
        "apikey",
        "accesskey",
        "secret",
        "password",
        "passwd",
        "pwd",
        "auth",
        "jwt",
        "credential",
        "credentials",
    ];
    let name = parameter.to_ascii_lowercase();
    name.split(['-', '_', '.']).any(|it| WORDS.contains(&it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_known_by_their_marks_and_packages_are_none() {
        let tail = "abcdefghij0123456789ABCDEFGHIJ0123456789";
        for mark in ["ghp_", "github_pat_", "glpat-", "hf_", "pypi-AgE"] {
            assert!(is_token(&format!("{mark}{tail}")), "{mark}");
        }
        assert!(is_token("AKIAABCDEFGHIJ012345"));
        for word in [
            "hf_transfer",
            "pypi-attestations-of-everything-there-is",
            "AKIA",
            "ghp_",
            "glpat-x",
            "AKIAabcdefghij012345",
        ] {
            assert!(!is_token(word), "{word}");
        }
    }

    #[test]
    fn parameters_are_known_by_a_word_of_their_name() {
        for name in ["sig", "X-Amz-Signature", "private_token", "api_key", "Token", "AWSAccessKey.key"] {
            assert!(names_secret(name), "{name}");
        }
        for name in ["monkey", "design", "authority", "sv", "keyword"] {
            assert!(!names_secret(name), "{name}");
        }
    }
}
