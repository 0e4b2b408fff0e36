//! Archives of packages: where they are, and the entries of `sources.list`.

use std::fmt;
use std::str::FromStr;

use super::Release;

/// The address of an archive of packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirror(String);

impl FromStr for Mirror {
    type Err = &'static str;

    /// Whatever could not be an entry of `sources.list` is refused, and passwords are: everybody who has the image reads it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
        let host = rest.and_then(|it| it.split('/').next()).filter(|it| !it.is_empty());
        let host = host.ok_or("begin it with `http://` or `https://`")?;
        if host.contains('@') {
            return Err("a user or password in it would be readable in the image");
        }
        let is_plain = |it: char| it.is_ascii_graphic() && !r#"[]"'\#"#.contains(it);
        if !text.chars().all(is_plain) {
            return Err("apt does not take all of its characters");
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }
}

impl fmt::Display for Mirror {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The archives of a distribution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Archives {
    /// Releases, and the suite `-updates`.
    pub(crate) main: Mirror,
    /// The suite `-security`.
    pub(crate) security: Mirror,
}

impl Archives {
    /// The main and the security mirror that apt on this machine uses, whatever the release: one address has them all.
    ///
    /// `answer` has a line `URI SUITE` for each entry of the distribution.
    pub(crate) fn known_to_apt(answer: &str) -> (Option<Mirror>, Option<Mirror>) {
        let entries = answer.lines().filter_map(|it| it.split_once(' '));
        let (security, others): (Vec<_>, Vec<_>) = entries.partition(|(_, suite)| suite.ends_with("-security"));
        // A list of mirrors, or a disc, is not an address that an image could use.
        let first = |entries: &[(&str, &str)]| entries.iter().find_map(|(uri, _)| uri.parse().ok());
        let releases: Vec<_> = others.into_iter().filter(|(_, suite)| !suite.contains('-')).collect();
        (first(&releases), first(&security))
    }

    /// The entries of the image's `sources.list`.
    pub(crate) fn entries(&self, release: &Release) -> Vec<String> {
        let Release { distribution, codename } = release;
        let entry = |mirror: &Mirror, suffix: &str| {
            let (keyring, components) = (distribution.keyring(), distribution.components());
            format!("deb [signed-by={keyring}] {mirror} {codename}{suffix} {components}")
        };
        let mut entries = vec![entry(&self.main, "")];
        // Debian's unstable has no suites for updates.
        if !["sid", "unstable"].contains(&codename.as_str()) {
            entries.extend([entry(&self.main, "-updates"), entry(&self.security, "-security")]);
        }
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mirror(text: &str) -> Mirror {
        text.parse().unwrap()
    }

    #[test]
    fn an_image_has_its_release_with_updates_and_security_updates() {
        let archives =
            Archives { main: mirror("http://m.example.org/debian"), security: mirror("http://m.example.org/security") };
        let signed = "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://m.example.org";
        assert_eq!(
            archives.entries(&"debian/bookworm".parse().unwrap()),
            [
                format!("{signed}/debian bookworm main"),
                format!("{signed}/debian bookworm-updates main"),
                format!("{signed}/security bookworm-security main"),
            ]
        );
        assert_eq!(archives.entries(&"debian/sid".parse().unwrap()), [format!("{signed}/debian sid main")]);
    }

    #[test]
    fn apt_says_which_mirror_this_machine_uses() {
        let answer = "mirror+file:/etc/apt/mirrors/debian.list bookworm\n\
                      https://mirror.example.org/debian/ bookworm-updates\n\
                      https://mirror.example.org/debian/ trixie\n\
                      https://mirror.example.org/debian-security/ bookworm-security\n";
        let (main, security) = Archives::known_to_apt(answer);
        assert_eq!(main, Some(mirror("https://mirror.example.org/debian")));
        assert_eq!(security, Some(mirror("https://mirror.example.org/debian-security")));
        assert_eq!(Archives::known_to_apt(""), (None, None));
    }

    #[test]
    fn what_is_not_a_mirror_is_refused() {
        for text in
            ["", "m.example.org", "file:///srv", "http://", "http://a:b@host/debian", "http://h/a b", "http://h/]"]
        {
            assert!(text.parse::<Mirror>().is_err(), "{text}");
        }
    }
}
