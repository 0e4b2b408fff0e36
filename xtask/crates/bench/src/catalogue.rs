//! The list of everything that is timed.

use process::Invocation;
use project::AptStage;

use super::{
    timing::{Aim, Clock, Preparation, TimedRun, Timing, with_processor_time},
    trial::{AddedPackage, Trial},
};

/// A small package of pure Python, at the version whose size [`size`](super::size) knows.
pub const PACKAGE: &str = "tabulate==0.9.0";

/// Small system packages, one for each run, because a step that was done before would be cached.
const SYSTEM_PACKAGES: [&str; 8] = ["tree", "bc", "zip", "lsof", "pv", "dos2unix", "time", "psmisc"];

/// The largest number of pairs, without the warm-up.
pub const MAX_PAIRS: usize = SYSTEM_PACKAGES.len() - 1;

const COMPOSE_RUN: [&str; 3] = ["run", "--rm", "runtime"];
const PYTHON_VERSION: [&str; 2] = ["python", "--version"];

/// In the order in which they run.
pub const TIMINGS: [Timing; 17] = [
    Timing {
        name: "no-op build",
        control_name: "docker compose build",
        control: Some(|it, _| TimedRun {
            before: it.build_all(AddedPackage::Nothing),
            command: it.compose(&["build", "runtime"]),
        }),
        ours: |it, _| TimedRun { before: Vec::new(), command: it.ours(&["build", "runtime"]) },
        clock: Clock::Wall,
        aim: Some(Aim::Ratio(0.15)),
        components: "questions to the Docker client, each of which is a process",
    },
    Timing {
        name: "build with 1 more pip package (locked before)",
        control_name: "docker compose build",
        control: Some(|it, n| control_build(it, AddedPackage::Python(&pip_package(n)))),
        ours: |it, n| our_build(it, AddedPackage::Python(&pip_package(n)), "runtime"),
        clock: Clock::Wall,
        aim: Some(Aim::Ratio(0.12)),
        components: "buildx, solving the difference, two small layers and their export",
    },
    Timing {
        name: "build with 1 more apt-dev package",
        control_name: "docker compose build",
        control: Some(|it, n| TimedRun {
            before: it.write_dependencies(AddedPackage::System(AptStage::Dev, system_package(n))),
            command: it.compose(&["build", "dev"]),
        }),
        ours: |it, n| our_build(it, AddedPackage::System(AptStage::Dev, system_package(n)), "dev"),
        clock: Clock::Wall,
        aim: None,
        components: "",
    },
    Timing {
        name: "build with 1 more apt-runtime package",
        control_name: "docker compose build",
        control: Some(|it, n| control_build(it, AddedPackage::System(AptStage::Runtime, system_package(n)))),
        ours: |it, n| our_build(it, AddedPackage::System(AptStage::Runtime, system_package(n)), "runtime"),
        clock: Clock::Wall,
        aim: None,
        components: "",
    },
    Timing {
        name: "cold build, package caches warm",
        control_name: "docker compose build",
        control: Some(|it, n| {
            let mut before = it.build_base(n + 1);
            before.extend(it.write_dependencies(AddedPackage::Nothing));
            TimedRun { before, command: it.on_base(it.compose(&["build", "runtime"]), n + 1, "control") }
        }),
        ours: |it, n| TimedRun {
            before: Vec::new(),
            command: it.on_base(it.ours(&["build", "runtime"]), n + 1, "ours"),
        },
        clock: Clock::Wall,
        aim: None,
        components: "",
    },
    Timing {
        name: "run python --version",
        control_name: "docker compose run",
        control: Some(|it, _| TimedRun {
            before: it.build_all(AddedPackage::Nothing),
            command: it.compose(&[&COMPOSE_RUN[..], &PYTHON_VERSION].concat()),
        }),
        ours: our_run,
        clock: Clock::Wall,
        aim: None,
        components: "",
    },
    Timing {
        name: "run python --version, same image",
        control_name: "docker run",
        control: Some(|it, _| TimedRun {
            before: it.build_all(AddedPackage::Nothing),
            command: Invocation::new("docker").args(["run", "--rm", &it.image("ours", "runtime")]).args(PYTHON_VERSION),
        }),
        ours: our_run,
        clock: Clock::Wall,
        aim: Some(Aim::Ratio(1.4)),
        components: "questions about the image and to compose, and the entrypoint with the project's mounts",
    },
    Timing {
        name: "start of a container, to its command",
        control_name: "docker run without entrypoint",
        control: Some(|it, _| TimedRun {
            before: it.build_all(AddedPackage::Nothing),
            command: Invocation::new("docker").args([
                "run",
                "--rm",
                "--entrypoint",
                "true",
                &it.image("ours", "runtime"),
            ]),
        }),
        ours: |it, _| TimedRun {
            before: Vec::new(),
            command: Invocation::new("docker").args(["run", "--rm", &it.image("ours", "runtime"), "true"]),
        },
        clock: Clock::Wall,
        aim: Some(Aim::More(0.06)),
        components: "a shell that names the user, finds the home directory and looks for the project",
    },
    Timing {
        name: "exec true",
        control_name: "docker compose exec",
        control: Some(|it, _| TimedRun {
            before: vec![Preparation::Start(it.compose(&["up", "--detach", "dev"]))],
            command: it.compose(&["exec", "-T", "dev", "true"]),
        }),
        ours: |it, _| TimedRun {
            before: vec![Preparation::Start(it.ours(&["up"]))],
            command: it.ours(&["exec", "true"]),
        },
        clock: Clock::Wall,
        aim: Some(Aim::Ratio(0.7)),
        components: "`docker exec`, which is most of it, and a process in the container that watches whether its client lives",
    },
    Timing {
        name: "up, until the container is there (ours: and ready)",
        control_name: "docker compose up",
        control: Some(|it, _| TimedRun {
            before: vec![Preparation::Start(it.compose(&["down", "--timeout", "1"]))],
            command: it.compose(&["up", "--detach", "dev"]),
        }),
        ours: |it, _| TimedRun {
            before: vec![Preparation::Start(it.ours(&["down", "--yes"]))],
            command: it.ours(&["up"]),
        },
        clock: Clock::Wall,
        aim: None,
        components: "",
    },
    Timing {
        name: "native environment, caches warm",
        control_name: "python -m venv and pip",
        control: Some(|it, _| {
            let (prefix, list) = (it.path("venv"), it.path("control/dependencies/requirements.txt"));
            let project = it.path("native/python-project");
            let script =
                r#"python3 -m venv "$1" && "$1/bin/pip" install -q -r "$2" && "$1/bin/pip" install -q -e "$3""#;
            let words = ["-c", script, "sh", prefix.as_str(), list.as_str(), project.as_str()];
            let mut before = it.write_dependencies(AddedPackage::Nothing);
            before.push(Preparation::Remove(prefix.clone()));
            TimedRun { before, command: Invocation::new("sh").args(words) }
        }),
        ours: |it, _| TimedRun {
            before: vec![
                Preparation::Write(it.path("native/dependencies/environment.yml"), it.environment_yml.clone()),
                Preparation::Remove(it.path("native/.venv")),
            ],
            command: it.native(&["build"]),
        },
        clock: Clock::Wall,
        aim: Some(Aim::Ratio(0.3)),
        components: "uv's solving and copying of files, and the installation of the project itself",
    },
    Timing {
        name: "cold build of the xtask crate, processor time",
        control_name: "",
        control: None,
        ours: |it, _| TimedRun {
            before: vec![
                Preparation::Start(it.cargo(Invocation::new("cargo").args(["fetch", "--locked"]))),
                Preparation::Remove(it.path("target")),
            ],
            command: it.cargo(with_processor_time(&[
                "cargo",
                "build",
                "--quiet",
                "--offline",
                "--locked",
                "--package",
                "xtask",
            ])),
        },
        clock: Clock::Processor,
        aim: Some(Aim::Seconds(35.0)),
        components: "the crates that xtask/README.md weighs; a processor that others use at the same time takes longer",
    },
    Timing {
        name: "cargo xtask --help, warm",
        control_name: "",
        control: None,
        ours: |it, _| {
            let build = Invocation::new("cargo").args(["build", "--quiet", "--package", "xtask"]);
            TimedRun {
                before: vec![Preparation::Start(it.cargo(build))],
                command: it.cargo(Invocation::new("cargo").args(["xtask", "--help"])),
            }
        },
        clock: Clock::Wall,
        aim: None,
        components: "",
    },
    check_timing("check, 10 packages", |it, _| check_packages(it, 10)),
    check_timing("check, 100 packages", |it, _| check_packages(it, 100)),
    check_timing("check, 1,000 packages", |it, _| check_packages(it, 1000)),
    check_timing("check, 10,000 packages", |it, _| check_packages(it, 10_000)),
];

