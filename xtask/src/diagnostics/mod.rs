//! Findings: what is wrong in an input, where, and what to do about it.

mod finding;
mod position;
mod suggestion;

pub use finding::{Finding, Findings};
pub use position::Position;
pub use suggestion::nearest;
