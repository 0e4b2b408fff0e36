//! Values of TOML tables, for the few forms that the files of this crate have.

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

pub fn table<'a, 'i>(parent: &'a DeTable<'i>, key: &str) -> Option<&'a DeTable<'i>> {
    parent.get(key)?.get_ref().as_table()
}

pub fn text<'a>(parent: &'a DeTable, key: &str) -> Option<&'a str> {
    parent.get(key)?.get_ref().as_str()
}

/// The texts of a list; none where the key is missing or no list.
pub fn texts(parent: &DeTable, key: &str) -> Vec<String> {
    members(parent, key).filter_map(DeValue::as_str).map(str::to_owned).collect()
}

/// The tables of a list of tables.
pub fn tables<'a, 'i>(parent: &'a DeTable<'i>, key: &str) -> impl Iterator<Item = &'a DeTable<'i>> {
    members(parent, key).filter_map(DeValue::as_table)
}

/// The members of a table that are texts.
pub fn pairs(parent: &DeTable, key: &str) -> Vec<(String, String)> {
    let members = table(parent, key).into_iter().flatten();
    members
        .filter_map(|(name, value)| Some((name.get_ref().to_string(), value.get_ref().as_str()?.to_owned())))
        .collect()
}

fn members<'a, 'i>(parent: &'a DeTable<'i>, key: &str) -> impl Iterator<Item = &'a DeValue<'i>> {
    parent.get(key).and_then(|it| it.get_ref().as_array()).into_iter().flatten().map(Spanned::get_ref)
}
