//! What is in an image, whatever a later layer hides of it.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Read;
use std::process::Stdio;

use serde_json::Value;
use tar::Archive;

use super::docker::{docker, has_containerd_store, image_id, inspect};
use super::{Repository, bounded, command};

/// The digests of an image's layers, from the lowest to the last.
pub fn layer_digests(image: &str) -> Vec<String> {
    let inspected = inspect("image", image);
    let layers = inspected["RootFS"]["Layers"].as_array().expect("it has layers");
    layers.iter().map(|it| it.as_str().expect("a digest").to_owned()).collect()
}

/// An image as it was built, whatever its name is given to later.
#[derive(Debug)]
pub struct BuiltLayers {
    id: String,
    digests: Vec<String>,
}

impl BuiltLayers {
    pub fn of(image: &str) -> Self {
        Self { id: image_id(image), digests: layer_digests(image) }
    }

    /// Requires that both have the same layers. Docker's own store, which keeps an image without a name, may write the files of a
    /// layer in another order (docs/limits.md): that does not count.
    pub fn require_same(&self, again: &Self, repository: &Repository) {
        if self.digests == again.digests {
            return;
        }
        assert_eq!(self.digests.len(), again.digests.len());
        assert!(!has_containerd_store(), "{self:?} {again:?}");
        let [before, after] = [self, again].map(|it| layer_files(repository, &it.id));
        for (at, (before, after)) in before.into_iter().zip(after).enumerate() {
            let differ: Vec<_> = before.symmetric_difference(&after).collect();
            assert!(differ.is_empty(), "layer {at}: {differ:#?}");
        }
    }
}

/// The entries of each layer, with a hash of what the file contains, in no order.
fn layer_files(repository: &Repository, image: &str) -> Vec<BTreeSet<String>> {
    let directory = repository.directory(&image.replace(':', "-"));
    let archive = directory.join("image.tar");
    docker(["save", "--output"]).arg(&archive).arg(image).assert().success();
    let mut extract = command("tar");
    extract.arg("--extract").arg("--file").arg(&archive).arg("--directory").arg(&directory);
    assert!(extract.status().expect("tar starts").success());
    let manifest = fs::read_to_string(directory.join("manifest.json")).expect("the archive has one");
    let manifest: Value = serde_json::from_str(&manifest).expect("it is JSON");
    let layers = manifest[0]["Layers"].as_array().expect("it has layers");
    let files = layers.iter().map(|it| {
        let layer = directory.join(it.as_str().expect("the path of a layer"));
        entries(File::open(layer).expect("the archive has it"))
    });
    let files = files.collect();
    fs::remove_dir_all(&directory).expect("it was written");
    files
}

fn entries(layer: impl Read) -> BTreeSet<String> {
    let mut archive = Archive::new(layer);
    let entries = archive.entries().expect("a layer is an archive").map(|entry| {
        let mut entry = entry.expect("an entry");
        let mut contents = DefaultHasher::new();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("it can be read");
        contents.write(&bytes);
        let header = entry.header();
        (header.entry_type().as_byte(), header.mtime().ok()).hash(&mut contents);
        (header.mode().ok(), header.uid().ok(), header.gid().ok()).hash(&mut contents);
        entry.link_name_bytes().hash(&mut contents);
        format!("{} {:016x}", String::from_utf8_lossy(&entry.path_bytes()), contents.finish())
    });
    entries.collect()
}

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
    let entrypoint = repository.path("xtask/scripts/run/entrypoint.sh");
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
