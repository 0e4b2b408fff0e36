//! The repository with all its inputs, read and checked.

use anyhow::{Context as _, Result};

use environment::{EnvironmentFile, InstallPlan, Intent};
use process::files::{self, RepositoryLock};
use project::{Context, Network, Pyproject, Settings};
use report::Findings;

use crate::{InputFiles, Inspection, machine};

/// All inputs, without an error in any of them.
#[derive(Debug)]
pub struct Project<'a> {
    pub cx: &'a Context,
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
    /// What is doubtful in the inputs.
    pub warnings: Findings,
}

impl<'a> Project<'a> {
    /// Reads and checks every input and reports all that is wrong in them at once. Makes the settings file where there is
    /// none, once nothing is wrong.
    pub fn load(cx: &'a Context) -> Result<Self> {
        finish_what_was_begun(cx)?;
        Self::read(cx)
    }

    /// As [`load`](Self::load), for who changes what is read: nobody else does until the lock is dropped.
    pub fn load_locked(cx: &'a Context) -> Result<(Self, RepositoryLock)> {
        let lock = cx.lock()?;
        cx.files.finish_journal(&cx.layout.journal())?;
        Ok((Self::read(cx)?, lock))
    }

    fn read(cx: &'a Context) -> Result<Self> {
        let files = InputFiles::read(&cx.layout)?;
        let inspection = Inspection::new(cx, &files, || machine(cx))?;
        let Inspection { findings, settings_file, pyproject, settings, environment, intent, plan } = inspection;
        let warnings = findings.without_notes().sorted();
        if warnings.has_errors() {
            return Err(warnings.into());
        }
        // Whatever could not be read has left an error.
        let (settings, pyproject) = settings.zip(pyproject).context("the settings could not be read")?;
        let plan = plan.context("the environment could not be planned")?;
        if settings_file.text.is_none() {
            settings_file.create(cx)?;
        }
        let network = Network::new(&settings, &cx.host);
        let environment = environment.context("`environment.yml` could not be read")?;
        Ok(Self { cx, pyproject, settings, intent, environment, plan, network, warnings })
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
pub(crate) fn finish_what_was_begun(cx: &Context) -> Result<()> {
    let path = cx.layout.journal();
    if files::is_pending(&path) {
        let _lock = cx.lock()?;
        cx.files.finish_journal(&path)?;
    }
    Ok(())
}
