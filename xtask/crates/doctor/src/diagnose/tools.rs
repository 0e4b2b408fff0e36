//! The system, the settings, and programs other than Docker.

use environment::Solver;
use inputs::Engine;

use crate::{
    diagnosis::Diagnosis,
    facts::{MachineFacts, ProgramAnswer},
};

/// What the rest of the report builds on: the system and the settings.
pub fn system(facts: &MachineFacts) -> Vec<Diagnosis> {
    let settings = facts.needs.problem.as_ref().map(|problem| {
        let text =
            format!("your settings or dependency files have an error, so this report assumes defaults ({problem})");
        Diagnosis::warning("settings", text, "cargo xtask check")
    });
    [Some(Diagnosis::ok("system", facts.system.to_string())), settings].into_iter().flatten().collect()
}

/// git, uv, and what conda's packages need.
pub fn diagnose(facts: &MachineFacts) -> Vec<Diagnosis> {
    vec![git(facts), uv(facts), conda(facts)]
}

fn git(facts: &MachineFacts) -> Diagnosis {
    version("git", &facts.git)
        .unwrap_or_else(|| Diagnosis::missing("git", "not installed", facts.system.install("git")))
}

fn uv(facts: &MachineFacts) -> Diagnosis {
    let fix = || facts.system.install_uv();
    version("uv", &facts.uv).unwrap_or_else(|| match facts.pip.stdout() {
        Some(_) => Diagnosis::warning("uv", "not installed; `python3 -m pip` installs it when it is needed", fix()),
        None => Diagnosis::missing("uv", "not installed, and `python3` has no pip to install it with", fix())
            .needed_by(Engine::Native),
    })
}

/// A Python of this machine solves for conda, whatever the environment's own is.
fn conda(facts: &MachineFacts) -> Diagnosis {
    const FACT: &str = "conda";
    if facts.needs.solver == Solver::Uv {
        return Diagnosis::ok(FACT, "no package needs it");
    }
    let version = facts.python.stdout().and_then(|it| it.trim().strip_prefix("Python "));
    let minor = version.and_then(|it| it.strip_prefix("3.")?.split('.').next()?.parse::<u32>().ok());
    match (minor, version) {
        (Some(10..), Some(version)) => {
            Diagnosis::ok(FACT, format!("solved by Python {version}, with py-rattler from PyPI"))
        }
        (_, version) => {
            let found = version.map_or_else(|| "there is none".to_owned(), |it| format!("`python3` is {it}"));
            let text = format!("environment.yml has conda packages, which Python 3.10 or newer solves, and {found}");
            Diagnosis::missing(FACT, text, facts.system.install_python()).needed_by(Engine::Native)
        }
    }
}

/// The version in the output of `--version`; `None` without a working program.
fn version(fact: &'static str, answer: &ProgramAnswer) -> Option<Diagnosis> {
    if let ProgramAnswer::TimedOut(limit) = answer {
        let text = format!("no answer within {} s", limit.as_secs_f64());
        return Some(Diagnosis::warning(fact, text, format!("{fact} --version")));
    }
    let line = answer.stdout()?.lines().next().unwrap_or_default();
    let is_version = |it: &&str| it.starts_with(|it: char| it.is_ascii_digit());
    Some(Diagnosis::ok(fact, line.split_whitespace().find(is_version).unwrap_or("of unknown version")))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::fixtures::{about, debian12, failed, succeeded};
    use super::*;
    use crate::{diagnosis::FactState, needs::MachineNeeds};

    #[test]
    fn programs_are_shown_with_their_version() {
        let diagnoses = diagnose(&debian12());
        let texts: Vec<&str> = diagnoses.iter().map(|it| it.text.as_str()).collect();
        assert_eq!(texts, ["2.39.5", "0.13.9", "no package needs it"]);
    }

    #[test]
    fn uv_may_come_with_pip_and_nothing_else() {
        let uv = |pip| about(&diagnose(&MachineFacts { uv: ProgramAnswer::NotFound, pip, ..debian12() }), "uv");
        assert_eq!(uv(succeeded("pip 23.0.1")).0, FactState::Warning);
        let (state, _, fix) = uv(failed("No module named pip"));
        assert_eq!((state, fix.as_str()), (FactState::Missing, "curl -LsSf https://astral.sh/uv/install.sh | sh"));
        assert_eq!(
            about(&diagnose(&MachineFacts { uv: ProgramAnswer::TimedOut(Duration::from_secs(4)), ..debian12() }), "uv")
                .0,
            FactState::Warning
        );
    }

    #[test]
    fn conda_wants_a_python_that_its_solver_runs_on() {
        assert_eq!(about(&diagnose(&debian12()), "conda").0, FactState::Ok);
        let needs = MachineNeeds { solver: Solver::Conda, ..debian12().needs };
        let facts = |python: ProgramAnswer| MachineFacts { needs: needs.clone(), python, ..debian12() };
        let (state, text, _) = about(&diagnose(&facts(succeeded("Python 3.12.1\n"))), "conda");
        assert_eq!((state, text.as_str()), (FactState::Ok, "solved by Python 3.12.1, with py-rattler from PyPI"));
        for python in [succeeded("Python 3.9.2\n"), ProgramAnswer::NotFound] {
            let diagnoses = diagnose(&facts(python));
            let it = diagnoses.iter().find(|it| it.fact == "conda").unwrap();
            assert!(it.blocks(&Engine::Native) && !it.blocks(&Engine::Docker));
        }
    }

    #[test]
    fn without_git_its_package_is_named() {
        let (state, _, fix) = about(&diagnose(&MachineFacts { git: ProgramAnswer::NotFound, ..debian12() }), "git");
        assert_eq!((state, fix.as_str()), (FactState::Missing, "sudo apt-get install git"));
    }

    #[test]
    fn inputs_with_errors_are_another_verbs_subject() {
        let needs = MachineNeeds { problem: Some("cannot read `x`".to_owned()), ..debian12().needs };
        let (state, text, fix) = about(&system(&MachineFacts { needs, ..debian12() }), "settings");
        assert_eq!((state, fix.as_str()), (FactState::Warning, "cargo xtask check"));
        assert!(text.ends_with("(cannot read `x`)"), "{text}");
        assert_eq!(system(&debian12()).len(), 1);
    }
}
