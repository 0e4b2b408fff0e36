//! `cargo xtask sbom`

use std::fs;

use serde_json::{Value, json};

use crate::installed::{LOCK, PLATFORM, PROBE, install, offer, put_prefix, snapshot};
use crate::repository::{RUNTIME, Repository};
use crate::stand_in::Daemon;

/// A repository with a lock of tqdm, whose wheel has a digest.
fn locked() -> Repository {
    let repository = Repository::with_settings("ENGINE=docker\n").image(RUNTIME);
    install(&repository, &["tqdm 4.66.0"]);
    let wheel =
        format!("{{ url = \"https://me:pw@e.org/tqdm.whl\", hashes = {{ sha256 = \"{}\" }} }}", "0a".repeat(32));
    let lock =
        format!("lock-version = \"1.0\"\n[[packages]]\nname = \"tqdm\"\nversion = \"4.66.0\"\nwheels = [{wheel}]\n");
    repository.stand_ins.note("pylock", &lock);
    repository.xtask(["freeze", "--lock-only", "--from", "image"]).exits(0);
    repository
}

fn document(repository: &Repository, words: &[&str]) -> Value {
    serde_json::from_str(repository.run(words).exits(0).out()).unwrap()
}

#[test]
fn a_lock_is_described_without_docker() {
    let repository = locked().daemon(Daemon::Down).variable("SOURCE_DATE_EPOCH", "1764547200");
    let before = repository.docker_calls().len();
    let document = document(&repository, &["sbom", "--lock"]);
    // Settings that are missing get their defaults from the daemon, where there is one.
    let calls = repository.docker_calls();
    assert!(calls[before..].iter().all(|it| it[0] == "info"), "{calls:?}");
    assert_eq!((&document["bomFormat"], &document["specVersion"]), (&json!("CycloneDX"), &json!("1.6")));
    assert_eq!(document["metadata"]["timestamp"], "2025-12-01T00:00:00Z");
    let tqdm = document["components"].as_array().unwrap().iter().find(|it| it["name"] == "tqdm").unwrap();
    let hashes = json!([{"alg": "SHA-256", "content": "0a".repeat(32)}]);
    let expected = json!({
        "type": "library", "bom-ref": "pkg:pypi/tqdm@4.66.0", "name": "tqdm", "version": "4.66.0", "hashes": hashes,
        "purl": "pkg:pypi/tqdm@4.66.0",
        "externalReferences": [{"type": "distribution", "url": "https://e.org/tqdm.whl", "hashes": hashes}],
        "properties": [{"name": "xtask:installer", "value": "pip"}],
    });
    assert_eq!(*tqdm, expected);
}

#[test]
fn the_same_lock_gives_the_same_document_but_for_its_time() {
    let repository = locked();
    for format in ["cyclonedx", "spdx"] {
        let text = |repository: &Repository| {
            repository.xtask(["sbom", "--lock", "--format", format]).exits(0).out().to_owned()
        };
        let first = text(&repository);
        assert_eq!(first, text(&repository), "{format}");
    }
    let serial = |repository: &Repository| document(repository, &["sbom", "--lock"])["serialNumber"].clone();
    let without = serial(&repository);
    assert_eq!(without, serial(&repository.variable("SOURCE_DATE_EPOCH", "7")));
}

#[test]
fn an_image_is_described_with_its_system_and_licences() {
    let repository = locked();
    let mut seen = snapshot(&["tqdm 4.66.0", "here 1"]);
    seen["distributions"][0]["licence"] = json!({"expression": "MPL-2.0 AND MIT"});
    seen["distributions"][1]["licence"] = json!({"text": "ours"});
    seen["distributions"][1]["direct_url"] = json!({"url": "file:///opt/here", "dir_info": {}});
    seen["release"] = json!({"id": "debian", "release": "12"});
    seen["apt"] = json!([{"name": "libc6", "version": "2.36-9", "architecture": "amd64", "source": "glibc", "source_version": "2.36-9"}]);
    repository.stand_ins.note("snapshot", &seen.to_string());
    repository.stand_ins.note("container", PROBE);
    let document = document(&repository, &["sbom", "runtime"]);
    assert_eq!(document["metadata"]["component"]["name"], RUNTIME);
    assert_eq!(document["metadata"]["timestamp"], "2026-11-25T12:00:00Z", "when it was built");
    let named =
        |name: &str| document["components"].as_array().unwrap().iter().find(|it| it["name"] == name).unwrap().clone();
    assert_eq!(named("tqdm")["licenses"], json!([{"expression": "MPL-2.0 AND MIT"}]));
    assert_eq!(named("here")["licenses"], json!([{"license": {"name": "ours"}}]));
    assert!(named("here")["properties"].to_string().contains("none: it is a local directory"));
    let libc = named(if cfg!(target_arch = "x86_64") { "libc6" } else { "libc6:amd64" });
    assert_eq!(libc["purl"], "pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12");
}

#[test]
fn spdx_names_each_licence_that_is_none_of_its_own() {
    let repository = locked();
    let mut seen = snapshot(&["tqdm 4.66.0"]);
    seen["distributions"][0]["licence"] = json!({"text": "ask the author"});
    repository.stand_ins.note("snapshot", &seen.to_string());
    let document = document(&repository, &["sbom", "--format", "spdx"]);
    assert_eq!(document["spdxVersion"], "SPDX-2.3");
    let extracted = &document["hasExtractedLicensingInfos"][0];
    assert_eq!(extracted["extractedText"], "ask the author");
    let packages = document["packages"].as_array().unwrap();
    let tqdm = packages.iter().find(|it| it["name"] == "tqdm").unwrap();
    assert_eq!(tqdm["licenseDeclared"], extracted["licenseId"]);
}

#[test]
fn it_is_written_to_a_file_but_in_a_dry_run() {
    let repository = locked();
    repository.xtask(["--dry-run", "sbom", "--lock", "-o", "sbom.json"]).exits(0).stdout("");
    assert!(!repository.path("sbom.json").exists());
    repository.xtask(["sbom", "--lock", "-o", "sbom.json"]).exits(0).stdout("").stderr_has("wrote `sbom.json`");
    assert!(fs::read_to_string(repository.path("sbom.json")).unwrap().starts_with("{\n"));
}

#[test]
fn the_native_environment_is_described_too() {
    let repository = Repository::with_settings("ENGINE=native\n");
    put_prefix(&repository);
    install(&repository, &["tqdm 4.66.0"]);
    let document = document(&repository, &["sbom"]);
    assert_eq!(document["components"][0]["purl"], "pkg:pypi/tqdm@4.66.0");
}

#[test]
fn what_is_missing_comes_with_the_command_that_makes_it() {
    let repository = Repository::with_settings("ENGINE=docker\n");
    repository.xtask(["sbom"]).exits(1).stdout("").stderr_has("has not been built yet: `cargo xtask build runtime`");
    let expected = format!("there is no lock for {PLATFORM}: `cargo xtask lock --platform {PLATFORM}`");
    repository.xtask(["sbom", "--lock"]).exits(1).stdout("").stderr_has(&expected);
    assert!(!repository.path(LOCK).exists());
    offer(&repository, &[]);
    repository.xtask(["sbom", "dev", "--lock"]).exits(2).stderr_has("cannot be used with");
}
