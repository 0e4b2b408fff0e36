//! All that the user asked for.

use std::collections::BTreeMap;

use project::AptStage;

use super::{AptList, EnvironmentYml};

/// The files of `dependencies/`, parsed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Intent {
    /// conda and pip packages.
    pub environment: EnvironmentYml,
    /// System packages, by what they are for.
    pub apt: BTreeMap<AptStage, AptList>,
}
