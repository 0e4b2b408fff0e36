//! The intent: all dependency files together.

use std::collections::HashMap;

use camino::{Utf8Path, Utf8PathBuf};
use project::AptStage;
use specs::python::PipLine;

use super::{AptList, EnvironmentYml, lock::IntentList};

/// The files of `dependencies/`, parsed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Intent {
    pub environment: EnvironmentYml,
    /// A stage without a file has no list.
    pub apt: HashMap<AptStage, AptList>,
}

/// A package that somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedPackage {
    pub list: IntentList,
    /// As it is written.
    pub name: String,
    /// The file that it is in, where that is not the list's own but one that it includes.
    pub included: Option<Utf8PathBuf>,
    /// The line of the file.
    pub line: usize,
}

impl Intent {
    /// The system packages and those of the `pip:` list.
    pub fn listed_packages(&self) -> Vec<AskedPackage> {
        let mut all = Vec::new();
        for stage in AptStage::ALL {
            let packages = self.apt.get(&stage).into_iter().flat_map(AptList::iter);
            all.extend(packages.map(|(package, span)| AskedPackage {
                list: IntentList::Apt(stage),
                name: package.name.clone(),
                included: None,
                line: span.start.line,
            }));
        }
        for (line, span) in &self.environment.pip {
            let PipLine::Requirement { requirement, .. } = line else { continue };
            all.push(AskedPackage {
                list: IntentList::Pip,
                name: requirement.name.clone(),
                included: self.environment.included_file(*span).map(Utf8Path::to_owned),
                line: span.start.line,
            });
        }
        all
    }
}
