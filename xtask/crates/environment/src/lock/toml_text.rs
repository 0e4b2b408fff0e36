//! Writing and reading TOML by hand, for the few forms that the lock has.

use process::IntoMap as _;
use std::collections::BTreeMap;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// A text as a basic string, in quotes.
///
/// Source: TOML 1.0, "String".
pub fn string(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            it if it.is_control() => quoted += &format!("\\u{:04X}", u32::from(it)),
            it => quoted.push(it),
        }
    }
    quoted.push('"');
    quoted
}

pub(super) fn pair(key: &str, text: &str) -> String {
    format!("{key} = {}\n", string(text))
}

pub(super) fn hashes(hashes: &BTreeMap<String, String>) -> String {
    let entries: Vec<String> =
        hashes.iter().map(|(name, digest)| format!("{} = {}", string(name), string(digest))).collect();
    format!("{{ {} }}", entries.join(", "))
}

pub(super) fn table<'a, 'i>(table: &'a DeTable<'i>, key: &str) -> Option<&'a DeTable<'i>> {
    table.get(key)?.get_ref().as_table()
}

pub(super) fn text<'a>(table: &'a DeTable, key: &str) -> Option<&'a str> {
    table.get(key)?.get_ref().as_str()
}

pub(super) fn owned(table: &DeTable, key: &str) -> Option<String> {
    text(table, key).map(str::to_owned)
}

/// None where the key is missing or no list.
pub(super) fn list<'a, 'i>(table: &'a DeTable<'i>, key: &str) -> impl Iterator<Item = &'a DeValue<'i>> {
    table.get(key).and_then(|it| it.get_ref().as_array()).into_iter().flatten().map(Spanned::get_ref)
}

/// A table of texts; members of other types are left out.
pub(super) fn texts(parent: &DeTable, key: &str) -> BTreeMap<String, String> {
    let entries = table(parent, key).into_iter().flatten();
    entries
        .filter_map(|(name, value)| Some((name.get_ref().to_string(), value.get_ref().as_str()?.to_owned())))
        .into_map()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_read_back() {
        for hostile in ["", "a", "\"", "\\", "a\nb\tc\0", "é \u{7f} ]]", "'''", "\"\"\"\n[x]\ny = 1"] {
            let written = pair("key", hostile);
            let document = DeTable::parse(&written).unwrap();
            assert_eq!(text(document.get_ref(), "key"), Some(hostile), "{written}");
            assert_eq!(written.lines().count(), 1, "{written}");
        }
    }
}
