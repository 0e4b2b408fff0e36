//! The `variables:` of environment.yml and those of the user's own in the settings, as a generated compose file.

use process::IntoMap as _;
use std::collections::BTreeMap;

use anyhow::Result;
use camino::Utf8PathBuf;

use images::Target;
use inputs::Project;
use process::files::NewFile;

/// Writes the file, unless there are no variables. It has no value of those in the settings file, which may be secrets: compose
/// reads these there.
pub fn write_overlay(project: &Project) -> Result<Option<Utf8PathBuf>> {
    let (asked, own) = (&project.intent.environment.variables, &project.settings.own);
    if asked.is_empty() && own.is_empty() {
        return Ok(None);
    }
    let text = overlay_text(asked, own.keys());
    project.cx.scratch.write("compose.variables.yaml", &NewFile::list(text)).map(Some)
}

/// JSON, because that is YAML without any quoting rules of its own. Compose reads `$$` as `$`.
fn overlay_text<'a>(asked: &BTreeMap<String, String>, own: impl Iterator<Item = &'a String>) -> String {
    let asked = asked.iter().map(|(name, value)| (name.clone(), value.replace('$', "$$")));
    let own = own.map(|name| (name.clone(), format!("${{ENV_{name}}}")));
    let values: BTreeMap<String, String> = asked.chain(own).into_map();
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
        let text = overlay_text(
            &BTreeMap::from([("A".to_owned(), "$(id) ${HOME} \"yes\": no".to_owned())]),
            [&"TOKEN".to_owned()].into_iter(),
        );
        let read: serde_json::Value = serde_yaml::from_str(&text).unwrap();
        assert_eq!(read["services"]["dev"]["environment"]["A"], "$$(id) $${HOME} \"yes\": no");
        assert_eq!(read["services"]["runtime"]["environment"]["TOKEN"], "${ENV_TOKEN}");
    }
}
