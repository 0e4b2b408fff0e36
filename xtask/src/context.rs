//! What every command gets: the repository, the inputs in it, and the way to act on them.

use anyhow::Result;

use crate::diagnostics::Findings;
use crate::environment::{Intent, Plan};
use crate::fs::{self, Lock, NewFile};
use crate::process::{HostEnvironment, Runner};
use crate::project::{self, Defaults, EnvFile, Facts, Layout, Machine, Network, Pyproject, Resolution, Settings};
use crate::ui::Ui;

/// What every command gets.
#[derive(Debug)]
pub struct Context {
    /// Where things are.
    pub layout: Layout,
    /// Starts processes.
    pub runner: Runner,
    /// Speaks to the user.
    pub ui: Ui,
    /// The variables that this program was started with.
    pub host: HostEnvironment,
}

/// All inputs, checked.
#[derive(Debug)]
pub struct Inputs {
    /// The Python project's description.
    pub pyproject: Pyproject,
    /// The person's and machine's choices.
    pub settings: Settings,
    /// What is asked for.
    pub intent: Intent,
    /// Who makes the environment, and from what.
    pub plan: Plan,
    /// Proxies and certificates.
    pub network: Network,
}

/// The settings file as it is, and what completes it.
#[derive(Debug)]
pub struct SettingsSource {
    /// The file's text; `None` where there is no file.
    pub text: Option<String>,
    /// Its assignments.
    pub file: EnvFile,
    /// What is wrong in its lines, whatever their values.
    pub findings: Findings,
    /// This machine's defaults; empty when the file is complete.
    pub defaults: Defaults,
}

impl Context {
    /// Reads and checks every input and reports all that is wrong in them at once. Makes the settings file where there is
    /// none, once nothing is wrong.
    pub fn inputs(&self) -> Result<Inputs> {
        let mut findings = Findings::default();
        let pyproject = findings.collect(Pyproject::load(&self.layout))?;
        let settings = if let Some(pyproject) = &pyproject {
            findings.collect(self.read_settings(pyproject))?
        } else {
            findings.extend(self.read_env_file()?.2);
            None
        };
        let intent = findings.collect(Intent::load(&self.layout))?;
        let (Some(pyproject), Some((source, settings)), Some(intent)) = (pyproject, settings, intent) else {
            findings.or(())?;
            anyhow::bail!("the inputs could not be read");
        };
        let plan = Plan::new(&intent.environment, settings.solver)?;
        if source.text.is_none() {
            self.create_env_file(&source.defaults)?;
        }
        let network = Network::new(&settings, &self.host);
        Ok(Inputs { pyproject, settings, intent, plan, network })
    }

    fn read_settings(&self, pyproject: &Pyproject) -> Result<(SettingsSource, Settings)> {
        let mut source = self.settings_source(pyproject)?;
        let mut findings = std::mem::take(&mut source.findings);
        let resolution = Resolution::new(&source.file, &self.host, &source.defaults);
        let settings = findings.collect(resolution.settings(&self.layout, &self.host, pyproject))?;
        match settings {
            Some(settings) => findings.or((source, settings)),
            None => findings.or(()).and_then(|()| anyhow::bail!("the settings could not be read")),
        }
    }

    fn read_env_file(&self) -> Result<(Option<String>, EnvFile, Findings)> {
        let path = self.layout.env_file();
        let text = fs::read_text_if_any(&path)?;
        let (file, findings) = EnvFile::parse(&self.layout.relative(&path), text.as_deref().unwrap_or_default());
        Ok((text, file, findings))
    }

    /// Reads the settings file without looking at the values.
    pub fn settings_source(&self, pyproject: &Pyproject) -> Result<SettingsSource> {
        let (text, file, findings) = self.read_env_file()?;
        let defaults = if file.is_complete() {
            Defaults::new()
        } else {
            project::defaults(Facts { machine: &Machine::read(&self.runner)?, pyproject })
        };
        Ok(SettingsSource { text, file, findings, defaults })
    }

    /// Makes the settings file. Never overwrites one.
    pub fn create_env_file(&self, defaults: &Defaults) -> Result<()> {
        let path = self.layout.env_file();
        let name = self.layout.relative(&path);
        let contents = EnvFile::render(defaults)?.into_bytes();
        if self.runner.is_dry_run() {
            self.ui.notice(format_args!("would create `{name}` with this machine's defaults"));
            return Ok(());
        }
        if fs::write_new(&path, &NewFile { contents, mode: fs::PRIVATE })? {
            self.ui.notice(format_args!("created `{name}` with this machine's defaults"));
        }
        Ok(())
    }

    /// Keeps other invocations of this tool from changing the repository meanwhile.
    pub fn lock(&self) -> Result<Lock> {
        Lock::acquire(&self.layout.lock(), self.ui)
    }
}
