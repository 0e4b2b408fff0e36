//! All inputs, read, parsed and checked together before anything starts.

mod files;
mod inspection;
mod installation;
mod settings_file;

use anyhow::{Context as _, Result};

pub use files::Files;
pub use inspection::Inspection;
pub use installation::check_dockerfile;
pub use settings_file::SettingsFile;

use crate::context::Context;
use crate::diagnostics::Findings;
use crate::environment::{Intent, Plan};
use crate::project::{Machine, Network, Pyproject, Settings};

/// All inputs, without an error in any of them.
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
    /// What is doubtful in them: warnings.
    pub doubts: Findings,
}

impl Inputs {
    /// Reads and checks every input and reports all that is wrong in them at once. Makes the settings file where there is
    /// none, once nothing is wrong.
    pub fn load(cx: &Context) -> Result<Self> {
        let files = Files::read(&cx.layout)?;
        let inspection = Inspection::new(cx, &files, || Machine::read(&cx.runner, Machine::PATIENCE))?;
        let Inspection { findings, settings_file, pyproject, settings, intent, plan } = inspection;
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
        Ok(Self { pyproject, settings, intent, plan, network, doubts })
    }
}

/// What the inputs say as far as they can be read. Changes nothing. `machine` is asked where a default depends on it.
pub fn inspect(cx: &Context, machine: impl FnOnce() -> Machine) -> Result<Inspection> {
    Inspection::new(cx, &Files::read(&cx.layout)?, || Ok(machine()))
}

/// Everything that is wrong or doubtful in any input file, sorted. Starts no process and changes nothing.
pub fn check(cx: &Context) -> Result<Findings> {
    let inspection = inspect(cx, Machine::any)?;
    let mut findings = installation::check(cx, inspection.settings.as_ref(), inspection.pyproject.as_ref())?;
    findings.extend(inspection.findings);
    Ok(findings.sorted())
}
