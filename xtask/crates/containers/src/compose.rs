//! The compose files that are in force, and what they say of a service.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use anyhow::{Context as _, Error, Result, bail};
use camino::Utf8PathBuf;

use docker::{Compose, ComposeService, Plugin};
use images::Target;
use inputs::{Project, explain_unavailable};
use process::files::{self, NewFile};
use project::{Accelerator, Context};

use super::{devices, variables};

/// What a container has besides its service's own settings, each from a compose file of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ComposeOverlay {
    /// NVIDIA GPUs.
    Gpu,
    /// AMD GPUs.
    Rocm,
    /// An SSH server.
    Ssh,
    /// JupyterLab.
    Jupyter,
}

impl ComposeOverlay {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Gpu, Self::Rocm, Self::Ssh, Self::Jupyter];

    /// Its word, in the name of its file as in the label of a container.
    pub fn word(self) -> &'static str {
        match self {
            Self::Gpu => "gpu",
            Self::Rocm => "rocm",
            Self::Ssh => "ssh",
            Self::Jupyter => "jupyter",
        }
    }

    /// Those of an accelerator.
    pub fn of(accelerator: Accelerator) -> BTreeSet<Self> {
        match accelerator {
            Accelerator::Cpu => BTreeSet::new(),
            Accelerator::Gpu => BTreeSet::from([Self::Gpu]),
            Accelerator::Rocm => BTreeSet::from([Self::Rocm]),
        }
    }

    /// Those of a label.
    pub fn of_label(label: &str) -> BTreeSet<Self> {
        let named = |word: &str| Self::ALL.into_iter().find(|it| it.word() == word);
        label.split(',').filter_map(named).collect()
    }

    /// What [`of_label`](Self::of_label) reads.
    pub fn label(extras: &BTreeSet<Self>) -> String {
        extras.iter().map(|it| it.word()).collect::<Vec<_>>().join(",")
    }
}

/// The files that describe a container with some extras, the user's own last.
pub fn compose<'a>(
    project: &'a Project,
    extras: &BTreeSet<ComposeOverlay>,
    directory: &'a Utf8PathBuf,
) -> Result<Compose<'a>> {
    let mut files = vec![project.cx.layout.compose_file()];
    files.extend(extras.iter().map(|it| project.cx.layout.compose_overlay(it.word())));
    if project.network.ca_certificates.is_some() {
        files.push(project.cx.layout.compose_overlay("certificates"));
    }
    files.extend(variables::overlay(project.cx, &project.intent.environment.variables)?);
    files.extend(Some(project.cx.layout.compose_override()).filter(|it| it.is_file()));
    let mut variables = vec![("XTASK_EXTRAS", ComposeOverlay::label(extras))];
    if extras.contains(&ComposeOverlay::Rocm) {
        let [video, render] = devices::amd_groups();
        variables.extend([("VIDEO_GID", video.to_string()), ("RENDER_GID", render.to_string())]);
    }
    Ok(Compose { directory, files, settings: &project.settings, variables })
}

/// What the files say of a target's containers. The answer is kept as long as nothing changes that it depends on: asking
/// compose takes longer than starting a container.
pub fn service(cx: &Context, compose: &Compose, target: Target) -> Result<ComposeService> {
    let kept = format!("compose/{:016x}.json", fingerprint(cx, compose)?);
    let parsed = |config: &str| ComposeService::parse(config, target.name());
    if let Some(service) = files::read_text_if_any(&cx.scratch.path(&kept)).ok().flatten().and_then(|it| parsed(&it)) {
        return Ok(service);
    }
    let reading = cx.runner.read(&compose.query())?;
    if !reading.exit.success() {
        Plugin::Compose.require(&cx.runner).map_err(|why| Error::msg(explain_unavailable(cx, &why)))?;
        bail!("the compose files are not right: {}", reading.stderr.trim());
    }
    let names = || compose.files.iter().map(|it| cx.layout.relative(it).to_string()).collect::<Vec<_>>().join(", ");
    let service = parsed(&reading.stdout)
        .with_context(|| format!("there is no service `{}` with an image in {}", target.name(), names()))?;
    if may_be_kept(compose)? {
        // It may hold a value from the shell's environment. Where it cannot be kept, it is asked for again.
        let file = NewFile { contents: reading.stdout.into_bytes(), mode: files::PRIVATE };
        let kept = cx.scratch.path(&kept);
        _ = kept.parent().map_or(Ok(()), |it| cx.files.empty_dir(it)).and_then(|()| cx.files.write(&kept, &file));
    }
    Ok(service)
}

/// Whether all that the answer depends on is in the fingerprint.
fn may_be_kept(compose: &Compose) -> Result<bool> {
    for file in &compose.files {
        let text = files::read_text(file)?;
        if ["env_file", "include", "extends"].iter().any(|it| mentions(&text, it)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A number over the texts of the files, the settings and every variable of the shell that a file names.
fn fingerprint(cx: &Context, compose: &Compose) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    let settings = files::read_text_if_any(&cx.layout.env_file())?.unwrap_or_default();
    let mut texts = settings;
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

/// Whether a text has a word.
fn mentions(text: &str, word: &str) -> bool {
    let is_of_a_word = |it: char| it.is_alphanumeric() || it == '_';
    text.match_indices(word).any(|(start, _)| {
        !text[..start].ends_with(is_of_a_word) && !text[start + word.len()..].starts_with(is_of_a_word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_tells_what_a_container_was_started_with() {
        let extras = BTreeSet::from([ComposeOverlay::Jupyter, ComposeOverlay::Gpu]);
        assert_eq!(ComposeOverlay::label(&extras), "gpu,jupyter");
        assert_eq!(ComposeOverlay::of_label("gpu,jupyter"), extras);
        assert_eq!(ComposeOverlay::of_label(""), BTreeSet::new());
    }

    #[test]
    fn a_variable_is_mentioned_by_its_whole_name() {
        assert!(mentions("image: ${TAG:-x}", "TAG") && mentions("TAG:", "TAG"));
        assert!(!mentions("image: ${TAGS}", "TAG") && !mentions("MY_TAG", "TAG"));
    }
}
