//! The Python project's own description: the one source of its names.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use process::{IntoMap as _, IntoSet as _};
use report::{Code, Findings, Source, Span, nearest, parses};

use super::values::{DEFAULT_BASE_IMAGE, ImageReference};

/// What this tool reads in `python-project/pyproject.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pyproject {
    /// The distribution's name, as written.
    pub name: String,
    /// The importable package.
    pub package: String,
    /// The files that the build backend reads for the metadata, such as the readme and licences, and `build-files` of `[tool.xtask]`:
    /// patterns (PEP 639), relative to the Python project.
    pub metadata_files: BTreeSet<String>,
    /// The readme among these, of which nothing but its name matters to an installation.
    pub readme: Option<String>,
    /// Whether the version is in the package's code.
    pub has_dynamic_version: bool,
    /// What the distribution needs, and what each of its extras adds.
    pub needs: ProjectNeeds,
    /// `base-image` of `[tool.xtask]`: the image to build from, where the settings name none.
    pub base_image: Option<String>,
    /// `link-scripts` of `[tool.xtask]`: the conda packages whose post-link scripts may run.
    pub link_scripts: Vec<String>,
    /// `[tool.xtask.tasks]`: commands by name, as programs with their arguments.
    pub tasks: BTreeMap<String, Vec<String>>,
    /// A version specifier of PEP 440, not parsed yet, and its place.
    pub requires_python: Option<(String, Span)>,
    /// The place of the package's name, or of the project's where the former follows from it.
    pub package_at: Span,
    pub text: String,
}

/// The requirements of a project, as `[project]` has them: lines of PEP 508, not parsed yet, and their places.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectNeeds {
    pub dependencies: Vec<(String, Span)>,
    /// By the extra's name, as written.
    pub extras: BTreeMap<String, Vec<(String, Span)>>,
    /// Whether only the build back end knows some of them.
    pub are_dynamic: bool,
}

impl Pyproject {
    /// Parses the project's file; `None`, with a finding, where it does not have the project's name.
    ///
    /// Sources: PyPA's pyproject.toml specification for `[project]`, hatchling's documentation of the wheel builder for
    /// `packages`.
    pub fn parse(source: &Source, findings: &mut Findings) -> Option<Self> {
        parses::note(&source.file, &source.text);
        let document = DeTable::parse(&source.text)
            .map_err(|error| {
                let message = error.message().lines().collect::<Vec<_>>().join("; ");
                findings.push(source.at(Code::TomlSyntax, source.span(error.span().unwrap_or_default()), message));
            })
            .ok()?;
        let document = document.get_ref();
        let project = find(document, &["project"]).and_then(|it| it.get_ref().as_table());
        let name = project.and_then(|it| it.get("name"));
        let Some((name, name_text)) = name.and_then(|it| Some((it, text_of(it)?))) else {
            let place = name.or_else(|| find(document, &["project"])).map_or(0..0, Spanned::span);
            let finding = source.at(Code::ProjectName, source.span(place), "`[project]` has no `name` that is text");
            findings.push(finding.help("write `name = \"my-project\"` below `[project]`"));
            return None;
        };
        let packages = find(document, &["tool", "hatch", "build", "targets", "wheel", "packages"]);
        let package = packages
            .map(texts_of)
            .unwrap_or_default()
            .first()
            .and_then(|it| Utf8Path::new(it).file_name().map(str::to_owned));
        let dynamic = find(document, &["project", "dynamic"]).map(texts_of).unwrap_or_default();
        warn_of_what_images_lack(document, source, findings);
        check_own_table(document, source, findings);
        let requires_python = find(document, &["project", "requires-python"])
            .and_then(|it| Some((text_of(it)?.to_owned(), source.span(it.span()))));
        Some(Self {
            name: name_text.to_owned(),
            package_at: source.span(packages.filter(|_| package.is_some()).unwrap_or(name).span()),
            package: package.unwrap_or_else(|| import_name(name_text)),
            metadata_files: metadata_files(document),
            readme: [&["project", "readme"][..], &["project", "readme", "file"]]
                .into_iter()
                .find_map(|it| find(document, it).and_then(text_of))
                .map(str::to_owned),
            has_dynamic_version: dynamic.iter().any(|it| it == "version"),
            needs: needs(document, source, &dynamic),
            base_image: base_image(document, source, findings),
            link_scripts: find(document, &["tool", "xtask", "link-scripts"]).map(texts_of).unwrap_or_default(),
            tasks: tasks(document, source, findings),
            requires_python,
            text: source.text.clone(),
        })
    }
}

