//! What is in an image, whatever a later layer hides of it.

use std::fs::{self, File};
use std::process::Stdio;

use super::docker::docker;
use super::{Repository, bounded, command};

/// Which words are anywhere in the files of an image, or of a layer that a later one hides.
pub fn found_in_layers(repository: &Repository, image: &str, words: &[&str]) -> Vec<String> {
    let archive = repository.directory(&image.replace(['/', ':'], "-")).join("image.tar");
    docker(["save", "--output"]).arg(&archive).arg(image).assert().success();
    let files = archive.with_extension("files");
    // Layers are compressed in some archives and not in others; by force gzip passes on what is not its own.
    let mut extract = command("tar");
    extract.args(["--extract", "--to-command=gzip --decompress --force --stdout", "--file"]).arg(&archive);
    extract.stdout(File::create(&files).expect("the directory is new"));
    assert!(extract.status().expect("tar starts").success());
    fs::remove_file(&archive).expect("it was written");
    // A line that is in the image, to know that the search finds what is there.
    let entrypoint = repository.path("installation/docker-amd64/scripts/run/entrypoint.sh");
    let entrypoint = fs::read_to_string(entrypoint).expect("the file is there");
    let known = entrypoint.lines().max_by_key(|it| it.len()).expect("the entrypoint has lines");

    let mut grep = command("grep");
    grep.args(["--text", "--only-matching", "--no-filename", "--fixed-strings"]).env("LC_ALL", "C");
    grep.args(words.iter().chain(&[known]).flat_map(|it| ["-e", it])).arg(&files).stdin(Stdio::null());
    let output = bounded(grep).output().expect("grep starts");
    fs::remove_file(&files).expect("it was written");
    fs::remove_dir(files.parent().expect("it is in a directory")).expect("it is empty");
    let mut found: Vec<String> = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
    found.sort();
    found.dedup();
    assert!(found.iter().any(|it| it == known), "`{known}` was not found in {image}: its layers cannot be searched");
    found.retain(|it| it != known);
    found
}
