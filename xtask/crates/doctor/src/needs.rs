//! What the project needs of this machine, read from the settings and the dependency files. The main job is
//! `cargo xtask build` and `cargo xtask run`.

use std::time::Duration;

use environment::Solver;
use images::Target;
use project::{Accelerator, Context, EngineChoice, Machine, Settings};
use report::Severity;

/// How long `id` and the like may take; the whole report has ten seconds.
const ID_LIMIT: Duration = Duration::from_millis(500);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineNeeds {
    pub engine: EngineChoice,
    pub solver: Solver,
    pub accelerator: Accelerator,
    /// USRID; `None` where the settings could not be read.
    pub uid: Option<u32>,
    pub base_image: String,
    /// `None` where the settings could not be read.
    pub runtime_image: Option<String>,
    /// REGISTRY_HOSTNAME, where images are pushed to.
    pub registry: Option<String>,
    /// The first error in the inputs; with one, the other fields may be defaults.
    pub problem: Option<String>,
}

impl MachineNeeds {
    /// Reads the inputs and writes nothing. Where they have errors, defaults apply, because this report is about the machine.
    pub fn read(cx: &Context) -> Self {
        let defaults = Self::by_default();
        let machine = || Machine::read(&cx.runner, ID_LIMIT).unwrap_or_else(|_| Machine::placeholder());
        let inspection = match inputs::inspect(cx, machine) {
            Ok(inspection) => inspection,
            Err(error) => return Self { problem: Some(format!("{error:#}")), ..defaults },
        };
        let problem = inspection.findings.sorted().iter().find(|it| it.severity() == Severity::Error).map(|it| {
            let text = it.to_string();
            text.lines().next().unwrap_or_default().to_owned()
        });
        let solver = inspection.plan.map_or(defaults.solver, |it| it.solver);
        let needs = match inspection.settings {
            Some(settings) => defaults.with(settings),
            None => defaults,
        };
        Self { solver, problem, ..needs }
    }

    /// The needs of a project with default settings.
    pub fn by_default() -> Self {
        Self {
            engine: EngineChoice::Auto,
            solver: Solver::Uv,
            accelerator: Accelerator::Cpu,
            uid: None,
            base_image: "ubuntu:24.04".to_owned(),
            runtime_image: None,
            registry: None,
            problem: None,
        }
    }

    fn with(self, settings: Settings) -> Self {
        Self {
            engine: settings.engine,
            accelerator: settings.accelerator,
            uid: Some(settings.user.uid),
            base_image: settings.base_image.to_string(),
            runtime_image: Some(Target::Runtime.image(&settings.image)),
            registry: settings.registry,
            ..self
        }
    }
}
