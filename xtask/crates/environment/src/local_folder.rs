//! The folder of the repository that a line of the `pip:` list wants installed.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use project::Pyproject;
use report::Span;

use super::{
    included_files::{FileReader, Unreadable, path_in_repository},
    local_project::{NamedFolder, ProjectFile, needs_of},
};

/// A folder with a project in it.
#[derive(Debug)]
pub struct LocalFolder {
    /// In the repository.
    pub folder: Utf8PathBuf,
    pub file: Arc<ProjectFile>,
    pub pyproject: Arc<Pyproject>,
}

/// What is wrong with a line, and what to do.
type Refusal = (String, String);

/// What uv reads in a path as something else: the fragment of an address, a variable, extras.
const READ_OTHERWISE: [char; 4] = ['#', '$', '[', ']'];

const PYPROJECT: &str = "pyproject.toml";

/// The project in a folder that a file of the repository names.
pub fn find(files: &mut FileReader, from: &Utf8Path, named: &NamedFolder) -> Result<LocalFolder, Refusal> {
    let NamedFolder { path, marker, .. } = named;
    if let Some(marker) = marker {
        let message = format!("`{path}` is installed on every platform, and cannot have the marker `{marker}`");
        return Err((message, "leave out what follows `;`".to_owned()));
    }
    let Some(folder) = path_in_repository(from, path) else {
        let message = format!("`{path}` is a folder outside of the repository, which nobody else has");
        let help = "move the project into the repository, or name its own one, as in `NAME @ git+https://…`";
        return Err((message, help.to_owned()));
    };
    if folder.as_str().contains(READ_OTHERWISE) {
        let message = format!("uv cannot install from `{folder}`: it takes `#`, `$` and brackets for something else");
        return Err((message, "give the folder another name".to_owned()));
    }
    let file = match files.project(&folder.join(PYPROJECT)) {
        Ok(file) => file,
        Err(Unreadable::Unusable(what)) => {
            let message = format!("`{folder}/{PYPROJECT}` cannot be read: {what}");
            return Err((message, "put the file itself there, or link to a file of the repository".to_owned()));
        }
        Err(Unreadable::Missing) => {
            return Err((
                format!("`{folder}` is no project: it has no `{PYPROJECT}`"),
                where_it_may_be(files, from, path),
            ));
        }
    };
    match &file.pyproject {
        Some(pyproject) => Ok(LocalFolder { folder, pyproject: Arc::clone(pyproject), file }),
        None => Err((
            format!("`{folder}/{PYPROJECT}` does not say what the project needs"),
            "write a table `[project]` with `name`, `version` and `dependencies` into it".to_owned(),
        )),
    }
}

/// What the project needs, with the extras that are named: each line with its place in its `pyproject.toml`.
pub fn needs(found: &LocalFolder, named: &NamedFolder) -> Result<Vec<(String, Span)>, Refusal> {
    let LocalFolder { folder, pyproject, .. } = found;
    if pyproject.needs.are_dynamic {
        let message = format!("only the build back end of `{folder}` knows what the project needs");
        let help = format!("write `dependencies` into `{folder}/{PYPROJECT}`, and take it out of `dynamic`");
        return Err((message, help));
    }
    let lines = needs_of(pyproject, &named.extras).map_err(|extra| {
        let known: Vec<&str> = pyproject.needs.extras.keys().map(String::as_str).collect();
        let help = match known[..] {
            [] => "leave out the brackets".to_owned(),
            _ => format!("it has {}", known.join(", ")),
        };
        (format!("`{folder}` has no extra `{extra}`"), help)
    })?;
    Ok(lines.into_iter().cloned().collect())
}

/// Where the folder is, if the path was meant from the repository's own folder.
fn where_it_may_be(files: &mut FileReader, from: &Utf8Path, path: &str) -> String {
    let root = Utf8Path::new("any");
    let meant = path_in_repository(root, path).filter(|it| files.project(&it.join(PYPROJECT)).is_ok());
    match meant {
        Some(folder) => {
            let up = "../".repeat(from.components().count().saturating_sub(1));
            format!("write `{up}{folder}`: paths are relative to the folder of this file")
        }
        None => format!(
            "write the path from the folder of this file to a folder with a `{PYPROJECT}`, or list the package as \
             `NAME @ git+https://…`"
        ),
    }
}
