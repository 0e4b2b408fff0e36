//! Texts in JSON that other programs write.

use serde::Deserialize;
use serde_json::Value;

/// A text, if there is one: what is empty or of another type is no reason to give up what stands beside it.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "Value")]
pub(super) struct Text(pub Option<String>);

impl From<Value> for Text {
    fn from(value: Value) -> Self {
        match value {
            Value::String(text) if !text.is_empty() => Self(Some(text)),
            _ => Self(None),
        }
    }
}
