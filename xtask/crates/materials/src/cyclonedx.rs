//! CycloneDX 1.6, as JSON.
//!
//! Source: ECMA-424, "CycloneDX Bill of materials specification", and its JSON schema `bom-1.6`.

use serde::Serialize;

use environment::lock::BaseImage;

use crate::{
    Digest, DigestAlgorithm, Inventory, Licence, Material, MaterialFile, MaterialOrigin, PackageUrl, SubjectKind,
    unique_id::unique_id,
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bom<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    #[serde(rename = "bomFormat")]
    format: &'static str,
    spec_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    serial_number: Option<String>,
    version: u32,
    metadata: Metadata<'a>,
    components: Vec<Component<'a>>,
    dependencies: Vec<Dependency<'a>>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<String>,
    lifecycles: [Lifecycle; 1],
    tools: Tools<'a>,
    component: Component<'a>,
}

#[derive(Serialize)]
struct Lifecycle {
    phase: &'static str,
}

#[derive(Serialize)]
struct Tools<'a> {
    components: [Tool<'a>; 1],
}

#[derive(Serialize)]
struct Tool<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'static str,
    version: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Component<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "bom-ref")]
    reference: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hashes: Vec<Hash<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    licenses: Vec<LicenceChoice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purl: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    external_references: Vec<ExternalReference<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Property>,
}

#[derive(Serialize)]
struct Hash<'a> {
    alg: &'static str,
    content: &'a str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum LicenceChoice<'a> {
    Expression { expression: &'a str },
    Named { license: NamedLicence<'a> },
}

#[derive(Serialize)]
struct NamedLicence<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct ExternalReference<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    url: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hashes: Vec<Hash<'a>>,
}

#[derive(Serialize)]
struct Property {
    name: String,
    value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Dependency<'a> {
    #[serde(rename = "ref")]
    reference: &'a str,
    depends_on: Vec<&'a str>,
}

const SUBJECT: &str = "subject";
const BASE: &str = "base";

/// The serial number depends on the rest but for the time, so that the same packages give the same number.
pub fn document(inventory: &Inventory, tool: &str) -> serde_json::Result<String> {
    let base_url = inventory.base.as_ref().and_then(base_url);
    let mut bom = bom(inventory, tool, base_url.as_ref());
    let timestamp = bom.metadata.timestamp.take();
    bom.serial_number = Some(format!("urn:uuid:{}", unique_id(&serde_json::to_string(&bom)?)));
    bom.metadata.timestamp = timestamp;
    serde_json::to_string_pretty(&bom)
}

fn bom<'a>(inventory: &'a Inventory, tool: &'a str, base_url: Option<&'a PackageUrl>) -> Bom<'a> {
    let base = inventory.base.as_ref().map(|it| base_component(it, base_url));
    let components: Vec<Component<'_>> = base.into_iter().chain(inventory.materials.iter().map(component)).collect();
    let depends_on = components.iter().map(|it| it.reference).collect();
    Bom {
        schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
        format: "CycloneDX",
        spec_version: "1.6",
        serial_number: None,
        version: 1,
        metadata: Metadata {
            timestamp: inventory.timestamp(),
            lifecycles: [Lifecycle { phase: phase(inventory.subject.kind) }],
            tools: Tools { components: [Tool { kind: "application", name: "cargo xtask", version: tool }] },
            component: subject(inventory),
        },
        dependencies: vec![Dependency { reference: SUBJECT, depends_on }],
        components,
    }
}

fn phase(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::Lock => "pre-build",
        SubjectKind::Image => "post-build",
        SubjectKind::Prefix => "operations",
    }
}

fn subject(inventory: &Inventory) -> Component<'_> {
    let subject = &inventory.subject;
    let mut properties = vec![property("platform", inventory.platform.to_string())];
    properties.extend(subject.facts.iter().map(|(name, value)| property(name, value.clone())));
    Component {
        kind: if subject.kind == SubjectKind::Image { "container" } else { "application" },
        properties,
        ..plain(SUBJECT, &subject.name)
    }
}

/// The package URL of a base image that a registry has.
pub fn base_url(base: &BaseImage) -> Option<PackageUrl> {
    let name = base.name.split('@').next().unwrap_or(&base.name);
    base.digest.as_deref().map(|digest| PackageUrl::of_image(name, digest))
}

fn base_component<'a>(base: &'a BaseImage, url: Option<&'a PackageUrl>) -> Component<'a> {
    let mut properties: Vec<Property> = base.id.iter().map(|it| property("image-id", it.clone())).collect();
    if base.digest.is_none() {
        properties.push(property("digest", "none: no registry has given one".to_owned()));
    }
    let digest = base.digest.as_deref();
    let mut component = plain(BASE, &base.name);
    component.kind = "container";
    (component.version, component.purl) = (digest, url.map(PackageUrl::as_str));
    component.properties = properties;
    component
}

fn component(material: &Material) -> Component<'_> {
    let mut component = plain(material.url.as_str(), &material.name);
    component.version = material.version.as_deref();
    component.purl = Some(material.url.as_str());
    component.hashes = hashes(material.digests());
    component.licenses = match &material.licence {
        Licence::Expression(expression) => vec![LicenceChoice::Expression { expression }],
        Licence::Words(name) => vec![LicenceChoice::Named { license: NamedLicence { name } }],
        Licence::Unknown => Vec::new(),
    };
    component.properties.push(property("installer", material.kind.name().to_owned()));
    match &material.origin {
        MaterialOrigin::Files(files) => component.external_references = files.iter().map(distribution).collect(),
        MaterialOrigin::Vcs { url, commit, .. } => {
            component.external_references.push(ExternalReference { kind: "vcs", url, hashes: Vec::new() });
            component.properties.push(property("commit", commit.clone()));
        }
        MaterialOrigin::Directory(path) => component.properties.push(property("directory", path.clone())),
        MaterialOrigin::Unknown => {}
    }
    component.properties.extend(material.without_digest().map(|why| property("digest", format!("none: {why}"))));
    component
}

fn distribution(file: &MaterialFile) -> ExternalReference<'_> {
    ExternalReference { kind: "distribution", url: &file.url, hashes: hashes(&file.digests) }
}

fn plain<'a>(reference: &'a str, name: &'a str) -> Component<'a> {
    Component {
        kind: "library",
        reference,
        name,
        version: None,
        hashes: Vec::new(),
        licenses: Vec::new(),
        purl: None,
        external_references: Vec::new(),
        properties: Vec::new(),
    }
}

fn hashes(digests: &[Digest]) -> Vec<Hash<'_>> {
    let name = |algorithm| match algorithm {
        DigestAlgorithm::Md5 => "MD5",
        DigestAlgorithm::Sha1 => "SHA-1",
        DigestAlgorithm::Sha256 => "SHA-256",
        DigestAlgorithm::Sha384 => "SHA-384",
        DigestAlgorithm::Sha512 => "SHA-512",
    };
    digests.iter().map(|it| Hash { alg: name(it.algorithm), content: &it.value }).collect()
}

fn property(name: &str, value: String) -> Property {
    Property { name: format!("xtask:{name}"), value }
}
