//! Files that somebody else hands to this program, such as code in a container: nothing about them is taken on trust.

use std::fs::File;
use std::io::{self, Read as _};

use anyhow::{Context as _, Result, bail};
use camino::Utf8Path;
use libc::O_NOFOLLOW;

use super::inside;

/// Opens a regular file for reading. A link is not followed, and a pipe that nobody writes to is not waited for.
pub fn open_handed(path: &Utf8Path) -> io::Result<File> {
    inside::open(path, O_NOFOLLOW)
}

/// The text of a regular file of at most `limit` bytes.
pub fn read_handed(path: &Utf8Path, limit: u64) -> Result<String> {
    let failed = || format!("cannot read `{path}`");
    let mut text = String::new();
    open_handed(path)
        .and_then(|file| file.take(limit.saturating_add(1)).read_to_string(&mut text))
        .with_context(failed)?;
    if u64::try_from(text.len()).is_ok_and(|it| it <= limit) {
        Ok(text)
    } else {
        bail!("`{path}` has more than {limit} bytes")
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::process::Command;

    use camino::Utf8PathBuf;

    use super::*;

    #[test]
    fn only_a_short_regular_file_is_read() {
        let directory = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::try_from(directory.path().to_owned()).unwrap();
        fs::write(root.join("file"), "12345").unwrap();
        symlink(root.join("file"), root.join("link")).unwrap();
        assert!(Command::new("mkfifo").arg(root.join("pipe")).status().unwrap().success());

        assert_eq!(read_handed(&root.join("file"), 5).unwrap(), "12345");
        let refusal = |name: &str, limit| format!("{:#}", read_handed(&root.join(name), limit).unwrap_err());
        assert!(refusal("file", 4).ends_with("/file` has more than 4 bytes"));
        assert!(refusal("link", 5).contains("/link`: "), "{}", refusal("link", 5));
        assert!(refusal("pipe", 5).ends_with("/pipe`: it is a named pipe, not a file"), "{}", refusal("pipe", 5));
        assert!(refusal("/dev/zero", 5).ends_with("not a file"));
    }
}
