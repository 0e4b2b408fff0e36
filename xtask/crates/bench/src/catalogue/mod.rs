//! The list of everything that is measured, with its aims.

mod large;
mod packages;
mod sizes;
mod small;

pub use large::{DISK_AFTER_EDITS, LARGE, PEAK_MEMORY, PUSHED_BYTES};
pub use packages::{ExtraPackage, MAX_ROUNDS, PYTHON_PACKAGES, pip_package};
pub use sizes::{DEV_IMAGE, PUSH_LIMIT, PUSHED_LAYERS, RUNTIME_IMAGE};
pub use small::SMALL;

use super::{
    case::{Counterpart, RelativeAim},
    dependencies::AddedPackages,
    timing::TimedRun,
    trial::Trial,
};

const COMPOSE_BUILD: &str = "docker compose build";
const BUILDX_BUILD: &str = "docker buildx build";

const fn aim(name: &'static str, ratio: f64) -> Counterpart {
    Counterpart { name, aim: Some(RelativeAim::Ratio(ratio)) }
}

const fn no_aim(name: &'static str) -> Counterpart {
    Counterpart { name, aim: None }
}

fn usual_build(trial: &Trial, added: AddedPackages) -> TimedRun {
    TimedRun { before: trial.write_dependencies(added), command: trial.compose(&["build", "runtime"]) }
}

fn strong_build(trial: &Trial, added: AddedPackages) -> TimedRun {
    TimedRun { before: trial.write_dependencies(added), command: trial.strong_build("runtime", 0) }
}

fn our_build(trial: &Trial, added: AddedPackages) -> TimedRun {
    TimedRun { before: trial.write_dependencies(added), command: trial.ours(&["build", "runtime"]) }
}

/// Builds on a base image that nothing was built on before.
fn cold_usual(trial: &Trial, round: usize) -> TimedRun {
    let mut before = trial.build_base(round + 1);
    before.extend(trial.write_dependencies(AddedPackages::Nothing));
    TimedRun { before, command: trial.on_base(trial.compose(&["build", "runtime"]), round + 1, "control") }
}

/// On the base image of [`cold_usual`].
fn cold_strong(trial: &Trial, round: usize) -> TimedRun {
    TimedRun { before: Vec::new(), command: trial.strong_build("runtime", round + 1) }
}

/// On the base image of [`cold_usual`].
fn cold_ours(trial: &Trial, round: usize) -> TimedRun {
    TimedRun { before: Vec::new(), command: trial.on_base(trial.ours(&["build", "runtime"]), round + 1, "ours") }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{case::Case, timing::Timing};

    /// The cases of each part of the report.
    fn parts() -> [Vec<Case>; 2] {
        let small = SMALL.iter().map(|it| it.case).chain([RUNTIME_IMAGE, DEV_IMAGE, PUSHED_LAYERS]);
        let large = LARGE.iter().map(|it| it.case).chain([PUSHED_BYTES, DISK_AFTER_EDITS, PEAK_MEMORY]);
        [small.collect(), large.collect()]
    }

    #[test]
    fn every_case_has_a_name_of_its_own() {
        for cases in parts() {
            let names: BTreeSet<&str> = cases.iter().map(|it| it.name).collect();
            assert_eq!(names.len(), cases.len());
        }
    }

    #[test]
    fn a_side_has_work_and_a_name_for_it_or_neither() {
        for Timing { case, usual, strong, .. } in SMALL.into_iter().chain(LARGE) {
            assert_eq!(case.usual.is_some(), usual.is_some(), "{}", case.name);
            assert_eq!(case.strong.is_some(), strong.is_some(), "{}", case.name);
        }
    }

    #[test]
    fn every_aim_has_an_explanation_of_what_takes_so_long() {
        for case in parts().concat() {
            assert_eq!(case.has_aim(), !case.components.is_empty(), "{}", case.name);
        }
    }
}
