//! The system, the settings, and programs other than Docker.

use environment::Solver;
use inputs::Engine;

use crate::{
    diagnosis::Diagnosis,
    facts::{MachineFacts, ProgramAnswer},
};

/// What everything else is seen by: the commands are this system's, the wishes are the settings'.
pub fn system(facts: &MachineFacts) -> Vec<Diagnosis> {
    let settings = facts.wishes.problem.as_ref().map(|problem| {
        let text = format!("the inputs could not be read, so defaults are assumed here ({problem})");
        Diagnosis::warning("settings", text, "cargo xtask check")
    });
    [Some(Diagnosis::ok("system", facts.system.to_string())), settings].into_iter().flatten().collect()
}

/// git, uv, micromamba.
pub fn judge(facts: &MachineFacts) -> Vec<Diagnosis> {
    vec![git(facts), uv(facts), micromamba(facts)]
}

fn git(facts: &MachineFacts) -> Diagnosis {
    version("git", &facts.git)
        .unwrap_or_else(|| Diagnosis::missing("git", "not installed", facts.system.install("git")))
}

fn uv(facts: &MachineFacts) -> Diagnosis {
    let fix = || facts.system.install_uv();
    version("uv", &facts.uv).unwrap_or_else(|| match facts.pip.success() {
        Some(_) => Diagnosis::warning("uv", "not installed; `python3 -m pip` gets it when it is needed", fix()),
        None => Diagnosis::missing("uv", "not installed, nor a `python3` with pip to get it with", fix())
            .needed_by(Engine::Native),
    })
}

fn micromamba(facts: &MachineFacts) -> Diagnosis {
    const FACT: &str = "micromamba";
    version(FACT, &facts.micromamba).unwrap_or_else(|| match facts.wishes.solver {
        Solver::Uv => Diagnosis::ok(FACT, "not installed, and no package needs conda"),
        Solver::Conda => Diagnosis::missing(
            FACT,
            "not installed; conda packages are asked for, and only Docker brings its own",
            facts.system.install_micromamba(),
        )
        .needed_by(Engine::Native),
    })
}

/// `None` without a working program. They print their name, if any, before their version.
fn version(fact: &'static str, answer: &ProgramAnswer) -> Option<Diagnosis> {
    if let ProgramAnswer::Silent(limit) = answer {
        let text = format!("no answer within {} s", limit.as_secs_f64());
        return Some(Diagnosis::warning(fact, text, format!("{fact} --version")));
    }
    let said = answer.success()?.lines().next().unwrap_or_default();
    let is_version = |it: &&str| it.starts_with(|it: char| it.is_ascii_digit());
    Some(Diagnosis::ok(fact, said.split_whitespace().find(is_version).unwrap_or("of no known version")))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::recorded::{about, debian12, failed, said};
    use super::*;
    use crate::diagnosis::FactState;
    use crate::wishes::MachineNeeds;

    #[test]
    fn programs_are_told_by_their_version() {
        let diagnoses = judge(&MachineFacts { micromamba: said("2.3.0\n"), ..debian12() });
        let told: Vec<&str> = diagnoses.iter().map(|it| it.text.as_str()).collect();
        assert_eq!(told, ["2.39.5", "0.13.9", "2.3.0"]);
    }

    #[test]
    fn uv_may_come_with_pip_and_nothing_else() {
        let uv = |pip| about(&judge(&MachineFacts { uv: ProgramAnswer::Absent, pip, ..debian12() }), "uv");
        assert_eq!(uv(said("pip 23.0.1")).0, FactState::Warning);
        let (state, _, fix) = uv(failed("No module named pip"));
        assert_eq!((state, fix.as_str()), (FactState::Missing, "curl -LsSf https://astral.sh/uv/install.sh | sh"));
        assert_eq!(
            about(&judge(&MachineFacts { uv: ProgramAnswer::Silent(Duration::from_secs(4)), ..debian12() }), "uv").0,
            FactState::Warning
        );
    }

    #[test]
    fn micromamba_is_needed_natively_where_conda_is() {
        assert_eq!(about(&judge(&debian12()), "micromamba").0, FactState::Ok);
        let wishes = MachineNeeds { solver: Solver::Conda, ..debian12().wishes };
        let diagnoses = judge(&MachineFacts { wishes, ..debian12() });
        let it = diagnoses.iter().find(|it| it.fact == "micromamba").unwrap();
        assert!(it.stops(&Engine::Native) && !it.stops(&Engine::Docker));
    }

    #[test]
    fn without_git_its_package_is_named() {
        let (state, _, fix) = about(&judge(&MachineFacts { git: ProgramAnswer::Absent, ..debian12() }), "git");
        assert_eq!((state, fix.as_str()), (FactState::Missing, "sudo apt-get install git"));
    }

    #[test]
    fn inputs_with_errors_are_another_verbs_subject() {
        let wishes = MachineNeeds { problem: Some("cannot read `x`".to_owned()), ..debian12().wishes };
        let (state, text, fix) = about(&system(&MachineFacts { wishes, ..debian12() }), "settings");
        assert_eq!((state, fix.as_str()), (FactState::Warning, "cargo xtask check"));
        assert!(text.ends_with("(cannot read `x`)"), "{text}");
        assert_eq!(system(&debian12()).len(), 1);
    }
}
