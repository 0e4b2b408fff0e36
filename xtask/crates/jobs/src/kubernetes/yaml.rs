//! Objects as YAML that every reader takes for the same.

use std::borrow::Cow;

use environment::lock::yaml_scalar;
use serde::Serialize;
use serde_json::{Map, Value};

/// One document of a stream, with the line that begins it. What is null, or an empty list, is left out.
pub(super) fn document(object: &impl Serialize) -> serde_json::Result<String> {
    let value = serde_json::to_value(object)?;
    Ok(format!("---\n{}", block(&value, 0).trim_start_matches('\n')))
}

/// A value behind `KEY:` or `-`, up to the end of its last line.
fn block(value: &Value, indent: usize) -> String {
    match value {
        Value::Object(entries) if !is_empty(entries) => format!("\n{}", map(entries, indent)),
        Value::Array(items) if !items.is_empty() => {
            format!("\n{}", items.iter().map(|it| item(it, indent)).collect::<String>())
        }
        Value::Object(_) => " {}\n".to_owned(),
        Value::Array(_) => " []\n".to_owned(),
        Value::String(text) => match literal(text, indent) {
            Some(literal) => literal,
            None => format!(" {}\n", scalar(text)),
        },
        other => format!(" {other}\n"),
    }
}

fn is_said(value: &Value) -> bool {
    !value.is_null() && value.as_array().is_none_or(|it| !it.is_empty())
}

fn is_empty(entries: &Map<String, Value>) -> bool {
    !entries.values().any(is_said)
}

fn map(entries: &Map<String, Value>, indent: usize) -> String {
    let entry = |(key, value): (&String, &Value)| {
        // A list is no deeper than its key.
        let deeper = if value.is_array() { indent } else { indent + 2 };
        format!("{}{}:{}", " ".repeat(indent), scalar(key), block(value, deeper))
    };
    entries.iter().filter(|(_, value)| is_said(value)).map(entry).collect()
}

fn item(value: &Value, indent: usize) -> String {
    let padding = " ".repeat(indent);
    match value {
        // The first key stands behind the dash.
        Value::Object(entries) if !is_empty(entries) => format!("{padding}- {}", map(entries, indent + 2).trim_start()),
        other => format!("{padding}-{}", block(other, indent + 2)),
    }
}

/// Lines as they are, for a text that ends with a line feed and has nothing that a reader would change.
fn literal(text: &str, indent: usize) -> Option<String> {
    let lines = text.strip_suffix('\n')?;
    let is_kept = |it: char| it == '\n' || it == '\t' || !is_special(it);
    let is_clear = !lines.starts_with([' ', '\t', '\n']) && !lines.is_empty() && !lines.ends_with('\n');
    (is_clear && lines.chars().all(is_kept)).then(|| {
        let padding = " ".repeat(indent.max(2));
        let lines: String =
            lines.lines().map(|it| if it.is_empty() { "\n".to_owned() } else { format!("{padding}{it}\n") }).collect();
        format!(" |\n{lines}")
    })
}

fn scalar(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_special) { Cow::Owned(quoted(text)) } else { yaml_scalar(text) }
}

/// What YAML 1.1 or 1.2 takes for the end of a line, or does not take at all.
fn is_special(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

fn quoted(text: &str) -> String {
    let character = |it: char| match it {
        '"' => "\\\"".to_owned(),
        '\\' => "\\\\".to_owned(),
        '\n' => "\\n".to_owned(),
        it if is_special(it) => format!("\\u{:04x}", u32::from(it)),
        it => it.to_string(),
    };
    format!("\"{}\"", text.chars().map(character).collect::<String>())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_text_is_read_back_as_it_was() {
        for hostile in [
            "",
            "yes",
            "No",
            "1",
            "1e3",
            "1_000",
            "12:30:45",
            "2024-01-01",
            "~",
            "=",
            "<<",
            "- a",
            "a: b",
            "a #b",
            "{a}",
            "it's",
            "\"q\"",
            "a\\b",
            "a\nb",
            "a\nb\n",
            "\n",
            "\na\n",
            " a\n",
            "a\n\n",
            "a\n\n b\t\nc\n",
            "a\r\nb\n",
            "\t",
            "$(x)",
            "é",
            "\u{1f600}",
            "\u{85}",
            "\u{2028}x",
            "\u{feff}",
            "\u{7f}",
            "# a\n",
            "--- a\n",
            "a \n",
        ] {
            let object = json!({ "map": { hostile: hostile }, "list": [hostile, [hostile], { "a": hostile }] });
            let written = document(&object).unwrap();
            let read: Value = serde_yaml::from_str(&written).unwrap();
            assert_eq!(read, object, "{written}");
        }
    }

    #[test]
    fn what_is_not_said_is_left_out_and_an_empty_map_is_not() {
        let object =
            json!({ "a": null, "b": [], "emptyDir": {}, "none": { "a": null }, "c": [{ "d": 1, "e": [true] }] });
        assert_eq!(document(&object).unwrap(), "---\nc:\n- d: 1\n  e:\n  - true\nemptyDir: {}\nnone: {}\n");
    }
}