/// The keys of `[tool.xtask]`.
const KEYS: [&str; 4] = ["base-image", "build-files", "link-scripts", "tasks"];

fn check_own_table(document: &DeTable, source: &Source, findings: &mut Findings) {
    let table = find(document, &["tool", "xtask"]).and_then(|it| it.get_ref().as_table());
    for (key, _) in table.into_iter().flatten().filter(|(key, _)| !KEYS.contains(&key.get_ref().as_ref())) {
        let name = key.get_ref();
        let finding = source.at(Code::UnknownKey, source.span(key.span()), format!("unknown key `{name}`"));
        findings.push(finding.help(match nearest(name, KEYS) {
            Some(known) => format!("did you mean `{known}`?"),
            None => format!("[tool.xtask] knows {}", KEYS.join(", ")),
        }));
    }
    let Some(files) = find(document, &["tool", "xtask", "build-files"]) else { return };
    let is_below = |it: &String| {
        let path = Utf8Path::new(it);
        !it.is_empty() && path.is_relative() && path.components().all(|it| it.as_str() != "..")
    };
    let paths = texts_of(files);
    let is_list = files.get_ref().as_array().is_some_and(|it| it.len() == paths.len());
    if !is_list || !paths.iter().all(is_below) {
        let message = "`build-files` is no list of paths below the Python project";
        let finding = source.at(Code::WrongType, source.span(files.span()), message);
        findings.push(finding.help("write `build-files = [\"meta/VERSION\"]`"));
    }
}

fn base_image(document: &DeTable, source: &Source, findings: &mut Findings) -> Option<String> {
    let value = find(document, &["tool", "xtask", "base-image"])?;
    match text_of(value).map(ImageReference::parse) {
        Some(Ok(image)) => Some(image.to_string()),
        Some(Err(why)) => {
            findings.push(source.at(Code::WrongType, source.span(value.span()), format!("`base-image` {why}")));
            None
        }
        None => {
            let finding = source.at(Code::WrongType, source.span(value.span()), "`base-image` is no text");
            findings.push(finding.help(format!("write `base-image = \"{DEFAULT_BASE_IMAGE}\"`")));
            None
        }
    }
}

/// A text is a line for `sh`, a list a program with its arguments.
fn tasks(document: &DeTable, source: &Source, findings: &mut Findings) -> BTreeMap<String, Vec<String>> {
    let table = find(document, &["tool", "xtask", "tasks"]).and_then(|it| it.get_ref().as_table());
    let mut tasks = BTreeMap::new();
    for (name, value) in table.into_iter().flatten() {
        let command = match text_of(value) {
            // What is given behind the name of the task goes behind the line.
            Some(line) => vec!["sh".to_owned(), "-c".to_owned(), format!("{line} \"$@\""), name.get_ref().to_string()],
            None => texts_of(value),
        };
        if command.is_empty() {
            let message = format!("the task `{}` is no command", name.get_ref());
            let finding = source.at(Code::WrongType, source.span(value.span()), message);
            findings.push(finding.help("write a line for the shell, or a list of a program and its arguments"));
        } else {
            tasks.insert(name.get_ref().to_string(), command);
        }
    }
    tasks
}

fn needs(document: &DeTable, source: &Source, dynamic: &[String]) -> ProjectNeeds {
    let lines = |value: &Spanned<DeValue>| -> Vec<(String, Span)> {
        let values = value.get_ref().as_array().into_iter().flatten();
        values.filter_map(|it| Some((text_of(it)?.to_owned(), source.span(it.span())))).collect()
    };
    let extras = find(document, &["project", "optional-dependencies"]).and_then(|it| it.get_ref().as_table());
    let extras = extras.into_iter().flatten().map(|(name, value)| (name.get_ref().to_string(), lines(value)));
    ProjectNeeds {
        dependencies: find(document, &["project", "dependencies"]).map(lines).unwrap_or_default(),
        extras: extras.into_map(),
        are_dynamic: dynamic.iter().any(|it| ["dependencies", "optional-dependencies"].contains(&it.as_str())),
    }
}

