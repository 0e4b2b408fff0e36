//! Whether the daemon has an image.

use docker::ImageQuery;
use inputs::Project;
use project::EngineChoice;

/// Whether the daemon has an image. Without a daemon, or for the native engine, none exists.
pub fn exists(project: &Project, image: &str) -> bool {
    // That Docker is missing is said by whoever asks for the engine next.
    project.settings.engine != EngineChoice::Native
        && project.cx.runner.read(&ImageQuery { image }.invocation()).is_ok_and(|it| it.exit.success())
}
