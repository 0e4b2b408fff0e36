//! The walls of the house: which crate may use which, names that stand once, comments that say something, which Rust the
//! dependencies need, and versions written twice. `cargo test --workspace architecture` runs them, and counts parses.

#![allow(clippy::disallowed_methods, reason = "tests make the files that they look at")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod architecture;
