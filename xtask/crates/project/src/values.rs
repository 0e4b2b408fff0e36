//! The types of single settings, parsed from the text after the `=`.

use std::fmt;

use camino::Utf8PathBuf;

use super::checkout::compose_name;

/// Why a value is refused, as the second half of "`NAME` …".
pub type ValueError = String;

/// The hardware that the code computes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accelerator {
    Cpu,
    /// NVIDIA's.
    Gpu,
    /// AMD's.
    Rocm,
}

/// A setting whose value is one of a few words.
pub trait Keyword: Copy + 'static {
    const WORDS: &'static [(&'static str, Self)];

    fn parse(text: &str) -> Result<Self, ValueError> {
        let known = Self::WORDS.iter().find(|(word, _)| *word == text);
        known.map(|(_, value)| *value).ok_or_else(|| {
            let words: Vec<_> = Self::WORDS.iter().map(|(word, _)| format!("`{word}`")).collect();
            format!("must be one of {}, not `{text}`", words.join(", "))
        })
    }
}

impl Keyword for Accelerator {
    const WORDS: &'static [(&'static str, Self)] = &[("cpu", Self::Cpu), ("gpu", Self::Gpu), ("rocm", Self::Rocm)];
}

/// A numeric user or group id.
pub fn id(text: &str) -> Result<u32, ValueError> {
    text.parse().map_err(|_| format!("must be a number from 0 to {}, not `{text}`", u32::MAX))
}

/// Text that is not empty and stays on its line.
pub fn name(text: &str) -> Result<String, ValueError> {
    if text.trim().is_empty() || text.chars().any(char::is_control) {
        Err("must not be empty".to_owned())
    } else {
        Ok(text.to_owned())
    }
}

pub fn boolean(text: &str) -> Result<bool, ValueError> {
    text.parse().map_err(|_| format!("must be `true` or `false`, not `{text}`"))
}

/// A TCP port that anybody may listen on.
pub fn port(text: &str) -> Result<u16, ValueError> {
    let refusal = || format!("must be a port from 1024 to {}, not `{text}`", u16::MAX);
    text.parse().ok().filter(|it| *it >= 1024).ok_or_else(refusal)
}

/// A limit that leaves room for the entrypoint and a shell, or 0 for none.
pub fn number_of_processes(text: &str) -> Result<u32, ValueError> {
    let refusal = || format!("must be a number of processes, at least 100, or 0 for no limit, not `{text}`");
    text.parse().ok().filter(|it| *it == 0 || (100..=4_194_304).contains(it)).ok_or_else(refusal)
}

/// The name of a builder, or nothing.
///
/// The package `store` of docker/buildx, `ValidateName`; a context's name may have a dot first.
pub fn builder(text: &str) -> Result<Option<String>, ValueError> {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "._-".contains(it);
    if text.chars().all(is_plain) && !text.starts_with('-') {
        Ok((!text.is_empty()).then(|| text.to_owned()))
    } else {
        Err(format!("must be the name of a builder, as `docker buildx ls` shows them, not `{text}`"))
    }
}

/// An amount of memory as Docker reads it.
///
/// The package `units` of docker/go-units, `RAMInBytes`.
pub fn memory(text: &str) -> Result<String, ValueError> {
    let lower = text.to_ascii_lowercase();
    let number = lower.trim_end_matches('b').trim_end_matches('i').trim_end_matches(['k', 'm', 'g', 't']);
    let has_digits = number.starts_with(|it: char| it.is_ascii_digit());
    if has_digits && number.chars().all(|it| it.is_ascii_digit()) && number.chars().any(|it| it != '0') {
        Ok(text.to_owned())
    } else {
        Err(format!("must be an amount of memory such as `512mb` or `8gb`, not `{text}`"))
    }
}

/// What compose takes as the name of a project.
pub fn compose_project(text: &str) -> Result<String, ValueError> {
    let suggestion = compose_name(text);
    if suggestion == text {
        Ok(suggestion)
    } else {
        Err(format!("must be lower-case letters, digits, `-` and `_`, not `{text}`; `{suggestion}` would do"))
    }
}

/// A path inside the container.
pub fn container_path(text: &str) -> Result<Utf8PathBuf, ValueError> {
    let path = Utf8PathBuf::from(text);
    if path.is_absolute() && path.components().count() > 1 && !path.components().any(|it| it.as_str() == "..") {
        Ok(path)
    } else {
        Err(format!("must be an absolute path inside the container below `/`, not `{text}`"))
    }
}

/// A host name with an optional port, or nothing.
pub fn registry(text: &str) -> Result<Option<String>, ValueError> {
    if text.is_empty() {
        return Ok(None);
    }
    let (host, port) = text.split_once(':').unwrap_or((text, "443"));
    let is_label = |it: &str| {
        !it.is_empty() && !it.starts_with('-') && it.chars().all(|it| it.is_ascii_alphanumeric() || it == '-')
    };
    if host.split('.').all(is_label) && port.parse::<u16>().is_ok() {
        Ok(Some(text.to_owned()))
    } else {
        Err(format!("must be a host name with an optional port, such as `registry.example.org:5000`, not `{text}`"))
    }
}

