//! The `variables:` of environment.yml, as a generated compose file.

use process::IntoMap as _;
use std::collections::BTreeMap;

use anyhow::Result;
use camino::Utf8PathBuf;

use images::Target;
use process::files::NewFile;
use project::Context;

/// Writes the file, unless there are no variables.
pub fn write_overlay(cx: &Context, variables: &BTreeMap<String, String>) -> Result<Option<Utf8PathBuf>> {
    if variables.is_empty() {
        return Ok(None);
    }
    cx.scratch.write("compose.variables.yaml", &NewFile::list(overlay_text(variables))).map(Some)
}

/// JSON, because that is YAML without any quoting rules of its own. Compose reads `$$` as `$`.
fn overlay_text(variables: &BTreeMap<String, String>) -> String {
    let values: BTreeMap<String, String> =
        variables.iter().map(|(name, value)| (name.clone(), value.replace('$', "$$"))).into_map();
    let service = serde_json::json!({ "environment": values });
    let mut services = serde_json::Map::new();
    for target in Target::ALL {
        services.insert(target.name().to_owned(), service.clone());
    }
    format!("{:#}\n", serde_json::json!({ "services": services }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_not_read_as_anything_but_text() {
        let text = overlay_text(&BTreeMap::from([("A".to_owned(), "$(id) ${HOME} \"yes\": no".to_owned())]));
        let read: serde_json::Value = serde_yaml::from_str(&text).unwrap();
        assert_eq!(read["services"]["dev"]["environment"]["A"], "$$(id) $${HOME} \"yes\": no");
    }
}
