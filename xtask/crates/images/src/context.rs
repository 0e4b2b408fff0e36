//! The generated build context: only what the build needs, in a form that changes only with its meaning.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use environment::{InstallPlan, Intent, Solver};
use process::files::{self, FileTree, NewFile};
use project::{AptStage, Layout, Pyproject};

/// The context's files that are copied from the repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContextSources {
    /// Scripts of the build, by name.
    scripts: FileTree,
    /// Scripts that run in containers, by name. They are not among the others, so that editing one does not run the
    /// build's again.
    run_scripts: FileTree,
    /// Files that the project's metadata needs, by their path in `python-project/`.
    project: FileTree,
}

impl ContextSources {
    /// Reads what is copied.
    pub fn load(layout: &Layout, pyproject: &Pyproject) -> Result<Self> {
        let mut sources = Self {
            scripts: scripts(&layout.scripts())?,
            run_scripts: scripts(&layout.run_scripts())?,
            project: FileTree::new(),
        };
        let project = layout.python_project();
        let mut wanted = vec![project.join("pyproject.toml")];
        if pyproject.has_dynamic_version {
            wanted.push(project.join("src").join(&pyproject.package).join("__init__.py"));
        }
        for pattern in &pyproject.metadata_files {
            wanted.extend(matching(&project, pattern)?);
        }
        for path in wanted {
            // What is not inside the project is the backend's to complain about.
            let is_inside = path.components().all(|it| it != Utf8Component::ParentDir);
            if let Some(relative) = path.strip_prefix(&project).ok().filter(|_| is_inside) {
                sources
                    .project
                    .insert(relative.to_owned(), NewFile { contents: files::read(&path)?, mode: files::SHARED });
            }
        }
        Ok(sources)
    }
}

/// The scripts of a directory, without those of directories in it.
fn scripts(directory: &Utf8Path) -> Result<FileTree> {
    let mut tree = FileTree::new();
    for path in files::files_in(directory)? {
        let name = path.file_name().unwrap_or_default().to_owned();
        tree.insert(name.into(), NewFile::script(files::read_text(&path)?));
    }
    Ok(tree)
}

/// The files of a directory that a pattern means.
fn matching(directory: &Utf8Path, pattern: &str) -> Result<Vec<Utf8PathBuf>> {
    let pattern = format!("{}/{pattern}", glob::Pattern::escape(directory.as_str()));
    let paths = glob::glob(&pattern).with_context(|| format!("`{pattern}` is no pattern for files"))?;
    paths
        .map(|path| Ok(Utf8PathBuf::try_from(path?)?))
        .filter(|path| path.as_ref().map_or(true, |it| it.is_file()))
        .collect()
}

/// The context's files.
pub fn build_context(intent: &Intent, plan: &InstallPlan, pyproject: &Pyproject, sources: &ContextSources) -> FileTree {
    let mut tree = FileTree::new();
    for stage in AptStage::ALL {
        let list = intent.apt.get(&stage).cloned().unwrap_or_default();
        tree.insert(stage.file_name().into(), NewFile::text(list.normalised()));
    }
    tree.extend(environment_files(plan).into_iter().map(|(name, text)| (name.into(), NewFile::text(text))));
    // The code itself is mounted; an editable install only wants to see the package that it will point to.
    let package = Utf8PathBuf::from("project/src").join(&pyproject.package).join("__init__.py");
    tree.insert(package, NewFile::text(""));
    // The mount hides it; the entrypoint tells of the missing mount where it does not.
    tree.insert("project/.not-mounted".into(), NewFile::text(""));
    for (directory, files) in
        [("project", &sources.project), ("scripts", &sources.scripts), ("run", &sources.run_scripts)]
    {
        tree.extend(files.iter().map(|(path, file)| (Utf8Path::new(directory).join(path), file.clone())));
    }
    tree
}

/// The lists that the environment is made from: those that are solved, or what is locked with what is solved over it. A list
/// that has no part in it is empty, so that nothing in it can make a step run again.
fn environment_files(plan: &InstallPlan) -> BTreeMap<&'static str, String> {
    let mut files = BTreeMap::from([
        ("python.txt", format!("{}\n", plan.python)),
        ("requirements.txt", plan.requirements.clone()),
        ("pylock.toml", String::new()),
        ("difference.txt", String::new()),
        ("preferences.txt", String::new()),
    ]);
    if let Some(conda) = &plan.conda_file {
        files.extend([("conda.yml", conda.clone()), ("conda.lock", String::new())]);
    }
    if let Some(locked) = &plan.locked {
        files.extend([
            ("python.txt", format!("{}\n", locked.python)),
            ("requirements.txt", String::new()),
            ("pylock.toml", locked.pylock.clone()),
        ]);
        if let Some(conda) = &locked.conda {
            files.extend([("conda.yml", String::new()), ("conda.lock", conda.clone())]);
        }
        if let Some(difference) = &locked.difference {
            files.extend([
                ("difference.txt", difference.requirements.clone()),
                ("preferences.txt", difference.preferences.clone()),
            ]);
        }
    }
    files
}

/// The names of the context's files, whoever the solver is: one Dockerfile serves both.
pub fn context_files(pyproject: &Pyproject, sources: &ContextSources) -> Vec<Utf8PathBuf> {
    let plan = InstallPlan {
        solver: Solver::Conda,
        reason: String::new(),
        python: String::new(),
        conda_file: Some(String::new()),
        requirements: String::new(),
        locked: None,
    };
    build_context(&Intent::default(), &plan, pyproject, sources).into_keys().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use environment::EnvironmentFile;
    use project::SolverChoice;
    use report::{Findings, Source};

    fn context(environment: &str) -> FileTree {
        let mut findings = Findings::default();
        let pyproject = Source::new("pyproject.toml", "[project]\nname = 'a-b'\n");
        let pyproject = Pyproject::parse(&pyproject, &mut findings).unwrap();
        let environment = EnvironmentFile::parse(Source::new("environment.yml", environment));
        let plan = InstallPlan::new(&environment, SolverChoice::Auto, &mut findings).unwrap();
        let intent = Intent { environment: environment.environment().clone(), apt: [].into() };
        build_context(&intent, &plan, &pyproject, &ContextSources::default())
    }

    #[test]
    fn a_comment_changes_no_file() {
        let one = context("dependencies: [python>=3.11, pip: [tqdm, numpy]]\n");
        let two = context("# hello\ndependencies:\n  - python>=3.11\n  - pip:\n    - numpy # there\n    - tqdm\n");
        assert_eq!(one, two);
    }

    #[test]
    fn a_pip_package_does_not_change_what_conda_reads() {
        let one = context("dependencies: [python, mkl, pip: [tqdm]]\n");
        let two = context("dependencies: [python, mkl, pip: [tqdm, numpy]]\n");
        let differing: Vec<_> = one.iter().filter(|(path, file)| two.get(*path) != Some(file)).map(|it| it.0).collect();
        assert_eq!(differing, ["requirements.txt"]);
    }

    #[test]
    fn the_package_has_a_place_to_be_installed_from() {
        assert!(context("dependencies: [python]\n").contains_key(camino::Utf8Path::new("project/src/a_b/__init__.py")));
    }
}
