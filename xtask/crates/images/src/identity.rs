//! Which image it is that has a name now.

use inputs::Project;
use serde_json::Value;

use crate::freshness::ImageAnswers;

/// An image as the daemon describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageIdentity {
    /// `sha256:…`.
    pub id: String,
    /// When it was built, in RFC 3339.
    pub created: String,
    /// An object; null where it has none.
    pub labels: Value,
}

impl ImageIdentity {
    /// `None` where the daemon does not have the image, or none answers.
    pub fn of(project: &Project, image: &str) -> Option<Self> {
        ImageAnswers::get(project, &[image.to_owned()]).identity(image)
    }
}
