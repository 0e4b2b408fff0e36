//! Everything that is timed.

use process::Invocation;
use project::AptStage;

use super::{
    timing::{Aim, Clock, Preparation, TimedRun, Timing, counted},
    trial::{AddedPackage, Trial},
};

/// A small package of pure Python, at the version whose size is known.
pub const PACKAGE: &str = "tabulate==0.9.0";

/// Small system packages, one for each run: a step that was done before would be cached.
const SYSTEM: [&str; 8] = ["tree", "bc", "zip", "lsof", "pv", "dos2unix", "time", "psmisc"];

/// How often at most something is timed in pairs, after the first time.
pub const MOST_PAIRS: usize = SYSTEM.len() - 1;

const RUN: [&str; 3] = ["run", "--rm", "runtime"];
const PYTHON: [&str; 2] = ["python", "--version"];

/// In the order in which they are run.
pub const TIMINGS: [Timing; 17] = [
    Timing {
        name: "no-op build",
        against: "docker compose build",
        control: Some(|it, _| TimedRun {
            before: it.built(AddedPackage::Nothing),
            command: it.compose(&["build", "runtime"]),
        }),
        ours: |it, _| TimedRun { before: Vec::new(), command: it.ours(&["build", "runtime"]) },
        clock: Clock::Wall,
        aim: Some(Aim::Ratio(0.15)),
        made_of: "questions to the Docker client, each a process of its own",
    },
    Timing {
        name: "build with 1 more pip package (locked before)",
        against: "docker compose build",
        control: Some(|it, n| control_build(it, AddedPackage::Python(&python(n)))),
        ours: |it, n| our_build(it, AddedPackage::Python(&python(n)), "runtime"),
        clock: Clock::Wall,
        aim: Some(Aim::Ratio(0.12)),
        made_of: "buildx, the solving of the difference, two small layers and their export",
    },
    Timing {
        name: "build with 1 more apt-dev package",
        against: "docker compose build",
        control: Some(|it, n| TimedRun {
            before: it.intent(AddedPackage::System(AptStage::Dev, system(n))),
            command: it.compose(&["build", "dev"]),
        }),
        ours: |it, n| our_build(it, AddedPackage::System(AptStage::Dev, system(n)), "dev"),
        clock: Clock::Wall,
        aim: None,
        made_of: "",
    },
    Timing {
        name: "build with 1 more apt-runtime package",
        against: "docker compose build",
        control: Some(|it, n| control_build(it, AddedPackage::System(AptStage::Runtime, system(n)))),
        ours: |it, n| our_build(it, AddedPackage::System(AptStage::Runtime, system(n)), "runtime"),
        clock: Clock::Wall,
        aim: None,
        made_of: "",
    },
    Timing {
        name: "cold build, package caches warm",
        against: "docker compose build",
        control: Some(|it, n| {
            let mut before = it.base(n + 1);
            before.extend(it.intent(AddedPackage::Nothing));
            TimedRun { before, command: it.on_base(it.compose(&["build", "runtime"]), n + 1, "control") }
        }),
        ours: |it, n| TimedRun {
            before: Vec::new(),
            command: it.on_base(it.ours(&["build", "runtime"]), n + 1, "ours"),
        },
        clock: Clock::Wall,
        aim: None,
        made_of: "",
    },
    Timing {
        name: "run python --version",
        against: "docker compose run",
        control: Some(|it, _| TimedRun {
            before: it.built(AddedPackage::Nothing),
            command: it.compose(&[&RUN[..], &PYTHON].concat()),
        }),
        ours: run,
        clock: Clock::Wall,
        aim: None,
        made_of: "",
    },
    Timing {
        name: "run python --version, same image",
        against: "docker run",
        control: Some(|it, _| TimedRun {
            before: it.built(AddedPackage::Nothing),
            command: Invocation::new("docker").args(["run", "--rm", &it.image("ours", "runtime")]).args(PYTHON),
        }),
        ours: run,
        clock: Clock::Wall,
        aim: Some(Aim::Ratio(1.4)),
        made_of: "questions about the image and to compose, and the entrypoint with the project's mounts",
    },
    Timing {
        name: "start of a container, to its command",
        against: "docker run without entrypoint",
        control: Some(|it, _| TimedRun {
            before: it.built(AddedPackage::Nothing),
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
        made_of: "a shell that names the user, finds the home directory and looks for the project",
    },
    Timing {
        name: "exec true",
        against: "docker compose exec",
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
        made_of: "one question about the containers, then `docker exec`, which is most of it",
    },
    Timing {
        name: "up, until the container is there (ours: and ready)",
        against: "docker compose up",
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
        made_of: "",
    },
    Timing {
        name: "native environment, caches warm",
        against: "python -m venv and pip",
        control: Some(|it, _| {
            let (prefix, list) = (it.path("venv"), it.path("control/dependencies/requirements.txt"));
            let project = it.path("native/python-project");
            let script =
                r#"python3 -m venv "$1" && "$1/bin/pip" install -q -r "$2" && "$1/bin/pip" install -q -e "$3""#;
            let words = ["-c", script, "sh", prefix.as_str(), list.as_str(), project.as_str()];
            let mut before = it.intent(AddedPackage::Nothing);
            before.push(Preparation::Remove(prefix.clone()));
            TimedRun { before, command: Invocation::new("sh").args(words) }
        }),
        ours: |it, _| TimedRun {
            before: vec![
                Preparation::Write(it.path("native/dependencies/environment.yml"), it.asked.clone()),
                Preparation::Remove(it.path("native/.venv")),
            ],
            command: it.native(&["build"]),
        },
        clock: Clock::Wall,
        aim: Some(Aim::Ratio(0.3)),
        made_of: "uv's solving and copying of files, and the project's own installation",
    },
    Timing {
        name: "cold build of the xtask crate, processor time",
        against: "",
        control: None,
        ours: |it, _| TimedRun {
            before: vec![
                Preparation::Start(it.cargo(Invocation::new("cargo").args(["fetch", "--locked"]))),
                Preparation::Remove(it.path("target")),
            ],
            command: it.cargo(counted(&["cargo", "build", "--quiet", "--offline", "--locked", "--package", "xtask"])),
        },
        clock: Clock::Processor,
        aim: Some(Aim::Seconds(35.0)),
        made_of: "the crates that xtask/README.md weighs; a processor that others use at the same time works longer for it",
    },
    Timing {
        name: "cargo xtask --help, warm",
        against: "",
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
        made_of: "",
    },
    check("check, 10 packages", |it, _| check_of(it, 10)),
    check("check, 100 packages", |it, _| check_of(it, 100)),
    check("check, 1,000 packages", |it, _| check_of(it, 1000)),
    check("check, 10,000 packages", |it, _| check_of(it, 10_000)),
];

fn control_build(trial: &Trial, added: AddedPackage) -> TimedRun {
    TimedRun { before: trial.intent(added), command: trial.compose(&["build", "runtime"]) }
}

fn our_build(trial: &Trial, added: AddedPackage, target: &str) -> TimedRun {
    TimedRun { before: trial.intent(added), command: trial.ours(&["build", target]) }
}

fn run(trial: &Trial, _: usize) -> TimedRun {
    TimedRun { before: Vec::new(), command: trial.ours(&[&["run", "--"][..], &PYTHON].concat()) }
}

/// The package, asked for in other words each time: what is installed is the same, and the step is not cached.
pub fn python(number: usize) -> String {
    format!("{PACKAGE},!=0.{number}")
}

fn system(number: usize) -> &'static str {
    SYSTEM[number % SYSTEM.len()]
}

const fn check(name: &'static str, ours: fn(&Trial, usize) -> TimedRun) -> Timing {
    Timing { name, against: "", control: None, ours, clock: Clock::Wall, aim: None, made_of: "" }
}

fn check_of(trial: &Trial, packages: usize) -> TimedRun {
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
    fn a_ratio_is_aimed_at_where_there_is_a_control_and_every_aim_has_its_explanation() {
        for timing in TIMINGS {
            assert!(
                !matches!(timing.aim, Some(Aim::Ratio(_) | Aim::More(_))) || timing.control.is_some(),
                "{}",
                timing.name
            );
            assert_eq!(timing.aim.is_some(), !timing.made_of.is_empty(), "{}", timing.name);
            assert_eq!(timing.control.is_some(), !timing.against.is_empty(), "{}", timing.name);
        }
    }
}
