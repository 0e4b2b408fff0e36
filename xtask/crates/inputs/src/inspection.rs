//! All inputs parsed, and checked against each other.

use std::collections::HashMap;

use anyhow::Result;

use camino::Utf8Path;
use environment::{self, AptList, EnvironmentFile, IncludedFile, InstallPlan, Intent};
use process::files;
use project::{
    self, AptStage, BaseImages, Context, EngineChoice, EnvFileAccess, Machine, PlaceUse, Pyproject, Settings,
    SettingsContext,
};
use report::{Code, Findings, Source, Span};
use specs::python::SpecifierSet;

use super::{DaemonChoice, files::InputFiles, settings_file::SettingsFile};

/// Where a system lists its accounts. A system without the file counts as one without people.
const ACCOUNTS: &str = "/etc/passwd";

/// What the inputs say, as far as they can be read, and all findings about them.
#[derive(Debug)]
pub struct Inspection {
    /// In no order.
    pub findings: Findings,
    pub settings_file: SettingsFile,
    pub pyproject: Option<Pyproject>,
    pub base_images: BaseImages,
    /// `None` where one of the settings has an error.
    pub settings: Option<Settings>,
    /// `None` where `environment.yml` does not exist or is not text.
    pub environment: Option<EnvironmentFile>,
    pub intent: Intent,
    /// `None` where `SOLVER` contradicts `environment.yml`, or one of them cannot be read.
    pub plan: Option<InstallPlan>,
}

impl Inspection {
    /// Parses and checks. `machine` is called where the settings file lacks a variable.
    pub(super) fn new(cx: &Context, files: &InputFiles, machine: impl FnOnce() -> Result<Machine>) -> Result<Self> {
        let mut findings = files.findings.clone();
        let pyproject = files.pyproject.as_ref().and_then(|it| Pyproject::parse(it, &mut findings));
        if let (Some(source), Some(pyproject)) = (&files.pyproject, &pyproject) {
            check_package_folder(cx, source, pyproject, &mut findings);
        }
        let settings_file = SettingsFile::new(cx, files, pyproject.as_ref(), machine, &mut findings)?;
        let base_images = files.base_images.as_ref().map(|it| BaseImages::parse(it, &mut findings)).unwrap_or_default();
        let settings = parse_settings(cx, files, &settings_file, pyproject.as_ref(), &mut findings);
        let settings = settings.map(|it| Settings { base_image: base_images.pinned(it.base_image), ..it });

        findings.extend(project::check_place(cx.layout.root(), place_use(settings.as_ref())));
        let requires_python = match (&files.pyproject, &pyproject) {
            (Some(source), Some(pyproject)) => parse_requires_python(source, pyproject, &mut findings),
            _ => None,
        };
        let mut unread = None;
        let mut included = |path: &Utf8Path| match InputFiles::included(&cx.layout, path) {
            Ok(file) => file,
            Err(error) => {
                unread.get_or_insert(error);
                IncludedFile::Missing
            }
        };
        let environment = files.environment.as_ref().map(|source| {
            let environment = EnvironmentFile::parse_including(source.clone(), &mut included);
            findings.extend(environment.findings().iter().cloned());
            environment::check_lists(&environment, &mut findings);
            if let Some(required) = &requires_python {
                environment::check_python(&environment, required, &mut findings);
            }
            environment
        });
        if let Some(error) = unread {
            return Err(error);
        }
        let plan = environment
            .as_ref()
            .zip(settings.as_ref())
            .and_then(|(environment, settings)| InstallPlan::new(environment, settings.solver, &mut findings));
        let apt = parse_apt_lists(files, &mut findings);
        let packages = environment.as_ref().map(|it| it.environment().clone()).unwrap_or_default();
        let intent = Intent { environment: packages, apt };
        Ok(Self { findings, settings_file, pyproject, base_images, settings, environment, intent, plan })
    }
}

fn parse_settings(
    cx: &Context,
    files: &InputFiles,
    settings_file: &SettingsFile,
    pyproject: Option<&Pyproject>,
    findings: &mut Findings,
) -> Option<Settings> {
    let source = &settings_file.source;
    if let Some(env) = &files.env {
        let access = || EnvFileAccess {
            is_tracked: project::is_tracked_by_git(cx.layout.root(), &cx.layout.env_file()),
            is_readable_by_others: env.is_readable_by_others,
        };
        settings_file.file.check_secrets(source, access, findings);
        if env.source.is_some() {
            settings_file.file.check_complete(source, findings);
        }
    }
    // Without the project's names there are no defaults to complete the file with.
    let pyproject = pyproject?;
    let context = SettingsContext { layout: &cx.layout, host: &cx.host, pyproject };
    let resolution = settings_file.resolution(cx);
    let settings = resolution.settings(source, &context, findings)?;
    let is_shared = project::is_shared_machine(&files::read_text(ACCOUNTS.into()).unwrap_or_default());
    // Root of such a container is the person who has started the daemon.
    let is_shared = is_shared && !DaemonChoice::read(&cx.host).is_rootless_by_name();
    resolution.check(&settings, is_shared, source, findings);
    Some(settings)
}

/// Where the settings say that the code runs. `ENGINE=auto` decides later, and the native engine looks at the path again.
fn place_use(settings: Option<&Settings>) -> PlaceUse {
    match settings.map(|it| it.engine) {
        Some(EngineChoice::Native) => PlaceUse::Prefix,
        _ => PlaceUse::Containers,
    }
}

/// The code is mounted and not copied: without this check, only an import in the container would find a misspelt folder.
fn check_package_folder(cx: &Context, source: &Source, pyproject: &Pyproject, findings: &mut Findings) {
    let folder = cx.layout.python_project().join("src").join(&pyproject.package);
    if !folder.is_dir() && !folder.with_extension("py").is_file() {
        let message = format!("the package's folder `{}` does not exist", cx.layout.relative(&folder));
        let help = "rename the folder, or name it in `packages` of `[tool.hatch.build.targets.wheel]`";
        findings.push(source.at(Code::PackageFolder, pyproject.package_at, message).help(help));
    }
}

fn parse_requires_python(
    source: &Source,
    pyproject: &Pyproject,
    findings: &mut Findings,
) -> Option<(SpecifierSet, Span)> {
    let (text, span) = pyproject.requires_python.as_ref()?;
    match SpecifierSet::parse(text) {
        Ok(required) => Some((required, *span)),
        Err(problem) => {
            let message = format!("`requires-python` is not a version specifier: {}", problem.message);
            findings.push(source.at(Code::RequiresPython, *span, message).help("write it like `>=3.11,<4`"));
            None
        }
    }
}

fn parse_apt_lists(files: &InputFiles, findings: &mut Findings) -> HashMap<AptStage, AptList> {
    let lists: HashMap<AptStage, AptList> =
        files.apt.iter().map(|(stage, source)| (*stage, AptList::parse(source, findings))).collect();
    if let (Some(runtime), Some(dev), Some(source)) =
        (lists.get(&AptStage::Runtime), lists.get(&AptStage::Dev), files.apt.get(&AptStage::Dev))
    {
        environment::check_overlap(runtime, dev, source, findings);
    }
    lists
}