/// One component of an image's name, or several with `/` between them, without registry and tag.
///
/// The grammar of the distribution project's `reference` package.
pub fn image_path(text: &str) -> Result<String, ValueError> {
    if text.split('/').all(is_image_component) {
        return Ok(text.to_owned());
    }
    let hint = match image_path_of(text) {
        Some(suggestion) => format!("; `{suggestion}` would do"),
        None => String::new(),
    };
    Err(format!("must be lower-case letters and digits with `.`, `_`, `-` or `/` between them, not `{text}`{hint}"))
}

/// The nearest text that [`image_path`] takes.
pub fn image_path_of(text: &str) -> Option<String> {
    let component = |it: &str| {
        let lower = it.to_lowercase();
        let plain: Vec<&str> =
            lower.split(|it: char| !it.is_ascii_alphanumeric()).filter(|it| !it.is_empty()).collect();
        Some(plain.join("-")).filter(|it| !it.is_empty())
    };
    let components: Vec<String> = text.split('/').filter_map(component).collect();
    Some(components.join("/")).filter(|it| !it.is_empty())
}

fn is_image_component(text: &str) -> bool {
    let alphanumeric = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit();
    let separators: Vec<&str> = text.split(alphanumeric).filter(|it| !it.is_empty()).collect();
    text.starts_with(alphanumeric)
        && text.ends_with(alphanumeric)
        && separators.iter().all(|it| matches!(*it, "." | "_" | "__") || it.chars().all(|it| it == '-'))
}

/// The image to build from where nobody names one.
pub const DEFAULT_BASE_IMAGE: &str = "ubuntu:24.04";

/// An image to build from: a name with an optional registry, tag and digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageReference(String);

impl ImageReference {
    /// Parses a reference as Docker does.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let reference = Self(text.to_owned());
        let (rest, digest) = reference.parts();
        let (name, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (rest, None),
        };
        let path = match name.split_once('/') {
            Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => {
                registry(host)?;
                path
            }
            _ => name,
        };
        image_path(path)?;
        if !tag.is_none_or(is_tag) {
            return Err(format!("has an invalid tag: `{}`", tag.unwrap_or_default()));
        }
        if !digest.is_none_or(is_digest) {
            return Err(format!("has a malformed digest: `{}`", digest.unwrap_or_default()));
        }
        Ok(reference)
    }

    /// The reference without its digest.
    pub fn name(&self) -> &str {
        self.parts().0
    }

    pub fn digest(&self) -> Option<&str> {
        self.parts().1
    }

    /// The reference with a digest, in place of one that it has.
    #[must_use]
    pub fn with_digest(&self, digest: &str) -> Self {
        Self(format!("{}@{digest}", self.name()))
    }

    fn parts(&self) -> (&str, Option<&str>) {
        self.0.split_once('@').map_or((&self.0, None), |(name, digest)| (name, Some(digest)))
    }
}

fn is_tag(text: &str) -> bool {
    let word = |it: char| it.is_ascii_alphanumeric() || it == '_';
    (1..=128).contains(&text.len())
        && text.starts_with(word)
        && text.chars().all(|it| word(it) || matches!(it, '.' | '-'))
}

pub(super) fn is_digest(text: &str) -> bool {
    text.split_once(':').is_some_and(|(algorithm, hex)| {
        !algorithm.is_empty() && hex.len() >= 32 && hex.chars().all(|it| it.is_ascii_hexdigit())
    })
}

impl fmt::Display for ImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn image_references_are_those_that_docker_takes() {
        let digest = format!("ubuntu@sha256:{}", "0a".repeat(32));
        for good in
            ["ubuntu", "ubuntu:24.04", "xtask-base:bookworm", "localhost:5000/a/b:1", "ghcr.io/a__b/c-d", &digest]
        {
            assert!(ImageReference::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "Ubuntu", "a:", "a b", "a//b", "-a", "a@sha256:0", "a:b:c", "$(id)", "--help"] {
            assert!(ImageReference::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_refused_image_name_comes_with_one_that_suggestion() {
        assert!(image_path("My Lab/EPFL\\jdoe").unwrap_err().ends_with("`my-lab/epfl-jdoe` would do"));
        assert_eq!(image_path("a.b/c_d/e--f"), Ok("a.b/c_d/e--f".to_owned()));
    }

    #[test]
    fn container_paths_are_absolute_and_stay_where_they_are() {
        assert!(container_path("/opt/project").is_ok());
        for bad in ["", "/", "opt", "/opt/../etc"] {
            assert!(container_path(bad).is_err(), "{bad}");
        }
    }
}
