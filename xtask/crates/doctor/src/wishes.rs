//! What the main job will want of this machine, from the inputs.

use std::time::Duration;

use environment::Solver;
use images::Target;
use installation::default_of;
use process::files;
use project::{Accelerator, Context, EngineChoice, Machine, Settings};
use report::Severity;

/// How long each question for a name may take; the whole report has ten seconds.
const NAMES: Duration = Duration::from_millis(500);

/// What the inputs ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineNeeds {
    /// Where commands shall run.
    pub engine: EngineChoice,
    /// Who makes the environment.
    pub solver: Solver,
    /// What the code computes on.
    pub accelerator: Accelerator,
    /// Whom containers run as; `None` where that is not known.
    pub uid: Option<u32>,
    /// What images are built from.
    pub base_image: String,
    /// Where micromamba is taken from.
    pub micromamba_image: Option<String>,
    /// The image that the main job runs in; `None` where its name is not known.
    pub runtime_image: Option<String>,
    /// Where images are pushed to.
    pub registry: Option<String>,
    /// Why these are defaults and not what the inputs say.
    pub problem: Option<String>,
}

impl MachineNeeds {
    /// Reads the inputs and writes nothing. Where they have errors, the defaults are in force: this is about the machine.
    pub fn read(cx: &Context) -> Self {
        // Without a Dockerfile nothing can be built; whoever builds says so.
        let dockerfile = files::read_text(&cx.layout.dockerfile()).unwrap_or_default();
        let defaults = Self { micromamba_image: default_of(&dockerfile, "MICROMAMBA_IMAGE"), ..Self::by_default() };
        let machine = || Machine::read(&cx.runner, NAMES).unwrap_or_else(|_| Machine::placeholder());
        let inspection = match inputs::inspect(cx, machine) {
            Ok(inspection) => inspection,
            Err(error) => return Self { problem: Some(format!("{error:#}")), ..defaults },
        };
        let problem = inspection.findings.sorted().iter().find(|it| it.severity() == Severity::Error).map(|it| {
            let text = it.to_string();
            text.lines().next().unwrap_or_default().to_owned()
        });
        let solver = inspection.plan.map_or(defaults.solver, |it| it.solver);
        let wishes = match inspection.settings {
            Some(settings) => defaults.with(settings),
            None => defaults,
        };
        Self { solver, problem, ..wishes }
    }

    /// What a project asks for whose author chose nothing.
    pub fn by_default() -> Self {
        Self {
            engine: EngineChoice::Auto,
            solver: Solver::Uv,
            accelerator: Accelerator::Cpu,
            uid: None,
            base_image: "ubuntu:24.04".to_owned(),
            micromamba_image: None,
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
            micromamba_image: settings.micromamba_image.map(|it| it.to_string()).or(self.micromamba_image),
            runtime_image: Some(Target::Runtime.image(&settings.image)),
            registry: settings.registry,
            ..self
        }
    }

    /// The images that a build starts from.
    pub fn sources(&self) -> Vec<(&'static str, &str)> {
        let micromamba = self.micromamba_image.as_deref().filter(|_| self.solver == Solver::Conda);
        let base = ("base image", self.base_image.as_str());
        [Some(base), micromamba.map(|it| ("micromamba image", it))].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn micromamba_is_a_source_only_of_conda() {
        let wishes = MachineNeeds { micromamba_image: Some("m".to_owned()), ..MachineNeeds::by_default() };
        assert_eq!(wishes.sources().len(), 1);
        assert_eq!(MachineNeeds { solver: Solver::Conda, ..wishes }.sources()[1], ("micromamba image", "m"));
    }
}