/// The import name that a distribution of this name has by convention.
fn import_name(distribution: &str) -> String {
    distribution.to_lowercase().replace(['-', '.'], "_")
}

fn metadata_files(document: &DeTable) -> BTreeSet<String> {
    // A plain `license` is an SPDX expression, and no file; a plain `readme` is one.
    let named = [&["project", "readme"][..], &["project", "readme", "file"], &["project", "license", "file"]];
    let named =
        named.into_iter().filter_map(|path| find(document, path)).filter_map(text_of).map(glob::Pattern::escape);
    let patterns = find(document, &["project", "license-files"]).map(texts_of).unwrap_or_default();
    let own = OF_BACKENDS.into_iter().map(str::to_owned);
    let chosen = find(document, &["tool", "xtask", "build-files"]).map(texts_of).unwrap_or_default();
    named.chain(patterns).chain(of_settings(document)).chain(own).chain(chosen).into_set()
}

/// Files that back ends read by themselves, where they are there: setuptools' and hatchling's.
const OF_BACKENDS: [&str; 4] = ["setup.py", "setup.cfg", "MANIFEST.in", "hatch_build.py"];

/// The files that the settings of back ends name.
///
/// Sources: hatch's documentation, "Versioning" and "Build hooks"; setuptools', "Dynamic metadata"; PDM's and Poetry's, of
/// `pyproject.toml`.
fn of_settings(document: &DeTable) -> BTreeSet<String> {
    let paths = [
        &["tool", "hatch", "version", "path"][..],
        &["tool", "hatch", "build", "hooks", "custom", "path"],
        &["tool", "pdm", "version", "path"],
        &["tool", "poetry", "readme"],
    ];
    let mut files: Vec<String> = paths
        .into_iter()
        .filter_map(|it| find(document, it))
        .flat_map(one_or_more)
        .map(|it| glob::Pattern::escape(&it))
        .collect();
    let dynamic = find(document, &["tool", "setuptools", "dynamic"]).and_then(|it| it.get_ref().as_table());
    for value in dynamic.into_iter().flat_map(|it| it.values()).filter_map(|it| it.get_ref().as_table()) {
        files.extend(value.get("file").map(one_or_more).into_iter().flatten().map(|it| glob::Pattern::escape(&it)));
        if let Some((module, _)) = value.get("attr").and_then(text_of).and_then(|it| it.rsplit_once('.')) {
            let module = module.replace('.', "/");
            files.extend(
                ["", "src/"]
                    .into_iter()
                    .flat_map(|it| [format!("{it}{module}.py"), format!("{it}{module}/__init__.py")]),
            );
        }
    }
    files.into_iter().into_set()
}

fn one_or_more(value: &Spanned<DeValue>) -> Vec<String> {
    text_of(value).map_or_else(|| texts_of(value), |it| vec![it.to_owned()])
}

/// An image has the project's metadata; the code is mounted. So nothing in it knows git's tags, or compiles what the project has.
fn warn_of_what_images_lack(document: &DeTable, source: &Source, findings: &mut Findings) {
    let requires = find(document, &["build-system", "requires"]);
    let reads_git = |it: &String| {
        let name = it.to_lowercase().replace('_', "-");
        ["hatch-vcs", "setuptools-scm", "versioningit", "uv-dynamic-versioning"].iter().any(|it| name.starts_with(it))
    };
    if let Some(requires) = requires.filter(|it| texts_of(it).iter().any(reads_git)) {
        let message = "the version comes from git's tags, which the build of an image does not see";
        let help = "write a `version` below `[project]`, or give the back end one to fall back to, such as `fallback-version` of hatch-vcs";
        findings.push(source.at(Code::VersionFromGit, source.span(requires.span()), message).help(help));
    }
    let backend = find(document, &["build-system", "build-backend"]);
    let extensions = find(document, &["tool", "setuptools", "ext-modules"]);
    let compiles = |it: &&Spanned<DeValue>| text_of(it).is_some_and(|it| COMPILING.contains(&it));
    if let Some(place) = backend.filter(compiles).or(extensions) {
        let message = "the project has code to compile, which an image does not have: the code is mounted when it runs";
        let help = "make what is compiled a package of its own, and list it in environment.yml";
        findings.push(source.at(Code::CompiledProject, source.span(place.span()), message).help(help));
    }
}

