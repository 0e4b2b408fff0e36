//! The digests of base images. A tag names what its registry gives today, a digest names one image for good.

use std::collections::BTreeMap;

use report::{Code, Findings, Source};

use crate::values::{ImageReference, is_digest};

/// The base images whose digests are known: those in `installation/tools/base-images.txt`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BaseImages {
    /// By the name that the settings have.
    digests: BTreeMap<String, String>,
}

impl BaseImages {
    const HEADER: &str =
        "# Base images with the digests that they are pulled by. Written by `cargo xtask lock --tools`.\n";

    /// Parses the file: a line for each image, `NAME@DIGEST`.
    pub fn parse(source: &Source, findings: &mut Findings) -> Self {
        let mut digests = BTreeMap::new();
        let mut start = 0;
        for line in source.text.split_inclusive('\n') {
            let text = line.trim();
            let at = start + (line.len() - line.trim_start().len());
            start += line.len();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let pair = text.split_once('@').filter(|(name, _)| ImageReference::parse(name).is_ok());
            if let Some((name, digest)) = pair.filter(|(_, digest)| is_digest(digest)) {
                digests.insert(name.to_owned(), digest.to_owned());
                continue;
            }
            let message = format!("`{text}` is not a base image with its digest");
            let help = "write `NAME@sha256:DIGEST`; or remove the line and run `cargo xtask lock --tools`";
            let span = source.span(at..at + text.len());
            findings.push(source.at(Code::BaseImageDigest, span, message).help(help));
        }
        Self { digests }
    }

    /// The image of this name by its digest, or as it is where no digest is known or it has one.
    pub fn pinned(&self, image: ImageReference) -> ImageReference {
        match self.digest(&image) {
            Some(digest) if image.digest().is_none() => image.with_digest(digest),
            _ => image,
        }
    }

    /// The digest that is known for an image.
    pub fn digest(&self, image: &ImageReference) -> Option<&str> {
        self.digests.get(image.name()).map(String::as_str)
    }

    /// Sets the digest of an image, in place of one that was known before.
    pub fn insert(&mut self, image: &ImageReference, digest: &str) {
        self.digests.insert(image.name().to_owned(), digest.to_owned());
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        let lines: String = self.digests.iter().map(|(name, digest)| format!("{name}@{digest}\n")).collect();
        format!("{}{lines}", Self::HEADER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(end: &str) -> String {
        format!("sha256:{end:0>64}")
    }

    fn image(name: &str) -> ImageReference {
        ImageReference::parse(name).unwrap()
    }

    #[test]
    fn an_image_is_taken_by_the_digest_that_is_known_for_its_name() {
        let mut known = BaseImages::default();
        known.insert(&image("ubuntu:24.04"), &digest("1"));
        assert_eq!(known.pinned(image("ubuntu:24.04")).to_string(), format!("ubuntu:24.04@{}", digest("1")));
        assert_eq!(known.pinned(image("ubuntu:26.04")), image("ubuntu:26.04"));
        let chosen = image(&format!("ubuntu:24.04@{}", digest("2")));
        assert_eq!(known.pinned(chosen.clone()), chosen, "a person's own choice goes first");
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut known = BaseImages::default();
        for name in ["ubuntu:24.04", "registry.example.org:5000/lab/base"] {
            known.insert(&image(name), &digest("a"));
        }
        let mut findings = Findings::default();
        assert_eq!(BaseImages::parse(&Source::new("base-images.txt", known.text()), &mut findings), known);
        assert!(findings.is_empty());
    }

    #[test]
    fn a_line_without_a_digest_is_found_where_it_stands() {
        let text = format!("# ours\n\na@{}\n  ubuntu:24.04\nb@sha256:12\n", digest("3"));
        let mut findings = Findings::default();
        let known = BaseImages::parse(&Source::new("base-images.txt", text), &mut findings);
        assert_eq!(known.digests.len(), 1);
        let lines: Vec<usize> = findings.iter().filter_map(|it| Some(it.span?.start.line)).collect();
        assert_eq!(lines, [4, 5]);
    }
}
