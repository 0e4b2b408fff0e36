//! The labels of images that this tool writes and reads.

/// The inputs hash.
pub const INPUTS: &str = "xtask.inputs";
/// The inputs hash that the same image has once what was solved for it is locked.
pub const LOCKED_INPUTS: &str = "xtask.inputs.locked";
/// A JSON object with the digest of each input.
pub const PARTS: &str = "xtask.parts";
/// A JSON list of the lines of the dependency files.
pub const INTENT: &str = "xtask.asked";
/// The id of the base image.
pub const BASE: &str = "xtask.base";
/// The name of the project, from pyproject.toml. Source: the OCI's image specification, `annotations.md`.
pub const TITLE: &str = "org.opencontainers.image.title";
/// The git commit. Source: the OCI's image specification, `annotations.md`.
pub const REVISION: &str = "org.opencontainers.image.revision";

/// What a benchmark has made, and all that is built from it. Its value is the benchmark's project.
pub const BENCH: &str = "xtask.bench";

/// The name of a job, in its project.
pub(super) const JOB: &str = "xtask.job";

/// The labels that say whether an image is up to date, and if not, why.
pub const FRESHNESS: [&str; 4] = [INPUTS, PARTS, INTENT, LOCKED_INPUTS];
