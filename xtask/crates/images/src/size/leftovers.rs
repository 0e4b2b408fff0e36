//! What an image stores for nothing.

use process::sort_by;

use super::{Bytes, Contents, contents::HiddenFile, packages::source_of_bytecode};

/// Less is not worth a warning.
const NOTEWORTHY: Bytes = Bytes(1_000_000);

/// How many hidden paths are shown of a layer.
const NAMED: usize = 5;

/// Bytes that could be saved, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// Size and place, for people.
    pub what: String,
    /// How to avoid it.
    pub help: &'static str,
}

/// Caches: a name, parts of paths that are in it, and how a step avoids it.
const CACHES: [(&str, &[&str], &str); 5] = [
    (
        "apt's package lists",
        &["/var/lib/apt/lists/"],
        "`rm -r /var/lib/apt/lists/*` in the step that calls apt, or mount a cache there",
    ),
    ("apt's packages", &["/var/cache/apt/"], "`apt-get clean` in the step that calls apt, or mount a cache there"),
    ("pip's cache", &["/.cache/pip/", "/var/cache/pip/"], "`pip install --no-cache-dir`, or mount a cache there"),
    ("uv's cache", &["/.cache/uv/", "/var/cache/uv/"], "`uv --no-cache`, or mount a cache there"),
    (
        "conda's packages",
        &["conda/pkgs/", "conda3/pkgs/", "mamba/pkgs/", "miniforge3/pkgs/", "/var/cache/conda/"],
        "`conda clean --all` in the step that installs, or mount a cache there",
    ),
];

/// Everything of a noteworthy size. `steps` are the instructions of the layers.
pub fn leftovers(contents: &Contents, steps: &[&str]) -> Vec<Leftover> {
    let mut found = hidden(contents, steps);
    found.extend(caches(contents));
    found.extend(bytecode(contents));
    found
}

/// The files that each layer removes or replaces.
fn hidden(contents: &Contents, steps: &[&str]) -> Vec<Leftover> {
    let mut hidden: Vec<&HiddenFile> = contents.hidden.iter().filter(|it| !is_bookkeeping(&it.path)).collect();
    sort_by(&mut hidden, |one, other| {
        let group = (one.by, one.is_replaced).cmp(&(other.by, other.is_replaced));
        group.then(other.size.cmp(&one.size)).then_with(|| one.path.cmp(&other.path))
    });
    let leftover = |files: &[&HiddenFile]| {
        let HiddenFile { by, is_replaced, .. } = *files.first()?;
        let size: Bytes = files.iter().map(|it| it.size).sum();
        if size < NOTEWORTHY {
            return None;
        }
        let named: Vec<String> = files.iter().take(NAMED).map(|it| format!("/{} ({})", it.path, it.size)).collect();
        let more = files.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let step = steps.get(*by).copied().filter(|it| !it.is_empty()).unwrap_or("unknown instruction");
        let (verb, help) = if *is_replaced {
            (
                "stored again in",
                "give a file its contents, owner and mode in the step that makes it: `COPY --chown=… --chmod=…`, or `chmod` \
                 in the same `RUN`",
            )
        } else {
            ("stored below and removed by", "remove it in the step that makes it: a later one only hides it")
        };
        let what = format!("{size} {verb} layer {} ({step}): {}{more}", by + 1, named.join(", "));
        Some(Leftover { what, help })
    };
    let groups = hidden.chunk_by(|one, other| (one.by, one.is_replaced) == (other.by, other.is_replaced));
    groups.filter_map(leftover).collect()
}

/// The bookkeeping of apt and dpkg, which every step that installs writes again.
fn is_bookkeeping(path: &str) -> bool {
    ["var/lib/dpkg/", "var/lib/apt/", "var/cache/debconf/", "var/log/", "etc/ld.so.cache"]
        .iter()
        .any(|it| path.starts_with(it))
}

fn caches(contents: &Contents) -> Vec<Leftover> {
    let leftover = |(what, places, help): &(&str, &[&str], &'static str)| {
        let is_inside = |path: &str| places.iter().any(|it| format!("/{path}").contains(it));
        let size: Bytes = contents.nodes.iter().filter(|(path, _)| is_inside(path)).map(|(_, node)| node.size).sum();
        (size >= NOTEWORTHY).then(|| Leftover { what: format!("{size} of {what} left in the image"), help })
    };
    CACHES.iter().filter_map(leftover).collect()
}

fn bytecode(contents: &Contents) -> Option<Leftover> {
    let has_no_source = |path: &str| source_of_bytecode(path).is_some_and(|it| !contents.nodes.contains_key(&it));
    let size: Bytes = contents.nodes.iter().filter(|(path, _)| has_no_source(path)).map(|(_, node)| node.size).sum();
    (size >= NOTEWORTHY).then(|| Leftover {
        what: format!("{size} of bytecode in `__pycache__` whose source was removed"),
        help: "remove `__pycache__` with the package that it belongs to",
    })
}
