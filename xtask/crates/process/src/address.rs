//! Secrets in addresses: users and passwords in front of the host, tokens in the path, signatures among the parameters.

use std::ops::Range;

use super::secret_form::{is_token, names_secret};

/// The bytes of a word that are secret, if it is an address: a password, or a lone user over HTTP, which is a token; the value of
/// a parameter whose name says so; a segment of the path that has the form of a token, or stands in `/t/TOKEN/`, where
/// Anaconda's servers take it. Names of variables, as in `https://${TOKEN}@…`, are no secrets.
///
/// Source: RFC 3986, "User Information"; conda's documentation, "Managing channels", for `/t/`.
pub fn secrets_of_address(word: &str) -> Vec<Range<usize>> {
    let Some(parts) = AddressParts::of(word) else { return Vec::new() };
    let mut secrets: Vec<Range<usize>> = parts.secret_of_login().into_iter().collect();
    secrets.extend(parts.secrets_behind_host());
    secrets.retain(|it| !it.is_empty() && !is_variable(&word[it.clone()]));
    secrets
}

/// Whether an address has a secret in its path or among its parameters, from where it cannot be taken out.
pub fn has_secret_behind_host(word: &str) -> bool {
    AddressParts::of(word).is_some_and(|parts| {
        parts.secrets_behind_host().into_iter().any(|it| !it.is_empty() && !is_variable(&word[it]))
    })
}

/// Whether the name of a variable is in the host of an address or behind it.
pub fn has_variable_behind_login(word: &str) -> bool {
    AddressParts::of(word).is_some_and(|parts| word[parts.host.start..].contains("${"))
}

/// The host of an address, with its port.
pub fn host_of_address(word: &str) -> Option<&str> {
    AddressParts::of(word).map(|parts| &word[parts.host])
}

/// A URL without passwords and tokens, and whether it had any. The name of a variable, as in `https://${TOKEN}@…`, stays.
pub fn without_credentials(url: &str) -> (String, bool) {
    let secrets = secrets_of_address(url);
    let Some(parts) = AddressParts::of(url).filter(|_| !secrets.is_empty()) else { return (url.to_owned(), false) };
    let is_secret = |range: &Range<usize>| secrets.iter().any(|it| it.start >= range.start && it.end <= range.end);
    let mut clean = url[..parts.login.start].to_owned();
    if !parts.login.is_empty() {
        let login = &url[parts.login.clone()];
        let user = login.split(':').next().unwrap_or_default();
        match (is_secret(&parts.login), parts.is_ssh()) {
            (false, _) => clean += &format!("{login}@"),
            (true, true) => clean += &format!("{user}@"),
            (true, false) => {}
        }
    }
    clean += &url[parts.host.clone()];
    let mut segments = parts.segments().into_iter().peekable();
    while let Some(segment) = segments.next() {
        let is_secret_next = segments.peek().is_some_and(&is_secret);
        if &url[segment.clone()] == "t" && is_secret_next {
            segments.next();
        } else if !is_secret(&segment) {
            clean += &format!("/{}", &url[segment]);
        }
    }
    let kept: Vec<&str> = parts.parameters().into_iter().filter(|it| !is_secret(it)).map(|it| &url[it]).collect();
    if !kept.is_empty() {
        clean += &format!("?{}", kept.join("&"));
    }
    (clean + &url[parts.query.end..], true)
}

/// A URL with the user or variable in front of the host that `listed` has, as in `https://${TOKEN}@…`, where both are for
/// the same host: installers do not record that part.
pub fn with_user_of(listed: &str, url: &str) -> String {
    let (Some(ours), Some(theirs)) = (AddressParts::of(listed), AddressParts::of(url)) else { return url.to_owned() };
    let is_same_host = theirs.login.is_empty() && listed[ours.host] == url[theirs.host.clone()];
    if ours.login.is_empty() || !is_same_host {
        return url.to_owned();
    }
    format!("{}{}@{}", &url[..theirs.host.start], &listed[ours.login], &url[theirs.host.start..])
}

fn is_variable(text: &str) -> bool {
    text.starts_with("${") && text.ends_with('}')
}

