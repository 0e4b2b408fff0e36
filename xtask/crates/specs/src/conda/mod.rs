//! conda's match specs, and the version constraints in them.

mod brackets;
mod build;
mod foreign;
mod match_spec;
mod operator;
mod package_file;
mod pep440;
mod piece;
mod place;
mod suspicious;
mod version;
mod version_parser;
mod version_spec;

pub use match_spec::MatchSpec;
pub use operator::CondaOperator;
pub use pep440::pep440;
pub use suspicious::suspicious;
pub use version::CondaVersion;
pub use version_spec::VersionSpec;

#[cfg(test)]
mod reference_cases;
