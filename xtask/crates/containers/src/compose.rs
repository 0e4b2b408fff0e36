//! The compose files that apply, and the services that they describe.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::iter::once;

use anyhow::{Context as _, Error, Result, bail};
use camino::Utf8PathBuf;

use docker::{Compose, ComposeOnlyKey, ComposeService, Plugin};
use images::Target;
use inputs::{InputFiles, Project, explain_unavailable};
use process::{
    IntoSet as _, Invocation,
    files::{self, NewFile},
};
use project::{Accelerator, Context, EngineChoice};
use report::Findings;

use super::{devices, git, own_compose, variables};

/// An optional part of a container: `compose.NAME.yaml`, which goes over compose.yaml.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ComposeOverlay {
    /// NVIDIA GPUs.
    Gpu,
    /// AMD GPUs.
    Rocm,
    Ssh,
    Jupyter,
}

impl ComposeOverlay {
    pub const ALL: [Self; 4] = [Self::Gpu, Self::Rocm, Self::Ssh, Self::Jupyter];

    /// As in the name of its file and in a container's label.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gpu => "gpu",
            Self::Rocm => "rocm",
            Self::Ssh => "ssh",
            Self::Jupyter => "jupyter",
        }
    }

    pub fn for_accelerator(accelerator: Accelerator) -> BTreeSet<Self> {
        match accelerator {
            Accelerator::Cpu => BTreeSet::new(),
            Accelerator::Gpu => once(Self::Gpu).into_set(),
            Accelerator::Rocm => once(Self::Rocm).into_set(),
        }
    }

    /// Reads what [`label`](Self::label) has written. Unknown names are another version's, and are left out.
    pub fn parse_label(label: &str) -> BTreeSet<Self> {
        let find = |name: &str| Self::ALL.into_iter().find(|it| it.name() == name);
        label.split(',').filter_map(find).into_set()
    }

    /// The value of a container's label `xtask.extras`: the overlays that it was made with, with commas between them.
    pub fn label(overlays: &BTreeSet<Self>) -> String {
        overlays.iter().map(|it| it.name()).collect::<Vec<_>>().join(",")
    }
}

/// The files that describe a container with some overlays, the user's compose.override.yaml last. `directory` is where
/// compose.yaml is.
pub fn compose<'a>(
    project: &'a Project,
    overlays: &BTreeSet<ComposeOverlay>,
    directory: &'a Utf8PathBuf,
) -> Result<Compose<'a>> {
    let mut files = vec![project.cx.layout.compose_file()];
    files.extend(overlays.iter().map(|it| project.cx.layout.compose_overlay(it.name())));
    if project.network.ca_certificates.is_some() {
        files.push(project.cx.layout.compose_overlay("certificates"));
    }
    let mut findings = Findings::default();
    for file in &files {
        InputFiles::required(&project.cx.layout, file, &mut findings)?;
    }
    findings.into_result(())?;
    files.extend(variables::write_overlay(project)?);
    files.extend(git::write_overlay(project)?);
    files.extend(Some(project.cx.layout.compose_override()).filter(|it| it.is_file()));
    let name = host_name(&project.pyproject.name);
    let mut variables = vec![("XTASK_EXTRAS", ComposeOverlay::label(overlays)), ("XTASK_HOSTNAME", name)];
    if overlays.contains(&ComposeOverlay::Rocm) {
        let [video, render] = devices::amd_groups();
        variables.extend([("VIDEO_GID", video.to_string()), ("RENDER_GID", render.to_string())]);
    }
    Ok(Compose { directory, files, settings: &project.settings, variables })
}

/// The nearest name that a host may have (RFC 1123), and the kernel keeps.
fn host_name(project: &str) -> String {
    let plain = project.to_lowercase().replace(['_', '.'], "-");
    plain.chars().take(63).collect::<String>().trim_matches('-').to_owned()
}

/// Calls something with the compose files that describe a dev container with these overlays.
pub fn with_compose<T>(
    project: &Project,
    overlays: &BTreeSet<ComposeOverlay>,
    act: impl FnOnce(&Compose) -> Result<T>,
) -> Result<T> {
    if project.settings.engine != EngineChoice::Podman {
        Plugin::Compose.require(&project.cx.runner).map_err(|why| Error::msg(explain_unavailable(project.cx, &why)))?;
    }
    let directory = project.cx.layout.docker();
    act(&compose(project, overlays, &directory)?)
}