fn control_build(trial: &Trial, added: AddedPackage) -> TimedRun {
    TimedRun { before: trial.write_dependencies(added), command: trial.compose(&["build", "runtime"]) }
}

fn our_build(trial: &Trial, added: AddedPackage, target: &str) -> TimedRun {
    TimedRun { before: trial.write_dependencies(added), command: trial.ours(&["build", target]) }
}

fn our_run(trial: &Trial, _: usize) -> TimedRun {
    TimedRun { before: Vec::new(), command: trial.ours(&[&["run", "--"][..], &PYTHON_VERSION].concat()) }
}

/// [`PACKAGE`] with another spelling for each number: the same is installed, but the step is not cached.
pub fn pip_package(number: usize) -> String {
    format!("{PACKAGE},!=0.{number}")
}

fn system_package(number: usize) -> &'static str {
    SYSTEM_PACKAGES[number % SYSTEM_PACKAGES.len()]
}

const fn check_timing(name: &'static str, ours: fn(&Trial, usize) -> TimedRun) -> Timing {
    Timing { name, control_name: "", control: None, ours, clock: Clock::Wall, aim: None, components: "" }
}

fn check_packages(trial: &Trial, packages: usize) -> TimedRun {
    let head = "name: bench\nchannels:\n  - conda-forge\ndependencies:\n  - python>=3.11\n  - pip\n  - pip:\n";
    let list: String = (0..packages).map(|it| format!("      - package-{it}=={it}.1\n")).collect();
    let file = trial.path("native/dependencies/environment.yml");
    TimedRun { before: vec![Preparation::Write(file, format!("{head}{list}"))], command: trial.native(&["check"]) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_benchmark_has_a_name_of_its_own() {
        let names: BTreeSet<&str> = TIMINGS.iter().map(|it| it.name).collect();
        assert_eq!(names.len(), TIMINGS.len());
    }

    #[test]
    fn a_relative_aim_needs_a_control_and_every_aim_an_explanation() {
        for timing in TIMINGS {
            assert!(
                !matches!(timing.aim, Some(Aim::Ratio(_) | Aim::More(_))) || timing.control.is_some(),
                "{}",
                timing.name
            );
            assert_eq!(timing.aim.is_some(), !timing.components.is_empty(), "{}", timing.name);
            assert_eq!(timing.control.is_some(), !timing.control_name.is_empty(), "{}", timing.name);
        }
    }
}
