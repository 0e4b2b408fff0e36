//! What an image takes, and what of it is for nothing.

use std::fs;

use crate::support::docker::{docker, has_containerd_store, inspect};
use crate::support::{Repository, Subject, Suite, run_id, trials};

pub fn trials() -> Subject {
    trials![
        the_layers_are_as_large_as_docker_says,
        the_files_of_the_layers_say_the_same_and_that_nothing_is_wasted,
        a_file_that_only_changes_its_owner_is_told,
        an_image_larger_than_its_limit_fails,
    ]
}

/// The bytes that Docker counts, in the unit of the report.
fn in_megabytes(bytes: u64) -> String {
    let tenths = (bytes / 10_000 + 5) / 10;
    format!("{}.{} MB", tenths / 10, tenths % 10)
}

fn the_layers_are_as_large_as_docker_says(suite: &Suite) {
    let image = suite.repository.image("runtime");
    let described = inspect("image", &image);
    let size = described["Size"].as_u64().unwrap();
    let count = described["RootFS"]["Layers"].as_array().map(Vec::len).unwrap();
    let output = suite.repository.xtask(["size"]).assert().success().get_output().stdout.clone();
    let report = String::from_utf8(output).unwrap();
    assert!(report.starts_with(&format!("{image}: ")) && report.contains(&format!(" in {count} layers\n")), "{report}");
    // The containerd store counts what it has compressed as well.
    if !has_containerd_store() {
        assert!(report.starts_with(&format!("{image}: {} in ", in_megabytes(size))), "{report}");
    }
    assert!(report.contains("  COPY /layer /\n"), "{report}");
    assert!(report.contains(" (Python)\n") && report.contains(" (apt)\n"), "{report}");
}

fn the_files_of_the_layers_say_the_same_and_that_nothing_is_wasted(suite: &Suite) {
    let told = |words: &[&str]| {
        let output = suite.repository.xtask(words).assert().success().get_output().stdout.clone();
        String::from_utf8(output).unwrap()
    };
    let (told, read) = (told(&["size"]), told(&["size", "--files"]));
    // The containerd store counts whole blocks.
    if has_containerd_store() {
        let packages = |report: &str| report.split("\n\n").nth(2).map(str::to_owned);
        assert_eq!(packages(&told), packages(&read));
    } else {
        assert!(told.lines().count() == read.lines().count(), "{told}{read}");
        let differing = told.lines().zip(read.lines()).find(|(told, read)| !say_the_same(told, read));
        assert_eq!(differing, None);
    }
    assert!(!read.contains("warning: "), "our own image wastes nothing: {read}");
}

/// Word for word, but for the last digit of a size: Docker counts the length of symbolic links in the layers that it has loaded, and
/// not in those that it has built.
///
/// Seen with Docker 20.10.
fn say_the_same(told: &str, read: &str) -> bool {
    let is_same = |told: &str, read: &str| match (told.parse::<f64>(), read.parse::<f64>()) {
        (Ok(told), Ok(read)) => (told - read).abs() < 0.15,
        _ => told == read,
    };
    let (told, read): (Vec<&str>, Vec<&str>) = (told.split(' ').collect(), read.split(' ').collect());
    told.len() == read.len() && told.iter().zip(read).all(|(told, read)| is_same(told, read))
}

fn a_file_that_only_changes_its_owner_is_told(suite: &Suite) {
    let repository = Repository::copy_with_images_of(&suite.repository);
    let directory = repository.directory("wasteful");
    fs::write(directory.join("model"), vec![b'x'; 10_000_000]).unwrap();
    let dockerfile = format!(
        "FROM {}\nUSER 0:0\nCOPY --chown=0:0 model /opt/model\nRUN chown 1000:1000 /opt/model\n",
        suite.repository.image("runtime")
    );
    fs::write(directory.join("Dockerfile"), dockerfile).unwrap();
    let name = format!("xtask-e2e/{}/wasteful", run_id());
    let built = ["buildx", "build", "--load", "--tag", &format!("{name}:runtime"), directory.to_str().unwrap()];
    docker(built).assert().success();
    let output = repository.xtask(["size", "--files"]).env("IMAGE_NAME", &name).output().unwrap();
    docker(["image", "rm", &format!("{name}:runtime")]).assert().success();
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(report.contains("warning: 10.0 MB stored again in layer "), "{report}");
    assert!(report.contains("(RUN chown 1000:1000 /opt/model): /opt/model (10.0 MB)\n"), "{report}");
}

fn an_image_larger_than_its_limit_fails(suite: &Suite) {
    let ended = suite.repository.xtask(["size", "--max", "1MiB"]).assert().code(1);
    let said = String::from_utf8_lossy(&ended.get_output().stderr).into_owned();
    assert!(said.contains("more than the 1.0 MB of --max"), "{said}");
    suite.repository.xtask(["size", "--max", "100GiB"]).assert().success();
}
