//! The generated build context: only what the build needs, in a form that changes only with its meaning.

use process::IntoMap as _;
use std::collections::BTreeMap;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use docker::StageChoice;
use environment::{
    ContextFile, InstallPlan, Intent, LocalProject, PinnedTool, Solver,
    conda::CondaPlace,
    lock::{LayerList, LayerLists, LayerPlan, Lock},
};
use inputs::InputFiles;
use process::files::{self, FileTree, NewFile};
use project::{AptStage, Layout, Pyproject};
use report::Findings;

use crate::project_files;

/// The folders that scripts and metadata are copied into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ContextFolder {
    /// Scripts of the build.
    Scripts,
    /// Scripts that run in containers.
    RunScripts,
    /// conda's installer.
    Conda,
    /// The packages of the environment: a folder of lists for each layer.
    Layers,
    /// What a solver is asked, where a stage solves.
    Question,
    /// What the project's metadata is read from.
    Project,
}

impl ContextFolder {
    pub(crate) const ALL: [Self; 6] =
        [Self::Scripts, Self::RunScripts, Self::Conda, Self::Layers, Self::Question, Self::Project];

    fn name(self) -> &'static str {
        match self {
            Self::Scripts => "scripts",
            Self::RunScripts => "run",
            Self::Conda => "conda",
            Self::Layers => "layers",
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
    /// Files that the metadata of the project and of local projects needs, by their path in the repository.
    project: FileTree,
}

impl ContextSources {
    /// The scripts of the build, where steps find them.
    pub(crate) fn scripts(&self) -> FileTree {
        self.scripts.iter().map(|(path, file)| (ContextFolder::Scripts.join(path), file.clone())).into_map()
    }

