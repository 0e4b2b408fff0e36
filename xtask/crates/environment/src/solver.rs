//! Who installs Python packages.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Solver {
    /// conda's solver chooses its packages, uv adds the `pip:` section.
    Conda,
    /// uv installs everything, Python included.
    Uv,
}

impl Solver {
    /// The value of `SOLVER` in the settings and in the Dockerfile.
    pub fn name(self) -> &'static str {
        match self {
            Self::Conda => "conda",
            Self::Uv => "uv",
        }
    }
}