/// A word taken apart, as ranges of its bytes.
struct AddressParts<'a> {
    word: &'a str,
    scheme: &'a str,
    /// In front of the `@`; empty where there is none.
    login: Range<usize>,
    host: Range<usize>,
    path: Range<usize>,
    /// With its question mark.
    query: Range<usize>,
}

impl<'a> AddressParts<'a> {
    fn of(word: &'a str) -> Option<Self> {
        let scheme_end = word.find("://")?;
        let start = scheme_end + 3;
        let end_of = |from: usize, ends: &[char]| word[from..].find(ends).map_or(word.len(), |at| from + at);
        let authority = start..end_of(start, &['/', '?', '#']);
        let path = authority.end..end_of(authority.end, &['?', '#']);
        let query = path.end..end_of(path.end, &['#']);
        let at = word[authority.clone()].rfind('@').map(|at| start + at);
        let (login, host) = at.map_or((start..start, authority.clone()), |at| (start..at, at + 1..authority.end));
        Some(Self { word, scheme: &word[..scheme_end], login, host, path, query })
    }

    fn is_ssh(&self) -> bool {
        self.scheme.ends_with("ssh")
    }

    fn secret_of_login(&self) -> Option<Range<usize>> {
        match self.word[self.login.clone()].find(':') {
            Some(at) => Some(self.login.start + at + 1..self.login.end),
            // Over HTTP a lone name is a token; over SSH it is the user that everybody logs in as.
            None => (self.scheme.ends_with("http") || self.scheme.ends_with("https")).then(|| self.login.clone()),
        }
    }

    fn secrets_behind_host(&self) -> Vec<Range<usize>> {
        let segments = self.segments();
        let of_conda = match &segments[..] {
            [t, token, _, ..] if &self.word[t.clone()] == "t" => Some(token.clone()),
            _ => None,
        };
        let tokens = segments.into_iter().filter(|it| is_token(&self.word[it.clone()]));
        let values = self.parameters().into_iter().filter_map(|it| {
            let (name, value) = self.word[it.clone()].split_once('=')?;
            (names_secret(name) || is_token(value)).then(|| it.end - value.len()..it.end)
        });
        of_conda.into_iter().chain(tokens).chain(values).collect()
    }

    fn segments(&self) -> Vec<Range<usize>> {
        pieces(self.word, self.path.clone(), '/')
    }

    fn parameters(&self) -> Vec<Range<usize>> {
        pieces(self.word, self.query.clone(), '&')
    }
}

/// The pieces of a part that begins with a separator, or is empty.
fn pieces(word: &str, part: Range<usize>, separator: char) -> Vec<Range<usize>> {
    let Some(start) = (!part.is_empty()).then(|| part.start + 1) else { return Vec::new() };
    let mut pieces = Vec::new();
    let mut at = start;
    for piece in word[start..part.end].split(separator) {
        pieces.push(at..at + piece.len());
        at += piece.len() + 1;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_secret_counts() {
        for (text, secrets) in [
            ("https://me:hunter2@e.org/simple", vec!["hunter2"]),
            ("git+https://hunter2@e.org/x.git", vec!["hunter2"]),
            ("https://${TOKEN}@e.org/x", vec![]),
            ("https://me:${TOKEN}@e.org/x", vec![]),
            ("git+ssh://git@e.org/x", vec![]),
            ("https://e.org/@scope/x", vec![]),
            ("https://e.org/t/tk-1/lab/x", vec!["tk-1"]),
            ("https://e.org/t/lab", vec![]),
            ("https://e.org/x.whl?sv=1&sig=a%2Fb&se=2#sha256=0", vec!["a%2Fb"]),
            ("https://e.org/x?X-Amz-Signature=abc&X-Amz-Date=1", vec!["abc"]),
            ("https://e.org/x?monkey=1&design=2&keyword=3", vec![]),
            ("https://e.org/glpat-abcdefghij0123456789/x", vec!["glpat-abcdefghij0123456789"]),
            ("pkg", vec![]),
        ] {
            let found: Vec<&str> = secrets_of_address(text).into_iter().map(|it| &text[it]).collect();
            assert_eq!(found, secrets, "{text}");
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