    /// What is not a file of the repository is a finding, and not among the sources.
    pub(crate) fn load(
        layout: &Layout,
        pyproject: &Pyproject,
        projects: &[LocalProject],
        findings: &mut Findings,
    ) -> Result<Self> {
        let mut project = FileTree::new();
        let mut add = |folder: &Utf8Path, files: FileTree| {
            project.extend(files.into_iter().map(|(path, file)| (folder.join(path), file)));
        };
        add(&layout.relative(&layout.python_project()), project_files::of_own(layout, pyproject, findings)?);
        for local in projects {
            add(&local.folder, project_files::of_local(layout, local, findings)?);
        }
        Ok(Self {
            scripts: scripts(layout, &layout.scripts(), findings)?,
            run_scripts: scripts(layout, &layout.run_scripts(), findings)?,
            project,
        })
    }
}

/// The scripts of a directory, by name, without those of the directories in it. A link to nothing is no script: Emacs makes
/// one beside each file that is being edited.
fn scripts(layout: &Layout, directory: &Utf8Path, findings: &mut Findings) -> Result<FileTree> {
    let mut tree = FileTree::new();
    for path in files::files_in(directory)? {
        let name = path.file_name().unwrap_or_default().to_owned();
        let script = InputFiles::bytes(layout, &path, findings)?.map(|it| NewFile::script(with_line_feeds(&it)));
        tree.extend(script.map(|script| (name.into(), script)));
    }
    Ok(tree)
}

/// With the line endings that Linux knows: where git or an editor has written others, no shell would be found.
fn with_line_feeds(text: &[u8]) -> Vec<u8> {
    let is_kept = |at: usize| text[at] != b'\r' || text.get(at + 1) != Some(&b'\n');
    (0..text.len()).filter(|at| is_kept(*at)).map(|at| text[at]).collect()
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
    tree.extend(layer_files(plan));
    tree
}

/// The list of a stage's system packages.
pub(crate) fn apt_file(intent: &Intent, stage: AptStage) -> (ContextFile, String) {
    let list = intent.apt.get(&stage).cloned().unwrap_or_default();
    (ContextFile::Apt(stage), list.normalised())
}

/// The folder of the project, in the repository and where images have it.
const PYTHON_PROJECT: &str = "python-project";

/// The files that are not made from the dependency files and the lock.
fn copied_files(pyproject: &Pyproject, sources: &ContextSources) -> FileTree {
    let mut tree = FileTree::new();
    // The code itself is mounted; an editable install only wants to see the package that it will point to.
    let package = Utf8Path::new(PYTHON_PROJECT).join("src").join(&pyproject.package).join("__init__.py");
    tree.insert(ContextFolder::Project.join(&package), NewFile::text(""));
    // The mount hides it; where nothing is mounted, the entrypoint sees it and says so.
    let not_mounted = Utf8Path::new(PYTHON_PROJECT).join(".not-mounted");
    tree.insert(ContextFolder::Project.join(&not_mounted), NewFile::text(""));
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

/// The lists of the environment as a whole.
fn environment_files(plan: &InstallPlan) -> BTreeMap<ContextFile, String> {
    let locked = plan.locked.as_ref();
    let python = locked.map_or(&plan.python, |it| &it.python);
    let mut files = BTreeMap::from([
        (ContextFile::Python, format!("{python}\n")),
        (ContextFile::Uv, PinnedTool::Uv.requirements().to_owned()),
        (ContextFile::LocalProjects, plan.projects.iter().map(|it| format!("{}\n", it.folder)).collect()),
    ]);
    if plan.solver == Solver::Conda {
        files.insert(ContextFile::Rattler, PinnedTool::Rattler.requirements().to_owned());
    }
    let conda = locked.and_then(|it| it.conda.as_ref());
    files.extend(conda.map(|it| (ContextFile::Conda, it.json(IN_IMAGE))));
    files
}

/// The folders of a layer's lists, and the names of these. A list that adds nothing is empty.
const BASE: &str = "base";
const BUILT: &str = "built";
const CONDA_LIST: &str = ContextFile::Conda.name();
const REQUIREMENTS: &str = "requirements.txt";
const CONSTRAINTS: &str = "constraints.txt";

/// The lists of each layer.
fn layer_files(plan: &InstallPlan) -> FileTree {
    let mut lists: Vec<(String, &str, String)> = Vec::new();
    let mut built = String::new();
    if let Some(LayerLists { base, layers, built: from_source }) = plan.locked.as_ref().map(|it| &it.layers) {
        let base = base.iter().map(|it| LayerList { conda: Some(it.clone()), pylock: None });
        let base = base.map(|it| (BASE.to_owned(), it));
        let layers = layers.iter().enumerate().map(|(below, it)| ((below + 1).to_string(), it.clone()));
        for (folder, LayerList { conda, pylock }) in base.chain(layers) {
            lists.push((folder.clone(), CONDA_LIST, conda.map(|it| it.json(IN_IMAGE)).unwrap_or_default()));
            lists.push((folder, Lock::PYLOCK, pylock.unwrap_or_default()));
        }
        built = from_source.clone().unwrap_or_default();
    }
    let choice = stage_choice(plan);
    if choice.has_sources {
        let unsolved = if has_unsolved(plan) { plan.requirements.clone() } else { String::new() };
        lists.push((BUILT.to_owned(), Lock::PYLOCK, built));
        if !unsolved.is_empty() && !plan.constraints.is_empty() {
            lists.push((BUILT.to_owned(), CONSTRAINTS, plan.constraints.clone()));
        }
        lists.push((BUILT.to_owned(), REQUIREMENTS, unsolved));
    }
    let file = |(folder, name, text): (String, &str, String)| (layer_file(&folder, name), NewFile::list(text));
    lists.into_iter().map(file).into_map()
}

fn layer_file(folder: &str, name: &str) -> Utf8PathBuf {
    ContextFolder::Layers.join(&Utf8Path::new(folder).join(name))
}

/// Whether there are packages of pip's that uv solves where it installs them: in a build for several platforms at once, or for
/// one that nobody can solve for elsewhere.
fn has_unsolved(plan: &InstallPlan) -> bool {
    plan.locked.as_ref().is_none_or(|it| !it.is_exact) && !plan.requirements.is_empty()
}

/// The stages of the Dockerfile that make the environment of a plan.
pub(crate) fn stage_choice(plan: &InstallPlan) -> StageChoice {
    let layers = plan.locked.as_ref().map(|it| &it.layers);
    StageChoice {
        solver: plan.solver,
        layers: layers.map_or(0, |it| it.layers.len()),
        has_sources: has_unsolved(plan) || layers.is_some_and(|it| it.built.is_some()),
    }
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
        .chain(all_layer_files())
        .collect()
}

fn all_layer_files() -> impl Iterator<Item = Utf8PathBuf> {
    let numbers = (1..=LayerPlan::MAX_LAYERS).map(|it| it.to_string());
    let folders = numbers.chain([BASE, BUILT].map(str::to_owned));
    folders.flat_map(|it| [CONDA_LIST, Lock::PYLOCK, REQUIREMENTS].map(|name| layer_file(&it, name)))
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
        assert_eq!(differing, ["layers/built/requirements.txt"]);
    }

    #[test]
    fn the_dockerfile_has_a_stage_for_each_layer_that_there_can_be() {
        let dockerfile = include_str!("../../../../installation/docker-amd64/Dockerfile");
        let has = |number: usize| {
            let made = dockerfile.contains(&format!("FROM installer AS layer-{number}\n"));
            made && dockerfile.contains(&format!("AS layers-{number}\nCOPY --from=layer-{number} /layer /\n"))
        };
        assert!((1..=LayerPlan::MAX_LAYERS).all(has) && !has(LayerPlan::MAX_LAYERS + 1));
    }

    #[test]
    fn the_package_has_a_place_to_be_installed_from() {
        assert!(
            context("dependencies: [python]\n")
                .contains_key(camino::Utf8Path::new("project/python-project/src/a_b/__init__.py"))
        );
    }
}
