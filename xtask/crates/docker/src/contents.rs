//! What a container of an image sees: its files by name and size, without their contents.

use process::Invocation;

/// First the type, size, number of names and inode of everything that is no directory, its path and where it leads, ended by NUL
/// and all together by one more. Then the files that list the files of packages, as an archive. GNU find and GNU tar are in every
/// image of Debian's and Ubuntu's.
const LIST: &str = r"records=$(mktemp) && cd / || exit
find . -xdev ! -type d -printf '%y\t%s\t%n\t%i\t%P\0%l\0' -type f \
    \( -path '*.dist-info/RECORD' -o -path '*/conda-meta/*.json' -o -path './var/lib/dpkg/info/*.list' \) -fprintf $records '%P\0'
printf '\0'
exec tar --create --null --no-recursion --files-from=$records";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentsQuery<'a> {
    /// The image's name and tag.
    pub image: &'a str,
}

impl ContentsQuery<'_> {
    /// Lists it in a container of its own, as root, who sees everything.
    pub fn invocation(&self) -> Invocation {
        Invocation::new("docker").args([
            "run",
            "--rm",
            "--pull=never",
            "--network=none",
            // Else the daemon keeps a copy of it all, as JSON.
            "--log-driver=none",
            "--user=0:0",
            "--entrypoint=sh",
            self.image,
            "-c",
            LIST,
        ])
    }
}
