//! `cargo xtask status` with Docker.

use serde_json::{Value, json};

use crate::installed::offer;
use crate::platforms::{OWN, emulating};
use crate::repository::{DEV, RUNTIME, Repository};
use crate::stand_in::Call;
use crate::up::{ID, living};

/// A platform that can be locked and is not this machine's.
const OTHER: &str = if cfg!(target_arch = "aarch64") { "linux/amd64" } else { "linux/arm64" };

/// The name of the runtime image for that platform.
fn runtime_for_other() -> String {
    format!("{RUNTIME}-{}", OTHER.trim_start_matches("linux/"))
}

fn lock(repository: &Repository, platform: &str) {
    offer(repository, &["tqdm 4.66.0"]);
    repository.stand_ins.note("python-found", "3.12.4\n");
    repository.xtask(["lock", "--platform", platform]).exits(0);
}

#[test]
fn containers_and_images_are_shown() {
    let repository = living("COMPOSE_PROJECT_NAME=tiny\n");
    let directory = repository.path("installation/docker-amd64");
    repository.stand_ins.containers(&[
        [ID, "tiny-dev-1", "running", "Up 1 hour (healthy)", DEV, "dev", "False", "", directory.to_str().unwrap()],
        ["2", "bold_job", "running", "Up 2 hours", RUNTIME, "", "", "", ""],
    ]);
    let expected = "\
CONTAINER   SERVICE                 STATE                IMAGE
tiny-dev-1  dev                     Up 1 hour (healthy)  sci/jdoe/tiny-project:dev
bold_job    (a command of its own)  Up 2 hours           sci/jdoe/tiny-project:runtime
image sci/jdoe/tiny-project:runtime: not built: `cargo xtask build runtime`
image sci/jdoe/tiny-project:dev: has no labels that say what it was built from: `cargo xtask build dev`
";
    for verb in ["status", "ps"] {
        repository.xtask([verb]).exits(0).stdout(expected).stderr("");
    }
    assert_eq!(repository.docker_changes(), Vec::<Call>::new());
}

#[test]
fn where_there_is_no_container_it_says_what_starts_one() {
    let ended = Repository::with_settings("").xtask(["status"]);
    ended.exits(0).stdout_has("no containers; `cargo xtask up` starts one to develop in\n");
    ended.stdout_has(&format!("image {DEV}: not built: `cargo xtask build dev`\n"));
}

#[test]
fn an_image_is_up_to_date_as_long_as_nothing_else_is_asked_for() {
    let repository = Repository::with_settings("");
    repository.xtask(["build", "all"]).exits(0);
    let up_to_date = format!("image {RUNTIME}: up to date\nimage {DEV}: up to date\n");
    repository.xtask(["status"]).exits(0).stdout_has(&up_to_date);
    repository.write("dependencies/apt-dev.txt", "curl\nvim # an editor\n");
    repository.xtask(["status"]).exits(0).stdout_has(&up_to_date);
    repository.write("dependencies/apt-dev.txt", "curl\nvim\nhtop\n");
    repository
        .xtask(["status"])
        .exits(0)
        .stdout_has(&format!("image {RUNTIME}: up to date\nimage {DEV}: out of date: `cargo xtask build dev`\n"));
}

#[test]
fn a_container_whose_image_is_not_the_newest_is_told() {
    let repository = living("");
    repository.xtask(["status"]).exits(0).never_says("rebuilt since");
    repository.stand_ins.note("image-of-container", "sha256:0ld");
    repository.xtask(["status"]).exits(0).stdout_has(&format!("{DEV} (rebuilt since)\n"));
    // Docker shows the id of an image that has no name any more.
    let directory = repository.path("installation/docker-amd64");
    let directory = directory.to_str().unwrap();
    repository.stand_ins.containers(&[[
        ID,
        "p-dev-1",
        "running",
        "Up 1 hour",
        "0123456789ab",
        "dev",
        "False",
        "",
        directory,
    ]]);
    repository.xtask(["status"]).exits(0).stdout_has(&format!("{DEV} (rebuilt since)\n"));
    let status: Value = serde_json::from_str(repository.xtask(["status", "--json"]).out()).unwrap();
    assert_eq!(status["containers"][0]["has_newest_image"], json!(false));
}

