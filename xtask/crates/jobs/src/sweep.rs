//! One command with many values.

use std::collections::BTreeMap;

/// An array of jobs, one for each set of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sweep {
    /// In the order of their indices, which begin at 0.
    pub points: Vec<ParameterSet>,
    /// How many may run at once; all where there is none.
    pub max_parallel: Option<u32>,
}

/// Values by name, as they are appended to the command: `name=value`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ParameterSet(pub BTreeMap<String, String>);
