//! JSON objects.

use serde_json::{Map, Value};

/// The object of these entries. `collect` would compile a sort for each kind of iterator.
pub(crate) fn object(entries: impl IntoIterator<Item = (String, Value)>) -> Map<String, Value> {
    let mut object = Map::new();
    for (name, value) in entries {
        object.insert(name, value);
    }
    object
}
