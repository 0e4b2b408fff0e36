//! The generated build context: only what the build needs, in a form that changes only with its meaning.

use process::IntoMap as _;
use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use environment::{
    ContextFile, InstallPlan, Intent, LockDifference, PinnedTool, SolvedRest, Solver, conda::CondaPlace,
};
use inputs::InputFiles;
use process::files::{self, FileTree, NewFile};
use project::{AptStage, Layout, Pyproject};
use report::Findings;

/// The folders that scripts and metadata are copied into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ContextFolder {
    /// Scripts of the build.
    Scripts,
    /// Scripts that run in containers.
    RunScripts,
    /// conda's installer.
    Conda,
    /// What a solver is asked, where a stage solves.
    Question,
    /// What the project's metadata is read from.
    Project,
}

impl ContextFolder {
    pub(crate) const ALL: [Self; 5] = [Self::Scripts, Self::RunScripts, Self::Conda, Self::Question, Self::Project];

    fn name(self) -> &'static str {
        match self {
            Self::Scripts => "scripts",
            Self::RunScripts => "run",
            Self::Conda => "conda",
            Self::Question => "question",
            Self::Project => "project",
        }
    }

    pub(crate) fn join(self, path: &Utf8Path) -> Utf8PathBuf {
        Utf8Path::new(self.name()).join(path)
    }

    /// The path within this folder of a file of the context that is in it.
    pub(crate) fn path_of(self, path: &Utf8Path) -> Option<&Utf8Path> {
        path.strip_prefix(self.name()).ok().filter(|it| !it.as_str().is_empty())
    }
}

/// The context's files that are copied from the repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ContextSources {
    /// By name.
    scripts: FileTree,
    /// By name. They are not among the scripts of the build, so that editing one does not run the others again.
    run_scripts: FileTree,
    /// Files that the project's metadata needs, by their path in `python-project/`.
    project: FileTree,
}

impl ContextSources {
    /// The scripts of the build, where steps find them.
    pub(crate) fn scripts(&self) -> FileTree {
        self.scripts.iter().map(|(path, file)| (ContextFolder::Scripts.join(path), file.clone())).into_map()
    }

    /// What is not a file of the repository is a finding, and not among the sources.
    pub(crate) fn load(layout: &Layout, pyproject: &Pyproject, findings: &mut Findings) -> Result<Self> {
        let mut sources = Self {
            scripts: scripts(layout, &layout.scripts(), findings)?,
            run_scripts: scripts(layout, &layout.run_scripts(), findings)?,
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
                let contents = InputFiles::required_bytes(layout, &path, findings)?;
                let file = contents.map(|contents| NewFile { contents, mode: files::SHARED });
                sources.project.extend(file.map(|file| (relative.to_owned(), file)));
            }
        }
        Ok(sources)
    }
}

