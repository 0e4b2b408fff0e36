//! How bad a vulnerability is.

use std::fmt;

/// The four words of CVSS that mean something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rating {
    Low,
    Medium,
    High,
    Critical,
}

impl Rating {
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The word of a database; GitHub's says `MODERATE` for medium.
    pub fn of_word(word: &str) -> Option<Self> {
        match word.to_ascii_lowercase().as_str() {
            "moderate" => Some(Self::Medium),
            word => Self::ALL.into_iter().find(|it| it.name() == word),
        }
    }

    /// The word for a base score, in tenths.
    ///
    /// Source: CVSS 3.1, section 5, "Qualitative severity rating scale".
    pub fn of_score(tenths: u32) -> Self {
        match tenths {
            ..40 => Self::Low,
            40..70 => Self::Medium,
            70..90 => Self::High,
            90.. => Self::Critical,
        }
    }
}

impl fmt::Display for Rating {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
