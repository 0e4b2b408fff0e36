//! Findings: what is wrong in an input, where, and what to do about it, as text, JSON or annotations; and YAML in which
//! every node has its place. What is right and wrong in an input is decided in the crates that parse it.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make the files that they look at"))]

mod code;
mod finding;
mod findings;
pub mod parses;
mod problem;
mod render;
mod source;
mod span;
mod suggestion;
pub mod yaml;

pub use code::{Code, Severity};
pub use finding::Finding;
pub use findings::Findings;
pub use problem::Problem;
pub use render::Format;
pub use source::Source;
pub use span::{Position, Span};
pub use suggestion::nearest;
