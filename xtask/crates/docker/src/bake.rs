//! `docker buildx bake`: several images at once.

use camino::Utf8Path;
use serde_json::{Value, json};

use process::Invocation;

use super::{BuildRequest, json::object};

/// Several images that are built in one session: what they share is sent and done once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BakeRequest<'a> {
    /// All by the same builder.
    pub builds: &'a [BuildRequest<'a>],
    /// The file with the [`definition`](Self::definition). Its name ends in `.json`.
    pub file: &'a Utf8Path,
}

impl BakeRequest<'_> {
    /// The file as buildx reads it.
    ///
    /// <https://docs.docker.com/build/bake/reference/>
    pub fn definition(&self) -> String {
        let names: Vec<&str> = self.builds.iter().map(|it| it.stage).collect();
        let targets = object(self.builds.iter().map(|it| (it.stage.to_owned(), target(it))));
        let proxies = self.builds.iter().flat_map(|it| &it.network.proxy_variables);
        let variables = object(proxies.map(|it| ((*it).to_owned(), json!({"default": ""}))));
        let mut file = json!({"group": {"default": {"targets": names}}, "target": targets});
        if !variables.is_empty() {
            file["variable"] = Value::Object(variables);
        }
        format!("{file:#}\n")
    }

    pub fn invocation(&self) -> Invocation {
        let builder = self.builds.iter().find_map(|it| it.options.builder.as_deref());
        let invocation = Invocation::new("docker")
            .args(["buildx", "bake"])
            .args(builder.into_iter().flat_map(|it| ["--builder", it]))
            .args(["--file", self.file.as_str()])
            // As in `BuildRequest::invocation`.
            .env("BUILDX_NO_DEFAULT_ATTESTATIONS", "1")
            // Newer buildx asks before bake reads files outside the working directory, such as the certificate authorities.
            // This program has named all of them.
            .env("BUILDX_BAKE_ENTITLEMENTS_FS", "0");
        self.builds.iter().fold(invocation, |invocation, it| it.access.on(invocation))
    }
}

fn target(build: &BuildRequest) -> Value {
    let mut arguments = object(build.arguments().into_iter().map(|(name, value)| (name.to_owned(), literal(&value))));
    // As variables, whose values buildx takes from its environment: a proxy's password stays out of the file.
    arguments.extend(build.network.proxy_variables.iter().map(|it| ((*it).to_owned(), json!(format!("${{{it}}}")))));
    let labels = object(build.labels.iter().map(|(name, value)| ((*name).to_owned(), literal(value))));
    let literals = |it: &mut dyn Iterator<Item = String>| it.map(|it| literal(&it)).collect::<Vec<_>>();
    let mut target = json!({
        "context": literal(build.context.as_str()),
        "dockerfile": literal(build.dockerfile.as_str()),
        "target": build.stage,
        "tags": literals(&mut build.images.iter().cloned()),
        "labels": labels,
        "args": arguments,
        "secret": literals(&mut build.secrets().into_iter()),
        "ssh": build.access.ssh().into_iter().collect::<Vec<_>>(),
        "platforms": literals(&mut build.options.platforms.iter().map(ToString::to_string)),
        "output": [literal(&build.options.output())],
        "cache-from": literals(&mut build.options.caches.from.iter().cloned()),
        "cache-to": literals(&mut build.options.caches.to.iter().cloned()),
        "pull": build.cache_policy.pull,
        "no-cache": build.cache_policy.no_cache,
        "no-cache-filter": literals(&mut build.cache_policy.no_cache_stages.iter().cloned()),
    });
    if let Some(target) = target.as_object_mut() {
        target.retain(|_, it| *it != json!([]) && *it != json!(false));
    }
    target
}

/// Text, escaped so that bake does not read it as a template.
///
/// <https://github.com/hashicorp/hcl/blob/main/json/spec.md>, "Strings"
fn literal(text: &str) -> Value {
    json!(text.replace("${", "$${").replace("%{", "%%{"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_of_ours_is_a_template() {
        assert_eq!(literal("a ${b} %{c} $d"), "a $${b} %%{c} $d");
    }
}
