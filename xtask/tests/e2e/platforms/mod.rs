//! Images for several platforms.

pub mod at_once;
pub mod caches;
pub mod classic;
mod joined_base;
pub mod second_name;

use serde_json::Value;

use self::joined_base::JoinedBase;
use crate::support::docker::{answer, docker, has_containerd_store};
use crate::support::{BOTH, Registry, Subject, Suite, trials};

/// Prints for which processor the interpreter was made.
const MACHINE: [&str; 3] = ["python", "-c", "import platform; print(platform.machine())"];
/// What that prints on each of [`BOTH`].
const MACHINES: [&str; 2] = ["x86_64", "aarch64"];

pub fn trials() -> Subject {
    trials![the_project_runs_for_another_processor, one_name_gives_each_platform_an_image_of_its_own]
}

fn the_project_runs_for_another_processor(suite: &Suite) {
    let (repository, _turn) = suite.building("emulated");
    let registry = Registry::start();
    let base = JoinedBase::push(&registry);
    repository.xtask(["build", "--platform", BOTH[1]]).env("BASE_IMAGE", base.name()).assert().success();
    let run = ["run", "--platform", BOTH[1], "--"].into_iter().chain(MACHINE);
    let ran = repository.xtask(run).env("BASE_IMAGE", base.name()).assert().success();
    let told = String::from_utf8_lossy(&ran.get_output().stderr).into_owned();
    assert!(!told.contains("building "), "{told}");
    ran.stdout(format!("{}\n", MACHINES[1]));
}

fn one_name_gives_each_platform_an_image_of_its_own(suite: &Suite) {
    let (repository, _turn) = suite.building("pushed");
    repository.ask_for_little();
    let registry = Registry::start();
    let base = JoinedBase::push(&registry);
    let environment = [("REGISTRY_HOSTNAME", registry.address()), ("BASE_IMAGE", base.name())];
    let mut build = repository.xtask(["build", "--platform", &BOTH.join(","), "--push"]);
    let done = build.envs(environment).assert().success();
    let told = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
    // A daemon that holds one image for several platforms makes it in one build.
    assert_eq!(told.contains("joining "), !has_containerd_store(), "{told}");
    assert_eq!(told.matches("building `").count(), if has_containerd_store() { 1 } else { 2 }, "{told}");

    let name = registry.image(&repository.image("runtime"));
    assert_eq!(platforms_there(&name), BOTH);
    for (platform, machine) in BOTH.into_iter().zip(MACHINES) {
        docker(["pull", "--quiet", "--platform", platform, &name]).assert().success();
        assert_eq!(machine_of(&name, platform), machine);
        // A classic store holds it for one platform at a time.
        docker(["image", "rm", &name]).assert().success();
    }
}

/// What a container for a platform prints of its processor.
fn machine_of(image: &str, platform: &str) -> String {
    answer(["run", "--rm", "--network=none", "--platform", platform, image].into_iter().chain(MACHINE))
}

/// The platforms of an image in a registry.
fn platforms_there(image: &str) -> Vec<String> {
    let index = answer(["buildx", "imagetools", "inspect", "--raw", image]);
    platforms_of(&serde_json::from_str(&index).expect("buildx prints JSON"))
}

/// The platforms of an image index.
///
/// <https://github.com/opencontainers/image-spec/blob/main/image-index.md>
fn platforms_of(index: &Value) -> Vec<String> {
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    let manifests = index["manifests"].as_array().expect("it is an index");
    let platforms = manifests.iter().map(|it| &it["platform"]);
    platforms.map(|it| format!("{}/{}", text(&it["os"]), text(&it["architecture"]))).collect()
}
