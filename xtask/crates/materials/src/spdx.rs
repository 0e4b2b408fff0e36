//! SPDX 2.3, as JSON.
//!
//! Source: ISO/IEC 5962 with its successor, "SPDX specification v2.3", and its JSON schema.

use std::collections::BTreeMap;

use serde::Serialize;

use environment::{lock::BaseImage, sha256};

use crate::{
    Digest, DigestAlgorithm, Inventory, Licence, Material, MaterialOrigin, SubjectKind, cyclonedx::base_url,
    unique_id::unique_id,
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    spdx_version: &'static str,
    data_license: &'static str,
    #[serde(rename = "SPDXID")]
    id: &'static str,
    name: String,
    #[serde(rename = "documentNamespace")]
    namespace: String,
    creation_info: CreationInfo,
    packages: Vec<Package>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    has_extracted_licensing_infos: Vec<ExtractedLicence>,
    relationships: Vec<Relationship>,
}

#[derive(Serialize)]
struct CreationInfo {
    created: String,
    creators: [String; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Package {
    #[serde(rename = "SPDXID")]
    id: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_info: Option<String>,
    download_location: String,
    files_analyzed: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checksums: Vec<Checksum>,
    license_concluded: &'static str,
    license_declared: String,
    copyright_text: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    external_refs: Vec<ExternalRef>,
    primary_package_purpose: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Checksum {
    algorithm: &'static str,
    checksum_value: String,
}

#[derive(Serialize)]
struct ExternalRef {
    #[serde(rename = "referenceCategory")]
    category: &'static str,
    #[serde(rename = "referenceType")]
    kind: &'static str,
    #[serde(rename = "referenceLocator")]
    locator: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExtractedLicence {
    license_id: String,
    extracted_text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Relationship {
    spdx_element_id: String,
    #[serde(rename = "relationshipType")]
    kind: &'static str,
    related_spdx_element: String,
}

const NOT_SAID: &str = "NOASSERTION";
const DOCUMENT: &str = "SPDXRef-DOCUMENT";
const SUBJECT: &str = "SPDXRef-subject";
const BASE: &str = "SPDXRef-base";

/// The namespace depends on the rest but for the time, so that the same packages give the same one.
pub fn document(inventory: &Inventory, tool: &str) -> serde_json::Result<String> {
    let mut document = without_time(inventory, tool);
    let id = unique_id(&serde_json::to_string(&document)?);
    document.namespace = format!("https://spdx.org/spdxdocs/{}-{id}", idstring(&inventory.subject.name));
    // The format wants one, and this says that nobody knows it.
    document.creation_info.created = inventory.timestamp().unwrap_or_else(|| "1970-01-01T00:00:00Z".to_owned());
    serde_json::to_string_pretty(&document)
}

fn without_time(inventory: &Inventory, tool: &str) -> Document {
    let mut licences = BTreeMap::new();
    let mut packages = vec![subject(inventory)];
    packages.extend(inventory.base.as_ref().map(base_package));
    let mut relationships = vec![relationship(DOCUMENT, "DESCRIBES", SUBJECT)];
    relationships.extend(inventory.base.iter().map(|_| relationship(SUBJECT, "DESCENDANT_OF", BASE)));
    for material in &inventory.materials {
        let package = package(material, &mut licences);
        relationships.push(relationship(SUBJECT, "CONTAINS", &package.id));
        packages.push(package);
    }
    let extracted =
        licences.into_iter().map(|(license_id, extracted_text)| ExtractedLicence { license_id, extracted_text });
    Document {
        spdx_version: "SPDX-2.3",
        data_license: "CC0-1.0",
        id: DOCUMENT,
        name: inventory.subject.name.clone(),
        namespace: String::new(),
        creation_info: CreationInfo { created: String::new(), creators: [format!("Tool: cargo-xtask-{tool}")] },
        packages,
        has_extracted_licensing_infos: extracted.collect(),
        relationships,
    }
}

fn subject(inventory: &Inventory) -> Package {
    let subject = &inventory.subject;
    let facts = subject.facts.iter().map(|(name, value)| format!("{name}: {value}"));
    let lines: Vec<String> = [format!("platform: {}", inventory.platform)].into_iter().chain(facts).collect();
    Package {
        comment: Some(lines.join("\n")),
        primary_package_purpose: if subject.kind == SubjectKind::Image { "CONTAINER" } else { "APPLICATION" },
        ..plain(SUBJECT.to_owned(), &subject.name)
    }
}

fn base_package(base: &BaseImage) -> Package {
    let id = base.id.iter().map(|it| format!("image-id: {it}"));
    let digest = base.digest.is_none().then(|| "digest: none: no registry has given one".to_owned());
    let comment: Vec<String> = id.chain(digest).collect();
    Package {
        version_info: base.digest.clone(),
        comment: (!comment.is_empty()).then(|| comment.join("\n")),
        external_refs: base_url(base).iter().map(|it| package_url(it.as_str())).collect(),
        primary_package_purpose: "CONTAINER",
        ..plain(BASE.to_owned(), &base.name)
    }
}

/// `licences` gets the text of each licence that is none of SPDX's.
fn package(material: &Material, licences: &mut BTreeMap<String, String>) -> Package {
    let url = material.url.as_str();
    let origin = match &material.origin {
        MaterialOrigin::Directory(path) => Some(format!("directory: {path}")),
        _ => None,
    };
    let digest = material.without_digest().map(|why| format!("digest: none: {why}"));
    let comment: Vec<String> =
        [format!("installer: {}", material.kind.name())].into_iter().chain(origin).chain(digest).collect();
    Package {
        version_info: material.version.clone(),
        download_location: download_location(&material.origin),
        checksums: material.digests().iter().map(checksum).collect(),
        license_declared: declared(&material.licence, licences),
        comment: Some(comment.join("\n")),
        external_refs: vec![package_url(url)],
        ..plain(format!("SPDXRef-{}-{}", idstring(&material.name), &sha256(url)[..12]), &material.name)
    }
}

fn plain(id: String, name: &str) -> Package {
    Package {
        id,
        name: name.to_owned(),
        version_info: None,
        download_location: NOT_SAID.to_owned(),
        files_analyzed: false,
        checksums: Vec::new(),
        license_concluded: NOT_SAID,
        license_declared: NOT_SAID.to_owned(),
        copyright_text: NOT_SAID,
        comment: None,
        external_refs: Vec::new(),
        primary_package_purpose: "LIBRARY",
    }
}

fn package_url(locator: &str) -> ExternalRef {
    ExternalRef { category: "PACKAGE-MANAGER", kind: "purl", locator: locator.to_owned() }
}

fn download_location(origin: &MaterialOrigin) -> String {
    match origin {
        MaterialOrigin::Files(files) => files.first().map_or_else(|| NOT_SAID.to_owned(), |it| it.url.clone()),
        MaterialOrigin::Vcs { kind, url, commit } => format!("{kind}+{url}@{commit}"),
        MaterialOrigin::Directory(_) | MaterialOrigin::Unknown => NOT_SAID.to_owned(),
    }
}

/// The text of a licence that is none of SPDX's is in the document once, under a name made from it.
fn declared(licence: &Licence, licences: &mut BTreeMap<String, String>) -> String {
    match licence {
        Licence::Unknown => NOT_SAID.to_owned(),
        Licence::Words(words) => {
            let id = format!("LicenseRef-{}", &sha256(words)[..12]);
            licences.insert(id.clone(), words.clone());
            id
        }
        Licence::Expression(expression) => {
            let words = expression.split([' ', '(', ')']).filter(|it| it.starts_with("LicenseRef-"));
            licences.extend(words.map(|it| (it.to_owned(), it.to_owned())));
            expression.clone()
        }
    }
}

fn checksum(digest: &Digest) -> Checksum {
    let algorithm = match digest.algorithm {
        DigestAlgorithm::Md5 => "MD5",
        DigestAlgorithm::Sha1 => "SHA1",
        DigestAlgorithm::Sha256 => "SHA256",
        DigestAlgorithm::Sha384 => "SHA384",
        DigestAlgorithm::Sha512 => "SHA512",
    };
    Checksum { algorithm, checksum_value: digest.value.clone() }
}

fn relationship(from: &str, kind: &'static str, to: &str) -> Relationship {
    Relationship { spdx_element_id: from.to_owned(), kind, related_spdx_element: to.to_owned() }
}

/// The characters that an id may have.
fn idstring(text: &str) -> String {
    text.chars().map(|it| if it.is_ascii_alphanumeric() || it == '.' { it } else { '-' }).collect()
}
