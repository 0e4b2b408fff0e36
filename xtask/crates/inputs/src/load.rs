//! All inputs, checked, for the verbs that act on them.

use anyhow::{Context as _, Result};

use environment::{EnvironmentFile, InstallPlan, Intent};
use process::files::RepositoryLock;
use project::{AptStage, BaseImages, Context, EnvFile, Network, Pyproject, Settings};
use report::{Finding, Findings, Source};

use crate::{
    InputFiles, Inspection, machine,
    recovery::{lock_to_change, recover_if_possible},
};

/// The repository with all its inputs, without an error in any of them.
#[derive(Debug)]
pub struct Project<'a> {
    pub cx: &'a Context,
    pub pyproject: Pyproject,
    pub settings: Settings,
    pub base_images: BaseImages,
    /// The settings file, with the variables in it that only `environment.yml` knows.
    pub env_file: EnvFile,
    /// With the pins of `freeze`.
    pub intent: Intent,
    /// `environment.yml`, with the pins of `freeze`.
    pub environment: EnvironmentFile,
    pub plan: InstallPlan,
    pub network: Network,
    pub warnings: Findings,
}

impl<'a> Project<'a> {
    /// Reads and checks every input. The error has the findings about all of them at once. Creates the settings file where
    /// there is none and no error.
    pub fn load(cx: &'a Context) -> Result<Self> {
        recover_if_possible(cx);
        Self::read(cx)
    }

    /// As [`load`](Self::load), for verbs that change the inputs: no other process does until the lock is dropped.
    pub fn load_locked(cx: &'a Context) -> Result<(Self, RepositoryLock)> {
        let lock = lock_to_change(cx)?;
        Ok((Self::read(cx)?, lock))
    }

    fn read(cx: &'a Context) -> Result<Self> {
        let files = InputFiles::read(&cx.layout)?;
        Self::of(cx, Inspection::new(cx, &files, || machine(cx))?)
    }

    /// The repository as it would be with other texts of the lists in `dependencies/`. The error has all that is wrong or
    /// doubtful because of them.
    pub fn with_lists(&self, environment: Option<&EnvironmentFile>, apt: Option<(AptStage, Source)>) -> Result<Self> {
        let mut files = InputFiles::read(&self.cx.layout)?;
        files.environment = environment.map(|it| it.source().clone()).or(files.environment);
        files.apt.extend(apt);
        let inspection = Inspection::new(self.cx, &files, || machine(self.cx))?;
        let is_new = |it: &Finding| !self.warnings.iter().any(|old| is_same(old, it));
        let new: Findings =
            inspection.findings.clone().without_notes().iter().filter(|it| is_new(it)).cloned().collect();
        if new.is_empty() { Self::of(self.cx, inspection) } else { Err(new.sorted().into()) }
    }

    fn of(cx: &'a Context, inspection: Inspection) -> Result<Self> {
        let Inspection { findings, settings_file, pyproject, base_images, settings, environment, intent, plan } =
            inspection;
        let warnings = findings.without_notes().sorted();
        if warnings.has_errors() {
            return Err(warnings.into());
        }
        // Whatever could not be read has an error among the findings.
        let (settings, pyproject) = settings.zip(pyproject).context("the settings could not be read")?;
        let plan = plan.context("the environment could not be planned")?;
        if settings_file.text.is_none() {
            settings_file.create(cx)?;
        }
        let network = Network::new(&settings, &cx.host);
        let environment = environment.context("`environment.yml` could not be read")?;
        let env_file = settings_file.file;
        Ok(Self { cx, pyproject, settings, base_images, env_file, intent, environment, plan, network, warnings })
    }

    /// The intent without the pins of `freeze`.
    pub fn thawed_intent(&self) -> Intent {
        self.thawed(&self.environment)
    }

    /// The same for another text of `environment.yml`.
    pub fn thawed(&self, environment: &EnvironmentFile) -> Intent {
        Intent { environment: environment.thawed().environment().clone(), apt: self.intent.apt.clone() }
    }
}

/// Whether two findings about different texts of a file are about the same thing: lines may have another number.
fn is_same(one: &Finding, other: &Finding) -> bool {
    let without_numbers = |text: &str| text.replace(|it: char| it.is_ascii_digit(), "");
    one.code == other.code && one.file == other.file && without_numbers(&one.message) == without_numbers(&other.message)
}
