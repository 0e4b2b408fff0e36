//! Base images made of a distribution's packages.

use crate::support::docker::{answer, docker, image_id, inspect, remove_images};
use crate::support::{Registry, Repository, Subject, Suite, base_image, run_id, trials};

/// The line of `/etc/os-release` that names this machine's release, where mmdebstrap knows its packages.
fn own_release() -> String {
    let text = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let value = |name: &str| text.lines().find_map(|it| it.strip_prefix(name)?.strip_prefix('=')).unwrap_or_default();
    match (value("ID"), value("VERSION_CODENAME")) {
        (id @ ("debian" | "ubuntu"), codename) if !codename.is_empty() => format!("{id}/{codename}"),
        _ => "debian/bookworm".to_owned(),
    }
}

pub fn trials() -> Subject {
    trials![
        the_same_packages_give_the_same_image_and_it_can_be_built_on,
        a_base_image_is_the_one_of_its_digest_whatever_its_tag_names_since,
    ]
}

fn the_same_packages_give_the_same_image_and_it_can_be_built_on(suite: &Suite) {
    let (repository, _turn) = suite.building("base");
    let release = own_release();
    let name = format!("xtask-e2e/{}/made", run_id());
    let removed = Removed(&name);
    let make = |tag: &str, more: &[&str]| {
        let image = format!("{name}:{tag}");
        let mut made = repository.xtask(["base", &release, "--tag", &image]);
        made.args(more).env_remove("BASE_IMAGE").assert().success();
        image
    };
    let first = make("first", &[]);
    let settings =
        |repository: &Repository| std::fs::read_to_string(repository.path("installation/docker-amd64/.env")).unwrap();
    assert!(!settings(&repository).contains(&first), "it is not used before anybody said so");
    let second = make("second", &["--set"]);
    assert!(settings(&repository).contains(&format!("BASE_IMAGE={second}\n")));
    assert_eq!(image_id(&first), image_id(&second));
    assert_eq!(inspect("image", &first)["RootFS"]["Layers"].as_array().map(Vec::len), Some(1));

    repository.xtask(["build"]).env_remove("BASE_IMAGE").assert().success();
    let layers = |image: &str| inspect("image", image)["RootFS"]["Layers"].clone();
    assert_eq!(layers(&repository.image("runtime"))[0], layers(&second)[0]);
    let said =
        answer(["run", "--rm", "--network=none", &second, "sh", "-c", ". /etc/os-release; echo $ID/$VERSION_CODENAME"]);
    assert_eq!(said, release);
    drop(removed);
}

fn a_base_image_is_the_one_of_its_digest_whatever_its_tag_names_since(suite: &Suite) {
    let (repository, _turn) = suite.building("digest");
    let registry = Registry::start();
    let base = registry.image("lab/base:1");
    let push = |made_from: &str| {
        docker(["tag", made_from, &base]).assert().success();
        docker(["push", "--quiet", &base]).assert().success();
    };
    let layers = |image: &str| inspect("image", image)["RootFS"]["Layers"].clone();
    let first = base_image().expect("the tests are given a base image that can be had here");
    push(&first);
    repository.xtask(["env", "--set", &format!("BASE_IMAGE={base}")]).env_remove("BASE_IMAGE").assert().success();
    let xtask = |arguments: &[&str]| repository.xtask(arguments).env_remove("BASE_IMAGE").assert().success();
    xtask(&["lock", "--tools"]);
    // The same files once more, so that only the layers tell the images apart.
    let moved = repository.directory("moved");
    std::fs::write(moved.join("Dockerfile"), format!("FROM {first}\nRUN touch /moved\n")).unwrap();
    docker(["build", "--quiet", "--tag", &base, moved.to_str().unwrap()]).assert().success();
    push(&base);

    xtask(&["build"]);
    let is_built_on = |base: &str| {
        let (image, base) = (layers(&repository.image("runtime")), layers(base));
        base.as_array().unwrap().iter().zip(image.as_array().unwrap()).all(|(base, image)| base == image)
    };
    assert!(is_built_on(&first) && !is_built_on(&base));
    xtask(&["lock", "--tools", "--upgrade", "base-image"]);
    xtask(&["build"]);
    assert!(is_built_on(&base));
}

/// Images that are removed when a trial ends, however it does.
struct Removed<'a>(&'a str);

impl Drop for Removed<'_> {
    fn drop(&mut self) {
        remove_images(self.0, &[]);
    }
}
