//! Whether the main job, `cargo xtask build` and `cargo xtask run`, works on this machine.

use inputs::Engine;
use project::EngineChoice;

use crate::{
    diagnosis::{Diagnosis, DoctorReport},
    facts::MachineFacts,
};

const FACT: &str = "main job";

/// The report, with the verdict on the main job as its last line.
pub fn report(facts: &MachineFacts, mut diagnoses: Vec<Diagnosis>) -> DoctorReport {
    // As `Engine::choose` decides: the engine is native only if no daemon can be used.
    let (engine, reason) = match (facts.needs.engine, facts.docker()) {
        (EngineChoice::Docker, _) => (Engine::Docker, " (ENGINE=docker)".to_owned()),
        (EngineChoice::Podman, _) => (Engine::Podman, " (ENGINE=podman)".to_owned()),
        (EngineChoice::Native, _) => (Engine::Native, " (ENGINE=native)".to_owned()),
        (EngineChoice::Auto, Ok(_)) => (Engine::Docker, String::new()),
        (EngineChoice::Auto, Err(why)) => (Engine::Native, format!(", because {why}")),
    };
    let place = match engine {
        Engine::Docker => "in Docker",
        Engine::Podman => "in podman",
        Engine::Native => "natively",
    };
    let missing: Vec<&Diagnosis> = diagnoses.iter().filter(|it| it.blocks(&engine)).collect();
    let names: Vec<&str> = missing.iter().map(|it| it.fact).collect();
    let verdict = match missing.first().and_then(|it| it.fix.clone()) {
        None => Diagnosis::ok(FACT, format!("would run {place}{reason}")),
        Some(fix) => {
            let text = format!("cannot run {place}{reason}: missing {}", names.join(", "));
            Diagnosis::missing(FACT, text, fix).needed_by(engine.clone())
        }
    };
    diagnoses.push(verdict);
    DoctorReport { engine, diagnoses }
}

#[cfg(test)]
mod tests {
    use super::super::diagnose;
    use super::super::fixtures::debian12;
    use super::*;
    use crate::facts::ProgramAnswer;
    use crate::needs::MachineNeeds;

    fn verdict(facts: &MachineFacts) -> (bool, String) {
        let report = diagnose(facts);
        (report.is_fit(), report.diagnoses.last().unwrap().text.clone())
    }

    fn with_engine(facts: MachineFacts, engine: EngineChoice) -> MachineFacts {
        MachineFacts { needs: MachineNeeds { engine, ..facts.needs.clone() }, ..facts }
    }

    #[test]
    fn docker_is_used_where_it_answers() {
        assert_eq!(verdict(&debian12()), (true, "would run in Docker".to_owned()));
        let native = with_engine(debian12(), EngineChoice::Native);
        assert_eq!(verdict(&native), (true, "would run natively (ENGINE=native)".to_owned()));
    }

    #[test]
    fn without_docker_it_is_native_unless_the_settings_say_docker() {
        let facts = MachineFacts { version: ProgramAnswer::NotFound, ..debian12() };
        let text = "would run natively, because Docker is not installed".to_owned();
        assert_eq!(verdict(&facts), (true, text));
        let text = "cannot run in Docker (ENGINE=docker): missing docker client".to_owned();
        assert_eq!(verdict(&with_engine(facts, EngineChoice::Docker)), (false, text));
    }

    #[test]
    fn without_docker_uv_and_pip_nothing_runs() {
        let facts = MachineFacts {
            version: ProgramAnswer::NotFound,
            uv: ProgramAnswer::NotFound,
            pip: ProgramAnswer::NotFound,
            ..debian12()
        };
        let text = "cannot run natively, because Docker is not installed: missing uv".to_owned();
        assert_eq!(verdict(&facts), (false, text));
    }

    #[test]
    fn an_engine_that_answers_and_cannot_build_is_not_replaced() {
        let facts = MachineFacts { buildx: ProgramAnswer::NotFound, ..debian12() };
        assert_eq!(verdict(&facts), (false, "cannot run in Docker: missing buildx".to_owned()));
    }
}
