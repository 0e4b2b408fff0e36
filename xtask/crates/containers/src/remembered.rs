//! What Docker has last said of the dev container, kept so that nobody has to wait for the same answer again.

use serde_json::{Value, json};

use docker::{Container, ContainerState};
use inputs::{DaemonChoice, Project};
use process::files::{self, NewFile};
use project::{Context, EngineChoice};

use super::{control_group::ControlGroup, dev_container::find_dev_among};

/// Hexadecimal digits of a full id, which no two containers share.
const ID_DIGITS: usize = 64;

/// The dev container, where it is this checkout's and runs without any doubt: nothing has changed about whom Docker's client
/// asks and whom it is asked about, and this machine shows that the container runs. Docker is not asked.
pub fn recall(project: &Project) -> Option<Container> {
    let text = files::read_text_if_any(&project.cx.layout.dev_container()).ok()??;
    let known: Value = serde_json::from_str(&text).ok()?;
    if known["asked"] != asked(project) {
        return None;
    }
    let container = find_dev_among(project.cx, Container::parse(known["answer"].as_str()?)).ok()??;
    let is_certain = has_full_id(&container) && !container.directory.is_empty();
    let group = ControlGroup::known(known["control_group"].as_str()?, &container.id)?;
    (is_certain && container.state == ContainerState::Running && group.is_running()).then_some(container)
}

/// Keeps what Docker has answered, where [`recall`] can make use of it.
pub fn remember(project: &Project, container: &Container) {
    let is_useful = container.state == ContainerState::Running && has_full_id(container);
    let group = if is_useful { ControlGroup::find(&container.id) } else { None };
    let Some(group) = group else { return forget(project.cx) };
    let known = json!({
        "asked": asked(project), "control_group": group.directory().as_str(), "answer": container.answer(),
    });
    // Private, because labels quote the dependency files. Without the file, Docker is asked again.
    let file = NewFile { contents: known.to_string().into_bytes(), mode: files::PRIVATE };
    _ = project.cx.files.write(&project.cx.layout.dev_container(), &file);
}

/// For what changes the container.
pub fn forget(cx: &Context) {
    // What stays is not believed.
    _ = cx.files.remove_file(&cx.layout.dev_container());
}

fn has_full_id(container: &Container) -> bool {
    container.id.len() == ID_DIGITS && container.id.bytes().all(|it| it.is_ascii_hexdigit())
}

/// Whom Docker's client asks, and about which project's containers.
fn asked(project: &Project) -> Value {
    let engine = (project.settings.engine == EngineChoice::Podman).then_some("podman");
    json!([DaemonChoice::read(&project.cx.host).to_json(), project.settings.compose_project, engine])
}
