//! The settings of this machine that `init` writes, and the names in them that follow the project's.

use anyhow::{Context as _, Result, bail};

use inputs::LoadedSettings;
use process::{HostEnvironment, files};
use project::{Context, DefaultSources, EnvFile, Machine, Pyproject, Resolution, SettingsContext, defaults};
use report::{Findings, Source};
use scaffold::Answers;

/// Settings to be written into `.env`.
#[derive(Debug, Clone, Default)]
pub struct ProjectSettings(Vec<(&'static str, String)>);

impl ProjectSettings {
    /// Those that somebody has chosen.
    pub fn new(answers: &Answers) -> Self {
        let all = [("LAB_NAME", &answers.lab), ("REGISTRY_HOSTNAME", &answers.registry)];
        Self(all.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect())
    }

    /// The lab alone.
    pub fn of_lab(lab: &str) -> Self {
        Self(vec![("LAB_NAME", lab.to_owned())])
    }

    /// An error where a value cannot be right, before anything is written.
    pub fn check(&self, cx: &Context) -> Result<()> {
        let pyproject = pyproject(cx)?;
        let mut text = String::new();
        for (name, value) in &self.0 {
            text = project::set_variable(&Source::new("settings", text), name, value)?;
        }
        let (source, mut findings) = (Source::new("settings", text), Findings::default());
        let host = HostEnvironment::default();
        let defaults = defaults_of(cx, &pyproject);
        let resolution = Resolution::new(&EnvFile::parse(&source, &mut findings), &host, &defaults);
        let context = SettingsContext { layout: &cx.layout, host: &host, pyproject: &pyproject };
        _ = resolution.settings(&source, &context, &mut findings);
        let is_ours = |it: &&str| self.0.iter().any(|(name, _)| it.starts_with(&format!("`{name}`")));
        match findings.iter().map(|it| it.message.as_str()).find(is_ours) {
            Some(message) => bail!("{message}"),
            None => Ok(()),
        }
    }

    /// With the names that the settings file had from the old ones, where there is one.
    pub fn following(mut self, cx: &Context, old: &DerivedNames) -> Result<Self> {
        let pyproject = pyproject(cx)?;
        let new = [
            ("PROJECT_NAME", pyproject.name.clone()),
            ("PACKAGE_NAME", pyproject.package.clone()),
            ("COMPOSE_PROJECT_NAME", compose_project(cx, &pyproject)),
        ];
        // What somebody has chosen stays.
        self.0.extend(new.into_iter().filter(|(name, _)| old.derived.contains(name)));
        Ok(self)
    }

    /// Changes `.env`, or makes it. Without settings it does neither.
    pub fn write(&self, cx: &Context) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let set: Vec<(&str, &str)> = self.0.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let written = LoadedSettings::read(cx).and_then(|it| it.change(cx, &set, &[]));
        written.context("the files are made, but not the settings of this machine")
    }
}

/// What the settings file has from the project's names before they change.
#[derive(Debug, Clone, Default)]
pub struct DerivedNames {
    derived: Vec<&'static str>,
    /// What the images are labelled with.
    project: Option<String>,
    compose_project: Option<String>,
}

impl DerivedNames {
    /// Nothing where there is no settings file: then nothing has a name yet.
    pub fn read(cx: &Context) -> Result<Self> {
        let Some(text) = files::read_text_if_any(&cx.layout.env_file())? else { return Ok(Self::default()) };
        let file = EnvFile::parse(&Source::new("settings", text), &mut Findings::default());
        let pyproject = pyproject(cx)?;
        let old = [
            ("PROJECT_NAME", pyproject.name.clone()),
            ("PACKAGE_NAME", pyproject.package.clone()),
            ("COMPOSE_PROJECT_NAME", compose_project(cx, &pyproject)),
        ];
        let is_derived = |(name, value): &(&'static str, String)| file.get(name).is_some_and(|it| it.value == *value);
        let derived = old.iter().filter(|it| is_derived(it)).map(|it| it.0).collect();
        let resolution = Resolution::new(&file, &cx.host, &defaults_of(cx, &pyproject));
        let compose_project = resolution.text("COMPOSE_PROJECT_NAME").map(str::to_owned);
        Ok(Self { derived, project: Some(pyproject.name), compose_project })
    }

    /// Names what Docker still has under the old names.
    pub fn show_what_is_left(&self, cx: &Context) {
        let Some((project, compose_project)) = self.project.as_ref().zip(self.compose_project.as_ref()) else { return };
        cx.ui.notice("what Docker has of the old name stays there; these show it");
        cx.ui.report(format_args!("  docker image ls --filter label=org.opencontainers.image.title={project}"));
        cx.ui.report(format_args!("  docker ps --all --filter label=xtask.project={compose_project}"));
        let dev = cx.layout.dev_files();
        if dev.is_dir() {
            cx.ui.notice(format_args!("`{}` is in use under the new name, too", cx.layout.relative(&dev)));
        }
    }
}

fn pyproject(cx: &Context) -> Result<Pyproject> {
    let path = cx.layout.pyproject();
    let source = Source::new(cx.layout.relative(&path), files::read_text(&path)?);
    let mut findings = Findings::default();
    match Pyproject::parse(&source, &mut findings) {
        Some(pyproject) => Ok(pyproject),
        None => Err(findings.into()),
    }
}

/// The names of people and groups do not matter here.
fn defaults_of(cx: &Context, pyproject: &Pyproject) -> project::Defaults {
    let host = &HostEnvironment::default();
    defaults(DefaultSources { machine: &Machine::placeholder(), pyproject, root: cx.layout.root(), host })
}

fn compose_project(cx: &Context, pyproject: &Pyproject) -> String {
    defaults_of(cx, pyproject).get("COMPOSE_PROJECT_NAME").cloned().unwrap_or_default()
}
