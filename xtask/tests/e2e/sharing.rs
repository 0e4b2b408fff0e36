//! Images for colleagues.

use crate::support::docker::{answer, docker, image_id, in_image, remove_images_in};
use crate::support::{Registry, Repository, Subject, Suite, bounded, command, trials};

pub fn trials() -> Subject {
    trials![
        what_one_has_pushed_a_colleague_pulls_instead_of_building,
        an_image_for_a_cluster_is_a_file_that_docker_reads_too,
        both_images_are_one_file_that_other_tools_read,
        a_registry_that_is_not_there_is_told_from_an_image_that_is_not,
        a_processor_that_nothing_emulates_is_refused_before_the_build,
    ]
}

fn stderr(assert: &assert_cmd::assert::Assert) -> String {
    String::from_utf8_lossy(&assert.get_output().stderr).into_owned()
}

fn what_one_has_pushed_a_colleague_pulls_instead_of_building(suite: &Suite) {
    let (first, _turn) = suite.building("pushing");
    let registry = Registry::start();
    let name = registry.image("lab/x");
    first.build("runtime");
    first.xtask(["push", "--to", &name]).assert().success();

    let second = Repository::copy("pulling");
    second.xtask(["pull", "--from", &name]).assert().success();
    assert_eq!(image_id(&second.image("runtime")), image_id(&first.image("runtime")));
    let told = stderr(&second.xtask(["build"]).assert().success());
    assert!(told.contains(" is up to date, built "), "{told}");
    assert_eq!(second.output_of(["python", "-c", "import numpy; print('there')"]), "there\n");

    // Of other inputs there is none with the same hash; the newest is better than nothing, and says how it differs.
    second.edit("dependencies/apt-runtime.txt", |it| format!("{it}\ntree\n"));
    let told = stderr(&second.xtask(["pull", "--from", &name]).assert().success());
    assert!(
        told.contains("has no image that was built from the same inputs; pulling its newest")
            && told.contains("+ tree"),
        "{told}"
    );
}

fn an_image_for_a_cluster_is_a_file_that_docker_reads_too(suite: &Suite) {
    let (repository, _turn) = suite.building("archive");
    let file = repository.directory("cluster").join("image.tar");
    repository.xtask(["build", "--output", file.to_str().unwrap()]).assert().success();
    // A classic store has been given it on the way. The suite's image may be the very same: only the name goes.
    let name = repository.image("runtime");
    _ = docker(["image", "rm", &name]).output();
    docker(["load", "--quiet", "--input", file.to_str().unwrap()]).assert().success();
    in_image(&name, &["python", "-c", "import numpy; print('there')"]).assert().success().stdout("there\n");
}

fn both_images_are_one_file_that_other_tools_read(suite: &Suite) {
    let (repository, _turn) = suite.building("oci");
    let folder = repository.directory("cluster");
    let (file, copied) = (folder.join("images.tar"), folder.join("copied.tar"));
    let (file, copied) = (file.to_str().unwrap(), copied.to_str().unwrap());
    repository.xtask(["build", "all", "--output", &format!("oci:{file}")]).assert().success();
    assert!(!repository.path("target/xtask/saved.tar").exists());
    for target in ["runtime", "dev"] {
        let (name, copy) = (repository.image(target), format!("{}-copied", repository.image(target)));
        let mut skopeo = command("skopeo");
        skopeo.args(["copy", &format!("oci-archive:{file}:{target}"), &format!("docker-archive:{copied}:{copy}")]);
        bounded(skopeo).assert().success();
        docker(["load", "--quiet", "--input", copied]).assert().success();
        let layers = |it: &str| answer(["image", "inspect", "--format", "{{json .RootFS.Layers}}", it]);
        assert_eq!(layers(&copy), layers(&name));
        in_image(&copy, &["python", "-c", "import numpy; print('there')"]).assert().success().stdout("there\n");
        std::fs::remove_file(copied).unwrap();
    }
}

fn a_registry_that_is_not_there_is_told_from_an_image_that_is_not(suite: &Suite) {
    let registry = Registry::start();
    let repository = Repository::copy("not-there");
    let name = registry.image("lab/nothing");
    let told = stderr(&repository.xtask(["pull", "--from", &name]).assert().code(1));
    assert!(told.contains(":runtime` does not exist: `cargo xtask build runtime`"), "{told}");
    let told = stderr(&repository.xtask(["pull", "--from", "127.0.0.1:1/lab/x"]).assert().code(1));
    assert!(told.contains("the registry does not answer") && told.contains("(fix: cargo xtask doctor"), "{told}");
    let told = stderr(&suite.repository.xtask(["push", "--to", "127.0.0.1:1/lab/x"]).assert().code(1));
    remove_images_in("127.0.0.1:1");
    assert!(told.contains("the registry does not answer"), "{told}");
}

fn a_processor_that_nothing_emulates_is_refused_before_the_build(suite: &Suite) {
    let listed = answer(["buildx", "inspect", "default"]);
    for platform in ["linux/arm64", "linux/nosuch"].into_iter().filter(|it| !listed.contains(it)) {
        let told = stderr(&suite.repository.xtask(["build", "--platform", platform]).assert().code(1));
        assert!(told.contains(&format!("cannot run programs for {platform}: it has linux/")), "{told}");
        assert!(told.contains("(fix: ") && !told.contains("building `"), "{told}");
        suite.repository.xtask(["run", "--platform", platform, "true"]).assert().code(125);
    }
}
