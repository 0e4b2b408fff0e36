//! The three that are measured beside each other.

/// Whose images, containers and files something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The usual layout of a research image, in `benchmarks/control/`.
    Usual,
    /// The best that one writes by hand with uv, in `benchmarks/strong-control/`.
    Strong,
    Ours,
}

impl Side {
    /// In the order in which they are measured.
    pub const ALL: [Self; 3] = [Self::Usual, Self::Strong, Self::Ours];

    /// The word in the names of its directory, images and containers.
    pub fn word(self) -> &'static str {
        match self {
            Self::Usual => "control",
            Self::Strong => "strong-control",
            Self::Ours => "ours",
        }
    }
}
