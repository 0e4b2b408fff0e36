//! Passwords and tokens in addresses, in a file that git tracks.

use crate::diagnostics::{Code, Finding, Source};
use crate::process::Secret;
use crate::yaml::Node;

/// The finding for an entry whose address has a password or token in it. It does not show the line.
pub fn check(source: &Source, node: &Node, text: &str) -> Option<Finding> {
    let Credentials { host, .. } = Credentials::in_entry(text)?;
    let message = format!("the address of `{host}` has a password or token in it, and git keeps this file for ever");
    let help = "name a variable instead, as in `https://${TOKEN}@…`, or use a netrc file; then change what has leaked";
    Some(Finding { line: None, ..source.at(Code::CredentialsInUrl, node.span(source), message).help(help) })
}

/// A finding about an entry, without the password or token that may be in the entry.
pub fn hidden(text: &str, finding: Finding) -> Finding {
    let Some(Credentials { secret, .. }) = Credentials::in_entry(text) else { return finding };
    let hide = |it: String| it.replace(secret, Secret::MASK);
    Finding { line: None, message: hide(finding.message), help: finding.help.map(hide), ..finding }
}

/// What is secret in an address.
struct Credentials<'a> {
    /// The host that it opens.
    host: &'a str,
    /// The password or token.
    secret: &'a str,
}

impl<'a> Credentials<'a> {
    /// Those of the first address that has some.
    fn in_entry(text: &'a str) -> Option<Self> {
        // Hardly any entry has an address, and a long list is to be read quickly.
        if text.contains("://") { text.split_whitespace().find_map(Self::find) } else { None }
    }

    /// Those of an address whose user information is more than a user's name or the name of a variable.
    fn find(word: &'a str) -> Option<Self> {
        let (scheme, rest) = word.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
        let (user, host) = authority.rsplit_once('@')?;
        let secret = match user.split_once(':') {
            Some((_, password)) => password,
            // Over HTTP a lone name is a token; over SSH it is the user that everybody logs in as.
            None if scheme.ends_with("http") || scheme.ends_with("https") => user,
            None => "",
        };
        let is_variable = secret.starts_with("${") && secret.ends_with('}');
        (!secret.is_empty() && !is_variable).then_some(Self { host, secret })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_secret_counts() {
        for (text, host) in [
            ("https://me:hunter2@e.org/simple", Some("e.org")),
            ("git+https://hunter2@e.org/x.git", Some("e.org")),
            ("https://${TOKEN}@e.org/x", None),
            ("https://me:${TOKEN}@e.org/x", None),
            ("git+ssh://git@e.org/x", None),
            ("https://e.org/@scope/x", None),
        ] {
            assert_eq!(Credentials::find(text).map(|it| it.host), host, "{text}");
        }
    }
}
