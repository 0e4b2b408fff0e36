//! Recorded environments: this project's own, read by the probe where uv made it, and one of conda's of a usual size.

use report::Source;

use super::{Analysis, PROBE, PackageOutcome, Snapshot, probe_arguments};
use crate::{
    EnvironmentFile, Intent, Solver, drift,
    freeze::{self, AddedSpec, PackageList},
    lock::{Lock, LockMatch, LockOrigin, NormalisedIntent, Pylock, PylockRequest},
};

const OWN: &str = include_str!("../../tests/data/snapshots/own-environment.json");
/// What uv 0.13.9 answered for it.
const OWN_FILES: &str = include_str!("../../tests/data/snapshots/own-environment.pylock.toml");
const CONDA: &str = include_str!("../../tests/data/snapshots/conda-environment.json");

const OWN_FILE: &str = "dependencies:\n  - python>=3.11\n  - pip\n  - pip:\n    - hydra-core>=1.3\n    - numpy\n    \
    - tqdm\n    - wandb\n    - pre-commit\n    - pytest\n    - ruff\n";

const CONDA_FILE: &str = "channels: [conda-forge]\ndependencies:\n  - python=3.12\n  - numpy >=2\n  - pandas\n  \
    - scikit-learn\n  - matplotlib\n  - h5py\n  - pytables\n  - numba\n  - jupyterlab\n  - pytest\n  - hypothesis\n  \
    - pytorch >=2.5\n  - torchvision\n  - pyarrow\n  - dask-core\n  - xarray\n  - seaborn\n  - statsmodels\n  - swig\n  \
    - mkl=2024\n  - graphviz\n  - pip\n  - tqdm\n  - libboost\n  - eigen\n  - opencv-python-headless\n  - liblapacke\n  - pip:\n    \
    - hydra-core>=1.3\n    - wandb\n    - lab-tools @ git+https://git.example/lab/lab-tools.git@v0.4\n";

fn file(text: &str) -> EnvironmentFile {
    let file = EnvironmentFile::parse(Source::new("environment.yml", text));
    assert!(!file.findings().has_errors(), "{}", file.findings());
    file
}

fn name(package: &AddedSpec) -> &str {
    let (AddedSpec::Conda { name, .. } | AddedSpec::Pip { name, .. }) = package;
    name
}

fn names(packages: &[AddedSpec]) -> Vec<&str> {
    packages.iter().map(name).collect()
}

#[test]
fn our_own_environment_is_what_is_asked_for_and_no_more() {
    let snapshot = Snapshot::parse(OWN).unwrap();
    let file = file(OWN_FILE);
    let analysis = Analysis::new(&snapshot, &file, "template-project");
    assert!(analysis.listed.iter().all(|it| matches!(it.outcome, PackageOutcome::Pinned(_))), "{:?}", analysis.listed);
    assert_eq!(names(&analysis.by_hand), Vec::<&str>::new());
    assert_eq!(analysis.transitive.len() + 8, snapshot.distributions.len() - 1, "all but the project and 8 lines");
    assert!(analysis.findings.is_empty() && snapshot.warnings.is_empty());

    let request = PylockRequest::new(&snapshot, file.environment(), "template-project");
    assert_eq!(request.requirements.lines().count(), snapshot.distributions.len() - 1);
    let origin =
        LockOrigin { solver: Solver::Uv, solver_version: Some("0.13.9".to_owned()), base: None, variant: None };
    let intent = Intent { environment: file.environment().clone(), apt: [].into() };
    let artefacts = Pylock::parse(OWN_FILES).unwrap();
    let lock = Lock::new(&snapshot, &intent, &artefacts, &[], origin, "template-project", None).unwrap();
    assert_eq!(lock.pylock.packages.len(), snapshot.distributions.len() - 1);
    assert_eq!(lock.matches(&intent, &snapshot.platform, Solver::Uv), LockMatch::Exact);
    assert_eq!(drift(&snapshot, &file, Some(&lock), "template-project").to_string(), "");
}

#[test]
fn a_conda_environment_of_a_usual_size_is_understood() {
    let snapshot = Snapshot::parse(CONDA).unwrap();
    assert!(snapshot.conda.len() > 200 && snapshot.warnings.is_empty());
    let file = file(CONDA_FILE);
    let analysis = Analysis::new(&snapshot, &file, "template-project");
    assert!(analysis.listed.iter().all(|it| matches!(it.outcome, PackageOutcome::Pinned(_))), "{:?}", analysis.listed);
    assert_eq!(names(&analysis.by_hand), ["htop", "rich", "einops"]);
    let transitive: Vec<&str> =
        analysis.transitive.iter().filter(|it| it.list() == PackageList::Pip).map(name).collect();
    assert_eq!(transitive, ["antlr4-python3-runtime", "gitdb", "GitPython", "omegaconf", "smmap"]);
    assert!(analysis.findings.is_empty(), "{}", analysis.findings);
}

#[test]
fn a_frozen_file_has_no_drift_and_asks_for_the_same() {
    for (snapshot, text, solver) in [(OWN, OWN_FILE, Solver::Uv), (CONDA, CONDA_FILE, Solver::Conda)] {
        let snapshot = Snapshot::parse(snapshot).unwrap();
        let original = file(text);
        let analysis = Analysis::new(&snapshot, &original, "template-project");
        let installed = freeze::InstalledPackages {
            pins: &analysis.pins(),
            added: &analysis.by_hand,
            transitive: None,
            applies: &|line| analysis.applies(line),
        };
        let edited = freeze::freeze(&original, &installed).unwrap();
        assert_eq!(edited.findings.to_string(), "");
        let frozen = edited.file;
        let packages = |file: &EnvironmentFile| file.environment().conda.len() + file.environment().pip.len();
        assert_eq!(packages(&frozen), packages(&original) + analysis.by_hand.len());
        assert_eq!(drift(&snapshot, &frozen, None, "template-project").to_string(), "");

        let normalised = |file: &EnvironmentFile| {
            NormalisedIntent::new(&Intent { environment: file.environment().clone(), apt: [].into() }, solver).lines()
        };
        let (before, after) = (normalised(&original), normalised(&frozen.thawed()));
        assert!(before.iter().all(|it| after.contains(it)), "{before:?} {after:?}");
        assert_eq!(after.len(), before.len() + analysis.by_hand.len());
    }
}

#[test]
fn the_probe_is_told_to_pass_over_what_is_the_users_own() {
    let arguments = probe_arguments(["vim", "g++"]);
    assert_eq!(arguments, ["-I", "-c", PROBE, "vim", "g++"]);
}
