//! The size of each package.

use std::collections::HashMap;
use std::fmt;

use process::sort_by;
use serde_json::Value;

use super::{Bytes, Contents, archive::ArchiveEntryKind};

/// Who installed a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PackageManager {
    /// With conda's packages.
    Conda,
    /// pip and uv.
    Python,
    Apt,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstalledPackage {
    pub installer: PackageManager,
    /// With its version where that is known.
    pub name: String,
    /// Of its files that a container sees.
    pub size: Bytes,
}

impl fmt::Display for InstalledPackage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let installer = match self.installer {
            PackageManager::Conda => "conda",
            PackageManager::Python => "Python",
            PackageManager::Apt => "apt",
        };
        write!(f, "{} ({installer})", self.name)
    }
}

/// Every package, the largest first. A file that several claim counts for conda's before Python's before apt's: what conda
/// installs of Python has a record of both kinds.
pub fn packages(contents: &Contents) -> Vec<InstalledPackage> {
    let mut claims: Vec<(InstalledPackage, Vec<String>)> =
        contents.records.iter().filter_map(|(path, text)| claim(contents, path, text)).collect();
    sort_by(&mut claims, |(one, _), (other, _)| one.installer.cmp(&other.installer));
    let mut owners: HashMap<String, usize> = HashMap::new();
    for (index, (_, paths)) in claims.iter().enumerate() {
        for path in paths {
            if !owners.contains_key(path.as_str()) {
                owners.insert(path.clone(), index);
            }
        }
    }
    let mut sizes = vec![Bytes(0); claims.len()];
    for (path, node) in contents.nodes.iter().filter(|(_, it)| it.kind != ArchiveEntryKind::Directory) {
        // No record has bytecode that was compiled later.
        let owner = owners.get(path).or_else(|| owners.get(&source_of_bytecode(path)?));
        if let Some(owner) = owner {
            sizes[*owner] += node.size;
        }
    }
    let measured = claims.into_iter().zip(sizes).map(|((package, _), size)| InstalledPackage { size, ..package });
    let mut packages: Vec<InstalledPackage> = measured.filter(|it| it.size > Bytes(0)).collect();
    sort_by(&mut packages, |one, other| other.size.cmp(&one.size).then_with(|| one.name.cmp(&other.name)));
    packages
}

/// A package and the paths that its record names.
fn claim(contents: &Contents, path: &str, text: &str) -> Option<(InstalledPackage, Vec<String>)> {
    let package = |installer, name: String| InstalledPackage { installer, name, size: Bytes(0) };
    if let Some(name) = path.strip_prefix("var/lib/dpkg/info/") {
        let name = name.strip_suffix(".list")?.split(':').next()?;
        let paths = text.lines().map(|it| merged(contents, it.trim_start_matches('/'))).collect();
        return Some((package(PackageManager::Apt, name.to_owned()), paths));
    }
    let (directory, file) = path.rsplit_once('/')?;
    if file == "RECORD" {
        let (site, information) = directory.rsplit_once('/').unwrap_or(("", directory));
        let (name, version) = information.strip_suffix(".dist-info")?.rsplit_once('-')?;
        let paths = text.lines().map(|it| join(site, first_field(it))).collect();
        return Some((package(PackageManager::Python, format!("{name} {version}")), paths));
    }
    let prefix = directory.strip_suffix("conda-meta")?.trim_end_matches('/');
    let json: Value = serde_json::from_str(text).ok()?;
    let name = format!("{} {}", json["name"].as_str()?, json["version"].as_str().unwrap_or_default());
    let files = json["files"].as_array()?.iter().filter_map(Value::as_str);
    Some((package(PackageManager::Conda, name), files.map(|it| join(prefix, it)).collect()))
}

/// dpkg's records name `/lib/…` where `/lib` has become a link to `usr/lib`.
///
/// <https://wiki.debian.org/UsrMerge>
fn merged(contents: &Contents, path: &str) -> String {
    let top = path.split('/').next().unwrap_or_default();
    let is_link = contents
        .nodes
        .get(top)
        .is_some_and(|it| it.kind == ArchiveEntryKind::SymbolicLink && it.link.starts_with("usr/"));
    if is_link { format!("usr/{path}") } else { path.to_owned() }
}

/// The first field of a line of comma-separated values, which may be quoted.
///
/// <https://packaging.python.org/en/latest/specifications/recording-installed-packages/#the-record-file>
fn first_field(line: &str) -> &str {
    match line.strip_prefix('"') {
        Some(rest) => rest.split('"').next().unwrap_or_default(),
        None => line.split(',').next().unwrap_or_default(),
    }
}

/// A path seen from a directory, both without a leading `/`.
pub fn join(directory: &str, path: &str) -> String {
    let mut parts: Vec<&str> = if path.starts_with('/') { Vec::new() } else { directory.split('/').collect() };
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    parts.retain(|it| !it.is_empty());
    parts.join("/")
}

/// The source of a file in `__pycache__`; `None` for any other file.
///
/// PEP 3147 and PEP 488: `NAME.TAG.pyc` and `NAME.TAG.opt-N.pyc`.
pub fn source_of_bytecode(path: &str) -> Option<String> {
    let (directory, file) = path.rsplit_once('/')?;
    let parent = directory.strip_suffix("__pycache__").filter(|it| it.is_empty() || it.ends_with('/'))?;
    let stem = file.strip_suffix(".pyc")?;
    let stem = stem.rsplit_once(".opt-").map_or(stem, |(stem, _)| stem);
    let (name, _) = stem.rsplit_once('.')?;
    Some(format!("{parent}{name}.py"))
}
