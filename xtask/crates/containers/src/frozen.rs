//! What was frozen from the dev container, which is not out of date for packages that it has.

use serde_json::{Value, json};

use docker::Container;
use inputs::Project;
use process::files::{self, NewFile};

/// Keeps that the dependency files ask for what the container with this full id has. `inputs` is the hash of what its image would
/// be built from.
pub fn mark_frozen(project: &Project, container: &str, inputs: &str) {
    let file = NewFile::text(json!({ "container": container, "inputs": inputs }).to_string());
    // Without the file, a command in the container warns once too often.
    _ = project.cx.files.write(&project.cx.layout.frozen_container(), &file);
}

/// Whether the dependency files were frozen from this container, and are as they were then.
pub fn is_frozen_as(project: &Project, container: &Container, inputs: &str) -> bool {
    let known = files::read_text_if_any(&project.cx.layout.frozen_container()).ok().flatten();
    let known: Value = known.and_then(|it| serde_json::from_str(&it).ok()).unwrap_or_default();
    known["container"] == container.id.as_str() && known["inputs"] == inputs
}
