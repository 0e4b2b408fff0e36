//! The netrc file: who logs in where, for uv, conda, git and curl alike.

use std::collections::BTreeSet;
use std::fmt;

use process::Secret;

/// One machine's login.
#[derive(Clone, PartialEq, Eq)]
pub struct NetrcEntry {
    /// The host, without a port; `None` for every host that no other entry is for.
    pub host: Option<String>,
    pub user: String,
    pub password: String,
}

/// Without the password.
impl fmt::Debug for NetrcEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.user, self.host.as_deref().unwrap_or("default"))
    }
}

/// Logins in the order in which they are looked for: the first of a host counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Netrc(pub Vec<NetrcEntry>);

impl Netrc {
    /// Reads a file, as far as it has logins.
    ///
    /// Source: GNU inetutils' manual, "The .netrc file"; curl's "Everything curl", for the quotes.
    pub fn parse(text: &str) -> Self {
        let mut entries: Vec<NetrcEntry> = Vec::new();
        let mut words = NetrcWords(text);
        while let Some(word) = words.next() {
            let begun = |host| NetrcEntry { host, user: String::new(), password: String::new() };
            match (word.as_str(), entries.last_mut()) {
                ("machine", _) => entries.extend(words.next().map(|it| begun(Some(it)))),
                ("default", _) => entries.push(begun(None)),
                ("login", Some(entry)) => entry.user = words.next().unwrap_or_default(),
                ("password", Some(entry)) => entry.password = words.next().unwrap_or_default(),
                ("account", _) => _ = words.next(),
                ("macdef", _) => words.skip_paragraph(),
                (comment, _) if comment.starts_with('#') => words.skip_line(),
                _ => {}
            }
        }
        Self(entries)
    }

    /// Only what a client finds that asks these hosts.
    #[must_use]
    pub fn for_hosts(mut self, hosts: &BTreeSet<String>) -> Self {
        self.0.retain(|it| it.host.as_ref().is_none_or(|it| hosts.contains(it)));
        self
    }

    /// The password of a user on a host.
    pub fn password(&self, host: &str, user: &str) -> Option<&str> {
        let found = self.0.iter().find(|it| it.host.as_deref() == Some(host) && it.user == user);
        found.map(|it| it.password.as_str())
    }

    /// The text of a file with these logins.
    pub fn text(&self) -> Secret {
        Secret::new(self.render())
    }

    fn render(&self) -> String {
        let mut text = String::new();
        for NetrcEntry { host, user, password } in &self.0 {
            match host {
                Some(host) => text += &format!("machine {host}"),
                None => text += "default",
            }
            for (name, value) in [("login", user), ("password", password)] {
                // Not every reader knows an empty word.
                if !value.is_empty() {
                    text += &format!(" {name} {}", quoted(value));
                }
            }
            text += "\n";
        }
        text
    }
}

/// In quotes where it must be: curl knows them since 7.84.
fn quoted(word: &str) -> String {
    if word.contains(|it: char| it.is_whitespace() || "\"\\".contains(it)) || word.starts_with('#') {
        format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        word.to_owned()
    }
}

/// What is left to read.
struct NetrcWords<'a>(&'a str);

impl NetrcWords<'_> {
    fn skip_line(&mut self) {
        self.0 = self.0.split_once('\n').map_or("", |(_, rest)| rest);
    }

    fn skip_paragraph(&mut self) {
        self.0 = self.0.split_once("\n\n").map_or("", |(_, rest)| rest);
    }
}

impl Iterator for NetrcWords<'_> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let rest = self.0.trim_start();
        let Some(inside) = rest.strip_prefix('"') else {
            let (word, after) = rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len()));
            self.0 = after;
            return (!word.is_empty()).then(|| word.to_owned());
        };
        let (mut word, mut is_escaped) = (String::new(), false);
        for (at, character) in inside.char_indices() {
            match (is_escaped, character) {
                (false, '\\') => is_escaped = true,
                (false, '"') => {
                    self.0 = &inside[at + 1..];
                    return Some(word);
                }
                _ => {
                    word.push(character);
                    is_escaped = false;
                }
            }
        }
        self.0 = "";
        Some(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(netrc: &Netrc) -> Vec<String> {
        netrc.0.iter().map(|it| format!("{it:?} {}", it.password)).collect()
    }

    #[test]
    fn what_people_write_is_read() {
        let text = "# mine\nmachine a.org login me password p#1\nmachine b.org\n  login you\n  account x password \"a \\\"b\\\\\"\n\
                    macdef init\nmachine c.org\n\nmachine d.org login TOKEN\ndefault login anonymous password x\n";
        let netrc = Netrc::parse(text);
        let expected = ["me@a.org p#1", "you@b.org a \"b\\", "TOKEN@d.org ", "anonymous@default x"];
        assert_eq!(shown(&netrc), expected);
        assert_eq!(netrc.password("b.org", "you"), Some("a \"b\\"));
        assert_eq!(netrc.password("b.org", "me"), None);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let entry = |user: &str, password: &str| NetrcEntry {
            host: Some("e.org".to_owned()),
            user: user.to_owned(),
            password: password.to_owned(),
        };
        let netrc = Netrc(vec![entry("a", "p\"a \\s"), entry("b", "#x"), entry("TOKEN", ""), entry("é", "plain#")]);
        let text = netrc.render();
        assert_eq!(Netrc::parse(&text), netrc);
        assert!(text.ends_with("machine e.org login é password plain#\n"), "no quotes where none must be");
        assert_eq!(format!("{:?} {netrc:?}", netrc.text()).find("plain"), None);
    }

    #[test]
    fn a_build_gets_the_logins_of_its_own_hosts() {
        let netrc = Netrc::parse("machine a.org login a\nmachine bank.org login b\ndefault login c\n");
        assert_eq!(shown(&netrc.for_hosts(&BTreeSet::from(["a.org".to_owned()]))), ["a@a.org ", "c@default "]);
    }
}
