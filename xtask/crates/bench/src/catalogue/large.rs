//! What is measured in an environment of gigabytes.

use process::Invocation;
use project::AptStage;

use super::{
    BUILDX_BUILD, COMPOSE_BUILD, PUSH_LIMIT, aim, cold_ours, cold_strong, cold_usual, no_aim, our_build,
    packages::{pip_package, system_package},
    strong_build, usual_build,
};
use crate::{
    case::{Case, Unit},
    dependencies::AddedPackages,
    side::Side,
    timing::{Clock, Preparation, TimedRun, Timing},
    trial::Trial,
};

const BUILD: Case = Case { name: "", unit: Unit::Seconds, usual: None, strong: None, limit: None, components: "" };

/// In the order in which they run.
pub const LARGE: [Timing; 5] = [
    Timing {
        case: Case {
            name: "build with 1 more pip package, locked before",
            usual: Some(aim(COMPOSE_BUILD, 0.04)),
            strong: Some(aim(BUILDX_BUILD, 0.08)),
            components: "the solver, buildx, the layers above those of the large packages, and their export",
            ..BUILD
        },
        usual: Some(|it, n| usual_build(it, AddedPackages::Python(pip_package(n)))),
        strong: Some(|it, n| strong_build(it, AddedPackages::Python(pip_package(n)))),
        ours: |it, n| our_build(it, AddedPackages::Python(pip_package(n))),
        clock: Clock::Wall,
    },
    Timing {
        case: Case {
            name: "build with 1 more pip package, without a lock",
            usual: Some(aim(COMPOSE_BUILD, 0.04)),
            strong: Some(aim(BUILDX_BUILD, 0.08)),
            components: "solving everything, buildx, the layers above those of the large packages, and their export",
            ..BUILD
        },
        usual: Some(|it, n| usual_build(it, AddedPackages::Python(pip_package(n)))),
        strong: Some(|it, n| strong_build(it, AddedPackages::Python(pip_package(n)))),
        ours: our_build_without_lock,
        clock: Clock::Wall,
    },
    Timing {
        case: Case {
            name: "build with 1 more apt-runtime package",
            usual: Some(aim(COMPOSE_BUILD, 0.15)),
            strong: Some(aim(BUILDX_BUILD, 0.2)),
            components: "apt, and the layers above those of its packages",
            ..BUILD
        },
        usual: Some(|it, n| usual_build(it, AddedPackages::System(AptStage::Runtime, system_package(n)))),
        strong: Some(|it, n| strong_build(it, AddedPackages::System(AptStage::Runtime, system_package(n)))),
        ours: |it, n| our_build(it, AddedPackages::System(AptStage::Runtime, system_package(n))),
        clock: Clock::Wall,
    },
    Timing {
        case: Case {
            name: "1 more pip package built and frozen, then the build (the strong control is locked before it is built)",
            usual: Some(aim("pip freeze, then docker compose build", 0.01)),
            components: "questions to the Docker client, each of which is a process",
            ..BUILD
        },
        usual: Some(usual_build_after_freeze),
        strong: None,
        ours: our_build_after_freeze,
        clock: Clock::Wall,
    },
    Timing {
        case: Case {
            name: "cold build, wheels cached",
            usual: Some(aim(COMPOSE_BUILD, 0.7)),
            strong: Some(aim(BUILDX_BUILD, 1.0)),
            components: "apt, which runs one step after another; uv; the environment's files, their bytecode and their export",
            ..BUILD
        },
        usual: Some(cold_usual),
        strong: Some(cold_strong),
        ours: cold_ours,
        clock: Clock::Wall,
    },
];

pub const PUSHED_BYTES: Case = Case {
    name: "1 more pip package (40 kB), pushed to a registry that has the image before",
    unit: Unit::Bytes,
    usual: Some(no_aim("docker push")),
    strong: Some(no_aim("docker push")),
    limit: Some(PUSH_LIMIT),
    components: "the layers above those of the large packages",
};

pub const DISK_AFTER_EDITS: Case = Case {
    name: "the disk after the first build and 5 edits (ours: each frozen), images and build cache",
    unit: Unit::Bytes,
    usual: Some(aim("1 more pip package each", 0.5)),
    strong: Some(aim("1 more pip package each", 0.5)),
    limit: None,
    components: "the environment in the stages that make it and in the image, and what each edit adds",
};

pub const PEAK_MEMORY: Case = Case {
    name: "peak memory of cargo xtask itself, in a build, a freeze and the build after it",
    unit: Unit::Bytes,
    usual: None,
    strong: None,
    limit: Some(60e6),
    components: "the program, and the lists and answers that it reads",
};

fn our_build_without_lock(trial: &Trial, round: usize) -> TimedRun {
    let mut before = trial.write_unlocked_dependencies(AddedPackages::Nothing);
    before.push(Preparation::Start(trial.ours(&["build", "runtime"])));
    before.extend(trial.write_unlocked_dependencies(AddedPackages::Python(pip_package(round))));
    TimedRun { before, command: trial.ours(&["build", "runtime"]) }
}

/// The list is what pip says that is installed: the same packages in other lines.
fn usual_build_after_freeze(trial: &Trial, round: usize) -> TimedRun {
    let TimedRun { mut before, command } = usual_build(trial, AddedPackages::Python(pip_package(round)));
    let (image, list) =
        (trial.image(Side::Usual.word(), "runtime"), trial.path("control/dependencies/requirements.txt"));
    let freeze = r#"docker run --rm --entrypoint pip "$1" freeze >"$2""#;
    before.push(Preparation::Start(command.clone()));
    before.push(Preparation::Start(Invocation::new("sh").args(["-c", freeze, "sh", &image, list.as_str()])));
    TimedRun { before, command }
}

fn our_build_after_freeze(trial: &Trial, round: usize) -> TimedRun {
    let TimedRun { mut before, command } = our_build(trial, AddedPackages::Python(pip_package(round)));
    before.push(Preparation::Start(command.clone()));
    before.push(Preparation::Start(trial.ours(&["freeze"])));
    TimedRun { before, command }
}
