//! All that the user asked for.

use std::collections::BTreeMap;

use anyhow::Result;

use super::{AptList, EnvironmentYml};
use crate::diagnostics::Findings;
use crate::fs;
use crate::project::{AptStage, Layout};

/// The files of `dependencies/`, parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// conda and pip packages.
    pub environment: EnvironmentYml,
    /// System packages, by what they are for.
    pub apt: BTreeMap<AptStage, AptList>,
}

impl Intent {
    /// Reads and parses the files; everything that is wrong in any of them is reported at once.
    pub fn load(layout: &Layout) -> Result<Self> {
        let mut findings = Findings::default();
        let path = layout.environment_yml();
        let text = fs::read_text(&path)?;
        let environment = findings.collect(EnvironmentYml::parse(&layout.relative(&path), &text))?;
        let mut apt = BTreeMap::new();
        for stage in AptStage::ALL {
            let path = layout.apt_list(stage);
            // A project that needs no system packages may as well have no list.
            let text = fs::read_text_if_any(&path)?.unwrap_or_default();
            if let Some(list) = findings.collect(AptList::parse(&layout.relative(&path), &text))? {
                apt.insert(stage, list);
            }
        }
        findings.or(())?;
        Ok(Self { environment: environment.unwrap_or_default(), apt })
    }
}
