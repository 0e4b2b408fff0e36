//! All inputs, read, parsed and checked together before anything starts.

mod engine;
pub mod files;
mod inspection;
mod locks;
mod recipe;
mod settings_change;
mod settings_file;

use std::time::Duration;

use anyhow::{Context as _, Result};

pub use engine::{Engine, choose, explain};
pub use files::InputFiles;
pub use inspection::Inspection;
pub use locks::{TOOL, compare as compare_lock, platforms as locked_platforms, read as read_lock};
pub use recipe::{Recipe, locked_recipe, recipe};
pub use settings_change::{LoadedSettings, write as write_settings};
pub use settings_file::SettingsFile;

use docker::{self, DaemonInfo};
use environment::{EnvironmentFile, Intent, InstallPlan};
use process::{files::RepositoryLock, journal};
use project::{Context, Machine, Network, Pyproject, Settings, UserIds};
use report::Findings;

/// How long a daemon may take to say how it runs; it is asked once, when the settings are made.
const PATIENCE_WITH_DOCKER: Duration = Duration::from_secs(5);

/// All inputs, without an error in any of them.
#[derive(Debug)]
pub struct Inputs {
    /// The Python project's description.
    pub pyproject: Pyproject,
    /// The person's and machine's choices.
    pub settings: Settings,
    /// What is asked for, with what `freeze` has pinned.
    pub intent: Intent,
    /// `environment.yml`, with what `freeze` has pinned.
    pub environment: EnvironmentFile,
    /// Who makes the environment, and from what.
    pub plan: InstallPlan,
    /// Proxies and certificates.
    pub network: Network,
    /// What is doubtful in them: warnings.
    pub doubts: Findings,
}

impl Inputs {
    /// Reads and checks every input and reports all that is wrong in them at once. Makes the settings file where there is
    /// none, once nothing is wrong.
    pub fn load(cx: &Context) -> Result<Self> {
        finish_what_was_begun(cx)?;
        Self::read(cx)
    }

    /// As [`load`](Self::load), for who changes what is read: nobody else does until the lock is dropped. A dry run changes
    /// nothing, and needs no lock.
    pub fn load_locked(cx: &Context) -> Result<(Self, Option<RepositoryLock>)> {
        if cx.runner.is_dry_run() {
            return Ok((Self::load(cx)?, None));
        }
        let lock = cx.lock()?;
        journal::finish(&cx.layout.journal())?;
        Ok((Self::read(cx)?, Some(lock)))
    }

    fn read(cx: &Context) -> Result<Self> {
        let files = InputFiles::read(&cx.layout)?;
        let inspection = Inspection::new(cx, &files, || machine(cx))?;
        let Inspection { findings, settings_file, pyproject, settings, environment, intent, plan } = inspection;
        let doubts = findings.without_notes().sorted();
        if doubts.has_errors() {
            return Err(doubts.into());
        }
        // Whatever could not be read has left an error.
        let (settings, pyproject) = settings.zip(pyproject).context("the settings could not be read")?;
        let plan = plan.context("the environment could not be planned")?;
        if settings_file.text.is_none() {
            settings_file.create(cx)?;
        }
        let network = Network::new(&settings, &cx.host);
        let environment = environment.context("`environment.yml` could not be read")?;
        Ok(Self { pyproject, settings, intent, environment, plan, network, doubts })
    }

    /// What is asked for, without the pins of `freeze`.
    pub fn thawed_intent(&self) -> Intent {
        self.thawed(&self.environment)
    }

    /// The same for another text of `environment.yml`.
    pub fn thawed(&self, environment: &EnvironmentFile) -> Intent {
        Intent { environment: environment.thawed().environment().clone(), apt: self.intent.apt.clone() }
    }
}

/// Finishes what a killed `freeze` has begun, before anybody reads the files.
fn finish_what_was_begun(cx: &Context) -> Result<()> {
    let path = cx.layout.journal();
    if journal::is_pending(&path) && !cx.runner.is_dry_run() {
        let _lock = cx.lock()?;
        journal::finish(&path)?;
    }
    Ok(())
}

/// Who uses this machine. Where Docker runs without root, containers run as its root, who is the user there.
pub fn machine(cx: &Context) -> Result<Machine> {
    let machine = Machine::read(&cx.runner, Machine::PATIENCE)?;
    let info = cx.runner.read_within(&DaemonInfo::query(), PATIENCE_WITH_DOCKER).ok().and_then(|it| DaemonInfo::parse(&it));
    let UserIds { uid, gid } = docker::user_in_container(info.as_ref(), machine.ids());
    Ok(Machine { uid, gid, ..machine })
}

/// What the inputs say as far as they can be read. Changes nothing. `machine` is asked where a default depends on it.
pub fn inspect(cx: &Context, machine: impl FnOnce() -> Machine) -> Result<Inspection> {
    finish_what_was_begun(cx)?;
    Inspection::new(cx, &InputFiles::read(&cx.layout)?, || Ok(machine()))
}