#[test]
fn programs_get_one_document() {
    let repository = living("COMPOSE_PROJECT_NAME=tiny\n");
    repository.xtask(["build", "runtime"]).exits(0);
    repository.write("dependencies/apt-runtime.txt", "ca-certificates\nffmpeg\n");
    let ended = repository.xtask(["status", "--json"]);
    ended.exits(0).stderr("");
    let status: Value = serde_json::from_str(ended.out()).unwrap();
    assert_eq!((&status["engine"], &status["project"]), (&json!("docker"), &json!("tiny")));
    let container = &status["containers"][0];
    assert_eq!((&container["service"], &container["image"]), (&json!("dev"), &json!(DEV)));
    assert_eq!((&container["state"], &container["has_newest_image"]), (&json!("running"), &json!(true)));
    let stale = json!({
        "target": "runtime", "platform": OWN, "image": RUNTIME, "state": "stale", "reasons": ["apt-runtime.txt:2 + ffmpeg"],
        "built": null, "commit": null,
    });
    assert_eq!(status["images"][0], stale);
    assert_eq!(status["images"][1]["state"], "unknown");
}

#[test]
fn images_for_other_platforms_are_shown_where_there_is_one_or_a_lock() {
    let repository = emulating("ENGINE=docker\n");
    let foreign = |repository: &Repository| {
        let ended = repository.xtask(["status"]);
        let lines = ended.exits(0).out().lines().skip_while(|it| !it.contains(OTHER));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(foreign(&repository), [""; 0]);

    repository.xtask(["build", "runtime", "--platform", OTHER]).exits(0);
    let runtime = format!("image {} for {OTHER}", runtime_for_other());
    assert_eq!(foreign(&repository), [format!("{runtime}: up to date")]);
    repository.write("dependencies/apt-runtime.txt", "ca-certificates\nffmpeg\n");
    let build = format!("`cargo xtask build runtime --platform {OTHER}`");
    let stale = [format!("{runtime}: out of date: {build}"), "  apt-runtime.txt:2 + ffmpeg".to_owned()];
    assert_eq!(foreign(&repository), stale);

    // What is locked is asked for. It changes how the image would be made.
    lock(&repository, OTHER);
    repository.xtask(["build", "runtime", "--platform", OTHER]).exits(0);
    let dev = runtime_for_other().replace(RUNTIME, DEV);
    let missing = format!("image {dev} for {OTHER}: not built: `cargo xtask build dev --platform {OTHER}`");
    assert_eq!(foreign(&repository), [format!("{runtime}: up to date"), missing]);
    let ended = repository.xtask(["status", "--json"]);
    let status: Value = serde_json::from_str(ended.exits(0).out()).unwrap();
    let images = status["images"].as_array().unwrap().iter();
    let told: Vec<_> =
        images.map(|it| [&it["target"], &it["platform"], &it["state"]].map(|it| it.as_str().unwrap())).collect();
    assert_eq!(
        told,
        [
            ["runtime", OWN, "missing"],
            ["dev", OWN, "missing"],
            ["runtime", OTHER, "up-to-date"],
            ["dev", OTHER, "missing"],
        ]
    );
}

#[test]
fn however_many_platforms_there_are_docker_is_asked_the_same() {
    let repository = emulating("ENGINE=docker\n");
    let questions = |repository: &Repository| {
        repository.stand_ins.forget();
        repository.xtask(["status"]).exits(0);
        repository.docker_calls().iter().filter(|it| it[0] == "image").map(|it| it[1].clone()).collect::<Vec<_>>()
    };
    assert_eq!(questions(&repository), ["ls", "inspect"]);
    repository.xtask(["build", "--platform", OTHER]).exits(0);
    lock(&repository, OTHER);
    assert_eq!(questions(&repository), ["ls", "inspect"]);
}

#[test]
fn the_native_environment_is_a_document_too() {
    let ended = Repository::with_settings("ENGINE=native\n").xtask(["status", "--json"]);
    let status: Value = serde_json::from_str(ended.exits(0).out()).unwrap();
    assert_eq!(status["engine"], "native");
    assert_eq!(status["environment"]["state"], "not built yet: `cargo xtask build`");
}
