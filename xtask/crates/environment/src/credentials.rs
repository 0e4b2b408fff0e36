//! Passwords and tokens in addresses, in a file that git tracks.

use process::{Secret, looks_secret};
use report::{Code, Finding, Source, yaml::Node};

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

/// A URL without passwords and tokens, and whether it had any: in front of the host, among the parameters, or in the path
/// `/t/TOKEN/`, where Anaconda's servers take it. The name of a variable, as in `https://${TOKEN}@…`, stays.
///
/// Source: conda's documentation, "Managing channels", for the path; RFC 3986, "User Information", for the rest.
pub fn without_credentials(url: &str) -> (String, bool) {
    let Some((scheme, rest)) = url.split_once("://") else { return (url.to_owned(), false) };
    let (rest, fragment) = rest.split_once('#').map_or((rest, None), |(rest, fragment)| (rest, Some(fragment)));
    let (rest, query) = rest.split_once('?').map_or((rest, None), |(rest, query)| (rest, Some(query)));
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let authority = match (Credentials::find(url), authority.rsplit_once('@')) {
        (Some(_), Some((user, host))) if scheme.ends_with("ssh") => {
            format!("{}@{host}", user.split(':').next().unwrap_or_default())
        }
        (Some(_), Some((_, host))) => host.to_owned(),
        _ => authority.to_owned(),
    };
    let path = match path.strip_prefix("/t/").and_then(|it| it.split_once('/')) {
        Some((token, rest)) if !is_variable(token) => format!("/{rest}"),
        _ => path.to_owned(),
    };
    let mut clean = format!("{scheme}://{authority}{path}");
    let kept: Vec<&str> =
        query.into_iter().flat_map(|it| it.split('&')).filter(|it| !is_secret_parameter(it)).collect();
    if !kept.is_empty() {
        clean += &format!("?{}", kept.join("&"));
    }
    if let Some(fragment) = fragment {
        clean += &format!("#{fragment}");
    }
    let had_any = clean != url;
    (clean, had_any)
}

/// A URL with the user or variable in front of the host that `listed` has, as in `https://${TOKEN}@…`, where both are for
/// the same host: installers do not record that part.
pub fn with_user_of(listed: &str, url: &str) -> String {
    let whole = || url.to_owned();
    let (Some((_, listed)), Some((scheme, rest))) = (listed.split_once("://"), url.split_once("://")) else {
        return whole();
    };
    match authority(listed).rsplit_once('@') {
        Some((user, host)) if host == authority(rest) => format!("{scheme}://{user}@{rest}"),
        _ => whole(),
    }
}

/// What stands between `://` and the path.
fn authority(rest: &str) -> &str {
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

fn is_variable(text: &str) -> bool {
    text.starts_with("${") && text.ends_with('}')
}

fn is_secret_parameter(parameter: &str) -> bool {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    let is_signature = name.to_ascii_lowercase().contains("sig");
    (looks_secret(name) || is_signature) && !value.is_empty() && !is_variable(value)
}

/// A password or token in an address.
struct Credentials<'a> {
    /// The host that it is for, without the user.
    host: &'a str,
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
        let (user, host) = authority(rest).rsplit_once('@')?;
        let secret = match user.split_once(':') {
            Some((_, password)) => password,
            // Over HTTP a lone name is a token; over SSH it is the user that everybody logs in as.
            None if scheme.ends_with("http") || scheme.ends_with("https") => user,
            None => "",
        };
        (!secret.is_empty() && !is_variable(secret)).then_some(Self { host, secret })
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

    #[test]
    fn who_asks_is_kept_for_the_same_host() {
        for (listed, url, expected) in [
            ("git+https://${TOKEN}@e.org/x", "git+https://e.org/x@0af", "git+https://${TOKEN}@e.org/x@0af"),
            ("https://me:${TOKEN}@e.org/x?a=/@b", "https://e.org/x", "https://me:${TOKEN}@e.org/x"),
            ("https://${TOKEN}@e.org/x", "https://${TOKEN}@e.org/x", "https://${TOKEN}@e.org/x"),
            ("https://${TOKEN}@e.org/x", "https://other.org/x", "https://other.org/x"),
            ("https://e.org/x@y", "https://e.org/x", "https://e.org/x"),
            ("x", "https://e.org/x", "https://e.org/x"),
        ] {
            assert_eq!(with_user_of(listed, url), expected, "{listed}");
        }
    }

    #[test]
    fn what_is_secret_goes_and_all_else_stays() {
        for (url, clean) in [
            ("https://me:hunter2@e.org/simple", "https://e.org/simple"),
            ("git+https://hunter2@e.org/x.git", "git+https://e.org/x.git"),
            ("ssh://git:hunter2@e.org/x.git", "ssh://git@e.org/x.git"),
            ("https://e.org/t/tk-123/lab/linux-64/a-1-0.conda", "https://e.org/lab/linux-64/a-1-0.conda"),
            ("https://e.org/x.whl?token=abc&v=1#sha256=00", "https://e.org/x.whl?v=1#sha256=00"),
            ("https://e.org/x.whl?X-Amz-Signature=abc", "https://e.org/x.whl"),
        ] {
            assert_eq!(without_credentials(url), (clean.to_owned(), true));
        }
        for kept in [
            "https://${TOKEN}@e.org/x",
            "https://me:${TOKEN}@e.org/x",
            "https://e.org/t/${TOKEN}/lab",
            "https://e.org/x?token=${TOKEN}",
            "ssh://git@e.org/x",
            "git@e.org:lab/x.git",
            "file:///home/me/x?y",
        ] {
            assert_eq!(without_credentials(kept), (kept.to_owned(), false));
        }
    }
}
