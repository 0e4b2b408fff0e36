//! What is timed in this project's own environment.

use process::Invocation;
use project::AptStage;

use super::{
    BUILDX_BUILD, COMPOSE_BUILD, aim, cold_ours, cold_strong, cold_usual, no_aim, our_build,
    packages::{pip_package, system_package},
    strong_build, usual_build,
};
use crate::{
    case::{Case, Counterpart, RelativeAim, Unit},
    dependencies::AddedPackages,
    side::Side,
    timing::{Clock, NthRun, Preparation, TimedRun, Timing, with_processor_time},
    trial::Trial,
};

const COMPOSE_RUN: [&str; 3] = ["run", "--rm", "runtime"];
const PYTHON_VERSION: [&str; 2] = ["python", "--version"];

/// A case without counterparts and aims.
const PLAIN: Case = Case { name: "", unit: Unit::Seconds, usual: None, strong: None, limit: None, components: "" };

/// In the order in which they run.
pub const SMALL: [Timing; 17] = [
    Timing {
        case: Case {
            name: "no-op build",
            usual: Some(aim(COMPOSE_BUILD, 0.08)),
            strong: Some(aim(BUILDX_BUILD, 0.15)),
            components: "questions to the Docker client, each of which is a process",
            ..PLAIN
        },
        usual: Some(|it, _| TimedRun {
            before: it.build_all(AddedPackages::Nothing),
            command: it.compose(&["build", "runtime"]),
        }),
        strong: Some(|it, _| TimedRun { before: Vec::new(), command: it.strong_build("runtime", 0) }),
        ours: |it, _| TimedRun { before: Vec::new(), command: it.ours(&["build", "runtime"]) },
        clock: Clock::Wall,
    },
    Timing {
        case: Case {
            name: "build with 1 more pip package (locked before)",
            usual: Some(aim(COMPOSE_BUILD, 0.08)),
            strong: Some(aim(BUILDX_BUILD, 0.25)),
            components: "the solver, buildx, small layers and their export",
            ..PLAIN
        },
        usual: Some(|it, n| usual_build(it, AddedPackages::Python(pip_package(n)))),
        strong: Some(|it, n| strong_build(it, AddedPackages::Python(pip_package(n)))),
        ours: |it, n| our_build(it, AddedPackages::Python(pip_package(n))),
        clock: Clock::Wall,
    },
    Timing {
        case: Case {
            name: "build with 1 more apt-dev package",
            usual: Some(no_aim(COMPOSE_BUILD)),
            strong: Some(no_aim(BUILDX_BUILD)),
            ..PLAIN
        },
        usual: Some(|it, n| TimedRun { before: one_more_tool(it, n), command: it.compose(&["build", "dev"]) }),
        strong: Some(|it, n| TimedRun { before: one_more_tool(it, n), command: it.strong_build("dev", 0) }),
        ours: |it, n| TimedRun { before: one_more_tool(it, n), command: it.ours(&["build", "dev"]) },
        clock: Clock::Wall,
    },
    Timing {
        case: Case {
            name: "build with 1 more apt-runtime package",
            usual: Some(aim(COMPOSE_BUILD, 0.6)),
            strong: Some(aim(BUILDX_BUILD, 0.8)),
            components: "apt, and the layers above those of its packages",
            ..PLAIN
        },
        usual: Some(|it, n| usual_build(it, AddedPackages::System(AptStage::Runtime, system_package(n)))),
        strong: Some(|it, n| strong_build(it, AddedPackages::System(AptStage::Runtime, system_package(n)))),
        ours: |it, n| our_build(it, AddedPackages::System(AptStage::Runtime, system_package(n))),
        clock: Clock::Wall,
    },
    Timing {
        case: Case {
            name: "cold build, package caches warm",
            usual: Some(aim(COMPOSE_BUILD, 0.5)),
            strong: Some(aim(BUILDX_BUILD, 1.0)),
            components: "apt, which runs one step after another; uv; the environment's files and their bytecode",
            ..PLAIN
        },
        usual: Some(cold_usual),
        strong: Some(cold_strong),
        ours: cold_ours,
        clock: Clock::Wall,
    },
    Timing {
        case: Case {
            name: "run python --version",
            usual: Some(no_aim("docker compose run")),
            strong: Some(no_aim("docker run")),
            ..PLAIN
        },
        usual: Some(|it, _| TimedRun {
            before: it.build_all(AddedPackages::Nothing),
            command: it.compose(&[&COMPOSE_RUN[..], &PYTHON_VERSION].concat()),
        }),
        strong: Some(|it, _| docker_run(it, Side::Strong, &PYTHON_VERSION)),
        ours: |it, _| TimedRun {
            before: Vec::new(),
            command: it.ours(&[&["run", "--"][..], &PYTHON_VERSION].concat()),
        },
        clock: Clock::Wall,
    },
    Timing {
        case: Case {
            name: "run true (the control: the same image, without this tool)",
            strong: Some(aim("docker run", 1.1)),
            components: "questions about the image and to compose, and the entrypoint with the project's mounts",
            ..PLAIN
        },
        usual: None,
        strong: Some(|it, _| docker_run(it, Side::Ours, &["true"])),
        ours: |it, _| TimedRun { before: Vec::new(), command: it.ours(&["run", "--", "true"]) },
        clock: Clock::Wall,
    },
    Timing {
        case: Case {
            name: "start of a container, to its command (the control: the same image)",
            strong: Some(Counterpart { name: "docker run without entrypoint", aim: Some(RelativeAim::More(0.06)) }),
            components: "a shell that names the user, finds the home directory and looks for the project",
            ..PLAIN
        },
        usual: None,
        strong: Some(|it, _| TimedRun {
            before: it.build_all(AddedPackages::Nothing),
            command: Invocation::new("docker").args([
                "run",
                "--rm",
                "--entrypoint",
                "true",
                &it.image("ours", "runtime"),
            ]),
        }),
        ours: |it, _| docker_run(it, Side::Ours, &["true"]),
        clock: Clock::Wall,
    },
    Timing {
        case: Case {
            name: "exec true",
            usual: Some(aim("docker compose exec", 0.6)),
            strong: Some(aim("docker exec", 1.15)),
            components: "`docker exec`, which is most of it, and a process in the container that watches whether its client \
                         lives",
            ..PLAIN
        },
        usual: Some(|it, _| TimedRun {
            before: vec![Preparation::Start(it.compose(&["up", "--detach", "dev"]))],
            command: it.compose(&["exec", "-T", "dev", "true"]),
        }),
        strong: Some(|it, _| TimedRun {
            before: vec![it.start_strong()],
            command: Invocation::new("docker").args(["exec", &it.strong_container(), "true"]),
        }),
        ours: |it, _| TimedRun {
            before: vec![Preparation::Start(it.ours(&["up"]))],
            command: it.ours(&["exec", "true"]),
        },
        clock: Clock::Wall,
    },
    Timing {
        case: Case {
            name: "up, until the container is there (ours: and ready)",
            usual: Some(no_aim("docker compose up")),
            ..PLAIN
        },
        usual: Some(|it, _| TimedRun {
            before: vec![Preparation::Start(it.compose(&["down", "--timeout", "1"]))],
            command: it.compose(&["up", "--detach", "dev"]),
        }),
        strong: None,
        ours: |it, _| TimedRun {
            before: vec![Preparation::Start(it.ours(&["down", "--yes"]))],
            command: it.ours(&["up"]),
        },
        clock: Clock::Wall,
    },
    Timing {
        case: Case {
            name: "native environment, caches warm",
            usual: Some(aim("python -m venv and pip", 0.3)),
            components: "uv's solving and copying of files, and the installation of the project itself",
            ..PLAIN
        },
        usual: Some(native_by_pip),
        strong: None,
        ours: |it, _| TimedRun {
            before: vec![
                Preparation::Write(it.path("native/dependencies/environment.yml"), it.dependencies.asked.clone()),
                Preparation::Remove(it.path("native/.venv")),
            ],
            command: it.native(&["build"]),
        },
        clock: Clock::Wall,
    },
    Timing {
        case: Case {
            name: "cold build of the xtask crate, processor time",
            limit: Some(35.0),
            components: "the crates that xtask/README.md weighs; a processor that others use at the same time takes longer",
            ..PLAIN
        },
        usual: None,
        strong: None,
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
    },
    of_ours_alone("cargo xtask --help, warm", |it, _| {
        let build = Invocation::new("cargo").args(["build", "--quiet", "--package", "xtask"]);
        TimedRun {
            before: vec![Preparation::Start(it.cargo(build))],
            command: it.cargo(Invocation::new("cargo").args(["xtask", "--help"])),
        }
    }),
    of_ours_alone("check, 10 packages", |it, _| check_packages(it, 10)),
    of_ours_alone("check, 100 packages", |it, _| check_packages(it, 100)),
    of_ours_alone("check, 1,000 packages", |it, _| check_packages(it, 1000)),
    of_ours_alone("check, 10,000 packages", |it, _| check_packages(it, 10_000)),
];

