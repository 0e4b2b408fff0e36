//! One hash over everything that decides what is in an image.

use std::fmt;

use hmac_sha256::Hash;

use super::Target;
use crate::fs::Tree;
use crate::project::AptStage;

/// The SHA-256 of an image's inputs, in hexadecimal. It is the same on every machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputsHash(String);

impl InputsHash {
    /// The label that holds it.
    pub const LABEL: &str = "xtask.inputs";

    /// Of the build context, the Dockerfile and its arguments. What only the dev image is made of does not count for
    /// the runtime.
    pub fn new(target: Target, tree: &Tree, dockerfile: &str, arguments: &[(&str, String)]) -> Self {
        let mut hash = Hash::new();
        // Each part with its length: two lists must not read as one.
        let mut add = |part: &[u8]| {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        };
        add(dockerfile.as_bytes());
        for (name, value) in arguments {
            add(name.as_bytes());
            add(value.as_bytes());
        }
        let is_used = |path: &camino::Utf8Path| target == Target::Dev || path != AptStage::Dev.file_name();
        for (path, file) in tree.iter().filter(|(path, _)| is_used(path)) {
            add(path.as_str().as_bytes());
            add(&file.mode.to_be_bytes());
            add(&file.contents);
        }
        Self(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

impl fmt::Display for InputsHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::NewFile;

    fn hash(target: Target, apt_dev: &str, base: &str) -> InputsHash {
        let tree = Tree::from([
            ("apt-dev.txt".into(), NewFile::text(apt_dev)),
            ("requirements.txt".into(), NewFile::text("numpy\n")),
        ]);
        InputsHash::new(target, &tree, "FROM scratch\n", &[("BASE_IMAGE", base.to_owned())])
    }

    #[test]
    fn a_tool_for_people_does_not_make_the_runtime_older() {
        assert_eq!(hash(Target::Runtime, "vim", "a"), hash(Target::Runtime, "", "a"));
        assert_ne!(hash(Target::Dev, "vim", "a"), hash(Target::Dev, "", "a"));
        assert_ne!(hash(Target::Runtime, "", "a"), hash(Target::Runtime, "", "b"));
    }
}
