//! The compose files, read by this tool itself where there is no compose: the services `dev` and `runtime`, in the form in which
//! `docker compose config` gives them.

mod merge;
mod normal;

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use anyhow::{Context as _, Result, bail, ensure};
use camino::Utf8Path;
use serde_json::Value;
use serde_yaml::Value as Yaml;

use docker::Compose;
use images::Target;
use installation::with_variables;
use process::{HostEnvironment, files};
use project::EnvFile;
use report::{Findings, Source};

use merge::merged;
use normal::normal;

/// Where the values of the files' variables come from, in the order in which compose looks.
struct Variables<'a> {
    compose: &'a Compose<'a>,
    host: &'a HostEnvironment,
    env_file: EnvFile,
}

impl Variables<'_> {
    fn value(&self, name: &str) -> Option<String> {
        let settings = self.compose.settings.variables.iter().map(|(name, it)| (*name, it));
        let own = self.compose.variables.iter().map(|(name, it)| (*name, it));
        let given = settings.chain(own).find(|it| it.0 == name).map(|it| it.1.as_str());
        let in_file = || self.env_file.get(name).map(|it| it.value.as_str());
        given.or_else(|| self.host.get(name)).or_else(in_file).map(str::to_owned)
    }
}

/// The merged files with variables replaced, as JSON. A key that this cannot read is an error, with its file.
pub fn config(compose: &Compose, host: &HostEnvironment, env_file: &Utf8Path) -> Result<String> {
    let text = files::read_text_if_any(env_file)?.unwrap_or_default();
    let env_file = EnvFile::parse(&Source::new(env_file, text), &mut Findings::default());
    let variables = Variables { compose, host, env_file };
    let mut config = Yaml::Mapping(serde_yaml::Mapping::new());
    for file in &compose.files {
        let read = || -> Result<Yaml> {
            let mut yaml: Yaml = serde_yaml::from_str(&files::read_text(file)?)?;
            yaml.apply_merge()?;
            let services = yaml.get("services").cloned().unwrap_or_default();
            require_known_services(&services)?;
            // The rest is for people, or about compose itself.
            let services = interpolated(services, &|name| variables.value(name))?;
            Ok(services)
        };
        let services = read().with_context(|| format!("`{file}`"))?;
        config = merged(config, services).with_context(|| format!("`{file}`"))?;
    }
    let services: Value = serde_json::to_value(config)?;
    let normal = normal(&services, compose.directory, host)?;
    Ok(serde_json::json!({ "services": normal }).to_string())
}

/// What changes when a service would be made differently.
pub fn hash(config: &str, service: &str) -> String {
    let config: Value = serde_json::from_str(config).unwrap_or_default();
    let mut hasher = DefaultHasher::new();
    config["services"][service].to_string().hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn require_known_services(services: &Yaml) -> Result<()> {
    let names = services.as_mapping().into_iter().flatten().map(|it| it.0.as_str().unwrap_or_default());
    for name in names {
        let is_known = Target::ALL.iter().any(|it| it.name() == name);
        ensure!(is_known, "the service `{name}` needs compose: with podman there are `dev` and `runtime` alone");
    }
    Ok(())
}

fn interpolated(yaml: Yaml, value: &dyn Fn(&str) -> Option<String>) -> Result<Yaml> {
    Ok(match yaml {
        Yaml::String(text) => match with_variables(&text, value) {
            Ok(text) => Yaml::String(text),
            Err(why) => bail!("in `{text}`: {why}"),
        },
        Yaml::Sequence(items) => {
            Yaml::Sequence(items.into_iter().map(|it| interpolated(it, value)).collect::<Result<_>>()?)
        }
        Yaml::Mapping(entries) => {
            let mut mapping = serde_yaml::Mapping::new();
            for (key, it) in entries {
                mapping.insert(key, interpolated(it, value)?);
            }
            Yaml::Mapping(mapping)
        }
        Yaml::Tagged(mut tagged) => {
            tagged.value = interpolated(tagged.value, value)?;
            Yaml::Tagged(tagged)
        }
        other => other,
    })
}
