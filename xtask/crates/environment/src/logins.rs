//! Users and passwords in front of a host, in the addresses of `environment.yml`: what a build is given in a netrc file, and
//! not in its lists.

use std::collections::BTreeSet;
use std::fmt;

use process::IntoSet as _;
use report::Span;

/// A user and password as they stand in an address, `https://USER:PASSWORD@HOST/…`: percent-encoded, and with the names of
/// variables, as in `${TOKEN}`.
#[derive(Clone, PartialEq, Eq)]
pub struct AddressLogin {
    /// The address up to the path, without the user and password, such as `git+https://example.org:8443`.
    pub origin: String,
    pub user: String,
    /// Empty where the address has a user alone, which is often a token.
    pub password: String,
    /// The entry that has the address.
    pub span: Span,
}

/// Without the user and password.
impl fmt::Debug for AddressLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "login for {}", self.origin)
    }
}

impl AddressLogin {
    /// Without the port, as in a netrc file.
    pub fn host(&self) -> &str {
        without_port(self.origin.rsplit('/').next().unwrap_or_default())
    }

    /// The origin as git knows it, where git is who asks.
    pub fn git_origin(&self) -> Option<&str> {
        self.origin.split_once("git+").map(|(_, it)| it)
    }

    /// Takes the users and passwords out of the addresses in a text. Those of SSH stay: there a user is no secret.
    pub(crate) fn take(text: &str, span: Span, logins: &mut Vec<Self>) -> String {
        if !text.contains("://") {
            return text.to_owned();
        }
        let mut bare = |word: &str| match Self::split(word, span) {
            Some((address, login)) => {
                if !logins.contains(&login) {
                    logins.push(login);
                }
                address
            }
            None => word.to_owned(),
        };
        text.split(' ').map(&mut bare).collect::<Vec<_>>().join(" ")
    }

    /// The text without the users and passwords, which somebody else has taken.
    pub(crate) fn bare(text: &str) -> String {
        Self::take(text, Span::new(1, 1, 1), &mut Vec::new())
    }

    fn split(word: &str, span: Span) -> Option<(String, Self)> {
        let (scheme, rest) = word.split_once("://").filter(|(it, _)| it.ends_with("http") || it.ends_with("https"))?;
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (login, host) = authority.rsplit_once('@')?;
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        let origin = format!("{scheme}://{host}");
        let address = format!("{origin}{path}");
        Some((address, Self { origin, user: user.to_owned(), password: password.to_owned(), span }))
    }
}

/// The hosts of all addresses in a text, without their ports.
pub fn hosts_in(text: &str) -> BTreeSet<String> {
    let authority = |rest: &str| {
        let end = rest.find(|it: char| "/?#\"'<>,".contains(it) || it.is_whitespace()).unwrap_or(rest.len());
        rest[..end].to_owned()
    };
    let authorities = text.split("://").skip(1).map(authority);
    authorities.map(|it| without_port(it.rsplit('@').next().unwrap_or_default()).to_owned()).into_set()
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|it| it.is_ascii_digit()) => name,
        _ => host,
    }
}

/// A text with the values of its variables, `${NAME}`, in their places; `Err` is the name of one that has none.
pub fn with_values(text: &str, value: impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let (mut filled, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, after)) = after.split_once('}') else { break };
        filled += before;
        filled += &value(name).ok_or(name)?;
        rest = after;
    }
    Ok(filled + rest)
}

/// The names of the variables, `${NAME}`, in a text.
pub fn variables_in(text: &str) -> impl Iterator<Item = &str> {
    text.split("${").skip(1).filter_map(|it| it.split_once('}')).map(|(name, _)| name)
}

/// A text with `%40` and its like as the characters that they stand for. `None` where these are not UTF-8.
pub fn percent_decoded(text: &str) -> Option<String> {
    let digit = |it: u8| char::from(it).to_digit(16).and_then(|it| u8::try_from(it).ok());
    let bytes = text.as_bytes();
    let (mut decoded, mut at) = (Vec::new(), 0);
    while let Some(&byte) = bytes.get(at) {
        let pair = bytes.get(at + 1).copied().and_then(digit).zip(bytes.get(at + 2).copied().and_then(digit));
        if let Some((high, low)) = pair.filter(|_| byte == b'%') {
            decoded.push(high << 4 | low);
            at += 3;
        } else {
            decoded.push(byte);
            at += 1;
        }
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(text: &str) -> (String, Vec<String>) {
        let mut logins = Vec::new();
        let bare = AddressLogin::take(text, Span::new(1, 1, 1), &mut logins);
        let shown = |it: &AddressLogin| format!("{} {} {}", it.host(), it.user, it.password);
        (bare, logins.iter().map(shown).collect())
    }

    #[test]
    fn a_list_has_the_address_and_the_login_goes_elsewhere() {
        for (text, bare, logins) in [
            ("https://me:p%40ss@e.org:8443/simple", "https://e.org:8443/simple", vec!["e.org me p%40ss"]),
            (
                "tool @ git+https://${T}@e.org/x.git@v1 ; a == 'b'",
                "tool @ git+https://e.org/x.git@v1 ; a == 'b'",
                vec!["e.org ${T} "],
            ),
            ("https://me:${T}@e.org", "https://e.org", vec!["e.org me ${T}"]),
            ("https://a@e.org/x https://a@e.org/y", "https://e.org/x https://e.org/y", vec!["e.org a "]),
            ("git+ssh://git@e.org/x", "git+ssh://git@e.org/x", vec![]),
            ("https://e.org/@scope/x?a=b@c", "https://e.org/@scope/x?a=b@c", vec![]),
            ("tqdm", "tqdm", vec![]),
        ] {
            let (found, found_logins) = taken(text);
            assert_eq!(
                (found.as_str(), found_logins),
                (bare, logins.into_iter().map(str::to_owned).collect()),
                "{text}"
            );
        }
    }

    #[test]
    fn git_is_told_from_who_asks_an_index() {
        let mut logins = Vec::new();
        let text = "tool@git+https://a@e.org:8443/x https://a@e.org/x";
        AddressLogin::take(text, Span::new(1, 1, 1), &mut logins);
        assert_eq!(logins.iter().map(AddressLogin::git_origin).collect::<Vec<_>>(), [Some("https://e.org:8443"), None]);
    }

    #[test]
    fn hosts_are_found_wherever_an_address_stands() {
        let text = "--index-url https://a.org:80/s\nurl = \"https://b.org/x\"\n[https://c.org, 'http://[::1]:9/x'] git+ssh://git@d.org";
        assert_eq!(hosts_in(text).into_iter().collect::<Vec<_>>(), ["[::1]", "a.org", "b.org", "c.org", "d.org"]);
    }

    #[test]
    fn variables_are_filled_in_and_characters_decoded() {
        let value = |name: &str| (name == "A").then(|| "1".to_owned());
        assert_eq!(with_values("x${A}y${A}$", value), Ok("x1y1$".to_owned()));
        assert_eq!(with_values("${A}${B}", value), Err("B".to_owned()));
        assert_eq!(variables_in("x${A}y${B}${").collect::<Vec<_>>(), ["A", "B"]);
        assert_eq!(percent_decoded("a%40%3a%C3%A9%zz%"), Some("a@:é%zz%".to_owned()));
        assert_eq!(percent_decoded("%ff"), None);
    }
}
