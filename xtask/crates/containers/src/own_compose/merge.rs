//! Several compose files as one (compose specification, "Merge").

use anyhow::Result;
use serde_yaml::{Mapping, Value, value::Tag};

/// Lists that a later file replaces.
const REPLACED: [&str; 2] = ["command", "entrypoint"];

/// Lists that are short forms of mappings: `NAME=value`.
const PAIRS: [&str; 2] = ["environment", "labels"];

/// What two files say together; the second goes over the first.
pub(super) fn merged(first: Value, second: Value) -> Result<Value> {
    merged_at("", first, second)
}

fn merged_at(key: &str, first: Value, second: Value) -> Result<Value> {
    let (first, second) = (as_mapping(key, first), as_mapping(key, second));
    Ok(match (first, second) {
        (Value::Mapping(mut first), Value::Mapping(second)) => {
            for (name, value) in second {
                let text = name.as_str().unwrap_or_default().to_owned();
                match (first.remove(&name), value) {
                    (_, Value::Tagged(it)) if it.tag == Tag::new("reset") => {}
                    (_, Value::Tagged(it)) if it.tag == Tag::new("override") => {
                        first.insert(name, as_mapping(&text, it.value));
                    }
                    (Some(old), value) => {
                        first.insert(name, merged_at(&text, old, value)?);
                    }
                    (None, value) => {
                        let empty = Value::Mapping(Mapping::new());
                        let value = if value.is_mapping() { merged_at(&text, empty, value)? } else { value };
                        first.insert(name, as_mapping(&text, value));
                    }
                }
            }
            Value::Mapping(first)
        }
        (Value::Sequence(mut first), Value::Sequence(second)) if !REPLACED.contains(&key) => {
            first.retain(|it| !second.iter().any(|other| is_same_entry(key, it, other)));
            first.extend(second);
            Value::Sequence(first)
        }
        // A file that says nothing changes nothing.
        (first, Value::Null) => first,
        (_, second) => second,
    })
}

/// Mounts and devices are known by where they are in the container, all else by what it is.
fn is_same_entry(key: &str, one: &Value, other: &Value) -> bool {
    match key {
        "volumes" | "devices" => target(one).is_some_and(|it| Some(it) == target(other)),
        _ => one == other,
    }
}

fn target(entry: &Value) -> Option<&str> {
    match entry {
        Value::String(text) => text.split(':').nth(1).or(Some(text)),
        entry => entry.get("target")?.as_str(),
    }
}

fn as_mapping(key: &str, value: Value) -> Value {
    match value {
        Value::Sequence(pairs) if PAIRS.contains(&key) => {
            let pair = |it: Value| {
                let text = it.as_str().unwrap_or_default();
                match text.split_once('=') {
                    Some((name, value)) => (name.into(), value.into()),
                    None => (text.into(), Value::Null),
                }
            };
            Value::Mapping(pairs.into_iter().map(pair).collect())
        }
        value => value,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn both(first: &str, second: &str) -> serde_json::Value {
        let read = |text: &str| serde_yaml::from_str(text).unwrap();
        serde_json::to_value(merged(read(first), read(second)).unwrap()).unwrap()
    }

    #[test]
    fn the_second_goes_over_the_first() {
        let first = "dev: {a: 1, command: [x], environment: {A: a, B: b}, volumes: ['/a:/t', '/b:/u'], cap_add: [N]}";
        let second = "dev: {a: 2, command: [y], environment: ['B=c=d', C], volumes: [{type: bind, target: /t}], cap_add: [N, M]}";
        let expected = json!({"dev": {
            "a": 2, "command": ["y"], "environment": {"A": "a", "B": "c=d", "C": null},
            "volumes": ["/b:/u", {"type": "bind", "target": "/t"}], "cap_add": ["N", "M"],
        }});
        assert_eq!(both(first, second), expected);
    }

    #[test]
    fn a_value_is_taken_back_or_replaced_as_a_whole() {
        let first = "dev: {a: 1, cap_add: [N], b: {c: 1}}";
        let taken_back = json!({"dev": {"b": {"c": 1}, "cap_add": ["M"]}});
        assert_eq!(both(first, "dev: {a: !reset null, cap_add: !override [M]}"), taken_back);
        assert_eq!(both(first, "dev:\n"), json!({"dev": {"a": 1, "cap_add": ["N"], "b": {"c": 1}}}));
    }
}
