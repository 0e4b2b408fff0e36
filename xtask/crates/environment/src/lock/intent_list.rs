//! The lists that the intent is made of.

use std::cmp::Ordering;

use project::AptStage;

/// A list of `dependencies/`, as locks and the labels of images name it in front of each line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntentList {
    /// A file of system packages.
    Apt(AptStage),
    /// `channels:` of `environment.yml`.
    Channels,
    /// `dependencies:` of `environment.yml`.
    Conda,
    /// What the files bound that the `pip:` section names by `-c`.
    Constraints,
    /// The options among the `pip:` section, such as `--pre`.
    Options,
    /// The packages of the `pip:` section.
    Pip,
    /// The projects in folders of the repository that it names.
    Projects,
}

impl IntentList {
    const ALL: [Self; 9] = [
        Self::Apt(AptStage::Build),
        Self::Apt(AptStage::Dev),
        Self::Apt(AptStage::Runtime),
        Self::Channels,
        Self::Conda,
        Self::Constraints,
        Self::Options,
        Self::Pip,
        Self::Projects,
    ];

    /// The word in locks and labels. Existing images and committed locks hold it, so it never changes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Apt(AptStage::Build) => "apt-build",
            Self::Apt(AptStage::Dev) => "apt-dev",
            Self::Apt(AptStage::Runtime) => "apt-runtime",
            Self::Channels => "channels",
            Self::Conda => "conda",
            Self::Constraints => "constraints",
            Self::Options => "options",
            Self::Pip => "pip",
            Self::Projects => "projects",
        }
    }

    /// The list of a [`name`](Self::name).
    pub(super) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// The file that holds the list, in `dependencies/`.
    pub fn file(self) -> &'static str {
        match self {
            Self::Apt(stage) => stage.file_name(),
            Self::Channels | Self::Conda | Self::Constraints | Self::Options | Self::Pip | Self::Projects => {
                "environment.yml"
            }
        }
    }

    /// Whether each line names a package. Channels and options are one line each, because their order counts.
    pub(super) fn has_packages(self) -> bool {
        !matches!(self, Self::Channels | Self::Options)
    }
}

/// The alphabetical order of the names: digests of locks and labels of images are made in it.
impl Ord for IntentList {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name().cmp(other.name())
    }
}

impl PartialOrd for IntentList {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_list_is_known_by_its_name_and_named_after_its_file() {
        assert!(IntentList::ALL.is_sorted());
        for list in IntentList::ALL {
            assert_eq!(IntentList::of_name(list.name()), Some(list));
        }
        for stage in AptStage::ALL {
            assert_eq!(format!("{}.txt", IntentList::Apt(stage).name()), stage.file_name());
        }
        assert_eq!(IntentList::of_name("apt"), None);
    }
}
