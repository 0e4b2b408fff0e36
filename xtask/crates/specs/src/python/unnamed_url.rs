//! URLs that do not say which package they lead to.

use super::name::is_name;

const VERSION_CONTROL: [&str; 4] = ["git+", "hg+", "svn+", "bzr+"];

const ARCHIVES: [&str; 5] = [".whl", ".tar.gz", ".zip", ".tar.bz2", ".tgz"];

/// Whether a line begins with a URL.
///
/// Sources: RFC 3986, "Scheme"; pip's documentation, "VCS Support", whose URLs may go on as those of ssh do.
pub(super) fn is_url(text: &str) -> bool {
    let is_scheme = |it: &str| {
        it.starts_with(|it: char| it.is_ascii_alphabetic())
            && it.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '+' | '-' | '.'))
    };
    text.split_once("://").is_some_and(|(scheme, _)| is_scheme(scheme))
        || VERSION_CONTROL.iter().any(|it| text.starts_with(it))
}

/// The URL that is meant by an address as ssh has it, `USER@HOST:PATH`, which neither pip nor uv reads; `None` for other texts.
pub(super) fn meant_by_ssh_address(text: &str) -> Option<String> {
    let address = text.strip_prefix("git+").unwrap_or(text);
    let (login, path) = address.split_once(':')?;
    let (user, host) = login.split_once('@')?;
    let is_plain =
        |it: &str| !it.is_empty() && it.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '-' | '.' | '_'));
    // A port is no path.
    let is_port = path.split('/').next().is_some_and(|it| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit()));
    (is_plain(user) && is_plain(host) && !path.starts_with("//") && !is_port)
        .then(|| format!("git+ssh://{user}@{host}/{}", path.trim_start_matches('/')))
}

/// Whether a text is the file name of a package as indexes have it.
pub(super) fn is_archive(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ARCHIVES.iter().any(|it| text.ends_with(it))
}

/// The line `NAME @ URL` for one that begins with a URL; `NAME` stays where the URL does not contain it.
pub(super) fn named(line: &str) -> String {
    let end = line.find(char::is_whitespace).unwrap_or(line.len());
    let (url, rest) = line.split_at(end);
    let (url, fragment) = url.split_once('#').unwrap_or((url, ""));
    let egg = fragment.split('&').find_map(|it| it.strip_prefix("egg=")).filter(|it| is_name_with_extras(it));
    let others: Vec<&str> = fragment.split('&').filter(|it| !it.is_empty() && !it.starts_with("egg=")).collect();
    let fragment = if others.is_empty() { String::new() } else { format!("#{}", others.join("&")) };
    let name = egg.or_else(|| name_in_path(url)).unwrap_or("NAME");
    format!("{name} @ {url}{fragment}{rest}")
}

fn is_name_with_extras(text: &str) -> bool {
    let (name, extras) = text.split_once('[').unwrap_or((text, "]"));
    is_name(name) && extras.ends_with(']')
}

/// The name that the last part of a URL's path suggests.
fn name_in_path(url: &str) -> Option<&str> {
    let path = url.split('?').next()?.trim_end_matches('/');
    let (_, path) = path.split_once("://").unwrap_or(("", path));
    let (_, last) = path.rsplit_once('/')?;
    let name = if is_archive(last) {
        name_of_archive(last)?
    } else {
        let last = last.split('@').next()?;
        last.strip_suffix(".git").unwrap_or(last)
    };
    is_name(name).then_some(name)
}

/// The name in `NAME-VERSION-….whl` or `NAME-VERSION.tar.gz`; an archive of a branch has none.
fn name_of_archive(file: &str) -> Option<&str> {
    let is_version = |it: &str| it.starts_with(|it: char| it.is_ascii_digit());
    let (at, _) = file.match_indices('-').find(|(at, _)| is_version(&file[at + 1..]))?;
    Some(&file[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_ssh_is_known() {
        let meant = "git+ssh://git@e.org/o/r.git@v1";
        for text in ["git@e.org:o/r.git@v1", "git+git@e.org:o/r.git@v1"] {
            assert_eq!(meant_by_ssh_address(text).as_deref(), Some(meant), "{text}");
        }
        for text in [
            "git+ssh://git@e.org/o/r.git",
            "git+ssh://git@e.org:22/o/r",
            "https://u:p@e.org/x",
            "six",
            "git+https://e.org/a@b:c",
        ] {
            assert_eq!(meant_by_ssh_address(text), None, "{text}");
        }
    }

    #[test]
    fn the_name_is_derived_from_the_url_where_it_tells_it() {
        for (line, with_name) in [
            ("git+https://e.org/a/b.git", "b @ git+https://e.org/a/b.git"),
            ("git+https://e.org/a/b@v1.0", "b @ git+https://e.org/a/b@v1.0"),
            ("git+ssh://git@e.org/a/b.git@main#egg=c", "c @ git+ssh://git@e.org/a/b.git@main"),
            ("git+https://e.org/a.git#subdirectory=x&egg=c[d]", "c[d] @ git+https://e.org/a.git#subdirectory=x"),
            ("https://e.org/my_pkg-1.0-py3-none-any.whl", "my_pkg @ https://e.org/my_pkg-1.0-py3-none-any.whl"),
            ("https://e.org/my-pkg-1.0.tar.gz?x=/y", "my-pkg @ https://e.org/my-pkg-1.0.tar.gz?x=/y"),
            (
                "https://e.org/a/archive/main.zip ; os_name=='nt'",
                "NAME @ https://e.org/a/archive/main.zip ; os_name=='nt'",
            ),
            ("https://example.org", "NAME @ https://example.org"),
        ] {
            assert!(is_url(line), "{line}");
            assert_eq!(named(line), with_name);
        }
    }

    #[test]
    fn requirements_are_no_urls() {
        for line in ["a@https://e.org", "a @ git+https://e.org", "numpy", "é://x", "./a"] {
            assert!(!is_url(line), "{line}");
        }
    }
}
