//! Base images built from a distribution's packages, for where no registry answers.

mod archives;
mod description;
mod recipe;
mod release;

pub use archives::Mirror;
pub use release::{Architecture, Release};

pub(crate) use archives::Archives;
pub(crate) use description::ImageDescription;
pub(crate) use recipe::{BaseRecipe, Downloads};
pub(crate) use release::BaseDistribution;