const fn of_ours_alone(name: &'static str, ours: NthRun) -> Timing {
    Timing { case: Case { name, ..PLAIN }, usual: None, strong: None, ours, clock: Clock::Wall }
}

fn one_more_tool(trial: &Trial, round: usize) -> Vec<Preparation> {
    trial.write_dependencies(AddedPackages::System(AptStage::Dev, system_package(round)))
}

/// Bare `docker run` of a side's runtime image.
fn docker_run(trial: &Trial, side: Side, command: &[&str]) -> TimedRun {
    let image = trial.image(side.word(), "runtime");
    let command = Invocation::new("docker").args(["run", "--rm", &image]).args(command.iter().copied());
    TimedRun { before: trial.build_all(AddedPackages::Nothing), command }
}

fn native_by_pip(trial: &Trial, _: usize) -> TimedRun {
    let (prefix, list) = (trial.path("venv"), trial.path("control/dependencies/requirements.txt"));
    let project = trial.path("native/python-project");
    let script = r#"python3 -m venv "$1" && "$1/bin/pip" install -q -r "$2" && "$1/bin/pip" install -q -e "$3""#;
    let words = ["-c", script, "sh", prefix.as_str(), list.as_str(), project.as_str()];
    let mut before = trial.write_dependencies(AddedPackages::Nothing);
    before.push(Preparation::Remove(prefix.clone()));
    TimedRun { before, command: Invocation::new("sh").args(words) }
}

fn check_packages(trial: &Trial, packages: usize) -> TimedRun {
    let head = "name: bench\nchannels:\n  - conda-forge\ndependencies:\n  - python>=3.11\n  - pip\n  - pip:\n";
    let list: String = (0..packages).map(|it| format!("      - package-{it}=={it}.1\n")).collect();
    let file = trial.path("native/dependencies/environment.yml");
    TimedRun { before: vec![Preparation::Write(file, format!("{head}{list}"))], command: trial.native(&["check"]) }
}
