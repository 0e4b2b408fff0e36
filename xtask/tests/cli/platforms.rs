//! Images for other platforms, by other builders and to other places.

use crate::repository::{RUNTIME, Repository};
use crate::stand_in::{Call, Daemon};

/// No machine that runs these tests has this processor.
const OTHER: &str = "linux/s390x";
const REGISTRY: &str = "REGISTRY_HOSTNAME=h:5000\n";
const NAME: &str = "h:5000/sci/jdoe/tiny-project";
/// This machine's.
pub const OWN: &str = if cfg!(target_arch = "aarch64") { "linux/arm64" } else { "linux/amd64" };

/// A repository whose daemon emulates, and whose base image is there for every platform.
pub fn emulating(settings: &str) -> Repository {
    let repository = Repository::with_settings(settings);
    repository.stand_ins.note("platforms", "linux/amd64, linux/arm64, linux/s390x");
    repository.stand_ins.note("base-platforms", r#"{"linux/amd64": {}, "linux/arm64/v8": {}, "linux/s390x": {}}"#);
    repository
}

/// A repository with a builder of its own, such as `docker buildx create` makes.
fn with_builder(settings: &str) -> Repository {
    let repository = emulating(settings);
    let builder = "Name: multi\nDriver: docker-container\n\nNodes:\nName: multi0\nStatus: running\n\
                   Platforms: linux/amd64, linux/arm64, linux/s390x\n";
    repository.stand_ins.note("builder", builder);
    repository
}

/// The start of a call, up to its labels.
fn heads(calls: &[Call]) -> Vec<String> {
    let head = |it: &Call| it.join(" ").split(" --label ").next().unwrap().replace("[ROOT]/installation/", "");
    calls.iter().map(|it| without_locked_tag(&head(it))).collect()
}

/// Without the last tag, that of what was solved, where it is the same as the one before it.
fn without_locked_tag(head: &str) -> String {
    match head.rsplit_once(" --tag ") {
        Some((before, last)) if before.ends_with(&format!(" --tag {last}")) => before.to_owned(),
        _ => head.to_owned(),
    }
}

fn build(options: &str, tags: &str) -> String {
    let tags: String = tags.split(' ').map(|it| format!(" --tag {it}")).collect();
    format!("buildx build {options} --file docker-amd64/Dockerfile --target runtime{tags}")
}

#[test]
fn an_image_for_another_platform_takes_no_name_from_the_one_for_this() {
    let repository = emulating("");
    repository
        .xtask(["build", "--platform", OTHER])
        .exits(0)
        .stdout("")
        .stderr_has(&format!("building `{RUNTIME}-s390x` for {OTHER} with uv, because no package needs conda\n"));
    let expected = build(&format!("--load --platform {OTHER}"), &format!("{RUNTIME}-s390x {RUNTIME}-[HASH]-s390x"));
    assert_eq!(heads(&repository.docker_changes()), [expected]);
}

#[test]
fn several_are_built_one_by_one_by_the_daemon_and_joined_in_the_registry() {
    let repository = emulating(REGISTRY);
    let platforms = format!("{OWN},{OTHER}");
    repository.xtask(["build", "--platform", &platforms, "--push"]).exits(0).stdout("");
    let own = OWN.trim_start_matches("linux/");
    let [one, other] = [own, "s390x"].map(|it| {
        build(&format!("--push --platform linux/{it}"), &format!("{NAME}:runtime-{it} {NAME}:runtime-[HASH]-{it}"))
    });
    let heads = heads(&repository.docker_changes());
    assert_eq!(heads[..2], [one, other]);
    assert_eq!(heads.len(), 4);
    assert!(heads[2].starts_with(&format!("buildx imagetools create --tag {NAME}:runtime-[HASH] ")), "{}", heads[2]);
    assert!(heads[3].starts_with(&format!("buildx imagetools create --tag {NAME}:runtime ")), "{}", heads[3]);
}

#[test]
fn all_targets_are_built_in_one_go_for_each_platform_and_joined_as_the_name_that_is_given() {
    let repository = emulating("");
    let platforms = format!("{OWN},{OTHER}");
    let command = ["build", "all", "--platform", &platforms, "--push", "--to", "127.0.0.1:5000/lab"];
    repository.xtask(command).exits(0).stdout("");
    let changes: Vec<String> = repository.docker_changes().iter().map(|it| it[..2].join(" ")).collect();
    let expected = [&["buildx bake"; 2][..], &["buildx imagetools"; 4]].concat();
    assert_eq!(changes, expected);
    let file: serde_json::Value = serde_json::from_str(&repository.read("target/xtask/bake.json")).unwrap();
    for target in ["runtime", "dev"] {
        let it = &file["target"][target];
        assert_eq!(it["tags"][0], format!("127.0.0.1:5000/lab:{target}-s390x"));
        assert_eq!((&it["platforms"][0], &it["output"][0]), (&OTHER.into(), &"type=registry".into()));
    }
    let joined = repository.docker_changes().last().unwrap().join(" ");
    assert!(
        joined.starts_with("buildx imagetools create --tag 127.0.0.1:5000/lab:dev 127.0.0.1:5000/lab:dev-"),
        "{joined}"
    );
    repository.xtask(["build", "--to", "127.0.0.1:5000/lab"]).exits(2).stderr_has("--push");
    repository.xtask(["build", "--push"]).exits(1).stderr_has("or name the images with --to");
}

#[test]
fn a_platform_that_fails_takes_the_name_from_no_image_that_is_there() {
    let repository = emulating(REGISTRY).note("build-fails");
    repository.xtask(["build", "--platform", &format!("{OWN},{OTHER}"), "--push"]).exits(1);
    let changes = repository.docker_changes();
    assert!(changes.len() == 1 && !changes[0].contains(&format!("{NAME}:runtime")), "{changes:?}");
}

#[test]
fn a_builder_that_can_builds_them_at_once() {
    let repository = with_builder(REGISTRY);
    let platforms = format!("{OWN},{OTHER}");
    repository.xtask(["build", "--platform", &platforms, "--push", "--builder", "multi"]).exits(0);
    let options = format!("--builder multi --push --platform {platforms}");
    let expected = build(&options, &format!("{NAME}:runtime {NAME}:runtime-[HASH]"));
    assert_eq!(heads(&repository.docker_changes()), [expected]);
}

#[test]
fn a_daemon_that_holds_one_image_of_both_gives_it_the_name_that_run_looks_for_too() {
    let repository = emulating("");
    let store = r#"{"ServerVersion": "26.1.5", "DriverStatus": [["driver-type", "io.containerd.snapshotter.v1"]]}"#;
    repository.stand_ins.note("info", store);
    let platforms = format!("{OWN},{OTHER}");
    repository.xtask(["build", "--platform", &platforms]).exits(0);
    let options = format!("--load --platform {platforms}");
    let expected = build(&options, &format!("{RUNTIME} {RUNTIME}-[HASH] {RUNTIME}-s390x"));
    assert_eq!(heads(&repository.docker_changes()), [expected]);
}

#[test]
fn platforms_with_different_locks_are_built_by_themselves() {
    let repository = with_builder(&format!("{REGISTRY}ENGINE=docker\n"));
    repository.stand_ins.note("python-found", "3.12.4\n");
    repository.stand_ins.note(
        "pylock",
        "lock-version = \"1.0\"\n[[packages]]\nname = \"tqdm\"\nversion = \"4.66.0\"\n\
         wheels = [{ url = \"https://e.org/tqdm.whl\", hashes = { sha256 = \"00\" } }]\n",
    );
    repository.xtask(["lock", "--platform", OWN]).exits(0);
    repository.stand_ins.forget();
    repository.xtask(["build", "--platform", &format!("{OWN},{OTHER}"), "--push"]).exits(0);
    let heads = heads(&repository.docker_changes());
    assert_eq!(heads.iter().filter(|it| it.starts_with("buildx build ")).count(), 2);
    let joins = heads.iter().filter(|it| it.starts_with("buildx imagetools create")).count();
    assert_eq!(joins, 3, "one for the inputs of each platform, and one of both");
    repository.xtask(["build", "--platform", OTHER, "--locked"]).exits(1).stderr_has("linux/s390x has no lock");
}

#[test]
fn a_processor_that_is_not_emulated_is_said_before_anything_is_built() {
    let repository = Repository::with_settings("");
    let ended = repository.xtask(["build", "--platform", OTHER]);
    ended.exits(1).stdout("").stderr_has(
        "error: the builder `default` cannot run programs for linux/s390x: it has linux/amd64, linux/386 (fix: ",
    );
    repository.xtask(["run", "--platform", OTHER, "true"]).exits(125).stderr_has("cannot run programs for linux/s390x");
    assert!(repository.docker_changes().is_empty());
}

#[test]
fn a_base_image_without_the_platform_is_said_before_anything_is_built() {
    let repository = emulating("");
    repository.stand_ins.note("base-platforms", r#"{"architecture": "amd64", "os": "linux"}"#);
    let ended = repository.xtask(["build", "--platform", OTHER]);
    ended.exits(1).stderr_has("the base image `ubuntu:24.04` exists for linux/amd64, not for linux/s390x (fix: ");
    assert!(repository.docker_changes().is_empty());
}

#[test]
fn a_file_for_a_cluster_is_written_by_what_can() {
    let repository = emulating("");
    let file = repository.temp("x.tar");
    repository.xtask(["build", "--output", file.to_str().unwrap()]).exits(0).stderr_has("writing `");
    assert!(file.is_file());
    let both = repository.temp("both.tar");
    repository.xtask(["build", "all", "--output", both.to_str().unwrap()]).exits(0);
    assert!(both.is_file());
    // What Docker has written is put into the layout: here it is no archive.
    let oci = repository.temp("oci.tar");
    let option = format!("oci:{}", oci.display());
    let says = "`[TEMP]/oci.tar` was not written: what `docker save` has written cannot be read";
    repository.xtask(["build", "--output", &option]).exits(1).stderr_has(says);
    assert!(!oci.exists() && !repository.path("target/xtask/saved.tar").exists());
    repository.stand_ins.forget();
    let platforms = format!("{OWN},{OTHER}");
    repository
        .xtask(["build", "--platform", &platforms, "--output", &option])
        .exits(1)
        .stderr_has("cannot do `--output");
    assert!(repository.docker_changes().is_empty());

    let repository = with_builder("");
    repository.xtask(["build", "--output", "oci:x.tar", "--platform", OTHER]).exits(0);
    let options = format!("--output type=oci,dest=x.tar --platform {OTHER}");
    let expected = build(&options, &format!("{RUNTIME}-s390x {RUNTIME}-[HASH]-s390x"));
    assert_eq!(heads(&repository.docker_changes()), [expected]);
}

#[test]
fn caches_are_what_the_builder_can_do() {
    let repository = emulating(REGISTRY);
    repository.xtask(["build", "--cache-to", "registry"]).exits(1).stderr_has("which cannot do `--cache-to registry`");
    repository.xtask(["build", "--cache-from", "gha"]).exits(1).stderr_has("ACTIONS_RUNTIME_TOKEN is not set");
    repository.xtask(["build", "--cache-from", "attic"]).exits(2);
    assert!(repository.docker_changes().is_empty());
    repository.xtask(["build", "--cache-from", "inline,local", "--cache-to", "inline"]).exits(0);
    let line = repository.docker_changes()[0].join(" ");
    let caches = format!(
        " --cache-from type=registry,ref={NAME}:runtime --cache-from type=local,src=[ROOT]/target/xtask/cache/runtime-{} \
         --cache-to type=inline ",
        OWN.trim_start_matches("linux/")
    );
    assert!(line.contains(&caches), "{line}");
    emulating("").xtask(["build", "--cache-from", "registry"]).exits(1).stderr_has("set REGISTRY_HOSTNAME in ");
}

#[test]
fn a_command_runs_in_the_image_of_the_platform_that_is_named() {
    let repository = Repository::with_settings("").container("echo ran");
    let list = r#"{"Name":"default","Driver":"docker","Nodes":[{"Status":"running","Platforms":["linux/s390x"]}]}"#;
    repository.stand_ins.note("builders", list);
    repository.stand_ins.note("platforms", "linux/s390x");
    repository.stand_ins.note("base-platforms", r#"{"linux/s390x": {}}"#);
    let ended = repository.xtask(["run", "--platform", OTHER, "--", "true"]);
    ended.exits(0).stdout("ran\n").stderr_has(&format!("`{RUNTIME}-s390x` has not been built yet\n"));
    let run = repository.docker_changes().pop().unwrap().join(" ");
    assert!(run.contains(" --platform linux/s390x ") && run.ends_with(&format!(" {RUNTIME}-s390x true")), "{run}");
}

#[test]
fn what_is_no_platform_of_images_is_a_wrong_command_line() {
    let repository = Repository::with_settings("");
    for wrong in ["arm64", "osx/arm64", "linux/", "linux/arm64,"] {
        repository.xtask(["build", "--platform", wrong]).exits(2).stderr_has("linux/amd64, linux/arm64 or the like");
    }
    repository.xtask(["build", "--push", "--output", "x"]).exits(2);
}

#[test]
fn without_docker_it_says_so() {
    let repository = Repository::with_settings("").daemon(Daemon::Down);
    repository.xtask(["build", "--platform", OTHER]).exits(1).stderr_has("error: options for images need Docker: ");
}

#[test]
fn the_builder_of_the_settings_builds_whatever_is_built() {
    let repository = with_builder("BUILDER=multi\n");
    repository.xtask(["build", "runtime"]).exits(0);
    let built = heads(&repository.docker_changes());
    let expected = build("--builder multi --load", &format!("{RUNTIME} {RUNTIME}-[HASH]"));
    assert!(built.len() == 2 && built[0].starts_with("buildx build --builder multi --output type=local"), "{built:?}");
    assert_eq!(built[1], expected);
    repository.xtask(["build", "runtime", "--force", "--builder", "other"]).exits(0);
    assert!(heads(&repository.docker_changes()).last().unwrap().contains("--builder other "));
}

#[test]
fn what_is_no_name_of_a_builder_is_found_in_the_settings() {
    let repository = with_builder("BUILDER=--load\n");
    repository.xtask(["build"]).exits(1).stderr_has("`BUILDER` must be the name of a builder");
}
