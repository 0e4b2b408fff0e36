//! Base images made of a distribution's packages, for where no registry answers.

mod archives;
mod description;
mod recipe;
mod release;

pub use archives::{Archives, Mirror};
pub use description::Description;
pub use recipe::{BaseRecipe, Downloads};
pub use release::{Architecture, Distribution, Release};
