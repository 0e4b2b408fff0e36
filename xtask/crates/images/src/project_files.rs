//! Of a project, what its build back end needs for an editable installation. The code itself is mounted.

use anyhow::{Context as _, Result};
use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use environment::LocalProject;
use inputs::InputFiles;
use process::files::{self, FileTree, NewFile};
use project::{Layout, Pyproject};
use report::Findings;

/// The files of the repository's own project, by their paths in it. What is not a file of the repository is a finding, and not
/// among them.
pub(crate) fn of_own(layout: &Layout, pyproject: &Pyproject, findings: &mut Findings) -> Result<FileTree> {
    let project = layout.python_project();
    let mut wanted = vec![project.join("pyproject.toml")];
    if pyproject.has_dynamic_version {
        wanted.push(project.join("src").join(&pyproject.package).join("__init__.py"));
    }
    wanted.extend(metadata_files(&project, pyproject)?);
    copied(layout, &project, pyproject, &wanted, findings)
}

/// The same of a project in another folder. Back ends find its packages by the names of folders and files, so that one file stands
/// for each folder that has code, without its text.
pub(crate) fn of_local(layout: &Layout, local: &LocalProject, findings: &mut Findings) -> Result<FileTree> {
    let (folder, pyproject) = (layout.root().join(&local.folder), &local.pyproject);
    let (mut code, mut wanted) = (Vec::new(), vec![folder.join("pyproject.toml")]);
    find_code(&folder, &mut code)?;
    if pyproject.has_dynamic_version {
        wanted.extend(code.iter().filter(|it| is_of_package(it, &pyproject.package)).cloned());
    }
    wanted.extend(metadata_files(&folder, pyproject)?);
    let names = code.iter().filter_map(|it| it.strip_prefix(&folder).ok());
    let mut tree: FileTree = names.map(|it| (it.to_owned(), NewFile::text(""))).collect();
    tree.extend(copied(layout, &folder, pyproject, &wanted, findings)?);
    Ok(tree)
}

/// The files that the metadata is made of, where they are there.
fn metadata_files(folder: &Utf8Path, pyproject: &Pyproject) -> Result<Vec<Utf8PathBuf>> {
    let mut files = Vec::new();
    for pattern in &pyproject.metadata_files {
        files.extend(matching(folder, pattern)?);
    }
    Ok(files)
}

fn copied(
    layout: &Layout,
    folder: &Utf8Path,
    pyproject: &Pyproject,
    wanted: &[Utf8PathBuf],
    findings: &mut Findings,
) -> Result<FileTree> {
    let mut tree = FileTree::new();
    for path in wanted {
        // What is not inside the project is the backend's to complain about.
        let is_inside = path.components().all(|it| it != Utf8Component::ParentDir);
        if let Some(relative) = path.strip_prefix(folder).ok().filter(|_| is_inside) {
            let contents = InputFiles::required_bytes(layout, path, findings)?;
            // A word more in the readme is no reason to build.
            let is_readme = pyproject.readme.as_deref() == Some(relative.as_str());
            let contents = if is_readme { contents.map(|_| Vec::new()) } else { contents };
            let file = contents.map(|contents| NewFile { contents, mode: files::SHARED });
            tree.extend(file.map(|file| (relative.to_owned(), file)));
        }
    }
    Ok(tree)
}

/// What a glob pattern matches in a directory, without the directories.
fn matching(directory: &Utf8Path, pattern: &str) -> Result<Vec<Utf8PathBuf>> {
    let pattern = format!("{}/{pattern}", glob::Pattern::escape(directory.as_str()));
    let paths = glob::glob(&pattern).with_context(|| format!("`{pattern}` is not a pattern for files"))?;
    paths
        .map(|path| Ok(Utf8PathBuf::try_from(path?)?))
        .filter(|path| path.as_ref().map_or(true, |it| !it.is_dir()))
        .collect()
}

/// The file that makes a folder a package; else, by name, the first with code. Folders that hold something else are left out: what
/// was built, other projects, virtual environments.
fn find_code(folder: &Utf8Path, found: &mut Vec<Utf8PathBuf>) -> Result<()> {
    let failed = || format!("cannot list `{folder}`");
    let (mut folders, mut code) = (Vec::new(), Vec::new());
    for entry in folder.read_dir_utf8().with_context(failed)? {
        let entry = entry.with_context(failed)?;
        let kind = entry.file_type().with_context(failed)?;
        let name = entry.file_name();
        if kind.is_dir() && !name.starts_with('.') && !NOT_CODE.contains(&name) && !name.ends_with(".egg-info") {
            folders.push(entry.into_path());
        } else if !kind.is_dir() && entry.path().extension() == Some("py") {
            code.push(entry.into_path());
        }
    }
    let init = code.iter().position(|it| it.file_name() == Some("__init__.py"));
    process::sort(&mut code);
    found.extend(init.map_or_else(|| code.first().cloned(), |_| Some(folder.join("__init__.py"))));
    for inner in folders {
        if !["pyproject.toml", "pyvenv.cfg"].iter().any(|it| inner.join(it).exists()) {
            find_code(&inner, found)?;
        }
    }
    Ok(())
}

const NOT_CODE: [&str; 4] = ["__pycache__", "build", "dist", "node_modules"];

fn is_of_package(path: &Utf8Path, package: &str) -> bool {
    path.file_name() == Some("__init__.py") && path.parent().and_then(Utf8Path::file_name) == Some(package)
}
