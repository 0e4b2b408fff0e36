//! Tokens in the addresses of conda's channels: what a build is given in a file of its own, and not in its lists.

use std::fmt;

use report::Span;

/// A token as it stands in an address, `https://HOST/t/TOKEN/CHANNEL`, perhaps as the name of a variable, `${TOKEN}`.
///
/// Source: anaconda.org's documentation, "Private Conda packages".
#[derive(Clone, PartialEq, Eq)]
pub struct ChannelToken {
    /// Without the port.
    pub host: String,
    pub token: String,
    /// The entry that has the address.
    pub span: Span,
}

/// Without the token.
impl fmt::Debug for ChannelToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "token for {}", self.host)
    }
}

impl ChannelToken {
    /// Takes the token out of a channel's address, or of a spec that begins with one.
    pub(crate) fn take(text: &str, span: Span, tokens: &mut Vec<Self>) -> String {
        let Some((bare, host, token)) = split(text) else { return text.to_owned() };
        let token = Self { host: host.to_owned(), token: token.to_owned(), span };
        if !tokens.contains(&token) {
            tokens.push(token);
        }
        bare
    }

    /// The text without the token, which somebody else has taken.
    pub(crate) fn bare(text: &str) -> String {
        split(text).map_or_else(|| text.to_owned(), |it| it.0)
    }
}

/// The address without the token, its host, and the token.
fn split(text: &str) -> Option<(String, &str, &str)> {
    let (scheme, rest) = text.split_once("://").filter(|(it, _)| ["http", "https"].contains(it))?;
    let (authority, path) = rest.split_once('/')?;
    let (token, channel) = path.strip_prefix("t/")?.split_once('/')?;
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |it| it.0);
    (!token.is_empty()).then(|| (format!("{scheme}://{authority}/{channel}"), host, token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_taken_out_where_servers_look_for_it() {
        for (text, bare, found) in [
            ("https://c.org/t/tk-1/lab", "https://c.org/lab", Some(("c.org", "tk-1"))),
            ("https://c.org:8443/t/${TOKEN}/a/b", "https://c.org:8443/a/b", Some(("c.org", "${TOKEN}"))),
            ("http://u@c.org/t/x/lab::numpy=1", "http://u@c.org/lab::numpy=1", Some(("c.org", "x"))),
            ("https://c.org/lab/t/x", "https://c.org/lab/t/x", None),
            ("https://c.org/t/x", "https://c.org/t/x", None),
            ("conda-forge", "conda-forge", None),
            ("file:///t/x/lab", "file:///t/x/lab", None),
        ] {
            let mut tokens = Vec::new();
            assert_eq!(ChannelToken::take(text, Span::new(1, 1, 1), &mut tokens), bare);
            assert_eq!(ChannelToken::bare(text), bare);
            assert_eq!(tokens.first().map(|it| (it.host.as_str(), it.token.as_str())), found);
            assert!(!format!("{tokens:?}").contains("tk-1"));
        }
    }
}
