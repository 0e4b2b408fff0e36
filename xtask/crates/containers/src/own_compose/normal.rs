//! Short forms of a service's keys, written out as `docker compose config` does.

use anyhow::{Result, bail, ensure};
use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use serde_json::{Map, Value, json};

use process::HostEnvironment;

/// Keys with a list, where one text stands for a list of it.
const LISTS: [&str; 4] = ["dns", "dns_search", "tmpfs", "devices"];

/// Keys that are true or false, also as the text of a variable.
const TRUTHS: [&str; 4] = ["init", "privileged", "read_only", "tty"];

/// The services with all keys in one form. Relative paths start from `directory`.
pub(super) fn normal(services: &Value, directory: &Utf8Path, host: &HostEnvironment) -> Result<Value> {
    let mut normal = Map::new();
    for (name, service) in services.as_object().into_iter().flatten() {
        let mut keys = Map::new();
        for (key, value) in service.as_object().into_iter().flatten() {
            let value = match key.as_str() {
                "volumes" => mounts(value, directory, host)?,
                key => plain(key, value),
            };
            // What is empty says nothing.
            if value != json!("") {
                keys.insert(key.clone(), escaped(value));
            }
        }
        normal.insert(name.clone(), Value::Object(keys));
    }
    Ok(Value::Object(normal))
}

fn plain(key: &str, value: &Value) -> Value {
    match value.as_str() {
        Some(text) if LISTS.contains(&key) => json!([text]),
        Some(text) if TRUTHS.contains(&key) => text.parse::<bool>().map_or_else(|_| value.clone(), Value::from),
        _ => value.clone(),
    }
}

fn mounts(value: &Value, directory: &Utf8Path, host: &HostEnvironment) -> Result<Value> {
    let mount = |it: &Value| match (it.as_str(), it.as_object()) {
        (Some(text), _) => short_mount(text, directory, host),
        (_, Some(keys)) => Ok(long_mount(keys, directory, host)),
        _ => bail!("a mount must be text or a mapping, not `{it}`"),
    };
    value.as_array().into_iter().flatten().map(mount).collect::<Result<Vec<_>>>().map(Value::Array)
}

/// `source:target[:ro]`. Its source has to be there: nothing creates it.
fn short_mount(text: &str, directory: &Utf8Path, host: &HostEnvironment) -> Result<Value> {
    let parts: Vec<&str> = text.split(':').collect();
    let [source, target, options @ ..] = &parts[..] else {
        bail!("the volume `{text}` needs compose: with podman, mount a directory as `source:target`");
    };
    ensure!(
        source.starts_with(['.', '/', '~']),
        "the volume `{source}` needs compose: with podman, mount a directory, such as `./{source}:{target}`"
    );
    let is_read_only = options.iter().flat_map(|it| it.split(',')).any(|it| it == "ro");
    let source = absolute(source, directory, host);
    Ok(json!({"type": "bind", "source": source.as_str(), "target": target, "read_only": is_read_only}))
}

fn long_mount(keys: &Map<String, Value>, directory: &Utf8Path, host: &HostEnvironment) -> Value {
    let mut keys = keys.clone();
    if keys.get("type").is_some_and(|it| it == "bind") {
        // podman fails where the source is missing, as this option asks of Docker.
        if keys.get("bind").is_some_and(|it| *it == json!({"create_host_path": false})) {
            keys.remove("bind");
        }
        if let Some(source) = keys.get("source").and_then(Value::as_str) {
            let source = absolute(source, directory, host);
            keys.insert("source".to_owned(), source.as_str().into());
        }
    }
    Value::Object(keys)
}

fn absolute(path: &str, directory: &Utf8Path, host: &HostEnvironment) -> Utf8PathBuf {
    let path = match (path.strip_prefix('~'), host.get("HOME")) {
        (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => format!("{home}{rest}").into(),
        _ => directory.join(path),
    };
    let mut absolute = Utf8PathBuf::new();
    for component in path.components() {
        match component {
            Utf8Component::ParentDir => _ = absolute.pop(),
            Utf8Component::CurDir => {}
            other => absolute.push(other),
        }
    }
    absolute
}

/// As compose writes dollar signs, so that it can read its own output.
fn escaped(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace('$', "$$")),
        Value::Array(values) => Value::Array(values.into_iter().map(escaped).collect()),
        Value::Object(entries) => {
            let mut object = Map::new();
            for (key, it) in entries {
                object.insert(key.replace('$', "$$"), escaped(it));
            }
            Value::Object(object)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(service: &Value) -> Result<Value> {
        let host: HostEnvironment = [("HOME".to_owned(), "/home/ada".to_owned())].into_iter().collect();
        normal(&json!({"dev": service}), "/p/d".into(), &host).map(|it| it["dev"].clone())
    }

    #[test]
    fn mounts_have_absolute_paths() {
        let mounts = of(&json!({"volumes": [
            "../data:/data:ro", "~/x:/x",
            {"type": "bind", "source": "./y", "target": "/y", "bind": {"create_host_path": false}}
        ]}));
        let bind = |source: &str, target: &str| json!({"type": "bind", "source": source, "target": target});
        let short = |source: &str, target: &str, ro: bool| {
            let mut mount = bind(source, target);
            mount["read_only"] = ro.into();
            mount
        };
        let expected =
            json!([short("/p/data", "/data", true), short("/home/ada/x", "/x", false), bind("/p/d/y", "/y")]);
        assert_eq!(mounts.unwrap()["volumes"], expected);
    }

    #[test]
    fn a_volume_with_a_name_needs_compose() {
        let why = of(&json!({"volumes": ["models:/models"]})).unwrap_err().to_string();
        assert_eq!(
            why,
            "the volume `models` needs compose: with podman, mount a directory, such as `./models:/models`"
        );
    }

    #[test]
    fn one_text_is_a_list_and_a_truth_is_one() {
        let service = of(&json!({"dns": "1.1.1.1", "init": "true", "hostname": "", "working_dir": "/a$b"})).unwrap();
        assert_eq!(service, json!({"dns": ["1.1.1.1"], "init": true, "working_dir": "/a$$b"}));
    }
}