/// Back ends whose projects have code to compile.
const COMPILING: [&str; 3] = ["scikit_build_core.build", "mesonpy", "maturin"];

/// The value at the end of a path of keys.
pub fn find<'a, 'i>(table: &'a DeTable<'i>, path: &[&str]) -> Option<&'a Spanned<DeValue<'i>>> {
    let (first, rest) = path.split_first()?;
    let value = table.get(*first)?;
    if rest.is_empty() { Some(value) } else { find(value.get_ref().as_table()?, rest) }
}

fn text_of<'a>(value: &'a Spanned<DeValue>) -> Option<&'a str> {
    value.get_ref().as_str()
}

fn texts_of(value: &Spanned<DeValue>) -> Vec<String> {
    let values = value.get_ref().as_array().into_iter().flatten();
    values.filter_map(text_of).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Pyproject, String> {
        let mut findings = Findings::default();
        let pyproject = Pyproject::parse(&Source::new("pyproject.toml", text), &mut findings);
        pyproject.ok_or_else(|| findings.to_string())
    }

    #[test]
    fn the_package_is_the_one_that_the_wheel_has() {
        let text = "[project]\nname = 'My-Lab.Project'\n[tool.hatch.build.targets.wheel]\npackages = ['src/lab']\n";
        assert_eq!(parse(text).unwrap().package, "lab");
        assert_eq!(parse("[project]\nname = 'My-Lab.Project'\n").unwrap().package, "my_lab_project");
    }

    #[test]
    fn a_task_is_a_line_for_the_shell_or_a_list() {
        let text = "[project]\nname = 'a'\n[tool.xtask.tasks]\ntrain = 'python -m a.train | tee log'\nlint = ['ruff', 'check']\n";
        let tasks = parse(text).unwrap().tasks;
        assert_eq!(tasks["train"], ["sh", "-c", "python -m a.train | tee log \"$@\"", "train"]);
        assert_eq!(tasks["lint"], ["ruff", "check"]);
    }

    #[test]
    fn files_that_the_metadata_needs_are_found() {
        let text = "[project]\nname = 'a'\nreadme = {file = 'DOC.md'}\nlicense = 'MIT'\nlicense-files = ['LICENSE']\n";
        let files: Vec<_> = parse(text).unwrap().metadata_files.into_iter().collect();
        assert_eq!(files, ["DOC.md", "LICENSE", "MANIFEST.in", "hatch_build.py", "setup.cfg", "setup.py"]);
    }

    #[test]
    fn files_that_the_settings_of_a_back_end_name_are_found() {
        let text = "[project]\nname = 'a'\n[tool.hatch.version]\npath = 'src/a/_version.py'\n[tool.setuptools.dynamic]\n\
                    version = {attr = 'a.about.VERSION'}\nreadme = {file = ['README.rst', 'NEWS.rst']}\n";
        let files = parse(text).unwrap().metadata_files;
        for file in ["src/a/_version.py", "src/a/about.py", "a/about/__init__.py", "README.rst", "NEWS.rst"] {
            assert!(files.contains(file), "{file} in {files:?}");
        }
    }

    #[test]
    fn a_mistake_is_shown_with_its_place() {
        let error = parse("[project]\nname = 3\n").unwrap_err();
        assert!(error.starts_with("pyproject.toml:2:8: error[E0602]: `[project]` has no `name`"), "{error}");
        for (text, place) in [("[project]\nversion = '1'\n", "1:1"), ("[project\n", "1:9"), ("", "1:1")] {
            let error = parse(text).unwrap_err();
            assert!(error.starts_with(&format!("pyproject.toml:{place}: error[E060")), "{text}: {error}");
        }
    }
}
