//! `cargo xtask audit`

use std::fs;

use serde_json::{Value, json};

use crate::installed::install;
use crate::repository::{RUNTIME, Repository};

/// An image with tqdm 4.66.0.
fn repository() -> Repository {
    let repository = Repository::with_settings("ENGINE=docker\n").image(RUNTIME);
    install(&repository, &["tqdm 4.66.0"]);
    repository
}

fn record(id: &str, aliases: &[&str], severity: &str) -> Value {
    json!({
        "id": id, "aliases": aliases, "summary": "arguments are run", "database_specific": {"severity": severity},
        "affected": [{"package": {"ecosystem": "PyPI", "name": "tqdm"},
                      "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "4.4.0"}, {"fixed": "4.66.3"}]}]}],
    })
}

fn records() -> String {
    let other = json!({"id": "X-2", "affected": [{"package": {"ecosystem": "PyPI", "name": "other"}}]});
    format!("{}\n{}\n{other}\n", record("GHSA-1", &["CVE-1"], "LOW"), record("PYSEC-1", &["CVE-1"], ""))
}

#[test]
fn a_vulnerability_is_told_once_and_fails_from_its_severity_on() {
    let repository = repository().file("records.jsonl", &records());
    let expected = "\
SEVERITY  PACKAGE  VERSION  FIXED IN  ADVISORY        SUMMARY
low       tqdm     4.66.0   4.66.3    GHSA-1 (CVE-1)  arguments are run
";
    repository
        .xtask(["audit", "--database", "records.jsonl"])
        .exits(1)
        .stdout(expected)
        .stderr_has("1 packages looked up in 3 records: known vulnerabilities: 1, 1 of them low or worse");
    repository.xtask(["audit", "--database", "records.jsonl", "--severity", "medium"]).exits(0).stdout(expected);
    let ended = repository.xtask(["audit", "--database", "records.jsonl", "--json"]);
    let object: Value = serde_json::from_str(ended.exits(1).out()).unwrap();
    assert_eq!((&object["names"], &object["fixed"]), (&json!(["GHSA-1", "CVE-1", "PYSEC-1"]), &json!("4.66.3")));
}

#[test]
fn a_version_that_is_fixed_passes() {
    let repository = repository().file("records.jsonl", &records());
    install(&repository, &["tqdm 4.66.3"]);
    repository.xtask(["audit", "--database", "records.jsonl"]).exits(0).stdout("");
}

#[test]
fn records_may_be_in_a_folder_a_list_or_a_zip() {
    let repository =
        repository().program("gzip").file("folder/GHSA-1.json", &record("GHSA-1", &[], "HIGH").to_string());
    let list = json!([record("GHSA-1", &[], "HIGH")]).to_string();
    repository.write("list.json", &list);
    repository.write_bytes("records.zip", &stored_zip("GHSA-1.json", list.as_bytes()));
    for path in ["folder", "list.json", "records.zip"] {
        repository.xtask(["audit", "--database", path]).exits(1).stdout_has("high      tqdm");
    }
    let mut altered = fs::read(repository.path("records.zip")).unwrap();
    let place = altered.windows(4).position(|it| it == b"tqdm").unwrap();
    altered[place] = b'T';
    repository.write_bytes("records.zip", &altered);
    repository
        .xtask(["audit", "--database", "records.zip"])
        .exits(1)
        .stdout("")
        .stderr_has("cannot read `records.zip`");
}

/// An archive of one file that is not compressed. Source: PKWARE's APPNOTE, 4.3.
fn stored_zip(name: &str, data: &[u8]) -> Vec<u8> {
    let checksum = !data.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (0_u32.wrapping_sub(crc & 1))))
    });
    let size = u32::try_from(data.len()).unwrap().to_le_bytes();
    let length = u16::try_from(name.len()).unwrap().to_le_bytes();
    let common =
        [&[20, 0, 0, 0, 0, 0, 0, 0, 33, 0][..], &checksum.to_le_bytes(), &size, &size, &length, &[0, 0]].concat();
    let local = [b"PK\x03\x04", &common[..], name.as_bytes(), data].concat();
    let central = [b"PK\x01\x02\x14\0", &common[..], &[0; 14], name.as_bytes()].concat();
    let [start, length] = [local.len(), central.len()].map(|it| u32::try_from(it).unwrap().to_le_bytes());
    [&local[..], &central, b"PK\x05\x06\0\0\0\0\x01\0\x01\0", &length, &start, &[0, 0]].concat()
}

#[test]
fn an_exception_has_a_reason_and_an_end() {
    let entry = |until: &str| format!("[[ignore]]\nid = 'CVE-1'\nreason = 'not called'\nuntil = {until}\n");
    let repository = repository().file("records.jsonl", &records());
    repository.write("dependencies/audit.toml", &entry("9999-01-01"));
    repository
        .xtask(["audit", "--database", "records.jsonl"])
        .exits(0)
        .stdout("")
        .stderr_has("and 1 in dependencies/audit.toml");
    repository.write("dependencies/audit.toml", &entry("2020-01-01"));
    repository
        .xtask(["audit", "--database", "records.jsonl"])
        .exits(1)
        .stdout_has("GHSA-1")
        .stderr_has("error[E0607]: the exception for `CVE-1` has ended");
    repository.write("dependencies/audit.toml", &entry("9999-01-01").replace("CVE-1", "CVE-2"));
    repository
        .xtask(["audit", "--database", "records.jsonl"])
        .exits(1)
        .stderr_has("warning[W0608]: nothing that was looked up has `CVE-2`");
    repository.write("dependencies/audit.toml", "[[ignore]]\nid = 'CVE-1'\nuntil = 9999-01-01\n");
    repository
        .xtask(["audit", "--database", "records.jsonl"])
        .exits(1)
        .stdout("")
        .stderr_has("the entry has no `reason`");
}

#[test]
fn data_that_is_not_there_or_about_something_else_does_not_pass() {
    let repository =
        repository().file("npm.json", r#"{"id": "X", "affected": [{"package": {"ecosystem": "npm", "name": "a"}}]}"#);
    repository.write("empty.json", "[]");
    repository.xtask(["audit", "--database", "none.zip"]).exits(1).stderr_has("`curl -LO https://osv-");
    repository
        .xtask(["audit", "--database", "empty.json"])
        .exits(1)
        .stderr_has("there are no records of OSV in `empty.json`");
    repository.xtask(["audit", "--database", "npm.json"]).exits(1).stderr_has("the records are about no `PyPI`");
}
