//! The labels of images that this tool writes and reads.

/// The hash over all that an image is made of.
pub const INPUTS: &str = "xtask.inputs";
/// The digest of each part that it is made of.
pub const PARTS: &str = "xtask.parts";
/// The lines of the dependency files that it was made from.
pub const ASKED: &str = "xtask.asked";
/// The id of the base image that it was built from.
pub const BASE: &str = "xtask.base";
/// The commit, of the OCI's image specification.
pub const REVISION: &str = "org.opencontainers.image.revision";

/// Those from which it can be judged whether an image is up to date, and why not.
pub const MADE_OF: [&str; 3] = [INPUTS, PARTS, ASKED];
