//! Every input parsed, and checked against the others.

use std::collections::BTreeMap;

use anyhow::Result;

use environment::{self, AptList, EnvironmentFile, InstallPlan, Intent};
use process::files;
use project::{self, AptStage, Context, Machine, Pyproject, Secrecy, Settings, SettingsContext};
use report::{Code, Findings, Source, Span};
use specs::python::SpecifierSet;

use super::{files::InputFiles, settings_file::SettingsFile};

/// Where a system lists its accounts; one that has no such file is not asked.
const ACCOUNTS: &str = "/etc/passwd";

/// What the inputs say, as far as they can be read, and everything that is wrong or doubtful in them.
#[derive(Debug)]
pub struct Inspection {
    /// What was found, in no order.
    pub findings: Findings,
    /// The settings file.
    pub settings_file: SettingsFile,
    /// The Python project's description.
    pub pyproject: Option<Pyproject>,
    /// The settings, unless one of them could not be read.
    pub settings: Option<Settings>,
    /// `environment.yml`, if it is there.
    pub environment: Option<EnvironmentFile>,
    /// The packages that the files of `dependencies/` list.
    pub intent: Intent,
    /// Who makes the environment, unless that is a contradiction.
    pub plan: Option<InstallPlan>,
}

impl Inspection {
    /// Parses and checks. `machine` is asked for what the settings file lacks.
    pub fn new(cx: &Context, files: &InputFiles, machine: impl FnOnce() -> Result<Machine>) -> Result<Self> {
        let mut findings = files.findings.clone();
        let pyproject = files.pyproject.as_ref().and_then(|it| Pyproject::parse(it, &mut findings));
        if let (Some(source), Some(pyproject)) = (&files.pyproject, &pyproject) {
            find_package(cx, source, pyproject, &mut findings);
        }
        let env = files.env.as_ref();
        let settings_file = SettingsFile::new(cx, env, pyproject.as_ref(), machine, &mut findings)?;
        let settings = settings(cx, files, &settings_file, pyproject.as_ref(), &mut findings);

        let requires_python = match (&files.pyproject, &pyproject) {
            (Some(source), Some(pyproject)) => required_python(source, pyproject, &mut findings),
            _ => None,
        };
        let environment = files.environment.as_ref().map(|source| {
            let environment = EnvironmentFile::parse(source.clone());
            findings.extend(environment.findings().iter().cloned());
            environment::check_lists(&environment, &mut findings);
            if let Some(required) = &requires_python {
                environment::check_python(&environment, required, &mut findings);
            }
            environment
        });
        let plan = environment
            .as_ref()
            .zip(settings.as_ref())
            .and_then(|(environment, settings)| InstallPlan::new(environment, settings.solver, &mut findings));
        let apt = apt_lists(files, &mut findings);
        let parsed = environment.as_ref().map(|it| it.environment().clone()).unwrap_or_default();
        let intent = Intent { environment: parsed, apt };
        Ok(Self { findings, settings_file, pyproject, settings, environment, intent, plan })
    }
}

fn settings(
    cx: &Context,
    files: &InputFiles,
    settings_file: &SettingsFile,
    pyproject: Option<&Pyproject>,
    findings: &mut Findings,
) -> Option<Settings> {
    let source = &settings_file.source;
    if let Some(env) = &files.env {
        let secrecy = || Secrecy {
            is_tracked: project::is_tracked_by_git(cx.layout.root(), &cx.layout.env_file()),
            is_readable_by_others: env.is_readable_by_others,
        };
        settings_file.file.check_secrets(source, secrecy, findings);
        if env.source.is_some() {
            settings_file.file.check_complete(source, findings);
        }
    }
    // Without the project's names there are no defaults to complete the file with.
    let pyproject = pyproject?;
    let context = SettingsContext { layout: &cx.layout, host: &cx.host, pyproject };
    let resolution = settings_file.resolution(cx);
    let settings = resolution.settings(source, &context, findings)?;
    let is_shared = project::is_shared(&files::read_text(ACCOUNTS.into()).unwrap_or_default());
    resolution.check(&settings, is_shared, source, findings);
    Some(settings)
}

/// The code is mounted and not copied: a folder of another name is found out by an import, inside the container.
fn find_package(cx: &Context, source: &Source, pyproject: &Pyproject, findings: &mut Findings) {
    let folder = cx.layout.python_project().join("src").join(&pyproject.package);
    if !folder.is_dir() && !folder.with_extension("py").is_file() {
        let message = format!("the package's folder `{}` is not there", cx.layout.relative(&folder));
        let help = "rename the folder, or name it in `packages` of `[tool.hatch.build.targets.wheel]`";
        findings.push(source.at(Code::PackageFolder, pyproject.package_at, message).help(help));
    }
}

fn required_python(source: &Source, pyproject: &Pyproject, findings: &mut Findings) -> Option<(SpecifierSet, Span)> {
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

fn apt_lists(files: &InputFiles, findings: &mut Findings) -> BTreeMap<AptStage, AptList> {
    let lists: BTreeMap<AptStage, AptList> =
        files.apt.iter().map(|(stage, source)| (*stage, AptList::parse(source, findings))).collect();
    if let (Some(runtime), Some(dev), Some(source)) =
        (lists.get(&AptStage::Runtime), lists.get(&AptStage::Dev), files.apt.get(&AptStage::Dev))
    {
        environment::check_overlap(runtime, dev, source, findings);
    }
    lists
}
