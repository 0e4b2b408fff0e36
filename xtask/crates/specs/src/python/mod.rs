//! Python packaging's own notations: versions, specifiers, markers, requirements, and the lines that pip reads.

#[cfg(test)]
mod cases;
mod clause;
mod cursor;
mod line;
mod marker;
mod marker_environment;
mod name;
mod number;
mod pip_line;
mod pip_option;
mod requirement;
mod requirement_lines;
mod specifier;
mod unnamed_url;
mod version;
mod words;

use clause::{Clause, Operator};
use marker::Marker;
pub use marker_environment::MarkerEnvironment;
pub use name::normalised;
pub use pip_line::{PipLine, option};
pub use requirement::{Requirement, RequirementSource};
pub use requirement_lines::RequirementLine;
pub use specifier::SpecifierSet;
pub use version::Version;