/// The scripts of a directory, by name, without those of the directories in it. A link to nothing is no script: Emacs makes
/// one beside each file that is being edited.
fn scripts(layout: &Layout, directory: &Utf8Path, findings: &mut Findings) -> Result<FileTree> {
    let mut tree = FileTree::new();
    for path in files::files_in(directory)? {
        let name = path.file_name().unwrap_or_default().to_owned();
        let script = InputFiles::bytes(layout, &path, findings)?.map(NewFile::script);
        tree.extend(script.map(|script| (name.into(), script)));
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

/// All files of the context.
pub(crate) fn build_context(
    intent: &Intent,
    plan: &InstallPlan,
    pyproject: &Pyproject,
    sources: &ContextSources,
) -> FileTree {
    let mut tree = copied_files(pyproject, sources);
    let apt = AptStage::ALL.map(|stage| apt_file(intent, stage));
    if plan.solver == Solver::Conda {
        tree.extend(conda_engine());
    }
    let lists = environment_files(plan).into_iter().chain(apt);
    tree.extend(lists.map(|(file, text)| (file.name().into(), NewFile::list(text))));
    tree
}

/// The list of a stage's system packages.
pub(crate) fn apt_file(intent: &Intent, stage: AptStage) -> (ContextFile, String) {
    let list = intent.apt.get(&stage).cloned().unwrap_or_default();
    (ContextFile::Apt(stage), list.normalised())
}

/// The files that are not made from the dependency files and the lock.
fn copied_files(pyproject: &Pyproject, sources: &ContextSources) -> FileTree {
    let mut tree = FileTree::new();
    // The code itself is mounted; an editable install only wants to see the package that it will point to.
    let package = Utf8PathBuf::from("src").join(&pyproject.package).join("__init__.py");
    tree.insert(ContextFolder::Project.join(&package), NewFile::text(""));
    // The mount hides it; where nothing is mounted, the entrypoint sees it and says so.
    tree.insert(ContextFolder::Project.join(".not-mounted".into()), NewFile::text(""));
    for (folder, files) in [
        (ContextFolder::Project, &sources.project),
        (ContextFolder::Scripts, &sources.scripts),
        (ContextFolder::RunScripts, &sources.run_scripts),
    ] {
        tree.extend(files.iter().map(|(path, file)| (folder.join(path), file.clone())));
    }
    tree
}

/// The program that installs conda's packages.
pub(crate) fn conda_engine() -> FileTree {
    solving::engine_files().into_iter().map(|(name, file)| (ContextFolder::Conda.join(&name), file)).into_map()
}

/// The lists that the environment is made from: what is locked, with what is installed over it, or what uv solves. A list that
/// is not needed, or not known before it is solved, is empty.
fn environment_files(plan: &InstallPlan) -> BTreeMap<ContextFile, String> {
    let mut files = BTreeMap::from([
        (ContextFile::Python, format!("{}\n", plan.python)),
        (ContextFile::Requirements, plan.requirements.clone()),
        (ContextFile::Pylock, String::new()),
        (ContextFile::CondaDifference, String::new()),
        (ContextFile::PylockDifference, String::new()),
        (ContextFile::Removed, String::new()),
        (ContextFile::Uv, PinnedTool::Uv.requirements().to_owned()),
    ]);
    if plan.solver == Solver::Conda {
        files.insert(ContextFile::Rattler, PinnedTool::Rattler.requirements().to_owned());
    }
    if let Some(locked) = &plan.locked {
        files.extend([
            (ContextFile::Python, format!("{}\n", locked.python)),
            (ContextFile::Requirements, String::new()),
            (ContextFile::Pylock, locked.pylock.clone()),
        ]);
        files.extend(locked.conda.as_ref().map(|it| (ContextFile::Conda, it.json(IN_IMAGE))));
        if let Some(LockDifference::Solved(rest)) = &locked.difference {
            files.extend(difference_files(rest));
        }
    }
    files
}

fn difference_files(rest: &SolvedRest) -> [(ContextFile, String); 3] {
    let SolvedRest { conda, changed, removed, .. } = rest;
    [
        (ContextFile::CondaDifference, conda.as_ref().map(|it| it.json(IN_IMAGE)).unwrap_or_default()),
        (ContextFile::PylockDifference, changed.clone().unwrap_or_default()),
        (ContextFile::Removed, removed.iter().map(|it| format!("{it}\n")).collect()),
    ]
}

/// The environment of an image is copied from the cache mount, which is another file system.
const IN_IMAGE: CondaPlace =
    CondaPlace { prefix: "/opt/env", cache: "/var/cache/conda", is_copied: true, is_offline: false };

/// The names of the context's files, whoever the solver is: one Dockerfile serves both.
pub(crate) fn context_files(pyproject: &Pyproject, sources: &ContextSources) -> Vec<Utf8PathBuf> {
    let lists = ContextFile::ALL.into_iter().map(|it| it.name().into());
    lists
        .chain(copied_files(pyproject, sources).into_keys())
        .chain(conda_engine().into_keys())
        .chain([ContextFolder::Question.join("conda.json".into())])
        .collect()
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
        assert_eq!(differing, [ContextFile::Requirements.name()]);
    }

    #[test]
    fn the_package_has_a_place_to_be_installed_from() {
        assert!(context("dependencies: [python]\n").contains_key(camino::Utf8Path::new("project/src/a_b/__init__.py")));
    }
}
