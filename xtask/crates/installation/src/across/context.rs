//! Whether the sources of a `COPY` exist in a build context.

use std::collections::BTreeSet;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

/// The files of a build context and the directories that they are in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextFiles<'a>(BTreeSet<&'a Utf8Path>);

impl<'a> ContextFiles<'a> {
    pub fn new(files: &'a [Utf8PathBuf]) -> Self {
        Self(files.iter().flat_map(|it| it.ancestors()).collect())
    }

    /// Each file and directory but the root.
    pub fn paths(&self) -> impl Iterator<Item = &'a str> {
        self.0.iter().map(|it| it.as_str()).filter(|it| !it.is_empty())
    }

    /// Whether a source exists in it (Dockerfile reference, "COPY"): a file, a directory, or a pattern that one matches. A
    /// source that only the build can resolve, such as one with a variable, counts as existing.
    pub fn has(&self, source: &str) -> bool {
        let path = from_root(source);
        let is_pattern = path.as_str().contains(['*', '?']);
        is_resolved_by_the_build(source)
            || path.as_str().is_empty()
            || self.0.contains(path.as_path())
            || is_pattern && self.paths().any(|it| matches_path(path.as_str(), it))
    }
}

/// Variables, escapes, classes of characters, and `**`, which only some frontends know.
fn is_resolved_by_the_build(source: &str) -> bool {
    source.contains(['$', '\\', '`', '[']) || source.contains("**")
}

/// A source as Docker takes it: from the root of the context, which `..` does not leave.
fn from_root(source: &str) -> Utf8PathBuf {
    let mut path = Utf8PathBuf::new();
    for component in Utf8Path::new(source).components() {
        match component {
            Utf8Component::Normal(name) => path.push(name),
            Utf8Component::ParentDir => drop(path.pop()),
            Utf8Component::CurDir | Utf8Component::RootDir | Utf8Component::Prefix(_) => {}
        }
    }
    path
}

/// Whether a path matches a pattern of Go's `filepath.Match`, which Docker uses: `*` and `?` stop at slashes.
fn matches_path(pattern: &str, path: &str) -> bool {
    let mut names = path.split('/');
    pattern.split('/').all(|pattern| names.next().is_some_and(|name| matches_name(pattern, name)))
        && names.next().is_none()
}

fn matches_name(pattern: &str, name: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = strip_piece(first, name) else { return false };
    let Some(last) = pieces.next_back() else { return rest.is_empty() };
    for piece in pieces {
        // The first place where a piece matches leaves the most for those after it.
        let starts = rest.char_indices().map(|(index, _)| index).chain([rest.len()]);
        let after = starts.filter_map(|it| rest.get(it..)).find_map(|it| strip_piece(piece, it));
        let Some(after) = after else { return false };
        rest = after;
    }
    let skipped = rest.chars().count().checked_sub(last.chars().count());
    skipped.is_some_and(|count| {
        let end: String = rest.chars().skip(count).collect();
        strip_piece(last, &end).is_some()
    })
}

/// What is left of a name after a piece of a pattern in which only `?` is special.
fn strip_piece<'n>(piece: &str, name: &'n str) -> Option<&'n str> {
    let mut rest = name.chars();
    piece.chars().all(|wanted| rest.next().is_some_and(|it| wanted == '?' || it == wanted)).then_some(rest.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_a_file_a_directory_or_a_pattern() {
        let files = ["a.txt".into(), "dir/sub/é.sh".into()];
        let context = ContextFiles::new(&files);
        for source in
            ["a.txt", "/a.txt", "./dir/", "dir/sub", ".", "/", "../a.txt", "*.txt", "dir/*/?.sh", "$A/b", "**/x"]
        {
            assert!(context.has(source), "{source}");
        }
        for source in ["b.txt", "sub", "dir/su", "*.sh", "?.txt.", "a.txt/b", "dir/*/*/*", "a.tx?t"] {
            assert!(!context.has(source), "{source}");
        }
    }

    #[test]
    fn stars_and_question_marks_match() {
        for (pattern, name, is_match) in [
            ("a*c", "abbc", true),
            ("a*", "a", true),
            ("*a*b*", "xxaéb", true),
            ("*é?", "aéé", true),
            ("a*a", "a", false),
            ("*ab", "aabb", false),
            ("???", "éa", false),
            ("", "", true),
        ] {
            assert_eq!(matches_name(pattern, name), is_match, "{pattern} {name}");
        }
    }
}
