//! Questions to the daemon, asked by the client's command line as a person would.

use std::ffi::OsStr;
use std::net::Ipv4Addr;

use serde_json::Value;

use super::process::{bounded, command};

/// `docker …`
pub fn docker<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> assert_cmd::Command {
    let mut docker = command("docker");
    docker.args(arguments);
    bounded(docker)
}

/// What a command that must succeed prints, without the line's end.
pub fn answer<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> String {
    let output = docker(arguments).assert().success().get_output().stdout.clone();
    String::from_utf8(output).expect("docker prints UTF-8").trim_end().to_owned()
}

/// Why there is nothing to test with, if so.
pub fn require_daemon() -> Result<(), String> {
    let asked = docker(["version", "--format", "{{.Server.Version}}"]).output();
    match asked {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("no Docker daemon answers: {}", String::from_utf8_lossy(&output.stderr).trim())),
        Err(why) => Err(format!("there is no `docker` to start: {why}")),
    }
}

/// Whether the engine keeps images with containerd, which holds one image for several platforms.
pub fn has_containerd_store() -> bool {
    answer(["info", "--format", "{{.DriverStatus}}"]).contains("io.containerd.snapshotter")
}

/// Everything that the daemon knows of an image or container.
pub fn inspect(kind: &str, name: &str) -> Value {
    let text = answer([kind, "inspect", name]);
    let all: Vec<Value> = serde_json::from_str(&text).expect("docker prints JSON");
    all.into_iter().next().expect("docker describes what it was asked for")
}

/// What prints the id of the container that it runs in, behind `containers/`.
pub const OWN_ID: [&str; 4] = ["grep", "-om1", "containers/[0-9a-f]*", "/proc/self/mountinfo"];

/// Whether there is such a container, running or not.
pub fn has_container(id: &str) -> bool {
    docker(["container", "inspect", id]).output().expect("docker starts").status.success()
}

/// The address by which a container reaches this machine: the gateway of its default route. `docker network inspect`
/// does not name it before the engine has been started a second time.
pub fn gateway(image: &str) -> String {
    let routes = answer(["run", "--rm", image, "cat", "/proc/net/route"]);
    let default = routes.lines().map(|it| it.split_whitespace().collect::<Vec<_>>()).find(|it| it[1] == "00000000");
    let gateway = default.expect("a container has a default route")[2];
    // The bytes of the address stand in the order of the processor, as hexadecimal digits.
    let number = u32::from_str_radix(gateway, 16).expect("it is a number");
    Ipv4Addr::from(number.to_ne_bytes()).to_string()
}

/// The id of an image.
pub fn image_id(image: &str) -> String {
    answer(["image", "inspect", "--format", "{{.Id}}", image])
}

/// Runs a command in an image without the tool, the environment or the network of this machine.
pub fn in_image(image: &str, command: &[&str]) -> assert_cmd::Command {
    docker(["run", "--rm", "--network=none", image].iter().chain(command))
}

/// Removes the containers that were started from images of a name. It is used for cleaning up and fails silently.
pub fn remove_containers(name: &str) {
    let format = "{{.Id}} {{.Config.Image}}";
    let all = quietly(&["ps", "--all", "--quiet", "--no-trunc"]);
    // Not by the filter `ancestor`, which would find containers of other images with the same content too.
    let described = quietly(&[&["container", "inspect", "--format", format], &lines(&all)[..]].concat());
    let prefix = format!("{name}:");
    for (id, image) in lines(&described).into_iter().filter_map(|line| line.split_once(' ')) {
        if image.starts_with(&prefix) {
            quietly(&["rm", "--force", id]);
        }
    }
}

/// The containers of a checkout, running or not.
pub fn containers_of(project: &str) -> Vec<String> {
    let filter = format!("label=xtask.project={project}");
    lines(&answer(["ps", "--all", "--quiet", "--no-trunc", "--filter", &filter]))
        .iter()
        .map(ToString::to_string)
        .collect()
}

/// Removes the containers of a checkout. It is used for cleaning up and fails silently.
pub fn remove_project(project: &str) {
    let filter = format!("label=xtask.project={project}");
    for id in lines(&quietly(&["ps", "--all", "--quiet", "--filter", &filter])) {
        quietly(&["rm", "--force", id]);
    }
}

/// Removes the images of a name, and of those ids what no other name holds. It is used for cleaning up and fails silently.
pub fn remove_images(name: &str, ids: &[String]) {
    let tagged = quietly(&["images", "--format", "{{.Repository}}:{{.Tag}}", name]);
    for image in lines(&tagged).into_iter().filter(|it| !it.ends_with(":<none>")) {
        quietly(&["image", "rm", image]);
    }
    for id in ids {
        if quietly(&["image", "inspect", "--format", "{{len .RepoTags}}", id]).trim() == "0" {
            quietly(&["image", "rm", id]);
        }
    }
}

/// Removes all that is named after a registry. It is used for cleaning up and fails silently.
pub fn remove_images_in(registry: &str) {
    let all = quietly(&["images", "--format", "{{.Repository}}:{{.Tag}}"]);
    let prefix = format!("{registry}/");
    for image in lines(&all).into_iter().filter(|it| it.starts_with(&prefix)) {
        quietly(&["image", "rm", image]);
    }
}

fn lines(text: &str) -> Vec<&str> {
    text.lines().collect()
}

fn quietly(arguments: &[&str]) -> String {
    docker(arguments).output().map(|it| String::from_utf8_lossy(&it.stdout).into_owned()).unwrap_or_default()
}
