//! The intent: all dependency files together.

use std::collections::HashMap;

use project::AptStage;

use super::{AptList, EnvironmentYml};

/// The files of `dependencies/`, parsed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Intent {
    pub environment: EnvironmentYml,
    /// A stage without a file has no list.
    pub apt: HashMap<AptStage, AptList>,
}