/// A target's service, as `docker compose config` resolves the files. The answer is cached until something changes that it
/// depends on: asking compose takes longer than starting a container.
pub fn read_service(cx: &Context, compose: &Compose, target: Target) -> Result<ComposeService> {
    let cached = cx.scratch.path(format!("compose/{:016x}.json", fingerprint(cx, compose)?));
    let parse = |config: &str| ComposeService::parse(config, target.name());
    if compose.settings.engine == EngineChoice::Podman {
        let config = own_compose::config(compose, &cx.host, &cx.layout.env_file())?;
        let service = parse(&config).with_context(|| format!("the service `{}` has no image", target.name()))?;
        return match service.run_options(Invocation::new("docker"), &cx.host) {
            Ok(_) => Ok(service),
            Err(ComposeOnlyKey(key)) => bail!(
                "the key `{key}` of the service `{}` has a value that only compose supports, which podman has not: remove it from \
                 compose.override.yaml",
                service.name
            ),
        };
    }
    if let Some(service) = files::read_text_if_any(&cached).ok().flatten().and_then(|it| parse(&it)) {
        return Ok(service);
    }
    let output = cx.runner.read(&compose.query())?;
    if !output.exit.success() {
        Plugin::Compose.require(&cx.runner).map_err(|why| Error::msg(explain_unavailable(cx, &why)))?;
        bail!("the compose files have an error: {}", output.stderr.trim());
    }
    let names = || compose.files.iter().map(|it| cx.layout.relative(it).to_string()).collect::<Vec<_>>().join(", ");
    let service = parse(&output.stdout)
        .with_context(|| format!("the service `{}` is missing or has no image in {}", target.name(), names()))?;
    if is_cacheable(compose)? {
        // Private, because it may contain a value from the shell's environment. Without the cache, compose is asked again.
        let file = NewFile { contents: output.stdout.into_bytes(), mode: files::PRIVATE };
        _ = cached.parent().map_or(Ok(()), |it| cx.files.empty_dir(it)).and_then(|()| cx.files.write(&cached, &file));
    }
    Ok(service)
}

/// Whether the fingerprint covers everything that the answer depends on, so not where the files name other files.
fn is_cacheable(compose: &Compose) -> Result<bool> {
    for file in &compose.files {
        let text = files::read_text(file)?;
        if ["env_file", "include", "extends"].iter().any(|it| mentions(&text, it)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A hash over the texts of the files, the settings and every variable of the shell that a file names.
fn fingerprint(cx: &Context, compose: &Compose) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    let mut texts = files::read_text_if_any(&cx.layout.env_file())?.unwrap_or_default();
    for file in &compose.files {
        file.hash(&mut hasher);
        texts += &files::read_text(file)?;
    }
    texts.hash(&mut hasher);
    compose.settings.variables.hash(&mut hasher);
    compose.variables.hash(&mut hasher);
    for variable in cx.host.iter().filter(|(name, _)| mentions(&texts, name)) {
        variable.hash(&mut hasher);
    }
    Ok(hasher.finish())
}

/// Whether a text has a name as a whole word.
fn mentions(text: &str, word: &str) -> bool {
    let is_word_character = |it: char| it.is_alphanumeric() || it == '_';
    text.match_indices(word).any(|(start, _)| {
        !text[..start].ends_with(is_word_character) && !text[start + word.len()..].starts_with(is_word_character)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_names_the_overlays_of_a_container() {
        let overlays = BTreeSet::from([ComposeOverlay::Jupyter, ComposeOverlay::Gpu]);
        assert_eq!(ComposeOverlay::label(&overlays), "gpu,jupyter");
        assert_eq!(ComposeOverlay::parse_label("gpu,jupyter"), overlays);
        assert_eq!(ComposeOverlay::parse_label(""), BTreeSet::new());
    }

    #[test]
    fn a_variable_is_mentioned_by_its_whole_name() {
        assert!(mentions("image: ${TAG:-x}", "TAG") && mentions("TAG:", "TAG"));
        assert!(!mentions("image: ${TAGS}", "TAG") && !mentions("MY_TAG", "TAG"));
    }
}
