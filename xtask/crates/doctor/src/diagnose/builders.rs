//! The builders of buildx and their platforms, and the emulators for other platforms.

use docker::Builder;
use project::system::{Family, emulator};

use crate::{
    diagnosis::Diagnosis,
    facts::{Emulator, MachineFacts, ProgramAnswer},
};

/// Without a daemon or buildx, builders are left out: docker.rs reports those.
pub fn diagnose(facts: &MachineFacts) -> Vec<Diagnosis> {
    let mut diagnoses = Vec::new();
    if facts.docker().is_ok() && facts.buildx.stdout().is_some() {
        diagnoses.push(builders(facts));
    }
    // A virtual machine's kernel has emulators of its own.
    let is_virtual = facts.system.family == Family::MacOs || facts.info().is_some_and(|it| it.is_desktop());
    if facts.endpoint.is_local() && !is_virtual {
        diagnoses.push(emulators(facts));
    }
    diagnoses
}

fn builders(facts: &MachineFacts) -> Diagnosis {
    const FACT: &str = "builders";
    const LIST: &str = "docker buildx ls";
    if let ProgramAnswer::TimedOut(limit) = facts.builders {
        let text = format!("no answer within {} s; a builder may be unreachable", limit.as_secs_f64());
        return Diagnosis::warning(FACT, text, LIST);
    }
    let builders = facts.builders();
    let described: Vec<String> = builders.iter().map(describe).collect();
    match builders.iter().any(|it| it.is_running) {
        true => Diagnosis::ok(FACT, described.join("; ")),
        false if builders.is_empty() => Diagnosis::warning(FACT, "none", LIST),
        false => Diagnosis::warning(FACT, described.join("; "), "docker buildx use default"),
    }
}

fn describe(builder: &Builder) -> String {
    let Builder { name, driver, is_running, platforms } = builder;
    let platforms = if *is_running { platforms.join(", ") } else { "not running".to_owned() };
    format!("{name} ({driver}): {platforms}")
}

fn emulators(facts: &MachineFacts) -> Diagnosis {
    const FACT: &str = "emulators";
    let enabled = facts.emulators.iter().filter(|it| emulator::is_enabled(&it.text));
    let names = |it: &[&Emulator]| it.iter().map(|it| it.name.as_str()).collect::<Vec<_>>().join(", ");
    let (fixed, loose): (Vec<&Emulator>, Vec<&Emulator>) =
        enabled.partition(|it| emulator::works_in_containers(&it.text));
    if !loose.is_empty() {
        let text = format!("not usable in containers, because the flag F is missing: {}", names(&loose));
        return Diagnosis::warning(FACT, text, facts.system.install_emulators());
    }
    match fixed[..] {
        [] => Diagnosis::ok(FACT, "none; images can be built only for this machine's processor"),
        _ => Diagnosis::ok(FACT, names(&fixed)),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::fixtures::{about, data, debian12, succeeded, with_info};
    use super::*;
    use crate::diagnosis::FactState;

    #[test]
    fn builders_are_listed_with_their_platforms() {
        let expected = "default (docker): linux/amd64, linux/386".to_owned();
        assert_eq!(about(&diagnose(&debian12()), "builders"), (FactState::Ok, expected, String::new()));
        let old = MachineFacts { builders: succeeded(data("buildx-ls-old.txt")), ..debian12() };
        let expected = "multi (docker-container): not running; default (docker): linux/amd64, linux/arm64, linux/386";
        assert_eq!(about(&diagnose(&old), "builders").1, expected);
    }

    #[test]
    fn an_unreachable_builder_is_a_warning() {
        let silent = MachineFacts { builders: ProgramAnswer::TimedOut(Duration::from_secs(4)), ..debian12() };
        assert_eq!(about(&diagnose(&silent), "builders").0, FactState::Warning);
        let stopped = r#"{"Name":"multi","Driver":"docker-container","Nodes":[{"Status":"inactive"}]}"#;
        let (state, text, fix) =
            about(&diagnose(&MachineFacts { builders: succeeded(stopped), ..debian12() }), "builders");
        assert_eq!((state, fix.as_str()), (FactState::Warning, "docker buildx use default"));
        assert_eq!(text, "multi (docker-container): not running");
    }

    #[test]
    fn an_emulator_must_work_in_containers() {
        let with = |flags: &str| {
            let text = format!("enabled\ninterpreter /usr/libexec/qemu-binfmt/aarch64-binfmt-P\n{flags}\noffset 0\n");
            let emulators = vec![Emulator { name: "qemu-aarch64".to_owned(), text }];
            about(&diagnose(&MachineFacts { emulators, ..debian12() }), "emulators")
        };
        assert_eq!(with("flags: PF"), (FactState::Ok, "qemu-aarch64".to_owned(), String::new()));
        let (state, _, fix) = with("flags: P");
        assert_eq!((state, fix.as_str()), (FactState::Warning, "sudo apt-get install --reinstall qemu-user-static"));
        assert!(diagnose(&with_info("info-desktop.json")).iter().all(|it| it.fact != "emulators"));
    }
}
