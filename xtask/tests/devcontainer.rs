//! `.devcontainer/devcontainer.json` is what its schema allows, and agrees with the compose file.

#![allow(clippy::disallowed_methods, reason = "tests make the files that they look at")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// What a property may be.
enum Kind {
    Text,
    Flag,
    Texts,
    Map,
    /// A command: a line for a shell, an argument vector, or several of these by name.
    Command,
    OneOf(&'static [&'static str]),
}
use Kind::{Command, Flag, Map, OneOf, Text, Texts};

/// The properties of a container that compose describes, apart from those that this project has no use for (features,
/// secrets, forwarded ports, the machine's requirements).
///
/// Source: `devContainer.base.schema.json` of containers.dev, `devContainerCommon` and `composeContainer`.
const PROPERTIES: [(&str, Kind); 22] = [
    ("$schema", Text),
    ("name", Text),
    ("updateRemoteUserUID", Flag),
    ("containerEnv", Map),
    ("containerUser", Text),
    ("remoteEnv", Map),
    ("remoteUser", Text),
    ("initializeCommand", Command),
    ("onCreateCommand", Command),
    ("updateContentCommand", Command),
    ("postCreateCommand", Command),
    ("postStartCommand", Command),
    ("postAttachCommand", Command),
    ("userEnvProbe", OneOf(&["none", "loginShell", "loginInteractiveShell", "interactiveShell"])),
    ("init", Flag),
    ("customizations", Map),
    ("dockerComposeFile", Texts),
    ("service", Text),
    ("runServices", Texts),
    ("workspaceFolder", Text),
    ("shutdownAction", OneOf(&["none", "stopCompose"])),
    ("overrideCommand", Flag),
];

impl Kind {
    fn allows(&self, value: &Value) -> bool {
        let are_texts = |it: &Value| it.as_array().is_some_and(|it| it.iter().all(Value::is_string));
        match self {
            Text => value.is_string(),
            Flag => value.is_boolean(),
            Texts => value.is_string() || are_texts(value),
            Map => value.is_object(),
            Command => {
                let is_one = |it: &Value| it.is_string() || are_texts(it);
                is_one(value) || value.as_object().is_some_and(|it| it.values().all(is_one))
            }
            OneOf(words) => value.as_str().is_some_and(|it| words.contains(&it)),
        }
    }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The file as JSON: it may have comments, which this project gives lines of their own.
fn devcontainer() -> Value {
    let text = fs::read_to_string(repository().join(".devcontainer/devcontainer.json")).unwrap();
    let lines: Vec<&str> = text.lines().filter(|it| !it.trim_start().starts_with("//")).collect();
    serde_json::from_str(&lines.join("\n")).unwrap()
}

#[test]
fn every_property_is_one_of_the_schema() {
    let devcontainer = devcontainer();
    for (name, value) in devcontainer.as_object().unwrap() {
        let property = PROPERTIES.iter().find(|(known, _)| known == name);
        let (_, kind) = property.unwrap_or_else(|| panic!("the schema has no `{name}` beside `dockerComposeFile`"));
        assert!(kind.allows(value), "`{name}` cannot be {value}");
    }
    for required in ["dockerComposeFile", "service", "workspaceFolder"] {
        assert!(!devcontainer[required].is_null(), "`{required}` is missing");
    }
}

#[test]
fn an_extension_has_a_publisher_and_a_name() {
    let extensions = devcontainer()["customizations"]["vscode"]["extensions"].clone();
    let is_word = |it: &str| !it.is_empty() && it.chars().all(|it| it.is_ascii_alphanumeric() || it == '-');
    for extension in extensions.as_array().unwrap() {
        let words: Vec<&str> = extension.as_str().unwrap().split('.').collect();
        assert!(words.len() == 2 && words.into_iter().all(is_word), "{extension}");
    }
}

#[test]
fn it_opens_a_service_that_the_compose_file_has() {
    let devcontainer = devcontainer();
    let folder = repository().join(".devcontainer");
    for file in devcontainer["dockerComposeFile"].as_array().unwrap() {
        let text = fs::read_to_string(folder.join(file.as_str().unwrap())).unwrap();
        let compose: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
        let service = &compose["services"][devcontainer["service"].as_str().unwrap()];
        assert!(service["command"].is_sequence(), "a service without a command of its own ends at once: {service:?}");
    }
}
